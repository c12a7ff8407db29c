"""Unmasking: a rule that is off by itself is found behind an enclosure that is wide enough to hide it."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.engine import Execution
from gradjury.engine.blocks import BLOCK
from gradjury.verifier.blaming.unmask import MASKED, _is_excused
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.errors import Unsupported
from gradjury.verifier.oracle.truth import USUAL_ULPS
from gradjury.verifier.verify import verify

from .. import faults

#: sin(10⁶·x)/10⁶ leaves its argument few digits: its slope is known to some thousand units in the last place.
WIDE = "sin(1e6*x)/1e6 + tanh(y)"
AT = {"x": 0.7, "y": 0.3}


def off(name, factor):
    return faults.rule(name, lambda by_x, *_: by_x * factor)


def test_a_right_engine_agrees_however_far_off_rounding_takes_it():
    found = verify(WIDE, AT).points[0].partials["x"]
    assert (found.verdict, found.reason) == ("agree", None)
    lower, upper = (float(end) for end in found.enclosure)
    assert upper - lower > 1e-12 * abs(lower)


@pytest.mark.parametrize("certify", ["all", "suspicious"])
@pytest.mark.parametrize("count", [1, 64])
def test_a_rule_that_is_off_is_found_behind_a_wide_enclosure(certify, count):
    at = {"x": np.linspace(0.7, 0.71, count), "y": np.linspace(0.3, 0.4, count)}
    found = verify(WIDE, at, engine=off("sin", 1 + 1e-12), certify=certify)
    assert found.verdict == "imprecise"
    assert (found.blame.kind, found.blame.primitive) == ("rule", "sin")
    verdicts = [p.partials["x"].verdict for p in found.points]
    assert 1 <= verdicts.count("imprecise") <= 3
    first = found.points[verdicts.index("imprecise")]
    assert first.partials["x"].reason == MASKED
    assert first.partials["y"].verdict == "agree"  # it does not depend on the sine
    low, high = (float(end) for end in first.partials["x"].enclosure)
    assert low <= first.partials["x"].engine <= high


def test_a_rule_that_is_off_by_its_last_digits_is_left_to_the_enclosure():
    assert verify(WIDE, AT, engine=off("sin", 1 + 1e-14)).verdict == "agree"


def test_an_operation_with_no_part_in_the_partial_is_not_looked_at():
    text = "Max(sin(1e6*x)/1e6, exp(x) - 100)"
    assert verify(text, {"x": 0.7}, engine=off("exp", 1 + 1e-12)).verdict == "agree"


def test_what_cancellation_leaves_undecided_is_looked_at():
    text = "(sin(x + 1e-13) - sin(x))*1e13"
    right = verify(text, {"x": 1.1})
    assert right.points[0].partials["x"].verdict in ("undecided", "agree")
    assert verify(text, {"x": 1.1}, engine=off("sin", 1 + 1e-9)).points[0].partials["x"].verdict == "imprecise"


#: The sine has so small a part in the slope that a rule of it which is off by 4,500 units moves that by a few.
SMALL_PART = "x**2*(1 + x) + sin(x)/1000"


@pytest.mark.parametrize("certify", ["all", "suspicious"])
@pytest.mark.parametrize("count", [1, 5, 64, BLOCK + 1])
def test_our_own_engine_shows_a_rule_whose_fault_is_lost_in_the_last_digits(certify, count):
    at = {"x": np.linspace(0.7, 0.71, count)}
    assert verify(SMALL_PART, at, certify=certify).verdict == "agree"
    found = verify(SMALL_PART, at, engine=off("sin", 1 + 1e-12), certify=certify)
    flagged = [p.partials["x"] for p in found.decided if p.partials["x"].verdict != "agree"]
    assert [p.verdict for p in flagged] == ["imprecise"]
    assert flagged[0].ulps < USUAL_ULPS
    assert (found.blame.kind, found.blame.primitive) == ("rule", "sin")


def test_what_one_of_many_points_shows_it_shows_alone():
    found = verify(SMALL_PART, {"x": np.linspace(0.7, 0.71, 64)}, engine=off("sin", 1 + 1e-12))
    (point,) = (p for p in found.points if p.partials["x"].verdict != "agree")
    assert verify(SMALL_PART, point.at, engine=off("sin", 1 + 1e-12)).verdict == "imprecise"


@pytest.mark.parametrize("options", [{}, {"certify": "suspicious"}, {"wrt": "x"}])
@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("x**2*(1 + x) + sin(x)/1000", 1 + 1e-11),
        ("exp(3*x)*x + sin(x)/1000 + exp(-x)", 1 + 1e-10),
        ("exp(20*x)*x + sin(x)*1000", 1 + 3e-10),
    ],
)
def test_a_rule_that_is_off_in_a_part_of_its_domain_is_looked_at_where_the_number_is_furthest_off(
    text, factor, options
):
    wrong = faults.rule("sin", lambda by_x, x, *_: np.where(x > 0.75, by_x * factor, by_x))
    found = verify(text, {"x": np.linspace(0.7, 0.8, 64)}, engine=wrong, **options)
    assert (found.verdict, found.blame.primitive) == ("imprecise", "sin")


class Forward(Execution):
    """Derivatives by tangents: what its reverse sweep returns was multiplied from the input side."""

    def reverse(self, seed=1.0, keep=True):
        found = {name: self.tangent({name: 1.0}) for name in self.tape.inputs}
        self.drop()
        return found


def test_sweeps_of_somebody_elses_are_asked_for_single_operations():
    wrong = off("exp", 1 + 1e-11)
    engine = NumpyEngine(rules=wrong._rules, execution=Forward)
    text, at = "(sin(x) - sin(x + 1e-7))*exp(x) + y", {"x": 0.7, "y": 0.3}
    assert verify(text, at, engine=NumpyEngine(execution=Forward)).verdict == "agree"
    found = verify(text, at, engine=engine)
    assert (found.verdict, found.blame.primitive) == ("imprecise", "exp")


@pytest.mark.parametrize("shape", [np.atleast_1d, np.asarray, float])
def test_a_rule_may_return_its_one_number_in_an_array(shape):
    text, engine = "sin(x)*exp(y)*x + cos(x*y)", faults.rule("sin", lambda by_x, *_: shape(by_x))
    for x in np.linspace(0.7, 0.9, 20).tolist():
        assert verify(text, {"x": x, "y": 0.3}, engine=engine).verdict == "agree"


@pytest.mark.parametrize("kind", [list, iter, np.array])
def test_a_rule_may_return_its_numbers_in_any_sequence(kind):
    engine = faults.rule("mul", lambda found, *_: kind(found))
    for x in np.linspace(0.7, 0.9, 20).tolist():
        assert verify("sin(x)*exp(y)*x + cos(x*y)", {"x": x, "y": 0.3}, engine=engine).verdict == "agree"


def test_a_number_that_is_the_nearest_to_the_exact_one_is_not_looked_at():
    assert verify("2*x + tanh(x)/1e6", {"x": 20.0}, engine=off("tanh", 1 + 1e-6)).verdict == "agree"


def test_a_class_derived_from_our_own_engine_is_asked_for_its_gradient():
    class Off(NumpyEngine):
        def gradient(self, tape, point, dtype):
            value, partials = super().gradient(tape, point, dtype)
            return value, {name: p * (1 + 1e-12) for name, p in partials.items()}

    assert verify(SMALL_PART, {"x": 0.7}, engine=Off()).verdict == "imprecise"


class InParts(NumpyEngine):
    """Takes no function of more than five operations but the one it is asked for."""

    def gradient(self, tape, point, dtype):
        if len(tape.operations) > 5:
            raise Unsupported("too many operations")
        wrong = faults.rule("sin", lambda by_x, *_: by_x * (1 + 1e-12))
        return wrong.gradient(tape, point, dtype)


def test_an_engine_that_cannot_be_asked_for_all_operations_at_once_is_asked_for_each():
    assert verify(WIDE, AT, engine=InParts()).verdict == "imprecise"


class Fragile(InParts):
    """Breaks on what it does not know."""

    def gradient(self, tape, point, dtype):
        if len(tape.operations) > 5:
            raise KeyError("v7")
        return super().gradient(tape, point, dtype)


def test_an_engine_that_breaks_when_it_is_asked_loses_nothing():
    assert verify(WIDE, AT, engine=Fragile()).verdict == "agree"


@pytest.mark.parametrize("answer", [None, (2.0, {}), (2.0, {"x": 1.0, "y": 1.0}), SystemExit(1)])
def test_an_engine_that_answers_anything_when_it_is_asked_loses_nothing(answer):
    class Odd:
        """Knows x alone."""

        name, version, flushes_subnormals = "odd", "1", False

        def gradient(self, tape, point, dtype):
            if tape.inputs == ("x",):
                value, partials = NumpyEngine().gradient(tape, point, dtype)
                return value, {"x": partials["x"] * (1 + 3e-15)}
            if isinstance(answer, SystemExit):
                raise answer
            return answer

    found = verify("1000*exp(x) - 1000*x**3 - 1000*cos(3*x) + 50*exp(sin(20*x))", {"x": 0.5}, engine=Odd())
    assert found.verdict == "agree"
    assert found.points[0].partials["x"].ulps > USUAL_ULPS


def test_claims_have_no_operations_that_could_be_asked():
    right = verify(WIDE, AT).points[0].partials["x"]
    lower, upper = (float(end) for end in right.enclosure)
    claim = lower + 0.1 * (upper - lower)
    assert verify(WIDE, AT, gradient={"x": claim}, wrt="x").verdict == "agree"


@pytest.mark.parametrize(("name", "text"), [("exp", "exp(Max(x*y, y*x))"), ("neg", "-Max(1.1*x, 1.1*x)*y")])
def test_a_tie_of_equal_branches_hides_nothing(name, text):
    """That the arguments are equal is not seen in balls, but whichever is taken has the same slope."""
    point = {"x": 0.7, "y": 1.3}
    assert verify(text, point).verdict == "agree"
    result = verify(text, point, engine=off(name, 1.01))
    assert result.verdict == "wrong"
    assert (result.blame.kind, result.blame.primitive) == ("rule", name)


@pytest.mark.parametrize(("name", "text"), [("exp", "exp(Min(x**2, x))"), ("neg", "3*-Min(x**2, x)")])
def test_operations_behind_a_tie_are_looked_at(name, text):
    """Beside 1, where rounding may let x² fall to x, everything between the slopes 1 and 2 is open."""
    point = {"x": 1 + 2.0**-52}
    result = verify(text, point, engine=off(name, 1.01))
    assert result.verdict == "imprecise"
    assert (result.blame.kind, result.blame.primitive) == ("rule", name)


def test_only_what_an_enclosure_excuses_is_looked_into():
    kink = verify("Abs(x) + y", {"x": 0.0, "y": 1.0, "z": 2.0}, engine=faults.rule("abs", lambda by_x, *_: by_x))
    assert [_is_excused(partial, 0.0) for partial in kink.points[0].partials.values()] == [False] * 3
