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
from .ties import resolved
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
        self._moved: dict[int, list[Any]] | None = None
        self._dropped = False

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
        with np.errstate(all="ignore"):
            for node in self.tape.nodes[len(values) :]:
                if node.primitive is Constant:
                    values.append(self._cast(constant_as_float(node.consts[0])))
                    continue
                rule = self._rule(node)
                args = [values[a] for a in node.args]
                if traced and any(isinstance(a, Variable) for a in args):
                    values.append(record(rule, args, node.consts))
                elif node.consts:
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
        if self.values is None:
            raise NoForwardPass("reverse", self._dropped)
        if self._moved is None:
            self._moved = self._resolve_ties()
        args = self._moved.get(index) or [self.values[a] for a in self.tape.nodes[index].args]
        return self._local_at(index, args)

    def _local_at(self, index: int, args: list[Any]) -> tuple[Any, ...]:
        assert self.values is not None
        node = self.tape.nodes[index]
        consts = self._consts(node) if node.consts else {}
        partials = self._rule(node).derivative(*args, self.values[index], **consts)
        return partials if isinstance(partials, tuple) else (partials,)

    def _resolve_ties(self) -> dict[int, list[Any]]:
        """Where several operations tie at one point: their arguments on one and the same side (see :mod:`.ties`)."""
        assert self.values is not None
        if len(self.tape.kinked) < 2 or any(isinstance(v, Variable) for v in self.values):
            return {}
        return resolved(self.tape, self.values, lambda i: self._rule(self.tape.nodes[i]), self._local_at)

    def reverse(self, seed: ArrayLike = 1.0) -> dict[str, Any]:
        """Multiply local derivatives from the output side: dy/d(input) for all inputs in one sweep.

        Where a value is used more than once, the products of its paths are summed. ``self.adjoints`` then
        holds dy/d(node) for every node on a path from an input to the output, None elsewhere.

        Args:
            seed: dy/dy, 1 unless the tape is a part of a larger function.

        Raises:
            NoForwardPass: there was no forward pass, or its values were dropped.
        """
        if self.values is None:
            raise NoForwardPass("reverse", self._dropped)
        tape, active = self.tape, self.tape.active
        adjoints: list[Any] = [None] * len(tape)
        adjoints[tape.output] = self._value(seed)
        with np.errstate(all="ignore"):
            for i in range(tape.output, len(tape.inputs) - 1, -1):
                adjoint = adjoints[i]
                if adjoint is None or not active[i]:
                    continue
                for argument, partial in zip(tape.nodes[i].args, self.local(i), strict=True):
                    if active[argument]:
                        product = adjoint * partial
                        known = adjoints[argument]
                        adjoints[argument] = product if known is None else self._accumulate(known, product)
        self.adjoints = adjoints
        return {
            name: self._broadcast(adjoints[i] if adjoints[i] is not None else self._cast(0))
            for i, name in enumerate(tape.inputs)
        }

    @staticmethod
    def _accumulate(known: Any, product: Any) -> Any:
        """The adjoint of a value that is used more than once: the sum over its paths."""
        return known + product

    def tangent(self, direction: Mapping[str, ArrayLike]) -> Any:
        """Directional derivative of the output: local derivatives multiplied from the input side.

        Args:
            direction: the tangent of each input; inputs it does not name do not move.

        Raises:
            NoForwardPass: there was no forward pass, or its values were dropped.
        """
        if self.values is None:
            raise NoForwardPass("tangent", self._dropped)
        tangents: list[Any] = [self._value(direction[name]) if name in direction else None for name in self.tape.inputs]
        with np.errstate(all="ignore"):
            for i in range(len(tangents), len(self.tape)):
                moved: Any = None
                node = self.tape.nodes[i]
                if any(tangents[a] is not None for a in node.args):
                    for argument, partial in zip(node.args, self.local(i), strict=True):
                        if tangents[argument] is not None:
                            product = partial * tangents[argument]
                            moved = product if moved is None else moved + product
                tangents.append(moved)
        result = tangents[self.tape.output]
        return self._broadcast(self._cast(0) if result is None else result)

    def _broadcast(self, derivative: Any) -> Any:
        """A derivative in the shape of the points, even where it does not depend on them."""
        assert self.values is not None
        point = self.values[: len(self.tape.inputs)]
        if isinstance(derivative, Variable) or any(isinstance(v, Variable) for v in point):
            return derivative
        shape = np.broadcast_shapes(*(np.shape(v) for v in point))
        if np.shape(derivative) == shape:
            return derivative
        return np.broadcast_to(derivative, shape).copy()


def gradient(tape: Tape, point: Mapping[str, ArrayLike], dtype: DTypeLike = np.float64) -> tuple[Any, dict[str, Any]]:
    """Value and gradient of a tape at a point, in one forward and one reverse sweep."""
    execution = Execution(tape, dtype)
    value = execution.forward(point)
    return value, execution.reverse()
