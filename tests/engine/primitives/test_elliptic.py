"""Complete elliptic integrals against Arb: values and derivatives within the declared k; edges by name."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from ..special_truth import assert_within, evaluate

NAMES = ["elliptic_k", "elliptic_e"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


@pytest.mark.parametrize("m", [-50.0, -1.5, -0.6, -0.59, -0.3, -1e-9, 0.0, 1e-9, 0.3, 0.59, 0.6, 0.8, 0.999])
def test_slopes_against_mpmath(m):
    with mp.workdps(50):
        for name, function in (("elliptic_k", mp.ellipk), ("elliptic_e", mp.ellipe)):
            assert evaluate(name, m)[1] == pytest.approx(float(mp.diff(function, m)), rel=4e-15), name


def test_slopes_at_the_end_of_the_domain():
    assert evaluate("elliptic_k", 1.0)[0] == np.inf
    assert evaluate("elliptic_e", 1.0) == (1.0, -np.inf)
    assert np.isnan(evaluate("elliptic_e", 1.5)[0])
