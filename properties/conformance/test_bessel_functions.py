"""Bessel functions of all kinds and Airy functions."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("bessel", "cylinder", "airy")

#: Near 0, at the first zeros, and where a series gives way to an asymptotic formula.
POINTS = both_signs(
    (
        1e-8,
        1e-4,
        0.007,
        0.1,
        2.404825557695773,
        3.8317059702075125,
        3.75,
        5.0,
        7.75,
        8.0,
        8.5,
        12.0,
        15.0,
        25.0,
        30.0,
        45.0,
        100.0,
        700.0,
        713.0,
    )
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
