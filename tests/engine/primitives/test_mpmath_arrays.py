"""mpmath over arrays: shapes, types, and what has no number."""

from __future__ import annotations

import math

import mpmath
import numpy as np

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
