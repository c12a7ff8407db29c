"""Polylogarithms and zeta functions against Arb within the declared k; elementary orders, edges by name."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.engine import REGISTRY

from ..special_truth import assert_within, evaluate


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ["polylog", "zeta"])
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


@pytest.mark.parametrize("z", [-1e300, -17.0, -4.0, -3.999, -1.0, -0.5, -1e-200, 0.0, 5e-324, 0.5, 0.501, 0.999])
@pytest.mark.parametrize("n", [2, 3, 5, 11])
def test_orders_across_the_seams_of_the_formulas(n, z):
    with mp.workdps(40):
        exact = [mp.re(mp.polylog(n, z)), mp.re(mp.polylog(n - 1, z)) / z if z else mp.mpf(1)]
        if 0 < abs(z) < 1e-100:
            exact = [mp.mpf(z), mp.mpf(1)]  # mpmath has no digits of so small an argument
    assert evaluate("polylog", float(n), z) == pytest.approx(tuple(map(float, exact)), rel=5e-15, abs=5e-324)


@pytest.mark.parametrize("z", [0.0, -0.0, 1e-45])
@pytest.mark.parametrize("order", [1.0, 2.0, 2.5])
def test_the_slope_at_0_is_1_in_single_too(order, z):
    slope = REGISTRY["polylog"].derivative(np.float32(order), np.float32(z), np.float32(z))[1]
    assert slope == 1


@given(st.floats(-1e6, 1 - 2.0**-20))
def test_elementary_orders(z):
    assert evaluate("polylog", 1.0, z)[0] == pytest.approx(-math.log1p(-z), rel=1e-15, abs=1e-300)
    assert evaluate("polylog", 0.0, z)[0] == pytest.approx(z / (1 - z), rel=1e-15, abs=1e-300)


@given(st.floats(1e-3, 1 - 1e-3))
def test_eulers_reflection(z):
    """Li₂(z) + Li₂(1 − z) = π²/6 − log z·log(1 − z) (DLMF 25.12.6)."""
    both = evaluate("polylog", 2.0, z)[0] + evaluate("polylog", 2.0, 1 - z)[0]
    assert both == pytest.approx(math.pi**2 / 6 - math.log(z) * math.log1p(-z), rel=2e-15)


def test_the_branch_point():
    assert evaluate("polylog", 2.0, 1.0) == (pytest.approx(math.pi**2 / 6, rel=1e-15), np.inf)
    assert evaluate("polylog", 3.0, 1.0)[1] == pytest.approx(math.pi**2 / 6, rel=1e-15)
    assert np.isnan(evaluate("polylog", 2.0, math.nextafter(1.0, 2.0))[0])
    assert np.isnan(evaluate("polylog", 2.5, 1.5)[0])
    assert np.isnan(evaluate("polylog", 2.0, np.nan)[0])


@settings(deadline=None)  # mpmath's first number takes longer
@given(st.floats(0.01, 100), st.sampled_from([2.0, 3.5, 0.5, -1.5]))
def test_the_recurrence_of_the_zeta_function(a, s):
    """ζ(s, a) = a⁻ˢ + ζ(s, a + 1) (DLMF 25.11.3)."""
    here, beside = evaluate("zeta", s, a)[0], evaluate("zeta", s, a + 1)[0]
    assert here == pytest.approx(a**-s + beside, rel=1e-12, abs=1e-12 * (a + 1) ** (1 - s))


def test_edges_of_the_zeta_function():
    assert evaluate("zeta", 2.0, 1.0)[0] == pytest.approx(math.pi**2 / 6, rel=1e-15)
    assert evaluate("zeta", -1.5, 1e6)[0] == pytest.approx(_by_arb(-1.5, 1e6), rel=1e-14)
    assert evaluate("zeta", 0.5, 1.7e308)[0] == pytest.approx(-2.0 * math.sqrt(1.7e308), rel=1e-15)
    assert np.isnan(evaluate("zeta", 2.5, -0.5)[0])
    assert not np.isfinite(evaluate("zeta", 2.0, -3.0)[0])
    assert np.isnan(evaluate("zeta", 1.0, 2.0)[0])
    assert np.isnan(evaluate("zeta", 1.0, -0.5)[0])
    assert evaluate("zeta", -1.5, 0.0)[0] == evaluate("zeta", -1.5, 1.0)[0]
    assert np.isnan(evaluate("zeta", 0.5, 0.0)[0])


@pytest.mark.parametrize("a", [-1e-200, -0.25, -0.5, -1.5, -7.0, -12.999999, -250.25])
@pytest.mark.parametrize("s", [2, 3, 4, 9, 20, 0, -1, -2, -5, -20])
def test_whole_orders_of_the_zeta_function_left_of_0(s, a):
    if s > 1 and a in (-7.0, -1e-200):  # the one a pole, the other beside one
        assert not np.isfinite(evaluate("zeta", float(s), a)[0])
        return
    with mp.workdps(80):
        value = _zeta(s, a)
        slope = -s * _zeta(s + 1, a) if s else mp.mpf(-1)
        bend = s * (s + 1) * _zeta(s + 2, a) if s not in (0, -1) else s
    found = evaluate("zeta", float(s), a)
    for got, exact, bent in ((found[0], value, slope), (found[1], slope, bend)):
        assert abs(got - exact) <= 4 * 2.0**-52 * (abs(exact) + abs(a * bent)), (s, a)


def _zeta(s, a):
    """By powers down to a > 0 (DLMF 25.11.3), and as a Bernoulli polynomial (DLMF 25.11.14)."""
    a = mp.mpf(a)
    if s < 1:
        return -mp.bernpoly(1 - s, a) / (1 - s)
    steps = int(mp.ceil(-a)) + 1
    return mp.fsum((a + k) ** -s for k in range(steps)) + mp.zeta(s, a + steps)


@pytest.mark.parametrize("z", [1 + 2.0**-52, 1.0001, 1.5, 2.5, 40.0, 1e10, 1e300, -1.434884918546584, -7.0, 0.75])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 8, 50])
def test_polylogarithms_of_negative_orders_are_rational(n, z):
    with mp.workdps(150 if z < 1e100 else 1000):
        value, slope, second = (_rational(n + k, mp.mpf(z)) for k in range(3))
        slope, bend = slope / z, (second - slope) / mp.mpf(z) ** 2
    found = evaluate("polylog", -float(n), z)
    for got, exact, bent in ((found[0], value, slope), (found[1], slope, bend)):
        if abs(exact) > 1.79e308:
            assert got == math.copysign(math.inf, exact)
        else:
            assert abs(got - exact) <= 4 * (2.0**-52 * (abs(exact) + abs(z * bent)) + 5e-324), (n, z)


def _rational(n, z):
    """Li₋ₙ by differentiating z/(1 − z): Σ k!·S(n + 1, k + 1)·(z/(1 − z))ᵏ⁺¹ with Stirling's numbers."""
    ratio = z / (1 - z)
    return mp.fsum(mp.factorial(k) * mp.stirling2(n + 1, k + 1) * ratio ** (k + 1) for k in range(n + 1))


def _by_arb(s, a):
    """Of large a, where mpmath takes a steps."""
    from flint import acb

    return float(acb(s).zeta(acb(a)).real)


@pytest.mark.parametrize(("s", "z"), [(66.5, -0.9), (200.5, -1e40), (1e4, -1e300), (1e300, -1e300), (-150.0, 1e-65)])
def test_large_orders_leave_the_first_terms(s, z):
    """Liₛ(z) − z is at most 2z²·2⁻ˢ, by the integral DLMF 25.12.11."""
    value, slope = evaluate("polylog", s, z)
    assert (value, slope) == (
        (z, 1.0) if s > 0 else (pytest.approx(z + z * z * 2.0**150), pytest.approx(1 + z * 2.0**151))
    )


@pytest.mark.parametrize(("s", "z"), [(-40.5, -0.3), (-100.5, -0.3), (-60.25, -0.85), (-20.5, -1.43), (-1.5, -0.5)])
def test_large_negative_orders_left_of_0(s, z):
    """Terms of the power series are far larger than its sum there; here in many digits, beyond −1 by Arb."""
    from flint import acb, ctx

    with mp.workdps(400):
        exact = mp.fsum(mp.mpf(z) ** k * mp.mpf(k) ** -s for k in range(1, 4000))
    if z < -1:
        before, ctx.prec = ctx.prec, 300
        exact = acb(z).polylog(acb(s)).real
        ctx.prec = before
    assert evaluate("polylog", s, z)[0] == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("a", [1e-3, 0.7, 7.5, 999.0, 1001.0, 1e9, 1e200])
@pytest.mark.parametrize("s", [1e-3, -1e-3, 1e-12, -1e-200, 0.3, -0.7])
def test_slopes_of_the_zeta_function_of_small_orders(s, a):
    """s + 1 has lost digits of s, and ζ(s + 1, a) is about 1/s."""
    from flint import acb, arb, ctx

    before, ctx.prec = ctx.prec, 2000
    exact = (-arb(s) * acb(arb(s) + 1).zeta(acb(a))).real
    curved = abs(arb(s) * (arb(s) + 1) * acb(arb(s) + 2).zeta(acb(a)).real * arb(a))
    error = abs(arb(evaluate("zeta", s, a)[1]) - exact) / (abs(exact) + curved)
    ctx.prec = before
    assert error < 4 * 2.0**-52
