"""Reuse: one function at many points, one after the other and together; what was asked before changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np
import pytest

from gradjury.properties.conformance.defects import check
from gradjury.verifier import Engine, read
from gradjury.verifier.asking import ask
from gradjury.verifier.engines.common import TapeRunner

FUNCTIONS = (
    "x",
    "x*y",
    "x**2 + y",
    "a = sin(x); a*a + y",
    "exp(x)*y + x",
    "a = x*y; a*a + a",
    "x/y + y/x",
    "maximum(x, y) + x*3",
    "tanh(x)*exp(y)",
    "sqrt(x)*log(y)",
    "x*0.5 + 2",
)
POINTS = np.array([0.5, 1.5, 0.75, 2.5, 0.25, 3.5, 1.25, 0.625, 2.25, 0.375, 1.75, 4.5, 0.875, 5.5, 2.75, 0.125, 6.5])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_twice_at_one_point(engine: Engine, function: str) -> None:
    """The same numbers when it is asked again, with another point in between."""
    tape = read(function)
    here, there = ({name: x + i / 8 for i, name in enumerate(tape.inputs)} for x in (0.5, 1.5))
    first = numbers(ask(engine, tape, here, "float64"))
    numbers(ask(engine, tape, there, "float64"))
    assert numbers(ask(engine, tape, here, "float64")) == first, "the second answer at one point is another one"


def numbers(answer: tuple[Any, Mapping[str, Any]]) -> dict[str, list[float]]:
    """Value and partial derivatives, each as a list."""
    return {name: np.ravel(x).tolist() for name, x in {"": answer[0], **answer[1]}.items()}


@pytest.mark.parametrize("count", [1, 2, 3, 8, 17])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_points_together(engine: Engine, function: str, count: int) -> None:
    """K points at once: each has its own derivative, and constants serve all of them."""
    tape = read(function)
    at = {name: np.roll(POINTS, i)[:count] for i, name in enumerate(tape.inputs)}
    value, gradient = ask(engine, tape, at, "float64")
    shapes = {np.shape(x) for x in (value, *gradient.values())}
    assert shapes == {(count,)}, f"{count} points were asked; the shapes of the answers are {shapes}"
    check(engine, tape, at)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_answers_stay_as_they_are(engine: Engine, function: str) -> None:
    """What was returned is not written over by the answer at other points."""
    tape = read(function)
    here, there = ({name: np.roll(POINTS, i + k)[:4] for i, name in enumerate(tape.inputs)} for k in (0, 4))
    first = ask(engine, tape, here, "float64")
    before = numbers(first)
    ask(engine, tape, there, "float64")
    assert numbers(first) == before, "the answer at other points was written over the first one"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_inputs_stay_as_they_are(engine: Engine, function: str) -> None:
    """The arrays of the caller are not written to."""
    tape = read(function)
    at = {name: np.roll(POINTS, i)[:4] for i, name in enumerate(tape.inputs)}
    given = [(x, x.copy()) for x in at.values()]
    watched = watching(engine, given)
    ask(engine, tape, at, "float64")  # which skips the test where the engine lacks something, and hands on copies
    watched.gradient(tape, at, "float64")
    written = [f"{before} became {x}" for x, before in given if not np.array_equal(x, before)]
    assert not written, f"the engine writes to the numbers that it is given: {written[0]}"


def watching(engine: Engine, given: list[tuple[Any, Any]]) -> Engine:
    """The engine, and in a list what a :class:`TapeRunner` makes its arrays of, with copies to compare."""
    if not isinstance(engine, TapeRunner):
        return engine
    watched, make = copy(engine), engine.array

    def array(numbers: Any) -> Any:
        given.append((numbers, np.copy(numbers)))
        return make(numbers)

    setattr(watched, "array", array)  # noqa: B010  # a method of one object alone
    return watched
