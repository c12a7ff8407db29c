"""Derivatives that have no closed form, by an order or a parameter: judged by differences of the meaning in many bits.

The derivative of Jₙ(x) by n, or of the incomplete gamma function by its shape, is no expression of such functions, and
nothing encloses it here. Balls tell the function's values to 500 bits, though, and central differences of those at two
steps agree with each other to as many digits as anybody asks for. That is evidence and no certificate: a function may
oscillate below any step. So only finite numbers are judged, nothing is certified, and what is near stays undecided.
"""

from __future__ import annotations

import math
from typing import Any

from flint import arb

from ..oracle import balls
from ..oracle.enclosure import PointEnclosure
from ..oracle.truth import Truth
from .judgement import Judgement

#: Bits of the values, and the steps as powers of two, relative to the input.
BITS, STEPS = 512, (-80, -100)

#: How near the differences at both steps, and the slopes to both sides, must come, as a part of the derivative.
ALIKE = 2.0**-40

#: Units in the last place within which a number agrees, and the part of its size beyond which it is wrong: of one
#: operation, and of several, of which nobody knows what rounding makes of them.
NEAR, FAR, FAR_OF_MANY = 1024, 2.0**-20, 2.0**-10

#: And how many times the former the latter is at least: in float32, half of the digits are lost in no time.
MARGIN = 64


def judge_by_differences(here: PointEnclosure, j: int, g: float, why: str) -> Judgement:
    """The verdict on a number as a partial that has no closed form.

    Args:
        here: the function at the point.
        j: the input.
        g: the number.
        why: the derivative is not known.
    """
    found = slope(here, j) if math.isfinite(g) and math.isfinite(here.point[j]) else None
    if found is None:
        return Judgement("undecided", Truth("unknown", None, 0, None, why), None, None, why)
    size = max(abs(found), abs(g))
    operations = len(here.plan.tape) - len(here.plan.tape.inputs)
    verdict = "undecided"
    near = NEAR * here.precision.unit
    far = max(FAR if operations == 1 else FAR_OF_MANY, MARGIN * near)
    if abs(g - found) <= near * abs(found):
        verdict = "agree"
    elif abs(g - found) > far * size and not _has_lost_digits(here):
        verdict = "wrong"
    reason = f"judged by differences in {BITS} bits, not certified ({why}): they give {found:.12g}"
    return Judgement(verdict, Truth("unknown", None, BITS, None, reason), None, None, reason)


def slope(here: PointEnclosure, j: int) -> float | None:
    """The derivative by an input as differences of the meaning tell it; None where they do not."""
    output = here.plan.tape.output
    with balls.precision(BITS):
        size = abs(here.inputs[j]) if here.point[j] else arb(2) ** -20

        def value(moved: Any) -> Any:
            inputs = list(here.inputs)
            inputs[j] = moved
            return here.plan.values(inputs, BITS)[output]

        middle = value(here.inputs[j])
        centrals = []
        for step in STEPS:
            h = size * arb(2) ** step
            above, below = value(here.inputs[j] + h), value(here.inputs[j] - h)
            right, left = (above - middle) / h, (middle - below) / h
            central = (above - below) / (2 * h)
            if not (central.is_finite() and abs(right - left).upper() <= abs(central).lower() * ALIKE):
                return None
            centrals.append(central)
        if not abs(centrals[0] - centrals[1]).upper() <= abs(centrals[1]).lower() * ALIKE:
            return None
        return float(centrals[1].mid())


def _has_lost_digits(here: PointEnclosure) -> bool:
    """Whether rounding may have left too little of a value on the way for a program to be accused."""
    values = here.wide("hull", 128)[0]
    return not all(map(_is_finite, values)) or any(here.has_lost_digits(ball) for ball in values)


def _is_finite(ball: Any) -> bool:
    return bool(ball.is_finite())
