"""Functions that lessons are tested on, and the markup of pages taken apart."""

from __future__ import annotations

import json
import re
import string
from html.parser import HTMLParser
from typing import Any

from gradjury.reports.lesson.content import Lesson
from gradjury.verifier import read

#: The chain of the first chapter, a value used twice, two variables, a loss of many, corners, constant parts.
FUNCTIONS: dict[str, tuple[str, dict[str, float]]] = {
    "chain": ("a = x**2; b = exp(a); b**2", {"x": 0.5}),
    "fan-out": ("a = sin(x); x*a + exp(a)", {"x": 0.8}),
    "two variables": ("exp(sin(x)*y)", {"x": 0.5, "y": 2.0}),
    "loss": ("tanh(w*x + b)*v + (tanh(w*x + b)*v - t)**2/2", {"w": 0.5, "x": 1.0, "b": 0.2, "v": -0.7, "t": 0.3}),
    "corner": ("relu(x) - relu(-x)", {"x": 0.0}),
    "same twice": ("a = sin(x); a*a", {"x": 1.0}),
    "constant part": ("sqrt(2)*x + besselj(2, x)*pi", {"x": 1.5}),
    "branch": ("Piecewise((x**2, x < 1), (log(x), True)) * y", {"x": 2.0, "y": -3.0}),
    "one operation": ("-x", {"x": 3.0}),
    "long names": (
        "weighted_sum_of_inputs = first_input*weight_of_the_first_input + second_input*weight_of_the_second_input;"
        " tanh(weighted_sum_of_inputs)",
        {
            "first_input": 0.5,
            "weight_of_the_first_input": 2.0,
            "second_input": -1.0,
            "weight_of_the_second_input": 0.25,
        },
    ),
}


def lesson(name: str) -> Lesson:
    """The lesson on one of the functions."""
    text, point = FUNCTIONS[name]
    return Lesson(read(text), point)


def data_of(html: str) -> dict[str, Any]:
    """What the page gives its script."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def fields(text: str) -> set[str]:
    """The values that a message has room for."""
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


class Markup(HTMLParser):
    """Checks that every element is closed in its turn, and keeps the elements with their attributes."""

    VOID = ("meta", "link", "input", "br", "wbr")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()
