"""PyTorch on the processor: eager tensors, reverse mode by ``torch.autograd.grad``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F

from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare, order_above_1, whole_order


class Torch(TapeRunner):
    """The functions of ``torch``, ``torch.special`` and ``torch.nn.functional``."""

    name = "torch"
    version = str(torch.__version__)
    script: ClassVar[Script | None] = Script(
        imports=("import torch\nimport torch.nn.functional as F"),
        variable="torch.tensor([{x}], dtype=torch.{dtype}, requires_grad=True)",
        constant="torch.tensor({x}, dtype=torch.{dtype})",
        value="print(f({args}).item())",
        partial="print(torch.autograd.grad(f({args}), {wrt})[0].item())",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "add": (OPERATORS["add"], torch.add),
        "sub": (OPERATORS["sub"], torch.sub),
        "mul": (OPERATORS["mul"], torch.mul),
        "div": (OPERATORS["div"], torch.div),
        "pow": (OPERATORS["pow"], torch.pow, torch.float_power),
        "powc": (OPERATORS["powc"], torch.pow, torch.float_power),
        "sqrt": torch.sqrt,
        "square": torch.square,
        "reciprocal": torch.reciprocal,
        "hypot": torch.hypot,
        "exp": torch.exp,
        "expm1": (torch.expm1, torch.special.expm1),
        "exp2": (torch.exp2, torch.special.exp2),
        "log": torch.log,
        "log1p": (torch.log1p, torch.special.log1p),
        "log2": torch.log2,
        "log10": torch.log10,
        "logaddexp": torch.logaddexp,
        "xlogy": (torch.xlogy, torch.special.xlogy),
        "ldexp": lambda x, n: torch.ldexp(x, torch.tensor(n)),
        "sin": torch.sin,
        "cos": torch.cos,
        "tan": torch.tan,
        "asin": torch.asin,
        "acos": torch.acos,
        "atan": torch.atan,
        "atan2": torch.atan2,
        "normalized_sinc": (torch.sinc, torch.special.sinc),
        "sinh": torch.sinh,
        "cosh": torch.cosh,
        "tanh": (torch.tanh, F.tanh),
        "asinh": torch.asinh,
        "acosh": torch.acosh,
        "atanh": torch.atanh,
        "abs": torch.abs,
        "sign": (torch.sign, torch.sgn),
        "floor": torch.floor,
        "ceil": torch.ceil,
        "maximum": (torch.maximum, torch.fmax, torch.max),
        "minimum": (torch.minimum, torch.fmin, torch.min),
        "mod": torch.remainder,
        "clip": (torch.clamp, torch.clip),
        "where": lambda left, right, a, b, relation: torch.where(compare(left, right, relation), a, b),
        "erf": (torch.erf, torch.special.erf),
        "erfc": (torch.erfc, torch.special.erfc),
        "erfinv": (torch.erfinv, torch.special.erfinv),
        "loggamma": (torch.lgamma, torch.special.gammaln),
        "digamma": (torch.digamma, torch.special.psi),
        "zeta": lambda s, a: torch.special.zeta(order_above_1(s, "torch.special.zeta"), a),
        "polygamma": (
            lambda n, x: torch.polygamma(whole_order(n, "torch.polygamma"), x),
            lambda n, x: torch.special.polygamma(whole_order(n, "torch.special.polygamma"), x),
        ),
        "i0": (torch.i0, torch.special.i0),
        "i1": torch.special.i1,
        "sigmoid": (torch.sigmoid, F.sigmoid, torch.special.expit),
        "logsigmoid": F.logsigmoid,
        "softplus": (F.softplus, lambda x: torch.logaddexp(x, torch.zeros_like(x))),
        "relu": (torch.relu, F.relu, lambda x: torch.clamp(x, min=0.0)),
        "leaky_relu": (F.leaky_relu, lambda x, slope: F.prelu(x, torch.tensor([slope], dtype=x.dtype))),
        "elu": F.elu,
        "selu": (torch.selu, F.selu),
        "gelu": F.gelu,
        "silu": F.silu,
        "mish": F.mish,
        "softsign": F.softsign,
    }
    further: ClassVar[Table] = {
        "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
        "tanhshrink": F.tanhshrink,
        "celu": lambda x: F.celu(x, 1.5),
        "relu6": F.relu6,
        "hardtanh": F.hardtanh,
        "hardsigmoid": F.hardsigmoid,
        "hardswish": F.hardswish,
        "softshrink": F.softshrink,
        "threshold": lambda x: F.threshold(x, 1.0, 1.0),
        "softplus_beta": lambda x: F.softplus(x, beta=2.0),
        "glu": lambda x, y: F.glu(torch.cat([x, y]), 0),
        "softmax": lambda x, y: torch.softmax(torch.stack([x, y]), 0)[0],
        "log_softmax": lambda x, y: torch.log_softmax(torch.stack([x, y]), 0)[0],
        "rsqrt": torch.rsqrt,
        "logit": (torch.logit, torch.special.logit),
        "xlog1py": torch.special.xlog1py,
        "logaddexp2": torch.logaddexp2,
        "logsumexp": (
            lambda x, y: torch.logsumexp(torch.stack([x, y]), 0),
            lambda x, y: torch.logcumsumexp(torch.stack([x, y]), 0)[1],
        ),
        "power_of_2": lambda x: torch.pow(2.0, x),
        "power_of_0": lambda x: torch.pow(0.0, x),
        "entr": torch.special.entr,
        "ndtr": torch.special.ndtr,
        "log_ndtr": torch.special.log_ndtr,
        "ndtri": torch.special.ndtri,
        "erfcx": torch.special.erfcx,
        "i0e": torch.special.i0e,
        "i1e": torch.special.i1e,
        "multigammaln": (lambda x: torch.special.multigammaln(x, 2), lambda x: torch.mvlgamma(x, 2)),
        "squared_error": lambda x, y: F.mse_loss(x, y, reduction="none"),
        "absolute_error": lambda x, y: F.l1_loss(x, y, reduction="none"),
        "huber": (
            lambda x, y: F.smooth_l1_loss(x, y, reduction="none"),
            lambda x, y: F.huber_loss(x, y, reduction="none"),
        ),
        "cross_entropy_with_logits": lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none"),
        "product": (
            lambda x, y, z: torch.stack([x, y, z]).prod(0),
            lambda x, y, z: torch.cumprod(torch.stack([x, y, z]), 0)[2],
        ),
        "length": (
            lambda x, y: torch.linalg.vector_norm(torch.stack([x, y]), dim=0),
            lambda x, y: torch.stack([x, y]).norm(dim=0),
        ),
        "length_of_3": lambda x, y, z: torch.linalg.vector_norm(torch.stack([x, y, z]), dim=0),
        "largest": (
            lambda x, y: torch.stack([x, y]).amax(0),
            lambda x, y: torch.max(torch.stack([x, y]), 0).values,
            lambda x, y: torch.cummax(torch.stack([x, y]), 0).values[1],
        ),
        "smallest": (
            lambda x, y: torch.stack([x, y]).amin(0),
            lambda x, y: torch.cummin(torch.stack([x, y]), 0).values[1],
        ),
        "mean": lambda x, y, z: torch.stack([x, y, z]).mean(0),
        "deviation": lambda x, y, z: torch.stack([x, y, z]).std(0, correction=0),
        "between": torch.lerp,
        "product_and_sum": torch.addcmul,
        "quotient_and_sum": torch.addcdiv,
        "softmin": lambda x, y: F.softmin(torch.stack([x, y]), 0)[0],
        "hardshrink": F.hardshrink,
        "degrees": torch.rad2deg,
        "radians": torch.deg2rad,
        "trunc": torch.trunc,
        "rounded": torch.round,
        "fraction": torch.frac,
        "copysign": torch.copysign,
        "remainder_of_c": torch.fmod,
        "hurwitz_zeta": lambda x: torch.special.zeta(torch.tensor(2.0, dtype=x.dtype), x),
        "gammainc": lambda x: torch.special.gammainc(torch.tensor(2.5, dtype=x.dtype), x),
        "gammaincc": lambda x: torch.special.gammaincc(torch.tensor(2.5, dtype=x.dtype), x),
        "gammainc_of_1": lambda x: torch.special.gammainc(torch.tensor(1.0, dtype=x.dtype), x),
        "gammaincc_of_1": lambda x: torch.special.gammaincc(torch.tensor(1.0, dtype=x.dtype), x),
        "gammainc_of_half": lambda x: torch.special.gammainc(torch.tensor(0.5, dtype=x.dtype), x),
        "median": (
            lambda x, y, z: torch.median(torch.stack([x, y, z]), 0).values,
            lambda x, y, z: torch.quantile(torch.stack([x, y, z]), 0.5, dim=0),
        ),
        "variance": lambda x, y, z: torch.stack([x, y, z]).var(0, correction=0),
        "length_by_cubes": lambda x, y: torch.linalg.vector_norm(torch.stack([x, y]), 3, dim=0),
        "taxicab": lambda x, y: torch.linalg.vector_norm(torch.stack([x, y]), 1, dim=0),
        "largest_size": lambda x, y: torch.linalg.vector_norm(torch.stack([x, y]), torch.inf, dim=0),
        "binary_cross_entropy": lambda x, y: F.binary_cross_entropy(x, y, reduction="none"),
        "cross_entropy": lambda x, y: F.cross_entropy(
            torch.stack([x, y], 1), torch.zeros_like(x, dtype=torch.long), reduction="none"
        ),
        "soft_margin": lambda x: F.soft_margin_loss(x, torch.ones_like(x), reduction="none"),
        "divergence": lambda x, y: F.kl_div(x, y, reduction="none"),
        "poisson_loss": lambda x, y: F.poisson_nll_loss(x, y, reduction="none"),
        "gaussian_loss": lambda x, y, z: F.gaussian_nll_loss(x, y, z, reduction="none"),
    }

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        return torch.from_numpy(np.array(numbers))

    def numbers(self, array: Array) -> Any:
        return array.numpy(force=True) if isinstance(array, torch.Tensor) else array

    def held(self, array: Array) -> Array:
        return array.detach()

    def derived(self, function: Function, j: int) -> Function:
        def derivative(*inputs: Array) -> Array:
            value = function(*inputs)
            if not value.requires_grad:  # it depends on no input any more
                return torch.zeros_like(value)
            (found,) = torch.autograd.grad(
                value, inputs[j], torch.ones_like(value), create_graph=True, allow_unused=True
            )
            return torch.zeros_like(value) if found is None else found

        return derivative

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        for x in inputs:
            x.requires_grad_()
        with torch.enable_grad():  # a caller may have switched it off
            value = function(*inputs)
        if not value.requires_grad:  # as of the derivative of 2·x
            return value, [None] * len(inputs)
        return value, torch.autograd.grad(value, inputs, torch.ones_like(value), allow_unused=True)
