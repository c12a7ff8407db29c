"""TensorFlow on the processor: eager tensors, reverse mode by ``tf.GradientTape``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it announces its options on standard error

import tensorflow as tf

from ..errors import Unsupported
from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare, whole_order

special = tf.math.special


def _elu(x: Array, alpha: float) -> Array:
    if alpha != 1:  # tf.nn.elu would take it for the name of the operation
        raise Unsupported(f"tf.nn.elu has alpha 1 only, got {alpha}")
    return tf.nn.elu(x)


class Tensorflow(TapeRunner):
    """The functions of ``tf.math`` and ``tf.nn``; its threads flush subnormal results to 0."""

    name = "tensorflow"
    version = str(tf.__version__)
    flushes_subnormals = True
    script: ClassVar[Script | None] = Script(
        imports="import tensorflow as tf\nfrom tensorflow.math import special",
        variable="tf.constant([{x}], tf.{dtype})",
        constant="tf.constant({x}, tf.{dtype})",
        value="print(f({args}).numpy().item())",
        partial=(
            "with tf.GradientTape() as tape:\n"
            "    tape.watch({wrt})\n"
            "    result = f({args})\n"
            "print(tape.gradient(result, {wrt}).numpy().item())"
        ),
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "add": (OPERATORS["add"], tf.math.add),
        "sub": (OPERATORS["sub"], tf.math.subtract),
        "mul": (OPERATORS["mul"], tf.math.multiply),
        "div": (OPERATORS["div"], tf.math.divide, tf.math.truediv),
        "neg": (OPERATORS["neg"], tf.math.negative),
        "pow": (OPERATORS["pow"], tf.math.pow),
        "powc": (OPERATORS["powc"], tf.math.pow),
        "sqrt": tf.math.sqrt,
        "square": tf.math.square,
        "reciprocal": tf.math.reciprocal,
        "exp": tf.math.exp,
        "expm1": tf.math.expm1,
        "log": tf.math.log,
        "log1p": tf.math.log1p,
        "xlogy": tf.math.xlogy,
        "sin": tf.math.sin,
        "cos": tf.math.cos,
        "tan": tf.math.tan,
        "asin": tf.math.asin,
        "acos": tf.math.acos,
        "atan": tf.math.atan,
        "atan2": tf.math.atan2,
        "sinh": tf.math.sinh,
        "cosh": tf.math.cosh,
        "tanh": (tf.math.tanh, tf.nn.tanh),
        "asinh": tf.math.asinh,
        "acosh": tf.math.acosh,
        "atanh": tf.math.atanh,
        "abs": tf.math.abs,
        "sign": tf.math.sign,
        "floor": tf.math.floor,
        "ceil": tf.math.ceil,
        "maximum": tf.math.maximum,
        "minimum": tf.math.minimum,
        "mod": (tf.math.floormod, tf.math.mod),
        "clip": tf.clip_by_value,
        "where": lambda left, right, a, b, relation: tf.where(compare(left, right, relation), a, b),
        "erf": tf.math.erf,
        "erfc": tf.math.erfc,
        "erfinv": tf.math.erfinv,
        "loggamma": tf.math.lgamma,
        "digamma": tf.math.digamma,
        "polygamma": lambda n, x: tf.math.polygamma(
            tf.constant(float(whole_order(n, "tf.math.polygamma")), x.dtype), x
        ),
        "i0": (tf.math.bessel_i0, special.bessel_i0),
        "i1": (tf.math.bessel_i1, special.bessel_i1),
        "fresnels": special.fresnel_sin,
        "fresnelc": special.fresnel_cos,
        "sigmoid": (tf.math.sigmoid, tf.nn.sigmoid),
        "logsigmoid": tf.math.log_sigmoid,
        "softplus": (tf.math.softplus, tf.nn.softplus),
        "relu": (tf.nn.relu, lambda x: tf.math.maximum(x, tf.constant(0.0, x.dtype))),
        "leaky_relu": tf.nn.leaky_relu,
        "elu": _elu,
        "selu": tf.nn.selu,
        "gelu": tf.nn.gelu,
        "silu": (tf.nn.silu, tf.nn.swish),
        "softsign": (tf.nn.softsign, tf.math.softsign),
    }

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        return tf.constant(numbers)

    def numbers(self, array: Array) -> Any:
        return array.numpy() if isinstance(array, tf.Tensor) else array

    def held(self, array: Array) -> Array:
        return tf.stop_gradient(array)

    def derived(self, function: Function, j: int) -> Function:
        def derivative(*inputs: Array) -> Array:
            found = self.differentiate(function, list(inputs))[1][j]
            return tf.zeros_like(inputs[j]) if found is None else found

        return derivative

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        with tf.GradientTape() as tape:
            for x in inputs:
                tape.watch(x)
            value = function(*inputs)
        try:
            return value, tape.gradient(value, inputs)
        except LookupError as error:  # "gradient registry has no entry for: …"
            raise NotImplementedError(" ".join(str(error).split())) from None
