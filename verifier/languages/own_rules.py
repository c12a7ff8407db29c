"""Who is to blame in a function of the user's own: the derivative rules that its author gave, each tried by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..blaming.blame import Blame
from ..blaming.passing import FACTOR
from ..engine import NumpyEngine
from ..errors import OF_OTHERS, Unsupported
from ..point_result import PointResult
from ..results import Verification
from ..verdicts.judgement import BLAMED, RANK
from .language import Array, Call, Reading
from .original import Original, entries
from .subject import Subject


def judge_entries(subject: Subject) -> Iterator[Verification]:
    """A verification for each entry of the output, each by all entries of the input."""
    for result, reading in entries(subject):
        if reading is not None:
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
    return max((result for result, _ in entries(alone, order=order)), key=lambda r: RANK[r.verdict])
