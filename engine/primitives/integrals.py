"""Integrals that define functions: their derivatives are the integrands, so written that none overflows early."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import REGISTRY, Primitive
from .accurate import PI, evaluate, is_traced, pick, sine_and_cosine_of_square
from .derived import CosineOfSquare, Integrand, OneOverLog, SineOfSquare
from .incomplete import exponential_integral

Array = Any

#: From here on the asymptotic series of Ei: SciPy's is off by 100 ulps at 40 and overflows too early.
LARGE = 40.0
#: From here on Shi and Chi are ±Ei/2: SciPy's overflow before the functions do.
OVERFLOW = 600.0
#: From here on the Fresnel integrals come from their auxiliary functions and an exact phase.
FAR = 10.0


def _ei(x: Array) -> Array:
    """Ei(x): exp(x)/x·Σ k!/xᵏ for x > 40, up to the smallest term."""
    value = sc.expi(x)
    if not np.any(x > LARGE):
        return value
    return np.where(x > LARGE, _large_ei(x), value)[()]


def _large_ei(x: Array, factor: Array = 1.0) -> Array:
    x = np.minimum(np.maximum(x, LARGE), 2000.0)
    total = np.ones_like(x)
    for k in range(40, 0, -1):
        total = 1.0 + k / x * total
    half = np.exp(0.5 * x)
    return factor * half / x * total * half


class Ei(Primitive):
    """Exponential integral ∫ exp(t)/t dt from −∞ to x, principal value; pole at 0."""

    name = "Ei"
    meaning = "Ei(x)"
    domain = "x != 0"
    special = True
    ulps = 4
    ufuncs = (sc.expi,)
    aliases = ("expi",)

    def forward(x: Array) -> Array:
        return _ei(x)

    def derivative(x: Array, y: Array) -> Array:
        if is_traced(x):
            return evaluate(Integrand, -1.0, 0.0, -x, m=1.0)
        half = np.exp(0.5 * x)  # exp(x) overflows before the quotient does
        return half / x * half


class LogIntegral(Primitive):
    """Logarithmic integral ∫ dt/log t from 0 to x, principal value; pole at 1."""

    name = "li"
    meaning = "li(x)"
    domain = "x > 0 and x != 1"
    special = True
    ulps = 5

    def forward(x: Array) -> Array:
        log = np.log(x)
        # A rounded logarithm of size 700 would cost 700 ulps; one Newton step towards x takes them back.
        far = np.abs(log) > 1.0
        correction = np.where(far, (x - np.exp(log)) / np.where(far, log, 1.0), 0.0)
        return (_ei(log) + correction).astype(log.dtype)[()]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(OneOverLog, x) if is_traced(x) else 1.0 / np.log(x)


class Expint(Primitive):
    """Generalised exponential integral ∫₁^∞ exp(−x t) t**−n dt of real order.

    Of orders 0, −1, −2, … also left of its pole 0.
    """

    meaning = "expint(n, x)"
    domain = "x > 0 or (x < 0 and n <= 0 and n == floor(n))"
    undocumented = "n == 0 and x < 0"  # libraries have whole orders from 0 on, and none of them left of 0
    special = True
    ulps = 7
    opaque = ("n",)
    ufuncs = (sc.expn,)
    aliases = ("expn",)

    def forward(n: Array, x: Array) -> Array:
        return exponential_integral(n, x)

    def derivative(n: Array, x: Array, y: Array) -> tuple[Array, Array]:
        # For fractional n < 1 the order n − 1 is rounded; x E(n−1) = exp(−x) + (1 − n) E(n) does not cancel there.
        rounded = (n < 1.0) & (n != np.floor(n))
        below = (np.exp(-x) + (1.0 - n) * y) / x
        return np.nan, -pick(rounded, below, evaluate(Expint, pick(rounded, 1.0, n) - 1.0, x))


class Si(Primitive):
    """Sine integral ∫₀ˣ sin(t)/t dt."""

    name = "Si"
    meaning = "Si(x)"
    special = True
    ulps = 4

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
    ulps = 7

    def forward(x: Array) -> Array:
        return np.where(x < 0.0, np.nan, sc.sici(x)[1])[()]

    def derivative(x: Array, y: Array) -> Array:
        return np.cos(x) / x


#: Below this the slope of Shi is its power series where it is traced: that of the quotient would be a difference.
SHI_TRACED = 0.9987


class Shi(Primitive):
    """Hyperbolic sine integral ∫₀ˣ sinh(t)/t dt."""

    name = "Shi"
    meaning = "Shi(x)"
    special = True
    ulps = 4

    def forward(x: Array) -> Array:
        return np.where(np.abs(x) > OVERFLOW, _large_ei(np.abs(x), 0.5 * np.sign(x)), sc.shichi(x)[0])[()]

    def derivative(x: Array, y: Array) -> Array:
        near = np.abs(x) < (SHI_TRACED if is_traced(x) else 1e-30)  # below the latter it is 1, and the half may round
        flat = 1.0
        for k in range(20 if is_traced(x) else 4, 0, -2):
            flat = 1.0 + flat * (x * x / (k * (k + 1.0)))
        if is_traced(x):
            falling, rising = evaluate(Integrand, -0.5, 0.0, x, m=1.0), evaluate(Integrand, -0.5, 0.0, -x, m=1.0)
            return np.where(near, flat, rising + falling)
        half = 0.5 * np.where(near, 1.0, x)  # sinh(x) = 2 sinh(x/2) cosh(x/2) overflows before sinh(x)/x
        return np.where(near, flat, np.sinh(half) / half * np.cosh(half))[()]


class Chi(Primitive):
    """Hyperbolic cosine integral, γ + log x + ∫₀ˣ (cosh t − 1)/t dt."""

    name = "Chi"
    meaning = "Chi(x)"
    domain = "x > 0"
    special = True
    ulps = 4

    def forward(x: Array) -> Array:
        return np.where(x > OVERFLOW, _large_ei(x, 0.5), np.where(x < 0.0, np.nan, sc.shichi(x)[1]))[()]

    def derivative(x: Array, y: Array) -> Array:
        if is_traced(x):
            return evaluate(Integrand, 0.5, 0.0, x, m=1.0) + evaluate(Integrand, -0.5, 0.0, -x, m=1.0)
        sinh, cosh = np.sinh(0.5 * x), np.cosh(0.5 * x)  # cosh(x) = sinh² + cosh² overflows before cosh(x)/x
        return sinh / x * sinh + cosh / x * cosh


def _fresnel(x: Array) -> tuple[Array, Array]:
    """S and C; for |x| > 10 as 1/2 − f cos − g sin and 1/2 + f sin − g cos (DLMF 7.5.3, 7.12.2).

    SciPy's phase there is that of a rounded square, at 1e8 none at all.
    """
    values: tuple[Array, Array] = sc.fresnel(x)
    far = np.abs(x) > FAR
    if not np.any(far):
        return values
    size = np.where(far, np.abs(x), FAR)
    inverse = 1.0 / (PI * size) / size
    f, g = np.zeros_like(size), np.zeros_like(size)
    for m in range(5, -1, -1):  # f = 1/(πx)·(1 − 1·3/(πx²)² + …), g = 1/(πx·πx²)·(1 − 3·5/(πx²)² + …)
        f = 1.0 - (4 * m + 1) * (4 * m + 3) * inverse * inverse * f
        g = 1.0 - (4 * m + 3) * (4 * m + 5) * inverse * inverse * g
    f, g = f / (PI * size), g * inverse / (PI * size)
    sine, cosine = sine_and_cosine_of_square(size)
    turned = 0.5 - f * cosine - g * sine, 0.5 + f * sine - g * cosine
    s, c = (np.where(far, np.copysign(t, x), v)[()] for t, v in zip(turned, values, strict=True))
    return s, c


class FresnelS(Primitive):
    """Fresnel integral ∫₀ˣ sin(πt²/2) dt."""

    name = "fresnels"
    meaning = "fresnels(x)"
    special = True
    ulps = 4

    def forward(x: Array) -> Array:
        return _fresnel(x)[0]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(SineOfSquare, x) if is_traced(x) else sine_and_cosine_of_square(x)[0]


class FresnelC(Primitive):
    """Fresnel integral ∫₀ˣ cos(πt²/2) dt."""

    name = "fresnelc"
    meaning = "fresnelc(x)"
    special = True
    ulps = 4

    def forward(x: Array) -> Array:
        return _fresnel(x)[1]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(CosineOfSquare, x) if is_traced(x) else sine_and_cosine_of_square(x)[1]


class LambertW(Primitive):
    """Principal branch of the inverse of w·exp(w)."""

    name = "LambertW"
    meaning = "LambertW(x)"
    domain = "x > -0.36787944117144233"
    special = True
    ulps = 4
    aliases = ("lambertw",)

    def forward(x: Array) -> Array:
        branch = sc.lambertw(x)
        w = np.where(branch.imag == 0.0, branch.real, np.nan)
        return w.astype(getattr(x, "dtype", np.float64), copy=False)[()]

    def derivative(x: Array, y: Array) -> Array:
        # W/(x(1 + W)): exp(W) = x/W keeps its digits where W does not; in halves, for the sum may overflow
        return 0.5 / (0.5 * x + 0.5 * np.exp(y))
