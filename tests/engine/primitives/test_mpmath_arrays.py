"""mpmath over arrays: shapes, types, and what has no number."""

from __future__ import annotations

import math
import subprocess
import sys
import threading

import mpmath
import numpy as np
import pytest

from gradjury.engine.primitives.mpmath_arrays import BITS, CONTEXT, number_by_number
from gradjury.verifier.timelimit import TimeIsUp


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


def test_the_precision_that_a_user_sets_changes_no_coefficient():
    # in a process of its own: coefficients are computed once
    code = """
import mpmath, numpy as np
mpmath.mp.dps = 3
from gradjury.engine import REGISTRY
print(*map(float, REGISTRY["polylog"].forward(2.0, np.array([-8.0, -0.8, 0.8]))))
"""
    ran = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    with mpmath.workdps(40):
        truth = [float(mpmath.polylog(2, x)) for x in (-8, mpmath.mpf(-0.8), mpmath.mpf(0.8))]
    np.testing.assert_allclose([float(word) for word in ran.stdout.split()], truth, rtol=1e-15)


def test_one_thread_computes_at_a_time():
    seen, switch = set(), sys.getswitchinterval()

    def compute(x):
        CONTEXT.prec += 10
        seen.add(CONTEXT.prec)
        for _ in range(200):  # long enough for another thread to get its turn
            x = x + 1
        seen.add(CONTEXT.prec)
        CONTEXT.prec -= 10
        return x

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=number_by_number, args=(compute, np.arange(50.0))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switch)
    assert seen == {BITS + 10}


def test_an_interrupt_leaves_nothing_to_the_next_number():
    def interrupted(x):
        CONTEXT.prec += 1000
        raise TimeIsUp

    with pytest.raises(TimeIsUp):
        number_by_number(interrupted, np.float64(1.0))
    assert number_by_number(lambda x: CONTEXT.mpf(CONTEXT.prec), np.float64(1.0)) == BITS


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


def test_a_polylogarithm_takes_the_same_values_of_zeta_at_each_argument():
    found = []

    def count(frame, event, argument):
        if event == "call" and frame.f_code.co_name == "mpf_zeta":
            found.append(frame)

    def polylog(x):
        sys.setprofile(count)
        try:
            return number_by_number(CONTEXT.polylog, np.float64(0.375), np.float64(x))
        finally:
            sys.setprofile(None)

    assert polylog(0.95) == pytest.approx(float(mpmath.polylog(0.375, 0.95)), rel=1e-15)
    assert len(found) > 20  # or mpmath has another way, and none of them need be kept
    found.clear()
    assert polylog(0.96) == pytest.approx(float(mpmath.polylog(0.375, 0.96)), rel=1e-15)
    assert not found
