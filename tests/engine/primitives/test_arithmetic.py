"""The four operations and the change of sign against mpmath."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from ..accuracy import check

ONE = mp.mpf(1)

FORMULAS = {
    "add": (lambda a, b: a + b, [lambda a, b: ONE, lambda a, b: ONE]),
    "sub": (lambda a, b: a - b, [lambda a, b: ONE, lambda a, b: -ONE]),
    "mul": (lambda a, b: a * b, [lambda a, b: b, lambda a, b: a]),
    "div": (lambda a, b: a / b, [lambda a, b: 1 / b, lambda a, b: -a / b**2]),
    "neg": (lambda x: -x, [lambda x: -ONE]),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FORMULAS)
def test_digits(name, dtype):
    value, partials = FORMULAS[name]
    check(name, value, partials, dtype=dtype, value_ulps=1, derivative_ulps=2)
