"""Strategies: they draw from the grammar, shrink towards the simple, and say what is wrong with an option."""

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from gradjury.engine import REGISTRY, Execution
from gradjury.properties import Composite, strategies
from gradjury.properties.choices import Drawn
from gradjury.verifier.reading.reader import read

QUIET = settings(
    max_examples=1000, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def names(function: Composite) -> list[str]:
    return [function.tape.nodes[i].primitive.name for i in function.tape.operations]


@settings(max_examples=50, deadline=None)
@given(strategies.composites(variables=(1, 2), nodes=(3, 12)))
def test_composites_keep_their_bounds(function):
    assert 1 <= len(function.tape.inputs) <= 2
    assert 3 <= len(function.tape) <= 12


def test_any_function_shrinks_to_a_tiny_one():
    function = find(strategies.composites(), lambda f: True, settings=QUIET)
    assert len(function.tape.operations) <= 2


def test_a_function_with_sin_shrinks_to_little_else():
    some = strategies.composites(nodes=(3, 20), primitives=("sin", "exp", "tanh", "square", "erf", "add", "mul"))
    function = find(some, lambda f: "sin" in names(f), settings=QUIET)
    assert "sin" in names(function)
    assert len(function.tape) <= 10


def test_a_shared_node_shrinks_small():
    def shares(function):
        args = [a for node in function.tape.nodes for a in set(node.args)]
        return any(args.count(i) > 1 for i in function.tape.operations)

    assert len(find(strategies.composites(nodes=(3, 15)), shares, settings=QUIET).tape) <= 10


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_points_name_every_variable(data):
    function = data.draw(strategies.composites(nodes=(3, 20)))
    point = data.draw(strategies.points(function, special=False))
    assert set(point) == set(function.box)
    assert all(function.box[name][0] <= value <= function.box[name][1] for name, value in point.items())
    Execution(function.tape).forward(point)


@settings(max_examples=50, deadline=None)
@given(strategies.expressions(variables=(1, 2), nodes=(3, 25)))
def test_expressions_are_read_by_the_reader(text):
    assert read(text).inputs


def test_special_points_are_drawn():
    function = find(strategies.composites(variables=(2, 2), nodes=(5, 9)), lambda f: True, settings=QUIET)
    drawn = find(strategies.points(function, special=True), lambda p: abs(p["x"]) > 1e100, settings=QUIET)
    assert abs(drawn["x"]) > 1e100


def test_primitives_shrink_to_addition():
    assert find(strategies.primitives(), lambda p: True, settings=QUIET) is REGISTRY["add"]
    assert find(strategies.primitives(), lambda p: p.opaque != (), settings=QUIET).opaque


def test_primitives_without_kinks_leave_out_those_that_have_nothing_else():
    with pytest.raises(NoSuchExample):
        find(strategies.primitives(kinks=False), lambda p: p.name == "mod", settings=QUIET)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"variables": (3, 2)}, r"variables=\(3, 2\); expected"),
        ({"nodes": (1, 2)}, r"nodes=\(1, 2\); expected"),
        ({"primitives": "sin"}, r"primitives='sin' is one text; expected several names"),
        ({"primitives": ["sin", "sinus"]}, r"primitives: 'sinus' is no operation; did you mean sin or"),
        ({"primitives": ["mod"], "kinks": False}, r"mod, which cannot be used with kinks=False"),
    ],
)
def test_wrong_options_are_named_when_the_strategy_is_made(options, message):
    with pytest.raises(ValueError, match=message):
        strategies.composites(**options)


def test_points_want_a_composite():
    with pytest.raises(ValueError, match=r"points\(\) got Tape; expected a Composite"):
        strategies.points(find(strategies.composites(), lambda f: True, settings=QUIET).tape)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_drawn_choices_keep_their_bounds(data):
    choices = Drawn(data.draw)
    assert -3 <= choices.integer(-3, 5) <= 5
    assert 0.25 <= choices.real(0.25, 0.5) <= 0.5
    assert choices.pick("abc") in "abc"
    assert choices.coin(0.5) in (True, False)
    assert choices.coin(0.0) is False
    assert choices.coin(1.0) is True


def test_a_coin_shrinks_to_false_and_a_pick_to_the_first():
    assert find(st.builds(lambda d: d, st.data()), lambda d: True, settings=QUIET) is not None
    drawn = find(_coin_and_pick(), lambda pair: True, settings=QUIET)
    assert drawn == (False, "a")


@st.composite
def _coin_and_pick(draw):
    choices = Drawn(draw)
    return choices.coin(0.5), choices.pick("abc")
