"""Functions of libraries that are no primitives of this project: what each of them means, as an expression.

An engine's adapter names its own function of that meaning in its table ``further``. Such a function is called as a
whole, with a derivative rule of its own, and is judged as one: by the standard *function*, nothing but last digits
excused, unless it is a sum or a product of several terms by its nature.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ...engine.tape import Tape
from ..engines.common import TapeRunner, Whole
from ..errors import InvalidInput
from ..reading.reader import read
from .spelling import written


class Meaning(NamedTuple):
    """What a function of a library computes.

    Attributes:
        text: an expression of ``x``, or of ``x``, ``y`` and ``z``.
        domain: where it is real and the libraries document it: comparisons joined by "and".
        standard: *program* for what is a sum or a product of several terms, which may be rounded one by one.
    """

    text: str
    domain: str = "True"
    standard: str = "function"


#: Where three numbers may be multiplied in any order: no product of two underflows.
SAFE = " and ".join(f"({name} == 0 or abs({name}) > 1e-9)" for name in "xyz")

#: Of one, two or three variables, by a name that no primitive has.
MEANINGS: dict[str, Meaning] = {
    # activations
    "gelu_tanh": Meaning("x*(1 + tanh(sqrt(2/pi)*(x + 0.044715*x**3)))/2"),
    "quick_gelu": Meaning("x*sigmoid(1.702*x)"),
    "tanhshrink": Meaning("x - tanh(x)"),
    "celu": Meaning("where(x > 0, x, 1.5*expm1(x/1.5))"),
    "relu6": Meaning("clip(x, 0, 6)"),
    "hardtanh": Meaning("clip(x, -1, 1)"),
    "hardsigmoid": Meaning("clip(x/6 + 0.5, 0, 1)", standard="program"),
    "hardswish": Meaning("x*clip(x/6 + 0.5, 0, 1)", standard="program"),
    "softshrink": Meaning("maximum(x - 0.5, 0) + minimum(x + 0.5, 0)"),
    "threshold": Meaning("where(x > 1, x, 1)"),
    "squareplus": Meaning("(x + sqrt(x**2 + 4))/2"),
    "softplus_beta": Meaning("softplus(2*x)/2"),
    "glu": Meaning("x*sigmoid(y)"),
    "softmax": Meaning("sigmoid(x - y)"),
    "log_softmax": Meaning("logsigmoid(x - y)"),
    "softmin": Meaning("sigmoid(y - x)"),
    "hardshrink": Meaning("where(abs(x) > 0.5, x, 0)"),
    "sparse_plus": Meaning("where(x <= -1, 0, where(x >= 1, x, (x + 1)**2/4))", standard="program"),
    "sparse_sigmoid": Meaning("clip(x/2 + 0.5, 0, 1)", standard="program"),
    # exponential functions and logarithms
    "rsqrt": Meaning("1/sqrt(x)", "x > 0"),
    "logit": Meaning("log(x/(1 - x))", "x > 0 and x < 1"),
    "log1mexp": Meaning("log(1 - exp(-x))", "x > 0"),
    "log1mexp_negative": Meaning("log(1 - exp(x))", "x < 0"),
    "xlog1py": Meaning("x*log1p(y)", "y > -1"),
    "logaddexp2": Meaning("logaddexp(x*log(2), y*log(2))/log(2)", standard="program"),
    "logsumexp": Meaning("logaddexp(x, y)"),
    "power_of_2": Meaning("2**x"),
    "power_of_0": Meaning("0**x", "x > 0"),
    "cube": Meaning("x**3"),
    "log_base": Meaning("log(x)/log(3)", "x > 0"),
    "boxcox": Meaning("(x**y - 1)/y", "x > 0 and y != 0"),
    "boxcox1p": Meaning("((1 + x)**y - 1)/y", "x > -1 and y != 0"),
    "logmeanexp": Meaning("logaddexp(x, y) - log(2)", standard="program"),
    # angles, signs and parts of a number
    "degrees": Meaning("x*180/pi"),
    "radians": Meaning("x*pi/180"),
    "trunc": Meaning("where(x >= 0, floor(x), ceil(x))"),
    "rounded": Meaning("floor(x + 0.5)", "x + 0.5 != floor(x + 0.5)"),
    "fraction": Meaning("x - where(x >= 0, floor(x), ceil(x))"),
    "copysign": Meaning("where(y > 0, abs(x), -abs(x))", "y != 0"),
    "remainder_of_c": Meaning("x - y*where(x/y >= 0, floor(x/y), ceil(x/y))", "y != 0"),
    "nearest_remainder": Meaning("x - y*floor(x/y + 0.5)", "y != 0 and x/y + 0.5 != floor(x/y + 0.5)"),
    # special functions
    "entr": Meaning("-xlogy(x, x)", "x >= 0", standard="program"),
    "rel_entr": Meaning("xlogy(x, x) - xlogy(x, y)", "x > 0 and y > 0", standard="program"),
    "kl_div": Meaning("xlogy(x, x) - xlogy(x, y) - x + y", "x > 0 and y > 0", standard="program"),
    "ndtr": Meaning("erfc(-x/sqrt(2))/2"),
    "log_ndtr": Meaning("log(erfc(-x/sqrt(2))/2)"),
    "logsf": Meaning("log(erfc(x/sqrt(2))/2)"),
    "ndtri": Meaning("sqrt(2)*erfinv(2*x - 1)", "x > 0 and x < 1"),
    "normal_pdf": Meaning("exp(-x**2/2)/sqrt(2*pi)"),
    "normal_logpdf": Meaning("-x**2/2 - log(2*pi)/2", standard="program"),
    "erfcx": Meaning("exp(x**2)*erfc(x)"),
    "i0e": Meaning("exp(-abs(x))*i0(x)"),
    "i1e": Meaning("exp(-abs(x))*i1(x)"),
    "chi2_logpdf": Meaning("log(x)/4 - x/2 - 1.25*log(2) - loggamma(1.25)", "x > 0", standard="program"),
    "chi2_pdf": Meaning("exp(log(x)/4 - x/2)/(2**1.25*gamma(1.25))", "x > 0", standard="program"),
    "chi2_cdf": Meaning("lowergamma(1.25, x/2)/gamma(1.25)", "x > 0"),
    "normal_sf": Meaning("erfc(x/sqrt(2))/2"),
    "normal_isf": Meaning("-sqrt(2)*erfinv(2*x - 1)", "x > 0 and x < 1"),
    "normal_pdf_of_scale": Meaning("exp(-((x - y)/z)**2/2)/(z*sqrt(2*pi))", "z > 0", standard="program"),
    "normal_logpdf_of_scale": Meaning("-((x - y)/z)**2/2 - log(z) - log(2*pi)/2", "z > 0", standard="program"),
    "logistic_pdf": Meaning("sigmoid(x)*sigmoid(-x)"),
    "logistic_logpdf": Meaning("logsigmoid(x) + logsigmoid(-x)"),
    "logistic_cdf": Meaning("sigmoid(x)"),
    "logistic_sf": Meaning("sigmoid(-x)"),
    "logistic_isf": Meaning("log((1 - x)/x)", "x > 0 and x < 1"),
    "cauchy_pdf": Meaning("1/(pi*(1 + x**2))"),
    "cauchy_logpdf": Meaning("-log1p(x**2) - log(pi)", standard="program"),
    "cauchy_cdf": Meaning("atan(x)/pi + 0.5"),
    "cauchy_sf": Meaning("0.5 - atan(x)/pi"),
    "cauchy_logcdf": Meaning("log(atan(x)/pi + 0.5)"),
    "cauchy_logsf": Meaning("log(0.5 - atan(x)/pi)"),
    "cauchy_ppf": Meaning("tan(pi*(x - 0.5))", "x > 0 and x < 1"),
    "expon_pdf": Meaning("exp(-x)", "x > 0"),
    "expon_cdf": Meaning("-expm1(-x)", "x > 0"),
    "expon_logcdf": Meaning("log(-expm1(-x))", "x > 0"),
    "expon_ppf": Meaning("-log1p(-x)", "x >= 0 and x < 1"),
    "laplace_pdf": Meaning("exp(-abs(x))/2"),
    "laplace_cdf": Meaning("where(x <= 0, exp(x)/2, 1 - exp(-x)/2)"),
    "gumbel_pdf": Meaning("exp(-x - exp(-x))", standard="program"),
    "gumbel_logpdf": Meaning("-x - exp(-x)", standard="program"),
    "gumbel_cdf": Meaning("exp(-exp(-x))"),
    "gumbel_logcdf": Meaning("-exp(-x)"),
    "gumbel_sf": Meaning("-expm1(-exp(-x))"),
    "gumbel_logsf": Meaning("log(-expm1(-exp(-x)))"),
    "gumbel_ppf": Meaning("-log(-log(x))", "x > 0 and x < 1"),
    "pareto_pdf": Meaning("2.5*x**-3.5", "x > 1"),
    "pareto_logpdf": Meaning("log(2.5) - 3.5*log(x)", "x > 1", standard="program"),
    "pareto_cdf": Meaning("1 - x**-2.5", "x > 1"),
    "pareto_sf": Meaning("x**-2.5", "x > 1"),
    "pareto_logcdf": Meaning("log(1 - x**-2.5)", "x > 1"),
    "t_pdf": Meaning("6*sqrt(3)/(pi*(3 + x**2)**2)"),
    "t_logpdf": Meaning("log(6*sqrt(3)/pi) - 2*log(3 + x**2)", standard="program"),
    "t_cdf": Meaning("atan(x)/pi + 0.5"),
    "t_logcdf": Meaning("log(atan(x)/pi + 0.5)"),
    "beta_pdf": Meaning("12*x*(1 - x)**2", "x > 0 and x < 1"),
    "beta_logpdf": Meaning("log(12) + log(x) + 2*log1p(-x)", "x > 0 and x < 1", standard="program"),
    "beta_sf": Meaning("1 - x**2*(6 - 8*x + 3*x**2)", "x > 0 and x < 1"),
    "gamma_pdf": Meaning("exp(-x)*x**1.5/gamma(2.5)", "x > 0", standard="program"),
    "gamma_logpdf": Meaning("1.5*log(x) - x - loggamma(2.5)", "x > 0", standard="program"),
    "gamma_logcdf": Meaning("log(lowergamma(2.5, x)/gamma(2.5))", "x > 0"),
    "gamma_logsf": Meaning("log(uppergamma(2.5, x)/gamma(2.5))", "x > 0"),
    "poisson_pmf": Meaning("exp(-x)*x**3/6", "x > 0", standard="program"),
    "poisson_logpmf": Meaning("3*log(x) - x - log(6)", "x > 0", standard="program"),
    "poisson_cdf": Meaning("uppergamma(4, x)/6", "x > 0"),
    "vonmises_pdf": Meaning("exp(1.5*cos(x))/(2*pi*i0(1.5))", "x > -pi and x < pi"),
    "vonmises_logpdf": Meaning("1.5*cos(x) - log(2*pi*i0(1.5))", "x > -pi and x < pi", standard="program"),
    "gennorm_logpdf": Meaning("log(1.5/(2*gamma(2/3))) - abs(x)**1.5", standard="program"),
    "betaln": Meaning("loggamma(x) + loggamma(y) - loggamma(x + y)", "x > 0 and y > 0", standard="program"),
    "beta": Meaning("gamma(x)*gamma(y)/gamma(x + y)", "x > 0 and y > 0", standard="program"),
    "rgamma": Meaning("1/gamma(x)", "x > -100 and x != 0"),
    "multigammaln": Meaning("log(pi)/2 + loggamma(x) + loggamma(x - 0.5)", "x > 0.5", standard="program"),
    "erfcinv": Meaning("erfinv(1 - x)", "x > 0 and x < 2"),
    "dawsn": Meaning("sqrt(pi)*exp(-x**2)*erfi(x)/2"),
    "trigamma": Meaning("polygamma(1, x)", "x > 0 or x != floor(x)"),
    "hurwitz_zeta": Meaning("polygamma(1, x)", "x > 0"),
    "factorial": Meaning("gamma(x + 1)", "x > 0"),
    "poch": Meaning("gamma(x + y)/gamma(x)", "x > 0 and y > 0", standard="program"),
    "gammainc": Meaning("lowergamma(2.5, x)/gamma(2.5)", "x >= 0"),
    "gammaincc": Meaning("uppergamma(2.5, x)/gamma(2.5)", "x > 0"),
    "gammainc_of_1": Meaning("-expm1(-x)", "x >= 0"),
    "gammaincc_of_1": Meaning("exp(-x)", "x >= 0"),
    "gammainc_of_half": Meaning("erf(sqrt(x))", "x >= 0"),
    "gammaincinv_of_1": Meaning("-log1p(-x)", "x >= 0 and x < 1"),
    "gammainccinv_of_1": Meaning("-log(x)", "x > 0 and x <= 1"),
    "betainc": Meaning("x**2*(6 - 8*x + 3*x**2)", "x >= 0 and x <= 1"),
    "betainc_of_1": Meaning("x*1", "x >= 0 and x <= 1"),
    "betainc_of_half": Meaning("2*asin(sqrt(x))/pi", "x > 0 and x < 1"),
    "kummer": Meaning("expm1(x)/x", "x != 0"),
    "gauss": Meaning("-log1p(-x)/x", "x != 0 and x < 1"),
    "owens_t_of_1": Meaning("erfc(-x/sqrt(2))*erfc(x/sqrt(2))/8"),
    # Bessel functions
    "bessel_j0": Meaning("besselj(0, x)"),
    "bessel_j1": Meaning("besselj(1, x)"),
    "bessel_y0": Meaning("bessely(0, x)", "x > 0"),
    "bessel_y1": Meaning("bessely(1, x)", "x > 0"),
    "bessel_k0e": Meaning("exp(x)*besselk(0, x)", "x > 0"),
    "bessel_k1e": Meaning("exp(x)*besselk(1, x)", "x > 0"),
    "bessel_i2e": Meaning("exp(-abs(x))*besseli(2, x)"),
    "sph_j0": Meaning("where(x == 0, 1, sin(x)/x)", "x != 0"),
    "sph_j1": Meaning("sin(x)/x**2 - cos(x)/x", "x != 0"),
    "sph_j2": Meaning("(3/x**2 - 1)*sin(x)/x - 3*cos(x)/x**2", "x != 0"),
    # losses
    "squared_error": Meaning("(x - y)**2", standard="program"),
    "absolute_error": Meaning("abs(x - y)", standard="program"),
    "huber": Meaning("where(abs(x - y) < 1, (x - y)**2/2, abs(x - y) - 0.5)", standard="program"),
    "cross_entropy_with_logits": Meaning("softplus(x) - x*y", "y >= 0 and y <= 1", standard="program"),
    "binary_cross_entropy": Meaning("-y*log(x) - (1 - y)*log1p(-x)", "x > 1e-40 and x < 1 and y >= 0 and y <= 1"),
    "cross_entropy": Meaning("softplus(y - x)"),
    "soft_margin": Meaning("softplus(-x)"),
    "divergence": Meaning("xlogy(y, y) - x*y", "y > 0", standard="program"),
    "poisson_loss": Meaning("exp(x) - x*y", standard="program"),
    "gaussian_loss": Meaning("(log(z) + (x - y)**2/z)/2", "z > 1e-5", standard="program"),
    # several numbers: products, lengths, spreads
    "product": Meaning("x*y*z", SAFE, standard="program"),
    "length": Meaning("hypot(x, y)"),
    "length_of_3": Meaning("sqrt(x**2 + y**2 + z**2)"),
    "largest": Meaning("maximum(x, y)"),
    "smallest": Meaning("minimum(x, y)"),
    "mean": Meaning("(x + y + z)/3", standard="program"),
    "deviation": Meaning("m = (x + y + z)/3; sqrt(((x - m)**2 + (y - m)**2 + (z - m)**2)/3)", standard="program"),
    "between": Meaning("x + z*(y - x)", standard="program"),
    "product_and_sum": Meaning("x + y*z", standard="program"),
    "quotient_and_sum": Meaning("x + y/z", "z != 0", standard="program"),
    "median": Meaning("maximum(minimum(x, y), minimum(maximum(x, y), z))", "(x != y or y != z)"),
    "spread": Meaning("maximum(x, y) - minimum(x, y)"),
    "variance": Meaning("m = (x + y + z)/3; ((x - m)**2 + (y - m)**2 + (z - m)**2)/3", standard="program"),
    "length_by_cubes": Meaning("cbrt(abs(x)**3 + abs(y)**3)", standard="program"),
    "taxicab": Meaning("abs(x) + abs(y)"),
    "largest_size": Meaning("maximum(abs(x), abs(y))"),
    "sum_of_squares": Meaning("x**2 + y**2", standard="program"),
}


@cache
def meaning(name: str) -> Tape:
    """What a function means, as a tape whose inputs are in alphabetical order."""
    text = MEANINGS[name].text
    return read(text, variables=sorted(set(read(text).inputs)))


class Called(NamedTuple):
    """A function of an engine's library with what it means.

    Attributes:
        engine: that runs the tape by one call of the function.
        name: of the meaning.
        call: as the engine's users write it.
        tape: the meaning.
        spelling: its place in the engine's table.
    """

    engine: TapeRunner
    name: str
    call: str
    tape: Tape
    spelling: int

    def __str__(self) -> str:
        return f"{self.name}-{self.call}"


def called(engine: object) -> Iterator[Called]:
    """Every function of an engine that is no primitive, in every spelling, in the order of the meanings.

    Raises:
        InvalidInput: the engine names a meaning that there is not.
    """
    if not isinstance(engine, TapeRunner):
        return
    if strange := [name for name in engine.further if name not in MEANINGS]:
        raise InvalidInput(
            f"{type(engine).__name__}.further: {strange[0]!r} is no meaning; "
            "gradjury.verifier.languages.library.MEANINGS holds the names"
        )
    for name in MEANINGS:
        for index, function in enumerate(engine.spellings(name)):
            tape = meaning(name)
            call = written(type(engine), name, index, tape.inputs)
            whole = Whole(name, call, index, tape, function, MEANINGS[name].standard)
            yield Called(engine.as_a_whole(whole), name, call, tape, index)
