"""Derivatives of derivatives against mpmath, at arguments of every size: next to the ends of the floats and beyond."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY, Execution, gradient, trace
from gradjury.engine.primitives.accurate import evaluate
from gradjury.verifier.reading.reader import read

LARGEST, SMALLEST, TINY = 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308
SIZES = [SMALLEST, 3e-310, TINY, 1e-200, 1e-50, 1e-20, 1e-3, 0.5, 0.9987, 1.25, 3.0, 7.5, 26.0, 27.5, 64.0, 100.0]
LONG = [*SIZES, 355.0, 700.0, 711.0, 716.5, 717.0, 740.0, 800.0, 1e4, 1e100, LARGEST]


def again(text, x, dtype=np.float64):
    """The second derivative of a text of x by the engine."""
    tape = read(text)
    slope = trace(lambda x: gradient(tape, {"x": x}, dtype)[1]["x"], ("x",))
    return gradient(slope, {"x": np.array([x], dtype)}, dtype)[1]["x"][0]


def assert_near(found, truth, ulps, dtype=np.float64):
    """Within so many units in the last place, or an infinity where the truth is beyond the floats."""
    limits, exactly = np.finfo(dtype), mp.mpf(truth)
    assert not np.isnan(found)
    if abs(exactly) > mp.mpf(float(limits.max)):
        assert np.isinf(found) or abs(found) > 0.99 * limits.max
        assert np.sign(found) == mp.sign(exactly)
    else:
        room = ulps * (float(limits.eps) * abs(exactly) + mp.mpf(float(limits.smallest_subnormal)))
        assert abs(mp.mpf(float(found)) - exactly) <= room, (found, mp.nstr(exactly, 20))


def _gaussian(sign, factor):
    return lambda x: factor * 4 * sign * x / mp.sqrt(mp.pi) * mp.exp(sign * x * x)


def _gamma(sign, s):
    return lambda x: sign * (s - 1 - x) * x ** (s - 2) * mp.exp(-x)


def _of_hyperbolic(f, g):
    return lambda x: f(x) / x - g(x) / x**2


CLOSED = {
    "erf(x)": (_gaussian(-1, 1), [*SIZES, LARGEST]),
    "erfc(x)": (_gaussian(-1, -1), [*SIZES, LARGEST]),
    "erfi(x)": (_gaussian(1, 1), SIZES),
    "Ei(x)": (lambda x: (x - 1) / x**2 * mp.exp(x), LONG),
    "li(x)": (lambda x: -1 / (mp.log(x) ** 2 * x), LONG),
    "Chi(x)": (_of_hyperbolic(mp.sinh, mp.cosh), LONG),
    "Shi(x)": (_of_hyperbolic(mp.cosh, mp.sinh), [x for x in LONG if x > 1e-30]),
    "lowergamma(1, x)": (_gamma(1, 1), LONG),
    "lowergamma(2, x)": (_gamma(1, 2), LONG),
    "lowergamma(20, x)": (_gamma(1, 20), LONG),
    "uppergamma(1/2, x)": (_gamma(-1, mp.mpf(0.5)), LONG),
    "uppergamma(7, x)": (_gamma(-1, 7), LONG),
    "fresnels(x)": (lambda x: mp.pi * x * mp.cos(mp.pi * x * x / 2), [1e-200, 0.5, 3.25, 26.5, 1e5, 2.0**53, 1e100]),
    "fresnelc(x)": (lambda x: -mp.pi * x * mp.sin(mp.pi * x * x / 2), [1e-100, 0.5, 3.25, 26.5, 1e5 + 0.5]),
}


@pytest.mark.parametrize("text", CLOSED)
def test_second_derivatives_of_integrals(text):
    formula, points = CLOSED[text]
    for x in points:
        with mp.workdps(700 if "fresnel" in text or x < 1e-200 else 80):
            truth = formula(mp.mpf(x))
        assert_near(again(text, x), truth, 12)


@pytest.mark.parametrize("s", [1, 2, 5, 20])
def test_second_derivatives_of_incomplete_gamma_functions_left_of_0(s):
    for x in [-TINY, -1e-100, -1e-8, -0.5, -30.0, -700.0, -712.0, -800.0, -1e5]:
        with mp.workdps(80):
            truth = _gamma(1, s)(mp.mpf(x))
        assert_near(again(f"lowergamma({s}, x)", x), truth, 12)
        assert_near(again(f"uppergamma({s}, x)", x), -truth, 12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "c", [0.3, 1.1, -0.1, 0.25, -0.25, 0.5, 1.5, -1.0, 3.0, 2.0**-40, 1.0 + 2.0**-30, -100.5, 1e17]
)
def test_powers_of_exponents_that_are_floats(c, dtype):
    """The exponents of derivatives need not be floats: 0.3 − 1 is rounded."""
    c, limits = float(dtype(c)), np.finfo(dtype)
    least = [] if c > 1e16 else [limits.smallest_subnormal, limits.tiny]
    for x in [*least, 1e-20, 1e-5, 0.75, 1.0, 1.5, 37.0, 1e10, limits.max]:
        function, x = trace(lambda x: x**c, ("x",)), dtype(x)
        slope = trace(lambda x, f=function: gradient(f, {"x": x}, dtype)[1]["x"], ("x",))
        with mp.workdps(60):
            exactly, power = mp.mpf(float(x)), mp.mpf(c)
            truth = power * exactly ** (power - 1), power * (power - 1) * exactly ** (power - 2)
        first, second = gradient(slope, {"x": x}, dtype)
        ulps = 6 if abs(c) < 1e3 else 16
        assert_near(first, truth[0], ulps, dtype)
        assert_near(second["x"], truth[1], ulps, dtype)
        assert_near(gradient(function, {"x": x}, dtype)[1]["x"], truth[0], ulps, dtype)


@pytest.mark.parametrize("c", [1.0, 2.0, 3.0, -1.0, 7.0, 1e17])
def test_powers_of_negative_numbers_and_of_0(c):
    function = trace(lambda x: x**c, ("x",))
    slope = trace(lambda x: gradient(function, {"x": x})[1]["x"], ("x",))
    for x in [-1.0, -1.5, -1e-3]:
        with mp.workdps(60):
            truth = mp.mpf(c) * (mp.mpf(c) - 1) * mp.mpf(x) ** (mp.mpf(c) - 2)
        assert_near(gradient(slope, {"x": x})[1]["x"], truth, 16)
    if c > 0:
        assert gradient(slope, {"x": 0.0})[1]["x"] == (2.0 if c == 2.0 else 0.0)


@pytest.mark.parametrize("s", [-2.0, 0.0, 0.5, 2.0, 6.5, 7.0, 12.5, 20.0])
@pytest.mark.parametrize("z", [-1e3, -3.0, -1.1, -0.75, -0.4987, 1e-9, 0.3, 0.6, 0.99])
def test_second_and_third_derivatives_of_polylogarithms(s, z):
    with mp.workdps(60):
        order, x = mp.mpf(s), mp.mpf(z)
        values = [mp.re(mp.polylog(order - k, x)) for k in (1, 2, 3)]
        second, third = (values[1] - values[0]) / x**2, (values[2] - 3 * values[1] + 2 * values[0]) / x**3
    tape = trace(lambda x: evaluate(REGISTRY["polylog"], s, x), ("x",))
    for truth in (second, third):
        tape = trace(lambda x, f=tape: gradient(f, {"x": x})[1]["x"], ("x",))
        assert_near(gradient(tape, {"x": z})[1]["x"], truth, 16)


def test_a_polylogarithm_of_order_1_or_less_has_no_limit_at_its_branch_point():
    for s in (0.25, 0.5, 0.999):
        assert REGISTRY["polylog"].forward(np.float64(s), np.float64(1.0)) == np.inf


def test_a_factor_of_each_has_its_derivative_too():
    """As in sweeps of third order, where the factor of the second is a variable."""
    for text, formula in [
        ("erfi(x)", lambda x: (4 + 8 * x * x) / mp.sqrt(mp.pi) * mp.exp(x * x)),
        ("erf(x)", lambda x: (8 * x * x - 4) / mp.sqrt(mp.pi) * mp.exp(-x * x)),
        ("uppergamma(4, x)", lambda x: -(6 - 6 * x + x * x) * x * mp.exp(-x)),
        ("Ei(x)", lambda x: (x * x - 2 * x + 2) / x**3 * mp.exp(x)),
        ("li(x)", lambda x: (2 / mp.log(x) + 1) / (x * mp.log(x)) ** 2),
        ("x**2.5", lambda x: mp.mpf(15) / 8 / mp.sqrt(x)),
    ]:
        tape = read(text)
        for _ in range(2):
            tape = trace(lambda x, f=tape: gradient(f, {"x": x})[1]["x"], ("x",))
        for x in (0.25, 1.75, 3.0, 20.0):
            execution = Execution(tape)
            execution.forward({"x": x})
            with mp.workdps(50):
                truth = formula(mp.mpf(x))
            assert_near(execution.reverse()["x"], truth, 40)
            assert_near(execution.tangent({"x": 1.0}), truth, 40)


@pytest.mark.parametrize("phi", [0.001, 0.5, -1.2, 2.0])
@pytest.mark.parametrize("m", [-3.0, -1e-9, 0.3, 0.5, 0.9, 0.999])
def test_second_and_third_derivatives_of_elliptic_integrals_by_their_parameters(phi, m):
    for text, function in [
        (f"elliptic_f({phi}, x)", lambda x: mp.ellipf(phi, x)),
        (f"elliptic_e({phi}, x)", lambda x: mp.ellipe(phi, x)),
        (f"elliptic_pi(0.25, {phi}, x)", lambda x: mp.ellippi(0.25, phi, x)),
        (f"elliptic_pi(x, {phi}, 0.25)", lambda x: mp.ellippi(x, phi, 0.25)),
    ]:
        tape = read(text)
        for order in (2, 3):
            slopes = trace(lambda x, f=tape: gradient(f, {"x": x})[1]["x"], ("x",))
            with mp.workdps(70):
                truth = mp.diff(function, mp.mpf(m), order, h=mp.mpf(10) ** -15)
            found, tape = gradient(slopes, {"x": m})[1]["x"], slopes
            assert found == pytest.approx(float(truth), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "function", "x"),
    [
        ("(1 + x)**x", lambda x: (1 + x) ** x, 0.0),
        ("(2 + x)**(x*x)", lambda x: (2 + x) ** (x * x), 0.0),
        ("(2 + x)**(x*x)", lambda x: (2 + x) ** (x * x), 1.0),
        ("x**x", lambda x: x**x, 1.0),
        ("xlogy(x, x + 2)", lambda x: x * mp.log(x + 2), 0.0),
        ("xlogy(x*x, cos(x) + x)", lambda x: x * x * mp.log(mp.cos(x) + x), 0.0),
    ],
)
def test_what_a_rule_says_at_one_point_has_a_slope_too(text, function, x):
    """A slope that is 0 at exponent 0, or at factor 0, is not 0 beside it."""
    tape = read(text)
    for order in (2, 3, 4):
        tape = trace(lambda x, f=tape: gradient(f, {"x": x})[1]["x"], ("x",))
        with mp.workdps(60):
            truth = float(mp.diff(function, mp.mpf(x), order, h=mp.mpf(10) ** -12))
        assert gradient(tape, {"x": x})[1]["x"] == pytest.approx(truth, rel=1e-12)


@pytest.mark.parametrize("m", [-1e8, -1e10, -1e15, -1e30])
def test_second_derivatives_of_elliptic_integrals_by_a_large_parameter(m):
    """The integrands have a peak of the width 1/√−m at 0."""
    for text, function in [
        ("elliptic_f(1/2, x)", lambda x: mp.ellipf(0.5, x)),
        ("elliptic_e(1/2, x)", lambda x: mp.ellipe(0.5, x)),
    ]:
        tape = read(text)
        slopes = trace(lambda x, f=tape: gradient(f, {"x": x})[1]["x"], ("x",))
        with mp.workdps(80):
            truth = mp.diff(function, mp.mpf(m), 2, h=abs(m) * mp.mpf(10) ** -15)
        assert gradient(slopes, {"x": m})[1]["x"] == pytest.approx(float(truth), rel=1e-12)
