"""Screening: what passes also agrees in balls, and what it says of itself."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradjury.engine import REGISTRY
from gradjury.engine.sweep import gradient
from gradjury.properties.choices import seeded
from gradjury.properties.faults import faulty_engine
from gradjury.properties.grammar import composite
from gradjury.properties.points import points
from gradjury.reports.rows import rows
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.errors import InvalidInput
from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.sweeps import Plan
from gradjury.verifier.reading.reader import read
from gradjury.verifier.screening import longlibrary, screening
from gradjury.verifier.screening.first_sight import FEWEST_TO_SCREEN
from gradjury.verifier.screening.quick import BITS, Quick
from gradjury.verifier.screening.screening import screen
from gradjury.verifier.verdicts.judge import PointJudge
from gradjury.verifier.verify import verify

from ..oracle.test_sweeps import DOUBLE, SEED, SINGLE

pytestmark = pytest.mark.skipif(not longlibrary.IS_WIDER, reason="longdouble is no wider IEEE format than double here")

CALM = settings(deadline=None, print_blob=True, max_examples=400)
COUNT = 8
KNOWN = ("add", "sub", "mul", "div", "neg", "powc", "sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "erf", "abs")


def drawn(index, dtype=np.float64):
    """A plan, K points, and what the engine returns there."""
    function = composite(seeded(SEED, index), variables=(1, 3), nodes=(3, 25), primitives=KNOWN)
    drawn_points = points(function, COUNT, seed=SEED, index=index, special=0.1)
    with np.errstate(over="ignore"):
        at = {name: np.asarray(x, dtype) for name, x in drawn_points.items()}
    value, partials = gradient(function.tape, at, dtype)
    columns = [at[name] for name in function.tape.inputs]
    return Plan(function.tape), columns, np.broadcast_to(value, COUNT), [partials[n] for n in function.tape.inputs]


@CALM
@given(st.integers(0, 10**6), st.sampled_from([DOUBLE, SINGLE]))
@example(176960, DOUBLE)  # (y + 15.1)**(5/3) where the sum is nothing but rounding
def test_what_is_screened_also_agrees_in_balls(index, precision):
    plan, columns, value, partials = drawn(index, precision.dtype)
    found = screen(plan, columns, value, partials, precision.unit)
    for k in np.flatnonzero(found.agreed):
        judge = PointJudge(plan, [float(c[k]) for c in columns], precision, "program")
        assert judge.judge_value(float(value[k])).verdict == "agree"
        assert [judge.judge(j, float(p[k])).verdict for j, p in enumerate(partials)] == ["agree"] * len(partials)


@CALM
@given(st.integers(0, 10**6), st.sampled_from([-1, 1]))
def test_what_lies_beyond_the_enclosure_is_never_screened(index, sign):
    plan, columns, value, partials = drawn(index)
    quick = Quick(plan.tape, DOUBLE)
    for j in range(len(partials)):
        wrong = np.array(partials, dtype=float)
        outside = []
        for k in range(COUNT):
            with balls.precision(BITS):
                ball = quick.run([arb(float(c[k])) for c in columns])[1][j]
                end = float(ball.upper() if sign > 0 else ball.lower()) if ball.is_finite() else 0.0
            beyond = np.nextafter(end, sign * math.inf)
            wrong[j, k] = beyond
            outside.append(ball.is_finite() and not ball.contains(beyond))
        assert not np.any(screen(plan, columns, value, wrong, DOUBLE.unit).agreed & np.array(outside))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("abs(x)*y", {"x": [0.0, 0.0], "y": [1.0, 2.0]}),  # a tie
        ("Max(x, y)*y", {"x": [1.0, 1.5], "y": [1.0, 1.5]}),
        ("(x + 1e30) - 1e30", {"x": [1.0, 2.0]}),  # nothing is left of x, in longdouble as in double
        ("exp((x + 1e30) - 1e30)", {"x": [1.0, 2.0]}),
        ("exp(x)*y", {"x": [800.0, 900.0], "y": [1.0, 2.0]}),  # beyond the largest double
        ("sqrt(x)*x", {"x": [0.0, -1.0]}),
        ("x - (-x)", {"x": [math.inf, -math.inf]}),
        ("exp(-x*x)*y", {"x": [40.0, 50.0], "y": [1.0, 1.0]}),  # below the smallest
    ],
)
def test_what_is_suspicious_is_left_to_balls(text, at):
    plan = Plan(read(text))
    columns = [np.array(at[name]) for name in plan.tape.inputs]
    value, partials = gradient(plan.tape, at)
    found = screen(plan, columns, value, [partials[name] for name in plan.tape.inputs], DOUBLE.unit)
    assert not found.agreed.any()


def test_a_function_with_something_that_longdouble_lacks_is_certified():
    assert screen(Plan(read("gamma(x)*x")), [[1.5, 2.5]], [0, 0], [[0, 0]], DOUBLE.unit) is None
    result = verify("gamma(x)*x", {"x": [1.5, 2.5]}, certify="suspicious")
    assert [p.certified for point in result.points for p in point.partials.values()] == [True, True]


def test_results_say_what_was_screened():
    at = {"x": np.linspace(0.2, 1, FEWEST_TO_SCREEN), "y": 2.0, "z": 1.0}
    result = verify("exp(sin(x))*y + x/y", at, certify="suspicious")
    assert result.verdict == "agree"
    assert result.by_verdict == {"agree": [None] * FEWEST_TO_SCREEN}
    screened = [point.balls is None for point in result.judged]
    assert screened.count(False) == 1
    ulps = [point.partials["x"].ulps for point in result.points]
    assert screened.index(False) == ulps.index(max(ulps))  # balls look at the one that is furthest off
    certified = verify("exp(sin(x))*y + x/y", at)
    for one, other in zip(result.points, certified.points, strict=True):
        assert (one.at, one.value, one.value_verdict) == (other.at, other.value, "agree")
        for name, partial in one.partials.items():
            full = other.partials[name]
            assert (partial.verdict, partial.engine, partial.symbolic) == ("agree", full.engine, full.symbolic)
            assert float(partial.enclosure[0]) <= partial.engine <= float(partial.enclosure[1])
    flags = [[p.certified for name, p in point.partials.items() if name != "z"] for point in result.points]
    assert flags == [[not one, not one] for one in screened]
    record = result.to_record()
    notes = [row.note for row in rows(record["points"][screened.index(True)]["partials"]["x"])]
    assert "screened, not certified" in notes


def test_few_points_are_all_certified():
    result = verify("exp(x)*x", {"x": np.linspace(0.5, 2, FEWEST_TO_SCREEN - 1)}, certify="suspicious")
    assert all(point.balls is not None for point in result.judged)


def test_the_distances_of_screened_points_are_those_of_balls():
    at = {"x": np.linspace(0.5, 2, FEWEST_TO_SCREEN)}
    screened, certified = (verify("exp(sin(x))/x", at, certify=how) for how in ("suspicious", "all"))
    pairs = [both for both in zip(screened.judged, certified.points, strict=True) if both[0].balls is None]
    assert len(pairs) == FEWEST_TO_SCREEN - 1
    for agreed, point in pairs:
        assert agreed.ulps[0] == pytest.approx(point.partials["x"].ulps, abs=0.01)


def test_a_faulty_point_among_screened_ones_is_judged_and_blamed():
    at = {"x": np.linspace(-2.0, 2.0, 40)}
    result = verify("sin(x)*x", at, engine=faulty_engine(REGISTRY["sin"], "x < 0"), certify="suspicious")
    assert result.verdict == "wrong"
    assert result.blame.primitive == "sin"
    verdicts = [point.partials["x"].verdict for point in result.points]
    assert verdicts == ["wrong"] * 20 + ["agree"] * 20


def test_where_longdouble_is_no_wider_everything_is_certified(monkeypatch):
    monkeypatch.setattr(screening, "IS_WIDER", False)
    result = verify("exp(x)*x", {"x": np.linspace(0.5, 2, FEWEST_TO_SCREEN)}, certify="suspicious")
    assert all(point.partials["x"].certified for point in result.points)


def test_an_unknown_way_to_certify_is_an_error():
    with pytest.raises(InvalidInput, match="certify: got 'some'; expected all or suspicious"):
        verify("x*x", {"x": 1.0}, certify="some")


@pytest.mark.parametrize("number", [5.0, -np.inf])
@pytest.mark.parametrize("text", ["2*sqrt(x)", "3*x**(1/2) + sin(x)"])
def test_nothing_is_screened_where_the_derivative_is_infinite(text, number):
    primitive = REGISTRY[read(text).nodes[2].primitive.name if "sqrt" in text else "powc"]

    def derivative(x, y, **constants):
        return np.where(x == 0, number, primitive.derivative(x, y, **constants))

    wrong = type("Wrong", (primitive,), {"derivative": derivative}, register=False)
    at = {"x": [*np.linspace(0.5, 2, 2 * FEWEST_TO_SCREEN), 0.0]}
    engine = NumpyEngine(rules={primitive: wrong})
    assert verify(text, at, engine=engine, certify="suspicious").verdict == "nonfinite"
    assert verify(text, at, engine=engine, certify="all").verdict == "nonfinite"


def test_nothing_is_screened_beyond_the_largest_float():
    wrong = type("Wrong", (REGISTRY["exp"],), {"forward": lambda x: np.where(x > 99, -3.0, np.exp(x))}, register=False)
    at = {"x": [*np.linspace(0.5, 2, 2 * FEWEST_TO_SCREEN), 2e4]}
    result = verify("2*exp(x)", at, engine=NumpyEngine(rules={REGISTRY["exp"]: wrong}), certify="suspicious")
    assert result.verdict != "agree"


def test_a_tie_within_rounding_is_left_to_balls():
    """0.1·x and x/10 are rounded: which of them a program has as the larger one, nobody can tell."""
    x = np.linspace(0.5, 2.0, COUNT)
    branches = {"Max(0.1*x + 3*y, x/10)": 0.0, "Max(0.1*x + 3*y, x/10 - 1)": 1.0}
    for text, share in branches.items():
        plan = Plan(read(text))
        slopes = [np.full(COUNT, 0.1), np.full(COUNT, 3.0 * share)]
        found = screen(plan, [x, np.zeros(COUNT)], 0.1 * x, slopes, DOUBLE.unit)
        assert found.agreed.any() == bool(share)


def test_blocks_of_points_are_screened_as_all_of_them_together(monkeypatch):
    plan = Plan(read("exp(sin(x))*y + x/y + Abs(y - 1)"))
    at = {"x": np.linspace(-2.0, 2.0, 50), "y": np.linspace(0.5, 1.5, 50)}
    value, partials = gradient(plan.tape, at)
    off = [partials[name] * (1 + 2e-15 * (np.arange(50) % 9 == 8)) for name in plan.tape.inputs]
    found = []
    for size in (50, 7, 1):
        monkeypatch.setattr(screening, "BLOCK", size)
        found.append(screen(plan, [at[name] for name in plan.tape.inputs], value, off, DOUBLE.unit))
    whole, *others = found
    assert 30 < whole.agreed.sum() < 50
    for one in others:
        assert one.agreed.tolist() == whole.agreed.tolist()
        assert [one.ulps(k) for k in range(50)] == [whole.ulps(k) for k in range(50)]


def test_very_many_points_are_screened_in_the_memory_of_a_block():
    tape = read("exp(sin(x))*x + x/cosh(x) + sin(x)*log(x)*atan(x)")
    tracemalloc.start()
    result = verify(tape, {"x": np.linspace(0.5, 2.0, 200_000)}, certify="suspicious")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.verdict == "agree"
    assert peak < 60e6  # a few numbers for each point; all at once it is 290 MB
