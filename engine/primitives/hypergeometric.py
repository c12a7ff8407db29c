"""Hypergeometric functions of real parameters, number by number.

SciPy's lose digits, or all of them, for many parameters (its ₂F₁ near z = 1 and for large ones); no library of
arrays has them right. ₂F₁ by Gauss's series where its terms have one sign, the rest by mpmath. Derivatives: the
function with all parameters raised by one (DLMF 15.5.1, 13.3.15, 16.3.1).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from .accurate import evaluate, pick
from .mpmath_arrays import CONTEXT, number_by_number

Array = Any

#: Up to this argument Gauss's series takes some thousand terms at most; mpmath is slow beside 1.
SERIES = 0.99

#: Larger parameters make terms grow before they fall.
MANY = 64.0

#: Bits below the binary point beyond which a sum that cancels is 0: a zero of the function. No float has more.
ZERO = 1200


def _gauss(a: float, b: float, c: float, z: float) -> float:
    """Gauss's series of positive terms (DLMF 15.2.1)."""
    terms = [1.0]
    total = 1.0
    k = 0.0
    while True:
        ratio = (a + k) * (b + k) / ((c + k) * (k + 1.0)) * z
        terms.append(terms[-1] * ratio)
        total += terms[-1]
        k += 1.0
        slowest = max(ratio, z)
        if slowest < 0.999 and terms[-1] < 2.0**-56 * (1.0 - slowest) * total:
            return math.fsum(terms)


def _hyp1f1(a: Any, b: Any, z: Any) -> Any:
    return CONTEXT.hyp1f1(a, b, z, zeroprec=ZERO)


def _hyp0f1(b: Any, z: Any) -> Any:
    return CONTEXT.hyp0f1(b, z, zeroprec=ZERO)


def _hyp2f1(a: Any, b: Any, c: Any, z: Any) -> Any:
    x, p, q, r = float(z), float(a), float(b), float(c)
    if 0.0 <= x <= SERIES and 0.0 < p < MANY and 0.0 < q < MANY and r > 0.0:
        return CONTEXT.mpf(_gauss(p, q, r, x))
    if x > 1.0:
        for upper, other in ((a, b), (b, a)):
            rest = CONTEXT.fsub(c, upper, exact=True)
            if rest <= 0 and CONTEXT.isint(rest) and other > 0 and CONTEXT.isint(other):
                power = int(rest - other)  # Euler's transformation (DLMF 15.8.1): what is left is a polynomial
                return (1 - z) ** power * CONTEXT.hyp2f1(rest, CONTEXT.fsub(c, other, exact=True), c, z, zeroprec=ZERO)
    return CONTEXT.hyp2f1(a, b, c, z, zeroprec=ZERO)


class Hyp2F1(Primitive):
    """Gauss's hypergeometric function; singular at z = 1, and complex beyond it.

    Real there are polynomials, of a or b = 0, −1, −2, …, and what is one times a power of 1 − z, of whole b where c − a
    is 0, −1, −2, …, or the other way round: the jump across the cut is 0 (DLMF 15.2.3).
    """

    name = "hyp2f1"
    meaning = "hyper([a, b], [c], z)"
    domain = (
        "(z <= 1 or (a <= 0 and a == floor(a)) or (b <= 0 and b == floor(b))"
        " or (c <= a and c - a == floor(c - a) and b == floor(b))"
        " or (c <= b and c - b == floor(c - b) and a == floor(a)))"
        " and (c > 0 or c != floor(c))"
    )
    kinks = "z == 1"
    special = True
    ulps = 8
    opaque = ("a", "b", "c")
    ufuncs = (sc.hyp2f1,)

    def forward(a: Array, b: Array, c: Array, z: Array) -> Array:
        return number_by_number(_hyp2f1, a, b, c, z)

    def derivative(a: Array, b: Array, c: Array, z: Array, y: Array) -> tuple[Array, ...]:
        slope = a * b / c * evaluate(Hyp2F1, a + 1.0, b + 1.0, c + 1.0, z)
        slope = pick(a * b == 0.0, 0.0 * z, slope)  # of the constant 1, where the other is infinite
        return np.nan, np.nan, np.nan, slope


class Hyp1F1(Primitive):
    """Kummer's confluent hypergeometric function."""

    name = "hyp1f1"
    meaning = "hyper([a], [b], z)"
    domain = "b > 0 or b != floor(b)"
    special = True
    ulps = 8
    opaque = ("a", "b")
    ufuncs = (sc.hyp1f1,)

    def forward(a: Array, b: Array, z: Array) -> Array:
        return number_by_number(_hyp1f1, a, b, z)

    def derivative(a: Array, b: Array, z: Array, y: Array) -> tuple[Array, ...]:
        slope = a / b * evaluate(Hyp1F1, a + 1.0, b + 1.0, z)
        return np.nan, np.nan, pick(a == 0.0, 0.0 * z, slope)  # of the constant 1, where the other is infinite


class Hyp0F1(Primitive):
    """Confluent hypergeometric limit function."""

    name = "hyp0f1"
    meaning = "hyper([], [b], z)"
    domain = "b > 0 or b != floor(b)"
    special = True
    opaque = ("b",)
    ufuncs = (sc.hyp0f1,)

    def forward(b: Array, z: Array) -> Array:
        return number_by_number(_hyp0f1, b, z)

    def derivative(b: Array, z: Array, y: Array) -> tuple[Array, ...]:
        return np.nan, evaluate(Hyp0F1, b + 1.0, z) / b
