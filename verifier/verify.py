"""`verify`: one function, its points, and the verdict with everything that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from numpy.typing import DTypeLike

from ..engine.tape import Tape
from ..engine.variable import trace
from . import balls
from .blame import BLAMED, Blame, find_blame, find_singular
from .derivation import chain_products
from .differences import Difference, central
from .engine import Engine, NumpyEngine, engine_named
from .errors import InvalidInput, Unsupported
from .formula import judge_formula, proved
from .from_sympy import read_sympy
from .judge import RANK, Judgement, PointJudge, Truth
from .minimise import Minimiser
from .printer import write
from .quick import Quick, certified
from .reader import read
from .sampling import sample
from .sweeps import Plan, precision_of
from .timelimit import TimeIsUp, time_limit

#: Points that are sampled where none are given.
DEFAULT_POINTS = 8

Numbers = float | Sequence[float]


class Partial:
    """One partial derivative at one point: the number that was judged, and what it was judged by.

    ``engine`` is the judged number; ``symbolic`` the exact derivative to 20 or more digits; ``enclosure`` the lowest
    and highest value that a correct engine may return; ``difference`` and ``difference_error`` the witness from
    values alone. What only readers need is computed when it is first read.
    """

    def __init__(
        self, point: PointResult, j: int, g: float, judgement: Judgement | None, ball: Any = None
    ) -> None:
        self._point, self._j, self.engine = point, j, g
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
        truth = judge.truth(self._j)
        ball = self._ball
        ulps = None
        if truth.ball is not None and truth.ball.is_finite():
            ulps = judge._ulps(truth, self.engine)[2]
        return Judgement("agree", truth, None if ball is None else (ball.lower(), ball.upper()), ulps)

    @property
    def truth(self) -> Truth:
        return self.judgement.truth

    @property
    def symbolic(self) -> str | None:
        """The exact derivative as text; None at a kink and where there is none."""
        ball = self.truth.ball
        return None if ball is None or self.truth.kind == "kink" else balls.as_text(ball, 25)

    @property
    def enclosure(self) -> tuple[str, str] | None:
        ends = self.judgement.enclosure
        return None if ends is None else (balls.as_text(ends[0], 20), balls.as_text(ends[1], 20))

    @property
    def ulps(self) -> float | None:
        return self.judgement.ulps

    @cached_property
    def _difference(self) -> Difference:
        return self._point.difference(self._j)

    @property
    def difference(self) -> float:
        return self._difference.value

    @property
    def difference_error(self) -> float:
        return self._difference.error

    def to_record(self) -> dict[str, Any]:
        enclosure = self.enclosure
        return {
            "verdict": self.verdict,
            "engine": number(self.engine),
            "symbolic": self.symbolic,
            "enclosure": None if enclosure is None else list(enclosure),
            "difference": number(self.difference),
            "difference_error": number(self.difference_error),
            "ulps": self.ulps,
            "certified": self.certified,
            "formula_verdict": self.formula_verdict,
            "reason": self.reason,
        }


class PointResult:
    """One point: ``at``, the function's ``value`` with its verdict, and ``partials`` by name."""

    def __init__(self, result: Verification, inputs: list[float], value: float, extra: Mapping[str, float]) -> None:
        self._result = result
        self.judge = PointJudge(result.plan, inputs, result.precision, result.standard)
        self.at = {**dict(zip(result.tape.inputs, inputs, strict=True)), **extra}
        self.value = value
        self.value_verdict: str | None = None
        self.partials: dict[str, Partial] = {}

    def difference(self, j: int) -> Difference:
        """The difference oracle's word on the partial by input j."""
        if j < 0:  # a variable that the function does not name: its values cannot change
            return Difference(0.0, 0.0)
        return self._result.difference(self.judge.point, j)

    @property
    def verdicts(self) -> Iterator[str]:
        if self.value_verdict is not None:
            yield self.value_verdict
        for partial in self.partials.values():
            yield partial.verdict
            if partial.formula_verdict in RANK:
                yield partial.formula_verdict

    def to_record(self) -> dict[str, Any]:
        return {
            "at": {name: number(x) for name, x in self.at.items()},
            "value": number(self.value),
            "value_verdict": self.value_verdict,
            "partials": {name: p.to_record() for name, p in self.partials.items()},
        }


def number(x: float) -> float | str:
    """A float as JSON takes it: nan and infinities as strings."""
    return float(x) if np.isfinite(x) else str(float(x))


class _Agreed(NamedTuple):
    """A point of which the quick sweep certified every number; its PointResult is made when it is read."""

    inputs: list[float]
    value: float
    gradient: list[float]
    balls: list[Any]
    extra: dict[str, float]

    def materialise(self, result: Verification) -> PointResult:
        point = PointResult(result, self.inputs, self.value, self.extra)
        point.value_verdict = "agree"
        for j, name in enumerate(result.tape.inputs):
            point.partials[name] = Partial(point, j, self.gradient[j], None, self.balls[j])
        for name in self.extra:
            point.partials[name] = _zero_partial(point, 0.0)
        return point


class Verification:
    """The result of :func:`verify`.

    Attributes:
        verdict: the worst verdict in it.
        points: one :class:`PointResult` a point.
        blame: what is to blame, or None where nothing is.
        tape: the function as it was read.
    """

    def __init__(self, tape: Tape, engine: Engine | None, standard: str | None, dtype: DTypeLike) -> None:
        self.tape, self._engine = tape, engine
        self.dtype = np.dtype(dtype)
        self.precision = precision_of(self.dtype, bool(engine and engine.flushes_subnormals))
        self.plan = Plan(tape)
        self.standard = standard or ("function" if len(tape.operations) == 1 else "program")
        self._judged: list[PointResult | _Agreed] = []
        self.error: str | None = None
        self.blame: Blame | None = None

    @property
    def engine(self) -> str:
        """Name and version of what was judged; ``claim`` for numbers from outside."""
        return "claim" if self._engine is None else f"{self._engine.name} {self._engine.version}"

    @cached_property
    def expression(self) -> str:
        return write(self.tape)

    @property
    def points(self) -> list[PointResult]:
        """The points in their order."""
        for k, point in enumerate(self._judged):
            if isinstance(point, _Agreed):
                self._judged[k] = point.materialise(self)
        return self._judged  # type: ignore[return-value]  # none is an _Agreed any more

    @property
    def verdict(self) -> str:
        verdicts = [v for point in self._judged if isinstance(point, PointResult) for v in point.verdicts]
        return max(verdicts, key=RANK.__getitem__, default="agree")

    @property
    def by_verdict(self) -> dict[str, list[PointResult | None]]:
        """The points by the worst verdict of each; None stands for a point that agreed at once."""
        found: dict[str, list[PointResult | None]] = {}
        for point in self._judged:
            known = point if isinstance(point, PointResult) else None
            verdict = "agree" if known is None else max(known.verdicts, key=RANK.__getitem__, default="agree")
            found.setdefault(verdict, []).append(known)
        return found

    def difference(self, point: list[float], j: int) -> Difference:
        engine: Engine = self._engine or NumpyEngine()
        names = self.tape.inputs

        def values(moved: Any) -> Any:
            at = {name: np.full(moved.shape, x) for name, x in zip(names, point, strict=True)}
            at[names[j]] = moved
            return engine.gradient(self.tape, at, self.dtype)[0]

        return central(values, point[j], self.precision.unit)

    def chain(self) -> dict[str, Any]:
        """For each input, dy/d(input) as SymPy's chain-rule product, summed over paths."""
        return chain_products(self.tape)

    def to_record(self, points: Sequence[PointResult] | None = None) -> dict[str, Any]:
        """The result record of ``docs/records.md``, without an id; of these points only, if given."""
        return {
            "expression": self.expression,
            "engine": self.engine,
            "verdict": self.verdict,
            "points": [p.to_record() for p in (self.points if points is None else points)],
            "blame": None if self.blame is None else self.blame.to_record(),
            "error": self.error,
        }

    def __repr__(self) -> str:
        return f"<Verification: {self.verdict}, {self.expression}, {len(self.points)} points>"


# ---- judging ---------------------------------------------------------------------------------------------------


def verify(
    function: str | sp.Expr | Callable[..., Any] | Tape,
    at: Mapping[str, Numbers] | None = None,
    *,
    engine: str | Engine = "numpy",
    gradient: Mapping[str, Numbers] | None = None,
    derivative: Mapping[str, str] | None = None,
    domain: Mapping[str, Sequence[float]] | None = None,
    points: int | None = None,
    seed: int = 0,
    order: int = 1,
    dtype: DTypeLike = "float64",
    standard: str | None = None,
    wrt: str | None = None,
    timeout: float | None = None,
) -> Verification:
    """Judge the gradient of a function at one or more points.

    Args:
        function: text (read by a whitelist, never evaluated as Python), a SymPy expression, a Python function
            written with NumPy, or a tape.
        at: a number, or K numbers, for each variable; K points. Names that the function does not have get the
            partial 0. Sampled from ``domain`` by ``seed`` if not given, without a domain from where the function is real.
        engine: name of the engine under test, or an object with the Engine protocol.
        gradient: claimed numbers, judged in place of an engine's.
        derivative: claimed formulas by variable, judged as well.
        points: how many points to sample where none are given.
        order: of the derivative; 1 is what can be judged.
        dtype: ``float64`` or ``float32``; points are rounded to it first.
        standard: ``program`` (each operation may round) or ``function`` (nothing but the last digits is excused; the
            default for a single operation).
        wrt: judge the partial by this variable alone.
        timeout: seconds; what is not judged by then is ``undecided``.

    Raises:
        InvalidInput: something in the arguments cannot be read.
        Unsupported: the function is known mathematics that has no derivative here.
    """
    tape = as_tape(function)
    result = Verification(tape, None if gradient is not None else engine_named(engine), standard, dtype)
    at = _points(result, at, domain, points, seed)
    if wrt is not None and wrt not in at:
        raise InvalidInput(f"wrt: {wrt!r} is no variable here; expected one of {', '.join(at)}")
    try:
        with time_limit(timeout):
            _judge_all(result, at, gradient, wrt, order)
            _judge_formulas(result, derivative)
            _find_blame(result)
    except TimeIsUp:
        _undecide_rest(result, at, f"the time of {timeout:g} s was over", wrt)
    return result


def as_tape(function: Any) -> Tape:
    """A tape from whatever :func:`verify` accepts."""
    if isinstance(function, str):
        return read(function)
    if isinstance(function, Tape):
        return function
    if isinstance(function, sp.Basic):
        return read_sympy(function)
    if callable(function):
        return trace(function)
    raise InvalidInput(
        f"function: got {type(function).__name__}, expected text, a SymPy expression, a Python function or a Tape"
    )


def _points(
    result: Verification, at: Mapping[str, Numbers] | None, domain: Any, points: int | None, seed: int
) -> dict[str, np.ndarray[Any, Any]]:
    """K values for each name, rounded to the dtype."""
    if at is None:
        at = sample(result.tape, domain, points or DEFAULT_POINTS, seed)
    arrays = {name: np.asarray(values, dtype=result.dtype) for name, values in at.items()}
    sizes = {a.size for a in arrays.values() if a.ndim}
    if len(sizes) > 1 or any(a.ndim > 1 for a in arrays.values()) or 0 in sizes:
        shapes = ", ".join(f"{name}: {a.shape}" for name, a in arrays.items())
        raise InvalidInput(f"at: got {shapes}; expected one number, or the same number K of numbers, for each variable")
    for name in result.tape.inputs:
        if name not in arrays:
            raise InvalidInput(f"at: no value for variable {name!r}; given: {', '.join(arrays) or 'none'}")
    count = sizes.pop() if sizes else 1
    return {name: np.broadcast_to(a, (count,)) if a.ndim == 0 or a.size != count else a for name, a in arrays.items()}


def _judge_all(
    result: Verification, at: dict[str, Any], gradient: Mapping[str, Numbers] | None, wrt: str | None, order: int
) -> None:
    tape = result.tape
    count = len(next(iter(at.values()))) if at else 1
    inputs = {name: at[name] for name in tape.inputs}
    try:
        value, partials = _computed(result, inputs, count, gradient)
    except Unsupported as error:
        _undecide_rest(result, at, str(error), wrt)
        return
    columns = [inputs[name].tolist() for name in tape.inputs]
    extra = [name for name in at if name not in tape.inputs]
    names = [name for name in (partials if gradient is not None else at) if wrt in (None, name)]
    quick = None
    if gradient is None and wrt is None and order == 1 and result.standard == "program" and not result.plan.opaque:
        quick = Quick(result.plan, result.precision)
    for k in range(count):
        here = [column[k] for column in columns]
        besides = {name: float(at[name][k]) for name in extra}
        if quick is not None:
            numbers = [partials[name][k] for name in tape.inputs]
            enclosures = certified(quick, here, value[k], numbers)
            if enclosures is not None:
                result._judged.append(_Agreed(here, value[k], numbers, enclosures, besides))
                continue
        point = PointResult(result, here, value[k], besides)
        result._judged.append(point)
        # a variable that the function does not name has the partial 0, whoever computes it
        claimed = [(name, partials[name][k] if name in partials else 0.0) for name in names]
        if order == 1:
            _judge_point(point, claimed, gradient is not None)
        else:
            _undecide(point, claimed, f"derivatives of order {order} are not judged yet, only of order 1")


def _computed(
    result: Verification, inputs: dict[str, Any], count: int, gradient: Mapping[str, Numbers] | None
) -> tuple[list[float], dict[str, list[float]]]:
    """Values and partials at all points as Python floats: the engine's, or the claimed ones beside our own values."""
    engine = result._engine or NumpyEngine()
    single = {name: a[0] for name, a in inputs.items()} if count == 1 else inputs
    value, partials = engine.gradient(result.tape, single, result.dtype)
    if gradient is not None:
        partials = {}
        for name, numbers in gradient.items():
            claimed = np.asarray(numbers, dtype=np.float64)
            if claimed.size not in (1, count):
                raise InvalidInput(f"gradient: {claimed.size} numbers for {name!r} at {count} points")
            partials[name] = claimed
    return _floats(value, count), {name: _floats(p, count) for name, p in partials.items()}


def _floats(numbers: Any, count: int) -> list[float]:
    if count == 1:
        return [float(np.asarray(numbers).reshape(-1)[0])]
    flat: list[float] = np.broadcast_to(np.asarray(numbers, dtype=np.float64), (count,)).tolist()
    return flat


def _judge_point(point: PointResult, numbers: list[tuple[str, float]], claim: bool) -> None:
    judge, inputs = point.judge, point.judge.plan.tape.inputs
    if not claim:
        point.value_verdict = judge.judge_value(point.value).verdict
    for name, g in numbers:
        if name in inputs:
            j = inputs.index(name)
            point.partials[name] = Partial(point, j, g, judge.judge(j, g))
        else:
            point.partials[name] = _zero_partial(point, g)


def _zero_partial(point: PointResult, g: float) -> Partial:
    verdict = "agree" if g == 0 else "nonfinite" if not np.isfinite(g) else "wrong"
    exact = Judgement(verdict, Truth("smooth", balls.ZERO, 53), (balls.ZERO, balls.ZERO), None)
    return Partial(point, -1, g, exact)


def _undecide(point: PointResult, numbers: list[tuple[str, float]], reason: str) -> None:
    unknown = Judgement("undecided", Truth("unknown", None, 0, None, reason), None, None, reason)
    for name, g in numbers:
        j = point._result.tape.inputs.index(name) if name in point._result.tape.inputs else -1
        point.partials[name] = Partial(point, j, g, unknown)
        point.partials[name].certified = False


def _undecide_rest(result: Verification, at: dict[str, Any], reason: str, wrt: str | None) -> None:
    """Points that were not judged are undecided for this reason; what was judged stays."""
    names = [name for name in at if wrt in (None, name)]
    for k in range(len(result._judged), len(next(iter(at.values()))) if at else 1):
        inputs = [float(at[name][k]) for name in result.tape.inputs]
        point = PointResult(result, inputs, float("nan"), {})
        point.at = {name: float(a[k]) for name, a in at.items()}
        result._judged.append(point)
        _undecide(point, [(name, float("nan")) for name in names], reason)
    for point in result.points:
        missing = [(name, float("nan")) for name in names if name not in point.partials]
        _undecide(point, missing, reason)


def _judge_formulas(result: Verification, derivative: Mapping[str, str] | None) -> None:
    for name, text in (derivative or {}).items():
        try:
            claim = read(text)
        except Unsupported:
            for point in result.points:
                if name in point.partials:
                    point.partials[name].formula_verdict = "undecided"
            continue
        missing = [v for v in claim.inputs if any(v not in p.at for p in result.points)]
        if missing:
            raise InvalidInput(f"derivative: no value for variable {missing[0]!r} of the formula for {name!r}")
        if any(name not in point.at for point in result.points):
            raise InvalidInput(f"derivative: {name!r} is no variable of the function, and has no value in at")
        plan = Plan(claim)
        verdicts = []
        for point in result.points:
            partial = point.partials.get(name)
            if partial is None:
                continue
            if name in result.plan.opaque:
                partial.formula_verdict = "undecided"
                continue
            partial.formula_verdict = judge_formula(plan, [point.at[v] for v in claim.inputs], partial.truth)
            verdicts.append(partial.formula_verdict)
        if set(verdicts) == {"agree"} and name in result.tape.inputs and proved(result.tape, name, claim):
            for point in result.points:
                if name in point.partials:
                    point.partials[name].formula_verdict = "proved"


# ---- blame -----------------------------------------------------------------------------------------------------


def _find_blame(result: Verification) -> None:
    """Blame somebody for the worst numbers; what is the oracle's own fault becomes ``undecided``."""
    engine = result._engine or NumpyEngine()
    for point in [p for p in result._judged if isinstance(p, PointResult)]:
        worst = _worst_of(point)
        if worst is None:
            continue
        cause = worst.judgement.cause if isinstance(worst, Partial) else worst.cause
        inputs = point.judge.point
        if cause is not None:
            blame: Blame | None = find_singular(engine, result.tape, inputs, result.precision, cause)
        else:
            blame = find_blame(engine, result.plan, inputs, result.precision)
        if blame is not None and blame.kind == "oracle":
            _blame_oracle(point, blame)
            result.blame = result.blame or blame
            continue
        if result._engine is None:
            blame = _blame_of_claim(result)
        if blame is not None:
            result.blame = _minimal(result, point, blame)
            return


def _worst_of(point: PointResult) -> Partial | Judgement | None:
    found: list[tuple[int, Any]] = []
    if point.value_verdict in BLAMED:
        found.append((RANK[point.value_verdict], point.judge.judge_value(point.value)))
    found += [(RANK[p.verdict], p) for p in point.partials.values() if p.verdict in BLAMED and p._j >= 0]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _blame_oracle(point: PointResult, blame: Blame) -> None:
    reason = (
        f"the symbolic oracle is in doubt: the engine and differences of its values agree on {blame.primitive}, "
        "and SymPy's derivative of the meaning does not"
    )
    if point.value_verdict in BLAMED:
        point.value_verdict = "undecided"
    for partial in point.partials.values():
        if partial.verdict in BLAMED:
            partial.verdict, partial.reason = "undecided", reason


def _blame_of_claim(result: Verification) -> Blame | None:
    """A number from outside has no operations to ask; only a function of one operation leaves no doubt."""
    operations = result.tape.operations
    if len(operations) != 1:
        return None
    return Blame("rule", result.tape.nodes[operations[0]].primitive.name, operations[0], 0)


def _minimal(result: Verification, point: PointResult, blame: Blame) -> Blame:
    if result._engine is None:
        return replace(blame, minimal=result.expression, at=dict(point.at))
    minimiser = Minimiser(result._engine, result.precision)
    tape, at = minimiser.minimise(result.tape, point.judge.point, blame)
    return replace(blame, minimal=write(tape), at=dict(zip(tape.inputs, at, strict=True)))
