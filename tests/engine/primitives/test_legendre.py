"""Incomplete elliptic integrals: by m against Arb within the declared k, all derivatives against mpmath."""

from __future__ import annotations

import itertools
import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradjury.engine import REGISTRY

from ..special_truth import assert_within, evaluate

FUNCTIONS = {"elliptic_f": mp.ellipf, "elliptic_e_incomplete": mp.ellipe, "elliptic_pi": mp.ellippi}
AMPLITUDES = (1e-9, 0.4, -1.3, math.pi / 2, 2.9, -11.0)
PARAMETERS = (-1e4, -0.7, 0.0, 1e-12, 0.5, 0.999)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


def _all(name, *at):
    """Value and gradient in doubles."""
    primitive, numbers = REGISTRY[name], tuple(map(np.float64, at))
    with np.errstate(all="ignore"):
        value = primitive.forward(*numbers)
        return [float(value), *map(float, primitive.derivative(*numbers, value))]


def _exact(name, *at):
    """Value and gradient by mpmath, which knows neither formula."""
    function = FUNCTIONS[name]
    with mp.workdps(50):
        numbers = [mp.mpf(x) for x in at]
        found = [mp.re(function(*numbers))]
        for k, x in enumerate(numbers):
            moved = lambda t, k=k: mp.re(function(*numbers[:k], t, *numbers[k + 1 :]))  # noqa: E731
            found.append(mp.diff(moved, x, h=mp.mpf(10) ** -17 * max(abs(x), 1)))
        return [float(x) for x in found]


@pytest.mark.parametrize("name", ["elliptic_f", "elliptic_e_incomplete"])
def test_gradients_against_mpmath(name):
    for phi, m in itertools.product(AMPLITUDES, PARAMETERS):
        assert _all(name, phi, m) == pytest.approx(_exact(name, phi, m), rel=2e-13, abs=1e-25), (phi, m)


@pytest.mark.parametrize("n", [-30.0, -0.4, 0.0, 0.3, 0.5, 0.97])
def test_the_third_kind_against_mpmath(n):
    for phi, m in ((0.4, -0.7), (1.2, 0.5), (-2.9, 0.3), (0.8, 1.2)):
        assert _all("elliptic_pi", n, phi, m) == pytest.approx(_exact("elliptic_pi", n, phi, m), rel=2e-13), (phi, m)


@pytest.mark.parametrize("phi", [0.1, 0.5, 0.7])
def test_parameters_above_1_up_to_the_branch_point(phi):
    for m in (1.0, 1.5, 1 / math.sin(phi) ** 2 * (1 - 1e-6)):
        for name in ("elliptic_f", "elliptic_e_incomplete"):
            # 1 − m·sin² has as many digits fewer as m is near to the branch point
            assert _all(name, phi, m) == pytest.approx(_exact(name, phi, m), rel=1e-9), (name, m)
    beyond = 1.01 / math.sin(phi) ** 2
    assert all(np.isnan(evaluate(name, phi, beyond)[0]) for name in ("elliptic_f", "elliptic_e_incomplete"))
    assert np.isnan(_all("elliptic_pi", 0.2, phi, beyond)[0])


def test_where_the_formulas_of_the_derivatives_are_0_over_0():
    """Left out of the proofs of the rules: SymPy finds no limits there."""
    for name, at in (("elliptic_f", (0.7, 0.0)), ("elliptic_f", (0.7, 1.0)), ("elliptic_e_incomplete", (0.7, 0.0))):
        assert _all(name, *at) == pytest.approx(_exact(name, *at), rel=1e-14), (name, at)
    for at in ((0.0, 0.7, 0.4), (0.4, 0.7, 0.4), (1.0, 0.7, 0.4), (0.3, 0.7, 1.0), (0.0, 0.7, 0.0)):
        assert _all("elliptic_pi", *at) == pytest.approx(_exact("elliptic_pi", *at), rel=1e-13), at


def test_a_path_past_a_pole_has_no_value():
    assert np.isnan(_all("elliptic_f", 2.0, 1.5)[0])
    assert np.isnan(_all("elliptic_pi", 1.2, 2.0, 0.5)[0])
    assert np.isnan(_all("elliptic_pi", 3.0, 1.0, 0.5)[0])


@pytest.mark.parametrize(
    ("name", "phi", "m", "value", "by_m"),
    [  # by mpmath at 60 digits
        ("elliptic_f", 1e155, -1e300, None, 1.1006330114613566e-293),
        ("elliptic_f", 1.0, -1.7e308, None, 0.0),
        ("elliptic_e_incomplete", 1.7e308, -1.0, None, -3.2417289948827059e307),
        ("elliptic_e_incomplete", 1e-160, 1.7e308, 9.9999999999971666e-161, None),
        ("elliptic_e_incomplete", 1e-160, -1.7e308, 1.0000000000002833e-160, None),
    ],
)
def test_the_ends_of_the_floats(name, phi, m, value, by_m):
    found = _all(name, phi, m)
    if value is not None:
        assert found[0] == pytest.approx(value, rel=1e-15)
    if by_m is not None:
        assert found[2] == pytest.approx(by_m, rel=1e-14)


@given(st.floats(-1.5, 1.5))
def test_elementary_cases(phi):
    assert evaluate("elliptic_f", phi, 0.0)[0] == pytest.approx(phi, rel=1e-15)
    assert evaluate("elliptic_e_incomplete", phi, 1.0)[0] == pytest.approx(math.sin(phi), rel=1e-15)
    assert evaluate("elliptic_f", phi, 1.0)[0] == pytest.approx(math.asinh(math.tan(phi)), rel=1e-14, abs=1e-300)


@given(st.floats(-3, 0.99), st.floats(0.01, 20))
def test_half_turns_add_complete_integrals(m, phi):
    """Each half turn adds twice the complete integral (DLMF 19.2.10)."""
    for name, complete in (("elliptic_f", "elliptic_k"), ("elliptic_e_incomplete", "elliptic_e")):
        whole = 2 * evaluate(complete, m)[0]
        more = evaluate(name, phi + math.pi, m)[0] - evaluate(name, phi, m)[0]
        # π is rounded in the argument, and 1/√(1 − m) is the steepest slope
        assert more == pytest.approx(whole, rel=1e-13, abs=1e-13 * (1 + abs(phi)) / math.sqrt(1 - m)), name


@pytest.mark.parametrize("quarters", [-3, -1, 1, 3, 5])
@pytest.mark.parametrize("n", [-30.0, -0.7, 0.0, 0.5])
def test_derivatives_of_the_third_kind_at_whole_quarter_turns(quarters, n):
    """The nearest floats are on either side of the turn, and the complete integral enters once for each quarter."""
    phi, m = quarters * math.pi / 2, 0.3
    one = _all("elliptic_pi", n, 1.5, m), _all("elliptic_pi", n, math.pi - 1.5, m)
    found = _all("elliptic_pi", n, phi, m)
    for k in (1, 3):  # by n and by m: two of these make a half turn, that is two quarters
        assert found[k] == pytest.approx(quarters * (one[0][k] + one[1][k]) / 2, rel=1e-13)
