"""What is said of one number: a verdict, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..oracle.balls import Ball
from ..oracle.truth import Truth

#: Verdicts from best to worst; a record's verdict is its worst.
VERDICTS = (
    "agree",
    "kink",
    "undefined",
    "imprecise",
    "undecided",
    "inaccurate",
    "nonfinite",
    "wrong",
    "invalid",
)

#: Verdicts that accuse an engine of something that no correct evaluation returns.
FLAGGED = ("inaccurate", "nonfinite", "wrong")

#: Verdicts for which somebody is to blame.
BLAMED = ("imprecise", *FLAGGED)

RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}


def worst(verdicts: Iterable[str]) -> str:
    """The worst of some verdicts; ``agree`` where there is none."""
    return max(verdicts, key=RANK.__getitem__, default="agree")


class Judgement(NamedTuple):
    """A verdict with what it rests on; ``cause`` is ``singular`` or ``overflow`` where that explains it."""

    verdict: str
    truth: Truth
    enclosure: tuple[Ball, Ball] | None
    ulps: float | None
    reason: str | None = None
    cause: str | None = None


def unknown(reason: str) -> Judgement:
    """The judgement on a number with which nothing can be compared, for this reason."""
    return Judgement("undecided", Truth("unknown", None, 0, None, reason), None, None, reason)
