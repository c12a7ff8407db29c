"""num-dual: dual numbers of a Rust library, forward mode; one number at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np
from num_dual import Dual64

from ..errors import Unsupported
from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare


class NumDual(TapeRunner):
    """The methods of ``num_dual.Dual64``; one pass for each input."""

    name = "num_dual"
    version = version("num-dual")
    scalar = True
    script: ClassVar[Script | None] = Script(
        imports="from num_dual import Dual64",
        variable="Dual64({x}, {seed})",
        constant="Dual64({x}, 0.0)",
        value="print(f({args}).value)",
        partial="print(f({args}).first_derivative)",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        # not the operator itself: a number to the power of a dual number is not defined, so the number is made one
        "pow": (lambda a, b: a**b, lambda a, b: a.powd(b)),
        "powc": (OPERATORS["powc"], lambda x, c: x.powi(c) if type(c) is int else x.powf(c)),
        "sqrt": lambda x: x.sqrt(),
        "cbrt": lambda x: x.cbrt(),
        "reciprocal": lambda x: x.recip(),
        "exp": lambda x: x.exp(),
        "expm1": lambda x: x.expm1(),
        "exp2": lambda x: x.exp2(),
        "log": lambda x: x.log(),
        "log1p": lambda x: x.log1p(),
        "log2": lambda x: x.log2(),
        "log10": lambda x: x.log10(),
        "sin": (lambda x: x.sin(), lambda x: x.sin_cos()[0]),
        "cos": (lambda x: x.cos(), lambda x: x.sin_cos()[1]),
        "tan": lambda x: x.tan(),
        "asin": lambda x: x.arcsin(),
        "acos": lambda x: x.arccos(),
        "atan": lambda x: x.arctan(),
        "sinh": lambda x: x.sinh(),
        "cosh": lambda x: x.cosh(),
        "tanh": lambda x: x.tanh(),
        "asinh": lambda x: x.arcsinh(),
        "acosh": lambda x: x.arccosh(),
        "atanh": lambda x: x.arctanh(),
        "where": lambda left, right, a, b, relation: a if compare(left, right, relation) else b,
    }
    further: ClassVar[Table] = {
        "sph_j0": lambda x: x.sph_j0(),
        "sph_j1": lambda x: x.sph_j1(),
        "sph_j2": lambda x: x.sph_j2(),
        "product_and_sum": lambda x, y, z: y.mul_add(z, x),
        "log_base": lambda x: x.log_base(3.0),
    }

    def session(self, dtype: np.dtype[Any]) -> AbstractContextManager[Any]:
        if dtype != np.float64:
            raise Unsupported(f"num_dual computes in float64 only, not in {dtype}")
        return super().session(dtype)

    def array(self, numbers: float) -> Array:
        return Dual64.from_re(numbers)

    def numbers(self, array: Array) -> Any:
        return array.value if isinstance(array, Dual64) else array

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        value, partials = inputs[0], []
        for i in range(len(inputs)):
            value = function(*(Dual64(x.value, float(k == i)) for k, x in enumerate(inputs)))
            partials.append(value.first_derivative if isinstance(value, Dual64) else 0.0)
        return value, partials
