"""What is excused at special points: beside a jump, a singular operation, or the edge of the domain.

The rules are those of ``docs/verdicts.md``. A number that they would flag gets a milder verdict where a correct engine,
which computes at the point and knows nothing of its sides, may return it.
"""

from __future__ import annotations

from flint import arb

from ..oracle import balls
from ..oracle.balls import Ball
from ..oracle.enclosure import PointEnclosure
from ..oracle.sweeps import E
from ..oracle.truth import LADDER
from .judgement import Judgement

#: Bits in which a sweep a hair beside the point is sure to tell it from the point.
_HAIR_BITS = LADDER[-2]


def beside_a_jump(at: PointEnclosure, standard: str, found: Judgement, j: int, g: float) -> Judgement:
    """Where an operation jumps though the function does not, an engine has the value in the middle of the jump."""
    hull = at.wide(found.truth.swept_bits)[1][j]
    if not hull.is_finite():
        if standard == "function":
            return found
        return found._replace(verdict="undecided", reason="an operation on the way jumps here")
    for side in found.enclosure or ():
        hull = hull.union(side)
    if not hull.contains(arb(g)):
        return found
    reason = "an operation on the way jumps here: the number lies between what its two sides and its value give"
    return found._replace(verdict="kink", enclosure=(hull.lower(), hull.upper()), reason=reason)


def beside_a_singularity(at: PointEnclosure, found: Judgement, j: int, g: float) -> Judgement:
    """The last word where no sweep of balls is finite at the point: one a hair to either side of it.

    The heuristic enclosure there knows nothing of rounding that other operations magnify; where a value has
    lost its digits to it, what the sweep beside the point allows is allowed.
    """
    assert found.truth.sides is not None
    if all(at.directed(j, side).is_finite() for side in range(len(found.truth.sides.decided))):
        return found
    for exponent in (-20, -40):  # T itself says nothing of what cancels in it: the rounding beside the point does
        beside = _moved(at, j, arb(2) ** exponent * _size(at, j), 256)
        around = found.truth.number + arb(0, 1) * beside.rad() if beside.is_finite() else balls.NAN
        if around.is_finite() and around.contains(arb(g)) and at.is_narrow(around, found.truth):
            return found._replace(verdict="agree", enclosure=(around.lower(), around.upper()))
    values = at.wide(found.truth.swept_bits)[0]
    if any(at.has_lost_digits(ball) for ball in values) and _is_allowed_beside(at, j, g):
        reason = "a singular operation on the way: rounding beside it may give this number"
        return found._replace(verdict="undecided", reason=reason)
    return found


def _is_allowed_beside(at: PointEnclosure, j: int, g: float) -> bool:
    """Whether right floats may return g, or anything, a hair to one side of the point."""
    with balls.precision(_HAIR_BITS):
        scale = arb(2) ** -60 if at.point[j] == 0 else abs(at.inputs[j])
        for hair in (scale * arb(2) ** -240, -scale * arb(2) ** -240):
            beside = _moved(at, j, hair, _HAIR_BITS)
            if not beside.is_finite() or beside.contains(arb(g)):
                return True
    return False


def at_the_edge(at: PointEnclosure, standard: str, found: Judgement, j: int, g: float) -> Judgement:
    """A tie on the edge of the domain is still a tie: one side of it lies outside, and no engine can know."""
    clarke = at.wide(found.truth.swept_bits)[1][j]
    if not clarke.is_finite():
        if standard == "function":
            return found  # one call, whatever it is made of: what its parts meet on the way excuses nothing
        if _is_outside_within(at, found, j, g):
            return found
        reason = "a tie or a singular operation on the edge of the domain: any number may be a slope of its other side"
        return found._replace(verdict="undecided", reason=reason)
    if clarke.contains(arb(g)):
        reason = "a tie on the edge of the domain: the number lies between the slopes of the tie's two branches"
        return found._replace(verdict="kink", enclosure=(clarke.lower(), clarke.upper()), reason=reason)
    return found


def _is_outside_within(at: PointEnclosure, found: Judgement, j: int, g: float) -> bool:
    """Whether nothing ties here, and right floats do not come near g at a point inside the domain, a hair away."""
    if at.plan.tape.kinked or at.plan.tape.chooses:
        return False
    assert found.truth.sides is not None
    direction = -1 if found.truth.sides.left is not None else 1
    with balls.precision(_HAIR_BITS):
        inside = _moved(at, j, direction * arb(2) ** -300 * _size(at, j), _HAIR_BITS)
        return bool(inside.is_finite()) and not inside.contains(arb(g)) and at.is_narrow(inside, found.truth)


def _size(at: PointEnclosure, j: int) -> Ball:
    return abs(at.inputs[j]) if at.point[j] else balls.ONE


def _moved(at: PointEnclosure, j: int, hair: Ball, bits: int) -> Ball:
    """What correct floats may return as the partial by input j where that input is off by a hair."""
    inputs = list(at.inputs)
    inputs[j] = inputs[j] + hair
    return at.plan.wide(inputs, at.precision, E, bits=bits)[1][j]
