"""The error function, its complement, its inverse, and erfi."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("errorfunctions",)

#: Tails, and arguments of the inverse near its poles.
POINTS = both_signs(
    (0.46875, 0.5, 0.84375, 1.25, 2.857, 4.0, 5.9, 6.0, 8.0, 26.0, 26.5, 27.0, 0.99, 0.9999, 1 - 1e-9, 1 - 1e-15)
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
