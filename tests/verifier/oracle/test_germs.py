"""One-sided derivatives at special points: a table of known truths, and mpmath beside the point."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import pytest

from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.properties.points import points
from gradjury.verifier.oracle import balls, germs, series
from gradjury.verifier.oracle.sweeps import Plan
from gradjury.verifier.oracle.truth import PointTruth
from gradjury.verifier.reading.reader import read
from gradjury.verifier.verdicts.judge import PointJudge

from ..truth import NotReal, as_mpf, slope
from .test_sweeps import DOUBLE

SEED = 5
HALF = mp.mpf(1) / 2
with mp.workdps(80):
    ROOT2, GAMMA, PI, E, LOG27 = mp.sqrt(2), +mp.euler, +mp.pi, +mp.e, mp.log(27)
    DIGAMMA_1, DIGAMMA_3 = mp.digamma(1), mp.digamma(3)
    GAMMA_SLOPE = (mp.mpf(3) / 2 - GAMMA) / 2  # Γ(x)·(x + 2) is Γ(x + 3)/(x(x + 1)): ψ(3)/2 at −2
    EIGHTH_OF_PI, MINUS_GAMMA = PI / 8, -GAMMA
    SIN, COS = mp.sin(mp.mpf(0.3)), mp.cos(mp.mpf(0.3))
    EXP_OF_SIN, EXP_HALF = COS * mp.exp(SIN), mp.exp(HALF)
    MINUS_EXP_OF_SIN, MINUS_EXP_HALF, EXP_THREE_HALVES = -EXP_OF_SIN, -EXP_HALF, mp.exp(3 * HALF)
    FIFTH, MINUS_FIFTH = mp.mpf(1) / 5, -mp.mpf(1) / 5
    TWICE_EXP_THREE_HALVES = 2 * EXP_THREE_HALVES
    SLOPE_AT_201 = -mp.factorial(201) / mp.mpf(10) ** 377
AT_HALF = {"x": 0.5, "y": 0.5}


@pytest.fixture(autouse=True)
def enough_digits():
    with mp.workdps(80):
        yield


def sides(text, at, by=None):
    tape = read(text)
    point = [Fraction(at[name]) for name in tape.inputs]
    with balls.precision(256):
        return germs.sides(tape, germs.Start(tape, point), tape.inputs.index(by or tape.inputs[0]))


#: Function, point, kind, slope to the left, slope to the right; None: not real there, or a jump.
TABLE = [
    ("sqrt(x**2)**2", 0, "smooth", 0, 0),
    ("sqrt(x**2)", 0, "kink", -1, 1),
    ("sin(x)/x", 0, "smooth", 0, 0),
    ("x*digamma(x)", 0, "smooth", DIGAMMA_1, DIGAMMA_1),
    ("(x + 2)*digamma(x)", -2, "smooth", DIGAMMA_3, DIGAMMA_3),
    ("x**3*polygamma(2, x)", 0, "smooth", 0, 0),
    ("x*besselk(1, x)", 0, "undefined", None, None),
    ("elliptic_e(x)", 1, "infinite", -math.inf, None),
    ("expint(2, x)", 0, "infinite", None, -math.inf),
    ("expint(3, x)", 0, "boundary", None, -1),
    ("uppergamma(1/2, x**2)", 0, "kink", 2, -2),
    ("Max(normalized_sinc(x), 1) + x", 0, "smooth", 1, 1),
    ("(1 - cos(x))/x**2", 0, "smooth", 0, 0),
    ("(exp(x) - 1)/x", 0, "smooth", HALF, HALF),
    ("log1p(x)/x", 0, "smooth", -HALF, -HALF),
    ("Piecewise((1, x == 0), ((exp(x) - 1)/x, True))", 0, "smooth", HALF, HALF),
    ("Max(x**2, x*x) + x", 0, "smooth", 1, 1),
    ("Abs(Min(x**3, (sign(x)*x)**3)) + x", 0, "smooth", 1, 1),
    ("Piecewise((x, Eq(x**2, x*x)), (0, True))", 0, "smooth", 1, 1),
    ("li(x)", 1, "undefined", None, None),
    ("(x - 1)**3*li(x)", 1, "smooth", 0, 0),
    ("x/x", 0, "smooth", 0, 0),
    ("x*x/x", 0, "smooth", 1, 1),
    ("x**1.5", 0, "boundary", None, 0),
    ("x**2.5", 0, "boundary", None, 0),
    ("x**0.5", 0, "infinite", None, math.inf),
    ("x**pi", 0, "boundary", None, 0),
    ("Abs(x)**pi + x", 0, "smooth", 1, 1),
    ("x**pi*x**(1/pi) + x", 0, "boundary", None, 1),
    ("acsch(x)", 0, "undefined", None, None),
    ("x**(1/3)", 0, "infinite", None, math.inf),
    ("sqrt(x)*sqrt(x)", 0, "boundary", None, 1),
    ("cbrt(x)", 0, "infinite", math.inf, math.inf),
    ("cbrt(x)**3", 0, "smooth", 1, 1),
    ("Abs(x)**1.5", 0, "smooth", 0, 0),
    ("x**0", 0, "smooth", 0, 0),
    ("0**x", 1, "smooth", 0, 0),
    ("Max(x, x)", 0, "smooth", 1, 1),
    ("Max(x, x)", 2, "smooth", 1, 1),
    ("relu(x) - relu(-x)", 0, "smooth", 1, 1),
    ("Min(x, 0) + Max(x, 0)", 0, "smooth", 1, 1),
    ("Abs(x)", 0, "kink", -1, 1),
    ("Abs(x)*x", 0, "smooth", 0, 0),
    ("Abs(x)**3", 0, "smooth", 0, 0),
    ("Abs(sin(x))", 0, "kink", -1, 1),
    ("relu(x)", 0, "kink", 0, 1),
    ("leaky_relu(x, 1/4)", 0, "kink", mp.mpf(1) / 4, 1),
    ("elu(x)", 0, "smooth", 1, 1),
    ("elu(x, 2)", 0, "kink", 2, 1),
    ("softsign(x)", 0, "smooth", 1, 1),
    ("clip(x, 0, 1)", 0, "kink", 0, 1),
    ("clip(x, 0, 1)", 1, "kink", 1, 0),
    ("Piecewise((x, x < 0), (sin(x), True))", 0, "smooth", 1, 1),
    ("Piecewise((x, x < 0), (x + 1, True))", 0, "undefined", None, 1),
    ("floor(x)*x", 2, "undefined", None, 2),
    ("floor(x)", 1.5, "smooth", 0, 0),
    ("ceil(x)", 1, "undefined", 0, None),
    ("Mod(x, 2)", 4, "undefined", None, 1),
    ("Mod(x, 2)*(x - 2)", 2, "kink", 2, 0),
    ("sign(x)", 0, "undefined", None, None),
    ("sign(x)*x", 0, "kink", -1, 1),
    ("Heaviside(x)", 0, "undefined", None, None),
    ("Heaviside(x)*x", 0, "kink", 0, 1),
    ("sqrt(x)", 0, "infinite", None, math.inf),
    ("sqrt(1 - x**2)", 1, "infinite", -math.inf, None),
    ("x**2*sqrt(x)", 0, "boundary", None, 0),
    ("asin(x)", 1, "infinite", math.inf, None),
    ("asin(x)", -1, "infinite", None, math.inf),
    ("acos(x)", 1, "infinite", -math.inf, None),
    ("acos(x)", -1, "infinite", None, -math.inf),
    ("acos(x)**2", 1, "boundary", -2, None),
    ("acos(cos(x))", 0, "kink", -1, 1),
    ("acosh(x)", 1, "infinite", None, math.inf),
    ("acosh(cosh(x))", 0, "kink", -1, 1),
    ("acosh(x)*sqrt(x - 1)", 1, "boundary", None, ROOT2),
    ("atanh(x)", 1, "undefined", None, None),
    ("atanh(tanh(x))", 0, "smooth", 1, 1),
    ("asech(x)", 1, "infinite", -math.inf, None),
    ("asec(x)", 1, "infinite", None, math.inf),
    ("acsc(x)", -1, "infinite", -math.inf, None),
    ("1/x", 0, "undefined", None, None),
    ("log(x)", 0, "undefined", None, None),
    ("sqrt(x)", -1, "undefined", None, None),
    ("log(x**2)*x**2", 0, "smooth", 0, 0),
    ("log(Abs(x))*x", 0, "infinite", -math.inf, -math.inf),
    ("x**x", 0, "infinite", None, -math.inf),
    ("exp(-1/x**2)", 0, "smooth", 0, 0),
    ("gamma(x)*x", 0, "smooth", MINUS_GAMMA, MINUS_GAMMA),
    ("gamma(x)*(x + 2)", -2, "smooth", GAMMA_SLOPE, GAMMA_SLOPE),
    ("gamma(x)", -3, "undefined", None, None),
    ("gamma(x)", -300, "undefined", None, None),
    ("1/(10**377*gamma(x))", -201, "smooth", SLOPE_AT_201, SLOPE_AT_201),
    ("cot(x)*x", 0, "smooth", 0, 0),
    ("csch(x)*sinh(x)", 0, "smooth", 0, 0),
    ("atan2(x, -1)", 0, "undefined", None, -1),
    ("hypot(x, 0)", 0, "kink", -1, 1),
    ("atan(1/x)", 0, "undefined", None, None),
    ("besselj(1, x)/x", 0, "smooth", 0, 0),
    ("besselj(1/2, x)", 0, "infinite", None, math.inf),
    ("besselj(3/2, x)", 0, "boundary", None, 0),
    ("lowergamma(1/2, x)", 0, "infinite", None, math.inf),
    ("lowergamma(2, x)", 0, "smooth", 0, 0),
    ("lowergamma(1, x)", 0, "smooth", 1, 1),
    ("uppergamma(2, x)*Abs(x)", 0, "kink", -1, 1),
    ("uppergamma(0, x)*x", 0, "undefined", None, None),
    ("zeta(2, x)", -3, "undefined", None, None),
    ("zeta(3, x)", -1000, "undefined", None, None),
    ("zeta(2, x)*x**2", 0, "smooth", 0, 0),
    ("zeta(3, x)*(x + 2)**4", -2, "smooth", 1, 1),
    ("zeta(0, x)", 0, "smooth", -1, -1),
    ("zeta(-1, x)", 0, "smooth", HALF, HALF),
    ("zeta(-1, x)", -2, "smooth", 5 * HALF, 5 * HALF),
    ("zeta(3/2, x)*x**2", 0, "undefined", None, None),
    ("polylog(-1, x)", 1, "undefined", None, None),
    ("polylog(0, x)*(x - 1)", 1, "smooth", -1, -1),
    ("polylog(-2, x)*(1 - x)**3", 1, "smooth", 3, 3),
    ("polylog(-1, 1/x)", 0, "smooth", 1, 1),
    ("expint(-1, x)", 0, "undefined", None, None),
    ("expint(-20, x)", 0, "undefined", None, None),
    ("polygamma(1000, x)", 0, "undefined", None, None),
    ("expint(0, x)*x", 0, "smooth", -1, -1),
    ("expint(-1, x)*x**2", 0, "smooth", 0, 0),
    ("expint(-1, x)*x**3", 0, "smooth", 1, 1),
    ("hyp2f1(1, 3/2, 1/2, x)", 1, "undefined", None, None),
    ("hyp2f1(1, 3/2, 1/2, x)*(x - 1)**3", 1, "smooth", 2, 2),
    ("hyp2f1(2, 3, 1, x)*(1 - x)**4", 1, "smooth", 2, 2),
    ("hyp2f1(1/2, 1, 1, x)*(1 - x)**2", 1, "undefined", None, None),
    ("hyp2f1(-3/2, 1, 1, x)", 1, "boundary", 0, None),
    ("hyp2f1(-1/2, 1, 1, x)", 1, "infinite", -math.inf, None),
    ("hyp2f1(-2, 3, 1, x)", 1, "smooth", 6, 6),
    ("polygamma(2, x)", -1000, "undefined", None, None),
    ("elliptic_k(x)", 0, "smooth", EIGHTH_OF_PI, EIGHTH_OF_PI),
    ("logaddexp(x, -x)", 0, "smooth", 0, 0),
    ("where(x == 0, x, 2*x)", 0, "smooth", 2, 2),
]

#: The same with several variables; the derivative by ``by``.
SEVERAL = [
    ("Max(sin(x), sin(y))", {"x": 0.3, "y": 0.3}, "x", "kink", 0, COS),
    ("Max(sin(x), sin(y))", {"x": 0.3, "y": 0.3}, "y", "kink", 0, COS),
    ("Abs(exp(sin(x)) - exp(sin(y)))", {"x": 0.3, "y": 0.3}, "x", "kink", MINUS_EXP_OF_SIN, EXP_OF_SIN),
    ("Max(sin(x), sin(y)) + Min(sin(x), sin(y))", {"x": 0.3, "y": 0.3}, "x", "smooth", COS, COS),
    ("Max(z*sin(x), z*sin(y))", {"x": 0.3, "y": 0.3, "z": 2}, "z", "smooth", SIN, SIN),
    ("Abs(sin(x*z) - sin(y*z))", {"x": 0.3, "y": 0.3, "z": 2}, "z", "smooth", 0, 0),
    ("Abs(Max(exp(x), 1) - exp(y))", {"x": 0.5, "y": 0.5}, "x", "kink", MINUS_EXP_HALF, EXP_HALF),
    ("Max(exp(x), exp(1/2)) + y", {"x": 0.5, "y": 0.5}, "x", "kink", 0, EXP_HALF),
    ("Max(exp(3*x), exp(2*y))", {"x": 0.5, "y": 0.75}, "y", "kink", 0, TWICE_EXP_THREE_HALVES),
    # the root of a square ends, as its square does
    ("Max(0, sqrt((x - y)**2) - sqrt((x - z)**2) + 1)", {"x": -1, "y": 0, "z": 1}, "x", "smooth", 0, 0),
    ("Max(0, sqrt((x - y)**2) - sqrt((x - z)**2) + 1)", {"x": -1, "y": 0, "z": 1}, "z", "kink", -1, 0),
    ("acos(x/sqrt(x**2 + y**2))", {"x": 1, "y": 0}, "x", "smooth", 0, 0),
    ("acos(x/sqrt(x**2 + y**2))", {"x": 1, "y": 0}, "y", "kink", -1, 1),
    ("Abs((x**4)**(1/4) - x + y)", {"x": 3, "y": 0}, "x", "smooth", 0, 0),
    ("Max(sqrt(x**2 + 2*x*y + y**2), x + y)", {"x": 1, "y": 2}, "y", "smooth", 1, 1),
    ("Abs(sqrt(x**2 + y) - x - 1)", {"x": 4, "y": 9}, "x", "kink", MINUS_FIFTH, FIFTH),
    # what jumps beside the point is another value there
    (
        "Abs(where(x > 0.5, exp(x) + 1, exp(x)) - where(y > 0.5, 3, exp(y)))",
        AT_HALF,
        "x",
        "undefined",
        MINUS_EXP_HALF,
        None,
    ),
    ("Abs(exp(x + floor(x*2)) - exp(y + floor(y*2)))", AT_HALF, "x", "undefined", None, EXP_THREE_HALVES),
    ("x**y", {"x": 0, "y": 2}, "x", "smooth", 0, 0),
    ("x**y", {"x": 0, "y": 2}, "y", "smooth", 0, 0),
    ("x**y", {"x": 0, "y": 0}, "y", "undefined", None, None),
    ("x**y", {"x": -1, "y": 2}, "x", "smooth", -2, -2),
    ("x**y", {"x": -1, "y": 2}, "y", "undefined", None, None),
    ("Max(x, y) + Min(x, y)", {"x": 1, "y": 1}, "x", "smooth", 1, 1),
    ("Max(x, y)", {"x": 1, "y": 1}, "y", "kink", 0, 1),
    ("hypot(x, y)", {"x": 0, "y": 0}, "x", "kink", -1, 1),
    ("hypot(x, y)**2", {"x": 0, "y": 0}, "x", "smooth", 0, 0),
    ("atan2(y, x)", {"x": -1, "y": 0}, "y", "undefined", None, -1),
    ("atan2(y, x)", {"x": -1, "y": 0}, "x", "smooth", 0, 0),
    ("atan2(y, x)", {"x": 0, "y": 0}, "y", "undefined", None, None),
    ("Max(y**x, y)", {"x": 1, "y": 3}, "x", "kink", 0, LOG27),
    ("m = (x + y)/2; sqrt(((x - m)**2 + (y - m)**2)/2)", {"x": 3, "y": 3}, "x", "kink", -HALF, HALF),
    ("x*sqrt(y)", {"x": 0, "y": 0}, "y", "boundary", None, 0),
    ("x*y/(x + y)", {"x": 0, "y": 0}, "x", "smooth", 0, 0),
    ("Mod(x, y)", {"x": 5, "y": 2}, "y", "smooth", -2, -2),
    ("Mod(x, y)", {"x": 4, "y": 2}, "y", "undefined", -2, None),
    ("where(x < y, x, y)", {"x": 1, "y": 1}, "x", "kink", 1, 0),
    ("where(x == y, x, y)", {"x": 1, "y": 1}, "x", "smooth", 0, 0),
    ("clip(x, y, z)", {"x": 1, "y": 1, "z": 1}, "x", "smooth", 0, 0),
]


def agrees(found, expected):
    if expected is None:
        return found is None
    if found is None:
        return False
    if math.isinf(expected):
        return not found.is_finite() and (found > 0) == (expected > 0)
    return found.is_finite() and abs(as_mpf(found.mid()) - expected) < mp.mpf(10) ** -60


@pytest.mark.parametrize(("text", "x", "kind", "left", "right"), TABLE, ids=[f"{t[0]} at {t[1]}" for t in TABLE])
def test_one_variable(text, x, kind, left, right):
    found = sides(text, {"x": x})
    assert found.kind == kind
    assert agrees(found.left, left)
    assert agrees(found.right, right)
    if kind in ("smooth", "boundary", "infinite"):
        assert agrees(found.derivative, left if right is None else right)


@pytest.mark.parametrize(
    ("text", "at", "by", "kind", "left", "right"), SEVERAL, ids=[f"{t[0]} by {t[2]} at {t[1]}" for t in SEVERAL]
)
def test_several_variables(text, at, by, kind, left, right):
    found = sides(text, at, by)
    assert found.kind == kind
    assert agrees(found.left, left)
    assert agrees(found.right, right)


@pytest.mark.parametrize("text", ["Abs(atan2(x, -2) - atan2(y, -2))", "Abs(acot(x) - acot(y))"])
def test_the_values_of_what_jumps_by_itself_are_not_taken_for_one(text):
    """Beside 0 one of them may have jumped."""
    with pytest.raises(series.Undecided):
        sides(text, {"x": 0, "y": 0}, "x")


@pytest.mark.parametrize("row", TABLE, ids=[f"{t[0]} at {t[1]}" for t in TABLE])
def test_the_table_itself_is_true(row):
    """mpmath beside the point sees the finite slopes that the table states."""
    text, x, _, left, right = row
    for side, expected in ((-1, left), (1, right)):
        if expected is None or math.isinf(expected):
            continue
        try:
            found = slope(read(text), [x], 0, side)
        except NotReal:
            assert text in ("exp(-1/x**2)",)
            continue
        assert abs(found - expected) < 1e-25


@pytest.mark.parametrize("start", range(0, 600, 60))
def test_random_functions_at_special_points(start):
    """Whatever finite slope germs give to a side is the one that mpmath sees beside the point."""
    compared = 0
    for index in range(start, start + 60):
        function = composite(seeded(SEED, index), variables=(1, 3), nodes=(3, 10), specials=False)
        tape = function.tape
        at = points(function, 1, seed=SEED, index=index, special=1.0)
        point = [float(at[name][0]) for name in tape.inputs]
        if not all(x == 0 or 1e-6 < abs(x) < 1e6 for x in point):
            continue
        for j in range(len(point)):
            try:
                with balls.precision(256):
                    found = germs.sides(tape, germs.Start(tape, [Fraction(x) for x in point]), j)
            except series.Undecided:
                continue
            for side, ball in ((-1, found.left), (1, found.right)):
                if ball is None or not ball.is_finite():
                    continue
                try:
                    truth = slope(tape, point, j, side)
                except NotReal:
                    continue  # beside the edge of a domain to which the value at the point itself belongs
                assert abs(as_mpf(ball.mid()) - truth) <= 1e-25 * (1 + abs(truth)), (SEED, index, point, j, side)
                compared += 1
    assert compared >= 20


@pytest.mark.parametrize("start", range(0, 600, 60))
def test_short_series_say_what_long_ones_say(start):
    compared = 0
    for index in range(start, start + 60):
        function = composite(seeded(SEED, index), variables=(1, 3), nodes=(3, 16))
        at = points(function, 1, seed=SEED, index=index, special=1.0)
        point = [Fraction(float(at[name][0])) for name in function.tape.inputs]
        with balls.precision(256):
            beginning = germs.Start(function.tape, point)
            for j in range(len(point)):
                try:
                    with series.carrying(series.FIRST_ORDER):
                        short = germs.sides(function.tape, beginning, j)
                except series.Undecided:
                    continue
                long = germs.sides(function.tape, beginning, j)
                assert (short.kind, short.decided, short.jumps) == (long.kind, long.decided, long.jumps), (SEED, index)
                for a, b in ((short.left, long.left), (short.right, long.right)):
                    assert (a is None and b is None) or a.overlaps(b), (SEED, index)
                compared += 1
    assert compared >= 60


def test_where_short_series_leave_the_slope_open_long_ones_tell_it():
    tape = read("(exp(x) - 1 - x - x**2/2)/x**2")
    with balls.precision(256), series.carrying(series.FIRST_ORDER), pytest.raises(series.Undecided, match="lost"):
        germs.sides(tape, germs.Start(tape, [Fraction(0)]), 0)
    found = PointTruth(Plan(tape), [0.0], DOUBLE).truth(0)
    assert found.kind == "smooth"
    assert abs(as_mpf(found.number.mid()) - mp.mpf(1) / 6) < 1e-30


@pytest.mark.parametrize(
    ("text", "x", "message"),
    [
        ("Max(sin(x)**2 + cos(x)**2, 1)", 1, "leading coefficient cannot be told from 0"),
        ("gamma(x)*sin(pi*x)", -1, "leading coefficient cannot be told from 0"),
        ("sin(pi*x)/(x - 1)", 1, "leading coefficient cannot be told from 0"),
        ("floor(sin(x)**2 + cos(x)**2)", 1, "cannot be told from an integer"),
        ("expint(40, x)", 0, "of this order"),
        ("x**(1/pi)", 0, "first order was lost"),
        ("exp(1/x)", 0, "growing series"),
    ],
)
def test_what_cannot_be_decided_is_not_decided(text, x, message):
    with pytest.raises(series.Undecided, match=message):
        sides(text, {"x": x})


def test_open_ends_of_a_domain_have_no_derivative():
    for text in ("x*log(x)", "x**2*log(x)", "exp(log(x))", "1/log(x)", "x/log(x)"):
        found = sides(text, {"x": 0})
        assert (found.kind, found.left, found.right) == ("undefined", None, None)


def test_what_was_decided_is_remembered_for_each_side():
    tape = read("Max(x, y)")
    found = germs.sides(tape, germs.Start(tape, [Fraction(1), Fraction(1)]), 0)
    assert [list(d[2].values()) for d in found.decided] == [[False], [True]]


def test_constants_that_are_no_numbers():
    assert sides('x + Float("nan")', {"x": 1}).kind == "undefined"
    assert sides('x*Float("inf")', {"x": 1}).kind == "undefined"
    assert agrees(sides("pi*x + E", {"x": 0}).right, PI)


def test_equal_operations_on_equal_nodes_are_one_value():
    assert sides("Max(exp(x), exp(x))", {"x": 1}).kind == "smooth"
    assert sides("Max(exp(x) + y, exp(x) + y)", {"x": 1, "y": 2}).kind == "smooth"
    assert sides("exp(x) - exp(x)", {"x": 1}).right.contains(0)
    assert sides("a = sin(x); a/a", {"x": 0}).derivative.is_zero()
    assert sides("sin(x)/sin(x)", {"x": 0}).derivative.is_zero()


@pytest.mark.parametrize(
    "text",
    [
        "v = pi*x; Min(reciprocal(v), v**-1)*v**2",
        "v = pi*x; Max(square(v), v**2)/v",
        "v = pi*x; Min(sqrt(v), v**(1/2))**2",
    ],
)
def test_operations_of_one_meaning_tie_exactly(text):
    """At π·0.7, of which no digits tell that two values are equal."""
    found = sides(text, {"x": 0.7})
    assert found.kind == "smooth"
    assert abs(as_mpf(found.derivative.mid()) - mp.pi) < 1e-40


@pytest.mark.parametrize(
    ("text", "slope_"),
    [
        ("relu(cosh(x) - cosh(x))*exp(x) + x", 1.0),
        ("Max(exp(x) + -exp(x), 0) + 3*x", 3.0),
        ("Max(-exp(x) + exp(x), 0) + 3*x", 3.0),
        ("Abs(Max(exp(x), 1) - exp(x))*pi", 0.0),
        ("leaky_relu(Min(sin(x), 2) - sin(x), 0.3) + x", 1.0),
        ("Min(Max(exp(x), 1), exp(x))", math.exp(0.7)),
        ("Max(exp(x)*exp(x), exp(x)*exp(x)) - exp(1.4)", 2 * math.exp(1.4)),
    ],
)
def test_a_value_less_itself_is_nothing_though_its_coefficients_are_balls(text, slope_):
    found = sides(text, {"x": 0.7})
    assert found.kind == "smooth"
    assert float(found.derivative.mid()) == pytest.approx(slope_, rel=1e-14)
    claim = PointJudge(Plan(read(text)), [0.7], DOUBLE, "program")
    assert claim.judge(0, slope_).verdict == "agree"
    assert claim.judge(0, slope_ + 0.25).verdict == "wrong"


def test_values_that_are_equal_by_chance_are_no_one_value():
    """At 1 the cube root and the square root of x are 1, and differ beside it."""
    found = sides("Abs(cbrt(x) - sqrt(x))", {"x": 1.0})
    assert found.kind == "kink"


def test_a_root_of_a_number_with_hundreds_of_digits():
    found = sides("Abs(y)*(y - x) + ((x - 7)**-2 + 13)**(5/3)", {"x": 1e-300, "y": 0.0}, by="x")
    with mp.workdps(80):
        x = mp.mpf(-7)
        truth = mp.mpf(5) / 3 * mp.cbrt(x**-2 + 13) ** 2 * -2 * x**-3
        assert abs(as_mpf(found.derivative.mid()) - truth) < 1e-40


@pytest.mark.parametrize("text", ["sin(x) + ceiling(y)", "y*x + floor(y)"])
def test_a_jump_of_1_in_huge_numbers_is_a_jump(text):
    found = sides_at_last(text, {"x": 1e100, "y": 1e100}, "y")
    assert found.kind == "undefined"


def sides_at_last(text, at, by):
    """As the truth is found: in more bits where these are too few."""
    return PointJudge(Plan(read(text)), [at[name] for name in read(text).inputs], DOUBLE, "program").truth(
        list(read(text).inputs).index(by)
    )


def test_what_too_few_bits_say_of_a_jump_is_no_edge_of_a_domain():
    """tan(10¹⁰⁰) and tan(10¹⁰⁰ + 1) are both finite."""
    found = sides_at_last("tan(ceiling(x))", {"x": 1e100}, "x")
    assert found.kind in ("undefined", "unknown")
