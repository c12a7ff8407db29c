"""The errors of the verifier in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradjury.reports.lesson.content import Lesson
from gradjury.reports.pages import LANGUAGES
from gradjury.reports.serve.asked import LIMITS, Refused, function, point, points
from gradjury.reports.serve.plainly import CATALOGUE, in_words, recognised
from gradjury.verifier import InvalidInput, verify
from gradjury.verifier.errors import GradjuryError

#: An input for every message: text, or text with the fields of the point.
INPUTS: dict[str, str | tuple[str, dict[str, str]]] = {
    "error_empty": " ",
    "error_syntax": "x +",
    "error_bracket": "sin(x",
    "error_unmatched": "x)",
    "error_number": "2x",
    "error_character": "x²",
    "error_equals": "x**2 = 4",
    "error_power": "x^2",
    "error_unknown": "tahn(x)",
    "error_unknown_product": "x(2)",
    "error_count": "sin(x, y)",
    "error_value_called": "a = x; a(2)",
    "error_function_named": "sin",
    "error_no_number": "oo",
    "error_no_place": "x.y",
    "error_no_place_write": "x // 2",
    "error_no_place_expected": "x if y else z",
    "error_is_no_number": "[x]",
    "error_text": "'a'",
    "error_row": "x" + "+x" * 600,
    "error_unused": "x; y",
    "error_comparison": "x < 1",
    "error_junction": "x and y",
    "error_truth": "True",
    "error_negation": "~x",
    "error_joins": "x & y",
    "error_comma": "x, y",
    "error_condition": "Piecewise((x, y))",
    "error_pairs": "Piecewise(x)",
    "error_named_twice": "a=x; a=y; a",
    "error_statement": "import os",
    "error_forbidden": "__import__('os')",
    "error_imaginary": "I*x",
    "error_no_primitive": "zeta(x, y)",
    "error_hyper": "hyper([1], [2], x)",
    "error_zero": "x**(1/0)",
    "error_denominator": "Rational(1, 0)*x",
    "error_degree": "root(x, 0)",
    "error_length": "x" * 5000,
    "error_deep": "(" * 70 + "x" + ")" * 70,
    "error_digits": "1e99999*x",
    "error_power_digits": "x**(10**10000)",
    "error_many_digits": "1" * 500 + "*x",
    "error_nodes": "+".join(["(" + "-x" * 100 + ")"] * 12),
    "error_nothing": "2 + 3",
    "error_operations": "x" + "+x" * 60,
    "error_value": ("log(x)", {"x": "-1"}),
    "error_derivative": ("sqrt(x)", {"x": "0"}),
    "error_sampled": "log(-x**2)",
    "error_not_a_number": ("x**2", {"x": "half"}),
    "error_large": ("x**2", {"x": "1e999"}),
    "error_several": ("x**2", {"x": "1, 2"}),
    "error_finite": ("x**2", {"x": "inf"}),
    "error_points": ("x**2", {"x": ", ".join(["1"] * 200)}),
}


def provoked(text: str, fields: dict[str, str]) -> Exception:
    try:
        tape = function(text)
        Lesson(tape, point(tape, fields))
    except Refused as error:
        return error.error
    except GradjuryError as error:
        return error
    raise AssertionError(f"nothing is wrong with {text!r}")


@pytest.mark.parametrize("key", INPUTS)
def test_every_error_is_recognised_and_said_in_korean(key: str) -> None:
    given = INPUTS[key]
    error = provoked(*((given, {}) if isinstance(given, str) else given))
    said = in_words(error)
    assert recognised(re.sub(r" \((line \d+, )?column \d+\)$", "", str(error)))[0] == key
    assert set(said) == set(LANGUAGES)
    assert re.search("[가-힣]", said["ko"])
    assert "자세한 내용" not in said["ko"]
    assert "column" not in said["en"]
    if getattr(error, "column", None) is not None:
        assert f"character {error.column}" in said["en"]  # type: ignore[attr-defined]
        assert f"{error.column}번째 글자" in said["ko"]  # type: ignore[attr-defined]


def test_no_message_waits_for_an_error_that_does_not_come() -> None:
    elsewhere = {"error_other", "error_engine", "error_engine_missing", "error_lengths"}
    messages = {key for key in CATALOGUE.messages("en") if key.startswith("error_")}
    assert messages == {*INPUTS, *elsewhere}


def test_an_engine_that_there_is_not() -> None:
    with pytest.raises(InvalidInput) as caught:
        verify("x", {"x": 1.0}, engine="abacus")
    assert recognised(str(caught.value))[0] == "error_engine"


def test_lengths_that_differ() -> None:
    with pytest.raises(Refused) as caught:
        points(function("x*y"), {"x": "1, 2", "y": "1, 2, 3"})
    assert caught.value.field == "at"
    assert recognised(str(caught.value.error))[0] == "error_lengths"
    assert "x: 2, y: 3" in in_words(caught.value.error)["ko"]
    assert points(function("x*y"), {"x": "1, 2", "y": "3"}) == {"x": [1, 2], "y": [3]}


def test_an_error_that_nobody_knows_is_shown_as_it_is() -> None:
    said = in_words(InvalidInput("something new", 3))
    assert said == {
        "en": "something new (character 3)",
        "ko": "이 입력은 계산할 수 없습니다. 자세한 내용: something new (3번째 글자)",
    }


def test_the_place_names_the_line_where_there_are_several() -> None:
    said = in_words(provoked("x\n+", {}))
    assert said["en"].endswith("(line 2, character 2)")
    assert said["ko"].endswith("(2번째 줄 2번째 글자)")


def test_empty_fields_are_filled_where_the_function_is_real() -> None:
    tape = function("log(x)*y")
    drawn = point(tape, {"y": "2"})
    assert drawn["y"] == 2
    assert drawn["x"] > 0
    assert {name: len(row) for name, row in points(tape, {"y": "1, 2, 3"}).items()} == {"x": 3, "y": 3}


def test_a_minus_of_typography_is_one() -> None:
    assert point(function("x"), {"x": "−0.5"}) == {"x": -0.5}


def test_fields_of_other_variables_are_left_alone() -> None:
    assert point(function("x"), {"x": "1", "old": "nonsense"}) == {"x": 1.0}


def test_a_request_may_hold_less_than_a_record() -> None:
    assert LIMITS.length <= 4000


def test_no_language_lacks_a_message_or_names_what_is_not_there() -> None:
    first, *others = (CATALOGUE.messages(code) for code in LANGUAGES)
    for other in others:
        assert list(other) == list(first)
        for key, text in first.items():
            assert other[key].strip()
            assert set(re.findall(r"\{(\w+)\}", other[key])) <= set(re.findall(r"\{(\w+)\}", text)), key


def test_no_message_is_there_in_vain() -> None:
    import gradjury.reports

    folder = Path(gradjury.reports.__file__).parent
    files = [*(folder / "serve").glob("*.py"), *(folder / "templates").glob("serve.*[2s]")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    built = ("error_", "verdict_", "row_", "blame_", "title_")
    unused = [
        key for key in CATALOGUE.messages("en") if not key.startswith(built) and not re.search(rf"\b{key}\b", code)
    ]
    assert unused == []
