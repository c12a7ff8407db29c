"""Everything that a lesson shows of a function at a point, computed: the page only lights it up step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import NamedTuple

import numpy as np

from ...engine import Execution, NoForwardPass
from ...engine.tape import Tape
from ...verifier.derivation import local_derivatives, node_symbols
from ...verifier.errors import InvalidInput, LimitExceeded
from ...verifier.reading.builder import canonical
from ..chain import apart, function_letters, is_line, node_names, outside, own_letters
from ..notation import apart_in_words
from ..trees import Tree, formulas, name, of_sympy

#: Operations that a picture of two graphs can hold and still be read.
MOST_OPERATIONS = 40
#: Paths that are written out for one input.
MOST_PATHS = 8


class Edge(NamedTuple):
    """A local derivative: of an operation by one of its arguments.

    Attributes:
        source: index of the argument's node.
        derivative: as a formula of the arguments, None where there is none in closed form.
        value: the engine's.
        needs: stored values that the formula is made of.
        own: the operation's letter, where the derivative of its result by this argument is that over all paths.
    """

    source: int
    derivative: Tree | None
    value: float
    needs: tuple[int, ...]
    own: str | None = None


@dataclass(frozen=True)
class Operation:
    """One operation of the tape and its place in the lesson.

    Attributes:
        index: of its node, whose value it computes.
        letter: A, B, C …: its name as a function.
        formula: what it computes, of named values.
        edges: its local derivatives, by each argument that depends on an input.
        forward_step: at which it is computed.
        backward_step: at which its local derivatives are multiplied.
        stored: the values that it was computed from.
        is_tied: at this point its slopes on the two sides differ.
    """

    index: int
    letter: str
    formula: Tree
    edges: tuple[Edge, ...]
    forward_step: int
    backward_step: int
    stored: tuple[int, ...]
    is_tied: bool


class Contribution(NamedTuple):
    """What one backward step adds to the derivative by one value: a product, and the sum with what was known."""

    operation: int
    edge: int
    target: int
    step: int
    product: float
    known: float | None
    total: float
    is_last: bool


class Path(NamedTuple):
    """A way from the output back to an input: operations with the argument that each is left by, and the product."""

    edges: tuple[tuple[int, int], ...]
    product: float


class Cost(NamedTuple):
    """Work that finds all partial derivatives: passes, and multiplications by a local derivative."""

    passes: int
    products: int


def named(tape: Tape) -> Tape:
    """The tape with a name for every value between inputs and output: a, b, c, then letters that mean nothing else.

    d would be read as a differential and e as Euler's number.
    """
    names = dict(tape.names)
    taken = {*tape.inputs, *names.values(), "y"}
    letters = (c for c in "abcpqrstuvwzghjkmn" if c not in taken)
    for index in tape.operations:
        if tape.active[index] and index != tape.output and index not in names:
            names[index] = next(letters, None) or next(v for k in count(1) if (v := f"v{k}") not in taken)
            taken.add(names[index])
    return Tape(tape.nodes, tape.inputs, tape.output, sorted(names.items()))


class Lesson:
    """A function at one point, swept forward and backward by the project's own engine.

    Args:
        tape: the function.
        point: one number for each input.

    Raises:
        InvalidInput: there is nothing to differentiate, or a value in it is not finite.
        LimitExceeded: the function has too many operations to be drawn.
    """

    def __init__(self, tape: Tape, point: Mapping[str, float]) -> None:
        tape = named(canonical(tape))
        self.tape = tape
        self.point = {n: float(point[n]) for n in tape.inputs}
        self.inputs = range(len(tape.inputs))
        active = [i for i in tape.operations if tape.active[i]]
        if not active or not tape.active[tape.output]:
            raise InvalidInput("the lesson needs a function of at least one variable and one operation")
        if len(active) > MOST_OPERATIONS:
            raise LimitExceeded(f"the lesson draws at most {MOST_OPERATIONS} operations; this has {len(active)}")
        self.execution = Execution(tape)
        self.execution.forward(self.point)
        gradient = self.execution.reverse()
        assert self.execution.values is not None
        assert self.execution.adjoints is not None
        self.values = [float(v) for v in self.execution.values]
        self.gradient = {n: float(g) for n, g in gradient.items()}
        self.adjoints = [0.0 if a is None else float(a) for a in self.execution.adjoints]
        self.apart = apart_in_words(apart(gradient, self.execution.adjoints), tape)
        every = node_names(tape)
        self.names = {i: every[i] for i in (*self.inputs, *active)}
        self.is_chain = is_line(tape)
        self._refuse_unreal(active)
        written = formulas(tape, self.names)
        self._letters = function_letters(tape, self.names.values())
        self.own_letters = own_letters(tape, self.names.values())
        self._symbols, self._in_full = node_symbols(tape), formulas(tape, {})
        self.operations = tuple(self._operation(i, place, len(active), written[i]) for place, i in enumerate(active))
        self.by_index = {o.index: o for o in self.operations}
        self.steps = 2 * len(active) + 2

    def _refuse_unreal(self, active: list[int]) -> None:
        for index in (*self.inputs, *active):
            if not np.isfinite(self.values[index]):
                left = outside(self.tape, self.point)
                why = f", since {left}" if left else ""
                raise InvalidInput(
                    f"at this point {self.names[index]} = {self.values[index]}{why}: expected finite values",
                    field="at",
                )
        for index, adjoint in enumerate(self.adjoints):
            if index in self.names and not np.isfinite(adjoint):
                raise InvalidInput(
                    f"at this point the derivative by {self.names[index]} is {adjoint}: expected finite derivatives",
                    field="at",
                )

    def _operation(self, index: int, place: int, total: int, formula: Tree) -> Operation:
        node = self.tape.nodes[index]
        symbols, expressions = self._symbols, self._in_full
        standing = {str(symbols[a]): name(self.names[a]) if a in self.names else expressions[a] for a in node.args}
        by_symbol = {str(symbols[a]): a for a in node.args if a in self.names}
        with np.errstate(all="ignore"):
            values = self.execution.local(index)
        edges: list[Edge] = []
        for argument, derivative, value in zip(
            node.args, local_derivatives(self.tape, index, symbols), values, strict=True
        ):
            if self.tape.active[argument]:
                used = sorted(
                    {by_symbol[str(s)] for s in getattr(derivative, "free_symbols", ()) if str(s) in by_symbol}
                )
                tree = None if derivative is None else of_sympy(derivative, standing)
                own = self.own_letters.get((index, len(edges)))
                edges.append(Edge(argument, tree, float(value), tuple(used), own))
        stored = tuple(dict.fromkeys(a for a in node.args if a in self.names))
        return Operation(
            index,
            self._letters[index],
            formula,
            tuple(edges),
            place + 1,
            2 * total + 1 - place,
            stored,
            self.execution.is_corner(index),
        )

    @property
    def is_multivariate(self) -> bool:
        """Whether derivatives by the inputs are partial ones."""
        return len(self.tape.inputs) > 1

    @property
    def seed_step(self) -> int:
        """The step at which dy/dy = 1 is written."""
        return len(self.operations) + 1

    @cached_property
    def contributions(self) -> tuple[Contribution, ...]:
        """Every product of the backward pass in its order, with the sums as the engine forms them."""
        remaining = dict(self.uses)
        known: dict[int, float] = {}
        found = []
        for operation in reversed(self.operations):
            for place, edge in enumerate(operation.edges):
                product = self.adjoints[operation.index] * edge.value
                before = known.get(edge.source)
                total = product if before is None else before + product
                known[edge.source] = total
                remaining[edge.source] -= 1
                found.append(
                    Contribution(
                        operation.index,
                        place,
                        edge.source,
                        operation.backward_step,
                        product,
                        before,
                        total,
                        remaining[edge.source] == 0,
                    )
                )
        return tuple(found)

    @cached_property
    def uses(self) -> dict[int, int]:
        """How often each value is used."""
        counts = dict.fromkeys(self.names, 0)
        for operation in self.operations:
            for edge in operation.edges:
                counts[edge.source] += 1
        return counts

    def paths(self, index: int) -> tuple[list[Path], int]:
        """The first ways from the output back to a node, and how many there are in all."""
        users: dict[int, list[tuple[int, int]]] = {}
        for operation in self.operations:
            for place, edge in enumerate(operation.edges):
                users.setdefault(edge.source, []).append((operation.index, place))
        counts: dict[int, int] = {self.tape.output: 1}
        for node in sorted(self.names, reverse=True):
            if node != self.tape.output:
                counts[node] = sum(counts[user] for user, _ in users.get(node, ()))
        found: list[Path] = []
        stack: list[tuple[int, tuple[tuple[int, int], ...]]] = [(index, ())]
        while stack and len(found) < MOST_PATHS:
            node, behind = stack.pop()
            if node == self.tape.output:
                product = 1.0
                for user, place in behind:
                    product *= self.by_index[user].edges[place].value
                found.append(Path(behind, product))
                continue
            stack.extend((user, ((user, place), *behind)) for user, place in users.get(node, ()))
        return found, counts[index]

    @cached_property
    def forgotten(self) -> str:
        """The engine's own words when a backward pass is asked for after the stored values were dropped."""
        execution = Execution(self.tape)
        execution.forward(self.point)
        execution.drop()
        try:
            execution.reverse()
        except NoForwardPass as error:
            return str(error)
        raise AssertionError("the engine swept backward without stored values")

    @cached_property
    def backward_cost(self) -> Cost:
        """One backward pass serves all inputs."""
        return Cost(1, len(self.contributions))

    @cached_property
    def forward_cost(self) -> Cost:
        """One forward (tangent) pass for each input, each over the operations that the input reaches."""
        products = 0
        for moving in self.inputs:
            reached = {moving}
            for operation in self.operations:
                moved = sum(edge.source in reached for edge in operation.edges)
                products += moved
                if moved:
                    reached.add(operation.index)
        return Cost(len(self.inputs), products)

    @cached_property
    def tangents(self) -> dict[str, float]:
        """The partial derivatives once more, each by a forward pass of its own."""
        return {n: float(self.execution.tangent({n: 1.0})) for n in self.tape.inputs}
