"""PaddlePaddle on the processor: eager tensors, reverse mode by ``paddle.grad``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import paddle
import paddle.nn.functional as F

from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare, whole_order


class Paddle(TapeRunner):
    """The functions of ``paddle`` and ``paddle.nn.functional``."""

    name = "paddle"
    version = str(paddle.__version__)
    script: ClassVar[Script | None] = Script(
        imports=("import paddle\nimport paddle.nn.functional as F"),
        variable='paddle.to_tensor([{x}], dtype="{dtype}", stop_gradient=False)',
        constant='paddle.to_tensor({x}, dtype="{dtype}")',
        value="print(f({args}).item())",
        partial="print(paddle.grad(f({args}), {wrt})[0].item())",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "add": (OPERATORS["add"], paddle.add),
        "sub": (OPERATORS["sub"], paddle.subtract),
        "mul": (OPERATORS["mul"], paddle.multiply),
        "div": (OPERATORS["div"], paddle.divide),
        "neg": (OPERATORS["neg"], paddle.neg),
        "pow": (OPERATORS["pow"], paddle.pow),
        "powc": (OPERATORS["powc"], paddle.pow),
        "sqrt": paddle.sqrt,
        "square": paddle.square,
        "reciprocal": paddle.reciprocal,
        "hypot": paddle.hypot,
        "exp": paddle.exp,
        "expm1": paddle.expm1,
        "log": paddle.log,
        "log1p": paddle.log1p,
        "log2": paddle.log2,
        "log10": paddle.log10,
        "logaddexp": paddle.logaddexp,
        "sin": paddle.sin,
        "cos": paddle.cos,
        "tan": paddle.tan,
        "asin": paddle.asin,
        "acos": paddle.acos,
        "atan": paddle.atan,
        "atan2": paddle.atan2,
        "normalized_sinc": paddle.sinc,
        "sinh": paddle.sinh,
        "cosh": paddle.cosh,
        "tanh": (paddle.tanh, F.tanh),
        "asinh": paddle.asinh,
        "acosh": paddle.acosh,
        "atanh": paddle.atanh,
        "abs": paddle.abs,
        "sign": paddle.sign,
        "floor": paddle.floor,
        "ceil": paddle.ceil,
        "maximum": (paddle.maximum, paddle.fmax),
        "minimum": (paddle.minimum, paddle.fmin),
        "mod": (paddle.remainder, paddle.mod),
        "where": lambda left, right, a, b, relation: paddle.where(compare(left, right, relation), a, b),
        "erf": paddle.erf,
        "erfinv": paddle.erfinv,
        "loggamma": (paddle.lgamma, paddle.gammaln),
        "digamma": paddle.digamma,
        "polygamma": lambda n, x: paddle.polygamma(x, whole_order(n, "paddle.polygamma")),
        "i0": paddle.i0,
        "i1": paddle.i1,
        "sigmoid": F.sigmoid,
        "logsigmoid": F.log_sigmoid,
        "softplus": F.softplus,
        "relu": F.relu,
        "leaky_relu": F.leaky_relu,
        "elu": F.elu,
        "selu": F.selu,
        "gelu": F.gelu,
        "silu": (F.silu, F.swish),
        "mish": F.mish,
        "softsign": F.softsign,
    }

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        return paddle.to_tensor(numbers, stop_gradient=numbers.ndim == 0)

    def numbers(self, array: Array) -> Any:
        return array.numpy() if isinstance(array, paddle.Tensor) else array

    def held(self, array: Array) -> Array:
        return array.detach()

    def derived(self, function: Function, j: int) -> Function:
        def derivative(*inputs: Array) -> Array:
            value = function(*inputs)
            (found,) = paddle.grad(value, [inputs[j]], paddle.ones_like(value), create_graph=True, allow_unused=True)
            return paddle.zeros_like(value) if found is None else found

        return derivative

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        value = function(*inputs)
        return value, paddle.grad(value, inputs, paddle.ones_like(value), allow_unused=True)
