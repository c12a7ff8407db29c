"""Charts: inside their frame, in proportion, in the colours of the page."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from gradjury.reports.report.charts import HEIGHT, WIDTH, Axis, Bar, Line, bars, linear, lines, logarithmic, signed

from ..lesson.lessons import Markup


def test_bars_of_a_group_stand_beside_each_other_and_each_grows_with_its_count_alone() -> None:
    groups = [Bar("0", (("agree", 9), ("neither", 0), ("fails", 90))), Bar("1", (("fails", 9), ("agree", 90)))]
    svg = str(bars(groups, across="a", up="b"))
    Markup(svg)
    attributes = r'<rect class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"'
    rects = [(kind, *map(float, numbers)) for kind, *numbers in re.findall(attributes, svg)]
    assert [kind for kind, *_ in rects] == ["agree", "fails", "fails", "agree"]
    (_, x, y, width, low), (_, beside, top, _, high), (_, _, _, _, same_low), (_, _, _, _, same_high) = rects
    assert beside == pytest.approx(x + width, abs=0.2)
    assert y + low == pytest.approx(top + high, abs=0.2)
    assert (low, high) == (same_low, same_high)
    assert low < high < HEIGHT


def test_a_single_one_is_visible_beside_a_million() -> None:
    svg = str(bars([Bar("0", (("agree", 1_000_000),)), Bar("1", (("fails", 1),))], across="a", up="b"))
    heights = [float(h) for h in re.findall(r'height="([\d.]+)"', svg)]
    assert heights[1] > 5
    assert heights[0] < HEIGHT


def test_lines_stay_inside_whatever_their_points() -> None:
    axis = logarithmic(-16, 2, 6)
    svg = str(
        lines(
            [Line("line", [(1e-3, 1e300), (1.0, 0.0)])], across=logarithmic(-14, -1, 4), along="a", up=axis, upwards="b"
        )
    )
    Markup(svg)
    for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", svg):
        assert 0 <= float(x) <= WIDTH
        assert 0 <= float(y) <= HEIGHT
    assert "nan" not in svg


def test_stairs_and_areas() -> None:
    up = linear(4.0)
    stairs = lines([Line("line", [(0, 0), (2, 1), (4, 4)], steps=True)], across=up, along="a", up=up, upwards="b")
    assert len(re.findall(r"H[\d.]+V[\d.]+", str(stairs))) == 2
    area = lines([Line("area", [(0, 3), (4, 4)], area=[(0, 1), (4, 2)])], across=up, along="a", up=up, upwards="b")
    assert "Z" in str(area)


@pytest.mark.parametrize("high", [1e-6, 0.7, 1, 3, 9.99, 10, 12345, 1e6])
def test_a_linear_axis_has_a_few_round_ticks(high: float) -> None:
    axis = linear(high)
    assert 3 <= len(axis.ticks) <= 6
    assert axis.ticks[0][0] == 0
    assert axis.ticks[-1][0] <= high * (1 + 1e-9)


def test_places_on_an_axis() -> None:
    assert Axis(0, 10, ()).place(5) == 0.5
    assert logarithmic(0, 4, 1).place(100) == 0.5
    assert logarithmic(0, 4, 1).place(0) == 0
    assert Axis(0, 0, ()).place(3) == 1


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (-5, 20, ["−5", "0", "5", "10", "15", "20"]),
        (-30, 700, ["−10", "−1", "0", "1", "10", "100"]),
        (100, 5000, ["100", "10^3"]),
        (-1e300, 1e300, ["−10^228", "−10^152", "−10^76", "0", "10^76", "10^152", "10^228"]),
        (700, 701, ["700", "701"]),
        (1e-9, 4e-9, None),
    ],
)
def test_an_axis_of_both_signs_has_ticks_that_stand_apart(low: float, high: float, labels: list[str] | None) -> None:
    axis = signed(low, high)
    assert labels is None or [label for _, label in axis.ticks] == labels
    places = [axis.place(value) for value, _ in axis.ticks]
    assert all(later - former > 0.05 for former, later in pairwise(places))
    assert 2 <= len(places) <= 8
    assert axis.place(low) == 0
    assert axis.place(high) == 1
