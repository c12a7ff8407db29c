"""Truncated series: ring laws, powers and composition against mpmath, and what they refuse to decide."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest
from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradjury.verifier.oracle import series
from gradjury.verifier.oracle.series import (
    CONSTANT,
    INFINITE,
    ORDER,
    Germ,
    OutsideDomain,
    PrecisionLost,
    Undecided,
    carried,
    carrying,
)

from ..truth import as_mpf

CALM = settings(deadline=None, print_blob=True, max_examples=80)
H = mp.mpf(10) ** -40

coefficients = st.one_of(
    st.fractions(-9, 9, max_denominator=12).map(lambda f: fmpq(f.numerator, f.denominator)),
    st.one_of(st.floats(0.125, 9), st.floats(-9, -0.125)).map(arb),
)
exponents = st.tuples(st.fractions(-2, 4, max_denominator=3), st.integers(0, 2))


@st.composite
def germs(draw, *, least=None, logs=True):
    terms = draw(st.dictionaries(exponents, coefficients, max_size=4))
    if not logs:
        terms = {(e, 0): c for (e, _), c in terms.items()}
    if least is not None:
        terms = {(e, k): c for (e, k), c in terms.items() if e > least}
    order = draw(st.sampled_from([INFINITE, INFINITE, Fraction(5)]))
    return Germ(terms, order)


def number(c):
    return as_mpf(c.mid()) if isinstance(c, arb) else mp.mpf(int(c.p)) / int(c.q)


def at(germ, h=H):
    """The sum of the terms that are known, at a small h > 0."""
    return mp.fsum(
        number(c) * mp.power(h, mp.mpf(e.numerator) / e.denominator) * mp.log(h) ** k
        for (e, k), c in germ.terms.items()
    )


def close(germ, truth, h=H):
    """Equal up to the terms that the series leaves out."""
    left_out = mp.mpf(0)
    if germ.order < INFINITE:
        left_out = mp.mpf(10) ** 9 * mp.power(h, mp.mpf(germ.order.numerator) / germ.order.denominator) * 1e6
    return abs(at(germ, h) - truth) <= left_out + mp.mpf(10) ** -12 * (abs(truth) + H**4)


@pytest.fixture(autouse=True)
def many_digits():
    with mp.workdps(400):
        yield


@CALM
@given(germs(), germs(), germs())
def test_sums_and_products_obey_the_laws_of_a_ring(a, b, c):
    def same(left, right):
        order = min(left.order, right.order)
        for key in set(left.terms) | set(right.terms):
            if key[0] < order:
                difference = series.plus(left.terms.get(key, fmpq(0)), -right.terms.get(key, fmpq(0)))
                assert abs(series.as_ball(difference)) < 1e-9 or series.as_ball(difference).contains(0), key

    same(a + b, b + a)
    same((a + b) + c, a + (b + c))
    same(a * b, b * a)
    same((a * b) * c, a * (b * c))
    same(a * (b + c), a * b + a * c)
    same(a + -a, Germ({}))
    same(a * Germ.of(fmpq(1)), a)
    assert (a * Germ({})).is_zero()
    assert (a - a).is_zero()


@CALM
@given(germs(), germs())
def test_values_of_sums_and_products_are_sums_and_products_of_values(a, b):
    # what is known of each is taken for the whole: a truncated series stands for itself and a remainder
    a, b = Germ(a.terms), Germ(b.terms)
    assert close(a + b, at(a) + at(b))
    assert close(a - b, at(a) - at(b))
    assert close(a * b, at(a) * at(b))
    assert close(a.scaled(fmpq(-3, 7)), at(a) * -3 / 7)


@CALM
@given(germs(logs=False), st.fractions(-3, 3, max_denominator=4))
def test_powers_are_those_of_the_value(a, p):
    a = Germ(a.terms)
    assume(a.terms)
    lead = a.leading()
    negative = lead[1] < 0
    if negative and p.denominator != 1:
        with pytest.raises(OutsideDomain):
            a.power(p)
        return
    h = mp.mpf(10) ** -150
    assert close(a.power(p), mp.power(at(a, h), mp.mpf(p.numerator) / p.denominator), h)


@pytest.mark.parametrize(
    ("terms", "p", "error"),
    [
        ({}, Fraction(-1), OutsideDomain),
        ({(0, 1): fmpq(1)}, Fraction(1, 2), OutsideDomain),  # log h < 0
        ({(0, 2): fmpq(1)}, Fraction(1, 2), Undecided),
        ({(0, 1): fmpq(1), (0, 0): fmpq(1)}, Fraction(-1), Undecided),
        ({(0, 0): arb(0, 1)}, Fraction(1, 2), PrecisionLost),
    ],
)
def test_powers_that_are_refused(terms, p, error):
    with pytest.raises(error):
        Germ(terms).power(p)


def test_powers_of_zero_and_of_nothing_known():
    assert Germ({}).power(Fraction(1, 2)).is_zero()
    assert Germ({}).power(0).terms == {CONSTANT: fmpq(1)}
    with pytest.raises(Undecided, match="no term"):
        Germ({}, Fraction(3)).power(Fraction(2, 3))
    log = Germ({(0, 1): fmpq(2)})
    assert log.power(Fraction(2)).terms == {(0, 2): fmpq(4)}
    assert log.power(Fraction(-1)).terms == {(0, -1): fmpq(1, 2)}


@pytest.mark.parametrize(
    ("function", "taylor"),
    [
        (mp.exp, [fmpq(1), fmpq(1), fmpq(1, 2), fmpq(1, 6), fmpq(1, 24), fmpq(1, 120)]),
        (mp.sin, [fmpq(0), fmpq(1), fmpq(0), fmpq(-1, 6), fmpq(0), fmpq(1, 120)]),
    ],
)
@pytest.mark.parametrize(
    "terms",
    [
        {(1, 0): fmpq(-2)},
        {(Fraction(1, 2), 0): fmpq(3), (Fraction(2), 0): arb(0.5)},
        {(Fraction(4, 3), 0): fmpq(1, 7), (1, 0): fmpq(1)},
    ],
)
def test_composition_is_the_taylor_series_of_the_composite(function, taylor, terms):
    inner = Germ(terms)
    outer = inner.compose_series(taylor)
    assert outer.order == inner.valuation() * 6
    assert close(outer, function(at(inner)))
    for n, c in enumerate(mp.taylor(function, 0, 5)):
        assert abs(number(taylor[n]) - c) < mp.mpf(10) ** -60


def test_composition_with_zero_is_the_constant_term():
    assert Germ({}).compose_series([fmpq(5), fmpq(3)]).terms == {CONSTANT: fmpq(5)}


def test_composition_asks_for_no_more_coefficients_than_tell_something():
    def coefficients(known):
        yield from range(known)
        raise AssertionError("asked for one more")

    constant = Germ({}).compose_series(map(fmpq, coefficients(1)))
    assert constant.is_zero()
    barely = Germ({(1, 0): fmpq(3)}, 2).compose_series(map(fmpq, coefficients(2)))
    assert (barely.terms, barely.order) == ({(1, 0): fmpq(3)}, 2)


def test_series_are_carried_as_far_as_asked_and_to_the_full_order_afterwards():
    h = Germ({CONSTANT: fmpq(1), (1, 0): fmpq(1)})
    with carrying(3):
        assert (h.power(-1).order, carried()) == (3, 3)
    with pytest.raises(OutsideDomain), carrying(3):
        Germ({}).power(-1)
    assert (h.power(-1).order, carried()) == (ORDER, ORDER)


@pytest.mark.parametrize(
    ("terms", "sign"),
    [
        ({}, 0),
        ({(1, 0): fmpq(-2), (Fraction(2), 0): fmpq(9)}, -1),
        ({(0, 1): fmpq(1)}, -1),
        ({(0, 2): fmpq(1), (0, 1): fmpq(9)}, 1),
        ({(Fraction(-1), 0): arb(3)}, 1),
    ],
)
def test_the_sign_is_that_of_the_value(terms, sign):
    germ = Germ(terms)
    assert germ.sign() == sign == mp.sign(at(germ, mp.mpf(10) ** -100))


def test_what_cannot_be_decided_is_said():
    with pytest.raises(PrecisionLost):
        Germ.of(arb(0, 1)).sign()
    with pytest.raises(PrecisionLost):
        series.sign(arb(0, 1))
    with pytest.raises(Undecided, match="infinite"):
        Germ({(Fraction(-1), 0): fmpq(1)}).limit()
    with pytest.raises(Undecided, match="infinite"):
        Germ({(0, 1): fmpq(1)}).limit()
    with pytest.raises(Undecided, match="lost"):
        Germ({}, 0).limit()
    assert Germ({(0, -1): fmpq(1)}).limit() == 0
    assert series.sign(fmpq(-1, 3)) == -1
    assert series.sign(arb(0)) == 0


def test_coefficients_stay_exact_where_they_can():
    four = Germ({(1, 0): fmpq(4)})
    assert four.power(Fraction(1, 2)).terms == {(Fraction(1, 2), 0): fmpq(2)}
    (root,) = Germ({(1, 0): fmpq(2)}).power(Fraction(1, 2)).terms.values()
    assert isinstance(root, arb)
    assert (root * root).contains(2)
    (cube,) = Germ({(0, 0): arb(2)}).power(Fraction(-3)).terms.values()
    assert cube.contains(0.125)
    assert series.divide(fmpq(1), fmpq(3)) == fmpq(1, 3)
    assert series.divide(fmpq(1), arb(4)).contains(0.25)
    assert series.times(fmpq(0), arb(0, 1)) == 0
    (large,) = Germ({(0, 0): fmpq(3)}).power(Fraction(200)).terms.values()
    with mp.workdps(400):
        assert series.as_ball(large).contains(arb(3) ** 200)
