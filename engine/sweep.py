"""The sweeps over a tape: forward (primal values), reverse (adjoints), tangent (directional derivative).

All are loops in the order of the tape or against it, never recursion, so a chain of a million nodes costs a
million steps. Every value may be an array of K points: one sweep serves them all.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from .blocks import BLOCK, block_size, common_shape, keep_what_is_freed
from .branches import chosen, either, is_dead
from .conditions import WITHIN_SMOOTH
from .errors import MissingValue, NoForwardPass
from .loops import adjoints_back, values_forward
from .primitive import Primitive
from .tape import Constant, Tape, constant_as_float
from .ties import direction as all_inputs
from .ties import found, is_corner, resolved
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
        self._rules = rules or {}
        self._constants: dict[int, dict[str, Any]] = {}
        self.values: list[Any] | None = None
        self.adjoints: list[Any] | None = None
        #: The factors of the products, as the rules returned them: a number, or a tuple with one for each argument.
        self.local_derivatives: list[Any] | None = None
        self._ties: dict[int, Any] = {}
        self._moved: dict[int, list[Any]] | None = None
        self._dropped = False
        #: Of the points; None while Variables are traced.
        self._shape: tuple[int, ...] | None = None

    def _rule(self, primitive: type[Primitive]) -> type[Primitive]:
        return self._rules.get(primitive, primitive)

    def _number(self, value: Any) -> Any:
        """The value of a constant, or of one of a node's constants, in this execution's dtype."""
        return self._cast(constant_as_float(value))

    def _named(self, index: int) -> dict[str, Any]:
        """The constants of a node by name, in this execution's dtype; made once, however many sweeps read them."""
        named = self._constants.get(index)
        if named is None:
            node = self.tape.nodes[index]
            named = self._constants[index] = node.primitive.keywords(node.consts, self._number)
        return named

    @np.errstate(all="ignore")
    def forward(self, point: Mapping[str, ArrayLike]) -> Any:
        """Evaluate every node in order, store all values, return the output's.

        Args:
            point: a number or an array of K numbers for each input; numbers serve all K points.

        Raises:
            MissingValue: the point lacks an input.
            EngineError: its arrays are of different sizes.
        """
        values: list[Any] = []
        for name in self.tape.inputs:
            if name not in point:
                raise MissingValue(name, list(point))
            values.append(self._value(point[name]))
        self._shape = () if {*map(type, values)} == {self._cast} else self._shape_of(values)
        if self._shape is None:
            self._trace(values)
        else:
            functions = {p: self._rules.get(p, p).forward for p in self.tape.primitives} | {Constant: self._number}
            values_forward(self.tape, values, functions, self._named)
        self.values, self.adjoints, self.local_derivatives = values, None, None
        self._moved, self._dropped = None, False
        return values[self.tape.output]

    def _shape_of(self, values: list[Any]) -> tuple[int, ...] | None:
        """The common shape of the inputs; None where one of them is traced."""
        if any(isinstance(v, Variable) for v in values):
            return None
        return common_shape(dict(zip(self.tape.inputs, values, strict=True)))

    def _trace(self, values: list[Any]) -> None:
        """Record every node that depends on a Variable, evaluate the others."""
        for i, node in enumerate(self.tape.nodes[len(values) :], len(values)):
            args, rule = [values[a] for a in node.args], self._rule(node.primitive)
            if node.primitive is Constant:
                values.append(self._number(node.consts[0]))
            elif any(isinstance(a, Variable) for a in args):
                values.append(record(rule, args, node.consts))
            else:
                values.append(rule.forward(*args, **self._named(i)))

    def _value(self, given: ArrayLike) -> Any:
        """The given value in this execution's dtype; a Variable as it is, so that sweeps can be traced."""
        kind = given.__class__
        if kind is self._cast:
            return given
        if kind is float:
            return self._cast(given)
        if isinstance(given, Variable):
            return given
        array = np.asarray(given).astype(self.dtype, copy=False)
        return array if array.ndim else array[()]

    def drop(self) -> None:
        """Forget the stored values; a later sweep that needs them is an error that says so."""
        self.values = self.adjoints = self.local_derivatives = self._moved = None
        self._dropped = True

    def local(self, index: int) -> tuple[Any, ...]:
        """The local derivatives of one node, one for each argument, at the stored values.

        Raises:
            NoForwardPass: nothing is stored.
        """
        if self.values is None:
            raise NoForwardPass("reverse", self._dropped)
        if self._moved is None:
            with np.errstate(all="ignore"):
                self._meet_ties()
        args = self._moved and self._moved.get(index)
        return self._local_at(index, args or [self.values[a] for a in self.tape.nodes[index].args])

    def _local_at(self, index: int, args: list[Any]) -> tuple[Any, ...]:
        assert self.values is not None
        primitive = self.tape.nodes[index].primitive
        within = WITHIN_SMOOTH.set(primitive.tied is None)
        try:
            partials = self._rule(primitive).derivative(*args, self.values[index], **self._named(index))
        finally:
            WITHIN_SMOOTH.reset(within)
        return partials if isinstance(partials, tuple) else (partials,)

    def _meet_ties(self) -> None:
        self._ties = self.ties()
        self._moved = self._side(all_inputs(len(self.tape.inputs))) if self._ties else {}

    def ties(self) -> dict[int, Any]:
        """The operations that tie at the stored values, each with how often it does at the K points."""
        assert self.values is not None
        values, nodes = self.values, self.tape.nodes
        if not self.tape.kinked or any(isinstance(v, Variable) for v in values):
            return {}
        return found(self.tape, lambda i: self._tied(i, [values[a] for a in nodes[i].args]))

    def _tied(self, index: int, args: list[Any]) -> Any:
        tied = self._rule(self.tape.nodes[index].primitive).tied
        return False if tied is None else tied(*args, **self._named(index))

    @np.errstate(all="ignore")
    def is_corner(self, index: int) -> bool:
        """Whether a node is an operation with different slopes on its two sides, at the stored values of one point."""
        assert self.values is not None
        node, value = self.tape.nodes[index], self.values[index]
        here = [self.values[a] for a in node.args]
        if not node.args or not np.any(self._tied(index, here)):
            return False
        return is_corner(
            self._rule(node.primitive), self._named(index), here, value, lambda args: self._local_at(index, args)
        )

    def _side(self, tangents: list[Any]) -> dict[int, list[Any]]:
        """Where several operations tie at one point: their arguments when the inputs move so (see :mod:`.ties`)."""
        assert self.values is not None
        if not self._ties:
            return {}
        rules = [self._rule(node.primitive) for node in self.tape.nodes]
        return resolved(self.tape, self.values, self._ties, tangents, rules.__getitem__, self._local_at)

    @np.errstate(all="ignore")
    def reverse(self, seed: ArrayLike = 1.0, keep: bool = True) -> dict[str, Any]:
        """Multiply local derivatives from the output side: dy/d(input) for all inputs in one sweep.

        Where a value is used more than once, the products of its paths are summed. For every node on a path from an
        input to the output ``self.adjoints`` then holds dy/d(node), and ``self.local_derivatives`` its derivative by
        each of its arguments; elsewhere None.

        Args:
            seed: dy/dy, 1 unless the tape is a part of a larger function.
            keep: whether values, adjoints and local derivatives stay stored. If not, each is given up once the sweep
                has passed it, so that its memory serves the next ones while it is still in the processor's cache.

        Raises:
            NoForwardPass: there was no forward pass, or its values were dropped.
        """
        if self.values is None:
            raise NoForwardPass("reverse", self._dropped)
        if self._moved is None:
            self._meet_ties()
        keep = keep or bool(self._moved) or self.tape.chooses
        adjoints = self._adjoints(seed, keep)
        if self._shape:
            partials = {name: self._partial(j, adjoints) for j, name in enumerate(self.tape.inputs)}
        else:
            zero = self._cast(0)
            partials = {name: zero if a is None else a for name, a in zip(self.tape.inputs, adjoints, strict=False)}
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
        """Adjoints of all nodes; where they are nan and a branch was chosen, without what lies on the others.

        Of what is traced nobody knows yet where it will be nan: there they are always recorded without.
        """
        assert self.values is not None
        if not self.tape.chooses:
            return self._back(seed, keep)
        is_traced = isinstance(self.values[self.tape.output], Variable)
        adjoints = [] if is_traced else self._back(seed, keep)
        if is_traced or self._is_nan(adjoints):
            adjoints = self._back(seed, alive={self.tape.output: 1.0})
        return adjoints

    def _is_nan(self, adjoints: list[Any]) -> bool:
        """Whether 0·∞ or ∞ − ∞ has reached an input."""
        reached = [a for a in adjoints[: len(self.tape.inputs)] if a is not None]
        return not any(isinstance(a, Variable) for a in reached) and any(np.isnan(a).any() for a in reached)

    def _back(self, seed: ArrayLike, keep: bool = True, alive: dict[int, Any] | None = None) -> list[Any]:
        """Adjoints of all nodes.

        Args:
            seed, keep: as for :meth:`reverse`.
            alive: nodes, with 0 where the output does not depend on them. If given, branches that are not taken are
                left out: in where(x > 0, log(x), 0) at x = 0 the slope of the logarithm is infinite, and 0·∞ would
                be nan.
        """
        tape, values, accumulate = self.tape, self.values, self._accumulate
        assert values is not None
        adjoints: list[Any] = [None] * len(tape)
        adjoints[tape.output] = self._value(seed)
        kept = self.local_derivatives = [None] * len(tape) if keep else None
        is_traced = isinstance(values[tape.output], Variable)
        if alive is None and not self._moved and not is_traced and type(self).local is Execution.local:
            functions = {p: self._rules.get(p, p).derivative for p in tape.primitives if p.arguments}
            adjoints_back(tape, values, adjoints, functions, self._named, accumulate, kept)
            return adjoints
        for i in range(tape.output, len(tape.inputs) - 1, -1):
            adjoint = adjoints[i]
            if adjoint is None or not tape.active[i]:
                continue
            primitive, args, _, _ = tape.nodes[i]
            partials = tuple(self.local(i))
            if kept is None:
                values[i] = adjoints[i] = None
            else:
                kept[i] = partials if len(partials) > 1 else partials[0]
            for argument, partial in zip(args, partials, strict=True):
                if tape.active[argument]:
                    if alive is None:
                        product = adjoint * partial
                    else:
                        counts = chosen(partial != 0.0, alive[i], 0.0) if primitive.chooses else alive[i]
                        if is_traced and is_dead(counts):
                            continue
                        alive[argument] = either(alive.get(argument, 0.0), counts)
                        product = adjoint * partial
                        if not is_traced or isinstance(partial, Variable) or not np.isfinite(partial).all():
                            product = chosen(counts != 0.0, product, self._cast(0))  # else it is 0 with the adjoint
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
            self._moved = self._side([1.0 if k == j else None for k in range(len(partials))])
            partials[name] = self._partial(j, self._adjoints(seed) if self._moved else at_point)
        self._moved = along_all

    def _partial(self, j: int, adjoints: list[Any]) -> Any:
        return self._broadcast(self._cast(0) if adjoints[j] is None else adjoints[j])

    #: The adjoint of a value that is used more than once, of the known sum over its paths and a further product.
    _accumulate: Callable[[Any, Any], Any] = staticmethod(operator.add)

    @np.errstate(all="ignore")
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
        self._moved = self._side(tangents)
        for i in range(len(tangents), len(self.tape)):
            moved: Any = None
            node = self.tape.nodes[i]
            if any(tangents[a] is not None for a in node.args):
                for argument, partial in zip(node.args, self.local(i), strict=True):
                    if tangents[argument] is not None:
                        product = partial * tangents[argument]
                        if node.primitive.chooses:
                            product = chosen(partial != 0.0, product, self._cast(0))
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


def gradient(tape: Tape, point: Mapping[str, ArrayLike], dtype: DTypeLike = np.float64) -> tuple[Any, dict[str, Any]]:
    """Value and gradient of a tape at a point, in one forward and one reverse sweep.

    More than ``BLOCK`` points are swept block by block, so that memory does not grow with points times nodes.
    """
    return swept(Execution(tape, dtype), point)


def swept(execution: Execution, point: Mapping[str, ArrayLike]) -> tuple[Any, dict[str, Any]]:
    """As :func:`gradient`, by an execution of the tape."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for name in execution.tape.inputs:
        given = point.get(name)
        if isinstance(given, (np.ndarray, list, tuple)):
            arrays[name] = np.asarray(given)
    if not arrays or (count := math.prod(shape := common_shape(arrays))) <= BLOCK:
        return execution.forward(point), execution.reverse(keep=False)
    keep_what_is_freed()
    columns = {
        name: a.reshape(a.shape[-1:]) if a.size == 1 else np.broadcast_to(a, shape).reshape(-1)
        for name, a in arrays.items()
    }
    value = np.empty(count, execution.dtype)
    partials = {name: np.empty(count, execution.dtype) for name in execution.tape.inputs}
    size = block_size(count)
    for start in range(0, count, size):
        block = slice(start, start + size)
        here = {name: column[block] if column.size > 1 else column for name, column in columns.items()}
        value[block] = execution.forward({**point, **here})
        for name, partial in execution.reverse(keep=False).items():
            partials[name][block] = partial
    return value.reshape(shape), {name: partial.reshape(shape) for name, partial in partials.items()}
