"""What correct floats may return at one point: the enclosure E of each partial, and what else bounds it.

The rules are those of ``docs/verdicts.md``: hulls where balls straddle a tie, the side that germs decided where numbers
tie exactly, and affine forms where plain balls are too wide to tell.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb

from ...engine.domains import holds
from ...engine.primitive import Primitive
from ...engine.primitives.piecewise import NEGATED, RELATIONS
from . import affine, balls
from .balls import Ball
from .exactness import exact_at
from .minus_zero import MinusZero
from .rules import rule_of
from .sweeps import E_UNLIMITED, E, Plan, Precision, Rounding
from .truth import FEWEST_BITS, LADDER, PointTruth, Truth

#: Why a number that the rules would flag is no engine's fault.
MINUS_ZERO = "at −0 the number is the limit from below 0"
DISPUTED = "an operation has arguments here for which libraries define different values"
UNDOCUMENTED = "an operation has arguments here for which libraries define no value"


class PointEnclosure(PointTruth):
    """Enclosures of values and partials of one tape at one point."""

    def __init__(self, plan: Plan, point: list[float], precision: Precision) -> None:
        super().__init__(plan, point, precision)
        self._wide: dict[Any, tuple[list[Ball], list[Ball]]] = {}
        self._affine: list[Ball] | None = None

    def wide(self, bits: int, rounding: Rounding = E, *, side: int = 0, j: int = 0) -> tuple[list[Ball], list[Ball]]:
        """Enclosures of all values and of the gradient, as :meth:`.sweeps.Plan.wide` finds them; kept.

        Args:
            side, j: for the mode ``directed``, which side of the partial by input j the decisions are of.
        """
        key = (bits, rounding, side, j)
        known = self._wide.get(key)
        if known is None:
            truth = self._truths.get(j)
            decided = truth.sides.decided[side] if rounding.mode == "directed" and truth and truth.sides else None
            known = self._wide[key] = self.plan.wide(
                self.inputs, self.precision, rounding, decided=decided, bits=bits, exact=self.rounds_nothing
            )
        return known

    @cached_property
    def rounds_nothing(self) -> dict[int, Fraction]:
        """Operations that round nothing at the point."""
        if not all(map(math.isfinite, self.point)):
            return {}
        return exact_at(self.plan.tape, self.point, self.precision.unit, float(self.precision.smallest))

    def directed(self, j: int, side: int, rounding: Rounding = E) -> Ball:
        """The enclosure of the partial by input j to one of the sides that germs have found."""
        bits = self.truth(j).swept_bits
        return self.wide(bits, rounding._replace(mode="directed"), side=side, j=j)[1][j]

    def enclosure(self, j: int, rounding: Rounding = E) -> Ball:
        """E of the partial by input j, or another; not finite where nothing bounds what floats may return."""
        truth = self.truth(j)
        eta = self.precision.eta * 2
        bits = truth.swept_bits
        if truth.sides is None:
            return self.wide(bits, rounding)[1][j] + eta
        union: Ball | None = None
        for side in range(len(truth.sides.decided)):
            ball = self.directed(j, side, rounding)
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
            bits = self.truth(j).compared_bits
            self._affine = affine.gradient(self.plan, self.inputs, self.precision, bits) or []
        return self._affine[j] if self._affine else None

    def excuse(self, g: float, j: int | None = None) -> str | None:
        """Why g, the value or the partial by input j, accuses nobody, whatever it is; None where nothing excuses it."""
        reason = None
        if self._lies_where(operator.attrgetter("disputed")):
            reason = DISPUTED
        elif math.isnan(g) and self._lies_where(operator.attrgetter("undocumented")):
            reason = UNDOCUMENTED
        elif self._is_limit_at_minus_zero(g, j):
            reason = MINUS_ZERO
        return reason

    def _lies_where(self, condition_of: Callable[[type[Primitive]], str]) -> bool:
        """Whether an operation's exact arguments certainly lie where a condition that its primitive states holds.

        An operation on a branch that is certainly not taken has no part in the function here.
        """
        nodes = self.plan.tape.nodes
        if all(condition_of(node.primitive) == "False" for node in nodes):
            return False
        values = self.plan.values(self.inputs, 256)
        with balls.precision(256):
            named = {name: balls.constant(name) for name in ("pi", "E")}
            for node in map(nodes.__getitem__, self._taken(values)):
                if condition_of(node.primitive) == "False":
                    continue
                named |= dict(zip(node.primitive.arguments, (values[a] for a in node.args), strict=True))
                named |= node.primitive.keywords(node.consts, balls.constant)
                if holds(condition_of(node.primitive), named, lambda primitive: rule_of(primitive).value_at_ties):
                    return True
        return False

    def _taken(self, values: list[Ball]) -> set[int]:
        """The nodes from which the output comes, without branches that are certainly not taken."""
        taken: set[int] = set()
        ahead = [self.plan.tape.output]
        while ahead:
            i = ahead.pop()
            if i in taken:
                continue
            taken.add(i)
            node = self.plan.tape.nodes[i]
            args = list(node.args)
            if "relation" in node.primitive.constants:
                left, right, chosen, otherwise = args
                relation = node.consts[node.primitive.constants.index("relation")]
                if RELATIONS[relation](values[left], values[right]):
                    args.remove(otherwise)
                elif RELATIONS[NEGATED[relation]](values[left], values[right]):
                    args.remove(chosen)
            ahead += args
        return taken

    def _is_limit_at_minus_zero(self, g: float, j: int | None = None) -> bool:
        """Whether g, the value or the partial by input j, is what correct floats give at the number below −0."""
        if not self._minus_zero.nodes:
            return False
        if math.isinf(g) and j is not None:
            return self.truth(j).kind == "infinite" and self._minus_zero.gives_infinity(g > 0, j)
        if not math.isfinite(g):
            return False
        here = self.wide(256, E_UNLIMITED)[0][self.plan.tape.output]
        return self._minus_zero.gives(g, j, here)

    @cached_property
    def _minus_zero(self) -> MinusZero:
        return MinusZero(self.plan, self.point, self.precision)

    def hull(self, truth: Truth, j: int, rounding: Rounding | None) -> tuple[Ball, Ball]:
        """[left, right] with an allowance of 8u, and of what rounding does to a program on each side.

        Args:
            rounding: None of a function, which is no program.
        """
        assert truth.sides is not None
        known = [s for s in (truth.sides.left, truth.sides.right) if s is not None]
        count = len(truth.sides.decided)
        # each side by itself: the radius of a union of both is rounded to 30 bits
        sides = range(count) if count == len(known) else ()
        swept = [self.directed(j, side, rounding) + self.precision.eta * 2 for side in sides] if rounding else []
        finite = [ball for ball in swept if ball.is_finite()]
        # where no sweep of balls is finite, allow what each operation may lose once
        units = 8.0 if len(finite) == len(known) else max(8.0, 6.0 * len(self.plan.tape))
        if rounding is None:
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
        for rounding, cause in ((E_UNLIMITED, "singular"), (E, "overflow")):
            values, adjoints = self.plan.wide(self.inputs, self.precision, rounding, bits=truth.swept_bits, every=True)
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
