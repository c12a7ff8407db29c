"""The difference oracle: right within its own estimate where functions are smooth, and open about where it is not."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradjury.engine.sweep import Execution
from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.sweeps import Plan
from gradjury.verifier.reading.reader import read
from gradjury.verifier.verdicts.differences import LEVELS, central, of_meaning, steps

from ..oracle.test_sweeps import drawn
from ..truth import NotReal, derivative

CALM = settings(deadline=None, print_blob=True, max_examples=100)


@pytest.mark.parametrize(
    ("function", "slope"),
    [(np.sin, math.cos), (np.exp, math.exp), (np.arctan, lambda x: 1 / (1 + x * x)), (np.square, lambda x: 2 * x)],
)
@pytest.mark.parametrize("x", [0.0, 1e-5, 0.3, -2.5, 40.0])
def test_smooth_functions(function, slope, x):
    found = central(function, x)
    assert abs(found.value - slope(x)) <= 1e-9 * (1 + abs(slope(x)))
    assert abs(found.value - slope(x)) <= 8 * found.error


@CALM
@given(st.integers(0, 10**6))
def test_the_estimate_is_rarely_far_below_the_error(index):
    tape, point = drawn(index, nodes=(3, 10))
    j = 0

    def values(moved):
        at = {name: np.full(moved.shape, x) for name, x in zip(tape.inputs, point, strict=True)}
        at[tape.inputs[j]] = moved
        return Execution(tape).forward(at)

    found = central(values, point[j])
    truth = float(derivative(tape, point, j))
    if found.error < 1e-6 * (1 + abs(truth)):
        assert abs(found.value - truth) <= 1e4 * found.error + 1e-7 * (1 + abs(truth))


@pytest.mark.parametrize("x", [-1e-300, 1e-8, 1e-3])
def test_long_steps_across_a_pole_do_not_convince(x):
    found = central(lambda y: x / y, x)
    assert abs(found.value - -1 / x) <= found.error
    assert found.error <= 1e-6 * abs(1 / x)


def test_what_cannot_be_computed_is_nan_with_an_infinite_error():
    assert math.isnan(central(lambda x: np.full(x.shape, np.nan), 1.0).value)
    assert central(lambda x: np.full(x.shape, np.nan), 1.0).error == math.inf
    assert central(np.sqrt, 0.0).error == math.inf


def test_a_constant_function_may_return_one_number():
    found = central(lambda x: 3.0, 1.0)
    assert found.value == 0.0


def test_a_kink_shows_in_the_value_and_not_in_the_estimate():
    """Why differences are no judge: at a kink the two sides cancel exactly."""
    assert central(np.abs, 0.0).value == 0.0
    assert central(np.abs, 1e-3).value == pytest.approx(1.0, abs=1e-6)


def test_float32_values_have_larger_errors():
    single = central(lambda x: np.sin(x.astype(np.float32)), 0.5, 2.0**-23)
    assert single.error > 1e-7
    assert abs(single.value - math.cos(0.5)) <= 8 * single.error


def test_steps_are_two_ladders():
    assert len(steps(3.0)) == 2 * LEVELS
    assert len(steps(0.0)) == LEVELS
    assert steps(1e10)[0] == 1e10 / 8
    assert steps(1e10)[LEVELS] == 0.125
    assert np.all(steps(-2.0) > 0)


@CALM
@example(20368)  # an argument so near a pole that 512 bits leave a ball of 1e25
@given(st.integers(0, 10**6))
def test_the_difference_of_the_meaning_is_the_derivative(index):
    tape, point = drawn(index, nodes=(3, 10))
    with balls.precision(512):
        found, _ = of_meaning(Plan(tape), [arb(x) for x in point], 0, -80)
    try:
        truth = derivative(tape, point, 0)
    except NotReal:
        return
    if found.is_finite():
        assert abs(float(found) - truth) <= 1e-15 * (1 + abs(truth)) + float(found.rad())


def test_the_difference_of_the_meaning_sees_no_rounding():
    """tanh′(20): floats see 0, 512 bits see 1.7e-17."""
    floats = central(np.tanh, 20.0)
    assert abs(floats.value) < 1e-15
    exact, _ = of_meaning(Plan(read("tanh(x)")), [arb(20)], 0, -80)
    assert float(exact) == pytest.approx(float(mp.sech(20) ** 2), rel=1e-12)


@pytest.mark.parametrize("x", [0.0, 1e-30, 3.0, -1e30])
def test_the_step_of_a_difference_of_the_meaning_is_of_the_size_of_the_point(x):
    """The slope of x·(x + 1): with a step of the size of 1, or of 0, it has no digit at 1e-30, or nowhere."""
    found, _ = of_meaning(Plan(read("x*(x + 1)")), [arb(x)], 0, -80)
    with balls.precision(256):
        assert abs(found - (2 * arb(x) + 1)) <= arb(2) ** -100 * (1 + abs(x))
