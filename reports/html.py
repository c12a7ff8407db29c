"""The HTML report: one file that opens from disk, needs no network, and escapes everything it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from .collection import Collection, counted
from .evidence import (
    blame_in_words,
    minimal_in_words,
    partials_by_severity,
    reason,
    rows,
    severity,
    where,
    worst_point,
)
from .reproduce import command
from .verdicts import EXPLANATIONS


def render(collection: Collection, *, title: str, version: str) -> str:
    """The report of a collection as the text of one HTML file.

    Args:
        collection: what was judged.
        title: the page's heading.
        version: of gradjury, for the footer.
    """
    template = environment().get_template("report.html.j2")
    return template.render(
        title=title,
        version=version,
        settings=collection.settings,
        counts=[(v, n, EXPLANATIONS[v].meaning) for v in EXPLANATIONS if (n := collection.functions[v])],
        pairs=counted(collection.pairs),
        total=collection.functions.total(),
        functions=[_function(i, r) for i, r in enumerate(collection.kept, 1)],
        omitted=collection.omitted,
        few=collection.functions.total() <= collection.FEW,
    )


def render_function(record: Mapping[str, Any]) -> str:
    """One result record as a piece of HTML, for a notebook."""
    return environment().get_template("function.html.j2").render(f=_function(1, record))


def environment() -> Environment:
    """How every page is filled: what a template shows is escaped, what it names must exist."""
    return Environment(
        loader=PackageLoader("gradjury.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _function(number: int, record: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of one function: its worst point with all numbers."""
    point = worst_point(record)
    blame = record.get("blame")
    return {
        "anchor": f"f{number}",
        "id": record.get("id", number),
        "verdict": record["verdict"],
        "meaning": EXPLANATIONS[record["verdict"]].meaning,
        "expression": str(record.get("expression") or ""),
        "engine": record.get("engine"),
        "error": record.get("error") or record.get("reason"),
        "reason": reason(record),
        "at": where(point["at"]) if point else None,
        "points": len(record.get("points") or ()),
        "value": point.get("value") if point else None,
        "value_verdict": point.get("value_verdict") if point else None,
        "partials": [_partial(n, p) for n, p in partials_by_severity(point)] if point else [],
        "blame": blame_in_words(blame) if blame else None,
        "minimal": minimal_in_words(blame) if blame else None,
        "command": command(record, point) if point else None,
    }


def _partial(name: str, partial: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "verdict": partial["verdict"],
        "flagged": severity(partial["verdict"]) > 0,
        "rows": [
            {
                "label": row.label,
                "same": row.shown.text[: row.shown.same],
                "differs": row.shown.text[row.shown.same :],
                "note": row.note,
            }
            for row in rows(partial)
        ],
        "formula": partial.get("formula_verdict"),
        "reason": partial.get("reason"),
    }
