"""Who is accused: blame for the worst numbers of a verification, and what is the oracle's own fault."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...engine.tape import Tape
from ..asking import ask
from ..engine import Engine, NumpyEngine, number_at, one_call
from ..errors import Unsupported
from ..oracle.sweeps import Precision
from ..oracle.truth import IMPRECISE_ULPS
from ..point_result import Partial, PointResult
from ..reading.printer import write
from ..results import Verification
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
        if how := _unlike_alone(result, point, worst):
            result.blame = Blame("accumulation", None, None, None, how=how)
            return
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


def _unlike_alone(result: Verification, point: PointResult, worst: Partial | Judgement) -> str | None:
    """How it comes that the engine has another number for this point, asked again: no operation is sought then.

    Returns:
        ``unsteady`` where it has another number for the same question; ``together`` where it is right at the point
        alone and wrong at all points at once; None where the number stays, but for its last digits.
    """
    engine, judge = result.under_test, point.judge
    if engine is None:
        return None
    j, given = (worst.input, worst.engine) if isinstance(worst, Partial) else (None, point.value)

    def is_blamed(number: float) -> bool:
        return (judge.judge_value(number) if j is None else judge.judge(j, number)).verdict in BLAMED

    def stays(number: float | None) -> bool:
        return number is not None and are_alike(given, number, result.precision)

    alone = _asked_again(engine, result, [[x] for x in judge.point], j)
    if alone is None or stays(alone) or not is_blamed(given):
        return None
    if result.count > 1:
        place = next(k for k, other in result.decided_at if other is point)
        columns = list(zip(*(p.inputs for p in result.judged), strict=True))
        if stays(_asked_again(engine, result, columns, j, place)):
            return None if is_blamed(alone) else "together"
    return "unsteady"


def are_alike(one: float, other: float, precision: Precision) -> bool:
    """Whether two numbers differ in their last digits at most, as those of sums in another order do."""
    if one == other or (math.isnan(one) and math.isnan(other)):
        return True
    return abs(one - other) <= IMPRECISE_ULPS * precision.unit * max(abs(one), abs(other)) < math.inf


def _asked_again(
    engine: Engine, result: Verification, columns: Sequence[Sequence[float]], j: int | None, k: int = 0
) -> float | None:
    """The value of point number k, or the partial by input j, of all these points at once; None where it has none."""
    arrays = [np.array(column, result.dtype) for column in columns]
    at = {name: a if len(a) > 1 else a[0] for name, a in zip(result.tape.inputs, arrays, strict=True)}
    try:
        value, gradient = ask(engine, result.tape, at, result.dtype)
    except Unsupported:
        return None
    return number_at(value if j is None else gradient[result.tape.inputs[j]], k)


def _blame_oracle(point: PointResult, blame: Blame) -> None:
    reason = (
        f"the symbolic oracle is in doubt: the engine and differences of its values agree on {blame.primitive}, "
        "and SymPy's derivative of the meaning does not"
    )
    if point.value_verdict in BLAMED:
        point.value_verdict, point.value_reason = "undecided", reason
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
