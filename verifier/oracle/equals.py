"""Which nodes of a tape are the same value, as balls cannot tell: a − a is nothing, and a tie of a with a is one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...engine.primitive import REGISTRY
from .rules import Rule, rule_of


class Equals:
    """The nodes of a tape, one added after the other, each with the first one that is the same value.

    Two nodes are that if they are operations of one meaning (1/x and x**-1) on the same values.

    Args:
        inputs: how many nodes there are to begin with, each a value of its own.

    Attributes:
        first: for each node the first one that is the same value.
    """

    def __init__(self, inputs: int) -> None:
        self.first = list(range(inputs))
        self._nodes: dict[Any, int] = {}

    def add(self, key: Any) -> int:
        """The first node that is the same value as the next one.

        Args:
            key: of that value: an operation's (:meth:`key`), or what tells it from all others.
        """
        first = self._nodes.setdefault(key, len(self.first))
        self.first.append(first)
        return first

    def pass_on(self, node: int) -> None:
        """The next node is the value of another one."""
        self.first.append(self.first[node])

    def also(self, node: int, key: Any) -> int:
        """The first node that is the same value as this one, which is found to be told by another key, too."""
        self.first[node] = self.first[self._nodes.setdefault(key, node)]
        return self.first[node]

    def key(self, rule: Rule, args: Sequence[int]) -> Any:
        """What all operations have in common that are the same value as this one."""
        return rule.expression, rule.symbols, *[self.first[a] for a in args]

    def are_opposite(self, a: int, b: int) -> bool:
        """Whether one of two nodes is the negative of the other, by an operation of the tape."""
        negative = rule_of(REGISTRY["neg"])
        of_a, of_b = (self._nodes.get(self.key(negative, (node,))) for node in (a, b))
        return of_a == self.first[b] or of_b == self.first[a]
