"""Standard output as rich writes to it, and layouts that fit any width without losing a digit."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any, Literal, NoReturn, cast

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

#: Characters that words need which stand beside numbers: narrower columns are no longer read.
LEAST = 12


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


def facts_grid(facts: Iterable[tuple[str, Any]], width: int = 0) -> RenderableType:
    """Labels with their texts, folded where they are too long; those without a text are left out.

    Args:
        facts: label and text of each.
        width: characters that the labels have at least.
    """
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True, min_width=width)
    grid.add_column(overflow="fold")
    for label, text in facts:
        if text is not None:
            grid.add_row(label, Text(str(text)))
    return grid


def beside_each_other(lines: Sequence[tuple[str, Text, Text]], width: int) -> RenderableType:
    """Labels, numbers and notes in columns; where these are too wide, notes below the numbers, or all in one column."""
    labels, numbers, notes = (max(map(len, column)) for column in zip(*lines, strict=True))
    room = width - (labels + 2 + numbers)
    if room >= 2 + min(notes, LEAST):
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
    if min(needed[0], LEAST) + sum(n + gap for n in needed[1:]) <= width:
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
