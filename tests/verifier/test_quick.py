"""The quick sweep: the same enclosure as the full one, and what it leaves to the long way."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.engine.sweep import gradient
from gradjury.verifier import balls
from gradjury.verifier.judge import PointJudge
from gradjury.verifier.quick import BITS, Quick, certified
from gradjury.verifier.reader import read
from gradjury.verifier.sweeps import Plan

from .test_sweeps import DOUBLE, SINGLE, drawn

CALM = settings(deadline=None, print_blob=True, max_examples=150)


@CALM
@given(st.integers(0, 10**6), st.sampled_from([DOUBLE, SINGLE]))
def test_the_quick_sweep_is_the_strict_sweep(index, precision):
    tape, point = drawn(index, nodes=(3, 25))
    inputs = [arb(float(precision.dtype.type(x))) for x in point]
    plan = Plan(tape)
    with balls.precision(BITS):
        value, partials = Quick(plan, precision).run(inputs)
    full = plan.wide(inputs, precision, mode="strict", bits=BITS)
    for ball, expected in zip([value, *partials], [full[0][tape.output], *full[1]], strict=True):
        if ball.is_finite():  # it need not be: a branch that is not taken may spoil it, and goes the long way
            assert expected.is_finite()
            assert ball.overlaps(expected)
            # the roundings of a product may be counted one more here or there: 7u, or 8u
            slack = 8 * precision.unit * (abs(expected) + 1)
            assert ball.rad() <= expected.rad() * 1.2 + slack
            assert expected.rad() <= ball.rad() * 1.2 + slack


@CALM
@given(st.integers(0, 10**6))
def test_what_is_certified_also_agrees_the_long_way(index):
    tape, point = drawn(index, nodes=(3, 12))
    plan = Plan(tape)
    value, partials = gradient(tape, dict(zip(tape.inputs, point, strict=True)))
    numbers = [float(partials[name]) for name in tape.inputs]
    if certified(Quick(plan, DOUBLE), point, float(value), numbers) is None:
        return
    judge = PointJudge(plan, point, DOUBLE, "program")
    assert judge.judge_value(float(value)).verdict == "agree"
    assert [judge.judge(j, g).verdict for j, g in enumerate(numbers)] == ["agree"] * len(point)


@pytest.mark.parametrize(
    ("text", "point", "value", "gradient_"),
    [
        ("exp(x)*y", [0.5, 2.0], 3.2974425414002564, [3.2974425414002564, 1.7]),  # a wrong partial
        ("exp(x)*y", [0.5, 2.0], 3.2, [3.2974425414002564, 1.6487212707001282]),  # a wrong value
        ("exp(x)*y", [0.5, 2.0], float("nan"), [3.2974425414002564, 1.6487212707001282]),
        ("exp(x)*y", [0.5, 2.0], 3.2974425414002564, [float("nan"), 1.6487212707001282]),
        ("abs(x)", [0.0], 0.0, [0.0]),  # a tie
        ("(x + 1e17) - 1e17", [1.0], 0.0, [1.0]),  # the value is cancelled
        ("sqrt(x)", [0.0], 0.0, [float("inf")]),
        ("x**2*(cos(x)**2 + sin(x)**2 - 1)", [1.0], 0.0, [0.0]),  # fewer than 20 bits
    ],
)
def test_what_goes_the_long_way(text, point, value, gradient_):
    tape = read(text)
    found = certified(Quick(Plan(tape), DOUBLE), point, value, gradient_)
    if text.startswith("(x + 1e17"):
        assert found is not None  # 0 lies in the wide ball of the value, and the partial is exactly 1
    else:
        assert found is None


def test_three_arguments_and_constants_alone():
    tape = read("clip(x, y, 3) + clip(x*x, y, 30)")
    value, partials = gradient(tape, {"x": 2.0, "y": 1.0})
    found = certified(Quick(Plan(tape), DOUBLE), [2.0, 1.0], float(value), [float(p) for p in partials.values()])
    assert found is not None
    assert [float(ball.mid()) for ball in found] == [5.0, 0.0]
    alone = read("where(x < y, x, y)")
    assert certified(Quick(Plan(alone), DOUBLE), [1.0, 2.0], 1.0, [1.0, 0.0]) is not None
    assert certified(Quick(Plan(read("3")), DOUBLE), [], 3.0, []) == []


def test_the_engines_gradient_is_nearly_always_certified():
    quickly = 0
    for index in range(60):
        tape, point = drawn(5000 + index)
        value, partials = gradient(tape, dict(zip(tape.inputs, point, strict=True)))
        numbers = [float(partials[name]) for name in tape.inputs]
        quickly += certified(Quick(Plan(tape), DOUBLE), point, float(np.ravel(value)[0]), numbers) is not None
    assert quickly >= 50
