"""One point of a verification: its numbers, what they were judged by, and how both stand in records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .oracle import balls
from .oracle.truth import Truth
from .result_record import PartialRecord, PointRecord, ValueReason, number, numbers
from .verdicts.differences import Difference
from .verdicts.judge import PointJudge
from .verdicts.judgement import RANK, Judgement

if TYPE_CHECKING:
    from .results import Verification


class Partial:
    """One partial derivative at one point: the number that was judged, and what it was judged by.

    ``engine`` is the judged number; ``symbolic`` the exact derivative to 20 or more digits; ``enclosure`` the lowest
    and highest value that a correct engine may return; ``difference`` and ``difference_error`` the witness from
    values alone. What only readers need is computed when it is first read.
    """

    def __init__(self, point: PointResult, j: int, g: float, judgement: Judgement | None, ball: Any = None) -> None:
        self._point, self.input, self.engine = point, j, g
        self._judgement, self._ball = judgement, ball
        self.verdict = "agree" if judgement is None else judgement.verdict
        self.formula_verdict: str | None = None
        self.reason = None if judgement is None else judgement.reason
        self.certified = True

    @cached_property
    def judgement(self) -> Judgement:
        """The full judgement; a quick agreement is completed here."""
        if self._judgement is not None:
            return self._judgement
        judge = self._point.judge
        truth = judge.truth(self.input)
        with balls.precision(truth.compared_bits):
            is_known = truth.ball is not None and truth.ball.is_finite()
            ulps = judge.distances(truth, self.engine)[2] if is_known else None
            # where the point was screened, the enclosure is what balls would have asked
            ball = judge.enclosure(self.input) if self._ball is None else self._ball
            ends = (ball.lower(), ball.upper()) if ball.is_finite() else None
        return Judgement("agree", truth, ends, ulps)

    @property
    def truth(self) -> Truth:
        """The exact derivative."""
        return self.judgement.truth

    @property
    def symbolic(self) -> str | None:
        """The exact derivative as text; None at a kink and where there is none."""
        ball = self.truth.ball
        return None if ball is None or self.truth.kind == "kink" else balls.as_text(ball, 25)

    @property
    def enclosure(self) -> tuple[str, str] | None:
        """The lowest and the highest permitted value as texts; at a kink the left and the right slope."""
        ends, sides = self.judgement.enclosure, self.truth.sides
        if ends is not None and self.truth.ball is None and sides is not None and sides.left is not None:
            ends = ends[::-1] if sides.right is not None and sides.left > sides.right else ends
        return None if ends is None else (balls.as_text(ends[0], 20), balls.as_text(ends[1], 20))

    @property
    def ulps(self) -> float | None:
        """Distance from the exact derivative in units in the last place; None where there is no single one."""
        return self.judgement.ulps

    @cached_property
    def _difference(self) -> Difference:
        return self._point.difference(self.input)

    @property
    def difference(self) -> float:
        """The derivative from values alone; nan where they give none."""
        return self._difference.value

    @property
    def difference_error(self) -> float:
        """The estimate of the difference's own error, not a bound."""
        return self._difference.error

    def __repr__(self) -> str:
        shown = f"{self.verdict}, {self.engine!r}"
        return f"<Partial: {shown}{'' if self.symbolic is None else f', exactly {self.symbolic}'}>"

    def to_record(self) -> PartialRecord:
        """This partial as it stands in a result record, see ``docs/records.md``."""
        enclosure = self.enclosure
        return {
            "verdict": self.verdict,
            "engine": number(self.engine),
            "symbolic": self.symbolic,
            "enclosure": None if enclosure is None else list(enclosure),
            "difference": number(self.difference),
            "difference_error": number(self.difference_error),
            "ulps": None if self.ulps is None else number(self.ulps),
            "certified": self.certified,
            "formula_verdict": self.formula_verdict,
            "reason": self.reason,
        }


class PointResult:
    """One point: ``at``, the function's ``value`` with its verdict, and ``partials`` by name."""

    def __init__(self, result: Verification, inputs: list[float], value: float, extra: Mapping[str, float]) -> None:
        self._result, self.inputs = result, inputs
        self.at = {**dict(zip(result.tape.inputs, inputs, strict=True)), **extra}
        self.value = value
        self.value_verdict: str | None = None
        self.value_reason: str | None = None
        self.partials: dict[str, Partial] = {}

    @cached_property
    def judge(self) -> PointJudge:
        """What judges numbers here; made when it is asked for, as it is not where a point is left undecided."""
        result = self._result
        return PointJudge(result.plan, self.inputs, result.precision, result.standard)

    def judged(self, j: int, g: float) -> Judgement:
        """The judgement on g as the derivative by input j."""
        result, judge = self._result, self.judge
        if result.higher is not None:
            return result.higher.judge(judge.point, j, g, judge.precision, judge.standard)
        return judge.judge_or_excuse(j, g)

    def difference(self, j: int) -> Difference:
        """The difference oracle's word on the partial by input j."""
        if j < 0:  # a variable that the function does not name: its values cannot change
            return Difference(0.0, 0.0)
        return self._result.difference(self.judge.point, j)

    @property
    def verdicts(self) -> Iterator[str]:
        """All verdicts at this point: of the value, of each partial, of each claimed formula."""
        if self.value_verdict is not None:
            yield self.value_verdict
        for partial in self.partials.values():
            yield partial.verdict
            if partial.formula_verdict in RANK:
                yield partial.formula_verdict

    def __repr__(self) -> str:
        at = ", ".join(f"{name} = {x!r}" for name, x in self.at.items())
        partials = ", ".join(f"d/d{name} {partial.verdict}" for name, partial in self.partials.items())
        return f"<PointResult: {partials} at {at}>"

    def to_record(self) -> PointRecord:
        """This point as it stands in a result record."""
        because: ValueReason = {}
        if self.value_reason and self.value_verdict != "agree":
            because["value_reason"] = self.value_reason
        return {
            "at": numbers(self.at),
            "value": number(self.value),
            "value_verdict": self.value_verdict,
            **because,
            "partials": {name: p.to_record() for name, p in self.partials.items()},
        }


class Agreed(NamedTuple):
    """A point all of whose numbers agree, as the quick sweep or screening found; made a PointResult when it is read.

    Attributes:
        balls: the enclosures of the partials; None where the point was screened, not certified.
        ulps: the distances of the partials from the exact ones, for a screened point.
    """

    inputs: list[float]
    value: float
    gradient: list[float]
    balls: list[Any] | None
    extra: dict[str, float]
    ulps: list[float] | None = None

    def materialise(self, result: Verification) -> PointResult:
        """The point with all that readers may ask of it."""
        point = PointResult(result, self.inputs, self.value, self.extra)
        point.value_verdict = "agree"
        for j, name in enumerate(result.tape.inputs):
            partial = Partial(point, j, self.gradient[j], None, None if self.balls is None else self.balls[j])
            partial.certified = self.balls is not None
            point.partials[name] = partial
        for name in self.extra:
            point.partials[name] = zero_partial(point, 0.0)
        return point


def zero_partial(point: PointResult, g: float) -> Partial:
    """The partial by a variable that the function does not name: exactly 0."""
    verdict = "agree" if g == 0 else "nonfinite" if not np.isfinite(g) else "wrong"
    exact = Judgement(verdict, Truth("smooth", balls.ZERO, 53), (balls.ZERO, balls.ZERO), None)
    return Partial(point, -1, g, exact)
