"""The comparison itself: it must find what is planted, and let pass what is within the permitted error."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from .accuracy import check, excess
from .primitives import test_activations, test_hyperbolic, test_powers, test_trigonometric

FORMULAS = test_powers.FORMULAS | test_trigonometric.FORMULAS | test_hyperbolic.FORMULAS | test_activations.FORMULAS
NAMES = ["sqrt", "pow", "tan", "atan2", "tanh", "acosh", "softplus", "elu"]


def _planted(monkeypatch, name, part, fault):
    rule = getattr(REGISTRY[name], part)

    def faulty(*arguments, **consts):
        result = rule(*arguments, **consts)
        return (fault(result[0]), *result[1:]) if isinstance(result, tuple) else fault(result)

    monkeypatch.setattr(REGISTRY[name], part, staticmethod(faulty))


FAULTS = {
    "sign": lambda d: -d,
    "12 digits": lambda d: d * (1 + 1e-12),
    "wrong at one point": lambda d: np.where(np.arange(len(d)) == 7, d * (1 + 1e-9), d),
    "nan at one point": lambda d: np.where(np.arange(len(d)) == 7, np.nan, d),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", NAMES)
def test_a_planted_fault_in_a_rule_is_found(monkeypatch, name, fault):
    _planted(monkeypatch, name, "derivative", FAULTS[fault])
    with pytest.raises(AssertionError, match=rf"partial 0 of {name}\("):
        check(name, *FORMULAS[name])


def test_a_planted_fault_in_a_value_is_found(monkeypatch):
    _planted(monkeypatch, "sqrt", "forward", FAULTS["wrong at one point"])
    with pytest.raises(AssertionError, match=r"sqrt\("):
        check("sqrt", *FORMULAS["sqrt"])


def test_a_result_of_the_wrong_precision_is_found(monkeypatch):
    _planted(monkeypatch, "sqrt", "forward", lambda y: y.astype(np.float64))
    with pytest.raises(AssertionError, match="sqrt of float32 is float64"):
        check("sqrt", *FORMULAS["sqrt"], dtype=np.float32)


ULP = 2.0**-52


@pytest.mark.parametrize(
    ("found", "truth", "right"),
    [
        (1.0, 1, True),
        (1.0 + 4 * ULP, 1, True),
        (1.0 + 5 * ULP, 1, False),
        (np.nan, 1, False),
        (np.inf, 1, False),
        (np.inf, mp.inf, True),
        (-np.inf, mp.inf, False),
        (1e308, mp.inf, False),
        (np.inf, mp.mpf(10) ** 400, True),
        (-np.inf, mp.mpf(10) ** 400, False),
        (1.7e308, mp.mpf(10) ** 400, False),
        (5e-324, 0, True),
        (1e-300, 0, False),
        (0.0, mp.mpf(10) ** -400, True),
        (0.0, mp.mpf(10) ** -300, False),
    ],
)
def test_permitted_errors(found, truth, right):
    assert (excess(found, mp.mpf(truth), 4, 0, np.float64) <= 1) is right


def test_the_slack_widens_what_is_permitted():
    assert excess(8 * ULP, mp.mpf(0), 4, 0, np.float64) > 1
    assert excess(8 * ULP, mp.mpf(0), 4, 2, np.float64) <= 1
