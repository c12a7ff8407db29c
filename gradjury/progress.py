"""How far a command has come, for whoever looks at its terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Tick(Protocol):
    """Called while work goes on."""

    def __call__(self, advance: int, /) -> None: ...


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Tick]:
    """A progress bar on standard error where that is a terminal, nothing in a pipe.

    Args:
        what: words beside the bar.
        total: how much work there is, in the unit of the ticks; None if unknown.
    """
    if not sys.stderr.isatty():
        yield lambda advance: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda advance: bar.advance(task, advance)
