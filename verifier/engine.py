"""Engines under test: whatever returns a value and a gradient for a tape."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol, TypeGuard, cast

import numpy as np
from numpy.typing import DTypeLike

from ..engine.blocks import BLOCK
from ..engine.primitive import REGISTRY, Primitive
from ..engine.sweep import Execution, swept
from ..engine.tape import Tape
from ..engine.variable import Variable
from .arguments import shown
from .engines import ADAPTERS, DISTRIBUTIONS
from .errors import OF_OTHERS, InvalidInput, Unsupported, crashed, raised
from .orders import higher_derivative

if TYPE_CHECKING:
    from .engines.common import Whole

Point = Mapping[str, Any]


class Engine(Protocol):
    """What the verifier asks of an engine.

    What else it may have is stated by :class:`White`, :class:`Higher`, :class:`Valued`, :class:`Limited`,
    :class:`Wearing`, :class:`OfClass`, :class:`OneCall` and :class:`~.results.Named`, each by itself.

    Attributes:
        name: short name, as ``--engine`` takes it.
        version: of the library, for the records.
        flushes_subnormals: whether results below the smallest normal number become 0.
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


class Wearing(Engine, Protocol):
    """An engine that ends the process in which it has worked for long.

    Attributes:
        wears_out_processes: whether a campaign judges in a process of its own, which is replaced.
    """

    wears_out_processes: bool


class OfClass(Engine, Protocol):
    """An engine of a user's own class, given by its name.

    Attributes:
        engine_class: ``MODULE:CLASS``, by which records ask for it again.
    """

    engine_class: str


class OneCall(Engine, Protocol):
    """An engine that may run one whole function by a single call.

    Attributes:
        whole: that function, None of the engine at large.
    """

    whole: Whole | None


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


class EngineFailed(Unsupported):
    """The engine under test raised an error, which is the cause, or returned no gradient."""


def ask(engine: Engine, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, Mapping[str, Any]]:
    """Value and gradient as an engine returns them, seen to be numbers for all points and inputs.

    Raises:
        Unsupported: the engine lacks something.
        EngineFailed: it raised another error, or returned something else. Errors of the project's own engine are ours,
            and pass as they are.
    """
    if type(engine) is NumpyEngine:  # which is ours, and is not to wait for what others need
        return engine.gradient(tape, point, dtype)
    found = _run(engine, engine.gradient, tape, _copied(point), dtype)
    count = _count(tape, point)
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], Mapping):
        _fail(engine, f"gradient returned {shown(found)}; expected (value, partials by variable)")
    value, partials = found
    if missing := [name for name in tape.inputs if name not in partials]:
        _fail(engine, f"gradient returned no partial by {', '.join(missing)}")
    for name, numbers in {"the value": value, **{f"the partial by {n}": partials[n] for n in tape.inputs}}.items():
        if not _fits(numbers, count):
            _fail(engine, f"gradient returned {shown(numbers)} for {name}; expected {_amount(count)}")
    return value, partials


def shows_inside(engine: Engine | None) -> TypeGuard[NumpyEngine]:
    """Whether :func:`ask_inside` sees the local derivatives of an engine: ours does, with the sweeps that it has.

    Of a class derived from it, with sweeps of somebody else's, or with another gradient put in the place of its own,
    nobody knows where the numbers come from.
    """
    if type(engine) is not NumpyEngine or not engine.has_own_sweeps:
        return False
    return getattr(engine.gradient, "__func__", None) is OWN_GRADIENT


def ask_inside(
    engine: Engine, tape: Tape, point: Point, dtype: DTypeLike, count: int
) -> tuple[Any, Mapping[str, Any], Shown | None]:
    """As :func:`ask`, and what the sweeps stored, where the engine shows it and ``count`` points are not too many."""
    if shows_inside(engine) and count <= BLOCK:
        return engine.shown(tape, point, dtype)
    return *ask(engine, tape, point, dtype), None


def ask_value(engine: Engine, tape: Tape, point: Point, dtype: DTypeLike) -> Any:
    """The value as :func:`ask` returns it.

    Raises:
        Unsupported: the engine lacks something.
        EngineFailed: as :func:`ask`.
    """
    if not is_valued(engine):
        return ask(engine, tape, point, dtype)[0]
    value = _run(engine, engine.value_alone, tape, _copied(point), dtype)
    if not _fits(value, count := _count(tape, point)):
        _fail(engine, f"value_alone returned {shown(value)}; expected {_amount(count)}")
    return value


def ask_derivative(engine: Engine, tape: Tape, point: Point, dtype: DTypeLike, name: str, order: int) -> Any:
    """The derivative of an order from 2 by one input, as an engine's ``higher_derivative`` returns it.

    Raises:
        Unsupported: the engine has no such method, or it lacks something.
        EngineFailed: as :func:`ask`.
    """
    if not is_higher(engine):
        raise Unsupported(f"{engine.name} is asked for first derivatives only")
    numbers = _run(engine, engine.higher_derivative, tape, _copied(point), dtype, name, order)
    if not _fits(numbers, count := _count(tape, point)):
        _fail(engine, f"higher_derivative returned {shown(numbers)}; expected {_amount(count)}")
    return numbers


def ask_nodes(engine: Engine, tape: Tape, point: Point, dtype: DTypeLike) -> list[Any] | None:
    """The value of every node up to the output, None where the engine is a black box.

    Raises:
        EngineFailed: as :func:`ask`.
    """
    if not is_white(engine):
        return None
    values = engine.values
    found: list[Any] = _run(engine, lambda *asked: list(values(*asked)), tape, _copied(point), dtype)
    count, nodes = _count(tape, point), tape.output + 1
    if len(found) < nodes:
        _fail(engine, f"values returned {len(found)} values; expected {nodes}, one for each node")
    for i, numbers in enumerate(found[:nodes]):
        if not _fits(numbers, count):
            _fail(engine, f"values returned {shown(numbers)} for node {i}; expected {_amount(count)}")
    return found


def _copied(point: Point) -> Point:
    """A point whose arrays an engine may write to: they are the caller's, and judged once it has answered."""
    return {name: np.array(x) if isinstance(x, np.ndarray) else x for name, x in point.items()}


def _count(tape: Tape, point: Point) -> int:
    """How many points there are."""
    return int(np.prod(np.broadcast_shapes(*(np.shape(point[name]) for name in tape.inputs))))


def _amount(count: int) -> str:
    return "one number" if count == 1 else f"{count} numbers"


def _run(engine: Engine, function: Callable[..., Any], *args: Any) -> Any:
    try:
        return function(*args)
    except Unsupported:
        raise
    except OF_OTHERS as error:
        if type(engine) is NumpyEngine:
            raise
        raise crash(engine, error) from error


def no_gradient(name: str) -> EngineFailed:
    """Of an engine that gives no gradient where the function has one."""
    return EngineFailed(crashed(f"{name}: it gives no gradient: what the function returns does not require one"))


def crash(engine: Engine, error: BaseException) -> EngineFailed:
    """What an engine's own error is here."""
    return EngineFailed(crashed(f"{engine.name}: {raised(error)}"))


def _fail(engine: Engine, what: str) -> NoReturn:
    raise EngineFailed(crashed(f"{engine.name}: {what}"))


def _fits(numbers: Any, count: int) -> bool:
    try:
        array = np.asarray(numbers)
    except (TypeError, ValueError):
        return False
    fits = array.size == 1 if count == 1 else array.shape in ((), (1,), (count,))
    return fits and array.dtype.kind in "fiub"


def flushed(numbers: np.ndarray[Any, Any], dtype: DTypeLike) -> np.ndarray[Any, Any]:
    """Numbers as an engine takes them that flushes subnormals: 0 of their sign in place of these."""
    return np.where(np.abs(numbers) < np.finfo(dtype).tiny, np.copysign(0, numbers), numbers)


def known() -> tuple[str, ...]:
    """Names of all engines that can be judged where they are installed."""
    return ("numpy", *ADAPTERS)


_PARTS = ("name", "version", "flushes_subnormals", "gradient")


def engine_named(engine: str | Engine) -> Engine:
    """An engine by its name, or of a user's own class as ``MODULE:CLASS``; an Engine object is returned as it is.

    Raises:
        InvalidInput: no engine of that name is known, it is not installed, or there is no such class.
    """
    if not isinstance(engine, str):
        # by hasattr: isinstance of a Protocol sees no attribute that an object hands on from another one by __getattr__
        lacking = [name for name in _PARTS if not hasattr(engine, name)]
        if lacking or isinstance(engine, type):
            raise InvalidInput(
                f"engine: got {_described(engine)}, expected a name or an object with name, version, "
                "flushes_subnormals and gradient(tape, point, dtype)"
                + (f"; it has no {' and no '.join(lacking)}" if 0 < len(lacking) < len(_PARTS) else ""),
                field="engine",
            )
        return engine
    if engine == "numpy":
        return NumpyEngine()
    if ":" in engine:
        return _own(engine)
    if engine not in known():
        names = f"known: {', '.join(known())}, or MODULE:CLASS of your own"
        raise InvalidInput(f"engine: {engine!r} is not known; {names}", field="engine")
    try:
        module = import_module(f"{__package__}.engines.{engine}")
    except Exception as error:  # a library that lacks a part of its own raises OSError, and what not
        why = f"engine: {engine} cannot be imported ({error}); {install_hint(engine)}"
        raise InvalidInput(why, field="engine") from error
    found: Engine = getattr(module, ADAPTERS[engine])()
    return found


def _own(engine: str) -> Engine:
    """An object of a user's class, whose module may lie in the working directory."""
    module, _, name = engine.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        found = getattr(import_module(module), name)()
    except OF_OTHERS as error:
        told = str(error) or type(error).__name__
        why = f"engine: {engine!r} cannot be made ({told}); expected MODULE:CLASS"
        raise InvalidInput(why, field="engine") from error
    if isinstance(found, str):
        raise InvalidInput(f"engine: {engine!r} makes a text; expected MODULE:CLASS of an engine", field="engine")
    made = engine_named(found)
    with suppress(AttributeError):  # of a class with slots; then records do not say it
        cast(OfClass, made).engine_class = engine
    return made


def _described(engine: object) -> str:
    return f"the class {engine.__name__}" if isinstance(engine, type) else type(engine).__name__


def available() -> list[tuple[str, str | None, str | None]]:
    """Name, version, and what is missing, for every engine that can be tested; none of them is imported."""
    versions = {name: _installed(name) for name in known()}
    return [(name, found, None if found else install_hint(name)) for name, found in versions.items()]


def _installed(name: str) -> str | None:
    """The version of an engine, from whichever distribution it came; None where it is not installed."""
    usual = DISTRIBUTIONS.get(name, name)
    try:
        return version(usual)
    except PackageNotFoundError:
        if PathFinder.find_spec(name) is None:  # which is seen in no time; all distributions take half a second
            return None
    others = [distribution for distribution in _distributions().get(name, ()) if distribution != usual]
    return version(others[0]) if others else None


_distributions = cache(packages_distributions)


def install_hint(engine: str) -> str:
    """The command that installs an engine's extra."""
    extra = engine.replace("_", "-")  # pip before 23.3 finds no extra by a name with an underscore
    return f"pip install 'gradjury[{extra}]'"
