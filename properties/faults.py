"""Planted faults: primitives with a wrong rule, engines that use them, and the fan-out that is overwritten.

A verifier is worth what it finds. In the project's own engine each fault takes the place of a primitive through
``rules=`` of :class:`~gradjury.engine.Execution`; in another engine it wraps the function that the adapter calls. The
tape and its meaning stay as they are, and only the engine under test errs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine import Execution, Node, Primitive, Tape
from ..verifier.engine import Engine, NumpyEngine
from ..verifier.engines.common import Function, TapeRunner
from ..verifier.errors import Unsupported

Array = Any
Change = Callable[[Array, Array], Array]

#: Engines of which it is tried that faults can be planted in them: they have numbers while a function is computed.
PLANTABLE = ("numpy", "torch", "jax", "autograd", "mygrad", "tinygrad")

NEAR = 1e-2  # how near to 0 the fault "near zero" is


def _below_zero(partial: Array, x: Array) -> Array:
    return np.where(x < 0, -partial, partial)[()]


def _near_zero(partial: Array, x: Array) -> Array:
    return np.where(np.abs(x) < NEAR, partial * (1 + 1e-4), partial)[()]


#: Faults of a rule: the wrong local derivative from the right one and the argument.
RULES: dict[str, Change] = {
    "sign": lambda partial, x: -partial,
    "dropped factor": lambda partial, x: np.ones_like(x * partial),
    "1e-3": lambda partial, x: partial * (1 + 1e-3),
    "1e-6": lambda partial, x: partial * (1 + 1e-6),
    "1e-9": lambda partial, x: partial * (1 + 1e-9),
    "1e-12": lambda partial, x: partial * (1 + 1e-12),
    "x < 0": _below_zero,
    "near 0": _near_zero,
}

#: Faults of the value: the wrong one from the right one.
VALUES: dict[str, Callable[[Array], Array]] = {
    "value scaled": lambda y: y * (1 + 1e-3),
    "value shifted": lambda y: y + 1e-3,
}

#: Every fault of a primitive by its name; ``"fan-out"`` is one of the engine: see :class:`OverwrittenFanOut`.
KINDS = (*RULES, *VALUES)


def arguments(primitive: type[Primitive]) -> tuple[int, ...]:
    """The positions of the arguments by which a primitive is differentiated."""
    return tuple(i for i, name in enumerate(primitive.arguments) if name not in primitive.opaque)


def plant(primitive: type[Primitive], kind: str, argument: int = 0) -> type[Primitive]:
    """A primitive with one fault; its name, arguments, meaning and domain are those of the right one.

    Args:
        primitive: the right one.
        kind: one of ``KINDS``.
        argument: position of the argument whose local derivative is wrong; of no effect for a wrong value.

    Raises:
        ValueError: no such fault, or no such argument.
    """
    if kind in VALUES:
        members = {"forward": _forward(primitive, VALUES[kind])}
    elif kind in RULES:
        if argument not in arguments(primitive):
            raise ValueError(
                f"argument={argument!r} of {primitive.name}; expected one of {arguments(primitive)}, by which it "
                "is differentiated"
            )
        members = {"derivative": _derivative(primitive, RULES[kind], argument)}
    else:
        raise ValueError(f"fault {kind!r}; expected one of {', '.join(KINDS)}")
    # By type(): the class statement cannot take a base and a member that are only known here.
    return type(f"Faulty{primitive.__name__}", (primitive,), members, register=False)


def _forward(primitive: type[Primitive], change: Callable[[Array], Array]) -> Callable[..., Array]:
    right = primitive.forward

    @functools.wraps(right)  # also carries the signature, which names arguments and constants
    def forward(*args: Array, **constants: Any) -> Array:
        return change(right(*args, **constants))

    return forward


def _derivative(primitive: type[Primitive], change: Change, argument: int) -> Callable[..., Any]:
    right = primitive.derivative
    # Rules read the stored output; that of the right primitive, so a planted value is the only other fault.

    @functools.wraps(right)
    def derivative(*args_and_value: Array, **constants: Any) -> Any:
        partials = right(*args_and_value, **constants)
        if not isinstance(partials, tuple):
            return change(partials, args_and_value[0])
        wrong = change(partials[argument], args_and_value[argument])
        return (*partials[:argument], wrong, *partials[argument + 1 :])

    return derivative


class OverwrittenFanOut(Execution):
    """A reverse sweep that keeps only the last path where a value is used more than once."""

    _accumulate = staticmethod(lambda known, product: product)


def faulty_engine(
    primitive: type[Primitive], kind: str, argument: int = 0, engine: Engine | None = None
) -> NumpyEngine | TapeRunner:
    """An engine with one fault planted; ``kind`` may also be ``"fan-out"``.

    Args:
        primitive: where the fault is planted.
        kind: see ``KINDS``.
        argument: position of the argument whose local derivative is wrong; of no effect for a wrong value.
        engine: the right engine, the project's own if None.

    Raises:
        ValueError: no such fault, or no such argument.
        Unsupported: no fault can be planted in that engine.
    """
    if engine is None or isinstance(engine, NumpyEngine):
        if kind == "fan-out":
            return NumpyEngine(execution=OverwrittenFanOut)
        return NumpyEngine(rules={primitive: plant(primitive, kind, argument)})
    if not isinstance(engine, TapeRunner) or type(engine).held is TapeRunner.held:
        raise Unsupported(
            f"{engine.name}: no fault can be planted in this engine; expected one with arrays that can be cut off from "
            "derivatives, by a method held(array) of a TapeRunner"
        )
    if kind == "fan-out":
        last_path: type[TapeRunner] = type(f"Faulty{type(engine).__name__}", (_LastPath, type(engine)), {})
        return last_path()
    plant(primitive, kind, argument)  # its checks
    function = engine.spellings(primitive.name)[0]
    if kind in VALUES:
        faulty = _with_other_value(engine, function, VALUES[kind])
    else:
        faulty = _with_other_slope(engine, function, RULES[kind], len(primitive.arguments), argument)
    return type(engine)(spellings={primitive.name: faulty})


def _with_other_value(engine: TapeRunner, right: Function, change: Callable[[Array], Array]) -> Function:
    """An engine's function with another value and its own derivatives."""

    def faulty(*given: Array) -> Array:
        value = right(*given)
        numbers = engine.numbers_of(engine.held(value))
        return value + engine.array_of(np.asarray(change(numbers) - numbers))

    return faulty


def _with_other_slope(engine: TapeRunner, right: Function, change: Change, arity: int, argument: int) -> Function:
    """An engine's function with another derivative by one argument: c·(x − x), where no derivative flows through c
    and the second x, adds c to the derivative by x and nothing to the value.
    """

    def faulty(*given: Array) -> Array:
        held = [a if type(a) is float else engine.held(a) for a in given[:arity]]
        x, constants = held[argument], given[arity:]

        def along(moved: Array) -> Array:
            return right(*held[:argument], moved, *held[argument + 1 :], *constants)

        _, (partial,) = engine.differentiate(along, [engine.held(given[argument])])
        numbers = np.array(engine.numbers_of(x))
        slope = np.asarray(0.0 * numbers) if partial is None else engine.numbers_of(partial)
        return right(*given) + engine.array_of(np.asarray(change(slope, numbers) - slope)) * (given[argument] - x)

    return faulty


class _LastPath(TapeRunner):
    """Of a value that is used more than once, the derivative flows through its first use alone: in a reverse sweep
    the last that writes its adjoint.
    """

    def _run(self, tape: Tape, inputs: Sequence[Array], dtype: np.dtype[Any]) -> list[Any]:
        self._used: set[int] = set()
        return super()._run(tape, inputs, dtype)

    def _apply(self, node: Node, arguments: list[Any], dtype: np.dtype[Any]) -> Array:
        for position in reversed(range(len(arguments))):
            if node.args[position] not in self._used:
                self._used.add(node.args[position])
            elif type(arguments[position]) is not float:
                arguments[position] = self.held(arguments[position])
        return super()._apply(node, arguments, dtype)
