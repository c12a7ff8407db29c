"""The HTML of results in other places: notebooks; and the collection that a report is made of."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import gradjury as gj
from gradjury.reports.collection import Collection, counted, gather, read_results
from gradjury.reports.html import build, render_function
from gradjury.verifier.errors import InvalidInput

from .lesson.lessons import Markup
from .records import agreeing, invalid, partial, record


def test_differing_digits_are_marked() -> None:
    shown = partial(verdict="wrong", engine=0.84147, symbolic="0.84147098480789650665", difference=0.84147)
    html = render_function(record(points=[{**record()["points"][0], "partials": {"x": shown}}]))
    assert "0.841470<mark>00000000005</mark>" in html


def test_a_notebook_shows_graph_and_table() -> None:
    found = gj.verify("exp(sin(x)*y)", at={"x": 0.5, "y": 2.0})
    html: str = found._repr_html_()  # type: ignore[attr-defined]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style
    assert ":root" not in style[1]
    assert style[1].count("{") == style[1].count("}")
    elements = Markup(re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)).elements
    tags = [tag for tag, _ in elements]
    assert {"svg", "table", "math"} <= set(tags)
    assert "script" not in tags
    assert "4.578694973891815" in html


def test_a_notebook_shows_a_traced_function_by_its_own_tape() -> None:
    found = gj.verify(lambda x: x * x, at={"x": 3.0})
    assert "<svg" in found._repr_html_()  # type: ignore[attr-defined]


def test_the_page_opens_from_disk_and_loads_nothing() -> None:
    html = build(gather([record(), invalid()]), version="1").page
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)
    assert not re.search(r"https?:(?!//www.w3.org)|@import|url\((?!&#34;|\"data:)", html)


def test_counts_in_a_line() -> None:
    assert counted({"wrong": 2, "agree": 1200, "kink": 0}) == "1,200 agree · 2 wrong"
    assert counted({}) == "nothing judged"
    assert gather([record(), invalid()]).summary() == "1 inaccurate · 1 invalid"
    assert gather([record(), agreeing()]).pairs == {"inaccurate": 1, "agree": 1}


def test_the_cap_is_of_each_cause() -> None:
    collection = Collection(keep=2)
    other = {**record()["blame"], "primitive": "exp"}
    for i in range(25):
        collection.add(record(id=i))
    collection.add(record(id="other", blame=other))
    assert [r["id"] for r in collection.kept] == [0, 1, "other"]
    assert collection.omitted == 23
    assert {c.primitive: c.functions for c in collection.aggregates.causes} == {"tanh": 25, "exp": 1}


def test_results_are_read_back(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text("\n".join(map(json.dumps, [record(), invalid()])) + "\n\n")
    assert list(read_results(str(file))) == [record(), invalid()]


BAD: list[Any] = [
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
    '{"verdict": "wrong", "points": false}',
    '{"verdict": "wrong", "points": ' + "[" * 100_000,
]


@pytest.mark.parametrize("line", BAD, ids=lambda line: ascii(line[:40]))
def test_a_line_that_is_no_result_is_an_error_with_its_place(tmp_path: Path, line: str) -> None:
    file = tmp_path / "results.jsonl"
    file.write_bytes(json.dumps(record()).encode() + b"\n" + line.encode(errors="surrogateescape") + b"\n")
    with pytest.raises(InvalidInput, match=r"results\.jsonl, line 2: expected a result record"):
        list(read_results(str(file)))


def test_a_result_without_points_has_its_page(tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_text('{"verdict": "wrong", "expression": "x**2"}\n')
    page = build(gather(read_results(str(tmp_path / "results.jsonl"))), version="1").page
    assert "x**2" in page


def test_an_empty_text_in_the_place_of_a_number_is_none() -> None:
    point = {**record()["points"][0], "partials": {"x": partial(difference="")}}
    page = build(gather([record(points=[point])]), version="1").page
    assert "tanh(x)" in page
