"""Every point of a function: the table that the terminal prints too, and the chart over one variable."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gradjury.reports.report.case import case
from gradjury.reports.report.points import MOST_COLUMNS, MOST_DOTS, MOST_POINTS, points
from gradjury.verifier import verify

from ..lesson.lessons import Markup
from ..records import partial, record
from .samples import judged

#: The numbers of an engine that stops being right at 10, as the sigmoid of a library does.
LOST = judged("sigmoid(x)", {"x": [-5.0, 0.0, 5.0, 30.0, 700.0]})
LOST["points"][3]["partials"]["x"] |= {"verdict": "inaccurate", "engine": 0.0, "ulps": 4.5e15}
LOST["points"][4]["partials"]["x"] |= {"verdict": "nonfinite", "engine": "nan", "ulps": None}
LOST["verdict"] = "nonfinite"


def test_one_point_has_no_table_of_points() -> None:
    assert points(judged("x**2", {"x": 1.0})) is None
    assert 'class="card points"' not in str(case(judged("x**2", {"x": 1.0}), 1).html)


def test_every_point_stands_in_the_page_with_the_number_that_was_judged() -> None:
    found = verify("exp(x)*y", at={"x": [0.5, 1.0, 2.0], "y": [3.0, -4.0, 0.0]})
    shown = points(found.to_record())
    assert shown is not None
    assert (shown["variables"], shown["partials"]) == (["x", "y"], ["∂/∂x", "∂/∂y"])
    assert [row["at"] for row in shown["rows"]] == [["0.5", "3.0"], ["1.0", "-4.0"], ["2.0", "0.0"]]
    assert [[cell["number"] for cell in row["partials"]] for row in shown["rows"]] == [
        ["4.94616", "1.64872"], ["−10.8731", "2.71828"], ["0", "7.38906"],
    ]  # fmt: skip
    assert shown["counts"] == [("agree", 3)]
    page = str(case(found.to_record(), 1).html)
    Markup(page)
    for number in ("4.94616", "−10.8731", "7.38906"):
        assert f"<td>{number} " in page


def test_the_worst_points_stand_first_and_are_counted_by_their_verdict() -> None:
    shown = points(LOST)
    assert shown is not None
    assert shown["counts"] == [("nonfinite", 1), ("inaccurate", 1), ("agree", 3)]
    assert [row["at"] for row in shown["rows"]] == [["700.0"], ["30.0"], ["-5.0"], ["0.0"], ["5.0"]]
    assert shown["rows"][0]["partials"][0]["number"] == "nan"


def test_the_chart_has_a_mark_for_every_point_and_what_has_no_distance_stands_on_top() -> None:
    shown = points(LOST)
    assert shown is not None
    assert shown["kinds"] == ["agree", "fails"]
    svg = str(shown["chart"])
    Markup(svg)
    marks = re.findall(r'class="dot (\w+)" transform="translate\(([\d.]+) ([\d.]+)\)"', svg)
    assert [kind for kind, *_ in marks] == ["agree", "agree", "agree", "fails", "fails"]
    across = [float(x) for _, x, _ in marks]
    assert across == sorted(across)
    *_, lost, none = (float(y) for *_, y in marks)
    assert none < lost < min(float(y) for kind, _, y in marks if kind == "agree")
    assert ">—<" in svg
    assert "<title>x = 30.0: 4.5·10¹⁵ ulp</title>" in svg
    assert "<title>x = 700.0: — ulp</title>" in svg


def test_very_many_points_have_a_chart_of_a_thousand_marks_the_worst_among_them() -> None:
    right, lost = (partial(verdict=verdict, ulps=ulps) for verdict, ulps in (("agree", 0.3), ("wrong", 1e9)))
    every = [{"at": {"x": float(k)}, "partials": {"x": lost if k % 1500 == 7 else right}} for k in range(30_000)]
    shown = points(record(points=every, verdict="wrong"))
    assert shown is not None
    kinds = re.findall(r'class="dot (\w+)"', str(shown["chart"]))
    assert kinds.count("fails") == 20
    assert MOST_DOTS * 0.9 < len(kinds) <= MOST_DOTS


@pytest.mark.parametrize(
    "given",
    [
        judged("x*y", {"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 3.0, 4.0]}),
        judged("x**2", {"x": [1.0, 2.0, 3.0]}),
        judged("x**2", {"x": [1.0, 1.0, 1.0, 1.0]}),
        judged("atan(x)", {"x": [float("inf"), float("-inf"), 1.0, 2.0, 3.0]}),
    ],
    ids=["two variables", "few points", "one place", "infinities"],
)
def test_there_is_no_chart_without_an_axis_to_draw_it_over(given: dict[str, Any]) -> None:
    shown = points(given)
    assert shown is not None
    assert not shown["chart"]


def test_long_lists_are_cut_and_the_page_says_so() -> None:
    many = judged("x**2", {"x": [float(k) for k in range(MOST_POINTS + 36)]})
    shown = points(many)
    assert shown is not None
    assert (len(shown["rows"]), shown["all"]) == (MOST_POINTS, MOST_POINTS + 36)
    assert f"The first {MOST_POINTS} of {MOST_POINTS + 36} points" in str(case(many, 1).html)
    wide = judged("+".join(f"x{k}" for k in range(30)), {f"x{k}": [1.0, 2.0] for k in range(30)})
    shown = points(wide)
    assert shown is not None
    assert {len(shown["partials"]), *(len(row["partials"]) for row in shown["rows"])} == {MOST_COLUMNS}


def test_a_claimed_formula_that_fails_at_a_point_is_said_there() -> None:
    given = judged("x**3", {"x": [1.0, 2.0]}, derivative={"x": "3*x"})
    shown = points(given)
    assert shown is not None
    assert [row["partials"][0]["formula"] for row in shown["rows"]] == ["wrong", None]
    assert shown["counts"] == [("wrong", 1), ("agree", 1)]


def test_points_of_a_foreign_record_need_not_be_alike() -> None:
    here, there = {"at": {"x": 1.0}, "partials": {"x": partial()}}, {"at": {"<b>": "q"}, "partials": {"z": partial()}}
    given = record(points=[here, there], verdict="wrong")
    shown = points(given)
    assert shown is not None
    assert ["—"] in [row["at"] for row in shown["rows"]]
    assert [None] in [row["partials"] for row in shown["rows"]]
    Markup(str(case(given, 1).html))
