"""Affine forms: they hold what floats return, roundings of any sign and size, and cancel what is shared."""

from __future__ import annotations

import copy
import random
import tracemalloc

import numpy as np
import pytest
from flint import arb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradjury.engine import gradient
from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.properties.points import points
from gradjury.verifier import verify
from gradjury.verifier.oracle import affine, balls
from gradjury.verifier.oracle.sweeps import E_UNLIMITED, E, Plan, precision_of
from gradjury.verifier.reading.reader import read

CALM = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
DOUBLE, SINGLE = (precision_of(np.dtype(dtype)) for dtype in (np.float64, np.float32))

#: The slope by a is a sum of two terms with the common factor atanh′ near 1, which is uncertain in its fourth digit.
SHARED = "(a + b)**(3/2)*atanh(sqrt(a + b*coth(x)**2)/sqrt(a + b)) - (a + b)*sqrt(a + b*coth(x)**2)"
SHARED_AT = {"a": 4.12961, "b": -1.01198, "x": 7.48821}


def bits(ball):
    return float(abs(ball.mid()) / ball.rad())


@CALM
@given(st.integers(0, 10**6))
def test_what_the_engine_returns_lies_in_them(index):
    function = composite(seeded(77, index), nodes=(3, 15))
    at = {name: float(values[0]) for name, values in points(function, 1, seed=index).items()}
    inputs = [arb(at[name]) for name in function.tape.inputs]
    plan = Plan(function.tape)
    found = affine.gradient(plan, inputs, DOUBLE, 256)
    if found is None:
        return
    _, partials = gradient(function.tape, at)
    exact = plan.exact(inputs, 256)[1]
    hull = plan.wide(inputs, DOUBLE, E)[1]
    for name, ball, truth, e in zip(function.tape.inputs, found, exact, hull, strict=True):
        assert ball.overlaps(truth)
        assert ball.contains(arb(float(partials[name]))) or not (
            e.is_finite() and e.contains(arb(float(partials[name])))
        )
        if e.is_finite() and bits(ball) > 2**20:
            # never much wider than the balls, but for roundings of what is exact
            assert ball.rad() < 4 * (e.rad() + DOUBLE.unit * abs(ball.mid()))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("exp(x)*y - x/y", (0.7, 1.3)),
        ("(x - y)*(x + y)/(x*y + 1)", (1.1, 0.9)),
        ("b = exp(sin(x)*y); b*cos(x) - b/y + sqrt(b)", (0.4, 2.5)),
        ("tanh(x*y)**2 - log(x + y)*x**(1/3)", (1.5, 0.6)),
        ("Max(x, y)*atan(x) + erf(y)*x", (2.0, 0.5)),
    ],
)
@pytest.mark.parametrize("unit", [2.0**-52, 2.0**-23, 2.0**-10])
def test_roundings_of_any_sign_lie_in_them(text, at, unit):
    """Each operation perturbed by what it may lose: first order, and what the rest must hold besides."""
    precision = copy.copy(DOUBLE)
    precision.unit = unit
    plan = Plan(read(text))
    inputs = [arb(x) for x in at]
    found = affine.gradient(plan, inputs, precision, 256)
    assert found is not None
    signs = random.Random(5)
    with balls.precision(256):
        for _ in range(60):
            for ball, g in zip(
                found, _perturbed(plan, inputs, unit, lambda: signs.choice((-1, -1, 0, 1, 1))), strict=True
            ):
                assert ball.contains(g), (text, unit, ball, g)


def _perturbed(plan, inputs, unit, sign):
    values = list(inputs)
    for _, rule, args, value in plan.steps:
        if rule is None:
            values.append(balls.constant(value))
        else:
            values.append(rule.value(*[values[a] for a in args]) * (1 + sign() * unit * rule.primitive.ulps))
    adjoints = [None] * len(values)
    adjoints[plan.tape.output] = one = arb(1)

    def rounding(units=1):
        return 1 + sign() * unit * units

    for i, rule, args, _ in reversed(plan.steps):
        for argument, partial in zip(args, () if rule is None else rule.partials, strict=False):
            if isinstance(partial, int):
                product = adjoints[i] if partial == 1 else -adjoints[i]
            else:
                local = partial(*[values[a] for a in args])
                exact = rule.primitive.ulps == 0
                product = adjoints[i] * local if exact else adjoints[i] * local * rounding(6)
                product = product if exact or adjoints[i] is one else product * rounding()
            known = adjoints[argument]
            adjoints[argument] = product if known is None else (known + product) * rounding()
    return adjoints[: len(inputs)]


def test_a_factor_that_paths_share_is_uncertain_once():
    plan = Plan(read(SHARED))
    inputs = [arb(SHARED_AT[name]) for name in plan.tape.inputs]
    by_a = plan.tape.inputs.index("a")
    plain = plan.wide(inputs, DOUBLE, E_UNLIMITED)[1][by_a]
    shared = affine.gradient(plan, inputs, DOUBLE, 256)[by_a]
    assert plain.contains(shared.mid())
    assert bits(plain) < 2**20 < 2**26 < bits(shared)


def test_they_acquit_and_accuse_nobody():
    right = verify(SHARED, SHARED_AT)
    assert right.verdict == "agree"
    truth = {name: float(p.truth.ball) for name, p in right.points[0].partials.items()}
    judge = right.points[0].judge
    plain = judge.enclosure(right.tape.inputs.index("a"))
    inside = float(plain.mid() + plain.rad() / 2)  # in the balls, far outside the forms
    claimed = verify(SHARED, SHARED_AT, gradient={**truth, "a": inside})
    assert claimed.points[0].partials["a"].verdict == "undecided"
    beyond = float(plain.mid() + plain.rad() * 4000)
    assert verify(SHARED, SHARED_AT, gradient={**truth, "a": beyond}).points[0].partials["a"].verdict == "wrong"


def test_nothing_is_known_at_ties_poles_and_beyond_the_doubles():
    for text, x in (("Abs(x)*exp(x)", 0.0), ("1/x", 0.0), ("exp(x)*exp(-x)", 800.0), ("sqrt(x)", 0.0)):
        assert affine.gradient(Plan(read(text)), [arb(x)], DOUBLE, 256) is None
    assert affine.gradient(Plan(read("besselj(n, x) + n")), [arb(1), arb(2)], DOUBLE, 256) is None


def test_single_precision_is_wider():
    plan, inputs = Plan(read("exp(x)*sin(x)")), [arb(0.75)]
    single, double = (affine.gradient(plan, inputs, precision, 256)[0] for precision in (SINGLE, DOUBLE))
    assert single.rad() > double.rad() * 2**28


def test_a_form_has_no_room_for_roundings_that_come_after_it():
    many = range(1, 150)
    plan = Plan(read("; ".join(["s0 = sin(x)", *(f"s{k} = s{k - 1} + sin(x*{k}) - cos(x)" for k in many), "s149**2"])))
    tracemalloc.start()
    assert affine.gradient(plan, [arb(0.75)], DOUBLE, 256) is not None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12e6  # with room for all of them in each it is 81 MB, and of 20,000 nodes more than a machine has
