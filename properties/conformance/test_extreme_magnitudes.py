"""Tiny and huge arguments: from subnormal numbers to the largest float."""

from __future__ import annotations

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EXTREME, FEW_EXTREME, both_signs


def test_extreme_magnitudes(subject: Subject) -> None:
    """Every operation where a square, an exponential or x + 1 leaves the range or the digits of floats."""
    check_grid(subject, both_signs(EXTREME), both_signs(FEW_EXTREME))
