"""How the command line ends when a standard stream is full, closed, or read by nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import gradjury

FULL = Path("/dev/full")

needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full, a disk without room")

#: Each writes in a way of its own: through rich, through click, before any command runs, as records.
PRINTING = [
    ["verify", "x**2", "--at", "x=1"],
    ["explain", "wrong"],
    ["--help"],
    ["verify", "x", "--at", "x=1", "--json"],
]


def run(arguments: Sequence[str], **streams: Any) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own; what no stream is named for is caught."""
    environment = {**os.environ, "PYTHONPATH": str(Path(gradjury.__file__).parents[1])}
    caught = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **streams}
    command = [sys.executable, "-m", "gradjury", *arguments]
    return subprocess.run(command, text=True, env=environment, timeout=120, check=False, **caught)


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_reader_that_has_gone_is_told_apart_from_a_verdict_that_fails(arguments: list[str]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    done = run(arguments, stdout=theirs)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, "")


@needs_full
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_output_that_cannot_be_written_is_one_line_and_status_2(arguments: list[str]) -> None:
    with FULL.open("w") as full:
        done = run(arguments, stdout=full)
    first, *records = done.stderr.splitlines()
    assert done.returncode == 2
    assert first.startswith("gradjury: cannot write standard output")
    assert "No space left on device" in first
    assert len(records) == ("--json" in arguments)  # the record is not lost


@needs_full
def test_an_error_that_cannot_be_written_leaves_the_exit_status() -> None:
    with FULL.open("w") as full:
        assert run(["verify", "tahn(x)"], stderr=full).returncode == 2


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [
        ("verify x**2 --at x=1 >&-", 0, ""),
        ("verify x**2 --at x=1 --json >&-", 0, ""),
        ("verify 'tahn(x)' 2>&-", 2, ""),
        ("verify --input - <&-", 2, "gradjury: standard input holds no records; expected one JSON object a line\n"),
    ],
)
def test_a_stream_that_was_closed_is_a_stream_to_nowhere(command: str, status: int, said: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(gradjury.__file__).parents[1])}
    line = f"'{sys.executable}' -m gradjury {command}"
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (status, said)


def test_the_report_on_one_function_is_written_although_the_reader_has_gone(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    ours, theirs = os.pipe()
    os.close(ours)
    done = run(["verify", "x**2", "--at", "x=1", "--report", str(page)], stdout=theirs)
    os.close(theirs)
    assert done.returncode == 141
    assert page.read_text().endswith("</html>\n")
