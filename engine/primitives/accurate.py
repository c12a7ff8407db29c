"""Pieces that rules share: squares in exponents and phases that keep every digit, and rules within rules.

``exp(-x*x)`` from a rounded square is off by x² units in the last place. All helpers are plain NumPy on
float32 or float64, element by element, and may be traced.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special as sc

from ..primitive import Primitive
from ..variable import Variable, exact

Array = Any

PI = 3.141592653589793
HALF_PI = 1.5707963267948966

#: Beyond this exp(-x²) is 0 and exp(x²) infinite in either precision; a power of two keeps the split exact.
FLAT = 64.0


def evaluate(primitive: type[Primitive], *arguments: Array, **constants: Any) -> Array:
    """A primitive's value on numbers, or its record on Variables: how a rule names another function."""
    for argument in arguments:
        if isinstance(argument, Variable):
            consts = tuple(exact(constants[name]) for name in primitive.constants)
            return argument._apply(primitive, *arguments, consts=consts)
    return primitive.forward(*arguments, **constants)


def pick(condition: Array, chosen: Array, otherwise: Array) -> Array:
    """np.where on a condition that holds no Variable: of traced branches it records the one that counts."""
    if isinstance(chosen, Variable) or isinstance(otherwise, Variable):
        return chosen if condition else otherwise
    picked: Array = np.where(condition, chosen, otherwise)
    return picked[()]


def is_traced(x: Array) -> bool:
    """Whether a rule is being recorded, to be differentiated again: of a formula that loses its digits there, another.

    A symbol that goes through a rule for its proof is none of that kind: what is proved is the rule that is run.
    """
    return x.__class__ is Variable


def one_minus_square(x: Array) -> Array:
    """1 − x² to a few ulps beside ±1; where it is traced, with a slope that is so beside 0."""
    product = (1.0 - x) * (1.0 + x)
    return np.where(np.abs(x) < 0.4987, 1.0 - x * x, product) if is_traced(x) else product


def _square(x: Array) -> tuple[Array, Array]:
    """x² as an exact head (h², h a multiple of 1/64) and a tail below 1/2 wherever exp(±x²) is finite."""
    x = np.minimum(np.maximum(x, -FLAT), FLAT)
    head = np.floor(x * FLAT + 0.5) / FLAT
    return head * head, (x - head) * (x + head)


def exp_minus_square(x: Array) -> Array:
    """exp(−x²) to a few ulps at any x."""
    head, tail = _square(x)
    return np.exp(-head) * np.exp(-tail)


def times_exp_minus_square(factor: Array, x: Array) -> Array:
    """factor·exp(−x²) to a few ulps at any x, also where only the exponential is subnormal."""
    head, tail = _square(x)
    half = np.exp(-0.5 * head)
    return np.where(np.abs(x) > FLAT, 0.0, half * factor * np.exp(-tail) * half)[()]


def times_exp_square(factor: Array, x: Array) -> Array:
    """factor·exp(x²) to a few ulps at any x, also where only the exponential is infinite."""
    head, tail = _square(x)
    half = np.exp(0.5 * head)
    return half * factor * np.exp(tail) * half


def times_exp_minus_half_square(factor: Array, x: Array) -> Array:
    """factor·exp(−x²/2) to a few ulps at any x, also where only the exponential is subnormal."""
    head, tail = _square(x)
    first = np.minimum(head, 128.0)
    product = factor * np.exp(-0.5 * first)
    product = product + product * np.expm1(-0.5 * tail)  # one rounding less than a factor exp(-tail/2)
    return product * np.exp(-0.5 * (head - first))


def exp_square(x: Array) -> Array:
    """exp(x²) to a few ulps at any x."""
    head, tail = _square(x)
    return np.exp(head) * np.exp(tail)


def half_turns_of_square(x: Array) -> tuple[Array, Array]:
    """x² modulo 4 as (sign, rest): sin(πx²/2) = sign·sin(π·rest/2) with |rest| ≤ 1, likewise the cosine.

    The square is exact (Dekker 1971), so the rest has a small relative error however large x is.
    """
    wide = np.float32 if getattr(x, "dtype", None) == np.float32 else np.float64
    even = 2.0**24 if wide is np.float32 else 2.0**53  # from here on every float is even, its square 0 modulo 4
    x = np.where(np.abs(x) < even, x, 0.0 * x)
    scaled = x * (4097.0 if wide is np.float32 else 134217729.0)
    head = scaled - (scaled - x)
    tail = x - head
    square = x * x
    error = ((head * head - square) + 2.0 * head * tail) + tail * tail
    turns = np.floor(0.5 * square + 0.5)
    rest = square - 2.0 * turns
    error_turns = np.floor(0.5 * error + 0.5)
    error = error - 2.0 * error_turns
    last = np.floor(0.5 * (rest + error) + 0.5)
    rest = (rest - 2.0 * last) + error
    odd = np.mod(turns, 2.0) + np.mod(error_turns, 2.0) + np.mod(last, 2.0)
    return 1.0 - 2.0 * np.mod(odd, 2.0), rest


def sine_and_cosine_of_square(x: Array) -> tuple[Array, Array]:
    """sin and cos of πx²/2, exactly 0 where they are."""
    sign, rest = half_turns_of_square(x)
    size = np.abs(rest)  # not under the cosine: where it is traced, |x| squared has no curvature at 0
    cosine = np.where(size > 0.5, np.sin(HALF_PI * (1.0 - size)), np.cos(HALF_PI * rest))[()]
    return sign * np.sin(HALF_PI * rest), sign * cosine


def below_0(x: Array) -> Array:
    """−|x| in formulas that are smooth at 0 though |x| is not: it has the slope of x > 0 there."""
    return np.where(x < 0.0, x, -x)[()]


def scaled_erfc(x: Array) -> Array:
    """exp(x²)·erfc(x), on Variables as that product."""
    return np.exp(x * x) * sc.erfc(x) if isinstance(x, Variable) else sc.erfcx(x)


def _half_turns(x: Array) -> tuple[Array, Array]:
    """(−1)^n and the exact x − n for the integer n nearest to x."""
    nearest = np.floor(x + 0.5)
    nearest = nearest + np.floor((x - nearest) + 0.5)  # x + 0.5 is rounded where x is large or just below 0.5
    return 1.0 - 2.0 * np.mod(nearest, 2.0), x - nearest


def sin_pi(x: Array) -> Array:
    """sin(πx), exactly 0 at the integers."""
    sign, rest = _half_turns(x)
    return sign * np.sin(PI * rest)


def cos_pi(x: Array) -> Array:
    """cos(πx), exactly 0 half-way between the integers."""
    sign, rest = _half_turns(x)
    size = np.abs(rest)  # not under the cosine: where it is traced, |x| squared has no curvature at 0
    return sign * np.where(size > 0.25, np.sin(PI * (0.5 - size)), np.cos(PI * rest))


def in_doubles(n: Array, x: Array) -> tuple[Any, Any, np.dtype[Any]]:
    """Order and argument as doubles of one shape, and the type in which the result goes out."""
    dtype = np.result_type(n, x)
    n, x = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(x, dtype=np.float64))
    return n, x, dtype
