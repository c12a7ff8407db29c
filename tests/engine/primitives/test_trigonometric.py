"""Circular functions against mpmath."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..accuracy import check

TYPES = [np.float64, np.float32]


def _root(x):
    return mp.sqrt((abs(x) - 1) * (abs(x) + 1))


def _slope_at_edge(x, root):
    return mp.inf if root == 0 else 1 / root


def _asin_slope(x):
    return _slope_at_edge(x, mp.sqrt((1 - x) * (1 + x)))


def _asec_slope(x):
    return _slope_at_edge(x, abs(x) * _root(x))


def _acot(x):
    return mp.pi / 2 if x == 0 else mp.atan(1 / x)


def _sinc(x):
    return mp.mpf(1) if x == 0 else mp.sin(x) / x


def _sinc_slope(x):
    if abs(x) < mp.mpf("1e-20"):
        return -x / 3 + x**3 / 30
    with mp.workdps(120):
        return (mp.cos(x) - mp.sin(x) / x) / x


def _normalized(x):
    return mp.mpf(1) if x == 0 else mp.sinpi(x) / (mp.pi * x)


def _normalized_slope(x):
    if abs(x) < mp.mpf("1e-20"):
        return -(mp.pi**2) * x / 3
    with mp.workdps(120):
        return (mp.cospi(x) - mp.sinpi(x) / (mp.pi * x)) / x


FORMULAS = {
    "sin": (mp.sin, [mp.cos]),
    "cos": (mp.cos, [lambda x: -mp.sin(x)]),
    "tan": (mp.tan, [lambda x: 1 + mp.tan(x) ** 2]),
    "sec": (mp.sec, [lambda x: mp.sec(x) * mp.tan(x)]),
    "csc": (mp.csc, [lambda x: -mp.cos(x) / mp.sin(x) ** 2]),
    "cot": (mp.cot, [lambda x: -1 / mp.sin(x) ** 2]),
    "asin": (mp.asin, [_asin_slope]),
    "acos": (mp.acos, [lambda x: -_asin_slope(x)]),
    "atan": (mp.atan, [lambda x: 1 / (1 + x * x)]),
    "acot": (_acot, [lambda x: -1 / (1 + x * x)]),
    "asec": (lambda x: mp.atan2(_root(x), mp.sign(x)), [_asec_slope]),
    "acsc": (lambda x: mp.atan2(mp.sign(x), _root(x)), [lambda x: -_asec_slope(x)]),
    "atan2": (
        mp.atan2,
        [lambda a, b: b / (a * a + b * b), lambda a, b: -a / (a * a + b * b)],
    ),
    "sinc": (_sinc, [_sinc_slope]),
    "normalized_sinc": (_normalized, [_normalized_slope]),
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_digits(name, dtype):
    value, partials = FORMULAS[name]
    check(name, value, partials, dtype=dtype)


def test_acot_jumps_at_0():
    with np.errstate(all="ignore"):
        below, zero, minus_zero, above = REGISTRY["acot"].forward(np.array([-1e-300, 0.0, -0.0, 1e-300]))
    assert (below, zero, minus_zero, above) == (-np.pi / 2, np.pi / 2, np.pi / 2, np.pi / 2)


def test_sinc_and_its_slope_at_0():
    for name in ("sinc", "normalized_sinc"):
        with np.errstate(all="ignore"):
            assert REGISTRY[name].forward(np.float64(0)) == 1.0
            assert REGISTRY[name].derivative(np.float64(0), np.float64(1)) == 0.0


def test_normalized_sinc_is_exactly_0_at_integers():
    assert np.all(
        REGISTRY["normalized_sinc"].forward(np.array([1.0, -2.0, 1e5, 12607031.0, 4503599627370497.0])) == 0.0
    )


def test_atan2_takes_minus_0_for_0():
    assert REGISTRY["atan2"].forward(np.float64(-0.0), np.float64(-2.0)) == np.pi
    assert REGISTRY["atan2"].forward(np.float64(0.0), np.float64(-0.0)) == 0.0


def test_atan2_far_from_and_near_the_origin():
    with np.errstate(all="ignore"):
        a, b = np.array([1e160, 1e-170, 3.0]), np.array([1e160, 1e-170, -4.0])
        by_a, by_b = REGISTRY["atan2"].derivative(a, b, np.arctan2(a, b))
    np.testing.assert_allclose(by_a, [5e-161, 5e169, -0.16], rtol=1e-15)
    np.testing.assert_allclose(by_b, [-5e-161, -5e169, -0.12], rtol=1e-15)
