"""The verdict on one number at one point: exact truth, permitted enclosure, and the rules between them.

The rules are those of ``docs/verdicts.md``; d = |g − T|, ulp(T) = u·|T| + η.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from flint import arb

from ..oracle import balls
from ..oracle.balls import Ball
from ..oracle.enclosure import PointEnclosure
from ..oracle.exactness import has_rounded_constant
from ..oracle.settled import settled
from ..oracle.sweeps import E_REORDERED, E_UNLIMITED, E_WEAK, E, Plan, Precision, Rounding, plan_of
from ..oracle.truth import FEWEST_BITS, IMPRECISE_ULPS, LADDER, Truth
from .judgement import FLAGGED, Judgement, unknown
from .opaque import why_unknown
from .special_points import at_the_edge, beside_a_jump, beside_a_singularity

#: Bits in which the sum of any double and the smallest one is exact, with as many to spare.
EXACT_BITS = LADDER[-2]

#: Why nothing bounds what a correct engine may return.
UNBOUNDED = (
    "an intermediate value is so near a pole or a domain's edge, or so coarsely rounded, that the error has no bound"
)

#: Why a number outside E accuses nobody.
FORWARD = "tangents cancel on the way: an engine that carries them forward may return this number by rounding alone"

#: Why a number outside E accuses nobody where terms that are added up cancel.
REORDERED = "terms of a sum cancel: an engine that adds them in another order may return this number by rounding alone"

#: Why a number inside an enclosure that is too wide says nothing.
CANCELLED = "cancellation leaves fewer than 20 bits: correct engines may differ here"

#: Why a special function cannot be judged where its argument's last digit changes all of its result's.
TOO_FAR = "here the last digit of the argument changes all digits of this special function"

#: Why nothing can be said where the exact number itself is a wide ball.
UNTOLD = f"the exact number could not be determined well enough in {LADDER[-1]} bits"

#: Why an engine meets an infinity though the derivative has none.
ELSEWHERE = {
    "singular": "a path that is not taken meets an infinity here, and 0·∞ is no number",
    "overflow": "an intermediate result leaves the range of floats, though the derivative does not",
}


class PointJudge(PointEnclosure):
    """Judges values and partials of one tape at one point.

    Args:
        plan: the tape, made ready.
        point: one float for each input.
        precision: the floating type in which the engine computed.
        standard: ``program`` or ``function``.
    """

    def __init__(self, plan: Plan, point: list[float], precision: Precision, standard: str) -> None:
        super().__init__(plan, point, precision)
        self.standard = standard
        #: Whether an operation of the function itself may jump here, not one of its derivative alone, as sign at 0.
        self.excuses_jumps = True

    def judge(self, j: int, g: float) -> Judgement:
        """The verdict on g as the partial by input j."""
        name = self.plan.tape.inputs[j]
        if name in self.plan.opaque:
            return unknown(why_unknown(self, j, self.plan.opaque[name]))
        truth = self._told_from_thresholds(self.truth(j), g, lambda bits: self.exact(bits)[1][j])
        with balls.precision(truth.compared_bits):
            match truth.kind:
                case "unknown":
                    return Judgement("undecided", truth, None, None, truth.reason)
                case "infinite":
                    return self._judge_infinite(truth, g)
                case "kink":
                    return self._judge_kink(truth, j, g)
                case "undefined":
                    return self._judge_undefined(truth, j, g)
            if self.standard == "function":
                found = self._judge_function(truth, g, self._special_allowance(j, truth))
            else:
                found = self._judge_program(truth, j, g)
            if self.standard == "program" and (other := self._other_order(found, j, g)):
                return found._replace(verdict="undecided", reason=other, cause=None)
            if found.verdict not in ("inaccurate", "wrong"):
                return found
            if truth.kind == "boundary":
                return at_the_edge(self, self.standard, found, j, g)
            if truth.sides is not None and truth.sides.jumps and self.excuses_jumps:
                return beside_a_jump(self, self.standard, found, j, g)
            if truth.sides is not None and self.standard == "program":
                return beside_a_singularity(self, found, j, g)
            return found

    def _other_order(self, found: Judgement, j: int, g: float) -> str | None:
        """Why right floats may give g if they add up in another order than E supposes; None where they may not."""
        is_ordinary = found.verdict in ("inaccurate", "wrong") and found.truth.sides is None
        reason = FORWARD if is_ordinary and self._may_be_carried_forward(found.truth, j, g) else None
        return reason or self._reordered(found, g, partial(self.enclosure, j))

    def _reordered(self, found: Judgement, g: float, enclosure: Callable[[Rounding], Ball]) -> str | None:
        """The reason why a flagged number may be right if sums are added up in another order."""
        if found.verdict not in ("inaccurate", "wrong", "nonfinite"):
            return None
        reason = REORDERED
        if math.isfinite(g) and _holds(enclosure(E_REORDERED), g):
            return reason
        if found.enclosure is None or found.cause == "overflow":
            return None
        return None if enclosure(E_REORDERED._replace(limits=False)).is_finite() else reason

    def _may_be_carried_forward(self, truth: Truth, j: int, g: float) -> bool:
        """Whether right floats may give g if tangents are carried forward: E is of adjoints carried back."""
        return _holds(
            self.plan.carried_forward(self.inputs, self.precision, j, truth.swept_bits, self.rounds_nothing), g
        )

    def judge_or_excuse(self, j: int, g: float) -> Judgement:
        """As :meth:`judge`; ``undefined`` where something excuses whatever would be flagged here."""
        found = self.judge(j, g)
        if found.verdict in FLAGGED and (excuse := self.excuse(g, j)):
            return found._replace(verdict="undefined", reason=excuse, cause=None)
        return found

    @cached_property
    def settled(self) -> PointJudge | None:
        """Judges the function without choices that are the same all around the point; None where it has none."""
        rest = settled(self.plan.tape, self.inputs)
        return None if rest is None else PointJudge(plan_of(rest), self.point, self.precision, self.standard)

    def judge_value(self, g: float) -> Judgement:
        """The verdict on g as the function's value."""
        truth = self.value_truth
        if truth.kind == "unknown":
            if self.settled is not None:
                return self.settled.judge_value(g)
            return Judgement("undecided", truth, None, None, truth.reason)
        if truth.ball is None:
            return Judgement("undefined", truth, None, None, "the function has no finite value here")
        output = self.plan.tape.output
        truth = self._told_from_thresholds(truth, g, lambda bits: self.plan.values(self.inputs, bits)[output])
        with balls.precision(truth.compared_bits):
            if self.standard == "function":
                return self._judge_function(truth, g, self._value_allowance(truth))
            bits = truth.swept_bits
            mode = "hull"

            def swept(rounding: Rounding) -> Ball:
                return self.wide(bits, rounding._replace(mode=mode))[0][output]

            enclosure = swept(E) + self.precision.eta * 2
            if not self.is_narrow(enclosure, truth):
                mode = "value"  # an exact tie is no matter of rounding: a program decides it
                enclosure = swept(E) + self.precision.eta * 2
            unlimited = swept(E_UNLIMITED)
            weak = truth.number + arb(0, IMPRECISE_ULPS * self.precision.unit) * abs(truth.number).max(balls.ONE)
            found = self._within(truth, g, enclosure, unlimited, lambda: enclosure.union(weak), lambda: None)
            reason = self._reordered(found, g, swept)
            return found._replace(verdict="undecided", reason=reason, cause=None) if reason else found

    def _told_from_thresholds(self, truth: Truth, g: float, ball_in: Callable[[int], Ball]) -> Truth:
        """The same truth, in more bits where g is so near a threshold that balls do not tell on which side it lies.

        1 + 4u is 4 ulp from 1, and 1024 ulp are as exact: only the η of ulp(T) says that it lies within.
        """
        if truth.ball is None or truth.bits >= EXACT_BITS or not math.isfinite(g):
            return truth
        with balls.precision(truth.compared_bits):
            distance, ulp, _ = self.distances(truth, g)
            thresholds = (ulp * 4 + self.precision.smallest * 2, ulp * IMPRECISE_ULPS)
            if not any(distance.overlaps(threshold) for threshold in thresholds):
                return truth
        ball = truth.ball if truth.ball.is_exact() else ball_in(EXACT_BITS)
        return truth._replace(ball=ball, bits=EXACT_BITS) if ball.is_finite() else truth

    def distances(self, truth: Truth, g: float) -> tuple[Ball, Ball, float]:
        """d and ulp(T) as balls, and the middle of their quotient."""
        distance = abs(arb(g) - truth.number)
        ulp = self.precision.ulp(truth.number)
        return distance, ulp, float((distance / ulp).mid())

    def _overflowed(self, truth: Truth, g: float) -> str | None:
        """The verdict on an infinity where T itself is beyond the largest float, else None."""
        if not abs(truth.number) > self.precision.largest * (1 - self.precision.unit):
            return None
        return "agree" if math.isinf(g) and (g > 0) == (truth.number > 0) else "nonfinite"

    def _judge_infinite(self, truth: Truth, g: float) -> Judgement:
        signed = math.isinf(g) and (g > 0) == (truth.number > 0)
        if math.isnan(g) or signed:
            return Judgement("agree", truth, (truth.number, truth.number), None)
        reason = "the derivative is infinite here"
        return Judgement("nonfinite", truth, (truth.number, truth.number), None, reason, "singular")

    def _judge_kink(self, truth: Truth, j: int, g: float) -> Judgement:
        by_program = self.standard == "program"
        low, high = self.hull(truth, j, E if by_program else None)
        if math.isnan(g):
            return Judgement("nonfinite", truth, (low, high), None, "nan at a kink", "singular")
        inside = not (arb(g) < low) and not (arb(g) > high)
        if math.isinf(g):  # a slope beyond the largest float is infinite in floats
            slopes = () if truth.sides is None else (truth.sides.left, truth.sides.right)
            largest = self.precision.largest * (1 - self.precision.unit)
            inside = any(slope is not None and slope * (1 if g > 0 else -1) > largest for slope in slopes)
        if not inside and math.isinf(g):
            return Judgement("nonfinite", truth, (low, high), None, "infinite at a kink", "singular")
        if not inside and truth.sides is not None and truth.sides.jumps:
            return beside_a_jump(self, self.standard, Judgement("wrong", truth, (low, high), None), j, g)
        if not inside and by_program and (excuse := self._outside_sides(truth, j, g)):
            return Judgement("undecided", truth, (low, high), None, excuse)
        return Judgement("kink" if inside else "wrong", truth, (low, high), None)

    def _judge_undefined(self, truth: Truth, j: int, g: float) -> Judgement:
        reason = truth.reason or "the function has no derivative here"
        sides = truth.sides
        if sides is None or math.isnan(g) or sides.left is None or sides.right is None:
            return Judgement("undefined", truth, None, None, reason)
        low, high = self.hull(truth, j, E if self.standard == "program" else None)
        outside = arb(g) < low or arb(g) > high
        if outside and self.standard == "program" and (excuse := self._outside_sides(truth, j, g)):
            return Judgement("undecided", truth, (low, high), None, excuse)
        return Judgement("wrong" if outside else "undefined", truth, (low, high), None, reason)

    def _outside_sides(self, truth: Truth, j: int, g: float) -> str | None:
        """Why right floats may give g outside both slopes; None where they may not."""
        if self.is_unbounded(truth, j):
            return UNBOUNDED
        low, high = self.hull(truth, j, E_REORDERED)
        return None if arb(g) < low or arb(g) > high else REORDERED

    def _special_allowance(self, j: int, truth: Truth) -> Ball:
        """The width that a library function may err by: 4 ulp, or k·u·(|f′| + |x·f″|) for a special function.

        Of order n it is k·u·(|f⁽ⁿ⁾| + |x·f⁽ⁿ⁺¹⁾|): the second derivative of J₀ has zeros that no double can name, too.
        And what it makes of a constant that is no float, as the exponent of x**(1/3), where that is more.
        """
        plain = self.precision.ulp(truth.number) * 4
        special = [n.primitive.ulps for n in self.plan.tape.nodes if n.primitive.special]
        function = self.plan.tape if self.origin is None else self.origin[0]
        if len(function.operations) == 1 and (
            any(n.primitive.special for n in function.nodes) or has_rounded_constant(function, self.precision.unit)
        ):
            enclosure = self.enclosure(j, E_UNLIMITED)
            if enclosure.is_finite():
                return plain.max(enclosure.rad())
        return plain.max(self.precision.ulp(truth.number) * max(special)) if special else plain

    def _value_allowance(self, truth: Truth) -> Ball:
        plain = self.precision.ulp(truth.number) * 4
        tape = self.plan.tape
        rounds = len(tape.operations) == 1 and has_rounded_constant(tape, self.precision.unit)
        if rounds or any(n.primitive.special for n in tape.nodes):
            enclosure = self.wide(truth.swept_bits, E_UNLIMITED)[0][tape.output]
            if enclosure.is_finite():
                return plain.max(enclosure.rad())
        return plain

    def _judge_function(self, truth: Truth, g: float, allowance: Ball) -> Judgement:
        allowed = allowance + self.precision.smallest * 2
        enclosure = ((truth.number - allowed).lower(), (truth.number + allowed).upper())
        if not math.isfinite(g):
            overflowed = self._overflowed(truth, g)
            if overflowed is None and not abs(truth.number) < self.precision.largest:
                return Judgement("undecided", truth, enclosure, None, UNTOLD)
            cause = "overflow" if overflowed == "nonfinite" else "singular" if truth.sides else None
            return Judgement(overflowed or "nonfinite", truth, enclosure, None, cause=cause)
        distance, ulp, ulps = self.distances(truth, g)
        scale = abs(truth.number).max(balls.ONE) * self.precision.unit
        if distance <= allowed:
            # an argument whose last digit is no small step any more says nothing of a derivative's usual size
            is_far_out = any(abs(x) * self.precision.unit > 2.0**-FEWEST_BITS for x in self.point)
            size = abs(truth.number).max(balls.ZERO if is_far_out else balls.ONE)
            if distance > ulp * IMPRECISE_ULPS and allowed > size * 2.0**-FEWEST_BITS:
                return Judgement("undecided", truth, enclosure, ulps, TOO_FAR)
            verdict = "agree"
        elif not distance > allowed:
            return Judgement("undecided", truth, enclosure, ulps, UNTOLD)
        elif distance <= ulp * IMPRECISE_ULPS:
            verdict = "imprecise"
        elif distance <= scale * IMPRECISE_ULPS:
            verdict = "inaccurate"
        else:
            verdict = "wrong"
        return Judgement(verdict, truth, enclosure, ulps)

    def _judge_program(self, truth: Truth, j: int, g: float) -> Judgement:
        enclosure = self.enclosure(j)
        unlimited = enclosure if enclosure.is_finite() else self.enclosure(j, E_UNLIMITED)
        return self._within(truth, g, enclosure, unlimited, lambda: self.enclosure(j, E_WEAK), lambda: self.shared(j))

    def _within(
        self,
        truth: Truth,
        g: float,
        enclosure: Ball,
        unlimited: Ball,
        weak: Callable[[], Ball],
        shared: Callable[[], Ball | None],
    ) -> Judgement:
        ends = (enclosure.lower(), enclosure.upper()) if enclosure.is_finite() else None
        if not math.isfinite(g):
            return self._nonfinite(truth, g, enclosure, unlimited, ends)
        distance, ulp, ulps = self.distances(truth, g)
        close = distance <= ulp * IMPRECISE_ULPS
        if not enclosure.is_finite():
            if close:
                return Judgement("agree", truth, ends, ulps)
            if unlimited.is_finite():
                reason = "an intermediate result may leave the range of floats"
                return Judgement("undecided", truth, ends, ulps, reason, "overflow")
            return Judgement("undecided", truth, ends, ulps, UNBOUNDED)
        if enclosure.contains(arb(g)):
            if not (self.is_narrow(enclosure, truth) or close):
                finer = shared()
                if finer is not None and finer.contains(arb(g)) and self.is_narrow(finer, truth):
                    return Judgement("agree", truth, (finer.lower(), finer.upper()), ulps)
                return Judgement("undecided", truth, ends, ulps, CANCELLED)
            return Judgement("agree", truth, ends, ulps)
        near = (enclosure.rad() * IMPRECISE_ULPS).min(abs(truth.number) * 2.0**-FEWEST_BITS)
        if close or distance <= near:
            return Judgement("imprecise", truth, ends, ulps)
        loose = weak()
        if not loose.is_finite() or loose.contains(arb(g)):
            return Judgement("inaccurate", truth, ends, ulps)
        return Judgement("wrong", truth, ends, ulps)

    def _nonfinite(self, truth: Truth, g: float, enclosure: Ball, unlimited: Ball, ends: Any) -> Judgement:
        overflowed = self._overflowed(truth, g)
        is_told = unlimited.is_finite() if math.isnan(g) else unlimited > 0 or unlimited < 0
        if overflowed == "nonfinite" and not is_told:  # rounding may take T anywhere: tan of a number without digits
            return Judgement("undecided", truth, ends, None, UNBOUNDED)
        if overflowed is None and not abs(truth.number) < self.precision.largest:  # known to no digit, nor its size
            return Judgement("undecided", truth, ends, None, UNTOLD)
        if overflowed is not None:
            cause = "overflow" if overflowed == "nonfinite" else None
            return Judgement(overflowed, truth, ends, None, cause=cause)
        if truth.sides is not None:
            reason = "the operations meet 0/0, ∞·0 or ∞ − ∞ here, though the derivative exists"
            return Judgement("nonfinite", truth, ends, None, reason, "singular")
        if enclosure.is_finite():
            cause = self.elsewhere(truth)
            return Judgement("nonfinite", truth, ends, None, cause and ELSEWHERE[cause], cause)
        if unlimited.is_finite():
            return Judgement("nonfinite", truth, ends, None, ELSEWHERE["overflow"], "overflow")
        return Judgement("undecided", truth, ends, None, UNBOUNDED)


def _holds(enclosure: Ball, g: float) -> bool:
    """Whether g lies in an enclosure; never where it is not finite."""
    return bool(enclosure.is_finite()) and enclosure.contains(arb(g))
