"""JAX on the processor: eager arrays, reverse mode by ``jax.vjp``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy import special, stats
from numpy.typing import DTypeLike

from ...engine.tape import Tape
from ..engine import Point
from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare, order_above_1, whole_order

#: XLA compiles every function once more for every number of points. More than a few are filled up to a block of one
#: of two sizes, so that a function is compiled for these alone.
FEW, BLOCKS = 17, (64, 512)


def in_bits_of(dtype: np.dtype[Any]) -> AbstractContextManager[Any]:
    """JAX in 64 bits where the type has them: else it makes float32 of float64. The user's own setting stays."""
    context: AbstractContextManager[Any] = jax.enable_x64(dtype == np.float64)
    return context


class Jax(TapeRunner):
    """The functions of ``jax.numpy``, ``jax.scipy.special`` and ``jax.nn``; XLA flushes subnormal results to 0."""

    name = "jax"
    version = jax.__version__
    flushes_subnormals = True
    script: ClassVar[Script | None] = Script(
        imports=(
            "import jax\n"
            "import jax.numpy as jnp\n"
            "from jax.scipy import special\n"
            "from jax.scipy import stats\n"
            "\n"
            'jax.config.update("jax_enable_x64", True)'
        ),
        variable="jnp.array([{x}], jnp.{dtype})",
        constant="jnp.array({x}, jnp.{dtype})",
        value="print(f({args}).item())",
        partial="print(jax.vjp(f, {args})[1](jnp.ones(1, jnp.{dtype}))[{i}].item())",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "add": (OPERATORS["add"], jnp.add),
        "sub": (OPERATORS["sub"], jnp.subtract),
        "mul": (OPERATORS["mul"], jnp.multiply),
        "div": (OPERATORS["div"], jnp.divide),
        "pow": (OPERATORS["pow"], jnp.power, jnp.float_power),
        "powc": (OPERATORS["powc"], jnp.power, jnp.float_power),
        "sqrt": jnp.sqrt,
        "cbrt": jnp.cbrt,
        "square": jnp.square,
        "reciprocal": jnp.reciprocal,
        "hypot": jnp.hypot,
        "exp": jnp.exp,
        "expm1": jnp.expm1,
        "exp2": jnp.exp2,
        "log": jnp.log,
        "log1p": jnp.log1p,
        "log2": jnp.log2,
        "log10": jnp.log10,
        "logaddexp": jnp.logaddexp,
        "xlogy": special.xlogy,
        "ldexp": jnp.ldexp,
        "sin": jnp.sin,
        "cos": jnp.cos,
        "tan": jnp.tan,
        "asin": jnp.arcsin,
        "acos": jnp.arccos,
        "atan": jnp.arctan,
        "atan2": jnp.arctan2,
        "normalized_sinc": jnp.sinc,
        "sinh": jnp.sinh,
        "cosh": jnp.cosh,
        "tanh": (jnp.tanh, jax.nn.tanh),
        "asinh": jnp.arcsinh,
        "acosh": jnp.arccosh,
        "atanh": jnp.arctanh,
        "abs": jnp.abs,
        "sign": jnp.sign,
        "floor": jnp.floor,
        "ceil": jnp.ceil,
        "maximum": (jnp.maximum, jnp.fmax),
        "minimum": (jnp.minimum, jnp.fmin),
        "mod": (jnp.remainder, jnp.mod),
        "clip": jnp.clip,
        "heaviside": jnp.heaviside,
        "where": lambda left, right, a, b, relation: jnp.where(compare(left, right, relation), a, b),
        "erf": special.erf,
        "erfc": special.erfc,
        "erfinv": special.erfinv,
        "gamma": special.gamma,
        "loggamma": special.gammaln,
        "digamma": special.digamma,
        "polygamma": lambda n, x: special.polygamma(whole_order(n, "jax.scipy.special.polygamma"), x),
        "besselj": lambda n, x: special.bessel_jn(x, v=whole_order(n, "jax.scipy.special.bessel_jn"))[-1],
        "i0": (special.i0, jnp.i0),
        "i1": special.i1,
        # Number by number: in an array each number takes all branches of expi and expn, and a continued fraction that
        # is meant for x > 1 goes on for hours where another number is 1e-12. One number alone is compiled once.
        "Ei": lambda x: special.expi(x) if x.size == 1 else jax.lax.map(special.expi, x),
        "expint": lambda n, x: (
            special.expn(whole_order(n, "jax.scipy.special.expn"), x)
            if x.size == 1
            else jax.lax.map(lambda t: special.expn(whole_order(n, "jax.scipy.special.expn"), t), x)
        ),
        "Si": lambda x: special.sici(x)[0],
        "Ci": lambda x: special.sici(x)[1],
        "fresnels": lambda x: special.fresnel(x)[0],
        "fresnelc": lambda x: special.fresnel(x)[1],
        "zeta": lambda s, a: special.zeta(order_above_1(s, "jax.scipy.special.zeta"), a),
        "hyp1f1": special.hyp1f1,
        "hyp2f1": special.hyp2f1,
        "sigmoid": (jax.nn.sigmoid, special.expit, jax.lax.logistic),
        "logsigmoid": jax.nn.log_sigmoid,
        "softplus": (jax.nn.softplus, lambda x: jnp.logaddexp(x, 0.0)),
        "relu": (jax.nn.relu, lambda x: jnp.maximum(x, 0.0)),
        "leaky_relu": jax.nn.leaky_relu,
        "elu": jax.nn.elu,
        "selu": jax.nn.selu,
        "gelu": lambda x: jax.nn.gelu(x, approximate=False),
        "silu": (jax.nn.silu, jax.nn.swish),
        "mish": jax.nn.mish,
        "softsign": jax.nn.soft_sign,
    }
    further: ClassVar[Table] = {
        "gelu_tanh": jax.nn.gelu,
        "celu": lambda x: jax.nn.celu(x, 1.5),
        "relu6": jax.nn.relu6,
        "hardtanh": jax.nn.hard_tanh,
        "hardsigmoid": jax.nn.hard_sigmoid,
        "hardswish": jax.nn.hard_swish,
        "squareplus": jax.nn.squareplus,
        "glu": lambda x, y: jax.nn.glu(jnp.concatenate([x, y]), 0),
        "softmax": lambda x, y: jax.nn.softmax(jnp.stack([x, y]), 0)[0],
        "log_softmax": lambda x, y: jax.nn.log_softmax(jnp.stack([x, y]), 0)[0],
        "rsqrt": jax.lax.rsqrt,
        "logit": special.logit,
        "log1mexp": jax.nn.log1mexp,
        "xlog1py": special.xlog1py,
        "logaddexp2": jnp.logaddexp2,
        "logsumexp": (
            lambda x, y: special.logsumexp(jnp.stack([x, y]), 0),
            lambda x, y: jax.lax.cumlogsumexp(jnp.stack([x, y]), 0)[1],
        ),
        "power_of_2": lambda x: jnp.power(2.0, x),
        "power_of_0": lambda x: jnp.power(0.0, x),
        "cube": lambda x: jax.lax.integer_pow(x, 3),
        "entr": special.entr,
        "rel_entr": special.rel_entr,
        "kl_div": special.kl_div,
        "ndtr": (special.ndtr, stats.norm.cdf),
        "log_ndtr": (special.log_ndtr, stats.norm.logcdf),
        "logsf": stats.norm.logsf,
        "ndtri": special.ndtri,
        "normal_pdf": stats.norm.pdf,
        "normal_logpdf": stats.norm.logpdf,
        "i0e": special.i0e,
        "i1e": special.i1e,
        "chi2_logpdf": lambda x: stats.chi2.logpdf(x, 2.5),
        "betaln": special.betaln,
        "beta": special.beta,
        "multigammaln": lambda x: special.multigammaln(x, 2),
        "product": (
            lambda x, y, z: jnp.prod(jnp.stack([x, y, z]), 0),
            lambda x, y, z: jnp.cumprod(jnp.stack([x, y, z]), 0)[2],
        ),
        "length": lambda x, y: jnp.linalg.norm(jnp.stack([x, y]), axis=0),
        "length_of_3": lambda x, y, z: jnp.linalg.norm(jnp.stack([x, y, z]), axis=0),
        "largest": (
            lambda x, y: jnp.max(jnp.stack([x, y]), 0),
            lambda x, y: jax.lax.cummax(jnp.stack([x, y]), 0)[1],
        ),
        "smallest": lambda x, y: jnp.min(jnp.stack([x, y]), 0),
        "mean": lambda x, y, z: jnp.mean(jnp.stack([x, y, z]), 0),
        "deviation": lambda x, y, z: jnp.std(jnp.stack([x, y, z]), 0),
        "sparse_plus": jax.nn.sparse_plus,
        "sparse_sigmoid": jax.nn.sparse_sigmoid,
        "boxcox": special.boxcox,
        "boxcox1p": special.boxcox1p,
        "logmeanexp": lambda x, y: jax.nn.logmeanexp(jnp.stack([x, y]), 0),
        "degrees": jnp.degrees,
        "radians": jnp.radians,
        "trunc": jnp.trunc,
        "rounded": jnp.round,
        "fraction": lambda x: jnp.modf(x)[0],
        "copysign": jnp.copysign,
        "remainder_of_c": (jnp.fmod, jax.lax.rem),
        "erfcx": special.erfcx,
        "dawsn": special.dawsn,
        "hurwitz_zeta": lambda x: special.zeta(2.0, x),
        "factorial": special.factorial,
        "poch": special.poch,
        "gammainc": lambda x: special.gammainc(2.5, x),
        "gammaincc": lambda x: special.gammaincc(2.5, x),
        "gammainc_of_1": lambda x: special.gammainc(1.0, x),
        "gammaincc_of_1": lambda x: special.gammaincc(1.0, x),
        "gammainc_of_half": lambda x: special.gammainc(0.5, x),
        "betainc": lambda x: special.betainc(2.0, 3.0, x),
        "betainc_of_1": lambda x: special.betainc(1.0, 1.0, x),
        "betainc_of_half": lambda x: special.betainc(0.5, 0.5, x),
        "kummer": lambda x: special.hyp1f1(1.0, 2.0, x),
        "gauss": lambda x: special.hyp2f1(1.0, 1.0, 2.0, x),
        "owens_t_of_1": lambda x: special.owens_t(x, 1.0),
        "median": lambda x, y, z: jnp.median(jnp.stack([x, y, z]), 0),
        "spread": lambda x, y: jnp.ptp(jnp.stack([x, y]), 0),
        "variance": lambda x, y, z: jnp.var(jnp.stack([x, y, z]), 0),
        "length_by_cubes": lambda x, y: jnp.linalg.norm(jnp.stack([x, y]), 3, axis=0),
        "taxicab": lambda x, y: jnp.linalg.norm(jnp.stack([x, y]), 1, axis=0),
        "largest_size": lambda x, y: jnp.linalg.norm(jnp.stack([x, y]), jnp.inf, axis=0),
        "normal_sf": stats.norm.sf,
        "normal_isf": stats.norm.isf,
        "normal_pdf_of_scale": stats.norm.pdf,
        "normal_logpdf_of_scale": stats.norm.logpdf,
        "chi2_pdf": lambda x: stats.chi2.pdf(x, 2.5),
        "chi2_cdf": lambda x: stats.chi2.cdf(x, 2.5),
        "logistic_pdf": stats.logistic.pdf,
        "logistic_logpdf": stats.logistic.logpdf,
        "logistic_cdf": stats.logistic.cdf,
        "logistic_sf": stats.logistic.sf,
        "logistic_isf": stats.logistic.isf,
        "cauchy_pdf": stats.cauchy.pdf,
        "cauchy_logpdf": stats.cauchy.logpdf,
        "cauchy_cdf": stats.cauchy.cdf,
        "cauchy_sf": stats.cauchy.sf,
        "cauchy_logcdf": stats.cauchy.logcdf,
        "cauchy_logsf": stats.cauchy.logsf,
        "cauchy_ppf": stats.cauchy.ppf,
        "expon_pdf": stats.expon.pdf,
        "expon_cdf": stats.expon.cdf,
        "expon_logcdf": stats.expon.logcdf,
        "expon_ppf": stats.expon.ppf,
        "laplace_pdf": stats.laplace.pdf,
        "laplace_cdf": stats.laplace.cdf,
        "gumbel_pdf": stats.gumbel_r.pdf,
        "gumbel_logpdf": stats.gumbel_r.logpdf,
        "gumbel_cdf": stats.gumbel_r.cdf,
        "gumbel_logcdf": stats.gumbel_r.logcdf,
        "gumbel_sf": stats.gumbel_r.sf,
        "gumbel_logsf": stats.gumbel_r.logsf,
        "gumbel_ppf": stats.gumbel_r.ppf,  # its derivative raises a TypeError
        "pareto_pdf": lambda x: stats.pareto.pdf(x, 2.5),
        "pareto_logpdf": lambda x: stats.pareto.logpdf(x, 2.5),
        "pareto_cdf": lambda x: stats.pareto.cdf(x, 2.5),
        "pareto_sf": lambda x: stats.pareto.sf(x, 2.5),
        "pareto_logcdf": lambda x: stats.pareto.logcdf(x, 2.5),
        "t_pdf": lambda x: stats.t.pdf(x, 3.0),
        "t_logpdf": lambda x: stats.t.logpdf(x, 3.0),
        "beta_pdf": lambda x: stats.beta.pdf(x, 2.0, 3.0),
        "beta_logpdf": lambda x: stats.beta.logpdf(x, 2.0, 3.0),
        "beta_sf": lambda x: stats.beta.sf(x, 2.0, 3.0),
        "gamma_pdf": lambda x: stats.gamma.pdf(x, 2.5),
        "gamma_logpdf": lambda x: stats.gamma.logpdf(x, 2.5),
        "gamma_logcdf": lambda x: stats.gamma.logcdf(x, 2.5),
        "gamma_logsf": lambda x: stats.gamma.logsf(x, 2.5),
        "poisson_pmf": lambda x: stats.poisson.pmf(3, x),
        "poisson_logpmf": lambda x: stats.poisson.logpmf(3, x),
        "poisson_cdf": lambda x: stats.poisson.cdf(3, x),
        "vonmises_pdf": lambda x: stats.vonmises.pdf(x, 1.5),
        "vonmises_logpdf": lambda x: stats.vonmises.logpdf(x, 1.5),
        "gennorm_logpdf": lambda x: stats.gennorm.logpdf(x, 1.5),
    }

    def gradient(self, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, dict[str, Any]]:
        columns = {name: np.asarray(point[name]) for name in tape.inputs}
        (count,) = np.broadcast_shapes(*(a.shape for a in columns.values())) or (1,)
        if count <= FEW:
            return super().gradient(tape, point, dtype)
        size = BLOCKS[0] if count <= BLOCKS[0] else BLOCKS[1]
        rounded = -(-count // size) * size
        filled = {name: np.resize(np.broadcast_to(a, (count,)), rounded) for name, a in columns.items()}
        parts = [
            super(Jax, self).gradient(tape, {name: a[k : k + size] for name, a in filled.items()}, dtype)
            for k in range(0, rounded, size)
        ]
        value = np.concatenate([value for value, _ in parts])[:count]
        return value, {name: np.concatenate([g[name] for _, g in parts])[:count] for name in tape.inputs}

    def session(self, dtype: np.dtype[Any]) -> AbstractContextManager[Any]:
        return in_bits_of(dtype)

    def array(self, numbers: np.ndarray[Any, Any]) -> Array:
        return jnp.asarray(numbers)

    def held(self, array: Array) -> Array:
        return jax.lax.stop_gradient(array)

    def derived(self, function: Function, j: int) -> Function:
        return lambda *inputs: self.differentiate(function, list(inputs))[1][j]

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        value, pullback = jax.vjp(function, *inputs)
        return value, pullback(jnp.ones_like(value))
