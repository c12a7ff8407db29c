"""What the live page shows of a verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradjury.reports.pages import asset
from gradjury.reports.serve.asked import Refused
from gradjury.reports.serve.jobs import do
from gradjury.reports.serve.pages import answer_page
from gradjury.reports.serve.verdict import judged, shown
from gradjury.reports.verdicts import FAILING, ORDER
from gradjury.verifier import read, verify


def page(text: str, **at: float) -> dict[str, Any]:
    result = verify(text, at=at)
    return shown(result, result.to_record())


def test_a_point_outside_the_domain_is_told_in_the_names_of_the_function() -> None:
    assert str(page("log(y - 3)", y=-1.0)["outside"]) == "log(a) is real where a > 0; here a = -4"
    assert page("log(y - 3)", y=4.0)["outside"] is None


def test_why_nobody_is_blamed_is_said() -> None:
    result = verify("tanh(x)", at={"x": 20.0}, gradient={"x": 0.0})
    late = "the time of 60 s was over before the fault was located"
    record = {**result.to_record(), "blame": None, "no_blame": late}
    asked = {"f": "tanh(x)", "at": {"x": "20"}, "engine": "numpy", "engines": [], "page": "verify"}
    asked |= {"language": "en", "nonce": "0", "version": "0"}
    answer = answer_page(asked, {}, "", shown(result, record))
    assert '<p id="blame"><span lang="en">nobody is blamed:</span>' in answer
    assert f'<span lang="en">{late}</span>' in answer


def test_every_number_has_its_remark() -> None:
    rows = {row["label"]: row for row in page("exp(x)", x=800.0)["partials"][0]["rows"]}
    assert rows["row_symbolic"]["note"] == "note_beyond"
    assert rows["row_symbolic"]["values"] == {"dtype": "float64"}
    assert rows["row_difference"]["note"] is None
    assert "row_left_slope" in {row["label"] for row in page("Abs(x)", x=0.0)["partials"][0]["rows"]}


@pytest.mark.parametrize(
    ("text", "at", "engine", "wrong"),
    [
        ("log(x)", "-1", "numpy", "at"),
        ("sqrt(x)", "0", "numpy", "at"),
        ("x + 'at this point'", "1", "numpy", "f"),
        ("x", "1", "abacus", "engine"),
        ("x", "1", "fractions:Fraction", "engine"),
        ("x", "one", "numpy", "at.x"),
    ],
)
def test_what_is_wrong_stands_under_its_field(text: str, at: str, engine: str, wrong: str) -> None:
    asked = {"f": text, "at": {"x": at}, "engine": engine, "page": "lesson", "seconds": 60.0}
    if wrong == "engine":
        with pytest.raises(Refused) as caught:
            judged(asked, read(text), "")
        assert caught.value.field == wrong
        return
    answer = do({**asked, "do": "read"})
    found = json.loads(answer["body"])["errors"]
    assert list(found) == [wrong]


def test_no_address_has_a_module_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    monkeypatch.setattr("gradjury.verifier.engine_names.import_module", imported.append)
    asked = {"f": "x", "at": {"x": "1"}, "engine": "sprung:Trap", "page": "verify", "seconds": 60.0}
    with pytest.raises(Refused, match="'sprung:Trap' is not known; known: numpy"):
        judged(asked, read("x"), "")
    assert imported == []


@pytest.mark.parametrize("verdict", ORDER)
def test_only_agreement_is_green(verdict: str) -> None:
    style = asset("serve.css").decode()
    rules = [line for line in style.splitlines() if f".{verdict}" in line.partition("{")[0] and "color: var(" in line]
    colour = "good" if verdict == "agree" else "bad" if verdict in FAILING else "stored"
    assert [rule.partition("color: var(--")[2].partition(")")[0] for rule in rules] == [colour]


def test_a_hole_that_the_function_fills_is_no_end_of_it() -> None:
    assert page("sin(x)/x", x=0.0)["outside_key"] == "outside_removable"
    assert page("log(x)/x", x=-1.0)["outside_key"] == "outside"
    assert "≠" in str(page("sin(x)/x", x=0.0)["outside"])


def test_a_name_with_an_index_is_written_so() -> None:
    assert page("2*x_12", x_12=1.0)["partials"][0]["name"] == "x₁₂"
