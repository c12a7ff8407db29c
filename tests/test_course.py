"""``gj.lesson``: the lesson's page as a Python object."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

import gradjury as gj
from gradjury.course import Page


def test_a_page_is_made_of_text_and_of_a_function(tmp_path: Path) -> None:
    page = gj.lesson(lambda x: np.exp(x**2) ** 2, at={"x": 0.5})
    assert "3.29744" in page.html
    target = tmp_path / "lesson.html"
    assert page.write(target) is page
    assert target.read_text(encoding="utf-8") == page.html
    assert 'lang="ko"' in gj.lesson("x**2", {"x": 1.0}, language="ko").html.partition("<head>")[0]


def test_the_arguments_that_the_point_names_are_variables() -> None:
    def scaled(x, k=2.0):
        return x * k

    product = gj.lesson("x*k", at={"x": 3.0, "k": 5.0}).html
    assert gj.lesson(scaled, at={"x": 3.0, "k": 5.0}).html == product
    assert gj.lesson(lambda *args: args[0] * args[1], at={"x": 3.0, "k": 5.0}).html == product
    assert gj.lesson(scaled, at={"x": 3.0}).html == gj.lesson("x*2", at={"x": 3.0}).html


def test_a_name_is_read_as_python_reads_it() -> None:
    micro, mu = "\u00b5", "\u03bc"
    assert gj.lesson(f"{micro}*2", at={micro: 3.0}).html == gj.lesson(f"{mu}*2", at={mu: 3.0}).html


def test_parts_leave_away_what_was_not_asked_for() -> None:
    whole, first = gj.lesson("x**2", {"x": 3.0}).html, gj.lesson("x**2", {"x": 3.0}, parts=[]).html
    for title in ("stored-title", "paths-title", "cost-title", "riddle-title", "ways-title-1", 'class="edge backward"'):
        assert title in whole
        assert title not in first
    assert "Compute y and keep x. The forward pass is done." in first
    assert "dy/dy" not in first


def test_a_notebook_shows_the_page_in_a_frame() -> None:
    page = Page('<p title="a">1 & 2</p>')
    shown = page._repr_html_()
    assert unescape(shown.partition('srcdoc="')[2].partition('" width')[0]) == page.html
    assert repr(page) == "<Page of 22 characters>"


@pytest.mark.parametrize(
    ("text", "at", "parts", "message"),
    [
        ("x*y", {"x": 1.0}, [], "at: no value for y"),
        ("x*y", {"x": 1.0, "y": 2.0, "z": 3.0}, [], "at: 'z' is no variable here; expected x, y"),
        ("x**2", {"x": 1.0}, ["backwards"], "parts: 'backwards' is none; expected some of backward, product"),
        ("log(x)", {"x": -1.0}, [], "expected finite values"),
    ],
)
def test_bad_input_is_one_line(text: str, at: dict[str, float], parts: list[str], message: str) -> None:
    with pytest.raises(gj.InvalidInput, match=re.escape(message)):
        gj.lesson(text, at, parts=parts)
