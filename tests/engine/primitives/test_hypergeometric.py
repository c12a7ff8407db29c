"""Hypergeometric functions against Arb within the declared k; special cases that are elementary, edges by name."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

from ..special_truth import assert_within, evaluate

NAMES = ["hyp2f1", "hyp1f1", "hyp0f1"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


@pytest.mark.parametrize("x", [-1e5, -40.0, -1.5, -1e-9, 0.0, 1e-300, 0.3, 0.98, 0.995, 1 - 2.0**-50])
def test_a_logarithm(x):
    value, slope = evaluate("hyp2f1", 1.0, 1.0, 2.0, x)
    with mp.workdps(50):
        exact = -mp.log1p(-mp.mpf(x)) / x if x else mp.mpf(1)
        by_x = (1 / (1 - mp.mpf(x)) - exact) / x if abs(x) > 1e-12 else mp.mpf(0.5)
    assert value == pytest.approx(float(exact), rel=1e-15)
    assert slope == pytest.approx(float(by_x), rel=1e-14)


@pytest.mark.parametrize("x", [-30.0, -0.2, 0.0, 2.5, 100.0])
def test_an_exponential_and_a_cosine(x):
    assert evaluate("hyp1f1", 1.5, 1.5, x) == pytest.approx((math.exp(x), math.exp(x)), rel=1e-15)
    assert evaluate("hyp0f1", 0.5, -x * x / 4)[0] == pytest.approx(math.cos(x), abs=1e-15)


def test_a_polynomial_goes_on_beyond_the_singularity():
    assert evaluate("hyp2f1", -2.0, 1.0, 2.0, 3.0) == pytest.approx((1 - 3 + 3, -1 + 2 * 3 * 1 / 3 * 1), rel=1e-15)


def test_edges():
    assert evaluate("hyp2f1", 1.0, 1.0, 2.0, 1.0)[0] == np.inf
    assert evaluate("hyp2f1", 0.5, 0.25, 2.0, 1.0)[0] == pytest.approx(float(mp.hyp2f1(0.5, 0.25, 2, 1)), rel=1e-15)
    assert np.isnan(evaluate("hyp2f1", 1.0, 0.5, 1.5, 1.5)[0])  # complex
    assert np.isnan(evaluate("hyp2f1", 1.0, 0.5, 1.5, np.nan)[0])


def test_zeros_and_constants():
    """1F1(3; 2; z) = exp(z)·(1 + z/2), and what has 0 for a first parameter is 1."""
    assert evaluate("hyp1f1", 3.0, 2.0, -2.0) == pytest.approx((0.0, math.exp(-2) / 2), rel=1e-15)
    assert evaluate("hyp1f1", 3.0, 2.0, -3.0)[1] == 0.0
    assert evaluate("hyp1f1", 3.0, 2.0, -2.0 + 2.0**-50)[0] == pytest.approx(math.exp(-2) * 2.0**-51, rel=1e-15)
    assert evaluate("hyp2f1", 2.0, -1.0, 1.0, 0.5) == (0.0, -2.0)
    assert evaluate("hyp1f1", 0.0, 1.0, 800.0) == (1.0, 0.0)
    assert evaluate("hyp2f1", 0.0, 1.0, 0.5, 1.0) == (1.0, 0.0)


def test_it_takes_arrays_that_broadcast():
    from gradjury.engine import REGISTRY

    z = np.array([[-0.5, 0.25, 0.5]])
    value = REGISTRY["hyp2f1"].forward(np.float64(1.0), np.array([[0.5], [1.0]]), 1.5, z)
    assert value.shape == (2, 3)
    assert value[0, 1] == pytest.approx(math.atanh(0.5) / 0.5, rel=1e-15)


@pytest.mark.parametrize(
    ("a", "b", "c", "z"),
    [
        (1, 2, 1, 3.0),
        (2, 3, 1, 3.0),
        (3, 54, 4, 693.88),
        (2, 2.5, 0.5, 1.25),
        (4.25, 3, 2.25, 40.0),
        (5, 7, 3, 1 + 2.0**-40),
    ],
)
def test_rational_functions_beyond_one(a, b, c, z):
    """Times a power of 1 − z they are polynomials (DLMF 15.8.1), as derivatives by differences of such are."""
    if (c - b) > 0 or (c - b) != int(c - b):
        a, b = b, a

    def exact(x):
        terms = [
            mp.rf(c - a, k) * mp.rf(c - b, k) / mp.rf(c, k) / mp.factorial(k) * x**k for k in range(int(b - c) + 1)
        ]
        return (1 - x) ** int(c - a - b) * mp.fsum(terms)

    with mp.workdps(200):
        value, slope = exact(mp.mpf(z)), mp.diff(exact, mp.mpf(z), h=mp.mpf(10) ** -60)
    found = evaluate("hyp2f1", float(a), float(b), float(c), z)
    assert found == pytest.approx((float(value), float(slope)), rel=3e-15)


@pytest.mark.parametrize("parameters", [(1, 1, 2), (3, 2, 4), (0.5, 1.5, 1.5), (0.5, 0.25, 1)])
def test_others_are_complex_beyond_one(parameters):
    assert np.isnan(evaluate("hyp2f1", *map(float, parameters), 3.0)[0])
