"""Tables of results, apart from what measures them, so that they can be written without the libraries measured."""

from __future__ import annotations

from typing import Any

from benchmarks import pages


def of_checkers(found: dict[str, Any]) -> str:
    """Ratios, and times."""
    sizes = found["table"]
    keys = [key for key in next(iter(sizes.values())) if "/" in key]
    rows = [[key, *(pages.figure(row[key]) for row in sizes.values())] for key in keys]
    times = [[f"{key}, µs", *(pages.figure(row[key]) for row in sizes.values())] for key in next(iter(sizes.values()))]
    times = [row for row in times if "/" not in row[0]]
    heads = ["", *(f"{n} nodes" for n in sizes)]
    return pages.table(["CPU time, ratio", *heads[1:]], rows) + "\n" + pages.table(["median", *heads[1:]], times)
