"""All points of one function: numbers and verdicts as a table, how far they are off as a chart over one variable."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from ..digits import short, typeset
from ..evidence import Record, derivative_by, floats, formula_severity, rank_of_point
from ..trees import subscripted
from ..verdicts import ORDER
from .charts import Axis, Dot, dots, signed
from .plots import GROUPS, group

#: Points that stand in the table, the worst ones; of fewer than so many there is no chart.
MOST_POINTS, LEAST_CHARTED = 64, 4
#: Points that have a mark in the chart: half of them the worst ones, the others evenly of the rest.
MOST_DOTS = 1000
#: Partial derivatives that have a column.
MOST_COLUMNS = 24
#: Ulps below which a number is as near to the truth as a float can tell.
NEAR = 0.1
#: Power of ten of ulps up to which the chart tells them apart; floats end soon beyond it.
_HIGHEST = 240


def points(record: Record) -> dict[str, Any] | None:
    """What the page says of every point of a record; None where there is only one.

    Args:
        record: as ``verify`` writes it.

    Returns:
        ``counts`` of the points by their worst verdict; the ``variables`` and ``partials`` in the table's head; its
        ``rows``, worst first, and ``title``; how many points there are in ``all``; and the ``chart`` with the ``kinds``
        of its marks, empty where the points do not lie on one axis.
    """
    every: Sequence[Record] = record.get("points") or []
    if len(every) < 2:
        return None
    ranked = sorted(every, key=rank_of_point, reverse=True)
    variables = list(every[0]["at"])
    partials = list(every[0]["partials"])[:MOST_COLUMNS]
    d = "∂" if len(every[0]["partials"]) > 1 else "d"
    counts = Counter(map(_verdict, every))
    return {
        "counts": [(verdict, counts[verdict]) for verdict in reversed(ORDER) if counts[verdict]],
        "kinds": [kind for kind in GROUPS if any(group(verdict) == kind for verdict in counts)],
        "variables": [subscripted(name) for name in variables],
        "partials": [derivative_by(subscripted(name), record, d) for name in partials],
        "rows": [_row(point, variables, partials) for point in ranked[:MOST_POINTS]],
        "all": len(every),
        "title": _title(is_mixed=len(counts) > 1, is_cut=len(every) > MOST_POINTS),
        "chart": _chart(_thinned(ranked), variables, partials),
    }


def _title(*, is_mixed: bool, is_cut: bool) -> str:
    """Key of the message above the table: none is the worst of points that all have one verdict."""
    if is_mixed:
        return "points_worst_cut" if is_cut else "points_worst"
    return "points_first_cut" if is_cut else "points_first"


def _verdict(point: Record) -> str:
    """The worst verdict in a point."""
    return ORDER[min(rank_of_point(point), len(ORDER) - 1)]


def _row(point: Record, variables: Sequence[str], partials: Sequence[str]) -> dict[str, Any]:
    judged = point.get("value_verdict")
    return {
        "at": [str(point["at"].get(name, "—")) for name in variables],
        "value": typeset(short(point.get("value"))),
        "value_verdict": None if judged == "agree" else judged,
        "partials": [_cell(point["partials"].get(name)) for name in partials],
    }


def _cell(partial: Record | None) -> dict[str, Any] | None:
    if partial is None:
        return None
    formula = partial["formula_verdict"] if formula_severity(partial) else None
    return {"number": typeset(short(partial.get("engine"))), "verdict": partial["verdict"], "formula": formula}


def _thinned(ranked: Sequence[Record]) -> Sequence[Record]:
    """The points that are charted, of all, worst first."""
    if len(ranked) <= MOST_DOTS:
        return ranked
    worst, rest = ranked[: MOST_DOTS // 2], ranked[MOST_DOTS // 2 :]
    return [*worst, *rest[:: math.ceil(len(rest) / (MOST_DOTS - len(worst)))]]


def _chart(every: Sequence[Record], variables: Sequence[str], partials: Sequence[str]) -> Markup:
    """Ulps over the one variable; empty where there are several variables, or few different points."""
    if len(variables) != 1 or len(partials) != 1:
        return Markup("")
    placed = []
    for point in every:
        x = floats(point["at"]).get(variables[0], math.nan)
        partial = point["partials"].get(partials[0])
        if partial is not None and math.isfinite(x):
            placed.append((x, _distance(partial), group(partial["verdict"])))
    if len({x for x, *_ in placed}) < LEAST_CHARTED:
        return Markup("")
    up, none = _ulps([ulps for _, ulps, _ in placed if ulps is not None], any(ulps is None for _, ulps, _ in placed))
    marks = [Dot(kind, x, none if ulps is None else ulps, _says(variables[0], x, ulps)) for x, ulps, kind in placed]
    marks.sort(key=lambda mark: (GROUPS.index(mark.kind), mark.x))  # what fails is drawn last, over the others
    xs = [x for x, *_ in placed]
    return dots(marks, across=signed(min(xs), max(xs)), along="point", up=up, upwards="ulps_away")


def _says(variable: str, x: float, ulps: float | None) -> str:
    """What a mark tells who points at it."""
    return f"{subscripted(variable)} = {x!r}: {'—' if ulps is None else typeset(short(ulps, 3))} ulp"


def _distance(partial: Record) -> float | None:
    ulps = partial.get("ulps")
    return float(ulps) if isinstance(ulps, int | float) and math.isfinite(ulps) else None


def _ulps(found: Sequence[float], some_have_none: bool) -> tuple[Axis, float]:
    """An axis for distances, and where on it stands what has none."""
    top = min(math.ceil(math.log10(max([*found, 10.0]))), _HIGHEST)
    every = max(1, math.ceil(top / 5))
    first = 0 if every < 3 else every  # 1 would stand on the label below it
    ticks = [(NEAR, f"≤ {NEAR:g}"), *((10.0**k, f"10^{k}" if k else "1") for k in range(first, top + 1, every))]
    none = 10.0 ** (top + every)
    if some_have_none:
        ticks.append((none, "—"))
    return Axis(NEAR, none if some_have_none else 10.0**top, tuple(ticks), math.log10), none
