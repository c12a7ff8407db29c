"""Germs of expressions: SymPy's own series are the truth, and comparisons follow the side that is taken."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from flint import fmpq

from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.expansion import germ_of
from gradjury.verifier.oracle.meanings import Choose, Floor
from gradjury.verifier.oracle.series import Germ, OutsideDomain, Undecided, as_ball

X, Y = sp.symbols("x y", real=True)


def beside(at, direction=1):
    return Germ.of(fmpq(at)) + Germ({(1, 0): fmpq(direction)})


def germ(expression, at=0, direction=1):
    with balls.precision(256):
        return germ_of(expression, {X: beside(at, direction)}, {})


@pytest.mark.parametrize(
    "expression",
    [
        sp.sin(X) / X,
        (1 - sp.cos(X)) / X**2,
        sp.exp(X) * sp.log(1 + X),
        (1 + X) ** X,
        sp.sqrt(4 + X) ** 3,
        1 / (X + X**2),
        1 / ((1 + X) * sp.cos(X)),
        1 / (sp.log(10) * X),
        X ** sp.Rational(3, 2) * sp.cos(X),
        sp.atan(X) + sp.pi * X,
    ],
    ids=str,
)
def test_coefficients(expression):
    found = germ(expression)
    expected = sp.series(expression, X, 0, 4).removeO().expand().as_coefficients_dict(X)
    for exponent in (Fraction(k, 2) for k in range(-2, 8)):
        coefficient = expected[X ** sp.Rational(exponent.numerator, exponent.denominator)]
        ball = as_ball(found.terms.get((exponent, 0), fmpq(0)))
        assert float(ball) == pytest.approx(float(coefficient), abs=1e-15), exponent


@pytest.mark.parametrize(("direction", "branch", "floor"), [(1, 5, 0), (-1, 7, -1)])
def test_a_comparison_is_decided_beside_the_point(direction, branch, floor):
    decided = {}
    chosen = Choose(sp.Symbol(">"), X, sp.Integer(0), sp.Integer(5), sp.Integer(7))
    with balls.precision(256):
        env = {X: beside(0, direction)}
        assert germ_of(chosen, env, decided).limit() == branch
        assert germ_of(Floor(X), env, decided).limit() == floor
    assert list(decided.values()) == [direction > 0, floor]


def test_nothing_times_what_is_not_known_is_nothing():
    unknown = {X: beside(0), Y: Undecided("lost")}
    with balls.precision(256):
        product = sp.Mul(Y, sp.Symbol("z"), evaluate=False)
        assert germ_of(product, {**unknown, sp.Symbol("z"): Germ({})}, {}).is_zero()
        with pytest.raises(Undecided, match="lost"):
            germ_of(product, {**unknown, sp.Symbol("z"): beside(0)}, {})


def test_a_function_is_not_real_to_one_side():
    assert germ(sp.sqrt(X)).limit() == 0
    with pytest.raises(OutsideDomain):
        germ(sp.sqrt(X), direction=-1)


def test_what_has_no_series_is_undecided():
    with pytest.raises(Undecided, match="dirichlet_eta has no series here"):
        germ(sp.dirichlet_eta(X), at=2)
