"""Incomplete gamma functions and exponential integrals of uncommon orders against mpmath in 40 digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..special_truth import evaluate

ORDERS = [
    0.1,
    0.499,
    0.501,
    0.999,
    3.6,
    10.9,
    33.3,
    59.5,
    1e-6,
    1 + 1e-9,
    -0.4999,
    -0.5001,
    -0.75,
    -7.3,
    -20.7,
]
LINES = [1e-5, 0.3, 0.999, 1.0, 1.5, 3.6, 4.6, 10.9, 34.2, 60.0, 99.0]


@pytest.mark.parametrize("s", ORDERS)
@pytest.mark.parametrize("name", ["lowergamma", "uppergamma", "expint"])
def test_uncommon_orders(name, s):
    truth = {
        "lowergamma": lambda x: mp.gammainc(s, 0, x) if s > 0 else mp.gamma(s) - mp.gammainc(s, x),
        "uppergamma": lambda x: mp.gammainc(s, x),
        "expint": lambda x: mp.expint(s, x),
    }[name]
    for x in map(mp.mpf, LINES):
        with mp.workdps(60):
            value = truth(x)
            slope = -mp.expint(mp.mpf(s) - 1, x) if name == "expint" else x ** (mp.mpf(s) - 1) * mp.exp(-x)
            size = abs(value) + abs(x * slope)
            found = evaluate(name, s, float(x))
            assert abs(found[0] - value) <= 5 * 2.0**-52 * size, (name, s, x)
            if name == "uppergamma":
                slope = -slope
            assert abs(found[1] - slope) <= 5 * 2.0**-52 * abs(slope) * (2 + abs(s) + x), (name, s, x)


@pytest.mark.parametrize("name", ["lowergamma", "uppergamma", "expint"])
def test_orders_and_points_broadcast(name):
    orders, x = np.array([[0.3], [2.0], [-2.5]]), np.array([1e-3, 0.7, 2.0, 60.0])
    with np.errstate(all="ignore"):
        together = REGISTRY[name].forward(orders, x)
        apart = [[REGISTRY[name].forward(n, v) for v in x] for n in orders[:, 0]]
    assert together.shape == (3, 4)
    np.testing.assert_allclose(together, apart, rtol=2e-15)


@pytest.mark.parametrize("s", [-99.3, -100.0, -101.7, -1000.25])
@pytest.mark.parametrize("x", [1e-300, 1e-10, 0.3, 0.999])
def test_far_orders_take_the_last_steps_alone(s, x):
    with mp.workdps(40):
        truth = mp.expint(1 - mp.mpf(s), mp.mpf(x))
        assert abs(evaluate("expint", 1.0 - s, x)[0] - truth) <= 5 * 2.0**-52 * truth


def _upper_on_the_left(s, x):
    """Γ(s, x) of whole s > 0 as a polynomial times exp(−x) (DLMF 8.4.8)."""
    return mp.factorial(s - 1) * mp.exp(-x) * mp.fsum(x**k / mp.factorial(k) for k in range(s))


@pytest.mark.parametrize("s", [1, 2, 3, 7, 20, 101, 170, 172])
@pytest.mark.parametrize("name", ["lowergamma", "uppergamma", "expint"])
def test_whole_orders_left_of_0(name, s):
    order = 1.0 - s if name == "expint" else float(s)
    for x in [-1e-300, -1e-5, -0.3, -1.0, -2.7, -17.3, -44.9, -0.9 * s, -s - 1.0, -1.1 * s - 1.0, -690.5]:
        with mp.workdps(700):
            at = mp.mpf(x)
            upper, power = _upper_on_the_left(s, at), at ** (s - 1) * mp.exp(-at)
            bend = ((s - 1) / at - 1) * power
            value, slope, second = {
                "uppergamma": (upper, -power, -bend),
                "lowergamma": (mp.factorial(s - 1) - upper, power, bend),
                "expint": tuple((-1) ** k * _upper_on_the_left(s + k, at) / at ** (s + k) for k in range(3)),
            }[name]
        found = evaluate(name, order, x)
        for given, exact, bent in ((found[0], value, slope), (found[1], slope, second)):
            if abs(exact) > 1.79e308:
                assert given == np.copysign(np.inf, float(mp.sign(exact))), (name, s, x)
            else:
                size = abs(exact) + abs(at * bent)
                assert abs(given - exact) <= REGISTRY[name].ulps * (2.0**-52 * size + 5e-324), (name, s, x)


@pytest.mark.parametrize(("name", "order"), [("lowergamma", 0.5), ("uppergamma", 0.0), ("uppergamma", -2.0)])
def test_other_orders_have_no_real_value_left_of_0(name, order):
    assert np.isnan(evaluate(name, order, -1.5)[0])
    assert np.isnan(evaluate("expint", 1.0 - order, -1.5)[0] if order < 1 and order != 0.5 else np.nan)


@pytest.mark.parametrize("name", ["lowergamma", "uppergamma", "expint"])
def test_both_sides_of_0_in_one_array(name):
    x = np.array([-80.0, -2.5, -1e-3, 0.5, 3.0, 80.0])
    order = -2.0 if name == "expint" else 3.0
    with np.errstate(all="ignore"):
        values = REGISTRY[name].forward(order, x)
        slopes = REGISTRY[name].derivative(order, x, values)[1]
    assert [(v, d) for v, d in zip(values, slopes, strict=True)] == [evaluate(name, order, v) for v in x]


@pytest.mark.parametrize(("dtype", "orders"), [(np.float64, [20.0, 150.0, 400.0]), (np.float32, [1.5, 7.0, 20.0])])
def test_the_integrand_of_large_orders_far_out(dtype, orders):
    """Where the power by itself is infinite, and the exponential 0."""
    for s in orders:
        for x in (0.5, 300.0, 4000.0, 1e4, 1e20, float(np.finfo(dtype).max)):
            at = dtype(x)
            with mp.workdps(40):
                truth = mp.mpf(float(at)) ** (s - 1) * mp.exp(-mp.mpf(float(at)))
            with np.errstate(all="ignore"):
                found = REGISTRY["lowergamma"].derivative(dtype(s), at, at)[1]
            assert found == pytest.approx(float(truth), rel=1e-12 if dtype is np.float64 else 1e-6, abs=1e-300)
