"""mpmath over arrays: shapes, types, and what has no number."""

from __future__ import annotations

import math
import subprocess
import sys

import mpmath
import numpy as np
import pytest

from gradjury.engine.primitives.mpmath_arrays import CONTEXT, number_by_number


def test_arrays_broadcast_and_keep_their_type():
    found = number_by_number(CONTEXT.hypot, np.float32([[3.0], [5.0]]), np.float32([4.0, 12.0]))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.hypot([[3.0], [5.0]], [4.0, 12.0]).astype(np.float32))
    assert number_by_number(CONTEXT.sqrt, np.float64(2.0)) == math.sqrt(2.0)


def test_what_has_no_number():
    found = number_by_number(CONTEXT.log, np.array([-1.0, np.nan, np.inf, 1.0]))
    np.testing.assert_array_equal(found, [np.nan, np.nan, np.nan, 0.0])
    assert number_by_number(lambda x: 1 / x, np.array(0.0)) == np.inf
    assert number_by_number(CONTEXT.exp, np.array(1e4)) == np.inf


def test_the_precision_that_a_user_sets_changes_nothing():
    with mpmath.workdps(3):
        assert number_by_number(CONTEXT.exp, np.float64(1.0)) == math.e


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("hyp1f1", (-1e17, 0.5, 0.5)),
        ("hyp1f1", (-1e6, -1e-10, 1e10)),
        ("hyp1f1", (1e-10, -3.0, -1e10)),
        ("hyp2f1", (1e6, 1e6, 2.0, 30.0)),
        ("hyp0f1", (1e6, -1e17)),
        ("polylog", (-1e10, 0.5)),
        ("polylog", (999.5, -1e305)),
        ("zeta", (-1e6, 30.0)),
        ("uppergamma", (-1e300, 0.5)),
    ],
)
def test_what_takes_mpmath_for_ever_comes_to_an_end(name, at):
    code = f"from gradjury.engine import REGISTRY; REGISTRY[{name!r}].forward(*{at})"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)
