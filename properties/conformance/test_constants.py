"""Constants and aliasing: an engine must not take two equal numbers for one variable."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from gradjury.properties.conformance.defects import check
from gradjury.properties.conformance.functions import EQUAL
from gradjury.verifier import Engine, read

#: Functions in which inputs are of no use, or are the result.
IDLE: dict[str, dict[str, Any]] = {
    "a = x; 3": {"x": [1.0, 2.0]},
    "x + 0*y": {"x": 1.0, "y": 2.0},
    "a = sin(y); x": {"x": 1.0, "y": 2.0},
    "a = sin(y); x**2": {"x": 1.0, "y": 1.0},
    "y": {"y": [1.0, 2.0, 3.0]},
}

#: Constants that are no floats: 0.1 and 1/3 are rounded once, pi and E are the real numbers.
CONSTANTS = ("x*0.1", "x + 0.1", "x**0.1", "0.1**x", "x/3", "x*pi", "sin(pi*x)", "E**x", "x**pi", "x - 0.1 + 0.2")


@pytest.mark.parametrize("function", EQUAL)
def test_equal_numbers(engine: Engine, function: str) -> None:
    """Each variable has a derivative of its own, whatever other variables and constants are equal to it."""
    check(engine, read(function), EQUAL[function])


@pytest.mark.parametrize("function", EQUAL)
@given(number=st.sampled_from([0.5, 1.0, 2.0, 3.0, 0.1, -1.0, 1e-8, 1e8]))
def test_equal_variables(engine: Engine, function: str, number: float) -> None:
    """The same with one number for all variables, as an array of several equal points too."""
    tape = read(function)
    check(engine, tape, dict.fromkeys(tape.inputs, number))
    check(engine, tape, {name: [number] * 3 for name in tape.inputs})


@pytest.mark.parametrize("function", IDLE)
def test_idle_variables(engine: Engine, function: str) -> None:
    """A variable of which the function makes no use has the derivative 0."""
    tape = read(function)
    check(engine, tape, {name: IDLE[function][name] for name in tape.inputs})


@pytest.mark.parametrize("function", CONSTANTS)
def test_constants_that_are_no_floats(engine: Engine, function: str) -> None:
    """The constant's own rounding is excused, and no more."""
    check(engine, read(function), {"x": [0.1, 0.5, 3.0]})
