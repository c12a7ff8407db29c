"""Functions that no library of arrays has right, by mpmath: slow, number by number, and right to the last digit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

Array = Any

#: A context of its own: what a user sets in ``mpmath.mp`` changes nothing here.
CONTEXT = mpmath.MPContext()
CONTEXT.prec = 80


def number_by_number(compute: Callable[..., Any], *arguments: Array) -> Array:
    """A function of mpmath at each element; nan where it is complex or an argument is not finite, infinite at poles.

    Args:
        compute: a function of the context's numbers.
        arguments: arrays of real floating type that broadcast.
    """
    dtype = np.result_type(*arguments)
    columns = np.broadcast_arrays(*(np.asarray(argument, np.float64) for argument in arguments))
    found = [_number(compute, numbers) for numbers in zip(*(c.ravel().tolist() for c in columns), strict=True)]
    with np.errstate(over="ignore"):
        return np.array(found, np.float64).reshape(columns[0].shape).astype(dtype)[()]


def _number(compute: Callable[..., Any], numbers: tuple[float, ...]) -> float:
    if not all(map(math.isfinite, numbers)):
        return math.nan  # of which mpmath may never come back
    try:
        value = compute(*map(CONTEXT.mpf, numbers))
    except ZeroDivisionError:
        return math.inf
    except (ValueError, mpmath.libmp.NoConvergence):
        return math.nan
    if isinstance(value, CONTEXT.mpc):
        if value.imag != 0:
            return math.nan
        value = value.real
    return float(value)
