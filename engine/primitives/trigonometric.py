"""Circular functions and their inverses. SymPy's conventions: acot, asec and acsc are those of 1/x."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import Primitive
from .accurate import PI, cos_pi, one_minus_square, sin_pi
from .sinc_slopes import beside_zeros, slope_near_0
from .vectorised import cosine, sine

Array = Any


class Sin(Primitive):
    """Sine."""

    meaning = "sin(x)"
    ufuncs = (np.sin,)

    def forward(x: Array) -> Array:
        return np.sin(x)

    def derivative(x: Array, y: Array) -> Array:
        return cosine(x, y)


class Cos(Primitive):
    """Cosine."""

    meaning = "cos(x)"
    ufuncs = (np.cos,)

    def forward(x: Array) -> Array:
        return np.cos(x)

    def derivative(x: Array, y: Array) -> Array:
        return -sine(x, y)


class Tan(Primitive):
    """Tangent."""

    meaning = "tan(x)"
    ufuncs = (np.tan,)

    def forward(x: Array) -> Array:
        return np.tan(x)

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 + y * y


class Sec(Primitive):
    """Secant, 1/cos(x)."""

    meaning = "sec(x)"

    def forward(x: Array) -> Array:
        return 1.0 / np.cos(x)

    def derivative(x: Array, y: Array) -> Array:
        return y * np.tan(x)


class Csc(Primitive):
    """Cosecant, 1/sin(x)."""

    meaning = "csc(x)"
    domain = "x != 0"

    def forward(x: Array) -> Array:
        return 1.0 / np.sin(x)

    def derivative(x: Array, y: Array) -> Array:
        return -y / np.tan(x)


class Cot(Primitive):
    """Cotangent, 1/tan(x)."""

    meaning = "cot(x)"
    domain = "x != 0"

    def forward(x: Array) -> Array:
        return 1.0 / np.tan(x)

    def derivative(x: Array, y: Array) -> Array:
        return -1.0 - y * y


class Asin(Primitive):
    """Inverse sine, in [−π/2, π/2]."""

    meaning = "asin(x)"
    domain = "-1 <= x and x <= 1"
    kinks = "x == -1 or x == 1"
    ufuncs = (np.arcsin,)
    aliases = ("arcsin",)

    def forward(x: Array) -> Array:
        return np.arcsin(x)

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / np.sqrt(one_minus_square(x))


class Acos(Primitive):
    """Inverse cosine, in [0, π]."""

    meaning = "acos(x)"
    domain = "-1 <= x and x <= 1"
    kinks = "x == -1 or x == 1"
    ufuncs = (np.arccos,)
    aliases = ("arccos",)

    def forward(x: Array) -> Array:
        return np.arccos(x)

    def derivative(x: Array, y: Array) -> Array:
        return -1.0 / np.sqrt(one_minus_square(x))


class Atan(Primitive):
    """Inverse tangent, in (−π/2, π/2)."""

    meaning = "atan(x)"
    ufuncs = (np.arctan,)
    aliases = ("arctan",)

    def forward(x: Array) -> Array:
        return np.arctan(x)

    def derivative(x: Array, y: Array) -> Array:
        h = np.hypot(1.0, x)  # 1 + x² overflows long before the quotient vanishes
        return 1.0 / h / h


class Acot(Primitive):
    """Inverse cotangent atan(1/x), odd, with a jump from −π/2 to π/2 at 0, where it is π/2."""

    meaning = "acot(x)"
    kinks = "x == 0"
    aliases = ("arccot",)

    def forward(x: Array) -> Array:
        return np.arctan(1.0 / (x + 0.0))  # -0.0 + 0.0 is 0.0

    def derivative(x: Array, y: Array) -> Array:
        h = np.hypot(1.0, x)
        return -1.0 / h / h


def _root(x: Array) -> Array:
    """sqrt(x² − 1) for |x| ≥ 1, accurate at 1 and without overflow."""
    size = np.abs(x)
    return np.sqrt(size - 1.0) * np.sqrt(size + 1.0)


class Asec(Primitive):
    """Inverse secant acos(1/x), in [0, π]."""

    meaning = "asec(x)"
    domain = "x <= -1 or x >= 1"
    kinks = "x == -1 or x == 1"
    aliases = ("arcsec",)

    def forward(x: Array) -> Array:
        return np.arctan2(_root(x), np.sign(x))  # acos of a rounded 1/x has no digits near 1

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / np.abs(x) / _root(x)


class Acsc(Primitive):
    """Inverse cosecant asin(1/x), odd."""

    meaning = "acsc(x)"
    domain = "x <= -1 or x >= 1"
    kinks = "x == -1 or x == 1"
    aliases = ("arccsc",)

    def forward(x: Array) -> Array:
        return np.arctan2(np.sign(x), _root(x))

    def derivative(x: Array, y: Array) -> Array:
        return -1.0 / np.abs(x) / _root(x)


class Atan2(Primitive):
    """Angle of the point (b, a), as atan2(y, x) has it; a jump across the negative half of b's axis."""

    meaning = "atan2(a, b)"
    kinks = "a == 0 and b <= 0"
    ufuncs = (np.arctan2,)
    aliases = ("arctan2",)

    def forward(a: Array, b: Array) -> Array:
        return np.arctan2(a + 0.0, b + 0.0)  # -0.0 is the number 0, on no other side of the jump

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        # Plainly where a² + b² keeps its digits, else in units of the longer side.
        plain = a * a + b * b
        longer = np.maximum(np.abs(a), np.abs(b))
        s, t = a / longer, b / longer
        scaled = s * s + t * t

        def choose(near: Array, far: Array) -> Array:
            apart = far / scaled / longer
            return np.where(plain > 1e-30, np.where(plain < 1e30, near / plain, apart), apart)[()]

        return choose(b, t), choose(-a, -s)


class Sinc(Primitive):
    """sin(x)/x, 1 at 0 (SymPy's sinc)."""

    meaning = "Piecewise((sin(x)/x, Ne(x, 0)), (1, True))"

    def forward(x: Array) -> Array:
        return np.where(x == 0.0, 1.0, np.sin(x) / x)[()]

    def derivative(x: Array, y: Array) -> Array:
        near, cosine = np.abs(x) < 1.4, np.cos(x)
        slope = np.where(near, slope_near_0(x), (cosine - y) / np.where(near, 1.0, x))[()]
        return beside_zeros(x, (cosine, y), slope, 1.0)


class NormalizedSinc(Primitive):
    """sin(πx)/(πx), 1 at 0 (NumPy's sinc, but exactly 0 at the other integers)."""

    name = "normalized_sinc"
    meaning = "Piecewise((sin(pi*x)/(pi*x), Ne(x, 0)), (1, True))"
    ufuncs = (np.sinc,)

    def forward(x: Array) -> Array:
        return np.where(x == 0.0, 1.0, sin_pi(x) / (PI * x))[()]

    def derivative(x: Array, y: Array) -> Array:
        near, cosine = np.abs(x) < 0.45, cos_pi(x)
        slope = np.where(near, PI * slope_near_0(PI * x), (cosine - y) / np.where(near, 1.0, x))[()]
        return beside_zeros(x, (cosine, y), slope, PI)
