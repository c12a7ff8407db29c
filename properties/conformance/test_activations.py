"""Activation functions of neural networks."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("activations",)

#: Both tails, where sigmoid is 0 or 1 to the last digit and its logarithm is not.
POINTS = both_signs(
    (
        16.0,
        17.0,
        18.5,
        19.9,
        20.0,
        20.1,
        20.5,
        30.0,
        36.7,
        37.0,
        38.5,
        40.0,
        50.0,
        88.0,
        100.0,
        355.0,
        709.0,
        745.0,
        1e-8,
    )
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
