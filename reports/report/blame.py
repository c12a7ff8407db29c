"""Whom or what a page blames, and how it says so in every language."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from ...engine import REGISTRY
from ..evidence import LOST, Record, kind_of_blame, standing
from ..pages import Catalogue
from ..survey import cause_of
from ..verdicts import BY_DIFFERENCES

CATALOGUE = Catalogue("report", "verdicts")
messages, words = CATALOGUE.messages, CATALOGUE.words

#: A message by its ``key``, the ``operation`` in it (empty: the function as a whole), how the derivative ``stands``.
Says = dict[str, str]


def says_of(record: Record) -> Says | None:
    """What is to blame for the verdict of a record; None where nothing is, or where its reason says it."""
    if blame := record.get("blame"):
        return blame_of(blame, standing(record))
    cause = cause_of(record)
    return None if cause is None or cause.kind is None else blame_of({"kind": cause.kind})


def blame_of(blame: Record, stands: str = "") -> Says | None:
    """What is to blame, as a message and what stands in it; None where nothing is.

    Args:
        blame: of a record.
        stands: the derivative that was lost, as :func:`~gradjury.reports.evidence.standing` has it; empty where the
            blame is that of several functions.
    """
    kind = kind_of_blame(blame)
    if f"blame_{kind}" not in messages("en"):
        return {"key": "blame_other", "operation": kind, "stands": ""} if kind else None
    operation = operation_of(blame.get("primitive"), blame.get("argument"))
    return {"key": f"blame_{kind}", "operation": operation, "stands": stands if kind in LOST else ""}


def operation_of(primitive: Any, argument: Any) -> str:
    """An operation, and by which of its arguments: ``pow ∂/∂b``; empty where no operation is named."""
    if not primitive:
        return ""
    known = REGISTRY.get(primitive) if isinstance(primitive, str) else None
    if known is None or not isinstance(argument, int) or not argument < len(known.arguments) > 1:
        return str(primitive)
    return f"{primitive} ∂/∂{known.arguments[argument]}"


def said(says: Says) -> Markup:
    """What is to blame in every language, of which the page shows the one that is read."""
    operation = Markup('<span class="whole">{}</span>').format(says["operation"] or words("whole"))
    ending = words(f"stands_{says['stands']}") if says["stands"] else ""
    return words(says["key"], operation=operation) + ending


def said_in(says: Says, code: str) -> str:
    """What is to blame in one language, as plain text."""
    known = messages(code)
    ending = known[f"stands_{says['stands']}"] if says["stands"] else ""
    return known[says["key"]].format(operation=says["operation"] or known["whole"]) + ending


def meaning(verdict: str, says: Says | None, by_differences: bool = False) -> str:
    """The message that says what a verdict means: of a claimed formula, no number is spoken of.

    Args:
        by_differences: whether the function could not be read, so that nothing is certified.
    """
    if says is not None and says["key"] == "blame_formula":
        return "means_formula"
    return f"means_{verdict}_by_differences" if by_differences and verdict in BY_DIFFERENCES else f"means_{verdict}"
