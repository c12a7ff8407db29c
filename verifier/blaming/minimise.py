"""Minimisation: the smallest function, and the simplest floats, that still fail."""

from __future__ import annotations

import math
from typing import Any

from ...engine.tape import Tape
from ..asking import ask_at
from ..engine import Engine
from ..errors import Unsupported
from ..oracle.sweeps import Plan, Precision
from ..reading.subtape import single, subtape
from ..verdicts.judge import ELSEWHERE, PointJudge
from ..verdicts.judgement import BLAMED, RANK
from .blame import Blame
from .passing import FACTOR
from .steps import node_values, rounded

#: Functions that are tried at most; a reduction that is not finished by then is still a reduction.
MOST_TRIALS = 300


class Minimiser:
    """Reduces a failing function for one engine.

    Args:
        engine: the engine under test.
        precision: its floating type.
        standard: by which a function of one operation is judged; a part of a larger one is judged as a program.
    """

    def __init__(self, engine: Engine, precision: Precision, standard: str = "program") -> None:
        self.engine, self.precision, self.standard = engine, precision, standard
        self.trials, self.least = 0, 1
        #: Whether an infinity on the way is explained: a number that is wrong is no such fault.
        self.is_elsewhere = False

    def severity(self, tape: Tape, point: list[float]) -> int:
        """Rank of the worst verdict at this point for which somebody is blamed; 0 if there is none."""
        self.trials += 1
        if not all(math.isfinite(x) for x in point) or not tape.operations:
            return 0
        point = rounded(point, self.precision.dtype)
        try:
            value, gradient = ask_at(self.engine, tape, point, self.precision.dtype)
        except Unsupported:
            return 0  # the part asks for what the whole did not
        judge = PointJudge(Plan(tape), point, self.precision, self.standard)
        numbers: dict[int | None, float] = {None: value, **dict(enumerate(gradient))}
        worst = 0
        for j, number in numbers.items():
            found = judge.judge_value(number) if j is None else judge.judge(j, number)
            alike = found.cause is not None or not self.is_elsewhere
            if found.verdict in BLAMED and alike and not judge.excuse(number, j):
                worst = max(worst, RANK[found.verdict])
        return worst

    def fails(self, tape: Tape, point: list[float]) -> bool:
        """Whether a number of this function at this point is no better than the one that is explained."""
        return self.severity(tape, point) >= self.least

    def minimise(self, tape: Tape, point: list[float], blame: Blame | None) -> tuple[Tape, list[float]]:
        """The smallest function found that still fails, with its point; the given one if none is smaller.

        An operation that is blamed may fail in a milder way by itself; apart from that, what is smaller fails at least
        as badly, so that one fault is not explained by another.
        """
        self.is_elsewhere = blame is not None and blame.kind in ELSEWHERE
        self.least = max(self.severity(tape, point), 1)
        if len(tape.operations) == 1:
            return tape, self._simpler(tape, point)
        self.standard = "program"
        if blame is not None and blame.primitive is not None and blame.node is not None:
            args = tape.nodes[blame.node].args
            values = node_values(self.engine, tape, point, self.precision.dtype, args)
            for factor in ([], [FACTOR]):
                alone, inputs = single(tape, blame.node, scaled=bool(factor))
                at = [values[a] for a, j in zip(args, inputs, strict=True) if j is not None] + factor
                if severity := self.severity(alone, at):
                    self.least = severity
                    return alone, self._simpler(alone, at)
        tape, point = self._shorter(tape, point)
        tape, point = self._cut(tape, point)
        smaller, at = self._bared(tape, point)
        if len(smaller.operations) < len(tape.operations):
            tape, point = self._cut(smaller, at)
        return tape, self._simpler(tape, point)

    def _shorter(self, tape: Tape, point: list[float]) -> tuple[Tape, list[float]]:
        """An intermediate node as the output, the earliest that fails."""
        for output in tape.operations:
            if output >= tape.output or self.trials > MOST_TRIALS:
                break
            if tape.active[output]:
                part, sources = subtape(tape, output)
                at = [point[s] for s in sources]
                if self.fails(part, at):
                    return part, at
        return tape, point

    def _cut(self, tape: Tape, point: list[float]) -> tuple[Tape, list[float]]:
        """Intermediate nodes as free variables, as near to the output as the failure allows."""
        shrunk = True
        while shrunk and self.trials < MOST_TRIALS:
            shrunk = False
            values = node_values(self.engine, tape, point, self.precision.dtype)
            for i in reversed(tape.operations):
                if i >= tape.output or not tape.active[i]:
                    continue
                part, sources = subtape(tape, tape.output, (i,))
                at = [values[s] for s in sources]
                if len(part.operations) < len(tape.operations) and self.fails(part, at):
                    tape, point, shrunk = part, at, True
                    break
        return tape, point

    def _bared(self, tape: Tape, point: list[float]) -> tuple[Tape, list[float]]:
        """Arguments of operations in place of these: what is added or multiplied to what fails falls away."""
        shrunk = True
        while shrunk and self.trials < MOST_TRIALS:
            shrunk = False
            edges = [(i, a) for i in reversed(tape.operations) for a in dict.fromkeys(tape.nodes[i].args)]
            for i, a in edges:
                if i > tape.output or not tape.active[a]:
                    continue
                part, sources = subtape(tape, a if i == tape.output else tape.output, instead={i: a})
                at = [point[s] for s in sources]
                if self.fails(part, at):
                    tape, point, shrunk = part, at, True
                    break
        return tape, point

    def _simpler(self, tape: Tape, point: list[float]) -> list[float]:
        """Floats of few digits in place of long ones."""
        point = list(point)
        for j, x in enumerate(point):
            for digits in (1, 2, 3, 5):
                simple = float(f"{x:.{digits - 1}e}")
                if simple == x or self.trials > MOST_TRIALS:
                    break
                trial: list[Any] = [*point[:j], simple, *point[j + 1 :]]
                if self.fails(tape, trial):
                    point[j] = simple
                    break
        return point
