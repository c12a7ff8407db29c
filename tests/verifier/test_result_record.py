"""Result records: those of what was not judged have the shape of the others."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from gradjury.verifier import Record, judge_record, verify
from gradjury.verifier.result_record import PartialRecord, PointRecord, undecided, why_not, without_points


def test_what_was_not_judged_has_the_fields_of_what_was() -> None:
    judged = verify("x**2", {"x": 1.0}).to_record()
    (point,) = judged["points"]
    assert list(point) == [name for name in PointRecord.__annotations__ if name != "value_reason"]
    assert list(point["partials"]["x"]) == list(PartialRecord.__annotations__) == list(undecided("why"))
    lacking = judge_record(Record(id=1, expression="binomial(x, 2*x)", at={"x": [1.0, 2.0]}))
    assert lacking["verdict"] == "undecided"
    assert [list(p) for p in lacking["points"]] == [list(point)] * 2
    assert lacking["points"][1]["partials"] == {"x": undecided(lacking["reason"])}
    invalid = judge_record(Record(id=1, expression="tahn(x)"))
    assert set(judged) - {"expression", "engine"} == set(without_points("invalid", "why"))
    assert {**invalid, **without_points("invalid", invalid["error"])} == invalid


@pytest.mark.parametrize(
    ("fields", "infinite"),
    [
        ({"expression": "x*y", "at": {"x": [1.0], "y": [0.0]}, "gradient": {"x": [1.9]}}, {"ulps": "inf"}),
        ({"expression": "gamma(x)", "at": {"x": [0.5], "y": [-math.inf]}, "gradient": {"x": [1.44]}}, {"y": "-inf"}),
    ],
)
def test_infinities_are_texts_wherever_they_stand(fields: dict[str, Any], infinite: dict[str, str]) -> None:
    found = judge_record(Record(id=1, **fields))
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    known = {**found["points"][0]["partials"]["x"], **((found["blame"] or {}).get("at") or {})}
    assert known.items() >= infinite.items()


def test_why_a_function_could_not_be_judged() -> None:
    assert why_not(verify("x", {"x": 1.0}).to_record()) is None
    assert why_not({"error": None, "reason": "too hard"}) == "too hard"
    assert why_not({"error": "no number", "reason": "too hard"}) == "no number"
