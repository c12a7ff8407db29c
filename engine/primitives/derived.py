"""Derivatives that are recorded whole where a rule is traced, with derivatives that are of their own kind.

What a formula records step by step is differentiated step by step: between factors of which some are infinite or
subnormal where their product is neither, a slope is ∞ − ∞ or has lost its digits. So each of these functions carries a
factor, into which its derivative puts what it is multiplied by: only the last product leaves the floats, and with the
result.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ..primitive import Primitive
from ..tape import constant_as_float
from .accurate import (
    PI,
    evaluate,
    is_traced,
    pick,
    sine_and_cosine_of_square,
    times_exp_minus_square,
    times_exp_square,
)
from .incomplete import times_integrand

Array = Any


class ExpSquare(Primitive, register=False):
    """factor·exp(x²)."""

    name = meaning = "factor*exp(x**2)"

    def forward(factor: Array, x: Array) -> Array:
        return times_exp_square(factor, x)

    def derivative(factor: Array, x: Array, y: Array) -> tuple[Array, Array]:
        return evaluate(ExpSquare, 1.0, x), evaluate(ExpSquare, 2.0 * (factor * x), x)


class ExpMinusSquare(Primitive, register=False):
    """factor·exp(−x²)."""

    name = meaning = "factor*exp(-x**2)"

    def forward(factor: Array, x: Array) -> Array:
        return times_exp_minus_square(factor, x)

    def derivative(factor: Array, x: Array, y: Array) -> tuple[Array, Array]:
        return evaluate(ExpMinusSquare, 1.0, x), evaluate(ExpMinusSquare, -2.0 * (factor * x), x)


class SineOfSquare(Primitive, register=False):
    """sin(πx²/2)."""

    name = meaning = "sin(pi*x**2/2)"

    def forward(x: Array) -> Array:
        return sine_and_cosine_of_square(x)[0]

    def derivative(x: Array, y: Array) -> Array:
        return PI * (x * evaluate(CosineOfSquare, x))


class CosineOfSquare(Primitive, register=False):
    """cos(πx²/2)."""

    name = meaning = "cos(pi*x**2/2)"

    def forward(x: Array) -> Array:
        return sine_and_cosine_of_square(x)[1]

    def derivative(x: Array, y: Array) -> Array:
        return -PI * (x * evaluate(SineOfSquare, x))


class OneOverLog(Primitive, register=False):
    """1/log(x)."""

    name = meaning = "1/log(x)"

    def forward(x: Array) -> Array:
        return 1.0 / np.log(x)

    def derivative(x: Array, y: Array) -> Array:
        return -y * y / x


class Integrand(Primitive, register=False):
    """factor·x**(s − m)·exp(−x) for a whole m: s − m would be rounded, and that error times log x may be large."""

    name = meaning = "factor*x**(s - m)*exp(-x)"
    opaque = ("s",)

    def forward(factor: Array, s: Array, x: Array, *, m: float) -> Array:
        return times_integrand(factor, s, x, m)

    def derivative(factor: Array, s: Array, x: Array, y: Array, *, m: float) -> tuple[Array, Array, Array]:
        flat = evaluate(Integrand, -factor, s, x, m=m)  # the slope where the power is 1
        slope = pick(s == m, flat, evaluate(Integrand, factor * ((s - m) - x), s, x, m=m + 1.0))
        return evaluate(Integrand, 1.0, s, x, m=m), np.nan, slope


class Power(Primitive, register=False):
    """factor·x**(c + rest), where c is the float next to the exponent, and the rest what is left of it."""

    name = meaning = "factor*x**(c + rest)"

    def forward(x: Array, *, factor: float, c: float, rest: float) -> Array:
        half = np.abs(x) ** (0.5 * c)  # as last factor it leaves the product all its digits to the end
        if rest:
            half = half * np.where(x == 0.0, 1.0, np.abs(x)) ** (0.5 * rest)
        parity = np.mod(c, 2.0) + np.mod(rest, 2.0)
        left = 1.0 - 2.0 * np.mod(parity, 2.0) if parity == np.floor(parity) else np.nan
        return (factor * half * np.where(x < 0.0, left, 1.0).astype(np.result_type(x)) * half)[()]

    def derivative(x: Array, y: Array, *, factor: float, c: float, rest: float) -> Array:
        exponent = Fraction(float(c)) + Fraction(float(rest))
        if not np.isfinite(factor):  # the product of exponents is beyond the floats
            return factor * lowered(x, exponent, exponent - 1, type(c))
        return lowered(x, Fraction(float(factor)) * exponent, exponent - 1, type(c)) if exponent else 0.0


def lowered(x: Array, factor: Fraction, exponent: Fraction, kind: Callable[[float], Any]) -> Array:
    """factor·x**exponent, recorded or as a number, of the exponent in two parts.

    Args:
        kind: the floating type of the sweeps.
    """
    c = Fraction(float(kind(constant_as_float(exponent))))
    exact = {"factor": factor, "c": c, "rest": exponent - c}
    if is_traced(x):
        return evaluate(Power, x, **exact)
    return Power.forward(x, **{name: kind(constant_as_float(number)) for name, number in exact.items()})
