"""The language of domains, kinks and disputed arguments: on arrays, on numbers and on balls."""

import numpy as np
import pytest
from flint import arb

from gradjury.engine import REGISTRY
from gradjury.engine.domains import holds, may_hold
from gradjury.verifier.oracle.rules import rule_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("True", [True] * 3),
        ("x > 0", [False, False, True]),
        ("-1 < x < 1", [False, True, False]),
        ("x > -1 and x < 1", [False, True, False]),
        ("x == 0 or x == 2", [False, True, True]),
        ("not x == floor(x)", [False, False, False]),
        ("x < pi - 1.5", [True, True, False]),
    ],
)
def test_conditions(text, expected):
    assert np.broadcast_to(holds(text, {"x": np.array([-1.0, 0.0, 2.0])}), 3).tolist() == expected


@pytest.mark.parametrize("text", ["x.real > 0", "__import__('os')", "[x]", "y > 0", "lambda: 0"])
def test_conditions_are_not_code(text):
    with pytest.raises(ValueError, match="cannot stand in a domain"):
        holds(text, {"x": 1.0})


@pytest.mark.parametrize("primitive", REGISTRY.values(), ids=lambda p: p.name)
def test_every_primitive_speaks_it_on_arrays_numbers_and_balls(primitive):
    """At an inner point the three say the same."""
    names = (*primitive.arguments, *(name for name in primitive.constants if name != "relation"))
    numbers = {name: 0.3 + 0.11 * place for place, name in enumerate(names)}
    balls = {name: arb(x) for name, x in numbers.items()}
    for text in (primitive.domain, primitive.kinks, primitive.disputed, primitive.undocumented):
        expected = bool(holds(text, numbers))
        assert np.all(holds(text, {name: np.full(3, x) for name, x in numbers.items()}) == expected)
        assert bool(holds(text, balls, lambda p: rule_of(p).value)) is expected


def test_of_balls_a_comparison_holds_where_it_is_certain():
    around_one = {"x": arb(1, 0.5)}
    assert not holds("x > 1", around_one)
    assert not holds("x <= 1 or x > 1", around_one)
    assert holds("x > 0 and x < pi", around_one)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("x == 0", True), ("x == 0.1", True), ("x == 3", False), ("x > 1", True), ("x > 0 and x == 3", False)],
)
def test_an_equation_may_hold_between_the_points_of_a_grid(text, expected):
    assert may_hold(text, {"x": np.array([-1.0, 0.5, 2.0])}) is expected
