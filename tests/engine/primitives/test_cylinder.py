"""Bessel functions of uncommon orders, near the lines where formulas change, against mpmath in 40 digits."""

from __future__ import annotations

import mpmath as mp
import pytest

from ..special_truth import evaluate

FUNCTIONS = {"besselj": mp.besselj, "bessely": mp.bessely, "besseli": mp.besseli, "besselk": mp.besselk}
ORDERS = [0.1, 0.75, 1.2, 3.6, 10.9, 33.3, 59.5, -0.75, -1.5, -7.3, 1e-6, 1 + 1e-9, 2 - 1e-7]
LINES = [0.0999, 0.1001, 0.999, 1.0, 2.0, 2.0999, 2.1001, 5.3, 13.8, 21.0, 42.7, 84.9, 120.0]


@pytest.mark.parametrize("n", ORDERS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_uncommon_orders(name, n):
    function = FUNCTIONS[name]
    for x in LINES:
        with mp.workdps(40):
            value = function(n, x)
            slope, second = (mp.diff(lambda v: function(n, v), x, order) for order in (1, 2))
            size = abs(value) + abs(x * slope)
            steep = abs(slope) + abs(x * second)
        found = evaluate(name, n, x)
        assert abs(found[0] - value) <= 20 * 2.0**-52 * size, (name, n, x)
        assert abs(found[1] - slope) <= 20 * 2.0**-52 * steep, (name, n, x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_tiny_arguments_of_fractional_order(name):
    """SciPy's power exp(n log x) would be off by hundreds of ulps."""
    for x in (1e-12, 3e-60, 2e-220):
        with mp.workdps(400):
            value = FUNCTIONS[name](mp.mpf(1 / 3), mp.mpf(x))
        assert evaluate(name, 1 / 3, x)[0] == pytest.approx(float(value), rel=1e-15)
