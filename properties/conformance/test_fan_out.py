"""Fan-out: a value that is used more than once gets the sum of the derivatives of all its uses."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from gradjury.engine import REGISTRY
from gradjury.engine.tape import Constant, Recorder, compose
from gradjury.properties.conformance.defects import check
from gradjury.properties.conformance.functions import REPEATED
from gradjury.properties.conformance.ordinary import drawn_use
from gradjury.properties.conformance.subjects import Subject
from gradjury.verifier import Engine, read


@pytest.mark.parametrize("function", REPEATED)
def test_values_used_twice(engine: Engine, function: str) -> None:
    """Sums over paths that one can follow by hand."""
    check(engine, read(function), REPEATED[function])


@given(data=st.data())
def test_operations_used_twice(subject: Subject, data: st.DataObject) -> None:
    """y·y + y + x for the value y of an operation and its first variable x."""
    use, box = drawn_use(subject, data)
    recorder = Recorder(use.tape.inputs)
    constants = {i: recorder.constant(n.consts[0]) for i, n in enumerate(use.tape.nodes) if n.primitive is Constant}
    operation = use.tape.nodes[use.tape.output]
    value = recorder.add(operation.primitive, tuple(constants.get(a, a) for a in operation.args), operation.consts)
    square = recorder.add(REGISTRY["mul"], (value, value))
    total = recorder.add(REGISTRY["add"], (square, value))
    tape = recorder.tape(recorder.add(REGISTRY["add"], (total, 0)))
    at = {name: data.draw(st.floats(*side), label=name) for name, side in zip(tape.inputs, box, strict=True)}
    check(subject.engine, tape, at)


@pytest.mark.parametrize("uses", [2, 10, 200])
def test_many_uses(engine: Engine, uses: int) -> None:
    """A variable that is used many times, and a product of sums of it."""

    def build(recorder: Recorder) -> int:
        total = 0
        for _ in range(uses):
            total = recorder.add(REGISTRY["add"], (total, 0))
        return recorder.add(REGISTRY["mul"], (total, 0))

    check(engine, compose(["x"], build), {"x": [0.5, 2.0]})


def test_exponentially_many_paths(engine: Engine) -> None:
    """Doubled thirty times: 2³⁰ paths in thirty operations, one reverse sweep."""

    def build(recorder: Recorder) -> int:
        value = 0
        for _ in range(30):
            value = recorder.add(REGISTRY["add"], (value, value))
        return value

    check(engine, compose(["x"], build), {"x": [1.0]})


@pytest.mark.parametrize("length", [100, 400])
def test_long_chains(engine: Engine, length: int) -> None:
    """A long chain of operations, each of which uses the last value and the variable."""

    def build(recorder: Recorder) -> int:
        value = 0
        for i in range(length):
            value = recorder.add(REGISTRY["mul" if i % 3 else "add"], (value, 0))
            value = recorder.add(REGISTRY["sin"], (value,))
        return value

    check(engine, compose(["x"], build), {"x": [1.1]})
