"""Activations against mpmath, both tails included; ties as declared."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..accuracy import check

TYPES = [np.float64, np.float32]


def _sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x > -(10**6) else mp.mpf(0)


def _softplus(x):
    if abs(x) > 10**6:
        return x if x > 0 else mp.mpf(0)
    return x + mp.log1p(mp.exp(-x)) if x > 0 else mp.log1p(mp.exp(x))


def _cdf(x):
    if abs(x) > 10**6:
        return mp.mpf(x > 0)
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) if abs(x) < 10**6 else mp.mpf(0)


def _silu_slope(x):
    return _sigmoid(x) * (1 + x * _sigmoid(-x))


def _squash(x):
    """tanh(softplus(x)) and its derivative."""
    if abs(x) > 10**6:
        return mp.mpf(x > 0), mp.mpf(0)
    with mp.workdps(700):
        square = (1 + mp.exp(x)) ** 2
        return (square - 1) / (square + 1), 4 * square * _sigmoid(x) / (square + 1) ** 2


def _selu(x):
    scale, alpha = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")
    return scale * x if x > 0 else scale * alpha * mp.expm1(x)


def _selu_slope(x):
    scale, alpha = mp.mpf("1.0507009873554804934193349852946"), mp.mpf("1.6732632423543772848170429916717")
    return scale if x > 0 else scale * alpha * mp.exp(x)


FORMULAS = {
    "sigmoid": (_sigmoid, [lambda x: _sigmoid(x) * _sigmoid(-x)]),
    "logsigmoid": (lambda x: -_softplus(-x), [lambda x: _sigmoid(-x)]),
    "softplus": (_softplus, [_sigmoid]),
    "relu": (lambda x: max(x, 0), [lambda x: mp.mpf(x > 0)]),
    "leaky_relu": (lambda x, s: x if x > 0 else s * x, [lambda x, s: 1 if x > 0 else s]),
    "elu": (lambda x, a: x if x > 0 else a * mp.expm1(x), [lambda x, a: 1 if x > 0 else a * mp.exp(x)]),
    "selu": (_selu, [_selu_slope]),
    "gelu": (lambda x: x * _cdf(x), [lambda x: _cdf(x) + x * _density(x)]),
    "silu": (lambda x: x * _sigmoid(x), [_silu_slope]),
    "mish": (lambda x: x * _squash(x)[0], [lambda x: _squash(x)[0] + x * _squash(x)[1]]),
    "softsign": (lambda x: x / (1 + abs(x)), [lambda x: 1 / (1 + abs(x)) ** 2]),
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_digits(name, dtype):
    value, partials = FORMULAS[name]
    # gelu, silu and mish have a minimum: beside it the rounding of x alone moves f' by |x f''| ulps.
    hollow = name in ("gelu", "silu", "mish")
    conditioning = (lambda x: x * mp.diff(partials[0], x) if abs(x) < 3 else 0) if hollow else None
    check(name, value, partials, dtype=dtype, conditioning=conditioning)


@pytest.mark.parametrize(
    ("name", "consts", "slope"),
    [
        ("relu", {}, 0.5),
        ("leaky_relu", {"slope": 0.01}, 0.505),
        ("elu", {"alpha": 1.0}, 1.0),
        ("elu", {"alpha": 3.0}, 2.0),
        ("selu", {}, (1.0507009873554805 + 1.7580993408473766) / 2),
    ],
)
def test_ties_have_the_mean_slope(name, consts, slope):
    x = np.float64(0)
    assert REGISTRY[name].derivative(x, REGISTRY[name].forward(x, **consts), **consts) == pytest.approx(
        slope, rel=1e-15
    )


@pytest.mark.parametrize(
    ("name", "x", "truth"),
    [
        ("mish", -400.0, -7.6606778797e-172),
        ("gelu", -9.0, -9.1389281e-18),
        ("sigmoid", -710.0, 4.476286226e-309),
    ],
)
def test_tails_are_not_flushed(name, x, truth):
    with np.errstate(all="ignore"):
        assert REGISTRY[name].forward(np.float64(x)) == pytest.approx(truth, rel=1e-3)
