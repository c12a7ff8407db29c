"""The charts' numbers: what is drawn, what their summaries say, what their tables hold."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from gradjury.reports import curve
from gradjury.reports.collection import gather
from gradjury.reports.report.blame import messages
from gradjury.reports.report.plots import discovery, envelope, errors, plots, throughput

from .samples import sample

SOME = sample("several").aggregates
STEPS = curve.steps()


def test_errors_are_counted_by_their_distance() -> None:
    found = errors(SOME)
    assert found is not None
    total = sum(int(n.replace(",", "")) for row in found.rows for n in row[1:])
    assert found.values["total"] == f"{total}"
    assert sum(int(n) for n in found.rows[-1][1:]) == int(found.values["none"])
    table = {row[0]: row[1:] for row in found.rows}
    assert table["> 2⁴⁰"] == ("0", "0", "2")  # the planted sign, and the lost tanh
    assert errors(gather([]).aggregates) is None


def test_a_chart_has_no_bar_for_numbers_without_a_distance_where_there_are_none() -> None:
    near = replace(SOME, errors=[row for row in SOME.errors if row[2] is not None])
    found = errors(near)
    assert found is not None
    assert found.values["none"] == ""
    assert "—" not in {row[0] for row in found.rows}
    assert ">—<" not in found.svg


def test_the_envelope_of_curves_is_read_at_each_step() -> None:
    flat, steep = [1e-3] * len(STEPS), [10.0 ** (k / 10 - 8) for k in range(len(STEPS))]
    found = envelope([flat, steep, [math.nan] * len(STEPS)], STEPS)
    assert found is not None
    assert found.values == {"count": 3, "h": "10⁻¹⁴", "error": "0.0005"}
    assert envelope([flat], STEPS) is None
    equal = envelope([flat, flat], STEPS)
    assert equal is not None
    assert equal.values["h"] == "0.1"  # of equal errors the largest step, which rounding spoils least


def test_throughput_needs_a_clock() -> None:
    assert throughput(SOME) is None
    found = throughput(replace(SOME, timeline=[(500, 4.0), (1000, 10.0)]))
    assert found is not None
    assert found.values == {"rate": "100", "done": "1,000", "seconds": "10.0"}
    assert found.rows == [("4.0", "500"), ("10.0", "1,000")]


def test_discovery_counts_causes_over_functions() -> None:
    found = discovery(SOME, [3, 0, 8])
    assert found is not None
    assert found.rows == [("1", "1"), ("4", "2"), ("9", "3")]
    assert found.values == {"causes": 3, "half": "4", "last": "9"}
    assert discovery(SOME, []) is None


def test_there_is_no_half_a_cause() -> None:
    found = discovery(SOME, [0, 1])
    assert found is not None
    assert set(re.findall(r">([\d.]+)</text>", found.svg)) >= {"0", "1", "2"}
    assert "." not in "".join(re.findall(r">([\d.]+)</text>", found.svg))


def test_every_chart_has_its_words_in_every_language() -> None:
    timed = replace(SOME, timeline=[(5, 1.0), (9, 2.0)])
    found = plots(timed, [0, 1], [[1e-5] * len(STEPS)] * 2, STEPS)
    assert [plot.key for plot in found] == ["errors", "envelope", "throughput", "discovery"]
    for plot in found:
        for code in ("en", "ko"):
            assert messages(code)[f"plot_{plot.key}"]
            assert messages(code)[f"plot_{plot.key}_says"].format(**plot.values)
            assert all(messages(code)[key] for key in plot.head)
        assert all(len(row) == len(plot.head) for row in plot.rows)


def test_where_no_step_comes_near_the_truth_no_step_is_called_the_best() -> None:
    near = [min(0.4, abs(math.log10(h) + 6)) for h in STEPS]
    for errors_of, says in ((near, "envelope"), ([1.0 for _ in STEPS], "envelope_blind")):
        found = envelope([errors_of, errors_of], STEPS)
        assert found is not None
        assert found.says == says
