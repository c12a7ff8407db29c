"""Slopes of sin(x)/x that keep their digits beside 0 and beside their other zeros."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from ..variable import Variable
from .accurate import PI
from .mpmath_arrays import CONTEXT, number

Array = Any

#: (cos x − sin(x)/x)/x = x·Σ coefficient·x^(2k), with the coefficients (−1)^(k+1)·(2k+2)/(2k+3)!
SERIES = tuple((-1) ** (k + 1) * (2 * k + 2) / math.factorial(2 * k + 3) for k in range(11))

#: From here on hardly a float is near enough to a zero of the slope to feel it: less than one of 10⁹ loses two bits.
FAR = 1e9


def slope_near_0(x: Array) -> Array:
    """sinc′(x) for |x| < 1.4, where cos x and sinc(x) cancel."""
    square = np.minimum(x * x, 2.0)
    series = SERIES[-1]
    for coefficient in SERIES[-2::-1]:
        series = series * square + coefficient
    return x * series


@lru_cache(1024)
def _zero(n: float, unit: float) -> tuple[float, float]:
    """z/unit as the sum of two floats, z the root of tan z = z between nπ and (n + ½)π, where sinc has the slope 0.

    Args:
        n: a whole number, 1 or more.
        unit: 1, or π as the float next to it.
    """

    def root(n: Any) -> Any:
        CONTEXT.prec = 160
        z = (n + 0.5) * CONTEXT.pi
        for _ in range(6):  # Newton's steps on z − nπ − arctan z, from within 0.3
            z -= (z - n * CONTEXT.pi - CONTEXT.atan(z)) * (1 + z**-2)
        return z / CONTEXT.pi if unit == PI else z

    head = number(root, n)
    return head, number(lambda n: root(n) - head, n)


def beside_zeros(x: Array, terms: tuple[Array, Array], slope: Array, unit: float) -> Array:
    """A slope of sinc(unit·x), computed from its distance to the next zero where its two terms cancel.

    With x = z + r and tan z = z, x·cos x − sin x is cos z·(r·cos r − sin r − z·x·sin r), whose two terms have one sign.

    Args:
        x: the argument.
        terms: cos x and sinc(x), whose difference over x is the slope.
        slope: what the difference came to.
        unit: 1, or π as the float next to it.
    """
    if isinstance(x, Variable):  # what is recorded is exact; and the slope of the slope does not cancel here
        return slope
    first, second = terms
    size = np.abs(x)
    close = (np.abs(first - second) < 0.5 * np.abs(second)) & (size * unit > 1.4) & (size < FAR)
    if not np.any(close):
        return slope
    size = np.asarray(size, np.float64)[close]
    turns = np.floor(size if unit == PI else size / PI)
    head, tail = np.array([_zero(n, unit) for n in turns.tolist()]).T
    z, r = unit * head, unit * ((size - head) - tail)
    product = r * r * slope_near_0(r) - z * (unit * size) * np.sin(r)
    cosine = (1.0 - 2.0 * np.mod(turns, 2.0)) / np.sqrt(1.0 + z * z)
    mended = np.array(slope)
    mended[close] = np.sign(np.asarray(x)[close]) * cosine * product / (unit * size * size)
    return mended[()]
