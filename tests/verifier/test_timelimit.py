"""A limit on time: interrupts, nests, leaves nothing behind."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from gradjury.verifier import timelimit
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.judge_records import judge_record
from gradjury.verifier.records import parse_line
from gradjury.verifier.timelimit import Clock, TimeIsUp, time_limit
from gradjury.verifier.verify import verify

#: Seconds that nothing here is waited for to its end, and in which even a busy machine has interrupted it.
FOR_EVER, SOON = 60, 30


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_what_takes_too_long_is_interrupted():
    start = time.monotonic()
    with pytest.raises(TimeIsUp), time_limit(0.05):
        spin(FOR_EVER)
    assert time.monotonic() - start < SOON
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


class Dial:
    """Clocks whose hands a test sets: of the wall, and of the work of this process, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.work = 0.0
        monkeypatch.setattr(
            timelimit, "time", SimpleNamespace(monotonic=lambda: self.wall, process_time=lambda: self.work)
        )
        monkeypatch.setattr(timelimit._Active, "paused", 0.0)


def test_what_was_paused_is_told_from_what_worked(monkeypatch: pytest.MonkeyPatch) -> None:
    dial = Dial(monkeypatch)
    with time_limit(1000):
        dial.wall, dial.work = 1700.0, 300.0
        signal.raise_signal(signal.SIGALRM)  # paused for 1400 of 1700 seconds: 700 of its own are left
        assert 699 < signal.getitimer(signal.ITIMER_REAL)[0] <= 700
        signal.raise_signal(signal.SIGALRM)  # one more that had been on its way
        assert 699 < signal.getitimer(signal.ITIMER_REAL)[0] <= 700
        dial.wall, dial.work = 2400.0, 1000.0
        with pytest.raises(TimeIsUp):
            signal.raise_signal(signal.SIGALRM)


def test_an_alarm_within_an_alarm_counts_a_pause_once(monkeypatch: pytest.MonkeyPatch) -> None:
    dial = Dial(monkeypatch)
    depth = [0]

    def asked(frame: object) -> bool:
        depth[0] += 1
        return False

    def worked() -> float:
        if depth[0] == 1:
            signal.raise_signal(signal.SIGALRM)
        return dial.work

    monkeypatch.setattr(timelimit, "_would_be_lost", asked)
    with time_limit(1000):
        monkeypatch.setattr(timelimit.time, "process_time", worked)
        dial.wall, dial.work = 1700.0, 300.0
        signal.raise_signal(signal.SIGALRM)
        assert depth == [2]
        assert timelimit._Active.paused == 1400.0


PAUSED = """
import os
import signal
import time
from gradjury.verifier.timelimit import Clock
clock = Clock(4.0)
with clock.limit():
    os.kill(os.getpid(), signal.SIGSTOP)
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
with clock.limit():
    print("done", flush=True)
"""


def test_a_pause_of_the_process_is_left_out():
    """Ctrl-Z, and fg after more than the limit: what was going on has its time all the same."""
    with subprocess.Popen([sys.executable, "-c", PAUSED], stdout=subprocess.PIPE, text=True) as running:
        _, status = os.waitpid(running.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        time.sleep(6)
        running.send_signal(signal.SIGCONT)
        assert running.stdout.read() == "done\n"
        assert running.wait(timeout=60) == 0


def test_what_is_quick_is_not_and_the_handler_is_restored():
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(5):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_limit_that_is_over_at_once_leaves_nothing_behind():
    for _ in range(200):
        with contextlib.suppress(TimeIsUp), time_limit(1e-6):
            spin(0.001)
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_no_limit():
    with time_limit(None):
        spin(0.01)
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_an_inner_limit_gives_the_outer_ones_time_back():
    with time_limit(1000):
        with pytest.raises(TimeIsUp), time_limit(0.05):
            spin(FOR_EVER)
        left = signal.getitimer(signal.ITIMER_REAL)[0]
        assert 1000 - SOON < left < 999.96


def test_an_inner_limit_does_not_outlive_the_outer_one():
    start = time.monotonic()
    with pytest.raises(TimeIsUp), time_limit(0.1), time_limit(1000):
        spin(FOR_EVER)
    assert time.monotonic() - start < SOON


def test_an_interrupt_that_is_swallowed_comes_again():
    def swallow_once() -> None:
        with contextlib.suppress(TimeIsUp):
            spin(FOR_EVER)
        spin(FOR_EVER)

    start = time.monotonic()
    with pytest.raises(TimeIsUp), time_limit(0.05):
        swallow_once()
    assert time.monotonic() - start < SOON


def test_finalisers_and_callbacks_of_the_collector_are_not_interrupted():
    """An exception raised there would be lost, with a warning, and the limit with it."""
    done = []

    class Slow:
        def __del__(self) -> None:
            spin(0.1)
            done.append("finaliser")

    def callback(phase: str, info: dict) -> None:
        if phase == "start":
            spin(0.1)
            done.append("callback")

    def run(act: Callable[[], object]) -> None:
        act()
        spin(5)

    gc.callbacks.append(callback)
    try:
        for act in (Slow, gc.collect):
            with pytest.raises(TimeIsUp), time_limit(0.05):
                run(act)
    finally:
        gc.callbacks.remove(callback)
    assert set(done) == {"finaliser", "callback"}


def test_callbacks_of_weak_references_are_not_interrupted():
    done = []

    class Key:
        pass

    class Slow(dict):
        def __delitem__(self, key) -> None:
            spin(0.1)
            super().__delitem__(key)
            done.append(key)

    table = weakref.WeakKeyDictionary()
    table.data = Slow()
    keys = [Key()]
    table[keys[0]] = 1

    def run() -> None:
        keys.clear()
        spin(5)

    with pytest.raises(TimeIsUp), time_limit(0.05):
        run()
    assert len(done) == 1


def test_outside_the_main_thread_there_is_none():
    done = []

    def run() -> None:
        with time_limit(0.01):
            spin(0.05)
            done.append(True)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [True]


@pytest.mark.parametrize("seconds", [1e300, float("inf")])
def test_a_limit_beyond_what_the_timer_takes_is_none(seconds):
    with time_limit(seconds):
        pass


@pytest.mark.parametrize("at", [{"x": 1.0}, {"x": [1.0, 2.0]}, None])
def test_reading_a_function_takes_of_its_time(at: dict[str, Any] | None) -> None:
    def slow(x):
        time.sleep(FOR_EVER)
        return x * 2

    start = time.monotonic()
    found = verify(slow, at=at, timeout=0.1)
    assert time.monotonic() - start < SOON
    assert found.verdict == "undecided"
    assert {p.partials["x"].reason for p in found.points} == {"the time of 0.1 s was over"}
    assert found.to_record()["expression"].startswith("slow(")
    assert "undecided" in repr(found)


def test_a_clock_shares_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    dial = Dial(monkeypatch)
    clock = Clock(60)
    with clock.limit():
        pass
    dial.wall = dial.work = 30.0
    with clock.limit():
        assert 0 < signal.getitimer(signal.ITIMER_REAL)[0] <= 30

    def work_on() -> None:
        dial.wall = dial.work = 60.2
        time.sleep(FOR_EVER)

    dial.wall = dial.work = 60.1
    with pytest.raises(TimeIsUp), clock.limit():
        work_on()
    with Clock(None).limit():
        pass


def test_a_function_that_catches_every_error_does_not_catch_the_end_of_its_time() -> None:
    def stubborn(x):
        for _ in range(100):
            with contextlib.suppress(Exception):
                time.sleep(FOR_EVER)
        return x

    start = time.monotonic()
    assert verify(stubborn, at={"x": 1.0}, timeout=0.1).verdict == "undecided"
    assert time.monotonic() - start < SOON


def test_a_limit_around_a_record_is_not_the_records_error() -> None:
    record = parse_line('{"expression": "exp(sin(x))", "at": {"x": 0.5}}', 1)

    class Slow(NumpyEngine):
        def gradient(self, tape, point, dtype):
            time.sleep(FOR_EVER)

    with pytest.raises(TimeIsUp), time_limit(0.1):
        judge_record(record, engine=Slow())


class Still(NumpyEngine):
    """An engine that has answered so many times and then stands still, in Python; it counts how often it is asked."""

    name, asked = "still", 0

    def __init__(self, answers: int) -> None:
        super().__init__()
        self.left = answers

    def gradient(self, tape, point, dtype):
        self.asked += 1
        self.left -= 1
        return super().gradient(tape, point, dtype) if self.left >= 0 else time.sleep(FOR_EVER)


@pytest.mark.parametrize("answers", [0, 1])
def test_an_engine_that_stands_still_does_not_keep_its_readers_waiting(answers: int) -> None:
    engine, start = Still(answers), time.monotonic()
    found = verify("x**2*y", at={"x": [0.5, 1.5, 2.5], "y": 2.0}, engine=engine, timeout=0.2)
    record = found.to_record()  # whose differences are those of values, for which an engine is asked only now
    assert time.monotonic() - start < SOON
    assert engine.asked == answers + 1
    assert record["verdict"] == ("agree" if answers else "undecided")
    assert abs(record["points"][1]["partials"]["x"]["difference"] - 6) < 1e-9
    assert found.verdict in repr(found)


def test_a_limit_around_a_reader_is_not_the_engines() -> None:
    found = verify("x**2", at={"x": 0.5}, engine=Still(1))
    with pytest.raises(TimeIsUp), time_limit(0.1):
        found.to_record()
