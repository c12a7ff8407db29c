"""Power: functions in which a planted fault matters, whether it is rightly blamed, and wrong meanings in the oracle.

A verdict is due where a fault moves a value or a partial derivative, at one of the points at least, by more than four
radii of what rounding allows; :mod:`.audit` counts what is found.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine import Execution, Primitive, Tape
from ..verifier.asking import ask
from ..verifier.engine import Engine, NumpyEngine
from ..verifier.oracle.meanings import planted
from ..verifier.point_result import PointResult
from ..verifier.results import Verification
from ..verifier.verify import verify
from .choices import seeded
from .faults import VALUES, arguments
from .grammar import Composite, composite
from .points import points

#: What accompanies the primitive under test: smooth, common, without zeros of the derivative that hide
#: faults.
COMPANIONS = ("add", "mul", "sub", "div", "sin", "exp", "atan", "sqrt")
RADII = 4  # of the enclosure, by which a fault must move a result to count
POINTS = 64  # at which a fault may show
TRIES = 200  # functions generated in search of one that holds the primitive


@dataclass
class Outcome:
    """What became of the functions that one kind of fault, or one wrong meaning, affected.

    Attributes:
        affected: how many functions.
        found: how many of them were given a verdict that blames somebody.
        blamed: how many of those found were blamed on the right operation and argument.
        missed: seeds of those not found, or found and blamed wrongly, with what was said.
    """

    affected: int = 0
    found: int = 0
    blamed: int = 0
    missed: list[tuple[int, str]] = field(default_factory=list)

    def __iadd__(self, other: Outcome) -> Outcome:
        self.affected += other.affected
        self.found += other.found
        self.blamed += other.blamed
        self.missed += other.missed
        return self


def functions_with(primitive: type[Primitive] | None, seed: int, count: int) -> Iterator[tuple[int, Composite]]:
    """Functions of some 5 to 20 nodes in which a primitive computes something that matters.

    Args:
        primitive: the one to hold; any function with a shared operation if None.
        seed: of the whole sequence, which is another one for each primitive.
        count: how many.

    Yields:
        the number of each in the sequence, and the function.
    """
    names = COMPANIONS if primitive is None else (*COMPANIONS, primitive.name)
    stream = zlib.crc32(b"" if primitive is None else primitive.name.encode())
    number = found = 0
    while found < count and number < TRIES * count:
        number += 1
        function = composite(seeded(seed, number, stream), variables=(1, 3), nodes=(5, 20), primitives=names)
        if shares(function.tape) if primitive is None else holds_active(function.tape, primitive):
            found += 1
            yield number, function


def holds_active(tape: Tape, primitive: type[Primitive]) -> bool:
    """Whether a primitive is used on something that depends on an input."""
    return any(tape.nodes[i].primitive is primitive and tape.active[i] for i in tape.operations)


def shares(tape: Tape) -> bool:
    """Whether some operation or input is used more than once."""
    used = [a for node in tape.nodes for a in node.args if tape.active[a]]
    return len(used) > len(set(used))


def rightly_blamed(result: Verification, primitive: type[Primitive] | None, kind: str, argument: int) -> bool:
    """Whether blame falls on the planted fault: its kind, primitive and argument."""
    blame = result.blame
    if blame is None:
        return False
    if primitive is None:
        return blame.kind == "accumulation"
    if kind in VALUES:
        return (blame.kind, blame.primitive) == ("forward", primitive.name)
    return (blame.kind, blame.primitive, blame.argument) == ("rule", primitive.name, argument)


def moved(tape: Tape, point: PointResult, right: Engine | None = None) -> bool:
    """Whether a fault moves a result at this point by more than ``RADII`` of what rounding allows.

    Args:
        tape: the function.
        point: what was judged with the fault.
        right: the engine without it, the project's own if None.

    Raises:
        EngineFailed: the engine raised an error, or returned no gradient.
    """
    judge = point.judge
    value, partials = ask(right or NumpyEngine(), tape, dict(zip(tape.inputs, judge.point, strict=True)), "float64")
    if abs(point.value - value) > RADII * _radius(judge.wide(128)[0][tape.output]):
        return True
    return any(
        abs(point.partials[name].engine - partials[name]) > RADII * _radius(judge.enclosure(j))
        for j, name in enumerate(tape.inputs)
    )


def _radius(ball: Any) -> float:
    return float(ball.rad()) if ball.is_finite() else float("inf")


def wrong_meanings(primitive: type[Primitive]) -> list[tuple[str, int | None]]:
    """Wrong meanings of a primitive, each with the one argument by which its derivative is wrong, if it is one."""
    right = primitive.meaning
    whole: list[tuple[str, int | None]] = [(f"-({right})", None), (f"({right})*1001/1000", None)]
    return whole + [(f"{right} + {primitive.arguments[i]}/10", i) for i in arguments(primitive)]


def of_meaning(primitive: type[Primitive], text: str, argument: int | None, *, functions: int, seed: int) -> Outcome:
    """How many functions with a wrong meaning in the oracle end as ``undecided`` with blame ``oracle``.

    A function is affected where the meaning's derivative by an active argument is wrong, and moves the truth
    by more than the error of the difference that has to witness it. (A meaning that is wrong in its value
    alone has two words, the forward function's and its own, and no third to settle it.)

    Args:
        primitive: whose meaning is replaced.
        text: the wrong one.
        argument: the only argument by which its derivative is wrong; all of them if None.
        functions: how many functions to try.
        seed: they follow from it.

    ``found`` counts verdicts ``undecided``, ``blamed`` those of them with blame ``oracle``;
    an engine's rule that is blamed in its place stands in ``missed`` as ``rule``.
    """
    outcome = Outcome()
    for number, function in functions_with(primitive, seed, functions):
        at = points(function, 2, seed=seed, index=number)
        if not _derivative_matters(function.tape, at, primitive, argument):
            continue
        right = verify(function.tape, at, standard="program")
        exact = [{n: p.truth.ball for n, p in point.partials.items()} for point in right.points]  # while it is right
        with planted(primitive.name, text):
            wrong = verify(function.tape, at, standard="program")
            if right.verdict != "agree" or not _visible(exact, wrong):
                continue
            blame = None if wrong.blame is None else wrong.blame.kind
        outcome.affected += 1
        if wrong.verdict == "undecided":
            outcome.found += 1
        if wrong.verdict == "undecided" and blame == "oracle":
            outcome.blamed += 1
        else:
            outcome.missed.append((number, f"{wrong.verdict}, {blame}"))
    return outcome


def _derivative_matters(tape: Tape, at: Mapping[str, Any], primitive: type[Primitive], argument: int | None) -> bool:
    """Whether a wrong derivative of the meaning, by the argument or by any, reaches the inputs somewhere."""
    run = Execution(tape)
    run.forward(at)
    for i in tape.operations:
        if tape.nodes[i].primitive is primitive and tape.active[i]:
            for position, (source, partial) in enumerate(zip(tape.nodes[i].args, run.local(i), strict=True)):
                # An added argument/10 moves the derivative wherever it is active; a factor only where it is
                # not 0.
                if tape.active[source] and (position == argument or (argument is None and np.any(partial != 0))):
                    return True
    return False


def _visible(exact: Sequence[Mapping[str, Any]], wrong: Verification) -> bool:
    """Whether a difference can tell the wrong derivatives from the exact ones, at some point."""
    for truths, point in zip(exact, wrong.points, strict=True):
        for name, partial in point.partials.items():
            truth, planted_truth = truths[name], partial.truth.ball
            if truth is None or planted_truth is None or not planted_truth.is_finite():
                continue
            if abs(float(truth) - float(planted_truth)) > 16 * partial.difference_error:
                return True
    return False
