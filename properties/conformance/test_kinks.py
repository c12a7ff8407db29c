"""Kinks: where the one-sided derivatives differ, every number between them will do, and no other."""

from __future__ import annotations

import pytest

from gradjury.properties.conformance.defects import check, check_grid
from gradjury.properties.conformance.functions import SMOOTH, TIES
from gradjury.properties.conformance.subjects import Subject
from gradjury.properties.conformance.telling import EVERYDAY, both_signs
from gradjury.verifier import Engine, read


def test_ties(subject: Subject) -> None:
    """An operation that has kinks, at and beside them."""
    check_grid(subject, (0.0, -0.0, 1.0, -1.0, *both_signs(EVERYDAY)))


def select(subject: Subject) -> bool:
    """Operations with kinks."""
    return subject.primitive.kinks != "False"


SELECT = select


@pytest.mark.parametrize("function", TIES)
def test_functions_with_kinks(engine: Engine, function: str) -> None:
    """Between the one-sided slopes."""
    check(engine, read(function), TIES[function])


@pytest.mark.parametrize("function", SMOOTH)
def test_ties_that_cancel(engine: Engine, function: str) -> None:
    """The one derivative of a smooth function, although the operations tie."""
    check(engine, read(function), SMOOTH[function])
