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
