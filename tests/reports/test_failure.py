"""The failure text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradjury.reports.evidence import blame_in_words, reason, worst_point
from gradjury.reports.failure import SHOWN, evidence, failure_text
from gradjury.reports.rows import rows
from gradjury.reports.slopes import slopes, slopes_of
from gradjury.verifier import NumpyEngine, verify

from .records import agreeing, invalid, partial, record


def test_the_failure_text_holds_all_the_evidence() -> None:
    assert (
        failure_text(record())
        == """\
inaccurate: a result that floating point can represent was lost to rounding

  function   tanh(x)
  engine     torch 2.13.0
  at         x = 20.0

  d/dx: inaccurate
    engine       0   4.5e+15 ulp from the symbolic one
                 ^
    symbolic     1.6993417021166355e-17
    difference   0   ± 1e-12
    at least     1.6993417021166338e-17   certified
    at most      1.6993417021166368e-17

  blame      the derivative rule of tanh (node 1)
  smallest   tanh(x)  at  x = 20.0
  reproduce  gradjury verify 'tanh(x)' --at x=20.0 --engine torch"""
    )


def test_carets_stand_under_the_digits_that_differ() -> None:
    wrong = partial(verdict="wrong", engine=0.84147, symbolic="0.84147098480789650665", difference=0.8)
    point = {"at": {"x": 1.0}, "value": 0.5, "value_verdict": "agree", "partials": {"x": wrong}}
    lines = failure_text(record(verdict="wrong", points=[point])).splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("    engine"))
    number, carets = lines[place], lines[place + 1]
    assert number[carets.index("^") : carets.rindex("^") + 1] == "00000000005"
    assert number[: carets.index("^")].endswith("0.841470")


def test_a_difference_is_marked_only_beyond_its_own_error() -> None:
    near = {r.label: r.shown for r in rows(partial(symbolic="1.0", difference=1.001, difference_error=0.01))}
    far = {r.label: r.shown for r in rows(partial(symbolic="1.0", difference=1.001, difference_error=1e-6))}
    assert near["difference"].same == len(near["difference"].text)
    assert far["difference"].same < len(far["difference"].text)


@pytest.mark.parametrize(
    ("expression", "x", "words"),
    [
        ("atan2(x,x)", -0.0, "no limit at shorter steps"),
        ("sign(x)", 0.0, "no limit at shorter steps"),
        ("1/x", 0.0, "no limit at shorter steps"),
        ("sin(x)/x", 0.0, ""),
        ("1e9*sin(x)/x", 0.0, ""),
        ("exp(x)", 1.0, ""),
    ],
)
def test_a_difference_that_grows_at_shorter_steps_is_said_to_have_no_limit(
    expression: str, x: float, words: str
) -> None:
    record = verify(expression, at={"x": x}).to_record()
    row = next(r for r in rows(record["points"][0]["partials"]["x"]) if r.label == "difference")
    assert row.note.startswith("± ")
    assert row.note.partition(": ")[2] == words


def test_digits_are_marked_beside_the_difference_where_nothing_else_is_known() -> None:
    alone = partial(verdict="wrong", engine=2.5, symbolic=None, enclosure=None, difference=2.0, ulps=None)
    marked = {row.label: row.shown.text[row.shown.same :] for row in rows(alone, unread=True)}
    assert marked == {"engine": "5", "symbolic": "", "difference": ""}
    near = {**alone, "verdict": "undecided", "difference_error": 0.75}
    assert not any(row.shown.text[row.shown.same :] for row in rows(near, unread=True))
    assert not any(row.shown.text[row.shown.same :] for row in rows(alone))  # no more than a witness


def test_the_function_that_was_read_has_its_name_and_a_value_its_reason() -> None:
    undecided = {**agreeing()["points"][0], "value_verdict": "undecided", "value_reason": "too near a pole"}
    text = failure_text(record(function="loss", verdict="undecided", points=[undecided], blame=None))
    assert "  read from  loss\n" in text
    assert "undecided: too near a pole\n" in text


def test_an_invalid_record_shows_its_error_alone() -> None:
    text = failure_text(invalid())
    assert "unknown function 'tahn' (column 1)" in text
    assert "reproduce" not in text


def test_a_kink_shows_what_is_permitted_and_the_slopes_where_they_are_known() -> None:
    found = verify("-Abs(x)", at={"x": 0.0})
    kink = found.points[0].partials["x"]
    labels = {row.label: row for row in rows(kink.to_record())}
    assert labels["at least"].shown.text.strip().startswith("-1.0000000000000")
    assert labels["at most"].shown.text.strip().startswith("1.0000000000000")
    assert "left slope" not in labels
    assert all(row.shown.same == len(row.shown.text) for row in labels.values())
    assert labels["symbolic"].note == "no single value: a kink"
    exact = {row.label: row.shown.text.strip() for row in rows(kink.to_record(), slopes(kink.truth))}
    assert (exact["left slope"], exact["right slope"]) == ("1.0", "-1.0")
    assert "at least" not in exact
    assert slopes(verify("x**2", at={"x": 0.0}).points[0].partials["x"].truth) is None


def test_the_slopes_of_a_record_are_found_again_from_its_function() -> None:
    found = verify("relu(x) + y", at={"x": 0.0, "y": 1.0}, gradient={"x": 3.0, "y": 1.0}).to_record()
    point = found["points"][0]
    assert {name: [*map(float, sides)] for name, sides in slopes_of(found, point).items()} == {"x": [0.0, 1.0]}
    assert "left slope" in failure_text(found)
    assert "at least" not in failure_text(found).partition("d/dy")[0]
    for broken in ({**found, "expression": "relu("}, {**found, "expression": "relu(x) + z"}):
        assert slopes_of(broken, point) == {}
        assert "at least" in failure_text({**broken, "points": [point]})
    assert slopes_of(found, {**point, "at": {"x": "zero", "y": 1.0}}) == {}
    assert slopes_of(record(), record()["points"][0]) == {}


def test_an_infinity_beyond_the_largest_float_is_explained_and_not_marked() -> None:
    found = verify("exp(x)", at={"x": 800.0}).points[0].partials["x"].to_record()
    labels = {row.label: row for row in rows(found)}
    assert labels["symbolic"].note == "beyond the largest float64"
    assert labels["engine"].shown.same == len(labels["engine"].shown.text)
    assert labels["difference"].note == ""
    assert labels["difference"].shown.same == len(labels["difference"].shown.text)
    other = {row.label: row for row in rows({**found, "engine": "-inf"})}
    assert other["engine"].shown.same < len(other["engine"].shown.text)
    small = verify("exp(x)", at={"x": 100.0}, dtype="float32").points[0].partials["x"].to_record()
    assert {row.note for row in rows(small, dtype="float32")} >= {"beyond the largest float32"}


def test_words_do_not_push_the_decimal_points_aside() -> None:
    texts = [row.shown.text for row in rows(partial(engine="nan", symbolic="2.5", enclosure=None, difference="inf"))]
    assert texts == ["nan", "2.5", "inf"]


def test_the_worst_point_is_shown_and_the_others_are_counted() -> None:
    good, bad = agreeing()["points"][0], record()["points"][0]
    several = record(points=[good, bad, good])
    assert worst_point(several) is bad
    assert "(the worst of 3 points)" in failure_text(several)
    assert "(the worst of 2 points, all of which agree)" in failure_text(agreeing(points=[good, good]))
    assert "(the worst of 2 points that do not agree)" in failure_text(record(points=[bad, bad]))


def test_many_partials_are_counted_not_listed() -> None:
    names = [f"x{i}" for i in range(SHOWN + 3)]
    point = {**record()["points"][0], "partials": {name: partial() for name in names}}
    text = failure_text(record(points=[point]))
    assert text.count("symbolic  ") == SHOWN
    assert "and 3 more partial derivatives" in text
    point["partials"].popitem()
    point["partials"].popitem()
    assert "and 1 more partial derivative, not a worse one" in failure_text(record(points=[point]))


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("wrong", "the forward value deviates"),
        ("undefined", "there is no value here that it could agree with"),
        ("undecided", "it could not be decided"),
    ],
)
def test_what_a_value_is_that_does_not_agree(verdict: str, words: str) -> None:
    point = {**record()["points"][0], "value": 2.0, "value_verdict": verdict}
    assert f"2.0   {verdict}: {words}" in failure_text(record(verdict=verdict, points=[point]))


@pytest.mark.parametrize(
    ("blame", "words"),
    [
        (
            {"kind": "rule", "primitive": "mul", "node": 3, "argument": 1},
            "rule of mul by its argument b (node 3)",
        ),
        ({"kind": "rule", "primitive": "tanh", "node": 1, "argument": 0}, "rule of tanh (node 1)"),
        (
            {"kind": "accumulation", "primitive": None, "node": 2, "argument": None},
            "no single operation explains the number",
        ),
        ({"kind": "forward", "primitive": "exp", "node": 2, "argument": None}, "forward value of exp"),
        ({"kind": "oracle", "primitive": "exp", "node": 2, "argument": 0}, "not the engine"),
        (
            {"kind": "singular", "primitive": None, "node": None, "argument": None},
            "the function as a whole meets 0/0",
        ),
        ({"kind": "overflow", "primitive": "exp", "node": 2, "argument": None}, "exp (node 2) overflows"),
    ],
)
def test_blame_in_words(blame: dict[str, object], words: str) -> None:
    assert words in blame_in_words(blame)


def test_a_very_long_function_is_shown_in_part_and_reproduced_in_full() -> None:
    long = "+".join(["x"] * 1000)
    text = failure_text(record(expression=long))
    assert "… " in text
    assert "(1,999 characters)" in text
    assert long in text.splitlines()[-1]


def test_the_reason_is_that_of_a_partial_that_decided() -> None:
    partials = {
        "x": partial(verdict="undefined", reason="the function has no derivative here"),
        "y": partial(verdict="wrong", reason=None),
    }
    point = record()["points"][0] | {"partials": partials}
    assert reason(record(verdict="wrong", points=[point])) is None
    partials["y"]["reason"] = "an operation on the way jumps here"
    assert reason(record(verdict="wrong", points=[point])) == "an operation on the way jumps here"


@pytest.mark.parametrize(
    ("dtype", "symbolic", "words"),
    [
        ("float64", "1.5e300", "although the derivative is finite"),
        ("float64", "-1.5e400", "and the derivative is beyond the largest float"),
        ("float32", "1.5e39", "and the derivative is beyond the largest float"),
    ],
)
def test_a_derivative_beyond_the_largest_float_is_said_to_be_so(dtype: str, symbolic: str, words: str) -> None:
    lost = partial(verdict="nonfinite", engine="nan", symbolic=symbolic, ulps=None)
    point = record()["points"][0] | {"partials": {"x": lost}}
    blame = record()["blame"] | {"kind": "overflow"}
    given = record(verdict="nonfinite", dtype=dtype, points=[point], blame=blame)
    assert words in failure_text(given)


def test_a_truth_below_the_least_float_is_said_to_be_and_marks_no_zero() -> None:
    tiny = {r.label: r for r in rows(partial(verdict="agree", engine=0.0, symbolic="-1.8e-339", difference=0.0))}
    assert tiny["symbolic"].note == "nearer to 0 than the least float64"
    assert [tiny[label].shown.same for label in ("engine", "difference")] == [
        len(tiny[label].shown.text) for label in ("engine", "difference")
    ]
    least = {r.label: r for r in rows(partial(verdict="wrong", engine=0.0, symbolic="1e-300", difference=0.0))}
    assert least["symbolic"].note == ""
    assert least["engine"].shown.same < len(least["engine"].shown.text)
    power = "9" * 77
    least = {r.label: r for r in rows(partial(verdict="agree", engine=0.0, symbolic=f"1.8e-{power}", difference=0.0))}
    assert least["symbolic"].note == "nearer to 0 than the least float64"
    assert least["symbolic"].shown.text.strip() == "≈ 10^(−9.9·10⁷⁶)"
    assert least["engine"].shown.same == len(least["engine"].shown.text)
    most = {r.label: r for r in rows(partial(verdict="agree", engine="-inf", symbolic=f"-1.8e+{power}"))}
    assert most["symbolic"].note == "beyond the largest float64"
    assert most["engine"].shown.same == len(most["engine"].shown.text)
    single = rows(partial(engine=0.0, symbolic="1e-60", difference=0.0), dtype="float32")
    assert single[1].note == "nearer to 0 than the least float32"


def test_a_wrong_formula_is_named_before_partials_that_agree() -> None:
    right = partial(verdict="agree", engine=1.6993417021166355e-17)
    partials = {"x": right, "y": {**right, "formula_verdict": "wrong"}}
    point = record()["points"][0] | {"partials": partials}
    good = record()["points"][0] | {"partials": {"x": right, "y": right}}
    text = failure_text(record(verdict="wrong", blame=None, points=[good, point], derivative={"y": "x + y"}))
    assert text.index("d/dy: agree") < text.index("x + y: wrong")
    assert "d/dx" not in text
    assert "the worst of 2 points" in text


@pytest.mark.parametrize(
    ("function", "at", "settings"),
    [
        ("sin(x)*exp(x)", {"x": [0.5, 1.0, 2.0]}, {}),
        ("Abs(x)*y", {"x": [1.0, 0.0, -2.0, 0.0], "y": [1.0, 2.0, 3.0, 4.0]}, {}),
        ("Abs(x)", {"x": [0.0, 0.0]}, {}),
        ("sin(x)*y", {"x": [1.0, 2.0], "y": [0.5, 1.5]}, {"gradient": {"x": [0.3, 5.0], "y": [0.5, 0.5]}}),
        ("x**2", {"x": [1.0, 2.0]}, {"derivative": {"x": "3*x"}}),
        ("x**2", {"x": [1.0, 2.0]}, {"derivative": {"x": "2*x"}}),
        ("log(x)", {"x": [-1.0, 1.0]}, {}),
        ("x*y", {"x": 1.0, "y": 2.0}, {"wrt": "y"}),
        ("3*1", {}, {}),
    ],
)
def test_the_evidence_reads_as_the_whole_record_does(function: str, at: Any, settings: Any) -> None:
    found = verify(function, at, **settings)
    text = failure_text(evidence(found))
    assert text == failure_text(found.to_record())


def test_what_is_shown_of_very_many_points_is_found_at_once() -> None:
    class Counted(NumpyEngine):
        asked = 0

        def gradient(self, tape: Any, point: Any, dtype: Any) -> Any:
            self.asked += 1
            return super().gradient(tape, point, dtype)

    engine = Counted()
    found = verify("sin(x)*exp(x)", {"x": np.linspace(0.1, 2.0, 5000)}, engine=engine)
    assert "the worst of 5000 points, all of which agree" in failure_text(evidence(found))
    assert engine.asked < 5
    assert not found.decided  # none of the others was made for it
