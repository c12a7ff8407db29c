"""MyGrad: tensors on NumPy, reverse mode by ``Tensor.backward``."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, ClassVar

import mygrad as mg
import numpy as np
from mygrad.nnet import activations

from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare


class Mygrad(TapeRunner):
    """The functions of ``mygrad`` and ``mygrad.nnet.activations``."""

    name = "mygrad"
    version = version("mygrad")
    script: ClassVar[Script | None] = Script(
        imports=("import mygrad as mg\nfrom mygrad.nnet import activations"),
        variable='mg.tensor([{x}], dtype="{dtype}")',
        constant='mg.tensor({x}, dtype="{dtype}", constant=True)',
        value="print(f({args}).item())",
        partial=("f({args}).backward()\nprint({wrt}.grad.item())"),
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "pow": (OPERATORS["pow"], mg.power),
        "powc": (OPERATORS["powc"], mg.power),
        "sqrt": mg.sqrt,
        "cbrt": mg.cbrt,
        "square": mg.square,
        "reciprocal": mg.reciprocal,
        "exp": mg.exp,
        "expm1": mg.expm1,
        "exp2": mg.exp2,
        "log": mg.log,
        "log1p": mg.log1p,
        "log2": mg.log2,
        "log10": mg.log10,
        "logaddexp": mg.logaddexp,
        "sin": mg.sin,
        "cos": mg.cos,
        "tan": mg.tan,
        "sec": mg.sec,
        "csc": mg.csc,
        "cot": mg.cot,
        "asin": mg.arcsin,
        "acos": mg.arccos,
        "atan": mg.arctan,
        "acot": mg.arccot,
        "asec": mg.arcsec,
        "acsc": mg.arccsc,
        "atan2": mg.arctan2,
        "normalized_sinc": mg.sinc,
        "sinh": mg.sinh,
        "cosh": mg.cosh,
        "tanh": (mg.tanh, activations.tanh),
        "sech": mg.sech,
        "csch": mg.csch,
        "coth": mg.coth,
        "asinh": mg.arcsinh,
        "acosh": mg.arccosh,
        "atanh": mg.arctanh,
        "acoth": mg.arccoth,
        "acsch": mg.arccsch,
        "abs": (mg.abs, mg.absolute),
        "maximum": mg.maximum,
        "minimum": mg.minimum,
        "clip": mg.clip,
        "where": lambda left, right, a, b, relation: mg.where(compare(left, right, relation), a, b),
        "sigmoid": activations.sigmoid,
        "softplus": lambda x: mg.logaddexp(x, 0.0),
        "relu": (activations.relu, lambda x: mg.maximum(x, 0.0)),
        "leaky_relu": activations.leaky_relu,
        "elu": activations.elu,
        "selu": activations.selu,
        "softsign": activations.soft_sign,
    }
    further: ClassVar[Table] = {
        "hardtanh": activations.hard_tanh,
        "glu": lambda x, y: activations.glu(mg.stack([x, y]), 0)[0],
        "softmax": lambda x, y: activations.softmax(mg.stack([x, y]), 0)[0],
        "log_softmax": lambda x, y: activations.logsoftmax(mg.stack([x, y]), 0)[0],
        "logaddexp2": mg.logaddexp2,
        "power_of_2": lambda x: mg.power(2.0, x),
        "power_of_0": lambda x: mg.power(0.0, x),
        "product": (
            lambda x, y, z: mg.prod(mg.stack([x, y, z]), 0),
            lambda x, y, z: mg.cumprod(mg.stack([x, y, z]), 0)[2],
            lambda x, y, z: mg.multiply_sequence(x, y, z),
        ),
        "length": lambda x, y: mg.linalg.norm(mg.stack([x, y]), axis=0),
        "length_of_3": lambda x, y, z: mg.linalg.norm(mg.stack([x, y, z]), axis=0),
        "largest": lambda x, y: mg.max(mg.stack([x, y]), 0),
        "smallest": lambda x, y: mg.min(mg.stack([x, y]), 0),
        "mean": lambda x, y, z: mg.mean(mg.stack([x, y, z]), 0),
        "deviation": lambda x, y, z: mg.std(mg.stack([x, y, z]), 0),
        "variance": lambda x, y, z: mg.var(mg.stack([x, y, z]), 0),
        "length_by_cubes": lambda x, y: mg.linalg.norm(mg.stack([x, y]), 3, axis=0),
        "taxicab": lambda x, y: mg.linalg.norm(mg.stack([x, y]), 1, axis=0),
    }

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        return mg.tensor(numbers, constant=not numbers.ndim)  # a number is a constant, K points are variables

    def numbers(self, array: Array) -> Any:
        return array.data if isinstance(array, mg.Tensor) else array

    def held(self, array: Array) -> Array:
        return mg.tensor(array.data, constant=False)

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        value = function(*inputs)
        value.backward()
        return value, [x.grad for x in inputs]
