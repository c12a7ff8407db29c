"""Tapes: order, identity, what they know about their nodes."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gradjury.engine import REGISTRY, Constant, Input, Node, Recorder, Tape, compose
from gradjury.engine.tape import constant_as_float

ADD, MUL, EXP = REGISTRY["add"], REGISTRY["mul"], REGISTRY["exp"]


def _example() -> Tape:
    recorder = Recorder(["x", "y"])
    two = recorder.constant(Fraction(2))
    doubled = recorder.add(MUL, (two, 0))
    recorder.add(EXP, (two,))
    recorder.names.append((doubled, "a"))
    return recorder.tape(recorder.add(ADD, (doubled, 1)))


def test_inputs_come_first():
    tape = _example()
    assert [n.primitive for n in tape.nodes[:2]] == [Input, Input]
    assert tape.inputs == ("x", "y")
    assert tape.output == len(tape) - 1 == 5
    assert tape.names == ((3, "a"),)


def test_tapes_are_equal_by_their_operations():
    assert _example() == _example()
    assert hash(_example()) == hash(_example())
    other = compose(["x", "y"], lambda r: r.add(MUL, (0, 1)))
    assert _example() != other
    assert compose(["x"], lambda r: r.add(EXP, (0,))) != compose(["z"], lambda r: r.add(EXP, (0,)))
    assert other != "a tape"


def test_active_nodes_are_those_that_depend_on_an_input():
    assert _example().active == (True, True, False, True, False, True)


def test_operations_are_neither_inputs_nor_constants():
    assert _example().operations == (3, 4, 5)
    assert repr(_example()) == "<Tape of 3 operations on x, y>"
    assert repr(compose([], lambda r: r.constant(Fraction(1)))) == "<Tape of 0 operations on no inputs>"


def test_equal_constants_share_a_node_and_operations_do_not():
    recorder = Recorder(["x"])
    assert recorder.constant(Fraction(1, 2)) == recorder.constant(Fraction(2, 4))
    assert recorder.constant("pi") != recorder.constant(Fraction(1, 2))
    assert recorder.add(EXP, (0,)) != recorder.add(EXP, (0,))


def test_nodes_carry_a_shape():
    assert Node(EXP, (0,)).shape == ()


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (Fraction(1, 10), 0.1),
        ("pi", 3.141592653589793),
        ("E", 2.718281828459045),
        ("inf", float("inf")),
        ("-inf", float("-inf")),
        (Fraction(10) ** 400, float("inf")),
        (-(Fraction(10) ** 400), float("-inf")),
    ],
)
def test_constants_as_floats(value, number):
    assert constant_as_float(value) == number
    assert Constant.forward(value=value) == number


def test_nan_is_a_constant():
    assert constant_as_float("nan") != constant_as_float("nan")


def test_the_value_of_an_input_is_not_a_primitives_business():
    with pytest.raises(RuntimeError, match="input 'x' comes from the point"):
        Input.forward(symbol="x")
