"""Longdouble: constants, NumPy's functions, and the error function, which neither NumPy nor SciPy has so wide."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from flint import arb

from ..oracle import balls

Array = Any

#: Whether longdouble is a wider IEEE format than double: 64 bits (x87) or 113 (quadruple precision).
IS_WIDER = np.finfo(np.longdouble).nmant in (63, 112)

#: Constants to more digits than longdouble holds.
NAMED = {"pi": "3.14159265358979323846264338327950288", "E": "2.71828182845904523536028747135266250"}


def as_longdouble(x: Any) -> Any:
    """The longdouble next to a ball's midpoint, in two parts of a double each."""
    high = float(x.mid())
    return np.longdouble(high) + np.longdouble(float((x - high).mid()))


#: erf is expanded around multiples of 1/STEPS up to ERF_END, where it is 1 to all digits.
STEPS, TERMS, ERF_END = 32, 12, 7


@lru_cache(maxsize=1)
def _erf_table() -> Array:
    """Taylor coefficients of erf, a row for each of its centers; the remainder at ±1/64 is below 2**-70."""
    rows = []
    with balls.precision(160):
        for i in range(-ERF_END * STEPS, ERF_END * STEPS + 1):
            c = arb(i) / STEPS
            gauss = [2 / arb.pi().sqrt() * (-c * c).exp()]
            gauss.append(-2 * c * gauss[0])
            for n in range(1, TERMS):  # the series of exp(-x²), from its differential equation
                gauss.append((-2 * c * gauss[n] - 2 * gauss[n - 1]) / (n + 1))
            rows.append([as_longdouble(a) for a in [c.erf(), *(gauss[n] / (n + 1) for n in range(TERMS - 1))]])
    return np.array(rows)


def _erf(x: Array) -> Array:
    """The error function, which neither NumPy nor SciPy has in longdouble."""
    x = np.minimum(np.maximum(x, -ERF_END), ERF_END)
    center = np.rint(x * STEPS)
    rows = _erf_table()[(np.nan_to_num(center) + ERF_END * STEPS).astype(int)].T
    h = x - center / STEPS
    result = rows[-1]
    for row in rows[-2::-1]:
        result = result * h + row
    return result


#: SymPy's function class → the same function of longdouble arrays.
FUNCTIONS: dict[Any, Callable[..., Array]] = {
    sp.erf: _erf,
    sp.exp: np.exp,
    sp.log: np.log,
    sp.sin: np.sin,
    sp.cos: np.cos,
    sp.tan: np.tan,
    sp.asin: np.arcsin,
    sp.acos: np.arccos,
    sp.atan: np.arctan,
    sp.sinh: np.sinh,
    sp.cosh: np.cosh,
    sp.tanh: np.tanh,
    sp.asinh: np.arcsinh,
    sp.acosh: np.arccosh,
    sp.atanh: np.arctanh,
    sp.sec: lambda x: 1 / np.cos(x),
    sp.csc: lambda x: 1 / np.sin(x),
    sp.cot: lambda x: 1 / np.tan(x),
    sp.sech: lambda x: 1 / np.cosh(x),
    sp.csch: lambda x: 1 / np.sinh(x),
    sp.coth: lambda x: 1 / np.tanh(x),
}
