"""Generated functions of balls: values of SymPy's expressions, and what each mode does at ties."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp
from flint import arb

from gradjury.verifier.oracle import balls, codegen
from gradjury.verifier.oracle.codegen import Source, compile_ball
from gradjury.verifier.oracle.meanings import RELATIONS, Choose, Floor

from ..truth import contains

x, y = sp.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("expression", "function"),
    [
        (x**2 * y + sp.Rational(1, 3), lambda a, b: a * a * b + mp.mpf(1) / 3),
        (-x / y, lambda a, b: -a / b),
        (-x * y / (x + y) ** 3, lambda a, b: -a * b / (a + b) ** 3),
        (1 / x**2, lambda a, b: 1 / a**2),
        (sp.sqrt(x) + 1 / sp.sqrt(y), lambda a, b: mp.sqrt(a) + 1 / mp.sqrt(b)),
        (x ** sp.Rational(5, 2), lambda a, b: mp.power(a, 2.5)),
        (x ** sp.Rational(-5, 2), lambda a, b: mp.power(a, -2.5)),
        (x ** sp.Rational(2, 7), lambda a, b: mp.power(a, mp.mpf(2) / 7)),
        (x**-1 + x**7, lambda a, b: 1 / a + a**7),
        (x**y, lambda a, b: mp.power(a, b)),
        (sp.pi * x - sp.E * y + sp.EulerGamma, lambda a, b: mp.pi * a - mp.e * b + mp.euler),
        (sp.exp(x) - sp.exp(-y), lambda a, b: mp.exp(a) - mp.exp(-b)),
        (sp.atan2(y, x) + sp.besselj(2, x), lambda a, b: mp.atan2(b, a) + mp.besselj(2, a)),
        (x + 2**40, lambda a, b: a + 2**40),
        (sp.Rational(1, 10) * x + sp.Rational(3, 8), lambda a, b: a / 10 + mp.mpf(3) / 8),
        (x / (y * sp.sqrt(x + y)), lambda a, b: a / (b * mp.sqrt(a + b))),
    ],
)
def test_expressions_have_their_value(expression, function):
    compiled = compile_ball(expression, (x, y))
    for a, b in ((0.75, 2.5), (3.0, 0.25)):
        with balls.precision(150), mp.workdps(80):
            ball = compiled(arb(a), arb(b))
            assert contains(ball, function(mp.mpf(a), mp.mpf(b)))
            assert ball.rel_accuracy_bits() > 120


def test_shared_parts_are_computed_once():
    source = Source((x,), "strict")
    source.write(sp.exp(sp.sin(x)) + sp.sin(x) * sp.exp(sp.sin(x)))
    assert sum("(x0)" in line for line in source.lines) == 1


@pytest.mark.parametrize("expression", [sp.nan, sp.zoo, sp.oo, sp.dirichlet_eta(x), x ** (2**41)])
def test_what_arb_does_not_have_is_not_known(expression):
    assert compile_ball(expression, (x,))(arb(0.5)).is_nan()


TIE = Choose(RELATIONS[">="], x, y, sp.Integer(2), sp.Integer(5))


@pytest.mark.parametrize(
    ("a", "b", "results"),
    [
        (arb(2), arb(1), {"strict": 2, "value": 2, "hull": 2, "directed": 2}),
        (arb(1), arb(2), {"strict": 5, "value": 5, "hull": 5, "directed": 5}),
        (arb(1), arb(1), {"strict": None, "value": 2, "hull": (2, 5), "directed": (2, 5)}),
        (arb(1, 0.5), arb(1), {"strict": None, "value": (2, 5), "hull": (2, 5), "directed": (2, 5)}),
    ],
)
def test_each_mode_meets_a_tie_in_its_way(a, b, results):
    codegen.decisions.known = {}
    for mode, expected in results.items():
        ball = compile_ball(TIE, (x, y), mode)(a, b)
        if expected is None:
            assert ball.is_nan()
        elif isinstance(expected, tuple):
            assert all(ball.contains(arb(e)) for e in expected)
        else:
            assert ball.is_exact()
            assert ball == expected


def test_a_germs_decision_counts_only_at_an_exact_tie():
    directed = compile_ball(TIE, (x, y), "directed")
    try:
        codegen.decisions.known = {(">=", x, y): False}
        assert directed(arb(1), arb(1)) == 5
        assert directed(arb(2), arb(1)) == 2  # decided by itself
        assert directed(arb(1, 1e-9), arb(1)).contains(2)  # a rounded value may fall on either side
        codegen.decisions.known = {(">=", x, y): True}
        assert directed(arb(1), arb(1)) == 2
    finally:
        codegen.decisions.known = {}


def test_floors():
    modes = {mode: compile_ball(Floor(x), (x,), mode) for mode in ("strict", "value", "hull", "directed")}
    assert all(floor(arb(1.5)) == 1 for floor in modes.values())
    assert modes["strict"](arb(2)).is_nan()
    assert modes["value"](arb(2)) == 2
    wide = modes["hull"](arb(2, 0.25))
    assert wide.contains(1)
    assert wide.contains(2)
    try:
        codegen.decisions.known = {("floor", x): 1}
        assert modes["directed"](arb(2)) == 1
        assert modes["directed"](arb(2, 0.25)).contains(2)
    finally:
        codegen.decisions.known = {}


def test_atan2_is_not_known_on_its_cut_in_strict_mode_alone():
    strict, hull = (compile_ball(sp.atan2(y, x), (y, x), mode) for mode in ("strict", "hull"))
    assert strict(arb(0), arb(-1)).is_nan()
    assert hull(arb(0), arb(-1)).contains(arb.pi())
    assert strict(arb(0), arb(1)).is_zero()


def test_a_branch_that_is_literally_zero_is_the_zero_object():
    step = compile_ball(Choose(RELATIONS["<"], x, sp.S.Zero, sp.S.Zero, x), (x,))
    assert step(arb(-1)) is balls.ZERO
