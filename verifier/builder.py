"""Building tapes while the variables are still being met, and putting a tape into canonical order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from ..engine.tape import Constant, Input, Node, Recorder, Tape
from .errors import LimitExceeded
from .limits import DEFAULT, Limits


class Builder(Recorder):
    """A recorder that meets its variables on the way.

    Until :meth:`tape` is called a variable is a negative index (the first is -1), so that operations can be
    recorded before the number of variables is known; then inputs are put first and all indices move up.

    Args:
        variables: the inputs in their order; if given, no other name may become one.
        limits: how many nodes may be recorded.
    """

    def __init__(self, variables: Sequence[str] | None = None, limits: Limits = DEFAULT) -> None:
        super().__init__()
        self.variables: dict[str, int] = {}
        self.limits = limits
        self.closed = False
        #: Whether conditions were recorded: their nodes may be unreachable or out of order.
        self.branched = False
        if variables is not None:
            for name in variables:
                self.variable(name)
            self.closed = True

    def variable(self, name: str) -> int:
        """Index of a variable, which is met for the first time or known.

        Raises:
            KeyError: the variables were given and this is none of them.
        """
        index = self.variables.get(name)
        if index is None:
            if self.closed:
                raise KeyError(name)
            index = self.variables[name] = -1 - len(self.variables)
        return index

    def integer(self, value: int) -> int:
        """Index of the node of a whole number, found without building a Fraction where it is known."""
        index = self._constants.get((value, 1))
        if index is None:
            index = self._constants[value, 1] = self.add(Constant, (), (Fraction(value),))
        return index

    def value(self, index: int) -> Fraction | None:
        """The exact rational value of a node that is a constant, else None."""
        if index >= 0 and self.nodes[index].primitive is Constant:
            constant = self.nodes[index].consts[0]
            return constant if isinstance(constant, Fraction) else None
        return None

    def tape(self, output: int) -> Tape:
        """The finished tape, inputs first, whose value is node ``output``.

        Raises:
            LimitExceeded: it has more nodes than the limits allow.
        """
        if len(self.nodes) > self.limits.nodes:
            raise LimitExceeded(
                f"the function has {len(self.nodes):,} operations and constants; expected at most {self.limits.nodes:,}"
            )
        shift = len(self.variables)
        nodes = [Node(Input, (), (name,)) for name in self.variables]
        for node in self.nodes:
            args = node.args
            if args:
                node = Node(node.primitive, tuple([a + shift if a >= 0 else -1 - a for a in args]), node.consts)
            nodes.append(node)
        names = [(index + shift, name) for index, name in self.names]
        return Tape(nodes, self.variables, output + shift if output >= 0 else -1 - output, names)


class Action:
    """On the stack of a reader's walk: what to do with the last ``count`` values, whose result takes their
    place."""

    __slots__ = ("act", "count")

    def __init__(self, act: Callable[[list[Any]], Any], count: int) -> None:
        self.act, self.count = act, count


def canonical(tape: Tape) -> Tape:
    """The same function with its nodes in the order of a depth-first walk from the output.

    Arguments come before what uses them, the first argument's part first; equal constants are one node; nodes
    that the output does not need are dropped; inputs stay as they are. Two tapes are the same function,
    operation by operation and sharing included, exactly if their canonical tapes are equal.
    """
    first = len(tape.inputs)
    nodes = list(tape.nodes[:first])
    place: dict[int, int] = {i: i for i in range(first)}
    constants: dict[Any, int] = {}
    stack = [tape.output]
    while stack:
        index = stack[-1]
        if index in place:
            stack.pop()
            continue
        node = tape.nodes[index]
        if node.primitive is Constant:
            value = node.consts[0]
            key = value if isinstance(value, str) else (value.numerator, value.denominator)
            if key not in constants:
                constants[key] = len(nodes)
                nodes.append(node)
            place[index] = constants[key]
            continue
        waiting = [a for a in reversed(node.args) if a not in place]
        if waiting:
            stack.extend(waiting)
            continue
        place[index] = len(nodes)
        nodes.append(Node(node.primitive, tuple([place[a] for a in node.args]), node.consts))
    names = sorted((place[i], name) for i, name in tape.names if i in place)
    return Tape(nodes, tape.inputs, place[tape.output], names)
