"""An engine's own way: its values node by node, and its answers for operations multiplied from the output's side."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradjury.verifier import verify
from gradjury.verifier.blaming.steps import multiplied_back, node_values, values_of_nodes
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.reading.reader import read

from .. import faults

TAPE = read("a = exp(sin(x)*y); b = a/(1 + x**2); tanh(b) + a*b")
X, Y = 0.7, 1.3


@pytest.mark.parametrize("engine", [NumpyEngine(), faults.BlackBox(NumpyEngine())], ids=["white", "black"])
def test_values_of_nodes(engine):
    a = math.exp(math.sin(X) * Y)
    b = a / (1 + X**2)
    found = node_values(engine, TAPE, [X, Y], np.dtype("float64"))
    named = {name: found[i] for i, name in TAPE.names}
    assert named == pytest.approx({"a": a, "b": b}, rel=1e-14)
    assert found[TAPE.output] == pytest.approx(math.tanh(b) + a * b, rel=1e-14)
    single = node_values(engine, TAPE, [X, Y], np.dtype("float32"))
    assert single == [float(np.float32(v)) for v in single]
    assert single == pytest.approx(found, rel=1e-5)


def test_a_black_box_is_asked_at_all_points_at_once():
    point = {"x": np.array([X, 1.0, -2.0]), "y": np.array([Y, 0.5, 3.0])}
    white = values_of_nodes(NumpyEngine(), TAPE, point, np.dtype("float64"))
    black = values_of_nodes(faults.BlackBox(NumpyEngine()), TAPE, point, np.dtype("float64"))
    assert [np.broadcast_to(v, (3,)).tolist() for v in white] == [np.broadcast_to(v, (3,)).tolist() for v in black]


def test_a_black_box_is_asked_for_what_is_of_use():
    class Counting(faults.BlackBox):
        asked = 0

        def gradient(self, tape, point, dtype):
            self.asked += 1
            return super().gradient(tape, point, dtype)

    engine, wanted = Counting(NumpyEngine()), TAPE.nodes[TAPE.output].args
    found = node_values(engine, TAPE, [X, Y], np.dtype("float64"), wanted)
    every = node_values(NumpyEngine(), TAPE, [X, Y], np.dtype("float64"))
    assert [found[i] for i in (0, 1, *wanted)] == [every[i] for i in (0, 1, *wanted)]
    assert all(math.isnan(x) for i, x in enumerate(found) if i > 1 and i not in wanted)
    assert engine.asked == len(wanted) == 2


def test_products_are_summed_over_paths():
    """y = (x·z)·x + 3: by x two paths, by z one, by the constant none, by w nothing."""
    tape = read("(x*z)*x + 3", variables=("x", "z", "w"))
    x, z = 2.0, 5.0
    outer, inner = (i for i in reversed(tape.operations) if tape.nodes[i].primitive.name == "mul")
    local = {tape.output: (1.0, 1.0), outer: (x, x * z), inner: (z, x)}
    found = multiplied_back(tape, lambda i: zip(tape.nodes[i].args, local[i], strict=True), 1.0)
    assert found == [2 * x * z, x * x, 0.0]


def test_products_are_rounded_as_the_engine_rounds():
    tape = read("x*3 + x*7")
    tenth = np.float32(0.1)
    found = multiplied_back(tape, lambda i: [(a, tenth) for a in tape.nodes[i].args if tape.active[a]], np.float32(1))
    assert found == [float(tenth * tenth + tenth * tenth)]
    assert found != [float(tenth) ** 2 * 2]


@pytest.mark.parametrize("shown", [None, [1.0], ["?"] * 9, ValueError("none here"), SystemExit(1)])
def test_an_engine_that_fails_to_show_its_values_is_a_black_box(shown):
    """What it computes can be judged and blamed all the same."""

    class Mute(faults.BlackBox):
        def values(self, tape, point, dtype):
            if isinstance(shown, BaseException):
                raise shown
            return shown

    assert node_values(Mute(NumpyEngine()), TAPE, [X, Y], np.dtype("float64")) == node_values(
        faults.BlackBox(NumpyEngine()), TAPE, [X, Y], np.dtype("float64")
    )
    blame = verify("exp(sin(x))*x", {"x": 0.5}, engine=Mute(faults.rule("sin", lambda partial, *_: 2 * partial))).blame
    assert (blame.kind, blame.primitive) == ("rule", "sin")
