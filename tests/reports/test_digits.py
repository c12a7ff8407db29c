"""Numbers under each other."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradjury.reports.digits import DIGITS, Shown, align, magnitude, short, to_decimal, typeset, within

finite = st.floats(allow_nan=False, allow_infinity=False)


def marked(number: object, reference: object) -> str:
    (shown,) = align([number], reference)
    return f"{shown.text[: shown.same]}|{shown.text[shown.same :]}"


@pytest.mark.parametrize(
    ("number", "reference", "expected"),
    [
        (0.84147, "0.84147098480789650665", "0.841470|00000000005"),
        (0.0, "1.69934170218e-17", "|0"),
        (1e-300, "1.000000000001e-300", "1.00000000000|00000e-300"),
        (-2.5, "2.5", "|-2.5"),
        (2.5, "2.5", "2.5|"),
        (123.0, "123.25", "123.|00"),
        (float("nan"), "0.5", "|nan"),
        (None, "0.5", "|—"),
        (2.0, "1e-5000000000", "|2.0000000000000000e+0"),
        (0.0, "1.5e+5000000000", "|0"),
        (5e-324, "4.9406564584124654e-324", "4.9406564584124654e-324|"),
        (1.0, "0.99999999999999999150", "1.00000000000000000|"),
        (1.0, "0.99999999990000000000", "1.000000000|0"),
        (0.5, "0.44", "0.|50"),
        (-1.0, "0.9999999999", "|-1.0000000000"),
        (1e30, "1.5", "|1.0000000000000000e+30"),
    ],
)
def test_the_digits_that_differ(number: object, reference: object, expected: str) -> None:
    assert marked(number, reference).replace(" ", "") == expected


def test_nothing_differs_where_there_is_no_reference() -> None:
    assert align([1.0, 2.0], None) == [Shown("1.0", 3), Shown("2.0", 3)]


@given(finite, finite)
def test_the_same_text_means_the_same_to_seventeen_digits_and_no_mark(a: float, b: float) -> None:
    first, second = align([a, b], b)
    assert second.same == len(second.text)
    if first.same == len(first.text):
        with localcontext() as context:
            context.prec = 800
            assert abs(Decimal(a) - Decimal(b)) <= abs(Decimal(b)).scaleb(2 - DIGITS)


@given(st.floats(1e-3, 1e12), st.floats(1e-3, 1e12))
def test_decimal_points_stand_under_each_other(a: float, b: float) -> None:
    texts = [s.text for s in align([a, b], 1.0) if "e" not in s.text]
    assert len({t.index(".") for t in texts}) <= 1


@given(finite)
def test_a_float_is_written_as_the_float_it_is(a: float) -> None:
    (shown,) = align([a], a)
    assert float(shown.text) == pytest.approx(a, rel=1e-15)


@given(*[st.decimals(allow_nan=False, allow_infinity=False) | st.floats()] * 3)
def test_no_number_is_too_large_or_too_small(a: object, b: object, c: object) -> None:
    texts = [str(a), str(b), str(c)]
    for shown in align(texts, texts[0]):
        assert 0 <= shown.same <= len(shown.text)
    assert within(texts[0], texts[1], texts[2]) in (True, False)
    assert short(texts[0])


def test_what_is_no_number_has_no_decimal() -> None:
    assert [to_decimal(x) for x in ("nan", "inf", None, "x", float("nan"), [1])] == [None] * 6
    assert to_decimal("0.1") == Decimal("0.1")


def test_short_numbers() -> None:
    assert [short(x) for x in (1 / 3, "0.333333333333333", 4.5e15, "nan", 0)] == [
        "0.333333",
        "0.333333",
        "4.5e+15",
        "nan",
        "0",
    ]


def test_the_least_float_is_written_alike_everywhere() -> None:
    assert short(5e-324) == repr(5e-324)
    assert (short(0.1), short(1 / 3), short(2.0), short(1e22)) == ("0.1", "0.333333", "2", "1e+22")


def test_a_zero_has_no_exponent_of_its_own() -> None:
    assert [short(text) for text in ("0e-348", "0.000", "-0.0")] == ["0", "0", "-0"]


def test_powers_of_ten_are_written_as_prose_writes_them() -> None:
    given = ["1.5e-07", "1e-05", "-1e+22", "2.5e−13", "-0.5", "12", "nan", "-inf", "—", "float64", "x-1"]
    assert [typeset(text) for text in given] == [
        "1.5·10⁻⁷", "10⁻⁵", "−10²²", "2.5·10⁻¹³", "−0.5", "12", "nan", "-inf", "—", "float64", "x-1",
    ]  # fmt: skip


def test_an_end_of_an_enclosure_far_from_a_tiny_truth_has_its_own_power_of_ten() -> None:
    far, near = align(["-1.48e-323", "1.2e-325"], "8.75e-327")
    assert far.text.strip().startswith("-1.48")
    assert far.text.endswith("e-323")
    assert near.text.strip().startswith("12")
    assert near.text.endswith("e-327")


@given(
    st.sampled_from(["", "-"]),
    st.integers(1, 99999),
    st.sampled_from(["", "+", "-"]),
    st.integers(10**18, 10**310),
)
def test_an_exponent_of_hundreds_of_digits_is_told_by_its_size(sign: str, digits: int, way: str, power: int) -> None:
    text = f"{sign}{digits / 1e4}e{way}{power}"
    value = to_decimal(text)
    assert value is not None
    assert (value < 0) is (sign == "-")
    assert (value.copy_abs() < Decimal("1e-5000")) is (way == "-")
    shown = magnitude(text)
    assert shown is not None
    assert len(shown) < 24
    assert shown == short(text) == align([text], text)[0].text.strip()
    assert str(power)[0] + "." in shown
    for other in (0.0, 2.5, "nan", text):
        (one, again) = align([other, text], text)
        assert one.same == (len(one.text) if other == text else len(one.text) - len(one.text.lstrip()))
        assert again.same == len(again.text)
        within(other, text, 1.0)


def test_a_zero_has_no_exponent() -> None:
    text = "0e-34856892121032617929865715700930417996503484368953595585544346596340580888448"
    assert to_decimal(text) == 0
    assert magnitude(text) is None
    assert short(text) == "0"
    assert [shown.text for shown in align([0.0, text], text)] == ["0", "0"]
