"""The same in single precision, judged by its own rounding and range."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, EXTREME, SPECIAL, both_signs

#: float32 leaves its range at 3.4e38 and its digits at 2**24; the neighbours of 1 are farther away.
NARROW = (
    1e-45,
    1.1754944e-38,
    1e-20,
    1e-19,
    1.8e19,
    1.9e19,
    1e20,
    3.4e38,
    16777216.0,
    16777217.0,
    8.66,
    9.01,
    17.3,
    88.72,
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data, "float32")


def test_telling_points(subject: Subject) -> None:
    """All points of the chapters in double precision that are floats here."""
    check_grid(subject, both_signs((*EVERYDAY, *SPECIAL, *EXTREME, *NARROW)), dtype="float32")
