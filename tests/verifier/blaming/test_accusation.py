"""Accusation: the worst number is explained, claims are blamed only where no doubt is left."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.verifier.blaming.accusation import are_alike
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.oracle.meanings import planted
from gradjury.verifier.oracle.sweeps import precision_of
from gradjury.verifier.verify import verify

from .. import faults
from .test_blame import scaled


def test_nobody_is_accused_where_nothing_is_wrong():
    for text, at in (("exp(x)*y", {"x": 0.5, "y": 2.0}), ("Abs(x)", {"x": 0.0}), ("1/x", {"x": 0.0})):
        assert verify(text, at).blame is None


def test_the_first_point_that_fails_is_explained():
    engine = faults.rule("sin", lambda d, x, y: np.where(x < 0, -d, d))
    blame = verify("sin(x)*x", {"x": [1.0, 2.0, -1.5]}, engine=engine).blame
    assert (blame.kind, blame.primitive) == ("rule", "sin")
    assert blame.at["x"] < 0


def test_a_claim_of_one_operation_is_a_rule():
    result = verify("atan2(x, y)", {"x": 1.0, "y": 2.0}, gradient={"x": 0.4, "y": 0.2})
    blame = result.blame
    assert (blame.kind, blame.primitive, blame.argument) == ("rule", "atan2", 1)
    assert blame.minimal == "atan2(x, y)"
    assert blame.at == {"x": 1.0, "y": 2.0}
    by_x = verify("atan2(x, y)", {"x": 1.0, "y": 2.0}, gradient={"x": -0.4, "y": -0.2})
    assert by_x.blame.argument == 0


def test_a_claim_of_several_operations_has_nobody_to_blame():
    result = verify("exp(x)*y", {"x": 1.0, "y": 2.0}, gradient={"x": 1.0})
    assert result.verdict == "wrong"
    assert result.blame is None


@pytest.mark.parametrize("function", [lambda x, y: np.sin(x), lambda x, y: (np.sin(x), x)[1]])
def test_a_claim_by_a_variable_without_a_part_in_the_function_has_nobody_to_blame(function):
    right = verify(function, {"x": 0.0, "y": 2.0}, gradient={"x": 1.0, "y": 0.0})
    wrong = verify(function, {"x": 0.0, "y": 2.0}, gradient={"x": 1.0, "y": 1.0})
    assert (right.verdict, wrong.verdict, wrong.blame) == ("agree", "wrong", None)


def test_an_operation_beside_the_function_is_not_blamed_for_a_claim():
    result = verify(lambda x, y: (np.sin(y), x)[1], {"x": 1.0, "y": 2.0}, gradient={"x": 2.0})
    assert (result.verdict, result.blame) == ("wrong", None)


def test_a_claim_at_a_singular_point_is_its_own():
    result = verify("sin(x)/x", {"x": 0.0}, gradient={"x": float("nan")})
    assert result.verdict == "nonfinite"
    assert result.blame is None


def test_a_variable_that_the_function_does_not_name_is_no_operation():
    result = verify("exp(x)", {"x": 1.0, "z": 2.0}, gradient={"z": 5.0})
    assert result.verdict == "wrong"
    assert result.blame is None


def test_the_oracle_in_doubt_at_one_point_and_a_fault_at_another():
    engine = faults.rule("exp", lambda d, x, y: np.where(x < 0, 3 * d, d))
    with planted("sin", "-sin(x)"):
        result = verify("exp(x)*Max(sin(x), -9)", {"x": [1.0, -1.0]}, engine=engine)
    assert result.points[0].partials["x"].verdict == "undecided"
    assert result.points[1].partials["x"].verdict == "undecided"  # there, too, sin is among what is in doubt
    assert (result.blame.kind, result.blame.primitive) == ("oracle", "sin")


def test_a_wrong_value_alone_is_explained():
    engine = faults.value("add", lambda y: y + 1e-3)
    result = verify("exp(x) + y", {"x": 1.0, "y": 2.0}, engine=engine)
    point = result.points[0]
    assert point.value_verdict == "wrong"
    assert [p.verdict for p in point.partials.values()] == ["agree", "agree"]
    assert (result.blame.kind, result.blame.primitive) == ("forward", "add")


def test_a_shifted_meaning_is_no_rules_fault():
    """The slope of a shifted meaning is right, and only the value is off: nothing tells whose fault that is."""
    with planted("add", "a + b + 1/1000"):
        result = verify("exp(x) + y", {"x": 1.0, "y": 2.0})
    assert {p.verdict for p in result.points[0].partials.values()} == {"agree"}
    assert result.points[0].value_verdict == "wrong"
    assert (result.blame.kind, result.blame.primitive) == ("forward", "add")


def test_verdicts_of_a_fault_planted_as_a_sign():
    result = verify("exp(sin(x))", {"x": 0.3}, engine=faults.rule("sin", scaled(0, -1.0)))
    assert result.points[0].partials["x"].verdict == "wrong"
    assert result.points[0].value_verdict == "agree"


@pytest.mark.parametrize(("text", "x"), [("log(exp(x))", 1e-300), ("log(exp(x))", 1e-3), ("(x + 1e10) - 1e10", 0.3)])
def test_a_value_that_no_step_betters_is_the_forward_functions(text: str, x: float) -> None:
    found = verify(text, at={"x": x}, standard="function")
    assert found.points[0].value_verdict == found.verdict != "agree"
    assert found.blame is not None
    assert (found.blame.kind, found.blame.primitive) == ("forward", None)


class Asked(NumpyEngine):
    """Its gradient by x is changed; how often it was asked is known."""

    name, asked = "asked", 0

    def __init__(self, change):
        super().__init__()
        self.change = change

    def gradient(self, tape, point, dtype):
        self.asked += 1
        value, gradient = super().gradient(tape, point, dtype)
        return value, {name: self.change(np.asarray(g), self.asked) for name, g in gradient.items()}


@pytest.mark.parametrize("x", [0.5, [0.5, 1.5, 2.5]])
def test_another_number_for_the_same_question_is_no_operations_fault(x):
    result = verify("exp(x)*x", {"x": x}, engine=Asked(lambda g, n: g * (1 + 0.001 * n)))
    blame = result.blame
    assert (blame.kind, blame.how) == ("accumulation", "unsteady")
    assert (result.verdict, blame.primitive, blame.minimal, blame.at) == ("wrong", None, None, None)


def test_what_is_left_of_the_question_before():
    """A gradient that is never set back to 0 is right the first time only."""
    left = {}

    def adds_up(g, n):
        left[g.shape] = left.get(g.shape, 0.0) + g
        return left[g.shape]

    engine = Asked(adds_up)
    assert verify("x**2", {"x": 1.5}, engine=engine).verdict == "agree"
    assert verify("x**2", {"x": 1.5}, engine=engine).blame.how == "unsteady"


def test_points_that_fail_only_together():
    engine = Asked(lambda g, n: np.full_like(g, g.sum()))
    result = verify("exp(x)*x", {"x": [0.5, 1.5, 2.5]}, engine=engine)
    blame = result.blame
    assert (result.verdict, blame.kind, blame.how, blame.minimal) == ("wrong", "accumulation", "together", None)
    assert blame.to_record()["how"] == "together"
    assert verify("exp(x)*x", {"x": 0.5}, engine=engine).verdict == "agree"


def test_a_fault_that_shows_alone_as_well_is_an_operations():
    """The numbers are others among several points, but alone they are wrong too."""
    engine = faults.rule("exp", lambda d, x, y: d * (1.5 if np.size(d) == 1 else 1.25))
    blame = verify("exp(x)*x", {"x": [0.5, 1.5, 2.5]}, engine=engine).blame
    assert (blame.kind, blame.primitive) == ("rule", "exp")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_last_digits_may_change(dtype):
    precision = precision_of(np.dtype(dtype))
    unit, nan, inf = precision.unit, float("nan"), float("inf")
    alike = [(1.0, 1 + 64 * unit), (nan, nan), (inf, inf), (0.0, -0.0)]
    unlike = [(1.0, 1 + 1e5 * unit), (nan, 1.0), (inf, -inf), (inf, 1.0), (0.0, 1e-300)]
    assert all(are_alike(*pair, precision) for pair in alike)
    assert not any(are_alike(*pair, precision) for pair in unlike)
