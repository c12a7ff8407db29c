"""What is left of a function where its choices are the same all around a point: the same function, without kinks."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.engine.sweep import gradient
from gradjury.engine.tape import Constant
from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.settled import settled
from gradjury.verifier.oracle.sweeps import Plan
from gradjury.verifier.reading.printer import write
from gradjury.verifier.reading.reader import read
from gradjury.verifier.screening import first_sight
from gradjury.verifier.screening.first_sight import FirstSight
from gradjury.verifier.screening.quick import BITS
from gradjury.verifier.verdicts.judge import PointJudge
from gradjury.verifier.verify import verify

from .. import faults
from .test_sweeps import DOUBLE, drawn


def left(text, **at):
    """What is left of a function, as text; None where nothing was settled."""
    tape = read(text)
    rest = settled(tape, [arb(at[name]) for name in tape.inputs])
    return None if rest is None else write(rest)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("exp(Min(Max(x, y), x))", {"x": 2.0, "y": 1.0}, "exp(x)"),
        ("exp(Max(x, y))*y", {"x": 1.0, "y": 2.0}, "exp(y)*y"),
        ("sin(relu(x))*Abs(x)", {"x": 1.5}, "sin(x)*x"),
        ("y*relu(floor(x))", {"x": 0.5, "y": 3.0}, "0"),
        ("y + relu(floor(x))", {"x": 1.5, "y": 3.0}, "y + 1"),
        ("Heaviside(x)**4 + x*y", {"x": -0.5, "y": 3.0}, "0 + x*y"),
        ("clip(x, -1, y) + x", {"x": 0.5, "y": 3.0}, "x + x"),
        ("exp(x)*Abs(exp(y) - exp(y))", {"x": 0.5, "y": 3.0}, "0"),
        ("x + relu(y + -y)", {"x": 0.5, "y": 3.0}, "x + 0"),
        ("x + leaky_relu(0*y, 0.3)", {"x": 0.5, "y": 3.0}, "x + 0"),
        ("where(relu(x) < x, y, x)", {"x": 0.5, "y": 3.0}, "x"),
        ("where(relu(x) >= x, y, x)", {"x": 0.5, "y": 3.0}, "y"),
        ("Max(x*x, x*x)", {"x": 0.5}, "x*x"),
    ],
)
def test_choices_that_are_made_all_around_are_left_out(text, at, expected):
    assert left(text, **at) == expected


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("relu(x)", {"x": 0.0}),
        ("Max(x, y)", {"x": 1.0, "y": 1.0}),
        ("floor(x)*y", {"x": 2.0, "y": 1.0}),
        ("Abs(x*y)", {"x": 0.0, "y": 1.0}),
        ("0*log(x)", {"x": 0.0}),  # has no value at the point
        ("log(x) - log(x)", {"x": -1.0}),
        ("exp(x)*y", {"x": 0.5, "y": 1.0}),
        ("elu(x, 1)", {"x": -0.5}),  # what it chooses is no argument
    ],
)
def test_a_choice_that_is_open_or_none_stays(text, at):
    assert left(text, **at) is None


def test_what_is_chosen_behind_a_jump_is_open():
    """min(floor(x), 2.5) is 2.5 at x = 3, and 2 left of it."""
    assert left("Min(floor(x), y)", x=3.0, y=2.5) is None
    assert left("Min(floor(x), y)", x=3.5, y=2.5) == "y"


def test_a_constant_of_more_digits_than_memory_holds_is_left_as_it_is():
    assert left("a = relu(floor(x)); y/a**100000000000", x=2.5, y=1.0) == "y/2**100000000000"
    assert left("a = relu(floor(x)); y/a**3", x=2.5, y=1.0) == "y/8"


@settings(deadline=None, print_blob=True, max_examples=200)
@given(st.integers(0, 10**6))
def test_the_rest_has_the_same_value_and_slopes(index):
    tape, point = drawn(index, nodes=(5, 30))
    inputs = [*map(arb, point)]
    rest = settled(tape, inputs)
    if rest is None:
        return
    with balls.precision(BITS):
        values, partials = Plan(tape).exact(inputs, 256)
        rest_values, rest_partials = Plan(rest).exact(inputs, 256)
    for ball, other in zip([values[tape.output], *partials], [rest_values[rest.output], *rest_partials], strict=True):
        assert not (ball.is_finite() and other.is_finite()) or ball.overlaps(other)


@settings(deadline=None, print_blob=True, max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(["Min(Max({0}, {1}), {0})", "relu({0}) - relu(-{0})", "Abs(Abs({0}))"]))
def test_what_agrees_so_agrees_the_long_way(index, around):
    tape, point = drawn(index, nodes=(3, 9))
    text = write(tape)
    *before, last = text.split("; ")
    tape = read("; ".join([*before, f"({around.format(f'({last})', tape.inputs[0])})*exp(Max({tape.inputs[0]}, -9))"]))
    at = dict(zip(tape.inputs, point, strict=True))
    found = verify(tape, at)
    if found.decided:  # it went the long way anyhow
        return
    _, partials = gradient(tape, at)
    judge = PointJudge(Plan(tape), point, DOUBLE, "program")
    for j, name in enumerate(tape.inputs):
        verdict = judge.judge(j, float(partials[name])).verdict  # germs cannot tell a − a from 0 everywhere
        assert verdict in ("agree", "undecided"), (text, at, name)


@pytest.mark.parametrize("points", [1, 5, 64])
@pytest.mark.parametrize("certify", ["all", "suspicious"])
def test_points_with_such_ties_agree_at_first_sight(points, certify, monkeypatch):
    found = Counter()
    agrees = FirstSight._agrees_settled

    def counted(self, k):
        found[agrees(self, k)] += 1
        return agrees(self, k)

    monkeypatch.setattr(FirstSight, "_agrees_settled", counted)
    x = np.linspace(0.5, 2, points)
    result = verify("exp(Min(Max(x, -1), x))*sin(x)", {"x": x}, certify=certify)
    assert result.verdict == "agree"
    assert not result.decided
    assert found == {True: points}
    exact = [float(p.partials["x"].symbolic) for p in result.points]
    np.testing.assert_allclose(exact, np.exp(x) * (np.sin(x) + np.cos(x)), rtol=1e-14)
    assert all(p.partials["x"].certified for p in result.points)


def test_a_wrong_rule_is_found_behind_such_ties():
    wrong = faults.rule("exp", lambda found, *_: found * (1 + 1e-9))
    text, at = "exp(Min(Max(x, -1), x))*sin(x)", {"x": [0.5, 1.0]}
    assert verify(text, at, engine=wrong).verdict != "agree"
    lost = verify(f"({text})*1e-9 + x", at, engine=faults.rule("exp", lambda found, *_: found * (1 + 1e-11)))
    assert (lost.verdict, lost.blame.primitive) == ("imprecise", "exp")


def test_sweeps_of_what_is_left_are_made_once_for_one_pattern(monkeypatch):
    made = []
    monkeypatch.setattr(first_sight, "Quick", lambda tape, precision: made.append(tape) or QUICK(tape, precision))
    verify("exp(Min(Max(x, y), x))*Max(x, y)", {"x": [1.0, 2.0, 3.0], "y": [0.0, 0.5, 9.0]})
    assert len(made) == 1  # where y is more than x, balls can tell all by themselves
    assert sum(n.primitive is Constant for n in made[0].nodes) == 3


QUICK = first_sight.Quick
