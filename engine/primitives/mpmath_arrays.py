"""Functions that no library of arrays has right, by mpmath: slow, number by number, and right to the last digit."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import Any

import mpmath
import numpy as np

Array = Any

#: For one number: the series that mpmath may sum, the terms of each, the bits, and the largest parameter. Beyond
#: these it takes minutes, or never comes back (measured); what it has not found by then it hardly finds.
MOST_SERIES, MOST_TERMS, MOST_BITS, LARGEST = 60, 10_000, 2000, 1e6

#: So many values of Riemann's zeta function are kept: the series of a polylogarithm of fractional order takes a
#: hundred, the same ones at every argument, and 1 ms for each.
KEPT = 4096


class _Context(mpmath.MPContext):  # type: ignore[misc]  # mpmath ships no types
    """mpmath's arithmetic with hypergeometric series that come to an end."""

    series = 0
    zeta: Any

    def __init__(ctx) -> None:
        super().__init__()
        any_zeta = ctx.zeta

        @lru_cache(maxsize=KEPT)
        def riemann(s: Any, bits: int) -> Any:
            return any_zeta(s)

        def zeta(s: Any, *others: Any, **options: Any) -> Any:
            return any_zeta(s, *others, **options) if others or options else riemann(s, ctx.prec)

        ctx.zeta = zeta  # mpmath puts its functions on the class when it makes a context, over any that stand there

    def _default_hyper_maxprec(ctx, bits: int) -> int:
        return MOST_BITS

    def hypsum(
        ctx, p: int, q: int, flags: Any, coeffs: Any, z: Any, accurate_small: bool = True, **options: Any
    ) -> Any:
        ctx.series += 1
        if ctx.series > MOST_SERIES:
            raise mpmath.libmp.NoConvergence
        growth = 1 + max(ctx.mag(z), 0) / 16 if z else 1  # of the terms, in bits
        return super().hypsum(
            p, q, flags, coeffs, z, accurate_small, **{"maxterms": int(MOST_TERMS / growth), **options}
        )


#: A context of its own: what a user sets in ``mpmath.mp`` changes nothing here. mpmath changes its precision while it
#: computes, so one thread computes with it at a time.
CONTEXT = _Context()
_LOCK = Lock()

#: In which each number is begun. What an interrupt left, such as that of a time limit, is none of the next one's.
BITS = 80


def number_by_number(compute: Callable[..., Any], *arguments: Array) -> Array:
    """A function of mpmath at each element; infinite at poles, nan where it is complex, where an argument is not
    finite, and where mpmath would not come back.

    Args:
        compute: a function of the context's numbers: orders or parameters, and last the argument.
        arguments: arrays of real floating type that broadcast.
    """
    dtype = np.result_type(*arguments)
    columns = np.broadcast_arrays(*(np.asarray(argument, np.float64) for argument in arguments))
    found = [number(compute, *numbers) for numbers in zip(*(c.ravel().tolist() for c in columns), strict=True)]
    with np.errstate(over="ignore"):
        return np.array(found, np.float64).reshape(columns[0].shape).astype(dtype)[()]


def number(compute: Callable[..., Any], *numbers: float) -> float:
    """As :func:`number_by_number`, of one number for each argument."""
    if not (all(map(math.isfinite, numbers)) and all(abs(order) <= LARGEST for order in numbers[:-1])):
        return math.nan
    with _LOCK:
        CONTEXT.series, CONTEXT.prec = 0, BITS
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
