"""The exact derivative at one point: a ball as narrow as a decision needs, or what stands in its way.

Sweeps of balls at rising precision find it where the function is smooth; germs (:mod:`.germs`) where they meet a tie
or a singularity.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from flint import arb

from ...engine.tape import Tape
from . import balls, germs, series
from .balls import Ball
from .frugal import HUGE
from .sweeps import Plan, Precision

#: Bits in which truth is sought, in turn, until the decision needs no more.
LADDER = (128, 256, 512, 1280, 2560, 4096)

#: Bits that tell any two doubles apart, and in which exp of the largest double is finite.
FAR = 1280

#: Bits, at least, in which a number is compared with the exact one.
COMPARED_BITS = 256

#: Bits that a narrow ball fixes.
FEWEST_BITS = 20

#: Units in the last place within which a number counts as close, and those within which rounding usually leaves it.
IMPRECISE_ULPS = 1024
USUAL_ULPS = 8


class Truth(NamedTuple):
    """What the exact derivative is.

    ``kind``: ``smooth``, ``boundary``, ``kink``, ``infinite``, ``undefined`` or ``unknown``; ``ball`` holds T, None
    where there is none; ``sides`` the germs that found it, None where the plain sweep did; ``bits`` the precision that
    it took.
    """

    kind: str
    ball: Ball | None
    bits: int
    sides: germs.Sides | None = None
    reason: str | None = None

    @property
    def number(self) -> Ball:
        """T where there is one: smooth, at a boundary, or infinite."""
        assert self.ball is not None
        return self.ball

    @property
    def swept_bits(self) -> int:
        """Bits for a sweep whose balls are to be compared with it."""
        return max(self.bits, LADDER[0])

    @property
    def compared_bits(self) -> int:
        """Bits for comparing numbers with it; ends of enclosures are rounded outward in them."""
        return max(self.bits, COMPARED_BITS)


class PointTruth:
    """Exact values and partials of one tape at one point.

    Args:
        plan: the tape, made ready.
        point: one float for each input.
        precision: the floating type in which an engine computed; it says how small is nothing.
    """

    def __init__(self, plan: Plan, point: list[float], precision: Precision) -> None:
        self.plan, self.point, self.precision = plan, point, precision
        self._exact: dict[int, tuple[list[Ball], list[Ball]]] = {}
        self._truths: dict[int, Truth] = {}
        self._starts: dict[int, germs.Start] = {}
        #: The function's value, where more than its operations tells it: of a derivative, which may be 0·∞ in them.
        self.known_value: Ball | None = None
        #: Where the tape is a derivative of order n − 1: of which function, and n.
        self.origin: tuple[Tape, int] | None = None

    @cached_property
    def inputs(self) -> list[Ball]:
        """The point in balls without radius."""
        return [arb(x) for x in self.point]

    @cached_property
    def _rational_point(self) -> list[Fraction] | None:
        """The point in exact numbers; None where it is not finite, and nothing can be expanded."""
        return [Fraction(x) for x in self.point] if all(map(math.isfinite, self.point)) else None

    def exact(self, bits: int) -> tuple[list[Ball], list[Ball]]:
        """Balls of all nodes' exact values and of the gradient, by a plain sweep in so many bits; kept."""
        known = self._exact.get(bits)
        if known is None:
            known = self._exact[bits] = self.plan.exact(self.inputs, bits)
        return known

    def truth(self, j: int) -> Truth:
        """The exact partial by input j."""
        known = self._truths.get(j)
        if known is None:
            known = self._truths[j] = self._find_truth(j)
        return known

    def _find_truth(self, j: int) -> Truth:
        found: Truth | None = None
        for bits in LADDER:
            if found is None and 128 < bits < FAR:
                continue
            values, partials = self.exact(bits)
            ball = partials[j]
            if not (ball.is_finite() and values[self.plan.tape.output].is_finite()):
                if bits >= FAR:
                    break  # a tie or a singularity: germs find it exactly, more bits would not
                continue
            found = Truth("smooth", ball, bits)
            if self._is_told(ball):
                return found
        if found is not None:
            return found
        found = self._singular_truth(j)
        if found.kind == "unknown":  # perhaps no tie and no singularity, but numbers that 1,280 bits do not tell apart
            values, partials = self.exact(LADDER[-1])
            if partials[j].is_finite() and values[self.plan.tape.output].is_finite():
                return Truth("smooth", partials[j], LADDER[-1])
            found = self._truth_of_origin(j) or found
        elif found.kind == "undefined" and self.known_value is not None:
            # an operation of the derivative is infinite all around the point, as 1/(2·√(b·x)) at b = 0, and its tangent
            # is 0: the derivative below is known to have a value here, and nothing to start from
            found = self._truth_of_origin(j) or found
        return found

    def _singular_truth(self, j: int) -> Truth:
        point = self._rational_point
        if point is None:
            return Truth("unknown", None, 128, None, "the point is not finite: nothing can be expanded there")
        found: Truth | None = None
        reason = ""
        for bits in (256, FAR, 4096):
            try:
                sides = self._sides(point, j, bits)
            except series.PrecisionLost as error:
                reason = str(error)
                continue
            except series.Undecided as error:
                reason = str(error)
                break
            found = _truth_of_sides(sides, bits)
            if all(s is None or not s.is_finite() or self._is_told(s) for s in (sides.left, sides.right)):
                break  # (exp(x) − 1)/max(x, x) beside 0 needs more bits, as it would without the tie
        return found or Truth("unknown", None, 4096, None, f"the derivative here could not be decided: {reason}")

    def _truth_of_origin(self, j: int) -> Truth | None:
        """What the series of the function itself tells of its derivative, where that of the derivative does not."""
        point = self._rational_point
        if self.origin is None or point is None:
            return None
        tape, order = self.origin
        found: Truth | None = None
        for bits in (256, FAR):
            with balls.precision(bits):
                start = germs.Start(tape, point)
                sides = germs.sides_of_order(tape, start, j, order)
                if sides is None:  # after a division by a high power of h
                    with series.carrying(series.ORDER + order):
                        sides = germs.sides_of_order(tape, germs.Start(tape, point), j, order)
            if sides is None:
                return found
            found = _truth_of_sides(sides, bits)
            if all(s is not None and self._is_told(s) for s in (sides.left, sides.right)):
                break
        return found

    def _sides(self, point: list[Fraction], j: int, bits: int) -> germs.Sides:
        """By short series, which most points need, and by long ones where those leave something open."""
        with balls.precision(bits):
            if bits not in self._starts:
                self._starts[bits] = germs.Start(self.plan.tape, point, self.known_value)
            try:
                with series.carrying(series.FIRST_ORDER):
                    return germs.sides(self.plan.tape, self._starts[bits], j)
            except series.PrecisionLost:
                raise  # more bits may help, higher terms do not
            except series.Undecided:
                return germs.sides(self.plan.tape, self._starts[bits], j)

    def _is_told(self, ball: Ball) -> bool:
        """Whether a ball is narrow enough for any decision."""
        return bool(ball.rel_accuracy_bits() >= 80 or ball.rad() < self.precision.smallest * 2.0**-60)

    @cached_property
    def value_truth(self) -> Truth:
        """The exact value, decided at ties as a program decides them."""
        ball = balls.NAN
        for bits in LADDER:
            values = self.plan.values(self.inputs, bits)
            ball = values[self.plan.tape.output]
            if ball.is_finite() and self._is_told(ball):
                return Truth("smooth", ball, bits)
            if bits >= FAR and not ball.is_finite():
                reason = self._beyond(values) or self._expanded(bits)
                return Truth("unknown" if reason else "undefined", None, bits, None, reason)
        if ball.rel_accuracy_bits() < FEWEST_BITS and ball.rad() > self.precision.unit:
            reason = f"the value could not be determined in {LADDER[-1]} bits"  # beside a jump
            return Truth("unknown", None, LADDER[-1], None, reason)
        return Truth("smooth", ball, LADDER[-1])

    def _beyond(self, values: list[Ball]) -> str | None:
        """Why there may be a value all the same, where all that has no finite ball comes of arguments out of reach."""
        reason = None
        for node, ball in zip(self.plan.tape.nodes, values, strict=True):
            if ball.is_finite() or not all(values[a].is_finite() for a in node.args):
                continue
            if not any(abs(values[a]) > HUGE for a in node.args):
                return None
            reason = f"{node.primitive.name} of an argument beyond all floats"
        return reason

    def _expanded(self, bits: int) -> str | None:
        """Why there is a value that no balls enclose, as of √(x/3·3 − 1) at 1: exact numbers find it; else None."""
        point = self._rational_point
        if point is None:
            return None
        with balls.precision(bits):
            value = germs.Start(self.plan.tape, point).value
        reason = f"the value could not be determined in {bits} bits"
        return None if value is None else reason


def _truth_of_sides(sides: germs.Sides, bits: int) -> Truth:
    if sides.kind in ("smooth", "boundary", "infinite"):
        return Truth(sides.kind, sides.derivative, bits, sides)
    if sides.kind == "undefined" and sides.left is None and sides.right is None:
        return Truth("undefined", None, bits, None, "a jump or a pole, or the point is outside the domain")
    return Truth(sides.kind, None, bits, sides)
