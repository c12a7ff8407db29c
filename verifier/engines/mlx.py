"""MLX on the processor: lazy arrays, reverse mode by ``mlx.core.vjp``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, ClassVar

import mlx.core as mx
import mlx.nn as nn
import numpy as np

from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare


class Mlx(TapeRunner):
    """The functions of ``mlx.core`` and ``mlx.nn``."""

    name = "mlx"
    version = version("mlx")
    script: ClassVar[Script | None] = Script(
        imports=("import mlx.core as mx\nimport mlx.nn as nn\n\nmx.set_default_device(mx.cpu)"),
        variable="mx.array([{x}], mx.{dtype})",
        constant="mx.array({x}, mx.{dtype})",
        value="print(f({args}).item())",
        partial="print(mx.vjp(lambda *a: [f(*a)], [{args}], [mx.ones([1], mx.{dtype})])[1][{i}].item())",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "pow": (OPERATORS["pow"], mx.power),
        "powc": (OPERATORS["powc"], mx.power),
        "sqrt": mx.sqrt,
        "square": mx.square,
        "reciprocal": mx.reciprocal,
        "exp": mx.exp,
        "expm1": mx.expm1,
        "log": mx.log,
        "log1p": mx.log1p,
        "log2": mx.log2,
        "log10": mx.log10,
        "logaddexp": mx.logaddexp,
        "sin": mx.sin,
        "cos": mx.cos,
        "tan": mx.tan,
        "asin": mx.arcsin,
        "acos": mx.arccos,
        "atan": mx.arctan,
        "atan2": mx.arctan2,
        "sinh": mx.sinh,
        "cosh": mx.cosh,
        "tanh": (mx.tanh, nn.tanh),
        "asinh": mx.arcsinh,
        "acosh": mx.arccosh,
        "atanh": mx.arctanh,
        "abs": mx.abs,
        "sign": mx.sign,
        "floor": mx.floor,
        "ceil": mx.ceil,
        "maximum": mx.maximum,
        "minimum": mx.minimum,
        "mod": mx.remainder,
        "clip": mx.clip,
        "where": lambda left, right, a, b, relation: mx.where(compare(left, right, relation), a, b),
        "erf": mx.erf,
        "erfinv": mx.erfinv,
        "sigmoid": (mx.sigmoid, nn.sigmoid),
        "logsigmoid": nn.log_sigmoid,
        "softplus": nn.softplus,
        "relu": nn.relu,
        "leaky_relu": nn.leaky_relu,
        "elu": nn.elu,
        "selu": nn.selu,
        "gelu": nn.gelu,
        "silu": nn.silu,
        "mish": nn.mish,
        "softsign": nn.softsign,
    }

    @contextmanager
    def session(self, dtype: np.dtype[Any]) -> Iterator[None]:
        before = mx.default_device()
        mx.set_default_device(mx.cpu)  # other devices have no float64
        try:
            yield
        finally:
            mx.set_default_device(before)

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        return mx.array(numbers, mx.float64 if numbers.dtype == np.float64 else mx.float32)

    def numbers(self, array: Array) -> Any:
        return np.array(array) if isinstance(array, mx.array) else array

    def held(self, array: Array) -> Array:
        return mx.stop_gradient(array)

    def derived(self, function: Function, j: int) -> Function:
        return lambda *inputs: self.differentiate(function, list(inputs))[1][j]

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        values, gradient = mx.vjp(lambda *arrays: [function(*arrays)], inputs, [mx.ones_like(inputs[0])])
        return values[0], gradient
