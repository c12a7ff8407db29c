"""Root causes as cards: one an operation and a kind of fault, defects first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from ...properties.aggregates import Aggregates, Cause
from ...properties.tally import CauseKey
from ..digits import short
from ..evidence import where
from ..verdicts import EXPLANATIONS
from .case import blame_of, formula_of
from .plots import group

_ORDER = tuple(EXPLANATIONS)
#: Examples whose formulas are drawn; later cards show text.
MOST_FORMULAS = 60


@dataclass
class Card:
    """One root cause as the page shows it.

    Attributes:
        key: names it in the page's address.
        verdict: the worst that it led to.
        functions: how many it spoils.
        first: number of the first of them.
        kept: how many of them are in the page.
        says: key of the message and the operation in it; None where nobody is blamed.
        reason: then why.
        example: the smallest function, its formula, its point.
        verdicts: how many functions with which verdict.
    """

    key: str
    verdict: str
    functions: int = 0
    first: int = 0
    kept: int = 0
    says: dict[str, Any] | None = None
    reason: str = ""
    example: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)

    @property
    def group(self) -> str:
        """Whether it is a failure."""
        return group(self.verdict)


def key_of(cause: Cause | CauseKey) -> str:
    """The card that a cause belongs to: of a blamed operation all verdicts, of the others each verdict and reason."""
    if cause.kind is None:
        return f"{cause.verdict}: {cause.reason}" if cause.reason else cause.verdict
    argument = "" if cause.argument is None else f"/{cause.argument}"
    return f"{cause.kind}/{cause.primitive or ''}{argument}"


def cards(counted: Aggregates, kept: Iterable[CauseKey]) -> list[Card]:
    """All cards, the worst verdict first, then the most functions.

    Args:
        counted: has the causes.
        kept: the cause of every record that the page holds.
    """
    found: dict[str, Card] = {}
    for cause in counted.causes:
        key = key_of(cause)
        blame: Mapping[str, Any] = {"kind": cause.kind, "primitive": cause.primitive, "argument": cause.argument}
        card = found.setdefault(
            key, Card(key, cause.verdict, first=cause.first, says=blame_of(blame), reason=cause.reason or "")
        )
        if _ORDER.index(cause.verdict) > _ORDER.index(card.verdict):
            card.verdict = cause.verdict
        card.functions += cause.functions
        card.first = min(card.first, cause.first)
        card.verdicts[cause.verdict] = card.verdicts.get(cause.verdict, 0) + cause.functions
        if not card.example or len(_text(cause.example)) < len(_text(card.example)):
            card.example = dict(cause.example)
    for key in map(key_of, kept):
        if key in found:
            found[key].kept += 1
    ordered = sorted(found.values(), key=lambda c: (_rank(c.verdict), -c.functions))
    for place, card in enumerate(ordered):
        card.example = _example(card.example, drawn=place < MOST_FORMULAS)
    return ordered


def _rank(verdict: str) -> tuple[int, int]:
    """Failures before records that could not be read, these before the rest; worse before milder."""
    order = {"fails": 0, "neither": 1, "agree": 2}[group(verdict)]
    return (1 if verdict == "invalid" else 2 * order, -_ORDER.index(verdict))


def _text(example: Mapping[str, Any]) -> str:
    return str(example.get("expression") or "")


def _example(example: Mapping[str, Any], *, drawn: bool) -> dict[str, Any]:
    text = _text(example)
    formula: Markup | None = formula_of(text) if drawn and len(text) <= 80 else None
    at = example.get("at") or {}
    short_at = {name: short(value) if isinstance(value, float) else value for name, value in at.items()}
    return {"text": text, "formula": formula, "at": where(short_at) if at else ""}
