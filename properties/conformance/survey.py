"""Every distinct defect of an engine: what the suite's grids and functions find, each cause once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...engine.tape import Tape
from ...verifier import Engine, Unsupported, Verification, read
from ...verifier.blaming.blame import Blame
from ...verifier.languages.library import Called, called
from ...verifier.reading.printer import write
from ...verifier.verdicts.judgement import RANK
from .defects import Defect, defects, defects_of_a_call, simplicity
from .functions import EQUAL, REPEATED, SMOOTH, TIES, UNCHOSEN, UNTAKEN
from .rewritable import REWRITABLE
from .subjects import Subject, subjects
from .telling import EVERYDAY, EXTREME, FEW, FEW_EXTREME, SPECIAL, both_signs, constants_of, of_a_call, telling

#: The grid of a survey: everything that the chapters in double precision ask.
VALUES = both_signs((*EVERYDAY, *SPECIAL, *EXTREME))
PAIRS = both_signs((*FEW, *FEW_EXTREME))


@dataclass
class Finding:
    """One cause: an operation, one of its arguments or its value, and the kind of the fault.

    Attributes:
        primitive: the operation to blame, or the name of a function that is called as a whole; None where several are
            right by themselves and their combination is not.
        argument: the name of the argument by which the derivative is wrong, None for the value.
        kind: of the blame: ``rule``, ``forward``, ``accumulation``, ``singular``, ``overflow`` …
        quantity: the input of the function by which the derivative is wrong, None for the value.
        result: the judgement of the smallest function at the simplest point.
        index: the spelling in the engine's table.
        spellings: the calls that fail.
        count: points at which it showed.
        engine: the engine by which it was judged, if a function is called as a whole.
    """

    primitive: str | None
    argument: str | None
    kind: str
    quantity: str | None
    result: Verification
    index: int = 0
    spellings: dict[str, None] = field(default_factory=dict)
    count: int = 0
    engine: Engine | None = None

    @property
    def tape(self) -> Tape:
        """The smallest function."""
        return self.result.tape

    @property
    def at(self) -> Mapping[str, float]:
        """The simplest point."""
        return self.result.points[0].at

    @property
    def verdict(self) -> str:
        """The verdict on the number that is shown."""
        point = self.result.points[0]
        return str(point.value_verdict if self.quantity is None else point.partials[self.quantity].verdict)


#: Told what an engine has no answer to: the function and the reason.
Failed = Callable[[str, str], object]


def survey(engine: Engine, failed: Failed = lambda function, reason: None) -> list[Finding]:
    """The distinct defects of an engine in double precision.

    Args:
        engine: the engine under test.
        failed: called with each function over which the engine raises an error, or returns no gradient, and with the
            reason: what has no number is no finding.

    Returns:
        A finding for each cause, in the order of the operations; causes of functions of several operations that no
        single operation explains come last.
    """
    found: dict[tuple[str | None, str | None, str], Finding] = {}
    for subject in subjects(engine):
        for finding in _of_operation(subject, failed):
            _add(found, finding)
    for call in called(engine):
        for finding in _of_call(call, failed):
            _add(found, finding)
    for text, at in _functions():
        for finding in _of_function(engine, read(text), at, failed):
            _add(found, finding)
    return list(found.values())


def _add(found: dict[tuple[str | None, str | None, str], Finding], new: Finding) -> None:
    """Keep the worse, and of two that are equally bad the simpler one, under the cause of both."""
    cause = new.primitive
    if new.kind == "accumulation" and new.quantity is None:  # a value that only a rewriting explains, each another
        cause = ", ".join(sorted(node.primitive.name for node in new.tape.nodes[len(new.tape.inputs) :]))
    key = cause, new.argument, new.kind
    known = found.get(key)
    if known is None:
        found[key] = new
        return
    better = (-RANK[new.verdict], simplicity(new.at)) < (-RANK[known.verdict], simplicity(known.at))
    kept = new if better else known
    kept.spellings.update(dict.fromkeys([*known.spellings, *new.spellings]))
    kept.count = known.count + new.count
    found[key] = kept


def _of_operation(subject: Subject, failed: Failed) -> Iterator[Finding]:
    for use in subject.uses():
        values, flushes = (*VALUES, *map(float, constants_of(use))), subject.engine.flushes_subnormals
        at = telling(use, subject.primitive, values, PAIRS, "float64", flushes)
        try:
            bad = defects(subject.engine, use.tape, at)
        except Unsupported:
            continue
        answered = _answered(bad, str(subject), failed)
        yield from _alone(answered, subject.primitive.name, subject.index, subject.spelling)


def _of_call(call: Called, failed: Failed) -> Iterator[Finding]:
    try:
        bad = defects_of_a_call(call, of_a_call(call, VALUES, both_signs(FEW), "float64"))
    except Unsupported:
        return
    yield from _alone(_answered(bad, str(call), failed), call.name, call.spelling, call.call, call.engine)


def _alone(
    bad: Iterable[Defect], name: str, index: int, spelling: str, engine: Engine | None = None
) -> Iterator[Finding]:
    """The defects of one operation, or of a function that is called as a whole, for which somebody is blamed."""
    for defect in bad:
        kind = _kind_of(defect)
        if kind is not None:
            quantity, result, count = defect.quantity, defect.result, len(defect.points)
            yield Finding(name, quantity, kind, quantity, result, index, {spelling: None}, count, engine)


def _answered(found: Sequence[Defect], function: str, failed: Failed) -> Iterator[Defect]:
    """The defects that have numbers; of the others ``failed`` is told."""
    for defect in found:
        if defect.failure is None:
            yield defect
        else:
            failed(function, defect.failure)


def _kind_of(defect: Defect) -> str | None:
    """What a function of one operation is at fault in, its value or a rule; None where nobody is blamed."""
    blame = defect.result.blame
    if blame is None:
        return None
    return "forward" if defect.quantity is None else "rule" if blame.kind == "forward" else blame.kind


def _functions() -> Iterator[tuple[str, dict[str, Any]]]:
    """The suite's functions of several operations with their points."""
    yield from EQUAL.items()
    yield from SMOOTH.items()
    yield from REPEATED.items()
    yield from TIES.items()
    yield from UNCHOSEN.items()
    yield from REWRITABLE.items()
    for function, points in UNTAKEN.items():
        text = f"where(x > 0, {function}, 3)"
        yield text, {name: points if name == "x" else [2.0] * len(points) for name in read(text).inputs}


def _of_function(engine: Engine, tape: Tape, at: dict[str, Any], failed: Failed) -> Iterator[Finding]:
    points = {name: np.atleast_1d(np.asarray(at[name], float)) for name in tape.inputs}
    try:
        bad = defects(engine, tape, points)
    except Unsupported:
        return
    for defect in _answered(bad, write(tape), failed):
        blame = defect.result.blame
        if blame is None or _explained(blame):
            continue
        trap = any(node.primitive.name == "where" for node in tape.nodes) and blame.kind == "singular"
        primitive = "where" if trap else blame.primitive if blame.kind != "accumulation" else None
        yield Finding(primitive, None, blame.kind, defect.quantity, defect.result, count=len(defect.points))


def _explained(blame: Blame) -> bool:
    """Whether one operation by itself is at fault: those are judged one by one."""
    return blame.kind in ("rule", "forward") and blame.primitive is not None
