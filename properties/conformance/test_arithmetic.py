"""Sums, products, quotients, differences and opposites."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("arithmetic",)

#: Neighbours of 1 and of the largest integers that a float counts one by one.
POINTS = both_signs((1.0, 1.0000000000000002, 9007199254740992.0, 4503599627370496.0, 1e8, 1e-8, 1 / 3))


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
