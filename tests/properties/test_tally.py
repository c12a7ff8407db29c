"""What is counted about functions, against counts made by hand and distances found another way."""

from __future__ import annotations

import math
from collections import Counter

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradjury.engine import REGISTRY
from gradjury.properties.aggregates import aggregates
from gradjury.properties.faults import faulty_engine
from gradjury.properties.tally import (
    EXACT,
    HIGHEST,
    LOWEST,
    RANGES,
    UNMEASURED,
    CauseKey,
    Found,
    Tally,
    bin_of,
    cause_of,
    general,
    operations,
    tally,
)
from gradjury.reports.survey import cause_of as of_record
from gradjury.verifier import NumpyEngine, read, verify
from gradjury.verifier.screening.first_sight import FEWEST_TO_SCREEN


def counted(counts, name):
    return {key[1:]: n for key, n in counts.items() if key[0] == name}


@given(st.floats(min_value=0, exclude_min=True, allow_nan=False))
def test_a_distance_lies_in_its_bin(ulps):
    exponent = bin_of(ulps)
    found = aggregates([(["error", "agree", exponent], 1)], [], [], 0.0, 0.0).errors[0]
    assert found.low <= ulps < found.high or (ulps == found.high == math.inf)
    assert LOWEST <= exponent <= HIGHEST


def test_what_has_no_bin():
    assert bin_of(0.0) == EXACT
    assert bin_of(None) == bin_of(math.nan) == UNMEASURED
    assert bin_of(1e300) == bin_of(math.inf) == HIGHEST
    sums = [(["error", "kink", UNMEASURED], 2), (["error", "agree", EXACT], 3)]
    assert [e[:3] for e in aggregates(sums, [], [], 0.0, 0.0).errors] == [("agree", 0, 0), ("kink", None, None)]


def test_depth_counts_operations_from_the_inputs():
    tape = read("a = x*y; b = exp(a); b + a*2")
    assert operations(tape) == [("mul", 1), ("exp", 2), ("mul", 2), ("add", 3)]


def test_cells_are_operations_at_points():
    found, cause = tally(verify("exp(x)*y", at={"x": [0.0, 1.5, 200.0], "y": [1e-9, 1e-9, -3.0]}), 0)
    assert cause is None
    size = RANGES.index
    assert counted(found.counts, "cell") == {
        ("exp", 1, size("0"), "agree"): 1,
        ("exp", 1, size("1 … 100"), "agree"): 1,
        ("exp", 1, size("100 … 1e8"), "agree"): 1,
        ("mul", 2, size("1 … 100"), "agree"): 2,
        ("mul", 2, size("1e8 … 1e100"), "agree"): 1,
    }


@pytest.mark.parametrize(
    ("x", "size"),
    [
        (5e-324, "< 1e-100"),
        (-0.0, "0"),
        (1e-100, "1e-100 … 1e-8"),
        (-0.001, "1e-8 … 0.01"),
        (1.0, "1 … 100"),
        (0.5, "0.01 … 1"),
        (-1e200, "≥ 1e100"),
        (100.0, "100 … 1e8"),
    ],
)
def test_ranges_begin_where_they_say(x, size):
    found, _ = tally(verify("-x", at={"x": x}), 0)
    assert counted(found.counts, "cell") == {("neg", 1, RANGES.index(size), "agree"): 1}


def test_an_argument_that_is_no_number_has_a_range_of_its_own():
    found, _ = tally(verify("sqrt(log(x))", at={"x": -1.0}), 0)
    assert ("sqrt", 2, len(RANGES) - 1) in {key[:3] for key in counted(found.counts, "cell")}


def test_inputs_are_counted_by_sign_and_decade():
    found, _ = tally(verify("x + y", at={"x": [0.0, -0.0, 1.0, 9.99], "y": [-10.0, 1e-300, 0.1, -1234.0]}), 0)
    assert counted(found.counts, "input") == {
        (0, None): 2,
        (1, 0): 2,
        (-1, 1): 1,
        (1, -300): 1,
        (1, -1): 1,
        (-1, 3): 1,
    }


def test_errors_are_distances_from_the_truth():
    """Against mpmath in 50 digits: exp(sin(x)) and its derivative, one partial a point."""
    xs = np.linspace(-3, 3, 40)
    result = verify("exp(sin(x))*y", at={"x": xs, "y": 1.5})
    found, _ = tally(result, 0)
    expected: Counter[tuple[str, int]] = Counter()
    with mpmath.workdps(50):
        for k, x in enumerate(xs):
            sine, cosine = mpmath.sin(mpmath.mpf(float(x))), mpmath.cos(mpmath.mpf(float(x)))
            for name, truth in (("x", mpmath.exp(sine) * cosine * mpmath.mpf(1.5)), ("y", mpmath.exp(sine))):
                ulp = abs(truth) * mpmath.mpf(2) ** -52 + mpmath.mpf(2) ** -1074
                distance = abs(mpmath.mpf(result.points[k].partials[name].engine) - truth) / ulp
                expected["agree", bin_of(float(distance))] += 1
    assert counted(found.counts, "error") == expected


def test_a_cause_is_the_blame_and_its_example_the_minimal_function():
    engine = faulty_engine(REGISTRY["tanh"], "sign")
    result = verify("tanh(x*y) + x", at={"x": [0.5, 0.7], "y": 2.0}, engine=engine)
    found, cause = tally(result, 7)
    assert cause == CauseKey("wrong", "rule", "tanh", 0)
    assert found.causes[cause].first == 7
    assert found.causes[cause].example["expression"] == result.blame.minimal
    assert found.named("function") == {"wrong": 1}
    assert found.named("pair") == {"wrong": 2}


def test_without_blame_the_reason_is_the_cause():
    _, cause = tally(verify("Abs(x)*y", at={"x": [0.0, 1.0], "y": 2.0}), 0)
    assert cause[:4] == ("kink", None, None, None)


@pytest.mark.parametrize(
    ("reason", "shared"),
    [
        ("the time of 0.01 s was over", "the time of … s was over"),
        ("got 12345 points", "got … points"),
        ("in 4096 bits\n at 1.5e-300", "in … bits at …"),
        ("the operations meet 0/0 here", "the operations meet 0/0 here"),
    ],
)
def test_numbers_make_no_causes_of_their_own(reason, shared):
    assert general(reason) == shared


def test_tallies_add_up_in_any_grouping():
    key = CauseKey("wrong", "rule", "exp", 0)

    def one(index, expression):
        example = {"index": index, "expression": expression, "at": None}
        return Tally(Counter({("pair", "wrong"): 2}), {key: Found(1, index, example)})

    left, right, middle = Tally(), Tally(), Tally()
    for index, expression in enumerate(["exp(x)*y", "exp(x)", "exp(y)"]):
        left += one(index, expression)
        if index:
            middle += one(index, expression)
    right += middle
    right += one(0, "exp(x)*y")
    assert left == right
    assert left.causes[key] == Found(3, 0, {"index": 1, "expression": "exp(x)", "at": None})
    assert left.counts == {("pair", "wrong"): 6}


def test_adding_up_changes_nothing_that_was_added():
    key = CauseKey("wrong")
    part = Tally(Counter(), {key: Found(1, 3, {"index": 3, "expression": "x", "at": None})})
    total = Tally()
    total += part
    total += part
    assert part.causes[key].functions == 1
    assert total.causes[key].functions == 2


def test_screened_points_are_counted_apart_and_measured_as_well():
    xs = np.linspace(0.5, 2.5, FEWEST_TO_SCREEN)
    found, _ = tally(verify("exp(sin(x))*y", at={"x": xs, "y": 1.5}, certify="suspicious"), 0)
    certified, _ = tally(verify("exp(sin(x))*y", at={"x": xs, "y": 1.5}, certify="all"), 0)
    screened = found.counts["screened", "agree"]
    assert certified.counts["screened", "agree"] == 0
    if np.finfo(np.longdouble).nmant == np.finfo(float).nmant:
        assert screened == 0  # nothing wider than a double to screen with
    else:
        assert 0 < screened < FEWEST_TO_SCREEN
    assert sum(counted(found.counts, "error").values()) == 2 * FEWEST_TO_SCREEN
    assert UNMEASURED not in {exponent for _, exponent in counted(found.counts, "error")}
    assert counted(found.counts, "cell") == counted(certified.counts, "cell")


def test_a_number_that_fails_has_its_distance_and_an_unknown_truth_none():
    wrong, _ = tally(verify("x**2", at={"x": 1.0}, gradient={"x": 2.0 + 2.0**-30}), 0)
    assert counted(wrong.counts, "error") == {("wrong", 22): 1}  # 2⁻³⁰ in units of 2⁻⁵²·2
    unknown, _ = tally(verify("besselj(x, 1)", at={"x": 1.0}, gradient={"x": 2.0}), 0)
    assert counted(unknown.counts, "error") == {("undecided", UNMEASURED): 1}


def test_the_reason_of_a_value_is_the_cause_where_all_partials_are_right():
    result = verify("x + 0*reciprocal(y - 5.8)", {"x": 1.0, "y": 5.8}, wrt="x")  # 5.8 is no float
    (point,) = result.points
    assert (point.value_verdict, point.partials["x"].verdict) == ("undecided", "agree")
    assert "so near a pole" in point.value_reason
    assert cause_of(result).reason == general(point.value_reason)
    assert of_record(result.to_record()) == cause_of(result)


def test_numbers_of_a_verdict_by_differences_are_of_one_function_alone():
    said = "judged by differences alone, not certified (a loop of more than 20,000 steps): "
    reasons = [f"differences give {d} ± {e}" for d, e in (("3", "4e-13"), ("-0.25", "1e-12"), ("1e+30", "2"))]
    assert {general(said + reason) for reason in reasons} == {general(said) + " differences give … ± …"}
    assert general(said) == said.strip()
    assert general("a step of 4e-13 and of 12") == "a step of … and of 12"


def test_how_a_blame_comes_about_is_its_kind():
    class Restless(NumpyEngine):
        name, asked = "restless", 0

        def gradient(self, tape, point, dtype):
            self.asked += 1
            value, gradient = super().gradient(tape, point, dtype)
            return value, {name: np.asarray(g) * (1 + 0.001 * self.asked) for name, g in gradient.items()}

    result = verify("exp(x)*x", {"x": 0.5}, engine=Restless())
    assert cause_of(result) == of_record(result.to_record()) == CauseKey("wrong", "unsteady")
