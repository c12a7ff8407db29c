"""Engines under test: the protocol, the project's own, and what is known by name."""

from __future__ import annotations

import re
import sys

import numpy as np
import pytest

import gradjury as gj
from gradjury.engine import REGISTRY
from gradjury.engine.blocks import BLOCK
from gradjury.verifier.asking import EngineFailed, ask_inside, ask_nodes
from gradjury.verifier.engine import (
    NumpyEngine,
    class_of,
    is_higher,
    is_limited,
    is_white,
    one_call,
    primitives_of,
    wears_out,
)
from gradjury.verifier.engine_names import available, engine_named
from gradjury.verifier.engines.common import Whole
from gradjury.verifier.errors import InvalidInput
from gradjury.verifier.reading.reader import read
from gradjury.verifier.timelimit import TimeIsUp
from gradjury.verifier.verify import verify


def test_our_own_engine_is_an_engine():
    engine = engine_named("numpy")
    assert engine_named(engine) is engine
    assert engine.name == "numpy"
    assert engine.version == np.__version__
    assert not engine.flushes_subnormals


def test_an_engine_may_hand_on_what_another_one_has():
    class Around:
        def __init__(self, engine):
            self.engine = engine

        def __getattr__(self, name):
            return getattr(self.engine, name)

    around = Around(NumpyEngine())
    assert engine_named(around) is around
    assert verify("tanh(x)", at={"x": 1.0}, engine=around).verdict == "agree"


def test_it_computes_values_and_gradients_of_any_shape():
    tape = read("a = x**2; a*y")
    value, gradient = NumpyEngine().gradient(tape, {"x": 3.0, "y": 2.0}, "float64")
    assert (value, gradient) == (18.0, {"x": 12.0, "y": 9.0})
    value, gradient = NumpyEngine().gradient(tape, {"x": np.array([1.0, 3.0]), "y": 2.0}, "float32")
    assert value.dtype == np.float32
    assert gradient["x"].tolist() == [4.0, 12.0]
    assert [float(v) for v in NumpyEngine().values(tape, {"x": 3.0, "y": 2.0}, "float64")] == [3.0, 2.0, 9.0, 18.0]


def test_an_engine_object_is_taken_as_it_is():
    engine = NumpyEngine()
    assert engine_named(engine) is engine


@pytest.mark.parametrize(
    ("engine", "message"),
    [("nympy", "'nympy' is not known; known: numpy"), (3, "got int, expected a name"), (object(), "got object")],
)
def test_what_is_no_engine(engine, message):
    with pytest.raises(InvalidInput, match=message):
        engine_named(engine)


def test_available_engines_have_versions():
    name, version, missing = available()[0]
    assert (name, version, missing) == ("numpy", np.__version__, None)


class Answering:
    """An engine that answers as a test wants it to."""

    name, version, flushes_subnormals = "mine", "1", False

    def __init__(self, answer):
        self.answer = answer

    def gradient(self, tape, point, dtype):
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (RuntimeError("boom\nand more"), r"RuntimeError: boom \(test_engine\.py, line \d+\)"),
        (InvalidInput("theirs"), r"InvalidInput: theirs \(.*"),
        (None, r"gradient returned None; expected \(value, partials by variable\)"),
        ((2.0, 2.0), r"gradient returned \(2\.0, 2\.0\); expected \(value, .*"),
        ((2.0, {}), "gradient returned no partial by x"),
        ((None, {"x": 2.0}), "gradient returned None for the value; expected one number"),
        ((2.0, {"x": "2"}), "gradient returned '2' for the partial by x; expected one number"),
        ((2.0, {"x": 2j}), "gradient returned 2j for the partial by x; expected one number"),
        ((2.0, {"x": [1.0, 2.0]}), r"gradient returned \[1\.0, 2\.0\] for the partial by x; expected one number"),
        ((2.0, {"x": [[1.0], 2.0]}), r"gradient returned .* for the partial by x; expected one number"),
    ],
)
def test_an_engine_that_fails_is_undecided_and_named(answer, message):
    found = verify("2*x", {"x": 1.0}, engine=Answering(answer))
    assert found.verdict == "undecided"
    assert re.fullmatch(f"crashed: mine: {message}", found.points[0].partials["x"].reason)
    assert found.to_record()["error"] == found.points[0].partials["x"].reason
    assert found.failure is (answer if isinstance(answer, Exception) else None)


@pytest.mark.parametrize("interrupt", [TimeIsUp(), KeyboardInterrupt()])
def test_interrupts_pass_through_an_engine(interrupt):
    with pytest.raises(type(interrupt)):
        verify("2*x", {"x": 1.0}, engine=Answering(interrupt))


def test_errors_of_our_own_engine_are_not_hidden(monkeypatch):
    monkeypatch.setattr("gradjury.engine.sweep.Execution.forward", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        verify("2*x", {"x": 1.0})


class Least:
    """An engine that has what is needed and no more."""

    name, version, flushes_subnormals = "least", "1", False

    def gradient(self, tape, point, dtype):
        return NumpyEngine().gradient(tape, point, dtype)


def test_what_an_engine_may_have_besides():
    least, own = Least(), NumpyEngine()
    assert (is_white(least), is_higher(least), is_limited(least)) == (False, False, False)
    assert (is_white(own), is_higher(own), is_limited(own)) == (True, True, False)
    assert primitives_of(least) == primitives_of(own) == tuple(REGISTRY)
    assert not wears_out(least)
    assert class_of(least) is class_of(None) is one_call(None, read("x")) is one_call(least, read("x")) is None
    least.primitives, least.wears_out_processes, least.engine_class = ["sin"], True, "mine:Least"
    assert (primitives_of(least), wears_out(least), class_of(least)) == (("sin",), True, "mine:Least")
    least.whole = Whole("sine", "sin(x)", 0, read("sin(x)"), np.sin, "function")
    assert one_call(least, read("sin(x)")) is least.whole
    assert one_call(least, read("cos(x)")) is None


def test_what_was_judged_stays_if_the_engine_fails_where_evidence_is_sought():
    class Once(NumpyEngine):
        asked = 0

        def gradient(self, tape, point, dtype):
            self.asked += 1
            if self.asked > 1:
                raise RuntimeError("enough")
            return 2.0, {"x": -2.0}

        def values(self, tape, point, dtype):
            raise RuntimeError("enough")

    found = verify("sin(x)*2 + x", {"x": 1.0}, engine=Once())
    assert found.verdict == "wrong"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda values: None, "TypeError: 'NoneType' object is not iterable .*"),
        (lambda values: values[:2], "values returned 2 values; expected 3, one for each node"),
        (lambda values: [*values[:2], None], "values returned None for node 2; expected one number"),
        (lambda values: [*values[:2], 1j], "values returned 1j for node 2; expected one number"),
        (lambda values: [*values[:2], [1.0, 2.0]], r"values returned \[1\.0, 2\.0\] for node 2; expected one number"),
    ],
)
def test_values_that_are_none_are_a_failure_of_the_engine(answer, message):
    class Showing(Least):
        def gradient(self, tape, point, dtype):
            return 2.0, dict.fromkeys(tape.inputs, 7.0)

        def values(self, tape, point, dtype):
            return answer(NumpyEngine().values(tape, point, dtype))

    tape = read("sin(x)*x")
    with pytest.raises(EngineFailed, match=f"crashed: least: {message}"):
        ask_nodes(Showing(), tape, {"x": 1.0}, "float64")
    assert verify(tape, {"x": 1.0}, engine=Showing()).verdict == "wrong"


def test_a_library_that_is_broken_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "num_dual.py").write_text("raise OSError('libfortran.so: cannot open shared object file')\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("num_dual", "gradjury.verifier.engines.num_dual"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with pytest.raises(InvalidInput, match=r"engine: num_dual cannot be imported \(libfortran.so: cannot open"):
        engine_named("num_dual")


@pytest.mark.parametrize(("status", "told"), [("'usage: mine FILE'", "usage: mine FILE"), ("", "SystemExit")])
def test_a_module_that_exits_is_one_line(tmp_path, monkeypatch, status, told):
    (tmp_path / "leaves.py").write_text(f"import sys\nsys.exit({status})\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidInput, match=rf"engine: 'leaves:Any' cannot be made \({told}\)"):
        engine_named("leaves:Any")


def test_a_class_that_cannot_be_made_is_one_line(tmp_path, monkeypatch):
    (tmp_path / "falls.py").write_text("class Falls:\n    def __init__(self):\n        raise RuntimeError('down')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidInput, match=r"engine: 'falls:Falls' cannot be made \(down\); expected MODULE:CLASS"):
        engine_named("falls:Falls")


def test_an_engine_that_exits_is_undecided() -> None:
    class Leaving(gj.TapeRunner):
        name, version = "leaving", "1"

        def differentiate(self, function, inputs):
            raise SystemExit(1)

    found = gj.verify("x*x", at={"x": 1.5}, engine=Leaving())
    assert found.verdict == "undecided"
    assert str(found.error).startswith("crashed: leaving: SystemExit: 1")


def test_our_own_engine_shows_what_it_multiplied_from():
    tape = read("sin(x)*y + 3*x")
    at = {"x": np.array([0.5, 0.25]), "y": 2.0}
    value, partials, shown = ask_inside(NumpyEngine(), tape, at, "float64", 2)
    expected, numbers = NumpyEngine().gradient(tape, at, "float64")
    np.testing.assert_array_equal(value, expected)
    assert [*map(list, partials.values())] == [*map(list, numbers.values())]
    sine, product = (next(i for i, n in enumerate(tape.nodes) if n.primitive.name == name) for name in ("sin", "mul"))
    last, first = shown.at(1), shown.at(0)
    assert last.values[:2] == [0.25, 2.0]
    assert last.local_derivative(sine, 0) == np.cos(0.25)
    assert (first.local_derivative(product, 0), first.local_derivative(product, 1)) == (2.0, np.sin(0.5))
    assert first.local_derivative(0, 0) is None


def test_nobody_else_is_asked_for_what_is_inside():
    class Derived(NumpyEngine):
        pass

    tape = read("x**2")
    assert ask_inside(Derived(), tape, {"x": 3.0}, "float64", 1) == (9.0, {"x": 6.0}, None)
    replaced = NumpyEngine()
    replaced.gradient = lambda tape, point, dtype: (9.0, {"x": 7.0})
    assert ask_inside(replaced, tape, {"x": 3.0}, "float64", 1) == (9.0, {"x": 7.0}, None)
    many = np.linspace(0.0, 1.0, BLOCK + 1)
    assert ask_inside(NumpyEngine(), tape, {"x": many}, "float64", BLOCK + 1)[2] is None
