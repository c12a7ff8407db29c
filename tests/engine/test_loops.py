"""The loops over plain tapes do what the sweeps do node by node, to the bit."""

from __future__ import annotations

import operator
from fractions import Fraction

import numpy as np
import pytest

from gradjury.engine import REGISTRY, Constant, Execution, Primitive, Recorder, Tape, trace
from gradjury.engine.loops import adjoints_back, values_forward
from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.properties.points import points


class NodeByNode(Execution):
    """Asks for the local derivatives of one node after another: whoever overrides ``local`` is spared the loops."""

    def local(self, index):
        return super().local(index)


def _same(one, two):
    assert (one is None) == (two is None)
    if one is not None:
        np.testing.assert_array_equal(one, two)
        np.testing.assert_array_equal(np.signbit(one), np.signbit(two))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("index", range(60))
def test_values_and_adjoints_are_those_of_the_sweep_node_by_node(index, dtype):
    function = composite(seeded(4, index))
    many = points(function, 5, seed=4, index=index, special=0.2)
    for point in (many, {name: float(xs[0]) for name, xs in many.items()}):
        plain, slow = Execution(function.tape, dtype), NodeByNode(function.tape, dtype)
        _same(plain.forward(point), slow.forward(point))
        for one, two in zip(plain.values, [*slow.values], strict=True):
            _same(one, two)
        partials, expected = plain.reverse(), slow.reverse()
        for name in function.tape.inputs:
            _same(partials[name], expected[name])
        for one, two in zip(plain.adjoints, slow.adjoints, strict=True):
            _same(one, two)
        for one, two in zip(plain.local_derivatives, slow.local_derivatives, strict=True):
            assert isinstance(one, tuple) == isinstance(two, tuple)
            for part, expected in zip(*(p if isinstance(p, tuple) else (p,) for p in (one, two)), strict=True):
                _same(part, expected)


def _run(tape: Tape, *inputs: float, accumulate=operator.add, kept=None):
    """Values and adjoints of a tape by the two loops alone; local derivatives are put into ``kept``."""
    values = [*inputs]
    named = [dict(zip(n.primitive.constants, map(float, n.consts), strict=True)) if n.args else {} for n in tape.nodes]
    values_forward(tape, values, {p: p.forward for p in tape.primitives} | {Constant: float}, named.__getitem__)
    adjoints = [None] * len(tape)
    adjoints[tape.output] = 1.0
    rules = {p: p.derivative for p in tape.primitives if p.arguments}
    adjoints_back(tape, values, adjoints, rules, named.__getitem__, accumulate, kept)
    return values, adjoints


@pytest.mark.parametrize(
    ("function", "at", "value", "gradient"),
    [
        (lambda x: -x, (3.0,), -3.0, (-1.0,)),
        (lambda x: x**3, (2.0,), 8.0, (12.0,)),
        (lambda x, y: x / y, (3.0, 2.0), 1.5, (0.5, -0.75)),
        (lambda x, y: x - y, (3.0, 2.0), 1.0, (1.0, -1.0)),
        (lambda x, y: (x + y) * (x + y), (1.0, 2.0), 9.0, (6.0, 6.0)),
        (lambda x: 2.0 - 3.0 * x, (4.0,), -10.0, (-3.0,)),
        (lambda x, y, z: np.clip(x, y, z) * x, (2.0, 1.0, 5.0), 4.0, (4.0, 0.0, 0.0)),
    ],
    ids=["one argument", "a constant", "two", "signs", "twice used", "numbers", "three"],
)
def test_operations_with_every_number_of_arguments(function, at, value, gradient):
    tape = trace(function)
    kept = [None] * len(tape)
    values, adjoints = _run(tape, *at, kept=kept)
    assert values[tape.output] == value
    assert tuple(adjoints[: len(at)]) == gradient


def test_what_does_not_depend_on_an_input_gets_no_adjoint():
    recorder = Recorder(["x"])
    root = recorder.add(REGISTRY["sqrt"], (recorder.constant(Fraction(4)),))
    product = recorder.add(REGISTRY["mul"], (0, root))
    kept = [None] * 4
    assert _run(recorder.tape(product), 3.0, kept=kept) == ([3.0, 4.0, 2.0, 6.0], [2.0, None, None, 1.0])
    assert kept == [None, None, None, (2.0, 3.0)]
    assert _run(recorder.tape(root), 3.0)[1] == [None, None, 1.0, None]


def test_paths_meet_in_the_function_that_accumulates():
    tape = trace(lambda x: x * x)
    assert _run(tape, 3.0, accumulate=lambda known, product: 10 * known + product)[1][0] == 33.0


def test_what_the_sweep_has_passed_can_be_given_up():
    values, adjoints = _run(trace(lambda x: -(x * x)), 3.0)
    assert values == [3.0, None, None]
    assert adjoints == [-6.0, None, None]


def test_a_rule_that_forgets_an_argument_is_an_error():
    class Forgetful(Primitive, register=False):
        def forward(a, b, c):
            return a + b + c

        def derivative(a, b, c, y):
            return 1.0, 1.0

    recorder = Recorder(["x", "y", "z"])
    tape = recorder.tape(recorder.add(Forgetful, (0, 1, 2)))
    with pytest.raises(ValueError, match="shorter"):
        _run(tape, 1.0, 2.0, 3.0)
