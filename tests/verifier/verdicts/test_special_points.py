"""Second thoughts: what is excused beside jumps, singular operations and edges of the domain, and what is not."""

from __future__ import annotations

import math

import mpmath as mp
import pytest

from gradjury.verifier.reading.reader import read
from gradjury.verifier.verify import verify

from ..truth import slope
from .test_judge import court, verdict


def test_a_tie_on_the_edge_of_a_domain():
    """x^1.5 + max(x, 0) at 0: to the left nothing is real, so only one slope exists."""
    tied = court("x**1.5 + Max(x, 0)", {"x": 0.0})
    assert tied.truth(0).kind == "boundary"
    assert tied.judge(0, 1.0).verdict == "agree"
    assert tied.judge(0, 0.5).verdict == "kink"
    assert "edge of the domain" in tied.judge(0, 0.5).reason
    assert tied.judge(0, 7.0).verdict == "wrong"
    unbounded = court("x**1.5 + sqrt(x)*x + Max(x, 0)", {"x": 0.0})
    assert unbounded.judge(0, 1.0).verdict == "agree"
    assert unbounded.judge(0, 0.5).verdict == "undecided"


@pytest.mark.parametrize("text", ["sqrt(x)**2", "cbrt(sqrt(x)**6)", "x + sqrt(x)*x"])
@pytest.mark.parametrize("g", [0.0, -1.0, 2.0, 1 + 1e-9])
def test_one_call_is_not_excused_by_what_its_parts_meet_on_the_edge(text, g):
    """sqrt(x)² at 0: a program that squares a root meets ∞·0; a call that means it has the slope 1 to give."""
    assert verdict(text, {"x": 0.0}, 1.0, standard="function") == "agree"
    assert verdict(text, {"x": 0.0}, g, standard="function") == "wrong"
    assert verdict(text, {"x": 0.0}, math.nan, standard="function") == "nonfinite"


def test_an_operation_that_jumps_where_the_function_does_not():
    """x·(sign(x) + 2) has the slopes 1 and 3 at 0; sign there has the value 0, and a product rule gives 2."""
    assert verdict("x*(sign(x) + 2)", {"x": 0.0}, 2.0) == "kink"
    # the slopes are −1 and 1, an engine that has sign(0) = 0 and adds 4x gets 0: between them
    assert verdict("x*sign(x) + 4*x**2", {"x": 0.0}, 0.0) == "kink"
    # slopes 5 and 7, and a third number at the point itself
    text = "x*Piecewise((5, x < 0), (1, x <= 0), (7, True))"
    assert verdict(text, {"x": 0.0}, 1.0) == "kink"
    assert verdict(text, {"x": 0.0}, 9.0) == "wrong"


def test_an_operation_that_jumps_on_a_smooth_function():
    """⌈x²⌉·x is x beside 0; at 0 the operation itself returns 0."""
    for g, expected in ((0.0, "kink"), (1.0, "agree"), (0.5, "kink"), (1.5, "wrong"), (-0.5, "wrong")):
        assert verdict("ceiling(x**2)*x", {"x": 0}, g) == expected


@pytest.mark.parametrize(
    ("text", "x"),
    [("x*sqrt(x)", 0.0), ("sqrt(x**3)", 0.0), ("acos(x)**3", 1.0), ("acosh(x)**4", 1.0), ("x**(5/3) + 1", 0.0)],
)
def test_at_an_edge_where_nothing_ties_a_number_is_right_or_wrong(text, x):
    """All their derivatives are 0 there."""
    assert verdict(text, {"x": x}, 0.0) == "agree"
    assert verdict(text, {"x": x}, -77.0) == "wrong"


def test_rounding_on_the_way_to_an_edge_still_excuses():
    assert verdict("(x + y - 1/2)*sqrt(x + y - 1/2)", {"x": 0.2, "y": 0.3}, -77.0) == "undecided"


@pytest.mark.parametrize(
    ("large", "as_floats_have_it", "far_off"),
    [(1e6, "agree", "wrong"), (1e12, "undecided", "wrong"), (1e14, "undecided", "undecided")],
)
def test_beside_a_singularity_other_operations_may_still_round(large, as_floats_have_it, far_off):
    """sin(x)/x·x·c + c·x at 0 has the slope 2c; c = (y + large) − large has in floats fewer digits than 0.1."""
    text, at = f"c = y + {large} - {large}; sin(x)/x*x*c + c*x", {"x": 0.0, "y": 0.1}
    rounded = 2 * (0.1 + large - large)
    assert abs(rounded - 0.2) > 1e-12
    found = [verdict(text, at, g, by="x") for g in (0.2, rounded, 0.24, 0.6)]
    assert found == ["agree", as_floats_have_it, far_off, "wrong"]


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("Max(x**2, x)", 1.0),
        ("Min(exp(x), 1 + 3*x)", 0.0),
        ("Abs(x**2 - x)*y", 1.0),
        ("Max(((x - 1) + 1)**2, x, 3*x - 2)", 1.0),
        ("clip(x**2, x, 7)*x**2", 1.0),
        ("where(exp(x) < 1 + x*x, 5*x, x + sin(x))", 0.0),
    ],
)
@pytest.mark.parametrize("standard", ["program", "function"])
def test_at_a_tie_of_rounded_numbers_one_side_is_taken_for_all(text, x, standard):
    """An engine may fall to either side, or take a mean; the sum of both slopes, or neither, is nobody's."""
    at = {"x": x, "y": 1.0}
    tape = read(text)
    point = [at[name] for name in tape.inputs]
    left, right = sorted(float(slope(tape, point, 0, side)) for side in (-1, 1))
    for g in (left, right, (left + right) / 2):
        assert verdict(text, at, g, standard=standard) in ("kink", "agree")
    for g in (left - 1e-6, right + 1e-6, left - 1, right + 1, -20.0, 20.0):
        assert verdict(text, at, g, standard=standard) == "wrong"


def test_beside_a_tie_of_rounded_numbers():
    """The next float above 1: x² is larger than x by less than two roundings, so floats may take x, but not both."""
    at = {"x": 1 + 2.0**-52}
    assert verdict("Max(x**2, x)", at, 2.0) == "agree"
    assert verdict("Max(x**2, x)", at, 1.0) == "undecided"
    assert verdict("Max(x**2, x)", at, 3.0) == verdict("Max(x**2, x)", at, 0.0) == "wrong"
    # branches that are one function leave nothing open
    assert verdict("Max(0.1*x, x/10)", {"x": 1}, 0.1) == "agree"
    assert verdict("Max(0.1*x, x/10)", {"x": 1}, 0.2) == verdict("Max(0.1*x, x/10)", {"x": 1}, 0.05) == "wrong"


def test_several_ties_of_rounded_numbers_each_take_a_side():
    """relu(x² − x) − 3·relu(x − x²) at 1: floats may fall to either side of each, 0 or 1 and 0 or 3."""
    tied = court("relu(x**2 - x) - 3*relu(x - x**2)", {"x": 1.0})
    for g, expected in ((0.0, "kink"), (1.0, "kink"), (3.0, "kink"), (4.0, "kink"), (4.1, "wrong"), (-0.1, "wrong")):
        assert tied.judge(0, g).verdict == expected


def test_more_rounded_ties_than_are_gone_through():
    """Seven: both sides of the last two are taken together, which excuses more, and accuses nobody wrongly."""
    text = " + ".join(f"Abs(x**{n} - x)" for n in range(2, 9))
    tied = court(text, {"x": 1.0})
    slope_to_the_right = float(sum(range(1, 8)))
    for g in (-slope_to_the_right, 0.0, slope_to_the_right):
        assert tied.judge(0, g).verdict == "kink"
    assert tied.judge(0, 1000.0).verdict == "wrong"


def test_two_ties_in_one_operation_are_taken_together():
    """clip(x, low, high) of three equal numbers moves with none of them alone, or half with the last."""
    tied = court("clip(x, 3*x/3, x*1.1/1.1)", {"x": 0.7})
    for g, expected in ((1.0, "agree"), (0.0, "undecided"), (0.5, "undecided"), (-1.5, "wrong"), (3.5, "wrong")):
        assert tied.judge(0, g).verdict == expected
    # a lone tie in it is as any other
    lone = court("clip(x, 3*x/3, 9)", {"x": 0.7})
    assert lone.judge(0, 1.0).verdict == "agree"
    assert lone.judge(0, 0.0).verdict == lone.judge(0, 2.0).verdict == "wrong"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("x**(1/6)*x**(5/6)", {"x": 0.0}),
        ("x**0.1*(x**0.9 + x)", {"x": 0.0}),
        ("x**y*x**(1 - y)", {"x": 0.0, "y": 0.25}),
        ("5*x**(2/3)*sin(x)**(1/3) + y", {"x": 0.0, "y": 1.0}),
        ("x**0.3*x**0.8", {"x": 0.0}),
        ("x**(4/3)*x**(1/3) + 3*x", {"x": 0.0}),
    ],
)
@pytest.mark.parametrize("standard", ["program", "function"])
def test_a_power_that_is_0_does_not_end_the_path_of_an_infinite_slope(text, at, standard):
    """x^(1/6) and x^(5/6) are 0 at 0, where each multiplies the other's infinite slope: their product is x."""
    tape = read(text)
    right = slope(tape, [at[name] for name in tape.inputs], 0, 1)
    with mp.workdps(50):  # powers of a step of 10⁻⁶⁰ are left of an exponent that is not whole
        right = mp.nint(right * 1000) / 1000
    assert verdict(text, at, float(right), standard=standard) == "agree"
    for g in (right + 1, right - 1, right + 1e-9):
        assert verdict(text, at, float(g), standard=standard) != "agree"
    assert verdict(text, at, float(right + 1), standard=standard) == "wrong"


@pytest.mark.parametrize(
    "edge",
    ["asin(1 - x)", "acos(1 - x)", "atanh(1 - x)", "elliptic_e(1 - x)", "acosh(1 + x)", "li(1 + x)", "gamma(x - 1)"],
)
def test_a_value_nearer_to_an_edge_than_256_bits_tell_is_not_beyond_it(edge):
    text, at = f"{edge} + abs(y)", {"x": 1e-100, "y": 0.0}
    beside = court(text, at)
    j = beside.plan.tape.inputs.index("y")
    assert beside.judge(j, 0.5).verdict == "kink"
    assert beside.judge(j, 7.0).verdict == "wrong"


@pytest.mark.parametrize("text", ["x**2*Ci(abs(x))", "mod(x, x**2)", "csch(acsch(x))", "(1 + x)**(1/x**2)"])
def test_what_could_not_be_expanded_beside_a_hole_is_undecided_not_undefined(text):
    assert verdict(text, {"x": 0.0}, 7.0) == "undecided"


def test_an_argument_below_all_floats_is_no_pole():
    assert verdict("Ci(erfc(4*x**2))", {"x": 3.0}, -1728.67) != "undefined"
    assert verdict("Ei(x*x)", {"x": 1e-200}, 2e200) != "undefined"


def test_exact_0_times_a_pole_is_no_number():
    for g in (math.nan, 0.0):
        assert verdict("y*erfinv(x)", {"x": 1.0, "y": 0.0}, g) == "undefined"
        assert verdict("y*(x/y)/atan2(x, x)", {"y": -2.0, "x": 0.0}, g) == "undefined"


def test_at_a_kink_of_a_library_function_rounding_widens_nothing():
    """abs(x) times a factor of exactly 1, of which a program keeps no digit."""
    text, at = "abs(x)*((y + 1e16) - 1e16)", {"x": 0.0, "y": 1.0}
    for g, expected in ((1.0, "kink"), (-0.3, "kink"), (2.9, "wrong")):
        assert verdict(text, at, g, standard="function") == expected
    assert verdict(text, at, 2.9) == "kink"  # a program may lose it
    assert verdict("abs(x)*(1 - cos(y))", {"x": 0.0, "y": 1e-8}, 3e-16, standard="function") == "wrong"


@pytest.mark.parametrize("text", ["((x + (3 - x))**x)**y", "((x + (3 - x))**x)**(1/3)", "cbrt((x + (3 - x))**x)"])
def test_a_power_of_a_ball_without_bounds_is_not_known(text):
    """Arb's power of such a ball ends the process."""
    names = read(text).inputs
    assert verdict(text, {name: 1e40 if name == "x" else 0.3 for name in names}, 1.0) == "undecided"


@pytest.mark.parametrize("text", ["Shi(x - x)", "Shi(0*x)", "Shi(y)", "Shi(floor(x))"])
def test_rounding_that_is_magnified_beside_a_derivative_of_0_over_0_accuses_nobody(text):
    """Of Shi SymPy's derivative is sinh(x)/x; the sine of 1e8·z is right to nine digits."""
    at = {"x": 0.3, "y": 0.0, "z": 0.712345}
    found = verify(f"{text}*sin(100000000*z) + x*sin(100000000*z) + y", at)
    assert found.verdict == "agree"


@pytest.mark.parametrize("standard", ["program", "function"])
@pytest.mark.parametrize(
    ("text", "point", "slopes"),
    [
        ("Max(sin(x), sin(y))", (0.3, 0.3), (0, mp.cos(0.3))),
        ("Min(log(x + 1), log(y + 1))", (1e-20, 1e-20), (1, 0)),
        ("Abs(sigmoid(x) - sigmoid(y))", (2.0, 2.0), (-1 / (4 * mp.cosh(1) ** 2), 1 / (4 * mp.cosh(1) ** 2))),
        ("relu(gamma(x) - gamma(y))", (3.0, 3.0), (0, mp.gamma(3) * mp.digamma(3))),
        ("Max(x**1.5, y**1.5, 0)", (0.3, 0.3), (0, 1.5 * mp.sqrt(0.3))),
    ],
)
def test_one_function_at_two_equal_numbers_ties_with_itself(text, point, slopes, standard):
    """Though neither value is a number that balls know exactly: what was claimed there passed as undecided."""
    x, y = point
    left, right = map(float, slopes)
    claims = [(left + right) / 2, left, right, min(left, right) - 1.0, max(left, right) + 1.0]
    result = verify(text, at={"x": x, "y": [y] * 5}, gradient={"x": claims}, standard=standard)
    verdicts = [found.partials["x"].verdict for found in result.points]
    assert verdicts == ["kink", "kink", "kink", "wrong", "wrong"]


@pytest.mark.parametrize("standard", ["program", "function"])
@pytest.mark.parametrize(
    ("text", "dtype", "expected"),
    [
        ("Abs(x)*10**400", "float64", ["kink", "kink", "kink", "nonfinite"]),
        ("Max(x, 0)*10**60", "float32", ["kink", "nonfinite", "kink", "nonfinite"]),
        ("Abs(x)*10**200", "float64", ["nonfinite", "nonfinite", "kink", "nonfinite"]),
        ("Abs(x)*10**60", "float32", ["kink", "kink", "kink", "nonfinite"]),
    ],
)
def test_a_slope_of_a_kink_beyond_the_largest_float_is_infinite_in_floats(text, dtype, expected, standard):
    claims = [math.inf, -math.inf, 0.0, math.nan]
    result = verify(text, at={"x": [0.0] * 4}, gradient={"x": claims}, dtype=dtype, standard=standard)
    assert [found.partials["x"].verdict for found in result.points] == expected
