"""The text of a failure, in plain characters: what a failing test prints, and what ``repr`` shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..verifier.results import Verification
from .evidence import (
    among,
    blame_facts,
    claimed_formula,
    derivative_by,
    expression,
    partials_by_severity,
    rank_of_partial,
    value_reason,
    where,
    worst_point,
)
from .reproduce import command, is_unread, read_from
from .rows import rows_of
from .slopes import Slopes, slopes_of
from .verdicts import meaning_of

#: Partial derivatives that are written out; the others are counted.
SHOWN = 4
#: Points up to which all are written where an engine fails only at all of them at once.
MOST_TOGETHER = 64
#: What a forward value is that does not deviate from a true one, as there is none, or none that is known.
_OFF = {"undefined": "there is no value here that it could agree with", "undecided": "it could not be decided"}


def evidence(result: Verification) -> dict[str, Any]:
    """What :func:`failure_text` reads of a result's record: the point that it shows, and of the others their verdicts.

    The whole record of a point takes a millisecond, most of it for differences: that of a million a quarter of an hour.
    """
    by_verdict = result.by_verdict
    if not by_verdict:
        return result.to_record()
    if result.blame is not None and result.blame.how == "together" and result.count <= MOST_TOGETHER:
        return result.to_record()
    shown = by_verdict[result.verdict][0] or result.point(0)
    record = result.to_record([shown])
    rest = [{"value_verdict": verdict} for verdict, points in by_verdict.items() for _ in points]
    rest.remove({"value_verdict": result.verdict})
    return {**record, "points": record["points"] + rest}


def failure_text(record: Mapping[str, Any]) -> str:
    """The verdict of a result record with its evidence, a few lines that stand by themselves.

    The function, the point, the numbers under each other with carets under the digits that differ, the
    certified enclosure, the operation to blame, the smallest function that still fails, and the command that
    reproduces it.
    """
    verdict = record["verdict"]
    lines = [f"{verdict}: {meaning_of(verdict, is_unread(record))}", ""]
    lines += _field("function", expression(record))
    lines += _field("read from", read_from(record))
    lines += _field("output", record.get("output"))
    lines += _field("reason", record.get("reason"))
    failed, point = _field("error", record.get("error")), worst_point(record)
    if failed and (point is None or verdict == "undecided"):
        return "\n".join([*lines, *_field("at", _where_it_failed(record, point)), *failed])
    lines += _field("engine", record.get("engine"))
    if point is None:
        return "\n".join(lines)
    lines += _field("at", where(point["at"]) + among(record))
    if point.get("value_verdict") not in (None, "agree"):
        off = value_reason(point) or _OFF.get(point["value_verdict"], "the forward value deviates")
        lines += _field("value", f"{point.get('value')}   {point['value_verdict']}: {off}")
    partials = list(partials_by_severity(point))
    shown = [p for p in partials if rank_of_partial(p[1])][:SHOWN] or partials[:1]
    sides = slopes_of(record, point)
    for name, partial in shown:
        lines += ["", *_partial(record, name, partial, sides.get(name))]
    if len(partials) > len(shown):
        more = len(partials) - len(shown)
        words = "partial derivative, not a worse one" if more == 1 else "partial derivatives, none of them worse"
        lines += ["", f"  and {more} more {words}"]
    lines.append("")
    for fact in blame_facts(record):
        lines += _field(*fact)
    lines += [*_field("reproduce", command(record, point)), *failed]
    return "\n".join(lines)


def _where_it_failed(record: Mapping[str, Any], point: Mapping[str, Any] | None) -> str | None:
    """The point at which the engine raised an error, None where it did so over all of them."""
    partials = list(partials_by_severity(point)) if point else []
    if not any(partial.get("reason") == record["error"] for _, partial in partials):
        return None
    return where(point["at"]) + among(record) if point else None


def _field(label: str, text: Any) -> list[str]:
    return [] if text is None else [f"  {label:<11}{text}"]


def _partial(record: Mapping[str, Any], name: str, partial: Mapping[str, Any], at_kink: Slopes | None) -> list[str]:
    lines = [f"  {derivative_by(name, record)}: {partial['verdict']}"]
    for label, shown, note, *_ in rows_of(record, partial, at_kink):
        lines.append(f"    {label:<11}  {shown.text}{'   ' if note else ''}{note}")
        if shown.same < len(shown.text):
            lines.append(" " * (17 + shown.same) + "^" * (len(shown.text) - shown.same))
    if partial.get("formula_verdict"):
        which = claimed_formula(record, name) or "the claimed derivative"
        lines.append(f"    {'formula':<11}  {which}: {partial['formula_verdict']}")
    if partial.get("reason"):
        lines.append(f"    {'reason':<11}  {partial['reason']}")
    return lines
