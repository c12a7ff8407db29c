"""Where cancellation leaves the enclosure too wide to tell: the engine's own way to its number, step by step.

E holds whatever correct floats may return. Where that fixes fewer than 20 bits, a faulty rule could hide in it, so that
lying inside says nothing. But an engine can be asked what it did: every value, and the derivative of every single
operation at those values. If each of these is right by itself, and products and sums of them in floats give the very
number that was judged, no fault is left that could hide. This only acquits, and only a number that has 20 bits of the
exact one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from ...engine.tape import Constant, constant_as_float
from ..asking import ask
from ..engine import Engine, offers_operations
from ..errors import Unsupported
from ..oracle import balls
from ..oracle.sweeps import Plan
from ..oracle.truth import FEWEST_BITS
from ..point_result import Agreed
from ..reading.subtape import single
from ..results import Verification
from ..verdicts.judge import CANCELLED, PointJudge
from ..verdicts.judgement import Judgement
from .steps import multiplied_back, values_of_nodes

#: What stands in the record of a number that agrees in this way.
RETRACED = "fewer than 20 bits are certain after cancellation; each operation was judged by itself, and is right"


def acquit(result: Verification) -> None:
    """Let undecided numbers agree whose every operation is right and whose digits are."""
    engine = result.under_test
    if not offers_operations(engine):
        return
    steps: _Steps | None = None
    for k, point in result.decided_at:
        judge = point.judge
        partials = [p for p in point.partials.values() if p.verdict == "undecided" and p.input >= 0]
        partials = [p for p in partials if _has_digits(p.judgement, p.engine)]
        value = judge.judge_value(point.value) if point.value_verdict == "undecided" else None
        is_value_close = value is not None and _has_digits(value, point.value)
        if not partials and not is_value_close:
            continue
        steps = steps or _Steps(engine, result)
        gradient = steps.gradient(k, point.value)
        if gradient is None:
            continue
        if is_value_close:
            point.value_verdict = "agree"
        for partial in partials:
            if gradient[partial.input] == partial.engine:
                partial.verdict, partial.reason = "agree", RETRACED


def _has_digits(judgement: Judgement, g: float) -> bool:
    """Whether a number was left undecided for cancellation alone, and has 20 bits of the exact one."""
    if judgement.reason != CANCELLED:
        return False
    exact = judgement.truth.number
    with balls.precision(judgement.truth.compared_bits):
        return bool(abs(arb(g) - exact) <= abs(exact) * 2.0**-FEWEST_BITS)


class _Steps:
    """What an engine did at all points of a verification: its values, and each operation asked by itself.

    It is asked for all points at once, as it was for the numbers that are judged: in arrays, functions may round
    otherwise than in single numbers.
    """

    def __init__(self, engine: Engine, result: Verification) -> None:
        self.engine, self.tape, self.precision = engine, result.tape, result.precision
        points = [p.inputs if isinstance(p, Agreed) else p.judge.point for p in result.judged]
        self.count = len(points)
        self.columns = [self._at_once(column) for column in zip(*points, strict=True)]
        self._operations: dict[int, _Operation | None] = {}

    def _at_once(self, numbers: Any) -> Any:
        array = np.array(numbers, self.precision.dtype)
        return array[0] if self.count == 1 else array

    def _each(self, numbers: Any) -> np.ndarray[Any, Any]:
        """One number for each point, in the floats of the engine."""
        array: np.ndarray[Any, Any] = np.asarray(numbers, self.precision.dtype).reshape(-1)
        return np.broadcast_to(array, (self.count,))

    @cached_property
    def values(self) -> list[np.ndarray[Any, Any]]:
        """The engine's own value of every node at each point."""
        point = dict(zip(self.tape.inputs, self.columns, strict=True))
        return [self._each(v) for v in values_of_nodes(self.engine, self.tape, point, self.precision.dtype)]

    def operation(self, i: int) -> _Operation | None:
        """One operation at the engine's values; None where the engine does not offer it alone."""
        if i not in self._operations:
            try:
                self._operations[i] = _Operation(self, i)
            except Unsupported:
                self._operations[i] = None
        return self._operations[i]

    def gradient(self, k: int, value: float) -> list[float] | None:
        """The gradient at point k as floats multiply and add it from the engine's own local derivatives.

        Returns:
            one number for each input; None if an operation is not right by itself, or cannot be asked.
        """
        tape = self.tape
        if self.values[tape.output][k] != value or not all(np.isfinite(v[k]) for v in self.values):
            return None
        if not all(self._is_right(i, k) for i in range(tape.output, len(tape.inputs) - 1, -1)):
            return None

        def partials(i: int) -> Iterator[tuple[int, Any]]:
            operation = self.operation(i)
            assert operation is not None  # each of them is right
            return operation.partials_at(k)

        return multiplied_back(tape, partials, self.precision.dtype.type(1))

    def _is_right(self, i: int, k: int) -> bool:
        """Whether a node is what it should be at point k: a constant its number, an operation right by itself."""
        node = self.tape.nodes[i]
        if node.primitive is Constant:
            return bool(self.values[i][k] == self.precision.dtype.type(constant_as_float(node.consts[0])))
        operation = self.operation(i)
        return operation is not None and operation.is_right(k)


class _Operation:
    """One operation by itself, at all points."""

    def __init__(self, steps: _Steps, i: int) -> None:
        self.steps, self.i = steps, i
        tape, self.inputs = single(steps.tape, i)
        self.args = args = steps.tape.nodes[i].args
        self.columns = [steps.values[a] for a, j in zip(args, self.inputs, strict=True) if j is not None]
        self.moving = [steps.tape.active[a] for a, j in zip(args, self.inputs, strict=True) if j is not None]
        at = {n: steps._at_once(column) for n, column in zip(tape.inputs, self.columns, strict=True)}
        value, gradient = ask(steps.engine, tape, at, steps.precision.dtype)
        self.value, self.partials = steps._each(value), [steps._each(gradient[n]) for n in tape.inputs]
        self.plan = Plan(tape)

    def is_right(self, k: int) -> bool:
        """Whether it has the value that it had in the function, and that and all derivatives agree."""
        if self.value[k] != self.steps.values[self.i][k]:
            return False
        judge = PointJudge(self.plan, [float(c[k]) for c in self.columns], self.steps.precision, "program")
        if judge.judge_value(float(self.value[k])).verdict != "agree":
            return False
        moving = [j for j, moves in enumerate(self.moving) if moves]
        return all(judge.judge(j, float(self.partials[j][k])).verdict == "agree" for j in moving)

    def partials_at(self, k: int) -> Iterator[tuple[int, Any]]:
        """Each argument that is no constant, with the derivative by it at point k."""
        return ((a, self.partials[j][k]) for a, j in zip(self.args, self.inputs, strict=True) if j is not None)
