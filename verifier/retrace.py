"""Where cancellation leaves the enclosure too wide to tell: the engine's own way to its number, step by step.

E holds whatever correct floats may return. Where that fixes fewer than 20 bits, a faulty rule could hide in it, so that
lying inside says nothing. But an engine can be asked what it did: every value, and the derivative of every single
operation at those values. If each of these is right by itself, and products and sums of them in floats give the very
number that was judged, no fault is left that could hide. This only acquits, and only a number that has 20 bits of the
exact one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from ..engine.tape import Constant, Input, constant_as_float
from . import balls
from .blame import Operation, node_values
from .engine import Engine
from .errors import Unsupported
from .judge import CANCELLED, Judgement, PointJudge
from .results import Named, PointResult, Verification
from .sweeps import Precision
from .truth import FEWEST_BITS

#: What stands in the record of a number that agrees in this way.
RETRACED = "fewer than 20 bits are certain after cancellation; each operation was judged by itself, and is right"


def acquit(result: Verification) -> None:
    """Let undecided numbers agree whose every operation is right and whose digits are."""
    engine = result.under_test
    if engine is None or isinstance(engine, Named):  # numbers, or a function, that no single operations belong to
        return
    for point in result.decided:
        partials = [p for p in point.partials.values() if p.verdict == "undecided" and p.input >= 0]
        partials = [p for p in partials if _has_digits(point.judge, p.judgement, p.engine)]
        value = point.judge.judge_value(point.value) if point.value_verdict == "undecided" else None
        is_value_close = value is not None and _has_digits(point.judge, value, point.value)
        if not partials and not is_value_close:
            continue
        gradient = retraced(engine, point, result.precision)
        if gradient is None:
            continue
        if is_value_close:
            point.value_verdict = "agree"
        for partial in partials:
            if gradient[partial.input] == partial.engine:
                partial.verdict, partial.reason = "agree", RETRACED


def _has_digits(judge: PointJudge, judgement: Judgement, g: float) -> bool:
    """Whether a number was left undecided for cancellation alone, and has 20 bits of the exact one."""
    if judgement.reason != CANCELLED:
        return False
    exact = judgement.truth.ball
    with balls.precision(max(judgement.truth.bits, 256)):
        return bool(abs(arb(g) - exact) <= abs(exact) * 2.0**-FEWEST_BITS)


def retraced(engine: Engine, point: PointResult, precision: Precision) -> list[float] | None:
    """The gradient as floats multiply and add it from the engine's own local derivatives.

    Returns:
        one number for each input; None if an operation is not right by itself, or cannot be asked.
    """
    tape, inputs, cast = point.judge.plan.tape, point.judge.point, precision.dtype.type
    values = node_values(engine, tape, inputs, precision.dtype)
    if values[tape.output] != point.value or not np.isfinite(values).all():
        return None
    adjoints: list[Any] = [None] * len(tape)
    adjoints[tape.output] = cast(1)
    for i in range(tape.output, -1, -1):
        node, adjoint = tape.nodes[i], adjoints[i]
        if node.primitive is Input:
            continue
        if node.primitive is Constant:
            if values[i] != float(cast(constant_as_float(node.consts[0]))):
                return None
            continue
        try:
            operation = Operation(engine, tape, i, values, precision, "program")
        except Unsupported:
            return None
        if operation.value != values[i] or operation.judge.judge_value(operation.value).verdict != "agree":
            return None
        if adjoint is None or not tape.active[i]:
            continue
        for argument, j in zip(node.args, operation.inputs, strict=True):
            if j is None or not tape.active[argument]:
                continue
            local = operation.gradient[j]
            if operation.judge.judge(j, local).verdict != "agree":
                return None
            with np.errstate(all="ignore"):
                product = adjoint * cast(local)
                known = adjoints[argument]
                adjoints[argument] = product if known is None else known + product
    return [0.0 if adjoint is None else float(adjoint) for adjoint in adjoints[: len(inputs)]]
