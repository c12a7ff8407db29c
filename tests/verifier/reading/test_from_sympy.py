"""Reading SymPy expressions: same function, nothing evaluated, unknown things refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from gradjury.engine.sweep import Execution
from gradjury.verifier.errors import InvalidInput, LimitExceeded, Unsupported
from gradjury.verifier.limits import Limits
from gradjury.verifier.reading.from_sympy import read_sympy
from gradjury.verifier.reading.printer import write
from gradjury.verifier.reading.reader import read

x, y, z = sp.symbols("x y z")

TEXTS = {
    x - y: "x - y",
    -x * y / 2: "-(x*y/2)",
    1 / x: "1/x",
    x**-2: "x**-2",
    1 / sp.sqrt(x): "1/sqrt(x)",
    x**2 / y**3: "x**2/y**3",
    -3 * x / (y**2 * z): "-3*x/(y**2*z)",
    x ** sp.Rational(3, 2): "x**(3/2)",
    -2 * x - 2: "-2 - 2*x",
    -0.5 * x: "-0.5*x",
    y - 0.5 * x: "y - 0.5*x",
    sp.pi * x: "pi*x",
    sp.exp(-(x**2)): "exp(-x**2)",
    sp.E * x: "E*x",
    x**y: "x**y",
    sp.Max(x, y, z): "Max(Max(x, y), z)",
    sp.Heaviside(x): "Heaviside(x)",
    sp.Heaviside(x, 1): "Heaviside(x, 1)",
    sp.besselj(2, x): "besselj(2, x)",
    sp.LambertW(x): "LambertW(x)",
    sp.li(x): "li(x)",
    sp.floor(x) + sp.ceiling(y): "ceiling(y) + floor(x)",
    sp.Piecewise((x, x > 0), (sp.exp(x), True)): "Piecewise((x, x > 0), (exp(x), True))",
    sp.Piecewise((x, sp.Ne(x, y))): "Piecewise((x, x != y))",
    sp.UnevaluatedExpr(x + 1) * 2: "2*(1 + x)",
    sp.Integer(3): "3",
    sp.Rational(1, 3): "Rational(1, 3)",
    sp.exp(x * sp.oo): 'exp(Float("inf")*x)',
}


@pytest.mark.parametrize("expression", TEXTS)
def test_the_tree_is_walked_as_it_stands(expression):
    tape = read_sympy(expression)
    assert sorted(write(tape).replace(" ", "").split("+")) == sorted(TEXTS[expression].replace(" ", "").split("+"))
    assert read(write(tape), variables=tape.inputs) == tape


def test_variables_are_sorted_by_name_or_as_given():
    assert read_sympy(z * y - x).inputs == ("x", "y", "z")
    assert read_sympy(x, variables=("y", "x")).inputs == ("y", "x")
    with pytest.raises(InvalidInput, match="'x' is none of the variables; expected y"):
        read_sympy(x, variables=("y",))


def test_a_float_is_exactly_its_value():
    tape = read_sympy(sp.Float(0.1) + x)
    assert float(tape.nodes[1].consts[0]) == 0.1
    assert tape.nodes[1].consts[0] != sp.Rational(1, 10)


@pytest.mark.parametrize(
    "expression",
    [
        sp.exp(sp.sin(x)) * sp.atan2(y, x) / (1 + x**2) ** sp.Rational(2, 3),
        sp.Piecewise((x, (x > 0) & (y < 1) | sp.Ne(y, 2)), (sp.Abs(x), ~(x > 5)), (sp.erf(x), True)),
        sp.polygamma(1, x) + sp.uppergamma(2, x) - sp.Mod(x, 3) * sp.sign(y) + sp.Min(x, -y),
        sp.log(x, 10) + sp.sinc(x) - sp.acot(x) + sp.expint(2, x) + sp.Heaviside(x - 1),
        (x - sp.Rational(7, 3) * y) / (sp.sqrt(2 * sp.pi) * sp.sqrt(x)) - y / 3,
    ],
)
def test_values_are_those_of_sympy(expression):
    for at in ({"x": 0.75, "y": 0.5}, {"x": 2.25, "y": 2.0}, {"x": 1.5, "y": -3.0}):
        value = float(Execution(read_sympy(expression)).forward(at))
        exact = sp.N(expression.subs({x: sp.Rational(at["x"]), y: sp.Rational(at["y"])}), 30)
        assert math.isclose(value, float(exact), rel_tol=1e-13), at


def test_nan_stands_where_no_condition_holds():
    tape = read_sympy(sp.Piecewise((x, x > 0), evaluate=False))
    assert np.isnan(Execution(tape).forward({"x": -1.0}))


def test_a_deep_expression_is_no_recursion():
    e = x
    for _ in range(400):
        e = sp.sin(e, evaluate=False)
    assert len(read_sympy(e).operations) == 400


@pytest.mark.parametrize(
    ("expression", "error", "message"),
    [
        (sp.dirichlet_eta(x), Unsupported, "dirichlet_eta is known to SymPy but has no primitive here"),
        (sp.hyper([1, 2, 3], [4, 5], x), Unsupported, "hyper with 3 parameters above and 2 below has no primitive"),
        (sp.LambertW(x, -1), Unsupported, "LambertW is available on its principal branch"),
        (sp.I * x, Unsupported, "complex numbers are not available here"),
        (sp.zoo + 0, Unsupported, "complex numbers are not available here"),
        (sp.EulerGamma * x, Unsupported, "the constant EulerGamma is not available here"),
        (sp.Integral(sp.exp(x**2), x), Unsupported, "Integral is known to SymPy"),
        (
            sp.Piecewise((x, sp.Contains(x, sp.Integers)), (1, True)),
            Unsupported,
            "conditions of the kind Contains",
        ),
        (sp.Heaviside(x, y), InvalidInput, "the h of Heaviside must be a number"),
        (sp.Function("f")(x), InvalidInput, "the function 'f' is undefined"),
        (x > 0, InvalidInput, "given StrictGreaterThan"),
        (sp.Symbol("x", real=True) + x, InvalidInput, "two different symbols are called 'x'"),
        (sp.Matrix([x]), InvalidInput, "expected a SymPy expression of numbers"),
    ],
)
def test_what_is_refused(expression, error, message):
    with pytest.raises(error, match=message.replace("(", r"\(")):
        read_sympy(expression)


@pytest.mark.parametrize("exponent", [10**12, -(10**12)])
def test_a_float_that_nobody_could_write_down_is_refused_at_once(exponent):
    with pytest.raises(LimitExceeded, match="an exact constant has too many digits"):
        read_sympy(sp.Mul(x, sp.Float((0, 1, exponent, 1)), evaluate=False))


def test_an_expression_that_doubles_is_stopped():
    e = x
    for _ in range(40):
        e = sp.sin(e) * e
    with pytest.raises(LimitExceeded, match="more than 300 operations"):
        read_sympy(e, Limits(nodes=300))
