"""Integrals that define functions: their derivatives are the integrands, written so that nothing overflows early."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import REGISTRY, Primitive
from .accurate import evaluate, half_turns_of_square, pick
from .incomplete import exponential_integral

Array = Any

HALF_PI = 1.5707963267948966


#: From here on the asymptotic series of Ei: SciPy's overflows some way before the function does.
LARGE = 600.0
#: Beyond this a Fresnel integral is ±1/2 to the last digit; SciPy's is nan from 1e154 on.
FAR = 1e18


def _large_ei(x: Array) -> Array:
    """Ei(x) for x > 600, exp(x)/x·Σ k!/xᵏ."""
    x = np.maximum(x, LARGE)
    total = np.ones_like(x)
    for k in range(8, 0, -1):
        total = 1.0 + k / x * total
    half = np.exp(0.5 * x)
    return half / x * total * half


class Ei(Primitive):
    """Exponential integral ∫ exp(t)/t dt from −∞ to x, principal value; pole at 0."""

    name = "Ei"
    meaning = "Ei(x)"
    domain = "x != 0"
    special = True
    ufuncs = (sc.expi,)
    aliases = ("expi",)

    def forward(x: Array) -> Array:
        return np.where(x > LARGE, _large_ei(x), sc.expi(x))[()]

    def derivative(x: Array, y: Array) -> Array:
        half = np.exp(0.5 * x)  # exp(x) overflows before the quotient does
        return half / x * half


class LogIntegral(Primitive):
    """Logarithmic integral ∫ dt/log t from 0 to x, principal value; pole at 1."""

    name = "li"
    meaning = "li(x)"
    domain = "x > 0 and x != 1"
    special = True

    def forward(x: Array) -> Array:
        log = np.log(x)
        # A rounded logarithm of size 700 would cost 700 ulps; one Newton step towards x takes them back.
        far = np.abs(log) > 1.0
        correction = np.where(far, (x - np.exp(log)) / np.where(far, log, 1.0), 0.0)
        return (sc.expi(log) + correction).astype(log.dtype)[()]

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / np.log(x)


class Expint(Primitive):
    """Generalised exponential integral ∫₁^∞ exp(−x t) t**−n dt of real order."""

    meaning = "expint(n, x)"
    domain = "x > 0"
    special = True
    opaque = ("n",)
    ufuncs = (sc.expn,)
    aliases = ("expn",)

    def forward(n: Array, x: Array) -> Array:
        return exponential_integral(n, x)

    def derivative(n: Array, x: Array, y: Array) -> tuple[Array, Array]:
        # For n < 1 the order n − 1 would be rounded; x E(n−1) = exp(−x) + (1 − n) E(n) does not cancel there.
        below = (np.exp(-x) + (1.0 - n) * y) / x
        return np.nan, -pick(n < 1.0, below, evaluate(Expint, np.maximum(n, 1.0) - 1.0, x))


class Si(Primitive):
    """Sine integral ∫₀ˣ sin(t)/t dt."""

    name = "Si"
    meaning = "Si(x)"
    special = True

    def forward(x: Array) -> Array:
        return sc.sici(x)[0]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(REGISTRY["sinc"], x)


class Ci(Primitive):
    """Cosine integral, γ + log x + ∫₀ˣ (cos t − 1)/t dt."""

    name = "Ci"
    meaning = "Ci(x)"
    domain = "x > 0"
    special = True

    def forward(x: Array) -> Array:
        return np.where(x < 0.0, np.nan, sc.sici(x)[1])[()]

    def derivative(x: Array, y: Array) -> Array:
        return np.cos(x) / x


class Shi(Primitive):
    """Hyperbolic sine integral ∫₀ˣ sinh(t)/t dt."""

    name = "Shi"
    meaning = "Shi(x)"
    special = True

    def forward(x: Array) -> Array:
        return np.where(np.abs(x) > LARGE, np.sign(x) * 0.5 * _large_ei(np.abs(x)), sc.shichi(x)[0])[()]

    def derivative(x: Array, y: Array) -> Array:
        zero = np.abs(x) < 1e-300  # where the half may round
        half = 0.5 * np.where(zero, 1.0, x)  # sinh(x) = 2 sinh(x/2) cosh(x/2) overflows before sinh(x)/x
        return np.where(zero, 1.0, np.sinh(half) / half * np.cosh(half))[()]


class Chi(Primitive):
    """Hyperbolic cosine integral, γ + log x + ∫₀ˣ (cosh t − 1)/t dt."""

    name = "Chi"
    meaning = "Chi(x)"
    domain = "x > 0"
    special = True

    def forward(x: Array) -> Array:
        return np.where(x > LARGE, 0.5 * _large_ei(x), np.where(x < 0.0, np.nan, sc.shichi(x)[1]))[()]

    def derivative(x: Array, y: Array) -> Array:
        sinh, cosh = np.sinh(0.5 * x), np.cosh(0.5 * x)  # cosh(x) = sinh² + cosh² overflows before cosh(x)/x
        return sinh / x * sinh + cosh / x * cosh


class FresnelS(Primitive):
    """Fresnel integral ∫₀ˣ sin(πt²/2) dt."""

    name = "fresnels"
    meaning = "fresnels(x)"
    special = True

    def forward(x: Array) -> Array:
        return sc.fresnel(np.clip(x, -FAR, FAR))[0]

    def derivative(x: Array, y: Array) -> Array:
        sign, rest = half_turns_of_square(x)
        return sign * np.sin(HALF_PI * rest)


class FresnelC(Primitive):
    """Fresnel integral ∫₀ˣ cos(πt²/2) dt."""

    name = "fresnelc"
    meaning = "fresnelc(x)"
    special = True

    def forward(x: Array) -> Array:
        return sc.fresnel(np.clip(x, -FAR, FAR))[1]

    def derivative(x: Array, y: Array) -> Array:
        sign, rest = half_turns_of_square(x)
        return sign * np.sin(HALF_PI * (1.0 - np.abs(rest)))  # the cosine, exactly 0 where it is


class LambertW(Primitive):
    """Principal branch of the inverse of w·exp(w)."""

    name = "LambertW"
    meaning = "LambertW(x)"
    domain = "x > -0.36787944117144233"
    special = True
    aliases = ("lambertw",)

    def forward(x: Array) -> Array:
        branch = sc.lambertw(x)
        w = np.where(branch.imag == 0.0, branch.real, np.nan)
        return w.astype(getattr(x, "dtype", np.float64), copy=False)[()]

    def derivative(x: Array, y: Array) -> Array:
        return 1.0 / (x + np.exp(y))  # = W/(x(1 + W)): exp(W) = x/W keeps its digits where W does not
