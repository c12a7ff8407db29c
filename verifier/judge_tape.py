"""A function that was read: from its points to its verdict, and to who is to blame."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from ..engine.tape import Tape, uncollected
from .asking import EngineFailed, ask, ask_derivative, ask_inside
from .blaming.accusation import accuse
from .blaming.retrace import acquit
from .blaming.unmask import unmask
from .engine import Engine, NumpyEngine, Shown
from .engine_names import engine_named
from .errors import Unsupported
from .given import Floats, check_names, claimed, floats, points_of
from .limits import HIGHEST
from .point_result import Partial, PointResult, zero_partial
from .question import Question
from .results import Verification
from .screening.first_sight import FirstSight
from .screening.quick import quick_of
from .timelimit import Clock
from .verdicts.formula import judge_formulas
from .verdicts.judge import PointJudge
from .verdicts.judgement import FLAGGED, Judgement, unknown

#: An engine that fails at each of so many points, one by one, is not asked at the others.
LOST = 64


class Answers(NamedTuple):
    """What an engine returned at K points.

    Attributes:
        value: K doubles.
        gradient: K doubles for each input.
        shown: what else it shows of how it came by them.
        failed: points at which it fails, with the reasons; its numbers there are nan.
    """

    value: Floats
    gradient: list[Floats]
    shown: Shown | None
    failed: Mapping[int, Unsupported]


def verify_tape(tape: Tape, engine: str | Engine, question: Question, clock: Clock) -> Verification:
    """The verification of a function, with arguments that were checked.

    Args:
        clock: of the function; a part of its time may be over.

    Raises:
        InvalidInput: the arguments do not fit the function.
        Unsupported: the function is known mathematics that has no derivative here.
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
            _judge_all(result, where, question)
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


def _judge_all(result: Verification, at: dict[str, Any], question: Question) -> None:
    names, gradient, wrt = result.tape.inputs, question.gradient, question.wrt
    count = _count(at)
    columns = [floats(at[name], count) for name in names]
    may_agree_at_once = gradient is None and wrt is None and result.order == 1 and result.standard == "program"
    wanted = [] if gradient is not None else [wrt] if wrt else names
    try:
        answers = _answers(result, at, columns, count, wanted, may_agree_at_once)
    except Unsupported as error:
        _undecide_rest(result, at, str(error), wrt)
        return
    judged, gradients = (names, answers.gradient) if gradient is None else claimed(gradient, count)
    extra = [name for name in at if name not in names] if len(at) > len(names) else []
    at_once: Iterable[list[bool]] | None = None
    if may_agree_at_once:
        at_once = _agreeing(result, columns, answers, [(name, at[name]) for name in extra], question.certify)
    for k in _left_open(result, at_once or [[False] * count]):
        here = [float(column[k]) for column in columns]
        point = PointResult(result, here, float(answers.value[k]), {name: float(at[name][k]) for name in extra})
        result.add(point)
        numbers = {name: float(column[k]) for name, column in zip(judged, gradients, strict=True)}
        if gradient is None:  # a variable that the function does not name has the partial 0, whoever computes it
            numbers = {name: numbers.get(name, 0.0) for name in at}
        if wrt is not None:
            numbers = {name: g for name, g in numbers.items() if name == wrt}
        if k in answers.failed:
            _undecide(point, {name: _index(names, name) for name in numbers}, unknown(str(answers.failed[k])))
        else:
            _judge_point(point, numbers, gradient is not None)


def _agreeing(
    result: Verification,
    columns: list[Floats],
    answers: Answers,
    others: Sequence[tuple[str, np.ndarray[Any, Any]]],
    certify: str,
) -> Iterable[list[bool]] | None:
    """For one block of points after another, at which of them all numbers agree at first sight.

    Args:
        columns: K doubles for each input.
        others: variables that the function does not name, with their K doubles.

    Returns:
        None where that cannot be seen: no derivative by some input is known.
    """
    quick = quick_of(result.tape, result.precision)
    if quick.opaque:
        return None
    value, gradient, shown, _ = answers
    sight = FirstSight(quick, result.tape, result.under_test, result.precision, columns, value, gradient, shown, others)
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


def _answers(
    result: Verification,
    at: dict[str, Any],
    columns: list[Floats],
    count: int,
    wanted: Sequence[str],
    inside: bool,
) -> Answers:
    """As :func:`_asked`; an engine that fails at all points at once is asked at each by itself.

    Raises:
        Unsupported: the engine lacks something, or fails at every point.
    """
    try:
        return _asked(result, at, columns, count, wanted, inside)
    except EngineFailed as error:
        answers = _one_by_one(result, columns, count, wanted)
        first = error if answers is None else next(iter(answers.failed.values()))
        if isinstance(first, EngineFailed):
            result.error, result.failure = str(first), first.__cause__
        if answers is None:
            raise
        return answers


def _asked(
    result: Verification,
    at: dict[str, Any],
    columns: list[Floats],
    count: int,
    wanted: Sequence[str],
    inside: bool,
) -> Answers:
    """What the engine returns at K points, or ours where numbers are claimed.

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
    return Answers(
        floats(value, count), [floats(partials.get(name, math.nan), count) for name in tape.inputs], shown, {}
    )


def _one_by_one(result: Verification, columns: list[Floats], count: int, wanted: Sequence[str]) -> Answers | None:
    """What an engine returns at each point by itself that failed at all points at once.

    Returns:
        None where it fails at no point alone, or at every one of the first :data:`LOST`.
    """
    rows: list[list[float]] = []
    failed: dict[int, Unsupported] = {}
    for k in range(count if count > 1 else 0):
        if k == len(failed) == LOST:
            break
        try:
            alone = _asked(result, {}, [column[k : k + 1] for column in columns], 1, wanted, inside=False)
            rows.append([float(numbers[0]) for numbers in (alone.value, *alone.gradient)])
        except Unsupported as error:
            failed[k] = error
            rows.append([math.nan] * (1 + len(columns)))
    if not failed or len(failed) == len(rows):
        return None
    value, *partials = np.array(rows).T
    return Answers(value, partials, None, failed)


def _judge_point(point: PointResult, numbers: Mapping[str, float], claim: bool) -> None:
    judge, inputs = point.judge, point.judge.plan.tape.inputs
    if not claim:
        point.value_verdict, point.value_reason = _judge_value(judge, point.value)
    for name, g in numbers.items():
        if name in inputs:
            j = inputs.index(name)
            point.partials[name] = Partial(point, j, g, point.judged(j, g))
        else:
            point.partials[name] = zero_partial(point, g)


def _judge_value(judge: PointJudge, value: float) -> tuple[str, str | None]:
    """The verdict on a value, and why; what fails is explained by its blame."""
    found = judge.judge_value(value)
    if found.verdict in FLAGGED:
        excuse = judge.excuse(value)
        return ("undefined", excuse) if excuse else (found.verdict, None)
    return found.verdict, found.reason


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
