"""Ball arithmetic: every function against mpmath, enclosure for all reals in a ball, nan where nothing is known."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.verifier.oracle import balls
from gradjury.verifier.oracle.meanings import EllipticD, EllipticG, PolylogQuotient, SinhQuotient, ZetaSlope
from gradjury.verifier.verify import verify

from ..truth import NotReal, contains, hurwitz_zeta, lower_gamma, real

CALM = settings(deadline=None, print_blob=True, max_examples=60)

ORDINARY = (-3.5, -0.75, -0.1, 0.3, 0.9, 2.0, 7.25)
POSITIVE = (0.1, 0.9, 1.5, 2.0, 7.25)
NEGATIVE = (-0.1, -0.75, -3.5, -70.25)
INSIDE = (-0.9, -0.3, 0.1, 0.8)
OUTSIDE = (-3.5, -1.5, 1.25, 6.0)


def _elliptic_d(m):
    return (mp.ellipk(m) - mp.ellipe(m)) / m


def _elliptic_g(phi, m):
    return _of_reals(lambda m: 2 * mp.diff(lambda t: _of_reals(mp.ellipf)(phi, t), m, h=mp.mpf(10) ** -25))(m)


def _of_reals(function):
    """A function of mpmath without the imaginary parts that its rounding gives some."""
    return lambda *arguments: mp.re(function(*arguments))


#: SymPy's function → mpmath's, and points; for several arguments the last one varies.
TABLE = {
    sp.exp: (mp.exp, ORDINARY),
    sp.log: (mp.log, POSITIVE),
    sp.sin: (mp.sin, ORDINARY),
    sp.cos: (mp.cos, ORDINARY),
    sp.tan: (mp.tan, ORDINARY),
    sp.sec: (mp.sec, ORDINARY),
    sp.csc: (mp.csc, ORDINARY),
    sp.cot: (mp.cot, ORDINARY),
    sp.asin: (mp.asin, INSIDE),
    sp.acos: (mp.acos, INSIDE),
    sp.atan: (mp.atan, ORDINARY),
    sp.acot: (lambda x: mp.atan(1 / x), ORDINARY),
    sp.asec: (lambda x: mp.acos(1 / x), OUTSIDE),
    sp.acsc: (lambda x: mp.asin(1 / x), OUTSIDE),
    sp.atan2: (mp.atan2, [(y, x) for y in (-2.0, 0.5) for x in (-3.0, 0.0, 0.25)]),
    sp.sinh: (mp.sinh, ORDINARY),
    sp.cosh: (mp.cosh, ORDINARY),
    sp.tanh: (mp.tanh, (*ORDINARY, 40.0)),
    sp.sech: (mp.sech, ORDINARY),
    sp.csch: (mp.csch, ORDINARY),
    sp.coth: (mp.coth, ORDINARY),
    sp.asinh: (mp.asinh, ORDINARY),
    sp.acosh: (mp.acosh, (1.25, 3.0)),
    sp.atanh: (mp.atanh, INSIDE),
    sp.asech: (mp.asech, (0.1, 0.9)),
    sp.acsch: (mp.acsch, ORDINARY),
    sp.acoth: (mp.acoth, OUTSIDE),
    sp.erf: (mp.erf, ORDINARY),
    sp.erfc: (mp.erfc, ORDINARY),
    sp.erfi: (mp.erfi, ORDINARY),
    sp.erfinv: (mp.erfinv, INSIDE),
    sp.gamma: (mp.gamma, ORDINARY),
    sp.loggamma: (mp.loggamma, POSITIVE),
    sp.polygamma: (mp.psi, [(n, x) for n in (0, 1, 3) for x in (-0.75, 0.3, 7.25)]),
    sp.besselj: (mp.besselj, [(n, x) for n in (0, 1, 2.5) for x in POSITIVE]),
    sp.bessely: (mp.bessely, [(n, x) for n in (0, 1, 2.5) for x in POSITIVE]),
    sp.besseli: (mp.besseli, [(n, x) for n in (0, 1, 2.5) for x in POSITIVE]),
    sp.besselk: (mp.besselk, [(n, x) for n in (0, 1, 2.5) for x in POSITIVE]),
    sp.airyai: (mp.airyai, ORDINARY),
    sp.airybi: (mp.airybi, ORDINARY),
    sp.airyaiprime: (lambda x: mp.airyai(x, derivative=1), ORDINARY),
    sp.airybiprime: (lambda x: mp.airybi(x, derivative=1), ORDINARY),
    sp.Ei: (mp.ei, ORDINARY),
    sp.li: (mp.li, (0.3, 0.9, 2.5)),
    sp.expint: (
        mp.expint,
        [(n, x) for n in (0, 1, 2, 3.5) for x in POSITIVE] + [(n, x) for n in (0, -1, -4) for x in NEGATIVE],
    ),
    sp.Si: (mp.si, ORDINARY),
    sp.Ci: (mp.ci, POSITIVE),
    sp.Shi: (mp.shi, ORDINARY),
    sp.Chi: (mp.chi, POSITIVE),
    sp.fresnels: (mp.fresnels, ORDINARY),
    sp.fresnelc: (mp.fresnelc, ORDINARY),
    sp.LambertW: (mp.lambertw, (-0.25, 0.3, 7.25)),
    sp.elliptic_k: (mp.ellipk, (-3.5, 0.3, 0.9)),
    sp.elliptic_e: (mp.ellipe, (-3.5, 0.3, 0.9)),
    EllipticD: (_elliptic_d, (-3.5, 0.3, 0.9)),
    EllipticG: (_elliptic_g, [(phi, m) for phi in (-0.7, 0.4, 1.3, 4.0) for m in (-3.5, 0.3, 0.9)]),
    sp.elliptic_f: (_of_reals(mp.ellipf), [(phi, m) for phi in (-0.7, 0.4, 1.3, 4.0) for m in (-3.5, 0.3, 0.9)]),
    sp.elliptic_pi: (
        _of_reals(mp.ellippi),
        [(n, phi, m) for n in (-2.5, 0.3) for phi in (-0.7, 1.3, 4.0) for m in (-3.5, 0.3, 0.9)],
    ),
    sp.polylog: (
        _of_reals(mp.polylog),
        [(s, z) for s in (-1, 0, 2, 3.5) for z in (-7.25, -0.3, 0.1, 0.9)]
        + [(s, z) for s in (0, -1, -4) for z in (1.5, 7.25, 1e10)],
    ),
    PolylogQuotient: (
        lambda s, z: _of_reals(mp.polylog)(s, z) / z,
        [(s, z) for s in (-1, 1, 2, 3.5) for z in (-7.25, -0.3, -1e-3, 0.1, 0.9)] + [(-1, 1.5), (-3, 7.25)],
    ),
    sp.zeta: (
        hurwitz_zeta,
        [(s, a) for s in (-1.5, 0.5, 2, 3.5) for a in POSITIVE]
        + [(s, a) for s in (0, -1, -4, 2, 3, 6) for a in NEGATIVE],
    ),
    ZetaSlope: (
        lambda s, a: s * hurwitz_zeta(s + 1, a) if s else mp.mpf(1),
        [(s, a) for s in (-1.5, 0, 2, 3.5) for a in POSITIVE] + [(s, a) for s in (0, -1, -4, 2, 3) for a in NEGATIVE],
    ),
    sp.lowergamma: (
        lower_gamma,
        [(s, x) for s in (0.5, 2, 3.5) for x in POSITIVE] + [(s, x) for s in (1, 2, 7) for x in NEGATIVE],
    ),
    sp.uppergamma: (
        lambda s, x: mp.gammainc(s, x),
        [(s, x) for s in (0.5, 2, 3.5) for x in POSITIVE] + [(s, x) for s in (1, 2, 7) for x in NEGATIVE],
    ),
    sp.sinc: (lambda x: mp.sin(x) / x, ORDINARY),
    SinhQuotient: (lambda x: mp.sinh(x) / x, ORDINARY),
}


def test_the_table_is_complete():
    assert set(TABLE) == set(balls.FUNCTIONS)


@pytest.mark.parametrize("head", TABLE, ids=lambda head: head.__name__)
def test_every_function_is_that_of_mpmath(head):
    function, points = TABLE[head]
    for point in points:
        arguments = point if isinstance(point, tuple) else (point,)
        with mp.workdps(80):
            truth = real(function, *map(mp.mpf, arguments))
        with balls.precision(200):
            ball = balls.FUNCTIONS[head](*map(arb, arguments))
        assert ball.rel_accuracy_bits() > 150, (point, ball)
        assert contains(ball, truth), (point, ball)


@CALM
@given(data=st.data(), head=st.sampled_from(sorted(TABLE, key=lambda head: head.__name__)))
def test_a_ball_goes_to_a_ball_that_holds_every_image(data, head):
    function, points = TABLE[head]
    point = data.draw(st.sampled_from(list(points)))
    *order, x = point if isinstance(point, tuple) else (point,)
    radius = 2.0 ** -data.draw(st.integers(1, 60))
    inside = x + radius * data.draw(st.floats(-1, 1))
    with mp.workdps(60):
        try:
            truth = real(function, *order, mp.mpf(inside))
        except NotReal:
            return  # outside the domain there is nothing to enclose
    ball = balls.FUNCTIONS[head](*map(arb, order), arb(x, radius))
    assert not ball.is_finite() or contains(ball, truth), (order, x, radius, inside, ball)
    # and it is no excuse: a narrow ball has a narrow image
    if radius < 2.0**-40:
        assert ball.is_finite()
        assert ball.rad() < 1e-6 * abs(ball).max(balls.ONE)


@pytest.mark.parametrize(
    ("head", "arguments"),
    [
        (sp.log, (-1.0,)),
        (sp.log, (0.0,)),
        (sp.asin, (1.5,)),
        (sp.acosh, (0.5,)),
        (sp.erfinv, (1.5,)),
        (sp.gamma, (-2.0,)),
        (sp.polygamma, (1.5, 2.0)),
        (sp.polygamma, (1.0, 0.0)),
        (sp.bessely, (0.0, -1.0)),
        (sp.besselj, (0.5, -1e160)),  # imaginary, and smaller than the ball of its real part
        (sp.besseli, (1.5, -1e-250)),
        (sp.uppergamma, (2.5, -1.0)),
        (sp.uppergamma, (0.0, -1.0)),
        (sp.uppergamma, (-1.0, -1e-250)),
        (sp.lowergamma, (0.5, -1.0)),
        (sp.expint, (1.0, -1.0)),
        (sp.expint, (-0.5, -1.0)),
        (sp.zeta, (2.5, -1.5)),
        (sp.zeta, (1.0, -1.5)),
        (sp.zeta, (3.0, -2.0)),
        (sp.zeta, (2.0, -1e300)),
        (sp.polylog, (1.0, 2.5)),
        (sp.polylog, (-0.5, 1e40)),
        (sp.polylog, (-1.0, 1.0)),
        (sp.elliptic_k, (1.5,)),
        (sp.LambertW, (-1.0,)),
    ],
    ids=str,
)
def test_outside_the_domain_nothing_is_known(head, arguments):
    assert balls.FUNCTIONS[head](*map(arb, arguments)).is_nan()


def test_wide_balls_of_bounded_functions_stay_bounded():
    assert contains(balls.FUNCTIONS[sp.tanh](arb(0, 50)), 1 - mp.mpf(2) ** -100)
    assert abs(balls.FUNCTIONS[sp.tanh](arb(0, 50))) < 1.001
    assert balls.FUNCTIONS[sp.erfinv](arb(0.5, 0.25)).contains(arb(0.7).erfinv())


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        (arb(0, 1), 2, 0, 1),
        (arb(0, 2), 3, -8, 8),
        (arb(-3, 1), 2, 4, 16),
        (arb(0.5), -2, 4, 4),
        (arb(2), 100, 2**100, 2**100),
        (arb(0, 0.5), 1, -0.5, 0.5),
        (arb(7), 0, 1, 1),
    ],
)
def test_powers_of_balls_around_zero(x, n, low, high):
    ball = balls.power(x, n)
    assert contains(ball, mp.mpf(low))
    assert contains(ball, mp.mpf(high))
    if n % 2 == 0:
        assert not ball < 0
        assert ball.lower() >= 0


def test_huge_exponents_are_computed_by_logarithms():
    with mp.workdps(60):
        assert contains(balls.power(arb(1.0000001), 10**9), mp.mpf(1.0000001) ** 10**9)
        near = arb(1.0000001, 1e-30)
        assert contains(balls.power(near, 10**9), mp.mpf(1.0000001) ** 10**9)
        assert contains(balls.power(-near, 10**9 + 1), -(mp.mpf(1.0000001) ** (10**9 + 1)))
        assert contains(balls.power(-near, 10**9), mp.mpf(1.0000001) ** 10**9)
    assert balls.power(arb(0, 0.5), 10**6 + 1).is_nan()  # of either sign: not told


def test_rational_powers_are_real_roots():
    with mp.workdps(60):
        assert contains(balls.rational_power(arb(2.5), 2, 3), mp.mpf(2.5) ** (mp.mpf(2) / 3))
    assert balls.rational_power(arb(0), 1, 3).is_zero()
    assert balls.rational_power(arb(0), 1, 3) is not balls.ZERO  # which ends a path: beside 0 a root is not 0
    assert balls.rational_power(arb(0), -1, 3).is_nan()
    assert balls.rational_power(arb(-1), 1, 3).is_nan()


@pytest.mark.parametrize(
    ("x", "y", "truth"),
    [
        (0.0, 0.0, 1),
        (0.0, 2.0, 0),
        (0.0, 0.5, 0),
        (0.0, -1.0, None),
        (0.0, -0.5, None),
        (-2.0, 3.0, -8),
        (-2.0, 0.5, None),
        (-2.0, -2.0, 0.25),
        (2.0, -1.0, 0.5),
        (-1.0, 1e300, 1),
        (-1.0, 1e17, 1),
        (1.0, float("inf"), None),
        (2.5, float("nan"), None),
    ],
)
def test_general_powers_have_their_exact_cases(x, y, truth):
    ball = balls.general_power(arb(x), arb(y))
    if truth is None:
        assert not ball.is_finite()
    else:
        assert ball.contains(arb(truth))
        assert ball.rad() < 1e-15


def test_a_general_power_of_balls():
    with mp.workdps(60):
        assert contains(balls.general_power(arb(1.5), arb(2.25)), mp.mpf(1.5) ** 2.25)
        assert contains(balls.general_power(arb(1.5, 1e-9), arb(2.25, 1e-9)), mp.mpf(1.5) ** 2.25)


@pytest.mark.parametrize(("left", "right"), [(1, 2), (2, 1), (1, 1)])
@pytest.mark.parametrize("relation", ["<", "<=", ">", ">=", "==", "!="])
def test_comparisons_are_told_apart_from_ties(relation, left, right):
    truth = {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
        "!=": left != right,
    }[relation]
    a, b = arb(left), arb(right)
    assert balls.holds(relation, a, b) is (None if left == right else truth)
    assert balls.holds_exactly(relation, a, b) is truth
    assert balls.holds(relation, arb(1, 2), arb(1)) is None
    assert balls.holds_exactly(relation, arb(1, 2), arb(1)) is None


@pytest.mark.parametrize(
    ("y", "x", "known"),
    [(0.0, 1.0, True), (0.0, -1.0, False), (0.0, 0.0, False), (1.0, 0.0, True), (-1e-9, -1.0, True)],
)
def test_atan2_knows_nothing_on_its_cut(y, x, known):
    ball = balls.atan2_off_the_cut(arb(y), arb(x))
    assert ball.is_finite() is known
    if known:
        with mp.workdps(60):
            assert contains(ball, mp.atan2(y, x))
    assert balls.atan2_off_the_cut(arb(0, 1e-9), arb(-1)).is_nan()


def test_constants_are_enclosed_at_every_precision():
    for bits in (64, 300):
        with balls.precision(bits), mp.workdps(120):
            assert contains(balls.constant(Fraction(1, 10)), mp.mpf(1) / 10)
            assert contains(balls.constant("pi"), mp.pi)
            assert contains(balls.constant("E"), mp.e)
            assert balls.constant("pi").rel_accuracy_bits() >= bits - 4
    assert balls.constant(Fraction(3, 4)).is_exact()
    assert balls.constant("nan").is_nan()
    assert balls.constant("inf") > 0
    assert balls.constant("-inf") < 0


def test_precision_is_restored_after_an_error():
    before = ctx.prec
    with contextlib.suppress(ZeroDivisionError), balls.precision(333):
        assert ctx.prec == 333
        raise ZeroDivisionError
    assert ctx.prec == before


@pytest.mark.parametrize(
    ("ball", "text"),
    [
        (arb(0.5), "0.5"),
        (arb("0.1"), "0.1"),
        (arb(0), "0"),
        (arb.nan(), "nan"),
        (arb.pos_inf(), "inf"),
        (arb.neg_inf(), "-inf"),
        (arb.pos_inf() - arb.pos_inf(), "nan"),
        (arb(0, arb.pos_inf()), "nan"),
    ],
)
def test_text_has_the_digits_that_are_known(ball, text):
    written = balls.as_text(ball)
    assert written == text or float(written) == float(text)


def test_text_never_shows_digits_that_are_not_known():
    with balls.precision(128):
        assert balls.as_text(arb(1) / 3, 20) == "0.33333333333333333333"
    written = balls.as_text(arb(1.25, 0.01), 20)
    assert len(written) <= 5
    assert abs(float(written) - 1.25) <= 0.1  # one unit of the last digit


def test_an_exponent_too_large_to_be_written_out():
    """exp(1e17) is an exact whole number of 10**17 bits: it must neither be counted out nor bring the process down."""
    huge = arb(1e17).expm1().mid()
    assert not balls.general_power(arb(1.25), huge).is_finite()
    assert balls.general_power(arb(-0.75), huge).contains(0)
    assert balls.general_power(arb(0), huge) == 0


def test_acot_at_its_jump():
    assert balls.acot(arb(0)).overlaps(arb.pi() / 2)
    across = balls.acot(arb(0, 0.5))
    assert all(across.contains(arb(value)) for value in (-1.57, 0, 1.57))
    assert balls.acot_off_zero(arb(0)).is_nan()
    assert balls.acot_off_zero(arb(2)).overlaps(arb(0.5).atan())


@pytest.mark.parametrize("m", [-3.5, 0.0, 0.9, 1.0, 2.5])
@pytest.mark.parametrize(
    ("head", "leading"), [(sp.elliptic_f, 1), (sp.elliptic_e, 1), (EllipticD, 3), (EllipticG, 3)], ids=lambda h: str(h)
)
def test_elliptic_integrals_of_an_amplitude_around_0(head, leading, m):
    """They are φ, or φ³/3, to the leading order; a power of a ball around 0 is nan in Arb."""
    radius = 2.0**-40
    ball = balls.FUNCTIONS[head](arb(0, radius), arb(m))
    assert ball.is_finite()
    assert ball.contains(0)
    assert ball.rad() < 4 * radius**leading


@pytest.mark.parametrize("function", [sp.elliptic_f, sp.elliptic_e, EllipticD, EllipticG])
def test_an_amplitude_with_more_digits_than_memory_may_have_says_nothing(function):
    """Arb writes out how many turns it has, and ended the process."""
    endless = arb(2) ** arb(2) ** 70
    for amplitude in (endless, -endless, endless - endless):
        assert not balls.FUNCTIONS[function](amplitude, arb(0.3)).is_finite()


@pytest.mark.parametrize("x", [1e3, 2e4, 1e6, 1e8, 1e15])
def test_erfc_keeps_its_digits_on_balls_far_out(x):
    with balls.precision(256):
        argument = arb(x) / arb(2).sqrt()
        ball = balls.FUNCTIONS[sp.erfc](argument)
        quotient = (-(argument**2)).exp() / (argument * arb.pi().sqrt()) / ball
        # the first terms of the expansion at infinity, between which it lies
        assert 1 < quotient < 1 + 1 / arb(x) ** 2 + arb(2) ** -100
    assert ball.rel_accuracy_bits() > 100


@pytest.mark.parametrize(("s", "x"), [(1000.0, 1000.0), (1e4, 9.5e3), (400.5, 380.25)])
def test_a_lower_gamma_function_of_a_large_order(s, x):
    with mp.workdps(60):
        truth = mp.gamma(s) - mp.gammainc(s, x)
    with balls.precision(200):
        ball = balls.FUNCTIONS[sp.lowergamma](arb(s), arb(x))
    assert ball.rel_accuracy_bits() > 80
    assert contains(ball, truth)


@pytest.mark.parametrize(("s", "z"), [(3.5, -0.75), (150.0, -0.75), (200.0, 0.75), (350.0, -1e30)])
def test_a_polylogarithm_of_a_large_order_is_its_argument_and_little_more(s, z):
    with mp.workdps(60):
        truth = mp.fsum(mp.mpf(z) ** k / mp.mpf(k) ** s for k in range(1, 4 if abs(z) > 1 else 500))
        quotient = truth / mp.mpf(z)
    with balls.precision(128):
        assert contains(balls.FUNCTIONS[sp.polylog](arb(s), arb(z)), truth)
        assert contains(balls.FUNCTIONS[PolylogQuotient](arb(s), arb(z)), quotient)


@pytest.mark.parametrize("n", [1, 2, 5, 50, 299])
@pytest.mark.parametrize("x", [-63.75, -64.25, -65.5, -66.001, -700.3])
def test_polygamma_left_of_zero_is_its_sum_over_the_poles(n, x):
    """ψₙ(x) = ψₙ(x + N) − (−1)ⁿ·n!·Σ (x + k)⁻ⁿ⁻¹ (DLMF 5.15.5)."""
    with mp.workdps(900):
        shift = int(-x) + 30
        poles = mp.fsum((mp.mpf(x) + k) ** (-n - 1) for k in range(shift))
        truth = mp.polygamma(n, x + shift) - (-1) ** n * mp.factorial(n) * poles
        with balls.precision(192):
            found = balls.FUNCTIONS[sp.polygamma](arb(n), arb(x))
            wide = balls.FUNCTIONS[sp.polygamma](arb(n), arb(x) + arb(0, 2.0**-60))
            assert found.rel_accuracy_bits() > 100
            near = arb(mp.nstr(truth, 80))
            assert wide.overlaps(near)
            assert abs(found / near - 1) < 2.0**-100


@pytest.mark.parametrize("x", [-15816051.024221947, -1442690367.175837, -1e12 - 0.5])
def test_polygamma_far_left_of_zero_is_the_slope_of_digamma(x):
    with mp.workdps(80):
        truth = mp.diff(mp.digamma, mp.mpf(x))
        with balls.precision(128):
            found = balls.FUNCTIONS[sp.polygamma](arb(1), arb(x))
            assert abs(found - arb(mp.nstr(truth, 40))) < 1e-30 * abs(found)


def test_polygamma_has_poles_far_left_of_zero():
    assert balls.FUNCTIONS[sp.polygamma](arb(1), arb(-1e6)).is_nan()


GAUSS = sp.hyper(sp.symbols("a b"), sp.symbols("c,"), sp.Symbol("z"))


@pytest.mark.parametrize("z", [0.8, 0.97, 0.99, -38.0, -300.0])
@pytest.mark.parametrize("whole", [(2.0, 1.75, 2.75), (3.0, 1.75, 2.75), (-1.5, 2.5, 0.5625), (2.0, 0.5, -1.75)])
def test_gausss_function_of_rounded_parameters_whose_differences_may_be_whole(z, whole):
    """Of exact parameters, at the ends of their balls, mpmath knows the function without those differences' trouble."""
    gauss, _ = balls.call(GAUSS)
    rounded = [arb(v, 2.0**-52 * abs(v)) for v in (*whole, z)]
    found = gauss(*rounded)
    assert found.rel_accuracy_bits() > 30
    with mp.workdps(60):
        for signs in [(0, 0, 0, 0), (1, -1, 1, -1), (-1, 1, 1, 1), (1, 1, -1, 0)]:
            at = [mp.mpf(v) * (1 + s * mp.mpf(2) ** -52) for v, s in zip((*whole, z), signs, strict=True)]
            assert found.overlaps(arb(mp.nstr(mp.hyp2f1(*at), 40)))


@pytest.mark.parametrize(("parameters", "z"), [(("4/3", "5/3", "3"), "97/100"), (("1/3", "4/3", "7/10"), "-38")])
def test_gausss_function_of_fractions_has_its_digits_at_once(parameters, z):
    """Of parameters whose differences are whole, but are so in no binary fraction, Arb takes seconds for 20 digits."""
    gauss, _ = balls.call(GAUSS)
    exact = [Fraction(v) for v in (*parameters, z)]
    with balls.precision(128), mp.workdps(60):
        found = gauss(*map(balls.constant, exact))
        assert found.rel_accuracy_bits() > 100
        truth = mp.hyp2f1(*(mp.mpf(v.numerator) / v.denominator for v in exact))
        assert found.overlaps(arb(mp.nstr(truth, 50)))


def test_gausss_function_beyond_its_series_says_nothing():
    gauss, _ = balls.call(GAUSS)
    rounded = [arb(v, 2.0**-52) for v in (2.0, 1.75, 2.75)]
    assert gauss(*rounded, arb(1, 2.0**-60)).is_nan()
    assert gauss(*rounded, arb(1.5)).is_nan()
    near = gauss(*rounded, arb(1 - 2.0**-40))
    assert not near.is_finite()
    assert not near.is_nan()  # which would be no real number


@pytest.mark.parametrize("phi", [0.5, 1.5, 2.0, -2.0, 4.0, 750.0])
def test_the_second_kind_of_the_parameter_1_is_the_integral_of_the_size_of_the_cosine(phi):
    """Past a quarter turn too, where the first kind has gone to infinity."""
    with mp.workdps(40):
        turns = mp.floor(mp.mpf(phi) / mp.pi + mp.mpf(1) / 2)
        integral = 2 * turns + (-1) ** int(turns) * mp.sin(phi)
        with balls.precision(128):
            ball = balls.FUNCTIONS[sp.elliptic_e](arb(phi), arb(1))
            assert abs(mp.mpf(balls.as_text(ball, 30)) - integral) < mp.mpf("1e-27") * abs(integral)
            assert not balls.FUNCTIONS[sp.elliptic_f](arb(phi), arb(1)).is_finite() or abs(phi) < mp.pi / 2
        slope = float(abs(mp.cos(phi)))
    (point,) = verify("elliptic_e(x, 1)", at={"x": phi}, gradient={"x": slope}).points
    assert point.partials["x"].verdict == "agree"
