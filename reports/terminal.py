"""A verdict on the terminal: the chain, its product, the numbers under each other, the blame."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Literal, NoReturn, cast

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..engine.tape import Tape
from .chain import Local, Step, is_line, node_names, outside, product, steps
from .collection import counted
from .digits import short
from .evidence import (
    among,
    blame_facts,
    claimed_formula,
    derivative_by,
    expression,
    is_removable,
    partials_by_severity,
    rank_of_point,
    reason,
    rows,
    severity,
    where,
    worst_point,
)
from .reproduce import command, is_unread
from .slopes import Slopes, slopes_of
from .verdicts import meaning_of

if TYPE_CHECKING:
    from ..properties.campaign import Campaign

#: Longer tapes are not drawn: nobody reads them, and the JSON record has everything.
MAX_STEPS = 40

#: Cases of a campaign that are listed one by one.
MAX_CASES = 5

#: Points that are listed one by one.
MAX_POINTS = 50

#: Characters that a derivative with its verdict needs beside others, and that a point needs at least.
_COLUMN = 24

#: Characters that words need which stand beside numbers: narrower columns are no longer read.
_LEAST = 12

#: Longer chain-rule products are told by their length.
MAX_PRODUCT = 2000

_AGAIN = "reproduce"

#: What stands below a chain where another engine is judged.
_WHOSE = "the chain is computed by the project's own engine; what the engine under test returned stands below"

_COLOURS = {"agree": "green", "inaccurate": "red", "nonfinite": "red", "wrong": "red", "invalid": "red"}


def console() -> Console:
    """Standard output: no markup is read, colour only on a terminal and never against NO_COLOR."""
    file = sys.stdout if sys.stdout.isatty() else _Trimmed(sys.stdout)
    return _Console(file=cast(IO[str], file), highlight=False, markup=False, emoji=False)


class _Console(Console):
    """Rich's, but that whoever calls it decides what follows when the reader has gone."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


class _Trimmed:
    """A file or pipe, for which the blanks that only fill the lines of a terminal are left away."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        self._stream.write(re.sub(r" +$", "", text, flags=re.MULTILINE))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


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
    console.print(_facts(_head(record, point)))
    if point is None:
        return
    left = None
    if tape is not None:
        at = {name: float(value) for name, value in point["at"].items()}
        dtype = record.get("dtype", "float64")
        left = outside(tape, at, dtype) if point.get("value") == "nan" else None
        is_own = str(record.get("engine")).startswith(("numpy ", "claim"))
        console.print(_chain(tape, at, dtype, console.width, whose="" if is_own else _WHOSE))
        console.print(*_products(products, node_names(tape)[tape.output]), sep="\n", end="")
        if left and is_removable(point):
            console.print(Text(f"\n{left}; that cannot be computed, but the function continues smoothly"))
        elif left:
            console.print(Text(f"\nthe function has no value here: {left}"))
    sides = slopes_of(record, point, tape)
    for name, partial in partials_by_severity(point):
        console.print(_partial(record, name, partial, sides.get(name), console.width))
    verdict = point.get("value_verdict")
    if verdict not in (None, "agree") and not (left and verdict == "undefined"):  # that was said above, with its reason
        console.print(Text.assemble(f"\nvalue {point.get('value')}: ", (str(verdict), style_of(str(verdict)))))
    if len(record["points"]) > 1:
        console.print(_points(record, console.width))
    console.print()
    if blame := blame_facts(record):
        console.print(_facts(blame, len(_AGAIN)))
    _print_command(command(record, point), console)


Facts = list[tuple[str, Any]]


def _head(record: Mapping[str, Any], point: Mapping[str, Any] | None) -> Facts:
    facts: Facts = [("function", expression(record))]
    facts += [(name, record.get(name)) for name in ("error", "reason")]
    if record.get("order", 1) != 1:
        facts.append(("order", f"{record['order']}   (the chain below is that of the first derivative)"))
    if point is not None:
        facts += [("at", where(point["at"]) + among(record)), ("engine", record.get("engine"))]
    return facts


def show_campaign(campaign: Campaign, console: Console) -> None:
    """Print what a campaign found: counts, and the first cases that do not agree, worst first."""
    settings = campaign.settings
    console.print(
        _facts(
            [
                ("functions", counted(campaign.functions)),
                ("pairs", f"{counted(campaign.pairs)}   (a function at a point)"),
                ("engine", f"{settings['engine']} {settings['engine_version']}"),
                ("seed", settings["seed"]),
                ("seconds", f"{campaign.seconds:.1f}"),
                ("store", campaign.store),
            ]
        )
    )
    cases = sorted(campaign.cases, key=lambda row: -severity(row.verdict))
    for row in cases[:MAX_CASES]:
        record = row.record or {}
        console.print(Text.assemble("\n", f"function {row.index}  ", (row.verdict, style_of(row.verdict))))
        facts = [("reason", reason(record)), *blame_facts(record)]
        if any(words for _, words in facts):
            console.print(Padding(_facts(facts, len(_AGAIN)), (0, 0, 0, 2)))
        if again := _smallest_again(record):
            _print_command(again, console, indent=2)
    if (more := campaign.functions.total() - campaign.functions["agree"] - min(len(cases), MAX_CASES)) > 0:
        others = f"and {more:,} more that do not agree" if cases else f"{more:,} do not agree"
        console.print(f"\n{others}; --report or --json shows them")


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


def _facts(facts: Iterable[tuple[str, Any]], width: int = 0) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True, min_width=width)
    grid.add_column(overflow="fold")
    for label, text in facts:
        if text is not None:
            grid.add_row(label, Text(str(text)))
    return grid


def _chain(tape: Tape, at: Mapping[str, float], dtype: str, width: int, whose: str) -> RenderableType:
    count = len(tape.operations)
    if not tape.inputs and not count:
        return Text("\na number: there is nothing to differentiate", "dim")
    if count > MAX_STEPS:
        return Text(f"\nthe chain has {count} operations; at most {MAX_STEPS} are drawn", "dim")
    chain = steps(tape, at, dtype)
    output = node_names(tape)[tape.output]
    notes = [_corner(step) for step in chain if step.is_corner] + ([whose] if whose else [])
    drawn = [Text(f"\n{note}", "dim") for note in notes]
    if is_line(tape):
        columns = _columns(chain, output)
        if 10 + sum(max(map(len, column)) + 2 for column in columns) <= width:
            return Group(_row(columns), *drawn)
    return Group(_stack(chain, output, width), *drawn)


def _corner(step: Step) -> str:
    takes = "chooses between them" if len(step.locals) > 1 else f"takes {short(step.locals[0].value)}"
    return (
        f"{step.name} = {step.operation} has a corner here: the slopes on its two sides differ, "
        f"and the project's own engine {takes}"
    )


def _columns(chain: list[Step], output: str) -> list[tuple[str, str, str, str]]:
    """Four texts a column: forward above, backward below; variables and functions take turns."""
    columns: list[tuple[str, str, str, str]] = []
    for step in chain:
        if step.operation:
            (local,) = step.locals
            columns.append((f"─ {step.operation} →", "", f"← {local.expression} ─", f"  {short(local.value)}"))
        columns.append((step.name, short(step.value), f"d{output}/d{step.name}", short(step.adjoint)))
    return columns


def _row(columns: list[tuple[str, str, str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(len(columns) + 1):
        grid.add_column(no_wrap=True)
    for label, line in (("forward", 0), ("", 1), ("backward", 2), ("", 3)):
        emphasis = "bold" if line in (0, 2) else ""
        grid.add_row(Text(label, "dim"), *(Text(column[line], emphasis) for column in columns))
    return Padding(grid, (1, 0, 0, 0))


def _stack(chain: list[Step], output: str, width: int) -> RenderableType:
    numbers = [(short(step.value), f"d{output}/d{step.name} = {short(step.adjoint)}") for step in chain]
    needed = sum(max(map(len, column)) + 2 for column in zip(*numbers, strict=True))
    is_wide = needed + 2 * (_LEAST + 2) <= width
    return Group(_table_of(chain, output) if is_wide else _list_of(chain, output), *_letters(chain))


def _list_of(chain: list[Step], output: str) -> RenderableType:
    """The steps below each other, for terminals that are too narrow for a table: its columns would lose digits."""
    lines = [Text()]
    for step in chain:
        computed = f" = {step.operation}" if step.operation else ""
        lines.append(Text(f"{step.name}{computed} = {short(step.value)}", "bold"))
        lines += [Text(f"  d{p.of}/d{p.by} = {_local(p)}") for p in step.locals]
        lines.append(Text(f"  backward d{output}/d{step.name} = {short(step.adjoint)}", "bold"))
    return Group(*lines)


def _table_of(chain: list[Step], output: str) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("forward", overflow="fold")
    table.add_column("value", no_wrap=True)
    table.add_column("local derivatives", overflow="fold")
    table.add_column("backward", no_wrap=True)
    for step in chain:
        forward = f"{step.name} = {step.operation}" if step.operation else step.name
        local = "\n".join(f"d{p.of}/d{p.by} = {_local(p)}" for p in step.locals)
        backward = f"d{output}/d{step.name} = {short(step.adjoint)}"
        table.add_row(Text(forward, "bold"), short(step.value), Text(local), Text(backward, "bold"))
    return Padding(table, (1, 0, 0, 0))


def _letters(chain: list[Step]) -> Iterable[Text]:
    """What the letters mean by which local derivatives are told from those over all paths."""
    for step in chain:
        if letters := [p.of for p in step.locals if p.of != step.name]:
            kind = f"{' and '.join(letters)}: {step.name} = {step.operation} by itself"
            yield Text(f"\n{kind}; the derivatives of {step.name} add all paths", "dim")


def _local(partial: Local) -> str:
    value = short(partial.value)
    return value if partial.expression == value else f"{partial.expression} = {value}"


def _products(products: Mapping[str, Any], output: str) -> Iterable[RenderableType]:
    if products:
        several = any(getattr(found, "is_Add", False) for found in products.values())
        words = "products, summed over paths" if several else "products" if len(products) > 1 else "product"
        yield Text(f"\nthe chain rule's {words}", "dim")
    for name, found in products.items():
        text = "no closed form" if found is None else product(found)
        if len(text) > MAX_PRODUCT:
            text = f"a product of {len(text):,} characters, not shown"
        yield Text(f"d{output}/d{name} = {text}")
    yield Text("")


def _partial(
    record: Mapping[str, Any], name: str, partial: Mapping[str, Any], at_kink: Slopes | None, width: int
) -> RenderableType:
    lines: list[tuple[str, Text, Text]] = []
    for label, shown, note, *_ in rows(partial, at_kink, record.get("dtype"), record.get("order", 1)):
        same, differs = shown.text[: shown.same], shown.text[shown.same :]
        lines.append((label, Text.assemble(same, (differs, "reverse red")), Text(note, "dim")))
        if differs:
            lines.append(("", Text(" " * shown.same + "^" * len(differs), "red"), Text()))
    if formula := partial.get("formula_verdict"):
        lines.append(("formula", Text(formula, style_of(formula)), Text(claimed_formula(record, name) or "")))
    grid = _beside_each_other(lines, width - 2)
    parts: list[RenderableType] = [
        Text.assemble(
            (f"\n{derivative_by(name, record)}  ", "bold"), (partial["verdict"], style_of(partial["verdict"]))
        ),
        Padding(grid, (0, 0, 0, 2)),
    ]
    if partial.get("reason"):
        parts.append(Padding(Text(partial["reason"]), (0, 0, 0, 2)))
    return Group(*parts)


def _beside_each_other(lines: Sequence[tuple[str, Text, Text]], width: int) -> RenderableType:
    """Labels, numbers and notes in columns; where these are too wide, notes below the numbers, or all in one column."""
    labels, numbers, notes = (max(map(len, column)) for column in zip(*lines, strict=True))
    room = width - (labels + 2 + numbers)
    if room >= 2 + min(notes, _LEAST):
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for line in lines:
            grid.add_row(*line)
        return grid
    parts: list[RenderableType] = []
    waiting = Text()  # the note of a number, behind the marks that stand below its digits
    for label, number, note in [*lines, ("end", Text(), Text())]:
        if label:
            parts += [Padding(waiting, (0, 0, 0, 4))] if waiting else []
            waiting = note
        if room >= 0:
            parts.append(Text.assemble((label.ljust(labels + 2), "dim"), number))
        else:
            parts += [Text(label, "dim")] if label else []
            parts.append(Padding(number, (0, 0, 0, 2)))
    return Group(*parts[: -1 if room >= 0 else -2])  # without that end


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[Text]],
    width: int,
    justify: Literal["left", "right"] = "left",
    gap: int = 2,
) -> RenderableType:
    """A table whose first column may be folded; where the others do not fit, a line for each row: no digit is lost.

    Args:
        heads: of the columns, in lines; an empty one belongs to the column before.
        rows: their cells.
        width: of the terminal.
        justify: all columns but the first.
        gap: between columns.
    """
    texts = [[Text(head) for head in heads], *rows]
    needed = [max(max(map(len, cell.plain.split("\n"))) for cell in column) for column in zip(*texts, strict=True)]
    if min(needed[0], _LEAST) + sum(n + gap for n in needed[1:]) <= width:
        found = Table(box=None, padding=(0, gap, 0, 0), header_style="dim")
        found.add_column(heads[0], overflow="fold")
        for head in heads[1:]:
            found.add_column(head, no_wrap=True, justify=justify)
        for row in rows:
            found.add_row(*row)
        return found
    return Group(*(_sentence(heads, row) for row in rows))


def _sentence(heads: Sequence[str], row: Sequence[Text]) -> Text:
    """A row as a line: ``sin: sign 1/1, factor 1/1``."""
    line = Text()
    for place, (head, cell) in enumerate(zip(heads, row, strict=True)):
        if place and cell.plain:
            line.append((": " if place == 1 else ", ") + head.replace("\n", " ") + " " if head else " ")
        line.append_text(cell)
    return line


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
