"""Minimisation: what is returned is no larger, has simple floats, and fails again."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.properties.faults import OverwrittenFanOut
from gradjury.verifier.blaming import minimise
from gradjury.verifier.blaming.minimise import Minimiser
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.reading.reader import read
from gradjury.verifier.verify import verify

from .. import faults
from ..oracle.test_sweeps import DOUBLE
from .test_blame import AT, TEXT, scaled

BLAMED = ("imprecise", "inaccurate", "nonfinite", "wrong")

ENGINES = {
    "rule": faults.rule("tanh", scaled(0, -1.0)),
    "rule of a part": faults.rule("exp", lambda d, x, y: np.where(x > 0.5, 1.01 * d, d)),
    "a digit": faults.rule("div", scaled(1, 1 + 1e-9)),
    "value": faults.value("exp", lambda y: y * 1.001),
    "fan-out": NumpyEngine(execution=OverwrittenFanOut),
}


@pytest.mark.parametrize("box", [False, True])
@pytest.mark.parametrize("kind", ENGINES)
def test_the_minimal_function_fails_again(kind, box):
    engine = faults.BlackBox(ENGINES[kind]) if box else ENGINES[kind]
    blame = verify(TEXT, AT, engine=engine).blame
    again = verify(blame.minimal, blame.at, engine=engine)
    assert again.verdict in BLAMED
    assert (again.blame.kind, again.blame.primitive) == (blame.kind, blame.primitive)
    assert len(read(blame.minimal).operations) < len(read(TEXT).operations)
    right = verify(blame.minimal, blame.at)
    assert right.verdict == "agree"


def test_one_operation_and_short_floats():
    engine = faults.rule("tanh", scaled(0, -1.0))
    blame = verify("exp(tanh(x*y) + x)", {"x": 0.7391, "y": 1.2345678}, engine=engine).blame
    assert blame.minimal == "tanh(x)"
    assert blame.at == {"x": 0.9}


def test_floats_stay_long_where_only_they_fail():
    narrow = faults.rule("sin", lambda d, x, y: np.where(x == 0.123456789, 2 * d, d))
    blame = verify("sin(x)", {"x": 0.123456789}, engine=narrow).blame
    assert blame.at == {"x": 0.123456789}


def test_an_accumulation_keeps_a_fan_out():
    blame = verify(
        "a = sin(x*y) + z; b = a*exp(a); sqrt(b + 3)",
        {"x": 0.5, "y": 1.5, "z": 0.25},
        engine=NumpyEngine(execution=OverwrittenFanOut),
    ).blame
    tape = read(blame.minimal)
    assert blame.kind == "accumulation"
    assert len(tape.operations) <= 3
    uses = [a for node in tape.nodes for a in node.args]
    assert len(uses) > len(set(uses))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("y + log(x) - z + (softplus(x) + u + 3)", {"x": 1.0, "y": 0.2, "z": 0.1, "u": -9.0}),
        ("(cbrt(x) + 7)/(x + 1)", {"x": 20.0}),
        ("sin(x*2 + 1) - 3*x*y", {"x": 3.0, "y": 0.9}),
    ],
)
def test_what_stands_beside_a_failure_falls_away(text, at):
    engine = NumpyEngine(execution=OverwrittenFanOut)
    blame = verify(text, at, engine=engine).blame
    smallest = read(blame.minimal)
    assert len(smallest.inputs) == 1
    assert len(smallest.operations) <= 2
    assert verify(smallest, blame.at, engine=engine).verdict == "wrong"


def test_nothing_fails_without_operations_or_at_infinite_points():
    search = Minimiser(ENGINES["rule"], DOUBLE)
    assert not search.fails(read("x"), [1.0])
    assert not search.fails(read("tanh(x)"), [float("inf")])
    assert search.fails(read("tanh(x)"), [0.5])
    assert not Minimiser(NumpyEngine(), DOUBLE).fails(read("tanh(x)"), [0.5])


def test_the_search_is_limited(monkeypatch):
    monkeypatch.setattr(minimise, "MOST_TRIALS", 3)
    search = Minimiser(NumpyEngine(execution=OverwrittenFanOut), DOUBLE)
    tape = read("a = sin(x); b = a*a; c = b*b; d = c*c; d + c + b + a")
    small, at = search.minimise(tape, [0.512345], None)
    assert search.trials < 12
    assert verify(small, dict(zip(small.inputs, at, strict=True)), engine=search.engine).verdict in BLAMED


def test_what_floats_may_make_of_minus_zero_is_no_failure():
    """ceil(−0.3) is −0 in floats, and atan2(−0, −1) is −π by IEEE 754, where the exact value is π."""
    minimiser = Minimiser(faults.value("atan2", lambda y: -y), DOUBLE)
    assert minimiser.severity(read("atan2(ceil(x - 0.6), y)*y"), [0.3, -1.0]) == 0
    assert minimiser.severity(read("atan2(floor(x), y)*y"), [0.3, -1.0]) > 0


def test_an_infinity_on_the_way_is_not_explained_by_a_wrong_rule():
    narrow = faults.rule("tanh", lambda d, x, y: np.where(x < 0.5, 1.5 * d, d))
    found = verify("a = tanh(y); (a*3 + 1)/x*x", {"x": -1e-160, "y": 0.25}, engine=narrow)
    assert found.points[0].partials["x"].verdict == "nonfinite"
    assert "tanh" not in found.blame.minimal
