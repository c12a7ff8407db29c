"""``gradjury conformance``: the conformance suite against one engine, and the table over all of them."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import redirect_stderr
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import pytest

from ..interrupts import INTERRUPTED, Interrupted, Note, noted
from ..options import Whole
from ..outputs import claim, read_page, write_page
from ..properties.conformance import EXAMPLES
from ..shell import BAD_INPUT, FLAGGED, Command

#: Exit statuses of pytest: all passed, some failed, interrupted, internal error, usage, no tests.
_STATUS = {0: 0, 1: FLAGGED, 2: INTERRUPTED}


@click.command(
    cls=Command,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True},
    epilog="Exit status: 1 if a test fails, 2 if usage is bad or no test was chosen, else 0; 130 after Ctrl-C.",
)
@click.option(
    "--engine", "engines", metavar="NAME", multiple=True, help="The engine to judge; MODULE:CLASS is one of your own."
)
@click.option(
    "--max-examples",
    type=Whole(min=1),
    default=EXAMPLES,
    show_default=True,
    help="Examples that each randomised test draws.",
)
@click.option("--skips", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help="Names tests to leave out.")
@click.option(
    "--xfails", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help="Names tests known to fail."
)
@click.option("--summary", metavar="FILE.json", type=click.Path(dir_okay=False), help="Write the counts by chapter.")
@click.option(
    "--table",
    metavar="FILE.md",
    type=click.Path(dir_okay=False),
    help="Judge every engine that is installed, and write the table engine × chapter into this page; with --engine "
    "its columns alone, beside those that are there.",
)
@click.argument("pytest_options", nargs=-1, type=click.UNPROCESSED)
def conformance(
    engines: tuple[str, ...],
    max_examples: int,
    skips: str | None,
    xfails: str | None,
    summary: str | None,
    table: str | None,
    pytest_options: tuple[str, ...],
) -> int:
    """Run the conformance suite against an engine; PYTEST_OPTIONS are passed on, such as -x or -k tanh.

    A chapter is chosen by its file, test_kinks.py. The files of --skips and --xfails hold a test a line with the
    reason behind two blanks and a #.
    """
    for before, option in pairwise(("", *pytest_options)):
        _check_chapter(before, option)
    options = ["--max-examples", str(max_examples)]
    for name, path in (("--skips", skips), ("--xfails", xfails)):
        options += [name, os.path.abspath(path)] if path else []
    if table:
        if summary:
            raise click.UsageError("--summary belongs to one --engine; --table has the counts of all")
        return _table(engines, table, [*options, *pytest_options])
    if len(engines) != 1:
        raise click.UsageError("expected one --engine NAME; gradjury engines lists the names")
    if summary:
        claim(summary, "the summary")
        options += ["--summary", os.path.abspath(summary)]
    return _run(engines[0], [*options, *pytest_options])


def _run(engine: str, options: list[str]) -> int:
    """The suite in this process."""
    from .. import display  # noqa: F401  # the suite shows results, which have their words from here
    from ..pytest_gateway import FOLDER, OPTIONS
    from ..verifier import engine_named

    engine_named(engine)  # a name that is not known is one line, not pytest's
    chosen = [str(FOLDER / option) for option in options if _is_chapter(option)]
    others = [option for option in options if not _is_chapter(option)]
    words = ["-p", OPTIONS, "-c", str(FOLDER / "suite.ini"), f"--rootdir={FOLDER}"]
    sys.stdout.flush()
    arguments = [*(chosen or [str(FOLDER)]), *words, "--engine", engine, *others]
    # of usage pytest says more than a line, and names itself
    with noted() as note, redirect_stderr(io.StringIO()) as said:
        try:
            status = pytest.main(arguments, plugins=[_CtrlC(note)])
        finally:
            if note.came:  # whatever has become of it
                raise Interrupted
    if status == pytest.ExitCode.USAGE_ERROR:
        raise click.UsageError(_complaint(said.getvalue()))
    click.echo(said.getvalue(), nl=False, err=True)
    return _STATUS.get(int(status), BAD_INPUT)


class _CtrlC:
    """For pytest: Ctrl-C ends the suite, though a test or a library takes it for an error of its own.

    Args:
        note: of whether it came.
    """

    def __init__(self, note: Note) -> None:
        self._note = note

    def pytest_collectreport(self) -> None:
        self._look()

    def pytest_runtest_logfinish(self) -> None:
        self._look()

    @pytest.hookimpl(tryfirst=True)  # before pytest writes a traceback
    def pytest_internalerror(self) -> None:
        self._look()

    def _look(self) -> None:
        if self._note.came:
            raise KeyboardInterrupt from None


def _is_chapter(option: str) -> bool:
    """Whether an argument names a file of the suite or a test in one; -k takes names of tests alone."""
    return option.startswith("test_") and option.partition("::")[0].endswith(".py")


def _check_chapter(before: str, option: str) -> None:
    """Refuse an argument that can only be meant for a chapter, or a test in one, and is none.

    Args:
        before: the argument in front of it, which may be an option that takes it for its value.
        option: the argument.

    Raises:
        click.UsageError: there is no such chapter, or no such test in it.
    """
    from ..engine.errors import did_you_mean
    from ..pytest_gateway import FOLDER

    if not _is_chapter(option) and (option.startswith("-") or before.startswith("-") or os.path.exists(option)):
        return
    name, _, test = option.partition("::")
    chapters = {path.name: path for path in sorted(FOLDER.glob("test_*.py"))}
    if name not in chapters:
        others = did_you_mean(name, chapters) or f"expected one of {', '.join(chapters)}"
        raise click.UsageError(f"{name!r} is no chapter of the suite; {others}")
    tests = re.findall(r"^def (test_\w+)", chapters[name].read_text(encoding="utf-8"), re.MULTILINE)
    if test and test.partition("[")[0] not in tests:
        raise click.UsageError(f"{test!r} is no test of {name}; expected one of {', '.join(tests)}")


def _complaint(said: str) -> str:
    """What pytest says of bad usage, as one line: without the usage of its own command, which nobody typed."""
    _, separator, error = said.partition(": error: ")
    lines = (error if separator else said.removeprefix("ERROR: ")).splitlines()
    return lines[0] if separator else " ".join(lines)


def _table(engines: tuple[str, ...], page: str, options: list[str]) -> int:
    """The suite in a process for each engine, because engines in one process change each other's settings."""
    import json
    import subprocess
    from tempfile import TemporaryDirectory

    from ..properties.conformance.table import insert, rows
    from ..properties.worker import unheard
    from ..verifier.engine_names import available

    claim(page, "the table")
    text = read_page(page, "the table")
    insert(text, "")  # a page that cannot take the table is refused before the work
    names = engines or tuple(name for name, version, _ in available() if version)
    summaries: list[dict[str, Any]] = []
    with TemporaryDirectory() as folder:
        for name in names:
            path = Path(folder) / f"{len(summaries)}.json"
            command = [sys.executable, "-m", "gradjury", "conformance", "--engine", name, "--summary", str(path)]
            running: subprocess.Popen[bytes] | None = None
            try:
                with unheard():
                    running = subprocess.Popen([*command, "-q", "--tb=no", *options], stdout=subprocess.DEVNULL)
                status = running.wait()
            finally:
                if running is not None:
                    running.kill()
                    running.wait()
            if not path.exists():
                raise click.ClickException(f"the suite ended with status {status} for the engine {name}")
            summaries.append(json.loads(path.read_text(encoding="utf-8")))
            click.echo(f"{name}: {sum(c.get('failed', 0) for c in summaries[-1]['chapters'].values())} tests fail")
    return write_page(page, insert(text, rows(summaries, text if engines else "")), "the table")
