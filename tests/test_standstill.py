"""Commands whose engine does not return from C code, where no time limit reaches it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradjury.standstill import Watch

STUCK = """
import ctypes
from gradjury.verifier.engine import NumpyEngine
class Stuck(NumpyEngine):
    name = "stuck"
    def gradient(self, tape, point, dtype):
        if any(node.primitive is not None and node.primitive.name == "tanh" for node in tape.nodes):
            lock = ctypes.create_string_buffer(256)
            for _ in range(2):  # the second time for ever, whatever signals come
                ctypes.CDLL(None).pthread_mutex_lock(lock)
        return super().gradient(tape, point, dtype)
"""
REASON = "the time of 0.25 s was over, and C code that ran then could not be stopped"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with an engine that does not return from tanh."""
    (tmp_path / "stuck.py").write_text(STUCK)
    return tmp_path


def verify(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """``gradjury verify`` of that engine with a short time limit."""
    command = [sys.executable, "-m", "gradjury", "verify", "--engine", "stuck:Stuck", "--timeout", "0.25", *args]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *sys.path])}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120, cwd=folder, env=environment
    )


def test_one_function_is_shown_and_reported(folder: Path) -> None:
    done = verify(folder, "tanh(x)", "--at", "x=1", "--json", "--report", "r.html")
    assert (done.returncode, done.stderr) == (2, "")
    record = json.loads(done.stdout)
    assert (record["verdict"], record["reason"]) == ("undecided", REASON)
    assert REASON in (folder / "r.html").read_text()


def test_a_record_is_written_and_what_follows_is_not_judged(folder: Path) -> None:
    records = [{"expression": e, "at": {"x": 1}, "mine": e} for e in ("sin(x)", "tanh(x)", "cos(x)")]
    (folder / "in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    done = verify(folder, "--input", "in.jsonl", "--report", "r.html")
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["verdict"], second["verdict"]) == ("agree", "undecided")
    assert (second["id"], second["mine"], second["reason"]) == (2, "tanh(x)", REASON)
    assert done.stderr == f"gradjury: line 2: {REASON}; its record is undecided, and what follows was not judged\n"
    assert done.returncode == 2
    assert (folder / "r.html").exists()


PAUSED = """
import time
from gradjury import standstill
standstill.standstill = lambda timeout: 2.0
with standstill.Watch(1.0, lambda: 3) as watch, watch.one():
    print("begun", flush=True)
    time.sleep(1)
"""


def test_a_pause_of_the_process_counts_for_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", PAUSED], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        running.send_signal(signal.SIGSTOP)
        time.sleep(4)
        running.send_signal(signal.SIGCONT)
        assert running.wait(timeout=60) == 0


def test_functions_have_their_time_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradjury.standstill.standstill", lambda timeout: 0.6)
    monkeypatch.setattr("os._exit", lambda status: pytest.fail("the process would end"))
    with Watch(1.0, lambda: 0) as watch:
        for _ in range(3):
            with watch.one():
                time.sleep(0.3)
        time.sleep(0.8)


def test_what_goes_on_in_python_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing the record of many points takes longer than judging them, and ends."""
    monkeypatch.setattr("gradjury.standstill.standstill", lambda timeout: 0.2)
    monkeypatch.setattr("gradjury.standstill.TICK", 0.05)
    monkeypatch.setattr("os._exit", lambda status: pytest.fail("the process would end"))
    end = time.monotonic() + 2
    with Watch(1.0, lambda: 0) as watch, watch.one():
        while time.monotonic() < end:
            json.dumps([{str(k): k} for k in range(50)])
