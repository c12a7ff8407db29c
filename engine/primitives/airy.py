"""Airy functions: solutions of y″ = x·y, so the rule of a derivative is the function again."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from ..variable import Variable
from .accurate import PI, evaluate
from .cylinder import bessel_j, bessel_k, bessel_y

Array = Any

ROOT_3 = 1.7320508075688772


def _airy(x: Array) -> tuple[Array, ...]:
    """Ai, Ai′, Bi, Bi′; by Bessel functions of order 1/3 and 2/3 (DLMF 9.6) where SciPy loses digits or gives up."""
    dtype = np.result_type(x)
    x = np.asarray(x, dtype=np.float64)
    values = sc.airy(x)
    decay, large = (x > 1.0) & (x < 2.1), x > 50.0
    swing = ((x > -10.4) & (x < -10.0)) | ((x < -1e6) & np.isfinite(x))
    for region, formula in ((decay, _decaying), (large, _scaled), (swing, _swinging)):
        if np.any(region):
            # Beyond 1e200 the phase is unknown to the last digit, and ζ must not overflow.
            size = np.where(region, np.minimum(np.abs(x), 1e200), 1.5)
            values = tuple(np.where(region, f, v) for f, v in zip(formula(size, values), values, strict=True))
    return tuple(np.asarray(v, dtype=dtype)[()] for v in values)


def _decaying(x: Array, values: tuple[Array, ...]) -> tuple[Array, ...]:
    """Ai and its slope for x > 0, the others as they are."""
    root = np.sqrt(x)
    zeta = 2.0 / 3.0 * x * root
    ai = root / (PI * ROOT_3) * bessel_k(1.0 / 3.0, zeta)
    return ai, -x / (PI * ROOT_3) * bessel_k(2.0 / 3.0, zeta), values[2], values[3]


def _scaled(x: Array, values: tuple[Array, ...]) -> tuple[Array, ...]:
    """From the scaled functions, so that the exponential alone underflows or overflows."""
    x = np.minimum(x, 1000.0)
    half = np.exp(-1.0 / 3.0 * x * np.sqrt(x))
    ai, ai_slope, bi, bi_slope = sc.airye(x)
    return ai * half * half, ai_slope * half * half, bi / half / half, bi_slope / half / half


def _swinging(x: Array, values: tuple[Array, ...]) -> tuple[Array, ...]:
    """All four at −x."""
    root = np.sqrt(x)
    zeta = 2.0 / 3.0 * x * root
    j, y = bessel_j(1.0 / 3.0, zeta), bessel_y(1.0 / 3.0, zeta)
    j_slope, y_slope = bessel_j(2.0 / 3.0, zeta), bessel_y(2.0 / 3.0, zeta)
    return (
        0.5 * root * (j - y / ROOT_3),
        0.5 * x * (j_slope + y_slope / ROOT_3),
        -0.5 * root * (j / ROOT_3 + y),
        0.5 * x * (j_slope / ROOT_3 - y_slope),
    )


def _times_x(primitive: type[Primitive], index: int, x: Array) -> Array:
    """x times one of the functions, in doubles: a single-precision factor may underflow where the product does not."""
    if isinstance(x, Variable):
        return x * evaluate(primitive, x)
    wide = np.asarray(x, dtype=np.float64)
    return (wide * _airy(wide)[index]).astype(np.result_type(x))[()]


class AiryAi(Primitive):
    """Airy function Ai."""

    name = "airyai"
    meaning = "airyai(x)"
    special = True
    ulps = 5

    def forward(x: Array) -> Array:
        return _airy(x)[0]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(AiryAiPrime, x)


class AiryAiPrime(Primitive):
    """Derivative of the Airy function Ai."""

    name = "airyaiprime"
    meaning = "airyaiprime(x)"
    special = True
    ulps = 5

    def forward(x: Array) -> Array:
        return _airy(x)[1]

    def derivative(x: Array, y: Array) -> Array:
        return _times_x(AiryAi, 0, x)


class AiryBi(Primitive):
    """Airy function Bi."""

    name = "airybi"
    meaning = "airybi(x)"
    special = True
    ulps = 7

    def forward(x: Array) -> Array:
        return _airy(x)[2]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(AiryBiPrime, x)


class AiryBiPrime(Primitive):
    """Derivative of the Airy function Bi."""

    name = "airybiprime"
    meaning = "airybiprime(x)"
    special = True
    ulps = 7

    def forward(x: Array) -> Array:
        return _airy(x)[3]

    def derivative(x: Array, y: Array) -> Array:
        return _times_x(AiryBi, 2, x)
