"""Whole numbers and halves, multiples of π/4, both zeros, ±1 and the floats beside them."""

from __future__ import annotations

from gradjury.properties.conformance.defects import check_grid
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import SPECIAL, both_signs


def test_special_points(subject: Subject) -> None:
    """Every operation where formulas have 0/0, a reflection, or a removable singularity."""
    check_grid(subject, both_signs(SPECIAL))
