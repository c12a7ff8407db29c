"""Trigonometric functions, their inverses, and sinc."""

from __future__ import annotations

import math

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("trigonometric",)

#: Multiples of π/2, where one of them is 0 and another has a pole; arguments near 0 of sin(x)/x.
POINTS = both_signs((*(k * math.pi / 4 for k in range(1, 25)), 1e-8, 1e-5, 1e-4, 1e-3, 1e-2, 22.0, 355.0, 1e5, 1e8))


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
