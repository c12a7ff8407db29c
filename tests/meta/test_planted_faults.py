"""The verifier finds faults planted in every primitive's rule and value, and blames the operation and argument.

A small sample of what ``benchmarks/power.py`` measures.
"""

from __future__ import annotations

import pytest

from gradjury.engine import REGISTRY
from gradjury.properties import power
from gradjury.properties.faults import RULES, VALUES, arguments, plant
from gradjury.properties.power import Outcome
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.verify import verify

from .planting import of_fault

FLAT = {"sign", "floor", "ceil", "heaviside"}  # no derivative that a factor could change
SEED = 20


def scaled(kind):
    return kind not in ("x < 0", "near 0")


@pytest.mark.parametrize("name", REGISTRY)
def test_faults_of_a_rule(name):
    primitive = REGISTRY[name]
    outcome = Outcome()
    for kind in RULES:
        for argument in arguments(primitive):
            outcome += of_fault(primitive, kind, argument, functions=2, seed=SEED)
    assert outcome.found == outcome.blamed == outcome.affected, outcome.missed
    assert outcome.affected > 0


@pytest.mark.parametrize("name", REGISTRY)
def test_faults_of_a_value(name):
    outcome = Outcome()
    for kind in VALUES:
        outcome += of_fault(REGISTRY[name], kind, 0, functions=2, seed=SEED)
    assert outcome.found == outcome.blamed == outcome.affected, outcome.missed
    assert outcome.affected > 0


def test_the_fan_out_overwritten():
    outcome = of_fault(None, "fan-out", 0, functions=40, seed=SEED)
    assert outcome.affected > 20
    assert outcome.found == outcome.blamed == outcome.affected, outcome.missed


@pytest.mark.parametrize("kind", RULES)
def test_faults_in_larger_functions(kind):
    """One operation among many is still the one that is blamed."""
    outcome = Outcome()
    for name in ("sin", "mul", "div", "exp", "sqrt"):
        for argument in arguments(REGISTRY[name]):
            outcome += of_fault(REGISTRY[name], kind, argument, functions=4, seed=SEED + 1)
    assert outcome.found >= 0.99 * outcome.affected, outcome.missed
    assert outcome.blamed >= 0.99 * outcome.found, outcome.missed
    assert outcome.affected > (5 if scaled(kind) else 2)


@pytest.mark.parametrize("name", [n for n in REGISTRY if n not in FLAT])
def test_the_right_engine_is_not_accused(name):
    """The same functions without a fault: no verdict that blames anybody."""
    for number, function in power.functions_with(REGISTRY[name], SEED, 2):
        at = power.points(function, 2, seed=SEED, index=number)
        assert verify(function.tape, at, engine=NumpyEngine()).verdict not in ("wrong", "inaccurate", "nonfinite")


def test_a_fault_below_rounding_is_no_affected_function():
    """The measure itself: a change of one ulp in a hundred is not counted, so it cannot be missed."""
    primitive = REGISTRY["exp"]
    exact = plant(primitive, "1e-12")
    exact.derivative = staticmethod(lambda x, y: y * (1 + 2.0**-52))
    number, function = next(iter(power.functions_with(primitive, SEED, 1)))
    at = power.points(function, 4, seed=SEED, index=number)
    result = verify(function.tape, at, engine=NumpyEngine(rules={primitive: exact}), standard="program")
    assert not any(power.moved(function.tape, point) for point in result.points)
    assert result.verdict == "agree"


def test_every_function_of_the_sample_holds_the_primitive():
    for name in ("erfinv", "where", "besselk"):
        drawn = list(power.functions_with(REGISTRY[name], SEED, 5))
        assert len(drawn) == 5
        assert all(power.holds_active(function.tape, REGISTRY[name]) for _, function in drawn)
