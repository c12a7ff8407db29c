"""Error functions against Arb: values and derivatives within the declared k; edges by name."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from ..special_truth import assert_within, evaluate

NAMES = ["erf", "erfc", "erfi", "erfinv"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


def test_tails_end_in_their_limits():
    assert evaluate("erfc", 30.0) == (0.0, 0.0)
    assert evaluate("erfc", np.inf)[0] == 0.0
    assert evaluate("erf", -np.inf)[0] == -1.0
    assert evaluate("erfi", 1e300) == (np.inf, np.inf)
    assert evaluate("erfinv", 1.0) == (np.inf, np.inf)


def test_the_tail_of_erfc_keeps_every_digit():
    with mp.workdps(40):
        for x in (5.3, 11.7, 20.1, 26.4):
            value, slope = evaluate("erfc", x)
            assert value == pytest.approx(float(mp.erfc(x)), rel=4e-16 * 2)
            assert slope == pytest.approx(float(-2 / mp.sqrt(mp.pi) * mp.exp(-(mp.mpf(x) ** 2))), rel=8e-16)
