"""The table engine × chapter, from the summaries that the suite writes, for a page of the documentation."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

#: What stands around the table in a page; what is between them is replaced.
BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"


def chapters() -> dict[str, str]:
    """Each chapter's name with what it covers: the first line of its file."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found[path.stem.removeprefix("test_")] = text.splitlines()[0]
    return found


def rows(summaries: Iterable[Mapping[str, Any]]) -> str:
    """A Markdown table: a row for each chapter, a column for each engine, in it how many tests pass of how many.

    Args:
        summaries: documents as ``--summary`` writes them.
    """
    engines = list(summaries)
    lines = ["| chapter | " + " | ".join(f"{e['engine']} {e['version']}" for e in engines) + " |"]
    lines.append("|---|" + "---:|" * len(engines))
    for chapter in chapters():
        cells = [_cell(e["chapters"].get(chapter, {})) for e in engines]
        lines.append(f"| {chapter.replace('_', ' ')} | " + " | ".join(cells) + " |")
    totals = [_cell(_total(e["chapters"].values())) for e in engines]
    lines.append("| **all** | " + " | ".join(totals) + " |")
    return "\n".join(lines)


def _total(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        for outcome, number in count.items():
            total[outcome] = total.get(outcome, 0) + number
    return total


def _cell(counts: Mapping[str, int]) -> str:
    """``passed/judged``; what was skipped is not judged."""
    judged = sum(number for outcome, number in counts.items() if outcome != "skipped")
    return f"{counts.get('passed', 0)}/{judged}" if judged else "–"


def insert(page: str, table: str) -> str:
    """A page with this table in the place of its last one; at its end where it has none."""
    block = f"{BEGIN}\n\n{table}\n\n{END}"
    before, begin, rest = page.partition(BEGIN)
    if not begin:
        return f"{page.rstrip()}\n\n{block}\n".lstrip()
    _, _, after = rest.partition(END)
    return before + block + after
