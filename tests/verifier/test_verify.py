"""`verify`: what it takes, what it judges, and the one line for what it does not take."""

from __future__ import annotations

import gc
import math
import time
import weakref

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from gradjury.engine.primitive import REGISTRY
from gradjury.engine.tape import Recorder, Tape
from gradjury.verifier import judge_tape, point_result
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.errors import InvalidInput, Unsupported
from gradjury.verifier.given import DEFAULT_POINTS
from gradjury.verifier.reading.reader import read
from gradjury.verifier.screening.first_sight import FirstSight
from gradjury.verifier.timelimit import TimeIsUp, time_limit
from gradjury.verifier.verdicts.judge import PointJudge
from gradjury.verifier.verify import as_tape, verify

from . import faults

X = sp.Symbol("x")


@pytest.mark.parametrize(
    "function",
    ["exp(x)*x", sp.exp(X) * X, lambda x: np.exp(x) * x, read("exp(x)*x")],
    ids=["text", "sympy", "call", "tape"],
)
def test_functions_of_every_kind(function):
    result = verify(function, {"x": [0.5, 1.0]})
    assert result.verdict == "agree"
    assert [p.value for p in result.points] == pytest.approx([0.5 * math.exp(0.5), math.e])
    assert as_tape(function).inputs == ("x",)


@pytest.mark.parametrize("function", [3, None, ["x"]])
def test_what_is_no_function(function):
    with pytest.raises(InvalidInput, match="expected text, a SymPy expression, a Python function or a Tape"):
        verify(function, {"x": 1.0})


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"at": {"x": 1.0}}, "no value for variable 'y'; given: x"),
        ({"at": {}}, "no value for variable 'x'; given: none"),
        ({"at": {"x": [1.0, 2.0], "y": [1.0, 2.0, 3.0]}}, "at: 2 numbers for 'x', 3 numbers for 'y'"),
        ({"at": {"x": [[1.0]], "y": 1.0}}, "expected one number"),
        ({"at": {"x": [], "y": 1.0}}, "expected one number"),
        ({"at": {"x": 1.0, "y": 1.0}, "wrt": "z"}, "wrt: 'z' is no variable here; expected one of x, y"),
        ({"at": {"x": 1.0, "y": 1.0}, "engine": "nympy"}, "not known"),
        ({"at": {"x": [1.0, 2.0], "y": 1.0}, "gradient": {"x": [1.0, 2.0, 3.0]}}, "3 numbers for 'x' at 2 points"),
        ({"at": {"x": 1.0, "y": 1.0}, "derivative": {"x": "z + 1"}}, "no value for variable 'z' of the formula"),
        ({"at": {"x": 1.0, "y": 1.0}, "derivative": {"w": "1"}}, "'w' is no variable of the function"),
        ({"domain": {"x": [0, 1]}}, "no entry for variable 'y'"),
    ],
)
def test_bad_arguments_get_one_line(keywords, message):
    with pytest.raises(InvalidInput, match=message) as error:
        verify("exp(x)*y", **keywords)
    assert "\n" not in str(error.value)


def test_k_points_and_numbers_that_serve_all_of_them():
    result = verify("x*y", {"x": [1.0, 2.0, 3.0], "y": 5.0})
    assert [p.at for p in result.points] == [{"x": x, "y": 5.0} for x in (1.0, 2.0, 3.0)]
    assert [p.partials["y"].engine for p in result.points] == [1.0, 2.0, 3.0]
    assert verify("x*y", {"x": np.array([1.0, 2.0]), "y": np.float64(3)}).points[1].partials["x"].engine == 3.0
    assert len(verify("x*y", {"x": [1.0], "y": 2.0}).points) == 1


def test_points_are_sampled_where_none_are_given():
    result = verify("sqrt(x)*log(y)", seed=3)
    assert len(result.points) == DEFAULT_POINTS
    assert result.verdict == "agree"
    assert [p.at for p in verify("sqrt(x)*log(y)", seed=3).points] == [p.at for p in result.points]
    assert [p.at for p in verify("sqrt(x)*log(y)", seed=4).points] != [p.at for p in result.points]
    some = verify("x + y", domain={"x": [2.0, 3.0], "y": [5.0, 5.0]}, points=4)
    assert all(2 <= p.at["x"] <= 3 and p.at["y"] == 5 for p in some.points)
    assert len(some.points) == 4


def test_extra_variables_have_the_partial_zero():
    result = verify("exp(x)", {"x": 1.0, "z": 2.0})
    assert result.points[0].partials["z"].verdict == "agree"
    assert result.points[0].partials["z"].engine == 0.0
    long = verify("Abs(x)*1", {"x": 0.0, "z": 2.0}).points[0].partials
    assert (long["x"].verdict, long["z"].verdict) == ("kink", "agree")
    for claim, verdict in ((0.0, "agree"), (1e-30, "wrong"), (math.nan, "nonfinite")):
        found = verify("exp(x)", {"x": 1.0, "z": 2.0}, gradient={"x": math.e, "z": claim})
        assert found.points[0].partials["z"].verdict == verdict


def test_claimed_numbers_are_judged_in_place_of_an_engines():
    at = {"x": [0.5, 1.0], "y": 2.0}
    right = {"x": [2 * math.exp(0.5), 2 * math.e], "y": [math.exp(0.5), math.e]}
    result = verify("exp(x)*y", at, gradient=right)
    assert (result.verdict, result.engine) == ("agree", "claim")
    assert result.points[0].value_verdict is None
    only = verify("exp(x)*y", at, gradient={"y": [1.6, math.e]})
    assert list(only.points[0].partials) == ["y"]
    assert [p.partials["y"].verdict for p in only.points] == ["wrong", "agree"]
    same = verify("x*y", at, gradient={"x": 2.0})  # one number serves all points
    assert [p.partials["x"].verdict for p in same.points] == ["agree", "agree"]
    assert verify("x*y", at, gradient={"x": np.array([2.0, 3.0])}).verdict == "wrong"


def test_one_variable_alone():
    result = verify("exp(x)*y", {"x": 0.5, "y": 2.0}, wrt="y")
    assert list(result.points[0].partials) == ["y"]
    wrong = faults.rule("exp", lambda d, x, y: -d)
    assert verify("exp(x)*y", {"x": 0.5, "y": 2.0}, wrt="y", engine=wrong).verdict == "agree"
    assert verify("exp(x)*y", {"x": 0.5, "y": 2.0}, wrt="x", engine=wrong).verdict == "wrong"
    assert list(verify("exp(x)", {"x": 0.5, "z": 1.0}, wrt="z").points[0].partials) == ["z"]


def test_second_derivatives():
    result = verify("exp(x)*y", {"x": [0.5, 1.0], "y": 2.0, "z": 1.0}, order=2)
    assert result.verdict == "agree"
    assert result.to_record()["order"] == 2
    for point, x in zip(result.points, (0.5, 1.0), strict=True):
        numbers = {name: partial.engine for name, partial in point.partials.items()}
        assert numbers == {"x": pytest.approx(2 * math.exp(x)), "y": 0.0, "z": 0.0}
        assert point.partials["x"].difference == pytest.approx(2 * math.exp(x))
        assert abs(point.partials["x"].difference - point.partials["x"].engine) < point.partials["x"].difference_error
    claims = verify("tanh(x)", {"x": 20.0}, gradient={"x": 0.0}, order=2, derivative={"x": "-2*tanh(x)/cosh(x)**2"})
    assert claims.verdict == "inaccurate"
    assert claims.points[0].partials["x"].formula_verdict in ("agree", "proved")
    assert verify("x**3", {"x": 2.0}, gradient={"x": 6.0}, order=3, derivative={"x": "6*x"}).verdict == "wrong"


def test_too_high_an_order_is_undecided_with_that_reason():
    result = verify("exp(x)*y", {"x": [0.5, 1.0], "y": 2.0}, order=6)
    assert result.verdict == "undecided"
    for point in result.points:
        for partial in point.partials.values():
            assert partial.reason == "derivatives of order 6 are not judged, only up to order 5"
            assert not partial.certified
    assert result.blame is None


def test_what_is_not_judged_in_time_is_undecided():
    class Slow(faults.BlackBox):
        def gradient(self, tape, point, dtype):
            time.sleep(60)
            return super().gradient(tape, point, dtype)

    start = time.monotonic()
    result = verify("exp(x)*y", {"x": [0.5, 1.0], "y": 2.0, "z": 1.0}, engine=Slow(NumpyEngine()), timeout=0.05)
    assert time.monotonic() - start < 30
    assert result.verdict == "undecided"
    assert len(result.points) == 2
    assert result.points[1].at == {"x": 1.0, "y": 2.0, "z": 1.0}
    assert {p.reason for p in result.points[0].partials.values()} == {"the time of 0.05 s was over"}
    assert verify("exp(x)*y", {"x": 0.5, "y": 2.0}, timeout=30).verdict == "agree"


def test_somebody_elses_limit_of_time_is_passed_on():
    class Slow(faults.BlackBox):
        def gradient(self, tape, point, dtype):
            time.sleep(60)
            return super().gradient(tape, point, dtype)

    with pytest.raises(TimeIsUp), time_limit(0.05):
        verify("exp(x)*y", {"x": 0.5, "y": 2.0}, engine=Slow(NumpyEngine()))


def test_what_was_judged_before_the_time_was_over_stays(monkeypatch):
    original, calls = judge_tape._judge_point, []

    def judge_two(point, *rest):
        calls.append(point)
        if len(calls) > 1:
            raise TimeIsUp
        original(point, *rest)

    monkeypatch.setattr(judge_tape, "_judge_point", judge_two)
    result = verify("Abs(x)*x", {"x": [1.0, 2.0, 3.0]}, gradient={"x": [2.0, 4.0, 6.0]}, timeout=60)
    assert [p.partials["x"].verdict for p in result.points] == ["agree", "undecided", "undecided"]


def test_a_fault_that_is_not_located_in_time_is_said_to_be_none(monkeypatch):
    def late(result):
        raise TimeIsUp

    engine = faults.rule("sin", lambda d, x, y: 2 * d)
    assert verify("sin(x)*x", {"x": 1.0}, engine=engine, timeout=60).no_blame is None
    monkeypatch.setattr(judge_tape, "accuse", late)
    found = verify("sin(x)*x", {"x": 1.0}, engine=engine, timeout=60)
    assert (found.verdict, found.blame) == ("wrong", None)
    assert found.to_record()["no_blame"] == "the time of 60 s was over before the fault was located"
    right = verify("sin(x)*x", {"x": 1.0}, timeout=60)
    assert "no_blame" not in right.to_record()


def test_what_is_left_when_the_time_is_over_takes_none(monkeypatch):
    """A million points would be a minute: no point is made ready to be judged, and none that agreed is made at all."""

    def late(self, may_screen):
        yield [True, False]
        raise TimeIsUp

    def never(*args):
        raise AssertionError("time is over")

    monkeypatch.setattr(FirstSight, "agree", late)
    monkeypatch.setattr(FirstSight, "point", never)
    judged = []
    monkeypatch.setattr(point_result, "PointJudge", lambda *args: judged.append(args) or PointJudge(*args))
    found = verify("Abs(x)*z", {"x": [1.0, 0.0, 3.0, -4.0], "y": 7.0, "z": 2.0}, timeout=60)
    assert len(judged) == 1
    assert found.verdict == "undecided"
    monkeypatch.undo()
    assert found.count == len(found.by_verdict["undecided"]) + 2 == 4
    last = found.decided[-1]
    assert (last.at, math.isnan(last.value)) == ({"x": -4.0, "y": 7.0, "z": 2.0}, True)
    assert {p.reason for p in last.partials.values()} == {"the time of 60 s was over"}
    assert not any(p.certified for p in last.partials.values())
    assert float(last.partials["x"].difference) == pytest.approx(-2.0)


def test_an_engine_without_an_operation_is_undecided():
    class Poor(faults.BlackBox):
        def gradient(self, tape, point, dtype):
            raise Unsupported("box has no erfinv")

    result = verify("erfinv(x)*x", {"x": [0.5, 0.25]}, engine=Poor(NumpyEngine()))
    assert result.verdict == "undecided"
    assert [p.partials["x"].reason for p in result.points] == ["box has no erfinv"] * 2


def test_an_order_is_undecided_and_its_formula_too():
    result = verify("besselj(n, x)", {"n": 2.0, "x": 1.0}, derivative={"n": "1", "x": "besselj(n - 1, x)"})
    partials = result.points[0].partials
    assert partials["n"].verdict == "undecided"
    assert partials["n"].formula_verdict == "undecided"
    assert partials["x"].formula_verdict == "wrong"


def test_mathematics_that_is_not_here_is_said():
    with pytest.raises(Unsupported, match="dirichlet_eta"):
        verify("dirichlet_eta(x)", {"x": 2.0})


def test_standards():
    """One operation is a library call; a composite function is a program; and either may be asked for."""
    assert verify("tanh(x)", {"x": 1.0}).standard == "function"
    assert verify("tanh(x)*x", {"x": 1.0}).standard == "program"
    assert verify("tanh(x)", {"x": 1.0}, standard="program").standard == "program"


@pytest.mark.parametrize("text", ["Max(x, 0.1)", "clip(x, 0.1, 0.7)", "x - 0.1", "Mod(x, 0.1)"])
def test_an_argument_that_floats_must_round_is_rounded_before_a_single_operation(text):
    """The float next to 1/10 is above it; to every engine it is the constant itself."""
    for dtype in ("float64", "float32"):
        assert verify(text, {"x": 0.1}, dtype=dtype).verdict not in ("wrong", "inaccurate", "nonfinite")
    found = verify("Max(x, 0.1)", {"x": 0.1}, gradient={"x": 1.1})
    assert (found.standard, found.verdict) == ("program", "wrong")
    assert verify("Max(x, 0.5)", {"x": 0.1}).standard == "function"
    assert verify("1.05**x", {"x": 14000.0}).verdict == "agree"


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("exponent", [1 / 3, 2 / 3, 0.1, 1.1, -0.3])
def test_an_exponent_that_floats_must_round_is_rounded_before_the_power(exponent, order):
    """What the power of the float next to it has at 10⁻²⁰⁰ is 70 ulp off, and no engine can do better."""
    exact = "1/3" if exponent == 1 / 3 else "2/3" if exponent == 2 / 3 else repr(exponent)
    points = [1e-80, 1e-20, 1e10, 1e90]
    with mp.workdps(50):
        power = mp.mpf(exponent)
        factor = power if order == 1 else power * (power - 1)
        truths = [float(factor * mp.mpf(x) ** (power - order)) for x in points]
    found = verify(f"x**({exact})", {"x": points}, gradient={"x": truths}, order=order)
    assert (found.standard, found.verdict) == ("function", "agree")
    assert verify(f"x**({exact})", {"x": points}, order=order).verdict == "agree"
    off = [truth * (1 + 1e-12) for truth in truths]
    claimed = verify(f"x**({exact})", {"x": points}, gradient={"x": off}, order=order)
    assert {p.partials["x"].verdict for p in claimed.points} <= {"wrong", "inaccurate"}


def test_beyond_the_floats_a_power_of_such_an_exponent_is_infinite() -> None:
    found = verify("x**(1/3)", {"x": [1e-200] * 4}, gradient={"x": [1.0, -1.0, 1e30, -math.inf]}, order=2)
    assert [p.partials["x"].verdict for p in found.points] == ["wrong", "wrong", "wrong", "agree"]


@pytest.mark.parametrize(
    ("text", "order", "dtype"),
    [("x**1e160", 2, "float64"), ("x**1e160", 3, "float64"), ("x**1e80", 4, "float64"), ("x**1e30", 3, "float32")],
)
def test_products_of_exponents_may_leave_the_floats(text: str, order: int, dtype: str) -> None:
    (point,) = verify(text, {"x": 1.0}, order=order, dtype=dtype).points
    assert (point.partials["x"].engine, point.partials["x"].verdict) == (math.inf, "agree")


@pytest.mark.parametrize("text", ["sqrt(x/3*3 - 1)", "acos(x/3*3)", "asin(x/3*3)", "x**1e160"])
def test_a_value_that_exact_numbers_find_is_not_called_missing(text: str) -> None:
    (point,) = verify(text, {"x": 1.0}, order=2 if "1e160" in text else 1).points
    assert (point.value_verdict, point.value_reason) == ("undecided", "the value could not be determined in 1280 bits")
    (point,) = verify("1/(x/3*3 - 1)", {"x": 1.0}).points
    assert (point.value_verdict, point.value_reason) == ("undefined", "the function has no finite value here")


@pytest.mark.parametrize("text", ["x**x", "xlogy(x, x)"])
def test_partials_by_two_arguments_that_are_one_input_are_added_up(text):
    """They cancel beside 1/e, and each of them is rounded: to the last digits the sum is nobody's."""
    found = verify(text, {"x": 0.367879})
    assert (found.standard, found.verdict) == ("program", "agree")
    assert verify(text, {"x": 0.5}, gradient={"x": 0.3}).verdict == "wrong"


def test_float32_points_are_rounded_first():
    result = verify("x*x*x", {"x": 0.1}, dtype="float32")
    assert result.verdict == "agree"
    assert result.points[0].at["x"] == float(np.float32(0.1))
    assert verify("x*x*x", {"x": 0.1}, dtype=np.float32, gradient={"x": 0.03 * (1 + 1e-6)}).verdict in (
        "agree",
        "imprecise",
    )
    assert verify("x*x*x", {"x": 0.1}, gradient={"x": 0.03 * (1 + 1e-6)}).verdict == "wrong"


def test_functions_without_variables_or_operations():
    assert verify("3").verdict == "agree"
    assert verify("x", {"x": 2.0}).points[0].partials["x"].engine == 1.0
    assert verify("x", {"x": 2.0}, gradient={"x": 2.0}).verdict == "wrong"
    recorder = Recorder(["x", "y"])
    assert verify(recorder.tape(1), {"x": 1.0, "y": 2.0}).points[0].partials["x"].engine == 0.0


def test_points_that_are_not_finite():
    result = verify("exp(x)*x", {"x": [math.nan, math.inf, 1.0]})
    assert [p.partials["x"].verdict for p in result.points] == ["undecided", "undecided", "agree"]


def test_minus_zero_is_the_side_below():
    """atan2(−0, −1) is −π by IEEE 754: no engine is wrong that says so."""
    ieee = faults.value("atan2", lambda value: -value)
    below, above = verify("atan2(y, x)*1", {"y": [-0.0, 0.0], "x": -1.0}, engine=ieee).points
    assert (below.value, below.value_verdict) == (-math.pi, "undefined")
    assert (above.value, above.value_verdict) == (-math.pi, "wrong")


@pytest.mark.parametrize(
    ("y", "x", "value", "verdict"),
    [
        (-0.0, -0.0, -math.pi, "undefined"),
        (0.0, -0.0, math.pi, "undefined"),
        (-0.0, -0.0, math.pi / 4, "wrong"),
        (0.0, 0.0, -math.pi, "wrong"),
        (-0.0, -5e-324, -math.pi, "undefined"),
        (-0.0, -1e-300, -math.pi, "undefined"),
    ],
)
def test_two_zeros_of_a_sign_may_tell_a_direction(y, x, value, verdict):
    """atan2(−0, −0) is −π by IEEE 754, as if the first were the nearer to 0."""
    found = verify("atan2(y, x)", {"y": y, "x": x}, engine=faults.value("atan2", lambda _: value))
    assert found.points[0].value_verdict == verdict


@pytest.mark.parametrize(
    ("text", "at", "value", "verdict"),
    [
        ("z*atan2(x, x)", {"x": -0.0, "z": 2.0}, -2 * math.pi, "undefined"),
        ("atan2(-x, -x)", {"x": 0.0}, -math.pi, "undefined"),
        ("atan2(x, x) + atan2(y, y)", {"x": -0.0, "y": -0.0}, -2 * math.pi, "undefined"),
        ("z*atan2(x, x)", {"x": -0.0, "z": 2.0}, math.pi / 4, "wrong"),
        ("z*atan2(x, x)", {"x": 0.0, "z": 2.0}, -2 * math.pi, "wrong"),
    ],
)
def test_a_zero_that_an_operation_meets_twice_is_as_two(text, at, value, verdict):
    """An operation sees numbers, not where they come from: of atan2(x, x) at −0 IEEE 754 makes −π."""
    found = verify(text, at, engine=Constantly(value))
    assert found.points[0].value_verdict == verdict


class Constantly:
    """An engine whose value is one number, whatever it is asked."""

    name, version, flushes_subnormals = "constantly", "1", False

    def __init__(self, value):
        self.value = value

    def gradient(self, tape, point, dtype):
        return self.value, dict.fromkeys(tape.inputs, 0.0)


def test_an_engine_that_flushes_subnormals_gets_no_subnormal_points():
    box = faults.BlackBox(NumpyEngine())
    box.flushes_subnormals = True
    assert verify("x*y", {"x": 1e-310, "y": 2.0}, engine=box).points[0].at["x"] == 0.0
    assert verify("x*y", {"x": 1e-310, "y": 2.0}).points[0].at["x"] == 1e-310


class OfIEEE:
    """An engine of the standard's own atan2, ceil and multiplication, with derivatives by hand for one function."""

    name, version, flushes_subnormals = "ieee", "1", False

    def gradient(self, tape, point, dtype):
        x, y, z = (np.asarray(point[name]) for name in "xyz")
        zero = {"ceiling": np.ceil(x), "relu": np.maximum(x, 0.0) * x}[self.how]
        angle = np.arctan2(zero, y)
        return angle * z, {"x": np.zeros_like(x), "y": -z * zero / (zero**2 + y**2), "z": angle}

    def __init__(self, how):
        self.how = how


@pytest.mark.parametrize(("how", "text"), [("ceiling", "ceiling(x)"), ("relu", "relu(x)*x")])
def test_an_operation_may_make_minus_zero_of_what_is_zero(how, text):
    at = {"x": -0.6, "y": -1.5, "z": 2.0}
    found = verify(f"atan2({text}, y)*z", at, engine=OfIEEE(how))
    (point,) = found.points
    assert point.value == -2 * np.pi
    assert (point.value_verdict, point.partials["z"].verdict) == ("undefined", "undefined")
    beside = verify(f"atan2({text} + 1, y)*z", at, gradient={"z": -np.pi})
    assert beside.verdict == "wrong"  # nothing there is −0


def test_nobody_is_wrong_where_libraries_define_different_values():
    """np.clip gives 2·high for clip(x, x², high)·2 at x² > high, others 2·x²: neither rounds anything."""
    text = "clip(x, x**2, high)*2"
    above, within = {"x": 3.0, "high": 1.0}, {"x": 3.0, "high": 10.0}
    found = verify(text, above, gradient={"x": 12.0, "high": 0.0})
    assert found.verdict == "undefined"
    assert "libraries define different values" in found.points[0].partials["x"].reason
    assert verify(text, within, gradient={"x": 2.0, "high": 0.0}).verdict == "wrong"  # 9 is a bound, its slope 2·2·3
    assert verify(text, above, gradient={"x": 0.0, "high": 2.0}).verdict == "agree"
    other = faults.value("clip", lambda value: value + 8.0)
    assert verify(text, above, engine=other).points[0].value_verdict == "undefined"


@pytest.mark.parametrize(
    ("text", "disputed", "verdict"),
    [
        ("tanh(x)", "x > pi", "wrong"),
        ("tanh(x)", "x < pi", "undefined"),
        ("tanh(x)", "x == floor(x)", "undefined"),
        ("x**2.5", "c == 2.5", "undefined"),
        ("x**2.5", "c < 2", "wrong"),
    ],
)
def test_what_is_disputed_may_name_functions_and_constants(monkeypatch, text, disputed, verdict):
    """As ``domain`` and ``kinks`` may."""
    monkeypatch.setattr(REGISTRY["tanh" if "tanh" in text else "powc"], "disputed", disputed)
    assert verify(text, {"x": 2.0}, gradient={"x": 7.0}).verdict == verdict


def test_a_power_of_two_may_underflow_onto_a_jump():
    """−2⁻¹⁰⁷⁴/4 is −0 in floats, and acot jumps at 0."""
    found = verify("acot(ldexp(z, -2))*x", {"z": -5e-324, "x": 1.5})
    assert found.verdict not in ("wrong", "inaccurate", "nonfinite")


@pytest.mark.parametrize("x", [0.0, -0.0])
def test_a_tie_is_not_excused_by_the_sign_of_a_zero(x):
    assert verify("relu(x) - relu(-x)", at={"x": x}, gradient={"x": 0.0}).verdict == "wrong"


@pytest.mark.parametrize("value", ["half", [[1.0], [1.0, 2.0]], {"a": 1}, None, 1j])
def test_a_point_that_is_no_number_is_said_in_one_line(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"^at: x: given .*; expected a number, or K numbers$"):
        verify("x", {"x": value})


@pytest.mark.parametrize(
    ("text", "at", "number", "verdict"),
    [
        ("sqrt(x)", {"x": -0.0}, -math.inf, "undefined"),  # 1/(2·√−0)
        ("cbrt(x)", {"x": -0.0}, -math.inf, "nonfinite"),  # it rises on both sides of 0
        ("sqrt(x) + y", {"x": 0.0, "y": -0.0}, -math.inf, "nonfinite"),  # the −0 is another variable's
        ("sqrt(x) + y", {"x": 0.0, "y": -0.0}, math.inf, "agree"),
        ("-sqrt(x)", {"x": 0.0}, math.inf, "nonfinite"),  # the −0 is behind the root
        ("-sqrt(x)", {"x": 0.0}, -math.inf, "agree"),
        ("x**2 + x + sqrt(x)/(x - 1/2)", {"x": 0.0}, math.inf, "nonfinite"),
        ("sqrt(-x)", {"x": 0.0}, math.inf, "undefined"),  # √−0
    ],
)
def test_an_infinite_derivative_has_another_sign_by_a_minus_zero_of_its_own_only(text, at, number, verdict):
    claimed = verify(text, at, gradient={"x": number}, wrt="x", standard="program")
    assert claimed.points[0].partials["x"].verdict == verdict


@pytest.mark.parametrize(("count", "certify"), [(1, "all"), (64, "all"), (64, "suspicious")])
def test_a_verification_that_agrees_is_freed_without_the_cyclic_collector(count, certify):
    tape = read("sin(x*y) + x/3")
    gc.collect()
    gc.disable()
    try:
        result = verify(
            Tape(tape.nodes, tape.inputs, tape.output),
            at={"x": np.linspace(0.5, 0.9, count), "y": 1.5},
            certify=certify,
        )
        assert result.verdict == "agree"
        left = [weakref.ref(result), weakref.ref(result.tape), weakref.ref(result.plan)]
        del result
        assert [ref() for ref in left] == [None, None, None]
    finally:
        gc.enable()
