"""Gamma, its logarithm and their derivatives, and the two incomplete gamma functions.

All are real at negative numbers that are no poles, except the logarithm; SciPy's polygamma is nan there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from .accurate import PI, evaluate, in_doubles, is_traced
from .derived import Integrand
from .incomplete import integrand, lower_gamma, upper_gamma

Array = Any

LOW, SHIFT = -150.0, 16


def _rising(x: Array) -> Array:
    """Γ(x + 16)/Γ(x) for x < −150, where Γ(x) nears the smallest floats: SciPy's has no digits there."""
    x = np.minimum(x, LOW)
    product = x
    for k in range(1, SHIFT):
        product = product * (x + float(k))
    return product


class Gamma(Primitive):
    """Gamma function; poles at 0, −1, −2, …"""

    meaning = "gamma(x)"
    domain = "x > 0 or x != floor(x)"
    special = True
    ulps = 4
    ufuncs = (sc.gamma,)

    def forward(x: Array) -> Array:
        return np.where(x < LOW, sc.gamma(x + float(SHIFT)) / _rising(x), sc.gamma(x))[()]

    def derivative(x: Array, y: Array) -> Array:
        slope = evaluate(Digamma, x)
        if is_traced(x):
            return y * slope
        return np.where(x < LOW, evaluate(Gamma, x + float(SHIFT)) * slope / _rising(x), y * slope)[()]


class Loggamma(Primitive):
    """Logarithm of gamma for positive x; elsewhere the function of this name is complex."""

    meaning = "loggamma(x)"
    domain = "x > 0"
    special = True
    ulps = 4
    ufuncs = (sc.loggamma, sc.gammaln)
    aliases = ("gammaln", "lgamma")

    def forward(x: Array) -> Array:
        # Γ(x) is 1/x there to the last digit, and SciPy's logarithm of it leaves the floats at subnormals
        return np.where((x > 0.0) & (x < 1e-30), -np.log(x), sc.loggamma(x))[()]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(Digamma, x)


class Digamma(Primitive):
    """Logarithmic derivative of gamma; poles at 0, −1, −2, …"""

    meaning = "polygamma(0, x)"
    domain = "x > 0 or x != floor(x)"
    special = True
    ulps = 4
    ufuncs = (sc.digamma,)
    aliases = ("psi",)

    def forward(x: Array) -> Array:
        # Reflected with the exact distance from the nearest pole; SciPy's loses its digits there.
        distance = x - np.floor(x + 0.5)
        reflected = sc.digamma(1.0 - x) - PI / np.tan(PI * np.where(distance == 0.0, np.nan, distance))
        return np.where(x < 0.0, reflected, sc.digamma(x))[()]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(Polygamma, 1.0, x)


class Polygamma(Primitive):
    """n-th derivative of digamma, n = 0, 1, 2, …; poles at x = 0, −1, −2, …"""

    meaning = "polygamma(n, x)"
    domain = "n >= 0 and n == floor(n) and (x > 0 or x != floor(x))"
    special = True
    ulps = 4
    opaque = ("n",)

    def forward(n: Array, x: Array) -> Array:
        n, x, dtype = in_doubles(n, x)
        sign = 2.0 * np.mod(n, 2.0) - 1.0
        higher = sign * sc.gamma(n + 1.0) * hurwitz_zeta(n + 1.0, x)
        higher = np.where((n > 0.0) & (n == np.floor(n)), higher, np.nan)
        return np.where(n == 0.0, Digamma.forward(x), higher).astype(dtype)[()]

    def derivative(n: Array, x: Array, y: Array) -> tuple[Array, Array]:
        return np.nan, evaluate(Polygamma, n + 1.0, x)


def hurwitz_zeta(s: Array, x: Array) -> Array:
    """Σ (x + k)**−s over k ≥ 0 for whole s ≥ 2 and any real x that is no pole.

    For x < 0 the sum over all integers k, which depends on x modulo 1 alone, less the terms with k < 0; for
    even s every part is positive, for odd s only the zeros of the sum itself cancel.
    """
    parity = 1.0 - 2.0 * np.mod(s, 2.0)
    above, below = x - np.floor(x), np.ceil(x) - x  # distances to the neighbouring poles
    safe = np.where(x < 0.0, x, -0.5)
    # In this order: half-way between poles, for odd s, the first two are equal and far larger than the third.
    reflected = (sc.zeta(s, above) + parity * sc.zeta(s, below)) - parity * sc.zeta(s, 1.0 - safe)
    # SciPy's zeta counts up from a negative x, one by one: for −1e15 + 1/2 it would never come back
    return np.where(x < 0.0, reflected, sc.zeta(s, np.where(x < 0.0, 1.0, x)))


class LowerGamma(Primitive):
    """Lower incomplete gamma function ∫₀ˣ t**(s−1) exp(−t) dt, continued to s < 0; poles at s = 0, −1, …"""

    name = "lowergamma"
    meaning = "lowergamma(s, x)"
    domain = "(x >= 0 or (s > 0 and s == floor(s))) and (s > 0 or s != floor(s))"
    special = True
    ulps = 5
    opaque = ("s",)

    def forward(s: Array, x: Array) -> Array:
        return lower_gamma(s, x)

    def derivative(s: Array, x: Array, y: Array) -> tuple[Array, Array]:
        return np.nan, evaluate(Integrand, 1.0, s, x, m=1.0) if is_traced(x) else integrand(s, x)


class UpperGamma(Primitive):
    """Upper incomplete gamma function ∫ₓ^∞ t**(s−1) exp(−t) dt for any real s."""

    name = "uppergamma"
    meaning = "uppergamma(s, x)"
    domain = "x > 0 or (s > 0 and s == floor(s))"
    special = True
    ulps = 4
    opaque = ("s",)

    def forward(s: Array, x: Array) -> Array:
        return upper_gamma(s, x)

    def derivative(s: Array, x: Array, y: Array) -> tuple[Array, Array]:
        return np.nan, evaluate(Integrand, -1.0, s, x, m=1.0) if is_traced(x) else -integrand(s, x)
