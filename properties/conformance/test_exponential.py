"""Exponential functions and logarithms."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("exponential",)

#: Where exp meets u, where it leaves the floats, where its argument is the logarithm of something.
POINTS = both_signs(
    (36.04365338911715, 36.7, 37.0, 88.7, 103.9, 708.4, 709.78, 745.13, 0.6931471805599453, 1e-8, 1e-5, 1e-16)
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
