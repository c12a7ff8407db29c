"""Meanings: what SymPy differentiates is what the primitive says it is, and nothing but ``meaning`` is read."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from flint import arb

from gradjury.engine.primitive import REGISTRY, Primitive
from gradjury.verifier.oracle import balls, meanings
from gradjury.verifier.oracle.codegen import compile_ball
from gradjury.verifier.oracle.meanings import Choose, Floor

from ...engine.grids import GRIDS
from ..truth import NotReal, call, contains, exact

x = sp.Symbol("x", real=True)
y = sp.Symbol("y", real=True)


def ordinary(name):
    """Some of the points at which the engine's tests measure a primitive, none tiny or huge."""
    points = [p for p in GRIDS[name][0] if all(1e-3 < abs(v) < 30 for v in p)]
    return points[:: max(1, len(points) // 6)]


@pytest.mark.parametrize("name", REGISTRY)
def test_every_meaning_has_the_value_of_mpmath(name):
    primitive = REGISTRY[name]
    consts = GRIDS[name][1][0]
    exactly = tuple(c if isinstance(c, str) else Fraction(c) for c in consts)
    function = compile_ball(meanings.meaning(primitive, exactly), meanings.symbols(primitive), "value")
    compared = 0
    for point in ordinary(name):
        with mp.workdps(60):
            try:
                truth = call(name, *map(mp.mpf, point), *map(exact, consts))
            except NotReal:
                continue
        with balls.precision(200):
            ball = function(*map(arb, point))
        assert ball.rad() <= 1e-40 * abs(ball).max(balls.ONE), point
        assert contains(ball, truth), (point, ball)
        compared += 1
    assert compared >= 3


def declare(text, **consts):
    names = ", ".join(["x", "y", *(["*", *consts] if consts else [])])
    space: dict = {}
    exec(f"def forward({names}): return x", space)
    return type("Odd", (Primitive,), {"meaning": text, "forward": space["forward"]}, register=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x**2 - y/3 + 2*x", x**2 - y / 3 + 2 * x),
        ("Rational(1, 3)*x + 0.1", x / 3 + sp.Rational(1, 10)),
        ("pi*E*x", sp.pi * sp.E * x),
        ("ceiling(x)", -Floor(-x)),
        ("Mod(x, y)", x - y * Floor(x / y)),
        ("Piecewise((x, x < y), (y, x >= y), (1, True))", None),
        ("Max(x, y, 1)", None),
        ("Min(x, y, 1)", None),
    ],
)
def test_texts_are_built_as_they_stand(text, expected):
    built = meanings.meaning(declare(text))
    if expected is not None:
        assert built == expected
        return
    function = compile_ball(built, (x, y))
    for a, b in ((0.25, 0.75), (3.0, 2.0), (-1.0, -2.0)):
        truth = {"P": a if a < b else b, "Max": max(a, b, 1), "Min": min(a, b, 1)}
        key = "P" if text.startswith("P") else text[:3]
        assert function(arb(a), arb(b)).contains(arb(truth[key]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x[0]", "uses Subscript"),
        ("x % y", "uses Mod"),
        ("Piecewise((x, x < y < 1), (y, True))", "no single comparison"),
        ("Piecewise((x, y), (y, True))", "no single comparison"),
        ("lambda: x", "uses Lambda"),
    ],
)
def test_a_meaning_that_cannot_be_read_says_why(text, message):
    with pytest.raises(ValueError, match=message):
        meanings.meaning(declare(text))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 3), sp.Rational(1, 3)),
        (Fraction(0.1), sp.Rational(3602879701896397, 36028797018963968)),
        ("pi", sp.pi),
        ("E", sp.E),
        ("nan", sp.nan),
        ("inf", sp.nan),
        ("<", meanings.RELATIONS["<"]),
    ],
)
def test_constants_are_exact(value, expected):
    assert meanings.exact_rational(value) is expected or meanings.exact_rational(value) == expected


def test_derivatives_of_kinked_functions_are_those_of_their_branches():
    assert meanings.partial(meanings.meaning(REGISTRY["floor"]), x) == 0
    slope = meanings.partial(meanings.meaning(REGISTRY["abs"]), x)
    assert slope == Choose(meanings.RELATIONS[">="], x, 0, 1, -1)
    assert not slope.has(sp.DiracDelta, sp.Heaviside, sp.Derivative)
    by_b = meanings.partial(meanings.meaning(REGISTRY["mod"]), sp.Symbol("b", real=True))
    assert by_b == -Floor(sp.Symbol("a", real=True) / sp.Symbol("b", real=True))
    assert Choose(meanings.RELATIONS["<"], x, y, y, y) == y
    assert Choose(meanings.RELATIONS["<"], x, y, x, y).is_extended_real
    assert Floor(x).is_extended_real


@pytest.mark.parametrize("name", ["besselj", "bessely", "besseli", "besselk", "polygamma", "expint", "uppergamma"])
def test_an_order_has_no_derivative_in_closed_form(name):
    primitive = REGISTRY[name]
    order, argument = meanings.symbols(primitive)
    expression = meanings.meaning(primitive)
    assert meanings.partial(expression, order) is None
    assert meanings.partial(expression, argument) is not None


@pytest.mark.parametrize(
    ("expression", "points"),
    [
        (1 - sp.tanh(x) ** 2, (0.3, -2.0, 5.0)),
        (sp.LambertW(x) / (x * (sp.LambertW(x) + 1)), (0.3, -0.2, 5.0)),
        (sp.diff(sp.elliptic_k(x), x), (0.3, -2.0, 0.9)),
        (sp.exp(x) / (1 + sp.exp(x)), (0.3, -2.0, 5.0)),
        (3 * x * sp.exp(-x) / (1 + sp.exp(-x)) + sp.exp(x), (0.3, -2.0, 5.0)),
        (sp.diff(sp.elliptic_e(x), x, 2), (0.3, -2.0, 0.9)),
    ],
)
def test_stable_forms_are_identities(expression, points):
    rewritten = meanings.stable(expression)
    assert rewritten != expression
    before, after = (compile_ball(e, (x,)) for e in (expression, rewritten))
    for point in points:
        assert before(arb(point)).overlaps(after(arb(point)))
        assert after(arb(point, 1e-12)).overlaps(before(arb(point)))


def test_stable_forms_are_finite_where_the_formula_is_not():
    for head, slope in ((sp.elliptic_e, -arb.pi() / 8), (sp.LambertW, arb(1))):
        ball = compile_ball(meanings.stable(sp.diff(head(x), x)), (x,))(arb(0))
        assert ball.overlaps(slope)
        assert ball.rel_accuracy_bits() > 40
    ball = compile_ball(meanings.partial(sp.tanh(x), x), (x,))(arb(20, 1e-10))
    assert ball.rel_accuracy_bits() > 20


def test_readable_shows_sympys_own_functions():
    def shown(name):
        return str(meanings.readable(meanings.meaning(REGISTRY[name])))

    assert shown("abs") == "Abs(x)"
    assert shown("maximum") == "Max(a, b)"
    assert shown("minimum") == "Min(a, b)"
    assert shown("floor") == "floor(x)"
    assert shown("relu") == "Max(0, x)"
    assert "Piecewise" in shown("sign")
    tie = meanings.readable(Choose(meanings.RELATIONS["!="], x, y, x, y))
    assert isinstance(tie, sp.Piecewise)


def test_a_planted_meaning_ends_with_its_context():
    right = REGISTRY["sin"].meaning
    with contextlib.suppress(RuntimeError), meanings.planted("sin", "cos(x)"):
        assert meanings.meaning(REGISTRY["sin"]) == sp.cos(x)
        raise RuntimeError
    assert REGISTRY["sin"].meaning == right
