"""Derivatives judged by differences alone: for a function that cannot be read, so nothing is certified.

Central and one-sided differences along two families of steps, the second 1/√2 of the first, each with its own estimate
of error (:mod:`.differences`); the error that is used is the largest of the estimates and of the disagreements between
them. Such estimates have been wrong by orders of magnitude where a function has structure below the steps, so both
families must have settled at their finest steps, and a number is called wrong only if it is :data:`FAR` errors away, by
more than :data:`SHARP` of its size, the error is below :data:`SHARP` of the steepest quotient that was met or of the
number, and both sides of the point have one slope. What lies between is ``undecided``.

Values that do not move tell little: ``log(1 + exp(x))`` stands still far to the left, since the 1 swallows the rest.
Nothing in them says how large the numbers were that have swallowed a change, so 1, x and the values themselves are
taken for it, and a slope that changes less than :data:`HIDDEN` of these is none that differences see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..verdicts import differences
from ..verdicts.differences import LEVELS, Difference, extrapolate, sharper

#: Errors of the difference within which a number agrees, and beyond which it is wrong.
NEAR, FAR = 8.0, 1000.0

#: Digits that a difference must have before it says anything, relative to the derivative and the steepest quotient; in
#: float32, where values are no better, 2¹² of its units.
SHARP = 2.0**-20

#: And however few bits a function rounds to within.
FEWEST = 2.0**-6

#: How many of the finest steps of a ladder must be settled, and how near, as a part of its steepest quotient.
FINEST, SETTLED = 3, 2.0**-6

#: By how much the slopes to both sides come apart from the longest to the shortest step where a cusp lies within them.
PARTED = 1.25

#: What values that do not move may hide, as a part of the largest of 1, the point and the values; 4 units in float32.
HIDDEN = 2.0**-40

#: The ladders of steps, as parts of the point's own size and of 1.
FAMILIES = (1.0, 0.5**0.5)

#: Why nothing is said where the slopes are two.
DISAGREE = "differences from the left and from the right disagree: a kink or a jump"


class Finding(NamedTuple):
    """What differences say of one number: a verdict, the difference with its error, and why."""

    verdict: str
    difference: Difference
    reason: str


def settles(quotients: Any, rounding: Any, limit: float) -> bool:
    """Whether the quotients of the finest steps are near their limit, as they are where the steps resolve a function.

    Below structure that they do not resolve, as in sin(10⁶·x), quotients grow as 1/step, and a limit that coarse steps
    happen to agree on tells nothing.

    Args:
        quotients: at shrinking steps.
        rounding: the error of each by the rounding of values.
        limit: what was extrapolated from them.
    """
    with np.errstate(all="ignore"):
        scale = max(abs(limit), float(np.max(np.abs(quotients), initial=0.0, where=np.isfinite(quotients))))
        near = np.abs(quotients[-FINEST:] - limit) <= SETTLED * scale + rounding[-FINEST:]
    return bool(near.all())


def parts(right: Any, left: Any, rounding: Any, unit: float) -> bool:
    """Whether the slopes to both sides come apart as the steps shrink, which they do on both sides of a cusp.

    Where f is smooth they meet, at a kink their distance stays. Near a cusp, as that of √|x| at 10⁻⁴⁵, steps that reach
    over it see as much rise as fall, and central differences that vanish to the last digit. Digits that were lost on
    the way to a value, as to a determinant near 0, let them come apart too, but by less than differences must tell.

    Args:
        right: quotients to the right, at shrinking steps.
        left: to the left.
        rounding: the error of each by the rounding of values.
        unit: relative rounding of one value.
    """
    with np.errstate(all="ignore"):
        apart = np.abs(right - left)
        size = np.maximum(np.abs(right), np.abs(left))[-FINEST:]
        noise = 2 * np.max(rounding[-FINEST:]) + np.max(size) * max(SHARP, 2**12 * unit)
        return bool(np.min(apart[-FINEST:]) > PARTED * apart[0] + noise)


def steps(x: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """All steps: families × scales × levels, in one array of that shape; the smaller scale comes first."""
    ladders = differences.steps(x).reshape(-1, LEVELS)
    return np.array([family * ladders[np.argsort(ladders[:, 0])] for family in FAMILIES])


class Witness:
    """The values of a function of several outputs along one input, around a point.

    Args:
        values: takes M numbers for the input and returns an array of shape (M, outputs).
        x: the point.
        unit: relative rounding of one value.
    """

    def __init__(self, values: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]], x: float, unit: float) -> None:
        self.unit, self.x, self._values = unit, x, values
        self.h = steps(x)
        flat = self.h.reshape(-1)
        self.up, self.down = (x + flat) - x, x - (x - flat)  # the steps that floats allow
        found = np.asarray(values(np.concatenate([[x], x + flat, x - flat])), dtype=np.float64)
        self.here, self.above, self.below = found[0], found[1 : 1 + len(flat)], found[1 + len(flat) :]

    def judge(self, output: int, g: float) -> Finding:
        """A number as the derivative of one output."""
        here, above, below = self.here[output], self.above[:, output], self.below[:, output]
        with np.errstate(all="ignore"):
            size = np.maximum(np.maximum(np.abs(above), np.abs(below)), abs(here))
            above_still, below_still = above == here, below == here
            both = above_still & below_still
            ends = (above - here) / self.up, (here - below) / self.down
            steep = np.abs(np.concatenate(ends))
            central = self._best((above - below) / (self.up + self.down), size / (self.up + self.down), both, 2, ends)
            right = self._best(ends[0], size / self.up, above_still, 1)
            left = self._best(ends[1], size / self.down, below_still, 1)
        steepest = float(np.max(steep, initial=0.0, where=np.isfinite(steep)))
        hidden = self._hidden(abs(float(here))) / float(np.max(self.h))
        finding = judged(g, central, (left, right), float(here), steepest, hidden, self.unit)
        if finding.verdict == "kink" and not self._is_kink(output, left.value, right.value, float(np.max(size))):
            return finding._replace(verdict="undecided", reason=DISAGREE)
        return finding

    def _is_kink(self, output: int, left: float, right: float, size: float) -> bool:
        """Whether the kink is at the point: its slopes are those of the shortest steps that tell them apart.

        Args:
            left, right: the slopes.
            size: of the values.
        """
        h = 64 * self.unit * max(size / abs(right - left), abs(self.x))
        up, down = (self.x + h) - self.x, self.x - (self.x - h)
        found = np.asarray(self._values(np.array([self.x, self.x + h, self.x - h])), dtype=np.float64)[:, output]
        near = abs(right - left) / 4
        return bool(abs((found[1] - found[0]) / up - right) < near and abs((found[0] - found[2]) / down - left) < near)

    def _hidden(self, sizes: Any) -> Any:
        """How far values of this size might have moved without a sign of it."""
        return max(HIDDEN, 4 * self.unit) * np.maximum(sizes, max(1.0, abs(self.x)))

    def _best(self, quotients: Any, sizes: Any, still: Any, order: int, ends: tuple[Any, ...] = ()) -> Difference:
        """The best difference of each family; their disagreement is an error too.

        Args:
            sizes: of the values, over the steps.
            still: where the values have not moved.
            order: as :func:`~gradjury.verifier.verdicts.differences.extrapolate` takes it.
            ends: the quotients to the right and to the left, of central ones.
        """
        shape, hidden = self.h.shape, self._hidden(0.0) / self.h
        lost = (np.minimum(self.up, self.down) == 0.0).reshape(shape)  # what is added to a subnormal point
        found = []
        for family in range(shape[0]):
            best = Difference(float("nan"), float("inf"))
            for scale in range(shape[1]):
                ladder = np.s_[family, scale]
                rounding = 4 * self.unit * sizes.reshape(shape)[ladder]
                slopes = quotients.reshape(shape)[ladder]
                rounding = np.maximum(rounding, np.where(still.reshape(shape)[ladder], hidden[ladder], 0.0))
                if (np.isinf(rounding) | lost[ladder])[-FINEST:].any():
                    continue  # steps so short show nothing, be it right or wrong
                one = extrapolate(slopes, rounding, order)
                sides = [end.reshape(shape)[ladder] for end in ends]
                if not settles(slopes, rounding, one.value) or (
                    sides and parts(sides[0], sides[1], rounding, self.unit)
                ):
                    break  # then coarser steps see no better
                best = sharper(best, one)
            found.append(best)
        if not all(np.isfinite(one.error) for one in found):
            return Difference(float("nan"), float("inf"))
        sharpest = min(found, key=lambda d: d.error)
        apart = max(abs(a.value - sharpest.value) for a in found)
        return Difference(sharpest.value, max(sharpest.error, apart))


def judged(
    g: float,
    central: Difference,
    sides: tuple[Difference, Difference],
    value: float,
    steepest: float,
    hidden: float,
    unit: float,
) -> Finding:
    """The verdict on a number by the rule of this module.

    Args:
        sides: the differences from the left and from the right.
        value: of the function at the point.
        steepest: the largest of all quotients.
        hidden: the steepest slope of which values that do not move may show nothing.
    """
    (left, right), slope, error = sides, central.value, central.error + 8 * unit * abs(central.value)
    evidence = Difference(slope, error)
    if not np.isfinite(value):
        return Finding("undecided", evidence, "the value is not finite here")
    if not (np.isfinite(slope) and np.isfinite(error)):
        return Finding("undecided", evidence, "differences find no derivative here")
    digits = min(max(SHARP, 2**12 * unit), FEWEST)
    if not abs(left.value - right.value) <= FAR * (left.error + right.error + error):
        if _is_between(g, left, right, digits):
            return Finding(
                "kink",
                evidence,
                f"differences give {left.value:.6g} from the left and {right.value:.6g} from the right:"
                " the number lies between",
            )
        return Finding("undecided", evidence, DISAGREE)
    sharp = error <= digits * max(abs(slope), steepest)
    if not np.isfinite(g):
        found = sharp or steepest == 0  # be it hidden, it is a number
        return Finding("nonfinite" if found else "undecided", evidence, f"differences give {slope:.6g} ± {error:.1g}")
    off, size = abs(g - slope), max(abs(slope), abs(g))
    if off <= NEAR * error:
        if sharp or g == steepest == 0:
            return Finding("agree", evidence, f"differences agree within {error:.1g}")
        return Finding("undecided", evidence, f"differences see no better than ± {error:.1g}")
    sharp |= max(error, hidden) <= digits * abs(g)
    if sharp and off > FAR * error and off > digits * size:
        return Finding("wrong", evidence, f"differences give {slope:.6g} ± {error:.1g}")
    if off > FAR * error and not sharp:
        return Finding("undecided", evidence, f"differences give {slope:.6g} ± {error:.1g}: too few digits to tell")
    return Finding("undecided", evidence, f"{off / error:.0f} times the error of the difference away: too near to tell")


def _is_between(g: float, left: Difference, right: Difference, digits: float) -> bool:
    """Whether both slopes at a kink are known to so many digits, and a number lies between them."""
    known = max(left.error, right.error) <= digits * max(abs(left.value), abs(right.value))
    low, high = sorted((left, right), key=lambda side: side.value)
    return known and low.value - NEAR * low.error <= g <= high.value + NEAR * high.error
