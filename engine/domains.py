"""The language in which a primitive says where it is real, has a kink or is disputed: of arrays, numbers or balls.

A condition such as ``"x > -1 and x < 1"`` is data and no code: it is walked as a syntax tree, which may hold
comparisons of names, numbers, ``pi``, ``E``, arithmetic and primitives, joined by ``and``, ``or``, ``not``.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache, reduce
from typing import Any

import numpy as np

from .primitive import REGISTRY, Primitive
from .tape import constant_as_float

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
}

#: The function that stands for a primitive: of what the names stand for.
Functions = Callable[[type[Primitive]], Callable[..., Any]]


def _forward(primitive: type[Primitive]) -> Callable[..., Any]:
    return primitive.forward


def holds(text: str, names: Mapping[str, Any], functions: Functions = _forward) -> Any:
    """Whether a condition holds.

    Of balls a comparison holds where it is certain: ``and`` and ``or`` of such are certain too, ``not`` is not.

    Args:
        text: the condition.
        names: an array, a number or a ball for each name; also for ``pi`` and ``E``, if floats will not do.
        functions: what computes a primitive, its ``forward`` unless given.

    Returns:
        A Boolean array (or one Boolean) of the shape of the values.

    Raises:
        ValueError: the text holds anything else.
    """
    return _evaluated(_parsed(text), names, functions)


def may_hold(text: str, names: Mapping[str, Any]) -> bool:
    """Whether a condition may hold somewhere between the points of a grid: an equation does if its sides cross.

    Args:
        text: the condition.
        names: arrays or numbers; their values on the grid.

    Raises:
        ValueError: as for :func:`holds`.
    """
    return _possible(_parsed(text), names)


@cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _evaluated(node: ast.expr, names: Mapping[str, Any], functions: Functions) -> Any:
    def value(part: ast.expr) -> Any:
        return _evaluated(part, names, functions)

    if isinstance(node, ast.Compare):
        sides = [value(n) for n in (node.left, *node.comparators)]
        parts = (_COMPARE[type(o)](a, b) for o, a, b in zip(node.ops, sides, sides[1:], strict=False))
        return reduce(operator.and_, parts)
    if isinstance(node, ast.BoolOp):
        return reduce(operator.and_ if isinstance(node.op, ast.And) else operator.or_, map(value, node.values))
    if isinstance(node, ast.UnaryOp):
        return np.logical_not(value(node.operand)) if isinstance(node.op, ast.Not) else -value(node.operand)
    if isinstance(node, ast.BinOp):
        return _BINARY[type(node.op)](value(node.left), value(node.right))
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name) and (node.id in names or node.id in ("pi", "E")):
        return names[node.id] if node.id in names else constant_as_float(node.id)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.lower() in REGISTRY:
        return functions(REGISTRY[node.func.id.lower()])(*map(value, node.args))
    raise ValueError(f"{ast.unparse(node)!r} cannot stand in a domain or in kinks: comparisons of arguments")


def _possible(node: ast.expr, names: Mapping[str, Any]) -> bool:
    if isinstance(node, ast.BoolOp):
        parts = [_possible(n, names) for n in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
        sides = (_evaluated(n, names, _forward) for n in (node.left, node.comparators[0]))
        gap = operator.sub(*sides)
        return bool(np.min(gap) <= 0 <= np.max(gap))
    return bool(np.any(_evaluated(node, names, _forward)))
