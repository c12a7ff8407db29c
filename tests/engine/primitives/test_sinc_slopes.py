"""Slopes of sin(x)/x beside their zeros against mpmath in 60 digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradjury.engine import REGISTRY

UNITS = {"sinc": lambda: mp.mpf(1), "normalized_sinc": lambda: +mp.pi}


def _root(n: int) -> mp.mpf:
    """tan z = z between nπ and (n + ½)π, by bisection."""
    return mp.findroot(lambda z: mp.sin(z) - z * mp.cos(z), (n * mp.pi + 1, (n + 0.5) * mp.pi), solver="anderson")


@pytest.mark.parametrize("name", UNITS)
@given(
    n=st.integers(1, 40) | st.integers(1, 10**8),
    away=st.floats(1e-17, 0.3) | st.integers(0, 3),
    sign=st.sampled_from([-1, 1]),
)
def test_beside_every_zero_all_digits_are_right(name, n, away, sign):
    primitive = REGISTRY[name]
    with mp.workdps(60):
        unit = UNITS[name]()
        zero = float(_root(n) / unit)
        x = np.float64(sign * (zero + (away * np.spacing(zero) if isinstance(away, int) else away)))
        z = mp.mpf(float(x)) * unit
        truth = (mp.cos(z) - mp.sin(z) / z) / z * unit
        found = primitive.derivative(x, primitive.forward(x))
        assert abs(found - truth) <= 6 * mp.mpf(2) ** -52 * abs(truth)
    among = np.array([[0.3, x], [2.0, 1e10]])
    np.testing.assert_array_equal(primitive.derivative(among, primitive.forward(among))[0, 1], found)


@pytest.mark.parametrize("name", UNITS)
def test_floats_of_32_bits_stay_such(name):
    primitive = REGISTRY[name]
    x = np.float32([4.4934096, 1.4302967, 0.0, np.inf, np.nan])
    with np.errstate(all="ignore"):
        found = primitive.derivative(x, primitive.forward(x))
    assert found.dtype == np.float32
