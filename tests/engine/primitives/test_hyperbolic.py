"""Hyperbolic functions against mpmath."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..accuracy import check

TYPES = [np.float64, np.float32]


def _sinh(x):
    return mp.expm1(2 * x) / (2 * mp.exp(x)) if abs(x) < 1 else mp.sinh(x)


def _edge(root):
    return mp.inf if root == 0 else 1 / root


def _asinh(x):
    size = abs(x)
    return mp.sign(x) * mp.log1p(size + size * size / (1 + mp.sqrt(1 + size * size)))


def _acosh(x):
    t = x - 1
    return mp.log1p(t + mp.sqrt(t * (t + 2)))


def _atanh(x):
    return (mp.log1p(x) - mp.log1p(-x)) / 2


def _acoth(x):
    return mp.sign(x) * mp.log1p(2 / (abs(x) - 1)) / 2


def _asech(x):
    return mp.log1p(mp.sqrt((1 - x) * (1 + x))) - mp.log(x)


FORMULAS = {
    "sinh": (_sinh, [mp.cosh]),
    "cosh": (mp.cosh, [_sinh]),
    "tanh": (lambda x: _sinh(x) / mp.cosh(x), [lambda x: 1 / mp.cosh(x) ** 2]),
    "sech": (lambda x: 1 / mp.cosh(x), [lambda x: -_sinh(x) / mp.cosh(x) ** 2]),
    "csch": (lambda x: 1 / _sinh(x), [lambda x: -mp.cosh(x) / _sinh(x) ** 2]),
    "coth": (lambda x: mp.cosh(x) / _sinh(x), [lambda x: -1 / _sinh(x) ** 2]),
    "asinh": (_asinh, [lambda x: 1 / mp.sqrt(1 + x * x)]),
    "acosh": (_acosh, [lambda x: _edge(mp.sqrt((x - 1) * (x + 1)))]),
    "atanh": (_atanh, [lambda x: 1 / ((1 - x) * (1 + x))]),
    "acoth": (_acoth, [lambda x: 1 / ((1 - x) * (1 + x))]),
    "asech": (_asech, [lambda x: -_edge(x * mp.sqrt((1 - x) * (1 + x)))]),
    "acsch": (lambda x: _asinh(1 / x), [lambda x: -1 / (abs(x) * mp.sqrt(1 + x * x))]),
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_digits(name, dtype):
    value, partials = FORMULAS[name]
    check(name, value, partials, dtype=dtype)


def test_tails_that_textbook_formulas_lose():
    with np.errstate(all="ignore"):
        tanh = REGISTRY["tanh"].derivative(np.float64(20), np.float64(1))
        sech = REGISTRY["sech"].forward(np.float64(800))
        acosh = REGISTRY["acosh"].derivative(np.float64(1), np.float64(0))
    assert tanh == pytest.approx(1.6993417021166355e-17, rel=1e-15)
    assert sech == 0.0
    assert acosh == np.inf
