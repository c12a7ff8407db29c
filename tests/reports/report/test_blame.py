"""Whom a page blames, in every language and as a terminal does."""

from __future__ import annotations

import pytest

from gradjury.reports.evidence import LOST, STANDINGS, blame_in_words
from gradjury.reports.report.blame import blame_of, meaning, messages, operation_of, said, said_in, says_of

from ..records import agreeing, partial, record


@pytest.mark.parametrize("kind", ["rule", "accumulation", "forward", "oracle", "singular", "overflow"])
def test_blame_is_worded_as_on_a_terminal(kind: str) -> None:
    for primitive in ("tanh", None):
        for stands in STANDINGS:
            blame = {"kind": kind, "primitive": primitive, "argument": 0}
            says = blame_of(blame, stands)
            assert says is not None
            assert said_in(says, "en") == blame_in_words(blame, stands)
            assert f"blame_{kind}" == says["key"]
    for how in ("unsteady", "together", "interference"):
        blame = {"kind": kind, "primitive": "detach", "how": how}
        says = blame_of(blame)
        assert says is not None
        assert (says["key"], said_in(says, "en")) == (f"blame_{how}", blame_in_words(blame))
    assert blame_of({}) is None


def test_every_way_in_which_a_derivative_stands_is_said() -> None:
    for language in ("en", "ko"):
        assert {f"stands_{key}" for key in STANDINGS if key} == {
            k for k in messages(language) if k.startswith("stands_")
        }
    assert all(messages("en")[f"stands_{key}"] == text for key, text in STANDINGS.items() if key)


def test_only_a_derivative_that_was_lost_on_the_way_is_spoken_of() -> None:
    for kind in ("rule", "forward", "accumulation", "oracle", *LOST):
        says = blame_of({"kind": kind, "primitive": "tanh"}, "finite")
        assert says is not None
        assert says["stands"] == ("finite" if kind in LOST else "")


def test_an_operation_is_called_with_its_argument_where_it_has_several() -> None:
    assert operation_of("pow", 1) == "pow ∂/∂b"
    assert operation_of("tanh", 0) == "tanh"
    assert operation_of("mul", 7) == "mul"
    assert operation_of("<b>", 0) == "<b>"
    assert operation_of(None, 0) == ""


def test_a_page_escapes_what_it_blames() -> None:
    says = blame_of({"kind": "rule", "primitive": "<b>"})
    assert says is not None
    assert "&lt;b&gt;" in said(says)
    assert "<b>" not in said(says)


def test_a_formula_is_blamed_where_no_number_fails() -> None:
    right = {**agreeing()["points"][0]["partials"]["x"], "formula_verdict": "wrong"}
    point = {**agreeing()["points"][0], "partials": {"x": right}}
    says = says_of(record(verdict="wrong", blame=None, points=[point]))
    assert says is not None
    assert (says["key"], meaning("wrong", says)) == ("blame_formula", "means_formula")
    both = {**point, "partials": {"x": right, "y": partial(verdict="wrong")}}
    assert says_of(record(verdict="wrong", blame=None, points=[both])) is None
    assert says_of(agreeing()) is None
