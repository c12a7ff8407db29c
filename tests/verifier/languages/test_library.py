"""Functions of libraries that are no primitives: their meanings, and how a call of one is judged."""

from __future__ import annotations

import importlib.util
import math
from typing import ClassVar

import mpmath
import numpy as np
import pytest

import gradjury as gj
from gradjury.engine import REGISTRY
from gradjury.verifier import NumpyEngine, engine_named
from gradjury.verifier.languages.library import MEANINGS, called, meaning

#: What the functions are, by other formulas than the texts, at points with the values of x, y and z.
ELSEWHERE = {
    "softmax": (lambda x, y: mpmath.exp(x) / (mpmath.exp(x) + mpmath.exp(y)), (0.5, -1.25)),
    "log_softmax": (lambda x, y: x - mpmath.log(mpmath.exp(x) + mpmath.exp(y)), (0.5, -1.25)),
    "logsumexp": (lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)), (0.5, -1.25)),
    "logaddexp2": (lambda x, y: mpmath.log(2**x + 2**y, 2), (0.5, -1.25)),
    "ndtr": (mpmath.ncdf, (0.75,)),
    "log_ndtr": (lambda x: mpmath.log(mpmath.ncdf(x)), (0.75,)),
    "logsf": (lambda x: mpmath.log(1 - mpmath.ncdf(x)), (0.75,)),
    "normal_pdf": (mpmath.npdf, (0.75,)),
    "normal_logpdf": (lambda x: mpmath.log(mpmath.npdf(x)), (0.75,)),
    "chi2_logpdf": (
        lambda x: mpmath.log(x**0.25 * mpmath.exp(-x / 2) / (mpmath.mpf(2) ** 1.25 * mpmath.gamma(1.25))),
        (2.5,),
    ),
    "betaln": (lambda x, y: mpmath.log(mpmath.beta(x, y)), (1.5, 2.25)),
    "beta": (mpmath.beta, (1.5, 2.25)),
    "rgamma": (mpmath.rgamma, (1.75,)),
    "rel_entr": (lambda x, y: x * mpmath.log(x / y), (1.5, 2.25)),
    "kl_div": (lambda x, y: x * mpmath.log(x / y) - x + y, (1.5, 2.25)),
    "entr": (lambda x: -x * mpmath.log(x), (1.5,)),
    "erfcx": (lambda x: mpmath.exp(x * x) * mpmath.erfc(x), (1.5,)),
    "i0e": (lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(0, x), (-1.5,)),
    "i1e": (lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(1, x), (-1.5,)),
    "sph_j0": (lambda x: mpmath.sqrt(mpmath.pi / (2 * x)) * mpmath.besselj(0.5, x), (1.5,)),
    "sph_j1": (lambda x: mpmath.sqrt(mpmath.pi / (2 * x)) * mpmath.besselj(1.5, x), (1.5,)),
    "sph_j2": (lambda x: mpmath.sqrt(mpmath.pi / (2 * x)) * mpmath.besselj(2.5, x), (1.5,)),
    "logit": (lambda x: -mpmath.log(1 / x - 1), (0.25,)),
    "log1mexp": (lambda x: mpmath.log(-mpmath.expm1(-x)), (0.25,)),
    "log1mexp_negative": (lambda x: mpmath.log(-mpmath.expm1(x)), (-0.25,)),
    "length_of_3": (lambda x, y, z: mpmath.norm([x, y, z]), (1.5, 2.25, -0.5)),
    "softplus_beta": (lambda x: mpmath.log(1 + mpmath.exp(2 * x)) / 2, (0.75,)),
    "celu": (lambda x: 1.5 * (mpmath.exp(x / 1.5) - 1), (-0.75,)),
    "tanhshrink": (lambda x: x - mpmath.tanh(x), (0.75,)),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_no_meaning_has_the_name_of_a_primitive(name: str) -> None:
    assert name not in REGISTRY
    assert meaning(name).inputs == tuple(sorted(meaning(name).inputs))


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_meaning_is_the_function_of_its_name(name: str) -> None:
    function, at = ELSEWHERE[name]
    tape = meaning(name)
    value, _ = NumpyEngine().gradient(tape, dict(zip(tape.inputs, at, strict=True)), "float64")
    with mpmath.workdps(50):
        assert math.isclose(float(value), float(function(*map(mpmath.mpf, at))), rel_tol=1e-13)


class Mine(gj.TapeRunner):
    """An engine with one function of its own, whose rule is the usual formula that loses its digits."""

    name, version = "mine", "1"
    table = gj.OPERATORS
    further: ClassVar[dict[str, object]] = {"tanhshrink": lambda x: x - np.tanh(x)}

    def differentiate(self, function, inputs):
        value = function(*inputs)
        return value, [np.tanh(inputs[0]) ** 2 if self.whole else np.ones_like(value)]


def test_a_call_is_judged_as_one_function_and_blamed_by_its_name() -> None:
    (call,) = called(Mine())
    assert str(call).startswith("tanhshrink-")
    right = gj.verify(call.tape, at={"x": [0.5, 1.5]}, engine=call.engine)
    assert right.verdict == "agree"
    assert right.standard == "function"
    lost = gj.verify(call.tape, at={"x": 1e-5}, engine=call.engine)
    assert lost.verdict == "inaccurate"  # the value: x − tanh(x) cancels
    assert lost.blame is not None
    assert (lost.blame.kind, lost.blame.primitive) == ("forward", call.call)
    assert lost.to_record()["function"] == call.call


def test_other_functions_of_the_engine_are_judged_as_ever() -> None:
    (call,) = called(Mine())
    assert gj.verify("x + 1", at={"x": 2.0}, engine=call.engine).standard == "function"
    assert gj.verify("(x + 1) + 1", at={"x": 2.0}, engine=call.engine).standard == "program"


def test_torchs_rule_of_gelu_in_its_approximation() -> None:
    pytest.importorskip("torch")
    (call,) = (c for c in called(engine_named("torch")) if c.name == "gelu_tanh")
    assert call.call == "F.gelu(x, approximate='tanh')"
    assert gj.verify(call.tape, at={"x": [0.5, -1.5]}, engine=call.engine).verdict == "agree"
    judged = gj.verify(call.tape, at={"x": -9.0}, engine=call.engine)
    assert judged.points[0].partials["x"].engine == 0
    assert judged.points[0].partials["x"].verdict == "inaccurate"


#: Where a meaning is defined, if not at the ordinary point.
ELSEWHERE_DEFINED = {
    "log1mexp_negative": -0.75,
    **{f"pareto_{name}": 1.75 for name in ("pdf", "logpdf", "cdf", "sf", "logcdf")},
}


@pytest.mark.parametrize("engine", ["torch", "jax", "autograd", "mygrad", "pytensor", "tinygrad", "num_dual"])
def test_the_calls_of_each_engine_are_what_they_mean(engine: str) -> None:
    if importlib.util.find_spec(engine) is None:  # tinygrad must not be imported before its adapter
        pytest.skip(f"{engine} is not installed")
    for call in called(engine_named(engine)):
        if engine in ("jax", "pytensor") and call.spelling:
            continue  # each takes a while to compile
        if (engine, call.name) == ("jax", "gumbel_ppf"):
            continue  # a known defect: its derivative raises a TypeError
        at = dict(zip(call.tape.inputs, (0.75, 0.625, 0.875), strict=False))
        at = {name: ELSEWHERE_DEFINED.get(call.name, x) for name, x in at.items()}
        value, gradient = call.engine.gradient(call.tape, {n: np.array([x, x]) for n, x in at.items()}, "float64")
        true, slopes = NumpyEngine().gradient(call.tape, at, "float64")
        assert np.shape(value) == (2,), str(call)
        assert np.allclose(value, true, rtol=1e-9), str(call)
        if engine == "autograd" and call.name in ("chi2_logpdf", "chi2_pdf"):
            continue  # a known defect: its derivative is that of another function
        for name, slope in slopes.items():
            assert np.allclose(gradient[name], slope, rtol=1e-6), (str(call), name)
