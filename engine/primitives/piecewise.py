"""Functions with kinks and jumps.

At a tie the derivative is the mean of the one-sided ones, so that relu(x) − relu(−x) has derivative 1 at 0;
at a jump it is the mean of the slopes beside it, never an infinity.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..conditions import CHOICES
from ..primitive import Primitive
from ..ties import ON_NO_SIDE, apart, off_zero, upwards

Array = Any

RELATIONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Abs(Primitive):
    """Absolute value; derivative 0 at 0."""

    meaning = "Abs(x)"
    kinks = "x == 0"
    ulps = 0
    ufuncs = (np.absolute, np.fabs)
    aliases = ("Abs", "absolute", "fabs")

    def forward(x: Array) -> Array:
        return np.abs(x)

    def derivative(x: Array, y: Array) -> Array:
        return np.sign(x)

    def tied(x: Array) -> Array:
        return x == 0.0

    beside = off_zero


class Sign(Primitive):
    """Sign, 0 at 0; derivative 0 everywhere."""

    meaning = "sign(x)"
    kinks = "x == 0"
    ulps = 0
    chooses = True
    ufuncs = (np.sign,)

    def forward(x: Array) -> Array:
        return np.sign(x)

    def derivative(x: Array, y: Array) -> Array:
        return 0.0


class Floor(Primitive):
    """Largest integer not above x; derivative 0 everywhere."""

    meaning = "floor(x)"
    kinks = "x == floor(x)"
    ulps = 0
    chooses = True
    ufuncs = (np.floor,)

    def forward(x: Array) -> Array:
        return np.floor(x)

    def derivative(x: Array, y: Array) -> Array:
        return 0.0


class Ceil(Primitive):
    """Smallest integer not below x; derivative 0 everywhere."""

    meaning = "ceiling(x)"
    kinks = "x == floor(x)"
    ulps = 0
    chooses = True
    ufuncs = (np.ceil,)
    aliases = ("ceiling",)

    def forward(x: Array) -> Array:
        return np.ceil(x)

    def derivative(x: Array, y: Array) -> Array:
        return 0.0


class Maximum(Primitive):
    """The larger of two; a tie is shared by halves."""

    meaning = "Max(a, b)"
    kinks = "a == b"
    ulps = 0
    chooses = True
    ufuncs = (np.maximum,)
    aliases = ("Max",)

    def forward(a: Array, b: Array) -> Array:
        return np.maximum(a, b)

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        return np.heaviside(a - b, 0.5), np.heaviside(b - a, 0.5)

    def tied(a: Array, b: Array) -> Array:
        return a == b

    beside = apart


class Minimum(Primitive):
    """The smaller of two; a tie is shared by halves."""

    meaning = "Min(a, b)"
    kinks = "a == b"
    ulps = 0
    chooses = True
    ufuncs = (np.minimum,)
    aliases = ("Min",)

    def forward(a: Array, b: Array) -> Array:
        return np.minimum(a, b)

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        return np.heaviside(b - a, 0.5), np.heaviside(a - b, 0.5)

    def tied(a: Array, b: Array) -> Array:
        return a == b

    beside = apart


class Mod(Primitive):
    """a − b·floor(a/b), the remainder with the sign of b; it jumps where a is a multiple of b."""

    meaning = "Mod(a, b)"
    domain = "b != 0"
    kinks = "a/b == floor(a/b)"
    ulps = 1
    ufuncs = (np.remainder,)
    aliases = ("Mod",)

    def forward(a: Array, b: Array) -> Array:
        return np.remainder(a, b)

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        # a/b may be rounded up to an integer that it is not; (a − y)/b lies beside the right one.
        return 1.0, -np.floor(a / b - y / b + 0.5)


class Clip(Primitive):
    """min(max(x, low), high); an argument at a tie has the mean of its two slopes.

    Where low exceeds high, libraries differ, and most of them document no value: no points are drawn there.
    """

    meaning = "Min(Max(x, low), high)"
    domain = "low <= high"
    disputed = "low > high"
    kinks = "x == low or x == high or low == high"
    ulps = 0
    chooses = True

    def forward(x: Array, low: Array, high: Array) -> Array:
        return np.minimum(np.maximum(x, low), high)

    def derivative(x: Array, low: Array, high: Array, y: Array) -> tuple[Array, Array, Array]:
        open_, half_open = np.heaviside(high - low, 0.0), np.heaviside(high - low, 0.5)
        by_x = np.heaviside(x - low, 0.5) * np.heaviside(high - x, 0.5) * open_
        # Where low == high == x, neither x nor low moves the value: high holds it in one direction.
        by_low = half_open * np.where(low == high, np.heaviside(low - x, 0.0), np.heaviside(low - x, 0.5))
        return by_x, by_low[()], np.heaviside(np.maximum(x, low) - high, 0.5)

    def tied(x: Array, low: Array, high: Array) -> Array:
        return np.add(x == low, np.maximum(x, low) == high, dtype=int)

    def beside(x: Array, low: Array, high: Array, dx: Array, dlow: Array, dhigh: Array) -> tuple[Array, Array, Array]:
        sides = ((x, dx), (low, dlow), (high, dhigh))
        moved = []
        for start, slope in sides:  # each rises once for every equal argument that rises more slowly
            value = start
            for other, slower in sides:
                value = np.where((other == start) & (slower < slope), upwards(value, slope - slower), value)
            moved.append(value)
        # three that rise alike rise as any of them does: with x above, as high
        alike = (x == low) & (low == high) & (dx == dlow) & (dlow == dhigh)
        return np.where(alike, upwards(x, 1.0), moved[0]), moved[1], moved[2]


class Heaviside(Primitive):
    """Step from 0 to 1 with value h at 0; derivative 0 everywhere."""

    meaning = "Heaviside(x, h)"
    kinks = "x == 0"
    ulps = 0
    chooses = True
    ufuncs = (np.heaviside,)
    aliases = ("Heaviside",)

    def forward(x: Array, *, h: float) -> Array:
        return np.heaviside(x, h)

    def derivative(x: Array, y: Array, *, h: float) -> Array:
        return 0.0


class _Choice(Primitive, register=False):
    """a where ``left relation right`` holds, else b, of formulas of one smooth function.

    At the boundary all derivatives take the formula that the value takes. Sides chosen by a variable's direction would
    not do: values of derivatives may jump there between formulas.
    """

    name = "where"
    meaning = "where(left, right, a, b, relation)"
    ulps = 0
    chooses = True

    def forward(left: Array, right: Array, a: Array, b: Array, *, relation: str) -> Array:
        value: Array = np.where(RELATIONS[relation](left, right), a, b)
        return value[()]

    def derivative(
        left: Array, right: Array, a: Array, b: Array, y: Array, *, relation: str
    ) -> tuple[Array, Array, Array, Array]:
        chosen = np.where(RELATIONS[relation](left, right), 1.0, 0.0)
        if isinstance(chosen, np.ndarray):
            chosen = chosen.astype(np.result_type(y))[()]
        return 0.0, 0.0, chosen, 1.0 - chosen

    def beside(
        left: Array, right: Array, a: Array, b: Array, dleft: Array, dright: Array, da: Array, db: Array
    ) -> tuple[Array, Array, Array, Array]:
        return *apart(left, right, dleft, dright), a, b


class Where(_Choice):
    """a where ``left relation right`` holds, else b; at the boundary the branch that is true.

    A branch that is true at the boundary alone, as with ``==``, has the slope of neither side.
    """

    kinks = "left == right"

    def tied(left: Array, right: Array, a: Array, b: Array, *, relation: str) -> Array:
        return np.where(left == right, ON_NO_SIDE if relation in ("==", "!=") else 1, 0)


CHOICES.update({False: Where, True: _Choice})
