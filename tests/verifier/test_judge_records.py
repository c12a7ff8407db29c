"""Records in, records out: claims of released libraries and functions from outside, judged as the command line does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import mpmath as mp
import pytest

from gradjury.verifier import judge_record, judge_records
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.errors import InvalidInput
from gradjury.verifier.records import Record, from_object, parse_line

DATA = Path(__file__).parents[1] / "data"
FLAGGED = ("wrong", "inaccurate", "nonfinite")
CLEAR = ("clear", "moderate")


def lines(path):
    with path.open("rb") as file:
        return [line for line in file if line.strip()]


def judged(line):
    record = parse_line(line, 1)
    return record, judge_record(record)


def close(text, truth):
    """Equal to the truth to 1e-10 relative, or to as many digits as the truth has."""
    with mp.workdps(40):
        found, exact = mp.mpf(text), mp.mpf(truth)
        digits = truth.lower().split("e")[0].strip("-0.").replace(".", "")
        if not digits:
            return abs(found) < mp.mpf(10) ** -30  # a truth of 0.0 says no more
        return abs(found - exact) <= mp.mpf(10) ** -min(10, len(digits) - 1) * abs(exact)


def check_claim(line):
    """What a claim's verdict must be: every clear mismatch is flagged, and no match is."""
    record, result = judged(line)
    expect, clarity = record.extra["expect"], record.extra.get("clarity")
    if expect == "match":
        assert result["verdict"] not in FLAGGED, result["points"]
    elif clarity in CLEAR:
        assert result["verdict"] in FLAGGED, result["points"]


def is_beyond_us(partial):
    """Whether an operation has no derivative in closed form, or is none of ours: counted apart."""
    reasons = ("SymPy knows no derivative", "has no primitive here", "is available on")
    return partial["verdict"] == "undecided" and any(r in (partial["reason"] or "") for r in reasons)


def check_function(line):
    """A function from outside: read, agreed upon, and its derivative is the stated one."""
    record, result = judged(line)
    assert result["verdict"] not in ("invalid", *FLAGGED), result
    truths = record.extra.get("truth", {}).get("gradient", {})
    for name, truth in truths.items():
        for point in result["points"][:1]:
            partial = point["partials"][name]
            if is_beyond_us(partial):
                continue
            assert partial["formula_verdict"] in (None, "agree", "proved", "undecided")
            assert close(partial["symbolic"], truth), (name, partial, truth)
    return result


@pytest.mark.parametrize("line", lines(DATA / "claims_sample.jsonl"), ids=lambda line: json.loads(line)["id"])
def test_claims(line):
    check_claim(line)


@pytest.mark.parametrize("line", lines(DATA / "corpora_sample.jsonl"), ids=lambda line: json.loads(line)["id"])
def test_functions_from_outside(line):
    result = check_function(line)
    assert result["verdict"] in ("agree", "imprecise", "kink")
    assert result["collection"]  # fields that are not ours are carried through


def test_the_samples_hold_both_kinds():
    expectations = [json.loads(line)["expect"] for line in lines(DATA / "claims_sample.jsonl")]
    assert min(expectations.count("match"), expectations.count("mismatch")) >= 20


def record(**fields):
    return from_object(fields, 7)


def test_a_record_without_points_is_sampled():
    result = judge_record(record(expression="exp(x)*y", domain={"x": [0, 1], "y": [1, 2]}), points=3)
    assert result["id"] == 7
    assert len(result["points"]) == 3
    assert result["verdict"] == "agree"


def test_fields_are_carried_through_and_the_text_is_the_given_one():
    result = judge_record(record(id="c-1", expression="exp( x )", at={"x": 1}, note={"a": [1]}))
    assert (result["id"], result["note"], result["expression"]) == ("c-1", {"a": [1]}, "exp( x )")
    assert result["engine"].startswith("numpy ")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"expression": "exp(x", "at": {"x": 1}}, "never closed"),
        ({"expression": "exp(x)*y", "at": {"x": 1}}, "no value for variable 'y'"),
        ({"expression": "frobnicate(x)", "at": {"x": 1}}, "frobnicate"),
        ({"expression": "x", "at": {"x": 1}, "wrt": "z"}, "wrt"),
        ({"expression": "x", "at": {"x": 1}, "gradient": {"z": 1}}, "gradient: 'z' is no variable here"),
    ],
)
def test_what_cannot_be_read_is_invalid(fields, message):
    result = judge_record(record(**fields))
    assert result["verdict"] == "invalid"
    assert message in result["error"]
    assert result["points"] == []
    claim = judge_record(record(**{"gradient": {"x": 1}, **fields}))
    assert claim["engine"] == "claim"


def test_what_has_no_derivative_here_is_undecided_at_every_point():
    fields = {"expression": "dirichlet_eta(x) + y", "at": {"x": [2, 3], "y": 1}}
    result = judge_record(record(**fields))
    assert result["verdict"] == "undecided"
    assert "dirichlet_eta" in result["reason"]
    assert [list(p["partials"]) for p in result["points"]] == [["x", "y"]] * 2
    assert [p["at"] for p in result["points"]] == [{"x": 2.0, "y": 1.0}, {"x": 3.0, "y": 1.0}]
    assert list(judge_record(record(**fields, wrt="x"))["points"][0]["partials"]) == ["x"]
    claimed = judge_record(record(**fields, gradient={"y": 1}))
    assert (claimed["engine"], list(claimed["points"][0]["partials"])) == ("claim", ["y"])
    assert judge_record(record(expression="dirichlet_eta(x)"))["points"] == []


def test_an_unknown_engine_is_no_records_fault():
    with pytest.raises(InvalidInput, match="not known"):
        judge_record(record(expression="x", at={"x": 1}), engine="nympy")


def test_an_engine_that_raises_costs_its_own_record_alone():
    class Falls(NumpyEngine):
        def gradient(self, tape, point, dtype):
            raise ZeroDivisionError("by nought\nand more")

    found = judge_record(Record(id=1, expression="x*y", at={"x": [1.0], "y": [2.0]}), engine=Falls())
    assert found["verdict"] == "undecided"
    where = r"\(test_judge_records\.py, line \d+\)"
    assert re.fullmatch(f"crashed: numpy: ZeroDivisionError: by nought {where}", found["error"])
    assert {p["reason"] for p in found["points"][0]["partials"].values()} == {found["error"]}


def test_a_slip_of_the_verifier_says_where_it_is(monkeypatch):
    def slip(*arguments, **settings):
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr(judge_records, "verify", slip)
    found = judge_record(Record(id=1, expression="x", at={"x": [1.0]}))
    assert re.fullmatch(r"crashed: RuntimeError: first \(test_judge_records\.py, line \d+\)", found["reason"])


def test_polygamma_of_a_negative_order_at_a_pole_is_undefined():
    found = judge_record(Record(id=1, expression="polygamma(-1, x)", at={"x": [0.0, -1.0]}))
    assert found["verdict"] in ("undefined", "undecided")
    assert "reason" not in found
