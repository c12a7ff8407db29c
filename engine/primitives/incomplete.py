"""Incomplete gamma functions of any real order, the ground of lowergamma, uppergamma and expint.

SciPy has them for positive orders only, regularised, off by 60 ulps for orders just above 1/2. Here:
Gautschi's series near x = 0 (ACM TOMS 5, 1979), recurrence in the direction that is stable there, the
continued fraction (DLMF 8.9.1) elsewhere. Left of 0 they are real where s is whole and positive, polynomials times
exp(−x) and a constant: by the series of γ (DLMF 8.7.1) near 0, by Γ's finite sum (DLMF 8.8.2) farther out. All is
computed in doubles and returned in the arguments' precision; orders and points broadcast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special as sc

from ..variable import Variable
from .accurate import in_doubles, pick
from .mpmath_arrays import CONTEXT, number_by_number

Array = Any

EPSILON = 2.0**-53
#: Longest series and continued fraction that the regions below need, with room.
TERMS = 400
FRACTIONS = 100
#: Steps of the recurrence that make an error of the first value nothing.
MOST_STEPS = 100
#: From here on E of whole orders is not SciPy's, which is 0 from 709 on, well before the function is.
UNDERFLOW = 600.0
#: From this order on gamma overflows, though the exponential integral left of 0 does not.
LARGEST_ORDER = 170.0
EULER_GAMMA = 0.5772156649015329
#: log Γ(1 + a) / a = Σ LOG_GAMMA[k] aᵏ, enough terms for |a| ≤ 0.6.
LOG_GAMMA = np.array([-EULER_GAMMA] + [sc.zeta(k) / k * (-1.0) ** k for k in range(2, 82)])


def power_times_exponential(s: Array, x: Array) -> Array:
    """xˢ exp(−x) for x ≥ 0: as a square, so that no factor overflows or underflows before the product."""
    half = _root(s, x)
    return half * half


def integrand(s: Array, x: Array) -> Array:
    """x**(s−1) exp(−x), the integrand of the gamma functions; s − 1 would be rounded, so divided."""
    if isinstance(s, Variable) or isinstance(x, Variable):
        return _integrand(s, x)
    s, x, dtype = in_doubles(s, x)
    return _integrand(s, x).astype(dtype)[()]


def _integrand(s: Array, x: Array) -> Array:
    half = _root(s, x)
    quotient = half * _sign_of_power(s, x) / np.where(x == 0.0, 1.0, x) * half
    return np.where(x == 0.0, pick(s == 1.0, 1.0 + 0.0 * x, x ** (s - 1.0)), quotient)[()]


def times_integrand(factor: Array, s: Array, x: Array, m: float) -> Array:
    """factor·x**(s − m)·exp(−x) for a whole m.

    Each of two roots is divided by x half of the times, so that none overflows or underflows before the product does.
    """
    s, x, dtype = in_doubles(s, x)
    right, divisor = _root(s, x), np.where(x == 0.0, 1.0, x)
    left = right * _sign_of_power(s, x) * factor
    for i in range(int(m)):
        left, right = (left, right / divisor) if i % 2 else (left / divisor, right)
    at_0 = factor * np.where(s == m, 1.0, np.where(s > m, 0.0, np.inf))
    return np.where(x == 0.0, at_0, left * right).astype(dtype)[()]


def _root(s: Array, x: Array) -> Array:
    """The root of the size of xˢ exp(−x)."""
    x = np.minimum(x, 8192.0)  # zero from there on
    size = np.where(x < 0.0, -x, x)
    power, half = size ** (0.5 * s), np.exp(-0.5 * x)
    if isinstance(power, Variable) or not np.any(infinite := np.isinf(power) & (x > 0.0)):
        return power * half
    return np.where(infinite, (size ** (s / 32.0) * np.exp(-x / 32.0)) ** 16, power * half)


def _sign_of_power(s: Array, x: Array) -> Array:
    """The sign of xˢ, nan where that is complex."""
    left = np.where(s == np.floor(s), 1.0 - 2.0 * np.mod(s, 2.0), np.nan)
    return np.where(x < 0.0, left, 1.0)


def _fraction(a: Any, x: Any) -> Any:
    """Γ(a, x)·x**−a·exp(x) by the continued fraction of positive terms, for x ≥ 1, x ≥ a, from its tail."""
    tail = x
    for k in range(FRACTIONS, 0, -1):
        tail = x + (k - a) / (1.0 + k / tail)
    return 1.0 / tail


def _gautschi(a: Any, x: Any) -> Any:
    """Γ(a, x) for |a| ≤ 0.6 and 0 < x < 1, without cancellation at a = 0."""
    slope = np.polynomial.polynomial.polyval(a, LOG_GAMMA)
    logarithm = np.log(x)
    safe = np.where(a == 0.0, 1.0, a)
    exponent = a * logarithm
    gamma_part = np.where(a == 0.0, slope, np.expm1(a * slope) / safe)
    power = np.where(np.abs(exponent) < 1.0, np.expm1(exponent), x**a - 1.0)
    power_part = np.where(a == 0.0, logarithm, power / safe)
    term, total = np.ones_like(x), np.zeros_like(x)
    for k in range(1, 30):
        term = term * (-x / k)
        total = total + term / (a + k)
    return (gamma_part - power_part) - x**a * total


def _near_zero(a: Any, x: Any) -> Any:
    """E of order 1 − a, that is x**−a·Γ(a, x), for a ≤ 0.6 and 0 < x < 1.

    From the order nearest to 1 upwards: ν E(ν+1) = exp(−x) − x E(ν). Each step divides an error by ν/x, so that large
    orders take no more than the last steps, from a value that is about right.
    """
    all_steps = np.maximum(np.ceil(-a - 0.5), 0.0)
    steps = np.minimum(all_steps, MOST_STEPS)
    start = a + steps
    exponential = np.exp(-x)
    begin = np.where(steps == all_steps, start, 0.0)
    value = np.where(steps == all_steps, _gautschi(begin, x) * x**-begin, exponential / (x + 1.0 - start))
    for i in range(int(np.max(steps, initial=0.0))):
        order = (1.0 - start) + i
        value = np.where(i < steps, (exponential - x * value) / order, value)
    return value


def upper_gamma(s: Array, x: Array) -> Array:
    """Γ(s, x) for any real s and x ≥ 0, and for s = 1, 2, 3, … also left of 0; nan elsewhere."""
    s, x, dtype = in_doubles(s, x)
    positive = np.where(s > 0.0, s, 1.0)
    value = np.where(x == 0.0, np.where(s > 0.0, sc.gamma(positive), np.inf), np.nan)
    near = (s <= 0.6) & (x > 0.0) & (x < 1.0)
    inner = (s > 0.6) & (x > 0.0) & (x < np.maximum(s, 1.0))
    beyond = (x > 0.0) & ~near & ~inner
    left = _is_real_on_the_left(s, x)
    if np.any(near):
        value = np.where(near, x**s * _near_zero(np.where(near, s, 0.0), np.where(near, x, 0.5)), value)
    if np.any(inner):
        value = np.where(inner, sc.gamma(positive) * sc.gammaincc(positive, np.where(inner, x, 0.5)), value)
    if np.any(beyond):
        large = np.where(beyond, x, np.abs(s) + 2.0)
        value = np.where(beyond, power_times_exponential(s, large) * _fraction(s, large), value)
    if np.any(left):
        value = np.where(left, _on_the_left(np.where(left, s, 1.0), np.where(left, x, -1.0))[1], value)
    return value.astype(dtype)[()]


def lower_gamma(s: Array, x: Array) -> Array:
    """γ(s, x) for any real s but 0, −1, −2, … and x ≥ 0, and for s = 1, 2, 3, … also left of 0; nan elsewhere."""
    s, x, dtype = in_doubles(s, x)
    inner = x < np.maximum(s + 1.0, 1.0)
    value = np.full(x.shape, np.nan)
    left = _is_real_on_the_left(s, x)
    if np.any(inner):
        small = np.where(inner & (x >= 0.0), x, np.where(inner, np.nan, 0.5))
        value = np.where(inner, power_times_exponential(s, small) * _rising(s, small), value)
    if not np.all(inner):
        large = np.where(inner, np.abs(s) + 2.0, x)
        positive = np.where(s > 0.0, s, 1.0)
        ratio = sc.gamma(positive) * sc.gammainc(positive, large)
        rest = sc.gamma(s) - upper_gamma(s, large) if np.any(s < 0.0) else ratio
        value = np.where(inner, value, np.where(s > 0.0, ratio, rest))
    if np.any(left):
        value = np.where(left, _on_the_left(np.where(left, s, 1.0), np.where(left, x, -1.0))[0], value)
    return value.astype(dtype)[()]


def _is_real_on_the_left(s: Any, x: Any) -> Any:
    return (x < 0.0) & (s >= 1.0) & (s == np.floor(s))


def _on_the_left(s: Any, x: Any) -> tuple[Any, Any]:
    """γ(s, x) and Γ(s, x) for whole s > 0 and x < 0.

    Terms of both sums change their signs and fall, the first by more than half of the sum. The one that is not summed
    is Γ(s) less the other: where they cancel, |x|ˢ·exp(−x) is larger than both.
    """
    near = x > -s - 1.0
    half = _root(s, x)
    lower = half * _rising(s, np.where(near, x, -1.0)) * half * _sign_of_power(s, x)
    upper = integrand(s, x) * _falling(s, np.where(near, -s - 1.0, x))
    rest = np.where(near, sc.gamma(s) - lower, upper)
    lost = np.isnan(rest)  # both are infinite
    if np.any(lost):
        rest[lost] = number_by_number(CONTEXT.gammainc, s[lost], x[lost])
    return np.where(near, lower, sc.gamma(s) - upper), rest


def _falling(s: Any, x: Any) -> Any:
    """Γ(s, x)·x**(1−s)·exp(x) = 1 + (s − 1)/x + (s − 1)·(s − 2)/x² + … + (s − 1)!/x**(s−1), for whole s < −x."""
    return _summed(np.ones_like(x), lambda term, k: term * np.maximum(s - k, 0.0) / x)


def _rising(s: Any, x: Any) -> Any:
    """γ(s, x)·x**−s·exp(x) = Σ xᵏ/(s (s + 1) … (s + k)), for x < s + 1 or x < 1."""
    return _summed(1.0 / s, lambda term, k: term * (x / (s + k)))


def _summed(term: Any, following: Callable[[Any, int], Any]) -> Any:
    """The sum of a series whose first term this is, up to where no term counts any more.

    Args:
        following: term number k, from 1, of the one before.
    """
    total = term
    for k in range(1, TERMS):
        term = following(term, k)
        total = total + term
        if not np.any(np.abs(term) > EPSILON * np.abs(total)):
            break
    return total


def exponential_integral(n: Array, x: Array) -> Array:
    """E of real order n at x ≥ 0, and of orders 0, −1, −2, … also left of 0; nan elsewhere."""
    n, x, dtype = in_doubles(n, x)
    value = np.where(x == 0.0, np.where(n > 1.0, 1.0 / np.where(n > 1.0, n - 1.0, 1.0), np.inf), np.nan)
    whole = (x > 0.0) & (x < UNDERFLOW) & (n >= 1.0) & (n == np.floor(n))
    near = (x > 0.0) & ~whole & (n >= 0.4) & (x < 1.0)
    inner = (x > 0.0) & (n < 0.4) & (x < np.maximum(1.0 - n, 1.0))
    beyond = (x > 0.0) & ~whole & ~near & ~inner
    if np.any(whole):
        library = np.where(n == 1.0, sc.exp1(x), sc.expn(np.where(whole, n, 2.0), np.where(whole, x, 1.0)))
        value = np.where(whole, library, value)
    if np.any(near):
        value = np.where(near, _near_zero(np.where(near, 1.0 - n, 0.0), np.where(near, x, 0.5)), value)
    if np.any(inner):
        order, inside = np.where(inner, 1.0 - n, 1.0), np.where(inner, x, 0.5)
        # The power as xⁿ/x: 1 − n is rounded, and a tiny x would raise that error to its logarithm.
        ratio = sc.gamma(order) * sc.gammaincc(order, inside) * (inside**n / inside)
        value = np.where(inner, ratio, value)
    if np.any(beyond):
        large = np.where(beyond, x, np.abs(n) + 3.0)
        half = np.exp(-0.5 * large)  # as last factor it leaves the product all its digits to the end
        value = np.where(beyond, half * _fraction(1.0 - n, large) * half, value)
    left = _is_real_on_the_left(1.0 - n, x)
    if np.any(left):
        value = np.where(left, _integral_on_the_left(np.where(left, 1.0 - n, 1.0), np.where(left, x, -1.0)), value)
    return value.astype(dtype)[()]


def _integral_on_the_left(s: Any, x: Any) -> Any:
    """E of order 1 − s, that is Γ(s, x)·x**−s, for whole s > 0 and x < 0."""
    near = x > -s - 1.0
    half = np.exp(-0.5 * x)
    lower = half * _rising(s, np.where(near, x, -1.0)) * half
    upper = half / x * _falling(s, np.where(near, -s - 1.0, x)) * half
    value = np.where(near, sc.gamma(s) / x**s - lower, upper)
    large = near & (s > LARGEST_ORDER)
    if np.any(large):
        value[large] = number_by_number(CONTEXT.expint, 1.0 - s[large], x[large])
    return value
