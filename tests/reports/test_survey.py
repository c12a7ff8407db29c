"""What is counted about result records, and that a store counts the same."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from gradjury.properties import campaign
from gradjury.properties.store import Store
from gradjury.properties.tally import CauseKey, bin_of
from gradjury.reports.collection import from_store, gather
from gradjury.reports.evidence import floats, tape_of
from gradjury.reports.survey import Survey, cause_of, cells_of
from gradjury.verifier import NumpyEngine

from .records import agreeing, invalid, partial, record


def test_the_cause_is_what_is_blamed_else_the_reason_without_its_numbers() -> None:
    assert cause_of(record()) == CauseKey("inaccurate", "rule", "tanh", 0)
    assert cause_of(agreeing()) is None
    assert cause_of(invalid()) == CauseKey("invalid", reason="unknown function 'tahn' (column 1)")
    point = {**record()["points"][0], "partials": {"x": partial(verdict="undecided", reason="near 0.25")}}
    assert cause_of(record(verdict="undecided", blame=None, points=[point])) == CauseKey("undecided", reason="near …")
    assert cause_of(record(blame=None)) == CauseKey("inaccurate")
    late = "the time of 60 s was over before the fault was located"
    assert cause_of(record(blame=None, no_blame=late)) == CauseKey("inaccurate", reason=late)


def test_the_cause_is_how_a_blame_comes_about_and_the_reason_that_of_a_value() -> None:
    hook = {"kind": "rule", "primitive": "no_grad", "argument": None, "how": "interference"}
    assert cause_of(record(blame=hook)) == CauseKey("inaccurate", "interference", "no_grad")
    right = agreeing()["points"][0]
    points = [{**right, "value_verdict": "undecided", **why} for why in ({}, {"value_reason": "too near 0.5"})]
    reason = cause_of(record(verdict="undecided", blame=None, points=points))
    assert reason == CauseKey("undecided", reason="too near …")
    known = [{**right, "value_verdict": "agree", "value_reason": "too near 0.5"}]
    assert cause_of(record(verdict="undecided", blame=None, points=known)) == CauseKey("undecided")


def test_entries_of_arrays_keep_their_names() -> None:
    tape = tape_of({"expression": "v4 = w[0, 1]*x; exp(v4) + w[1, 0]"})
    assert tape is not None
    assert tape.inputs == ("w[0, 1]", "x", "w[1, 0]")
    value, gradient = NumpyEngine().gradient(tape, {"w[0, 1]": 0.5, "x": 2.0, "w[1, 0]": 0.25}, np.dtype("float64"))
    assert math.isclose(float(value), math.e + 0.25, rel_tol=1e-15)
    assert math.isclose(float(gradient["w[0, 1]"]), 2 * math.e, rel_tol=1e-15)
    assert tape_of({"expression": "w[0]*w_0"}) is None  # a name that an expression would take for the other one
    assert tape_of({"expression": "w[x]*x"}) is None


def test_cells_need_a_function_and_a_whole_point() -> None:
    assert cells_of(record(), record()["points"]) == {("cell", "tanh", 1, 5, "inaccurate"): 1}
    assert cells_of(record(expression="tahn(x)"), record()["points"]) == {}
    assert cells_of(record(expression="tanh(y)"), record()["points"]) == {}
    assert cells_of(record(), []) == {}


def test_distances_are_counted_as_a_campaign_counts_them() -> None:
    survey = Survey()
    for ulps in ("inf", math.inf, 4.5e15, "nan", None, "<b>"):
        survey.add(record(points=[{**record()["points"][0], "partials": {"x": partial(ulps=ulps)}}]))
    errors = {key[2]: count for key, count in survey.counts.items() if key[0] == "error"}
    assert errors == {bin_of(math.inf): 2, bin_of(4.5e15): 1, bin_of(None): 3}
    assert len(errors) == 3


def test_numbers_of_a_point() -> None:
    assert floats({"x": "0x1p-1", "y": 2, "z": "inf", "u": None, "v": "<b>"}) == {"x": 0.5, "y": 2.0, "z": float("inf")}
    assert tape_of({}) is None


def test_a_store_and_its_records_are_counted_alike(tmp_path: Path) -> None:
    """Of functions that all do not agree, so that every record is kept."""
    campaign.run(40, 1, store=tmp_path / "c.db", engine="numpy", special=1.0)
    with Store.open(tmp_path / "c.db") as store:
        stored = from_store(store)
        again = gather({"verdict": row.verdict, **row.record} for row in store.rows(kept=True) if row.record)
    assert stored.functions.total() == 40
    assert [r["id"] for r in stored.kept] == [r["id"] for r in again.kept]
    assert stored.omitted == 0
    for verdict, count in again.functions.items():
        assert stored.functions[verdict] == count
    counted, recounted = stored.aggregates, again.aggregates
    assert Counter({c.key: c.functions for c in counted.causes}) == Counter(
        {c.key: c.functions for c in recounted.causes}
    )
    if not recounted.causes:
        pytest.fail("nothing was compared: expected special points that do not agree")
    fewer = {(c.primitive, c.depth, c.range): sum(c.pairs.values()) for c in recounted.cells}
    more = {(c.primitive, c.depth, c.range): sum(c.pairs.values()) for c in counted.cells}
    assert all(more.get(cell, 0) >= count for cell, count in fewer.items())


def test_the_seed_0_is_a_setting(tmp_path: Path) -> None:
    campaign.run(1, 1, seed=0, store=tmp_path / "c.db")
    with Store.open(tmp_path / "c.db") as store:
        assert from_store(store).settings["seed"] == 0


def test_the_worst_causes_come_first() -> None:
    mild = record(verdict="imprecise", blame={"kind": "rule", "primitive": "sin", "argument": 0})
    worst = record(verdict="wrong", blame={"kind": "rule", "primitive": "exp", "argument": 0})
    for records in ([mild, mild, worst], [worst, mild, mild]):
        causes = gather(records).aggregates.causes
        assert [(c.verdict, c.functions) for c in causes] == [("wrong", 1), ("imprecise", 2)]


def test_the_example_of_a_cause_without_a_smallest_function_is_the_function() -> None:
    (cause,) = gather([record(blame=None)]).aggregates.causes
    assert cause.example == {"index": 0, "expression": "tanh(x)", "at": {"x": 20.0}, "engine": "torch 2.13.0"}


def test_numbers_of_higher_order_have_a_cause_of_their_own_unless_they_are_claimed() -> None:
    assert cause_of(record(blame=None, order=2)) == CauseKey("inaccurate", "order")
    assert cause_of(record(blame=None, order=2, engine="claim")) == CauseKey("inaccurate")
