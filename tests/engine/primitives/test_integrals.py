"""Integral functions against Arb: values and derivatives within the declared k; edges by name."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..special_truth import assert_within, evaluate

NAMES = ["Ei", "li", "expint", "Si", "Ci", "Shi", "Chi", "fresnels", "fresnelc", "LambertW"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", NAMES)
def test_within_the_declared_ulps(name, dtype):
    assert_within(name, dtype)


def test_at_0():
    assert evaluate("Si", 0.0) == (0.0, 1.0)
    assert evaluate("Shi", 0.0) == (0.0, 1.0)
    assert evaluate("Shi", 5e-324)[1] == 1.0
    assert evaluate("LambertW", 0.0) == (0.0, 1.0)
    assert evaluate("fresnels", 0.0) == (0.0, 0.0)
    assert evaluate("fresnelc", 0.0) == (0.0, 1.0)
    assert evaluate("expint", 3.0, 0.0)[0] == 0.5
    assert evaluate("expint", 1.0, 0.0)[0] == np.inf


def test_the_integrands_of_fresnel_are_exact_where_they_vanish():
    assert evaluate("fresnelc", 1.0)[1] == 0.0
    assert evaluate("fresnels", 2.0**40)[1] == 0.0
    assert evaluate("fresnelc", 2.0**60 + 2.0**10)[1] == 1.0
    assert evaluate("fresnels", 1e300)[0] == 0.5


@pytest.mark.parametrize("x", [3.7, 41.3, 12345.678, 3.3e7, 8.8e9, 1.7e14])
def test_the_phase_of_fresnel_keeps_its_digits(x):
    with mp.workdps(60):
        turn = mp.pi * mp.mpf(x) ** 2 / 2
        assert evaluate("fresnels", x)[1] == pytest.approx(float(mp.sin(turn)), rel=1e-15)
        assert evaluate("fresnelc", x)[1] == pytest.approx(float(mp.cos(turn)), rel=1e-15)


@pytest.mark.parametrize("x", [11.0, 1001.0, 99999999.0])
def test_fresnel_at_whole_numbers(x):
    """Where the cosine is 0 a rounded phase would cost 1/(πx)."""
    with mp.workdps(60):
        assert evaluate("fresnelc", x)[0] == pytest.approx(float(mp.fresnelc(x)), rel=4e-16)
        assert evaluate("fresnels", x)[0] == pytest.approx(float(mp.fresnels(x)), rel=4e-16)


@pytest.mark.parametrize("name", ["Ei", "Shi", "Chi"])
def test_slopes_do_not_overflow_before_the_functions(name):
    value, slope = evaluate(name, 716.0)
    assert slope == pytest.approx(value, rel=2 / 716)


@pytest.mark.parametrize(("name", "x"), [("Ci", -1.0), ("Chi", -1.0), ("li", -1.0), ("LambertW", -0.5)])
def test_outside_the_domain_there_is_no_real_value(name, x):
    assert np.isnan(evaluate(name, x)[0])


def test_a_logarithm_of_size_700_costs_no_digits():
    with mp.workdps(40):
        for x in (1e-300, 3.7e-250, 1e250, 1.3e300):
            assert evaluate("li", x)[0] == pytest.approx(float(mp.li(x)), rel=1e-15)


@pytest.mark.parametrize("name", ["Shi", "Chi"])
@pytest.mark.parametrize("x", [711.0, 716.2, 716.5, 717.0])
def test_half_of_what_exceeds_the_floats_is_a_float(name, x):
    with mp.workdps(40):
        truth = float(getattr(mp, name.lower())(mp.mpf(x)))
    with np.errstate(over="ignore"):
        assert REGISTRY[name].forward(np.float64(x)) == pytest.approx(truth, rel=1e-15)
