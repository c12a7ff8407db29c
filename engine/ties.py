"""Ties that meet at one point, and the one side on which all of them are resolved.

At a lone tie the mean of the two slopes lies between the one-sided derivatives of any smooth function of it. Where
several operations tie at once it need not: relu(relu(x)) − relu(x), which is 0, would get 1/4 − 1/2. There every tie
is resolved to the side on which the point comes to lie when it moves a little along one fixed direction, so that
the sweep differentiates one smooth piece of the function that is really there: an element of the Bouligand
subdifferential (Khan and Barton 2013, *Evaluating an element of the Clarke generalized Jacobian*). For a function
that is differentiable at the point in spite of its ties, such as relu(x) − relu(−x), that is its derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .primitive import Primitive
from .tape import Tape


def direction(count: int) -> list[float]:
    """The direction in which ties are left: positive and different for every input, so that few ties remain."""
    return [1.0 / (1.0 + 0.37 * j) for j in range(count)]


def resolved(
    tape: Tape,
    values: list[Any],
    rule_of: Callable[[int], type[Primitive]],
    local: Callable[[int, list[Any]], tuple[Any, ...]],
) -> dict[int, list[Any]]:
    """For operations that tie together with others: their arguments, moved off the tie.

    Args:
        values: of all nodes, arrays of shape (K,) or numbers.
        rule_of: the primitive that stands for a node.
        local: local derivatives of a node at given arguments.
    """
    tied = {i: rule.tied(*(values[a] for a in tape.nodes[i].args)) for i in tape.kinked if (rule := rule_of(i)).tied}
    if len(tied) < 2:
        return {}
    together = sum(np.asarray(mask, dtype=int) for mask in tied.values()) >= 2
    if not np.any(together):
        return {}
    moved: dict[int, list[Any]] = {}
    tangents: list[Any] = [*direction(len(tape.inputs))]
    for i in range(len(tape.inputs), len(tape)):
        args = tape.nodes[i].args
        here = [values[a] for a in args]
        if i in tied:
            beside = rule_of(i).beside(*here, *(tangents[a] for a in args))
            here = [np.where(tied[i] & together, new, old) for new, old in zip(beside, here, strict=True)]
            moved[i] = here
        tangent: Any = 0.0
        if tape.active[i]:
            for a, partial in zip(args, local(i, here), strict=True):
                if tape.active[a]:
                    tangent = tangent + partial * tangents[a]
        tangents.append(tangent)
    return moved


def upwards(x: Any, by: Any) -> Any:
    """The float next to x in the direction of the sign of ``by``; x itself where that is 0."""
    return np.where(by == 0.0, x, np.nextafter(x, np.copysign(np.inf, by)))


def off_zero(x: Any, dx: Any) -> tuple[Any]:
    """An argument that ties with 0, moved to the side to which its tangent points."""
    return (upwards(x, dx),)


def apart(a: Any, b: Any, da: Any, db: Any) -> tuple[Any, Any]:
    """Two equal arguments, of which the one with the larger tangent is made the larger."""
    return upwards(a, da - db), b
