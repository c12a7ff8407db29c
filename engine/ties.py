"""Ties that meet at one point, and the side on which they are resolved.

At a lone tie the mean of the two slopes lies between the one-sided derivatives of any smooth function of it. Where
several operations tie at once it need not: relu(relu(x)) − relu(x), which is 0, would get 1/4 − 1/2. There every tie
that a variable moves is resolved to the side on which the point comes to lie when that variable grows: the sweep then
gives the directional derivative along it, which obeys the chain rule even where the gradient does not (Shapiro 1990,
*On concepts of directional differentiability*; Khan and Barton 2013, *Evaluating an element of the Clarke generalized
Jacobian*, who leave a point along several directions in turn). For a function that is differentiable at the point in
spite of its ties, such as relu(x) − relu(−x), that is its derivative. One direction for all variables would not do:
min(|x|, |y|) has the partials 0 at the origin, and along (2, 1) the slope of |y|.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .primitive import Primitive
from .tape import Tape

#: A tie whose own slope belongs to neither of its sides, so that it is left even where it is alone.
ON_NO_SIDE = 2

#: Distance within which two values, or two slopes, a float to either side of a tie are the same.
TOUCH = 1e-6


def direction(count: int) -> list[float]:
    """A direction in which all inputs move: positive and different for each, so that few ties remain along it."""
    return [1.0 / (1.0 + 0.37 * j) for j in range(count)]


def found(tape: Tape, tied: Callable[[int], Any]) -> dict[int, Any]:
    """The operations that tie somewhere, each with what ``tied`` says of it at the K points."""
    masks = {i: np.asarray(tied(i), dtype=int) for i in tape.kinked}
    return {i: mask for i, mask in masks.items() if np.any(mask)}


def resolved(
    tape: Tape,
    values: list[Any],
    ties: dict[int, Any],
    tangents: list[Any],
    rule_of: Callable[[int], type[Primitive]],
    local: Callable[[int, list[Any]], tuple[Any, ...]],
) -> dict[int, list[Any]]:
    """For operations that tie together with others: their arguments, moved off the tie.

    Args:
        values: of all nodes, arrays of shape (K,) or numbers.
        ties: the operations that tie, as :func:`found` gives them.
        tangents: how each input moves, None for those that stand still.
        rule_of: the primitive that stands for a node.
        local: local derivatives of a node at given arguments.
    """
    first = len(tape.inputs)
    moves = [t is not None for t in tangents]
    for node in tape.nodes[first:]:
        moves.append(any(moves[a] for a in node.args))
    masks = {i: mask for i, mask in ties.items() if moves[i]}
    if not masks:
        return {}
    together = sum(masks.values()) >= ON_NO_SIDE
    if not np.any(together):
        return {}
    moved: dict[int, list[Any]] = {}
    tangents = [0.0 if t is None else t for t in tangents]
    for i in range(first, max(masks) + 1):
        tangent: Any = 0.0
        if moves[i]:
            args = tape.nodes[i].args
            here = [values[a] for a in args]
            if i in masks:
                beside = rule_of(i).beside(*here, *(tangents[a] for a in args))
                here = [np.where((masks[i] > 0) & together, new, old) for new, old in zip(beside, here, strict=True)]
                moved[i] = here
            for a, partial in zip(args, local(i, here), strict=True):
                if moves[a]:
                    tangent = tangent + partial * tangents[a]
        tangents.append(tangent)
    return moved


def is_corner(
    rule: type[Primitive],
    consts: Mapping[str, Any],
    here: list[Any],
    value: float,
    local: Callable[[list[Any]], tuple[Any, ...]],
) -> bool:
    """Whether an operation that ties has different slopes on its two sides.

    Not as elu(x, 1) does, whose slopes meet, nor as a condition whose two values differ: it jumps.

    Args:
        rule: the primitive that stands for it.
        consts: its constants by name.
        here: its arguments at one point.
        value: its value there.
        local: its local derivatives at given arguments.
    """
    differ = False
    for k in range(len(here)):
        steps = [float(k == other) for other in range(len(here))]
        above, below = (list(rule.beside(*here, *(sign * step for step in steps))) for sign in (1, -1))
        if abs(rule.forward(*above, **consts) - rule.forward(*below, **consts)) > TOUCH * (1 + abs(value)):
            return False
        differ = differ or any(abs(a - b) > TOUCH for a, b in zip(local(above), local(below), strict=True))
    return differ


def upwards(x: Any, by: Any) -> Any:
    """The float next to x in the direction of the sign of ``by``; x itself where that is 0."""
    infinity = np.copysign(np.inf, by).astype(np.result_type(x))  # of x's own type, whose next number is wanted
    return np.where(by == 0.0, x, np.nextafter(x, infinity))


def off_zero(x: Any, dx: Any) -> tuple[Any]:
    """An argument that ties with 0, moved to the side to which its tangent points."""
    return (upwards(x, dx),)


def apart(a: Any, b: Any, da: Any, db: Any) -> tuple[Any, Any]:
    """Two equal arguments, of which the one with the larger tangent is made the larger."""
    return upwards(a, da - db), b
