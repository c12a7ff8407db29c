"""Judging a stream of records: one line in, one line out, in order, whatever the lines hold."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import IO, Any

import click

from .interrupts import Interrupted, Interrupts
from .outputs import LineSink
from .progress import Tick, progress
from .reports.collection import Collection
from .shell import BAD_INPUT, complain
from .standstill import Watch
from .verifier import InvalidInput, engine_named, from_object, judge_record, load_object
from .verifier.errors import is_crash
from .verifier.judge_records import undecided_record
from .verifier.records import Record, carried
from .verifier.result_record import why_not, without_points
from .verifier.timelimit import could_not_be_stopped


def judge_file(
    path: str, output: str, results: Collection, settings: Mapping[str, Any], end: Callable[[int], int]
) -> int:
    """Judge each line of a file that is not blank, and write its result before the next is read.

    Args:
        path: of the input records; ``-`` is standard input.
        output: of the result records; ``-`` is standard output.
        results: counts them.
        settings: of ``verify``, for all records.
        end: what follows, given an exit status and returning one; called here where an engine does not return, which
            ends the process.

    Returns:
        The exit status that failures to write, and crashes, deserve; 0 for none.

    Raises:
        click.ClickException: a file cannot be opened, or the input holds no record.
        GradjuryError: there is no such engine.
        Interrupted: Ctrl-C; what was judged until then is written and counted.
    """
    engine_named(settings["engine"])  # a name that is not known is said before anything is opened
    with opened(path) as source:
        sink = LineSink(output)
        try:
            with progress("judging", size_of(path)) as tick:
                crashed = _judge_lines(source, sink, results, settings, tick, end)
        except KeyboardInterrupt:
            judged = f"{results.functions.total()} records were judged and written ({results.summary()})"
            raise Interrupted(f"{judged}; what follows was not") from None
        finally:
            sink.close()
    total = results.functions.total()
    if not total:
        where = "standard input" if path == "-" else repr(path)
        raise click.ClickException(f"{where} holds no records; expected one JSON object a line")
    if total > 1:
        click.echo(f"{total:,} records: {results.summary()}", err=True)
    if crashed:
        complain(f"{crashed:,} of the records crashed, and are undecided for that reason; they say how")
    return BAD_INPUT if sink.failed or crashed else 0


def _judge_lines(
    source: IO[bytes],
    sink: LineSink,
    results: Collection,
    settings: Mapping[str, Any],
    tick: Tick,
    end: Callable[[int], int],
) -> int:
    """Judge each line that is not blank; how many of them crashed."""
    crashed, number, line = 0, 0, b""

    def give_up() -> int:
        reason = could_not_be_stopped(settings["timeout"])
        record = undecided_record(_record(load_object(line), number, settings), reason, settings["engine"])
        sink.write(record)
        results.add(record)
        complain(f"line {number}: {reason}; its record is undecided, and what follows was not judged")
        return end(BAD_INPUT)

    with Interrupts() as interrupts, Watch(settings["timeout"], give_up) as watch:
        for number, line in enumerate(source, 1):
            if line.strip():
                with watch.one():
                    record = judge_line(line, number, settings)
                with interrupts.held():
                    sink.write(record)
                    results.add(record)
                crashed += has_crashed(record)
            tick(len(line))
    return crashed


def has_crashed(record: Mapping[str, Any]) -> bool:
    """Whether an engine, or this program, raised an exception over a record."""
    return is_crash(why_not(record))


def judge_line(line: bytes, number: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The result record of one line; one that cannot be read gets the verdict ``invalid`` and its number.

    Args:
        line: an input record.
        number: of the line, from 1.
        settings: of ``verify``; the record's own ``order`` and ``dtype`` go before them.
    """
    data: dict[str, Any] = {}
    try:
        data = load_object(line)
        others = {name: value for name, value in settings.items() if name not in ("order", "dtype")}
        result = judge_record(_record(data, number, settings), **others)
    except InvalidInput as error:
        identity = number if data.get("id") is None else data["id"]
        result = {**carried(data), "id": identity, **without_points("invalid", str(error))}
    if result["verdict"] == "invalid":
        result["error"] = f"line {number}: {result['error']}"
    return result


def _record(data: Mapping[str, Any], number: int, settings: Mapping[str, Any]) -> Record:
    """The record that the JSON of a line holds."""
    defaults = {name: settings[name] for name in ("order", "dtype") if data.get(name) is None}
    return from_object({**data, **defaults}, number)


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


def size_of(path: str) -> int | None:
    """Bytes of a regular file, None for what has no size."""
    return os.path.getsize(path) if os.path.isfile(path) else None
