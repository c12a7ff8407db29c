"""Where results go: files are tried before work starts, and nothing that was judged is lost."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import __version__
from .shell import BAD_INPUT, complain

if TYPE_CHECKING:
    from .reports.collection import Collection
    from .reports.report.changes import Changes
    from .reports.report.power import Power


def keep_apart(outputs: Mapping[str, str | None], inputs: Mapping[str, str | None]) -> None:
    """Refuse to write into a file that is read, or two results into one file.

    Args:
        outputs: what the command line names them by → their paths; ``-`` is standard output.
        inputs: likewise, of what is read; ``-`` is standard input.

    Raises:
        click.UsageError: the names of two that are one file, links followed.
    """
    known: dict[str, str] = {}
    for name, path in (*inputs.items(), *outputs.items()):
        if path is None or path == "-":
            continue
        for other, option in known.items():
            if name in outputs and _is_same(path, other):
                raise click.UsageError(f"{name} {path} is the file of {option}; expected another one")
        known[path] = name


def _is_same(path: str, other: str) -> bool:
    if os.path.exists(path) and os.path.exists(other):
        return os.path.samefile(path, other)
    return os.path.realpath(path) == os.path.realpath(other)


def claim(path: str, what: str) -> None:
    """Make sure that a file can be written, before the work whose result it will hold; old content stays.

    Raises:
        click.ClickException: it cannot be written, or is standard output, which is for records.
    """
    if path == "-":
        raise click.ClickException(f"{what} goes into a file of its own, given '-'; expected a name such as FILE.html")
    fresh = not os.path.lexists(path)
    spare_stores(path, what)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))
    except OSError as error:
        raise click.ClickException(f"cannot write {what} {path!r}: {error.strerror}") from None
    if fresh:
        os.unlink(path)


def spare_stores(path: str, what: str) -> None:
    """Refuse to write over a campaign: a page is written again in seconds, a store in hours.

    Raises:
        click.ClickException: the file is a store.
    """
    if not os.path.isfile(path):
        return
    from .engine.errors import GradjuryError
    from .reports.collection import is_store

    with suppress(GradjuryError):  # it cannot be read: whoever writes says whether it can be written
        if is_store(path):
            raise click.ClickException(f"cannot write {what} {path!r}: it is the store of a campaign")


def read_page(path: str, what: str) -> str:
    """A page that is to be written anew, empty where there is none yet; read before the work that changes it.

    Raises:
        click.ClickException: it cannot be read, or is no text.
    """
    try:
        return Path(path).read_text(encoding="utf-8") if os.path.lexists(path) else ""
    except OSError as error:
        raise click.ClickException(f"cannot read {what} {path!r}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{what} {path!r} is no UTF-8 (byte {error.start + 1}); expected a page") from None


def write_page(path: str, text: str, what: str = "the report") -> int:
    """Write a page; returns the exit status that a failure deserves, 0 for success."""
    try:
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        complain(f"cannot write {what} {path!r}: {error.strerror}")
        return BAD_INPUT
    return 0


def write_report(
    path: str | None, results: Collection, changes: Changes | None = None, power: Power | None = None
) -> int:
    """Write the HTML report of a collection, if a path is given; returns what :func:`write_page` does.

    Args:
        path: of the page; its data stand beside it where they are too many for one file.
        results: what was judged.
        changes: since an older run.
        power: what an audit of the engine found.
    """
    if not path:
        return 0
    from .reports.html import build

    report = build(results, version=__version__, stem=Path(path).stem, changes=changes, power=power)
    for name, text in report.shards.items():
        if failed := write_page(str(Path(path).parent / name), text):
            return failed
    return write_page(path, report.page)


def print_lines(records: Iterable[Mapping[str, Any]]) -> int:
    """Print records on standard output, one a line, each at once; returns what :func:`write_page` does."""
    sink = LineSink("-")
    for record in records:
        sink.write(record)
    return BAD_INPUT if sink.failed else 0


def encode(record: Mapping[str, Any]) -> bytes:
    """A record as one line of JSON; a name that UTF-8 cannot express is escaped."""
    return (json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


class LineSink:
    """Takes records and writes each at once as one line, unbuffered, so that an interruption loses none.

    When a write fails, that record and all later ones go to standard error instead, behind one line that
    says so.

    Args:
        path: a file, which is emptied; ``-`` is standard output.

    Raises:
        click.ClickException: the file cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path, self.written, self.failed = path, 0, False
        if path == "-":
            self._file: Any = getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)
            return
        spare_stores(path, "the results")
        try:
            self._file = open(path, "wb", buffering=0)  # noqa: SIM115  # closed by close()
        except OSError as error:
            raise click.ClickException(f"cannot write {path!r}: {error.strerror}") from None

    def write(self, record: Mapping[str, Any]) -> None:
        """Write one record.

        Raises:
            BrokenPipeError: whoever read standard output has gone.
        """
        line = encode(record)
        if not self.failed:
            try:
                rest = memoryview(line)
                while rest:
                    rest = rest[self._file.write(rest) :]
            except BrokenPipeError:
                raise
            except OSError as error:
                self.failed = True
                where = "standard output" if self.path == "-" else repr(self.path)
                complain(
                    f"cannot write {where} after {self.written} records: {error.strerror}; "
                    "the records that it lacks follow here"
                )
            else:
                self.written += 1
                return
        sys.stderr.write(line.decode())
        sys.stderr.flush()

    def close(self) -> None:
        """Close the file; standard output stays open."""
        if self.path != "-":
            self._file.close()
