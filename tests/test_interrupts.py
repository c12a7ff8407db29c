"""Ctrl-C at any moment: one line and its exit status, whoever takes it for an error of their own, or swallows it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import gradjury
from gradjury.cli import main
from gradjury.interrupts import came_of_it, heard, noted

ROOT = Path(gradjury.__file__).parents[1]

#: Runs the command as ``python -m gradjury`` does, after lines that interrupt it somewhere.
AS_A_PROCESS = """
import os, runpy, signal, sys
sys.argv = ["gradjury", *sys.argv[1:]]
{}
runpy.run_module("gradjury", run_name="__main__", alter_sys=True)
"""

#: Ctrl-C while the command's own modules are imported; when everything is done, a report of the interpreter's end.
WHILE_IMPORTING = """
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""
AT_THE_END = """
import atexit
atexit.register(os.kill, os.getpid(), signal.SIGINT)
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTEST_ADDOPTS": ""}
    command = [sys.executable, *words]
    return subprocess.run(
        command, text=True, env=environment, cwd=folder, timeout=120, check=False, capture_output=True
    )


@pytest.mark.parametrize(
    ("lines", "status", "said"),
    [(WHILE_IMPORTING, 130, "gradjury: interrupted\n"), (AT_THE_END, 0, "")],
    ids=["importing", "done"],
)
def test_before_and_after_the_work_an_interrupt_is_no_traceback(
    tmp_path: Path, lines: str, status: int, said: str
) -> None:
    done = run(tmp_path, "-c", AS_A_PROCESS.format(lines), "explain", "wrong")
    assert (done.returncode, done.stderr) == (status, said)
    assert done.stdout.startswith("wrong: ") is (status == 0)


def test_an_interrupt_when_the_work_is_done_leaves_its_exit_status(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "-c",
        "import os, signal, sys\nfrom gradjury.interrupts import done\n"
        "print('judged', end='')\ndone(1)\nos.kill(os.getpid(), signal.SIGINT)\nsys.exit(3)",
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "judged", "")


def test_what_libraries_make_of_an_interrupt_is_one() -> None:
    def made(error: type[Exception], hidden: bool) -> Exception:
        try:
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt as stop:
                raise error("left in the middle") from (None if hidden else stop)
        except error as found:
            return found

    assert came_of_it(KeyboardInterrupt())
    assert came_of_it(made(RuntimeError, hidden=False))
    assert came_of_it(made(ImportError, hidden=True))
    circle = ValueError()
    circle.__context__ = circle
    assert not came_of_it(circle)


@pytest.mark.parametrize("error", [RuntimeError, gradjury.GradjuryError])
def test_a_command_whose_error_came_of_an_interrupt_was_interrupted(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def explain(verdict: str) -> str:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise error("left in the middle")  # noqa: B904  # as a library does that knows nothing of it

    monkeypatch.setattr("gradjury.reports.verdicts.explain", explain)
    result = CliRunner().invoke(main, ["explain", "wrong"], prog_name="gradjury")
    assert result.exit_code == 130
    known = ": left in the middle" if error is gradjury.GradjuryError else ""
    assert result.stderr == f"gradjury: interrupted{known}\n"


def test_an_interrupt_in_a_finaliser_comes_a_moment_later() -> None:
    class Final:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    final = Final()
    with pytest.raises(KeyboardInterrupt), heard():  # noqa: PT012  # where it comes is not ours to say
        del final
        while True:
            time.sleep(0.001)


def test_an_interrupt_that_is_taken_leaves_word() -> None:
    before = signal.getsignal(signal.SIGINT)
    with noted() as note:
        assert not note.came
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert note.came
    assert signal.getsignal(signal.SIGINT) is before


#: An engine that is interrupted and takes it for an error like any other; a plugin that fails after an interrupt.
DEAF = """
import os, signal
import numpy as np
import gradjury as gj

class Mine(gj.TapeRunner):
    name, version, table = "deaf", "1", {"exp": np.exp}

    def differentiate(self, function, inputs):
        try:
            signal.raise_signal(signal.SIGINT)
        except BaseException:
            pass
        value = function(*inputs)
        return value, [value]
"""
STRAY = """
import signal

def pytest_collection_modifyitems():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise RuntimeError("left in the middle")
"""


@pytest.mark.parametrize(
    "words", [["--engine", "deaf:Mine"], ["--engine", "numpy", "-p", "stray"]], ids=["judging", "collecting"]
)
def test_the_suite_ends_though_others_take_the_interrupt(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "deaf.py").write_text(DEAF)
    (tmp_path / "stray.py").write_text(STRAY)
    done = run(tmp_path, "-m", "gradjury", "conformance", *words, "-q", "test_exponential.py")
    assert (done.returncode, done.stderr) == (130, "gradjury: interrupted\n")
    assert "INTERNALERROR" not in done.stdout
    assert "passed" not in done.stdout.replace("1 passed", "")
