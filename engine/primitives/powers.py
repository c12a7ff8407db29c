"""Powers, roots and lengths, in factors of which none overflows or underflows before the result does."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..primitive import Primitive
from .accurate import is_traced
from .derived import lowered

Array = Any

#: Beyond this exponent a power is two factors, lest it lose digits by underflow that c times it would keep.
SPLIT = 3.0


class Powc(Primitive):
    """Power with a constant exponent c: real for x < 0 where c is an integer, infinite at 0 where c < 0."""

    meaning = "x**c"
    domain = "(x > 0 or c == floor(c)) and (x != 0 or c >= 0)"
    kinks = "x == 0 and c < 1 and c != 0"

    def forward(x: Array, *, c: float) -> Array:
        return x**c

    def derivative(x: Array, y: Array, *, c: float) -> Array:
        if c == 0.0 or c == 1.0:  # 0**0 is 1 here, in NumPy and in SymPy: the derivative at 0 is 0
            return c
        if c == 2.0:
            return 2.0 * x
        if is_traced(x) and np.isfinite(c):
            return lowered(x, Fraction(float(c)), Fraction(float(c)) - 1, type(c))
        if abs(c) < 0.5:  # y is far from the ends of the floats, where x**less may be beyond them and c times it not
            return np.where(x == 0.0, c / np.abs(x), c * y / x)[()]
        less = c - 1.0
        if less + 1.0 == c and less - c == -1.0:
            if abs(c) < SPLIT:
                return c * x**less
            first = np.floor(0.5 * less)
            return c * x**first * x ** (less - first)
        # c − 1 is rounded, and that error times log x may be large; y/x has no such error. At 0, c decides.
        half = x ** (0.5 * c)
        return np.where(x == 0.0, c * x**less, c * half / x * half)[()]


class Pow(Primitive):
    """General power a**b; for a < 0 real at integers b, where the derivative by b does not exist (nan).

    At a = 0 < b the derivative by b is 0, the one by a is 0, 1 or infinite for b above, at or below 1.
    """

    meaning = "a**b"
    domain = "a > 0"
    kinks = "a == 0 and b < 1"
    ufuncs = (np.power,)

    def forward(a: Array, b: Array) -> Array:
        return np.power(a, b)

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        less = b - 1.0
        first = np.where(np.abs(b) < 1.0, 0.5 * less, np.floor(np.where(np.abs(b) < SPLIT, 0.0, 0.5 * less)))
        split = b * np.power(a, first) * np.power(a, less - first)
        half = np.power(a, 0.5 * b)  # y itself may have overflowed, or lost its digits among the subnormals
        ratio = b * half / a * half  # b − 1 is rounded, and that error times log a may be large
        by_base = np.where(less + 1.0 == b, np.where(less - b == -1.0, split, ratio), ratio)
        by_base = np.where(a == 0.0, np.where(b == 0.0, 0.0 * b, split), by_base)
        by_exponent = np.where(a == 0.0, np.where(b > 0.0, 0.0 * b, b / a * 0.0), half * np.log(a) * half)
        return by_base[()], by_exponent[()]


class Sqrt(Primitive):
    """Principal square root."""

    meaning = "sqrt(x)"
    domain = "x >= 0"
    kinks = "x == 0"
    ulps = 1
    ufuncs = (np.sqrt,)

    def forward(x: Array) -> Array:
        return np.sqrt(x)

    def derivative(x: Array, y: Array) -> Array:
        return 0.5 / (y + 0.0)  # the root of −0 is −0, and rises from there all the same


class Cbrt(Primitive):
    """Real cube root, odd; its derivative at 0 is infinite."""

    meaning = "cbrt(x)"
    kinks = "x == 0"
    ufuncs = (np.cbrt,)

    def forward(x: Array) -> Array:
        return np.cbrt(x)

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / (3.0 * y * y)


class Square(Primitive):
    """Square."""

    meaning = "x**2"
    ulps = 1
    ufuncs = (np.square,)

    def forward(x: Array) -> Array:
        return x * x

    def derivative(x: Array, y: Array) -> Array:
        return 2.0 * x


class Reciprocal(Primitive):
    """Reciprocal 1/x."""

    meaning = "1/x"
    domain = "x != 0"
    ulps = 1
    ufuncs = (np.reciprocal,)

    def forward(x: Array) -> Array:
        return 1.0 / x

    def derivative(x: Array, y: Array) -> Array:
        return -y * y


class Hypot(Primitive):
    """Length of the vector (a, b); at the origin each derivative is 0, the mean of −1 and 1."""

    meaning = "sqrt(a**2 + b**2)"
    kinks = "a == 0 and b == 0"
    ufuncs = (np.hypot,)

    def forward(a: Array, b: Array) -> Array:
        return np.hypot(a, b)

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        # In units of the longer side, because y overflows first and has few digits where it is subnormal.
        longer = np.maximum(np.abs(a), np.abs(b))
        origin = longer == 0.0
        s, t = np.where(origin, a, a / longer), np.where(origin, b, b / longer)
        length = np.where(origin, 1.0 + longer, np.hypot(s, t))
        return s / length, t / length

    def tied(a: Array, b: Array) -> Array:
        return (a == 0.0) & (b == 0.0)

    def beside(a: Array, b: Array, da: Array, db: Array) -> tuple[Array, Array]:
        return da, db  # the slope of a length at the origin depends on the direction alone
