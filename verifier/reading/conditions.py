"""Conditions of Piecewise and where: relations joined by and, or, not, and the `where` nodes they become."""

from __future__ import annotations

from dataclasses import dataclass

from ...engine.primitive import REGISTRY
from ...engine.tape import Recorder


@dataclass(frozen=True, slots=True)
class Relation:
    """Two nodes compared; the relation is one of < <= > >= == !=."""

    relation: str
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Truth:
    """True or False."""

    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Junction:
    """All of some conditions (``every``), or any of them."""

    every: bool
    parts: list[Condition]


Condition = Relation | Truth | Not | Junction


def negation(condition: Condition) -> Condition:
    """The opposite, a double negation undone."""
    return condition.part if isinstance(condition, Not) else Not(condition)


def junction(every: bool, parts: list[Condition]) -> Condition:
    """Conditions joined; what is joined the same way already is made one list, so long chains stay flat."""
    first = parts[0]
    if len(parts) == 1:
        return first
    if isinstance(first, Junction) and first.every is every:
        first.parts.extend(parts[1:])
        return first
    return Junction(every, parts)


def select(recorder: Recorder, condition: Condition, chosen: int, otherwise: int) -> int:
    """Record the nodes whose value is ``chosen`` where the condition holds, else ``otherwise``."""
    if isinstance(condition, Relation):
        return recorder.add(
            REGISTRY["where"],
            (condition.left, condition.right, chosen, otherwise),
            (condition.relation,),
        )
    if isinstance(condition, Truth):
        return chosen if condition.value else otherwise
    if isinstance(condition, Not):
        return select(recorder, condition.part, otherwise, chosen)
    for part in reversed(condition.parts):
        if condition.every:
            chosen = select(recorder, part, chosen, otherwise)
        else:
            otherwise = select(recorder, part, chosen, otherwise)
    return chosen if condition.every else otherwise


def piecewise(recorder: Recorder, branches: list[tuple[int, Condition]]) -> int:
    """Record the first branch whose condition holds; where none does the value is nan."""
    result: int | None = None
    for value, condition in reversed(branches):
        if isinstance(condition, Truth):
            result = value if condition.value else result
            continue
        if result is None:
            result = recorder.constant("nan")
        result = select(recorder, condition, value, result)
    return recorder.constant("nan") if result is None else result
