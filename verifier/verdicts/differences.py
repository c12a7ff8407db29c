"""The difference oracle: central differences of values alone, with an estimate of their own error.

Ridders' extrapolation (C. J. F. Ridders 1982, *Accurate computation of F′(x) and F′(x)F″(x)*): central differences
at shrinking steps, extrapolated to step 0 by Neville's scheme; the error estimate is the larger change against the
two neighbouring entries, plus the rounding error of the values divided by the step. It is a witness, never the
judge: such estimates were seen wrong by a factor of 10⁸ near kinks and oscillations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from ...engine.tape import Tape
from ..asking import ask, ask_value
from ..engine import Engine, Point
from ..oracle import balls
from ..oracle.sweeps import Plan, Precision

LEVELS = 14
SHRINK = 2.0

#: Bits in which differences of a meaning are taken.
BITS = 512


class Difference(NamedTuple):
    """A difference quotient and the estimate of its error, both floats (nan where nothing could be computed)."""

    value: float
    error: float


def steps(x: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Two ladders of steps: one scaled to x, one to 1, each halved LEVELS times."""
    powers = SHRINK ** -np.arange(LEVELS, dtype=np.float64)
    scales = [abs(x) / 8] if x else []
    return np.concatenate([scale * powers for scale in [*scales, 0.125]])


def central(values: Callable[[np.ndarray[Any, Any]], Any], x: float, unit: float = 2.0**-52) -> Difference:
    """The derivative at x from values alone.

    Args:
        values: the function on an array of points of shape (M,).
        unit: relative rounding of one value.
    """
    h = steps(x)
    with np.errstate(all="ignore"):
        up, down = x + h, x - h
        every = np.asarray(values(np.concatenate([up, down])), dtype=np.float64)
        every = np.broadcast_to(every, (2 * len(h),))
        above, below = every[: len(h)], every[len(h) :]
        quotients = (above - below) / (up - down)
        rounding = 4 * unit * np.maximum(np.abs(above), np.abs(below)) / h
        ladders = [slice(start, start + LEVELS) for start in range(0, len(h), LEVELS)]
        best = Difference(float("nan"), float("inf"))
        for ladder in sorted(ladders, key=lambda ladder: float(h[ladder.start])):
            best = sharper(best, extrapolate(quotients[ladder], rounding[ladder]))
    return best


def sharper(known: Difference, found: Difference) -> Difference:
    """The better of two differences, of which the known one is from shorter steps.

    1/x at 1e-300 looks calm from 0.1 away: what shorter steps refute is no estimate.
    """
    refuted = abs(found.value - known.value) > found.error + known.error
    return found if found.error < known.error and not refuted else known


def extrapolate(quotients: Any, rounding: Any, order: int = 2) -> Difference:
    """The limit of difference quotients at steps shrinking by SHRINK.

    Args:
        rounding: the error of each quotient by the rounding of values.
        order: of the first error term and between all terms: 2 for central, 1 for one-sided differences.
    """
    growth = SHRINK**order
    best = Difference(float("nan"), float("inf"))
    previous: list[float] = []
    for i, quotient in enumerate(quotients):
        row = [float(quotient)]
        factor = growth
        for j in range(1, i + 1):
            row.append((row[j - 1] * factor - previous[j - 1]) / (factor - 1))
            factor *= growth
            change = max(abs(row[j] - row[j - 1]), abs(row[j] - previous[j - 1]))
            error = change + float(rounding[i])
            if error < best.error:
                best = Difference(row[j], error)
        previous = row
    return best


def of_engine(engine: Engine, tape: Tape, point: Sequence[float], moving: int, precision: Precision) -> Difference:
    """The derivative by one input, from an engine's values of a tape around a point, all asked for at once.

    Raises:
        Unsupported: the engine lacks an operation, or fails.
    """
    return _along(lambda at: ask_value(engine, tape, at, precision.dtype), tape, point, moving, precision)


def of_gradient(engine: Engine, tape: Tape, point: Sequence[float], moving: int, precision: Precision) -> Difference:
    """As :func:`of_engine`, of an engine's first derivatives by the same input: a witness of the second one.

    Raises:
        Unsupported: the engine lacks an operation, or fails.
    """
    name = tape.inputs[moving]
    return _along(lambda at: ask(engine, tape, at, precision.dtype)[1][name], tape, point, moving, precision)


def _along(
    asked: Callable[[Point], Any], tape: Tape, point: Sequence[float], moving: int, precision: Precision
) -> Difference:
    """The derivative by one input of what is asked of an engine at points around this one."""

    def values(moved: np.ndarray[Any, Any]) -> Any:
        at = {name: np.full(moved.shape, x) for name, x in zip(tape.inputs, point, strict=True)}
        at[tape.inputs[moving]] = moved
        return asked(at)

    return central(values, point[moving], precision.unit)


def of_meaning(plan: Plan, inputs: list[Any], moving: int, step: int) -> tuple[Any, Any]:
    """The central difference of the meaning at a relative step of 2^step, in so many bits that no rounding shows.

    Returns:
        the difference, and by how much the slopes to the two sides differ.
    """
    with balls.precision(BITS):
        h = (arb(2) ** -20 if inputs[moving].is_zero() else abs(inputs[moving])) * arb(2) ** step
        below, here, above = (
            plan.values([*inputs[:moving], inputs[moving] + way, *inputs[moving + 1 :]], BITS)[plan.tape.output]
            for way in (-h, 0, h)
        )
        return (above - below) / (2 * h), abs((above - here) / h - (here - below) / h)
