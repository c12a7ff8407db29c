"""`verify`: one function, its points, and the verdict with everything that it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import DTypeLike

from ..engine.errors import NotTraceable
from ..engine.tape import Tape, uncollected
from ..engine.tracing import trace
from .arguments import floating
from .asking import EngineFailed, ask, ask_derivative, ask_inside
from .blaming.accusation import accuse
from .blaming.retrace import acquit
from .blaming.unmask import unmask
from .engine import Engine, NumpyEngine, Shown
from .engine_names import engine_named
from .errors import OF_OTHERS, GradjuryError, InvalidInput, Unsupported, first_line
from .given import Floats, Numbers, check_names, claimed, floats, points_of
from .languages.language import LANGUAGES, library_of
from .languages.unread import Unjudged
from .limits import HIGHEST
from .question import Question
from .reading.from_sympy import read_sympy
from .reading.reader import read
from .results import Partial, PointResult, Verification, zero_partial
from .screening.first_sight import FirstSight
from .screening.quick import quick_of
from .signatures import with_variables
from .timelimit import Clock
from .verdicts.formula import judge_formulas
from .verdicts.judge import PointJudge
from .verdicts.judgement import FLAGGED, Judgement, unknown

#: An engine that fails at each of so many points, one by one, is not asked at the others.
LOST = 64


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
    certify: str = "all",
) -> Verification:
    """Judge the gradient of a function at one or more points.

    Args:
        function: text (read by a whitelist, never evaluated as Python), a SymPy expression, a Python function
            written with NumPy, or a tape. With ``engine`` jax, torch or autograd also a function written with that
            library, which is run as it stands (see ``docs/own-language.md``).
        at: a number, or K numbers, for each variable; K points. Names that the function does not have get the
            partial 0. Sampled by ``seed`` from ``domain`` if not given; without a domain, where the function is real.
        engine: name of the engine under test, or an object with the Engine protocol.
        gradient: claimed numbers, judged in place of an engine's.
        derivative: claimed formulas by variable, judged as well.
        points: how many points to sample where none are given.
        order: of the derivatives, each by one variable alone, up to 5. Of an engine those are judged that it has
            (see ``docs/engines.md``).
        dtype: ``float64`` or ``float32``; points are rounded to it first.
        standard: ``program`` (each operation may round) or ``function`` (nothing but the last digits is excused; the
            default for a single operation).
        wrt: judge the partial by this variable alone.
        timeout: seconds; what is not judged by then is ``undecided``. Outside the main thread, and where the system has
            no interval timer (Windows), there is no limit.
        certify: ``all`` decides every point in balls; ``suspicious`` screens many points first, thousands in one sweep
            (see :mod:`.screening`), and decides in balls what that leaves open, and at least one point; fewer than 32
            points are decided in balls in less time.

    Raises:
        InvalidInput: something in the arguments cannot be read.
        Unsupported: the function is known mathematics that has no derivative here.
    """
    question = Question(
        at, gradient, derivative, domain, points, seed, order, floating(dtype), standard, wrt, timeout, certify
    )
    question.check()
    if isinstance(engine, str) and engine in LANGUAGES and callable(function) and not isinstance(function, sp.Basic):
        from .languages.foreign import verify_in_language  # which verifies what it has read

        return verify_in_language(function, engine, question)
    clock = Clock(timeout)
    if timeout is None and isinstance(function, (str, Tape)):
        return verify_tape(as_tape(function), engine, question, clock)
    try:
        with clock.limit():  # the function of a user's own may take its time
            tape = as_tape(function, {**(domain or {}), **(at or {})})
    except clock.time_is_up:
        return _unread(function, engine, question, clock.over)
    return verify_tape(tape, engine, question, clock)


def _unread(function: Any, engine: str | Engine, question: Question, why: str) -> Verification:
    """The verification of a function whose time was over before it was read."""
    at, dtype = question.at or {}, question.dtype
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(numbers, dtype)) for numbers in at.values()))
    name = getattr(function, "__name__", type(function).__name__)
    under_test = engine_named(engine) if question.gradient is None else None
    return Unjudged(f"{name}({', '.join(at)})", [*at], list(zip(*columns, strict=True)), under_test, dtype, why)


def verify_tape(tape: Tape, engine: str | Engine, question: Question, clock: Clock) -> Verification:
    """:func:`verify` of a function that was read, with arguments that were checked.

    Args:
        clock: of the function; a part of its time may be over.

    Raises:
        InvalidInput: the arguments do not fit the function.
        Unsupported: as :func:`verify`.
    """
    question = question.in_names_of(tape)
    gradient, formulas, order, wrt = question.gradient, question.formulas, question.order, question.wrt
    under_test = None if gradient is not None else engine_named(engine)
    result = Verification(tape, under_test, question.standard, question.dtype, order)
    result.wrt, result.formulas, result.timeout = wrt, formulas or {}, clock.seconds
    where = points_of(result, question.at, question.domain, question.points, question.seed)
    check_names(gradient, wrt, where)
    try:
        with clock.limit():
            _judge_all(result, where, gradient, wrt, question.certify)
            if formulas:
                judge_formulas(result, formulas)
            if result.decided_at and order == 1:
                for step in (acquit, unmask, accuse):
                    with suppress(EngineFailed):  # asked for what the function did not ask for: what was judged stays
                        step(result)
    except clock.time_is_up:
        result.answers = False
        _undecide_rest(result, where, clock.over, wrt)
        if order == 1 and result.calls_for_blame:
            result.no_blame = clock.over_before_blame
    return result


def as_tape(function: Any, given: Collection[str] = ()) -> Tape:
    """A tape from whatever :func:`verify` accepts.

    Args:
        given: names that points have; of a Python function's arguments with a default only these are variables.

    Raises:
        InvalidInput: it cannot be read.
        NotTraceable: a Python function does what a variable cannot record.
    """
    if isinstance(function, str):
        return read(function)
    if isinstance(function, Tape):
        return function
    if isinstance(function, sp.Basic):
        return read_sympy(function)
    if callable(function):
        return _traced(function, given)
    raise InvalidInput(
        f"function: got {type(function).__name__}, expected text, a SymPy expression, a Python function or a Tape"
    )


def _traced(function: Callable[..., Any], given: Collection[str]) -> Tape:
    names, by_position = with_variables(function, given)
    try:
        return trace(by_position, names)
    except GradjuryError:
        raise
    except OF_OTHERS as error:  # what others' code says to a Variable
        if isinstance(error.__cause__, GradjuryError):  # NumPy's own words hide what the Variable said
            raise error.__cause__ from None
        library = library_of(error)
        hint = f"; a function written with {library} is judged with engine={library!r}" if library else ""
        raise NotTraceable(
            f"function: it was called with Variables, each of which is one number, and raised {first_line(error)}{hint}"
        ) from error


def _judge_all(
    result: Verification,
    at: dict[str, Any],
    gradient: Mapping[str, Numbers] | None,
    wrt: str | None,
    certify: str,
) -> None:
    names = result.tape.inputs
    count = _count(at)
    columns = [floats(at[name], count) for name in names]
    may_agree_at_once = gradient is None and wrt is None and result.order == 1 and result.standard == "program"
    wanted = [] if gradient is not None else [wrt] if wrt else names
    failed: Mapping[int, Unsupported] = {}
    try:
        value, found, shown = _asked(result, at, columns, count, wanted, may_agree_at_once)
    except Unsupported as error:
        answers = _one_by_one(result, columns, count, wanted) if isinstance(error, EngineFailed) else None
        if answers is not None:
            (value, found, shown), failed = answers
            error = next(iter(failed.values()))
        if isinstance(error, EngineFailed):
            result.error, result.failure = str(error), error.__cause__
        if answers is None:
            _undecide_rest(result, at, str(error), wrt)
            return
    judged, gradients = (names, found) if gradient is None else claimed(gradient, count)
    extra = [name for name in at if name not in names] if len(at) > len(names) else []
    at_once: Iterable[list[bool]] = [[False] * count]
    if may_agree_at_once:
        others = [(name, at[name]) for name in extra] if extra else []
        at_once = _agreeing(result, columns, value, gradients, shown, others, certify) or at_once
    for k in _left_open(result, at_once):
        here = [float(column[k]) for column in columns]
        point = PointResult(result, here, float(value[k]), {name: float(at[name][k]) for name in extra})
        result.add(point)
        numbers = {name: float(column[k]) for name, column in zip(judged, gradients, strict=True)}
        if gradient is None:  # a variable that the function does not name has the partial 0, whoever computes it
            numbers = {name: numbers.get(name, 0.0) for name in at}
        if wrt is not None:
            numbers = {name: g for name, g in numbers.items() if name == wrt}
        if k in failed:
            _undecide(point, {name: _index(names, name) for name in numbers}, unknown(str(failed[k])))
        else:
            _judge_point(point, numbers, gradient is not None)


def _agreeing(
    result: Verification,
    columns: list[Floats],
    value: Floats,
    gradients: list[Floats],
    shown: Shown | None,
    others: Sequence[tuple[str, np.ndarray[Any, Any]]],
    certify: str,
) -> Iterable[list[bool]] | None:
    """For one block of points after another, at which of them all numbers agree at first sight.

    Args:
        columns: K doubles for each input; likewise all that follow.
        value: that the engine returned.
        gradients: by each input, that it returned.
        shown: what else it shows.
        others: variables that the function does not name.

    Returns:
        None where that cannot be seen: no derivative by some input is known.
    """
    quick = quick_of(result.tape, result.precision)
    if quick.opaque:
        return None
    sight = FirstSight(
        quick, result.tape, result.under_test, result.precision, columns, value, gradients, shown, others
    )
    result.agreed = sight.point
    return sight.agree(may_screen=certify == "suspicious")


def _left_open(result: Verification, at_once: Iterable[list[bool]]) -> Iterator[int]:
    """One point after another of those that do not agree at once; the others are added to the result on the way."""
    k = 0
    for block in at_once:
        if all(block):
            result.add_agreed(len(block))
        else:
            for place, agrees in enumerate(block, k):
                if agrees:
                    result.add_agreed(1)
                else:
                    yield place
        k += len(block)


def _asked(
    result: Verification,
    at: dict[str, Any],
    columns: list[Floats],
    count: int,
    wanted: Sequence[str],
    inside: bool,
) -> tuple[Floats, list[Floats], Shown | None]:
    """Values and partials of the engine, or ours where numbers are claimed: K numbers, and K for each input.

    And what else it shows of how it came by them.

    Args:
        wanted: the inputs by which derivatives of higher order are asked for.
        inside: whether what else it shows is of use.
    """
    engine, tape = result.under_test or NumpyEngine(), result.tape
    if result.order > HIGHEST:
        raise Unsupported(f"derivatives of order {result.order} are not judged, only up to order {HIGHEST}")
    if count == 1:
        cast: Callable[[float], Any] = result.dtype.type
        point = dict(zip(tape.inputs, map(cast, chain.from_iterable(columns)), strict=True))
    else:
        point = {name: at[name] for name in tape.inputs}
    if inside:
        value, partials, shown = ask_inside(engine, tape, point, result.dtype, count)
    else:
        (value, partials), shown = ask(engine, tape, point, result.dtype), None
    if result.order > 1:
        order, dtype = result.order, result.dtype
        partials = {name: ask_derivative(engine, tape, point, dtype, name, order) for name in wanted if name in point}
    return floats(value, count), [floats(partials.get(name, math.nan), count) for name in tape.inputs], shown


def _one_by_one(
    result: Verification, columns: list[Floats], count: int, wanted: Sequence[str]
) -> tuple[tuple[Floats, list[Floats], None], Mapping[int, Unsupported]] | None:
    """What :func:`_asked` returns of an engine that failed at all points at once, and at which of them it does alone.

    Returns:
        None where it fails at no point alone, or at every one of the first :data:`LOST`.
    """
    rows: list[list[float]] = []
    failed: dict[int, Unsupported] = {}
    for k in range(count if count > 1 else 0):
        if k == len(failed) == LOST:
            break
        try:
            value, found, _ = _asked(result, {}, [column[k : k + 1] for column in columns], 1, wanted, inside=False)
            rows.append([float(numbers[0]) for numbers in (value, *found)])
        except Unsupported as error:
            failed[k] = error
            rows.append([math.nan] * (1 + len(columns)))
    if not failed or len(failed) == len(rows):
        return None
    value, *partials = np.array(rows).T
    return (value, partials, None), failed


def _judge_point(point: PointResult, numbers: Mapping[str, float], claim: bool) -> None:
    judge, inputs = point.judge, point.judge.plan.tape.inputs
    if not claim:
        point.value_verdict = _judge_value(judge, point.value)
    for name, g in numbers.items():
        if name in inputs:
            j = inputs.index(name)
            point.partials[name] = Partial(point, j, g, point.judged(j, g))
        else:
            point.partials[name] = zero_partial(point, g)


def _judge_value(judge: PointJudge, value: float) -> str:
    verdict = judge.judge_value(value).verdict
    return "undefined" if verdict in FLAGGED and judge.excuse(value) else verdict


def _undecide_rest(result: Verification, at: dict[str, Any], reason: str, wrt: str | None) -> None:
    """Points that were not judged are undecided for this reason; what was judged stays.

    Time may be over already, and the points be a million: nothing is computed here.
    """
    inputs = result.tape.inputs
    wanted = {name: _index(inputs, name) for name in at if wrt in (None, name)}
    columns = {name: np.asarray(numbers, np.float64).tolist() for name, numbers in at.items()}
    nothing_known = unknown(reason)
    with uncollected():
        for k in range(result.count, _count(at)):
            point = PointResult(result, [columns[name][k] for name in inputs], math.nan, {})
            point.at = {name: column[k] for name, column in columns.items()}
            result.add(point)
        for point in result.decided:  # the last one that was judged may have been cut off
            _undecide(point, wanted, nothing_known)


def _undecide(point: PointResult, wanted: Mapping[str, int], judgement: Judgement) -> None:
    """The partials of a point that were not judged.

    Args:
        wanted: each variable with its place among the inputs, -1 where it has none.
    """
    for name, j in wanted.items():
        if name not in point.partials:
            point.partials[name] = partial = Partial(point, j, math.nan, judgement)
            partial.certified = False


def _count(at: Mapping[str, Any]) -> int:
    """K, the number of points; a number has one."""
    return len(next(iter(at.values()))) if at else 1


def _index(inputs: Sequence[str], name: str) -> int:
    return inputs.index(name) if name in inputs else -1
