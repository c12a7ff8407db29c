"""Truths about Variables, which tracing does not know: both branches of a choice are recorded."""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .errors import BranchOnValue, NotTraceable
from .primitive import Primitive

if TYPE_CHECKING:
    from .variable import Variable


#: Whether what is traced is the rule of a smooth operation: its choices are between formulas of one function.
WITHIN_SMOOTH: ContextVar[bool] = ContextVar("within_smooth", default=False)

#: The primitive that records a choice, by whether it is one within a smooth operation.
CHOICES: dict[bool, type[Primitive]] = {}


class Condition:
    """An undecided truth about Variables: only ``numpy.where`` may use it, and & | ~ combine it."""

    def choose(self, a: Any, b: Any) -> Variable:
        """Record the choice of a where the condition holds, of b elsewhere."""
        raise NotImplementedError

    def __and__(self, other: Any) -> Condition:
        known = _condition(other)
        return NotImplemented if known is None else Both(self, known)

    def __or__(self, other: Any) -> Condition:
        known = _condition(other)
        return NotImplemented if known is None else ~(~self & ~known)

    __rand__, __ror__ = __and__, __or__

    def __invert__(self) -> Condition:
        return Opposite(self)

    def __bool__(self) -> NoReturn:
        raise BranchOnValue("the truth (bool) of a comparison")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Condition:
        combine = CONNECTIVES.get(ufunc)
        if method != "__call__" or keywords or combine is None:
            raise NotTraceable(f"numpy.{ufunc.__name__} of a comparison of Variables cannot be traced")
        conditions = [_condition(value) for value in inputs]
        if None in conditions:
            raise NotTraceable(f"numpy.{ufunc.__name__} of a comparison of Variables and an array cannot be traced")
        return combine(*conditions)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        from .variable import array_function  # which needs conditions

        return array_function(func, args, kwargs)


CONNECTIVES: dict[Any, Callable[..., Condition]] = {
    np.logical_and: operator.and_,
    np.logical_or: operator.or_,
    np.logical_not: operator.invert,
    np.bitwise_and: operator.and_,
    np.bitwise_or: operator.or_,
    np.invert: operator.invert,
}


class Comparison(Condition):
    """The comparison of two Variables."""

    def __init__(self, relation: str, left: Variable, right: Variable) -> None:
        self.relation, self.left, self.right = relation, left, right

    def choose(self, a: Any, b: Any) -> Variable:
        consts = (self.relation,)
        return self.left._apply(CHOICES[WITHIN_SMOOTH.get()], self.left, self.right, a, b, consts=consts)


class Both(Condition):
    """The conjunction of two conditions."""

    def __init__(self, first: Condition, second: Condition) -> None:
        self.first, self.second = first, second

    def choose(self, a: Any, b: Any) -> Variable:
        return self.first.choose(self.second.choose(a, b), b)


class Opposite(Condition):
    """The negation of a condition."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition

    def choose(self, a: Any, b: Any) -> Variable:
        return self.condition.choose(b, a)


class Known(Condition):
    """A truth that is known while tracing, beside one that is not."""

    def __init__(self, holds: bool) -> None:
        self.holds = holds

    def choose(self, a: Any, b: Any) -> Any:
        return a if self.holds else b


def _condition(value: Any) -> Condition | None:
    """A condition as it is, a truth as one; None for anything else."""
    if isinstance(value, Condition):
        return value
    return Known(bool(value)) if isinstance(value, (bool, np.bool_)) else None
