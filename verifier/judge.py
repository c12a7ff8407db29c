"""The verdict on one number at one point: exact truth, permitted enclosure, and the rules between them.

The rules are those of ``docs/verdicts.md``; d = |g − T|, ulp(T) = u·|T| + η.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from flint import arb

from . import balls, germs, series
from .sweeps import Plan, Precision

Ball = Any

#: Verdicts from best to worst; a record's verdict is its worst.
VERDICTS = (
    "agree",
    "kink",
    "undefined",
    "imprecise",
    "undecided",
    "inaccurate",
    "nonfinite",
    "wrong",
    "invalid",
)
RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}

#: Bits in which truth is sought, in turn, until the decision needs no more.
LADDER = (128, 256, 512, 1280, 2560, 4096)

#: Bits that tell any two doubles apart, and in which exp of the largest double is finite.
FAR = 1280

#: Why nothing bounds what a correct engine may return.
UNBOUNDED = "an intermediate value is within rounding of a pole or of a domain's edge"

#: Why a special function cannot be judged where its argument's last digit changes all of its result's.
TOO_FAR = "here the last digit of the argument changes all digits of this special function"

IMPRECISE_ULPS = 1024
FEWEST_BITS = 20


class Truth(NamedTuple):
    """What the exact derivative is.

    ``kind``: ``smooth``, ``boundary``, ``kink``, ``infinite``, ``undefined`` or ``unknown``; ``ball`` holds T, None
    where there is none; ``sides`` the germs that found it, None where the plain sweep did; ``bits`` the precision that
    it took.
    """

    kind: str
    ball: Ball
    bits: int
    sides: germs.Sides | None = None
    reason: str | None = None


class Judgement(NamedTuple):
    """A verdict with what it rests on; ``cause`` is ``singular`` or ``overflow`` where that explains it."""

    verdict: str
    truth: Truth
    enclosure: tuple[Ball, Ball] | None
    ulps: float | None
    reason: str | None = None
    cause: str | None = None


class PointJudge:
    """Judges values and partials of one tape at one point.

    Args:
        plan: the tape, made ready.
        point: one float for each input.
        precision: the floating type in which the engine computed.
        standard: ``program`` or ``function``.
    """

    def __init__(self, plan: Plan, point: list[float], precision: Precision, standard: str) -> None:
        self.plan, self.point, self.precision, self.standard = plan, point, precision, standard
        self._exact: dict[int, tuple[list[Ball], list[Ball]]] = {}
        self._wide: dict[Any, tuple[list[Ball], list[Ball]]] = {}
        self._truths: dict[int, Truth] = {}
        self._starts: dict[int, germs.Start] = {}

    @cached_property
    def inputs(self) -> list[Ball]:
        return [arb(x) for x in self.point]

    # ---- truth -------------------------------------------------------------------------------------------

    def exact(self, bits: int) -> tuple[list[Ball], list[Ball]]:
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
            if ball.rel_accuracy_bits() >= 80 or ball.rad() < self.precision.smallest * 2.0**-60:
                return found
        if found is not None:
            return found
        return self._singular_truth(j)

    def _singular_truth(self, j: int) -> Truth:
        if not all(map(math.isfinite, self.point)):
            return Truth("unknown", None, 128, None, "the point is not finite: nothing can be expanded there")
        point = [Fraction(x) for x in self.point]
        reason = ""
        for bits in (256, FAR, 4096):
            with balls.precision(bits):
                try:
                    if bits not in self._starts:
                        self._starts[bits] = germs.Start(self.plan.tape, point)
                    sides = germs.sides(self.plan.tape, self._starts[bits], j)
                except series.PrecisionLost as error:
                    reason = str(error)
                    continue
                except series.Undecided as error:
                    reason = str(error)
                    break
            return _truth_of_sides(sides, bits)
        return Truth("unknown", None, 4096, None, f"the derivative here could not be decided: {reason}")

    @cached_property
    def value_truth(self) -> Truth:
        """The exact value, decided at ties as a program decides them."""
        ball = balls.NAN
        for bits in LADDER:
            ball = self.plan.values(self.inputs, bits)[self.plan.tape.output]
            if ball.is_finite() and (ball.rel_accuracy_bits() >= 80 or ball.rad() < self.precision.smallest * 2.0**-60):
                return Truth("smooth", ball, bits)
            if bits >= FAR and not ball.is_finite():
                return Truth("undefined", None, bits)
        if ball.rel_accuracy_bits() < FEWEST_BITS and ball.rad() > self.precision.unit:
            reason = f"the value could not be told in {LADDER[-1]} bits"  # beside a jump
            return Truth("unknown", None, LADDER[-1], None, reason)
        return Truth("smooth", ball, LADDER[-1])

    # ---- enclosure ---------------------------------------------------------------------------------------

    def wide(self, mode: str, bits: int, *, weak: bool = False, limits: bool = True, side: int = 0, j: int = 0) -> Any:
        key = (mode, bits, weak, limits, side, j)
        known = self._wide.get(key)
        if known is None:
            truth = self._truths.get(j)
            decided = truth.sides.decided[side] if mode == "directed" and truth and truth.sides else None
            known = self._wide[key] = self.plan.wide(
                self.inputs, self.precision, mode=mode, weak=weak, limits=limits, decided=decided, bits=bits
            )
        return known

    def _directed(self, j: int, side: int, *, weak: bool = False, limits: bool = True) -> Ball:
        """The enclosure of the partial by input j to one of the sides that germs have found."""
        bits = max(self.truth(j).bits, 128)
        return self.wide("directed", bits, weak=weak, limits=limits, side=side, j=j)[1][j]

    def enclosure(self, j: int, *, weak: bool = False, limits: bool = True) -> Ball:
        """E (or E_weak) of the partial by input j; not finite where nothing bounds what floats may return."""
        truth = self.truth(j)
        eta = self.precision.eta * 2
        bits = max(truth.bits, 128)
        if truth.sides is None:
            return self.wide("hull", bits, weak=weak, limits=limits)[1][j] + eta
        union: Ball | None = None
        for side in range(len(truth.sides.decided)):
            ball = self._directed(j, side, weak=weak, limits=limits)
            union = ball if union is None else union.union(ball)
        if union is not None and union.is_finite():
            return union + eta
        if truth.ball is None or not truth.ball.is_finite():
            return balls.NAN
        if any(self._exact_side_is_finite(decided, j, bits) for decided in truth.sides.decided):
            return balls.NAN  # no singularity: rounding alone takes a value to a pole or a domain's edge
        # at a singular point no sweep of balls is finite: allow what each operation may lose once
        return truth.ball * arb(1, 6 * len(self.plan.tape) * self.precision.unit) + eta

    def is_limit_at_minus_zero(self, g: float, j: int | None = None) -> bool:
        """Whether g, the value or the partial by input j, is what numbers from −0 to the one below it may give.

        IEEE 754 lets a jump tell −0 from 0: atan2(−0, −1) is −π, 1/√−0 is −∞. False where no input is −0.
        """
        least = self.precision.smallest
        minus = [x == 0 and math.copysign(1, x) < 0 for x in self.point]
        if not any(minus):
            return False
        if not math.isfinite(g):
            return math.isinf(g) and j is not None and self.truth(j).kind == "infinite"
        beside = [arb(-least / 2, least / 2) if m else x for m, x in zip(minus, self.inputs, strict=True)]
        values, partials = self.plan.wide(beside, self.precision, mode="hull", bits=256)
        found = values[self.plan.tape.output] if j is None else partials[j]
        return bool(found.is_finite() and found.contains(arb(g)))

    # ---- verdict -----------------------------------------------------------------------------------------

    def judge(self, j: int, g: float) -> Judgement:
        """The verdict on g as the partial by input j."""
        name = self.plan.tape.inputs[j]
        if name in self.plan.opaque:
            reason = self.plan.opaque[name]
            return Judgement("undecided", Truth("unknown", None, 0, None, reason), None, None, reason)
        truth = self.truth(j)
        with balls.precision(max(truth.bits, 256)):
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
            if truth.kind == "boundary" and found.verdict in ("inaccurate", "wrong"):
                return self._at_the_edge(found, j, g)
            if truth.sides is not None and self.standard == "program" and found.verdict in ("inaccurate", "wrong"):
                return self._beside_a_singularity(found, j, g)
            return found

    def _beside_a_singularity(self, found: Judgement, j: int, g: float) -> Judgement:
        """The last word where no sweep of balls is finite at the point: one a hair to either side of it.

        The heuristic enclosure there knows nothing of rounding that other operations magnify; where a value has
        lost its digits to it, what the sweep beside the point allows is allowed.
        """
        assert found.truth.sides is not None
        if all(self._directed(j, side).is_finite() for side in range(len(found.truth.sides.decided))):
            return found
        values = self.wide("hull", max(found.truth.bits, 128))[0]
        if not any(self._has_lost_digits(ball) for ball in values):
            return found
        bits = LADDER[-2]
        with balls.precision(bits):
            scale = arb(2) ** -60 if self.point[j] == 0 else abs(self.inputs[j])
            for hair in (scale * arb(2) ** -240, -scale * arb(2) ** -240):
                inputs = list(self.inputs)
                inputs[j] = inputs[j] + hair
                beside = self.plan.wide(inputs, self.precision, mode="hull", limits=True, bits=bits)[1][j]
                if not beside.is_finite() or beside.contains(arb(g)):
                    reason = "a singular operation on the way: rounding beside it may give this number"
                    return found._replace(verdict="undecided", reason=reason)
        return found

    def _has_lost_digits(self, value: Ball) -> bool:
        return bool(
            value.is_finite()
            and value.rel_accuracy_bits() < FEWEST_BITS
            and value.rad() > self.precision.smallest * len(self.plan.tape)
        )

    def _at_the_edge(self, found: Judgement, j: int, g: float) -> Judgement:
        """A tie on the edge of the domain is still a tie: one side of it lies outside, and no engine can know."""
        clarke = self.wide("hull", max(found.truth.bits, 128))[1][j]
        if not clarke.is_finite():
            reason = (
                "a tie or a singular operation on the edge of the domain: any number may be a slope of its other side"
            )
            return found._replace(verdict="undecided", reason=reason)
        if clarke.contains(arb(g)):
            reason = "a tie on the edge of the domain: the number lies between the slopes of the tie's two branches"
            return found._replace(verdict="kink", enclosure=(clarke.lower(), clarke.upper()), reason=reason)
        return found

    def judge_value(self, g: float) -> Judgement:
        """The verdict on g as the function's value."""
        truth = self.value_truth
        if truth.kind == "unknown":
            return Judgement("undecided", truth, None, None, truth.reason)
        if truth.ball is None:
            return Judgement("undefined", truth, None, None, "the function has no finite value here")
        with balls.precision(max(truth.bits, 256)):
            if self.standard == "function":
                return self._judge_function(truth, g, self._value_allowance(truth))
            output = self.plan.tape.output
            bits = max(truth.bits, 128)
            enclosure = self.wide("hull", bits)[0][output] + self.precision.eta * 2
            mode = "hull" if self._is_narrow(enclosure, truth) else "value"
            if mode == "value":  # an exact tie is no matter of rounding: a program decides it
                enclosure = self.wide(mode, bits)[0][output] + self.precision.eta * 2
            unlimited = self.wide(mode, bits, limits=False)[0][output]
            weak = truth.ball + arb(0, IMPRECISE_ULPS * self.precision.unit) * abs(truth.ball).max(balls.ONE)
            return self._within(truth, g, enclosure, unlimited, lambda: enclosure.union(weak))

    def distances(self, truth: Truth, g: float) -> tuple[Ball, Ball, float]:
        distance = abs(arb(g) - truth.ball)
        ulp = self.precision.ulp(truth.ball)
        return distance, ulp, float((distance / ulp).mid())

    def _overflowed(self, truth: Truth, g: float) -> str | None:
        """The verdict on an infinity where T itself is beyond the largest float, else None."""
        if not abs(truth.ball) > self.precision.largest * (1 - self.precision.unit):
            return None
        return "agree" if math.isinf(g) and (g > 0) == (truth.ball > 0) else "nonfinite"

    def _judge_infinite(self, truth: Truth, g: float) -> Judgement:
        signed = math.isinf(g) and (g > 0) == (truth.ball > 0)
        if math.isnan(g) or signed:
            return Judgement("agree", truth, (truth.ball, truth.ball), None)
        reason = "the derivative is infinite here"
        return Judgement("nonfinite", truth, (truth.ball, truth.ball), None, reason, "singular")

    def _hull(self, truth: Truth, j: int) -> tuple[Ball, Ball]:
        """[left, right] with an allowance of 8u and of what rounding does on each side."""
        assert truth.sides is not None
        known = [s for s in (truth.sides.left, truth.sides.right) if s is not None]
        count = len(truth.sides.decided)
        # each side by itself: the radius of a union of both is rounded to 30 bits
        sides = range(count) if count == len(known) else ()
        swept = [self._directed(j, side) + self.precision.eta * 2 for side in sides]
        finite = [ball for ball in swept if ball.is_finite()]
        # where no sweep of balls is finite, allow what each operation may lose once
        units = 8 if len(finite) == len(known) else max(8, 6 * len(self.plan.tape))
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

    def _judge_kink(self, truth: Truth, j: int, g: float) -> Judgement:
        low, high = self._hull(truth, j)
        if math.isnan(g):
            return Judgement("nonfinite", truth, (low, high), None, "nan at a kink", "singular")
        inside = not (arb(g) < low) and not (arb(g) > high)
        if not inside and math.isinf(g):
            return Judgement("nonfinite", truth, (low, high), None, "infinite at a kink", "singular")
        if not inside and truth.sides is not None and truth.sides.jumps:
            return self._beside_a_jump(truth, j, g, (low, high))
        if not inside and self._is_unbounded(truth, j):
            return Judgement("undecided", truth, (low, high), None, UNBOUNDED)
        return Judgement("kink" if inside else "wrong", truth, (low, high), None)

    def _beside_a_jump(self, truth: Truth, j: int, g: float, ends: tuple[Ball, Ball]) -> Judgement:
        """Where an operation jumps though the function does not, an engine has the value in the middle of the jump."""
        hull = self.wide("hull", max(truth.bits, 128))[1][j]
        if not hull.is_finite():
            return Judgement("undecided", truth, ends, None, "an operation on the way jumps here")
        if not hull.contains(arb(g)):
            return Judgement("wrong", truth, ends, None)
        reason = "an operation on the way jumps here: the number lies between what its two sides and its value give"
        return Judgement("kink", truth, (hull.lower(), hull.upper()), None, reason)

    def _judge_undefined(self, truth: Truth, j: int, g: float) -> Judgement:
        reason = truth.reason or "the function has no derivative here"
        sides = truth.sides
        if sides is None or math.isnan(g) or sides.left is None or sides.right is None:
            return Judgement("undefined", truth, None, None, reason)
        low, high = self._hull(truth, j)
        outside = arb(g) < low or arb(g) > high
        if outside and self._is_unbounded(truth, j):
            return Judgement("undecided", truth, (low, high), None, UNBOUNDED)
        return Judgement("wrong" if outside else "undefined", truth, (low, high), None, reason)

    def _is_unbounded(self, truth: Truth, j: int) -> bool:
        """Whether rounding alone takes a value to a pole or out of a domain: the exact sweep of some side is finite,
        that of what floats may return is not."""
        assert truth.sides is not None
        for side, decided in enumerate(truth.sides.decided):
            if not self._directed(j, side).is_finite() and self._exact_side_is_finite(decided, j, truth.bits):
                return True
        return False

    def _exact_side_is_finite(self, decided: Any, j: int, bits: int) -> bool:
        # 1e300 + 8 − 1e300 is found in exact series, and by a sweep of balls only in many bits
        return any(self.plan.directed(self.inputs, decided, b)[1][j].is_finite() for b in (bits, LADDER[-1]))

    def _special_allowance(self, j: int, truth: Truth) -> Ball:
        """The width that a library function may err by: 4 ulp, or k·u·(|f′| + |x·f″|) for a special function."""
        plain = self.precision.ulp(truth.ball) * 4
        special = [n.primitive.ulps for n in self.plan.tape.nodes if n.primitive.special]
        if not special:
            return plain
        if len(self.plan.tape.operations) == 1:
            enclosure = self.enclosure(j, limits=False)
            if enclosure.is_finite():
                return plain.max(enclosure.rad())
        return plain.max(self.precision.ulp(truth.ball) * max(special))

    def _value_allowance(self, truth: Truth) -> Ball:
        plain = self.precision.ulp(truth.ball) * 4
        if any(n.primitive.special for n in self.plan.tape.nodes):
            enclosure = self.wide("hull", max(truth.bits, 128), limits=False)[0][self.plan.tape.output]
            if enclosure.is_finite():
                return plain.max(enclosure.rad())
        return plain

    def _judge_function(self, truth: Truth, g: float, allowance: Ball) -> Judgement:
        allowed = allowance + self.precision.smallest * 2
        enclosure = ((truth.ball - allowed).lower(), (truth.ball + allowed).upper())
        if not math.isfinite(g):
            overflowed = self._overflowed(truth, g)
            cause = "overflow" if overflowed == "nonfinite" else "singular" if truth.sides else None
            return Judgement(overflowed or "nonfinite", truth, enclosure, None, cause=cause)
        distance, ulp, ulps = self.distances(truth, g)
        scale = abs(truth.ball).max(balls.ONE) * self.precision.unit
        if distance <= allowed:
            if distance > ulp * IMPRECISE_ULPS and allowed > abs(truth.ball).max(balls.ONE) * 2.0**-FEWEST_BITS:
                return Judgement("undecided", truth, enclosure, ulps, TOO_FAR)
            verdict = "agree"
        elif distance <= ulp * IMPRECISE_ULPS:
            verdict = "imprecise"
        elif distance <= scale * IMPRECISE_ULPS:
            verdict = "inaccurate"
        else:
            verdict = "wrong"
        return Judgement(verdict, truth, enclosure, ulps)

    def _judge_program(self, truth: Truth, j: int, g: float) -> Judgement:
        enclosure = self.enclosure(j)
        unlimited = enclosure if enclosure.is_finite() else self.enclosure(j, limits=False)
        return self._within(truth, g, enclosure, unlimited, lambda: self.enclosure(j, weak=True))

    def _within(self, truth: Truth, g: float, enclosure: Ball, unlimited: Ball, weak: Any) -> Judgement:
        ends = (enclosure.lower(), enclosure.upper()) if enclosure.is_finite() else None
        if not math.isfinite(g):
            return self._nonfinite(truth, g, enclosure, unlimited, ends)
        distance, ulp, ulps = self.distances(truth, g)
        close = distance <= ulp * IMPRECISE_ULPS
        if not enclosure.is_finite():
            if close:
                return Judgement("agree", truth, ends, ulps)
            if unlimited.is_finite():
                reason, cause = "an intermediate result may leave the range of floats", "overflow"
            else:
                reason, cause = (
                    UNBOUNDED,
                    None,
                )
            return Judgement("undecided", truth, ends, ulps, reason, cause)
        if enclosure.contains(arb(g)):
            if not (self._is_narrow(enclosure, truth) or close):
                reason = "cancellation leaves fewer than 20 bits: correct engines may differ here"
                return Judgement("undecided", truth, ends, ulps, reason)
            return Judgement("agree", truth, ends, ulps)
        near = (enclosure.rad() * IMPRECISE_ULPS).min(abs(truth.ball) * 2.0**-20)
        if close or distance <= near:
            return Judgement("imprecise", truth, ends, ulps)
        loose = weak()
        if not loose.is_finite() or loose.contains(arb(g)):
            return Judgement("inaccurate", truth, ends, ulps)
        return Judgement("wrong", truth, ends, ulps)

    def _is_narrow(self, enclosure: Ball, truth: Truth) -> bool:
        """20 bits; where T is 0 to the last subnormal, relative bits mean nothing: those of quantities of size 1."""
        if truth.ball.contains(0) and abs(truth.ball) < self.precision.smallest:
            return bool(enclosure.rad() < 2.0**-FEWEST_BITS)
        return bool(enclosure.rel_accuracy_bits() >= FEWEST_BITS)

    def _nonfinite(self, truth: Truth, g: float, enclosure: Ball, unlimited: Ball, ends: Any) -> Judgement:
        overflowed = self._overflowed(truth, g)
        if overflowed is not None:
            cause = "overflow" if overflowed == "nonfinite" else None
            return Judgement(overflowed, truth, ends, None, cause=cause)
        if truth.sides is not None:
            reason = "the operations meet 0/0, ∞·0 or ∞ − ∞ here, though the derivative exists"
            return Judgement("nonfinite", truth, ends, None, reason, "singular")
        if enclosure.is_finite():
            return Judgement("nonfinite", truth, ends, None)
        if unlimited.is_finite():
            reason = "an intermediate result leaves the range of floats, though the derivative does not"
            return Judgement("nonfinite", truth, ends, None, reason, "overflow")
        reason = UNBOUNDED
        return Judgement("undecided", truth, ends, None, reason)


def _truth_of_sides(sides: germs.Sides, bits: int) -> Truth:
    if sides.kind in ("smooth", "boundary", "infinite"):
        return Truth(sides.kind, sides.derivative, bits, sides)
    if sides.kind == "undefined" and sides.left is None and sides.right is None:
        return Truth("undefined", None, bits, None, "a jump or a pole, or the point is outside the domain")
    return Truth(sides.kind, None, bits, sides)
