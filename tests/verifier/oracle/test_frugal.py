"""What Arb is asked costs seconds at most, and nothing is said of the rest."""

from __future__ import annotations

import subprocess
import sys

import mpmath as mp
import pytest
import sympy as sp
from flint import arb

from gradjury.verifier.oracle import balls
from gradjury.verifier.verify import verify


def test_arguments_that_no_float_comes_near_cost_nothing():
    """Arb's own special functions take minutes there."""
    tiny, huge = arb(2) ** -200_000, arb(2) ** 200_000
    assert balls.FUNCTIONS[sp.erf](tiny).contains(0)
    assert balls.FUNCTIONS[sp.erf](tiny).rad() < 1e-300
    assert balls.FUNCTIONS[sp.airyai](huge).is_nan()
    assert balls.FUNCTIONS[sp.besselj](arb(2), -huge).is_nan()


@pytest.mark.parametrize(
    ("head", "arguments"),
    [
        ("besseli", (1e17, 1e3)),
        ("besselk", (1e17, 1e6)),
        ("expint", (1e17, 1e6)),
        ("polylog", (1e17, 0.5)),
        ("polylog", (-1e17, -0.5)),
        ("polylog", (1e3, -1e3)),
        ("zeta", (-1e300, 0.5)),
        ("polygamma", (1e10, -1e6)),
        ("lowergamma", (1e10, 1e10)),
        ("uppergamma", (1e10, 1e10)),
    ],
)
def test_orders_that_take_arb_for_ever_cost_seconds(head, arguments):
    code = f"""
import sympy as sp
from flint import arb
from gradjury.verifier.oracle import balls
for bits in (128, 4096):
    with balls.precision(bits):
        balls.FUNCTIONS[sp.{head}](*map(arb, {arguments}))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_hypergeometric_function_of_a_huge_parameter_says_nothing():
    function, arguments = balls.call(sp.hyper([sp.Integer(10) ** 17], [2], sp.Symbol("x")))
    assert len(arguments) == 3
    assert function(arb(1e17), arb(2), arb(0.5)).is_nan()


@pytest.mark.parametrize(
    ("text", "x", "derivative"),
    [
        ("lowergamma(1/2, x**2)", 1e-200, lambda x: 2 * mp.exp(-(x**2))),
        ("x*E1(x**2)", 1e-200, lambda x: mp.e1(x**2) - 2 * mp.exp(-(x**2))),
        ("Ei(x**2)", 1e-200, lambda x: 2 * mp.exp(x**2) / x),
        ("x**3*gamma(x**2)", 1e-200, lambda x: 1 - mp.euler * 3 * x**2),
        ("x**3*besselk(1, x**2)", 1e-200, lambda x: mp.mpf(1)),
        ("besselj(1/2, x**2)", 1e-200, lambda x: mp.sqrt(2 / mp.pi)),
        ("erf(x**2)", 1e200, lambda x: mp.mpf(0)),
        ("x*erf(x**2)", -1e200, lambda x: mp.mpf(1)),
        ("x*Si(x**2)", 1e200, lambda x: mp.pi / 2 + 2 * mp.sin(x**2)),
        ("Ci(x**2)", 1e200, lambda x: 2 * mp.cos(x**2) / x),
        ("log(digamma(x**2))", 1e200, lambda x: 2 / x / mp.log(x**2)),
        ("x*LambertW(x**2)", 1e200, lambda x: (w := mp.lambertw(x**2)) + 2 * w / (1 + w)),
    ],
)
def test_what_products_of_floats_reach_is_decided(text, x, derivative):
    """These were undecided below all floats, and undefined beyond: as if they were no points of the domain."""
    with mp.workdps(900):
        right = derivative(mp.mpf(x))
        claims = [float(right), float(right) + 1.0 if abs(right) < 1e9 else -float(right)]
        result = verify(text, at={"x": [x, x]}, gradient={"x": claims}, standard="function")
        first, second = (point.partials["x"] for point in result.points)
        assert (first.verdict, second.verdict) == ("agree", "wrong")
        assert abs(mp.mpf(first.symbolic) - right) <= abs(right) * mp.mpf("1e-18") + mp.mpf("1e-170")


def test_further_out_nothing_is_said():
    (point,) = verify("erf(exp(exp(x)))", at={"x": 10.0}, gradient={"x": 0.0}).points
    assert point.partials["x"].verdict == "undecided"
    assert "beyond all floats" in point.partials["x"].reason


@pytest.mark.parametrize("text", ["erf(exp(exp(x)))", "exp(exp(exp(x)))", "x/exp(exp(exp(x)))"])
def test_a_value_beyond_what_balls_reach_is_not_called_missing(text):
    """It was ``undefined``, as is the value of log(-1); with a domain's edge before it, it is that."""
    (point,) = verify(text, at={"x": 10.0}).points
    assert point.value_verdict == "undecided"
    (point,) = verify(f"{text} + log(-x)", at={"x": 10.0}).points
    assert point.value_verdict == "undefined"


@pytest.mark.parametrize(
    "text",
    [
        *("besselj(1e9, x)", "besselk(2e9 + 1/2, x)", "polygamma(1e9, x)", "zeta(1e9, x)", "polylog(1e9, x)"),
        *("lowergamma(1e9, x)", "uppergamma(1e9, x)", "expint(1e9, x)", "hyper([1e9, 1], [2], x)"),
    ],
)
def test_of_huge_orders_nothing_is_said(text):
    """Least of all that the point is outside the domain."""
    (point,) = verify(text, at={"x": 0.5}, gradient={"x": 0.25}).points
    assert point.partials["x"].verdict == "undecided"
    assert "too large an order" in point.partials["x"].reason
    (outside,) = verify("elliptic_f(x, 1e9)", at={"x": 1.0}, gradient={"x": 0.25}).points  # an argument, and no order
    assert outside.partials["x"].verdict == "undefined"
