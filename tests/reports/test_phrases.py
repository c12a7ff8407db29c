"""What the verifier says of inputs and verdicts, in every language."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gradjury.verifier
from gradjury.reports.lesson.content import Lesson
from gradjury.reports.pages import LANGUAGES, Catalogue
from gradjury.reports.phrases import CATALOGUE, VERDICTS, because, called, how_many, in_words, parted, recognised
from gradjury.reports.report.blame import CATALOGUE as REPORT
from gradjury.reports.rows import NOTES
from gradjury.reports.serve.asked import LIMITS, Refused, function, point, points
from gradjury.reports.serve.pages import CATALOGUE as SERVE
from gradjury.reports.verdicts import EXPLANATIONS
from gradjury.verifier import InvalidInput, verify
from gradjury.verifier.errors import GradjuryError, crashed

#: An input for every message: text, or text with the fields of the point.
INPUTS: dict[str, str | tuple[str, dict[str, str]]] = {
    "error_empty": " ",
    "error_syntax": "x +",
    "error_bracket": "sin(x",
    "error_unmatched": "x)",
    "error_keyword": "2*lambda*x",
    "error_number": "2x",
    "error_character": "x°",
    "error_character_write": "x²",
    "error_bars": "|x|",
    "error_nothing_joins": "sin x",
    "error_equals": "x**2 = 4",
    "error_power": "x^2",
    "error_unknown": "tahn(x)",
    "error_unknown_product": "x(2)",
    "error_count": "sin(x, y)",
    "error_value_called": "a = x; a(2)",
    "error_called": "(x + 1)(2)",
    "error_function_named": "sin",
    "error_no_number": "oo",
    "error_attribute": "x.y",
    "error_attribute_write": "np.sin(x)",
    "error_index": "x[0]",
    "error_no_place": "lambda x: x",
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
    "error_no_primitive": "binomial(x, y)",
    "error_hyper": "hyper([1, 2, 3], [4, 5], x)",
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
    "error_value": ("exp(x)", {"x": "800"}),
    "error_value_outside": ("log(x - 2)", {"x": "-1"}),
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


@pytest.mark.parametrize("catalogue", [CATALOGUE, VERDICTS, SERVE], ids=["phrases", "verdicts", "serve"])
def test_no_language_lacks_a_message_or_names_what_is_not_there(catalogue: Catalogue) -> None:
    first, *others = (catalogue.messages(code) for code in LANGUAGES)
    for other in others:
        assert list(other) == list(first)
        for key, text in first.items():
            assert other[key].strip()
            assert set(re.findall(r"\{(\w+)\}", other[key])) <= set(re.findall(r"\{(\w+)\}", text)), key


def test_no_message_of_the_live_pages_is_there_in_vain() -> None:
    folder = Path(gradjury.verifier.__file__).parent.parent / "reports"
    files = [folder / "phrases.py", folder / "evidence.py", *(folder / "serve").glob("*.py")]
    files += (folder / "templates").glob("serve.*[2s]")
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    built = ("row_", "note_", "title_", "is_", "means_", "blame_", "stands_")
    unused = [key for key in SERVE.messages("en") if not key.startswith(built) and not re.search(rf"\b{key}\b", code)]
    assert unused == []


@pytest.mark.parametrize("catalogue", [REPORT, SERVE], ids=["report", "serve"])
def test_a_page_can_say_whatever_stands_behind_a_number(catalogue: Catalogue) -> None:
    assert {f"note_{key}" for key in NOTES} == {key for key in catalogue.messages("en") if key.startswith("note_")}


# ---- reasons ---------------------------------------------------------------------------------------------------------

#: Calls that say why, and the place of the words among their arguments.
WORDS = {
    "Unsupported": 0,
    "Rounds": 0,
    "EngineFailed": 0,
    "Undecided": 0,
    "Singular": 0,
    "PrecisionLost": 0,
    "Finding": 2,
    "_undecide": 2,
    "_undecide_rest": 2,
    "_undecide_formula": 1,
    "Judgement": 4,
    "Truth": 4,
    "lost": 1,
    "undecided": 1,
}
#: What engines say in words of their own, behind their names.
OWN_WORDS = {
    "reason_no_rule": ("autograd: clip has no derivative by its bounds", "autograd: clip에는 한계값에 대한 미분"),
    "reason_no_gradient": ("tensorflow: gradient registry has no entry for: Foo", "tensorflow: Foo의 미분"),
    "reason_lacks": ("torch has no besselk", "torch에는 besselk"),
    "reason_no_finite": ("cosh has no finite value", "cosh의 값이 유한하지"),
    "reason_other": ("torch: it has no such thing", "torch: it has no such thing"),
}


@pytest.mark.parametrize("key", OWN_WORDS)
def test_the_words_of_an_engine_are_not_taken_for_its_name(key: str) -> None:
    text, korean = OWN_WORDS[key]
    assert recognised(text, "reason_other")[0] == key
    assert in_words(text, "reason_other")["ko"].startswith(korean)


#: Nobody sees these in a report: no fault can be planted, no lines of another language written. What an engine says in
#: its own words, behind its name, is shown as it is.
UNSEEN = re.compile("no fault can be planted|has no snippets|^(7|tinygrad): 7(: 7)?$")


def texts(node: ast.expr | None, module: str) -> Iterator[str]:
    """What an expression may say, a sample in every hole; nothing if it says what others said.

    Its module is imported only where a name is to be looked up: that of an engine needs an extra.
    """
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(part.value if isinstance(part, ast.Constant) else "7" for part in parts)  # type: ignore[misc]
        case ast.IfExp(body=one, orelse=other):
            yield from [*texts(one, module), *texts(other, module)]
        case ast.BoolOp(values=values):
            for value in values:
                yield from texts(value, module)
        case ast.Call(func=ast.Name(id="crashed"), args=[how]):
            yield from map(crashed, texts(how, module))
        case ast.Name(id=name) if name.strip("_").isupper():
            yield getattr(importlib.import_module(module), name)
        case ast.Subscript(value=ast.Name(id=name)) if name.isupper():
            yield from getattr(importlib.import_module(module), name).values()


def parts_of(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def sentences() -> set[str]:
    """Every reason in the verifier's code, and those of a campaign."""
    root = Path(gradjury.verifier.__file__).parent.parent
    files = [*(root / "verifier").rglob("*.py"), root / "properties/shards.py", root / "properties/scheduler.py"]
    found: set[str] = set()
    for file in files:
        module = ".".join(("gradjury", *file.relative_to(root).with_suffix("").parts))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                func = node.func.body if isinstance(node.func, ast.IfExp) else node.func  # (Singular if … else …)(…)
                called_ = func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")
                place = WORDS.get(called_)
                said = [node.args[place]] if place is not None and len(node.args) > place else []
                for each in [*said, *(k.value for k in node.keywords if k.arg == "reason")]:
                    found.update(texts(each, module))
            elif isinstance(node, ast.Return) and "verdicts" in file.parts:  # of what tells why
                chosen = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
                for each in chosen:
                    if isinstance(each, ast.Name) and each.id.isupper():
                        found.update(texts(each, module))
            elif isinstance(node, ast.Assign):
                for target, value in zip(*map(parts_of, (node.targets[0], node.value)), strict=False):
                    if "reason" in ast.unparse(target):
                        found.update(texts(value, module))
    return {text for text in found if not UNSEEN.search(text)}


@pytest.fixture(scope="module")
def reasons() -> set[str]:
    found = sentences()
    assert len(found) > 70
    return found


def test_every_reason_of_the_verifier_is_said_in_every_language(reasons: set[str]) -> None:
    silent = [text for text in reasons if recognised(text, "reason_other")[0] == "reason_other"]
    assert silent == []
    for text in reasons:
        assert re.search("[가-힣]", in_words(text, "reason_other")["ko"]), text


def test_no_reason_waits_for_words_that_do_not_come(reasons: set[str]) -> None:
    waiting = {key for key in CATALOGUE.messages("en") if key.startswith("reason_")}
    waiting -= {recognised(text, "reason_other")[0] for text in reasons}
    of_records = {f"reason_{key}" for key in RECORDS}
    built = {"reason_other", "reason_series", "reason_differences", "reason_no_formula"}
    built |= {key for key, (text, _) in OWN_WORDS.items() if ":" in text}
    assert waiting - of_records - built == set()


RECORDS = {
    "utf8": b'"\xff',
    "nests": b"[" * 200_000,
    "json": b"{,}",
    "json_digits": b'{"a": ' + b"1" * 5000 + b"}",
    "json_kind": b"[1]",
    "no_field": b'{"expression": "x", "gradients": {"x": 1}}',
    "twice": b'{"a": 1, "a": 2}',
    "no_points": b'{"expression": "x", "gradient": {"x": 1}}',
    "no_value_for": b'{"expression": "x*y", "at": {"x": 1}}',
    "no_number": b'{"expression": "x", "at": {"x": []}}',
    "missing": b"{}",
    "given": b'{"expression": 5}',
    "count": b'{"expression": "x", "at": {"x": [1, 2]}, "gradient": {"x": [1, 2, 3]}}',
}


@pytest.mark.parametrize("key", RECORDS)
def test_why_a_record_cannot_be_read_is_said_in_korean(key: str) -> None:
    from gradjury.batch import judge_line

    settings = {"engine": "numpy", "order": 1, "dtype": "float64", "seed": 0, "points": None, "timeout": None}
    error = judge_line(RECORDS[key], 3, settings)["error"]
    said = in_words(error, "reason_other")
    assert said["en"] == error
    assert said["ko"].startswith("3번째 줄: ")
    assert recognised(parted(error.removeprefix("line 3: "))[0], "reason_other")[0] == f"reason_{key}"


@pytest.mark.parametrize(
    ("expression", "at", "settings"),
    [
        ("x*0 + sin(y*1e300)*1e300", {"x": 1.0, "y": 3.0}, {}),
        ("floor(x)", {"x": 2.0}, {}),
        ("1/x", {"x": 0.0}, {}),
        ("besselj(x, y)", {"x": 1.5, "y": 2.0}, {}),
        ("sqrt(x)", {"x": 0.0}, {"gradient": {"x": 1.0}}),
        ("Abs(x)", {"x": 0.0}, {"gradient": {"x": float("nan")}}),
        ("x**2", {"x": 1.0}, {"order": 2}),
        ("(x + 1e17) - 1e17", {"x": 1.0}, {"gradient": {"x": float("nan")}}),
        ("exp(x)*exp(-x)", {"x": 800.0}, {}),
    ],
)
def test_a_reason_that_is_given_is_known(expression: str, at: dict[str, float], settings: dict[str, Any]) -> None:
    record = verify(expression, at, **settings).to_record()
    given = [p["reason"] for point in record["points"] for p in point["partials"].values() if p["reason"]]
    for text in given:
        assert recognised(text, "reason_other")[0] != "reason_other", text


def test_a_sentence_within_a_sentence_is_said_too() -> None:
    said = in_words("the derivative here could not be decided: the value was lost", "reason_other")
    assert said["ko"] == "이 점의 미분을 정할 수 없습니다. 값의 자릿수를 모두 잃었습니다"
    unknown = in_words("the derivative here could not be decided: bad luck", "reason_other")
    assert unknown["ko"] == "이 점의 미분을 정할 수 없습니다. bad luck"


def test_what_could_not_be_stopped_is_told_from_what_took_its_time() -> None:
    ended = "the time of 0.5 s was over, and C code that ran then could not be stopped"
    assert recognised(ended, "reason_other") == ("reason_standstill", {"seconds": "0.5"})
    assert recognised("the time of 60 s was over", "reason_other")[0] == "reason_time"


def test_a_sentence_behind_a_colon_is_not_taken_for_a_name() -> None:
    said = in_words("the claimed formula: zeta is known to SymPy but has no primitive here", "reason_other")
    assert said["ko"].startswith("제시된 수식: zeta")


def test_a_reason_as_a_page_shows_it() -> None:
    assert because(None) is None
    assert because("nan at a kink") == (
        '<span lang="en">nan at a kink</span><span lang="ko">꺾인 점에서 nan이 나왔습니다</span>'
    )
    assert because("<b>") == '<span lang="en">&lt;b&gt;</span><span lang="ko">&lt;b&gt;</span>'


def test_every_verdict_has_a_name_in_every_language() -> None:
    for verdict in (*EXPLANATIONS, "proved"):
        assert f'<span lang="en">{verdict}</span>' in called(verdict)
        assert re.search("[가-힣]", called(verdict))
    assert called("<i>") == "&lt;i&gt;"


def test_a_count_stands_where_a_language_puts_it() -> None:
    assert how_many("wrong", 1234) == '<span lang="en">1,234 wrong</span><span lang="ko">틀림 1,234</span>'
