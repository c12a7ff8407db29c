"""An engine is asked: for values, gradients and what is inside of them, each seen to be numbers before it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from ..engine.blocks import BLOCK
from ..engine.tape import Tape
from .arguments import shown
from .engine import Engine, NumpyEngine, Point, Shown, is_higher, is_valued, is_white, number_at, shape_of, shows_inside
from .errors import OF_OTHERS, Unsupported, crashed, raised


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


def ask_at(engine: Engine, tape: Tape, point: Sequence[float], dtype: np.dtype[Any]) -> tuple[float, list[float]]:
    """Value and gradient at one point, as Python's floats.

    Args:
        point: a number for each input, which ``dtype`` holds.

    Raises:
        Unsupported, EngineFailed: as :func:`ask`.
    """
    value, partials = ask(engine, tape, dict(zip(tape.inputs, map(dtype.type, point), strict=True)), dtype)
    return number_at(value), [number_at(partials[name]) for name in tape.inputs]


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
    return int(np.prod(shape_of(tape, point)))


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
