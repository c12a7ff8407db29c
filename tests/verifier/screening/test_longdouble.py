"""Kernels in longdouble against Arb: the platform's functions, and every primitive that has a kernel."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from gradjury.engine import REGISTRY
from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.rules import rule_of
from gradjury.verifier.screening import longlibrary
from gradjury.verifier.screening.longdouble import LIBRARY_UNITS, MOST_UNITS, Kernel, NoKernel, kernel_of
from gradjury.verifier.screening.longlibrary import as_longdouble

pytestmark = pytest.mark.skipif(not longlibrary.IS_WIDER, reason="longdouble is no wider IEEE format than double here")

BITS = 200

#: Where a library function is real.
INTERVALS = {"log": (1e-3, 50), "asin": (-1, 1), "acos": (-1, 1), "acosh": (1, 50), "atanh": (-1, 1), "sec": (-1, 1)}


def exactly(x):
    """The ball of a longdouble, which takes two doubles."""
    high = float(x)
    return arb(high) + arb(float(x - np.longdouble(high)))


def units(computed, exact):
    """The distance in units of 2**-64 of the exact value."""
    with balls.precision(BITS):
        truth = as_longdouble(exact)
        return float(abs(computed - truth) / abs(truth)) * 2.0**64 if truth else 0.0 if computed == 0 else np.inf


def numbers(low, high, count, seed=0):
    rng = np.random.default_rng(seed)
    spread = rng.uniform(low, high, count) * 10.0 ** rng.uniform(-6, 0, count)
    x = np.clip(spread, low, high).astype(np.longdouble)
    return x + x * rng.uniform(-1, 1, count) * 2.0**-58


@pytest.mark.parametrize("function", list(longlibrary.FUNCTIONS), ids=lambda f: f.__name__)
def test_the_platforms_functions_keep_the_accuracy_that_is_trusted(function):
    low, high = INTERVALS.get(function.__name__, (-12, 12))
    x = numbers(low, high, 300)
    with np.errstate(all="ignore"):
        y = longlibrary.FUNCTIONS[function](x)
    with balls.precision(BITS):
        exact = [balls.FUNCTIONS[function](exactly(a)) for a in x]
    worst = max(units(b, t) for b, t in zip(y, exact, strict=True) if t.is_finite())
    assert worst <= LIBRARY_UNITS / 2


def rule_named(name):
    primitive = REGISTRY[name]
    consts = ("<",) if primitive.constants == ("relation",) else tuple(Fraction(3, 2) for _ in primitive.constants)
    return rule_of(primitive, consts)


KERNELS = [name for name in REGISTRY if kernel_of(rule_named(name)) is not None]


def test_most_elementary_primitives_have_a_kernel():
    assert {"add", "sub", "mul", "div", "powc", "exp", "log", "tanh", "sigmoid", "maximum", "where", "erf"} <= set(
        KERNELS
    )


@pytest.mark.parametrize("name", KERNELS)
def test_values_and_local_derivatives_are_as_good_as_claimed(name):
    rule = rule_named(name)
    kernel = kernel_of(rule)
    columns = [np.append(numbers(-4, 4, 40, k), 1 + numbers(0, 3, 20, k)) for k, _ in enumerate(rule.symbols)]
    with np.errstate(all="ignore"):
        value, *others = kernel.function(*columns)
    pairs = [(value, rule.value)]
    pairs += [(others[place], rule.partials[k]) for k, (_, place) in enumerate(kernel.ways) if place >= 0]
    checked = 0
    for i in range(60):
        if not all(np.broadcast_to(distance, 60)[i] > 0 for distance in others[kernel.locals :]):
            continue
        with balls.precision(BITS):
            x = [exactly(column[i]) for column in columns]
            truths = [function(*x) for _, function in pairs]
        for (computed, _), truth in zip(pairs, truths, strict=True):
            if truth.is_finite():
                assert units(computed[i], truth) <= MOST_UNITS
                checked += 1
    assert checked > 10


@pytest.mark.parametrize("name", [name for name in KERNELS if kernel_of(rule_named(name)).pairs])
def test_bends_are_the_slopes_of_the_local_derivatives(name):
    rule = rule_named(name)
    kernel = kernel_of(rule)
    columns = [
        np.append(numbers(-4, 4, 40, k), 1 + numbers(0, 3, 20, k)).astype(float) for k in range(len(kernel.ways))
    ]
    with np.errstate(all="ignore"):
        value, *others = kernel.function(*[column.astype(np.longdouble) for column in columns])
        given = [a.astype(float) for a in (value, *others[: kernel.locals])]
        bends = kernel.bends(*columns, *given)
    checked, step = 0, 2.0**-40
    for (of, by), bend in zip(kernel.pairs, bends, strict=True):
        for i in range(60):
            with balls.precision(BITS):
                below, above = ([arb(float(column[i])) for column in columns] for _ in range(2))
                below[by], above[by] = below[by] - step, above[by] + step
                slope = (rule.partials[of](*above) - rule.partials[of](*below)) / (2 * step)
            if slope.is_finite() and np.isfinite(bend[i]):
                assert abs(bend[i]) == pytest.approx(abs(float(slope)), rel=1e-4, abs=1e-9)
                checked += 1
    assert checked > 10


@pytest.mark.parametrize("name", ["silu", "sinc", "gamma", "floor"])
def test_what_cancels_or_is_not_in_longdouble_has_no_kernel(name):
    rule = rule_of(REGISTRY[name])
    assert kernel_of(rule) is None
    with pytest.raises(NoKernel):
        Kernel(rule)
