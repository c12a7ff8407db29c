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
from ..phrases import recognised
from ..survey import cause_of, engine_of
from ..verdicts import EXPLANATIONS
from .blame import Says, blame_of, meaning
from .case import formula_of
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
        says: the message that blames somebody; None where nobody is blamed.
        reason: then why.
        example: the smallest function, its formula, its point.
        verdicts: how many functions with which verdict.
        engine: whose fault it is, where the collection is about several; else empty.
    """

    key: str
    verdict: str
    functions: int = 0
    first: int = 0
    kept: int = 0
    says: Says | None = None
    reason: str = ""
    example: dict[str, Any] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=dict)
    engine: str = ""

    @property
    def by_verdict(self) -> list[tuple[str, int]]:
        """How many functions with which verdict, the worst first."""
        return sorted(self.verdicts.items(), key=lambda entry: -_ORDER.index(entry[0]))

    @property
    def means(self) -> str:
        """The message that says what its verdict means."""
        return meaning(self.verdict, self.says, recognised(self.reason)[0] == "reason_differences")

    @property
    def is_masked(self) -> bool:
        """Whether an operation is blamed for what, behind rounding, no number could be blamed for."""
        return self.says is not None and self.says["key"] in ("blame_rule", "blame_forward")

    @property
    def group(self) -> str:
        """Whether it is a failure."""
        return group(self.verdict)


def key_of(cause: Cause | CauseKey, engine: str = "") -> str:
    """The card that a cause belongs to: of a blamed operation all verdicts, of the others each verdict and reason.

    Args:
        cause: of a record, or of a store.
        engine: whose; empty where the collection is about one.
    """
    if cause.kind is None:
        key = f"{cause.verdict}: {cause.reason}" if cause.reason else cause.verdict
    else:
        key = f"{cause.kind}/{cause.primitive or ''}" + ("" if cause.argument is None else f"/{cause.argument}")
    return f"{engine}: {key}" if engine else key


def card_of(record: Mapping[str, Any], by_engine: bool) -> str | None:
    """The key of the card that a record belongs to; None of one that agrees."""
    cause = cause_of(record)
    return None if cause is None else key_of(cause, engine_of(record) if by_engine else "")


def cards(counted: Aggregates, kept: Iterable[Mapping[str, Any]]) -> list[Card]:
    """All cards, the worst verdict first, then the most functions.

    Args:
        counted: has the causes.
        kept: the records that the page holds.
    """
    by_engine = len({cause.example.get("engine") for cause in counted.causes} - {None, ""}) > 1
    found: dict[str, Card] = {}
    for cause in counted.causes:
        engine = str(cause.example.get("engine") or "") if by_engine else ""
        key = key_of(cause, engine)
        card = found.setdefault(key, Card(key, cause.verdict, first=cause.first, says=_says(cause), engine=engine))
        card.reason = cause.reason or ""
        if _ORDER.index(cause.verdict) > _ORDER.index(card.verdict):
            card.verdict = cause.verdict
        card.functions += cause.functions
        card.first = min(card.first, cause.first)
        card.verdicts[cause.verdict] = card.verdicts.get(cause.verdict, 0) + cause.functions
        if not card.example or len(_text(cause.example)) < len(_text(card.example)):
            card.example = dict(cause.example)
    for record in kept:
        if (key := card_of(record, by_engine) or "") in found:
            found[key].kept += 1
    ordered = sorted(found.values(), key=lambda c: (_rank(c.verdict), -c.functions))
    for place, card in enumerate(ordered):
        card.example = _example(card.example, drawn=place < MOST_FORMULAS)
    return ordered


def _says(cause: Cause) -> Says | None:
    """What is to blame, as a message; None where the reason says it."""
    if cause.kind is None:
        if cause.reason is not None or (group(cause.verdict) != "fails" and cause.verdict != "imprecise"):
            return None
        return blame_of({"kind": "nobody" if cause.example.get("engine") == "claim" else "unknown"})
    return blame_of({"kind": cause.kind, "primitive": cause.primitive, "argument": cause.argument})


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
