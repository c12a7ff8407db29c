"""The sweeps over a tape: forward (primal values), reverse (adjoints), tangent (directional derivative).

All are loops in the order of the tape or against it, never recursion, so a chain of a million nodes costs a
million steps. Every value may be an array of K points: one sweep serves them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from .errors import MissingValue, NoForwardPass
from .primitive import Primitive
from .tape import Constant, Node, Tape, constant_as_float
from .ties import direction as all_inputs
from .ties import found, resolved
from .variable import Variable, record

Rules = Mapping[type[Primitive], type[Primitive]]


class Execution:
    """One tape, run: the values that the forward pass stored and the sweeps that need them.

    Args:
        tape: the function.
        dtype: floating type of all values.
        rules: primitives to put in place of others (how a fault is planted, how a rule is tried out).
    """

    def __init__(self, tape: Tape, dtype: DTypeLike = np.float64, rules: Rules | None = None) -> None:
        self.tape = tape
        self.dtype = np.dtype(dtype)
        self._cast: Callable[[Any], Any] = self.dtype.type
        self._rules = rules
        self.values: list[Any] | None = None
        self.adjoints: list[Any] | None = None
        self._ties: dict[int, Any] = {}
        self._moved: dict[int, list[Any]] | None = None
        self._dropped = False
        #: Of the points; None while Variables are traced.
        self._shape: tuple[int, ...] | None = None

    def _rule(self, node: Node) -> type[Primitive]:
        return node.primitive if self._rules is None else self._rules.get(node.primitive, node.primitive)

    def _consts(self, node: Node) -> dict[str, Any]:
        return {
            name: value if name == "relation" else self._cast(constant_as_float(value))
            for name, value in zip(node.primitive.constants, node.consts, strict=True)
        }

    def forward(self, point: Mapping[str, ArrayLike]) -> Any:
        """Evaluate every node in order, store all values, return the output's.

        Args:
            point: a number or an array of K numbers for each input; numbers serve all K points.

        Raises:
            MissingValue: the point lacks an input.
        """
        values: list[Any] = []
        for name in self.tape.inputs:
            if name not in point:
                raise MissingValue(name, list(point))
            values.append(self._value(point[name]))
        traced = any(isinstance(v, Variable) for v in values)
        shapes = set() if traced else {v.shape for v in values}
        self._shape = None if traced else shapes.pop() if len(shapes) == 1 else np.broadcast_shapes(*shapes)
        cast, rules = self._cast, self._rules
        with np.errstate(all="ignore"):
            for node in self.tape.nodes[len(values) :]:
                primitive, indices, consts, _ = node
                if primitive is Constant:
                    values.append(cast(constant_as_float(consts[0])))
                    continue
                rule = primitive if rules is None else rules.get(primitive, primitive)
                args = [values[a] for a in indices]
                if traced and any(isinstance(a, Variable) for a in args):
                    values.append(record(rule, args, consts))
                elif consts:
                    values.append(rule.forward(*args, **self._consts(node)))
                else:
                    values.append(rule.forward(*args))
        self.values, self.adjoints, self._moved, self._dropped = values, None, None, False
        return values[self.tape.output]

    def _value(self, given: ArrayLike) -> Any:
        """The given value in this execution's dtype; a Variable as it is, so that sweeps can be traced."""
        if isinstance(given, Variable):
            return given
        array = np.asarray(given).astype(self.dtype, copy=False)
        return array if array.ndim else array[()]

    def drop(self) -> None:
        """Forget the stored values; a later sweep that needs them is an error that says so."""
        self.values = self.adjoints = self._moved = None
        self._dropped = True

    def local(self, index: int) -> tuple[Any, ...]:
        """The local derivatives of one node, one for each argument, at the stored values.

        Raises:
            NoForwardPass: nothing is stored.
        """
        values = self.values
        if values is None:
            raise NoForwardPass("reverse", self._dropped)
        if self._moved is None:
            self._meet_ties()
        primitive, indices, consts, _ = self.tape.nodes[index]
        args = (self._moved and self._moved.get(index)) or [values[a] for a in indices]
        if consts or self._rules is not None:
            return self._local_at(index, args)
        partials = primitive.derivative(*args, values[index])
        return partials if partials.__class__ is tuple else (partials,)

    def _local_at(self, index: int, args: list[Any]) -> tuple[Any, ...]:
        assert self.values is not None
        node = self.tape.nodes[index]
        consts = self._consts(node) if node.consts else {}
        partials = self._rule(node).derivative(*args, self.values[index], **consts)
        return partials if isinstance(partials, tuple) else (partials,)

    def _meet_ties(self) -> None:
        self._ties = self.ties()
        with np.errstate(all="ignore"):
            self._moved = self._side(all_inputs(len(self.tape.inputs)))

    def ties(self) -> dict[int, Any]:
        """The operations that tie at the stored values, each with how often it does at the K points."""
        assert self.values is not None
        values, nodes = self.values, self.tape.nodes
        if not self.tape.kinked or any(isinstance(v, Variable) for v in values):
            return {}
        return found(self.tape, lambda i: self._tied(nodes[i], [values[a] for a in nodes[i].args]))

    def _tied(self, node: Node, args: list[Any]) -> Any:
        tied = self._rule(node).tied
        return False if tied is None else tied(*args, **self._consts(node))

    def _side(self, tangents: list[Any]) -> dict[int, list[Any]]:
        """Where several operations tie at one point: their arguments when the inputs move so (see :mod:`.ties`)."""
        assert self.values is not None
        if not self._ties:
            return {}
        return resolved(
            self.tape, self.values, self._ties, tangents, lambda i: self._rule(self.tape.nodes[i]), self._local_at
        )

    def reverse(self, seed: ArrayLike = 1.0, keep: bool = True) -> dict[str, Any]:
        """Multiply local derivatives from the output side: dy/d(input) for all inputs in one sweep.

        Where a value is used more than once, the products of its paths are summed. ``self.adjoints`` then
        holds dy/d(node) for every node on a path from an input to the output, None elsewhere.

        Args:
            seed: dy/dy, 1 unless the tape is a part of a larger function.
            keep: whether values and adjoints stay stored. If not, each is given up once the sweep has passed it, so
                that its memory serves the next ones while it is still in the processor's cache.

        Raises:
            NoForwardPass: there was no forward pass, or its values were dropped.
        """
        if self.values is None:
            raise NoForwardPass("reverse", self._dropped)
        if self._moved is None:
            self._meet_ties()
        keep = keep or bool(self._moved) or self.tape.chooses
        adjoints = self._adjoints(seed, keep)
        partials = {name: self._partial(j, adjoints) for j, name in enumerate(self.tape.inputs)}
        if self._moved and len(partials) > 1:
            self._leave_ties_by_each(partials, seed)
        if self._shape and len({id(p) for p in partials.values()}) < len(partials):
            # sums hand one array on to both of their arguments: nobody shall get another's
            partials = {name: p.copy() for name, p in partials.items()}
        if keep:
            self.adjoints = adjoints
        else:
            self.drop()
        return partials

    def _adjoints(self, seed: ArrayLike, keep: bool = True) -> list[Any]:
        """Adjoints of all nodes; where they are nan and a branch was chosen, without what lies on the others."""
        adjoints = self._back(seed, keep)
        if self.tape.chooses and self._is_nan(adjoints):
            adjoints = self._back(seed, alive={self.tape.output: True})
        return adjoints

    def _is_nan(self, adjoints: list[Any]) -> bool:
        """Whether 0·∞ or ∞ − ∞ has reached an input."""
        reached = [a for a in adjoints[: len(self.tape.inputs)] if a is not None]
        return not any(isinstance(a, Variable) for a in reached) and any(np.isnan(a).any() for a in reached)

    def _back(self, seed: ArrayLike, keep: bool = True, alive: dict[int, Any] | None = None) -> list[Any]:
        """Adjoints of all nodes.

        Args:
            seed, keep: as for :meth:`reverse`.
            alive: nodes, with where the output depends on them. If given, branches that are not taken are left out:
                in where(x > 0, log(x), 0) at x = 0 the slope of the logarithm is infinite, and 0·∞ would be nan.
        """
        tape, active, accumulate, values = self.tape, self.tape.active, self._accumulate, self.values
        assert values is not None
        # nothing replaced, moved or overridden: what `local` would do, without its questions at every node
        is_plain = self._rules is None and not self._moved and type(self).local is Execution.local
        nodes, output = tape.nodes, tape.output
        adjoints: list[Any] = [None] * len(nodes)
        adjoints[output] = self._value(seed)
        with np.errstate(all="ignore"):
            for i in range(output, len(tape.inputs) - 1, -1):
                adjoint = adjoints[i]
                if adjoint is None or not active[i]:
                    continue
                primitive, args, consts, _ = nodes[i]
                if is_plain and not consts:
                    partials = primitive.derivative(*[values[a] for a in args], values[i])
                    if partials.__class__ is not tuple:
                        partials = (partials,)
                else:
                    partials = self.local(i)
                if not keep:
                    values[i] = adjoints[i] = None
                for argument, partial in zip(args, partials, strict=True):
                    if active[argument]:
                        # most sums and differences: a product with 1 would copy, and change nothing
                        is_one = partial.__class__ is float and partial == 1.0
                        product = adjoint if is_one else adjoint * partial
                        if alive is not None:
                            counts = alive[i] & (partial != 0.0) if primitive.chooses else alive[i]
                            alive[argument] = alive.get(argument, False) | counts
                            product = np.where(counts, product, self._cast(0))[()]
                        known = adjoints[argument]
                        adjoints[argument] = product if known is None else accumulate(known, product)
        return adjoints

    def _leave_ties_by_each(self, partials: dict[str, Any], seed: ArrayLike) -> None:
        """Where ties meet that a variable moves, its partial is the slope to the side to which it grows.

        One more sweep for each such variable, and one for those that meet no ties or one alone.
        """
        along_all, self._moved = self._moved, {}
        at_point = self._adjoints(seed)
        for j, name in enumerate(self.tape.inputs):
            with np.errstate(all="ignore"):
                self._moved = self._side([1.0 if k == j else None for k in range(len(partials))])
            partials[name] = self._partial(j, self._adjoints(seed) if self._moved else at_point)
        self._moved = along_all

    def _partial(self, j: int, adjoints: list[Any]) -> Any:
        return self._broadcast(self._cast(0) if adjoints[j] is None else adjoints[j])

    @staticmethod
    def _accumulate(known: Any, product: Any) -> Any:
        """The adjoint of a value that is used more than once: the sum over its paths."""
        return known + product

    def tangent(self, direction: Mapping[str, ArrayLike]) -> Any:
        """Directional derivative of the output: local derivatives multiplied from the input side.

        Where ties meet, it is the slope to the side to which the direction points.

        Args:
            direction: the tangent of each input; inputs it does not name do not move.

        Raises:
            NoForwardPass: there was no forward pass, or its values were dropped.
        """
        if self.values is None:
            raise NoForwardPass("tangent", self._dropped)
        tangents: list[Any] = [self._value(direction[name]) if name in direction else None for name in self.tape.inputs]
        self._ties = self.ties()
        with np.errstate(all="ignore"):
            self._moved = self._side(tangents)
            for i in range(len(tangents), len(self.tape)):
                moved: Any = None
                node = self.tape.nodes[i]
                if any(tangents[a] is not None for a in node.args):
                    for argument, partial in zip(node.args, self.local(i), strict=True):
                        if tangents[argument] is not None:
                            product = partial * tangents[argument]
                            if node.primitive.chooses and not isinstance(product, Variable):
                                product = np.where(partial == 0.0, self._cast(0), product)[()]
                            moved = product if moved is None else moved + product
                tangents.append(moved)
        self._moved = None
        result = tangents[self.tape.output]
        return self._broadcast(self._cast(0) if result is None else result)

    def _broadcast(self, derivative: Any) -> Any:
        """A derivative in the shape of the points, even where it does not depend on them."""
        shape = self._shape
        if shape is None or isinstance(derivative, Variable) or derivative.shape == shape:
            return derivative
        return np.broadcast_to(derivative, shape).copy()


#: Points that a sweep takes at a time: the values and adjoints of so many stay in the processor's cache.
BLOCK = 8192


def gradient(tape: Tape, point: Mapping[str, ArrayLike], dtype: DTypeLike = np.float64) -> tuple[Any, dict[str, Any]]:
    """Value and gradient of a tape at a point, in one forward and one reverse sweep.

    More than ``BLOCK`` points are swept block by block, so that memory does not grow with points times nodes.
    """
    return swept(Execution(tape, dtype), point)


def swept(execution: Execution, point: Mapping[str, ArrayLike]) -> tuple[Any, dict[str, Any]]:
    """As :func:`gradient`, by an execution of the tape."""
    count = max([a.size for a in point.values() if a.__class__ is np.ndarray], default=1)
    if count <= BLOCK:
        return execution.forward(point), execution.reverse()
    value = np.empty(count, execution.dtype)
    partials = {name: np.empty(count, execution.dtype) for name in execution.tape.inputs}
    for start in range(0, count, BLOCK):
        block = slice(start, start + BLOCK)
        here = {name: a[block] if isinstance(a, np.ndarray) and a.size > 1 else a for name, a in point.items()}
        value[block] = execution.forward(here)
        for name, partial in execution.reverse(keep=False).items():
            partials[name][block] = partial
    return value, partials
