"""The HTML report: whole, small, and deaf to markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from gradjury.reports.collection import Collection, counted, gather, read_results
from gradjury.reports.html import render, render_function
from gradjury.verifier.errors import InvalidInput

from .records import agreeing, invalid, partial, record

VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Tags, ids, links and text of a page; complains about what is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"<{tag} {name}> runs script"
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text += data


def page(*records: dict[str, Any], **settings: Any) -> Page:
    return Page(render(gather(records, settings), title="a title", version="1.2.3"))


def test_the_page_counts_and_shows_what_does_not_agree() -> None:
    many = [agreeing(id=i) for i in range(30)]
    text = " ".join(page(*many, record(), invalid(), seed=7).text.split())
    assert "32 functions judged" in text
    assert "30 agree" in text
    assert "1 inaccurate" in text
    assert "1 invalid" in text
    assert "seed 7" in text
    assert "unknown function 'tahn' (column 1)" in text
    assert "the derivative rule of tanh" in text
    assert "gradjury verify 'tanh(x)' --at x=20.0 --engine torch" in text
    assert "Everything that does not agree" in text


def test_a_single_function_is_shown_although_it_agrees() -> None:
    text = page(agreeing()).text
    assert "1 function judged" in " ".join(text.split())
    assert "1.6993417021166355e-17" in text


def test_a_clean_campaign_says_so() -> None:
    text = page(*[agreeing()] * 30).text
    assert "Nothing: every function agrees." in text


def test_the_page_loads_nothing_and_links_within_itself() -> None:
    found = page(record(), invalid())
    assert "script" not in found.tags
    assert found.links
    for link in found.links:
        assert link.startswith("#")
        assert link[1:] in found.ids
    assert len(set(found.ids)) == len(found.ids)
    html = render(gather([record()]), title="t", version="1")
    assert not re.search(r"https?:|url\(|@import", html)
    assert "light-dark(" in html


def test_differing_digits_are_marked() -> None:
    shown = partial(verdict="wrong", engine=0.84147, symbolic="0.84147098480789650665", difference=0.84147)
    html = render_function(record(points=[{**record()["points"][0], "partials": {"x": shown}}]))
    assert "0.841470<mark>00000000005</mark>" in html


def replaced(tree: Any, text: str) -> Any:
    """A record with every text but verdicts and kinds replaced; names as well."""
    if isinstance(tree, dict):
        keep = ("verdict", "value_verdict", "formula_verdict", "kind", "primitive")
        fixed = {
            "points",
            "at",
            "value",
            "partials",
            "blame",
            "engine",
            "symbolic",
            "enclosure",
            "error",
            "id",
        }
        fixed |= {
            *keep,
            "difference",
            "difference_error",
            "ulps",
            "certified",
            "reason",
            "expression",
            "minimal",
        }
        fixed |= {"node", "argument"}
        return {(k if k in fixed else text): (v if k in keep else replaced(v, text)) for k, v in tree.items()}
    if isinstance(tree, list):
        return [replaced(v, text) for v in tree]
    return text if isinstance(tree, str) or tree is None else tree


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</style></title>{{ 7*7 }}{% x %}",
        "&lt;b&gt;",
    ],
)
def test_markup_in_any_field_stays_text(evil: str) -> None:
    bad = replaced(record(points=[{**record()["points"][0], "partials": {"x": partial(reason="r")}}]), evil)
    bad["blame"]["primitive"] = evil
    html = render(
        gather([bad, {**invalid(), "error": evil}], {evil: evil, "v": {evil: evil}}), title=evil, version=evil
    )
    found = Page(html)
    assert found.tags <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "header",
            "h1",
            "h2",
            "h3",
            "p",
            "ul",
            "li",
            "strong",
            "span",
        ),
        *(
            "main",
            "section",
            "dl",
            "dt",
            "dd",
            "code",
            "div",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "a",
            "mark",
        ),
        *("article", "pre", "footer"),
    }
    assert found.text.count(evil) >= 12


def test_the_cap_is_said() -> None:
    collection = Collection(keep=2)
    for i in range(25):
        collection.add(record(id=i))
    text = " ".join(Page(render(collection, title="t", version="1")).text.split())
    assert "23 more do not agree; only the first 2 are shown in full." in text


def test_counts_in_a_line() -> None:
    assert counted({"wrong": 2, "agree": 1200, "kink": 0}) == "1,200 agree · 2 wrong"
    assert counted({}) == "nothing judged"
    assert gather([record(), invalid()]).summary() == "1 inaccurate · 1 invalid"
    assert gather([record(), agreeing()]).pairs == {"inaccurate": 1, "agree": 1}


def test_results_are_read_back(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text("\n".join(map(json.dumps, [record(), invalid()])) + "\n\n")
    assert list(read_results(str(file))) == [record(), invalid()]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '"wrong"',
        "{}",
        '{"verdict": "fine"}',
        '{"verdict": "wrong", "points": 3}',
        '{"verdict": "wrong", "points": [{"at": {}}]}',
        '{"verdict": "wrong", "points": [{"at": {}, "partials": {"x": {"verdict": "fine"}}}]}',
        '{"verdict": ["wrong"]}',
        '{"verdict": "kink", "points": [{"at": {}, "partials": {"x": {"verdict": "kink", "enclosure": 1}}}]}',
        '{"verdict": "wrong", "blame": "tanh"}',
        '{"verdict": "wrong", "blame": {"kind": "rule", "argument": "x"}}',
        "\udcff",
    ],
)
def test_a_line_that_is_no_result_is_an_error_with_its_place(tmp_path: Path, line: str) -> None:
    file = tmp_path / "results.jsonl"
    file.write_bytes(json.dumps(record()).encode() + b"\n" + line.encode(errors="surrogateescape") + b"\n")
    with pytest.raises(InvalidInput, match=r"results\.jsonl, line 2: expected a result record"):
        list(read_results(str(file)))
