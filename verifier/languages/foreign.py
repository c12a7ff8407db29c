"""Functions in an engine's own language before the jury: the function itself is run, its reading is the oracle's.

The engine under test differentiates the user's function as it stands, rules of its own included; the tape that was read
says what the function means. What cannot be read is judged by differences (:mod:`.numeric`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ...engine.tape import Tape
from ..arguments import shown
from ..asking import ask_derivative, no_gradient
from ..blaming.blame import Blame
from ..blaming.passing import FACTOR
from ..engine import NumpyEngine, Point, is_white, shape_of
from ..errors import OF_OTHERS, GradjuryError, InvalidInput, Unsupported, first_line
from ..given import loses
from ..question import Question
from ..reading.subtape import subtape
from ..records import named
from ..results import PointResult, Verification
from ..signatures import with_given
from ..timelimit import Clock
from ..verdicts.judgement import BLAMED, RANK
from ..verify import verify, verify_tape
from .language import Array, Call, Function, Language, Reading, language_named
from .numpy_code import numpy_code
from .subject import Subject, flat
from .unread import Unjudged, Unread

#: Why a function cannot be read that consists of other operations at another point.
ANOTHER_WAY = "it branches on a value"


class Original:
    """The engine under test for one entry of the output: the user's own function, and the engine's table beside it.

    Args:
        entry: of the flat output.
        tape: what the function means; parts of it are run by the table.
        attached: whether its gradient must depend on the inputs by what was read of it.
    """

    def __init__(self, subject: Subject, tape: Tape, entry: int = 0, attached: bool = False) -> None:
        self.subject, self.tape, self.entry, self.attached = subject, tape, entry, attached
        self.adapter = subject.language.adapter()
        self.name, self.version = self.adapter.name, self.adapter.version
        self.flushes_subnormals = self.adapter.flushes_subnormals
        self.function = subject.name

    def gradient(self, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, dict[str, Any]]:
        """Value and gradient at K points, by the user's function where the tape is its own.

        Raises:
            Exception: whatever the function or the engine raises.
        """
        if tape is not self.tape:
            return self.adapter.gradient(tape, point, dtype)
        subject, (points, shape) = self.subject, self._points(tape, point)
        values, gradients = [], []
        for at in points:
            value, gradient = subject.row(self.entry, at)
            if subject.unattached and self.attached:
                raise no_gradient(self.name)
            values.append(value)
            gradients.append(gradient)
        if not shape:
            return values[0], dict(zip(subject.names, gradients[0].tolist(), strict=True))
        table = np.array(gradients).reshape(len(values), -1)
        return np.array(values), {name: table[:, j] for j, name in enumerate(subject.names)}

    def value_alone(self, tape: Tape, point: Point, dtype: DTypeLike) -> Any:
        """The value alone, as :meth:`gradient` returns it; of the user's function without its derivatives."""
        if tape is not self.tape:
            return self.adapter.gradient(tape, point, dtype)[0]
        points, shape = self._points(tape, point)
        return self.subject.values_at(self.entry, points).reshape(shape)

    def _points(self, tape: Tape, point: Point) -> tuple[list[Array], tuple[int, ...]]:
        """Flat points of the user's function, and their shape."""
        subject = self.subject
        shape = shape_of(tape, point)
        flat_points = np.tile(subject.base, (int(np.prod(shape)), 1))
        for name in tape.inputs:
            flat_points[:, subject.names.index(name)] = np.broadcast_to(point[name], shape).reshape(-1)
        return list(flat_points), shape

    def higher_derivative(self, tape: Tape, point: Point, dtype: DTypeLike, name: str, order: int) -> Any:
        """The derivative of an order by one input, by the user's function where the tape is its own.

        Raises:
            Exception: whatever the function or the engine raises.
        """
        if tape is not self.tape:
            return ask_derivative(self.adapter, tape, point, dtype, name, order)
        subject, (points, shape) = self.subject, self._points(tape, point)
        if self.attached and points:
            subject.row(self.entry, points[0])
            if subject.unattached:
                raise no_gradient(self.name)
        found = [subject.higher(self.entry, at, subject.names.index(name), order) for at in points]
        return np.array(found).reshape(shape)[()]

    def values(self, tape: Tape, point: Point, dtype: DTypeLike) -> list[Any]:
        """The value of every node, by the engine's table; by our own where that lacks an operation that was read."""
        if is_white(self.adapter):
            with suppress(Unsupported):
                return self.adapter.values(tape, point, dtype)
        return NumpyEngine().values(tape, point, dtype)


def judge_entries(subject: Subject, inside: bool = True, **settings: Any) -> Iterator[Verification]:
    """A verification for each entry of the output, each by all entries of the input.

    Args:
        inside: whether to look for a rule of the user's own that is to blame.
        settings: further arguments of :func:`~gradjury.verifier.verify`.
    """
    try:
        reading = subject.read()
    except Unsupported as error:
        yield from Unread.entries(subject, str(error))
        return
    subject.jacobian(len(reading.cells))
    for entry, cell in enumerate(reading.cells):
        index = cell.index if hasattr(cell, "index") else reading.recorder.constant("nan")
        # by what the entry does not depend on its derivative is 0, and a rule may give another number
        moving = np.flatnonzero(subject.row(entry, subject.base)[1]).tolist()
        tape, sources = subtape(reading.recorder.tape(index), index, besides=moving)
        at = {subject.names[j]: subject.base[j] for j in sources}
        result = verify(tape, at, engine=Original(subject, tape, entry), dtype=subject.dtype, **settings)
        if inside:
            blame_own_rules(result, subject, reading)
        yield result


def blame_own_rules(result: Verification, subject: Subject, reading: Reading) -> None:
    """Where a number is to blame on somebody: try each function with a rule of its own by itself.

    One that fails as badly as the whole is to blame. Where no operation is, one that fails with a factor behind it is,
    whose rule loses what arrives at it; then what changes the gradient on its way, without which no number is bad; then
    a place that stops the gradient.
    """
    if result.verdict not in BLAMED:
        return
    point = max(result.points, key=lambda p: max((RANK[v] for v in p.verdicts), default=0))
    at = subject.base.copy()
    for name, x in point.at.items():
        at[subject.names.index(str(name))] = x
    if reading.calls and not np.array_equal(at, subject.base):  # what was called with plain numbers has others there
        with suppress(Unsupported):
            reading = subject.there(at).read()
    unexplained = result.blame is None or result.blame.kind == "accumulation"
    own = [c for c in reading.calls[::-1] if not c.stops]
    least = 1 if unexplained else RANK[result.verdict]
    trials = [(c, 1.0) for c in own]
    if unexplained:
        trials += [(c, factor) for factor in (FACTOR, 0.0) for c in own]  # 0 arrives, and nan goes on
    found = _first_at_fault(trials, subject, reading, at, least, result.order)
    if found is None and unexplained and result.order == 1:
        found = _in_the_way(result, point, subject, at)
        stops = [(c, 1.0) for c in reading.calls[::-1] if c.stops]
        found = found or _first_at_fault(stops, subject, reading, at, least)
    result.blame = found or result.blame


def _first_at_fault(
    trials: Sequence[tuple[Call, float]], subject: Subject, reading: Reading, at: Array, least: int, order: int = 1
) -> Blame | None:
    """The first function, with a factor behind it, that fails alone with a verdict of at least this rank."""
    for call, factor in trials:
        try:
            worst = _alone(call, subject, reading, at, factor, order)
        except OF_OTHERS:  # alone, it cannot be run: then it is not known to be at fault
            continue
        if worst.verdict in BLAMED and RANK[worst.verdict] >= least:
            at_fault = max(worst.points, key=lambda p: max(RANK[v] for v in p.verdicts))
            argument = None if worst.blame is None else worst.blame.argument
            how = "interference" if call.stops else None
            return Blame("rule", call.name, None, argument, worst.expression, dict(at_fault.at), how)
    return None


def _in_the_way(result: Verification, point: PointResult, subject: Subject, at: Array) -> Blame | None:
    """What changes the gradient on its way: without it, the value is the same and no partial derivative is bad."""
    engine = result.under_test
    if not isinstance(engine, Original):
        return None
    for name, function in subject.language.freed(subject.function):
        try:
            value, gradient = subject.there(at, function).row(engine.entry, at)
        except OF_OTHERS:  # it cannot do without
            continue
        judged = [(p.input, gradient[subject.names.index(n)]) for n, p in point.partials.items() if p.input >= 0]
        if value == point.value and all(point.judged(j, float(g)).verdict not in BLAMED for j, g in judged):
            return Blame("rule", name, None, None, result.expression, dict(point.at), "interference")
    return None


def _alone(
    call: Call, subject: Subject, reading: Reading, at: Array, factor: float = 1.0, order: int = 1
) -> Verification:
    """The worst entry of one function with a rule of its own, judged at the values that it was called with.

    Args:
        factor: by which its results are multiplied.
        order: of the derivatives that are judged.
    """
    tape = reading.recorder.tape(len(reading.recorder.nodes) - 1)
    point = dict(zip(subject.names, at.astype(subject.dtype), strict=True))
    values = NumpyEngine().values(tape, point, subject.dtype)
    arrays, fixed = [], {}
    for k, cells in enumerate(call.arguments):
        if cells.dtype != object and not np.issubdtype(cells.dtype, np.floating):
            fixed[k] = cells
            continue
        numbers = [values[c.index] if hasattr(c, "index") else c for c in cells.flat]
        arrays.append(np.array(numbers, subject.dtype).reshape(cells.shape))

    def function(*given: Any) -> Any:
        moving = iter(given)
        found = call.function(*(fixed[k] if k in fixed else next(moving) for k in range(len(call.arguments))))
        if factor == 1:
            return found
        return [y * factor for y in found] if isinstance(found, (tuple, list)) else found * factor

    names = ["x"] if len(arrays) == 1 else [f"x{k}" for k in range(len(arrays))]
    alone = Subject(subject.language, function, names, arrays, subject.mode)
    return max(judge_entries(alone, inside=False, order=order), key=lambda r: RANK[r.verdict])


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
