"""What a collection of results says as a whole: causes, which operations were tested and how, how far numbers are off.

Of a campaign the store has counted all this while it ran; of a results file it is counted here, record by record, in
the same sums.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..properties.aggregates import Aggregates, Cause, aggregates
from ..properties.tally import CauseKey, Found, bin_of, cells, general
from .evidence import (
    Record,
    floats,
    kind_of_blame,
    only_formulas_fail,
    rank_of_point,
    reason,
    severity,
    tape_of,
    worst_point,
)
from .verdicts import FAILING, ORDER


@dataclass
class Survey:
    """Sums over result records that come one by one.

    Attributes:
        judged: how many there were.
        counts: cells and errors as in a :class:`~gradjury.properties.tally.Tally`.
        causes: those that do not agree, by engine and what they share.
    """

    judged: int = 0
    counts: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    causes: dict[tuple[str, CauseKey], Found] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Count one result record."""
        cause = cause_of(record)
        if cause is not None:
            engine = engine_of(record)
            found = Found(1, self.judged, {"index": self.judged, "engine": engine, **_example(record)})
            if (engine, cause) in self.causes:
                self.causes[engine, cause] += found
            else:
                self.causes[engine, cause] = found
        self.judged += 1
        for point in record.get("points") or ():
            for partial in point["partials"].values():
                if partial["verdict"] in ORDER:
                    self.counts["error", partial["verdict"], bin_of(distance(partial.get("ulps")))] += 1
        self.counts.update(cells_of(record, record.get("points") or []))

    def aggregates(self, functions: Mapping[str, int], pairs: Mapping[str, int]) -> Aggregates:
        """The sums as objects, as a campaign's store gives them; without a timeline, since no clock was kept.

        A results file may hold the results of several engines: causes are apart by engine, which their example names.

        Args:
            functions, pairs: by verdict.
        """
        causes = [
            Cause.stored(key, f.functions, f.functions, f.first, f.example) for (_, key), f in self.causes.items()
        ]
        causes.sort(key=lambda c: (-severity(c.verdict), -c.functions, c.first, str(c.key)))
        sums = [(list(key), count) for key, count in self.counts.items()]
        return replace(aggregates(sums, [], [], 0.0, 0.0), functions=dict(functions), pairs=dict(pairs), causes=causes)


def cells_of(record: Record, points: list[Record]) -> Counter[tuple[Any, ...]]:
    """``("cell", operation, depth, size of its largest argument, verdict)`` of each operation at some points."""
    tape = tape_of(record) if points else None
    if tape is None:
        return Counter()
    at = [floats(point["at"]) for point in points]
    if not all(set(tape.inputs) <= set(here) for here in at):
        return Counter()
    columns = np.array([[here[name] for name in tape.inputs] for here in at]).reshape(len(points), -1)
    return cells(tape, columns, [ORDER[rank_of_point(point)] for point in points])


def cause_of(record: Record) -> CauseKey | None:
    """The cause of a record that does not agree; None of one that does."""
    verdict = record["verdict"]
    if verdict == "agree":
        return None
    blame = record.get("blame")
    if not blame and verdict in FAILING and only_formulas_fail(record):
        return CauseKey(verdict, "formula")
    if not blame and _is_beyond_blame(record):
        return CauseKey(verdict, "order")
    if blame:
        primitive = blame.get("primitive")
        named = None if primitive is None else writable(primitive)
        return CauseKey(verdict, writable(kind_of_blame(blame)), named, blame.get("argument"))
    why = _reason(record)
    return CauseKey(verdict, reason=writable(general(why)) if why else None)


def _is_beyond_blame(record: Record) -> bool:
    """Whether an engine's number of a higher order fails, whose operations nobody asks one by one."""
    fails = record["verdict"] in (*FAILING, "imprecise")
    is_claim = record.get("engine") in (None, "claim")
    return fails and not is_claim and record.get("order", 1) != 1 and _reason(record) is None


def engine_of(record: Record) -> str:
    """Which engine a record judged, with its version; empty where it does not say."""
    return writable(record.get("engine") or "")


def writable(value: Any) -> str:
    """A value as text that UTF-8 can write: a lone surrogate, which JSON can name, becomes a question mark."""
    return str(value).encode("utf-8", "replace").decode()


def _reason(record: Record) -> str | None:
    """Why nobody is blamed: the record's own words, else those of the partial that decided."""
    words = reason(record) or record.get("no_blame")
    # what is wrong with a line is the same on every line
    return None if words is None else re.sub(r"^line \d+: ", "", str(words))


def _example(record: Record) -> dict[str, Any]:
    blame = record.get("blame") or {}
    if blame.get("minimal"):
        return {"expression": str(blame["minimal"]), "at": blame.get("at")}
    point = worst_point(record) or {}
    return {"expression": str(record.get("expression") or ""), "at": point.get("at")}


def distance(value: Any) -> float | None:
    """A distance in ulps as a float; None for what is no number.

    That from an exact 0 is infinite, which a record holds as a text.
    """
    if value == "inf":
        return math.inf
    if not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf
