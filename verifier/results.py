"""What :func:`~gradjury.verifier.verify` returns: numbers, what they were judged by, and their records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeGuard, cast

import numpy as np
from numpy.typing import DTypeLike

from ..engine.tape import Constant, Node, Tape
from . import pickling  # noqa: F401  # results can be copied and pickled
from .blaming.blame import Blame
from .derivation import chain_products
from .engine import Engine, NumpyEngine, class_of, one_call
from .errors import Unsupported
from .oracle import balls
from .oracle.exactness import is_constant_exact
from .oracle.sweeps import Plan, plan_of, precision_of
from .oracle.truth import Truth
from .reading.plain import is_plain_name
from .reading.printer import write
from .reading.reader import read
from .reading.subtape import counterpart
from .result_record import PartialRecord, PointRecord, number, numbers
from .timelimit import TimeIsUp, time_limit
from .verdicts.differences import Difference, of_engine, of_gradient
from .verdicts.higher import HigherOrder
from .verdicts.judge import PointJudge
from .verdicts.judgement import BLAMED, RANK, Judgement, worst


class Named(Protocol):
    """An engine that runs a function of the user's own; the record says its name."""

    function: str


def offers_operations(engine: Engine | None) -> TypeGuard[Engine]:
    """Whether single operations can be asked of it: not of a claim's numbers, nor of a function of the user's own."""
    return engine is not None and not hasattr(engine, "function")  # which Named has


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
        return {
            "at": numbers(self.at),
            "value": number(self.value),
            "value_verdict": self.value_verdict,
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


class Verification:
    """The result of :func:`verify`.

    Attributes:
        verdict: the worst verdict in it.
        points: one :class:`PointResult` a point.
        blame: what is to blame, or None where nothing is.
        no_blame: why there is no blame though a number calls for one: the time was over.
        order: of the derivatives that were judged.
        wrt: the one variable whose partial was asked for, if one was.
        formulas: the claimed formulas that were judged as well, by variable.
        tape: the function as it was read.
        failure: the exception of an engine that raised one, with its traceback; the verdict is ``undecided``.
    """

    def __init__(
        self, tape: Tape, engine: Engine | None, standard: str | None, dtype: DTypeLike, order: int = 1
    ) -> None:
        self.tape, self.under_test = tape, engine
        self.dtype, self.order = np.dtype(dtype), order
        self.wrt: str | None = None
        self.formulas: Mapping[str, str] = {}
        self.precision = precision_of(self.dtype, bool(engine and engine.flushes_subnormals))
        if whole := one_call(engine, tape):
            self._usual_standard: str = whole.standard
        else:
            self._usual_standard = "function" if _is_one_operation(tape, self.precision.unit) else "program"
        self.standard = standard or self._usual_standard
        self._judged: list[PointResult | Agreed | None] = []
        #: The points that did not agree at once, or were made since, each with its place among all.
        self.decided_at: list[tuple[int, PointResult]] = []
        self.higher = HigherOrder(tape, order) if order > 1 else None
        self.agreed: Callable[[int], Agreed] | None = None
        self.error: str | None = None
        self.failure: BaseException | None = None
        self.blame: Blame | None = None
        self.no_blame: str | None = None
        #: Seconds that an engine has for the values of a difference, which readers ask for after all is judged.
        self.timeout: float | None = None
        #: Whether the engine answers in time: one that did not is asked for nothing more.
        self.answers = True

    @cached_property
    def plan(self) -> Plan:
        """The tape, made ready for balls; only when it is needed, as where points agree at once it is not."""
        return plan_of(self.tape)

    @property
    def engine(self) -> str:
        """Name and version of what was judged; ``claim`` for numbers from outside."""
        return "claim" if self.under_test is None else f"{self.under_test.name} {self.under_test.version}"

    @cached_property
    def expression(self) -> str:
        """The function as text that reads back into the same tape."""
        return write(self.tape)

    def add(self, point: PointResult) -> None:
        """The next point, which did not agree at once."""
        self._judged.append(point)  # first: an interrupt between the two must not let the point be added again
        self.decided_at.append((len(self._judged) - 1, point))

    def add_agreed(self, count: int) -> None:
        """So many next points, which agreed at once; ``agreed`` tells their numbers when they are asked for."""
        self._judged += [None] * count

    @property
    def count(self) -> int:
        """How many points there are so far."""
        return len(self._judged)

    @property
    def judged(self) -> list[PointResult | Agreed]:
        """The points in their order, those that agreed at once as they are."""
        if self.agreed is not None:
            for k, point in enumerate(self._judged):
                if point is None:
                    self._judged[k] = self.agreed(k)
            self.agreed = None
        return self._judged  # type: ignore[return-value]  # none is None any more

    @property
    def points(self) -> list[PointResult]:
        """The points in their order."""
        if len(self.decided_at) < len(self._judged):
            every = [p.materialise(self) if isinstance(p, Agreed) else p for p in self.judged]
            self._judged, self.decided_at = [*every], [*enumerate(every)]
        return [point for _, point in self.decided_at]

    def point(self, k: int) -> PointResult:
        """Point number k, from 0; made alone where it agreed at once: to make a million of them takes half a minute."""
        found = self._judged[k]
        if found is None:
            assert self.agreed is not None  # which tells of the points that agreed at once
            found = self.agreed(k)
        return found.materialise(self) if isinstance(found, Agreed) else found

    @property
    def decided(self) -> list[PointResult]:
        """The points that did not agree at once."""
        return [point for _, point in self.decided_at]

    @property
    def verdict(self) -> str:
        """The worst verdict of all points; ``agree`` where nothing was judged."""
        return worst(v for _, point in self.decided_at for v in point.verdicts)

    @property
    def by_verdict(self) -> dict[str, list[PointResult | None]]:
        """The points by the worst verdict of each; None stands for a point that agreed at once."""
        found: dict[str, list[PointResult | None]] = {}
        for point in self._judged:
            known = point if isinstance(point, PointResult) else None
            verdict = "agree" if known is None else worst(known.verdicts)
            found.setdefault(verdict, []).append(known)
        return found

    @property
    def calls_for_blame(self) -> bool:
        """Whether a value or a partial derivative is as bad as to blame somebody for it, and nobody is blamed yet."""
        return self.blame is None and any(
            point.value_verdict in BLAMED or any(p.verdict in BLAMED and p.input >= 0 for p in point.partials.values())
            for point in self.decided
        )

    def difference(self, point: list[float], j: int) -> Difference:
        """Differences of the engine's own values; of ours for a claim, and where it lacks an operation or stands still.

        Of first derivatives for one of order 2; beyond that nothing is left of them.
        """
        if self.order > 2:
            return Difference(float("nan"), float("nan"))
        witness = of_engine if self.order == 1 else of_gradient
        if self.under_test is not None and self.answers:
            try:
                with suppress(Unsupported), time_limit(self.timeout):
                    return witness(self.under_test, self.tape, point, j, self.precision)
            except TimeIsUp:
                if self.timeout is None:  # somebody else's limit
                    raise
                self.answers = False
        return witness(NumpyEngine(), self.tape, point, j, self.precision)

    def chain(self) -> dict[str, Any]:
        """For each input, dy/d(input) as SymPy's chain-rule product, summed over paths."""
        return chain_products(self.tape)

    def to_record(self, points: Sequence[PointResult] | None = None) -> dict[str, Any]:
        """The result record of ``docs/records.md``, without an id; of these points only, if given."""
        settings: dict[str, Any] = {"dtype": str(self.dtype)} if self.dtype != np.float64 else {}
        if self.order > 1:
            settings["order"] = self.order
        if self.wrt is not None:
            settings["wrt"] = self.wrt
        if self.standard != self._usual_standard:
            settings["standard"] = self.standard
        if self.formulas:
            settings["derivative"] = dict(self.formulas)
        return {
            "expression": self.expression,
            **settings,
            **({"function": cast(Named, self.under_test).function} if hasattr(self.under_test, "function") else {}),
            "engine": self.engine,
            **({"engine_class": own} if (own := class_of(self.under_test)) else {}),
            "verdict": self.verdict,
            "points": [p.to_record() for p in (self.points if points is None else points)],
            "blame": None if self.blame is None else self._located(self.blame).to_record(),
            "error": self.error,
            **({} if self.no_blame is None else {"no_blame": self.no_blame}),
        }

    def _located(self, blame: Blame) -> Blame:
        """The blame with the index that the node has on the tape into which the record's text reads back."""
        if blame.node is None or not all(is_plain_name(name) for name in self.tape.inputs):
            return blame  # entries of arrays, such as w[0], and SymPy's symbol lambda are written but not read
        node = counterpart(self.tape, blame.node, read(self.expression))
        return blame if node is None else replace(blame, node=node)

    def __getstate__(self) -> dict[str, Any]:
        """With all points made: what makes them stays in this process."""
        return {**vars(self), "_judged": list(self.points), "agreed": None}

    def __repr__(self) -> str:
        return f"<Verification: {self.verdict}, {self.expression}, {self.count} points>"


def _is_one_operation(tape: Tape, unit: float) -> bool:
    """Whether nothing but the only operation is rounded.

    That of ``max(x, 0.1)`` or ``x**0.1`` has what floats make of 0.1, and the partials of ``x**x`` by its two arguments
    are added up.
    """
    only: Node | None = None
    for node in tape.nodes[len(tape.inputs) :]:
        if node[0] is not Constant:
            if only is not None:  # as nearly always, and before anything takes time
                return False
            only = node
    if only is None or len(set(only.args)) < len(only.args):
        return False
    constants = [n.consts[0] for n in tape.nodes if n.primitive is Constant]
    constants += [c for name, c in zip(only.primitive.constants, only.consts, strict=True) if name != "relation"]
    return all(is_constant_exact(c, unit) for c in constants)


def zero_partial(point: PointResult, g: float) -> Partial:
    """The partial by a variable that the function does not name: exactly 0."""
    verdict = "agree" if g == 0 else "nonfinite" if not np.isfinite(g) else "wrong"
    exact = Judgement(verdict, Truth("smooth", balls.ZERO, 53), (balls.ZERO, balls.ZERO), None)
    return Partial(point, -1, g, exact)
