"""Exponentials and logarithms against mpmath."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..accuracy import check

TYPES = [np.float64, np.float32]


def _logaddexp(a, b):
    # log1p of what exp(a) + exp(b) has beyond 1, in digits enough for the cancellation
    with mp.workdps(120):
        high, low = max(a, b), min(a, b)
        if low - high < -2000:
            return high
        return high + mp.log1p(mp.exp(low - high))


def _share(a, b):
    return 1 / (1 + mp.exp(b - a)) if b - a < 10**6 else mp.mpf(0)


def _ldexp(x, n):
    return mp.ldexp(x, int(n))


FORMULAS = {
    "exp": (mp.exp, [mp.exp]),
    "expm1": (mp.expm1, [mp.exp]),
    "exp2": (lambda x: mp.power(2, x), [lambda x: mp.log(2) * mp.power(2, x)]),
    "log": (mp.log, [lambda x: 1 / x]),
    "log1p": (mp.log1p, [lambda x: 1 / (1 + x)]),
    "log2": (lambda x: mp.log(x) / mp.log(2), [lambda x: 1 / (x * mp.log(2))]),
    "log10": (mp.log10, [lambda x: 1 / (x * mp.log(10))]),
    "logaddexp": (_logaddexp, [_share, lambda a, b: _share(b, a)]),
    "xlogy": (
        lambda a, b: None if b < 0 else a * mp.log(b),
        [lambda a, b: None if b < 0 else mp.log(b), lambda a, b: None if b < 0 else a / b],
    ),
    "ldexp": (_ldexp, [lambda x, n: mp.ldexp(1, int(n))]),
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_digits(name, dtype):
    value, partials = FORMULAS[name]
    check(name, value, partials, dtype=dtype)


def test_xlogy_at_0():
    xlogy = REGISTRY["xlogy"]
    with np.errstate(all="ignore"):
        assert xlogy.forward(np.float64(0), np.float64(0)) == 0.0
        assert xlogy.derivative(np.float64(0), np.float64(0), np.float64(0)) == (-np.inf, 0.0)


@pytest.mark.parametrize(
    ("a", "b", "shares"), [(1e17, 1e17, (0.5, 0.5)), (800.0, 0.0, (1.0, 0.0)), (1e308, -1e308, (1.0, 0.0))]
)
def test_logaddexp_shares(a, b, shares):
    a, b = np.float64(a), np.float64(b)
    with np.errstate(all="ignore"):
        found = REGISTRY["logaddexp"].derivative(a, b, REGISTRY["logaddexp"].forward(a, b))
    assert found == pytest.approx(shares, abs=1e-300)


def test_logaddexp_where_its_terms_cancel():
    half = np.float64(-0.6931471805599453)  # log(1/2), rounded
    with np.errstate(all="ignore"):
        points = REGISTRY["logaddexp"].forward(np.array([half, 1.0]), np.array([half, 2.0]))
        assert REGISTRY["logaddexp"].forward(half, half) == points[0]
    assert points[0] == pytest.approx(2.319046813846299e-17, rel=1e-15)
    assert points[1] == pytest.approx(2.313261687518223, rel=1e-15)
