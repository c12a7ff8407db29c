"""What callers may pass, checked before any work starts: an error says which argument, what came, what is expected."""

from __future__ import annotations

import math
import operator
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from ..engine.errors import shortened
from .errors import InvalidInput, LimitExceeded
from .limits import DEFAULT
from .records import DTYPES, STANDARDS

Entry = TypeVar("Entry")

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


def named(given: Mapping[str, Entry], known: Collection[str]) -> Mapping[str, Entry]:
    """What is given by names, by the names that a function has: Python reads ``µ`` (U+00B5) as ``μ`` (U+03BC).

    Args:
        known: the function's names, which stay as they are.

    Raises:
        InvalidInput: two names are one.
    """
    if "".join(given).isascii():
        return given
    found: dict[str, Entry] = {}
    for name, entry in given.items():
        read = name if name in known else unicodedata.normalize("NFKC", name)
        if read in found:
            raise InvalidInput(f"{name!r} is given twice: Python reads it as {read!r}; expected it once")
        found[read] = entry
    return found


def check_judging(
    *,
    at: Any,
    gradient: Any,
    derivative: Any,
    domain: Any,
    points: Any,
    seed: Any,
    order: Any,
    standard: Any,
    wrt: Any,
    timeout: Any,
) -> None:
    """Check the arguments of :func:`~gradjury.verifier.verify` that no function is needed for.

    Raises:
        InvalidInput: one is not what it should be.
    """
    if at is not None:
        by_variable("at", at, "numbers")
    if callable(gradient):
        refuse("gradient", gradient, "numbers by variable; assert_gradient takes a function")
    if gradient is not None:
        by_variable("gradient", gradient, "numbers")
    if derivative is not None:
        by_variable("derivative", derivative, "formulas")
        for variable, formula in derivative.items():
            if not isinstance(formula, str):
                refuse(f"derivative: {variable}", formula, "a formula as text")
    if domain is not None:
        by_variable("domain", domain, "the lowest and the highest value")
    if points is not None and whole("points", points, 1) > DEFAULT.points:
        raise LimitExceeded(f"points: got {points:,}; expected at most {DEFAULT.points:,}")
    whole("seed", seed)
    whole("order", order, 1)
    if standard is not None:
        one_of("standard", standard, STANDARDS)
    if wrt is not None and not isinstance(wrt, str):
        refuse("wrt", wrt, "the name of a variable")
    seconds("timeout", timeout)
