"""Airy functions against Arb: values and derivatives within the declared k; edges by name."""

from __future__ import annotations

import numpy as np
import pytest

from ..special_truth import assert_within, evaluate

NAMES = ["airyai", "airyaiprime", "airybi", "airybiprime"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


def test_far_out():
    assert evaluate("airyai", 1e300) == (0.0, 0.0)
    assert evaluate("airybi", 1e300) == (np.inf, np.inf)
    assert abs(evaluate("airyai", -1e300)[0]) < 1e-40


@pytest.mark.parametrize("x", [-2e6, -1e4, -10.2, -3.0, 0.4, 1.5, 6.0, 80.0, 102.0])
def test_wronskian(x):
    """Ai Bi′ − Ai′ Bi = 1/π."""
    ai, ai_slope = evaluate("airyai", x)
    bi, bi_slope = evaluate("airybi", x)
    assert ai * bi_slope - ai_slope * bi == pytest.approx(1 / np.pi, rel=1e-12)


def test_the_second_derivative_is_x_times_the_function():
    assert evaluate("airyaiprime", -3.25)[1] == -3.25 * evaluate("airyai", -3.25)[0]
    assert evaluate("airybiprime", 2.5)[1] == 2.5 * evaluate("airybi", 2.5)[0]
