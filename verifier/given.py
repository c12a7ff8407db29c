"""The numbers that callers give: points for each variable, claimed partials; made doubles, K for each name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from .arguments import shown
from .engine import flushed
from .errors import InvalidInput
from .results import Verification
from .sampling import sample

#: Points that are sampled where none are given.
DEFAULT_POINTS = 8

#: What people write for numbers, and a variable may be called; and how the number is written here.
NUMBERS_BY_HAND = {"π": "pi", "Pi": "pi", "PI": "pi", "e": "E"}

Numbers = float | Sequence[float] | np.ndarray[Any, Any]

#: K doubles: a list of one, an array of more.
Floats = list[float] | np.ndarray[Any, np.dtype[np.float64]]


def points_of(
    result: Verification, at: Mapping[str, Numbers] | None, domain: Any, points: int | None, seed: int
) -> dict[str, Any]:
    """K values for each name, rounded to what the engine can hold: the dtype, without subnormals if it flushes them.

    Raises:
        InvalidInput: a variable has no value, no numbers, or another amount of them than others; or as
            :func:`.sampling.sample`.
    """
    if at and {*map(type, at.values())} == {float} and at.keys() >= {*result.tape.inputs}:
        engine = result.under_test
        if result.dtype.type is np.float64 and not (engine is not None and engine.flushes_subnormals):
            return {name: (x,) for name, x in at.items()}  # one point, without the detours of all others
    places: Mapping[str, Any] = at if at is not None else {}
    if at is None:
        places = sample(result.tape, domain, points or DEFAULT_POINTS, seed, result.plan.opaque)
    dtype = result.dtype
    # beyond the largest float32 a point is infinite, and judged as such
    with nullcontext() if dtype == np.float64 else np.errstate(over="ignore"):
        arrays = {name: array_of("at", name, values, dtype) for name, values in places.items()}
    if result.under_test is not None and result.under_test.flushes_subnormals:
        arrays = {name: flushed(a, dtype) for name, a in arrays.items()}
    sizes = {a.size for a in arrays.values() if a.ndim}
    if len(sizes) > 1 or 0 in sizes or any(a.ndim > 1 for a in arrays.values()):
        given = ", ".join(f"{_amount(a)} for {name!r}" for name, a in arrays.items())
        raise InvalidInput(f"at: {given}; expected one number, or the same number K of numbers, for each variable")
    for name in result.tape.inputs:
        if name not in arrays:
            number = NUMBERS_BY_HAND.get(name)
            hint = f"; the number is written {number}" if number else ""
            raise InvalidInput(f"at: no value for variable {name!r}; given: {', '.join(arrays) or 'none'}{hint}")
    if not sizes:
        return {name: a.reshape(1) for name, a in arrays.items()}
    (count,) = sizes
    return {name: a if a.ndim else np.broadcast_to(a, (count,)) for name, a in arrays.items()}


def _amount(array: np.ndarray[Any, Any]) -> str:
    if array.ndim > 1:
        return f"an array of shape {array.shape}"
    return "1 number" if array.size == 1 else f"{array.size} numbers"


def array_of(argument: str, name: str, values: Any, dtype: Any) -> np.ndarray[Any, Any]:
    """A number, or K numbers, given for one name, as an array.

    Raises:
        InvalidInput: they are none, or are more than an array of floats holds.
    """
    try:
        if not loses(values):
            return _copy(values, dtype)  # results tell of their points when the caller's have moved on
    except Exception:  # an array of a library's own may raise anything where NumPy asks for its numbers
        pass
    raise InvalidInput(f"{argument}: {name}: given {shown(values)}; expected a number, or K numbers")


def loses(values: Any) -> bool:
    """Whether NumPy would make floats of what is none: nan of None, days of a date, of a complex number its half."""
    plain = np.asarray(values)
    if plain.dtype.kind == "O" and any(x is None or isinstance(x, (bytes, complex)) for x in plain.flat):
        return True
    return plain.dtype.kind not in "fiubUO" or np.ma.is_masked(values)


def check_names(gradient: Mapping[str, Any] | None, wrt: str | None, where: Collection[str]) -> None:
    """Check that what is to be judged is by variables that there are.

    Args:
        where: the names of the point.

    Raises:
        InvalidInput: one is none of them, or no number is left to judge.
    """
    if wrt is not None and wrt not in where:
        raise InvalidInput(f"wrt: {wrt!r} is no variable here; expected one of {', '.join(where)}")
    if gradient is not None:
        if strangers := [name for name in gradient if name not in where]:
            raise InvalidInput(f"gradient: {strangers[0]!r} is no variable here; expected some of {', '.join(where)}")
        if where and (not gradient or wrt not in (None, *gradient)):
            raise InvalidInput(f"gradient: it holds no number to judge; expected one for {wrt or ', '.join(where)}")


def claimed(gradient: Mapping[str, Numbers], count: int) -> tuple[list[str], list[Floats]]:
    """The variables by which partials are claimed, and K numbers for each.

    Raises:
        InvalidInput: there is neither one number for a variable nor one for each point.
    """
    columns = []
    for name, numbers in gradient.items():
        array = array_of("gradient", name, numbers, np.float64).squeeze()
        if array.ndim > 1 or array.size not in (1, count):
            points, expected = ("1 point", "1") if count == 1 else (f"{count} points", f"1 or {count}")
            raise InvalidInput(f"gradient: {_amount(array)} for {name!r} at {points}; expected {expected}")
        columns.append(floats(array, count))
    return [*gradient], columns


def _copy(numbers: Any, dtype: DTypeLike) -> np.ndarray[Any, Any]:
    """An array of its own; in two steps, since arrays of other libraries may not know NumPy's keyword ``copy``."""
    return np.array(np.asarray(numbers), dtype)


def floats(numbers: Any, count: int) -> Floats:
    """K numbers as doubles, a list of one float or an array of more: a copy of what an engine may write to again."""
    kind = numbers.__class__
    if count == 1:
        if kind is np.float64:
            return [float(numbers)]
        return [float(numbers[0] if kind is tuple else np.asarray(numbers).reshape(-1)[0])]
    array = _copy(numbers, np.float64)
    return array if array.shape == (count,) else np.broadcast_to(array, (count,))
