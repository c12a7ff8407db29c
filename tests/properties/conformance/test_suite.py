"""The suite as users run it: by the command, and by pytest itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gradjury

ROOT = Path(gradjury.__file__).parents[1]

#: An engine of two operations: one is right, the other saturates.
OWN = """
import numpy as np
import gradjury as gj

class Mine(gj.TapeRunner):
    name, version = "mine", "1"
    table = {"tanh": np.tanh, "exp": np.exp}

    def differentiate(self, function, inputs):
        value = function(*inputs)
        rule = {"tanh": 1 - value * value, "exp": value}
        slopes = {name: rule[name] for name, f in self._functions.items() if np.array_equal(f(inputs[0]), value)}
        return value, [next(iter(slopes.values()))] + [None] * (len(inputs) - 1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    return tmp_path


def run(folder: Path, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([p for p in (path, str(ROOT)) if p])
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "PYTEST_ADDOPTS": ""},
        check=False,
    )


def test_the_command_judges_a_users_engine(folder: Path) -> None:
    words = ("-m", "gradjury", "conformance", "--engine", "own:Mine", "--max-examples", "2")
    judged = run(folder, *words, "test_hyperbolic.py", "test_exponential.py", "-k", "telling", "--summary", "sum.json")
    assert judged.returncode == 1, judged.stdout + judged.stderr
    assert "\nconfigfile: suite.ini\n" in judged.stdout  # and not that of whoever runs it
    assert "1 failed, 1 passed, 2 deselected in" in judged.stdout  # and no warnings of pytest's own
    assert "d/dx fails at" in judged.stdout
    assert "the derivative rule of tanh" in judged.stdout
    summary = json.loads((folder / "sum.json").read_text())
    assert summary["engine"] == "mine"
    assert summary["chapters"] == {"hyperbolic": {"failed": 1}, "exponential": {"passed": 1}}

    (folder / "known.txt").write_text("test_hyperbolic.py::test_telling_points[tanh*]  # saturates\n")
    assert run(folder, *words, "test_hyperbolic.py", "-k", "telling", "--xfails", "known.txt").returncode == 0
    (folder / "known.txt").write_text("test_exponential.py::*  # not so\n")
    mended = run(folder, *words, "test_exponential.py", "-k", "telling", "--xfails", "known.txt")
    assert mended.returncode == 1
    assert "XPASS(strict)" in mended.stdout
    skipped = run(folder, *words, "test_exponential.py", "-k", "telling", "--skips", "known.txt")
    assert skipped.returncode == 0
    assert "1 skipped" in skipped.stdout
    assert "names no test" not in skipped.stdout
    idle = ("test_exponential.py::test_tellnig[*]", "test_exponentail.py::*")
    (folder / "known.txt").write_text("".join(f"{line}  # slip\n" for line in (*idle, "test_kinks.py::*")))
    slipped = run(folder, *words, "test_exponential.py", "-k", "telling", "--skips", "known.txt")
    told = [line for line in slipped.stdout.splitlines() if "names no test" in line]
    assert told == [f"--skips: {line} names no test" for line in idle]


def test_pytest_finds_the_suite_by_its_name(folder: Path) -> None:
    metadata = folder / "site" / "gradjury_gateway-0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: gradjury-gateway\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text("[pytest11]\ngradjury_conformance = gradjury.pytest_gateway\n")
    words = ("-m", "pytest", "--pyargs", "gradjury.properties.conformance.test_exponential", "--engine", "own:Mine")
    words += ("gradjury.properties.conformance.test_hyperbolic", "-k", "telling", "-p", "no:cacheprovider")
    judged = run(folder, *words, path=f"{folder}/site{os.pathsep}{folder}")
    assert judged.returncode == 1, judged.stdout + judged.stderr
    assert "conformance of mine 1" in judged.stdout
    assert "1 failed, 1 passed" in judged.stdout
    assert "the derivative rule of tanh" in judged.stdout
    (folder / "test_else.py").write_text(
        "def test_else(pytestconfig):\n    assert not hasattr(pytestconfig.option, 'engine')\n"
    )
    other = run(folder, "-m", "pytest", "-p", "no:cacheprovider", "test_else.py", path=f"{folder}/site")
    assert other.returncode == 0, other.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--engine", "nothing"), "'nothing' is not known"),
        ((), "expected one --engine NAME"),
        (("--engine", "own:Absent"), "expected MODULE:CLASS"),
    ],
)
def test_bad_usage_is_one_line(folder: Path, words: tuple[str, ...], message: str) -> None:
    judged = run(folder, "-m", "gradjury", "conformance", *words)
    assert judged.returncode == 2
    assert message in judged.stderr
    assert "Traceback" not in judged.stderr + judged.stdout


def test_an_engine_that_raises_fails_and_is_not_skipped(folder: Path) -> None:
    (folder / "own.py").write_text(OWN.replace("value = function(*inputs)", "raise RuntimeError('boom')"))
    words = ("-m", "gradjury", "conformance", "--engine", "own:Mine", "--max-examples", "2", "-q")
    judged = run(folder, *words, "test_exponential.py", "test_reuse.py", "-k", "exp-np or twice_at_one_point[x]")
    assert judged.returncode == 1, judged.stdout + judged.stderr
    assert "the engine fails at " in judged.stdout
    assert "crashed: mine: RuntimeError: boom (own.py, line " in judged.stdout
    assert "skipped" not in judged.stdout
    assert "Traceback" not in judged.stdout + judged.stderr


def test_a_summary_that_cannot_be_written_is_one_line(folder: Path) -> None:
    words = ("-m", "gradjury", "conformance", "--engine", "own:Mine", "--max-examples", "2", "-q")
    judged = run(folder, *words, "test_exponential.py", "-k", "telling", "--summary", "/dev/full")
    assert judged.returncode == 2, judged.stdout + judged.stderr
    assert judged.stderr.count("cannot write the summary '/dev/full': No space left on device") == 1
    assert "1 passed" in judged.stdout
    assert "Traceback" not in judged.stdout + judged.stderr


def test_numbers_that_are_written_over_fail(folder: Path) -> None:
    """An engine that returns the same memory each time, and one that works in that of its inputs."""
    engines = """
import numpy as np
import gradjury as gj

class Kept(gj.TapeRunner):
    name, version = "kept", "1"
    memory = np.zeros(4)

    def differentiate(self, function, inputs):
        self.memory[...] = function(*inputs)
        return self.memory, [self.memory for _ in inputs]

class InPlace(gj.TapeRunner):
    name, version = "inplace", "1"

    def differentiate(self, function, inputs):
        value = function(*inputs)
        inputs[0] *= 2
        return value, [x + 0 for x in inputs]
"""
    (folder / "writers.py").write_text(engines)
    for name, failing, told in (("Kept", "answers", "was written over"), ("InPlace", "inputs", "the engine writes to")):
        words = ("-m", "gradjury", "conformance", "--engine", f"writers:{name}", "test_reuse.py", "-k", "stay")
        judged = run(folder, *words)
        assert judged.returncode == 1, judged.stdout + judged.stderr
        assert "6 failed" in judged.stdout, judged.stdout
        failed = [line for line in judged.stdout.splitlines() if line.startswith("FAILED")]
        assert all(f"test_{failing}_stay_as_they_are" in line for line in failed)
        assert told in judged.stdout
