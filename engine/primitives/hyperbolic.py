"""Hyperbolic functions and their inverses. One divides by cosh twice, because its square overflows."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import Primitive
from .accurate import evaluate, is_traced, one_minus_square

Array = Any


class Sinh(Primitive):
    """Hyperbolic sine."""

    meaning = "sinh(x)"
    ufuncs = (np.sinh,)

    def forward(x: Array) -> Array:
        return np.sinh(x)

    def derivative(x: Array, y: Array) -> Array:
        return np.cosh(x)


class Cosh(Primitive):
    """Hyperbolic cosine."""

    meaning = "cosh(x)"
    ufuncs = (np.cosh,)

    def forward(x: Array) -> Array:
        return np.cosh(x)

    def derivative(x: Array, y: Array) -> Array:
        return np.sinh(x)


class Tanh(Primitive):
    """Hyperbolic tangent."""

    meaning = "tanh(x)"
    ufuncs = (np.tanh,)

    def forward(x: Array) -> Array:
        return np.tanh(x)

    def derivative(x: Array, y: Array) -> Array:
        if is_traced(x):  # whose own derivative would divide by the cube of cosh
            return evaluate(Sech, x) * evaluate(Sech, x)
        c = np.cosh(x)  # 1 - y*y is 0 from x = 19.1 on, where the truth is 1e-16
        return 1.0 / c / c


class Sech(Primitive):
    """Hyperbolic secant 1/cosh(x)."""

    meaning = "sech(x)"

    def forward(x: Array) -> Array:
        e = np.exp(-np.abs(x))  # cosh overflows at 710, sech underflows at 745
        return 2.0 * e / (1.0 + e * e)

    def derivative(x: Array, y: Array) -> Array:
        return -y * np.tanh(x)


class Csch(Primitive):
    """Hyperbolic cosecant 1/sinh(x)."""

    meaning = "csch(x)"
    domain = "x != 0"

    def forward(x: Array) -> Array:
        size = np.abs(x)
        value = -2.0 * np.exp(-size) / np.expm1(-2.0 * size)
        return np.where(x < 0.0, -value, value)[()]

    def derivative(x: Array, y: Array) -> Array:
        return -y / np.tanh(x)


class Coth(Primitive):
    """Hyperbolic cotangent 1/tanh(x)."""

    meaning = "coth(x)"
    domain = "x != 0"

    def forward(x: Array) -> Array:
        return 1.0 / np.tanh(x)

    def derivative(x: Array, y: Array) -> Array:
        if is_traced(x):
            return -evaluate(Csch, x) * evaluate(Csch, x)
        s = np.sinh(x)
        return -1.0 / s / s


class Asinh(Primitive):
    """Inverse hyperbolic sine."""

    meaning = "asinh(x)"
    ufuncs = (np.arcsinh,)
    aliases = ("arcsinh",)

    def forward(x: Array) -> Array:
        return np.arcsinh(x)

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / np.hypot(1.0, x)


class Acosh(Primitive):
    """Inverse hyperbolic cosine, not negative."""

    meaning = "acosh(x)"
    domain = "x >= 1"
    kinks = "x == 1"
    ufuncs = (np.arccosh,)
    aliases = ("arccosh",)

    def forward(x: Array) -> Array:
        return np.arccosh(x)

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / (np.sqrt(x - 1.0) * np.sqrt(x + 1.0))


class Atanh(Primitive):
    """Inverse hyperbolic tangent."""

    meaning = "atanh(x)"
    domain = "-1 < x and x < 1"
    ufuncs = (np.arctanh,)
    aliases = ("arctanh",)

    def forward(x: Array) -> Array:
        return np.arctanh(x)

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / one_minus_square(x)


class Acoth(Primitive):
    """Inverse hyperbolic cotangent atanh(1/x), odd."""

    meaning = "acoth(x)"
    domain = "x < -1 or x > 1"
    aliases = ("arccoth",)

    def forward(x: Array) -> Array:
        value = 0.5 * np.log1p(2.0 / (np.abs(x) - 1.0))  # atanh of a rounded 1/x has no digits near 1
        return np.where(x < 0.0, -value, value)[()]

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / (1.0 - x) / (1.0 + x)


class Asech(Primitive):
    """Inverse hyperbolic secant acosh(1/x), not negative."""

    meaning = "asech(x)"
    domain = "0 < x and x <= 1"
    kinks = "x == 1"
    aliases = ("arcsech",)

    def forward(x: Array) -> Array:
        return np.log1p(np.sqrt((1.0 - x) * (1.0 + x))) - np.log(x)  # two terms of one sign

    def derivative(x: Array, y: Array) -> Array:
        if is_traced(x):
            return -1.0 / x / np.sqrt(one_minus_square(x))
        return -1.0 / (x * np.sqrt((1.0 - x) * (1.0 + x)))


class Acsch(Primitive):
    """Inverse hyperbolic cosecant asinh(1/x), odd."""

    meaning = "acsch(x)"
    domain = "x != 0"
    aliases = ("arccsch",)

    def forward(x: Array) -> Array:
        size = np.abs(x)  # 1/x overflows where x is subnormal
        value = np.where(size < 1.0, np.log1p(np.hypot(1.0, x)) - np.log(size), np.arcsinh(1.0 / size))
        return np.where(x < 0.0, -value, value)[()]

    def derivative(x: Array, y: Array) -> Array:
        return -1.0 / np.abs(x) / np.hypot(1.0, x)
