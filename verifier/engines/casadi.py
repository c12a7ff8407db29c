"""CasADi: expression graphs of matrices (``MX``), reverse mode by ``casadi.gradient``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.metadata import version
from typing import Any, ClassVar

import casadi
import numpy as np

from ..errors import Unsupported
from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare


class Casadi(TapeRunner):
    """The functions of ``casadi``; it computes in float64 only."""

    name = "casadi"
    version = version("casadi")
    script: ClassVar[Script | None] = Script(
        imports="import casadi",
        variable='casadi.MX.sym("{name}")',
        constant="casadi.DM({x})",
        value='print(float(casadi.Function("f", [{args}], [f({args})])({numbers})))',
        partial='print(float(casadi.Function("f", [{args}], [casadi.gradient(f({args}), {wrt})])({numbers})))',
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "pow": (OPERATORS["pow"], casadi.power),
        "powc": (OPERATORS["powc"], casadi.power),
        "sqrt": casadi.sqrt,
        "square": lambda x: x**2,
        "reciprocal": lambda x: 1 / x,
        "hypot": casadi.hypot,
        "exp": casadi.exp,
        "expm1": casadi.expm1,
        "log": casadi.log,
        "log1p": casadi.log1p,
        "log10": casadi.log10,
        "sin": casadi.sin,
        "cos": casadi.cos,
        "tan": casadi.tan,
        "asin": casadi.asin,
        "acos": casadi.acos,
        "atan": casadi.atan,
        "atan2": casadi.atan2,
        "sinh": casadi.sinh,
        "cosh": casadi.cosh,
        "tanh": casadi.tanh,
        "asinh": casadi.asinh,
        "acosh": casadi.acosh,
        "atanh": casadi.atanh,
        "abs": casadi.fabs,
        "sign": casadi.sign,
        "floor": casadi.floor,
        "ceil": casadi.ceil,
        "maximum": casadi.fmax,
        "minimum": casadi.fmin,
        "where": lambda left, right, a, b, relation: casadi.if_else(compare(left, right, relation), a, b),
        "erf": casadi.erf,
        "erfinv": casadi.erfinv,
        "relu": lambda x: casadi.fmax(x, 0),
    }
    further: ClassVar[Table] = {
        "copysign": casadi.copysign,
        "remainder_of_c": casadi.fmod,
        "nearest_remainder": casadi.remainder,
        "cube": lambda x: casadi.constpow(x, 3),
        # these take the numbers of one vector: a vector for each point
        "logsumexp": lambda x, y: casadi.vertcat(
            *[casadi.logsumexp(casadi.vertcat(*v)) for v in zip(casadi.vertsplit(x), casadi.vertsplit(y), strict=True)]
        ),
        "length": lambda x, y: casadi.vertcat(
            *[casadi.norm_2(casadi.vertcat(*v)) for v in zip(casadi.vertsplit(x), casadi.vertsplit(y), strict=True)]
        ),
        "taxicab": lambda x, y: casadi.vertcat(
            *[casadi.norm_1(casadi.vertcat(*v)) for v in zip(casadi.vertsplit(x), casadi.vertsplit(y), strict=True)]
        ),
        "largest_size": lambda x, y: casadi.vertcat(
            *[casadi.norm_inf(casadi.vertcat(*v)) for v in zip(casadi.vertsplit(x), casadi.vertsplit(y), strict=True)]
        ),
        "largest": lambda x, y: casadi.vertcat(
            *[casadi.mmax(casadi.vertcat(*v)) for v in zip(casadi.vertsplit(x), casadi.vertsplit(y), strict=True)]
        ),
        "smallest": lambda x, y: casadi.vertcat(
            *[casadi.mmin(casadi.vertcat(*v)) for v in zip(casadi.vertsplit(x), casadi.vertsplit(y), strict=True)]
        ),
        "sum_of_squares": lambda x, y: casadi.vertcat(
            *[casadi.sumsqr(casadi.vertcat(*v)) for v in zip(casadi.vertsplit(x), casadi.vertsplit(y), strict=True)]
        ),
        "power_of_2": lambda x: 2**x,
        "power_of_0": lambda x: 0**x,
    }

    def session(self, dtype: np.dtype[Any]) -> AbstractContextManager[Any]:
        if dtype != np.float64:
            raise Unsupported(f"casadi computes in float64 only, not in {dtype}")
        return super().session(dtype)

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        return casadi.DM(numbers)

    def numbers(self, array: Array) -> Any:
        return np.asarray(array, dtype=np.float64)

    def derived(self, function: Function, j: int) -> Function:
        return lambda *inputs: casadi.gradient(casadi.sum1(function(*inputs)), inputs[j])

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        symbols = [casadi.MX.sym(f"x{i}", x.shape[0]) for i, x in enumerate(inputs)]
        value = function(*symbols)
        total = casadi.sum1(value)
        compiled = casadi.Function("f", symbols, [value, *(casadi.gradient(total, x) for x in symbols)])
        results = compiled.call(inputs)
        return results[0], results[1:]
