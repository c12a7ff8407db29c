"""Exponentials and logarithms."""

from __future__ import annotations

import decimal
import math
from typing import Any

import numpy as np
from scipy import special

from ..primitive import Primitive

Array = Any

LOG_2 = 0.6931471805599453
ONE_OVER_LOG_2 = 1.4426950408889634
ONE_OVER_LOG_10 = 0.4342944819032518


class Exp(Primitive):
    """Exponential."""

    meaning = "exp(x)"
    ufuncs = (np.exp,)

    def forward(x: Array) -> Array:
        return np.exp(x)

    def derivative(x: Array, y: Array) -> Array:
        return y


class Expm1(Primitive):
    """exp(x) − 1 without cancellation."""

    meaning = "exp(x) - 1"
    ufuncs = (np.expm1,)

    def forward(x: Array) -> Array:
        return np.expm1(x)

    def derivative(x: Array, y: Array) -> Array:
        return np.exp(x)  # y + 1 would be 0 from x = -37 on


class Exp2(Primitive):
    """2**x."""

    meaning = "2**x"
    ufuncs = (np.exp2,)

    def forward(x: Array) -> Array:
        return np.exp2(x)

    def derivative(x: Array, y: Array) -> Array:
        half = np.exp2(0.5 * x)  # y overflows before log(2)*y does
        return LOG_2 * half * half


class Log(Primitive):
    """Natural logarithm."""

    meaning = "log(x)"
    domain = "x > 0"
    ufuncs = (np.log,)
    aliases = ("ln",)

    def forward(x: Array) -> Array:
        return np.log(x)

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / x


class Log1p(Primitive):
    """log(1 + x) without cancellation."""

    meaning = "log(1 + x)"
    domain = "x > -1"
    ufuncs = (np.log1p,)

    def forward(x: Array) -> Array:
        return np.log1p(x)

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / (1.0 + x)


class Log2(Primitive):
    """Logarithm to base 2."""

    meaning = "log(x)/log(2)"
    domain = "x > 0"
    ufuncs = (np.log2,)

    def forward(x: Array) -> Array:
        return np.log2(x)

    def derivative(x: Array, y: Array) -> Array:
        return ONE_OVER_LOG_2 / x


class Log10(Primitive):
    """Logarithm to base 10."""

    meaning = "log(x)/log(10)"
    domain = "x > 0"
    ufuncs = (np.log10,)

    def forward(x: Array) -> Array:
        return np.log10(x)

    def derivative(x: Array, y: Array) -> Array:
        return ONE_OVER_LOG_10 / x


def _sum_in_logarithms(a: float, b: float) -> float:
    """log(exp(a) + exp(b)) for a sum near 1, in decimals enough for what cancels."""
    with decimal.localcontext(prec=50 - math.floor(math.log10(-max(a, b)))):
        return float((decimal.Decimal(a).exp() + decimal.Decimal(b).exp()).ln())


class Logaddexp(Primitive):
    """log(exp(a) + exp(b)) without overflow; its derivatives are sigmoid(a − b) and sigmoid(b − a)."""

    meaning = "log(exp(a) + exp(b))"
    ufuncs = (np.logaddexp,)

    def forward(a: Array, b: Array) -> Array:
        value = np.logaddexp(a, b)
        # Where the larger one is below 0 and the logarithm nearly takes it back, most digits are lost.
        lost = np.abs(value) < -0.5 * np.maximum(a, b)
        if not np.any(lost):
            return value
        result = np.array(value)
        for index in np.argwhere(lost):
            k = tuple(index)
            result[k] = _sum_in_logarithms(*(float(np.broadcast_to(x, result.shape)[k]) for x in (a, b)))
        return result[()]

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        # exp(d) of a rounded difference d is off by |d| units; Knuth's error term takes them back.
        d = a - b
        back = d - a
        error = (a - (d - back)) - (b + back)
        far = np.abs(d) > 1e4
        d, error = np.minimum(np.maximum(d, -1e4), 1e4), np.where(far, 0.0, error)
        ratio = np.exp(np.where(d < 0.0, d, -d)) * (1.0 + np.where(d < 0.0, error, -error))
        larger, smaller = 1.0 / (1.0 + ratio), ratio / (1.0 + ratio)
        return np.where(d < 0.0, smaller, larger)[()], np.where(d < 0.0, larger, smaller)[()]


class Xlogy(Primitive):
    """a·log(b), and 0 at a = 0 whatever b is."""

    meaning = "a*log(b)"
    domain = "b > 0"
    ufuncs = (special.xlogy,)

    def forward(a: Array, b: Array) -> Array:
        return special.xlogy(a, b)

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        return np.log(b), np.where((a == 0.0) & (b == 0.0), 0.0 * a, a / b)[()]


class Ldexp(Primitive):
    """x·2**n for a constant integer n, exact but where it underflows."""

    meaning = "x*2**n"
    ulps = 1
    ufuncs = (np.ldexp,)

    def forward(x: Array, *, n: float) -> Array:
        return np.ldexp(x, _shift(n))

    def derivative(x: Array, y: Array, *, n: float) -> Array:
        return float(np.ldexp(1.0, _shift(n)))


def _shift(n: float) -> int:
    """n as the small integer that NumPy takes; beyond ±5000 every result is 0 or infinite."""
    return int(min(max(n, -5000), 5000))
