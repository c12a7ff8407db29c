"""Bessel functions of any real order where SciPy's lose digits or leave the floats before the values do.

Small arguments: a power taken as exp(n log x) is off by log x units, so the power series come with a true power.
Negative orders: by reflection (DLMF 10.4, 10.27), not by SciPy's, which overflows. Large arguments of I and K:
from the scaled functions. Computed in doubles, returned in the arguments' precision; orders and points broadcast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from .accurate import PI, cos_pi, in_doubles, sin_pi

Array = Any

#: Below this x² is nothing beside 1: the leading terms of Y and K are the functions.
TINY = 1e-9
#: Below this powers are taken of scaled arguments: they may leave the floats where factor·power does not.
SMALL = 1e-30
LOG_2_LESS_GAMMA = 0.11593151565841245
#: From here on I and K come from their scaled forms: well before exp(±x) ends.
LARGE = 500.0
#: Up to this order the power series: 1/Γ(n + 1) ends at 170.
SERIES_ORDERS = 160.0
#: Up to this order J of fractional orders is not SciPy's.
MANY_ORDERS = 60.0


def _series(n: Any, x: Any, sign: float) -> Any:
    """J (sign −1) or I (sign +1) of order n ≥ 0 by its power series, where it hardly cancels: x² < 9(n + 1)."""
    square = sign * 0.25 * x * x
    term, total = np.ones_like(x), np.ones_like(x)
    for k in range(1, 31):
        term = term * (square / (k * (n + k)))
        total = total + term
    return _power_of_half(x, n) / sc.gamma(n + 1.0) * total


def _power_of_half(x: Any, n: Any, factor: Any = 1.0) -> Any:
    """factor·(x/2)**n; of a small x in two halves: half of it, or the power, need not be a float."""
    half = x ** (0.5 * n) * 2.0 ** (-0.5 * n)
    return np.where((np.abs(x) < SMALL) & (np.abs(n) < 8.0), factor * half * half, factor * (0.5 * x) ** n)


def _log_of_half(x: Any) -> Any:
    """log(x/2) + γ, the leading term of Y and −K of order 0; SciPy's end at 1e-305."""
    return np.log(np.where(x > 0.0, x, 1.0)) - LOG_2_LESS_GAMMA


def _leading(n: Any, x: Any, image: Any, factor: float) -> tuple[Any, Any]:
    """Where Y or K of order n > 0 are factor·(Γ(n)/2·(x/2)**−n + image·Γ(−n)/2·(x/2)**n), and that sum."""
    small = (x > 0.0) & (x < TINY) & (n * np.abs(np.log(x)) > 1.0)
    order, size = np.where(small, n, 1.0), np.where(small, x, 1.0)
    image = np.where(order < 1.0, image * sc.gamma(np.where(order < 1.0, -order, -0.5)), 0.0)
    minor = np.where(order < 1.0, image * _power_of_half(size, order), 0.0)
    return small, _power_of_half(size, -order, 0.5 * factor * sc.gamma(order)) + 0.5 * factor * minor


def _bessel_j(n: Any, x: Any) -> Any:
    value = sc.jv(n, x)
    near = (x * x < 9.0 * (n + 1.0)) & (n < SERIES_ORDERS)
    if np.any(near):
        value = np.where(near, _series(n, np.where(near, x, 0.0), -1.0), value)
    # SciPy's J of a fractional order is off by up to 90 ulps for x < 22 and x < n², its Hankel function not.
    rough = ~near & (n != np.floor(n)) & (n < MANY_ORDERS) & np.isfinite(x)
    if np.any(rough):
        order, size = np.where(rough, n, 0.5), np.where(rough, x, 9.0)
        turning = (order > 0.7 * size) & (order > 3.0)
        recurred = 0.0
        if np.any(turning):
            recurred = _miller(np.where(turning, order, 3.5), np.where(turning, size, 4.0))
        better = np.where(turning, recurred, np.real(sc.hankel1(order, size)))
        value = np.where(rough & ~np.isnan(better), better, value)  # no Hankel function beyond 1e15
    return value


def _miller(n: Any, x: Any) -> Any:
    """J of fractional order n > 0.7 x, x ≥ 3: recurrence from far above to the orders below 2, scaled."""
    whole = np.floor(n)
    lowest = n - whole
    upper, current = np.zeros_like(x), np.full_like(x, 1e-250)
    wanted, second = current, current
    top = int(max(np.max(whole), np.max(x))) + 60
    for k in range(top, 0, -1):  # current is of order lowest + k
        wanted = np.where(whole == k, current, wanted)
        second = current
        upper, current = current, 2.0 * (lowest + k) / x * current - upper
    first, by_first = current, np.abs(current) > np.abs(second)
    known = np.real(sc.hankel1(np.where(by_first, lowest, lowest + 1.0), x))
    return wanted / np.where(by_first, first, second) * known


def _bessel_y(n: Any, x: Any) -> Any:
    small, leading = _leading(n, x, cos_pi(n), -2.0 / PI)
    value = np.where((n == 0.0) & (x > 0.0) & (x < TINY), 2.0 / PI * _log_of_half(x), sc.yv(n, x))
    return np.where(small, leading, value)


def _bessel_i(n: Any, x: Any) -> Any:
    x = np.minimum(x, 2000.0)  # infinite from there on
    half = np.exp(0.5 * x)
    value = np.where(x > LARGE, sc.ive(n, x) * half * half, sc.iv(n, x))
    near = (x < 1.0) & (n < SERIES_ORDERS)
    if np.any(near):
        value = np.where(near, _series(n, np.where(near, x, 0.0), 1.0), value)
    return value


def _trapezium(n: Any, x: Any) -> Any:
    """K = ∫ exp(−x cosh t) cosh(n t) dt over t > 0: no cancellation; the step serves n < 10."""
    total = 0.5 * np.exp(-x)
    for i in range(1, 65):
        t = i / 8.0
        exponent = x * np.cosh(t)
        total = total + 0.5 * (np.exp(n * t - exponent) + np.exp(-n * t - exponent))
    return total / 8.0


def bessel_k(n: Array, x: Array) -> Array:
    """K of real order for x > 0."""
    n, x, dtype = in_doubles(n, x)
    n, x = np.abs(n), np.minimum(x, 2000.0)  # zero from there on
    small, leading = _leading(n, x, 1.0, 1.0)
    half = np.exp(-0.5 * x)
    value = np.where(x > LARGE, sc.kve(n, x) * half * half, sc.kv(n, x))
    # Temme's series in SciPy's K cancels towards x = 2: 50 ulps for order 1/3.
    middle = (x > 0.1) & (x < 2.1) & (n != np.floor(n)) & (n < 10.0)
    if np.any(middle):
        value = np.where(middle, _trapezium(np.where(middle, n, 0.0), np.where(middle, x, 1.0)), value)
    value = np.where((n == 0.0) & (x > 0.0) & (x < TINY), -_log_of_half(x), value)
    return np.where(small, leading, value).astype(dtype)[()]


def _even_or_odd(n: Any, x: Any) -> Any:
    """Factor that takes the value at |x| to x: of whole orders ±1, elsewhere nan for x < 0."""
    return np.where(x >= 0.0, 1.0, np.where(n == np.floor(n), 1.0 - 2.0 * np.mod(n, 2.0), np.nan))


def bessel_j(n: Array, x: Array) -> Array:
    """J of real order; x < 0 for whole orders only, nan otherwise."""
    n, x, dtype = in_doubles(n, x)
    order, size = np.abs(n), np.abs(x)
    value = _bessel_j(order, size)
    if np.any(n < 0.0):
        turned = cos_pi(order) * value + _times(-sin_pi(order), _bessel_y(order, size))
        value = np.where(n < 0.0, turned, value)
    return (_even_or_odd(n, x) * value).astype(dtype)[()]


def bessel_y(n: Array, x: Array) -> Array:
    """Y of real order for x > 0."""
    n, x, dtype = in_doubles(n, x)
    order = np.abs(n)
    value = _bessel_y(order, x)
    if np.any(n < 0.0):
        turned = _times(cos_pi(order), value) + sin_pi(order) * _bessel_j(order, x)
        value = np.where(n < 0.0, turned, value)
    return value.astype(dtype)[()]


def bessel_i(n: Array, x: Array) -> Array:
    """I of real order; x < 0 for whole orders only, nan otherwise."""
    n, x, dtype = in_doubles(n, x)
    order, size = np.abs(n), np.abs(x)
    value = _bessel_i(order, size)
    if np.any(n < 0.0):
        turned = value + _times(2.0 / PI * sin_pi(order), bessel_k(order, size))
        value = np.where(n < 0.0, turned, value)
    return (_even_or_odd(n, x) * value).astype(dtype)[()]


def _times(factor: Any, value: Any) -> Any:
    """The product, 0 where the factor of a reflection vanishes exactly, even if the function is infinite."""
    return np.where(factor == 0.0, 0.0, factor * value)
