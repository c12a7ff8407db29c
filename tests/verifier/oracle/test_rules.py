"""The oracle's rules: SymPy's partials against differences in mpmath, and what each widening must hold."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.engine.primitive import REGISTRY
from gradjury.engine.tape import Recorder
from gradjury.verifier.oracle import balls, rules
from gradjury.verifier.oracle.exactness import ROUNDING, is_float
from gradjury.verifier.oracle.meanings import planted
from gradjury.verifier.oracle.rules import rule_of

from ...engine.grids import GRIDS
from ..truth import NotReal, contains, derivative
from .test_meanings import ordinary

CALM = settings(deadline=None, print_blob=True, max_examples=150)
U = 2.0**-52
NAMES = sorted(REGISTRY)


@pytest.fixture(autouse=True)
def enough_bits():
    with balls.precision(160):
        yield


def constants(name):
    return tuple(c if isinstance(c, str) else Fraction(c) for c in GRIDS[name][1][0])


def alone(name):
    """One operation whose arguments are all variables, its orders included."""
    arguments = REGISTRY[name].arguments
    recorder = Recorder([f"x{i}" for i in range(len(arguments))])
    return recorder.tape(recorder.add(REGISTRY[name], tuple(range(len(arguments))), constants(name)))


@pytest.mark.parametrize("name", NAMES)
def test_partials_are_the_slopes_of_mpmath(name):
    tape, rule = alone(name), rule_of(REGISTRY[name], constants(name))
    compared = 0
    for point in ordinary(name)[:4]:
        for j, partial in enumerate(rule.partials):
            if partial is None:
                assert REGISTRY[name].arguments[j] in REGISTRY[name].opaque
                continue
            with balls.precision(220):
                ball = arb(partial) if isinstance(partial, int) else partial(*map(arb, point))
            if not ball.is_finite():
                assert eval_kink(name, point), f"no partial {j} of {name} at {point}"
                continue
            try:
                truth = derivative(tape, point, j)
            except NotReal:
                continue
            assert ball.rel_accuracy_bits() > 100 or ball.rad() < 1e-40
            assert contains(ball, truth) or abs(truth) < 1e-100, (j, point, ball, mp.nstr(truth, 30))
            compared += 1
    assert compared >= 2


def eval_kink(name, point):
    """Whether a primitive declares a kink at a point."""
    primitive = REGISTRY[name]
    space = dict(zip(primitive.arguments, map(Fraction, point), strict=True))
    space |= dict(zip(primitive.constants, constants(name), strict=True))
    return eval(primitive.kinks, {"floor": lambda v: v.__floor__(), "sin": math.sin}, space)


@CALM
@given(st.data(), st.sampled_from(NAMES), st.sampled_from(list(ROUNDING.values())))
def test_widened_rules_hold_every_exact_result_of_the_ball(data, name, unit):
    """The mean-value form is an enclosure: samples of the ball have their values and slopes inside."""
    rule = rule_of(REGISTRY[name], constants(name))
    point = data.draw(st.sampled_from(ordinary(name)))
    radius = 2.0 ** -data.draw(st.integers(8, 50))
    shares = [0.0 if a in REGISTRY[name].opaque else 1.0 for a in REGISTRY[name].arguments]
    inside = [x + s * radius * data.draw(st.floats(-1, 1)) for x, s in zip(point, shares, strict=True)]
    wide = [arb(x, s * radius) if s else arb(x) for x, s in zip(point, shares, strict=True)]
    for mode in ("strict", "hull"):
        form = rule.wide(mode, unit)
        pairs = [(form.value(*wide), rule.value(*map(arb, inside)))]
        for widened, exact in zip(form.partials, rule.partials, strict=True):
            if widened is not None and not isinstance(widened, int):
                pairs.append((widened(*wide), exact(*map(arb, inside))))
        for ball, exact in pairs:
            if exact.is_finite() and ball.is_finite():
                assert ball.overlaps(exact), (mode, name, point, radius, inside)
                assert ball.contains(exact.mid())


@pytest.mark.parametrize("name", [n for n in NAMES if not REGISTRY[n].special and REGISTRY[n].ulps])
def test_a_value_may_be_off_by_its_units_and_not_by_many_more(name):
    rule, k = rule_of(REGISTRY[name], constants(name)), REGISTRY[name].ulps
    for point in ordinary(name)[:3]:
        inputs = list(map(arb, point))
        exact, ball = rule.value(*inputs), rule.wide("strict", U).value(*inputs)
        if not exact.is_finite() or exact.is_zero():
            continue
        assert ball.contains(exact * arb(1, 0.99 * k * U))
        rounded_constant = any(isinstance(c, Fraction) and not is_float(c, U) for c in constants(name))
        if not rounded_constant:
            assert not ball.overlaps(exact.mid() * (1 + 1.5 * k * U))
            assert not ball.overlaps(exact.mid() * (1 - 1.5 * k * U))


@pytest.mark.parametrize("name", [n for n in NAMES if REGISTRY[n].special])
def test_a_special_function_may_be_off_by_its_conditioning(name):
    """±k·u·(|f| + Σ|x·f′|), which is much more than k·u·|f| beside a zero."""
    rule, k = rule_of(REGISTRY[name]), REGISTRY[name].ulps
    for point in ordinary(name)[:3]:
        inputs = list(map(arb, point))
        f, slope = rule.value(*inputs), rule.partials[-1](*inputs)
        slopes = [(x, p(*inputs)) for x, p in zip(inputs, rule.partials, strict=True) if p is not None]
        allowed = k * U * (abs(f) + sum(abs(x * d) for x, d in slopes))
        ball = rule.wide("strict", U).value(*inputs)
        for side in (1, -1):
            assert ball.contains((f + side * 0.99 * allowed).mid())
            assert not ball.overlaps((f + side * 1.5 * allowed).mid())
        d = rule.wide("strict", U).partials[-1](*inputs)
        assert d.contains((slope * (1 + 0.99 * k * U)).mid())


def test_weak_enclosures_allow_an_absolute_error():
    rule = rule_of(REGISTRY["tanh"])
    strong, weak = rule.wide("strict", U), rule.wide("strict", U, weak=True)
    assert not strong.partials[0](arb(20)).contains(0)
    assert weak.partials[0](arb(20)).contains(0)
    assert weak.partials[0](arb(20)).contains(3.9 * U)
    assert not weak.partials[0](arb(20)).contains(6 * U)
    exact = rule_of(REGISTRY["abs"])
    assert exact.wide("strict", U, weak=True).partials[0](arb(2)).is_exact()


def test_a_constant_that_is_no_float_is_every_float_beside_it():
    third = Fraction(1, 3)
    rule = rule_of(REGISTRY["powc"], (third,))
    form = rule.wide("strict", U)
    for x in (0.5, 5.0, 1e9):
        for c in (float(third), float(np.nextafter(1 / 3, 1)), third):
            with mp.workdps(60):
                exponent = mp.mpf(1) / 3 if c is third else mp.mpf(c)
                value, slope = mp.power(x, exponent), exponent * mp.power(x, exponent - 1)
            assert contains(form.value(arb(x)), value)
            assert contains(form.partials[0](arb(x)), slope)
    with mp.workdps(60):
        assert not contains(form.value(arb(5.0)), mp.power(5, mp.mpf(1) / 3 + 8 * U))
    assert rule_of(REGISTRY["powc"], (Fraction(3, 2),)).wide("strict", U)._rounded == {}


@pytest.mark.parametrize(
    ("value", "double", "single"),
    [
        (Fraction(1, 2), True, True),
        (Fraction(1, 10), False, False),
        (Fraction(0.1), True, False),
        (Fraction(10) ** 400, False, False),
        (Fraction(10) ** 60, False, False),
        (Fraction(2) ** 200, True, False),
        (Fraction(1, 2**1074), True, False),
        (Fraction(1, 2**1080), False, False),
        (Fraction(0), True, True),
    ],
)
def test_which_numbers_are_floats(value, double, single):
    assert is_float(value, 2.0**-52) is double
    with np.errstate(over="ignore"):
        assert is_float(value, 2.0**-23) is single


def test_products_are_recognised():
    assert [how for _, how, _ in rule_of(REGISTRY["mul"]).together(U).products] == [rules.FACTOR, rules.FACTOR]
    assert [how for _, how, _ in rule_of(REGISTRY["sub"]).together(U).products] == [rules.PLUS, rules.MINUS]
    assert [how for _, how, _ in rule_of(REGISTRY["div"]).together(U).products] == [rules.LOCAL, rules.LOCAL]
    assert not rule_of(REGISTRY["mul"]).together(U).is_tuple
    value, by_x, by_y = rule_of(REGISTRY["div"]).together(U).of_balls(arb(1), arb(4))
    assert value.contains(0.25)
    assert by_x.contains(0.25)
    assert by_y.contains(-1 / 16)


@pytest.mark.parametrize("name", NAMES)
def test_value_and_derivatives_together_are_what_they_are_apart(name):
    form = rule_of(REGISTRY[name], constants(name)).wide("strict", U)
    compared = 0
    for point in ordinary(name)[:4]:
        # mod's points lie at its jumps: a hundredth beside them it has slopes; an order stays the number it is
        moving = [a not in REGISTRY[name].opaque for a in REGISTRY[name].arguments]
        x = [
            arb(1.01**k * float(c)) * arb(1, 2.0**-50) if m else arb(c)
            for k, (c, m) in enumerate(zip(point, moving, strict=True))
        ]
        for at_output, more in ((True, 0.0), (False, 2.0)):
            whole = form.together(tuple(range(len(x))), at_output)
            found = whole.of_balls(*x)
            value, *local = found if whole.is_tuple else (found,)
            assert repr(value) == repr(form.value(*x))
            for k, how, place in whole.products:
                if how == rules.LOCAL and (apart := form.partials[k](*x)).is_finite():
                    assert local[place - 1].overlaps(apart)
                    assert local[place - 1].rad() <= apart.rad() * (1 + 1e-6) + more * U * abs(apart)
                    compared += 1
    assert compared or all(p is None or isinstance(p, int) for p in form.partials) or form._is_product


def test_a_rule_is_made_once_for_each_meaning(monkeypatch):
    first = rule_of(REGISTRY["sin"])
    assert rule_of(REGISTRY["sin"]) is first
    assert rule_of(REGISTRY["powc"], (Fraction(3),)) is not rule_of(REGISTRY["powc"], (Fraction(2),))
    with planted("sin", "cos(x)"):
        assert rule_of(REGISTRY["sin"]).value(arb(0)) == 1
    assert rule_of(REGISTRY["sin"]) is first
    monkeypatch.setattr(rules, "_rules", dict(rules._rules))
    monkeypatch.setattr(rules, "MOST_RULES", len(rules._rules))
    rule_of(REGISTRY["powc"], (Fraction(12345, 7),))
    assert len(rules._rules) == 1
