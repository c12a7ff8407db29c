"""Bessel functions against Arb: values and derivatives within the declared k; edges by name."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..special_truth import assert_within, evaluate

NAMES = ["besselj", "bessely", "besseli", "besselk", "i0", "i1"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


@pytest.mark.parametrize("name", ["besselj", "besseli"])
def test_whole_orders_are_even_or_odd_and_fractional_ones_not_real(name):
    for n in (0.0, 1.0, 2.0, -3.0):
        there, here = evaluate(name, n, -1.7), evaluate(name, n, 1.7)
        assert there == ((-1) ** n * here[0], -((-1) ** n) * here[1])
    assert np.isnan(evaluate(name, 2.5, -1.7)[0])


def test_at_0():
    assert evaluate("besselj", 0.0, 0.0) == (1.0, 0.0)
    assert evaluate("besselj", 1.0, 0.0) == (0.0, 0.5)
    assert evaluate("besseli", 1.0, 0.0) == (0.0, 0.5)
    assert evaluate("besselk", 0.0, 5e-324)[0] == pytest.approx(744.5560034, rel=1e-9)
    assert evaluate("bessely", 0.0, 5e-324)[0] == pytest.approx(-744.5560034 * 2 / np.pi, rel=1e-9)
    assert evaluate("bessely", 1.0, 5e-324) == (-np.inf, np.inf)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("n", [1.0, 2.0, 7.3, 20.0, 50.0, -2.0, -7.0])
def test_the_slope_of_y_where_its_neighbours_are_infinite(n, dtype):
    for x in (1e-30, 1e-12, 1e-6, 1e-3, 0.1, 0.25, 0.5, 0.99):
        order, x = dtype(n), dtype(x)
        with np.errstate(all="ignore"):
            slope = REGISTRY["bessely"].derivative(order, x, REGISTRY["bessely"].forward(order, x))[1]
        with mp.workdps(60):
            exact, at = mp.mpf(float(order)), mp.mpf(float(x))
            truth = (mp.bessely(exact - 1, at) - mp.bessely(exact + 1, at)) / 2
        if abs(truth) > float(np.finfo(dtype).max):
            assert slope == np.copysign(np.inf, float(mp.sign(truth)))
        else:
            assert slope == pytest.approx(float(truth), rel=60 * float(np.finfo(dtype).eps))


def test_where_the_functions_leave_the_floats():
    assert evaluate("besseli", 1 / 3, 1e300) == (np.inf, np.inf)
    assert evaluate("besselk", 1 / 3, 1e300) == (0.0, 0.0)
    assert evaluate("i1", 1e300) == (np.inf, np.inf)
    assert abs(evaluate("besselj", 2.5, 1e300)[0]) < 1e-150


def test_the_order_has_no_derivative():
    with np.errstate(all="ignore"):
        partials = REGISTRY["besselj"].derivative(np.float64(1.5), np.float64(2.0), np.float64(0.5))
    by_order, by_argument = partials
    assert np.isnan(by_order)
    assert np.isfinite(by_argument)


def test_orders_and_points_broadcast():
    orders, x = np.array([[0.0], [1.0], [2.5], [-1 / 3]]), np.array([1e-200, 0.3, 1.7, 30.0, 1e4])
    for name in ("besselj", "bessely", "besseli", "besselk"):
        with np.errstate(all="ignore"):
            together = REGISTRY[name].forward(orders, x)
            apart = [[REGISTRY[name].forward(n, np.float64(v)) for v in x] for n in orders[:, 0]]
        np.testing.assert_array_equal(together, apart)
