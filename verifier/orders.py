"""Derivatives of higher order by the project's own engine: its reverse sweep is traced, and what it did swept again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..engine.errors import BranchOnValue, EngineError
from ..engine.tape import Tape
from ..engine.tracing import trace
from .errors import Unsupported

Point = Mapping[str, Any]

#: The partial derivative of a tape by one input, at numbers or Variables, as the engine sweeps it.
Partial = Callable[[Tape, Point, str], Any]


def higher_derivative(partial: Partial, tape: Tape, point: Point, dtype: DTypeLike, name: str, order: int) -> Any:
    """The derivative of an order from 2 by one input.

    Args:
        partial: of the engine.
        tape: the function.
        point: numbers, or arrays of one shape, by input.
        dtype: of the sweeps.
        name: the input.
        order: of the derivative.

    Raises:
        Unsupported: a rule on the way cannot be traced.
    """
    try:
        try:
            return partial(_traced(partial, tape, {}, name, order - 1), point, name)
        except BranchOnValue:  # on an order or a parameter, perhaps, which is a number of each point
            return _point_by_point(partial, tape, point, dtype, name, order)
    except EngineError as error:
        raise Unsupported(f"numpy has a rule on the way that cannot be differentiated again: {error}") from error


def _traced(partial: Partial, tape: Tape, numbers: Point, name: str, times: int) -> Tape:
    """The tape of a derivative by one input, on those inputs of which no number is given."""
    for _ in range(times):
        known = {n: numbers[n] for n in tape.inputs if n in numbers}
        variable = tuple([n for n in tape.inputs if n not in numbers])
        tape = trace(_sweep(partial, tape, known, variable, name), variable)
    return tape


def _sweep(partial: Partial, tape: Tape, known: Point, variable: tuple[str, ...], name: str) -> Callable[..., Any]:
    """The engine's sweep as a function of some of the inputs."""
    return lambda *inputs: partial(tape, {**known, **dict(zip(variable, inputs, strict=True))}, name)


def _point_by_point(partial: Partial, tape: Tape, point: Point, dtype: DTypeLike, name: str, order: int) -> Any:
    """The same, traced anew at every point, at which the other inputs are numbers."""
    arrays = np.broadcast_arrays(*(np.asarray(point[n], dtype) for n in tape.inputs))
    found = []
    for row in zip(*(array.ravel() for array in arrays), strict=True):
        numbers = dict(zip(tape.inputs, row, strict=True))
        x = numbers.pop(name)
        found.append(partial(_traced(partial, tape, numbers, name, order - 1), {name: x}, name))
    return np.array(found, dtype).reshape(arrays[0].shape)[()]
