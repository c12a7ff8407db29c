"""Where a primitive may be used: the windows of moderate values.

A window is a box of arguments in which a primitive is defined with a margin, its value is of moderate size
and its derivatives are neither huge nor all vanishing. Windows are found by probing ``forward``,
``derivative`` and the texts ``domain`` and ``kinks`` on a grid, so a new primitive needs no entry in any
table.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from ..engine import Primitive
from ..engine.domains import holds, may_hold
from ..engine.tape import constant_as_float

Interval = tuple[float, float]
Box = tuple[Interval, ...]

LARGEST_VALUE = 256.0  # beyond it a few multiplications leave the range in which nothing is lost
STEEPEST = 16.0  # a local derivative above it, composed a few times, leaves no digits to compare
FLATTEST = 1e-5  # below it everywhere in the neighbourhood, the path says nothing about its derivatives
STEP = 1 / 16  # of the probe; also the margin that windows keep from the edge of a domain
REACH = 16  # windows lie in [-REACH, REACH]
MOST = 4  # windows kept of a function of one argument, the widest

#: Sides of the boxes that are tried for functions of several arguments (the first three where there are
#: many).
SIDES: tuple[Interval, ...] = (
    (-16.0, 16.0),
    (0.25, 16.0),
    (-16.0, -0.25),
    (-4.0, 4.0),
    (0.25, 4.0),
    (-4.0, -0.25),
    (-2.0, 2.0),
    (0.5, 4.0),
    (0.5, 2.0),
    (-4.0, -0.5),
    (0.125, 0.875),
)


@cache
def windows(
    primitive: type[Primitive],
    consts: tuple[Any, ...] = (),
    orders: tuple[Fraction, ...] = (),
    kinks: bool = True,
) -> tuple[Box, ...]:
    """The boxes of arguments in which a primitive is used; none if there is no good one.

    Args:
        consts: its keyword constants.
        orders: values of its opaque arguments, which are constants and no part of the boxes.
        kinks: whether a box may hold points without a two-sided derivative.
    """
    free = [name for name in primitive.arguments if name not in primitive.opaque]
    if len(free) == 1:
        axis = np.arange(-REACH, REACH + STEP, STEP)
        good = _good(primitive, consts, orders, kinks, [axis])
        return tuple(((low, high),) for low, high in _runs(axis, good))
    found: list[Box] = []
    for box in itertools.product(SIDES if len(free) == 2 else SIDES[:3], repeat=len(free)):
        if any(all(o[0] <= b[0] and b[1] <= o[1] for b, o in zip(box, other, strict=True)) for other in found):
            continue  # inside a box that is good as a whole
        per_axis = 9 if len(free) == 2 else 5
        axes = [np.linspace(low, high, per_axis) for low, high in box]
        grid = [g.ravel() for g in np.meshgrid(*axes)]
        if _good(primitive, consts, orders, kinks, grid).all():
            found.append(box)
    return tuple(found)


def _good(
    primitive: type[Primitive],
    consts: tuple[Any, ...],
    orders: tuple[Fraction, ...],
    kinks: bool,
    grid: list[Any],
) -> Any:
    """At which points of the grid a primitive is defined, of moderate size and of moderate slope."""
    free = iter(grid)
    fixed = iter(orders)
    named = {
        name: np.full_like(grid[0], float(next(fixed))) if name in primitive.opaque else next(free)
        for name in primitive.arguments
    }
    keywords = primitive.keywords(consts, constant_as_float)
    with np.errstate(all="ignore"):
        value = primitive.forward(*named.values(), **keywords)
        partials = primitive.derivative(*named.values(), value, **keywords)
        partials = partials if isinstance(partials, tuple) else (partials,)
        slopes = [
            np.broadcast_to(np.abs(partial), grid[0].shape)
            for name, partial in zip(primitive.arguments, partials, strict=True)
            if name not in primitive.opaque
        ]
        good = np.isfinite(value) & (np.abs(value) <= LARGEST_VALUE)
        good &= holds(primitive.domain, {**named, **keywords})
        for slope in slopes:
            good = good & (slope <= STEEPEST)
        if len(grid) == 1:
            if not kinks:
                good &= np.logical_not(holds(primitive.kinks, {**named, **keywords}))
            near = np.max([np.roll(slopes[0], k) for k in range(-4, 5)], axis=0)
            good &= ~((near > 0) & (near < FLATTEST))  # exactly 0 is no tail: floor, the dead half of relu
        elif not kinks and may_hold(primitive.kinks, {**named, **keywords}):
            good = np.zeros_like(good)
    return good


def _runs(axis: Any, good: Any) -> list[Interval]:
    """Unbroken runs of good points, shortened by a step towards bad neighbours, of a useful length."""
    runs: list[Interval] = []
    start: int | None = None
    for i in range(len(axis) + 1):
        if i < len(axis) and good[i]:
            start = i if start is None else start
        elif start is not None:
            low = start + (start > 0)
            high = i - 1 - (i < len(axis))
            if high - low >= 4:
                runs.append((float(axis[low]), float(axis[high])))
            start = None
    return sorted(runs, key=lambda run: (run[0] - run[1], math.hypot(*run), run))[:MOST]
