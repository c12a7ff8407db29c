"""Conditions in a syntax tree: what stands inside Piecewise and where."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from . import vocabulary
from .conditions import Condition, Junction, Relation, Truth, junction, negation
from .grammar import RELATIONS
from .syntax import Source

Act = Callable[[list[Any]], Condition]


def opened(tree: ast.expr, source: Source) -> tuple[Act, list[ast.expr], bool]:
    """A condition taken apart by one level.

    Args:
        tree: what stands where a condition belongs.
        source: for messages.

    Returns:
        What makes the condition of its parts, the parts, and whether these are conditions (else they are
        values).

    Raises:
        InvalidInput: it is no condition.
    """
    if isinstance(tree, ast.Compare):
        return _compared(tree, source)
    if isinstance(tree, ast.BoolOp):
        return _joined(isinstance(tree.op, ast.And)), tree.values, True
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.BitAnd, ast.BitOr)):
        return _joined(isinstance(tree.op, ast.BitAnd)), [tree.left, tree.right], True
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, (ast.Not, ast.Invert)):
        return _negated, [tree.operand], True
    if isinstance(tree, ast.Constant) and isinstance(tree.value, bool):
        truth = Truth(tree.value)
        return lambda parts: truth, [], True
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and not tree.keywords:
        return _called(tree, tree.func.id, source)
    source.fail(tree, EXPECTED)


EXPECTED = "expected a condition: a comparison, And(…), Or(…), Not(…) or True"


def _joined(every: bool) -> Act:
    return lambda parts: junction(every, parts)


def _negated(parts: list[Any]) -> Condition:
    return negation(parts[0])


def _compared(tree: ast.Compare, source: Source) -> tuple[Act, list[ast.expr], bool]:
    """``a < b <= c``: each neighbour compared with the next, each value recorded once."""
    for operator in tree.ops:
        if type(operator) not in RELATIONS:
            source.fail(tree, "expected one of < <= > >= == != between two numbers")
    relations = [RELATIONS[type(operator)] for operator in tree.ops]

    def compare(values: list[Any]) -> Condition:
        pairs = zip(relations, values, values[1:], strict=False)
        parts: list[Condition] = [Relation(relation, left, right) for relation, left, right in pairs]
        return parts[0] if len(parts) == 1 else Junction(True, parts)

    return compare, [tree.left, *tree.comparators], False


def _called(tree: ast.Call, name: str, source: Source) -> tuple[Act, list[ast.expr], bool]:
    """``Lt(a, b)``, ``And(…)`` and the like."""
    parts = tree.args
    relation = vocabulary.RELATIONS.get(name)
    every = vocabulary.JUNCTIONS.get(name)
    expected = {relation is not None: "2 values", name in vocabulary.NEGATIONS: "1 condition"}.get(True)
    if expected is None and every is None:
        source.fail(tree, EXPECTED)
    if (expected and len(parts) != int(expected[0])) or not parts:
        source.fail(tree, f"{name} takes {expected or 'at least 1 condition'}; {len(parts)} given")
    if relation is not None:
        compared = relation
        return lambda values: Relation(compared, values[0], values[1]), parts, False
    return (_negated if every is None else _joined(every)), parts, True
