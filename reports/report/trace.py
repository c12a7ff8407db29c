"""A function at one point with everything that a page shows of it: values, local derivatives, derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ...engine import Execution
from ...engine.tape import Tape
from ...verifier.derivation import local_derivatives, node_symbols
from ..chain import apart, function_letters, node_names, own_letters
from ..trees import Tree, formulas, name, of_sympy

#: Operators and names up to which a formula is written as one; beyond, as a list of definitions.
MOST_SIGNS = 120


def formula(tape: Tape) -> Tree | None:
    """A function as one formula; None where that would be too long to be read."""
    sizes: list[int] = []
    for node in tape.nodes:
        sizes.append(1 + sum(sizes[a] for a in node.args))
    return None if sizes[tape.output] > MOST_SIGNS else formulas(tape, {})[tape.output]


class Edge(NamedTuple):
    """A local derivative of an operation.

    Attributes:
        source: index of the argument's node.
        argument: its position among the arguments.
        derivative: as a formula of the arguments; None where there is none in closed form.
        value: the project's own engine's.
        own: the operation's letter, where the derivative of its result by this argument is that over all paths.
    """

    source: int
    argument: int
    derivative: Tree | None
    value: float
    own: str | None = None


class Trace:
    """A tape swept forward and backward by the project's own engine at one point.

    Args:
        tape: the function.
        point: one number for each input.
        dtype: floating type of the sweep.

    Attributes:
        names: of the inputs and of every operation that depends on one.
        letters: of these operations, as functions.
        dtype: floating type of the sweep.
        values, adjoints: by node.
        apart: what the engine returns by an input, where that is another number than its adjoint.
    """

    def __init__(self, tape: Tape, point: Mapping[str, float], dtype: str = "float64") -> None:
        self.tape, self.point = tape, {n: point[n] for n in tape.inputs}
        self.dtype = dtype
        self._execution = Execution(tape, dtype)
        self._execution.forward(self.point)
        gradient = self._execution.reverse()
        values, adjoints = self._execution.values, self._execution.adjoints
        assert values is not None
        assert adjoints is not None
        self.values = [float(v) for v in values]
        self.adjoints = [0.0 if a is None else float(a) for a in adjoints]
        self.apart = apart(gradient, adjoints)
        every = node_names(tape)
        self.operations = [i for i in tape.operations if tape.active[i]]
        self.names = {i: every[i] for i in (*range(len(tape.inputs)), *self.operations)}
        self.letters = function_letters(tape, self.names.values())
        self.is_multivariate = len(tape.inputs) > 1

    @cached_property
    def edges(self) -> dict[int, list[Edge]]:
        """The local derivatives of every operation by the arguments that depend on an input."""
        tape, symbols = self.tape, node_symbols(self.tape)
        written, own = formulas(tape, {}), own_letters(tape, self.names.values())
        found: dict[int, list[Edge]] = {}
        for index in self.operations:
            arguments = tape.nodes[index].args
            standing = {str(symbols[a]): name(self.names[a]) if a in self.names else written[a] for a in arguments}
            with np.errstate(all="ignore"):
                values = self._execution.local(index)
            derivatives = local_derivatives(tape, index, symbols)
            active = [(k, a) for k, a in enumerate(arguments) if tape.active[a]]
            trees = {k: None if derivatives[k] is None else of_sympy(derivatives[k], standing) for k, _ in active}
            found[index] = [
                Edge(a, k, trees[k], float(values[k]), own.get((index, place))) for place, (k, a) in enumerate(active)
            ]
        return found

    @cached_property
    def corners(self) -> list[int]:
        """The operations whose slopes on their two sides differ here."""
        return [i for i in self.operations if self._execution.is_corner(i)]

    @cached_property
    def definitions(self) -> list[tuple[str, Tree]]:
        """Every operation as a formula of its named arguments."""
        written = formulas(self.tape, self.names)
        return [(self.names[i], written[i]) for i in self.operations]

    def paths(self, index: int, most: int) -> list[list[tuple[int, Edge]]] | None:
        """The ways from the output back to a node, each as operations and edges; None if they are more than so many."""
        users: dict[int, list[tuple[int, Edge]]] = {}
        for user, edges in self.edges.items():
            for edge in edges:
                users.setdefault(edge.source, []).append((user, edge))
        counts = {self.tape.output: 1}
        for node in sorted(self.names, reverse=True):
            if node != self.tape.output:
                counts[node] = sum(counts[user] for user, _ in users.get(node, ()))
        if counts[index] > most:
            return None
        found: list[list[tuple[int, Edge]]] = []
        stack: list[tuple[int, list[tuple[int, Edge]]]] = [(index, [])]
        while stack:
            node, behind = stack.pop()
            if node == self.tape.output:
                found.append(behind)
            else:
                stack.extend((user, [(user, edge), *behind]) for user, edge in reversed(users.get(node, ())))
        return found


class Suspect(NamedTuple):
    """What a record blames: kind, node and position of the argument, each None where unknown."""

    kind: str | None
    node: int | None
    argument: int | None

    @classmethod
    def of(cls, blame: Mapping[str, Any] | None, trace: Trace) -> Suspect:
        """The suspect of a record's blame, if it is part of this function.

        A record's expression can be read into a tape with its nodes in another order: what has the name that is
        blamed is meant, and of several the one nearest to the blamed index.
        """
        blame = blame or {}
        primitive, node, argument = (blame.get(key) for key in ("primitive", "node", "argument"))
        named = [i for i in trace.operations if primitive in (None, trace.tape.nodes[i].primitive.name)]
        if not isinstance(node, int) or not named:
            return cls(blame.get("kind"), None, None)
        nearest = min(named, key=lambda i: abs(i - node))
        return cls(blame.get("kind"), nearest, argument if isinstance(argument, int) else None)

    def is_edge(self, operation: int, edge: Edge) -> bool:
        """Whether it is this local derivative."""
        return self.kind != "forward" and operation == self.node and edge.argument == self.argument
