"""An engine's own way through a function: its value of every node, and what its answers for operations multiply to."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ...engine.tape import Tape
from ..asking import EngineFailed, ask, ask_nodes
from ..engine import Engine
from ..reading.subtape import subtape


def values_of_nodes(
    engine: Engine,
    tape: Tape,
    point: Mapping[str, Any],
    dtype: np.dtype[Any],
    wanted: Collection[int] | None = None,
) -> list[Any]:
    """The engine's own value of every node; a black box is asked for each node as a function of its own, and so is an
    engine that fails to show them.

    Args:
        point: a number, or an array of shape (K,), for each input, of this dtype.
        wanted: the nodes whose values are of use, all if None: for others a black box, which takes as long as the
            function for each, is not asked.

    Returns:
        a number, or an array of shape (K,), for each node; a single number where the engine knows only one, nan where
        it was not asked.

    Raises:
        Unsupported: the engine lacks an operation, or fails.
    """
    with suppress(EngineFailed):  # then what it shows is of no use, and what it computes still is
        if (found := ask_nodes(engine, tape, point, dtype)) is not None:
            return found
    values = [point[name] for name in tape.inputs]
    for i in range(len(values), len(tape)):
        if wanted is None or i in wanted:
            part, _ = subtape(tape, i)
            values.append(ask(engine, part, {name: point[name] for name in part.inputs}, dtype)[0])
        else:
            values.append(math.nan)
    return values


def node_values(
    engine: Engine, tape: Tape, inputs: Sequence[float], dtype: np.dtype[Any], wanted: Collection[int] | None = None
) -> list[float]:
    """:func:`values_of_nodes` at one point, as Python's floats."""
    point = dict(zip(tape.inputs, map(dtype.type, inputs), strict=True))
    return [float(value) for value in values_of_nodes(engine, tape, point, dtype, wanted)]


def rounded(values: Sequence[float], dtype: np.dtype[Any]) -> list[float]:
    """Numbers as this type holds them: an engine may have gone on in a wider one than it was given."""
    with np.errstate(over="ignore"):  # beyond the largest float32 is no float32
        return [float(dtype.type(x)) for x in values]


def multiplied_back(tape: Tape, partials: Callable[[int], Iterable[tuple[int, Any]]], one: Any) -> list[float]:
    """The gradient that floats give when they multiply local derivatives from the output's side and sum over paths.

    Args:
        partials: of an operation, by its index: the nodes that are its arguments, each with the derivative by it.
        one: the number 1 in the floats of the engine; the derivatives are of its type.

    Returns:
        one number for each input.
    """
    adjoints: list[Any] = [None] * len(tape)
    adjoints[tape.output] = one
    with np.errstate(all="ignore"):
        for i in range(tape.output, len(tape.inputs) - 1, -1):
            adjoint = adjoints[i]
            if adjoint is None or not tape.active[i]:
                continue
            for argument, partial in partials(i):
                if tape.active[argument]:
                    known, product = adjoints[argument], adjoint * partial
                    adjoints[argument] = product if known is None else known + product
    return [0.0 if adjoint is None else float(adjoint) for adjoint in adjoints[: len(tape.inputs)]]
