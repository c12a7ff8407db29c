"""The evidence of a result record in words: its numbers under each other, its blame, its points.

Everything here reads the record of one function (``Verification.to_record()``, or a line of a results file),
so that the terminal, a failing test and the HTML report say the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ..engine import REGISTRY
from .digits import Shown, align, short, within
from .verdicts import ORDER

Record = Mapping[str, Any]


class Row(NamedTuple):
    """One of the numbers that are compared: what it is, its digits, what stands behind it."""

    label: str
    shown: Shown
    note: str


def severity(verdict: str) -> int:
    """Rank of a verdict, 0 for ``agree``."""
    return ORDER.index(verdict) if verdict in ORDER else len(ORDER)


def rank_of_point(point: Record) -> int:
    """Severity of the worst verdict in one point of a record."""
    verdicts = [p["verdict"] for p in point.get("partials", {}).values()]
    verdicts += [v for v in (point.get("value_verdict"),) if v]
    return max((severity(v) for v in verdicts), default=0)


def worst_point(record: Record) -> Record | None:
    """The point that decided the verdict, the first of them; None where no point was judged."""
    points = record.get("points") or []
    return max(points, key=rank_of_point, default=None)


def where(at: Mapping[str, Any]) -> str:
    """A point in a few words: ``x = 0.5, y = 2.0``."""
    return ", ".join(f"{name} = {value}" for name, value in at.items()) or "no variables"


def expression(record: Record, most: int = 600) -> str | None:
    """The function as text; the middle of a very long one is left away, and said to be."""
    text = record.get("expression")
    if text is None:
        return None
    text = str(text)
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} … {text[-most // 2 :]}   ({len(text):,} characters)"


def rows(partial: Record) -> list[Row]:
    """The three numbers of a partial derivative, and its enclosure, on one scale."""
    enclosure = partial.get("enclosure") or [None, None]
    named = {name: partial.get(name) for name in ("engine", "symbolic", "difference")}
    kink = named["symbolic"] is None and enclosure[0] is not None
    numbers = [*named.values(), *enclosure]
    shown = align(numbers, named["symbolic"])
    error = partial.get("difference_error")
    notes = {
        "engine": "" if partial.get("ulps") is None else f"{short(partial['ulps'], 3)} ulp from the symbolic one",
        "symbolic": "no single value: a kink" if kink else "",
        "difference": "" if error is None else f"± {short(error, 2)}",
    }
    if within(named["difference"], named["symbolic"], error):
        shown[2] = Shown(shown[2].text, len(shown[2].text))  # its later digits were never claimed
    table = [Row(n, s, notes[n]) for n, s in zip(named, shown, strict=False)]
    if enclosure[0] is not None:
        certified = "certified" if partial.get("certified") else "screened, not certified"
        for label, one, note in zip(
            ("left slope", "right slope") if kink else ("at least", "at most"),
            shown[3:],
            (certified, ""),
            strict=True,
        ):
            table.append(Row(label, Shown(one.text, len(one.text)), note))
    return table


def partials_by_severity(point: Record) -> Iterator[tuple[str, Record]]:
    """The partial derivatives of a point, worst first, else in their own order."""
    partials = point.get("partials", {})
    yield from sorted(partials.items(), key=lambda item: -severity(item[1]["verdict"]))


_BLAME = {
    "rule": "the derivative rule of {operation}",
    "accumulation": "the sum over paths, or a rewriting of the whole: no single operation explains the number",
    "forward": "the forward value of {operation}",
    "oracle": "the oracles contradict each other at {operation}: its meaning or SymPy, not the engine",
    "singular": "{operation} meets 0/0, a pole or a branch point, although the derivative is finite",
    "overflow": "{operation} overflows or underflows on the way, although the derivative is finite",
}


def blame_in_words(blame: Record) -> str:
    """Which operation is at fault, and in what."""
    name = blame.get("primitive")
    operation = str(name) if name else "the function as a whole"
    argument = blame.get("argument")
    primitive = REGISTRY.get(name) if isinstance(name, str) else None
    if primitive is not None and argument is not None and argument < len(primitive.arguments) > 1:
        operation += f" by its argument {primitive.arguments[argument]}"
    if name and blame.get("node") is not None:
        operation += f" (node {blame['node']})"
    return _BLAME.get(blame.get("kind", ""), "{operation}").format(operation=operation)


def reason(record: Record) -> str | None:
    """Why a record is undecided or invalid: its own words, else those of its worst partial that has any."""
    if words := record.get("error") or record.get("reason"):
        return str(words)
    point = worst_point(record)
    found = partials_by_severity(point) if point else iter(())
    return next((partial["reason"] for _, partial in found if partial.get("reason")), None)


def minimal_in_words(blame: Record) -> str | None:
    """The smallest function that still fails, and where; None if nothing smaller was sought."""
    if not blame.get("minimal"):
        return None
    return f"{blame['minimal']}  at  {where(blame.get('at') or {})}"
