"""The loop that every adapter shares: a tape, run by another engine's own functions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from copy import copy
from fractions import Fraction
from numbers import Real
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import DTypeLike

from ...engine.errors import shortened
from ...engine.primitive import REGISTRY, Primitive, hint
from ...engine.primitives.piecewise import RELATIONS
from ...engine.tape import Constant, Node, Tape, constant_as_float
from ..engine import Point, shape_of
from ..errors import InvalidInput, Unsupported

Array = Any
Function = Callable[..., Array]
Table = Mapping[str, Function | tuple[Function, ...]]


class Script(NamedTuple):
    """How lines in an engine's own language ask it for one number; see :mod:`gradjury.verifier.languages.snippet`.

    Attributes:
        imports: lines at the beginning; of plain imports those that are needed are taken.
        variable: an input, of ``{x}`` (its number), ``{name}``, ``{dtype}`` and ``{seed}`` (1.0 for the input by which
            the derivative is taken, else 0.0).
        constant: a number where a function needs an array.
        value: prints the value of the function ``f``, of ``{args}``, ``{numbers}`` and ``{pairs}``.
        partial: prints its derivative by the input ``{wrt}``, which is number ``{i}``.
        equal, unequal: comparisons of ``{0}`` and ``{1}``, where the operators compare something else than numbers.
    """

    imports: str
    variable: str
    constant: str
    value: str
    partial: str
    equal: str = "{0} == {1}"
    unequal: str = "{0} != {1}"


class Whole(NamedTuple):
    """One function of an engine's library that stands for a tape of several operations.

    Attributes:
        name: of what it means, in :data:`gradjury.verifier.languages.library.MEANINGS`.
        call: the call as the engine's users write it.
        spelling: its place in the engine's table.
        tape: the meaning.
        function: takes an array for each input of the tape.
        standard: by which it is judged.
    """

    name: str
    call: str
    spelling: int
    tape: Tape
    function: Function
    standard: str


#: Primitives for which Python has an operator: an engine that overloads operators takes all of them, and numbers
#: beside its arrays as they are.
OPERATORS: Mapping[str, Function] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "pow": operator.pow,
    "powc": operator.pow,
}

#: Exponents up to here are written as integers, ``x**2``; beyond, 64-bit arithmetic would refuse them.
LARGEST_INTEGER = 2**31


class TapeRunner:
    """An engine under test: its table of functions, its arrays, and how it is asked for a gradient.

    A subclass states ``name``, ``version`` and ``table``, and implements :meth:`differentiate`; if the engine has an
    array type of its own, also :meth:`array` and :meth:`numbers`. It then has the protocol
    :class:`~gradjury.verifier.Engine`.

    Attributes:
        name: short name, as ``--engine`` takes it.
        version: of the library, for the records.
        flushes_subnormals: whether results below the smallest normal number become 0.
        scalar: whether it computes with single numbers: :meth:`array` then gets a float, and points come one by one.
        wears_out_processes: whether it ends the process in which it has worked for long: a campaign then judges in a
            process of its own, which is replaced, even where one process is enough.
        script: how it is asked in its own language, for snippets; None if there are none.
        table: primitive → the engine's own function, or several functions of that one meaning, the default first.
            A function is called with the arguments and then the constants of the primitive, in the order in which
            the primitive declares them.
        further: functions that are no primitives, in the same manner, by the names of their meanings in
            :mod:`gradjury.verifier.languages.library`; their arguments are the variables of the meaning.
        whole: the function that stands for a whole tape, None for the engine at large.

    Args:
        spellings: functions to use in place of the table's, by primitive: another one of :meth:`spellings`.

    Raises:
        InvalidInput: the table names something that is no operation, and would never be asked for.
    """

    name: str
    version: str
    flushes_subnormals: bool = False
    scalar: bool = False
    wears_out_processes: bool = False
    script: ClassVar[Script | None] = None
    table: ClassVar[Table] = OPERATORS
    further: ClassVar[Table] = {}
    whole: Whole | None = None
    function: str  # of the engine as a whole: its call, which the records say

    def __init__(self, spellings: Mapping[str, Function] | None = None) -> None:
        if not isinstance(self.table, Mapping):
            got = shortened(repr(self.table))
            raise InvalidInput(f"{type(self).__name__}.table: got {got}; expected a dict from operations to functions")
        if strange := [name for name in self.table if name not in REGISTRY]:
            raise InvalidInput(f"{type(self).__name__}.table: {strange[0]!r} is no operation; {hint(strange[0])}")
        self._functions = {**self._usual(), **(spellings or {})}

    def __getstate__(self) -> dict[str, Any]:
        """Without the functions that the class has for itself: many are lambdas, which cannot be pickled."""
        usual = self._usual()
        own = {name: f for name, f in self._functions.items() if f is not usual.get(name)}
        return {**vars(self), "_functions": own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._functions = {**self._usual(), **state["_functions"]}

    def _usual(self) -> dict[str, Function]:
        """The function of each operation, unless another spelling is asked for."""
        return {name: found[0] for name in self.table if (found := self.spellings(name))}

    @classmethod
    def spellings(cls, primitive: str) -> tuple[Function, ...]:
        """All functions of the engine that mean this primitive, or have this meaning, the default first."""
        found = cls.table.get(primitive) or cls.further.get(primitive, ())
        return found if isinstance(found, tuple) else (found,)

    def with_spelling(self, primitive: str, function: Function) -> Self:
        """This engine with another of its functions for one operation."""
        other = copy(self)
        other._functions = {**self._functions, primitive: function}
        return other

    def as_a_whole(self, whole: Whole) -> Self:
        """This engine, which runs the tape of ``whole`` by one call of its function."""
        other = copy(self)
        other.whole, other.function = whole, whole.call
        return other

    @property
    def primitives(self) -> tuple[str, ...]:
        """Names of the operations that the engine has: those of which random functions are made for it."""
        return tuple(self._functions)

    # ---- what an engine is ---------------------------------------------------------------------------------

    def array(self, numbers: Any) -> Array:
        """The engine's array of these numbers, of shape (K,) or (); of a float if it is ``scalar``."""
        return numbers

    def numbers(self, array: Array) -> Any:
        """The numbers in an array of the engine's."""
        return array

    def held(self, array: Array) -> Array:
        """The same numbers, through which no derivative flows: what planting a fault in this engine takes.

        Raises:
            Unsupported: the engine has no such arrays.
        """
        raise Unsupported(f"{self.name}: no fault can be planted in it, its arrays cannot be cut off from derivatives")

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        """Value of a function of K points, and its derivative by each input.

        Args:
            function: takes and returns arrays of shape (K,), point by point: the gradient of the sum of its output
                holds the derivative at each point.
            inputs: an array for each input, made by :meth:`array`.

        Returns:
            The value, and for each input an array (the engine's or NumPy's), or None for 0.
        """
        raise NotImplementedError(f"{type(self).__name__} has no method differentiate(function, inputs)")

    def derived(self, function: Function, j: int) -> Function:
        """The derivative of a function by its input number ``j``, as a function that can be differentiated once more.

        Raises:
            Unsupported: the engine is not asked for derivatives of derivatives.
        """
        raise Unsupported(f"{self.name} is asked for first derivatives only")

    def session(self, dtype: np.dtype[Any]) -> AbstractContextManager[Any]:
        """The state of the library in which arrays of this type are computed.

        Raises:
            Unsupported: the engine has no such arrays.
        """
        return np.errstate(all="ignore")

    # ---- the protocol --------------------------------------------------------------------------------------

    def gradient(self, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, dict[str, Any]]:
        """Value and gradient at K points: arrays of shape (K,), or numbers for a point of numbers.

        Raises:
            Unsupported: the engine lacks an operation of the tape, or its derivative.
        """
        dtype = np.dtype(dtype)
        inputs, shape = _points(tape, point, dtype)
        if self.scalar and shape:
            found = [self.gradient(tape, at, dtype) for at in _one_by_one(tape, inputs)]
            table = {name: np.array([gradient[name] for _, gradient in found]) for name in tape.inputs}
            return np.array([value for value, _ in found]), table

        return self._swept(tape, self._function(tape, dtype), inputs, shape, dtype)

    def higher_derivative(self, tape: Tape, point: Point, dtype: DTypeLike, name: str, order: int) -> Any:
        """The derivative of an order by one input at K points, as :meth:`gradient` returns them.

        Raises:
            Unsupported: as :meth:`gradient`; or the engine is not asked for more than first derivatives.
        """
        dtype = np.dtype(dtype)
        inputs, shape = _points(tape, point, dtype)
        function = self._function(tape, dtype)
        for _ in range(order - 1):
            function = self.derived(function, tape.inputs.index(name))
        return self._swept(tape, function, inputs, shape, dtype)[1][name]

    def _function(self, tape: Tape, dtype: np.dtype[Any]) -> Function:
        """A tape as a function of the engine's arrays."""
        return lambda *arrays: self._run(tape, arrays, dtype)[tape.output]

    def _swept(
        self,
        tape: Tape,
        function: Function,
        inputs: Sequence[np.ndarray[Any, Any]],
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
    ) -> tuple[Any, dict[str, Any]]:
        """Value and gradient of a function of the inputs of a tape, in the shape of the points."""

        def shaped(result: Array) -> Any:
            return self._shaped(0.0 if result is None else result, shape)

        with self.session(dtype):
            arrays = [self.array_of(numbers) for numbers in inputs]
            if not tape.active[tape.output]:  # a constant has nothing that an engine could differentiate
                value = self._run(tape, arrays, dtype)[tape.output]
                return shaped(value), {name: shaped(None) for name in tape.inputs}
            try:
                answer = self.differentiate(function, arrays)
            except NotImplementedError as error:
                raise Unsupported(f"{self.name}: {error}") from error
            value, partials = _answer(answer, len(arrays))
            named = zip(tape.inputs, partials, strict=True)
            return shaped(value), {name: shaped(partial) for name, partial in named}

    def values(self, tape: Tape, point: Point, dtype: DTypeLike) -> list[Any]:
        """The engine's own value of every node up to the output."""
        dtype = np.dtype(dtype)
        inputs, shape = _points(tape, point, dtype)
        if self.scalar and shape:
            return list(np.array([self.values(tape, at, dtype) for at in _one_by_one(tape, inputs)]).T)
        with self.session(dtype):
            values = self._run(tape, [self.array_of(numbers) for numbers in inputs], dtype)
            return [self._shaped(value, shape) for value in values]

    def array_of(self, numbers: np.ndarray[Any, Any]) -> Array:
        """What :meth:`array` makes of these numbers: of the only one, if the engine is ``scalar``."""
        return self.array(numbers.item() if self.scalar else numbers)

    def numbers_of(self, result: Array) -> np.ndarray[Any, Any]:
        """The numbers of a result: an array of the engine's, or plain ones.

        Raises:
            TypeError: :meth:`numbers` returned nothing.
        """
        plain = isinstance(result, (Real, np.ndarray, np.generic))  # micrograd's gradients begin as the integer 0
        numbers = result if plain else self.numbers(result)
        if numbers is None:
            raise TypeError("numbers returned None; expected the numbers in an array of the engine's")
        return np.asarray(numbers)

    def _shaped(self, result: Array, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """The numbers of a result in the shape of the points, even where it does not depend on them."""
        numbers = self.numbers_of(result)
        if np.iscomplexobj(numbers):
            raise TypeError("differentiate returned complex numbers; expected real ones")
        numbers = numbers.astype(np.float64, copy=False)
        if numbers.size not in (1, count := int(np.prod(shape))):
            raise ValueError(f"differentiate returned {numbers.size} numbers; expected {count}, one for each point")
        return np.broadcast_to(numbers.reshape(-1), shape or (1,)).reshape(shape)

    # ---- the loop ------------------------------------------------------------------------------------------

    def _run(self, tape: Tape, inputs: Sequence[Array], dtype: np.dtype[Any]) -> list[Any]:
        """All nodes up to the output, in order; a constant stays a Python number until a function needs an array."""
        values: list[Any] = list(inputs)
        if self.whole is not None and tape == self.whole.tape:
            inside = [float("nan")] * (tape.output - len(inputs))  # nobody sees what happens inside a call
            return [*values, *inside, self.whole.function(*inputs)]
        for node in tape.nodes[len(inputs) : tape.output + 1]:
            if node.primitive is Constant:
                values.append(constant_as_float(node.consts[0]))
            else:
                values.append(self._apply(node, [values[a] for a in node.args], dtype))
        return values

    def _apply(self, node: Node, arguments: list[Any], dtype: np.dtype[Any]) -> Array:
        name = node.primitive.name
        function = self._functions.get(name)
        if function is None:
            raise Unsupported(f"{self.name} has no {name}")
        for place in arrays_needed(function, node.primitive, [type(a) is float for a in arguments]):
            arguments[place] = self.array_of(np.asarray(arguments[place], dtype))
        return function(*arguments, *map(as_written, node.consts))


def _answer(found: Any, count: int) -> tuple[Array, list[Array]]:
    """What :meth:`TapeRunner.differentiate` returned, seen to be a value and as many derivatives as inputs.

    Raises:
        TypeError: it is no such pair; a mapping and a text have an order of their own, and are none either.
        ValueError: there are more derivatives, or fewer.
    """
    try:
        value, partials = found
    except (TypeError, ValueError):
        raise TypeError(f"differentiate returned {type(found).__name__}; expected (value, derivatives)") from None
    try:
        derivatives = None if isinstance(partials, (Mapping, Set, str, bytes)) else list(partials)
    except TypeError:
        derivatives = None
    if derivatives is None:
        got = type(partials).__name__
        raise TypeError(f"differentiate returned (value, {got}); expected a derivative for each input, in their order")
    if len(derivatives) != count:
        got = f"{len(derivatives)} derivative{'' if len(derivatives) == 1 else 's'}"
        raise ValueError(f"differentiate returned {got}; expected {count}, one for each input")
    if value is None:
        raise TypeError("differentiate returned None for the value; expected (value, derivatives)")
    return value, derivatives


def whole_order(order: Any, name: str) -> int:
    """The order of a special function as an integer, for an engine that takes no other.

    Raises:
        Unsupported: the order is a variable, or no integer that is at least 0.
    """
    if type(order) is not float or order < 0 or not order.is_integer():
        raise Unsupported(f"{name} takes whole orders only, got {order}")
    return int(order)


def order_above_1(order: Any, name: str) -> float:
    """The order of a zeta function, for an engine whose series it is: that of no other order converges.

    Raises:
        Unsupported: the order is a variable, or 1 or less.
    """
    if type(order) is not float or order <= 1:
        raise Unsupported(f"{name} takes orders above 1 only, got {order}")
    return order


def compare(left: Array, right: Array, relation: str) -> Array:
    """``left relation right``, by the engine's own operators."""
    return RELATIONS[relation](left, right)


def arrays_needed(function: Function, primitive: type[Primitive], fixed: Sequence[bool]) -> list[int]:
    """The places of numbers that a function takes as arrays alone.

    Args:
        function: of an engine, that stands for the primitive. An operator takes a number beside an array as it is.
        fixed: for each argument whether it is a number.
    """
    if function is OPERATORS.get(primitive.name) and not all(fixed):
        return []
    return [k for k, name in enumerate(primitive.arguments) if fixed[k] and name not in primitive.opaque]


def as_written(constant: Fraction | str) -> float | int | str:
    """A constant of a primitive as a user would write it: ``x**2``, ``x**0.5``, ``"<"``."""
    if constant in RELATIONS:
        return str(constant)
    if isinstance(constant, Fraction) and constant.denominator == 1 and abs(constant) < LARGEST_INTEGER:
        return int(constant)
    return constant_as_float(constant)


def _points(tape: Tape, point: Point, dtype: np.dtype[Any]) -> tuple[list[np.ndarray[Any, Any]], tuple[int, ...]]:
    """An array of shape (K,) for each input, and the shape of the points as they were given: (K,) or ()."""
    shape = shape_of(tape, point)
    arrays = [np.broadcast_to(np.asarray(point[name], dtype), shape).reshape(-1).copy() for name in tape.inputs]
    return arrays, shape


def _one_by_one(tape: Tape, inputs: Sequence[np.ndarray[Any, Any]]) -> list[Point]:
    """K points as K points of numbers."""
    return [dict(zip(tape.inputs, row, strict=True)) for row in zip(*inputs, strict=True)]
