"""Functions made of pieces: absolute value, sign, rounding, maxima, remainders, branches."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("piecewise",)

#: Away from and beside the places where the pieces meet.
POINTS = both_signs(
    (1e-8, 1e-300, 0.49999999999999994, 0.5000000000000001, 2.9999999999999996, 4503599627370497.5, 1e17)
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
