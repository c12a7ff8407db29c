"""Sines and cosines by the tangent, against mpmath: ordinary and huge arguments, and beside the zeros of either."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY
from gradjury.engine.primitives import vectorised

#: Units of 2**-52 that a quotient or a product of two functions with half a unit each may be off.
UNITS = 1.3


def _arguments() -> np.ndarray:
    rng = np.random.default_rng(7)
    quarters = np.r_[1:200, rng.integers(1, 10**9, 100)]
    zeros = np.array([float(int(n) * mp.pi / 2) for n in quarters])
    beside = [zeros, np.nextafter(zeros, np.inf), np.nextafter(zeros, -np.inf), zeros * (1 + 1e-9)]
    ordinary = [rng.uniform(-10, 10, 600), 10 ** rng.uniform(-300, 300, 300), rng.uniform(0, 2.2e-308, 20)]
    return np.concatenate([*beside, *ordinary, [0.0, -0.0]])


@pytest.mark.parametrize(("name", "truth"), [("sin", mp.cos), ("cos", lambda x: -mp.sin(x))])
@pytest.mark.parametrize("fast", [True, False])
def test_derivatives_of_long_arrays(name, truth, fast, monkeypatch):
    monkeypatch.setattr(vectorised, "IN_VECTORS", fast)
    x = _arguments()
    assert x.size >= vectorised.LONG
    primitive = REGISTRY[name]
    with mp.workprec(1200), np.errstate(all="ignore"):
        found = primitive.derivative(x, primitive.forward(x))
        for number, argument in zip(found.tolist(), x.tolist(), strict=True):
            exact = truth(mp.mpf(argument))
            assert abs(number - exact) <= UNITS * 2.0**-52 * abs(exact), argument


def test_where_there_is_no_number_there_is_no_derivative():
    x = np.full(vectorised.LONG, np.inf)
    x[1] = np.nan
    with np.errstate(all="ignore"):
        assert np.isnan(REGISTRY["sin"].derivative(x, np.sin(x))).all()
        assert np.isnan(REGISTRY["cos"].derivative(x, np.cos(x))).all()


def test_numpy_is_believed_about_its_vectors():
    assert vectorised._in_vectors("add") in (True, False)
    assert not vectorised._in_vectors("no_such_function")
