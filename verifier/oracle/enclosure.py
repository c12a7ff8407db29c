"""What correct floats may return at one point: the enclosure E of each partial, and what else bounds it.

The rules are those of ``docs/verdicts.md``: hulls where balls straddle a tie, the side that germs decided where numbers
tie exactly, and affine forms where plain balls are too wide to tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from ...engine.domains import holds
from ...engine.sweep import Execution
from . import affine, balls
from .balls import Ball
from .rules import rule_of
from .sweeps import Plan, Precision
from .truth import FEWEST_BITS, LADDER, PointTruth, Truth

#: Why a number that the rules would flag is no engine's fault.
MINUS_ZERO = "at −0 the number is the limit from below 0"
DISPUTED = "an operation has arguments here for which libraries define different values"

#: By less than this a continuous function changes between 0 and the next float, even where its slope is steep.
NO_JUMP = 2.0**-100

#: How much nearer to 0 a −0 is than the smallest float, and than another −0 where they tell a direction.
NEARER = 2.0**-200


class PointEnclosure(PointTruth):
    """Enclosures of values and partials of one tape at one point."""

    def __init__(self, plan: Plan, point: list[float], precision: Precision) -> None:
        super().__init__(plan, point, precision)
        self._wide: dict[Any, tuple[list[Ball], list[Ball]]] = {}
        self._affine: list[Ball] | None = None

    def wide(
        self,
        mode: str,
        bits: int,
        *,
        weak: bool = False,
        limits: bool = True,
        reordered: bool = False,
        side: int = 0,
        j: int = 0,
    ) -> tuple[list[Ball], list[Ball]]:
        """Enclosures of all values and of the gradient, as :meth:`.sweeps.Plan.wide` finds them; kept.

        Args:
            side, j: for ``mode="directed"``, which side of the partial by input j the decisions are of.
        """
        key = (mode, bits, weak, limits, reordered, side, j)
        known = self._wide.get(key)
        if known is None:
            truth = self._truths.get(j)
            decided = truth.sides.decided[side] if mode == "directed" and truth and truth.sides else None
            known = self._wide[key] = self.plan.wide(
                self.inputs,
                self.precision,
                mode=mode,
                weak=weak,
                limits=limits,
                decided=decided,
                bits=bits,
                reordered=reordered,
            )
        return known

    def directed(self, j: int, side: int, *, weak: bool = False, limits: bool = True, reordered: bool = False) -> Ball:
        """The enclosure of the partial by input j to one of the sides that germs have found."""
        bits = max(self.truth(j).bits, 128)
        return self.wide("directed", bits, weak=weak, limits=limits, reordered=reordered, side=side, j=j)[1][j]

    def enclosure(self, j: int, *, weak: bool = False, limits: bool = True, reordered: bool = False) -> Ball:
        """E (or E_weak) of the partial by input j; not finite where nothing bounds what floats may return.

        Args:
            reordered: whatever the order in which sums are added up.
        """
        truth = self.truth(j)
        eta = self.precision.eta * 2
        bits = max(truth.bits, 128)
        if truth.sides is None:
            return self.wide("hull", bits, weak=weak, limits=limits, reordered=reordered)[1][j] + eta
        union: Ball | None = None
        for side in range(len(truth.sides.decided)):
            ball = self.directed(j, side, weak=weak, limits=limits, reordered=reordered)
            union = ball if union is None else union.union(ball)
        if union is not None and union.is_finite():
            return union + eta
        if truth.ball is None or not truth.ball.is_finite():
            return balls.NAN
        if any(self._exact_side_is_finite(decided, j, bits) for decided in truth.sides.decided):
            return balls.NAN  # no singularity: rounding alone takes a value to a pole or a domain's edge
        # at a singular point no sweep of balls is finite: allow what each operation may lose once
        return truth.ball * arb(1, 6 * len(self.plan.tape) * self.precision.unit) + eta

    def shared(self, j: int) -> Ball | None:
        """The enclosure of the partial by input j where roundings that paths share are one; None if not finite."""
        if self._affine is None:  # [] where one is not finite
            bits = max(self.truth(j).bits, 256)
            self._affine = affine.gradient(self.plan, self.inputs, self.precision, bits) or []
        return self._affine[j] if self._affine else None

    def excuse(self, g: float, j: int | None = None) -> str | None:
        """Why g, the value or the partial by input j, accuses nobody, whatever it is; None where nothing excuses it."""
        reason = DISPUTED if self._is_disputed else MINUS_ZERO
        return reason if self._is_disputed or self._is_limit_at_minus_zero(g, j) else None

    @cached_property
    def _is_disputed(self) -> bool:
        """Whether an operation's exact arguments certainly lie where its primitive says that libraries differ."""
        tape = self.plan.tape
        disputed = [node for node in tape.nodes if node.primitive.disputed != "False"]
        values = self.plan.values(self.inputs, 256) if disputed else []
        with balls.precision(256):
            named = {name: balls.constant(name) for name in ("pi", "E")}
            for node in disputed:
                named |= dict(zip(node.primitive.arguments, (values[a] for a in node.args), strict=True))
                named |= node.primitive.keywords(node.consts, balls.constant)
                if holds(node.primitive.disputed, named, lambda primitive: rule_of(primitive).value_at_ties):
                    return True
        return False

    def _is_limit_at_minus_zero(self, g: float, j: int | None = None) -> bool:
        """Whether g, the value or the partial by input j, is what correct floats give at the number below −0.

        IEEE 754 lets a jump tell −0 from 0: atan2(−0, −1) is −π, 1/√−0 is −∞, and ceil(−0.6) is −0. False where neither
        an input nor a value that is exactly 0 is −0 in floats, and where the function does not jump there: at a mere
        tie, as in relu(x) − relu(−x), the sign of a zero excuses nothing.
        """
        if not self._negative_zeros:
            return False
        if not math.isfinite(g):
            return math.isinf(g) and j is not None and self._is_infinite_at_minus_zero(g > 0, j)
        output = self.plan.tape.output
        here = self.wide("hull", 256, limits=False)[0][output] + arb(0, NO_JUMP)
        for values, partials in self._below:
            found = values[output] if j is None else partials[j]
            if not values[output].overlaps(here) and found.is_finite() and found.contains(arb(g)):
                return True
        return False

    def _is_infinite_at_minus_zero(self, is_positive: bool, j: int) -> bool:
        """Whether an infinite derivative may have this sign because a −0 that depends on input j has one.

        It must reach an operation that is singular: in −√x at 0 the −0 is behind the root. Where the function is real
        below −0, the sign is that of its slope there.
        """
        zeros = self._depend_on(j) & set(self._negative_zeros)
        if self.truth(j).kind != "infinite" or not self._reach_a_singular_operation(zeros):
            return False
        slopes = [partials[j] for _, partials in self._below]
        return any(not (slope < 0 if is_positive else slope > 0) for slope in slopes)

    def _reach_a_singular_operation(self, nodes: set[int]) -> bool:
        """Whether an operation without a finite derivative by some argument gets that from one of these nodes."""
        reached = set().union(*map(self._depend_on, nodes))
        values = self.plan.values(self.inputs, 256)
        with balls.precision(256):
            return any(
                argument in reached and callable(partial) and not partial(*[values[a] for a in node.args]).is_finite()
                for node in self.plan.tape.nodes
                if not reached.isdisjoint(node.args)
                for argument, partial in zip(node.args, rule_of(node.primitive, node.consts).partials, strict=True)
            )

    def _depend_on(self, j: int) -> set[int]:
        """The nodes that depend on a node, with itself."""
        found = {j}
        for i, node in enumerate(self.plan.tape.nodes):
            if not found.isdisjoint(node.args):
                found.add(i)
        return found

    @cached_property
    def _below(self) -> list[tuple[list[Ball], list[Ball]]]:
        """Enclosures of all values and of the gradient with numbers below 0 in place of each −0.

        All −0 alike; and where there are several, one of them much nearer to 0 than the others: atan2(−0, −0) is −π, as
        if the first were the nearer.
        """
        zeros, tiny = self._negative_zeros, -self.precision.smallest * NEARER  # beside every other number, too
        below: dict[int, Ball] = dict.fromkeys(zeros, tiny)
        ways = [below]
        if len(zeros) > 1:
            ways += [{**below, nearer: tiny * NEARER} for nearer in zeros]
        ways += [{**below, **values} for values in self._of_two_zeros(tiny)]
        return [
            self.plan.wide(
                [way.get(i, x) for i, x in enumerate(self.inputs)],
                self.precision,
                mode="hull",
                bits=256,
                replaced=way,
            )
            for way in ways
        ]

    def _of_two_zeros(self, tiny: Ball) -> Iterator[dict[int, Ball]]:
        """The values of operations that meet several −0, where the first of these is the nearest to 0, the second, ….

        An operation sees numbers, not where they come from: of atan2(x, x) at −0 it makes what it makes of any two.
        """
        zeros, unit, tape = set(self._negative_zeros), self.precision.unit, self.plan.tape
        nodes = [(i, tape.nodes[i]) for i in tape.operations]
        at_zero = [(i, node, [k for k, a in enumerate(node.args) if a in zeros]) for i, node in nodes]
        met = [(i, node, places) for i, node, places in at_zero if len(places) > 1]
        values = self.plan.values(self.inputs, 256) if met else []
        for rank in range(max((len(places) for _, _, places in met), default=0)):
            found = {}
            with balls.precision(256):
                for i, node, places in met:
                    x = [tiny if a in zeros else values[a] for a in node.args]
                    x[places[min(rank, len(places) - 1)]] = tiny * NEARER
                    found[i] = rule_of(node.primitive, node.consts).wide("hull", unit).value(*x)
            yield found

    @cached_property
    def _negative_zeros(self) -> list[int]:
        """The nodes whose exact value is 0 and which IEEE 754 makes −0."""
        tape = self.plan.tape
        run = Execution(tape, self.precision.dtype)
        run.forward(dict(zip(tape.inputs, self.point, strict=True)))
        assert run.values is not None
        minus = [i for i, x in enumerate(run.values) if x == 0 and np.signbit(x)]
        if not minus:
            return []
        values = self.plan.values(self.inputs, 128)
        return [i for i in minus if values[i].is_zero()]

    def hull(self, truth: Truth, j: int, *, rounded: bool, reordered: bool = False) -> tuple[Ball, Ball]:
        """[left, right] with an allowance of 8u, and if ``rounded`` of what rounding does to a program on each side.

        Args:
            reordered: to a program that may add up in any order.
        """
        assert truth.sides is not None
        known = [s for s in (truth.sides.left, truth.sides.right) if s is not None]
        count = len(truth.sides.decided)
        # each side by itself: the radius of a union of both is rounded to 30 bits
        sides = range(count) if rounded and count == len(known) else ()
        swept = [self.directed(j, side, reordered=reordered) + self.precision.eta * 2 for side in sides]
        finite = [ball for ball in swept if ball.is_finite()]
        # where no sweep of balls is finite, allow what each operation may lose once
        units = 8.0 if len(finite) == len(known) else max(8.0, 6.0 * len(self.plan.tape))
        if not rounded:
            units = max([8.0, *(n.primitive.ulps for n in self.plan.tape.nodes if n.primitive.special)])
        # an engine may take the mean of the two: its rounding is that of the larger slope
        bounded = [side for side in known if side.is_finite()]
        slack = arb(0, units * self.precision.unit) * sum((abs(side) for side in bounded), balls.ZERO)
        finite += [side + slack + self.precision.eta for side in bounded]
        infinite = [side for side in known if not side.is_finite()]
        lows = [ball.lower() for ball in finite] + infinite
        highs = [ball.upper() for ball in finite] + infinite
        low, high = lows[0], highs[0]
        for a, b in zip(lows[1:], highs[1:], strict=True):
            low, high = (a if a < low else low), (b if b > high else high)
        return low, high

    def is_narrow(self, enclosure: Ball, truth: Truth) -> bool:
        """20 bits; where T is 0 to the last subnormal, relative bits mean nothing: those of quantities of size 1."""
        if truth.number.contains(0) and abs(truth.number) < self.precision.smallest:
            return bool(enclosure.rad() < 2.0**-FEWEST_BITS)
        return bool(enclosure.rad() * 2.0**FEWEST_BITS < abs(enclosure.mid()))

    def has_lost_digits(self, value: Ball) -> bool:
        """Whether rounding has left fewer than 20 bits of a value."""
        return bool(
            value.is_finite()
            and value.rel_accuracy_bits() < FEWEST_BITS
            and value.rad() > self.precision.smallest * len(self.plan.tape)
        )

    def is_unbounded(self, truth: Truth, j: int) -> bool:
        """Whether rounding alone takes a value to a pole or out of a domain: the exact sweep of some side is finite,
        that of what floats may return is not."""
        assert truth.sides is not None
        for side, decided in enumerate(truth.sides.decided):
            if not self.directed(j, side).is_finite() and self._exact_side_is_finite(decided, j, truth.bits):
                return True
        return False

    def _exact_side_is_finite(self, decided: Any, j: int, bits: int) -> bool:
        # 1e300 + 8 − 1e300 is found in exact series, and by a sweep of balls only in many bits
        return any(self.plan.directed(self.inputs, decided, b)[1][j].is_finite() for b in (bits, LADDER[-1]))

    def elsewhere(self, truth: Truth) -> str | None:
        """Why an engine meets 0·∞ although no path with an infinity reaches this input: what is infinite elsewhere."""
        for limits, cause in ((False, "singular"), (True, "overflow")):
            bits = max(truth.bits, 128)
            values, adjoints = self.plan.wide(
                self.inputs, self.precision, mode="hull", limits=limits, bits=bits, every=True
            )
            if not all(ball.is_finite() for ball in (*values, *adjoints)):
                return cause
        return "overflow" if self._overflows_locally() else None

    def _overflows_locally(self) -> bool:
        """Whether a local derivative is beyond the largest float, though its products are not."""
        tape, values = self.plan.tape, self.plan.values(self.inputs, 128)
        with balls.precision(128):
            for node, active in zip(tape.nodes[len(tape.inputs) :], tape.active[len(tape.inputs) :], strict=True):
                partials = rule_of(node.primitive, node.consts).partials if active else ()
                for partial in partials:
                    if callable(partial) and abs(partial(*[values[a] for a in node.args])) > self.precision.largest:
                        return True
        return False
