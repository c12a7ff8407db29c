"""Derivatives that have no closed form, by an order or a parameter: what differences of the meaning tell of them.

The derivative of Jₙ(x) by n, or of the incomplete gamma function by its shape, is no expression of such functions, and
nothing encloses it here, so no number for it is judged. Balls tell the function's values to 500 bits, though, and where
central differences of those at two steps agree to as many digits as anybody asks for, the reason says what they give.
"""

from __future__ import annotations

import math
from typing import Any

from flint import arb

from ..oracle import balls
from ..oracle.enclosure import PointEnclosure

#: Bits of the values, and the steps as powers of two, relative to the input.
BITS, STEPS = 512, (-80, -100)

#: How near the differences at both steps, and the slopes to both sides, must come, as a part of the derivative.
ALIKE = 2.0**-40


def why_unknown(here: PointEnclosure, j: int, why: str) -> str:
    """The reason why a partial is not judged, with what differences give for it where they tell.

    Args:
        here: the function at the point.
        j: the input.
        why: the derivative is not known.
    """
    found = slope(here, j) if math.isfinite(here.point[j]) else None
    reason = why if found is None else f"{why}; differences in {BITS} bits give {found:.12g}"
    return reason


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
