"""Python functions as tapes: called once on Variables, whose operations record themselves; and their gradients."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .conditions import Condition
from .errors import NotTraceable
from .sweep import gradient as gradient_of
from .tape import Recorder, Tape, uncollected
from .variable import Variable, lift, shown


def trace(
    function: Callable[..., Any],
    inputs: tuple[str, ...] | None = None,
    recorder: Callable[[tuple[str, ...]], Recorder] = Recorder,
) -> Tape:
    """Call a Python function once on Variables and return what it did as a tape.

    Args:
        function: takes numbers or arrays, written with operators, NumPy and scipy.special functions.
        inputs: names of its arguments; its own parameter names if not given.
        recorder: makes what writes down the operations, from the names.

    Raises:
        BranchOnValue: the function branches on a value.
        NotTraceable: it calls something that no primitive stands for, or returns something else than one number.
    """
    if inputs is None:
        inputs = tuple(inspect.signature(function).parameters)
    records = recorder(inputs)
    with uncollected():
        result = function(*(Variable(records, i) for i in range(len(inputs))))
        if what := _no_number(result):
            raise NotTraceable(f"function: it returns {what}; expected one number")
        return records.tape(lift(records, result).index)


def _no_number(result: Any) -> str | None:
    """What a function returned, where that is no number."""
    if result is None:
        return "None"
    if isinstance(result, (Condition, bool, np.bool_)):
        return "a condition"
    if isinstance(result, np.ndarray) and result.ndim:
        return f"an array of shape {result.shape}"
    return f"a {type(result).__name__}" if isinstance(result, (list, tuple, dict, str)) else None


def _is_real(value: Any) -> bool:
    """Whether floats can be made of a value without losing a part of it; traced values are."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and not any(isinstance(x, Variable) for x in array.flat):
            array = array.astype(float) if not any(x is None for x in array.flat) else np.array("")
    except (TypeError, ValueError, OverflowError):
        return False
    return array.dtype.kind in "fiubO"


def grad(function: Callable[..., Any]) -> Callable[..., Any]:
    """The gradient of a Python function by this engine: one number for one argument, else a tuple.

    The tape is recorded at each call, in the manner of define-by-run engines, so the result may itself be
    traced or differentiated again. It takes numbers, or arrays of K numbers, and raises what :func:`trace` does.

    Raises:
        NotTraceable: it is no function; and by the gradient, where an argument is no real number.
    """
    if not callable(function):
        raise NotTraceable(f"grad: got {function!r}; expected a Python function, such as lambda x: numpy.sin(x)")

    def gradient(*point: Any) -> Any:
        for place, value in enumerate(point, 1):
            if not isinstance(value, Variable) and not _is_real(value):
                raise NotTraceable(
                    f"grad: argument {place}: got {shown(value)}; expected a number, or an array of them"
                )
        tape = trace(function, tuple(f"x{i}" for i in range(len(point))))
        partials = tuple(gradient_of(tape, dict(zip(tape.inputs, point, strict=True)))[1].values())
        return partials[0] if len(partials) == 1 else partials

    gradient.__name__ = f"grad_{getattr(function, '__name__', 'function')}"
    return gradient
