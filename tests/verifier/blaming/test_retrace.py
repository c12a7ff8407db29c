"""Cancellation: a number is acquitted by the engine's own steps, and a fault among them is not."""

from __future__ import annotations

import mpmath
import pytest

from gradjury.properties.faults import OverwrittenFanOut
from gradjury.verifier import verify
from gradjury.verifier.blaming.retrace import RETRACED
from gradjury.verifier.engine import NumpyEngine

from .. import faults

#: The slope −2x³·exp(−x²) is a difference of 2x·exp(−x²) twice: at 3e-5 some 30 bits cancel.
FUNCTION, AT = "a = x**2; b = exp(-a); a*b + b", {"x": 3e-5}


def exact():
    with mpmath.workdps(50):
        x = mpmath.mpf(AT["x"])
        return -2 * x**3 * mpmath.exp(-(x**2))


def judged(**options):
    result = verify(FUNCTION, at=AT, **options)
    return result, result.points[0].partials["x"]


def test_right_steps_and_right_digits_agree():
    result, partial = judged()
    low, high = (mpmath.mpf(end) for end in partial.enclosure)
    assert high - low > abs(exact()) * 2**-19  # too wide to tell
    assert abs(partial.engine - exact()) < abs(exact()) * 2**-20
    assert (result.verdict, partial.reason, result.blame) == ("agree", RETRACED, None)


@pytest.mark.parametrize("certify", ["all", "suspicious"])
def test_points_in_an_array_are_retraced_as_an_array(certify):
    points = [0.5, *(1e-5 * (5 + 0.37 * k) for k in range(30)), 2.0]
    result = verify(FUNCTION, at={"x": points}, certify=certify)
    assert result.verdict == "agree"
    reasons = [p.partials["x"].reason for p in result.points]
    assert RETRACED in reasons
    assert reasons[0] is reasons[-1] is None


def test_a_black_box_is_asked_for_each_operation():
    result, partial = judged(engine=faults.BlackBox(NumpyEngine()))
    assert (result.verdict, partial.reason) == ("agree", RETRACED)


def test_a_value_is_acquitted_as_well():
    result = verify("log(x) - log(x + 1e-9) + 0*y", at={"x": 2e-2, "y": 1.0}, wrt="y")
    assert (result.points[0].value_verdict, result.verdict) == ("agree", "agree")


def test_a_claim_has_no_steps():
    result, partial = judged(gradient={"x": judged()[1].engine})
    assert result.verdict == "undecided"
    assert "cancellation" in partial.reason


@pytest.mark.parametrize("relative", [1e-12, 3e-13, -1e-13])
@pytest.mark.parametrize("name", ["exp", "powc", "mul"])
def test_a_fault_that_hides_in_the_enclosure_is_not_acquitted(name, relative):
    def change(right, *arguments):
        several = isinstance(right, tuple)
        return (right[0] * (1 + relative), *right[1:]) if several else right * (1 + relative)

    verdict = judged(engine=faults.rule(name, change))[0].verdict
    assert verdict != "agree"


def test_a_value_that_is_off_or_a_sum_that_is_not_is_not_acquitted():
    assert judged(engine=faults.value("exp", lambda y: y * (1 + 1e-13)))[0].verdict != "agree"

    class Careless(OverwrittenFanOut):
        @staticmethod
        def _accumulate(known, product):
            return known + product * (1 + 1e-13)

    assert judged(engine=NumpyEngine(execution=Careless))[0].verdict != "agree"


def test_digits_that_are_lost_stay_undecided():
    result = verify(FUNCTION, at={"x": 8.840607196467408e-08})
    assert result.verdict == "undecided"
