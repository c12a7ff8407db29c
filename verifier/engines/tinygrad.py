"""tinygrad: lazy tensors on its Python device, reverse mode by ``Tensor.gradient``.

A single point is a tensor of a number, ``Tensor(3.0)``, as it is written by hand; several are a tensor of a list.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np

os.environ.setdefault("DEV", "PYTHON")  # read when tinygrad is imported: other devices need a compiler

from tinygrad import Tensor, dtypes

from ..errors import Unsupported
from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare


class Tinygrad(TapeRunner):
    """The functions of ``tinygrad.Tensor``."""

    name = "tinygrad"
    version = version("tinygrad")
    script: ClassVar[Script | None] = Script(
        imports=('import os\n\nos.environ.setdefault("DEV", "PYTHON")\nfrom tinygrad import Tensor, dtypes'),
        variable="Tensor({x}, dtype=dtypes.{dtype})",
        constant="Tensor({x}, dtype=dtypes.{dtype})",
        value="print((f({args}) * Tensor([1.0], dtype=dtypes.{dtype})).item())",
        partial="print((f({args}).gradient({wrt})[0] * Tensor([1.0], dtype=dtypes.{dtype})).item())",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "add": (OPERATORS["add"], Tensor.add),
        "sub": (OPERATORS["sub"], Tensor.sub),
        "mul": (OPERATORS["mul"], Tensor.mul),
        "div": (OPERATORS["div"], Tensor.div),
        "neg": (OPERATORS["neg"], Tensor.neg),
        "pow": (OPERATORS["pow"], Tensor.pow),
        "powc": (OPERATORS["powc"], Tensor.pow),
        "sqrt": Tensor.sqrt,
        "square": Tensor.square,
        "reciprocal": Tensor.reciprocal,
        "exp": Tensor.exp,
        "exp2": Tensor.exp2,
        "log": Tensor.log,
        "log2": Tensor.log2,
        "log10": Tensor.log10,
        "logaddexp": Tensor.logaddexp,
        "sin": Tensor.sin,
        "cos": Tensor.cos,
        "tan": Tensor.tan,
        "asin": Tensor.asin,
        "acos": Tensor.acos,
        "atan": Tensor.atan,
        "sinh": Tensor.sinh,
        "cosh": Tensor.cosh,
        "tanh": Tensor.tanh,
        "asinh": Tensor.asinh,
        "acosh": Tensor.acosh,
        "atanh": Tensor.atanh,
        "abs": Tensor.abs,
        "sign": Tensor.sign,
        "floor": Tensor.floor,
        "ceil": Tensor.ceil,
        "maximum": Tensor.maximum,
        "minimum": Tensor.minimum,
        "mod": Tensor.mod,
        "clip": (Tensor.clip, Tensor.clamp),
        "where": lambda left, right, a, b, relation: Tensor.where(compare(left, right, relation), a, b),
        "erf": Tensor.erf,
        "sigmoid": Tensor.sigmoid,
        "logsigmoid": Tensor.logsigmoid,
        "softplus": Tensor.softplus,
        "relu": Tensor.relu,
        "leaky_relu": Tensor.leaky_relu,
        "elu": Tensor.elu,
        "selu": Tensor.selu,
        "silu": (Tensor.silu, Tensor.swish),
        "mish": Tensor.mish,
        "softsign": Tensor.softsign,
    }
    further: ClassVar[Table] = {
        "gelu_tanh": Tensor.gelu,
        "quick_gelu": Tensor.quick_gelu,
        "celu": lambda x: x.celu(1.5),
        "relu6": Tensor.relu6,
        "hardtanh": Tensor.hardtanh,
        "hardsigmoid": Tensor.hardsigmoid,
        "hardswish": Tensor.hardswish,
        "softmax": lambda x, y: Tensor.stack(x, y).softmax(0)[0],
        "log_softmax": lambda x, y: Tensor.stack(x, y).log_softmax(0)[0],
        "rsqrt": Tensor.rsqrt,
        "logsumexp": (
            lambda x, y: Tensor.stack(x, y).logsumexp(0),
            lambda x, y: Tensor.stack(x, y).logcumsumexp(0)[1],
        ),
        "power_of_2": lambda x: 2.0**x,
        "power_of_0": lambda x: 0.0**x,
        "product": (
            lambda x, y, z: Tensor.stack(x, y, z).prod(0),
            lambda x, y, z: Tensor.stack(x, y, z).cumprod(0)[2],
        ),
        "largest": (lambda x, y: Tensor.stack(x, y).max(0), lambda x, y: Tensor.stack(x, y).cummax(0)[0][1]),
        "smallest": lambda x, y: Tensor.stack(x, y).min(0),
        "mean": lambda x, y, z: Tensor.stack(x, y, z).mean(0),
        "deviation": lambda x, y, z: Tensor.stack(x, y, z).std(0, correction=0),
        "between": lambda x, y, z: x.lerp(y, z),
        "softmin": lambda x, y: Tensor.stack(x, y).softmin(0)[0],
        "trunc": Tensor.trunc,
        "rounded": Tensor.round,
        "copysign": Tensor.copysign,
        "remainder_of_c": Tensor.fmod,
        "softplus_beta": lambda x: x.softplus(2.0),
        "variance": lambda x, y, z: Tensor.stack(x, y, z).var(0, correction=0),
    }

    @contextmanager
    def session(self, dtype: np.dtype[Any]) -> Iterator[None]:
        try:
            yield
        except ArithmeticError as error:  # it folds constants by Python's own operators, which raise
            raise Unsupported(f"tinygrad: {type(error).__name__}: {error}") from None

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        dtype = dtypes.float64 if numbers.dtype == np.float64 else dtypes.float32
        return Tensor(numbers.item() if numbers.size == 1 else numbers.tolist(), dtype=dtype)

    def numbers(self, array: Array) -> Any:
        if not isinstance(array, Tensor):
            return array
        return _on_device(array).numpy()

    def held(self, array: Array) -> Array:
        return array.detach()

    def derived(self, function: Function, j: int) -> Function:
        return lambda *inputs: function(*inputs).sum().gradient(inputs[j])[0]

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        value = function(*inputs)
        # together: each call of realize rewrites and schedules the graph once more
        found = [_on_device(t) for t in (value, *value.sum().gradient(*inputs))]
        found[0].realize(*found[1:])
        return found[0], found[1:]


def _on_device(tensor: Tensor) -> Tensor:
    """The same numbers; a tensor of constants belongs to no device until it meets one that does."""
    return tensor if tensor.uop.is_realized else tensor * Tensor([1.0], dtype=tensor.dtype)
