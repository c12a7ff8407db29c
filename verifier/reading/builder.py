"""Building tapes while the variables are still being met, and putting a tape into canonical order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from ...engine.tape import Constant, Input, Node, Recorder, Tape, constant_key, node
from ..errors import LimitExceeded
from ..limits import DEFAULT, Limits


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
        #: Whether something recorded nodes in an order of its own: conditions, whose nodes may also be unreachable.
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
        self._check_size()
        shift = len(self.variables)
        nodes = self._inputs()
        for primitive, args, consts, shape in self.nodes:
            if args:
                args = tuple([a + shift if a >= 0 else -1 - a for a in args])
            nodes.append(node((primitive, args, consts, shape)))
        names = [(index + shift, name) for index, name in self.names]
        return Tape(nodes, self.variables, output + shift if output >= 0 else -1 - output, names)

    def canonical_tape(self, output: int) -> Tape:
        """``canonical(tape(output))`` in one walk."""
        self._check_size()
        place = {index: -1 - index for index in self.variables.values()}
        return _in_order(self.nodes, self._inputs(), place, self.variables, output, self.names)

    def _inputs(self) -> list[Node]:
        return [Node(Input, (), (name,)) for name in self.variables]

    def _check_size(self) -> None:
        if len(self.nodes) > self.limits.nodes:
            raise LimitExceeded(
                f"the function has {len(self.nodes):,} operations and constants; expected at most {self.limits.nodes:,}"
            )


def graft(recorder: Recorder, tape: Tape, inputs: Sequence[int]) -> int:
    """Record a tape onto another's nodes: input number i becomes node ``inputs[i]``; the output's new index."""
    index = list(inputs)
    for primitive, args, consts, _ in tape.nodes[len(tape.inputs) :]:
        if primitive is Constant:
            index.append(recorder.constant(consts[0]))
        else:
            index.append(recorder.add(primitive, tuple(index[a] for a in args), consts))
    return index[tape.output]


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
    return _in_order(tape.nodes, tape.nodes[:first], {i: i for i in range(first)}, tape.inputs, tape.output, tape.names)


def _in_order(
    nodes: Sequence[Node],
    inputs: Iterable[Node],
    place: dict[int, int],
    variables: Iterable[str],
    output: int,
    names: Iterable[tuple[int, str]],
) -> Tape:
    """The canonical tape; ``place`` says where the inputs stand, and learns where everything else comes to stand."""
    ordered = list(inputs)
    constants: dict[Any, int] = {}
    known, append = place.get, ordered.append
    stack = [output]
    while stack:
        index = stack.pop()
        if index in place:
            continue
        primitive, args, consts, _ = nodes[index]
        moved: tuple[int, ...]
        if len(args) == 2:  # most operations have one argument or two, and are not kept waiting for a loop over them
            a, b = args
            first, second = known(a), known(b)
            if first is None or second is None:
                stack += (index, b, a)
                continue
            moved = (first, second)
        elif len(args) == 1:
            first = known(args[0])
            if first is None:
                stack += (index, args[0])
                continue
            moved = (first,)
        elif primitive is Constant:
            key = constant_key(consts[0])
            if key not in constants:
                constants[key] = len(ordered)
                append(nodes[index])
            place[index] = constants[key]
            continue
        else:
            waiting = [a for a in args if a not in place]
            if waiting:
                stack.append(index)
                stack += waiting[::-1]
                continue
            moved = tuple([place[a] for a in args])
        place[index] = len(ordered)
        append(node((primitive, moved, consts, ())))
    return Tape(ordered, variables, place[output], sorted([(place[i], name) for i, name in names if i in place]))
