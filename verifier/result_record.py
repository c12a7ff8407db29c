"""The form of result records, see ``docs/records.md``, and what stands in those of functions that were not judged."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypedDict


class PartialRecord(TypedDict):
    """A partial derivative; nan and infinities are strings."""

    verdict: str
    engine: float | str | None
    symbolic: str | None
    enclosure: list[str] | None
    difference: float | str | None
    difference_error: float | str | None
    ulps: float | str | None
    certified: bool
    formula_verdict: str | None
    reason: str | None


class ValueReason(TypedDict, total=False):
    """Why the value at a point has its verdict, where that is told."""

    value_reason: str


class PointRecord(ValueReason):
    """A point with its partial derivatives by the names of the variables."""

    at: dict[str, float | str]
    value: float | str | None
    value_verdict: str | None
    partials: dict[str, PartialRecord]


def number(x: float) -> float | str:
    """A float as JSON takes it: nan and infinities as strings."""
    return float(x) if math.isfinite(x) else str(float(x))


def numbers(point: Mapping[str, float]) -> dict[str, float | str]:
    """A point as JSON takes it: each of its floats as :func:`number`."""
    return {name: number(x) for name, x in point.items()}


def undecided(reason: str) -> PartialRecord:
    """A partial derivative of which nothing is known."""
    return {
        "verdict": "undecided",
        "engine": None,
        "symbolic": None,
        "enclosure": None,
        "difference": None,
        "difference_error": None,
        "ulps": None,
        "certified": False,
        "formula_verdict": None,
        "reason": reason,
    }


def without_points(verdict: str, error: str) -> dict[str, Any]:
    """What stands behind the name of a function of which no point was judged: ``invalid``, or ``undecided`` as a whole.

    Args:
        verdict: of the record.
        error: why.
    """
    return {"verdict": verdict, "points": [], "blame": None, "error": error}


def why_not(record: Mapping[str, Any]) -> str | None:
    """Why a function could not be judged, as its record says it; None where it was."""
    words = record.get("error") or record.get("reason")
    return None if words is None else str(words)
