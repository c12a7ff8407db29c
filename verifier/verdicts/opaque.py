"""Derivatives that have no closed form, by an order or a parameter: what differences of the meaning tell of them.

The derivative of Jₙ(x) by n, or of the incomplete gamma function by its shape, is no expression of such functions, and
nothing encloses it here, so no number for it is judged. Balls tell the function's values to 500 bits, though, and where
central differences of those at two steps agree to as many digits as anybody asks for, the reason says what they give.
"""

from __future__ import annotations

import math

from ..oracle import balls
from ..oracle.enclosure import PointEnclosure
from .differences import BITS, of_meaning

#: The steps as powers of two, relative to the input.
STEPS = (-80, -100)

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
    differences = []
    with balls.precision(BITS):
        for step in STEPS:
            central, apart = of_meaning(here.plan, here.inputs, j, step)
            if not (central.is_finite() and apart.upper() <= abs(central).lower() * ALIKE):
                return None
            differences.append(central)
        one, other = differences
        return float(other.mid()) if abs(one - other).upper() <= abs(other).lower() * ALIKE else None
