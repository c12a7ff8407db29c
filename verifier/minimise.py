"""Minimisation: the smallest function, and the simplest floats, that still fail."""

from __future__ import annotations

import math
from typing import Any

from ..engine.tape import Tape
from .blame import BLAMED, Blame, node_values
from .engine import Engine
from .judge import PointJudge
from .subtape import single, subtape
from .sweeps import Plan, Precision

#: Functions that are tried at most; a reduction that is not finished by then is still a reduction.
MOST_TRIALS = 300


class Minimiser:
    """Reduces a failing function for one engine.

    Args:
        engine: the engine under test.
        precision: its floating type.
    """

    def __init__(self, engine: Engine, precision: Precision) -> None:
        self.engine, self.precision = engine, precision
        self.trials = 0

    def fails(self, tape: Tape, point: list[float]) -> bool:
        """Whether a number of this function at this point is blamed on somebody."""
        self.trials += 1
        if not all(math.isfinite(x) for x in point) or not tape.operations:
            return False
        cast = self.precision.dtype.type
        at = dict(zip(tape.inputs, (cast(x) for x in point), strict=True))
        value, gradient = self.engine.gradient(tape, at, self.precision.dtype)
        judge = PointJudge(Plan(tape), [float(x) for x in at.values()], self.precision, "program")
        if judge.judge_value(float(value)).verdict in BLAMED:
            return True
        return any(judge.judge(j, float(gradient[name])).verdict in BLAMED for j, name in enumerate(tape.inputs))

    def minimise(self, tape: Tape, point: list[float], blame: Blame | None) -> tuple[Tape, list[float]]:
        """The smallest function found that still fails, with its point; the given one if none is smaller."""
        if blame is not None and blame.primitive is not None and blame.node is not None:
            values = node_values(self.engine, tape, point, self.precision.dtype)
            alone, inputs = single(tape, blame.node)
            at = [values[a] for a, j in zip(tape.nodes[blame.node].args, inputs, strict=True) if j is not None]
            if self.fails(alone, at):
                return alone, self._simpler(alone, at)
        tape, point = self._shorter(tape, point)
        tape, point = self._cut(tape, point)
        return tape, self._simpler(tape, point)

    def _part(self, tape: Tape, point: list[float], output: int, cuts: tuple[int, ...]) -> tuple[Tape, list[float]]:
        values = node_values(self.engine, tape, point, self.precision.dtype)
        part, sources = subtape(tape, output, cuts)
        return part, [values[s] for s in sources]

    def _shorter(self, tape: Tape, point: list[float]) -> tuple[Tape, list[float]]:
        """An intermediate node as the output, the earliest that fails."""
        for output in tape.operations:
            if output >= tape.output or self.trials > MOST_TRIALS:
                break
            if tape.active[output]:
                part = self._part(tape, point, output, ())
                if self.fails(*part):
                    return part
        return tape, point

    def _cut(self, tape: Tape, point: list[float]) -> tuple[Tape, list[float]]:
        """Intermediate nodes as free variables, as near to the output as the failure allows."""
        shrunk = True
        while shrunk and self.trials < MOST_TRIALS:
            shrunk = False
            for i in reversed(tape.operations):
                if i >= tape.output or not tape.active[i]:
                    continue
                part = self._part(tape, point, tape.output, (i,))
                if len(part[0].operations) < len(tape.operations) and self.fails(*part):
                    (tape, point), shrunk = part, True
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
