"""The page as a file: whole, escaped, in every language."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradjury.engine.tape import Tape
from gradjury.engine.tracing import trace
from gradjury.reports.lesson import render
from gradjury.reports.lesson.page import LANGUAGES, messages
from gradjury.verifier import read

from .lessons import FUNCTIONS, Markup, data_of, fields


def page(name: str, language: str = "en") -> str:
    text, point = FUNCTIONS[name]
    return render(read(text), point, language=language, version="1.2.3")


def test_no_language_lacks_a_message_or_a_number_in_it() -> None:
    first, *others = (messages(code) for code in LANGUAGES)
    for other in others:
        assert list(other) == list(first)
        for key, text in first.items():
            assert other[key].strip()
            if not key.endswith(("_one", "_many")):
                assert fields(other[key]) == fields(text), key


def test_no_message_is_there_in_vain() -> None:
    from pathlib import Path

    import gradjury.reports

    folder = Path(gradjury.reports.__file__).parent
    code = "".join(
        p.read_text() for p in [*(folder / "lesson").glob("*.py"), *(folder / "templates").glob("lesson.*[2s]")]
    )
    begun = ("curve_", "fault_", "witness_", "level_", "convicted_", "step_")
    built = {key for key in messages("en") if key.startswith(begun)}
    assert [key for key in messages("en") if key not in built and not re.search(rf"\b{key}\b", code)] == []


@pytest.mark.parametrize(("text", "x"), [("x**(3/2)", 0.0), ("x*1e300*1e8", 0.99)])
def test_a_derivative_of_which_values_tell_nothing_has_a_page(text: str, x: float) -> None:
    with np.errstate(all="ignore"):
        html = render(read(text), {"x": x}, language="en", version="1.2.3")
    estimate = re.search(r"own estimate of the error: ([^<]*)", html)
    assert estimate is not None
    assert estimate[1].strip() == "—"


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole(name: str, language: str) -> None:
    html = page(name, language)
    elements = Markup(re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.DOTALL)).elements
    assert elements[0] == ("html", {"lang": language})
    identifiers = [a["id"] for _, a in elements if a.get("id")]
    assert len(identifiers) == len(set(identifiers))
    for _, attributes in elements:
        assert (attributes.get("aria-labelledby") or identifiers[0]) in identifiers
        assert (attributes.get("data-label") or "title") in messages(language)
    assert not re.search(r'(?:src|href)="(?!data:)', html)
    assert "{" not in re.sub(r"<(script|style)[^>]*>.*?</\1>|>\{<", "", html, flags=re.DOTALL)


def test_the_steps_of_the_first_chapter() -> None:
    html = page("chain")
    says = re.findall(r'<div class="say" data-from="(\d)" data-to="\d">(.*?)</div>\s*</div>', html, re.DOTALL)
    numbers = [re.findall(r"<mn>([^<]*)</mn>", text)[-1] for _, text in says]
    assert numbers == ["0.5", "0.25", "1.28403", "1.64872", "1", "2.56805", "3.29744", "3.29744"]
    assert "3.29744254140025" in html
    assert "NoForwardPass: the reverse sweep needs the value of every node, but they were dropped" in html
    command = re.sub(r"</?span[^>]*>", "", html)
    assert "gradjury lesson &#39;a = x**2; b = exp(a); b**2&#39; --at x=0.5" in command


def test_both_languages_say_every_step() -> None:
    data = data_of(page("two variables"))
    assert len(data["said"]) == data["steps"] == 8
    for said in data["said"]:
        assert set(said) == set(LANGUAGES)
        assert all(said.values())
    assert "역전파" not in data["said"][0]["en"]


def test_a_page_that_ends_with_the_forward_pass_does_not_promise_the_way_back() -> None:
    tape, point = read("x**2"), {"x": 0.5}
    forward = render(tape, point, version="1", parts=[])
    assert "<title>A function, one operation at a time</title>" in forward
    assert data_of(forward)["words"]["ko"]["title"] == "함수, 한 번에 하나씩 계산하기"
    assert "거꾸로" not in re.sub(r"<script.*?</script>", "", forward, flags=re.DOTALL)
    for part in ("backward", "product"):
        back = render(tape, point, version="1", parts=[part])
        assert "<title>The chain rule, one multiplication at a time</title>" in back
        assert data_of(back)["words"]["en"]["title"] == "The chain rule, one multiplication at a time"


def said_at_last(text: str, **at: float) -> str:
    said: str = data_of(render(read(text), at, version="1"))["said"][-1]["en"]
    return said


def test_the_last_step_says_what_was_found() -> None:
    assert said_at_last("x**2", x=3.0).endswith("This is the answer.")
    assert said_at_last("x*y", x=3.0, y=2.0).endswith(
        "Now the derivatives by all inputs are known, after one backward pass."
    )


@pytest.mark.parametrize(("text", "at"), [("abs(x)", {"x": 0.0}), ("max(x, y)", {"x": 1.0, "y": 1.0})])
def test_at_a_corner_no_step_calls_a_number_the_answer(text: str, at: dict[str, float]) -> None:
    assert said_at_last(text, **at).endswith("The function has a corner at this point: it is not differentiable here.")
    assert "SymPy, product of the chain rule, certified" not in render(read(text), at, version="1")


def test_where_corners_meet_the_last_step_says_what_the_engine_returns() -> None:
    said = messages("en")["corners_meet"].format(numbers="∂z/∂y = 0.5")
    assert said_at_last("Abs(x) + Max(x, y)", x=0.0, y=0.0).endswith(said)
    assert render(read("Abs(x) + Max(x, y)"), {"x": 0.0, "y": 0.0}, version="1").count(said) > 1  # beside the paths


def test_at_a_jump_no_step_calls_a_number_the_answer() -> None:
    assert said_at_last("floor(x)*x", x=2.0).endswith("No derivative is certified at this point.")
    assert said_at_last("floor(x)*x", x=2.5).endswith("This is the answer.")


def test_local_derivatives_that_need_no_kept_value_are_counted() -> None:
    assert "① Multiply by each of the local derivatives. They are the same everywhere" in said_at_last("x - x", x=1.0)
    assert "① Multiply by the local derivative. It is the same everywhere" in said_at_last("2*x", x=1.0)


def test_every_multiplication_is_braced_by_what_no_browser_cuts_off() -> None:
    """A stretched ⏟ lost its ends wherever a browser that draws in tiles began another one."""
    html = page("chain")
    assert html.count('<munder class="brace"') == html.count('<mrow class="braced">') == 3
    assert "<mo stretchy" not in html


def test_a_multiplication_may_break_in_front_of_its_signs_of_equality() -> None:
    html = page("chain")
    steps = re.findall(r'<div class="say[^"]*"[^>]*>.*?(?=<div class="say|</section>)', html, re.DOTALL)
    assert sum("<wbr>" in step for step in steps) == 3


def test_the_data_cannot_end_its_element() -> None:
    tape = read("x**2")
    hostile = "</script><script>alert(1)</script>"
    renamed = Tape((tape.nodes[0]._replace(consts=(hostile,)), *tape.nodes[1:]), (hostile,), tape.output)
    html = render(renamed, {hostile: 2.0}, version="1")
    assert hostile not in html
    assert "<script>alert" not in html
    assert hostile in data_of(html)["curves"]


def test_a_derivative_that_is_not_certified_is_said_to_be_so() -> None:
    text, point = "floor(x)*2", {"x": 1.0}
    html = render(read(text), point, version="1")
    assert re.search(r"No certified derivative to compare with at this point \(.*undefined.*\)", html)
    assert re.search(r"이 점에는 비교할 검증된 미분이 없습니다\(.*정의되지 않음.*\)", html)
    assert "there is nothing to measure the error against" in html


def test_the_fonts_licence_is_with_it() -> None:
    from importlib.resources import files

    folder = files("gradjury.reports").joinpath("templates")
    assert folder.joinpath("stix-two-math.woff2").read_bytes()[:4] == b"wOF2"
    licence = folder.joinpath("stix-two-math.OFL.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name" not in licence.partition("-----")[0]  # so a subset may keep the name


def test_a_corner_shows_the_slopes_of_its_two_sides() -> None:
    page = render(read("relu(x) - 3*Abs(x - 1)"), {"x": 1.0}, version="1")
    assert "A corner: the slope on the left is 4, on the right −2." in page
    page = render(read("relu(x) + Abs(x - 1)"), {"x": 0.0}, version="1")
    assert "왼쪽의 기울기는 −1, 오른쪽의 기울기는 0이고" in page
    assert "A corner: the slopes on the two sides differ." in page
    assert "A corner: the slope on" not in render(read("relu(x)"), {"x": 1.0}, version="1")


def test_where_there_is_no_curve_there_is_no_card_for_it() -> None:
    kink, smooth = (render(read("Abs(x)"), {"x": x}, version="1") for x in (0.0, 1.0))
    assert [html.count('aria-labelledby="curve-title') for html in (kink, smooth)] == [0, 1]
    assert [messages("en")["curve_none"] in html for html in (kink, smooth)] == [True, False]


def test_names_with_an_index_are_written_so() -> None:
    html = render(read("x_12*exp(x_1)"), {"x_12": 1.0, "x_1": 2.0}, version="1")
    assert 'data-value="x_12">x₁₂</button>' in html
    assert '<th scope="row" class="variable">x₁</th>' in html
    assert "No path leads from x₁ to" in render(trace(lambda x_1, y: 2 * y), {"x_1": 1.0, "y": 2.0}, version="1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a = x**2; exp(a)", "forgotten"),
        ("sin(x) + x*y", "forgotten_later"),
        ("2*x + y", "forgotten_never"),
    ],
)
def test_who_forgets_the_inputs_is_told_which_multiplication_needs_them(text: str, reason: str) -> None:
    tape = read(text)
    html = render(tape, {"x": 0.5, "y": 2.0} if "y" in tape.inputs else {"x": 0.5}, version="1")
    for language in LANGUAGES:
        for key in ("forgotten", "forgotten_later", "forgotten_never"):
            assert (messages(language)[key] in html) is (key == reason), key
