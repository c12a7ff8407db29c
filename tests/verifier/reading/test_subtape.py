"""Parts of a tape: the same values, names that are kept, operations alone."""

from __future__ import annotations

import pytest

from gradjury.engine.sweep import Execution
from gradjury.engine.tape import Recorder
from gradjury.verifier.reading.printer import write
from gradjury.verifier.reading.reader import read
from gradjury.verifier.reading.subtape import counterpart, needed, single, subtape

TEXT = "a = x**2; b = exp(a)*y; c = sin(b); c/a + b"
AT = {"x": 0.75, "y": -1.25}


def run(tape, at):
    execution = Execution(tape)
    execution.forward(at)
    return execution.values


@pytest.mark.parametrize("cuts", [(), ("a",), ("b",), ("a", "b"), ("c",)])
def test_a_part_computes_what_the_whole_computes(cuts):
    tape = read(TEXT)
    index = {name: i for i, name in tape.names}
    values = run(tape, AT)
    for output in tape.operations:
        part, sources = subtape(tape, output, [index[c] for c in cuts])
        at = {name: values[s] for name, s in zip(part.inputs, sources, strict=True)}
        assert run(part, at)[part.output] == values[output]
        assert len(sources) == len(part.inputs)
        assert len(part.nodes) <= len(tape.nodes)


def test_an_argument_in_place_of_its_operation():
    tape = read("a = exp(x*y); b = a + sin(z); b*a")
    index = {name: i for i, name in tape.names}
    part, sources = subtape(tape, tape.output, instead={index["b"]: index["a"]})
    assert (write(part), sources) == ("v3 = exp(x*y); v3*v3", (0, 1))
    assert needed(tape, tape.output, (), {index["a"]: 2}) == [2, *(i for i in tape.operations if i > index["a"])]


def test_what_is_needed():
    tape = read(TEXT)
    index = {name: i for i, name in tape.names}
    assert needed(tape, index["a"]) == [0, index["a"]]
    assert 0 not in needed(tape, tape.output, (index["a"], index["b"]))
    assert index["a"] in needed(tape, tape.output, (index["a"], index["b"]))


def test_inputs_are_kept_that_nothing_depends_on():
    tape = read(TEXT)
    part, sources = subtape(tape, 0, besides=(1,))
    assert (part.inputs, sources, part.output) == (("x", "y"), (0, 1), 0)
    part, sources = subtape(tape, 1, besides=(0,))
    assert (part.inputs, sources, part.output) == (("x", "y"), (0, 1), 1)


def test_names_are_kept_or_made():
    tape = read(TEXT)
    index = {name: i for i, name in tape.names}
    part, _ = subtape(tape, tape.output, (index["a"], index["b"]))
    assert part.inputs == ("a", "b")
    assert write(part) == "sin(b)/a + b"
    exp = next(i for i in tape.operations if tape.nodes[i].primitive.name == "exp")
    assert subtape(tape, tape.output, (exp,))[0].inputs == ("x", "y", f"v{exp}")


def test_a_made_name_never_takes_an_inputs_name():
    recorder = Recorder(["v1"])
    exp = recorder.add(read("exp(x)").nodes[1].primitive, (0,))
    tape = recorder.tape(recorder.add(read("x*y").nodes[2].primitive, (exp, 0)))
    assert subtape(tape, tape.output, (exp,))[0].inputs == ("v1", "v1_")


@pytest.mark.parametrize(
    ("text", "written", "inputs"),
    [
        ("x*x", "x*y", (0, 1)),
        ("x**2", "x**2", (0,)),
        ("2*x", "2*x", (None, 0)),
        ("x/3", "x/3", (0, None)),
        ("clip(x, -1, y)", "clip(x, -1, y)", (0, None, 1)),
        ("where(x < y, x, y)", "Piecewise((z, x < y), (w, True))", (0, 1, 2, 3)),
        ("leaky_relu(x, 0.2)", "leaky_relu(x, 0.2)", (0,)),
        ("besselj(2, x)", "besselj(2, x)", (None, 0)),
    ],
)
def test_an_operation_alone(text, written, inputs):
    tape = read(text)
    alone, found = single(tape, tape.output)
    assert write(alone) == written
    assert found == inputs
    behind, found = single(tape, tape.output, scaled=True)
    assert len(behind.inputs) == len(alone.inputs) + 1
    assert behind.nodes[behind.output].args == (behind.output - 1, len(alone.inputs))
    assert found == inputs


@pytest.mark.parametrize(
    ("text", "other", "node", "expected"),
    [
        ("sin(x)*exp(y)", "exp(y)*sin(x)", 2, 3),
        ("sin(x) + cos(x)", "cos(x) + sin(x)", 2, 1),
        ("sin(x + 1)", "sin(x + 2)", 3, None),
        ("sin(x) + sin(x)", "sin(x) + sin(x)", 2, 2),
    ],
)
def test_the_same_node_on_another_tape(text, other, node, expected):
    assert counterpart(read(text), node, read(other)) == expected
