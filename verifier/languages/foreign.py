"""Functions in an engine's own language before the jury: the function itself is run, its reading is the oracle's.

The engine under test (:mod:`.original`) differentiates the user's function as it stands, rules of its own included; the
tape that was read says what the function means. What cannot be read is judged by differences (:mod:`.numeric`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ...engine.tape import Tape
from ..arguments import shown
from ..errors import OF_OTHERS, GradjuryError, InvalidInput, Unsupported, first_line
from ..given import loses
from ..judge_tape import verify_tape
from ..question import Question
from ..records import named
from ..results import Verification
from ..signatures import with_given
from ..timelimit import Clock
from ..verdicts.judgement import BLAMED
from .language import Array, Function, Language, Reading, language_named
from .numpy_code import numpy_code
from .original import Original
from .own_rules import blame_own_rules
from .subject import Subject, flat
from .unread import Unjudged, Unread

#: Why a function cannot be read that consists of other operations at another point.
ANOTHER_WAY = "it branches on a value"


def verify_function(language: Language, function: Function, names: Sequence[str], question: Question) -> Verification:
    """Judge the gradient of a function in an engine's language that returns one number.

    Args:
        names: of the arguments.
        question: ``at`` holds for each argument a number or an array of the engine's, or a list (or a NumPy array along
            its first axis) of K of them; numbers are sampled if it is None.

    Raises:
        InvalidInput: ``at`` does not fit the function, or it returns something else than one number; it cannot be
            called on the engine's arrays, and is not written with NumPy; or there is no point, and it cannot be read.
    """
    at, dtype = question.at, question.dtype
    columns = _columns(language, dict.fromkeys(names, 0.5) if at is None else at, names, dtype)
    subject = Subject(language, function, names, [column[0] for column in columns.values()])
    rows = [flat(row) for row in zip(*columns.values(), strict=True)]
    clock = Clock(question.timeout)
    try:
        with clock.limit():
            reading = _read_or_traced(subject, question)
    except clock.time_is_up:
        return Unjudged(subject.called, subject.names, rows, language.adapter(), dtype, clock.over)
    if isinstance(reading, str):
        return Unread(subject, 0, rows, reading, clock, question)
    if isinstance(reading, Tape):
        return verify_tape(reading, language.name, question, clock)
    tape = reading.recorder.tape(reading.outputs[0].item().index)
    given = None if at is None else {name: np.array([row[j] for row in rows]) for j, name in enumerate(subject.names)}
    # Where its author stops the gradient, that is to blame; else it is the engine that has none.
    attached = bool(tape.active[tape.output]) and not any(call.stops for call in reading.calls)
    engine = Original(subject, tape, attached=attached)
    result = verify_tape(tape, engine, question._replace(at=given), clock)
    another_way = False
    try:
        with clock.limit():
            another_way = _goes_another_way(result, subject, tape)
            if not another_way:
                blame_own_rules(result, subject, reading)
    except clock.time_is_up:
        if result.calls_for_blame:
            result.no_blame = clock.over_before_blame
        result.answers = False
    return Unread(subject, 0, rows, ANOTHER_WAY, clock, question) if another_way else result


def _goes_another_way(result: Verification, subject: Subject, tape: Tape) -> bool:
    """Whether a function consists of other operations at a point that is not in order than where it was read."""
    if not subject.language.shows_numbers:
        return False
    for found in result.decided:
        at = np.array([found.at[name] for name in subject.names], subject.dtype)
        in_order = found.value_verdict == "agree" and not any(verdict in BLAMED for verdict in found.verdicts)
        if in_order or np.array_equal(at, subject.base):
            continue
        try:
            reading = subject.there(at).read()
        except Unsupported:
            return True
        if len(reading.cells) != 1 or reading.recorder.tape(reading.cells[0].index) != tape:
            return True
    return False


def _read_or_traced(subject: Subject, question: Question) -> Reading | Tape | str:
    """The function's operations, a tape of them where it is written with NumPy, or why they cannot be read.

    Raises:
        InvalidInput: it can neither be read nor be judged by differences.
    """
    try:
        return _read(subject, question.at is not None)
    except (CannotRun, Unsupported) as error:
        tape = numpy_code(subject.function, subject.argument_names, subject.language.name)
        if tape is None:
            raise InvalidInput(f"function: {_why_not(subject, question, error)}") from error
        return tape


def _read(subject: Subject, at_points: bool) -> Reading | str:
    """The function's operations, or why they cannot be read.

    Raises:
        InvalidInput: it returns something else than one number.
        CannotRun: it cannot be called on the engine's arrays, or the engine cannot differentiate it since it is written
            with NumPy.
        Unsupported: it cannot be read, and there is no point at which to judge it by differences.
    """
    if at_points:
        _check_values(subject)
    reading: Reading | str
    try:
        reading = subject.read()
    except Unsupported as error:
        if not at_points:
            raise
        reading = str(error)
    try:
        subject.row(0, subject.base)
    except GradjuryError:
        raise
    except OF_OTHERS as error:
        # What the engine cannot do with NumPy's functions says nothing of it; what else it raises is its own answer,
        # which it gives once more when it is asked.
        if numpy_code(subject.function, subject.argument_names, subject.language.name) is not None:
            raise CannotRun(first_line(error)) from error
    return reading


def _check_values(subject: Subject) -> None:
    returned: list[Any] = []

    def watched(*arrays: Any) -> Any:
        returned.append(subject.function(*arrays))
        return returned[-1]

    try:
        with subject.session():
            values = subject.language.value(watched, subject.arrays)
    except GradjuryError:
        raise
    except OF_OTHERS as error:
        raise CannotRun(first_line(error)) from error
    what = returned[-1]
    if "bool" in str(getattr(what, "dtype", type(what).__name__)):
        raise InvalidInput("function: it returns a condition; expected one number")
    if len(values) == 1 and values[0].size == 1:
        return
    shapes = ", ".join(str(v.shape) for v in values)
    arrived = f"arrays of shape {shapes}" if shapes else "None" if what is None else f"a {type(what).__name__}"
    raise InvalidInput(f"function: it returns {arrived}; expected one number")


def _columns(
    language: Language, at: Mapping[str, Any], names: Sequence[str], dtype: np.dtype[Any]
) -> dict[str, list[Array]]:
    """K arrays for each argument."""
    at = named(at, names)
    if missing := [name for name in names if name not in at]:
        raise InvalidInput(f"at: no value for argument {missing[0]!r}; given: {', '.join(at) or 'none'}")
    if strangers := [name for name in at if name not in names]:
        raise InvalidInput(f"at: {strangers[0]!r} is no argument of the function; expected {', '.join(names)}")
    columns: dict[str, list[Array]] = {}
    for name in names:
        value = at[name]
        several = isinstance(value, (list, tuple)) or (not language.is_array(value) and np.ndim(value) > 0)
        try:
            columns[name] = [_numbers(language, v, dtype) for v in (value if several else [value])]
        except (TypeError, ValueError, OverflowError):
            raise InvalidInput(f"at: {name}: given {shown(value)}; expected numbers") from None
    counts = {len(column) for column in columns.values()} - {1}
    if len(counts) > 1 or 0 in counts:
        amounts = ", ".join(f"{name}: {len(column)}" for name, column in columns.items())
        raise InvalidInput(f"at: got {amounts} points; expected one value, or the same number K of values, for each")
    count = counts.pop() if counts else 1
    for name, column in columns.items():
        if len({c.shape for c in column}) > 1:
            raise InvalidInput(f"at: the {count} values of {name!r} have different shapes; expected one shape")
    return {name: column * count if len(column) == 1 else column for name, column in columns.items()}


def _numbers(language: Language, value: Any, dtype: np.dtype[Any]) -> Array:
    numbers = language.numbers(value)
    if loses(numbers):
        raise ValueError
    return np.asarray(numbers, dtype)


class CannotRun(Exception):
    """The engine raised an error of its own, which is the cause."""


def _why_not(subject: Subject, question: Question, error: Exception) -> str:
    """What to say of a function that cannot be judged; one of parameters in float32 runs in float32 alone."""
    if isinstance(error, Unsupported):
        return f"it cannot be read, and without 'at' not be judged: {error}"
    name, single = subject.language.name, np.dtype("float32")
    if question.at is not None and question.dtype != single:
        with suppress(*OF_OTHERS):
            arrays = [array.astype(single) for array in subject.arrays]
            Subject(subject.language, subject.function, subject.argument_names, arrays).values()
            return f'{name} runs it with dtype="float32" alone: {error}'
    return f"{name} cannot run it: {error}"


def verify_in_language(function: Function, engine: str, question: Question) -> Verification:
    """Judge a function that is written in an engine's language, or else with NumPy, for that engine.

    Raises:
        InvalidInput: the function cannot be called on the engine's arrays, and is not written with NumPy; or there is
            no point, and it cannot be read.
    """
    language = language_named(engine)
    names, by_position = with_given(function, {**(question.domain or {}), **(question.at or {})})
    return verify_function(language, by_position, names, question)
