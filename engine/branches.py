"""Branches that are not taken, in numbers, in arrays, or recorded where a sweep is traced.

Each node has a weight: 0 where the output does not depend on it. An argument of a choice has that of the choice where
it is taken, and 0 elsewhere. What has 0 has no part in any derivative, of whatever order: so a traced sweep records
these choices, and the sweep of what was recorded leaves out in its turn what they do not take.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .conditions import WITHIN_SMOOTH, Condition


def chosen(condition: Any, a: Any, b: Any) -> Any:
    """``a`` where a condition holds, ``b`` elsewhere; nothing is recorded where it holds at all points or at none."""
    if isinstance(condition, Condition):
        within = WITHIN_SMOOTH.set(True)  # a derivative's branch is the one that its function took, at ties as well
        try:
            return condition.choose(a, b)
        finally:
            WITHIN_SMOOTH.reset(within)
    if np.ndim(condition) == 0:
        return a if condition else b
    return np.where(condition, a, b)


def is_dead(counts: Any) -> bool:
    """Whether nothing depends on a node, as is known of all points."""
    return counts.__class__ is float and counts == 0.0


def either(known: Any, counts: Any) -> Any:
    """What depends on a node by several paths."""
    for one in (known, counts):
        if one.__class__ is float and one != 0.0:
            return one  # at all points: what is to be recorded of other paths changes nothing
    return counts if is_dead(known) else known + counts
