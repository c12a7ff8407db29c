"""Which arguments of a Python function are its variables: those without a default, and those that points name."""

from __future__ import annotations

import inspect
import unicodedata
from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from .arguments import shown
from .errors import InvalidInput

_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def with_variables(function: Callable[..., Any], given: Collection[str] = ()) -> tuple[tuple[str, ...], Any]:
    """The names of a function's variables, and the function of these alone, by position.

    An argument with a default is a variable only if it is among the given names; else it keeps its default. ``*args``
    and ``**kwargs`` take the names that are left, in their order.

    Raises:
        InvalidInput: the function does not say what arguments it takes.
    """
    given = [unicodedata.normalize("NFKC", name) for name in given]  # as Python reads names
    parameters = _parameters(function)
    if parameters is None:
        expected = "expected a Python function, such as lambda x: numpy.sin(x)"
        raise InvalidInput(f"function: {shown(function)} names no arguments; {expected}")
    plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    kinds = {p.kind for p in parameters}
    chosen = [p for p in plain if p.default is p.empty or p.name in given]
    left = [name for name in given if name not in {p.name for p in plain}]
    by_place = _leading(plain, chosen)
    named = [p.name for p in chosen[len(by_place) :]]
    names = [*by_place]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        between = [p.name for p in plain if p.kind in _BY_PLACE][len(by_place) :]
        if left and between:
            raise InvalidInput(f"at: no value for {between[0]!r}, which stands before *args; given: {', '.join(given)}")
        names += left
    elif inspect.Parameter.VAR_KEYWORD in kinds:
        named += left
    if not named:
        return tuple(names), function
    count = len(names)

    def by_position(*values: Any) -> Any:
        return function(*values[:count], **dict(zip(named, values[count:], strict=True)))

    by_position.__name__ = getattr(function, "__name__", type(function).__name__)
    return (*names, *named), by_position


def with_given(function: Callable[..., Any], given: Collection[str] = ()) -> tuple[tuple[str, ...], Any]:
    """As :func:`with_variables`; but a function that does not say what arguments it takes has those given, or an x.

    Raises:
        InvalidInput: the function takes no arguments.
    """
    if _parameters(function) == []:
        raise InvalidInput("function: it takes no arguments; expected one at least, by which there is a derivative")
    names, by_position = (tuple(given), function) if _parameters(function) is None else with_variables(function, given)
    return names or ("x",), by_position


def leading_names(function: Callable[..., Any], count: int) -> list[str]:
    """Names of the first arguments of a function, which is called by position; none where it does not say."""
    parameters = _parameters(function) or []
    found = [p.name for p in parameters if p.kind in _BY_PLACE][:count]
    return [] if len(found) < count and any(p.kind is p.VAR_POSITIONAL for p in parameters) else found


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """A function's parameters; None where it does not say."""
    try:
        return None if isinstance(function, np.ufunc) else [*inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        return None


def _leading(plain: Collection[inspect.Parameter], chosen: Collection[inspect.Parameter]) -> list[str]:
    """The names of the variables that can be given by position: up to the first argument that keeps its default."""
    found: list[str] = []
    for parameter in plain:
        if parameter not in chosen or parameter.kind not in _BY_PLACE:
            break
        found.append(parameter.name)
    return found
