"""Which one is lying? Planted faults, each with the three numbers as evidence, and one culprit.

The engine's numbers are those of its own sweeps with a fault planted in them, the formula's are SymPy's local
derivatives multiplied, the differences' come from the engine's own forward pass. A riddle is fair if its evidence
decides it: the witness that lies is off by more than the digits that are shown, the other two agree, and a factor
that was forgotten is the only one that can have been.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from ...engine import Execution
from ...properties.faults import OverwrittenFanOut
from ...verifier.oracle.rules import rule_of
from .content import Lesson

#: Who may be accused; ``two`` are the two that agree.
WITNESSES = ("engine", "formula", "difference", "two")
#: Levels with the faults that may be planted.
LEVELS: dict[str, tuple[str, ...]] = {
    "plain": ("sign", "forgotten", "coarse"),
    "hidden": ("stale", "lost_path", "rounding"),
    "suspects": ("swapped", "together"),
    "millionth": ("small", "rounded", "mild"),
}
#: Steps of the difference: an honest one, and others that are not.
FINE, COARSE, ROUNDING, MILD = 1e-5, 0.25, 1e-13, 2e-3
#: The size of a small fault.
SMALL = 1e-6
#: Points that are tried until one makes a fair riddle.
TRIES = 12


class Digits(NamedTuple):
    """How many digits a level shows, how far apart numbers must lie that differ, how far those may that agree."""

    shown: int
    apart: float
    together: float


ORDINARY, SHARP = Digits(6, 2e-3, 2e-6), Digits(10, 1e-7, 1e-8)


class Riddle(NamedTuple):
    """One planted fault.

    Attributes:
        fault: what was planted.
        point: where.
        numbers: for each input the partial derivative by the engine, by the formula, by the difference.
        liar: one of ``WITNESSES``.
        part: index of the operation that is at fault, ``sum``, ``large`` or ``small`` for the step, None if not asked.
        values: of the operations as the engine under suspicion has them.
        locals: the local derivatives of every operation as it has them.
        h: step of the difference.
    """

    fault: str
    point: dict[str, float]
    numbers: tuple[tuple[float, float, float], ...]
    liar: str
    part: int | str | None
    values: tuple[float, ...]
    locals: tuple[tuple[float, ...], ...]
    h: float


Change = Callable[[int, tuple[Any, ...]], tuple[Any, ...]]


class _Tampered(Execution):
    """The engine with its local derivatives, or an argument, changed on the way."""

    change: Change | None = None
    #: Node, position of the argument, and what is added to it before the operation reads it.
    misread: tuple[int, int, float] | None = None

    def _arguments(self, index: int, values: list[Any]) -> list[Any]:
        args = [values[a] for a in self.tape.nodes[index].args]
        if self.misread is not None and self.misread[0] == index:
            args[self.misread[1]] = args[self.misread[1]] + self.misread[2]
        return args

    def forward(self, point: Mapping[str, Any]) -> Any:
        super().forward(point)
        values = self.values
        assert values is not None
        with np.errstate(all="ignore"):
            for index in self.tape.operations:
                node = self.tape.nodes[index]
                if self.misread is not None and node.args:
                    values[index] = node.primitive.forward(*self._arguments(index, values), **self._named(index))
        return values[self.tape.output]

    def local(self, index: int) -> tuple[Any, ...]:
        partials = super().local(index)
        if self.misread is not None and self.values is not None and self.misread[0] == index:
            return self._local_at(index, self._arguments(index, self.values))
        return partials if self.change is None else self.change(index, partials)


class Desk:
    """Where riddles of one lesson are made.

    Args:
        lesson: its function, and the point near which riddles lie.
    """

    def __init__(self, lesson: Lesson) -> None:
        self.lesson, self.tape = lesson, lesson.tape

    @np.errstate(all="ignore")  # a fault may lead out of an operation's domain; such a riddle is not fair
    def riddle(self, level: str, seed: int) -> Riddle | None:
        """The riddle of a level with a seed; None if no fault of the level shows near the lesson's point.

        Args:
            level: one of ``LEVELS``.
            seed: the same seed gives the same riddle.
        """
        draw = random.Random(f"{level} {seed}")
        faults = list(LEVELS[level])
        draw.shuffle(faults)
        digits = SHARP if level == "millionth" else ORDINARY
        for attempt in range(TRIES):
            point = self._point(draw)
            for fault in faults[attempt % len(faults) :] + faults[: attempt % len(faults)]:
                found = self._planted(fault, point, draw)
                if found is None or not _is_fair(found, digits, self._honest(point)):
                    continue
                if fault == "forgotten" and self._is_anyones(found, digits):
                    continue
                return found
        return None

    def _is_anyones(self, riddle: Riddle, digits: Digits) -> bool:
        """Whether forgetting a factor of another operation would have left the same numbers: -1 twice, or 2 twice."""
        left = [row[1] for row in riddle.numbers]
        for operation in self.lesson.operations:
            for place in range(len(operation.edges)) if operation.index != riddle.part else ():
                others = self._formula(riddle.point, (operation.index, place, "forgotten"))
                if others is not None and all(
                    abs(n - other) <= digits.apart * max(abs(n), abs(other), 1e-2)
                    for n, other in zip(left, others, strict=True)
                ):
                    return True
        return False

    def _honest(self, point: Mapping[str, float]) -> list[float]:
        engine = Execution(self.tape)
        engine.forward(point)
        return [float(g) for g in engine.reverse().values()]

    def _point(self, draw: random.Random) -> dict[str, float]:
        """A point near the lesson's, of few digits."""
        return {
            name: round(x + draw.uniform(-1, 1) * max(0.4, 0.4 * abs(x)), 2) for name, x in self.lesson.point.items()
        }

    def _planted(self, fault: str, point: dict[str, float], draw: random.Random) -> Riddle | None:
        engine = _Tampered(self.tape)
        operation = draw.choice(self.lesson.operations)
        place = draw.randrange(len(operation.edges))
        shift = draw.choice((-1, 1)) * round(draw.uniform(0.1, 0.4), 2)
        old = self._point(draw)
        part: int | str | None
        liar, part, h, factor = "engine", None, FINE, None
        if fault == "sign":
            engine.change, part = self._scaled(operation.index, place, -1.0), operation.index
        elif fault == "small":
            engine.change, part = self._scaled(operation.index, place, 1 + SMALL), operation.index
        elif fault == "stale":
            engine.change, part = self._stale(operation.index, old), operation.index
        elif fault == "swapped":
            if len(operation.edges) != 2 or len({edge.source for edge in operation.edges}) != 2:
                return None
            engine.change, part = (lambda i, p: p[::-1] if i == operation.index else p), operation.index
        elif fault == "lost_path":
            part = "sum"
        elif fault == "together":
            engine.misread = operation.index, self._argument(operation.index, place), shift
            liar, part = "two", operation.index
        elif fault in ("forgotten", "rounded"):
            liar, factor = "formula", (operation.index, place, fault)
            part = operation.index if fault == "forgotten" else None
        else:
            liar = "difference"
            h, part = {"coarse": (COARSE, "large"), "mild": (MILD, "large"), "rounding": (ROUNDING, "small")}[fault]
        formula = self._formula(point, factor)
        if formula is None:
            return None
        engine.forward(point)
        sweep = OverwrittenFanOut(self.tape) if fault == "lost_path" else engine
        sweep.forward(point)
        found = [float(g) for g in sweep.reverse().values()]
        differences = self._differences(engine, point, h)
        if differences is None:
            return None
        engine.forward(point)
        assert engine.values is not None
        values = tuple(float(engine.values[o.index]) for o in self.lesson.operations)
        locals_ = tuple(self._active(o.index, engine.local(o.index)) for o in self.lesson.operations)
        rows = tuple(zip(found, formula, differences, strict=True))
        return Riddle(fault, point, rows, liar, part, values, locals_, h)

    def _active(self, index: int, partials: tuple[Any, ...]) -> tuple[float, ...]:
        args = self.tape.nodes[index].args
        return tuple(float(p) for a, p in zip(args, partials, strict=True) if self.tape.active[a])

    def _argument(self, index: int, place: int) -> int:
        return [k for k, a in enumerate(self.tape.nodes[index].args) if self.tape.active[a]][place]

    def _scaled(self, index: int, place: int, factor: float) -> Change:
        argument = self._argument(index, place)
        return lambda i, partials: tuple(
            p * factor if (i, k) == (index, argument) else p for k, p in enumerate(partials)
        )

    def _stale(self, index: int, old: Mapping[str, float]) -> Change:
        """The operation still has what a forward pass at another point stored."""
        before = Execution(self.tape)
        before.forward(old)
        with np.errstate(all="ignore"):
            kept = before.local(index)
        return lambda i, partials: kept if i == index else partials

    def _differences(self, engine: Execution, point: dict[str, float], h: float) -> list[float] | None:
        """Central differences by every variable; None where one is too large to be moved by this step."""
        if any(x + h == x - h for x in point.values()):
            return None
        found = []
        for name, x in point.items():
            above, below = (float(engine.forward({**point, name: moved})) for moved in (x + h, x - h))
            found.append((above - below) / ((x + h) - (x - h)))
        return found

    def _formula(self, point: Mapping[str, float], fault: tuple[int, int, str] | None) -> list[float] | None:
        """The gradient by SymPy's local derivatives at the engine's values, with a factor forgotten or rounded."""
        honest = Execution(self.tape)
        honest.forward(point)
        assert honest.values is not None
        balls = [arb(float(v)) for v in honest.values]
        if not all(ball.is_finite() for ball in balls):
            return None
        adjoints = {self.tape.output: 1.0}
        for operation in reversed(self.lesson.operations):
            node = self.tape.nodes[operation.index]
            for k, argument in enumerate(a for a in node.args if self.tape.active[a]):
                partial = rule_of(node.primitive, node.consts).partials[self._argument(operation.index, k)]
                if partial is None:
                    return None
                local = float(partial if isinstance(partial, int) else partial(*(balls[a] for a in node.args)))
                if fault is not None and fault[:2] == (operation.index, k):
                    local = 1.0 if fault[2] == "forgotten" else local * (1 - SMALL)
                known = adjoints.get(argument, 0.0)
                adjoints[argument] = known + adjoints.get(operation.index, 0.0) * local
        return [adjoints.get(i, 0.0) for i in self.lesson.inputs]


def _is_fair(riddle: Riddle, digits: Digits, honest: Sequence[float]) -> bool:
    if not all(math.isfinite(n) for row in riddle.numbers for n in row):
        return False
    if not all(map(math.isfinite, (*riddle.values, *(n for row in riddle.locals for n in row)))):
        return False
    alone = 1 if riddle.liar == "two" else WITNESSES.index(riddle.liar)
    visible = False
    for row, truth in zip(riddle.numbers, honest, strict=True):
        first, second = (n for k, n in enumerate(row) if k != alone)
        scale = max(abs(first), abs(second), 1e-2)
        if abs(first - second) > digits.together * scale:
            return False
        if abs((row[alone] if riddle.liar == "two" else first) - truth) > digits.together * scale:
            return False  # at a corner the honest ones may differ as well
        visible = visible or abs(row[alone] - first) > digits.apart * scale
    return visible and max(abs(n) for row in riddle.numbers for n in row) < 1e6
