"""The gamma function, its logarithm and the derivatives of that; incomplete gamma functions."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("gammafunctions", "incomplete")

#: Zeros of digamma, halves and beside integers left of 0, where a reflection is taken.
POINTS = both_signs(
    (
        1.4616321449683623,
        2.0,
        0.504,
        0.1,
        0.9,
        1e-3,
        *(k + 0.5 for k in range(25)),
        *(k + 0.01 for k in range(12)),
        *(k - 1e-5 for k in range(1, 6)),
        50.5,
        100.5,
        170.5,
        171.5,
    )
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
