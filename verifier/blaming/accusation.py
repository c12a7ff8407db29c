"""Who is accused: blame for the worst numbers of a verification, and what is the oracle's own fault."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...engine.tape import Tape
from ..engine import NumpyEngine, one_call
from ..reading.printer import write
from ..results import Partial, PointResult, Verification
from ..verdicts.judge import ELSEWHERE
from ..verdicts.judgement import BLAMED, RANK, Judgement
from .blame import Blame, find_blame, find_singular
from .minimise import Minimiser


def accuse(result: Verification) -> None:
    """Blame somebody for the worst numbers; what is the oracle's own fault becomes ``undecided``."""
    engine = result.under_test or NumpyEngine()
    suspects = [(p, _worst_of(p)) for p in result.decided]
    for point, worst in sorted(suspects, key=lambda suspect: -_rank(suspect[1])):
        if worst is None:
            break
        cause = worst.judgement.cause if isinstance(worst, Partial) else worst.cause
        inputs = point.judge.point
        if whole := one_call(engine, result.tape):  # there is nothing inside that could be asked
            kind = cause or ("rule" if isinstance(worst, Partial) else "forward")
            argument = worst.input if isinstance(worst, Partial) else None
            result.blame = Blame(kind, whole.call, None, argument, result.expression, dict(point.at))
            return
        singular = cause and find_singular(engine, result.tape, inputs, result.precision, cause)
        blame: Blame | None = singular or None
        if not singular or singular.primitive is None:  # where all is finite, that may itself be the fault
            of_value = not isinstance(worst, Partial)
            found = find_blame(engine, result.plan, inputs, result.precision, result.standard, _rank(worst), of_value)
            blame = found if found.primitive is not None or not singular else singular
        if blame is not None and blame.kind == "oracle":
            _blame_oracle(point, blame)
            result.blame = result.blame or blame
            continue
        if result.under_test is None:
            assert isinstance(worst, Partial)  # of a claim no value is judged
            blame = _blame_of_claim(result.tape, worst)
        if blame is not None:
            result.blame = _minimal(result, point, blame)
            return


def _worst_of(point: PointResult) -> Partial | Judgement | None:
    found: list[tuple[int, Any]] = []
    if point.value_verdict in BLAMED:
        found.append((RANK[point.value_verdict], point.judge.judge_value(point.value)))
    found += [(RANK[p.verdict], p) for p in point.partials.values() if p.verdict in BLAMED and p.input >= 0]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _rank(worst: Partial | Judgement | None) -> int:
    return 0 if worst is None else RANK[worst.verdict]


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


def _blame_of_claim(tape: Tape, worst: Partial) -> Blame | None:
    """A number from outside has no operations to ask; only a function of one operation leaves no doubt."""
    node = tape.nodes[tape.output]
    if tape.operations != (tape.output,) or worst.input not in node.args:  # a variable that the function does not use
        return None
    return Blame("rule", node.primitive.name, tape.output, node.args.index(worst.input))


def _minimal(result: Verification, point: PointResult, blame: Blame) -> Blame:
    if result.under_test is None:
        return replace(blame, minimal=result.expression, at=dict(point.at))
    minimiser = Minimiser(result.under_test, result.precision, result.standard)
    tape, at = minimiser.minimise(result.tape, point.judge.point, blame)
    if blame.kind in ELSEWHERE and not _nodes_of(tape, blame.primitive):  # an infinity beside the way of what fails
        found = find_singular(result.under_test, tape, at, result.precision, blame.kind)
        nodes = _nodes_of(result.tape, found.primitive)
        blame = replace(found, node=nodes[0]) if len(nodes) == 1 else Blame(blame.kind, None, None, None)
    return replace(blame, minimal=write(tape), at=dict(zip(tape.inputs, at, strict=True)))


def _nodes_of(tape: Tape, primitive: str | None) -> list[int]:
    return [i for i in tape.operations if tape.nodes[i].primitive.name == primitive]
