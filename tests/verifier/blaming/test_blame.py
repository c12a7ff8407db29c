"""Blame: each kind of fault is found at the operation and the argument where it was planted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradjury as gj
from gradjury.engine.primitive import REGISTRY
from gradjury.engine.tape import Tape, compose
from gradjury.properties.faults import OverwrittenFanOut
from gradjury.verifier.blaming.blame import Blame, find_blame, find_singular
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.oracle.meanings import planted
from gradjury.verifier.oracle.sweeps import Plan
from gradjury.verifier.reading.reader import read
from gradjury.verifier.verify import verify

from .. import faults
from ..oracle.test_sweeps import DOUBLE, SINGLE

TEXT = "a = exp(sin(x)*y); b = a/(1 + x**2); tanh(b) + a*b"
AT = {"x": 0.7, "y": 1.3}


def index_of(text, primitive):
    tape = read(text)
    return next(i for i in tape.operations if tape.nodes[i].primitive.name == primitive)


def scaled(argument, factor):
    def change(partials, *_):
        if not isinstance(partials, tuple):
            return partials * factor
        return tuple(p * factor if i == argument else p for i, p in enumerate(partials))

    return change


@pytest.mark.parametrize("box", [False, True])
@pytest.mark.parametrize(
    ("primitive", "argument"), [("sin", 0), ("mul", 0), ("mul", 1), ("exp", 0), ("div", 0), ("div", 1), ("tanh", 0)]
)
@pytest.mark.parametrize("factor", [-1.0, 1 + 1e-3, 1 + 1e-9, 1 + 1e-12, 0.0, np.nan])
def test_a_faulty_rule(primitive, argument, factor, box):
    engine = faults.rule(primitive, scaled(argument, factor))
    result = verify(TEXT, AT, engine=faults.BlackBox(engine) if box else engine)
    assert result.verdict in ("imprecise", "inaccurate", "wrong", "nonfinite")
    blame = result.blame
    assert (blame.kind, blame.primitive, blame.argument) == ("rule", primitive, argument)
    if primitive != "mul":  # two products are there: either has the fault
        assert blame.node == index_of(TEXT, primitive)


@pytest.mark.parametrize("box", [False, True])
def test_a_rule_that_is_wrong_in_a_part_of_its_domain(box):
    engine = faults.rule("tanh", lambda d, x, y: np.where(x < 0, -d, d))
    engine = faults.BlackBox(engine) if box else engine
    result = verify("tanh(x - 1)*tanh(x + 1)", {"x": 0.25}, engine=engine)
    blame = result.blame
    assert (blame.kind, blame.primitive, blame.node) == ("rule", "tanh", 3)
    assert verify("tanh(x - 1)*tanh(x + 1)", {"x": 2.0}, engine=engine).verdict == "agree"


@pytest.mark.parametrize("box", [False, True])
def test_the_fan_out_overwritten(box):
    engine = NumpyEngine(execution=OverwrittenFanOut)
    text = "a = sin(x); a*exp(a)"
    result = verify(text, {"x": 0.7}, engine=faults.BlackBox(engine) if box else engine)
    assert result.verdict == "wrong"
    assert result.blame.kind == "accumulation"
    assert result.blame.primitive is None
    assert result.blame.node == index_of(text, "sin")


@pytest.mark.parametrize("box", [False, True])
@pytest.mark.parametrize("change", [lambda y: y + 1e-3, lambda y: y * (1 + 1e-9)])
def test_a_faulty_value(change, box):
    engine = faults.value("exp", change)
    result = verify(TEXT, AT, engine=faults.BlackBox(engine) if box else engine)
    assert (result.blame.kind, result.blame.primitive) == ("forward", "exp")
    assert result.blame.argument is None


def test_a_faulty_meaning_is_the_oracles():
    with planted("exp", "exp(2*x)"):
        result = verify(TEXT, AT)
    assert result.verdict == "undecided"
    assert (result.blame.kind, result.blame.primitive) == ("oracle", "exp")
    reasons = [p.reason for p in result.points[0].partials.values()]
    assert all("the symbolic oracle is in doubt" in reason for reason in reasons)


def test_a_meaning_whose_value_is_right_and_slope_is_not_said_to_be():
    with planted("sin", "sin(x) + 0*x"):
        assert verify(TEXT, AT).verdict == "agree"
    with planted("sin", "sin(x + 1/1000)"):
        assert verify(TEXT, AT).blame.kind == "oracle"


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("x**3", 0.0),  # the slope of the meaning is 0, its differences are not
        ("reciprocal(x)", 1e-8),  # floats' differences reach over the pole
        ("coth(x)", -1e-160),
        ("gamma(x)", 5e-324),
        ("cbrt(x)", 1e-300),
        ("fresnelc(x)", -1e160),  # and here over periods without number
        ("Si(x)", 1e160),
        ("airyai(x)", -1e160),
        ("Mod(x, 40)", 1e160),
    ],
)
@pytest.mark.parametrize("number", [0.377, np.nan])
def test_a_wrong_rule_where_differences_tell_nothing_is_not_the_oracles(text, x, number):
    name = read(text).nodes[-1].primitive.name
    engine = faults.rule(name, lambda partials, *_: (number, number) if isinstance(partials, tuple) else number)
    result = verify(text, {"x": x}, engine=engine)
    if text == "airyai(x)" and number == 0.377:  # its amplitude is 1e40: any number may be right
        assert result.verdict == "undecided"
        assert result.blame is None
    else:
        assert result.verdict in ("wrong", "nonfinite")
        assert result.blame.kind in ("rule", "overflow")
        assert result.blame.primitive == name


@pytest.mark.parametrize("text", ["Max(x, y)", "Min(x, y) - y", "Max(x, 1e-60)*y"])
def test_beside_a_kink_a_wrong_rule_is_not_the_oracles(text):
    name = "minimum" if "Min" in text else "maximum"
    engine = faults.rule(name, lambda partials, *_: (partials[0] + 0.5, partials[1]))
    result = verify(text, {"x": 0.0, "y": 1e-60}, engine=engine)
    assert (result.verdict, result.blame.kind, result.blame.primitive) == ("wrong", "rule", name)


@pytest.mark.parametrize("text", ["x - y", "exp(x - y)*x", "x + y"])
def test_a_faulty_sum_or_difference_of_equal_numbers_is_no_alias(text):
    name = "sub" if "-" in text else "add"
    result = verify(text, {"x": 1.0, "y": 1.0}, engine=faults.rule(name, lambda d, *_: (d[0], d[1] + 0.5)))
    assert (result.blame.kind, result.blame.primitive) == ("rule", name)


def test_a_meaning_and_a_rule_both_wrong_never_blame_a_right_rule():
    with planted("sin", "-sin(x)"):
        result = verify("sin(x)*x", {"x": 0.5}, engine=faults.rule("mul", scaled(0, 2.0)))
    assert (result.blame.kind, result.blame.primitive) != ("rule", "sin")


def test_float32_rules_are_blamed_at_float32():
    engine = faults.rule("tanh", scaled(0, 1 + 1e-3))
    result = verify("exp(tanh(x))", {"x": 0.5}, engine=engine, dtype="float32")
    assert (result.blame.kind, result.blame.primitive) == ("rule", "tanh")
    fine = faults.rule("tanh", scaled(0, 1 + 1e-9))
    assert verify("exp(tanh(x))", {"x": 0.5}, engine=fine, dtype="float32").verdict == "agree"


def test_a_constant_beyond_the_largest_float32_warns_nobody():
    """Warnings are errors here, as in many a suite."""
    result = verify("x*log1p(1e308)", {"x": 0.5}, dtype="float32")
    assert (result.verdict, result.blame.kind) == ("nonfinite", "overflow")


@pytest.mark.parametrize(
    ("text", "x", "cause", "primitive"),
    [
        ("sqrt(x**2)**2", 0.0, "singular", "sqrt"),
        ("sin(x)/x", 0.0, "singular", "div"),
        ("1/(exp(x)*exp(x))", 400.0, "overflow", "mul"),
        ("1/exp(x)*exp(1)", 800.0, "overflow", "exp"),
        ("x + 1", 1.0, "overflow", None),
    ],
)
def test_singular_and_overflowing_operations(text, x, cause, primitive):
    found = find_singular(NumpyEngine(), read(text), [x], DOUBLE, cause)
    assert (found.kind, found.primitive) == (cause, primitive)


def test_a_singular_point_is_no_fault_of_a_rule():
    result = verify("sqrt(x**2)**2", {"x": 0.0})
    assert result.verdict == "nonfinite"
    assert (result.blame.kind, result.blame.primitive) == ("singular", "sqrt")
    beside = verify("y**2 + sqrt(x**2)**2", {"x": 0.0, "y": 1e200}).blame  # y² overflows, and is not on the way to x
    assert (beside.kind, beside.primitive, beside.node) == ("singular", "sqrt", 4)
    overflow = verify("exp(x)*exp(-x)", {"x": 800.0})
    assert (overflow.blame.kind, overflow.blame.primitive) == ("overflow", "exp")


def test_operations_at_values_that_are_not_finite_are_not_asked():
    plan = Plan(read("exp(exp(x))*y"))
    found = find_blame(NumpyEngine(), plan, [7.0, 1.0], DOUBLE)
    assert (found.kind, found.primitive) == ("singular", "exp")  # not the product behind it
    assert find_blame(NumpyEngine(), plan, [0.5, 1.0], SINGLE).kind == "accumulation"  # nothing else is wrong


def test_the_record():
    blame = Blame("rule", "tanh", 1, 0, "tanh(x)", {"x": 20.0})
    assert blame.to_record() == {
        "kind": "rule",
        "primitive": "tanh",
        "node": 1,
        "argument": 0,
        "minimal": "tanh(x)",
        "at": {"x": 20.0},
    }


class Rewriting:
    """Takes acosh(cosh(x)) for x, and has a tanh whose derivative lost a few digits."""

    name, version, flushes_subnormals = "rewriting", "1", False

    def gradient(self, tape: Tape, point: Any, dtype: Any) -> Any:
        own = faults.rule("tanh", lambda by_x, *_: by_x * (1 + 1e-14))
        names = [node.primitive.name for node in tape.nodes]
        if "cosh" in names and "acosh" in names:
            short = compose(["x"], lambda recorder: recorder.add(REGISTRY["tanh"], (0,)))
            return own.gradient(short if "tanh" in names else compose(["x"], lambda recorder: 0), point, dtype)
        return own.gradient(tape, point, dtype)


@pytest.mark.parametrize("text", ["tanh(acosh(cosh(x)))", "acosh(cosh(x))"])
def test_a_rewriting_is_not_blamed_on_an_operation_that_lost_a_few_digits(text):
    found = verify(text, {"x": -1.5}, engine=Rewriting())
    assert found.verdict == "wrong"
    assert (found.blame.kind, found.blame.primitive, found.blame.minimal) == ("accumulation", None, "acosh(cosh(x))")
    assert verify("tanh(x)", {"x": -1.5}, engine=Rewriting()).verdict == "imprecise"


def test_an_operation_that_lost_a_few_digits_is_blamed_where_cancellation_magnifies_it():
    cancelled = "(tanh(x) - tanh(x + y))*1e9"
    found = verify(cancelled, {"x": 1.5, "y": 1e-7}, engine=faults.rule("tanh", lambda by_x, *_: by_x * (1 + 1e-11)))
    assert found.verdict in ("inaccurate", "wrong", "imprecise")
    assert (found.blame.kind, found.blame.primitive) == ("rule", "tanh")


class Aliasing:
    """Takes equal numbers for one variable: the partial by each is the sum of the partials by all of them."""

    name, version, flushes_subnormals = "aliasing", "1", False

    def gradient(self, tape: Tape, point: Any, dtype: Any) -> Any:
        value, gradient = NumpyEngine().gradient(tape, point, dtype)
        equal = {name: [other for other in gradient if np.array_equal(point[other], point[name])] for name in gradient}
        return value, {name: sum(gradient[other] for other in equal[name]) for name in gradient}


@pytest.mark.parametrize("text", ["x*y", "x + 2*y", "sin(x)*y", "hypot(x, y)"])
def test_equal_numbers_taken_for_one_variable_are_no_operations_fault(text: str) -> None:
    result = gj.verify(text, at={"x": 3.0, "y": 3.0}, engine=Aliasing())
    assert result.verdict == "wrong"
    assert result.blame is not None
    assert (result.blame.kind, result.blame.primitive) == ("accumulation", None)
    assert result.blame.minimal is not None
    assert gj.verify(text, at={"x": 3.0, "y": 4.0}, engine=Aliasing()).verdict == "agree"


def test_an_operation_that_is_wrong_at_a_tie_is_blamed_all_the_same() -> None:
    class Tied(Aliasing):
        def gradient(self, tape: Tape, point: Any, dtype: Any) -> Any:
            value, gradient = NumpyEngine().gradient(tape, point, dtype)
            wrong = any(node.primitive.name == "logaddexp" for node in tape.nodes)
            return value, dict.fromkeys(gradient, 1.0) if wrong else gradient

    result = gj.verify("logaddexp(x, y)", at={"x": 3.0, "y": 3.0}, engine=Tied())
    assert result.blame is not None
    assert (result.blame.kind, result.blame.primitive) == ("rule", "logaddexp")


class Wider:
    """An engine that goes on in doubles, whatever it is given, and has neither of two equal numbers as the smaller."""

    name, version, flushes_subnormals = "wider", "1", False

    def __init__(self):
        self._engine = faults.rule("minimum", lambda partials, a, b, *_: tuple(p * (a != b) for p in partials))

    def gradient(self, tape, point, dtype):
        return self._engine.gradient(tape, self._wide(point), np.float64)

    def values(self, tape, point, dtype):
        return self._engine.values(tape, self._wide(point), np.float64)

    def _wide(self, point):
        return {name: np.float64(x) for name, x in point.items()}


def test_values_of_a_wider_type_are_no_wrong_values():
    """What single operations are asked at is rounded to float32, and so is what they are judged at."""
    result = verify("v = Abs(tanh(x) + 0.3); Min(v, v)", {"x": 0.7}, engine=Wider(), dtype="float32")
    assert result.verdict == "wrong"
    assert (result.blame.kind, result.blame.primitive) == ("accumulation", None)


def test_values_beyond_a_narrow_type_are_no_numbers_in_it():
    """Warnings are errors here: 1e64 is no float32."""
    result = verify("v = exp(x)*1e30; log(v) + Min(x, x)", {"x": 80.0}, engine=Wider(), dtype="float32")
    assert result.blame is None or result.blame.kind != "forward"
