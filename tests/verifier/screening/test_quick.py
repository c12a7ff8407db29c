"""The quick sweep: the same enclosure as the full one, and what it leaves to the long way."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradjury.engine.sweep import gradient
from gradjury.verifier.asking import ask_inside
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.meanings import planted
from gradjury.verifier.oracle.sweeps import Plan, plan_of
from gradjury.verifier.oracle.truth import IMPRECISE_ULPS, USUAL_ULPS
from gradjury.verifier.reading.reader import read
from gradjury.verifier.screening import quick
from gradjury.verifier.screening.quick import BITS, BLOCK, Enclosed, Quick, cancel, quick_of
from gradjury.verifier.verdicts.judge import PointJudge
from gradjury.verifier.verify import verify

from .. import faults
from ..oracle.test_sweeps import DOUBLE, SINGLE, drawn


def certified(quick, point, value, numbers):
    """The enclosures of the partials at one point if all numbers lie in narrow ones, else None."""
    enclosed = Enclosed(quick, [[x] for x in point], [value], [[g] for g in numbers], USUAL)
    return enclosed.balls(0) if enclosed.is_certified_alone(lambda k, swept, place: True) else None


USUAL = USUAL_ULPS * DOUBLE.unit
NEAR = IMPRECISE_ULPS * DOUBLE.unit

CALM = settings(deadline=None, print_blob=True, max_examples=150)


@CALM
@example(1016, DOUBLE)  # 7x − 7x
@example(3528, DOUBLE)  # a + v + (E − v), where v is no input
@given(st.integers(0, 10**6), st.sampled_from([DOUBLE, SINGLE]))
def test_the_quick_sweep_is_the_strict_sweep(index, precision):
    tape, point = drawn(index, nodes=(3, 25))
    inputs = [arb(float(precision.dtype.type(x))) for x in point]
    plan = Plan(tape)
    cancelled = []
    with pytest.MonkeyPatch.context() as patch, balls.precision(BITS):
        patch.setattr(quick, "cancel", lambda *path: cancelled.append(cancel(*path)) or cancelled[-1])
        value, partials, _ = Quick(tape, precision).run(inputs)
    full = plan.wide(inputs, precision, bits=BITS)
    for ball, expected in zip([value, *partials], [full[0][tape.output], *full[1]], strict=True):
        if ball.is_finite():  # it need not be: a branch that is not taken may spoil it, and goes the long way
            assert expected.is_finite()
            assert ball.overlaps(expected)
            if expected.is_zero() or ball.is_zero():  # paths that cancel: by exact factors there, as one number here
                continue
            # the roundings of a product may be counted one more here or there: 7u, or 8u
            slack = 8 * precision.unit * (abs(expected) + 1)
            assert ball.rad() <= expected.rad() * 1.2 + slack
            if not any(cancelled):  # else what the paths leave is wider there
                assert expected.rad() <= ball.rad() * 1.2 + slack


@CALM
@given(st.integers(0, 10**6))
def test_what_is_certified_also_agrees_the_long_way(index):
    tape, point = drawn(index, nodes=(3, 12))
    plan = Plan(tape)
    value, partials = gradient(tape, dict(zip(tape.inputs, point, strict=True)))
    numbers = [float(partials[name]) for name in tape.inputs]
    if certified(Quick(tape, DOUBLE), point, float(value), numbers) is None:
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
    found = certified(Quick(tape, DOUBLE), point, value, gradient_)
    if text.startswith("(x + 1e17"):
        assert found is not None  # 0 lies in the wide ball of the value, and the partial is exactly 1
    else:
        assert found is None


def test_three_arguments_and_constants_alone():
    tape = read("clip(x, y, 3) + clip(x*x, y, 30)")
    value, partials = gradient(tape, {"x": 2.0, "y": 1.0})
    found = certified(Quick(tape, DOUBLE), [2.0, 1.0], float(value), [float(p) for p in partials.values()])
    assert found is not None
    assert [float(ball.mid()) for ball in found] == [5.0, 0.0]
    alone = read("where(x < y, x, y)")
    assert certified(Quick(alone, DOUBLE), [1.0, 2.0], 1.0, [1.0, 0.0]) is not None
    assert certified(Quick(read("3"), DOUBLE), [], 3.0, []) == []


def test_the_engines_gradient_is_nearly_always_certified():
    quickly = 0
    for index in range(60):
        tape, point = drawn(5000 + index)
        value, partials = gradient(tape, dict(zip(tape.inputs, point, strict=True)))
        numbers = [float(partials[name]) for name in tape.inputs]
        quickly += certified(Quick(tape, DOUBLE), point, float(np.ravel(value)[0]), numbers) is not None
    assert quickly >= 50


@CALM
@given(st.integers(0, 10**6))
def test_columns_of_balls_are_swept_as_balls_are(index):
    tape, point = drawn(index, nodes=(3, 25))
    quick = Quick(tape, DOUBLE)
    columns = [[arb(x * (1 + k / 64)) for k in range(3)] for x in point]
    with balls.precision(BITS):
        value, partials, swept = quick.run_columns(columns, 3)
        for k in range(3):
            alone, gradient_, alone_swept = quick.run([column[k] for column in columns])
            for one, other in zip([alone, *gradient_], [value[k], *(column[k] for column in partials)], strict=True):
                assert repr(one) == repr(other)
            at = {name: x * (1 + k / 64) for name, x in zip(tape.inputs, point, strict=True)}
            _, _, shown = ask_inside(NumpyEngine(), tape, at, "float64", 1)
            assert quick.far_off(swept, k, shown, NEAR) == quick.far_off(alone_swept, 0, shown, NEAR)


@pytest.mark.parametrize("name", ["mul", "exp", "sub", "div", "add"])
def test_a_local_derivative_that_is_off_is_told_from_those_of_a_sweep(name):
    tape = read("(x - exp(2*y))*y/3 + 5*x")
    quick, at = Quick(tape, DOUBLE), {"x": np.array([0.7, 0.8, 0.9]), "y": np.array([0.3, 0.2, 0.1])}
    columns = [[*map(arb, column.tolist())] for column in at.values()]
    for factor, is_off in ((1.0, False), (1 + 1e-15, name in ("mul", "sub", "add")), (1 + 1e-12, True)):
        wrong = faults.rule(name, lambda found, *_, c=factor: [g * c for g in found] if name != "exp" else found * c)
        _, _, shown = ask_inside(wrong, tape, at, "float64", 3)
        for swept, k in (quick.run_columns(columns, 3)[2], 2), (quick.run([column[1] for column in columns])[2], 1):
            off = quick.far_off(swept, k, shown.at(k), NEAR)
            expected = [i for i, node in enumerate(tape.nodes) if node.primitive.name == name]
            assert off == (expected if is_off else [])


def test_more_points_than_a_block_has():
    count = 2 * BLOCK + 3
    xs = 0.5 + np.arange(count) / 1000
    tape = read("x*exp(x)")
    value, partials = gradient(tape, {"x": xs})
    numbers = partials["x"]
    numbers[BLOCK + 1] *= 1 + 1e-9
    enclosed = Enclosed(Quick(tape, DOUBLE), [xs], value, [numbers], USUAL)
    certified = chain.from_iterable(enclosed.certified(lambda k, swept, place: False))
    assert [k for k, good in enumerate(certified) if not good] == [BLOCK + 1]
    (ball,) = enclosed.balls(count - 1)
    assert ball.contains(numbers[-1])


def test_a_plan_and_its_sweep_are_kept_until_a_meaning_changes():
    tape = read("cosh(x)*3")
    plan = plan_of(tape)
    assert plan_of(tape) is plan
    assert quick_of(tape, DOUBLE) is quick_of(tape, DOUBLE) is not quick_of(tape, SINGLE)
    with planted("cosh", "sinh(x)"):
        assert plan_of(tape) is not plan
        assert certified(quick_of(tape, DOUBLE), [1.0], 3 * np.cosh(1.0), [3 * np.sinh(1.0)]) is None
    assert certified(quick_of(tape, DOUBLE), [1.0], 3 * np.cosh(1.0), [3 * np.sinh(1.0)]) is not None


@pytest.mark.parametrize("points", [1, 3, 64])
@pytest.mark.parametrize(
    "text",
    ["exp(z + (x - z))", "sin((x - z) + z)*3", "exp(x + (z - (z + x*2)))", "w = z*z; exp(x*3 + w - w)", "z - x - z"],
)
def test_paths_that_take_each_other_away_leave_exactly_nothing(text, points):
    """A ball would keep the radius of the adjoint, and each point go the long way."""
    x = np.linspace(0.5, 1, points)
    for certify in ("all", "suspicious"):
        found = verify(text, {"x": x, "z": x / 3}, certify=certify)
        assert found.verdict == "agree"
        assert not found.decided
        assert all(p.partials["z"].engine == 0 for p in found.points)
        claim = {"x": [p.partials["x"].engine for p in found.points], "z": np.full(points, 1e-9)}
        assert verify(text, {"x": x, "z": x / 3}, gradient=claim).verdict == "wrong"


def test_paths_of_two_adjoints_of_one_size_do_not():
    """z gets 1 + 1e-20 from one side and −1 from the other."""
    tape = read("z*w - (z + x)")
    with balls.precision(BITS):
        _, (by_z, *_), _ = Quick(tape, DOUBLE).run([arb("0.5"), arb(1), arb(2)])
    assert not by_z.is_zero()
    assert by_z.contains(0)
