"""The function itself is run and its reading judges it: what does not hang on the engine."""

from __future__ import annotations

import math
import re
import threading
import time

import numpy as np
import pytest

import gradjury as gj
from gradjury.engine import Variable
from gradjury.verifier.errors import InvalidInput, Unsupported
from gradjury.verifier.languages.foreign import verify_function
from gradjury.verifier.languages.from_numpy import NumpyLanguage
from gradjury.verifier.languages.language import entry_names, language_named
from gradjury.verifier.languages.subject import Subject, flat, split
from gradjury.verifier.languages.unread import Unread
from gradjury.verifier.question import Question

anp = pytest.importorskip("autograd.numpy")
extend = pytest.importorskip("autograd.extend")


def test_entries_are_named_by_their_place() -> None:
    assert entry_names(["x", "w"], [np.zeros(()), np.zeros((2, 1))]) == ["x", "w[0, 0]", "w[1, 0]"]


def test_rows_are_split_as_they_were_joined() -> None:
    arrays = [np.arange(6.0).reshape(2, 3), np.float64(7), np.zeros((0, 2))]
    again = split(flat(arrays), [np.shape(a) for a in arrays])
    assert all(np.array_equal(a, b) for a, b in zip(arrays, again, strict=True))


def test_a_number_that_was_read_as_a_constant_is_noticed() -> None:
    subject = Subject(NumpyLanguage(), lambda x: x * float(np.round(HIDDEN[0])), ["x"], [np.array(1.5)])
    HIDDEN[:] = [2.0]
    subject.read()
    HIDDEN[:] = [3.0]
    reading = NumpyLanguage().read(lambda x: x * 2.0, subject.arrays, subject.names)
    with pytest.raises(Unsupported, match="do not return its values at a point nearby"):
        subject._compare(reading)


HIDDEN = [0.0]


def test_variables_are_those_of_a_numpy_function() -> None:
    def keyword(x, *, scale):
        return anp.sin(x) * scale

    def later(x, a=5.0, scale=2.0):
        return anp.sin(x) * scale + a

    point = {"x": 0.5, "scale": 3.0}
    assert gj.verify(keyword, at=point, engine="autograd").expression == "sin(x)*scale"
    found = gj.verify(later, at=point, engine="autograd")
    assert (found.expression, found.under_test.function) == ("sin(x)*scale + 5", "later")
    assert found.points[0].at == point
    gj.assert_gradient(later, lambda x, scale: (np.cos(x) * scale, np.sin(x)), at=point, engine="autograd")
    assert gj.verify(later, engine="autograd", domain={"x": (0, 1), "scale": (1, 2)}).expression == "sin(x)*scale + 5"
    assert gj.verify(lambda **named: anp.sin(named["a"]), at={"a": 0.5}, engine="autograd").expression == "sin(a)"
    with pytest.raises(gj.InvalidInput, match="at: no value for argument 'scale'; given: x"):
        gj.verify(keyword, at={"x": 0.5}, engine="autograd")


def test_a_function_that_does_not_name_its_arguments_has_those_of_the_points() -> None:
    assert gj.verify(np.hypot, at={"a": 3.0, "b": 4.0}, engine="autograd").expression == "hypot(a, b)"
    gj.assert_gradient(anp.sin, lambda x: np.cos(x), at={"angle": 0.5}, engine="autograd")


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"y": 1.0}, "at: no value for argument 'x'; given: y"),
        ({"x": 1.0, "q": 1.0}, "at: 'q' is no argument of the function; expected x"),
        ({"x": []}, "at: got x: 0 points"),
        ({"x": "a"}, "at: x: given 'a'; expected numbers"),
        ({"x": 10**400}, "…; expected numbers"),
        ({"x": [[1.0, 2.0], [1.0]]}, "at: the 2 values of 'x' have different shapes"),
        ({"x": [[1.0, 2.0]]}, "function: it returns arrays of shape (2,); expected one number"),
    ],
)
def test_bad_points_are_named(at: dict, message: str) -> None:
    with pytest.raises(gj.InvalidInput, match=re.escape(message)):
        gj.verify(lambda x: anp.sin(x), at=at, engine="autograd")


def test_what_neither_runs_nor_can_be_traced_is_said_in_one_line() -> None:
    with pytest.raises(gj.InvalidInput, match=r"autograd cannot run it: AttributeError: .*no attribute 'nonsense'"):
        gj.verify(lambda x: x.nonsense, at={"x": 1.0}, engine="autograd")


def test_all_outputs_along_one_input() -> None:
    subject = Subject(NumpyLanguage(), lambda x: np.outer([1.0, 10.0], x), ["x"], [np.array([2.0, 3.0])])
    found = subject.along(1, np.array([5.0, 7.0, 9.0]), subject.base)
    assert found.tolist() == [[2, 5, 20, 50], [2, 7, 20, 70], [2, 9, 20, 90]]
    assert subject.base.tolist() == [2.0, 3.0]


def test_points_are_sampled_where_none_are_given() -> None:
    found = gj.verify(lambda x: anp.log(x), engine="autograd", points=3)
    assert len(found.points) == 3
    assert found.verdict == "agree"


def test_claimed_numbers_are_judged_in_place_of_the_engines() -> None:
    found = gj.verify(lambda x: anp.sin(x), at={"x": 0.5}, gradient={"x": 1.0}, engine="autograd")
    assert (found.verdict, found.engine) == ("wrong", "claim")


def test_an_error_at_a_later_point_leaves_it_undecided() -> None:
    def f(x):
        if anp.isnan(x):
            raise ValueError("no such number")
        return anp.sin(x)

    language = language_named("autograd")
    language.read = lambda function, arrays, names: NumpyLanguage().read(np.sin, arrays, names)
    found = verify_function(language, f, ["x"], Question({"x": [0.5, np.nan]}))
    assert found.verdict == "undecided"
    assert "crashed: autograd: ValueError: no such number (test_foreign.py, line" in repr(found)
    assert isinstance(found.failure, ValueError)


def test_the_record_names_the_function_and_reproduces_its_numbers() -> None:
    def loss(w):
        return anp.sum(w**2)

    record = gj.verify(loss, at={"w": [[1.0, 2.0]]}, engine="autograd").to_record()
    assert record["function"] == "loss"
    assert record["expression"] == "w[0]**2 + w[1]**2"
    shown = repr(gj.verify(loss, at={"w": [[1.0, 2.0]]}, engine="autograd"))
    assert """'{"expression": "w_0**2 + w_1**2", "at": {"w_0": 1.0, "w_1": 2.0}, "gradient": """ in shown


def test_an_unread_function_shows_how_it_was_judged() -> None:
    found = gj.verify(lambda w: anp.sort(w)[0] ** 2, at={"w": [[1.0, 2.0]]}, engine="autograd")
    record = found.to_record()
    partial = record["points"][0]["partials"]["w[0]"]
    assert (partial["verdict"], partial["certified"], partial["symbolic"]) == ("agree", False, None)
    assert partial["reason"].startswith("judged by differences alone, not certified (")
    assert "in Python" in repr(found)
    assert repr(found).startswith("agree: differences of the function's values see this number; nothing is certified\n")


@pytest.mark.parametrize("engine", ["torch", "jax", "autograd"])
def test_complex_points_and_values_are_refused(engine: str) -> None:
    language = language_named(engine)
    for at in (1 + 1j, language.array(np.array([1 + 1j, 2]))):
        with pytest.raises(gj.InvalidInput, match=r"at: x: given .*; expected numbers"):
            gj.verify(lambda x: (x * x).real.sum(), at={"x": at}, engine=engine)
    with pytest.raises(gj.InvalidInput, match="function: it returns complex numbers; expected real ones"):
        gj.verify(lambda x: x * 1j, at={"x": 1.0}, engine=engine)
    with pytest.raises(gj.InvalidInput, match="function: it returns a condition; expected"):
        gj.verify(lambda x: x > 0, at={"x": 1.0}, engine=engine)
    if engine != "autograd":  # whose own error of None is said
        with pytest.raises(gj.InvalidInput, match=r"function: it returns (None|a NoneType); expected one number"):
            gj.verify(lambda x: None, at={"x": 1.0}, engine=engine)


def test_no_point_is_made_up_where_none_is_given() -> None:
    with pytest.raises(InvalidInput, match="at: no value for argument 't'; given: none"):
        gj.verify(lambda t: anp.sin(t), at={}, engine="autograd")


def test_the_time_limit_holds_for_numpy_code_as_well() -> None:
    """A function that the engine cannot run is traced; that takes its time too."""
    over = threading.Event()

    def slow(x):
        y = np.sin(x) if isinstance(x, Variable) else np.sin(np.float64(x))
        if isinstance(x, Variable):
            over.wait(60)
        return y

    start = time.monotonic()
    found = gj.verify(slow, at={"x": 0.5}, engine="autograd", timeout=0.3)
    assert time.monotonic() - start < 30
    assert found.verdict == "undecided"
    assert "the time of 0.3 s was over" in found.points[0].partials["x"].reason


def test_what_cannot_be_read_has_all_that_a_result_has() -> None:
    def f(x):
        return anp.sum(anp.sort(x) ** 2)

    found = gj.verify(f, at={"x": np.array([[3.0, 1.0]])}, wrt="x[0]", engine="autograd")
    assert isinstance(found, Unread)
    partial = found.points[0].partials["x[0]"]
    assert (partial.truth.kind, partial.symbolic, partial.enclosure, partial.ulps) == ("unknown", None, None, None)
    assert (found.wrt, found.formulas, found.standard) == ("x[0]", {}, "program")
    assert found.to_record()["wrt"] == "x[0]"
    with pytest.raises(Unsupported, match=re.escape(found.why)):
        found.chain()


@pytest.mark.parametrize(
    ("above", "below", "corner", "verdict"),
    [
        (0.5, 0.5, 0.5, "undecided"),  # the gradient among symmetric matrices
        (0.3, 0.7, 0.5, "undecided"),
        (0.0, 1.0, 0.5, "agree"),
        (1.0, 0.0, 0.5, "wrong"),  # transposed
        (0.7, 0.7, 0.5, "wrong"),
        (0.5, 0.5, 0.25, "wrong"),  # at a matrix that is not symmetric
    ],
)
def test_a_gradient_among_symmetric_matrices_is_no_slip(
    above: float, below: float, corner: float, verdict: str
) -> None:
    """NumPy's Cholesky factor reads the lower triangle: of [[a, ·], [b, c]] its lower left entry is b/√a."""

    @extend.primitive
    def lower_left(s):
        return np.linalg.cholesky(s)[1, 0]

    def vjp(ans, s):
        a, b = s[0, 0], s[1, 0]
        return lambda g: g * np.array([[-b / (2 * a**1.5), above / np.sqrt(a)], [below / np.sqrt(a), 0.0]])

    extend.defvjp(lower_left, vjp)
    found = gj.verify(lambda s: 2 * lower_left(s), at={"s": [[[2.0, corner], [0.5, 1.0]]]}, engine="autograd")
    assert found.verdict == verdict
    assert ("mirrored entries" in repr(found)) is (verdict == "undecided")


@pytest.mark.parametrize("engine", ["numpy", "torch", "jax", "autograd"])
@pytest.mark.parametrize("at", [None, {"x": 0.5}])
def test_a_function_that_leaves_does_not_end_what_judges_it(engine: str, at: dict[str, float] | None) -> None:
    def leaving(x):
        raise SystemExit(3)

    pytest.importorskip(engine)
    with pytest.raises(gj.GradjuryError, match="SystemExit: 3"):
        gj.verify(leaving, at=at, engine=engine)


def test_a_function_that_leaves_beside_its_point_is_judged_at_others() -> None:
    def leaving(x):
        if x[0] > 2:
            raise SystemExit(3)
        return anp.sum(x)

    points = gj.verify(leaving, at={"x": [[1.0], [3.0]]}, engine="autograd").points
    assert [p.partials["x[0]"].verdict for p in points] == ["agree", "undecided"]


def test_differences_of_a_function_ask_for_its_values_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found = gj.verify(lambda x, y: anp.sin(x) * y, at={"x": [0.5, 1.0], "y": 2.0}, engine="autograd")
    language = type(language_named("autograd"))
    monkeypatch.setattr(language, "vjp", lambda *_: pytest.fail("a derivative was computed"))
    by_x = found.points[1].partials["x"]
    assert by_x.difference == pytest.approx(2 * np.cos(1.0), rel=1e-12)
    assert by_x.difference_error < 1e-11


@pytest.mark.parametrize("power", [lambda x: math.sqrt(x), lambda x: float(x) ** 0.5])
def test_a_neighbour_without_a_value_leaves_the_point_decided(power) -> None:
    """Below 0 the one raises an error, the other returns a complex number."""
    for x, factor, verdict in ((1e-6, 1.0, "agree"), (1e-6, 2.0, "wrong"), (1.0, 1.0, "agree")):
        claim = {"x": factor * 0.5 / math.sqrt(x)}
        found = gj.verify(power, at={"x": x}, gradient=claim, engine="autograd")
        assert (found.verdict, found.points[0].partials["x"].certified) == (verdict, False)


def test_a_function_without_any_neighbour_says_why() -> None:
    def alone(x):
        if float(x) != 0.5:
            raise ValueError("only at 0.5")
        return x

    found = gj.verify(alone, at={"x": 0.5}, gradient={"x": 1.0}, engine="autograd")
    assert found.verdict == "undecided"


def test_what_short_steps_see_fails_no_drop_in() -> None:
    """A right gradient that differences leave undecided passes, though their long steps see another slope."""

    def stairs(x):
        return x[0] + 1e-9 * np.round(float(np.asarray(x)[0]) * 1e6)

    x = np.array([0.3000123])
    subject = Subject(NumpyLanguage(), stairs, ["x"], [x])
    witness = Unread(subject, 0, [x], "", question=Question(gradient={"x[0]": np.array([1.0])}))
    partial = witness.points[0].partials["x[0]"]
    assert partial.verdict == "undecided"
    assert abs(partial.engine - partial.difference) <= partial.difference_error


@pytest.mark.parametrize("at", [None, {}, {"x": 1.0}])
def test_a_function_of_no_arguments_is_said_to_be_one(at: dict[str, float] | None) -> None:
    pytest.importorskip("autograd")
    with pytest.raises(InvalidInput, match="function: it takes no arguments; expected one at least"):
        gj.verify(lambda: 1.0, at=at, engine="autograd")
