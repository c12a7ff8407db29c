"""Terms: code runs on them as on floats, and they say in symbols what it computed."""

import numpy as np
import pytest
import sympy as sp

from gradjury.engine import REGISTRY
from gradjury.engine.primitives.accurate import evaluate, pick
from gradjury.verifier.proving.terms import Path, Term, exact

x = sp.Symbol("x", positive=True)


def term(value, expression=x):
    return Term(Path(), value, expression)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (lambda t: 2.0 * t + 1.0, 2 * x + 1),
        (lambda t: np.exp(-t) / t, sp.exp(-x) / x),
        (lambda t: t**2.0 - t, x**2 - x),
        (lambda t: np.hypot(1.0, t), sp.sqrt(1 + x**2)),
        (lambda t: np.expm1(t) + np.log1p(t), sp.exp(x) - 1 + sp.log(1 + x)),
        (lambda t: np.floor(t + 0.5), sp.floor(x + sp.Rational(1, 2))),
        (lambda t: evaluate(REGISTRY["airyai"], t), sp.airyai(x)),
        (lambda t: 0.5 * 3.141592653589793 * t, sp.pi * x / 2),
        (lambda t: -1.1283791670955126 * t, -2 * x / sp.sqrt(sp.pi)),
    ],
)
def test_arithmetic_is_carried_in_symbols(code, expected):
    result = code(term(0.7))
    assert sp.simplify(result.expression - expected) == 0
    assert result.value == pytest.approx(float(expected.subs(x, 0.7)), rel=1e-14)


@pytest.mark.parametrize(("value", "expected"), [(0.5, x + 1), (3.0, x**2)])
def test_the_float_takes_the_branch_and_the_path_knows_it(value, expected):
    t = term(value)
    assert np.where(t < 2.0, t + 1.0, t * t)[()].expression == expected
    assert pick(t < 2.0, t + 1.0, t * t).expression == expected
    (decision,) = t.path.decisions
    assert (decision.relation, decision.left, decision.right, decision.holds) == ("<", x, 2, value < 2)
    assert str(decision) == ("x < 2" if value < 2 else "x >= 2")


def test_minimum_and_heaviside_are_branches_too():
    t = term(3.0)
    assert np.minimum(t, 2.0).expression == 2
    assert np.heaviside(t - 5.0, 0.5).expression == 0
    assert len(t.path.decisions) == 3  # x <= 2, and x > 5, x < 5


def test_what_follows_from_the_sign_is_no_decision():
    t = term(3.0)
    assert abs(t).expression == x
    assert np.sign(t).expression == 1
    assert not t.path.decisions


def test_equalities_stand_in_for_symbols():
    t = term(2.0)
    assert t == 2.0
    assert t.path.equations == {x: 2}
    int(t)
    assert t.path.equations == {x: 2}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.1, sp.Rational(0.1)),
        (3.0, sp.Integer(3)),
        (-0.5, -sp.Rational(1, 2)),
        (3.141592653589793, sp.pi),
        (0.7853981633974483, sp.pi / 4),
        (0.6931471805599453, sp.log(2)),
        (-0.7071067811865476, -1 / sp.sqrt(2)),
        (0.886226925452758, sp.sqrt(sp.pi) / 2),
        (3.14159265358979, sp.Rational(3.14159265358979)),  # not the nearest double
        (float("inf"), sp.oo),
    ],
)
def test_a_float_is_itself_or_the_constant_it_is_nearest_to(number, expected):
    assert sp.simplify(exact(number) - expected) == 0 if np.isfinite(number) else exact(number) == expected
