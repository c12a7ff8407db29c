"""Second thoughts: what is excused beside jumps, singular operations and edges of the domain, and what is not."""

from __future__ import annotations

import math

import pytest

from .test_judge import court, verdict


def test_a_tie_on_the_edge_of_a_domain():
    """x^1.5 + max(x, 0) at 0: to the left nothing is real, so only one slope exists."""
    tied = court("x**1.5 + Max(x, 0)", {"x": 0.0})
    assert tied.truth(0).kind == "boundary"
    assert tied.judge(0, 1.0).verdict == "agree"
    assert tied.judge(0, 0.5).verdict == "kink"
    assert "edge of the domain" in tied.judge(0, 0.5).reason
    assert tied.judge(0, 7.0).verdict == "wrong"
    unbounded = court("x**1.5 + sqrt(x)*x + Max(x, 0)", {"x": 0.0})
    assert unbounded.judge(0, 1.0).verdict == "agree"
    assert unbounded.judge(0, 0.5).verdict == "undecided"


@pytest.mark.parametrize("text", ["sqrt(x)**2", "cbrt(sqrt(x)**6)", "x + sqrt(x)*x"])
@pytest.mark.parametrize("g", [0.0, -1.0, 2.0, 1 + 1e-9])
def test_one_call_is_not_excused_by_what_its_parts_meet_on_the_edge(text, g):
    """sqrt(x)² at 0: a program that squares a root meets ∞·0; a call that means it has the slope 1 to give."""
    assert verdict(text, {"x": 0.0}, 1.0, standard="function") == "agree"
    assert verdict(text, {"x": 0.0}, g, standard="function") == "wrong"
    assert verdict(text, {"x": 0.0}, math.nan, standard="function") == "nonfinite"


def test_an_operation_that_jumps_where_the_function_does_not():
    """x·(sign(x) + 2) has the slopes 1 and 3 at 0; sign there has the value 0, and a product rule gives 2."""
    assert verdict("x*(sign(x) + 2)", {"x": 0.0}, 2.0) == "kink"
    # the slopes are −1 and 1, an engine that has sign(0) = 0 and adds 4x gets 0: between them
    assert verdict("x*sign(x) + 4*x**2", {"x": 0.0}, 0.0) == "kink"
    # slopes 5 and 7, and a third number at the point itself
    text = "x*Piecewise((5, x < 0), (1, x <= 0), (7, True))"
    assert verdict(text, {"x": 0.0}, 1.0) == "kink"
    assert verdict(text, {"x": 0.0}, 9.0) == "wrong"


def test_an_operation_that_jumps_on_a_smooth_function():
    """⌈x²⌉·x is x beside 0; at 0 the operation itself returns 0."""
    for g, expected in ((0.0, "kink"), (1.0, "agree"), (0.5, "kink"), (1.5, "wrong"), (-0.5, "wrong")):
        assert verdict("ceiling(x**2)*x", {"x": 0}, g) == expected


@pytest.mark.parametrize(
    ("text", "x"),
    [("x*sqrt(x)", 0.0), ("sqrt(x**3)", 0.0), ("acos(x)**3", 1.0), ("acosh(x)**4", 1.0), ("x**(5/3) + 1", 0.0)],
)
def test_at_an_edge_where_nothing_ties_a_number_is_right_or_wrong(text, x):
    """All their derivatives are 0 there."""
    assert verdict(text, {"x": x}, 0.0) == "agree"
    assert verdict(text, {"x": x}, -77.0) == "wrong"


def test_rounding_on_the_way_to_an_edge_still_excuses():
    assert verdict("(x + y - 1/2)*sqrt(x + y - 1/2)", {"x": 0.2, "y": 0.3}, -77.0) == "undecided"


@pytest.mark.parametrize(
    ("large", "as_floats_have_it", "far_off"),
    [(1e6, "agree", "wrong"), (1e12, "undecided", "wrong"), (1e14, "undecided", "undecided")],
)
def test_beside_a_singularity_other_operations_may_still_round(large, as_floats_have_it, far_off):
    """sin(x)/x·x·c + c·x at 0 has the slope 2c; c = (y + large) − large has in floats fewer digits than 0.1."""
    text, at = f"c = y + {large} - {large}; sin(x)/x*x*c + c*x", {"x": 0.0, "y": 0.1}
    rounded = 2 * (0.1 + large - large)
    assert abs(rounded - 0.2) > 1e-12
    found = [verdict(text, at, g, by="x") for g in (0.2, rounded, 0.24, 0.6)]
    assert found == ["agree", as_floats_have_it, far_off, "wrong"]
