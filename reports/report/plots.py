"""The report's charts: how far numbers are off, what differences can see, how fast it went, when causes came up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any, NamedTuple

from markupsafe import Markup

from ...properties.aggregates import Aggregates
from ..curve import BLIND
from ..digits import RAISED, typeset
from ..verdicts import FAILING
from .charts import Bar, Line, bars, linear, lines, logarithmic

#: Upper ends of the bins of errors in ulps; the survey's powers of two are gathered in them.
_BINS: tuple[tuple[float, str], ...] = (
    (0.0, "0"),
    (0.5, "≤ ½"),
    (1.0, "1"),
    (4.0, "4"),
    (64.0, "2^6"),
    (2.0**10, "2^10"),
    (2.0**20, "2^20"),
)
_BINS += ((2.0**40, "2^40"), (math.inf, "> 2^40"))
#: Groups of verdicts.
GROUPS = ("agree", "neither", "fails")


class Plot(NamedTuple):
    """A chart with its words.

    Attributes:
        key: its title is the message ``plot_KEY``, its summary ``plot_KEY_says`` with these values.
        values: of the summary.
        svg: the picture.
        head: keys of the table's columns.
        rows: of the table.
        says: the summary's own key in place of ``KEY``, where what there is to say is another thing.
    """

    key: str
    values: dict[str, Any]
    svg: Markup
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    says: str = ""


def plots(
    counted: Aggregates, firsts: Sequence[int], curves: Sequence[Sequence[float]], steps: Sequence[float]
) -> list[Plot]:
    """All charts for which there is something to draw.

    Args:
        counted: over all functions.
        firsts: of each root cause the number of the first function that showed it.
        curves: relative errors of differences over the steps, a curve a function.
        steps: h.
    """
    found = [errors(counted), envelope(curves, steps), throughput(counted), discovery(counted, firsts)]
    return [plot for plot in found if plot is not None]


def group(verdict: str) -> str:
    """Of three groups of verdicts the one that this one belongs to: agrees, fails, or neither."""
    return "agree" if verdict == "agree" else "fails" if verdict in FAILING else "neither"


def errors(counted: Aggregates) -> Plot | None:
    """How many partials are how many ulps off."""
    if not counted.errors:
        return None
    counts = {label: dict.fromkeys(GROUPS, 0) for _, label in _BINS} | {"—": dict.fromkeys(GROUPS, 0)}
    total = near = 0
    for verdict, _, high, count in counted.errors:
        label = "—" if high is None else next(text for end, text in _BINS if high <= end or end == math.inf)
        counts[label][group(verdict)] += count
        total += count
        near += count if high is not None and high <= 4.0 else 0
    if not any(counts["—"].values()):  # every number could be measured
        del counts["—"]
    groups = [Bar(label, tuple(parts.items())) for label, parts in counts.items()]
    rows = [(_raised(label), *(f"{parts[g]:,}" for g in GROUPS)) for label, parts in counts.items()]
    none = sum(counts.get("—", {}).values())
    values = {"share": _share(near, total), "total": f"{total:,}", "none": f"{none:,}" if none else ""}
    return Plot(
        "errors", values, bars(groups, across="ulps", up="partials"), ("ulps", "agree", "neither", "fails"), rows
    )


def _raised(label: str) -> str:
    """2^10 of a chart as a table writes it: 2¹⁰."""
    base, _, power = label.partition("^")
    return base + power.translate(RAISED)


def _share(part: int, total: int) -> str:
    return f"{100 * part / total:.1f}%" if total else "0%"


def envelope(curves: Sequence[Sequence[float]], steps: Sequence[float]) -> Plot | None:
    """The least, the median and the largest error of central differences over their step."""
    found = []
    for place, h in enumerate(steps):
        column = [curve[place] for curve in curves if math.isfinite(curve[place])]
        if column:
            found.append((h, min(column), median(column), max(column)))
    if len(curves) < 2 or not found:
        return None
    low, middle, high = ([(row[0], max(row[k], 1e-16)) for row in found] for k in (1, 2, 3))
    best = min(found, key=lambda row: (row[2], -row[0]))
    across, up = logarithmic(-14, -1, 4), logarithmic(-16, 2, 6)
    svg = lines(
        [Line("area", high, area=low), Line("line", middle)], across=across, along="step_h", up=up, upwards="error"
    )
    rows = [tuple(typeset(f"{v:.2g}") for v in row) for row in found[::4]]
    values = {
        "count": len(curves),
        "h": typeset(f"{best[0]:.1g}"),
        "error": typeset(f"{best[2]:.1g}"),
    }
    says = "envelope" if best[2] < BLIND else "envelope_blind"
    return Plot("envelope", values, svg, ("step_h", "least", "median", "largest"), rows, says)


def throughput(counted: Aggregates) -> Plot | None:
    """Functions judged over time."""
    if len(counted.timeline) < 2:
        return None
    done, seconds = counted.timeline[-1]
    points = [(0.0, 0.0), *((s, float(n)) for n, s in counted.timeline)]
    svg = lines(
        [Line("line", points)],
        across=linear(seconds), along="seconds",
        up=linear(done, whole=True), upwards="functions",
    )  # fmt: skip
    rows = [(f"{s:,.1f}", f"{n:,}") for n, s in _thinned(counted.timeline)]
    rate = done / seconds if seconds else 0.0
    values = {
        "rate": f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}",
        "done": f"{done:,}",
        "seconds": f"{seconds:,.1f}",
    }
    return Plot("throughput", values, svg, ("seconds", "functions"), rows)


def discovery(counted: Aggregates, found: Sequence[int]) -> Plot | None:
    """How many distinct causes were known after how many functions."""
    firsts = sorted(found)
    if not firsts or counted.done < 2:
        return None
    stairs = [(float(first + 1), float(k)) for k, first in enumerate(firsts, 1)]
    points = [(0.0, 0.0), *stairs, (float(counted.done), float(len(firsts)))]
    svg = lines(
        [Line("line", points, steps=True)],
        across=linear(counted.done, whole=True), along="functions",
        up=linear(len(firsts), whole=True), upwards="causes",
    )  # fmt: skip
    rows = [(f"{x:,.0f}", f"{y:.0f}") for x, y in _thinned(stairs)]
    values = {"causes": len(firsts), "half": f"{stairs[(len(stairs) - 1) // 2][0]:,.0f}", "last": f"{firsts[-1] + 1:,}"}
    return Plot("discovery", values, svg, ("functions", "causes"), rows)


def _thinned(rows: Sequence[tuple[Any, Any]], most: int = 12) -> Iterable[tuple[Any, Any]]:
    """Up to so many rows, evenly chosen, the last among them."""
    every = math.ceil(len(rows) / most) or 1
    return [*rows[:-1][::every], rows[-1]]
