"""Ladders of difference quotients down to the shortest steps that floats allow, and the limits that they settle on.

A ladder begins at a part of the point's size, or of 1, halves its step :data:`LEVELS` times, and goes on by
:data:`DEEP` until the next ladder begins, or until floats hold no shorter step. Extrapolation is Neville's, for errors
in powers of the step (C. J. F. Ridders 1982; see :mod:`~gradjury.verifier.verdicts.differences`). A limit that shorter
steps refute is none: what long steps see of a function with structure below them is another slope than that at the
point.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..verdicts.differences import LEVELS, Difference

Array = np.ndarray[Any, Any]

#: Ladders of steps begin at these parts of the point's own size and of 1.
FAMILIES = (0.125, 0.125 * 0.5**0.5)

#: By what steps shrink below those that are halved, how often at most, and by what part of that one family's lie lower
#: than the other's, so that they are in the middle.
DEEP, DEEPEST, BETWEEN = 8.0, 12, (0.0, 1 / 3)

#: Sizes of the point that are near enough to 1 that one ladder serves for both.
ORDINARY = (0.25, 4.0)

#: The shortest step, in units in the last place of the point.
SHORTEST = 8

#: How many powers of the step are eliminated at most.
POWERS = 8

#: Errors within which a number agrees with a difference, and a quotient with a limit.
NEAR = 8.0

#: How many of the finest steps of a ladder must be settled, and how near, as a part of its steepest quotient.
FINEST, SETTLED = 3, 2.0**-6

#: A difference that shorter steps refute, or none of whose steps have settled.
NOTHING = Difference(float("nan"), float("inf"))


class Ladder(NamedTuple):
    """Steps from the longest to the shortest, of which so many, the first, are halved."""

    h: Array
    halved: int


def ladders(x: float) -> list[list[Ladder]]:
    """For each family its ladders around a point, that of the smaller scale first."""
    size = abs(x)
    ordinary = ORDINARY[0] <= size <= ORDINARY[1]
    scales = [max(size, 1.0)] if ordinary or not size else sorted({size, 1.0})
    floor = SHORTEST * max(math.ulp(size), 2.0**-52 * scales[0])
    return [_family(part, below, scales, floor) for part, below in zip(FAMILIES, BETWEEN, strict=True)]


def _family(part: float, below: float, scales: Sequence[float], floor: float) -> list[Ladder]:
    found = []
    for scale in scales:
        halved = part * scale * 2.0 ** -np.arange(LEVELS)
        deep = halved[-1] * DEEP ** -(np.arange(1.0, DEEPEST + 1) + below)
        found.append(Ladder(np.concatenate([halved, deep[deep > floor]]), LEVELS))
        floor = float(halved[0])  # where the shorter ladder has begun, the longer one ends
    return found


def limit(quotients: Array, rounding: Array, h: Array, order: int) -> Difference | None:
    """The limit of difference quotients as the step shrinks to 0: of those that no shorter step refutes, the best.

    Args:
        quotients: at the steps h, from the longest to the shortest; nan where the function has no value.
        rounding: the error of each by the rounding of values; infinite where a step shows nothing.
        order: of the first error term and between all terms: 2 for central, 1 for one-sided differences.

    Returns:
        None where there are too few steps that show anything, :data:`NOTHING` where there is no limit.
    """
    shown = np.isfinite(rounding)
    quotients, rounding, h = quotients[shown], rounding[shown], h[shown]
    if len(h) < FINEST:
        return None
    missing = np.flatnonzero(~np.isfinite(quotients))
    first = missing[-1] + 1 if len(missing) else 0  # nearer to the point, the function has values everywhere
    quotients, rounding, h = quotients[first:], rounding[first:], h[first:]
    if len(h) < FINEST:
        return NOTHING
    with np.errstate(all="ignore"):
        errors, values, rows = _neville(quotients, rounding, h, order)
        for k in np.argsort(errors, kind="stable"):
            error, value, row = float(errors[k]), float(values[k]), int(rows[k])
            if not np.isfinite(error):  # and so are the others
                return NOTHING
            if _stands(value, error, row, quotients, rounding, h, order):
                return Difference(value, error) if _settles(quotients, rounding, value) else NOTHING
    return NOTHING


def _neville(quotients: Array, rounding: Array, h: Array, order: int) -> tuple[Array, Array, Array]:
    """The errors of extrapolated values, these, and the rows that they end in."""
    errors, values, rows = [], [], []
    column = quotients
    for j in range(1, min(POWERS, len(h) - 1) + 1):
        ratio = (h[:-j] / h[j:]) ** order
        shorter, longer = column[1:], column[:-1]
        column = shorter + (shorter - longer) / (ratio - 1)
        errors.append(np.maximum(np.abs(column - shorter), np.abs(column - longer)) + rounding[j:])
        values.append(column)
        rows.append(np.arange(j, len(h)))
    return np.concatenate(errors), np.concatenate(values), np.concatenate(rows)


def _stands(value: float, error: float, row: int, quotients: Array, rounding: Array, h: Array, order: int) -> bool:
    """Whether every shorter step sees the value that longer ones have given.

    What a quotient is off by shrinks with its step, by at least the first power of the error's law.
    """
    off = np.abs(quotients - value)
    law = np.max(off[: row + 1] * (h[row] / h[: row + 1]) ** order) * (h[row + 1 :] / h[row]) ** order
    return bool((off[row + 1 :] <= NEAR * (rounding[row + 1 :] + error) + 4 * law).all())


def _settles(quotients: Array, rounding: Array, value: float) -> bool:
    """Whether the quotients of the finest steps are near their limit, as they are where the steps resolve a function.

    Below structure that they do not resolve, as in sin(10⁶·x), quotients grow as 1/step, and a limit that coarse steps
    happen to agree on tells nothing.
    """
    scale = max(abs(value), float(np.max(np.abs(quotients))))
    near = np.abs(quotients[-FINEST:] - value) <= SETTLED * scale + NEAR * rounding[-FINEST:]
    return bool(near.all())
