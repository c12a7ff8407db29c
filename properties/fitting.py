"""How a primitive is fitted onto nodes: the range it has over their intervals, and the scaling that makes it fit."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..engine.tape import constant_as_float
from .choices import Choices
from .region import Interval
from .vocabulary import Use, Word

LARGEST = 1000.0  # an interval beyond it is refused
NARROWEST = 1e-2  # so is one on which the function hardly changes
NARROW = 0.02  # one below it is stretched before it is used
SAMPLES = {1: 20, 2: 8, 3: 4, 4: 3}  # points along an axis of the grid on which a range is sampled
DENSE = 24  # the same where kinks may lie anywhere, as those of mod; 23 steps: no multiple of a usual period


class Affine(NamedTuple):
    """``scale*x + shift``, in simple exact numbers; ``image`` is the interval it gives."""

    scale: Fraction
    shift: Fraction
    image: Interval

    @property
    def cost(self) -> int:
        """How many nodes it may add: each operation comes with a constant."""
        return 2 * (self.scale != 1) + 2 * (self.shift != 0)


@cache
def _unit_grid(arity: int, dense: bool) -> tuple[list[Any], list[int], int]:
    """A grid of the unit cube, flat, the indices of its corners, and the number of points along an axis."""
    count = DENSE if dense else SAMPLES[arity]
    axes = np.meshgrid(*[np.linspace(0, 1, count)] * arity, indexing="ij")
    corners = itertools.product((0, count - 1), repeat=arity)
    return (
        [a.ravel() for a in axes],
        [sum(c * count**k for k, c in enumerate(corner)) for corner in corners],
        count,
    )


def range_of(
    word: Word, use: Use, images: list[Interval], largest: float = LARGEST, narrowest: float = NARROWEST
) -> tuple[Interval, list[float]] | None:
    """Interval and slopes of a primitive over a box of arguments, or None where they are not moderate.

    ``forward`` is sampled on a grid. Where the extremes lie at corners the function is monotone (or as good
    as) and the interval exact; else it is widened by more than a parabola, or most jumps, hide between two
    samples.
    """
    primitive, arity = word.primitive, word.arity
    unit, corners, count = _unit_grid(arity, "floor" in primitive.kinks)
    grid = [low + (high - low) * u for (low, high), u in zip(images, unit, strict=True)]
    if use.orders:
        free, fixed = iter(grid), iter(use.orders)
        grid = [float(next(fixed)) if n in primitive.opaque else next(free) for n in primitive.arguments]
    keywords = primitive.keywords(use.consts, constant_as_float) if use.consts else {}
    sampled = primitive.forward(*grid, **keywords)
    low, high = float(sampled.min()), float(sampled.max())
    if not (-largest <= low and high <= largest and high - low >= narrowest):  # not: nan is refused too
        return None
    values = sampled.tolist()
    at_corners = [values[c] for c in corners]
    slopes, largest_rise = [], 0.0
    for axis, (start, end) in enumerate(images):
        stride = count ** (arity - 1 - axis)
        rise = max(abs(b - a) for a, b in zip(values, values[stride:], strict=False)) if arity == 1 else float(
            np.abs(np.diff(sampled.reshape((count,) * arity), axis=axis)).max()
        )  # fmt: skip
        largest_rise = max(largest_rise, rise)
        slopes.append(rise * (count - 1) / (end - start) if end > start else 0.0)
    margin = max((high - low) / 8, largest_rise / 3)
    return (
        low if low >= min(at_corners) else low - margin,
        high if high <= max(at_corners) else high + margin,
    ), slopes


def fit(interval: Interval, window: Interval, choices: Choices) -> Affine:
    """A simple scaling and shift that carry an interval into a window; the identity where it lies inside."""
    low, high = interval
    width, room = high - low, window[1] - window[0]
    if window[0] <= low and high <= window[1] and width >= NARROW:
        return Affine(Fraction(1), Fraction(0), interval)
    scale = Fraction(1)
    if width > room or width < min(NARROW, room / 16):
        # The largest of 1, 2, 5 times a power of ten that fits. A narrow interval is stretched to the width
        # of 1 at most: stretching further would cancel digits that rounding has already taken.
        ratio = min(room, 1.0) / width if width < room else room / width
        power = 10.0 ** math.floor(math.log10(ratio))
        scale = Fraction(max(m for m in (1, 2, 5) if m * power <= ratio * (1 + 1e-12) or m == 1))
        scale *= Fraction(10) ** round(math.log10(power))
    if choices.coin(0.15):
        scale = -scale
    ends = sorted((low * float(scale), high * float(scale)))
    shift = simple(window[0] - ends[0], window[1] - ends[1], choices)
    return Affine(scale, Fraction(shift), (ends[0] + float(shift), ends[1] + float(shift)))


def simple(low: float, high: float, choices: Choices, named: bool = False) -> Any:
    """A simple number of [low, high]: 0 or an integer if there is one, else a fraction or a short decimal."""
    if named and choices.coin(0.15):
        inside = [name for name in ("pi", "E") if low <= constant_as_float(name) <= high]
        if inside:
            return choices.pick(inside)
    for denominator in choices.pick(((1, 2, 4, 10, 100), (2, 10, 100), (10, 100), (4, 3, 100))):
        first, last = math.ceil(low * denominator), math.floor(high * denominator)
        if first <= last:
            return Fraction(choices.integer(first, last), denominator)
    return Fraction((low + high) / 2)  # an interval narrower than a hundredth: any float of it
