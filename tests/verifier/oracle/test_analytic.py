"""Analytic functions of series: Taylor coefficients against mpmath, poles, branch points and edges of domains."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from flint import arb, fmpq

from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.analytic import apply
from gradjury.verifier.oracle.meanings import EllipticD, EllipticG
from gradjury.verifier.oracle.series import FIRST_ORDER, Germ, OutsideDomain, Singular, Undecided, carrying
from gradjury.verifier.oracle.singular_elementary import atan2

from ..truth import lower_gamma
from .test_balls import TABLE
from .test_series import at, number

#: A point where each function is smooth, and an exact one.
SMOOTH = sorted(set(TABLE) - {sp.atan2, EllipticD}, key=lambda head: head.__name__)
H = {(1, 0): fmpq(1)}


@pytest.fixture(autouse=True)
def enough_digits():
    with balls.precision(256), mp.workdps(80):
        yield


@pytest.mark.parametrize("head", SMOOTH, ids=lambda head: head.__name__)
def test_series_at_ordinary_points_are_those_of_mpmath(head):
    function, points = TABLE[head]
    for point in (points[-1],) if head in (sp.besselk, sp.LambertW) else (points[0], points[-1]):
        *order, x = point if isinstance(point, tuple) else (point,)
        exact = Fraction(x)
        start = Germ({(0, 0): fmpq(exact.numerator, exact.denominator), (1, 0): fmpq(1)})
        with carrying(FIRST_ORDER):  # SymPy takes long for the derivatives of which no other terms are made
            found = apply(head, [*(Germ.of(arb(n)) for n in order), start])
        with mp.workdps(30):
            truth = mp.taylor(lambda t, n=tuple(order), f=function: f(*n, t), mp.mpf(x), 2)
        assert found.order >= 2  # the slope is known
        for n, c in enumerate(truth):
            if Fraction(n) < found.order:
                known = found.terms.get((Fraction(n), 0), fmpq(0))
                assert abs(number(known) - mp.re(c)) < mp.mpf(10) ** -25 * (1 + abs(c)), (head, point, n)


def moved(x, direction=1):
    exact = Fraction(x)
    return Germ({(0, 0): fmpq(exact.numerator, exact.denominator), (1, 0): fmpq(direction)})


@pytest.mark.parametrize(
    ("head", "x", "direction", "function"),
    [
        (sp.log, 0, 1, mp.log),
        (sp.asin, 1, -1, mp.asin),
        (sp.asin, -1, 1, mp.asin),
        (sp.acos, 1, -1, mp.acos),
        (sp.acos, -1, 1, mp.acos),
        (sp.acosh, 1, 1, mp.acosh),
        (sp.atanh, 1, -1, mp.atanh),
        (sp.atanh, -1, 1, mp.atanh),
        (sp.gamma, 0, 1, mp.gamma),
        (sp.gamma, -2, 1, mp.gamma),
        (sp.gamma, -2, -1, mp.gamma),
        (sp.cot, 0, 1, mp.cot),
        (sp.csc, 0, -1, mp.csc),
        (sp.coth, 0, 1, mp.coth),
        (sp.csch, 0, -1, mp.csch),
        (sp.asec, 1, 1, mp.asec),
        (sp.asec, -1, -1, mp.asec),
        (sp.acsc, 1, 1, mp.acsc),
        (sp.asech, 1, -1, mp.asech),
        (sp.acoth, 1, 1, mp.acoth),
        (sp.acsch, 0, 1, mp.acsch),
        (sp.acsch, 0, -1, mp.acsch),
        (sp.acot, 0, 1, lambda x: mp.atan(1 / x)),
        (sp.acot, 0, -1, lambda x: mp.atan(1 / x)),
        (sp.sinc, 0, 1, lambda x: mp.sin(x) / x),
        (sp.elliptic_e, 0, 1, mp.ellipe),
        (sp.elliptic_e, 1, -1, mp.ellipe),
        (sp.LambertW, 0, 1, mp.lambertw),
    ],
    ids=lambda p: getattr(p, "__name__", str(p)),
)
def test_poles_and_branch_points(head, x, direction, function):
    found = apply(head, [moved(x, direction)])
    h = mp.mpf(10) ** -10
    truth = function(mp.mpf(x) + direction * h)
    left_out = 10 * h ** int(min(found.order, 6))
    assert abs(at(found, h) - truth) <= left_out + abs(truth) * mp.mpf(10) ** -40


@pytest.mark.parametrize(
    ("head", "order", "direction", "function"),
    [
        (sp.besselj, fmpq(0), 1, mp.besselj),
        (sp.besselj, fmpq(5, 2), 1, mp.besselj),
        (sp.besselj, fmpq(1, 2), 1, mp.besselj),
        (sp.besseli, fmpq(1, 2), 1, mp.besseli),
        (sp.besseli, fmpq(3), -1, mp.besseli),
        (sp.lowergamma, fmpq(1, 2), 1, lower_gamma),
        (sp.lowergamma, fmpq(2), -1, lower_gamma),
        (sp.uppergamma, fmpq(1, 2), 1, mp.gammainc),
        (sp.uppergamma, fmpq(3), 1, mp.gammainc),
        (sp.polygamma, fmpq(0), 1, mp.polygamma),
        (sp.polygamma, fmpq(0), -1, mp.polygamma),
        (sp.polygamma, fmpq(2), -1, mp.polygamma),
        (sp.expint, fmpq(2), 1, mp.expint),
        (sp.expint, fmpq(4), 1, mp.expint),
        (sp.expint, fmpq(17, 10), 1, mp.expint),
    ],
    ids=str,
)
def test_functions_of_an_order_at_zero(head, order, direction, function):
    found = apply(head, [Germ.of(order), moved(0, direction)])
    h = mp.mpf(10) ** -10
    truth = function(mp.mpf(int(order.p)) / int(order.q), direction * h)
    assert abs(at(found, h) - truth) <= abs(truth) * mp.mpf(10) ** -40 + h**6


@pytest.mark.parametrize(
    ("head", "x", "direction"),
    [
        (sp.log, 0, -1),
        (sp.log, -2, 1),
        (sp.asin, 1, 1),
        (sp.acos, -1, -1),
        (sp.acos, 2, 1),
        (sp.asin, -3, 1),
        (sp.acosh, 1, -1),
        (sp.acosh, 0, 1),
        (sp.atanh, 1, 1),
        (sp.atanh, 2, 1),
        (sp.asec, 1, -1),
        (sp.asec, 0, 1),
        (sp.erfinv, 2, 1),
        (sp.elliptic_e, 1, 1),
    ],
    ids=str,
)
def test_outside_the_domain(head, x, direction):
    with pytest.raises(OutsideDomain):
        apply(head, [moved(x, direction)])


@pytest.mark.parametrize(
    ("head", "args", "error"),
    [
        (sp.Ei, [Germ.of(fmpq(0))], Singular),
        (sp.loggamma, [moved(0)], Singular),
        (sp.erfinv, [moved(1, -1)], Singular),
        (sp.expint, [Germ.of(fmpq(40)), moved(0)], Undecided),
        (sp.expint, [Germ.of(arb(2)), moved(0)], Undecided),
        (sp.exp, [Germ({(Fraction(-1), 0): fmpq(1)})], Undecided),
        (sp.exp, [Germ({(0, 2): fmpq(-1)})], Undecided),
        (sp.log, [Germ({(0, 1): fmpq(-1)})], Undecided),
        (sp.besselj, [moved(1), moved(1)], Undecided),
    ],
    ids=str,
)
def test_what_has_no_series_here(head, args, error):
    with pytest.raises(error):
        apply(head, args)


def test_values_at_the_edge_itself_are_exact():
    assert apply(sp.elliptic_e, [Germ.of(fmpq(1))]).terms == {(0, 0): fmpq(1)}
    assert apply(sp.expint, [Germ.of(fmpq(5, 2)), Germ({})]).terms == {(0, 0): fmpq(2, 3)}
    with pytest.raises(OutsideDomain):
        apply(sp.expint, [Germ.of(fmpq(2)), moved(0, -1)])
    with pytest.raises(Singular):
        atan2(Germ({}), Germ({}))


def test_exponentials_of_logarithms_and_of_poles():
    assert apply(sp.exp, [Germ({(0, 1): fmpq(3, 2)})]).terms == {(Fraction(3, 2), 0): fmpq(1)}
    scaled = apply(sp.exp, [Germ({(0, 1): fmpq(2), (0, 0): arb(1)})])
    assert scaled.terms[Fraction(2), 0].contains(arb(1).exp())
    flat = apply(sp.exp, [Germ({(Fraction(-2), 0): fmpq(-1)})])
    assert not flat.terms
    assert flat.order > 6


def test_growing_arguments_of_atan():
    found = apply(sp.atan, [Germ({(Fraction(-1), 0): fmpq(-2)})])
    h = mp.mpf(10) ** -10
    assert abs(at(found, h) - mp.atan(-2 / h)) < mp.mpf(10) ** -40


@pytest.mark.parametrize(
    ("y", "x"),
    [
        ({(0, 0): 2}, {(0, 0): -3}),
        ({(1, 0): 1}, {(0, 0): -1}),
        ({(1, 0): -1}, {(0, 0): -1}),
        ({(1, 0): 1}, {(0, 0): 1}),
        ({(0, 0): 1}, {(1, 0): -2}),
        ({(0, 0): -1}, {}),
        ({}, {(0, 0): -1}),
        ({}, {(1, 0): 1}),
        ({(1, 0): 1}, {(1, 0): 1}),
        ({(1, 0): -2}, {(1, 0): -1}),
        ({(Fraction(2), 0): 1}, {(1, 0): -1}),
    ],
)
def test_atan2_follows_its_arguments_around_the_cut(y, x):
    h = mp.mpf(10) ** -10
    y_germ, x_germ = (Germ({key: fmpq(c) for key, c in terms.items()}) for terms in (y, x))
    truth = mp.atan2(at(y_germ, h), at(x_germ, h))
    assert abs(at(atan2(y_germ, x_germ), h) - truth) < mp.mpf(10) ** -40


def test_atan2_of_a_germ_of_which_only_an_order_is_known():
    small, one = Germ({}, Fraction(2)), Germ.of(fmpq(1))
    assert atan2(small, one).terms == {}
    assert atan2(small, Germ({(1, 0): fmpq(1)})).valuation() >= 1  # atan(O(h²)/h)
    assert at(atan2(one, small), mp.mpf(10) ** -10) == pytest.approx(mp.pi / 2, abs=1e-15)
    for y, x in ((small, small), (small, -one), (small, Germ({(3, 0): fmpq(1)}))):
        with pytest.raises(Undecided, match="no term"):
            atan2(y, x)


def test_atan2_of_zeros_is_not_decided():
    with pytest.raises(Undecided, match="atan2"):
        atan2(Germ({}), Germ({}))


@pytest.mark.parametrize("head", [sp.acos, sp.asin, sp.acosh, sp.atanh, sp.elliptic_e])
def test_an_argument_of_which_nothing_is_known_is_not_outside_the_domain(head):
    with pytest.raises(Undecided):
        apply(head, [Germ({}, 0)])


def test_an_order_whose_further_terms_were_cut_off_is_no_constant():
    """besselj(2 + x − sin(x), x)/x² has a slope at 0 that the third power of x in its order moves."""
    with pytest.raises(Undecided, match="varying order"):
        apply(sp.besselj, [Germ({(0, 0): fmpq(2)}, 3), moved(1)])


def lambertw(x):
    return mp.re(mp.lambertw(x))


@pytest.mark.parametrize(
    ("head", "constants", "function"),
    [
        (sp.LambertW, [], lambertw),
        (sp.elliptic_k, [], mp.ellipk),
        (sp.elliptic_e, [], mp.ellipe),
        (EllipticD, [], lambda m: (mp.ellipk(m) - mp.ellipe(m)) / m),
        (sp.elliptic_f, [fmpq(2, 5)], mp.ellipf),
        (sp.elliptic_e, [fmpq(-27, 10)], mp.ellipe),
        (EllipticD, [fmpq(2, 5)], lambda phi, m: (mp.ellipf(phi, m) - mp.ellipe(phi, m)) / m),
        (EllipticG, [fmpq(2, 5)], lambda phi, m: 2 * mp.diff(lambda m: mp.ellipf(phi, m), m)),
    ],
    ids=str,
)
def test_power_series_where_derivatives_are_0_over_0(head, constants, function):
    """All terms that a series has are known, so that derivatives of every order are."""
    found = apply(head, [*(Germ.of(c) for c in constants), moved(0)])
    assert found.order == 6
    with mp.workdps(120):
        h = mp.mpf(10) ** -9
        truth = mp.re(function(*(mp.mpf(int(c.p)) / int(c.q) for c in constants), h))
        assert abs(at(found, h) - truth) <= 1000 * h**6


@pytest.mark.parametrize("rate", [mp.pi, 1 / mp.pi, 70 * mp.pi])
def test_a_power_that_no_fraction_names_is_below_those_below_it(rate):
    """hᵖ = exp(p·log h): nothing is said of it but an order that is not above p."""
    power = apply(sp.exp, [Germ({(0, 1): arb(mp.nstr(rate, 60)), (0, 0): fmpq(3)})])
    assert power.terms == {}
    assert min(float(rate), 64) - 1e-4 < float(power.order) < float(rate)
