"""Derivatives judged by differences alone: for a function that cannot be read, so nothing is certified.

Central and one-sided differences along two families of ladders (:mod:`.ladders`), the second 1/√2 of the first; the
error that is used is the largest of the estimates and of the disagreements between the families. Such estimates have
been wrong by orders of magnitude where a function has structure below the steps. So ladders go down to the last steps
that floats allow, and every step has a say (:mod:`.quotients`):

- a slope is none that a shorter step refutes by more than rounding, or by more than the roughness of the values;
- a number agrees only if no steps, long or short, tell of another slope;
- a number between two slopes, each known to one side of the point by values that are not rough, is a choice at a kink;
- a number is called wrong only if it is :data:`~.quotients.FAR` errors away, by more than
  :data:`~.quotients.SHARP` of its size, the error is small beside the slope, the steepest quotient that was met or the
  number, both sides of the point have one slope, and no steps, long or short, tell of the number.

What lies between is ``undecided``.

Values that do not move tell little: ``log(1 + exp(x))`` stands still far to the left, since the 1 swallows the rest.
Nothing in them says how large the numbers were that have swallowed a change, so 1, x and the values themselves are
taken for it, and a slope that changes less than :data:`~.quotients.HIDDEN` of these is none that differences see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..verdicts.differences import Difference
from .ladders import NEAR, ladders
from .quotients import FAR, ROUGH, Evidence, Quotients

Array = np.ndarray[Any, Any]

#: A step is not taken whose slopes rounding would leave less than this part of what longer steps have seen.
TELLING = 1 / 8


class Finding(NamedTuple):
    """What differences say of one number: a verdict, the difference with its error, and why."""

    verdict: str
    difference: Difference
    reason: str


class Witness:
    """The values of a function of several outputs along one input, around a point.

    Args:
        values: takes M numbers for the input and returns an array of shape (M, outputs).
        x: the point.
        unit: relative rounding of one value.

    Attributes:
        h: all steps.
        halved, taken: which of them belong to the long parts of ladders, and which were taken.
        rungs: for each family, for each of its ladders, the places of its steps in ``h``.
        up, down: the steps as floats allow them.
        here, above, below: the values at the point, and a step from it.
    """

    def __init__(self, values: Callable[[Array], Array], x: float, unit: float) -> None:
        self.unit, self.x = unit, x
        steps, halved, self.rungs, count = [], [], [], 0
        for family in ladders(x):
            self.rungs.append([np.arange(len(ladder.h)) for ladder in family])
            for rungs, ladder in zip(self.rungs[-1], family, strict=True):
                steps.append(ladder.h)
                halved.append(rungs < ladder.halved)
                rungs += count
                count += len(rungs)
        self.h, self.halved = np.concatenate(steps), np.concatenate(halved)
        with np.errstate(all="ignore"):
            above, below = x + self.h, x - self.h
            self.up, self.down = above - x, x - below
        long = self.halved & np.isfinite(above) & np.isfinite(below)  # not beyond the largest float
        found = np.asarray(values(np.concatenate([[x], above[long], below[long]])), dtype=np.float64)
        self.here = found[0]
        self.above, self.below = (np.full((count, len(self.here)), np.nan) for _ in range(2))
        self._fill(long, found[1:])
        deep = self._telling() & ~self.halved
        if deep.any():
            self._fill(deep, np.asarray(values(np.concatenate([above[deep], below[deep]])), dtype=np.float64))
        self.taken = long | deep
        self._outputs: dict[int, Quotients] = {}

    def judge(self, output: int, g: float) -> Finding:
        """A number as the derivative of one output."""
        with np.errstate(all="ignore"):  # steps from the largest floats, and values that are none
            return judged(g, self._quotients(output))

    def difference(self, output: int) -> Difference:
        """The difference of one output by itself, whatever steps of another length tell of."""
        with np.errstate(all="ignore"):
            quotients = self._quotients(output)
            return by_difference(0.0, evidence_of(quotients), quotients).difference

    def _quotients(self, output: int) -> Quotients:
        if output not in self._outputs:
            self._outputs[output] = Quotients(self, output)
        return self._outputs[output]

    def _fill(self, which: Array, found: Array) -> None:
        count = int(which.sum())
        self.above[which], self.below[which] = found[:count], found[count:]

    def _telling(self) -> Array:
        """The steps at which the rounding of values leaves a sign of a slope as long steps have seen it.

        Where they have seen none, a slope is looked for that changes the value by a part of 2⁵ over the point's size.
        """
        with np.errstate(all="ignore"):
            moved = np.fmax(np.abs(self.above - self.here), np.abs(self.below - self.here)) / self.h[:, None]
            size = np.abs(self.here)
            steepest = np.max(moved, axis=0, initial=0.0, where=np.isfinite(moved))
            slope = np.maximum(steepest, size / (32 * max(1.0, abs(self.x))))
            shortest = TELLING * 4 * self.unit * size / slope
        return np.asarray(self.h > np.min(shortest, initial=np.inf, where=np.isfinite(shortest)))


def evidence_of(quotients: Quotients) -> Evidence:
    """The differences that judge: where they are no good, those with the roughness of the values for their rounding."""
    plain = quotients.plain
    if plain.is_one_sloped and quotients.is_sharp(plain):
        return plain
    rough = quotients.rough
    better = (rough.is_one_sloped and quotients.is_sharp(rough)) or rough.central.error < plain.central.error
    return rough if better else plain


def judged(g: float, quotients: Quotients) -> Finding:
    """The verdict on a number by the rule of this module."""
    evidence = evidence_of(quotients)
    found = by_difference(g, evidence, quotients)
    d = found.difference
    if found.verdict == "agree" and (other := quotients.other_slope(evidence)):
        another, is_short = other
        short, long = (another.value, d.value) if is_short else (d.value, another.value)
        apart = Difference(d.value, abs(another.value - d.value) + d.error)
        return Finding("undecided", apart, f"short steps tell of the slope {short:.6g}, long ones of {long:.6g}")
    if found.verdict == "wrong" and quotients.have_seen(g, evidence):
        slope, error = d.value, d.error
        reason = f"differences give {slope:.6g} ± {error:.1g}, but steps of another length may tell of this number"
        return Finding("undecided", Difference(d.value, max(d.error, abs(g - d.value))), reason)
    return found


def by_difference(g: float, evidence: Evidence, quotients: Quotients) -> Finding:
    """The verdict on a number by one difference."""
    slope, error = evidence.central.value, evidence.central.error + 8 * quotients.of.unit * abs(evidence.central.value)
    d = Difference(slope, error)
    if not np.isfinite(quotients.here):
        return Finding("undecided", d, "the value is not finite here")
    if not evidence.is_found:
        return Finding("undecided", d, "differences find no derivative here")
    if not evidence.is_one_sloped:
        left, right = evidence.left, evidence.right
        half = abs(right.value - left.value) / 2 + left.error + right.error
        d = Difference(slope, max(error, half))  # every number between the two slopes is as good
        if evidence is quotients.plain and evidence.is_kink_around(g):  # of rough values, a kink nearby looks like that
            before, behind = f"{left.value:.6g}", f"{right.value:.6g}"
            reason = f"differences give {before} from the left and {behind} from the right: the number lies between"
            return Finding("kink", d, reason)
        return Finding("undecided", d, "differences from the left and from the right disagree: a kink or a jump")
    sharp = quotients.is_sharp(evidence)
    if not np.isfinite(g):
        found = sharp or quotients.stands_still  # be it hidden, it is a number
        return Finding("nonfinite" if found else "undecided", d, f"differences give {slope:.6g} ± {error:.1g}")
    off, size = abs(g - slope), max(abs(slope), abs(g))
    if off <= NEAR * error:
        if sharp or (g == 0 and quotients.stands_still and error <= evidence.digits):
            return Finding("agree", d, f"differences agree within {error:.1g}")
        return Finding("undecided", d, f"differences see no better than ± {error:.1g}")
    sharp = quotients.is_sharp(evidence._replace(digits=max(evidence.digits, ROUGH)), g)
    if sharp and off > FAR * error and off > evidence.digits * size:
        return Finding("wrong", d, f"differences give {slope:.6g} ± {error:.1g}")
    if off > FAR * error and not sharp:
        return Finding("undecided", d, f"differences give {slope:.6g} ± {error:.1g}: too few digits to tell")
    times = off / error if error else np.inf
    return Finding("undecided", d, f"{times:.0f} times the error of the difference away: too near to tell")
