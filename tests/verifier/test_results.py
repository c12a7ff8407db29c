"""What a verification holds: numbers, records, and what is computed only when it is read."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from flint import ctx

from gradjury.verifier.oracle import balls
from gradjury.verifier.point_result import Agreed
from gradjury.verifier.reading.reader import forget
from gradjury.verifier.result_record import number
from gradjury.verifier.verify import verify


def test_a_quick_agreement_is_completed_when_it_is_read():
    result = verify("exp(x)*y", {"x": [0.5, 1.0], "y": 2.0, "z": 3.0})
    assert all(isinstance(point, Agreed) for point in result.judged)
    assert result.verdict == "agree"
    assert result.by_verdict == {"agree": [None, None]}
    partial = result.points[1].partials["x"]
    assert not any(isinstance(point, Agreed) for point in result.judged)
    assert partial.verdict == "agree"
    assert partial.symbolic.startswith("5.4365636569180904707205")
    low, high = map(float, partial.enclosure)
    assert low < partial.engine < high
    assert partial.ulps < 4
    assert abs(partial.difference - partial.engine) <= 8 * partial.difference_error
    assert partial.truth.kind == "smooth"
    assert result.points[1].value_verdict == "agree"
    assert result.points[1].partials["z"].engine == 0.0
    assert result.points[1].partials["z"].difference == 0.0
    assert result.points[1].at == {"x": 1.0, "y": 2.0, "z": 3.0}


def test_the_record_has_the_stated_fields():
    record = verify("tanh(x)", {"x": 20.0}, gradient={"x": 0.0}).to_record()
    assert list(record) == ["expression", "engine", "verdict", "points", "blame", "error"]
    assert record["engine"] == "claim"
    assert record["verdict"] == "inaccurate"
    (point,) = record["points"]
    assert list(point) == ["at", "value", "value_verdict", "partials"]
    partial = point["partials"]["x"]
    assert list(partial) == [
        "verdict",
        "engine",
        "symbolic",
        "enclosure",
        "difference",
        "difference_error",
        "ulps",
        "certified",
        "formula_verdict",
        "reason",
    ]
    assert partial["engine"] == 0.0
    assert partial["symbolic"].startswith("1.69934170211663")
    assert partial["ulps"] == pytest.approx(4.5e15, rel=0.01)
    assert record["blame"]["minimal"] == "tanh(x)"
    assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_numbers_that_json_does_not_have_are_texts():
    assert [number(x) for x in (1.5, math.nan, math.inf, -math.inf)] == [1.5, "nan", "inf", "-inf"]
    record = verify("sqrt(x**2)**2", {"x": 0.0}).to_record()
    assert record["points"][0]["partials"]["x"]["engine"] == "nan"
    json.dumps(record, allow_nan=False)


def test_at_a_kink_there_is_an_interval_and_no_number():
    partial = verify("relu(x)", {"x": 0.0}).points[0].partials["x"]
    assert partial.verdict == "kink"
    assert partial.symbolic is None
    low, high = map(float, partial.enclosure)
    assert -1e-10 < low < 0 < 1 < high < 1 + 1e-10
    assert partial.ulps is None


def test_at_a_kink_the_left_slope_comes_first_even_where_it_is_the_larger():
    left, right = map(float, verify("-Abs(x)", {"x": 0.0}).points[0].partials["x"].enclosure)
    assert 1 <= left < 1 + 1e-10
    assert -1 - 1e-10 < right <= -1


def test_infinite_derivatives_are_words():
    assert verify("sqrt(x)", {"x": 0.0}).points[0].partials["x"].symbolic == "inf"


def test_results_show_the_verdict_and_the_function():
    result = verify("exp(x)*y", {"x": [0.5, 1.0], "y": 2.0})
    # the face may have put its longer text in place of the short one
    assert all(word in repr(result) for word in ("agree", "exp(x)*y"))
    assert str(result.chain()["x"]).replace(" ", "") == "y*exp(x)"
    assert len(result.to_record(result.points[:1])["points"]) == 1


def test_points_by_their_verdict():
    result = verify("Abs(x)", {"x": [-1.0, 0.0, 2.0]}, standard="program")
    assert {v: len(points) for v, points in result.by_verdict.items()} == {"agree": 2, "kink": 1}
    assert result.verdict == "kink"


def test_differences_are_those_of_the_engine_under_test():
    from gradjury.verifier.errors import Unsupported

    from . import faults

    shifted = faults.value("sin", lambda y: 2 * y)
    assert verify("sin(x)*1", {"x": 0.5}, engine=shifted).points[0].partials["x"].difference == pytest.approx(
        2 * math.cos(0.5), rel=1e-6
    )

    class OnePoint(faults.BlackBox):
        def gradient(self, tape, point, dtype):
            if any(getattr(x, "ndim", 0) for x in point.values()):
                raise Unsupported("one point at a time")
            return super().gradient(tape, point, dtype)

    partial = verify("sin(x)*1", {"x": 0.5}, engine=OnePoint(shifted)).points[0].partials["x"]
    assert partial.difference == pytest.approx(math.cos(0.5), rel=1e-6)


def test_what_was_asked_for_stands_in_the_record():
    result = verify("x*y", {"x": 0.5, "y": 3.0}, derivative={"y": "x + y"}, wrt="y")
    record = result.to_record()
    assert (record["wrt"], record["derivative"]) == ("y", {"y": "x + y"})
    assert (result.wrt, result.formulas) == ("y", {"y": "x + y"})


def test_the_record_does_not_depend_on_the_precision_around_it():
    records = []
    for bits in (30, 53, 512):
        forget()
        with balls.precision(bits):
            records.append(verify("relu(x) - relu(-x) + sin(y)*pi + E/3", {"x": 2.0, "y": 2.0}).to_record())
    assert records[0] == records[1] == records[2]


def test_threads_find_what_one_finds_and_leave_the_precision_alone():
    texts = [f"exp(sin(x*{k}))/(x + {k}/pi) + log(x + y)*cos(E*y)" for k in range(1, 9)]
    point = {"x": [0.5, 2.0, 3.0], "y": 0.25}

    def records(_: int = 0) -> list[dict]:
        forget()
        return [verify(text, point).to_record() for text in texts]

    before, expected = ctx.prec, records()
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(records, range(12)))
    assert ctx.prec == before


def test_what_is_looked_at_by_itself_says_what_it_is() -> None:
    point = verify("Abs(x) * y", at={"x": 0.0, "y": 2.0}).points[0]
    assert repr(point) == "<PointResult: d/dx kink, d/dy agree at x = 0.0, y = 2.0>"
    assert repr(point.partials["x"]) == "<Partial: kink, 0.0>"
    assert repr(verify("x**2", at={"x": 0.5}).points[0].partials["x"]).startswith("<Partial: agree, 1.0, exactly 1.0")


def test_what_balls_have_decided_is_certified_and_nothing_else():
    right = [*verify("sin(x)*y", {"x": 0.5, "y": 2.0}).points[0].partials.values()]
    claim = verify("Abs(x)", {"x": [0.0, 1.0]}, gradient={"x": [0.5, 3.0]})
    assert [p.certified for p in right] == [True, True]
    assert [(p.partials["x"].verdict, p.partials["x"].certified) for p in claim.points] == [
        ("kink", True),
        ("wrong", True),
    ]
    many = verify("sin(x)", {"x": np.linspace(0.1, 1.0, 64)}, certify="suspicious", standard="program")
    assert {p.partials["x"].certified for p in many.points} == {True, False}
    beyond = verify("besselj(n, x)", {"n": 1.0, "x": 0.5}, order=6).points[0]
    assert not any(p.certified for p in beyond.partials.values())


def test_values_do_not_change_with_a_variable_that_the_function_does_not_name():
    partial = verify("sin(x)", {"x": 0.5, "y": 3.0}).points[0].partials["y"]
    assert (partial.verdict, partial.symbolic, partial.difference, partial.difference_error) == ("agree", "0", 0, 0)


def test_points_keep_their_place_whether_they_were_decided_or_agreed_at_once():
    found = verify("Abs(x)", {"x": [1.0, 0.0, 2.0, -0.0]}, standard="program")
    assert [k for k, _ in found.decided_at] == [1, 3]
    assert [p.at["x"] for p in found.points] == [1.0, 0.0, 2.0, -0.0]
    assert [k for k, _ in found.decided_at] == [0, 1, 2, 3]
