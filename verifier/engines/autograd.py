"""Autograd: NumPy's functions wrapped, reverse mode by ``autograd.make_vjp``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.metadata import version
from typing import ClassVar

import autograd.numpy as anp
from autograd import make_vjp
from autograd.core import vspace
from autograd.scipy import special, stats
from autograd.tracer import getval, isbox

from .common import OPERATORS, Array, Function, Script, Table, TapeRunner, compare, whole_order


def _clip(x: Array, low: Array, high: Array) -> Array:
    if isbox(low) or isbox(high):  # its own error is a KeyError
        raise NotImplementedError("clip has no derivative by its bounds")
    return anp.clip(x, low, high)


class Autograd(TapeRunner):
    """The functions of ``autograd.numpy`` and ``autograd.scipy.special``."""

    name = "autograd"
    version = version("autograd")
    script: ClassVar[Script | None] = Script(
        imports=(
            "import autograd.numpy as anp\nfrom autograd import elementwise_grad\nfrom autograd.scipy import special\n"
            "from autograd.scipy import stats"
        ),
        variable="anp.array([{x}], anp.{dtype})",
        constant="anp.array({x}, anp.{dtype})",
        value="print(f({args}).item())",
        partial="print(elementwise_grad(f, {i})({args}).item())",
    )
    table: ClassVar[Table] = {
        **OPERATORS,
        "pow": (OPERATORS["pow"], anp.power),
        "powc": (OPERATORS["powc"], anp.power),
        "sqrt": anp.sqrt,
        "square": anp.square,
        "reciprocal": anp.reciprocal,
        "hypot": anp.hypot,
        "exp": anp.exp,
        "expm1": anp.expm1,
        "exp2": anp.exp2,
        "log": anp.log,
        "log1p": anp.log1p,
        "log2": anp.log2,
        "log10": anp.log10,
        "logaddexp": anp.logaddexp,
        "sin": anp.sin,
        "cos": anp.cos,
        "tan": anp.tan,
        "asin": anp.arcsin,
        "acos": anp.arccos,
        "atan": anp.arctan,
        "atan2": anp.arctan2,
        "normalized_sinc": anp.sinc,
        "sinh": anp.sinh,
        "cosh": anp.cosh,
        "tanh": anp.tanh,
        "asinh": anp.arcsinh,
        "acosh": anp.arccosh,
        "atanh": anp.arctanh,
        "abs": (anp.abs, anp.fabs),
        "sign": anp.sign,
        "floor": anp.floor,
        "ceil": anp.ceil,
        "maximum": (anp.maximum, anp.fmax),
        "minimum": (anp.minimum, anp.fmin),
        "mod": (anp.remainder, anp.mod),
        "clip": _clip,
        "where": lambda left, right, a, b, relation: anp.where(compare(left, right, relation), a, b),
        "erf": special.erf,
        "erfc": special.erfc,
        "erfinv": special.erfinv,
        "gamma": special.gamma,
        "loggamma": special.gammaln,
        "digamma": (special.digamma, special.psi),
        "polygamma": lambda n, x: special.polygamma(whole_order(n, "autograd.scipy.special.polygamma"), x),
        "besselj": special.jn,
        "bessely": lambda n, x: special.yn(whole_order(n, "autograd.scipy.special.yn"), x),
        "besseli": special.iv,
        "i0": special.i0,
        "i1": special.i1,
        "sigmoid": special.expit,
        "softplus": lambda x: anp.logaddexp(x, 0.0),
        "relu": lambda x: anp.maximum(x, 0.0),
    }
    further: ClassVar[Table] = {
        "logit": special.logit,
        "logaddexp2": anp.logaddexp2,
        "logsumexp": lambda x, y: special.logsumexp(anp.stack([x, y]), 0),
        "power_of_2": lambda x: anp.power(2.0, x),
        "power_of_0": lambda x: anp.power(0.0, x),
        "ndtr": stats.norm.cdf,
        "log_ndtr": stats.norm.logcdf,
        "logsf": stats.norm.logsf,
        "normal_pdf": stats.norm.pdf,
        "normal_logpdf": stats.norm.logpdf,
        "chi2_logpdf": lambda x: stats.chi2.logpdf(x, 2.5),
        "betaln": special.betaln,
        "beta": special.beta,
        "rgamma": special.rgamma,
        "multigammaln": lambda x: special.multigammaln(x, 2),
        "product": lambda x, y, z: anp.prod(anp.stack([x, y, z]), 0),
        "length": lambda x, y: anp.linalg.norm(anp.stack([x, y]), axis=0),
        "length_of_3": lambda x, y, z: anp.linalg.norm(anp.stack([x, y, z]), axis=0),
        "largest": lambda x, y: anp.max(anp.stack([x, y]), 0),
        "smallest": lambda x, y: anp.min(anp.stack([x, y]), 0),
        "mean": lambda x, y, z: anp.mean(anp.stack([x, y, z]), 0),
        "deviation": lambda x, y, z: anp.std(anp.stack([x, y, z]), 0),
        "degrees": (anp.degrees, anp.rad2deg),
        "radians": (anp.radians, anp.deg2rad),
        "trunc": (anp.trunc, anp.fix),
        "rounded": (anp.rint, anp.round),
        "i0e": lambda x: special.ive(0, x),
        "i1e": lambda x: special.ive(1, x),
        "bessel_i2e": lambda x: special.ive(2, x),
        "bessel_j0": special.j0,
        "bessel_j1": special.j1,
        "bessel_y0": special.y0,
        "bessel_y1": special.y1,
        "erfcinv": special.erfcinv,
        "gammainc": lambda x: special.gammainc(2.5, x),
        "gammaincc": lambda x: special.gammaincc(2.5, x),
        "gammainc_of_1": lambda x: special.gammainc(1.0, x),
        "gammaincc_of_1": lambda x: special.gammaincc(1.0, x),
        "gammainc_of_half": lambda x: special.gammainc(0.5, x),
        "betainc": lambda x: special.betainc(2.0, 3.0, x),
        "betainc_of_1": lambda x: special.betainc(1.0, 1.0, x),
        "betainc_of_half": lambda x: special.betainc(0.5, 0.5, x),
        "variance": lambda x, y, z: anp.var(anp.stack([x, y, z]), 0),
        "length_by_cubes": lambda x, y: anp.linalg.norm(anp.stack([x, y]), 3, axis=0),
        "normal_sf": stats.norm.sf,
        "normal_pdf_of_scale": stats.norm.pdf,
        "normal_logpdf_of_scale": stats.norm.logpdf,
        "chi2_pdf": lambda x: stats.chi2.pdf(x, 2.5),
        "chi2_cdf": lambda x: stats.chi2.cdf(x, 2.5),
        "t_pdf": lambda x: stats.t.pdf(x, 3.0),
        "t_logpdf": lambda x: stats.t.logpdf(x, 3.0),
        "t_cdf": lambda x: stats.t.cdf(x, 1.0),
        "t_logcdf": lambda x: stats.t.logcdf(x, 1.0),
        "beta_pdf": lambda x: stats.beta.pdf(x, 2.0, 3.0),
        "beta_logpdf": lambda x: stats.beta.logpdf(x, 2.0, 3.0),
        "gamma_pdf": lambda x: stats.gamma.pdf(x, 2.5),
        "gamma_logpdf": lambda x: stats.gamma.logpdf(x, 2.5),
        "poisson_pmf": lambda x: stats.poisson.pmf(3, x),
        "poisson_logpmf": lambda x: stats.poisson.logpmf(3, x),
        "poisson_cdf": lambda x: stats.poisson.cdf(3, x),
    }

    def held(self, array: Array) -> Array:
        return getval(array)

    def derived(self, function: Function, j: int) -> Function:
        return lambda *inputs: self.differentiate(function, list(inputs))[1][j]

    def differentiate(self, function: Function, inputs: list[Array]) -> tuple[Array, Sequence[Array]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # floor(x) "seems independent of input": its derivative is 0
            pullback, value = make_vjp(lambda arrays: function(*arrays))(inputs)
            return value, pullback(vspace(value).ones())  # which is no array while another derivative is taken
