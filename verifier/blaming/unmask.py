"""Where a wide enclosure would hide a fault: single operations, asked at the exact values.

E holds whatever correct floats may return. Where a function magnifies rounding, that may be thousands of units in the
last place, and a rule that is off by fewer hides in it, or one whose path has a small part in the sum. So where a
number is further from the exact one than right floats usually are, though E excuses it, the engine is asked for the
derivative of each single operation at the values that the function has there. One that is far off by itself is off,
whatever stands around it. This never makes a verdict worse than ``imprecise``: the number itself may be anybody's.

The project's own engine need not be asked: it shows the local derivatives that it has multiplied with. So they are
looked at wherever its furthest number is not the float nearest to the exact one; with that, of faults of 1 + 10⁻¹² in
a rule, 99.5 % are found and not 98.7 % (``properties.audit``, 64 points).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from flint import arb

from ...engine.primitive import REGISTRY
from ...engine.tape import Constant, Node, Recorder, Tape, compose
from ..asking import EngineFailed, ask_at, ask_inside
from ..engine import Engine, NumpyEngine, Shown, number_at, offers_operations, shows_inside
from ..errors import Unsupported
from ..oracle import balls
from ..oracle.rules import rule_of
from ..oracle.sweeps import E_UNLIMITED, Precision, plan_of
from ..oracle.truth import IMPRECISE_ULPS, USUAL_ULPS
from ..point_result import Partial
from ..results import Verification
from ..verdicts.judge import CANCELLED, PointJudge
from ..verdicts.judgement import BLAMED
from .blame import Operation

#: What stands in the record of a number that E excuses, and an operation does not.
MASKED = "rounding alone may give this number, but an operation on its way is off by itself"

#: Points of a function at which operations are looked at, those with the furthest numbers.
MOST_POINTS = 3


#: Units in the last place beyond which a number is not the float nearest to the exact one.
NEAREST_ULPS = 0.5


def usual_ulps(engine: Engine | None) -> float:
    """Units in the last place by which a number may be off without a look at the operations on its way."""
    return NEAREST_ULPS if shows_inside(engine) else USUAL_ULPS


def is_suspect(tape: Tape, engine: Engine | None, precision: Precision, point: list[float]) -> bool:
    """Whether single operations of an engine that shows nothing call for a closer look, when asked at one point."""
    if not offers_operations(engine):
        return False
    numbers = _rounded(plan_of(tape).values([arb(x) for x in point], 128), precision)
    asked = [i for i in tape.operations if i <= tape.output and tape.active[i]]
    return bool(_suspects(engine, tape, asked, numbers, precision))


def unmask(result: Verification) -> None:
    """Let numbers be ``imprecise`` that only a wide enclosure excuses, where an operation on their way is off."""
    engine = result.under_test
    if not offers_operations(engine):
        return
    usual, excuses = usual_ulps(engine), []
    for point in result.decided:
        if excused := [p for p in point.partials.values() if _is_excused(p, usual)]:
            excuses.append((max(p.ulps or 0.0 for p in excused), point, excused))
    for _, point, excused in sorted(excuses, key=lambda one: -one[0])[:MOST_POINTS]:
        for node, argument in _faults(engine, result.tape, point.judge):
            behind = _inputs_behind(result.tape, node, argument)
            for partial in excused:
                if partial.input in behind:
                    partial.verdict, partial.reason = "imprecise", MASKED


def _is_excused(partial: Partial, usual: float) -> bool:
    if partial.input < 0 or partial.judgement.truth.kind != "smooth":
        return False
    if partial.verdict == "undecided":
        return partial.judgement.reason == CANCELLED
    ulps = partial.ulps
    return partial.verdict == "agree" and partial.reason is None and ulps is not None and ulps > usual


def _faults(engine: Engine, tape: Tape, judge: PointJudge) -> Iterator[tuple[int, int]]:
    """Operations, with the position of an argument, whose derivative is off by itself and counts in the gradient."""
    values, adjoints = judge.plan.wide(judge.inputs, judge.precision, E_UNLIMITED, bits=256, every=True)
    numbers = _rounded(values, judge.precision)
    asked = [i for i in reversed(tape.operations) if i <= tape.output and tape.active[i] and not adjoints[i].is_zero()]
    if shows_inside(engine):
        shown = shown_at(engine, tape, numbers[: len(tape.inputs)], judge.precision)
        far = far_off_inside(tape, asked, shown, judge.precision)
    else:
        far = _suspects(engine, tape, asked, numbers, judge.precision)
    for i in far:
        with suppress(Unsupported):  # an operation that the engine does not offer by itself cannot be asked
            operation = Operation(engine, tape, i, numbers, judge.precision, "program")
            for j, g in enumerate(operation.gradient):
                if _is_off(operation, j, g):
                    yield i, operation.argument(j)


def _rounded(values: Sequence[Any], precision: Precision) -> list[float]:
    """Numbers that an engine can be asked at, in the middle of balls."""
    with np.errstate(over="ignore"):
        return [float(precision.dtype.type(float(ball.mid()))) for ball in values]


def _suspects(engine: Engine, tape: Tape, asked: list[int], numbers: list[float], precision: Precision) -> list[int]:
    """Those of the operations whose local derivatives are not all near to the exact ones.

    The gradient of the sum of all of them, each on variables of its own, holds every local derivative: the engine is
    asked once for all.
    """
    asked = [i for i in asked if all(math.isfinite(numbers[a]) for a in tape.nodes[i].args)]
    if not asked:
        return []
    sources = [
        (i, k) for i in asked for k, a in enumerate(tape.nodes[i].args) if tape.nodes[a].primitive is not Constant
    ]
    names = [f"v{place}" for place in range(len(sources))]
    try:
        total = compose(names, lambda recorder: _sum_of(tape, asked, recorder, sources))
        _, gradient = ask_at(engine, total, [numbers[tape.nodes[i].args[k]] for i, k in sources], precision.dtype)
    except EngineFailed:  # an engine of anybody's, and a function that nobody gave it: its failure accuses nobody
        return []
    except Unsupported:
        return asked
    found, derivatives = [], dict(zip(sources, gradient, strict=True))
    for i in asked:
        args = tape.nodes[i].args
        numbers_of = [(k, derivatives[i, k]) for k in range(len(args)) if (i, k) in derivatives]
        if _is_far_off(tape.nodes[i], [numbers[a] for a in args], numbers_of, precision):
            found.append(i)
    return found


def shown_at(engine: NumpyEngine, tape: Tape, point: Sequence[float], precision: Precision) -> Shown:
    """What our own engine shows of one point."""
    at = dict(zip(tape.inputs, map(precision.dtype.type, point), strict=True))
    _, _, shown = ask_inside(engine, tape, at, precision.dtype, 1)
    assert shown is not None
    return shown


def far_off_inside(tape: Tape, asked: Iterable[int], shown: Shown, precision: Precision) -> list[int]:
    """Those of the operations whose local derivatives are not near to the exact ones, at the values that they had.

    Args:
        shown: of one point.
    """
    found = []
    for i in asked:
        args = tape.nodes[i].args
        numbers = [(j, g) for j in range(len(args)) if (g := shown.local_derivative(i, j)) is not None]
        if _is_far_off(tape.nodes[i], [number_at(shown.values[a]) for a in args], numbers, precision):
            found.append(i)
    return found


def _is_far_off(node: Node, point: Sequence[float], numbers: Iterable[tuple[int, float]], precision: Precision) -> bool:
    """Whether one of an operation's local derivatives is not near to the exact one.

    Args:
        point: a number for each argument.
        numbers: positions of arguments, with the derivative by each that an engine has.
    """
    near = IMPRECISE_ULPS * precision.unit
    partials = rule_of(node.primitive, node.consts).partials
    with balls.precision(128):
        x = [arb(number) for number in point]
        for k, g in numbers:
            partial = partials[k]
            if partial is None:
                continue
            exact = partial if isinstance(partial, int) else float(partial(*x))
            if not abs(g - exact) <= near * abs(g):
                return True
    return False


def _sum_of(tape: Tape, asked: list[int], recorder: Recorder, variables: list[tuple[int, int]]) -> int:
    place = {source: index for index, source in enumerate(variables)}
    total: int | None = None
    for i in asked:
        node = tape.nodes[i]
        args = [
            place[i, k] if (i, k) in place else recorder.constant(tape.nodes[a].consts[0])
            for k, a in enumerate(node.args)
        ]
        term = recorder.add(node.primitive, tuple(args), node.consts)
        total = term if total is None else recorder.add(REGISTRY["add"], (total, term))
    assert total is not None
    return total


def _is_off(operation: Operation, j: int, g: float) -> bool:
    """Whether a local derivative is outside its enclosure, and by more than its last digits."""
    found: Any = operation.judge.judge(j, g)
    if found.verdict not in BLAMED or (found.ulps is not None and found.ulps <= IMPRECISE_ULPS):
        return False
    return found.cause is None and not operation.is_aliased() and not operation.oracle_conflicts(j)


def _inputs_behind(tape: Tape, node: int, argument: int) -> set[int]:
    """The inputs on which an argument of a node depends."""
    wanted = {tape.nodes[node].args[argument]}
    for i in range(node, -1, -1):
        if i in wanted:
            wanted.update(tape.nodes[i].args)
    return {i for i in wanted if i < len(tape.inputs)}
