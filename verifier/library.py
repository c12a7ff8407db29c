"""Functions of libraries that are no primitives of this project: what each of them means, as an expression.

An engine's adapter names its own function of that meaning in its table ``further``. Such a function is called as a
whole, with a derivative rule of its own, and is judged as one: by the standard *function*, nothing but last digits
excused, unless it is a sum or a product of several terms by its nature.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ..engine.tape import Tape
from .engines.common import TapeRunner, Whole
from .errors import InvalidInput
from .reader import read
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
    "betaln": Meaning("loggamma(x) + loggamma(y) - loggamma(x + y)", "x > 0 and y > 0", standard="program"),
    "beta": Meaning("gamma(x)*gamma(y)/gamma(x + y)", "x > 0 and y > 0", standard="program"),
    "rgamma": Meaning("1/gamma(x)", "x > 0"),
    "multigammaln": Meaning("log(pi)/2 + loggamma(x) + loggamma(x - 0.5)", "x > 0.5", standard="program"),
    # spherical Bessel functions
    "sph_j0": Meaning("where(x == 0, 1, sin(x)/x)", "x != 0"),
    "sph_j1": Meaning("sin(x)/x**2 - cos(x)/x", "x != 0"),
    "sph_j2": Meaning("(3/x**2 - 1)*sin(x)/x - 3*cos(x)/x**2", "x != 0"),
    # losses
    "squared_error": Meaning("(x - y)**2", standard="program"),
    "absolute_error": Meaning("abs(x - y)", standard="program"),
    "huber": Meaning("where(abs(x - y) < 1, (x - y)**2/2, abs(x - y) - 0.5)", standard="program"),
    "cross_entropy_with_logits": Meaning("softplus(x) - x*y", "y >= 0 and y <= 1", standard="program"),
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
            "gradjury.verifier.library.MEANINGS holds the names"
        )
    for name in MEANINGS:
        for index, function in enumerate(engine.spellings(name)):
            tape = meaning(name)
            call = written(type(engine), name, index, tape.inputs)
            whole = Whole(name, call, index, tape, function, MEANINGS[name].standard)
            yield Called(engine.as_a_whole(whole), name, call, tape, index)
