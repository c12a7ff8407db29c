"""The table of cases as columns: what is sorted, filtered and searched in the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...engine import REGISTRY
from ...properties.aggregates import Aggregates
from ...properties.tally import DEEPEST, RANGES
from ..evidence import Record, rank_of_point, severity, where, worst_point
from ..survey import cells_of, distance
from ..verdicts import EXPLANATIONS
from .cards import Card, card_of
from .plots import group

#: Every operation that can be tested, and its place in codes of cells.
OPERATIONS = tuple(sorted(REGISTRY))
#: Characters of an expression that the table shows; search reads all.
MOST_SHOWN = 2_000


def columns(records: Sequence[Record], cards: Sequence[Card]) -> dict[str, list[Any]]:
    """The cases column by column.

    Returns:
        ``id`` (each once), ``verdict`` (place in the order of verdicts), ``text``, ``cause`` (place of its card, −1
        without one), ``ulps`` (of the worst partial; None without), ``at``, ``depth``, ``order`` (of the derivatives),
        ``cells`` (codes of its cells).
    """
    order = {verdict: k for k, verdict in enumerate(EXPLANATIONS)}
    places = {card.key: k for k, card in enumerate(cards)}
    by_engine = any(card.engine for card in cards)
    taken: dict[str, int] = {}
    found: dict[str, list[Any]] = {
        k: [] for k in ("id", "verdict", "text", "cause", "ulps", "at", "depth", "order", "cells")
    }
    for number, record in enumerate(records, 1):
        point = worst_point(record)
        cells, depth = _cells(record, point)
        found["id"].append(_unique(str(record.get("id", number)), taken))
        found["verdict"].append(order[record["verdict"]])
        found["text"].append(str(record.get("expression") or "")[:MOST_SHOWN])
        found["cause"].append(places.get(card_of(record, by_engine) or "", -1))
        found["ulps"].append(None if point is None else _ulps(point))
        found["at"].append(where(point["at"]) if point else "")
        found["depth"].append(depth)
        found["order"].append(_order(record))
        found["cells"].append(cells)
    return found


def _order(record: Record) -> int:
    order = record.get("order", 1)
    return order if isinstance(order, int) else 1


def _unique(name: str, taken: dict[str, int]) -> str:
    """The id of a record, numbered where another record has it already: the page's address names one case."""
    found = name
    while found in taken:
        taken[name] += 1
        found = f"{name} ({taken[name]})"
    taken[found] = 1
    return found


def code(primitive: str, depth: int, size: int) -> int:
    """A cell as a number; −1 for an operation that is not in the registry any more."""
    if primitive not in _PLACES:
        return -1
    return (_PLACES[primitive] * (DEEPEST + 1) + depth) * len(RANGES) + size


_PLACES = {name: k for k, name in enumerate(OPERATIONS)}


def _cells(record: Record, point: Record | None) -> tuple[list[int], int]:
    """The cells that a case belongs to at its worst point, and how deep its function is."""
    found = [] if point is None else cells_of(record, [point])
    codes = {code(primitive, depth, size) for _, primitive, depth, size, _ in found}
    return sorted(codes - {-1}), max((depth for _, _, depth, _, _ in found), default=0)


def _ulps(point: Record) -> float | None:
    """Distance of what decided the verdict at a point; None where it has none, as nan and infinities have not."""
    worst = [p for p in point.get("partials", {}).values() if severity(p["verdict"]) == rank_of_point(point)]
    distances = [distance(p.get("ulps")) for p in worst]
    known = [d for d in distances if d is not None and math.isfinite(d)]
    return max(known, default=None)


def coverage(counted: Aggregates) -> list[list[int]]:
    """What was tested, as rows [code of the cell, pairs that agree, that fail, that do neither]."""
    found = []
    for cell in counted.cells:
        counts = dict.fromkeys(("agree", "fails", "neither"), 0)
        for verdict, count in cell.pairs.items():
            counts[group(verdict)] += count
        found.append([code(cell.primitive, cell.depth, cell.range), *counts.values()])
    return [row for row in found if row[0] >= 0]
