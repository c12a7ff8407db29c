"""Sweeps in balls: exact gradients against mpmath, and the order of the enclosures one within another."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.engine.sweep import Execution, gradient
from gradjury.engine.tape import Recorder
from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.properties.points import points
from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.exactness import exact_nodes
from gradjury.verifier.oracle.sweeps import E_UNLIMITED, E, Plan, Rounding, precision_of
from gradjury.verifier.reading.reader import read

from ..truth import NotReal, contains, derivative, values

CALM = settings(deadline=None, print_blob=True, max_examples=120)
DOUBLE, SINGLE = precision_of(np.dtype("float64")), precision_of(np.dtype("float32"))
SEED = 71


def drawn(index, *, special=0.0, specials=False, nodes=(3, 16)):
    """A random composite function and one point."""
    function = composite(seeded(SEED, index), variables=(1, 3), nodes=nodes, specials=specials)
    at = points(function, 1, seed=SEED, index=index, special=special)
    return function.tape, [float(at[name][0]) for name in function.tape.inputs]


@pytest.mark.parametrize("start", range(0, 120, 20))
def test_exact_sweeps_are_the_slopes_of_mpmath(start):
    compared = 0
    for index in range(start, start + 20):
        tape, point = drawn(index, specials=index % 20 == 0)
        node_values, partials = Plan(tape).exact([arb(x) for x in point], 256)
        with mp.workdps(100):
            for ball, truth in zip(node_values, values(tape, point), strict=True):
                assert not ball.is_finite() or contains(ball, truth), (tape, point)
        for j, ball in enumerate(partials):
            if ball.is_finite():
                assert contains(ball, derivative(tape, point, j)), (SEED, index, point, j)
                assert ball.rel_accuracy_bits() > 80
                compared += 1
    assert compared > 20


@pytest.mark.parametrize("index", range(300, 380))
def test_exact_sweeps_at_special_points(index):
    tape, point = drawn(index, special=1.0, nodes=(3, 8))
    node_values, partials = Plan(tape).exact([arb(x) for x in point], 512)
    for j, ball in enumerate(partials):
        if not (ball.is_finite() and node_values[tape.output].is_finite()):
            continue
        try:
            truth = derivative(tape, point, j)
        except NotReal:
            continue  # the edge of a domain, to one side of it
        assert contains(ball, truth) or abs(truth) < 1e-100, (tape, point, j, ball, mp.nstr(truth, 20))


@CALM
@given(st.integers(0, 10**6), st.sampled_from([DOUBLE, SINGLE]))
def test_enclosures_lie_one_within_another(index, precision):
    """exact ⊂ E ⊂ E_weak, with and without limits; strict = hull = directed where nothing is tied."""
    tape, point = drawn(index)
    inputs = [arb(float(precision.dtype.type(x))) for x in point]
    plan = Plan(tape)
    exact = plan.exact(inputs, 256)
    strict = plan.wide(inputs, precision)
    hull = plan.wide(inputs, precision, E_UNLIMITED)
    limits = plan.wide(inputs, precision, E)
    weak = plan.wide(inputs, precision, Rounding("hull", weak=True))
    for parts in (0, 1):
        for e, s, h, small, w in zip(exact[parts], strict[parts], hull[parts], limits[parts], weak[parts], strict=True):
            if not e.is_finite():
                continue
            for ball in (s, h, small, w):
                assert not ball.is_finite() or ball.contains(e)
            if s.is_finite():
                assert h.contains(s)
            if h.is_finite() and w.is_finite():
                assert w.contains(h)


@CALM
@given(st.integers(0, 10**6), st.sampled_from([np.float64, np.float32]))
def test_the_enclosure_holds_what_the_engine_returns(index, dtype):
    tape, point = drawn(index, nodes=(3, 10))
    precision = precision_of(np.dtype(dtype))
    at = {name: dtype(x) for name, x in zip(tape.inputs, point, strict=True)}
    value, partials = gradient(tape, at, dtype)
    found = Plan(tape).wide([arb(float(x)) for x in at.values()], precision, E)
    if found[0][tape.output].is_finite() and np.isfinite(value):
        assert found[0][tape.output].contains(arb(float(value)))
    for name, ball in zip(tape.inputs, found[1], strict=True):
        if ball.is_finite() and np.isfinite(partials[name]):
            assert ball.contains(arb(float(partials[name])))


def test_decided_sides_lie_in_the_hull():
    tape = read("Max(x, y)*x + floor(x)")
    plan = Plan(tape)
    inputs = [arb(1), arb(1)]
    tied = next(i for i in tape.operations if tape.nodes[i].primitive.name == "maximum")
    (condition,) = [(e.args[0].name, *e.args[1:3]) for e in [plan.steps[tied - 2][1].expression]]
    hull = plan.wide(inputs, DOUBLE, E_UNLIMITED)[1]
    found = []
    for side in (True, False):
        decided = {tied: {condition: side}}
        exact = plan.directed(inputs, decided, 128)[1]
        wide = plan.wide(inputs, DOUBLE, Rounding("directed"), decided=decided)[1]
        for j in (0, 1):
            assert wide[j].contains(exact[j])
            assert hull[j].contains(wide[j])
        found.append([float(e) for e in exact])
    assert found == [[2.0, 0.0], [1.0, 1.0]]
    assert plan.exact(inputs, 128)[1][0].is_nan()


def test_values_at_ties_are_decided_as_a_program_does():
    plan = Plan(read("where(x <= 1, 5, 7) + floor(x) + sign(x - 1)"))
    assert plan.values([arb(1)], 128)[-1] == 6
    assert plan.exact([arb(1)], 128)[0][-1].is_nan()


def test_limits_are_those_of_floats():
    plan = Plan(read("exp(x)*exp(-x)"))
    assert plan.wide([arb(800)], DOUBLE)[0][-1].contains(1)
    assert plan.wide([arb(800)], DOUBLE, Rounding(limits=True))[0][-1].is_nan()
    assert plan.wide([arb(700)], DOUBLE, Rounding(limits=True))[0][-1].contains(1)
    assert plan.wide([arb(100)], SINGLE, Rounding(limits=True))[0][-1].is_nan()
    small = Plan(read("x*x")).wide([arb(1e-170)], DOUBLE, Rounding(limits=True))
    assert small[0][-1].contains(0)
    assert small[1][0].contains(2e-170)
    assert not small[1][0].contains(0)
    zero = Plan(read("x*y")).wide([arb(0), arb(3)], DOUBLE, Rounding(limits=True))
    assert zero[0][-1].is_zero()  # an exact zero is no underflow


def test_fan_out_adds_over_paths_and_stops_at_branches_not_taken():
    plan = Plan(read("a = x*x; a*a + a + where(x < 0, 1/0.0/x, 3)"))
    partials = plan.exact([arb(3)], 128)[1]
    assert partials[0] == 4 * 27 + 6
    assert Plan(read("x + 0*y")).exact([arb(1), arb(2)], 64)[1][1].is_zero()
    assert Plan(read("x**2")).exact([arb(3)], 64)[1][0] == 6


def test_precision_objects():
    assert DOUBLE.unit == 2.0**-52
    assert SINGLE.unit == 2.0**-23
    assert float(DOUBLE.smallest) == 5e-324
    assert float(precision_of(np.dtype("float64"), True).smallest) == 2.0**-1022
    assert DOUBLE.ulp(arb(1)).contains(2.0**-52 + 5e-324)
    assert precision_of(np.dtype("float64")) is DOUBLE


def test_rounded_constants():
    tape = read("x + 0.1")
    tenth, half = tape.nodes[1].consts[0], read("x + 0.5").nodes[1].consts[0]
    with balls.precision(128):
        near = Plan.rounded_constant(tenth, DOUBLE)
        assert near.contains(0.1)
        assert near.rad() < 0.1 * 2.0**-51
        assert Plan.rounded_constant(half, SINGLE).is_exact()
        assert not Plan.rounded_constant("pi", DOUBLE).is_exact()


def test_a_partial_by_an_order_is_opaque_wherever_it_flows_from():
    tape = read("x*y + besselj(2*x, z) + y")
    assert "besselj by its argument 'n'" in Plan(tape).opaque["x"]
    assert list(Plan(tape).opaque) == ["x"]
    assert Plan(read("besselj(2, x)")).opaque == {}
    recorder = Recorder(["n", "x"])
    unused = read("besselj(n, x)").nodes[2].primitive
    recorder.add(unused, (0, 1))  # recorded, and not needed by the output
    assert Plan(recorder.tape(1)).opaque == {}


@CALM
@given(st.integers(0, 10**6))
def test_tangents_that_floats_carry_forward_lie_in_theirs(index):
    tape, point = drawn(index, nodes=(3, 20))
    run, inputs, plan = Execution(tape), [arb(x) for x in point], Plan(tape)
    run.forward(dict(zip(tape.inputs, point, strict=True)))
    exact = plan.exact(inputs, 256)[1]
    for j, name in enumerate(tape.inputs):
        carried = plan.carried_forward(inputs, DOUBLE, j, 128)
        if carried.is_finite() and exact[j].is_finite():
            assert carried.overlaps(exact[j])
            assert carried.contains(arb(float(run.tangent({name: 1.0})))), (SEED, index, name)


def test_tangents_that_take_each_other_away_leave_their_rounding():
    tape, inputs = read("w = exp(20*x); sin(x) + w + (2 - w)"), [arb(0.7)]
    run, plan = Execution(tape), Plan(tape)
    run.forward({"x": 0.7})
    found = arb(float(run.tangent({"x": 1.0})))
    assert not plan.wide(inputs, DOUBLE, bits=128)[1][0].contains(found)
    assert plan.carried_forward(inputs, DOUBLE, 0, 128).contains(found)


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("besselj(1/2, x)", ["1/2"]),
        ("x*(3/4 - 2*(1/8))", ["3/4", "1/8", "1/4", "1/2"]),
        ("x*(1/3)", []),
        ("x*(6/3)", []),  # an engine may multiply by a rounded 1/3
        ("x*(1/10 + 1/2)", ["1/2"]),
        ("x*(16777217/2)", []),  # no float in single
        ("x*(0/2 - 1)", ["0", "-1"]),
        ("x*(pi/2)", []),
        ("x/2 + x", []),
    ],
)
def test_operations_on_constants_that_round_nothing(text, exact):
    tape = read(text)
    assert [str(value) for value in exact_nodes(tape).values()] == exact
    plan, place = Plan(tape), {i: sp.Rational(v.numerator, v.denominator) for i, v in exact_nodes(tape).items()}
    for precision in (DOUBLE, SINGLE):
        values = plan.wide([arb(1.5)], precision, Rounding(limits=True))[0]
        for i, value in place.items():
            assert values[i].is_exact()
            assert values[i] == arb(int(value.p)) / int(value.q)


TERMS = st.lists(st.sampled_from([1e16, -1e16, 1.0, -1.0, 0.3, 3e8, -3e8, 7e-9]), min_size=3, max_size=9)


@CALM
@given(TERMS, st.randoms())
def test_sums_in_any_order_lie_in_theirs(terms, random):
    """Any tree of additions, as of lanes and pairs; the slope of the square by each term is twice the sum."""
    names = [f"x{k}" for k in range(len(terms))]
    plan = Plan(read(f"({' + '.join(names)})**2"))
    inputs = [arb(dict(zip(names, terms, strict=True))[name]) for name in plan.tape.inputs]
    values, gradient_ = plan.wide(inputs, DOUBLE, Rounding(reordered=True))
    left = list(terms)
    while len(left) > 1:
        one, other = (left.pop(random.randrange(len(left))) for _ in range(2))
        left.append(one + other)
    assert values[plan.tape.output].contains(arb(left[0]) ** 2)
    assert all(ball.contains(arb(2 * left[0])) for ball in gradient_)
    assert all(ball.contains(arb(2 * math.fsum(terms))) for ball in gradient_)
