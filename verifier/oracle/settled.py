"""Choices that are made all around a point: what is left of a function there.

Where a > b, max(a, b) is a, here and nearby; so min(max(a, b), a) is a too, though its two arguments are equal. Where
floor(a) is 0, relu(floor(a)) is 0 and moves nowhere, though 0 is its kink. Nothing of that is a kink of the function,
but balls cannot tell, and germs, which can, take some hundred times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ...engine.primitive import REGISTRY, Primitive
from ...engine.tape import Constant, Node, Tape, constant_key, node
from . import balls
from .balls import Ball
from .equals import Equals
from .meanings import Choose
from .rules import Rule, rule_of
from .truth import LADDER

#: Beyond this, of a number's last bit, nothing is a float, nor a product of two.
MOST_EXPONENT = 4096


def settled(tape: Tape, inputs: Sequence[Ball]) -> Tape | None:
    """The tape without choices that are the same all around a point, and what becomes constant by them.

    What is left is the same function around the point, and its operations are those that an engine executes there.
    A node keeps its place, or is a constant in it, to which nothing leads if the node passes on another's value.

    Args:
        tape: a function.
        inputs: the point in balls without radius.

    Returns:
        None where nothing is settled.
    """
    around = _Around(inputs)
    with balls.precision(LADDER[0]):
        nodes = [*tape.nodes[: len(inputs)], *map(around.settle, tape.nodes[len(inputs) :])]
    return Tape(nodes, tape.inputs, around.chosen[tape.output]) if around.is_less else None


class _Around:
    """What is known of the nodes of a tape around a point, as far as they were settled.

    Attributes:
        chosen: for each node the one whose value it passes on, or itself.
        is_less: whether any node was settled.
    """

    def __init__(self, inputs: Sequence[Ball]) -> None:
        self.chosen = list(range(len(inputs)))
        self.is_less = False
        self._values = list(inputs)  # nan behind ties that are not settled
        #: What a node is everywhere around, where that is one exact number.
        self._numbers: list[Fraction | None] = [None] * len(inputs)
        self._equals = Equals(len(inputs))

    def settle(self, old: Node) -> Node:
        """The next node, or what is left of it."""
        i = len(self.chosen)
        if old.primitive is Constant:
            (value,) = old.consts
            return self._stays(i, old, balls.constant(value), constant_key(value), value)
        rule = rule_of(old.primitive, old.consts)
        args = tuple([self.chosen[a] for a in old.args])
        found = self._settled_as(rule, args)
        if found is None:
            value = rule.value(*[self._values[a] for a in args])
            new = node((old.primitive, args, old.consts, old.shape))
            return self._stays(i, new, value, self._equals.key(rule, args), None)
        self.is_less = True
        if isinstance(found, Fraction):
            constant = node((Constant, (), (found,), ()))
            return self._stays(i, constant, balls.constant(found), constant_key(found), found)
        self.chosen.append(found)
        self._values.append(self._values[found])
        self._numbers.append(self._numbers[found])
        self._equals.pass_on(found)
        return _PASSED_ON

    def _stays(self, i: int, new: Node, value: Ball, key: Any, number: Any) -> Node:
        self.chosen.append(i)
        self._values.append(value)
        self._equals.add(key)
        self._numbers.append(number if isinstance(number, Fraction) else None)
        return new

    def _settled_as(self, rule: Rule, args: tuple[int, ...]) -> int | Fraction | None:
        """The one exact number that an operation is everywhere around, or the node whose value it passes on."""
        numbers = [self._numbers[a] for a in args]
        values = [self._values[a] for a in args]
        if None not in numbers:
            return _exactly(rule.value_at_ties(*values))
        if self._vanishes(rule.primitive, args, numbers) and all(value.is_finite() for value in values):
            return Fraction(0)
        if all(slope == 0 for slope in rule.derivatives):  # as of floor, between two of its jumps
            return _exactly(rule.value(*values))
        return self._choice(rule.expression, dict(zip(rule.symbols, args, strict=True)))

    def _vanishes(self, primitive: type[Primitive], args: tuple[int, ...], numbers: list[Fraction | None]) -> bool:
        """Whether an operation is 0·a, a − a or a + (−a)."""
        if primitive is REGISTRY["mul"]:
            return 0 in numbers
        if primitive is REGISTRY["sub"]:
            return self._are_equal(*args)
        return primitive is REGISTRY["add"] and self._equals.are_opposite(*args)

    def _are_equal(self, a: int, b: int) -> bool:
        return self._equals.first[a] == self._equals.first[b]

    def _choice(self, expression: Any, nodes: dict[Any, int]) -> int | Fraction | None:
        """The argument's node or the number that an operation chooses; None where it is neither or not settled.

        A comparison is settled if balls tell its sides apart, or if these are the same value all around.
        """
        while isinstance(expression, Choose):
            relation, *sides, yes, no = expression.args
            left, right = (self._choice(side, nodes) for side in sides)
            if left is None or right is None:
                return None
            if isinstance(left, int) and isinstance(right, int) and self._are_equal(left, right):
                holds: bool | None = relation.name in ("<=", ">=", "==")
            else:
                a, b = (self._values[s] if isinstance(s, int) else balls.constant(s) for s in (left, right))
                holds = balls.holds(relation.name, a, b)
            if holds is None:
                return None
            expression = yes if holds else no
        if expression.is_Rational:
            return Fraction(int(expression.p), int(expression.q))
        return nodes.get(expression)


#: Stands in the place of a node that passes on another's value.
_PASSED_ON = node((Constant, (), (Fraction(0),), ()))


def _exactly(ball: Ball) -> Fraction | None:
    """The number that a ball without radius holds, if it is of a float's size: others may have 10¹¹ digits."""
    if not (ball.is_finite() and ball.is_exact()):
        return None
    mantissa, exponent = map(int, ball.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent if abs(exponent) < MOST_EXPONENT else None
