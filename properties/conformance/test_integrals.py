"""Integrals (exponential, sine, cosine, Fresnel, elliptic), Lambert's W, hypergeometric and zeta functions."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.ordinary import check_drawn
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs

FAMILIES = ("integrals", "elliptic", "legendre", "hypergeometric", "polylogarithms")

#: Zeros of Ei and li, and where a series gives way to an asymptotic formula.
POINTS = both_signs(
    (
        0.37250741078136663,
        1.4513692348833810,
        1e-8,
        1e-3,
        0.5,
        0.999,
        0.999999,
        1.5,
        2.0,
        4.0,
        6.0,
        10.0,
        20.0,
        40.0,
        50.0,
        100.0,
        700.0,
    )
)


@given(data=st.data())
def test_ordinary_points(subject: Subject, data: st.DataObject) -> None:
    """Random points where nothing is difficult."""
    check_drawn(subject, data)


def test_telling_points(subject: Subject) -> None:
    """Everyday sizes of both signs, and the places where functions of this family lose their digits."""
    check_grid(subject, (*both_signs(EVERYDAY), *POINTS))
