"""Uncertainties: numbers with errors, which propagate in forward mode; one number at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np
from uncertainties import UFloat, ufloat, umath

from ..errors import Unsupported
from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare


class Uncertainties(TapeRunner):
    """The functions of ``uncertainties.umath``; it computes in float64 only, and raises Python's arithmetic errors."""

    name = "uncertainties"
    version = version("uncertainties")
    scalar = True
    script: ClassVar[Script | None] = Script(
        imports="from uncertainties import ufloat, umath",
        variable="ufloat({x}, 1.0)",
        constant="ufloat({x}, 0.0)",
        value="print(f({args}).nominal_value)",
        partial="print(f({args}).derivatives[{wrt}])",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "pow": (OPERATORS["pow"], umath.pow),
        "powc": (OPERATORS["powc"], umath.pow),
        "sqrt": umath.sqrt,
        "hypot": umath.hypot,
        "exp": umath.exp,
        "expm1": umath.expm1,
        "log": umath.log,
        "log1p": umath.log1p,
        "log10": umath.log10,
        "sin": umath.sin,
        "cos": umath.cos,
        "tan": umath.tan,
        "asin": umath.asin,
        "acos": umath.acos,
        "atan": umath.atan,
        "atan2": umath.atan2,
        "sinh": umath.sinh,
        "cosh": umath.cosh,
        "tanh": umath.tanh,
        "asinh": umath.asinh,
        "acosh": umath.acosh,
        "atanh": umath.atanh,
        "abs": umath.fabs,
        "floor": umath.floor,
        "ceil": umath.ceil,
        "mod": lambda a, b: a % b,
        "ldexp": umath.ldexp,
        "where": lambda left, right, a, b, relation: a if compare(left, right, relation) else b,
        "erf": umath.erf,
        "erfc": umath.erfc,
        "gamma": umath.gamma,
        "loggamma": umath.lgamma,
    }
    further: ClassVar[Table] = {
        "degrees": umath.degrees,
        "radians": umath.radians,
        "log_base": lambda x: umath.log(x, 3),
        "trunc": umath.trunc,
        "fraction": lambda x: umath.modf(x)[0],
        "copysign": umath.copysign,
        "remainder_of_c": umath.fmod,
    }

    @contextmanager
    def session(self, dtype: np.dtype[Any]) -> Iterator[None]:
        if dtype != np.float64:
            raise Unsupported(f"uncertainties computes in float64 only, not in {dtype}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # |x| and x < y are to be removed one day
            yield

    def array(self, numbers: float) -> Array:
        return ufloat(numbers, 1.0)

    def numbers(self, array: Array) -> Any:
        return array.nominal_value if isinstance(array, UFloat) else array

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        try:
            value = function(*inputs)
        except (ArithmeticError, ValueError) as error:  # where NumPy has an infinity or nan, Python raises
            raise NotImplementedError(f"{type(error).__name__}: {error}") from None
        derivatives = getattr(value, "derivatives", {})  # a comparison may leave a plain number
        return value, [derivatives.get(x, 0.0) for x in inputs]
