"""The table engine × chapter, from the summaries that the suite writes, for a page of the documentation."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...verifier.errors import InvalidInput
from . import EXAMPLES

#: The labels of the first row and the last.
HEAD, ALL = "chapter", "**all**"

#: What stands around the table in a page; what is between them is replaced.
BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"


def chapters() -> dict[str, str]:
    """Each chapter's name with what it covers: the first line of its file."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found[path.stem.removeprefix("test_")] = text.splitlines()[0]
    return found


def rows(summaries: Iterable[Mapping[str, Any]], page: str = "") -> str:
    """A Markdown table: a row for each chapter, a column for each engine, in it how many tests pass of how many.

    Args:
        summaries: documents as ``--summary`` writes them.
        page: whose table has columns of other engines, which stay as they are.
    """
    table = _columns(page)
    for summary in summaries:
        column = {_label(chapter): _cell(counts) for chapter, counts in summary["chapters"].items()}
        table[str(summary["engine"])] = {
            HEAD: _title(summary),
            **column,
            ALL: _cell(_total(summary["chapters"].values())),
        }
    labels = [HEAD, *map(_label, chapters()), ALL]
    lines = [[label, *(column.get(label, "–") for column in table.values())] for label in labels]
    lines.insert(1, ["---", *["---:"] * len(table)])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _columns(page: str) -> dict[str, dict[str, str]]:
    """The columns of a page's table, by engine: in each the cells by the labels of the rows."""
    table = page.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    lines = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table]
    found = {}
    for number, title in enumerate(lines[0][1:] if lines else [], 1):
        found[title.split()[0]] = {line[0]: line[number] for line in lines if len(line) > number}
    return found


def _label(chapter: str) -> str:
    return chapter.replace("_", " ")


def _title(summary: Mapping[str, Any]) -> str:
    """The engine with its version; how many examples were drawn, where they were fewer or more than usual."""
    examples = summary.get("max_examples", EXAMPLES)
    return f"{summary['engine']} {summary['version']}" + ("" if examples == EXAMPLES else f", {examples} examples")


def _total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total


def _cell(counts: Mapping[str, int]) -> str:
    """``passed/judged``; what was skipped is not judged."""
    judged = sum(number for outcome, number in counts.items() if outcome != "skipped")
    return f"{counts.get('passed', 0)}/{judged}" if judged else "–"


def insert(page: str, table: str) -> str:
    """A page with this table in the place of its last one; at its end where it has none.

    Raises:
        InvalidInput: the page has the beginning of a table without its end, behind which is everything else.
    """
    block = f"{BEGIN}\n\n{table}\n\n{END}"
    before, begin, rest = page.partition(BEGIN)
    if not begin:
        return f"{page.rstrip()}\n\n{block}\n".lstrip()
    _, end, after = rest.partition(END)
    if not end:
        raise InvalidInput(f"the page holds {BEGIN!r} without {END!r} behind it; expected both or none")
    return before + block + after
