"""The table of cases as columns: what is sorted, filtered and searched in the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...engine import REGISTRY
from ...properties.aggregates import Aggregates
from ...properties.tally import DEEPEST, RANGES
from ..evidence import where, worst_point
from ..survey import cause_of, cells_of
from ..verdicts import EXPLANATIONS
from .cards import Card, key_of
from .plots import group

Record = Mapping[str, Any]

#: Every operation that can be tested, and its place in codes of cells.
OPERATIONS = tuple(sorted(REGISTRY))
#: Characters of an expression that the table shows; search reads all.
MOST_SHOWN = 2_000


def columns(records: Sequence[Record], cards: Sequence[Card]) -> dict[str, list[Any]]:
    """The cases column by column.

    Returns:
        ``id``, ``verdict`` (place in the order of verdicts), ``text``, ``cause`` (place of its card, −1 without one),
        ``ulps`` (of the worst partial; None without), ``at``, ``cells`` (codes of the cells it belongs to).
    """
    order = {verdict: k for k, verdict in enumerate(EXPLANATIONS)}
    places = {card.key: k for k, card in enumerate(cards)}
    found: dict[str, list[Any]] = {k: [] for k in ("id", "verdict", "text", "cause", "ulps", "at", "depth", "cells")}
    for number, record in enumerate(records, 1):
        point = worst_point(record)
        cause = cause_of(record)
        cells, depth = _cells(record, point)
        found["id"].append(str(record.get("id", number)))
        found["verdict"].append(order[record["verdict"]])
        found["text"].append(str(record.get("expression") or "")[:MOST_SHOWN])
        found["cause"].append(-1 if cause is None else places.get(key_of(cause), -1))
        found["ulps"].append(_ulps(point))
        found["at"].append(where(point["at"]) if point else "")
        found["depth"].append(depth)
        found["cells"].append(cells)
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


def _ulps(point: Record | None) -> float | None:
    distances = [p.get("ulps") for p in (point or {}).get("partials", {}).values()]
    known = [float(u) for u in distances if isinstance(u, (int, float)) and np.isfinite(u)]
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
