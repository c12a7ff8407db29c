"""A verdict on the terminal: the chain, its product, the numbers under each other, the blame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ..engine.tape import Tape
from .chain import node_names, outside
from .collection import counted
from .console import beside_each_other, facts_grid, table
from .digits import short
from .evidence import (
    among,
    blame_facts,
    claimed_formula,
    derivative_by,
    expression,
    outside_key,
    partials_by_severity,
    rank_of_point,
    reason,
    severity,
    value_reason,
    where,
    worst_point,
)
from .reproduce import command, is_unread, read_from
from .rows import rows_of
from .slopes import Slopes, slopes_of
from .terminal_chain import chain, written
from .verdicts import meaning_of

if TYPE_CHECKING:
    from ..properties.campaign import Campaign

#: Cases of a campaign that are listed one by one.
MAX_CASES = 5

#: Points that are listed one by one.
MAX_POINTS = 50

#: Characters that a derivative with its verdict needs beside others, and that a point needs at least.
_COLUMN = 24

_AGAIN = "reproduce"

_COLOURS = {"agree": "green", "inaccurate": "red", "nonfinite": "red", "wrong": "red", "invalid": "red"}


def style_of(verdict: str) -> str:
    """Colour of a verdict; words say the same where there is no colour."""
    return f"bold {_COLOURS.get(verdict, 'yellow')}"


def verdict_line(record: Mapping[str, Any]) -> Text:
    """A record's verdict with its meaning."""
    verdict = record["verdict"]
    return Text.assemble((verdict, style_of(verdict)), ": ", meaning_of(verdict, is_unread(record)))


def show(record: Mapping[str, Any], tape: Tape | None, products: Mapping[str, Any], console: Console) -> None:
    """Print everything a reader wants to know of one judged function.

    Args:
        record: the result record.
        tape: the function, for its chain; None where it could not be read.
        products: the chain-rule product of each variable, a SymPy expression; None: no closed form.
        console: where to; its width is respected.
    """
    point = worst_point(record)
    console.print(verdict_line(record))
    console.print()
    console.print(facts_grid(_head(record, point)))
    if point is None:
        return
    left = None
    if tape is not None:
        at = {name: float(value) for name, value in point["at"].items()}
        dtype = record.get("dtype", "float64")
        left = outside(tape, at, dtype) if outside_key(point) else None
        is_own = str(record.get("engine")).startswith(("numpy ", "claim"))
        console.print(chain(tape, at, dtype, console.width, is_own=is_own))
        console.print(*written(products, node_names(tape)[tape.output]), sep="\n", end="")
        if left and outside_key(point) == "outside_removable":
            console.print(Text(f"\n{left}; that cannot be computed, but the function continues smoothly"))
        elif left:
            console.print(Text(f"\nthe function has no value here: {left}"))
    sides = slopes_of(record, point, tape)
    for name, partial in partials_by_severity(point):
        console.print(_partial(record, name, partial, sides.get(name), console.width))
    verdict = point.get("value_verdict")
    if verdict not in (None, "agree") and not (left and verdict == "undefined"):  # that was said above, with its reason
        console.print(Text.assemble(f"\nvalue {point.get('value')}: ", (str(verdict), style_of(str(verdict)))))
        if why := value_reason(point):
            console.print(Padding(Text(why), (0, 0, 0, 2)))
    if len(record["points"]) > 1:
        console.print(_points(record, console.width))
    console.print()
    if blame := blame_facts(record):
        console.print(facts_grid(blame, len(_AGAIN)))
    _print_command(command(record, point), console)


Facts = list[tuple[str, Any]]


def _head(record: Mapping[str, Any], point: Mapping[str, Any] | None) -> Facts:
    facts: Facts = [("function", expression(record))]
    facts.append(("read from", read_from(record)))
    facts += [(name, record.get(name)) for name in ("error", "reason")]
    if record.get("order", 1) != 1:
        facts.append(("order", f"{record['order']}   (the chain below is that of the first derivative)"))
    if point is not None:
        facts += [("at", where(point["at"]) + among(record)), ("engine", record.get("engine"))]
    return facts


def show_campaign(campaign: Campaign, console: Console, report: str | None = None) -> None:
    """Print what a campaign found: counts, and the first cases that do not agree, worst first.

    Args:
        report: the page that was written of it.
    """
    settings = campaign.settings
    console.print(
        facts_grid(
            [
                ("functions", counted(campaign.functions)),
                ("pairs", f"{counted(campaign.pairs)}   (a function at a point)"),
                ("engine", f"{settings['engine']} {settings['engine_version']}"),
                ("seed", settings["seed"]),
                ("seconds", f"{campaign.seconds:.1f}"),
                ("store", campaign.store),
                ("report", report),
            ]
        )
    )
    cases = sorted(campaign.cases, key=lambda row: -severity(row.verdict))
    for row in cases[:MAX_CASES]:
        record = row.record or {}
        console.print(Text.assemble("\n", f"function {row.index}  ", (row.verdict, style_of(row.verdict))))
        facts = [("reason", reason(record)), *blame_facts(record)]
        if any(words for _, words in facts):
            console.print(Padding(facts_grid(facts, len(_AGAIN)), (0, 0, 0, 2)))
        if again := _smallest_again(record):
            _print_command(again, console, indent=2)
    if (more := campaign.functions.total() - campaign.functions["agree"] - min(len(cases), MAX_CASES)) > 0:
        others = f"and {more:,} more that do not agree" if cases else f"{more:,} do not agree"
        console.print(f"\n{others}; {'the report' if report else '--report or --json'} shows them")


def _smallest_again(record: Mapping[str, Any]) -> str | None:
    """The command that judges the smallest function of a case again, else the case itself; None without a point."""
    blame = record.get("blame") or {}
    if blame.get("minimal") and blame.get("at"):
        return command({**record, "expression": blame["minimal"]}, {"at": blame["at"]})
    point = worst_point(record)
    return command(record, point) if point else None


def _print_command(text: str, console: Console, indent: int = 0) -> None:
    """A command in one line, however long: broken lines could not be copied into a shell."""
    line = Text.assemble(" " * indent, (_AGAIN, "dim"), "  ", text)
    console.print(line, soft_wrap=True)


def _partial(
    record: Mapping[str, Any], name: str, partial: Mapping[str, Any], at_kink: Slopes | None, width: int
) -> RenderableType:
    lines: list[tuple[str, Text, Text]] = []
    for label, shown, note, *_ in rows_of(record, partial, at_kink):
        same, differs = shown.text[: shown.same], shown.text[shown.same :]
        lines.append((label, Text.assemble(same, (differs, "reverse red")), Text(note, "dim")))
        if differs:
            lines.append(("", Text(" " * shown.same + "^" * len(differs), "red"), Text()))
    if formula := partial.get("formula_verdict"):
        lines.append(("formula", Text(formula, style_of(formula)), Text(claimed_formula(record, name) or "")))
    grid = beside_each_other(lines, width - 2)
    parts: list[RenderableType] = [
        Text.assemble(
            (f"\n{derivative_by(name, record)}  ", "bold"), (partial["verdict"], style_of(partial["verdict"]))
        ),
        Padding(grid, (0, 0, 0, 2)),
    ]
    if partial.get("reason"):
        parts.append(Padding(Text(partial["reason"]), (0, 0, 0, 2)))
    return Group(*parts)


def _points(record: Mapping[str, Any], width: int) -> RenderableType:
    """Every point with its numbers; where they do not stand beside each other, the worst derivative of each point."""
    points: list[Mapping[str, Any]] = record["points"]
    by = list(points[0]["partials"])
    is_wide = (1 + len(by)) * _COLUMN <= width
    titles = [title for name in by for title in (derivative_by(name, record), "")]
    worst_first, lines = sorted(points, key=lambda p: -rank_of_point(p)), []
    for point in worst_first[:MAX_POINTS]:
        cells = [Text(where(point["at"]))]
        if is_wide:
            shown = list(point["partials"].values())
        else:
            name, worst = next(partials_by_severity(point))
            shown = [worst]
            cells.append(Text(derivative_by(name, record)))
        for partial in shown:
            cells += [Text(short(partial["engine"])), Text(partial["verdict"], style_of(partial["verdict"]))]
        lines.append(cells)
    parts = [table(["point", *(titles if is_wide else ["worst derivative", "", ""])], lines, width)]
    if len(points) > MAX_POINTS:
        parts.append(Text(f"and {len(points) - MAX_POINTS} more; --json has all", "dim"))
    return Padding(Group(*parts), (1, 0, 0, 0))
