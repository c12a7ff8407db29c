"""Which arguments are variables: those without a default, and those that points name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import gradjury as gj
from gradjury.verifier.signatures import leading_names, with_given, with_variables


@pytest.mark.parametrize(
    ("function", "given", "names", "found"),
    [
        (lambda x, y: x + 10 * y, (), ("x", "y"), 21),
        (lambda x, k=2.0: x * k, ("x",), ("x",), 2),
        (lambda x, k=2.0: x * k, ("k", "x"), ("x", "k"), 2),
        (lambda x, k=3.0, m=5.0: x + 10 * k + 100 * m, ("x", "m"), ("x", "m"), 231),
        (lambda x, *, k: x + 10 * k, (), ("x", "k"), 21),
        (lambda x, *, k=4.0: x + 10 * k, ("x",), ("x",), 41),
        (lambda *args: args[0] + 10 * args[1], ("a", "b"), ("a", "b"), 21),
        (lambda x, *args: x + 10 * args[0], ("b", "x"), ("x", "b"), 21),
        (lambda **named: named["a"] + 10 * named["b"], ("a", "b"), ("a", "b"), 21),
        (lambda x, **named: x + 10 * named["b"], ("x", "b"), ("x", "b"), 21),
    ],
)
def test_variables(function: Callable, given: tuple[str, ...], names: tuple[str, ...], found: float) -> None:
    variables, by_position = with_variables(function, given)
    assert variables == names
    assert by_position(*range(1, len(names) + 1)) == found


def test_no_number_goes_to_the_wrong_argument() -> None:
    with pytest.raises(gj.InvalidInput, match=r"at: no value for 'k', which stands before \*args; given: x, a"):
        with_variables(lambda x, k=2.0, *args: x, ("x", "a"))


def test_a_default_stays_unless_points_name_it() -> None:
    def scaled(x, k=2.0):
        return x * k

    assert gj.verify(scaled, at={"x": 3.0}).expression == "x*2"
    assert gj.verify(scaled, at={"x": 3.0, "k": 5.0}).expression == "x*k"
    assert gj.verify(scaled, points=2).expression == "x*2"
    gj.assert_gradient(scaled, lambda x: 2.0, at={"x": 3.0})


def test_arguments_without_names_have_those_of_the_points() -> None:
    assert gj.verify(lambda *args: np.sin(args[0]) * args[1], at={"a": 1.0, "b": 2.0}).expression == "sin(a)*b"


def test_a_function_that_does_not_say_has_the_names_that_are_given() -> None:
    assert with_given(np.multiply, ("a", "b")) == (("a", "b"), np.multiply)
    assert with_given(np.sin) == (("x",), np.sin)
    assert with_given(lambda *args: args[0])[0] == ("x",)
    names, by_position = with_given(lambda x, k=2.0, *, m: x + 10 * m, ("x", "m"))
    assert (names, by_position(1, 2)) == (("x", "m"), 21)


def test_names_of_the_arguments_of_a_call() -> None:
    assert leading_names(lambda x, y, z=1: 0, 2) == ["x", "y"]
    assert leading_names(lambda x, y, z=1: 0, 3) == ["x", "y", "z"]
    assert leading_names(lambda x, *more: 0, 2) == []
    assert leading_names(np.sin, 1) == []
