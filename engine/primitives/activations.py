"""Activation functions of neural networks, with derivatives that keep their digits in both tails.

Most are written in e = exp(−|x|), which cannot overflow and is small where cancellation would threaten.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from ..primitive import REGISTRY, Primitive
from ..ties import off_zero
from ..variable import Variable
from .accurate import below_0, evaluate, is_traced, scaled_erfc, times_exp_minus_half_square

Array = Any

ROOT_HALF = 0.7071067811865476
ONE_OVER_ROOT_TWO_PI = 0.3989422804014327

# Klambauer, Unterthiner, Mayr and Hochreiter, Self-normalizing neural networks (2017), appendix.
SELU_SCALE = 1.0507009873554805
SELU_SLOPE = 1.7580993408473768  # scale times alpha = 1.6732632423543772…

# Gelu, silu and mish fall to the left of a point x0 near -1 and rise to its right; beside it their slopes are small
# differences of large terms, so there they are sums a1 (x - x0) + a2 (x - x0)² + … (Taylor, by mpmath in 120 digits).
# x0 stands in three parts, the first of them a float32, so that x - x0 has all its digits.
RADIUS = 0.38
GELU_LEAST = (-0.7517915368080139, 1.211444945855772e-08, 2.869037074309186e-25)
SILU_LEAST = (-1.2784645557403564, 1.297928265020314e-08, 7.021703633367596e-25)
MISH_LEAST = (-1.1924312114715576, -3.043937594950088e-09, -1.347533203363815e-25)
# fmt: off
GELU_SLOPES = (
    0.4314939923140469, 0.388284982990552, -0.018199676398671087, -0.1140082332972217,
    -0.014771522148244337, 0.019421679838189067, 0.004539228379125415, -0.002239538068073497,
    -0.0007448268386746817, 0.00018633974623233514, 8.615947861116571e-05, -1.121438018842664e-05,
    -7.74846130700372e-06, 4.3284506257392273e-07, 5.702764979242107e-07, -1.6044265494246427e-09,
    -3.5459866461783865e-08, -1.396942086426202e-09, 1.90319840501314e-09, 1.4506418938779426e-10,
)
SILU_SLOPES = (
    0.2178117057198001, 0.1466487969969469, 0.018874814223782312, -0.015222655223188032,
    -0.006606589138356696, 0.000126627410081122, 0.0007985218818397998, 0.00018570724361186496,
    -4.090534237428612e-05, -2.9733542213263917e-05, -2.942631888842464e-06, 2.346029682463866e-06,
    8.599695028268575e-07, -3.051244750055421e-08, -9.266646309267441e-08, -1.8877622907727957e-08,
    4.619379769031606e-09, 2.9177603026903803e-09, 2.3648315053103244e-10, -2.251366201881081e-10,
)
MISH_SLOPES = (
    0.2669479140495345, 0.20473126408010586, 0.04190782104360987, -0.020271822716684245,
    -0.01582112656173338, -0.0033606849270232685, 0.0010924055409445854, 0.0009898181021289196,
    0.00025412936386191073, -4.1961496031696126e-05, -5.582891567360688e-05, -1.72992708103044e-05,
    9.427361327376651e-07, 2.9088199364912223e-06, 1.071676702702074e-06, 2.6879417855557728e-08,
    -1.4117255919499382e-07, -6.174424363104907e-08, -5.460186173028381e-09, 6.3895954615089855e-09,
)
# fmt: on


def _beside_least(x: Array, slope: Array, least: tuple[float, ...], coefficients: tuple[float, ...]) -> Array:
    """A derivative, by its Taylor sum where x is within ``RADIUS`` of the place where it is 0."""
    near = np.abs(x - least[0]) < RADIUS
    if not isinstance(x, Variable) and not np.any(near):
        return slope
    step = x - least[0] - least[1] - least[2]
    total = step * 0.0
    for coefficient in reversed(coefficients):
        total = (total + coefficient) * step
    return np.where(near, total, slope)[()]


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
        if is_traced(x):  # whose own derivative would be that of a difference at 0
            s = evaluate(REGISTRY["sech"], 0.5 * x)
            return 0.25 * s * s
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
        return evaluate(Sigmoid, -x)


class Softplus(Primitive):
    """log(1 + exp(x))."""

    meaning = "log(1 + exp(x))"

    def forward(x: Array) -> Array:
        return np.maximum(x, 0.0) + np.log1p(np.exp(below_0(x)))

    def derivative(x: Array, y: Array) -> Array:
        return evaluate(Sigmoid, x)


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
        if is_traced(x):  # of which only φ has a slope that lasts
            whole = 0.5 * evaluate(REGISTRY["erfc"], -ROOT_HALF * x)
            slope = whole + times_exp_minus_half_square(ONE_OVER_ROOT_TWO_PI * x, x)
            return _beside_least(x, slope, GELU_LEAST, GELU_SLOPES)
        below = below_0(x)
        factor = 0.5 * scaled_erfc(-ROOT_HALF * below) + ONE_OVER_ROOT_TWO_PI * below
        tail = times_exp_minus_half_square(factor, x)
        return _beside_least(x, np.where(x < 0.0, tail, 1.0 - tail)[()], GELU_LEAST, GELU_SLOPES)


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
        slope = np.where(x < 0.0, left, (1.0 + x * e / (1.0 + e)) / (1.0 + e))[()]
        return _beside_least(x, slope, SILU_LEAST, SILU_SLOPES)


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
        if is_traced(x):  # (1 + 2e)/above is 1 but for e², and so is its slope
            right = 1.0 + e * (e * x * (4.0 * (1.0 + e) / above) - 2.0 * e) / above
        return _beside_least(x, np.where(x < 0.0, left, right)[()], MISH_LEAST, MISH_SLOPES)


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
