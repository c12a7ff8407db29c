"""The verdicts: every row of the table in ``docs/verdicts.md``, in both standards and both floating types.

Truths come from mpmath or are worked by hand; numbers are put at stated distances from them.
"""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gradjury.engine.sweep import gradient
from gradjury.verifier.oracle.sweeps import E_WEAK, Plan, precision_of
from gradjury.verifier.reading.reader import read
from gradjury.verifier.verdicts import judge as module
from gradjury.verifier.verdicts.judge import FORWARD, REORDERED, PointJudge
from gradjury.verifier.verdicts.judgement import RANK, VERDICTS

from ..oracle.test_sweeps import DOUBLE, SINGLE, drawn
from ..truth import contains, derivative

CALM = settings(deadline=None, print_blob=True, max_examples=80)
U = 2.0**-52
INF, NAN = math.inf, math.nan


def court(text, at, standard="program", precision=DOUBLE):
    tape = read(text)
    return PointJudge(Plan(tape), [float(at[name]) for name in tape.inputs], precision, standard)


def verdict(text, at, g, *, by=None, standard="program", precision=DOUBLE):
    judge = court(text, at, standard, precision)
    return judge.judge(judge.plan.tape.inputs.index(by) if by else 0, g).verdict


def truth(text, at, j=0):
    tape = read(text)
    return derivative(tape, [float(at[name]) for name in tape.inputs], j)


def off_by(text, at, ulps):
    """The exact derivative, that many ulps farther from 0, as a float."""
    with mp.workdps(60):
        return float(truth(text, at) * (1 + mp.mpf(ulps) * U))


# ---- smooth points: function ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ulps", "expected"),
    [
        *((0, "agree"), (3.4, "agree"), (-3.4, "agree"), (4.6, "imprecise"), (-4.6, "imprecise")),
        *((1023, "imprecise"), (-1023, "imprecise"), (1025, "wrong"), (-1025, "wrong"), (1e9, "wrong")),
    ],
)
@pytest.mark.parametrize(("text", "at"), [("exp(x)", {"x": 0.7}), ("sin(x)*y", {"x": 0.3, "y": 40.0})])
def test_function_standard_counts_ulps(text, at, ulps, expected):
    assert verdict(text, at, off_by(text, at, ulps), standard="function") == expected


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("ulps", "expected"), [(4, "agree"), (5, "imprecise"), (1024, "imprecise")])
@pytest.mark.parametrize(
    ("text", "x", "exact"),
    [("sin(x)", 1e-200, 1.0), ("exp(x)", 0.0, 1.0), ("sqrt(x)", 1.0, 0.5), ("sqrt(x**2)", 3.0, 1.0)],
)
def test_numbers_exactly_at_a_threshold_are_within(text, x, exact, ulps, expected, sign):
    g = exact * (1 + sign * ulps * U)
    assert verdict(text, {"x": x}, g, standard="function") == expected


def test_values_exactly_at_a_threshold_are_within():
    judge = court("exp(x)", {"x": 1e-200}, "function")
    assert [judge.judge_value(1 + n * U).verdict for n in (4, 5, 1024)] == ["agree", "imprecise", "imprecise"]


@pytest.mark.parametrize(
    ("g", "expected"),
    [(0.0, "inaccurate"), (1e-17, "inaccurate"), (2.2e-13, "inaccurate"), (3e-13, "wrong"), (-1e-3, "wrong")],
)
def test_a_representable_result_was_lost(g, expected):
    """tanh′(20) is 1.7e-17; what is within 2¹⁰·u of it was lost in quantities of size 1."""
    assert verdict("tanh(x)", {"x": 20.0}, g, standard="function") == expected


def test_a_special_function_may_be_off_by_its_own_units():
    text, at = "besselj(2, x)", {"x": 1.5}
    assert verdict(text, at, off_by(text, at, 6), standard="function") == "agree"
    assert verdict(text, at, off_by(text, at, 200), standard="function") == "imprecise"
    # at a zero of the derivative its relative error is unbounded, that of |f′| + |x·f″| is not
    flat = {"x": 3.0542369282271403}
    assert verdict(text, flat, float(truth(text, flat)) + 5e-16, standard="function") == "agree"
    assert verdict(text, flat, float(truth(text, flat)) + 1e-13, standard="function") != "agree"
    # composed of several, without an enclosure: the largest k
    assert verdict("besselj(2, x)*x", at, off_by("besselj(2, x)*x", at, 9), standard="function") == "agree"


@pytest.mark.parametrize(
    ("g", "expected"), [(INF, "agree"), (-INF, "nonfinite"), (NAN, "nonfinite"), (1.7e308, "wrong")]
)
@pytest.mark.parametrize("standard", ["program", "function"])
def test_an_infinity_is_excused_beyond_the_largest_float(g, expected, standard):
    if math.isfinite(g) and standard == "program":
        expected = "undecided"  # nothing bounds what a program may return there
    assert verdict("exp(x)", {"x": 800.0}, g, standard=standard) == expected


@pytest.mark.parametrize(("y", "expected"), [(0.89e308, "nonfinite"), (0.91e308, "agree"), (1.5e308, "agree")])
@pytest.mark.parametrize("standard", ["program", "function"])
def test_an_infinity_is_excused_from_the_largest_float_on(y, expected, standard):
    assert verdict("x*2*y", {"x": 0.5, "y": y}, INF, standard=standard) == expected
    assert verdict("x*2*y", {"x": 0.5, "y": -y}, -INF, standard=standard) == expected
    assert verdict("x*2*y", {"x": 0.5, "y": y}, -INF, standard=standard) == "nonfinite"


@pytest.mark.parametrize(
    ("text", "x", "g", "cause"),
    [
        ("exp(x)", 800.0, NAN, "overflow"),
        ("exp(x)", 800.0, -INF, "overflow"),
        ("exp(x)", 1.0, NAN, None),
        ("sin(x)/x", 0.0, NAN, "singular"),
    ],
)
def test_why_a_function_is_not_finite(text, x, g, cause):
    found = court(text, {"x": x}, "function").judge(0, g)
    assert (found.verdict, found.cause) == ("nonfinite", cause)


def test_what_agrees_needs_no_excuse():
    judge = court("clip(x, 2, 1)*x", {"x": 1.5})  # libraries differ in this clip
    right = float(judge.truth(0).number)
    assert judge.judge_or_excuse(0, right).verdict == "agree"
    assert judge.judge_or_excuse(0, right + 5).verdict == "undefined"


@pytest.mark.parametrize("g", [NAN, INF, -INF])
@pytest.mark.parametrize("standard", ["program", "function"])
def test_a_finite_truth_asks_for_a_finite_number(g, standard):
    assert verdict("exp(x)*y", {"x": 1.0, "y": 2.0}, g, standard=standard) == "nonfinite"


@pytest.mark.parametrize("x", [1e-160, 1e-200, 5e-324])
def test_subnormals_may_lose_their_digits(x):
    exact = float(truth("x**3", {"x": x}))
    assert verdict("x**3", {"x": x}, exact + 5e-324, standard="function") == "agree"
    assert verdict("x**3", {"x": x}, exact + 1e-300, standard="function") == "inaccurate"


# ---- smooth points: program -----------------------------------------------------------------------------

PROGRAM = ("exp(sin(x))*x/(1 + x**2)", {"x": 0.7})


def radius(text, at):
    judge = court(text, at)
    return judge.enclosure(0)


def test_program_standard_follows_the_enclosure():
    ball = radius(*PROGRAM)
    exact = float(truth(*PROGRAM))
    reach = float(ball.rad())
    assert 2 * U < reach / abs(exact) < 200 * U
    assert verdict(*PROGRAM, exact + 0.9 * reach) == "agree"
    assert verdict(*PROGRAM, exact - 0.9 * reach) == "agree"
    assert verdict(*PROGRAM, exact + 2 * reach) == "imprecise"
    assert verdict(*PROGRAM, exact * (1 + 1000 * U)) == "imprecise"
    assert verdict(*PROGRAM, exact * (1 + 2.0**-19)) == "wrong"
    assert verdict(*PROGRAM, -exact) == "wrong"


def test_program_rounding_of_intermediate_values_is_excused():
    """sin of an argument near 1000·π loses ten bits to its rounding: agree as a program, not as a function."""
    text, at = "sin(1000.1*x)", {"x": 3.1415}
    exact = float(truth(text, at))
    inside = exact + 0.8 * float(radius(text, at).rad())
    assert abs(inside - exact) > 5 * U * abs(exact)
    assert verdict(text, at, inside) == "agree"
    assert verdict(text, at, inside, standard="function") != "agree"


def test_imprecise_reaches_a_thousand_radii_and_no_more_than_2_to_the_minus_20():
    text, at = "sin(1000.1*x)", {"x": 3.1415}
    exact, reach = float(truth(text, at)), float(radius(text, at).rad())
    assert 2.0**-45 < reach / abs(exact) < 2.0**-31
    for sign in (1, -1):
        assert verdict(text, at, exact + sign * 1000 * reach) == "imprecise"
        assert verdict(text, at, exact + sign * 1050 * reach) == "wrong"
    text, at = "sin(1e8*x)", {"x": 0.3}  # whose product is rounded
    exact, reach = float(truth(text, at)), float(radius(text, at).rad())
    assert 2.0**-29 < reach / abs(exact) < 2.0**-21
    for sign in (1, -1):
        assert verdict(text, at, exact * (1 + sign * 2.0**-20 * 0.95)) == "imprecise"
        assert verdict(text, at, exact * (1 + sign * 2.0**-20 * 1.05)) == "wrong"


def test_cancellation_leaves_nothing_to_decide():
    text, at = "(x + 1e16*(sin(x)**2 + cos(x)**2 - 1))*sin(x)", {"x": 0.7}
    judge = court(text, at)
    found = judge.judge(0, float(truth(text, at)) + 1.0)
    assert found.verdict == "undecided"
    assert "fewer than 20 bits" in found.reason
    assert judge.judge(0, float(truth(text, at))).verdict == "agree"  # within 2¹⁰ ulp
    assert judge.judge(0, 1e6).verdict == "wrong"  # outside even a wide E is decisive


def test_inaccurate_is_within_the_weak_enclosure():
    text, at = "tanh(x)*y", {"x": 20.0, "y": 3.0}
    assert verdict(text, at, 0.0) == "inaccurate"
    assert verdict(text, at, 4e-16) == "inaccurate"
    assert verdict(text, at, 1e-13) == "wrong"


def test_zero_truth_is_compared_absolutely():
    text, at = "cos(x) + 0*x", {"x": 0.0}
    assert verdict(text, at, 0.0) == "agree"
    assert verdict(text, at, 1e-3) == "wrong"
    both = "sin(x)**2 + cos(x)**2"
    assert verdict(both, {"x": 1.0}, 1e-16) == "agree"
    assert verdict(both, {"x": 1.0}, 1e-3) == "wrong"


@pytest.mark.parametrize(
    ("text", "x", "g", "expected", "cause"),
    [
        ("exp(x)*exp(-x)", 800.0, NAN, "nonfinite", "overflow"),
        ("1/(exp(x)*exp(x))", 400.0, NAN, "nonfinite", "overflow"),
        ("1/(exp(x)*exp(x))", 400.0, 1.0, "undecided", "overflow"),
        ("1e-300*reciprocal(x)", 1e-200, -math.inf, "nonfinite", "overflow"),
        ("log(exp(x))", 1000.0, 1.0, "agree", None),  # E is not finite, and the number is right
        ("log(exp(x))", 1000.0, 2.0, "undecided", "overflow"),
        ("x**2/x", 1e-200, NAN, "nonfinite", None),
        ("exp(x)", 800.0, NAN, "nonfinite", "overflow"),
        ("sqrt(x**2)**2", 0.0, NAN, "nonfinite", "singular"),
        ("sin(x)/x", 0.0, NAN, "nonfinite", "singular"),
    ],
)
def test_overflow_and_singular_points_are_told_apart(text, x, g, expected, cause):
    found = court(text, {"x": x}).judge(0, g)
    assert (found.verdict, found.cause) == (expected, cause)


def test_underflow_is_allowed_for_and_no_more():
    text, at = "exp(-x)*exp(-x)", {"x": 380.0}  # 1e-165 · 1e-165
    assert verdict(text, at, 0.0) == "agree"
    assert verdict(text, at, -1e-323) == "agree"
    assert verdict(text, at, 1e-300) == "inaccurate"
    # a value lost among the subnormals takes its digits along: x·x is 0, times 1e300
    lost = court("x*x*1e300", {"x": 1e-170}).judge(0, 2e130)
    assert lost.verdict == "agree"
    assert court("x*x*1e300", {"x": 1e-170}).judge_value(0.0).verdict == "undecided"


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("x**2*log(1.234e-322)", DOUBLE),
        ("x*sqrt(1e-400)", DOUBLE),
        ("(1e-400)**(x*0.75)", DOUBLE),
        ("x/log(1e400)", DOUBLE),
        ("x**2*log(1.234e-44)", SINGLE),
        ("x*sqrt(1e-60)", SINGLE),
        ("x/log(1e60)", SINGLE),
    ],
)
def test_a_constant_that_leaves_the_range_of_floats_may_be_what_floats_make_of_it(text, precision):
    """Its rounding is not relative any more: 1.234e-322 is 25 times the smallest double, 1e-60 is 0 in single."""
    engine = gradient(read(text), {"x": precision.dtype.type(1)}, precision.dtype)[1]["x"]
    assert math.isfinite(engine)
    assert verdict(text, {"x": 1.0}, float(engine), precision=precision) == "undecided"
    assert verdict(text, {"x": 1.0}, float(truth(text, {"x": 1.0})), precision=precision) == "agree"


def test_rounding_that_reaches_a_pole_decides_nothing():
    text, at = "1/(x - 0.1 - 0.2)", {"x": 0.1 + 0.2}
    found = court(text, at).judge(0, 1.0)
    assert found.verdict == "undecided"
    assert "pole" in found.reason
    assert court(text, at).judge(0, INF).verdict == "undecided"


# ---- special points -------------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", ["program", "function"])
@pytest.mark.parametrize(
    ("text", "at", "g", "expected"),
    [
        ("Abs(x)", 0.0, 0.0, "kink"),
        ("Abs(x)", 0.0, -1.0, "kink"),
        ("Abs(x)", 0.0, 1.0 + 7 * U, "kink"),
        ("Abs(x)", 0.0, 1.0 + 20 * U, "wrong"),
        ("Abs(x)", 0.0, -2.0, "wrong"),
        ("Abs(x)", 0.0, NAN, "nonfinite"),
        ("Abs(x)", 0.0, INF, "nonfinite"),
        ("relu(x)", 0.0, 0.5, "kink"),
        ("relu(x)", 0.0, -0.1, "wrong"),
        ("relu(x) - relu(-x)", 0.0, 1.0, "agree"),
        ("relu(x) - relu(-x)", 0.0, 0.0, "wrong"),
        ("Max(x, x)", 0.0, 1.0, "agree"),
        ("Max(x, x)", 0.0, 2.0, "wrong"),
        ("floor(x)*x", 2.0, 2.0, "undefined"),
        ("floor(x)*x", 2.0, NAN, "undefined"),
        ("sign(x)", 0.0, 0.0, "undefined"),
        ("atan(1/x)", 0.0, -1.0, "undefined"),
        ("atan(1/x)", 0.0, NAN, "undefined"),
        ("atan(1/x)", 0.0, 1.0, "undefined"),
        ("1/x", 0.0, -INF, "undefined"),
        ("sqrt(x)", -1.0, NAN, "undefined"),
        ("sqrt(x)", 0.0, INF, "agree"),
        ("sqrt(x)", 0.0, NAN, "agree"),
        ("sqrt(x)", 0.0, -INF, "nonfinite"),
        ("sqrt(x)", 0.0, 1e300, "nonfinite"),
        ("acos(x)", 1.0, -INF, "agree"),
        ("acos(x)", 1.0, INF, "nonfinite"),
        ("x**1.5", 0.0, 0.0, "agree"),
        ("x**1.5", 0.0, 0.5, "wrong"),
        ("x**2.0", 0.0, 0.0, "agree"),
        ("sin(x)/x", 0.0, 0.0, "agree"),
        ("sin(x)/x", 0.0, 0.25, "wrong"),
        ("cbrt(x)**3", 0.0, 1.0, "agree"),
    ],
)
def test_kinks_jumps_poles_and_edges(text, at, g, expected, standard):
    assert verdict(text, {"x": at}, g, standard=standard) == expected


def test_a_kink_among_rounded_numbers():
    """One-sided slopes that are no floats: each side may round."""
    text, at = "Abs(x - 1)*exp(0.1*x)", {"x": 1.0}
    low, high = -math.exp(0.1), math.exp(0.1)
    assert verdict(text, at, high) == verdict(text, at, low) == verdict(text, at, 0.3) == "kink"
    assert verdict(text, at, high * (1 + 4 * U)) == "kink"
    assert verdict(text, at, high * (1 + 1e-9)) == "wrong"
    found = court(text, at).judge(0, 0.0)
    assert found.enclosure[0] < low
    assert found.enclosure[1] > high
    assert found.truth.ball is None


def test_a_truth_that_is_a_wide_ball_accuses_only_what_lies_outside_it():
    """J of an order and an argument of 10⁸ is more than Arb can tell in the bits that it gets."""
    court_of_bessel = court("besselj(90000000, x)", {"x": 90000000.5}, standard="function")
    truth = court_of_bessel.truth(0)
    assert truth.ball.rad() > 1e-6
    found = court_of_bessel.judge(0, 4.1e-7)
    assert found.verdict == "undecided"
    assert "could not be determined" in found.reason
    assert court_of_bessel.judge(0, 1e3).verdict == "wrong"


def test_a_truth_that_no_precision_makes_narrow_is_the_narrowest_found():
    found = court("(sin(x)**2 + cos(x)**2)*1e1000", {"x": 1.0}).truth(0)
    assert found.kind == "smooth"
    assert found.bits == module.LADDER[-1]
    assert found.ball.contains(0)
    assert 0 < found.ball.rad() < 1e-200


def test_a_sum_that_may_be_exact_is_a_tie_for_balls():
    found = court("Max(sin(x)**2 + cos(x)**2, 1)", {"x": 1.0}).judge(0, 0.0)
    assert found.verdict == "undecided"
    assert found.truth.kind == "unknown"
    assert "could not be decided" in found.reason


@pytest.mark.parametrize("x", [INF, -INF, NAN])
def test_points_that_are_not_finite(x):
    found = court("Abs(x)/x", {"x": x}).judge(0, 0.0)
    assert found.verdict == "undecided"
    assert "not finite" in found.reason


def test_an_order_is_undecided_with_the_reason():
    judge = court("besselj(n, x)", {"n": 2.0, "x": 1.0})
    found = judge.judge(0, 0.5)
    assert found.verdict == "undecided"
    assert "SymPy knows no derivative of besselj by its argument 'n'" in found.reason
    assert judge.judge(1, float(mp.besselj(2, 1, derivative=1))).verdict == "agree"


# ---- values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "x", "value", "expected"),
    [
        ("exp(x)*x", 1.0, math.e, "agree"),
        ("exp(x)*x", 1.0, math.e * (1 + 100 * U), "imprecise"),
        ("exp(x)*x", 1.0, 2.7, "wrong"),
        ("exp(x)*x", 1.0, NAN, "nonfinite"),
        ("exp(x)*x", 800.0, INF, "agree"),
        ("tanh(x) - 1 + 1", 0.5, math.tanh(0.5), "agree"),
        ("1/x", 0.0, INF, "undefined"),
        ("sqrt(x)", -1.0, NAN, "undefined"),
        ("floor(x)", 2.0, 2.0, "agree"),
        ("floor(x)", 2.0, 1.0, "wrong"),
        ("sign(x)", 0.0, 0.0, "agree"),
        ("where(x <= 1, 5, 7)*x", 1.0, 5.0, "agree"),
        ("where(x <= 1, 5, 7)*x", 1.0, 7.0, "wrong"),
        ("Abs(x) + x - x", 0.0, 0.0, "agree"),
        ("exp(x)*exp(-x)", 800.0, NAN, "nonfinite"),
        ("floor(sin(x)**2 + cos(x)**2)*x", 1.0, 1.0, "undecided"),
    ],
)
def test_values(text, x, value, expected):
    assert court(text, {"x": x}).judge_value(value).verdict == expected


def test_values_by_the_function_standard():
    judge = court("sin(x)*2", {"x": 1.0}, "function")
    exact = 2 * math.sin(1.0)
    assert judge.judge_value(exact).verdict == "agree"
    for ulps, expected in ((3, "agree"), (5.5, "imprecise"), (1000, "imprecise"), (1030, "wrong")):
        assert judge.judge_value(exact * (1 + ulps * U)).verdict == expected
        assert judge.judge_value(exact * (1 - ulps * U)).verdict == expected
    bessel = court("besselj(2.5, x)", {"x": 9.0955}, "function")  # beside a zero
    with mp.workdps(40):
        near = float(mp.besselj(2.5, mp.mpf(9.0955)))
    assert bessel.judge_value(near * (1 + 100 * U)).verdict == "agree"


# ---- floating types -------------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", ["program", "function"])
def test_float32_is_judged_as_float32(standard):
    x = float(np.float32(0.7))
    exact = math.cos(x) * math.exp(math.sin(x))
    off = exact * (1 + 1e-7)
    text = "exp(sin(x))"
    assert verdict(text, {"x": x}, off, standard=standard, precision=SINGLE) == "agree"
    assert verdict(text, {"x": x}, off, standard=standard) in ("imprecise", "wrong")
    assert verdict(text, {"x": x}, exact * 1.01, standard=standard, precision=SINGLE) == "wrong"
    assert verdict("exp(x)", {"x": 100.0}, INF, standard=standard, precision=SINGLE) == "agree"
    assert verdict("exp(x)", {"x": 100.0}, INF, standard=standard) == "nonfinite"


def test_an_engine_that_flushes_subnormals_is_allowed_to():
    flushing = precision_of(np.dtype("float64"), True)
    at = {"x": -710.0}  # exp(−710) is subnormal
    assert verdict("exp(x)*1", at, 0.0, precision=flushing) == "agree"
    assert verdict("exp(x)*1", at, 0.0) not in ("agree", "imprecise")
    assert verdict("exp(x)", at, 0.0, precision=flushing, standard="function") == "agree"


# ---- laws -----------------------------------------------------------------------------------------------


@CALM
@given(st.integers(0, 10**6))
@example(387)  # a derivative that is exactly 0, and 4e-161 to mpmath
@example(845955)  # one that is 0 within 10^-385
def test_the_truth_holds_what_mpmath_finds_and_lies_in_the_enclosure(index):
    tape, point = drawn(index, nodes=(3, 12))
    judge = PointJudge(Plan(tape), point, DOUBLE, "program")
    for j in range(len(point)):
        found = judge.truth(j)
        if found.kind != "smooth" or not found.ball.is_finite():
            continue
        assert contains(found.ball, derivative(tape, point, j)) or found.sides is not None
        ball = judge.enclosure(j)
        if ball.is_finite():
            assert ball.contains(found.ball)
            weak = judge.enclosure(j, E_WEAK)
            assert not weak.is_finite() or weak.contains(ball)


@CALM
@given(st.integers(0, 10**5), st.floats(0, 60))
def test_a_verdict_never_becomes_milder_with_the_distance(index, exponent):
    tape, point = drawn(index, nodes=(3, 8))
    for standard in ("program", "function"):
        judge = PointJudge(Plan(tape), point, DOUBLE, standard)
        found = judge.truth(0)
        if found.kind != "smooth" or not abs(found.ball) > 1e-3:
            continue
        exact = float(found.ball)
        order = ("agree", "imprecise", "inaccurate", "wrong")
        near, far = (judge.judge(0, exact * (1 + 2.0**e * U)).verdict for e in (exponent - 1, exponent))
        if "undecided" not in (near, far):
            assert order.index(near) <= order.index(far), (near, far)


def test_the_order_of_verdicts():
    assert sorted(VERDICTS, key=RANK.__getitem__) == list(VERDICTS)
    assert VERDICTS[0] == "agree"
    assert VERDICTS[-2:] == ("wrong", "invalid")
    assert module.LADDER[0] == 128
    assert module.LADDER[-1] == 4096


def test_truth_is_sought_in_as_many_bits_as_it_takes():
    """A difference that is 0 in 128 bits, and not in 1024."""
    text, at = "exp(x)*(x + 1 - x) - exp(x) + 1e-200*x", {"x": 1.0}
    found = court(text, at).truth(0)
    assert found.bits >= 512
    assert abs(float(found.ball) - 1e-200) < 1e-215


@pytest.mark.parametrize(
    ("text", "x", "exact"),
    [
        ("(exp(x) - 1)/Max(x, x)", 1e-250, 0.5),
        ("(exp(Max(x, x)) - 1 - x)/x**2", 1e-30, 1 / 6),
        ("erf(atan2(log(cosh(x)), x*x/2))", -5.6e-251, 5.683255296092063e-252),  # no tie: 1,280 bits are too few
    ],
)
def test_a_truth_that_germs_find_is_sought_in_as_many_bits_as_it_takes(text, x, exact):
    assert verdict(text, {"x": x}, exact, standard="function") == "agree"
    assert verdict(text, {"x": x}, exact * 1.01, standard="function") in ("wrong", "inaccurate")


def test_a_kink_beside_a_pole_that_rounding_reaches():
    text, at = "Abs(x)*log(y - 0.1 - 0.2)", {"x": 0.0, "y": 0.1 + 0.2}
    judge = court(text, at)
    assert judge.truth(0).kind == "kink"
    assert judge.judge(0, 0.0).verdict == "kink"
    assert judge.judge(0, 1e3).verdict == "undecided"
    assert court("Abs(x)*log(y)", at).judge(0, 1e3).verdict == "wrong"


def test_a_series_that_is_not_known_here_is_undecided():
    found = court("gamma(x)*sin(pi*x)", {"x": -1.0}).judge(0, -INF)
    assert found.verdict == "undecided"
    assert "cannot be told from 0" in found.reason


@pytest.mark.parametrize(
    ("text", "at", "cause"),
    [
        ("sqrt(ceiling(x))*y", {"x": -1e-8, "y": 1.0}, "singular"),
        (
            "Piecewise((u, v > w), (5, True))*exp(y)*exp(y)*exp(-y)",
            {"u": 1.0, "v": 2.0, "w": 1.0, "y": 600.0},
            "overflow",
        ),
        ("floor(x)*y", {"x": 0.5, "y": 1.0}, None),
    ],
)
def test_why_nothing_times_infinity_was_met(text, at, cause):
    by = "w" if "w" in at else "x"
    judge = court(text, at)
    found = judge.judge(judge.plan.tape.inputs.index(by), NAN)
    assert (found.verdict, found.cause) == ("nonfinite", cause)
    assert (found.reason is None) == (cause is None)


def test_acot_jumps_at_zero_even_where_both_sides_agree():
    assert verdict("acot(-x**2)", {"x": 0.0}, 0.0) == "undefined"


@pytest.mark.parametrize("primitive", ["Si", "Ci"])
def test_where_an_argument_s_last_digit_changes_all_digits_no_number_is_told(primitive):
    """Si(10¹⁷) has the derivative −4.6·10⁻¹⁸ and Ci the same amplitude, and a slope of 1 for the next float."""
    text, at = f"{primitive}(x)", {"x": 1e17}
    exact = float(truth(text, at))
    for g in (-exact, 0.0, exact * (1 + 1e-6)):
        assert verdict(text, at, g, standard="function") == "undecided"
    assert verdict(text, at, exact, standard="function") == "agree"


def test_beyond_the_largest_float_an_infinity_of_the_other_sign_is_wrong_only_where_the_sign_is_sure():
    assert [verdict("-exp(x)*x", {"x": 800.0}, g) for g in (-INF, INF, NAN)] == ["agree", "nonfinite", "nonfinite"]
    text, at = "-exp(x)*tan(0.1*y)", {"x": 800.0, "y": 1e300}  # nothing is known of the tangent in floats
    assert [verdict(text, at, g) for g in (-INF, INF, NAN)] == ["undecided", "agree", "undecided"]


@pytest.mark.parametrize("standard", ["program", "function"])
@pytest.mark.parametrize("g", [NAN, math.inf, -math.inf])
def test_what_is_told_to_no_digit_may_lie_beyond_the_largest_float(g, standard):
    """cos of e^(10^600): no number of bits here tells more than that the slope is less than e^(10^600)."""
    found = court("cos(cosh(x*x))", {"x": 1e300}, standard).judge(0, g)
    assert (found.verdict, found.truth.kind) == ("undecided", "smooth")


@pytest.mark.parametrize(
    ("g", "verdict"), [(1.0, "kink"), (5.0, "kink"), (math.inf, "kink"), (0.5, "wrong"), (-math.inf, "nonfinite")]
)
def test_between_a_finite_slope_and_an_infinite_one(g, verdict):
    """x to the left of 0 and √x to the right: slopes 1 and ∞."""
    judge = PointJudge(Plan(read("where(x < 0, x, sqrt(x))")), [0.0], DOUBLE, "program")
    assert judge.judge(0, g).verdict == verdict


@pytest.mark.parametrize(("units", "verdict"), [(6, "agree"), (7, "imprecise")])
def test_a_library_call_may_have_a_value_that_is_4_units_off(units, verdict):
    """Of the number 1.6487…: 4 of its units are 6.59 of 1's."""
    judge = PointJudge(Plan(read("exp(x)")), [0.5], DOUBLE, "function")
    assert judge.judge_value(math.exp(0.5) + units * DOUBLE.unit).verdict == verdict


def test_a_number_that_was_carried_forward_through_cancelling_tangents_accuses_nobody():
    """Of sin(x) + w + (2 − w) a reverse sweep knows nothing of w; dual numbers round cos(x) + w′ before w′ goes."""
    text, x = "w = exp(20*x); sin(x) + w + (2 - w)", 0.7
    slope_ = 20 * math.exp(20 * x)
    carried = (math.cos(x) + slope_) + (0 - slope_)
    judge = PointJudge(Plan(read(text)), [x], DOUBLE, "program")
    assert judge.judge(0, math.cos(x)).verdict == "agree"
    assert abs(carried / math.cos(x) - 1) > 1e-10
    assert (judge.judge(0, carried).verdict, judge.judge(0, carried).reason) == ("undecided", FORWARD)
    assert judge.judge(0, carried * 1.001).verdict == "wrong"
    assert PointJudge(Plan(read(text)), [x], DOUBLE, "function").judge(0, carried).verdict in ("wrong", "inaccurate")


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("uppergamma(2, x)", -1.5),
        ("uppergamma(4/2, x)", -1.5),
        ("uppergamma(30, x)*x", -20.25),
        ("lowergamma(2, x)", -1.5),
        ("lowergamma(5, x) + x", -300.5),
        ("expint(-1, x)", -1.5),
        ("expint(-3, exp(x))*expint(-3, -exp(x))", 0.25),
        ("zeta(2, x)", -1.5),
        ("zeta(3, x)", -4.999),
        ("zeta(3, x)", -1234567.5),
        ("zeta(-3, x)", -7.0),
        ("zeta(0, x)*x", -2.5),
        ("polylog(-1, x)", 2.5),
        ("polylog(0, x)", 1e10),
        ("polylog(-6, x)*x", 1.0625),
        ("hyp2f1(2, 3, 1, x)", 3.0),
        ("hyper([5/2, 2], [1/2], x)", 1.25),
    ],
)
def test_whole_orders_are_judged_where_others_are_complex(text, x):
    tape = read(text)
    exact = None if x < -1000 else derivative(tape, [x], 0)  # which takes x steps
    with np.errstate(all="ignore"):
        value, g = gradient(tape, {"x": x})
    value, g = float(value), float(g["x"])
    tried = court(text, {"x": x})
    found = tried.judge(0, g)
    assert (found.verdict, found.truth.kind) == ("agree", "smooth")
    assert exact is None or contains(found.truth.number, exact)
    assert tried.judge_value(value).verdict == "agree"
    for factor in (-1.0, 1 + 1e-6, 0.5, 0.0):
        assert tried.judge(0, factor * g).verdict in ("wrong", "inaccurate"), factor
    assert tried.judge(0, math.nan).verdict == "nonfinite"


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("uppergamma(2.5, x)", -1.5),
        ("uppergamma(0, x)", -1.5),
        ("lowergamma(0.5, x)", -1.5),
        ("expint(1, x)", -1.5),
        ("zeta(2.5, x)", -1.5),
        ("zeta(3, x)", -2.0),
        ("zeta(2, x)", -1e15),
        ("polylog(1, x)", 2.5),
        ("polylog(-0.5, x)", 2.5),
        ("polylog(-1, x)", 1.0),
        ("hyp2f1(1, 1, 2, x)", 3.0),
        ("expint(-1, x)", 0.0),
        ("polygamma(1, x)", -1000.0),
    ],
)
@pytest.mark.parametrize("g", [0.25, math.nan])
def test_other_orders_and_poles_have_no_derivative(text, x, g):
    assert verdict(text, {"x": x}, g) == "undefined"


def by_lanes(terms, count):
    """Sums of every count-th term, and the sum of these: how vector units add."""
    lanes = [0.0] * count
    for k, term in enumerate(terms):
        lanes[k % count] += term
    return sum(lanes)


@pytest.mark.parametrize(
    ("outer", "slope", "wild", "expected"),
    [
        ("({})**2", lambda s: 2 * s, 1e9, "wrong"),
        ("exp({})", math.exp, -1e20, "wrong"),
        ("1/({})", lambda s: -1 / s**2, 1e9, "undecided"),  # rounding may take the sum to 0
    ],
)
def test_a_sum_that_was_added_up_in_another_order_accuses_nobody(outer, slope, wild, expected):
    terms = [1e16, -1e16, 1.0, 1.0, 0.0, 0.25, 0.5, 0.0]
    names = [f"x{k}" for k in range(8)]
    judge = court(outer.format(" + ".join(names)), dict(zip(names, terms, strict=True)))
    other = by_lanes(terms, 4)
    assert (math.fsum(terms), other) == (2.75, 2.5)
    assert judge.judge(0, slope(2.75)).verdict == "agree"
    assert (judge.judge(0, slope(other)).verdict, judge.judge(0, slope(other)).reason) == ("undecided", REORDERED)
    assert judge.judge(0, wild).verdict == expected


def test_a_value_that_was_added_up_in_another_order_accuses_nobody():
    at = {"x": 1e16, "y": -1e16, "z": 1.0, "w": 1.0}
    judge = court("x + y + z + w", at)
    assert judge.judge_value(2.0).verdict == "agree"
    assert (judge.judge_value(0.0).verdict, judge.judge_value(0.0).reason) == ("undecided", REORDERED)
    assert judge.judge_value(100.0).verdict == "wrong"
    assert court("log(x + y + z + w)", at).judge_value(-INF).verdict == "undecided"
    assert court("log(x + y + z)", {"x": 1.0, "y": 2.0, "z": 3.0}).judge_value(-INF).verdict == "nonfinite"


def test_a_sum_of_two_terms_has_one_order():
    assert verdict("(x - y)**2", {"x": 1e16 + 2, "y": 1e16}, 8.0) == "wrong"


def test_a_slope_beside_a_kink_may_be_of_a_sum_in_another_order():
    """At u = 0 the slopes of (x + y + z + w)²·|u| are −s² and s²."""
    at = {"x": 1e8, "y": -1e8, "z": 1e-8, "w": 1e-8, "u": 0.0}
    text, lost = "(x + y + z + w)**2*Abs(u)", ((1e8 + 1e-8) + (-1e8 + 1e-8)) ** 2
    exact = (2e-8) ** 2
    assert lost != exact
    assert verdict(text, at, exact, by="u") == "kink"
    assert verdict(text, at, 4 * exact, by="u") == "undecided"
    assert verdict(text, at, 1e-9, by="u") == "wrong"


def test_the_value_at_a_tie_of_a_choice_with_what_it_passes_on():
    """elu(v) is v where v > 0, and balls cannot tell their equality in any precision."""
    judge = court("v = sin(x); Piecewise((-12.25, elu(v, 0.5) >= v), (3*x, True))", {"x": 0.9})
    assert judge.value_truth.kind == "unknown"
    assert judge.judge_value(-12.25).verdict == "agree"
    assert judge.judge_value(2.7).verdict == "wrong"
    other = court("v = sin(x); Piecewise((-12.25, elu(v, 0.5) > v), (3*x, True))", {"x": 0.9})
    assert other.judge_value(-12.25).verdict == "wrong"
    assert other.judge_value(3 * 0.9).verdict == "agree"
    jump = court("Piecewise((5, cos(x)**2 + sin(x)**2 == 1), (1, True))", {"x": 0.9})
    assert jump.judge_value(5.0).verdict == jump.judge_value(1.0).verdict == "undecided"


def test_order_0_of_the_exponential_integral_is_not_documented_left_of_0():
    """exp(−x)/x there; SciPy's expn and those that follow it say nothing of x < 0, and return nan."""
    exact = float(mp.exp(1.5) * (1 / mp.mpf(1.5) - 1 / mp.mpf(1.5) ** 2))
    for g, expected in ((exact, "agree"), (math.nan, "undefined"), (2.0, "wrong"), (math.inf, "nonfinite")):
        assert court("expint(0, x)", {"x": -1.5}).judge_or_excuse(0, g).verdict == expected
    assert court("exp(expint(0, x))*x", {"x": -1.5}).judge_or_excuse(0, math.nan).verdict == "undefined"
    assert court("expint(0, x)", {"x": 1.5}).judge_or_excuse(0, 2.0).verdict == "wrong"
    assert court("expint(-1, x)", {"x": -1.5}).judge_or_excuse(0, 2.0).verdict == "wrong"


@pytest.mark.parametrize("text", ["where(x > 0, clip(x, 2, 1), x**2)", "where(x > 0, expint(0, x - 9), x**2)"])
def test_a_branch_that_is_not_taken_excuses_nothing(text):
    there, elsewhere = court(text, {"x": -1.0}), court(text, {"x": 1.0})
    for g, expected in ((-2.0, "agree"), (5.0, "wrong"), (math.nan, "nonfinite")):
        assert there.judge_or_excuse(0, g).verdict == expected
    assert elsewhere.judge_or_excuse(0, math.nan).verdict == "undefined"
    beside = court("where(x*y > 1, clip(x, 2, 1), x**2)", {"x": 0.1, "y": 10.0})  # 0.1·10 is above 1, floats say 1
    assert beside.judge_or_excuse(0, 5.0).verdict == "undefined"
