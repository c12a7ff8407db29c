"""The difference quotients of one output along one input: the slopes that steps of all lengths tell of.

Values may be *rough*: by a solver's tolerance, by stairs of a narrower type, by noise. Then no slope from long steps
stands before the shortest ones, whose quotients are roughness over a step. How rough values are is what short steps are
off a line, and with that for their rounding the long ones tell of a slope again, that of the function without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..verdicts.differences import Difference, sharper
from .ladders import NEAR, NOTHING, limit

if TYPE_CHECKING:
    from .numeric import Witness

Array = np.ndarray[Any, Any]

#: Errors of the difference beyond which a number is wrong, and beyond which two sides have two slopes.
FAR = 1000.0

#: Digits that a difference must have before it says anything, relative to the derivative and the steepest quotient; in
#: float32, where values are no better, 2¹² of its units.
SHARP = 2.0**-20

#: And however few bits a function rounds to within.
FEWEST = 2.0**-6

#: And where values are rougher than by rounding.
ROUGH = 2.0**-14

#: What values that do not move may hide, as a part of the largest of 1, the point and the values; 4 units in float32.
HIDDEN = 2.0**-40

#: Units of the value, and of the point times the slope, that rounding on the way may amount to.
CONDITIONED = 64.0

#: A number is seen by a step whose quotients are nearer to it than this part of its way to the difference.
SEEN = 0.125

#: A number is beyond what is known where it is off by this part of what the shortest steps are, which resolve nothing.
BEYOND = 0.25

#: A number is off by a small part of the slope.
SLIGHT = 1 / 16

#: Relative error with which rough long steps tell of a slope, and by how much two slopes differ at least.
AFAR, APART = 2.0**-8, 2.0**-12

#: Relative error with which they tell of one where values near the point stand still.
STEP = 2.0**-5

#: How often the roughness is taken from a better slope.
REFINED = 4


class Evidence(NamedTuple):
    """Differences to both sides, from the left and from the right; and the relative error that is asked for."""

    central: Difference
    left: Difference
    right: Difference
    digits: float

    @property
    def is_found(self) -> bool:
        """Whether there is a difference of each kind."""
        return all(np.isfinite(d.error) and np.isfinite(d.value) for d in self[:3])

    @property
    def is_one_sloped(self) -> bool:
        """Whether the difference is that of both sides."""
        error = self.left.error + self.right.error + self.central.error
        return self.is_found and abs(self.left.value - self.right.value) <= FAR * error

    def is_kink_around(self, g: float) -> bool:
        """Whether the slopes to both sides have the digits that are asked for, and a number lies between them."""
        low, high = sorted((self.left, self.right), key=lambda side: side.value)
        told = max(low.error, high.error) <= self.digits * max(abs(low.value), abs(high.value))
        return told and low.value - NEAR * low.error <= g <= high.value + NEAR * high.error


class Quotients:
    """The difference quotients of one output of a witness.

    Attributes:
        here: the value at the point.
    """

    def __init__(self, witness: Witness, output: int) -> None:
        self.of = witness
        up, down = witness.up, witness.down
        here, above, below = witness.here[output], witness.above[:, output], witness.below[:, output]
        with np.errstate(all="ignore"):
            size = np.fmax(np.fmax(np.abs(above), np.abs(below)), abs(here))
            size = np.where(np.isfinite(size), size, abs(here))
            self.central = (above - below) / (up + down)
            self.right, self.left = (above - here) / up, (here - below) / down
            shortest = np.minimum(up, down)
            lost = (self.central == 0) & (above != below)  # less than the smallest float
            lost |= ~witness.taken | (witness.h < 4 * math.ulp(abs(witness.x)))  # what is added to a subnormal point
            self.rounding = np.where(lost, np.inf, 4 * witness.unit * size / shortest)
        self.still = {"central": (above == here) & (below == here), "right": above == here, "left": below == here}
        self.here, self.size = float(here), float(np.max(size))

    @cached_property
    def plain(self) -> Evidence:
        """Differences, by the rounding of the values."""
        return self._evidence(0.0)

    @cached_property
    def rough(self) -> Evidence:
        """Differences where values are taken to be as rough as they are at short steps."""
        return self._evidence(self._amplitude)

    @cached_property
    def stands_still(self) -> bool:
        """Whether no two values at equal distances from the point differ."""
        return bool(np.max(np.abs(self.central), initial=0.0, where=np.isfinite(self.central)) == 0)

    @property
    def hidden(self) -> float:
        """The steepest slope of which values that do not move may show nothing."""
        return self._hidden(abs(self.here)) / float(np.max(self.of.h))

    def is_sharp(self, evidence: Evidence, g: float = 0.0) -> bool:
        """Whether a difference, or a number that it is held against, has the digits that are asked for."""
        d = evidence.central
        if d.error <= evidence.digits * abs(d.value) or max(d.error, self.hidden) <= evidence.digits * abs(g):
            return True
        return d.error <= evidence.digits * self._steepest

    def other_slope(self, evidence: Evidence) -> tuple[Difference, bool] | None:
        """Another slope that steps tell of, and whether it is the short ones that do."""
        d = evidence.central
        for amplitude in self._amplitudes(d):
            if _are_apart(d, self._best("central", amplitude, halved_only=True)):
                long = self._evidence(amplitude, halved_only=True)
                if long.is_one_sloped and self.is_sharp(long):
                    return long.central, False
        if self._is_on_a_step(d.value):
            line = self._line_of_stairs()
            if line.error <= STEP * abs(line.value):
                return line, False
        if evidence is not self.plain:
            for other in self._plateaus(d):
                if _are_apart(d, other):
                    return other, True
        return None

    def have_seen(self, g: float, evidence: Evidence) -> bool:
        """Whether steps tell of this number, though the difference does not."""
        d = evidence.central
        if evidence is not self.plain and self._is_slight(g, d.value):
            return True
        return self._is_met(g, d.value) or self._is_beyond(g, d.value) or self._is_met_afar(g, d)

    def _hidden(self, size: float) -> float:
        """How far values of this size might have moved without a sign of it."""
        return max(HIDDEN, 4 * self.of.unit) * max(size, 1.0, abs(self.of.x))

    def _conditioned(self, slope: float) -> float:
        """How rough rounding alone may leave values, that of the argument of a steep operation included."""
        return CONDITIONED * max(self.of.unit, 2.0**-52) * (self.size + abs(self.of.x * slope))

    def _evidence(self, amplitude: float, halved_only: bool = False) -> Evidence:
        """Differences, with the error of the values taken to be as large as this, or their rounding if that is more."""
        central, left, right = (self._best(name, amplitude, halved_only) for name in ("central", "left", "right"))
        digits = min(max(SHARP, 2**12 * self.of.unit), FEWEST)
        if amplitude > 0 and self.size:
            digits = max(digits, min(2**10 * amplitude / self.size, ROUGH))
        return Evidence(central, left, right, digits)

    def _best(self, name: str, amplitude: float, halved_only: bool = False) -> Difference:
        """The best difference of each family; their disagreement is an error too."""
        with np.errstate(all="ignore"):
            rounding = np.maximum(self.rounding, amplitude / self.of.h)
            rounding = np.where(self.still[name], np.maximum(rounding, self._hidden(0.0) / self.of.h), rounding)
        quotients, order, found = getattr(self, name), 2 if name == "central" else 1, []
        for family in self.of.rungs:
            best = NOTHING
            for rungs in family:
                rungs = rungs[self.of.halved[rungs]] if halved_only else rungs
                one = limit(quotients[rungs], rounding[rungs], self.of.h[rungs], order)
                if one is None:
                    continue  # steps so short show nothing, be it right or wrong
                if one is NOTHING or (name == "central" and self._reach_over_a_cusp(rungs, rounding)):
                    break  # then longer steps see no better
                best = sharper(best, one)
            found.append(best)
        if not all(np.isfinite(one.error) for one in found):
            return NOTHING
        sharpest = min(found, key=lambda d: d.error)
        apart = max(abs(a.value - sharpest.value) for a in found)
        return Difference(sharpest.value, max(sharpest.error, apart))

    def _reach_over_a_cusp(self, rungs: Array, rounding: Array) -> bool:
        """Whether the slopes to both sides have no limit: beside a cusp, as of √|x|, as much falls as rises."""
        sides = (limit(side[rungs], rounding[rungs], self.of.h[rungs], 1) for side in (self.right, self.left))
        return all(side is NOTHING for side in sides)

    @cached_property
    def _steepest(self) -> float:
        """The steepest quotient of long steps, without what roughness alone makes of it."""
        long = self.of.halved & np.isfinite(self.central)
        return float(np.max(np.abs(self.central[long]) - self._amplitude / self.of.h[long], initial=0.0))

    @cached_property
    def _deep(self) -> Array:
        """The short steps, with values to both sides: below the halved ones, of the first ladder that has such."""
        shown = self.of.taken & ~self.of.halved & np.isfinite(self.rounding) & np.isfinite(self.central)
        deep: Array = np.zeros_like(shown)
        for family in self.of.rungs:
            rungs = next((rungs for rungs in family if shown[rungs].any()), family[0])
            deep[rungs] = shown[rungs]
        return deep

    @cached_property
    def _short(self) -> Array:
        """The steps of the shorter one of two ladders, and those that are short in any case."""
        short = self._deep.copy()
        for shorter, *longer in self.of.rungs:
            short[shorter] |= bool(longer) and np.isfinite(self.rounding[shorter])
        return short

    @cached_property
    def _deep_pairs(self) -> list[Array]:
        """Every two neighbouring short steps, those of the families taken together."""
        return self._neighbours(self._deep)

    def _neighbours(self, which: Array) -> list[Array]:
        rungs = np.flatnonzero(which)
        rungs = rungs[np.argsort(self.of.h[rungs])]
        return [rungs[k : k + 2] for k in range(len(rungs) - 1)]

    def _amplitudes(self, d: Difference) -> tuple[float, ...]:
        """What long steps are read with: the rounding of values, and their roughness where short steps show some."""
        deep = self._deep
        smooth = np.abs(self.central[deep] - d.value) <= NEAR * (self.rounding[deep] + d.error)
        return (0.0,) if smooth.all() else (0.0, self._amplitude)

    @cached_property
    def _amplitude(self) -> float:
        """How far values are off a line at short steps."""
        deep, long = self._deep, self.of.halved & np.isfinite(self.central)
        if not deep.any() or not long.any():
            return 0.0
        slope, amplitude = float(np.median(self.central[long])), float("inf")
        for _ in range(REFINED):
            found = 2 * float(np.max(np.abs(self.central[deep] - slope) * self.of.h[deep]))
            if not found < amplitude / 2:
                return min(found, amplitude)
            amplitude, slope = found, self._best("central", found).value
        return amplitude

    def _plateaus(self, d: Difference) -> Iterator[Difference]:
        """Other slopes than this one that two neighbouring short steps have seen, to one side of the point or both."""
        for pair in self._neighbours(self._short & np.isfinite(self.central)):
            apart = np.abs(self.right[pair] - self.left[pair])
            for name in ("central", "left", "right"):
                q, error = getattr(self, name)[pair], self.rounding[pair]
                off, change = np.abs(q - d.value), abs(q[1] - q[0])
                if name == "central":  # by chance, roughness over two steps is not four times the same
                    alike = change <= off.min() / 4 and (apart <= off / 4).all()
                else:
                    alike = change <= NEAR * error.sum()
                hidden = (self._conditioned(d.value) if name == "central" else 2 * self._hidden(0.0)) / self.of.h[pair]
                if alike and (off > np.maximum(2 * NEAR * error, hidden)).all():
                    yield Difference(float(q[0]), float(error[0]))

    def _is_met(self, g: float, slope: float) -> bool:
        """Whether a short step has met the number to both sides of the point, or two have to one or on the whole."""
        way = abs(g - slope)
        rounding = self.rounding + 4 * self.of.unit * abs(self.of.x * slope) / self.of.h
        shown = rounding <= 3 * SEEN * way
        off = [np.abs(q - g) - rounding for q in (self.central, self.right, self.left)]
        near, nearer = ([shown & (o <= part * way) for o in off] for part in (SEEN, 2.0))
        if (self._short & near[0] & nearer[1] & nearer[2]).any():
            return True
        if any(side[pair].all() for side in near for pair in self._deep_pairs):
            return True
        if not self._is_on_a_step(slope):
            return False
        return any(near[side][pair].all() for side in (1, 2) for pair in self._neighbours(self.of.halved))

    def _is_on_a_step(self, slope: float) -> bool:
        """Whether this slope is that of values that stand still, beside others that do not."""
        return slope == 0 and not self.stands_still

    def _is_slight(self, g: float, slope: float) -> bool:
        """Whether a number is off by a small part of the slope, and by less than rough short steps are."""
        way, off = abs(g - slope), np.abs(self.central[self._deep] - slope)
        visible = off * self.of.h[self._deep] > self._conditioned(slope)
        return way <= SLIGHT * abs(slope) and way <= float(np.max(off, initial=0.0, where=visible))

    def _line_of_stairs(self) -> Difference:
        """The slope of long steps, with the stairs on their way for the rounding of values."""
        long = self.of.halved & np.isfinite(self.central)
        slope = float(np.median(self.central[long])) if long.any() else 0.0
        climbed = long & (self.of.h <= float(self.of.h[self.of.halved].max()) / 8)  # below these, values may bend
        stairs = float(np.max(np.abs(self.central[climbed] - slope) * self.of.h[climbed], initial=0.0))
        return self._best("central", 2 * stairs, halved_only=True)

    def _is_beyond(self, g: float, slope: float) -> bool:
        """Whether structure that not even the shortest steps resolve may be as steep as this number."""
        shown = np.flatnonzero(self.of.taken & np.isfinite(self.rounding) & np.isfinite(self.central))
        shortest = shown[np.argsort(self.of.h[shown])][:4]
        off = np.abs(self.central[shortest] - slope)
        unresolved = off * self.of.h[shortest] > self._conditioned(slope)
        settled = np.ptp(self.central[shortest]) <= off.max(initial=0.0) / 4
        unresolved &= ~settled | (np.abs(self.right[shortest] - self.left[shortest]) > off / 4)
        return bool(unresolved.any() and abs(g - slope) >= BEYOND * off.max())

    def _is_met_afar(self, g: float, d: Difference) -> bool:
        """Whether long steps tell of the number, whose values are rougher than short steps let on.

        A solver that takes one step more at some distance from the point jumps there, and not near it.
        """
        slopes = [self._best("central", amplitude, halved_only=True) for amplitude in self._amplitudes(d)]
        if roughness := self._roughness(d):
            slopes.append(self._best("central", roughness))
        for c in slopes:
            if c.error <= AFAR * max(abs(c.value), abs(g - d.value)) and abs(g - c.value) <= NEAR * c.error:
                return True
        return False

    def _roughness(self, d: Difference) -> float:
        """How far values are at long steps off what a smooth function with this slope may be.

        Once extrapolated, central differences have errors that shrink as the fourth power of the step.
        """
        rough, known = 0.0, self.of.halved & np.isfinite(self.central) & np.isfinite(self.rounding)
        for family in self.of.rungs:
            for rungs in family:
                long = rungs[known[rungs]]
                h, quotients = self.of.h[long], self.central[long]
                off = np.abs((4 * quotients[1:] - quotients[:-1]) / 3 - d.value)
                allowed = NEAR * (self.rounding[long][1:] + d.error)
                for i in range(1, len(off)):
                    law = 4 * np.max(off[:i] * (h[i + 1] / h[1 : i + 1]) ** 4)
                    rough = max(rough, float((off[i] - law - allowed[i]) * h[i + 1]))
        return 2 * rough


def _are_apart(one: Difference, other: Difference) -> bool:
    """Whether two differences are of two slopes."""
    error = NEAR * (one.error + other.error) + APART * max(abs(one.value), abs(other.value))
    return abs(one.value - other.value) > error
