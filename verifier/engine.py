"""Engines under test: whatever returns a value and a gradient for a tape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeGuard

import numpy as np
from numpy.typing import DTypeLike

from ..engine.primitive import REGISTRY, Primitive
from ..engine.sweep import Execution, swept
from ..engine.tape import Tape
from ..engine.variable import Variable
from .orders import higher_derivative

if TYPE_CHECKING:
    from .engines.common import Whole

Point = Mapping[str, Any]


class Engine(Protocol):
    """What the verifier asks of an engine.

    What else it may do is stated by :class:`White`, :class:`Higher`, :class:`Valued` and :class:`Limited`, each by
    itself.

    Attributes:
        name: short name, as ``--engine`` takes it.
        version: of the library, for the records.
        flushes_subnormals: whether results below the smallest normal number become 0.

    Some have these, too:

    - ``function``: the name of the one function that they run, of a user's own or a call of a library.
    - ``whole``: the function of a library that is a whole tape, None of the engine at large.
    - ``engine_class``: ``MODULE:CLASS`` of a user's own class, by which records ask for it again.
    - ``wears_out_processes``: whether it ends the process in which it has worked for long, so that a campaign judges in
      a process of its own, which is replaced.
    """

    name: str
    version: str
    flushes_subnormals: bool

    def gradient(self, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, dict[str, Any]]:
        """Value and gradient at K points: arrays of shape (K,), or numbers for a point of numbers."""
        ...


class White(Engine, Protocol):
    """An engine that shows what is inside of a function: blame asks node by node, and not of a black box."""

    def values(self, tape: Tape, point: Point, dtype: DTypeLike) -> list[Any]:
        """The value of every node, as :meth:`Engine.gradient` returns that of the last."""
        ...


class Higher(Engine, Protocol):
    """An engine that computes derivatives of higher order."""

    def higher_derivative(self, tape: Tape, point: Point, dtype: DTypeLike, name: str, order: int) -> Any:
        """The derivative of an order from 2 by one input, as a partial of :meth:`Engine.gradient`."""
        ...


class Valued(Engine, Protocol):
    """An engine that takes less time for values alone: differences ask for many, and for no derivative."""

    def value_alone(self, tape: Tape, point: Point, dtype: DTypeLike) -> Any:
        """What :meth:`Engine.gradient` returns first."""
        ...


class Limited(Engine, Protocol):
    """An engine that has some of the primitives; without a word it has all.

    Attributes:
        primitives: their names: of these random functions are made for it, and in these faults are planted.
    """

    @property
    def primitives(self) -> Sequence[str]: ...


def is_white(engine: Engine) -> TypeGuard[White]:
    """Whether an engine shows the value of every node."""
    return hasattr(engine, "values")


def is_higher(engine: Engine) -> TypeGuard[Higher]:
    """Whether an engine computes derivatives of higher order."""
    return hasattr(engine, "higher_derivative")


def is_valued(engine: Engine) -> TypeGuard[Valued]:
    """Whether an engine computes values alone."""
    return hasattr(engine, "value_alone")


def primitives_of(engine: Engine) -> tuple[str, ...]:
    """Names of the operations that an engine has; all of them where it does not say."""
    return tuple(engine.primitives) if is_limited(engine) else tuple(REGISTRY)


def is_limited(engine: Engine) -> TypeGuard[Limited]:
    """Whether an engine says which operations it has."""
    return hasattr(engine, "primitives")


def wears_out(engine: Engine) -> bool:
    """Whether an engine ends the process in which it has worked for long."""
    return bool(getattr(engine, "wears_out_processes", False))


def offers_operations(engine: Engine | None) -> TypeGuard[Engine]:
    """Whether single operations can be asked of it: not of a claim's numbers, nor of a function of the user's own."""
    return engine is not None and function_of(engine) is None


def function_of(engine: Engine | None) -> str | None:
    """The name of the one function that an engine runs; None of an engine at large, and of a claim."""
    found: str | None = getattr(engine, "function", None)
    return found


def class_of(engine: Engine | None) -> str | None:
    """``MODULE:CLASS`` of an engine that was given so."""
    found: str | None = getattr(engine, "engine_class", None)
    return found


def one_call(engine: Engine | None, tape: Tape) -> Whole | None:
    """The function whose single call is this tape, None where the engine runs it operation by operation."""
    found: Whole | None = getattr(engine, "whole", None)
    return found if found is not None and tape == found.tape else None


class Shown(NamedTuple):
    """What a forward and a reverse sweep at K points stored, node by node: numbers, or arrays of K.

    Attributes:
        values: of every node.
        local_derivatives: of every node on a path from an input to the output, as its rule returned them: one for a
            single argument, else a tuple; None elsewhere.
    """

    values: list[Any]
    local_derivatives: list[Any]

    def at(self, k: int) -> Shown:
        """The numbers of one of several points."""
        found = self.local_derivatives
        derivatives = [
            tuple([number_at(g, k) for g in f]) if type(f) is tuple else None if f is None else number_at(f, k)
            for f in found
        ]
        return Shown([number_at(value, k) for value in self.values], derivatives)

    def local_derivative(self, node: int, argument: int) -> float | None:
        """That of a node by one of its arguments at the only point; None where no sweep needed it."""
        found = self.local_derivatives[node]
        return None if found is None else number_at(found[argument] if type(found) is tuple else found)


def shape_of(tape: Tape, point: Point) -> tuple[int, ...]:
    """The shape of K points, (K,), or () of a point of numbers."""
    return np.broadcast_shapes(*(np.shape(point[name]) for name in tape.inputs))


def number_at(numbers: Any, k: int = 0) -> float:
    """One of K numbers as a Python float; a number, or an array of one, serves all K."""
    if isinstance(numbers, np.ndarray):
        return float(numbers[k]) if numbers.size > 1 else float(numbers.item())
    return float(numbers)


class NumpyEngine:
    """The project's own engine.

    Args:
        rules: primitives in place of others, as :class:`~gradjury.engine.Execution` takes them.
        execution: the class that runs a tape.
    """

    name = "numpy"
    flushes_subnormals = False

    def __init__(
        self,
        rules: Mapping[type[Primitive], type[Primitive]] | None = None,
        execution: type[Execution] = Execution,
    ) -> None:
        # what was replaced cannot be named on a command line, so nobody shall take it for the plain engine
        replaced = bool(rules) or execution is not Execution
        self.version = f"{np.__version__}, replaced rules" if replaced else np.__version__
        self._rules, self._execution = rules, execution
        #: Whether both sweeps are those of :class:`~gradjury.engine.Execution`.
        self.has_own_sweeps = all(getattr(execution, n) is getattr(Execution, n) for n in ("forward", "reverse"))

    def gradient(self, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, dict[str, Any]]:
        """Value and gradient in one forward and one reverse sweep, of arrays of any shape.

        Raises:
            EngineError: the point lacks an input, or has arrays of different sizes.
        """
        return swept(self._execution(tape, dtype, self._rules), point)

    def values(self, tape: Tape, point: Point, dtype: DTypeLike) -> list[Any]:
        """The value of every node: what a black box does not show."""
        run = self._execution(tape, dtype, self._rules)
        run.forward(point)
        assert run.values is not None
        return run.values

    def shown(self, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, dict[str, Any], Shown]:
        """As :meth:`gradient`, in one block, and what it was multiplied from."""
        run = self._execution(tape, dtype, self._rules)
        value, gradient = run.forward(point), run.reverse()
        assert run.values is not None
        assert run.local_derivatives is not None
        return value, gradient, Shown(run.values, run.local_derivatives)

    def higher_derivative(self, tape: Tape, point: Point, dtype: DTypeLike, name: str, order: int) -> Any:
        """The derivative of an order by one input: the reverse sweep is traced, and what it did is swept again.

        Raises:
            Unsupported: a rule on the way cannot be traced.
        """

        def partial(tape: Tape, point: Point, name: str) -> Any:
            traced = any(isinstance(x, Variable) for x in point.values())
            found = (
                swept(self._execution(tape, dtype, self._rules), point) if traced else self.gradient(tape, point, dtype)
            )
            return found[1][name]

        return higher_derivative(partial, tape, point, dtype, name, order)


#: What computes a gradient of ours.
OWN_GRADIENT = NumpyEngine.gradient


def shows_inside(engine: Engine | None) -> TypeGuard[NumpyEngine]:
    """Whether :func:`.asking.ask_inside` sees the local derivatives of an engine: ours does, with its own sweeps.

    Of a class derived from it, with sweeps of somebody else's, or with another gradient put in the place of its own,
    nobody knows where the numbers come from.
    """
    if type(engine) is not NumpyEngine or not engine.has_own_sweeps:
        return False
    return getattr(engine.gradient, "__func__", None) is OWN_GRADIENT


def flushed(numbers: np.ndarray[Any, Any], dtype: DTypeLike) -> np.ndarray[Any, Any]:
    """Numbers as an engine takes them that flushes subnormals: 0 of their sign in place of these."""
    return np.where(np.abs(numbers) < np.finfo(dtype).tiny, np.copysign(0, numbers), numbers)
