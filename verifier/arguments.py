"""What callers may pass, checked before any work starts: an error says which argument, what came, what is expected."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from ..engine.errors import shortened
from .errors import InvalidInput
from .records import DTYPES

_FLOATING = {name: np.dtype(name) for name in DTYPES}


def shown(value: Any) -> str:
    """A value as a message may show it."""
    return shortened(value.__name__ if isinstance(value, type) else repr(value))


def refuse(name: str, value: Any, expected: str) -> NoReturn:
    """Say that an argument is not what it should be.

    Raises:
        InvalidInput: always.
    """
    raise InvalidInput(f"{name}: got {shown(value)}; expected {expected}")


def without_imaginary(what: str, numbers: Any) -> Any:
    """Numbers that are no complex ones, as they came: NumPy would make floats of these, and drop a half of each.

    Args:
        what: is said, such as ``x0: it holds``.

    Raises:
        InvalidInput: they are complex, be their imaginary parts 0.
    """
    if np.iscomplexobj(numbers):
        raise InvalidInput(f"{what} complex numbers; expected real ones")
    return numbers


def whole(name: str, value: Any, least: int | None = None) -> int:
    """A whole number, of Python or NumPy.

    Raises:
        InvalidInput: it is none, or below ``least``.
    """
    if value.__class__ is int and (least is None or value >= least):  # as nearly always
        return int(value)
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or (least is not None and number < least):
        refuse(name, value, "a whole number" if least is None else f"a whole number from {least}")
    return number


def real(name: str, value: Any) -> float:
    """A number that is neither nan nor infinite.

    Raises:
        InvalidInput: it is none.
    """
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        refuse(name, value, "a finite number")
    return number


def seconds(name: str, value: Any) -> float | None:
    """A time, None for no limit.

    Raises:
        InvalidInput: it is no number above 0.
    """
    if value is None:
        return None
    try:
        if (number := real(name, value)) > 0:
            return number
    except InvalidInput:
        pass
    refuse(name, value, "a finite number of seconds above 0, or None")


def one_of(name: str, value: Any, choices: Collection[str]) -> str:
    """One of some words.

    Raises:
        InvalidInput: it is none of them.
    """
    if not isinstance(value, str) or value not in choices:
        refuse(name, value, " or ".join(choices))
    return value


def floating(value: DTypeLike) -> np.dtype[Any]:
    """The type in which an engine computes.

    Raises:
        InvalidInput: it is none of those that can be judged.
    """
    known = _FLOATING.get(value) if isinstance(value, str) else None
    if known is not None:
        return known
    try:
        found = np.dtype(value)
    except (TypeError, ValueError):
        found = None
    if value is None or found is None or found not in _FLOATING.values():
        refuse("dtype", value, " or ".join(DTYPES))
    return found


def by_variable(name: str, value: Any, entries: str) -> None:
    """Check that something is given for each variable by its name.

    Raises:
        InvalidInput: it is no mapping, or a key of it no text.
    """
    if value.__class__ is not dict and not isinstance(value, Mapping):
        refuse(name, value, f"a mapping from variables to {entries}, such as {{'x': …}}")
    for key in value:
        if not isinstance(key, str):
            refuse(f"{name}: the variable", key, "its name as text")
