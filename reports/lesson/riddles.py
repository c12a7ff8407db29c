"""Which one is lying? Planted faults, each with the three numbers as evidence, and one culprit.

A riddle is fair if its numbers decide it: the witness that lies is off by more than the digits that are shown, and the
other two agree. Riddles that are not fair at the lesson's point are not asked.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import NamedTuple

from ...engine import Execution
from ...properties.faults import OverwrittenFanOut, faulty_engine
from .content import Lesson

#: Riddles of one lesson, and how far apart numbers must lie that are meant to differ, or may that are not.
MOST, APART, TOGETHER = 6, 1e-3, 1e-7
#: The step of an honest difference, and one that is too large.
FINE, COARSE = 1e-5, 0.25
WITNESSES = ("engine", "formula", "difference")


class Riddle(NamedTuple):
    """One planted fault.

    Attributes:
        numbers: for each input the partial derivative by the engine, by the formula, by the difference.
        liar: which of them is wrong.
        fault: what was planted, a key of the messages.
        operation: index of the operation that it was planted in, None where it was in none.
        edge: which of its local derivatives.
        locals: the local derivative of every edge as the engine under suspicion has it, in order of operations.
    """

    numbers: tuple[tuple[float, float, float], ...]
    liar: str
    fault: str
    operation: int | None
    edge: int
    locals: tuple[tuple[float, ...], ...]


def riddles(lesson: Lesson, seed: int = 0) -> list[Riddle]:
    """The fair riddles of a lesson, in an order that does not give them away."""
    found = [riddle for riddle in _candidates(lesson) if _is_fair(riddle)]
    random.Random(seed).shuffle(found)
    chosen: list[Riddle] = []
    for riddle in found:  # every kind of fault once before any comes twice
        if riddle.fault not in {known.fault for known in chosen}:
            chosen.append(riddle)
    chosen += [riddle for riddle in found if riddle not in chosen]
    return chosen[:MOST]


def _candidates(lesson: Lesson) -> Iterator[Riddle]:
    truth = [lesson.gradient[n] for n in lesson.tape.inputs]
    honest = _differences(lesson, FINE)
    right = tuple(tuple(edge.value for edge in o.edges) for o in lesson.operations)
    coarse = _differences(lesson, COARSE)
    yield Riddle(tuple(zip(truth, truth, coarse, strict=True)), "difference", "coarse_step", None, 0, right)
    if any(count > 1 for count in lesson.uses.values()):
        execution = OverwrittenFanOut(lesson.tape)
        execution.forward(lesson.point)
        wrong = [float(g) for g in execution.reverse().values()]
        yield Riddle(tuple(zip(wrong, truth, honest, strict=True)), "engine", "lost_path", None, 0, right)
    primitives = [lesson.tape.nodes[operation.index].primitive for operation in lesson.operations]
    for rank, operation in enumerate(lesson.operations):
        node = lesson.tape.nodes[operation.index]
        for place, edge in enumerate(operation.edges):
            forgotten = _with_factor(lesson, operation.index, place, 1.0)
            rows = tuple(zip(truth, forgotten, honest, strict=True))
            yield Riddle(rows, "formula", "inner_derivative", operation.index, place, right)
            if primitives.count(node.primitive) > 1:
                continue  # the fault would sit in several places at once
            position = [k for k, a in enumerate(node.args) if lesson.tape.active[a]][place]
            engine = faulty_engine(node.primitive, "sign", position)
            _, gradient = engine.gradient(lesson.tape, lesson.point, "float64")
            wrong = [float(gradient[n]) for n in lesson.tape.inputs]
            turned = (*right[rank][:place], -edge.value, *right[rank][place + 1 :])
            planted = (*right[:rank], turned, *right[rank + 1 :])
            yield Riddle(
                tuple(zip(wrong, truth, honest, strict=True)), "engine", "sign", operation.index, place, planted
            )


def _differences(lesson: Lesson, h: float) -> list[float]:
    execution = Execution(lesson.tape)
    found = []
    for n, x in lesson.point.items():
        above, below = (float(execution.forward({**lesson.point, n: moved})) for moved in (x + h, x - h))
        found.append((above - below) / (2 * h))
    return found


def _with_factor(lesson: Lesson, index: int, place: int, factor: float) -> list[float]:
    """The gradient by a chain rule in which one local derivative was replaced."""
    adjoints = {lesson.tape.output: 1.0}
    for operation in reversed(lesson.operations):
        for k, edge in enumerate(operation.edges):
            local = factor if (operation.index, k) == (index, place) else edge.value
            adjoints[edge.source] = adjoints.get(edge.source, 0.0) + adjoints.get(operation.index, 0.0) * local
    return [adjoints.get(i, 0.0) for i in lesson.inputs]


def _is_fair(riddle: Riddle) -> bool:
    liar = WITNESSES.index(riddle.liar)
    if not all(math.isfinite(n) for row in riddle.numbers for n in row):
        return False
    visible = False
    for row in riddle.numbers:
        first, second = (n for k, n in enumerate(row) if k != liar)
        scale = max(abs(first), abs(second), 1e-3)
        if abs(first - second) > TOGETHER * scale:
            return False
        visible = visible or abs(row[liar] - first) > APART * scale
    return visible
