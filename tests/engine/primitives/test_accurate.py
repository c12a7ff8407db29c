"""Helpers that several rules share, against mpmath in 60 digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY, Execution, trace
from gradjury.engine.primitives import accurate

POINTS = [0.0, 1e-200, 1e-9, 0.3, 1.0, 2.7182818, 5.4321, 11.1111, 19.87, 25.99, 26.55]


@pytest.mark.parametrize(
    ("name", "sign"),
    [("exp_minus_square", -1), ("exp_square", 1)],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_exponentials_of_squares_keep_their_digits(name, sign, dtype):
    info = np.finfo(dtype)
    for given in POINTS:
        x = dtype(given)
        with np.errstate(all="ignore"):
            found = getattr(accurate, name)(np.array([x, -x]))
        assert found.dtype == dtype
        with mp.workdps(60):
            truth = mp.exp(sign * mp.mpf(float(x)) ** 2)
        if truth > float(info.max):
            assert np.all(np.isinf(found))
        else:
            allowed = 3 * float(info.eps) * float(truth) + 2 * float(info.smallest_subnormal)
            assert np.all(np.abs(found.astype(float) - float(truth)) <= allowed), (name, x)


def test_exponentials_of_huge_squares():
    far = np.array([1e300, -np.inf])
    assert np.array_equal(accurate.exp_minus_square(far), [0.0, 0.0])
    with np.errstate(over="ignore"):
        assert np.array_equal(accurate.exp_square(far), [np.inf, np.inf])
    assert np.isnan(accurate.exp_minus_square(np.float64("nan")))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_half_turns_of_square_are_exact(dtype):
    draw = np.random.default_rng(5)
    x = np.concatenate([10.0 ** draw.uniform(-3, 15, 300), [1.0, 3.0, 2.0**26 + 1, 94906267.0, 2.0**53 + 2]])
    x = x.astype(dtype)
    sign, rest = accurate.half_turns_of_square(x)
    assert rest.dtype == dtype
    assert np.all(np.abs(rest) <= 1)
    for value, s, r in zip(x, sign, rest, strict=True):
        square = int(value) ** 2 if value == int(value) else None
        with mp.workdps(80):
            exact = mp.mpf(float(value)) ** 2 if square is None else mp.mpf(square)
            turns = mp.nint(exact / 2)
            remainder = exact - 2 * turns
            if abs(abs(remainder) - 1) > 1e-6:  # at ±1 either neighbour will do
                assert s == (-1) ** int(turns), value
                assert abs(float(r) - remainder) <= np.finfo(dtype).eps * abs(remainder), value


def test_rules_that_name_other_functions_can_be_traced():
    tape = trace(lambda x: accurate.evaluate(REGISTRY["besselj"], 1.5, x) + accurate.exp_minus_square(x))
    execution = Execution(tape)
    execution.forward({"x": 0.7})
    with mp.workdps(40):
        slope = mp.besselj(1.5, 0.7, derivative=1) - 2 * mp.mpf(0.7) * mp.exp(-(mp.mpf(0.7) ** 2))
    assert execution.reverse()["x"] == pytest.approx(float(slope), rel=1e-14)


def test_pick_records_the_branch_that_counts():
    tape = trace(lambda x: accurate.pick(np.bool_(True), x * x, 1.0 / x))
    assert tape.nodes[tape.output].primitive.name == "mul"
    tape = trace(lambda x: accurate.pick(np.bool_(False), x * x, 1.0 / x))
    assert tape.nodes[tape.output].primitive.name == "div"
    assert np.array_equal(accurate.pick(np.array([True, False]), 1.0, 2.0), [1.0, 2.0])
