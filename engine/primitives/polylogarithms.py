"""The polylogarithm of a real order, and Hurwitz's zeta function.

Libraries of arrays have the first at order 2 alone. Both are real on the far side of their singularity where the order
is whole: Liₙ(z) of n ≤ 0 is a rational function, ζ(n, a) of n > 1 a sum of powers, of n ≤ 0 a polynomial.

Of whole orders from 2 on: the power series near 0, the expansions in log z at 1 and in log(−z) at −1 (Wood 1992, *The
computation of polylogarithms*, equations 9.3 and 9.5; DLMF 25.12.12), the inversion of large −z (Wood, 10.3). The zeta
function of orders above 1 is SciPy's; all else by mpmath. Derivatives: DLMF 25.12.10 differentiated, 25.11.17.
"""

from __future__ import annotations

from functools import cache
from math import factorial
from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from ..variable import Variable
from .accurate import evaluate, in_doubles, is_traced, pick
from .gammafunctions import hurwitz_zeta
from .mpmath_arrays import CONTEXT, number, number_by_number

Array = Any

#: Whole orders up to this by the expansions; terms of each.
MOST, TERMS = 64, 64


@cache
def _eta(s: int) -> float:
    """(1 − 2¹⁻ˢ)·ζ(s), also of negative whole numbers."""
    return number(CONTEXT.altzeta, s)


@cache
def _power_series(n: int) -> tuple[float, ...]:
    return tuple([0.0] + [float(k) ** -n for k in range(1, TERMS)])


@cache
def _at_one(n: int) -> tuple[float, ...]:
    return tuple(0.0 if k == n - 1 else number(CONTEXT.zeta, n - k) / factorial(k) for k in range(TERMS))


@cache
def _at_minus_one(n: int) -> tuple[float, ...]:
    return tuple(-_eta(n - k) / factorial(k) for k in range(TERMS))


@cache
def _of_inversion(n: int) -> tuple[float, ...]:
    powers = {n - 2 * k: -2.0 * (0.5 if k == 0 else _eta(2 * k)) / factorial(n - 2 * k) for k in range(n // 2 + 1)}
    return tuple(powers.get(k, 0.0) for k in range(n + 1))


def _sum(coefficients: tuple[float, ...], x: Array) -> Array:
    return np.polynomial.polynomial.polyval(x, coefficients)


def _of_whole_order(n: int, z: Array) -> Array:
    """Liₙ(z) for z ≤ 1 and n from 2 on."""
    with np.errstate(all="ignore"):  # each formula is evaluated where it is not used, too
        t, u = np.log(z), np.log(-z)
        harmonic = sum(1.0 / k for k in range(1, n))
        last = np.where(t == 0.0, 0.0, t ** (n - 1) * (harmonic - np.log(-t)) / factorial(n - 1))
        near_one = _sum(_at_one(n), t) + last
        inverted = (-1.0) ** (n - 1) * _sum(_power_series(n), 1.0 / z) + _sum(_of_inversion(n), u)
        beside = np.where(z > 0.5, near_one, np.where(z < -4.0, inverted, _sum(_at_minus_one(n), u)))
        return np.where(np.abs(z) <= 0.5, _sum(_power_series(n), z), beside)


@cache
def _eulerian(n: int) -> tuple[int, ...]:
    """The coefficients of Aₙ(z), for n > 0: numbers of permutations of n by their descents (DLMF 26.14.8)."""
    row = [1]
    for m in range(2, n + 1):
        row = [(k + 1) * a + (m - k) * b for k, (a, b) in enumerate(zip([*row, 0], [0, *row], strict=True))]
    return tuple(row)


def _rational(n: int, z: Any) -> Any:
    """Li₋ₙ(z) = z·Aₙ(z)/(1 − z)ⁿ⁺¹, whose terms lose less than 2n bits where z < 0."""
    with CONTEXT.extraprec(2 * n):
        total = CONTEXT.zero
        for coefficient in reversed(_eulerian(n) if n else (1,)):
            total = total * z + coefficient
        return z * total / (1 - z) ** (n + 1)


def _by_mpmath(s: Any, z: Any) -> Any:
    """mpmath's, whose order 1 has no digits of a small z, whose negative orders lose up to 5 bits for each unit where
    z < 0, and whose fractional orders get a tiny imaginary part, and at 1 a value where the series has none."""
    if z == 1 and s <= 1:
        raise ZeroDivisionError
    if s <= 0:
        if s == int(s):
            return _rational(-int(s), z)
        with CONTEXT.extraprec(int(-5 * s) if z < 0 else 0):
            return CONTEXT.re(CONTEXT.polylog(s, z))
    return -CONTEXT.log1p(-z) if s == 1 else CONTEXT.re(CONTEXT.polylog(s, z))


def polylog(s: Array, z: Array) -> Array:
    """Liₛ(z) for z ≤ 1, of s = 0, −1, −2, … also beyond its pole there; nan elsewhere."""
    s, z, dtype = in_doubles(s, z)
    is_whole = (s == np.floor(s)) & (s >= 2.0) & (s <= MOST)
    is_real = (z <= 1.0) | ((s <= 0.0) & (s == np.floor(s)))
    value = np.where(is_real, z, np.nan)
    with np.errstate(over="ignore", under="ignore"):
        left = (np.abs(z) > 2.0 ** (s - 64.0)) & is_real  # else z: |Liₛ(z) − z| ≤ 2z²·2⁻ˢ, by the integral 25.12.11
    for n in np.unique(s[is_whole & left]):
        chosen = left & (s == n)
        value[chosen] = _of_whole_order(int(n), z[chosen])
    slow = left & ~is_whole
    value[slow] = np.nan
    slow &= np.abs(s) <= FAR_ORDER
    if np.any(slow):
        value[slow] = number_by_number(_by_mpmath, s[slow], z[slow])
    return value.astype(dtype)[()]


#: Beyond this mpmath takes minutes for polylogarithms, and below its negative for ζ(s, a) of a > 1: most are no floats.
FAR_ORDER = 300.0


def polylog_derivative(s: Array, z: Array, k: int) -> Array:
    """The derivative of order k > 0 of Liₛ(z), where that is real: by its power series where no further term counts."""
    s, z, dtype = in_doubles(s, z)
    series, falling = np.zeros_like(z), [float(factorial(n) // factorial(n - k)) for n in range(k, TERMS + k)]
    for n in range(TERMS + k - 1, k - 1, -1):
        series = series * z + falling[n - k] * (k / n) ** s
    left = falling[-1] * np.abs(z) ** TERMS * (k / (TERMS + k)) ** s > 2.0**-56
    value = np.array(series * float(k) ** -s)
    value[left] = np.nan
    slow = left & ((z <= 1.0) | ((s <= 0.0) & (s == np.floor(s)))) & (np.abs(s) <= FAR_ORDER)
    if np.any(slow):
        value[slow] = number_by_number(_derivative(k), s[slow], z[slow])
    return value.astype(dtype)[()]


@cache
def _derivative(k: int) -> Any:
    """z⁻ᵏ·Σ (Stirling number of k and i)·Liₛ₋ᵢ(z), whose terms may lose as many bits as there are in 2ˢ."""

    def compute(s: Any, z: Any) -> Any:
        with CONTEXT.extraprec(20 + max(int(k * s), 0)):
            return sum(CONTEXT.stirling1(k, i) * _by_mpmath(s - i, z) for i in range(1, k + 1)) / z**k

    return compute


#: From here on ζ(s, a) of orders below 1 is its expansion at infinity: mpmath takes a steps there.
LARGE = 1000.0


def _far(s: Array, a: Array) -> Array:
    """ζ(s, a) for large a (DLMF 25.11.43)."""
    square = 1.0 / (a * a)
    tail = s / 12.0 * square * (1.0 - (s + 1.0) * (s + 2.0) / 60.0 * square)
    power = a**-s
    return power * a / (s - 1.0) + power * (0.5 + a * tail)  # the largest a, divided, is infinite


def zeta(s: Array, a: Array) -> Array:
    """ζ(s, a) for a > 0 and s ≠ 1, of s < 0 also at 0, of whole s also left of 0, but for its poles; nan elsewhere."""
    s, a, dtype = in_doubles(s, a)
    a = np.where((a == 0.0) & (s < 0.0), 1.0, a)  # by the recurrence a⁻ˢ + ζ(s, a + 1)
    is_real = (a > 0.0) | (s == np.floor(s))
    value = np.where(is_real & (s > 1.0), hurwitz_zeta(np.where(s > 1.0, s, 2.0), np.where(is_real, a, 1.0)), np.nan)
    low = is_real & (s < 1.0)
    far = low & (a > LARGE)
    value[far] = _far(s[far], a[far])
    slow = low & ~far & ((s >= -FAR_ORDER) | ((a > 0.0) & (a <= 1.0)))
    if np.any(slow):
        value[slow] = number_by_number(CONTEXT.zeta, s[slow], a[slow])
    return value.astype(dtype)[()]


def _zeta_slope(s: Any, a: Any) -> Any:
    with CONTEXT.extraprec(max(-CONTEXT.mag(s), 0)):
        return -s * CONTEXT.zeta(s + 1, a)


def _far_slope(s: Array, a: Array) -> Array:
    """−s·ζ(s + 1, a) for large a, as :func:`_far`."""
    square = 1.0 / (a * a)
    tail = (s + 1.0) / 12.0 * square * (1.0 - (s + 2.0) * (s + 3.0) / 60.0 * square)
    return -(a**-s) * (1.0 + s * (0.5 / a + tail))


def _with_small_orders(slope: Array, s: Array, a: Array) -> Array:
    """The slope of ζ(s, a) where it is given but for small s: s + 1 is rounded there, beside the pole at 1."""
    n, x, dtype = in_doubles(s, a)
    rounded = ((n + 1.0) - 1.0 != n) & (x > 0.0) & (np.abs(n) < 1.0)
    if not np.any(rounded):
        return slope
    found = np.broadcast_to(np.asarray(slope, np.float64), x.shape).copy()
    far = rounded & (x > LARGE)
    found[far] = _far_slope(n[far], x[far])
    slow = rounded & ~far
    if np.any(slow):
        found[slow] = number_by_number(_zeta_slope, n[slow], x[slow])
    return found.astype(dtype)[()]


class Polylog(Primitive):
    """Polylogarithm of order s; complex beyond its branch point z = 1, which is a pole of s = 0, −1, −2, …"""

    meaning = "polylog(s, z)"
    domain = "z <= 1 or (s <= 0 and s == floor(s))"
    kinks = "z == 1"
    special = True
    opaque = ("s",)

    def forward(s: Array, z: Array) -> Array:
        return polylog(s, z)

    def derivative(s: Array, z: Array, y: Array) -> tuple[Array, Array]:
        if is_traced(z):  # the slope of a quotient would be a difference
            return np.nan, evaluate(PolylogDerivative, s, z, k=1.0)
        slope = evaluate(Polylog, s - 1.0, z) / np.where(z == 0.0, 1.0, z)
        return np.nan, np.where(z == 0.0, 1.0, slope)[()]


class PolylogDerivative(Primitive, register=False):
    """The derivative of order k of Liₛ(z)."""

    name = meaning = "polylog(s, z).diff(z, k)"
    opaque = ("s",)

    def forward(s: Array, z: Array, *, k: float) -> Array:
        return polylog_derivative(s, z, int(k))

    def derivative(s: Array, z: Array, y: Array, *, k: float) -> tuple[Array, Array]:
        return np.nan, evaluate(PolylogDerivative, s, z, k=k + 1.0)


class Zeta(Primitive):
    """Hurwitz's zeta function of order s, Riemann's at a = 1; none at all at s = 1.

    Of fractional orders complex left of 0; of whole orders above 1 with poles at a = 0, −1, −2, …
    """

    meaning = "zeta(s, a)"
    domain = "s != 1 and (a > 0 or (s == floor(s) and (s < 1 or a != floor(a))) or (a == 0 and s < 0))"
    kinks = "a == 0 and s < 0 and s != floor(s)"
    special = True
    opaque = ("s",)
    ufuncs = (sc.zeta,)

    def forward(s: Array, a: Array) -> Array:
        return zeta(s, a)

    def derivative(s: Array, a: Array, y: Array) -> tuple[Array, Array]:
        slope = -s * evaluate(Zeta, pick(s == 0.0, 2.0, s + 1.0), a)
        if not (isinstance(s, Variable) or isinstance(a, Variable)):
            slope = _with_small_orders(slope, s, a)
        return np.nan, pick(s == 0.0, -1.0 + 0.0 * a, slope)  # ζ(0, a) = 1/2 − a
