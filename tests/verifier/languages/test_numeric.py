"""Verdicts from values alone: right numbers are never called wrong, and far ones are."""

from __future__ import annotations

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradjury.verifier.languages.numeric import Witness, by_difference
from gradjury.verifier.languages.quotients import FAR, SHARP, Evidence, Quotients
from gradjury.verifier.verdicts.differences import Difference

FUNCTIONS: list[tuple[Callable, Callable]] = [
    (np.sin, mpmath.sin),
    (np.exp, mpmath.exp),
    (np.tanh, mpmath.tanh),
    (np.cbrt, mpmath.cbrt),
    (lambda x: np.sin(50 * x), lambda x: mpmath.sin(50 * x)),
    (lambda x: np.sin(x) + 1e8, lambda x: mpmath.sin(x) + 10**8),
    (lambda x: np.sin(1e6 * x), lambda x: mpmath.sin(10**6 * x)),
    (lambda x: 1 / (x - 0.1001), lambda x: 1 / (x - mpmath.mpf(0.1001))),
    (lambda x: x**2 * np.sin(1 / x), lambda x: x**2 * mpmath.sin(1 / x)),
]


def found(function: Callable, x: float, g: float, unit: float = 2.0**-52):
    with np.errstate(all="ignore"):
        return Witness(lambda moved: np.asarray(function(moved))[:, None], x, unit).judge(0, g)


@given(st.sampled_from(FUNCTIONS), st.floats(0.001, 30))
@example(FUNCTIONS[6], 16.348097070003327)  # where coarse steps happen to agree on another slope
@settings(max_examples=300, deadline=None)
def test_a_right_number_is_never_accused(pair: tuple[Callable, Callable], x: float) -> None:
    function, exact = pair
    with mpmath.workdps(60):
        g = float(mpmath.diff(exact, mpmath.mpf(x)))
    assert found(function, x, g).verdict in ("agree", "undecided")


@pytest.mark.parametrize(("large", "steep", "x"), [(1.0, 1e12, 1e-13), (10.0, 1e9, 1e-10), (1e3, 1e8, 1e-8)])
def test_what_shorter_steps_refute_is_no_evidence(large: float, steep: float, x: float) -> None:
    """From afar the slope is 1 to many digits; near the point it is about 2, which values resolve to few."""
    with mpmath.workdps(60):
        slope = float(1 + mpmath.sech(mpmath.mpf(steep) * mpmath.mpf(x)) ** 2)
    verdict, difference, _ = found(lambda t: large + t + np.tanh(steep * t) / steep, x, slope)
    assert verdict in ("agree", "undecided")
    assert abs(difference.value - slope) <= difference.error


CUSPS: list[tuple[Callable, Callable]] = [
    (lambda x: 1 + np.sqrt(np.abs(x)), lambda x: 1 + mpmath.sqrt(abs(x))),
    (lambda x: 3 + x + np.cbrt(x * x), lambda x: 3 + x + mpmath.cbrt(x * x)),
    (lambda x: (np.sqrt(np.abs(x)) + 1) ** 2, lambda x: (mpmath.sqrt(abs(x)) + 1) ** 2),
]


@given(st.sampled_from(CUSPS), st.floats(-45, -1), st.sampled_from([-1, 1]))
@example(CUSPS[2], -45.0, 1)
@settings(max_examples=200, deadline=None)
def test_a_right_number_beside_a_cusp_is_never_accused(
    pair: tuple[Callable, Callable], power: float, sign: int
) -> None:
    """Central differences reach over the cusp, where as much falls as rises."""
    function, exact = pair
    x = sign * 10.0**power
    with mpmath.workdps(120):
        g = float(mpmath.diff(exact, mpmath.mpf(x), h=mpmath.mpf(x) * mpmath.mpf(10) ** -30))
    assert found(function, x, g).verdict in ("agree", "undecided")
    assert found(function, x, 0.0).verdict in ("wrong", "undecided")
    assert not abs(found(function, x, g).difference.value - g) > found(function, x, g).difference.error


@pytest.mark.parametrize("x", [1.0, 2.0, 7.0])
def test_values_that_have_lost_digits_are_no_cusp(x: float) -> None:
    """A determinant near 0, by elimination: its rounding is that of its terms, not of its value."""

    def determinant(t):
        return t * (4 - 2 / t * (2 * x))

    assert found(determinant, x, 4.0).verdict in ("agree", "undecided")
    assert found(determinant, x, 0.0).verdict == "wrong"


@pytest.mark.parametrize("factor", [-1.0, 0.0, 1.0009, 1 + 1e-5])
@pytest.mark.parametrize("x", [-2.0, 0.3, 1e-3])
def test_a_wrong_number_is_accused(factor: float, x: float) -> None:
    verdict, difference, reason = found(np.exp, x, factor * math.exp(x))
    assert verdict == "wrong"
    assert abs(difference.value - math.exp(x)) <= difference.error
    assert reason.startswith("differences give")
    assert found(np.exp, x, math.exp(x)).verdict == "agree"


@pytest.mark.parametrize(
    ("function", "x", "slopes"),
    [
        (np.abs, 0.0, (-1.0, 1.0)),
        (lambda x: np.maximum(x, 2 * x - 1), 1.0, (1.0, 2.0)),
        (lambda x: 1e3 + np.sin(x) + np.abs(x - 0.5), 0.5, (math.cos(0.5) - 1, math.cos(0.5) + 1)),
        (lambda x: np.minimum(np.exp(x), 1 - x), 0.0, (1.0, -1.0)),
    ],
)
def test_between_the_slopes_of_a_kink_any_number_is_a_choice(function: Callable, x: float, slopes) -> None:
    for part in (0.0, 0.25, 1.0):
        verdict, _, reason = found(function, x, slopes[0] * (1 - part) + slopes[1] * part)
        assert verdict == "kink"
        assert reason.startswith("differences give")
        assert reason.endswith("the number lies between")
    assert found(function, x, max(slopes) + 0.5).verdict == "undecided"
    assert found(function, x, min(slopes) - 0.5).verdict == "undecided"


@pytest.mark.parametrize("g", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_accused(g: float) -> None:
    assert found(np.exp, 1.0, g).verdict == "nonfinite"


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (lambda x: np.abs(x - 1), 1.0 + 1e-13),
        (np.sign, 0.0),
        (np.sqrt, 0.0),
        (np.log, -1.0),
        (lambda x: np.where(np.isnan(x), 0, np.nan), 1.0),
        (lambda x: np.random.default_rng(0).normal(size=np.shape(x)), 1.0),
    ],
)
@pytest.mark.parametrize("g", [0.0, 1.0, 5.0, -3.0])
def test_where_differences_see_nothing_nothing_is_claimed(function: Callable, x: float, g: float) -> None:
    assert found(function, x, g).verdict == "undecided"


@pytest.mark.parametrize(("g", "verdict"), [(0.0, "undecided"), (1.0, "undecided"), (5.0, "wrong"), (-3.0, "wrong")])
def test_a_cast_has_two_slopes_and_no_third(g: float, verdict: str) -> None:
    assert found(np.float32, 0.3, g).verdict == verdict


def test_cancellation_leaves_a_number_undecided() -> None:
    assert found(lambda x: np.sin(x) + 1e10, 1.0, math.cos(1.0)).verdict == "undecided"
    assert found(lambda x: np.sin(x) + 1e10, 1.0, 2.0).verdict == "undecided"
    assert found(lambda x: np.sin(x) + 1e4, 1.0, 2.0).verdict == "wrong"


def test_the_rule_at_its_thresholds() -> None:
    def verdict(g: float, d: Difference, left: Difference | None = None, steepest: float = 1.0) -> str:
        quotients = Quotients(Witness(lambda moved: steepest * moved[:, None], 0.0, 2.0**-52), 0)
        return by_difference(g, Evidence(d, left or d, d, SHARP), quotients).verdict

    d = Difference(1.0, 1e-10)
    for off, expected in ((1e-10, "agree"), (1e-8, "undecided"), (0.9 * FAR * 1e-10, "undecided"), (1e-5, "wrong")):
        assert verdict(1 + off, d) == expected
    assert verdict(2.0, d, left=Difference(0.5, 1e-10)) == "undecided"
    blunt = Difference(1.0, 2e-4)
    assert verdict(1.0, blunt) == "undecided"
    assert verdict(2.0, blunt) == "undecided"
    assert verdict(2.0, blunt, steepest=100.0) == "wrong"


def test_a_constant_has_the_derivative_0() -> None:
    assert found(lambda x: np.full(np.shape(x), 5.0), 1.0, 0.0).verdict == "agree"
    assert found(lambda x: np.full(np.shape(x), 5.0), 1.0, 1e-3).verdict == "wrong"
    assert found(lambda x: np.full(np.shape(x), 5.0), 1.0, 1e-9).verdict == "undecided"


@given(st.floats(-30, 30), st.floats(0.01, 3.0), st.sampled_from([-2.5, 0.0, 0.1, 3.0]))
@example(1e-320, 1.0, 0.0)  # a point to which no shorter steps than itself can be added
@example(-1.0, 3.0, 0.1)  # values far below the point: the sum's rounding is too large for them
@settings(max_examples=300, deadline=None)
def test_on_a_step_the_derivative_is_0(x: float, width: float, offset: float) -> None:
    def staircase(moved):
        return np.round(moved / width) + offset

    from_a_jump = abs((x / width) % 1 - 0.5) * width
    assert found(staircase, x, 0.0).verdict in ("agree", "undecided")
    passed = found(lambda v: v + (staircase(v) - v), x, 1.0).verdict
    assert passed in ("wrong", "undecided")
    if from_a_jump > max(abs(x) / 8, 0.125):  # no step meets it
        value = staircase(x)
        assert passed == "wrong" or 0 < abs(value) < abs(x) / 4  # the rounding of x drowns such a value
        assert found(staircase, x, math.nan).verdict == "nonfinite"
        assert found(staircase, x, 0.0).verdict == "agree"


@given(st.sampled_from([-700.0, -100.0, -45.0, -38.0, -30.0, -20.0]), st.floats(0.5, 1.0), st.sampled_from([0.0, 1.0]))
@settings(max_examples=200, deadline=None)
def test_a_slope_that_rounding_has_swallowed_is_not_accused(x: float, part: float, offset: float) -> None:
    x *= part
    slope = math.exp(x) / (1 + math.exp(x))
    for function, g in (
        (lambda v: np.log(1 + np.exp(v)) + offset, slope),
        (lambda v: 1 / (1 + np.exp(-v)) + offset, slope * (1 - slope)),
    ):
        assert found(function, x, g).verdict in ("agree", "undecided")
        assert found(function, x, math.inf).verdict in ("nonfinite", "undecided")


@given(st.floats(1e-310, 1e-3), st.floats(1e-3, 1e3))
@settings(max_examples=200, deadline=None)
def test_a_small_point_that_1_has_swallowed_is_not_accused(x: float, g: float) -> None:
    assert found(lambda v: (1 + g * v) - 1, x, g).verdict in ("agree", "undecided")
