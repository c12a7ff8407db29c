"""Activation functions of neural networks, with derivatives that keep their digits in both tails.

Most are written in e = exp(−|x|), which cannot overflow and is small where cancellation would threaten.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from ..primitive import Primitive
from ..ties import off_zero
from .accurate import below_0, scaled_erfc, times_exp_minus_half_square

Array = Any

ROOT_HALF = 0.7071067811865476
ONE_OVER_ROOT_TWO_PI = 0.3989422804014327

# Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017), appendix.
SELU_SCALE = 1.0507009873554805
SELU_SLOPE = 1.7580993408473768  # scale times alpha = 1.6732632423543772…


def _sigmoid(x: Array) -> Array:
    e = np.exp(below_0(x))  # SciPy's expit takes exp(-x), which overflows at -710, where the value is 5e-309
    return (np.where(x < 0.0, e, 1.0) / (1.0 + e))[()]


class Sigmoid(Primitive):
    """Logistic function 1/(1 + exp(−x))."""

    meaning = "1/(1 + exp(-x))"
    ufuncs = (special.expit,)
    aliases = ("expit",)

    def forward(x: Array) -> Array:
        return _sigmoid(x)

    def derivative(x: Array, y: Array) -> Array:
        e = np.exp(below_0(x))  # y*(1 - y) is 0 from x = 37 on
        return e / ((1.0 + e) * (1.0 + e))


class Logsigmoid(Primitive):
    """Logarithm of the sigmoid, −log(1 + exp(−x))."""

    meaning = "-log(1 + exp(-x))"
    ufuncs = (special.log_expit,)
    aliases = ("log_expit",)

    def forward(x: Array) -> Array:
        return np.minimum(x, 0.0) - np.log1p(np.exp(below_0(x)))

    def derivative(x: Array, y: Array) -> Array:
        return _sigmoid(-x)


class Softplus(Primitive):
    """log(1 + exp(x))."""

    meaning = "log(1 + exp(x))"

    def forward(x: Array) -> Array:
        return np.maximum(x, 0.0) + np.log1p(np.exp(below_0(x)))

    def derivative(x: Array, y: Array) -> Array:
        return _sigmoid(x)


class Relu(Primitive):
    """max(x, 0); derivative 1/2 at 0."""

    meaning = "Max(x, 0)"
    kinks = "x == 0"
    ulps = 0
    chooses = True

    def forward(x: Array) -> Array:
        return np.maximum(x, 0.0)

    def derivative(x: Array, y: Array) -> Array:
        return np.heaviside(x, 0.5)

    def tied(x: Array) -> Array:
        return x == 0.0

    beside = off_zero


class LeakyRelu(Primitive):
    """x for x > 0, else slope·x, slope 0.01 where none is given; derivative (1 + slope)/2 at 0."""

    name = "leaky_relu"
    meaning = "Piecewise((x, x > 0), (slope*x, True))"
    kinks = "x == 0"
    ulps = 1

    def forward(x: Array, *, slope: float) -> Array:
        return np.where(x > 0.0, x, slope * x)[()]

    def derivative(x: Array, y: Array, *, slope: float) -> Array:
        return np.where(x > 0.0, 1.0, np.where(x < 0.0, slope, 0.5 * (1.0 + slope)))[()]

    def tied(x: Array, *, slope: float) -> Array:
        return x == 0.0

    beside = off_zero


class Elu(Primitive):
    """x for x > 0, else alpha·(exp(x) − 1), alpha 1 where none is given; derivative (1 + alpha)/2 at 0."""

    meaning = "Piecewise((x, x > 0), (alpha*(exp(x) - 1), True))"
    kinks = "x == 0"

    def forward(x: Array, *, alpha: float) -> Array:
        return np.where(x > 0.0, x, alpha * np.expm1(np.minimum(x, 0.0)))[()]

    def derivative(x: Array, y: Array, *, alpha: float) -> Array:
        left = alpha * np.exp(np.minimum(x, 0.0))
        return np.where(x > 0.0, 1.0, np.where(x < 0.0, left, 0.5 * (1.0 + left)))[()]

    def tied(x: Array, *, alpha: float) -> Array:
        return x == 0.0

    beside = off_zero


class Selu(Primitive):
    """Self-normalising unit: scale·x for x > 0, else scale·alpha·(exp(x) − 1); the mean slope at 0."""

    meaning = (
        "Piecewise((Rational(10507009873554804934193349852946, 10**31)*x, x > 0), "
        "(Rational(10507009873554804934193349852946, 10**31)"
        "*Rational(16732632423543772848170429916717, 10**31)*(exp(x) - 1), True))"
    )
    kinks = "x == 0"

    def forward(x: Array) -> Array:
        return np.where(x > 0.0, SELU_SCALE * x, SELU_SLOPE * np.expm1(np.minimum(x, 0.0)))[()]

    def derivative(x: Array, y: Array) -> Array:
        left = SELU_SLOPE * np.exp(np.minimum(x, 0.0))
        return np.where(x > 0.0, SELU_SCALE, np.where(x < 0.0, left, 0.5 * (SELU_SCALE + left)))[()]

    def tied(x: Array) -> Array:
        return x == 0.0

    beside = off_zero


class Gelu(Primitive):
    """x·Φ(x) with Φ the normal distribution function, by erf, not by tanh."""

    meaning = "x*erfc(-x/sqrt(2))/2"

    def forward(x: Array) -> Array:
        tail = times_exp_minus_half_square(0.5 * x * scaled_erfc(-ROOT_HALF * below_0(x)), x)
        return np.where(x < -1.0, tail, 0.5 * x * special.erfc(-ROOT_HALF * x))[()]

    def derivative(x: Array, y: Array) -> Array:
        # Φ(x) + x·φ(x); both terms of the left tail have the factor exp(−x²/2), which is put outside.
        below = below_0(x)
        factor = 0.5 * scaled_erfc(-ROOT_HALF * below) + ONE_OVER_ROOT_TWO_PI * below
        tail = times_exp_minus_half_square(factor, x)
        return np.where(x < 0.0, tail, 1.0 - tail)[()]


class Silu(Primitive):
    """x·sigmoid(x), also called swish."""

    meaning = "x/(1 + exp(-x))"
    aliases = ("swish",)

    def forward(x: Array) -> Array:
        half, e = _decay(x)
        return np.where(x < 0.0, x * half / (1.0 + e) * half, x / (1.0 + e))[()]

    def derivative(x: Array, y: Array) -> Array:
        half, e = _decay(x)
        left = (1.0 + x / (1.0 + e)) / (1.0 + e) * half * half
        return np.where(x < 0.0, left, (1.0 + x * e / (1.0 + e)) / (1.0 + e))[()]


class Mish(Primitive):
    """x·tanh(softplus(x)), where the tanh is (e² + 2e)/(e² + 2e + 2) of e = exp(x)."""

    meaning = "x*tanh(log(1 + exp(x)))"

    def forward(x: Array) -> Array:
        half, e = _decay(x)
        left = x * half * (2.0 + e) / (2.0 + e * (2.0 + e)) * half
        return np.where(x < 0.0, left, x * ((1.0 + 2.0 * e) / (1.0 + 2.0 * e * (1.0 + e))))[()]

    def derivative(x: Array, y: Array) -> Array:
        half, e = _decay(x)
        below = 2.0 + e * (2.0 + e)
        left = ((2.0 + e) * half + x * half * (4.0 * (1.0 + e) / below)) / below * half
        above = 1.0 + 2.0 * e * (1.0 + e)
        right = ((1.0 + 2.0 * e) + x * (4.0 * e * e * (1.0 + e) / above)) / above
        return np.where(x < 0.0, left, right)[()]


def _decay(x: Array) -> tuple[Array, Array]:
    """exp(−|x|/2) and its square: as last factors they leave a product all its digits to the end."""
    half = np.exp(0.5 * below_0(x))
    return half, half * half


class Softsign(Primitive):
    """x/(1 + |x|)."""

    meaning = "x/(1 + Abs(x))"

    def forward(x: Array) -> Array:
        return x / (1.0 + np.abs(x))

    def derivative(x: Array, y: Array) -> Array:
        d = 1.0 + np.abs(x)
        return 1.0 / d / d
