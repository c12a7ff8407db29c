"""Gamma functions against Arb: values and derivatives within the declared k; edges by name."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..special_truth import assert_within, evaluate

NAMES = ["gamma", "loggamma", "digamma", "polygamma", "lowergamma", "uppergamma"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


@pytest.mark.parametrize("name", ["gamma", "digamma"])
def test_poles_have_no_value(name):
    assert np.isnan(evaluate(name, -3.0)[0])


@pytest.mark.parametrize("n", [0, 1, 2, 3, 8])
def test_polygamma_of_negative_numbers(n):
    with mp.workdps(40):
        for x in (-0.3, -2.5, -7.25, -30.9, -1e-9):
            value, slope = evaluate("polygamma", float(n), x)
            assert value == pytest.approx(float(_derivatives_of_digamma(n, x)), rel=1e-13)
            assert slope == pytest.approx(float(_derivatives_of_digamma(n + 1, x)), rel=1e-13)


def _derivatives_of_digamma(n, x):
    """By shifting to x > 0, where mpmath's is direct."""
    x, total = mp.mpf(x), mp.mpf(0)
    while x < 20:
        total += (-1) ** (n + 1) * mp.factorial(n) / x ** (n + 1)
        x += 1
    return total + mp.psi(n, x)


def test_incomplete_gammas_sum_to_gamma():
    for s in (0.5, 1.0, 2.5, 7.0, -0.5, -2.5):
        for x in (1e-3, 0.4, 1.0, 3.3, 12.0):
            lower, upper = evaluate("lowergamma", s, x), evaluate("uppergamma", s, x)
            close = 1e-14 * (abs(lower[0]) + abs(upper[0]))
            assert lower[0] + upper[0] == pytest.approx(evaluate("gamma", s)[0], rel=1e-14, abs=close)
            assert lower[1] == -upper[1]


def test_incomplete_gammas_at_0():
    assert evaluate("lowergamma", 1.0, 0.0) == (0.0, 1.0)
    assert evaluate("lowergamma", 2.5, 0.0) == (0.0, 0.0)
    assert evaluate("uppergamma", 2.5, 0.0)[0] == evaluate("gamma", 2.5)[0]
    assert evaluate("uppergamma", -0.5, 0.0)[0] == np.inf
    assert np.isnan(evaluate("uppergamma", 0.5, -1.0)[0])


@pytest.mark.parametrize("x", [-1e15 + 0.5, -3e9 - 0.3, -1e17, -1e300])
def test_far_below_zero_the_sum_ends(x):
    """SciPy's zeta counts up to 9 from there; its answer would take days."""
    with np.errstate(all="ignore"):
        value = REGISTRY["polygamma"].forward(1.0, x)
    if x == np.floor(x):
        assert not np.isfinite(value)
    else:
        # π²/sin²(πx) less what lies below, DLMF 5.15.6 with 5.5.2
        above = x - np.floor(x)
        assert value == pytest.approx((np.pi / np.sin(np.pi * above)) ** 2 - 1 / (1 - x), rel=1e-9)
