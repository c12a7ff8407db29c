"""Powers against mpmath, ties and zero bases as declared."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..accuracy import check

TYPES = [np.float64, np.float32]


def _powc(x, c):
    if x == 0 or (x < 0 and c != int(c)):
        return None
    return mp.power(x, c)


def _powc_slope(x, c):
    if x == 0 or (x < 0 and c != int(c)):
        return None
    return c * mp.power(x, c - 1)


FORMULAS = {
    "powc": (_powc, [_powc_slope]),
    "pow": (
        lambda a, b: mp.power(a, b),
        [lambda a, b: b * mp.power(a, b - 1), lambda a, b: mp.power(a, b) * mp.log(a)],
    ),
    "sqrt": (mp.sqrt, [lambda x: 1 / (2 * mp.sqrt(x))]),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), [lambda x: 1 / (3 * mp.cbrt(abs(x)) ** 2)]),
    "square": (lambda x: x * x, [lambda x: 2 * x]),
    "reciprocal": (lambda x: 1 / x, [lambda x: -1 / x**2]),
    "hypot": (mp.hypot, [lambda a, b: a / mp.hypot(a, b), lambda a, b: b / mp.hypot(a, b)]),
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_digits(name, dtype):
    value, partials = FORMULAS[name]
    check(name, value, partials, dtype=dtype)


def _partials(name, *arguments, **consts):
    rule = REGISTRY[name]
    with np.errstate(all="ignore"):
        arguments = [np.float64(a) for a in arguments]
        derivative = rule.derivative(*arguments, rule.forward(*arguments, **consts), **consts)
    return tuple(float(d) for d in derivative) if isinstance(derivative, tuple) else float(derivative)


@pytest.mark.parametrize(
    ("c", "slope"),
    [
        (0.0, 0.0),
        (0.3, np.inf),
        (0.5, np.inf),
        (1.0, 1.0),
        (1.5, 0.0),
        (2.0, 0.0),
        (3.5, 0.0),
        (-1.0, -np.inf),
    ],
)
def test_constant_power_at_0(c, slope):
    assert _partials("powc", 0.0, c=np.float64(c)) == slope


def test_constant_power_of_negative_base():
    assert _partials("powc", -2.0, c=np.float64(3)) == 12.0
    assert _partials("powc", -2.0, c=np.float64(-1)) == -0.25
    assert np.isnan(_partials("powc", -2.0, c=np.float64(0.5)))


@pytest.mark.parametrize(
    ("b", "slope"), [(0.0, 0.0), (0.3, np.inf), (0.5, np.inf), (1.0, 1.0), (1.5, 0.0), (2.0, 0.0), (5.0, 0.0)]
)
def test_general_power_at_0(b, slope):
    by_base, by_exponent = _partials("pow", 0.0, b)
    assert by_base == slope
    assert by_exponent == 0.0 if b > 0 else np.isnan(by_exponent)


def test_general_power_of_negative_base():
    by_base, by_exponent = _partials("pow", -2.0, 3.0)
    assert by_base == 12.0
    assert np.isnan(by_exponent)


def test_powers_whose_value_underflows_or_overflows():
    assert _partials("powc", 1e-200, c=np.float64(2)) == 2e-200
    assert _partials("pow", 1e-155, 2.5)[0] == pytest.approx(2.5 * 1e-155**1.5, rel=1e-15)
    assert _partials("pow", 1 + 2.0**-40, 7.9e14)[1] == pytest.approx(
        float(mp.mpf(1 + 2.0**-40) ** 7.9e14 * 2.0**-40), rel=1e-9
    )


def test_hypot_at_the_origin_and_beyond_the_largest_float():
    assert _partials("hypot", 0.0, 0.0) == (0.0, 0.0)
    assert _partials("hypot", 1.5e308, 1.5e308) == pytest.approx((0.5**0.5, 0.5**0.5), rel=1e-15)
    assert _partials("hypot", 5e-324, 5e-324) == pytest.approx((0.5**0.5, 0.5**0.5), rel=1e-15)


@pytest.mark.parametrize("name", ["sqrt", "cbrt"])
def test_roots_are_infinitely_steep_at_0(name):
    assert _partials(name, 0.0) == np.inf
