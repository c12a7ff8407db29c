"""What every page shares."""

from __future__ import annotations

import html
import json
import re

import pytest

from gradjury.reports.pages import LANGUAGES, Catalogue, asset, environment, furniture, json_for_script, shell


@pytest.mark.parametrize("text", ["</script><b>", "<!--", "&lt;", "\u2028\u2029", "]]>"])
def test_data_cannot_end_the_element_they_stand_in(text: str) -> None:
    written = json_for_script({text: [text]})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {text: [text]}


def test_a_message_is_said_in_every_language_and_escaped() -> None:
    catalogue = Catalogue("report")
    said = catalogue.words("set_seed")
    assert said is catalogue.words("set_seed")
    assert said == '<span lang="en">Seed</span><span lang="ko">시드</span>'
    assert "&lt;i&gt;" in catalogue.words("made_by", version="<i>")


def test_words_are_put_in_where_no_script_will() -> None:
    catalogue = Catalogue("report")
    html = '<svg data-label="graph"><text data-word="step_h" x="1"></text></svg><p data-word="light">kept</p>'
    assert catalogue.speak(html, "en") == (
        '<svg data-label="graph" aria-label="Computational graph"><text data-word="step_h" x="1">Step h</text></svg>'
        '<p data-word="light">kept</p>'
    )


def test_templates_escape_and_miss_nothing() -> None:
    from jinja2 import UndefinedError

    assert environment().from_string("{{ x }}").render(x="<") == "&lt;"
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()


@pytest.mark.parametrize("kind", ["lesson", "report"])
def test_the_furniture_of_a_page(kind: str) -> None:
    found = furniture(kind)
    assert found["languages"] == LANGUAGES
    assert str(found["style"]).startswith(asset("theme.css").decode())
    assert str(found["style"]).count("{") == str(found["style"]).count("}")
    assert "</s" not in found["style"] + found["script"]


def test_a_command_breaks_between_its_words_and_loses_nothing() -> None:
    command = "gradjury verify 'x  <  --y' --at x=0.5 --json -o 'a b.html' --special"
    words = re.findall(r'<span class="word">(.*?)</span>', shell(command))
    assert words == [
        "gradjury", "verify", "&#39;x  &lt;  --y&#39;", "--at x=0.5", "--json", "-o", "&#39;a b.html&#39;", "--special",
    ]  # fmt: skip
    assert '<span class="word">--input -</span>' in shell("gradjury verify --input -")
    for odd in (command, "it's  a\n'lone mark", "", "  "):
        assert html.unescape(re.sub(r"<[^>]*>", "", shell(odd))) == odd


def test_fields_to_write_in_have_a_border_that_is_seen() -> None:
    borders = []
    for kind, rule in (("report", 'input[type="search"] {'), ("lesson", ".seeds input {")):
        style = asset(f"{kind}.css").decode()
        borders.append(re.search(r"border: ([^;]*);", style[style.index(rule) :]))
    assert all(borders)
    assert len({border[1] for border in borders if border}) == 1
