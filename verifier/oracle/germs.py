"""Germs: a function to one side of a point.

Where the plain sweep meets a kink, a pole, 0/0 or a branch point, the point is left along +e_j and −e_j: every node
becomes a series in the distance (see :mod:`.series`), comparisons follow the sign of the leading coefficient of
the difference, and the slope to each side is read off. That gives sqrt(x²)², sin(x)/x, |x|³ and relu(x) − relu(−x) at 0
their one true derivative, and every kink its two.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq

from ...engine.primitive import REGISTRY
from ...engine.tape import Constant, Node, Tape
from . import balls
from .equals import Equals
from .expansion import germ_of
from .rules import Rule, rule_of
from .series import (
    CONSTANT,
    ORDER,
    Germ,
    OutsideDomain,
    PrecisionLost,
    Singular,
    Undecided,
    as_ball,
    carried,
    growth,
)


class Sides:
    """What germs found at a point along ±e_j.

    Attributes:
        kind: ``smooth``, ``boundary`` (one side is outside the domain), ``kink``, ``infinite``, ``undefined``.
        left, right: one-sided derivatives as balls (infinite ones as Arb's infinities), None where there is none.
        decided: for each side, what was decided at each node.
        jumps: whether some operation on the way jumps here, though the function may not.
    """

    def __init__(
        self, kind: str, left: arb | None, right: arb | None, decided: list[dict[int, dict[Any, Any]]]
    ) -> None:
        self.kind, self.left, self.right, self.decided = kind, left, right, decided
        self.jumps = False

    @property
    def derivative(self) -> arb:
        """The one value that both sides, or the only side, give."""
        known = self.right if self.right is not None else self.left
        assert known is not None
        return known


class Start:
    """Every node at the point itself, from which all sides of it start.

    Attributes:
        germs: the constant germ of each node, or the exception that it raised.
        decided: what was decided at each node.
        value: the function's value; None where it has none or none could be found.
        undefined: the function has no value here.
    """

    def __init__(self, tape: Tape, point: list[Fraction], known: arb | None = None) -> None:
        self.point = [fmpq(x.numerator, x.denominator) for x in point]
        self.germs, self.decided = _run(tape, self.point, -1, 0, None)
        self.value: Germ | None = None
        self.undefined = False
        if known is not None:
            self.value = Germ.of(known)
            return
        try:
            self.value = Germ.of(_of_output(tape, self.germs).limit())
        except (Singular, OutsideDomain):
            self.undefined = True  # its sides may still agree on a limit
        except Undecided:
            pass

    def jumps_to(self, germs: list[Any]) -> bool:
        """Whether some node's value at the point is not its limit to a side, of whose germs these are."""
        return any(_jumps(a, b) for a, b in zip(self.germs, germs, strict=True))


def _of_output(tape: Tape, germs: list[Any]) -> Germ:
    result = germs[tape.output]
    if isinstance(result, Exception):
        raise result
    germ: Germ = result
    return germ


def _run(
    tape: Tape, point: list[fmpq], moving: int, direction: int, start: Start | None
) -> tuple[list[Any], dict[int, dict[Any, Any]]]:
    """Germs of all nodes; those that do not depend on the moving input are taken from the start."""
    germs: list[Any] = [Germ.of(x) for x in point]
    decided: dict[int, dict[Any, Any]] = {}
    moves = [False] * len(tape)
    if start is not None:
        germs[moving] = germs[moving] + Germ({(1, 0): fmpq(direction)})
        moves[moving] = True
    equals = Equals(0)
    for i, x in enumerate(point):  # of what stands still all is one value that is one number
        germs[i] = germs[equals.add(("number", None if moves[i] else x))]
    keeps = [True] * len(point)  # whether a node's limit beside the point is its value there
    for i, node in enumerate(tape.nodes[len(tape.inputs) :], len(tape.inputs)):
        keeps.append(False)
        if node.primitive is Constant:
            value = node.consts[0]
            is_number = isinstance(value, Fraction)
            known = equals.add(("number", fmpq(value.numerator, value.denominator) if is_number else value))
            germs.append(germs[known] if known != i else _constant_germ(value))
            keeps[i] = True
            continue
        rule = rule_of(node.primitive, node.consts)
        known = equals.add(equals.key(rule, node.args))
        if known != i:  # one germ for one value, which ties with itself exactly
            germs.append(germs[known])
            moves[i], keeps[i] = moves[known], keeps[known]
            decided[i] = decided.get(known, {})
            continue
        moves[i] = any(moves[a] for a in node.args)
        if start is not None and not moves[i]:
            germs.append(start.germs[i])
            decided[i], keeps[i] = start.decided[i], True
            continue
        env = {s: germs[a] for s, a in zip(rule.symbols, node.args, strict=True)}
        choices: dict[Any, Any] = {}
        try:
            if node.primitive in _SUMS and _cancel(node, germs, equals):
                germs.append(Germ({}))
            elif node.primitive is _SUB and all(isinstance(germs[a], Germ) for a in node.args):
                germs.append(germs[node.args[0]] - germs[node.args[1]])
            else:
                germs.append(germ_of(rule.expression, env, choices))
            if start is not None and all(keeps[a] for a in node.args):
                keeps[i] = _keeps(rule, choices, start.decided.get(i), germs[i], start.germs[i])
                if keeps[i]:
                    germs[i] = _with_value(germs[i], start.germs[i])
            if not moves[i] and germs[i].is_constant() and isinstance(number := germs[i].limit(), fmpq):
                germs[i] = germs[equals.also(i, ("number", number))]
        except (Undecided, OutsideDomain) as error:
            germs.append(error)
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            germs.append(Undecided(str(error)))
        decided[i] = choices
    return germs, decided


_SUB = REGISTRY["sub"]
#: Operations of which nothing is left where their arguments are one value, or one and its negative.
_SUMS = (REGISTRY["add"], _SUB)

#: Functions that jump without a choice or a floor in their meaning.
_JUMPING = (sp.atan2, sp.acot)


def _keeps(rule: Rule, choices: dict[Any, Any], at_point: dict[Any, Any] | None, beside: Germ, at: Any) -> bool:
    """Whether the limit of an operation is its value at the point, those of its arguments being theirs.

    It is where both are exact and equal, and where they come of one analytic expression: with the same choices.
    """
    if not isinstance(at, Germ) or not at.is_constant() or beside.grows() or beside.order <= 0:
        return False
    a, b = at.limit(), beside.limit()
    if isinstance(a, fmpq) or isinstance(b, fmpq):
        return bool(isinstance(a, fmpq) and isinstance(b, fmpq) and a == b)
    return choices == at_point and not rule.expression.has(*_JUMPING)


def _with_value(germ: Germ, at: Germ) -> Germ:
    """A germ with the very coefficient that the value at the point is: nodes that are one value there have one."""
    value = at.terms.get(CONSTANT)
    if not isinstance(value, arb) or germ.terms.get(CONSTANT) is value:
        return germ  # which may have been passed on by a choice: one germ is one value
    return Germ({**germ.terms, CONSTANT: value}, germ.order)


def _cancel(node: Node, germs: list[Any], equals: Equals) -> bool:
    """Whether a sum is that of a value and its negative: of coefficients that are balls only their width would be left.

    A choice passes on the germ that it chooses, so that one germ is one value.
    """
    a, b = node.args
    if not (isinstance(germs[a], Germ) and isinstance(germs[b], Germ)):
        return False
    if node.primitive is REGISTRY["sub"]:
        return germs[a] is germs[b]
    return equals.are_opposite(a, b)


def _constant_germ(value: Any) -> Any:
    if isinstance(value, Fraction):
        return Germ.of(fmpq(value.numerator, value.denominator))
    ball = balls.constant(value)
    return Germ.of(ball) if ball.is_finite() else OutsideDomain()


def sides(tape: Tape, start: Start, moving: int) -> Sides:
    """One-sided derivatives of a tape by its input ``moving`` at an exact point.

    Raises:
        Undecided: a series lost what the decision needs.
    """
    undefined, value = start.undefined, start.value
    jumps = False
    slopes: list[Any] = []
    limits: list[Any] = []
    decided: list[dict[int, dict[Any, Any]]] = []
    failure: Undecided | None = None
    for direction in (-1, 1):
        try:
            germs, choices = _run(tape, start.point, moving, direction, start)
            germ = _of_output(tape, germs)
            if carried() < ORDER and any(map(_is_lost, germs)):
                raise Undecided("the first order was lost")
        except OutsideDomain:
            slopes.append(None)
            continue
        except Undecided as error:
            if not undefined:
                raise
            if isinstance(error, Singular) and any(error is g for g in start.germs):
                return Sides("undefined", None, None, [])  # infinite beside the point as well
            failure = error  # the other side may tell enough
            continue
        decided.append(choices)
        jumps_here = start.jumps_to(germs)
        jumps = jumps or jumps_here
        slope, limit = _slope(germ, value, direction, jumps_here)
        slopes.append(slope)
        limits.append(limit)
    if undefined and (None in slopes or _JUMP in slopes):
        return Sides("undefined", None, None, [])  # an open end of the domain, or a pole
    if failure is not None:
        raise failure
    left, right = slopes
    if left is None and right is None:
        return Sides("undefined", None, None, decided)
    jump = left is _JUMP or right is _JUMP
    if value is None and len(limits) == 2 and None not in limits:
        jump = jump or not as_ball(limits[0]).overlaps(as_ball(limits[1]))
    if jump and undefined:
        return Sides("undefined", None, None, [])  # two limits, and no value that would choose between them
    if jump:
        finite = [s if isinstance(s, arb) else None for s in slopes]
        return Sides("undefined", finite[0], finite[1], decided)
    if left is None or right is None:
        only = right if left is None else left
        return Sides("boundary" if only.is_finite() else "infinite", left, right, decided)
    if left.is_finite() and right.is_finite():
        found = Sides("smooth" if left.overlaps(right) else "kink", left, right, decided)
        found.jumps = jumps
        return found
    same = not left.is_finite() and not right.is_finite() and (left > 0) == (right > 0)
    return Sides("infinite" if same else "kink", left, right, decided)


def sides_of_order(tape: Tape, start: Start, moving: int, order: int) -> Sides | None:
    """Both sides of a derivative of higher order, from the function's own series: n!·cₙ.

    A derivative written down as operations may cancel poles of high order, as those of sin(πx)/(πx) at 0: what is left
    of balls is not told from 0, and series of few terms end before. The function's own series has no such poles.

    Args:
        start: of the function.
        order: n; the derivatives of lower order exist.

    Returns:
        What was found, with no decisions for the operations of a derivative; None where the series tells too little.
    """
    found: list[list[arb]] = []
    jumps = False
    for direction in (-1, 1):
        try:
            germs, _ = _run(tape, start.point, moving, direction, start)
            germ = _of_output(tape, germs)
        except (Undecided, OutsideDomain):
            return None
        early = [key for key in germ.terms if growth(key) < (order, 0)]
        if germ.order <= order or any(e < 0 or e.denominator != 1 or k for e, k in early):
            return None
        found.append([as_ball(germ.terms.get((n, 0), fmpq(0))) * direction**n for n in range(order + 1)])
        jumps = jumps or start.jumps_to(germs)
    (*lower, left), (*others, right) = found
    if not start.undefined:
        if start.value is None:
            return None
        lower.append(as_ball(start.value.limit()))
        others.append(others[0])
    if not all(a.overlaps(b) for a, b in zip(lower, others, strict=True)):
        return None
    left, right = left * factorial(order), right * factorial(order)
    result = Sides("smooth" if left.overlaps(right) else "kink", left, right, [{}, {}])
    result.jumps = jumps
    return result


def _is_lost(germ: Any) -> bool:
    """Whether a node's value beside the point is not known."""
    return isinstance(germ, Undecided) or (isinstance(germ, Germ) and germ.order <= 0)


_JUMP = object()


def _jumps(at: Any, beside: Any) -> bool:
    """Whether a node's value at the point is not its limit beside it."""
    if at is beside or isinstance(at, Exception) or isinstance(beside, Exception):
        return False
    try:
        a, b = at.limit(), beside.limit()
        if isinstance(a, fmpq) and isinstance(b, fmpq):  # which may differ in more bits than balls have
            return bool(a != b)
        return not as_ball(a).overlaps(as_ball(b))
    except Undecided:
        return False


def _slope(germ: Germ, value: Germ | None, direction: int, jumps: bool) -> tuple[Any, Any]:
    """The one-sided derivative (a ball, an infinity, or _JUMP) and the one-sided limit.

    Raises:
        Undecided: the first order was lost; or an operation jumps, and too few bits tell whether the function does.
    """
    if germ.grows():
        germ.leading()  # a pole whose coefficient cannot be told from 0 may be none
        return _JUMP, None
    limit = germ.limit()
    difference = germ - (Germ.of(limit) if value is None else value)
    start = difference.terms.get(CONSTANT)
    if start is not None:
        if not (isinstance(start, arb) and start.contains(0)):
            return _JUMP, limit
        if jumps and not start.rad() < arb(2) ** (-ctx.prec // 2):
            raise PrecisionLost("the limit cannot be told from the value")
        difference = Germ({k: c for k, c in difference.terms.items() if k != CONSTANT}, difference.order)
    if difference.terms:
        key = min(difference.terms, key=growth)
        if growth(key) < (1, 0):
            rising = difference.sign() * direction
            return (arb.pos_inf() if rising > 0 else arb.neg_inf()), limit
    if difference.order <= 1:
        raise Undecided("the first order was lost")
    return as_ball(difference.terms.get((1, 0), fmpq(0))) * direction, limit
