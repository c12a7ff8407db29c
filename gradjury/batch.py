"""Judging a stream of records: one line in, one line out, in order, whatever the lines hold."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import IO, Any, Protocol

import click

from .outputs import LineSink
from .reports.collection import Collection
from .shell import Interrupted

Judge = Callable[[bytes, int], dict[str, Any]]


class Tick(Protocol):
    """Called while work goes on."""

    def __call__(self, advance: int, /) -> None: ...


def judge_stream(
    source: Iterable[bytes], judge: Judge, sink: LineSink, results: Collection, tick: Tick
) -> None:
    """Judge each line that is not blank and write its result before the next is read.

    Args:
        source: lines of input records.
        judge: gives the result record of a line and its number, counted from 1.
        sink: takes the results.
        results: counts them.
        tick: told how many bytes were read.

    Raises:
        Interrupted: Ctrl-C; what was judged until then is written.
    """
    number = 0
    try:
        for number, line in enumerate(source, 1):
            if line.strip():
                record = judge(line, number)
                sink.write(record)
                results.add(record)
            tick(len(line))
    except KeyboardInterrupt:
        judged = results.functions.total()
        raise Interrupted(
            f"{judged} records were judged and written ({results.summary()}); "
            f"line {max(number, 1)} and what follows were not"
        ) from None


def judge_line(line: bytes, number: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The result record of one line; one that cannot be read gets the verdict ``invalid`` and its number.

    Args:
        line: an input record.
        number: of the line, from 1.
        settings: of ``verify``; the record's own ``order`` and ``dtype`` go before them.
    """
    from .verifier import InvalidInput, from_object, judge_record, load_object

    data: dict[str, Any] = {}
    try:
        data = load_object(line)
        defaults = {name: settings[name] for name in ("order", "dtype") if data.get(name) is None}
        others = {name: value for name, value in settings.items() if name not in ("order", "dtype")}
        result = judge_record(from_object({**data, **defaults}, number), **others)
    except InvalidInput as error:
        identity = number if data.get("id") is None else data["id"]
        result = {
            **data,
            "id": identity,
            "verdict": "invalid",
            "points": [],
            "blame": None,
            "error": str(error),
        }
    if result["verdict"] == "invalid":
        result["error"] = f"line {number}: {result['error']}"
    return result


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """A file of records, or standard input for ``-``.

    Raises:
        click.ClickException: it cannot be read.
    """
    if path == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open(path, "rb"))
        except OSError as error:
            raise click.ClickException(f"cannot read {path!r}: {error.strerror}") from None
        yield file


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


def size_of(path: str) -> int | None:
    """Bytes of a regular file, None for what has no size."""
    return os.path.getsize(path) if os.path.isfile(path) else None
