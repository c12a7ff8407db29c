"""Bessel functions of real order: derivatives from the neighbouring orders, by the relation that does not cancel.

C′ = ½(C₋ ∓ C₊) = n/x·C ∓ C₊ = C₋ − n/x·C (DLMF 10.6, 10.29): near 0 the forms with n/x, since n ± 1 is rounded
for a fractional n and a tiny x raises that error to its logarithm.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from ..variable import Variable
from .accurate import evaluate, pick
from .cylinder import LARGE, TINY, bessel_i, bessel_j, bessel_k, bessel_y

Array = Any


def _quotient(n: Array, x: Array, y: Array) -> Array:
    """n y/x, not used at 0."""
    return n * y / np.where(x == 0.0, 1.0, x)


def _choose(rounded: Array, x: Array, near: Array, mean: Array) -> Array:
    """``near`` for 0 < |x| < 1 where a neighbouring order that matters is rounded, ``mean`` elsewhere."""
    return np.where(np.abs(x) < 1.0, np.where(x == 0.0, mean, pick(rounded, near, mean)), mean)[()]


class BesselJ(Primitive):
    """Bessel function of the first kind; a fractional order asks for x > 0."""

    name = "besselj"
    meaning = "besselj(n, x)"
    special = True
    ulps = 10
    opaque = ("n",)
    ufuncs = (sc.jv,)
    aliases = ("jv",)

    def forward(n: Array, x: Array) -> Array:
        return bessel_j(n, x)

    def derivative(n: Array, x: Array, y: Array) -> tuple[Array, Array]:
        above = evaluate(BesselJ, n + 1.0, x)
        mean = 0.5 * (evaluate(BesselJ, n - 1.0, x) - above)
        rounded = (n < 1.0) & (n != np.floor(n))
        return np.nan, _choose(rounded, x, _quotient(n, x, y) - above, mean)


class BesselY(Primitive):
    """Bessel function of the second kind."""

    name = "bessely"
    meaning = "bessely(n, x)"
    domain = "x > 0"
    special = True
    ulps = 19
    opaque = ("n",)
    ufuncs = (sc.yv,)
    aliases = ("yv",)

    def forward(n: Array, x: Array) -> Array:
        return bessel_y(n, x)

    def derivative(n: Array, x: Array, y: Array) -> tuple[Array, Array]:
        below, above = evaluate(BesselY, n - 1.0, x), evaluate(BesselY, n + 1.0, x)
        near = pick(n > 0.0, below - n * y / x, n * y / x - above)
        steep = (n >= 1.0) | ((n <= -1.0) & (n == np.floor(n)))  # its larger neighbour is infinite before the slope is
        slope = _choose(steep | (2.0 * n != np.floor(2.0 * n)), x, near, 0.5 * (below - above))
        # There the lower order is nothing beside the others, and where it is infinite, so is the slope.
        tiny = (x < TINY) & steep
        if not isinstance(y, Variable):
            tiny = tiny | (np.isinf(y) & steep)
        return np.nan, np.where(tiny, -np.abs(n) * y / np.where(x == 0.0, 1.0, x), slope)[()]


class BesselI(Primitive):
    """Modified Bessel function of the first kind; a fractional order asks for x > 0."""

    name = "besseli"
    meaning = "besseli(n, x)"
    special = True
    ulps = 5
    opaque = ("n",)
    ufuncs = (sc.iv,)
    aliases = ("iv",)

    def forward(n: Array, x: Array) -> Array:
        return bessel_i(n, x)

    def derivative(n: Array, x: Array, y: Array) -> tuple[Array, Array]:
        above = evaluate(BesselI, n + 1.0, x)
        mean = 0.5 * (evaluate(BesselI, n - 1.0, x) + above)
        rounded = (n < 1.0) & (n != np.floor(n))
        return np.nan, _choose(rounded, x, _quotient(n, x, y) + above, mean)


class BesselK(Primitive):
    """Modified Bessel function of the second kind."""

    name = "besselk"
    meaning = "besselk(n, x)"
    domain = "x > 0"
    special = True
    ulps = 7
    opaque = ("n",)
    ufuncs = (sc.kv,)
    aliases = ("kv",)

    def forward(n: Array, x: Array) -> Array:
        return bessel_k(n, x)

    def derivative(n: Array, x: Array, y: Array) -> tuple[Array, Array]:
        order = np.abs(n)
        return np.nan, -(evaluate(BesselK, order - 1.0, x) + pick(order == 0.0, 0.0, order / x * y))


class I0(Primitive):
    """Modified Bessel function of the first kind, order 0."""

    meaning = "besseli(0, x)"
    special = True
    ulps = 6
    ufuncs = (sc.i0,)

    def forward(x: Array) -> Array:
        half = np.exp(0.5 * np.abs(x))
        return np.where(np.abs(x) > LARGE, sc.i0e(x) * half * half, sc.i0(x))[()]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(I1, x)


class I1(Primitive):
    """Modified Bessel function of the first kind, order 1."""

    meaning = "besseli(1, x)"
    special = True
    ulps = 6
    ufuncs = (sc.i1,)

    def forward(x: Array) -> Array:
        half = np.exp(0.5 * np.abs(x))
        return np.where(np.abs(x) > LARGE, sc.i1e(x) * half * half, sc.i1(x))[()]

    def derivative(x: Array, y: Array) -> Array:
        return 0.5 * (evaluate(I0, x) + evaluate(BesselI, 2.0, x))
