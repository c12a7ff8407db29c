"""PyTensor: symbolic graphs, rewritten and compiled; reverse mode by ``pytensor.grad``.

Functions are compiled in PyTensor's default mode, which takes seconds for each; they are kept, and serve any points.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, ClassVar

import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import DTypeLike

from ...engine.tape import Tape
from ..engine import Point
from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, whole_order

#: Compiled functions that are kept: a function is asked at one point after the other, an operation again and again, by
#: engines with other spellings too.
KEPT = 1024
_COMPILED: dict[Any, Any] = {}


#: Comparisons: ``==`` of two variables asks whether they are one.
_COMPARISONS = {"<": pt.lt, "<=": pt.le, ">": pt.gt, ">=": pt.ge, "==": pt.eq, "!=": pt.neq}


def compare(left: Array, right: Array, relation: str) -> Array:
    """``left relation right``, number by number."""
    return _COMPARISONS[relation](left, right)


class Pytensor(TapeRunner):
    """The functions of ``pytensor.tensor``."""

    name = "pytensor"
    version = version("pytensor")
    wears_out_processes = True  # Numba keeps all compiled code: "LLVM ERROR: Unable to allocate section memory!"
    script: ClassVar[Script | None] = Script(
        imports=("import pytensor\nimport pytensor.tensor as pt"),
        variable='pt.vector("{name}", dtype="{dtype}")',
        constant='pt.constant({x}, dtype="{dtype}")',
        value='print(f({args}).eval({{{pairs}}}, on_unused_input="ignore").item())',
        partial='print(pytensor.grad(f({args}).sum(), {wrt}).eval({{{pairs}}}, on_unused_input="ignore").item())',
        equal="pt.eq({0}, {1})",
        unequal="pt.neq({0}, {1})",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "pow": (OPERATORS["pow"], pt.power),
        "powc": (OPERATORS["powc"], pt.power),
        "sqrt": pt.sqrt,
        "square": (pt.square, pt.sqr),
        "reciprocal": pt.reciprocal,
        "exp": pt.exp,
        "expm1": pt.expm1,
        "exp2": pt.exp2,
        "log": pt.log,
        "log1p": pt.log1p,
        "log2": pt.log2,
        "log10": pt.log10,
        "logaddexp": pt.logaddexp,
        "xlogy": pt.special.xlogy,
        "sin": pt.sin,
        "cos": pt.cos,
        "tan": pt.tan,
        "asin": pt.arcsin,
        "acos": pt.arccos,
        "atan": pt.arctan,
        "atan2": pt.arctan2,
        "sinh": pt.sinh,
        "cosh": pt.cosh,
        "tanh": pt.tanh,
        "asinh": pt.arcsinh,
        "acosh": pt.arccosh,
        "atanh": pt.arctanh,
        "abs": pt.abs,
        "sign": pt.sign,
        "floor": pt.floor,
        "ceil": pt.ceil,
        "maximum": pt.maximum,
        "minimum": pt.minimum,
        "mod": pt.mod,
        "clip": pt.clip,
        "where": (
            lambda left, right, a, b, relation: pt.where(compare(left, right, relation), a, b),
            lambda left, right, a, b, relation: pt.switch(compare(left, right, relation), a, b),
        ),
        "erf": pt.erf,
        "erfc": pt.erfc,
        "erfinv": pt.erfinv,
        "gamma": pt.gamma,
        "loggamma": pt.gammaln,
        "digamma": (pt.digamma, pt.psi),
        "polygamma": lambda n, x: pt.polygamma(whole_order(n, "pytensor.tensor.polygamma"), x),
        "hyp2f1": pt.hyp2f1,
        "besselj": pt.jv,
        "besseli": pt.iv,
        "besselk": (pt.kv, lambda n, x: pt.kn(whole_order(n, "pytensor.tensor.kn"), x)),
        "i0": pt.i0,
        "i1": pt.i1,
        "sigmoid": (pt.sigmoid, pt.expit),
        "softplus": (pt.softplus, pt.log1pexp, lambda x: pt.logaddexp(x, 0.0)),
        "relu": lambda x: pt.maximum(x, 0.0),
    }
    further: ClassVar[Table] = {
        "softmax": lambda x, y: pt.special.softmax(pt.stack([x, y]), 0)[0],
        "log_softmax": lambda x, y: pt.special.log_softmax(pt.stack([x, y]), 0)[0],
        "logit": pt.special.logit,
        "log1mexp_negative": pt.log1mexp,
        "logsumexp": lambda x, y: pt.logsumexp(pt.stack([x, y]), 0),
        "power_of_2": lambda x: pt.power(2.0, x),
        "power_of_0": lambda x: pt.power(0.0, x),
        "erfcx": pt.erfcx,
        "product": (
            lambda x, y, z: pt.prod(pt.stack([x, y, z]), 0),
            lambda x, y, z: pt.cumprod(pt.stack([x, y, z]), 0)[2],
        ),
        "largest": lambda x, y: pt.max(pt.stack([x, y]), 0),
        "smallest": lambda x, y: pt.min(pt.stack([x, y]), 0),
        "mean": lambda x, y, z: pt.mean(pt.stack([x, y, z]), 0),
        "deviation": lambda x, y, z: pt.std(pt.stack([x, y, z]), 0),
        "degrees": pt.rad2deg,
        "radians": pt.deg2rad,
        "trunc": pt.trunc,
        "rounded": pt.round,
        "xlog1py": pt.special.xlog1py,
        "i0e": lambda x: pt.ive(0, x),
        "i1e": lambda x: pt.ive(1, x),
        "bessel_i2e": lambda x: pt.ive(2, x),
        "bessel_j0": pt.j0,
        "bessel_j1": pt.j1,
        "bessel_k0e": lambda x: pt.kve(0, x),
        "bessel_k1e": lambda x: pt.kve(1, x),
        "erfcinv": pt.erfcinv,
        "trigamma": pt.tri_gamma,
        "factorial": pt.special.factorial,
        "poch": pt.special.poch,
        "betaln": pt.special.betaln,
        "beta": pt.special.beta,
        "gammainc": lambda x: pt.gammainc(2.5, x),
        "gammaincc": lambda x: pt.gammaincc(2.5, x),
        "gammainc_of_1": lambda x: pt.gammainc(1.0, x),
        "gammaincc_of_1": lambda x: pt.gammaincc(1.0, x),
        "gammainc_of_half": lambda x: pt.gammainc(0.5, x),
        "gammaincinv_of_1": lambda x: pt.gammaincinv(1.0, x),
        "gammainccinv_of_1": lambda x: pt.gammainccinv(1.0, x),
        "betainc": lambda x: pt.betainc(2.0, 3.0, x),
        "betainc_of_1": lambda x: pt.betainc(1.0, 1.0, x),
        "betainc_of_half": lambda x: pt.betainc(0.5, 0.5, x),
        "gauss": lambda x: pt.hyp2f1(1.0, 1.0, 2.0, x),
        "owens_t_of_1": lambda x: pt.owens_t(x, 1.0),
        "median": lambda x, y, z: pt.median(pt.stack([x, y, z]), 0),
        "spread": lambda x, y: pt.ptp(pt.stack([x, y]), 0),
        "variance": lambda x, y, z: pt.var(pt.stack([x, y, z]), 0),
    }

    def __init__(self, spellings: Mapping[str, Function] | None = None) -> None:
        super().__init__(spellings)
        self._asked: Any = None

    def gradient(self, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, dict[str, Any]]:
        # what its compiled function is known by: the operations, and the functions that stand for them here
        functions = tuple(self._functions.get(node.primitive.name) for node in tape.nodes)
        self._asked = type(self), self.whole, tape, functions
        try:
            return super().gradient(tape, point, dtype)
        finally:
            self._asked = None

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        return numbers if numbers.ndim else pt.constant(numbers)

    def numbers(self, array: Array) -> Any:
        return array.eval() if isinstance(array, pt.TensorVariable) else array

    def derived(self, function: Function, j: int) -> Function:
        return lambda *inputs: pytensor.grad(function(*inputs).sum(), inputs[j], disconnected_inputs="ignore")

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        dtypes = tuple(str(x.dtype) for x in inputs)
        if self._asked is None:  # of a function that is no tape nothing is known
            compiled = self._compile(function, dtypes)
        else:
            compiled = _COMPILED.pop((self._asked, dtypes), None) or self._compile(function, dtypes)
            _COMPILED[self._asked, dtypes] = compiled
        if len(_COMPILED) > KEPT:
            del _COMPILED[next(iter(_COMPILED))]  # the one that was not asked for longest
        value, *gradient = compiled(*inputs)
        return value, gradient

    @staticmethod
    def _compile(function: Function, dtypes: Sequence[str]) -> Any:
        symbols = [pt.vector(f"x{i}", dtype=dtype) for i, dtype in enumerate(dtypes)]
        value = function(*symbols)
        gradient = pytensor.grad(value.sum(), symbols, disconnected_inputs="ignore")
        with warnings.catch_warnings():  # that some operations are not compiled by Numba is no fault of the user's
            warnings.filterwarnings("ignore", "Numba will use object mode", UserWarning)
            return pytensor.function(symbols, [value, *gradient], on_unused_input="ignore")
