"""Input records: numbers are exactly what they name, and a bad field is called by its name."""

from __future__ import annotations

import json
import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.verifier.errors import GradjuryError, InvalidInput, LimitExceeded
from gradjury.verifier.limits import Limits
from gradjury.verifier.records import Record, from_object, parse_line, parse_number

#: The machine may be busy; the seed and the failing case are printed.
CALM = settings(deadline=None, print_blob=True)


def line(**fields: object) -> str:
    return json.dumps({"expression": "x*y", **fields})


def test_a_full_record():
    record = parse_line(
        line(
            id="c-17",
            at={"x": "0x1.9p+5", "y": [1, "2.5", 3]},
            domain={"x": [0.5, 2]},
            derivative={"x": "y"},
            gradient={"x": ["nan", "-inf", "1e-3"], "y": 50},
            order=2,
            wrt="x",
            dtype="float32",
            standard="function",
            truth={"value": "1"},
            issue=None,
        ),
        7,
    )
    assert record == Record(
        id="c-17",
        expression="x*y",
        at={"x": [50.0] * 3, "y": [1.0, 2.5, 3.0]},
        domain={"x": [0.5, 2.0]},
        derivative={"x": "y"},
        gradient=record.gradient,
        order=2,
        wrt="x",
        dtype="float32",
        standard="function",
        extra={"truth": {"value": "1"}, "issue": None},
    )
    assert record.gradient is not None
    assert math.isnan(record.gradient["x"][0])
    assert record.gradient["x"][1:] == [-math.inf, 0.001]
    assert record.gradient["y"] == [50.0] * 3
    assert record.count == 3


def test_what_is_left_out_has_its_default():
    record = parse_line(b'\xef\xbb\xbf{"expression": "x", "at": null}', 4)
    assert record == Record(id=4, expression="x")
    assert record.count is None
    assert parse_line(line(at={}), 1).count == 1


def test_names_are_normalised_as_python_does():
    assert parse_line(line(at={"\N{MATHEMATICAL ITALIC SMALL X}": 1}), 1).at == {"x": [1.0]}


@pytest.mark.parametrize(
    ("given_", "number"),
    [
        (1, 1.0),
        (0.1, 0.1),
        ("0.1", 0.1),
        ("-.5e-3", -0.0005),
        ("1.", 1.0),
        (" 2 ", 2.0),
        ("0x1.8p+1", 3.0),
        ("-0X.8P1", -1.0),
        ("0x1p-1074", 5e-324),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("1e-400", 0.0),
        (10**22, 1e22),
    ],
)
def test_numbers(given_, number):
    assert parse_number(given_) == number
    assert math.isnan(parse_number("NaN"))


@CALM
@given(st.floats(allow_nan=False))
def test_every_float_survives_all_its_spellings(number):
    for spelling in (number.hex(), repr(number)):
        assert parse_number(spelling) == number
    assert parse_line(json.dumps({"expression": "x", "at": {"x": number}}), 1).at == {"x": [number]}


@pytest.mark.parametrize(("text", "number"), [("−1.5", -1.5), ("2e−3", 2e-3), ("−0x1p−2", -0.25), ("−inf", -math.inf)])
def test_a_number_may_be_copied_from_a_page(text, number):
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "given_",
    ["abc", "", "1_0", "٣", "1,5", "0x", "1e", "--1", "1 2", "infx", None, True, [1], {"a": 1}, "0x1p"],
)
def test_what_is_no_number(given_):
    with pytest.raises(InvalidInput, match="is not a number; expected a decimal, a hexadecimal float"):
        parse_number(given_)


@pytest.mark.parametrize("given_", ["1e400", "0x1p2000", 10**400, "-1e999"])
def test_a_finite_number_beyond_the_floats_names_none(given_):
    with pytest.raises(InvalidInput, match="is beyond the largest float"):
        parse_number(given_)


MESSAGES = {
    "not json": "the line is no JSON: Expecting value; expected an object (column 1)",
    '{"expression": "x"\n': "the line is no JSON: Expecting ',' delimiter; expected an object (column 19)",
    '{"expression": "x",}': ("the line is no JSON: "),
    "[1]": "the line holds [1]; expected a JSON object",
    "{}": "expression: it is missing; expected the function as text",
    line(expression=3): "expression: given 3; expected a text that is not empty",
    line(expression=" "): "expression: given ' '; expected a text that is not empty",
    line(at=3): 'at: given 3; expected an object with one entry for each variable, such as {"x": 0.5}',
    line(at={"x": "abc"}): (
        "at: x: 'abc' is not a number; expected a decimal, a hexadecimal float such as 0x1.8p+1, nan, inf or -inf"
    ),
    line(at={"x": []}): "at: no number for 'x'; expected one, or a list of them",
    line(at={"x": [1, 2], "y": [1, 2, 3]}): "at: 2 numbers for 'x' at 3 points; expected 1 or 3",
    line(at={"x": 1}, gradient={"x": [1, 2]}): "gradient: 2 numbers for 'x' at 1 point; expected 1",
    line(gradient={"x": 1}): "gradient: the points of these numbers are missing; expected the field 'at'",
    line(domain={"x": [1]}): "domain: x: given [1]; expected two finite numbers, the lower one first",
    line(domain={"x": [2, 1]}): "domain: x: given [2, 1]; expected two finite numbers, the lower one first",
    line(domain={"x": [0, "inf"]}): 'domain: x: given [0, "inf"]; expected two finite numbers, the lower one first',
    line(derivative="y"): (
        "derivative: given 'y'; expected an object with one entry for each variable, such as {\"x\": 0.5}"
    ),
    line(derivative={"x": 2}): "derivative: x: given 2; expected a text that is not empty",
    line(order=0): "order: given 0; expected a whole number from 1 to 5",
    line(order=True): "order: given true; expected a whole number from 1 to 5",
    line(wrt=["x"]): 'wrt: given ["x"]; expected a text that is not empty',
    line(dtype="float16"): "dtype: given 'float16'; expected float64 or float32",
    line(standard="loose"): "standard: given 'loose'; expected program or function",
    '{"expression": "x", "at": {"x": 1, "x": 2}}': "'x' occurs twice in one object; expected once",
    '{"expression": "x", "id": 1, "at": {}, "id": 2}': "'id' occurs twice in one object; expected once",
    '{"expression": "x", "at": {"x": 1e400}}': (
        "at: x: '1e400' is beyond the largest float; expected a smaller one, inf or -inf"
    ),
}


@pytest.mark.parametrize("text", MESSAGES)
def test_bad_records_name_the_field(text):
    with pytest.raises(InvalidInput) as caught:
        parse_line(text, 1)
    expected = MESSAGES[text]
    if expected.endswith(" "):  # what follows are the words of the JSON module
        assert str(caught.value).startswith(expected)
    else:
        assert str(caught.value) == expected


def test_lines_that_are_no_text():
    with pytest.raises(InvalidInput, match=r"the line is no UTF-8 \(byte 3\); expected a JSON object"):
        parse_line(b'{"\xff": 1}', 1)
    with pytest.raises(LimitExceeded, match="the JSON nests too deep"):
        parse_line("[" * 100_000, 1)
    with pytest.raises(InvalidInput, match="a number of too many digits"):
        parse_line('{"a": ' + "9" * 5_000 + "}", 1)


def test_a_name_that_occurs_twice_among_very_many_is_found_at_once():
    names = ", ".join(f'"v{k}": 0' for k in range(40_000))
    begun = time.process_time()
    with pytest.raises(InvalidInput, match=r"'v39999' occurs twice in one object"):
        parse_line(f'{{"at": {{{names}, "v39999": 1}}}}', 1)
    assert time.process_time() - begun < 5  # counted once for each of them it is a minute


def test_tokens_that_json_does_not_have_are_read_as_numbers():
    record = parse_line('{"expression": "x", "at": {"x": [NaN, Infinity, -Infinity]}, "other": NaN}', 1)
    assert record.at is not None
    assert str(record.at["x"]) == "[nan, inf, -inf]"
    assert json.dumps(record.extra, allow_nan=False) == '{"other": "nan"}'


def test_points_are_limited():
    with pytest.raises(LimitExceeded, match="at: 3 points; expected at most 2"):
        parse_line(line(at={"x": [1, 2, 3]}), 1, Limits(points=2))
    assert parse_line(line(at={"x": [1, 2, 3]}), 1, Limits(points=3)).count == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=3), children, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        "id",
        "expression",
        "at",
        "domain",
        "derivative",
        "gradient",
        "order",
        "wrt",
        "dtype",
        "standard",
        "more",
    ]
)


@CALM
@given(st.one_of(st.binary(max_size=40), st.dictionaries(FIELDS, JSON).map(lambda d: json.dumps(d).encode())))
def test_any_line_is_a_record_or_one_line_of_error(data):
    record, message = None, ""
    try:
        record = parse_line(data, 1)
    except GradjuryError as error:
        message = str(error)
    if record is None:
        assert message
        assert "\n" not in message
    else:
        assert record.expression.strip()
        json.dumps(record.extra, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gradients", "gradient"),
        ("grad", "gradient"),
        ("gradeint", "gradient"),
        ("Gradient", "gradient"),
        ("WRT", "wrt"),
        ("At", "at"),
        ("d_type", "dtype"),
        ("derivatives", "derivative"),
        ("deriv", "derivative"),
        ("domains", "domain"),
        ("oder", "order"),
    ],
)
def test_a_misspelt_field_is_no_field_of_the_users_own(name, meant):
    with pytest.raises(InvalidInput, match=rf"'{name}' is no field of a record; did you mean '{meant}'\?"):
        from_object({"expression": "x", name: {"x": 5}}, 1)


@pytest.mark.parametrize(
    "name", ["truth", "source", "call", "library", "variables", "lat", "stat", "note", "tags", "de"]
)
def test_other_fields_are_the_users_own(name):
    assert from_object({"expression": "x", name: 1}, 1).extra == {name: 1}


def test_fields_of_results_are_not_the_inputs():
    given = {"expression": "x", "function": "f", "engine_class": "a:B", "reason": "crashed: x", "mine": 1}
    assert from_object(given, 1).extra == {"mine": 1}


@pytest.mark.parametrize("order", [0, 6, 99, 2.0, True, "2"])
def test_an_order_that_nobody_judges_is_no_order(order):
    with pytest.raises(InvalidInput, match=r"order: given .*; expected a whole number from 1 to 5"):
        parse_line(json.dumps({"expression": "x", "order": order}), 1)
    for right in (1, 5):
        assert parse_line(json.dumps({"expression": "x", "order": right}), 1).order == right


@pytest.mark.parametrize("name", ["at", "gradient", "domain", "derivative"])
def test_two_names_that_python_reads_as_one_are_refused(name):
    entry = {"at": 1, "gradient": 1, "domain": [0, 1], "derivative": "1"}[name]
    given = {"expression": "x", "at": {"x": 1}} | {name: {"\uff58": entry, "x": entry}}
    with pytest.raises(InvalidInput, match=f"^{name}: .* is given twice: Python reads it as 'x'; expected it once"):
        parse_line(json.dumps(given), 1)
