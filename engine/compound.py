"""Functions of NumPy and SciPy that are no primitives but are made of them: what tracing records in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

from .errors import NotTraceable

#: A ufunc → the same of Variables, written with functions that have primitives. Where all numbers are real ``fmax`` is
#: ``maximum``: they differ at nan alone.
COMPOUND: dict[Any, Callable[..., Any]] = {
    np.fmax: np.maximum,
    np.fmin: np.minimum,
    np.float_power: np.power,
    np.conjugate: np.positive,
    np.deg2rad: lambda x: x * (np.pi / 180),
    np.radians: lambda x: x * (np.pi / 180),
    np.rad2deg: lambda x: x * (180 / np.pi),
    np.degrees: lambda x: x * (180 / np.pi),
    special.exp1: lambda x: special.expn(1, x),
    special.j0: lambda x: special.jv(0, x),
    special.j1: lambda x: special.jv(1, x),
    special.y0: lambda x: special.yv(0, x),
    special.y1: lambda x: special.yv(1, x),
    special.k0: lambda x: special.kv(0, x),
    special.k1: lambda x: special.kv(1, x),
    special.logit: lambda x: np.log(x / (1 - x)),
    special.entr: lambda x: -special.xlogy(x, x),
}


def select(conditions: Any, choices: Any, default: Any = 0) -> Any:
    """``numpy.select``: the choice of the first condition that holds.

    Raises:
        NotTraceable: there is not one choice for each condition.
    """
    if len(conditions) != len(choices):
        raise NotTraceable(f"numpy.select got {len(conditions)} conditions and {len(choices)} choices")
    result = default
    for condition, choice in reversed([*zip(conditions, choices, strict=True)]):
        result = np.where(condition, choice, result)
    return result


def clip(x: Any, low: Any = None, high: Any = None, **keywords: Any) -> Any:
    """``numpy.clip`` with one bound, or with bounds by name; None is no bound.

    Raises:
        NotTraceable: a bound is given twice, or something else is asked for.
    """
    for name, value in keywords.items():
        if name in ("a_min", "min") and low is None:
            low = value
        elif name in ("a_max", "max") and high is None:
            high = value
        else:
            raise NotTraceable(f"numpy.clip cannot be traced with {name}; expected the bounds alone")
    if low is None or high is None:
        return x if low is high else np.minimum(x, high) if low is None else np.maximum(x, low)
    return np.clip(x, low, high)
