"""Derivatives of higher order: mpmath's at ordinary points, known ones at special points, those of engines."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.properties.points import points
from gradjury.properties.shards import generate
from gradjury.verifier.limits import HIGHEST
from gradjury.verifier.oracle import balls, germs
from gradjury.verifier.oracle.sweeps import plan_of, precision_of
from gradjury.verifier.reading.reader import read
from gradjury.verifier.verdicts.higher import HigherOrder
from gradjury.verifier.verdicts.judgement import FLAGGED
from gradjury.verifier.verify import verify

from ..oracle.test_sweeps import drawn
from ..truth import hurwitz_zeta

DOUBLE = precision_of(np.dtype(np.float64))
CALM = settings(deadline=None, print_blob=True, max_examples=60)


def judged(text, order, x, g):
    """The judgement on g as a derivative of a function of x."""
    return HigherOrder(read(text), order).judge([x], 0, g, DOUBLE, "function")


@pytest.mark.parametrize("order", range(2, HIGHEST + 1))
@pytest.mark.parametrize(
    ("text", "function", "x"),
    [
        ("exp(sin(x))", lambda x: mp.exp(mp.sin(x)), 0.7),
        ("x/(1 + exp(-x))", lambda x: x / (1 + mp.exp(-x)), 40.0),
        ("log(erfc(-x/sqrt(2))/2)", lambda x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2), -30.0),
        ("tan(x)**2 - sqrt(x)", lambda x: mp.tan(x) ** 2 - mp.sqrt(x), 1.25),
        ("gamma(x)*log(x)", lambda x: mp.gamma(x) * mp.log(x), 2.5),
        ("besselj(2, x)", lambda x: mp.besselj(2, x), 3.5),
        ("x**x", lambda x: x**x, 1.5),
        ("atan2(x, 2)/cosh(x)", lambda x: mp.atan2(x, 2) / mp.cosh(x), -0.8),
        ("3*x + 2", lambda x: 3 * x + 2, 1.0),
        ("zeta(-1, x)*x", lambda x: hurwitz_zeta(-1, x) * x, -2.5),  # where a factor of the second is 0·∞
        ("zeta(3, x)", lambda x: hurwitz_zeta(3, x), -1.75),
        ("uppergamma(3, x)", lambda x: (x * x + 2 * x + 2) * mp.exp(-x), -1.5),
        ("polylog(-1, x)", lambda x: x / (1 - x) ** 2, 2.5),
    ],
)
def test_ordinary_points(text, function, x, order):
    found = judged(text, order, x, 0.0).truth
    assert found.kind == "smooth"
    with mp.workdps(60):
        expected = mp.diff(function, mp.mpf(x), order)
        assert mp.almosteq(mp.mpf(balls.as_text(found.ball, 30)), expected, rel_eps=1e-15, abs_eps=1e-25)


@pytest.mark.parametrize(
    ("text", "x", "order", "kind", "truth"),
    [
        ("sin(x)/x", 0.0, 2, "smooth", -1 / 3),
        ("sin(x)/x", 0.0, 4, "smooth", 1 / 5),
        ("sqrt(x**2)**2", 0.0, 2, "smooth", 2.0),
        ("Abs(x)**3", 0.0, 2, "smooth", 0.0),
        ("Abs(x)**3", 0.0, 3, "kink", (-6.0, 6.0)),
        ("x*Abs(x)", 0.0, 2, "kink", (-2.0, 2.0)),
        ("x*Abs(x)", 3.0, 2, "smooth", 2.0),
        ("Max(x, 0)**2", 0.0, 2, "kink", (0.0, 2.0)),
        ("Max(x, 0)", 0.0, 2, "undefined", None),
        ("x**Rational(5, 2)", 0.0, 2, "smooth", 0.0),
        ("x**pi", 0.0, 3, "boundary", 0.0),
        # poles of balls, which cancel to no exact 0
        ("sin(pi*x)/(pi*x)", 0.0, 2, "smooth", -(math.pi**2) / 3),
        ("sin(pi*x)/(pi*x)", 0.0, 4, "smooth", 19.481818206800487),  # π⁴/5
        ("erf(x)/x", 0.0, 2, "smooth", -4 / (3 * math.sqrt(math.pi))),
        ("Abs(x)*sin(pi*x)", 0.0, 2, "kink", (-2 * math.pi, 2 * math.pi)),
        # poles of high order
        ("x/(exp(x) - 1)", 0.0, 5, "smooth", 0.0),
        ("(x - sin(x))/x**3", 0.0, 4, "smooth", 1 / 210),
        ("Abs(sin(x))/x**3*x**2", 0.0, 2, "undefined", None),
        ("Abs((exp(x) - 1 - x)/x)/x*Abs(x)**3", 0.0, 3, "smooth", 3.0),
        ("LambertW(x)", 0.0, 3, "smooth", 9.0),
        ("LambertW(x)", 0.0, 5, "smooth", 625.0),
        ("polylog(2, x)", 0.0, 2, "smooth", 0.5),
        ("polylog(2.5, x)", 0.0, 3, "smooth", 6 / 3**2.5),
        ("polylog(-1, x)", 0.0, 5, "smooth", 600.0),
        ("polylog(3, x)/x", 0.0, 2, "smooth", 2 / 27),
        ("elliptic_k(x)", 0.0, 2, "smooth", math.pi * 9 / 64),
        ("elliptic_e(x)", 0.0, 2, "smooth", -math.pi * 3 / 64),
        ("x**Rational(5, 2)", 0.0, 3, "infinite", math.inf),
        ("x**Rational(5, 2)", 0.0, 4, "undefined", None),
        ("sqrt(x)", 0.0, 2, "undefined", None),
        ("x*floor(x)", 1.5, 2, "smooth", 0.0),
        ("x*floor(x)", 1.0, 2, "undefined", None),
        ("Piecewise((x**2, x > 1), (2*x - 1, True))", 1.0, 2, "kink", (0.0, 2.0)),
        # a branch that is not taken, and has no value
        ("where(x > 0, sqrt(x), x**2)", -3.0, 2, "smooth", 2.0),
        ("where(x > 1, sqrt(x - 1), 0)", 0.5, 3, "smooth", 0.0),
        ("where(x > 0, log(x), exp(x))", -1.0, 4, "smooth", 0.36787944117144233),
    ],
)
def test_special_points(text, x, order, kind, truth):
    found = judged(text, order, x, 0.0).truth
    assert found.kind == kind
    if kind == "kink":
        assert (float(found.sides.left), float(found.sides.right)) == truth
    elif truth is not None:
        assert float(found.ball) == pytest.approx(truth, abs=1e-30)


@pytest.mark.parametrize("standard", ["program", "function"])
def test_verdicts_where_only_the_function_s_own_series_tells(standard):
    tape = read("sin(pi*x)/(pi*x)")
    expected = {-(math.pi**2) / 3: "agree", 0.0: "wrong", -3.2898682: "wrong", math.nan: "nonfinite"}
    for g, verdict in expected.items():
        assert HigherOrder(tape, 2).judge([0.0], 0, g, DOUBLE, standard).verdict == verdict


def test_series_that_tell_too_little_say_nothing():
    with balls.precision(256):
        for text, order in [("x**Rational(5, 2)", 3), ("log(Abs(x))*x**3", 3), ("1/x", 2)]:
            tape = read(text)
            assert germs.sides_of_order(tape, germs.Start(tape, [Fraction(0)]), 0, order) is None
        for text in ("where(x < 0, x**2, 1 + x**2)", "where(Ne(x, 0), x**2, 1)", "where(x < 0, x, 2*x)"):
            tape = read(text)
            assert germs.sides_of_order(tape, germs.Start(tape, [Fraction(0)]), 0, 2) is None


def test_verdicts_at_a_kink_and_where_there_is_no_derivative():
    assert [judged("x*Abs(x)", 2, 0.0, g).verdict for g in (0.0, 2.0, 3.0, math.nan)] == [
        "kink",
        "kink",
        "wrong",
        "nonfinite",
    ]
    for g in (0.0, 1e9, math.nan):
        found = judged("Max(x, 0)", 2, 0.0, g)
        assert (found.verdict, found.reason) == ("undefined", "the derivative of order 1 is two-valued here")


@CALM
@given(st.integers(0, 10**6))
def test_the_second_derivative_is_the_limit_of_quotients_of_first_ones(index):
    tape, point = drawn(index, nodes=(2, 10))
    bits, j = 1024, index % len(point)
    plan, h = plan_of(tape), arb(2) ** -100
    with balls.precision(bits):
        inputs = [arb(x) for x in point]
        slopes = []
        for way in (h, -h):
            moved = [x + way if i == j else x for i, x in enumerate(inputs)]
            slopes.append(plan.exact(moved, bits)[1][j])
        quotient = (slopes[0] - slopes[1]) / (2 * h)
        found = HigherOrder(tape, 2).judge(point, j, 0.0, DOUBLE, "program").truth
        if found.kind == "smooth" and quotient.is_finite():
            assert abs(found.ball - quotient) <= abs(quotient) * 2.0**-60 + 2.0**-60


@pytest.mark.parametrize("seed", [1, 2])
def test_the_own_engine_is_not_accused_at_ordinary_points(seed):
    for index in range(60):
        function = generate(index, seed, nodes=(2, 12))
        result = verify(function.tape, points(function, 3, seed=seed, index=index), order=2, timeout=60)
        assert result.verdict not in FLAGGED, (index, result)


@pytest.mark.parametrize(
    ("text", "order", "right"),
    [
        ("relu(x) - relu(-x)", 2, 0.0),
        ("maximum(x, 2*x) + minimum(x, 2*x)", 2, 0.0),
        ("abs(x)*sign(x)", 2, 0.0),
        ("where(x == 0, 1, exp(x))", 2, 1.0),
        ("where(x == 0, 1, sin(x)/x)", 2, -1 / 3),
        ("x*x*sqrt(x)", 2, 0.0),
        ("sqrt(x)**4", 2, 2.0),
        ("x*sqrt(x)", 2, math.inf),
        ("sinc(x)", 2, -1 / 3),
        ("sinc(x)", 3, 0.0),
        ("sinc(x)", 4, 0.2),
    ],
)
def test_a_derivative_is_what_the_order_below_says_it_is_at_a_tie_or_a_hole(text, order, right):
    """The operations of a derivative may meet 0·∞ or a tie where it has a value all the same."""
    result = verify(text, at={"x": [0.0, 0.0]}, gradient={"x": [right, 7.0]}, order=order)
    first, second = (point.partials["x"].verdict for point in result.points)
    assert first == "agree"
    assert second in ("wrong", "nonfinite")


@pytest.mark.parametrize("order", [2, 4])
def test_the_branch_of_a_hole_has_no_derivative_of_its_own(order):
    """SymPy and engines differentiate the 1, which stands for one point: 0 is the derivative of no function here."""
    result = verify("Piecewise((sin(x)/x, Ne(x, 0)), (1, True))", at={"x": 0.0}, gradient={"x": 0.0}, order=order)
    assert result.verdict == "wrong"


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("Abs(x)**2", 2.0, (0.0, 1.0)),
        ("Max(x, 0) + log(1 + exp(-Abs(x)))", 0.25, (0.0, 0.5)),  # the loss of pytorch/pytorch 59477
        ("relu(x)**2 + relu(-x)**2", 2.0, (0.0, 1.0)),
        ("exp(Abs(x))*(i0(x)*exp(-Abs(x)))", 0.5, (0.0,)),  # jax-ml/jax 40627
    ],
)
def test_a_jump_of_a_derivative_s_own_operations_excuses_no_number(text, right, wrong):
    """sign, the derivative of Abs, is 0 at 0, as engines choose it: the function has one curvature all the same."""
    claims = [right, *wrong]
    result = verify(text, at={"x": [0.0] * len(claims)}, gradient={"x": claims}, order=2)
    assert [point.partials["x"].verdict for point in result.points] == ["agree"] + ["wrong"] * len(wrong)


def test_a_jump_of_the_function_s_own_operations_is_a_choice():
    result = verify("ceil(x**2)*x**2", at={"x": [0.0] * 3}, gradient={"x": [2.0, 0.0, 3.0]}, order=2)
    assert [point.partials["x"].verdict for point in result.points] == ["agree", "kink", "wrong"]


def test_a_branch_that_is_not_taken_excuses_nothing():
    result = verify(
        "where(x > 0, sqrt(x), 0)", at={"x": [-3.0, -3.0, 4.0]}, gradient={"x": [0, math.nan, -1 / 32]}, order=2
    )
    assert [point.partials["x"].verdict for point in result.points] == ["agree", "nonfinite", "agree"]


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize(
    ("text", "x", "right"),
    [
        ("sqrt(b*x)", 1.0, 0.0),
        ("cbrt(b*x)*cos(x)", 1.0, 0.0),
        ("hypot(b*x, b)", 0.5, 0.0),
        ("acos(1 - b*x**2) + x**4", 1.0, {2: 12.0, 3: 24.0}),
        ("b*sqrt(b/cos(x))*elliptic_f(x, 1/2)", 1.0, 0.0),
    ],
)
def test_a_function_that_stands_still_has_the_derivatives_of_a_constant(text, x, right, order):
    """At b = 0 the first is 0, though an operation of the second is infinite all around the point."""
    right = right[order] if isinstance(right, dict) else right
    result = verify(text, at={"x": x, "b": [0.0, 0.0]}, gradient={"x": [right, right + 1.0]}, wrt="x", order=order)
    assert [point.partials["x"].verdict for point in result.points] == ["agree", "wrong"]


@pytest.mark.parametrize(("text", "m"), [("elliptic_k(x)", 0.3), ("elliptic_e(x)", -2.5)])
def test_second_derivatives_of_complete_elliptic_integrals(text, m):
    function = {"elliptic_k(x)": mp.ellipk, "elliptic_e(x)": mp.ellipe}[text]
    with mp.workdps(40):
        right = float(mp.diff(function, m, 2))
    result = verify(text, at={"x": [m, m]}, gradient={"x": [right, right * (1 + 1e-6)]}, order=2)
    assert [point.partials["x"].verdict for point in result.points] == ["agree", "wrong"]


def test_the_curvature_of_softplus_is_told_in_floats_of_few_bits():
    """eᵘ/(1 + eᵘ) differentiated is a difference, of whose digits a ball of a float32's width leaves none."""
    x = np.float32(26.0)
    right = float(mp.exp(-x - 1))
    result = verify("softplus(x + 1)", at={"x": [x, x]}, gradient={"x": [right, 0.0]}, order=2, dtype="float32")
    assert [point.partials["x"].verdict for point in result.points] == ["agree", "inaccurate"]


@pytest.mark.parametrize("order", [2, 3, 4])
@pytest.mark.parametrize("name", ["softplus", "logsigmoid", "sigmoid", "gelu", "silu", "mish"])
def test_our_engine_passes_from_one_formula_of_a_smooth_function_to_the_other(name, order):
    """At 0, where their rules change formulas: a variable that falls there is no other than one that rises."""
    for point in verify(f"{name}(-x)", at={"x": [0.0, -0.0]}, order=order).points:
        found = point.partials["x"]
        assert abs(arb(found.engine) - found.truth.ball) < 1e-14


@pytest.mark.parametrize(("order", "right"), [(2, -(math.pi**2) / 3), (3, 0.0)])
def test_the_normalized_sinc_is_told_at_its_hole(order, right):
    result = verify("normalized_sinc(x)", at={"x": [0.0, 0.0]}, gradient={"x": [right, right + 1e-3]}, order=order)
    assert [point.partials["x"].verdict for point in result.points] == ["agree", "wrong"]


@pytest.mark.parametrize("order", range(2, HIGHEST + 1))
@pytest.mark.parametrize(
    ("text", "taken", "points"),
    [
        ("where(x > 0, sqrt(x), 0)", lambda x: x * 0, [-3.0, -1e-300]),
        ("where(x > 0, log(x), x**5) + where(x < 1, x**(-0.5), x**6)*x", lambda x: mp.log(x) + x**7, [3.0, 1.5]),
        ("where(x > 0, where(x > 1, sqrt(x - 1), x**6), exp(x))", lambda x: x**6, [0.5, 0.9]),
        ("where(x < 1, asin(x), x**6)**2", lambda x: x**12, [3.0]),
        ("Max(exp(x), exp(-x*x*x))*sin(x)", lambda x: mp.exp(x) * mp.sin(x), [9.5, 30.0]),
        ("clip(x**x, 0, 1)*x**5", lambda x: x**5, [300.0]),
        ("relu(1 - exp(exp(x)))*x + x**6", lambda x: x**6, [7.0, 10.0]),
    ],
)
def test_our_engine_leaves_out_branches_that_are_not_taken(text, taken, points, order):
    """Their values are nan, infinite or 0 there, and so are their derivatives."""
    for point in verify(text, at={"x": points}, order=order).points:
        with mp.workdps(60):
            truth = float(mp.diff(taken, mp.mpf(point.at["x"]), order))
        assert point.partials["x"].verdict == "agree", point
        assert float(point.partials["x"].engine) == pytest.approx(truth, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("text", ["normalized_sinc(x)", "x*normalized_sinc(-x)", "fresnelc(x)", "Shi(x - 2)"])
def test_our_engine_knows_the_curvature_where_a_slope_is_flat(text):
    result = verify(text, at={"x": [1.0, 3.0, -2.0, 2.0, 0.5]}, order=3)
    assert {point.partials["x"].verdict for point in result.points} <= {"agree", "imprecise"}


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("sigmoid(x)", [0.0, 1e-300, 1e-8, -1e-4, 0.3, 40.0, -300.0]),
        ("tanh(x)", [0.0, 1e-8, 20.0, -300.0, 360.0, 1e4]),
        ("coth(x)", [0.3, 20.0, -300.0, 360.0, 1e4]),
        ("asin(x)", [0.0, 1e-300, 1e-8, -1e-4, 0.4, 0.4987, 0.5, -0.6, 0.99]),
        ("acos(x)", [0.0, 1e-300, 1e-8, -1e-4, 0.4, 0.4987, 0.5, -0.6, 0.99]),
        ("atanh(x)", [0.0, 1e-300, 1e-8, -1e-4, 0.4, 0.4987, 0.5, -0.6, 0.99]),
        ("gelu(x)", [0.0, 1e-8, -3.0, 30.0, -30.0, 50.0, 1e4]),
        ("mish(x)", [5.0, 10.0, 20.0, -20.0, 40.0]),
        ("Shi(x)", [0.0, 1e-20, 1e-8, -1e-4, 0.01, 0.5, 0.9987, 1.0, -3.0]),
        ("polylog(1/2, x)", [0.0, -0.0, 1e-300, 1e-9, -1e-4, 0.1, 0.4987, -0.5, 0.9, -3.0]),
        ("polylog(20, x)", [0.0, 1e-9, 0.1, 0.5, -0.9, 1.0 - 2.0**-20]),
        ("elliptic_f(1/2, x)", [0.0, 1e-20, 1e-9, -1e-4, 0.05, 0.4986, -0.3, -3.0]),
        ("elliptic_e(-2, x)", [0.0, 1e-20, 1e-9, -1e-4, 0.05, 0.4986, -0.3, -3.0]),
    ],
)
def test_our_engine_knows_second_derivatives_where_they_vanish(text, points):
    """Its rules' own derivatives would be differences there, or quotients of powers beyond the floats."""
    result = verify(text, at={"x": points}, order=2)
    assert {point.partials["x"].verdict for point in result.points} == {"agree"}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("text", "others", "function"),
    [
        ("lowergamma(a, x)", {"a": 2.5}, lambda a, x: mp.gammainc(a, 0, x)),
        ("x*besselj(a, x) + b", {"a": 0.75, "b": 3.0}, lambda a, b, x: x * mp.besselj(a, x) + b),
        ("hyper([a, b], [c], x)", {"a": 0.5, "b": 1.25, "c": 2.5}, lambda a, b, c, x: mp.hyp2f1(a, b, c, x)),
        ("uppergamma(a, x)*b**x", {"a": 1.5, "b": 2.0}, lambda a, b, x: mp.gammainc(a, x) * b**x),
        ("zeta(a, x)", {"a": 2.5}, lambda a, x: mp.zeta(a, x)),
    ],
)
def test_our_engine_differentiates_again_by_an_argument_beside_variable_orders(text, others, function, dtype):
    """Its rules branch on an order, which is a number of each point where the derivative is by something else."""
    others, points = {**others, "a": [others["a"], others["a"] + 1.0]}, [0.5, 0.75]
    for order in (2, 3):
        result = verify(text, at={"x": points, **others}, wrt="x", order=order, dtype=dtype)
        for k, point in enumerate(result.points):
            found = point.partials["x"]
            at = {name: value[k] if name == "a" else value for name, value in others.items()}
            with mp.workdps(40):
                right = mp.diff(lambda x, at=at: function(**at, x=x), points[k], order)
                assert abs(mp.mpf(found.symbolic) - right) < mp.mpf("1e-15") * abs(right)
            assert found.verdict == "agree"


@pytest.mark.parametrize(
    ("text", "function", "zero"),
    [
        ("besselj(0, x)", lambda x: mp.besselj(0, x), 1.8),
        ("Ei(x)", mp.ei, 1.0000001),
        ("Si(x)", mp.si, 4.5),
        ("airyai(x)", mp.airyai, -2.3),
        ("fresnels(x)", mp.fresnels, 1.0),
    ],
)
def test_a_special_function_has_the_allowance_of_its_own_second_derivative(text, function, zero):
    """Beside a zero of it, too, a library cannot know its argument better than to the last digit."""
    with mp.workdps(40):
        x = float(mp.findroot(lambda t: mp.diff(function, t, 2), zero)) if text != "Ei(x)" else zero
        truth, steepness = mp.diff(function, x, 2), abs(x * mp.diff(function, x, 3))
        claims = [float(truth + steepness * mp.mpf(error)) for error in ("1e-16", "-2e-16", "1e-14", "1e-3")]
    result = verify(text, at={"x": [x] * 4}, gradient={"x": claims}, order=2, standard="function")
    verdicts = [point.partials["x"].verdict for point in result.points]
    assert verdicts[:2] == ["agree", "agree"]
    assert set(verdicts[2:]) <= {"inaccurate", "wrong"}
