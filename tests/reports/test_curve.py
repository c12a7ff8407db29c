"""The error of a difference over its step."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradjury.reports.curve import EXPONENTS, SHAPES, Curve, chart, curve, error, place, start
from gradjury.reports.pages import LANGUAGES, Catalogue
from gradjury.verifier import read, verify

from .lesson.lessons import FUNCTIONS, Markup


def of(name: str, variable: str, truth: str | None) -> Curve:
    text, point = FUNCTIONS[name]
    return curve(read(text), point, variable, truth)


def test_truncation_falls_with_the_square_of_the_step_and_rounding_rises() -> None:
    found = of("one operation", "x", "-1")
    assert found.errors is not None
    found = of("chain", "x", repr(2 * math.exp(0.5)))
    assert found.errors is not None
    coarse, fine = found.errors[-1], found.errors[-5]
    assert coarse / fine == pytest.approx(100, rel=0.05)
    assert min(found.errors) < 1e-9
    assert max(found.errors[:8]) > 1e-4


def test_the_difference_is_of_the_engines_own_values() -> None:
    found = of("two variables", "y", "1.250676232236174142095657")
    k = start()
    h = 10.0 ** EXPONENTS[k]
    assert found.steps[k] == pytest.approx(h)
    s = math.sin(0.5)
    assert found.values[k] == pytest.approx((math.exp(s * (2 + h)) - math.exp(s * (2 - h))) / (2 * h), rel=1e-9)


def test_without_a_truth_there_is_no_error_and_no_chart() -> None:
    found = of("corner", "x", None)
    assert found.errors is None
    assert chart(found) == ""


def test_the_error_is_absolute_where_the_truth_is_zero() -> None:
    assert error(0.25, "0") == 0.25
    assert error(1.5, "1") == 0.5
    assert error("nan", "1") is None


def test_the_chart_is_well_formed_and_stays_inside() -> None:
    drawn = chart(of("chain", "x", repr(2 * math.exp(0.5))))
    Markup(str(drawn))
    for extreme in (0.0, 1e300, math.inf, 1e-300):
        x, y = place(5, extreme)
        assert 0 <= x <= 480
        assert 0 <= y <= 220


@given(st.floats(0.25, 4.0, width=32))
def test_single_floats_lose_the_step_where_it_is_below_their_last_digit(x: float) -> None:
    """With eps of 2⁻²³ a step below a quarter of x's last place changes nothing, and one well above it does."""
    found = curve(read("x**2"), {"x": x}, "x", repr(2 * x), np.float32)
    assert found.errors is not None
    for h, value, off in zip(found.steps, found.values, found.errors, strict=True):
        if h < x * 2.0**-26:
            assert math.isnan(value)
        if h > x * 2.0**-20:
            assert off <= 4 * x * 2.0**-23 / h + 1e-6


@pytest.mark.parametrize(
    ("text", "point", "shape"),
    [
        ("exp(x)", {"x": 0.5}, "v"),
        ("x**3", {"x": 1.0}, "v"),
        ("log(x)", {"x": 0.05}, "v"),
        ("sin(x)", {"x": 1e10}, "v"),
        ("2*x", {"x": 1.0}, "exact"),
        ("x**2", {"x": 0.0}, "exact"),
        ("x**2", {"x": 1.0}, "no_truncation"),
        ("x*y", {"x": 1.3, "y": 2.7}, "no_truncation"),
        ("a = 1e-5*x; b = a + 1e10; b*1e-10 - 1", {"x": 3.0}, "no_truncation"),
        ("x**3", {"x": 0.0}, "no_rounding"),
        ("tanh(x)", {"x": 20.0}, "blind"),
        ("x**y", {"x": 1e-300, "y": 1e-5}, "nowhere"),
    ],
)
def test_a_curve_is_no_v_where_one_of_its_sides_is_missing(text: str, point: dict[str, float], shape: str) -> None:
    truth = verify(text, at=point).points[0].partials["x"].symbolic
    found = curve(read(text), point, "x", truth)
    assert found.shape == shape
    drawn = str(chart(found))
    assert {word for word in ("rounding", "truncation") if f'data-word="{word}"' in drawn} == set(SHAPES[shape])
    if found.best is not None and found.errors is not None:
        assert not any(e <= found.errors[found.best] for e in found.errors[found.best + 1 :])


def test_every_shape_is_said_in_every_language() -> None:
    for catalogue in (Catalogue("report"), Catalogue("lesson")):
        for language in LANGUAGES:
            said = [catalogue.messages(language)[f"curve_{shape}"] for shape in SHAPES]
            assert len({*said}) == len(SHAPES)


def test_a_step_without_a_difference_has_no_place_in_the_chart() -> None:
    assert math.isnan(place(3, math.nan)[1])
    found = Curve([1.0] * len(EXPONENTS), [0.0] * len(EXPONENTS), [math.nan] * len(EXPONENTS), True)
    assert '<circle class="here" r="6" hidden/>' in chart(found)
    Markup(str(chart(found)))
