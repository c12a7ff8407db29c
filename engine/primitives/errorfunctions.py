"""The error function and its kin; their derivatives are Gaussians, whose exponent must not be rounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from .accurate import evaluate, exp_minus_square, exp_square, is_traced
from .derived import ExpMinusSquare, ExpSquare

Array = Any

TWO_OVER_ROOT_PI = 1.1283791670955126
HALF_ROOT_PI = 0.886226925452758


class Erf(Primitive):
    """Error function, 2/√π ∫₀ˣ exp(−t²) dt."""

    meaning = "erf(x)"
    special = True
    ulps = 4
    ufuncs = (sc.erf,)

    def forward(x: Array) -> Array:
        return sc.erf(x)

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(ExpMinusSquare, TWO_OVER_ROOT_PI, x) if is_traced(x) else TWO_OVER_ROOT_PI * exp_minus_square(x)


class Erfc(Primitive):
    """Complementary error function, 1 − erf(x), accurate in its tail."""

    meaning = "erfc(x)"
    special = True
    ulps = 4
    ufuncs = (sc.erfc,)

    def forward(x: Array) -> Array:
        # SciPy's own tail takes exp(-x*x) of a rounded square: 500 ulps at x = 20.
        return np.where(x > 1.0, sc.erfcx(x) * exp_minus_square(x), sc.erfc(x))[()]

    def derivative(x: Array, y: Array) -> Array:
        if is_traced(x):
            return evaluate(ExpMinusSquare, -TWO_OVER_ROOT_PI, x)
        return -TWO_OVER_ROOT_PI * exp_minus_square(x)


class Erfi(Primitive):
    """Imaginary error function, 2/√π ∫₀ˣ exp(t²) dt."""

    meaning = "erfi(x)"
    special = True
    ulps = 4
    ufuncs = (sc.erfi,)

    def forward(x: Array) -> Array:
        # SciPy's is off by 12 ulps around 0.02; the series has positive terms only.
        square = np.minimum(x * x, 0.25)
        total = np.zeros_like(square)
        for k in range(12, 0, -1):
            total = square / k * (1.0 / (2 * k + 1) + total)
        return np.where(np.abs(x) < 0.5, TWO_OVER_ROOT_PI * (x + x * total), sc.erfi(x))[()]

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(ExpSquare, TWO_OVER_ROOT_PI, x) if is_traced(x) else TWO_OVER_ROOT_PI * exp_square(x)


class Erfinv(Primitive):
    """Inverse of the error function; poles at ±1."""

    meaning = "erfinv(x)"
    domain = "-1 < x and x < 1"
    special = True
    ulps = 4
    ufuncs = (sc.erfinv,)

    def forward(x: Array) -> Array:
        return sc.erfinv(x)

    def derivative(x: Array, y: Array) -> Array:
        return HALF_ROOT_PI * exp_square(y)
