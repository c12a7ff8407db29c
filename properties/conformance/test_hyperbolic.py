"""Hyperbolic functions and their inverses."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("hyperbolic",)

#: Where tanh is 1 to the last digit, where cosh overflows, where an inverse is steep.
POINTS = both_signs(
    (18.0, 18.7, 19.06, 19.5, 20.0, 22.0, 37.0, 354.0, 355.5, 709.0, 710.4, 1e-8, 1e-5, 1e-3, 1 - 1e-10, 1 + 1e-10)
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
