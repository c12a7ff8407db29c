"""The tape: a composite function as a list of operations in the order of their evaluation.

A Wengert list (Wengert 1964; Griewank and Walther, *Evaluating Derivatives*, section 2.2): inputs come first,
every other node names a primitive, the earlier nodes that are its arguments, and its constants. A tape holds
no values; they live beside it, in an :class:`~gradjury.engine.sweep.Execution`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar, cast

from .primitive import Primitive


class Input(Primitive, register=False):
    """A variable; its one constant is its name."""

    name = "input"
    ulps = 0

    def forward(*, symbol: str) -> Any:  # type: ignore[misc]  # made static by Primitive
        raise RuntimeError(f"the value of input {symbol!r} comes from the point, not from a forward function")


class Constant(Primitive, register=False):
    """A number: an exact Fraction, ``"pi"``, ``"E"``, ``"nan"`` or a signed ``"inf"``."""

    name = "constant"
    ulps = 1

    def forward(*, value: Fraction | str) -> Any:  # type: ignore[misc]
        return constant_as_float(value)


NAMED_CONSTANTS = {
    "pi": 3.141592653589793,
    "E": 2.718281828459045,
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
}


def constant_as_float(value: Fraction | str | int | float) -> float:
    """The double nearest to a constant; beyond the largest double an infinity of its sign."""
    if isinstance(value, str):
        return NAMED_CONSTANTS[value]
    try:
        if isinstance(value, Fraction):
            numerator, denominator = value.as_integer_ratio()  # in half the time of its two properties
            return numerator / denominator
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


class Node(NamedTuple):
    """One operation: what is done, to which earlier nodes, with which constants, giving which shape."""

    primitive: type[Primitive]
    args: tuple[int, ...] = ()
    consts: tuple[Any, ...] = ()
    shape: tuple[int, ...] = ()


#: Makes a node of a tuple of its four parts, in two thirds of the time of ``Node(…)``.
node = cast(Callable[[tuple[Any, ...]], Node], partial(tuple.__new__, Node))


def constant_key(value: Fraction | str) -> Any:
    """What tells a constant from others. A Fraction's own hash costs a modular power."""
    return value if isinstance(value, str) else (value.numerator, value.denominator)


Value = TypeVar("Value")


class Once(Generic[Value]):
    """A property that is computed when it is first asked for, and kept.

    As ``functools.cached_property``, whose lock (until Python 3.12) takes longer than most of what a tape computes.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self.compute, self.__doc__ = compute, compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Value:
        value = instance.__dict__[self.name] = self.compute(instance)
        return value


class Tape:
    """An immutable, hashable composite function of named inputs with one output.

    Args:
        nodes: all nodes; the inputs are the first ``len(inputs)`` of them, in order.
        inputs: names of the variables.
        output: index of the node that is the function's value.
        names: names that the author gave to intermediate nodes, by index.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        inputs: Iterable[str],
        output: int,
        names: Iterable[tuple[int, str]] = (),
    ) -> None:
        self.nodes: tuple[Node, ...] = tuple(nodes)
        self.inputs: tuple[str, ...] = tuple(inputs)
        self.output = output
        self.names: tuple[tuple[int, str], ...] = tuple(names)
        #: What others have made of this tape and keep with it, such as a plan of its balls; no part of the function.
        self.derived: dict[Any, Any] = {}

    def twin(self) -> Tape:
        """The same function for what is kept in ``derived``: that refers to it, and it does not refer back."""
        other = Tape.__new__(Tape)
        other.__dict__ = {**self.__dict__, "derived": {}}
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        return Tape, (self.nodes, self.inputs, self.output, self.names)

    @Once
    def _key(self) -> tuple[Any, ...]:
        return self.nodes, self.output

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tape) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __len__(self) -> int:
        return len(self.nodes)

    @Once
    def primitives(self) -> frozenset[type[Primitive]]:
        """What stands in its nodes."""
        return frozenset(map(itemgetter(0), self.nodes))

    @Once
    def active(self) -> tuple[bool, ...]:
        """For each node, whether it depends on an input: others need no derivative."""
        if Constant not in self.primitives:
            return (True,) * len(self.nodes)
        flags = [True] * len(self.inputs)
        append = flags.append
        for _, args, _, _ in self.nodes[len(self.inputs) :]:
            append(args != () and (flags[args[0]] or True in [flags[a] for a in args]))
        return tuple(flags)

    @Once
    def kinked(self) -> tuple[int, ...]:
        """Indices of the operations on inputs that may tie."""
        may_tie = [p for p in self.primitives if p.tied is not None]
        return tuple([i for i, n in enumerate(self.nodes) if n[0] in may_tie and self.active[i]]) if may_tie else ()

    @Once
    def chooses(self) -> bool:
        """Whether some operation takes one branch and leaves another."""
        return True in [p.chooses for p in self.primitives]

    @Once
    def operations(self) -> tuple[int, ...]:
        """Indices of the nodes that compute something: neither inputs nor constants."""
        return tuple([i for i, n in enumerate(self.nodes) if n[0] is not Constant and n[0] is not Input])

    def __repr__(self) -> str:
        return f"<Tape of {len(self.operations)} operations on {', '.join(self.inputs) or 'no inputs'}>"


class Recorder:
    """Builds a tape node by node; equal constants share one node, operations never do."""

    def __init__(self, inputs: Iterable[str] = ()) -> None:
        self.inputs = list(inputs)
        self.nodes: list[Node] = [node((Input, (), (name,), ())) for name in self.inputs]
        self.names: list[tuple[int, str]] = []
        self._constants: dict[Any, int] = {}

    def constant(self, value: Fraction | str) -> int:
        """Index of the node of a constant."""
        key = constant_key(value)
        index = self._constants.get(key)
        if index is None:
            index = self._constants[key] = len(self.nodes)
            self.nodes.append(node((Constant, (), (value,), ())))
        return index

    def add(self, primitive: type[Primitive], args: tuple[int, ...], consts: tuple[Any, ...] = ()) -> int:
        """Record one operation and return its index."""
        nodes = self.nodes
        nodes.append(node((primitive, args, consts, ())))
        return len(nodes) - 1

    def tape(self, output: int) -> Tape:
        """The finished tape, whose value is node ``output``."""
        return Tape(self.nodes, self.inputs, output, self.names)


@contextmanager
def uncollected() -> Iterator[None]:
    """Record without the cyclic garbage collector, which takes longer than recording to find every node in use."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def compose(inputs: Iterable[str], build: Callable[[Recorder], int]) -> Tape:
    """A tape from a function that records onto a fresh recorder and returns the output's index."""
    recorder = Recorder(inputs)
    with uncollected():
        return recorder.tape(build(recorder))
