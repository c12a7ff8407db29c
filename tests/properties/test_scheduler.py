"""Processes that judge: how many, how they are started, and what is said when that fails."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gradjury.properties import campaign, scheduler, worker
from gradjury.properties.shards import Task, generate, ranges
from gradjury.verifier import write
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.errors import GradjuryError

GRAMMAR = {"nodes": (3, 8)}


def test_shards_do_not_depend_on_where_one_begins() -> None:
    assert list(ranges(0, 10, 4)) == [(0, 4), (4, 8), (8, 10)]
    assert list(ranges(3, 9, 4)) == [(3, 4), (4, 8), (8, 9)]
    assert list(ranges(5, 5, 4)) == []


def test_small_campaigns_are_judged_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(4)), raising=False)
    assert [scheduler.processes_for(n) for n in (1, 200, 999, 1000, 1999, 10**9)] == [1, 1, 1, 2, 3, 4]


def test_a_worker_answers_in_order_and_ends_with_its_pipe() -> None:
    task = Task(1, 0, "numpy", grammar=GRAMMAR)
    process = worker.Worker(task)
    process.submit(0, 2)
    assert process.judge(2, 3).start == 0
    answer = process.receive()
    assert answer is not None
    assert answer.verdicts == task.shard(2, 3).verdicts
    process.connection.close()
    process._process.wait(timeout=60)
    assert process._process.returncode == 0
    process.stop()


def test_a_lost_worker_says_how() -> None:
    process = worker.Worker(Task(1, 0, "numpy", grammar=GRAMMAR))
    process._process.kill()
    with pytest.raises(worker.Lost, match="SIGKILL"):
        process.judge(0, 1)
    process.stop()


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="there are no real-time signals here")
def test_a_worker_may_be_lost_by_a_signal_without_a_name() -> None:
    process = worker.Worker(Task(1, 0, "numpy", grammar=GRAMMAR))
    process._process.send_signal(signal.SIGRTMIN + 1)
    with pytest.raises(worker.Lost, match=rf"^signal {signal.SIGRTMIN + 1}$"):
        process.judge(0, 1)
    process.stop()


def test_a_process_that_cannot_be_started_leaves_no_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    notes = worker.Notes.fresh()
    monkeypatch.setattr(worker.Notes, "fresh", lambda: notes)
    monkeypatch.setattr(subprocess, "Popen", refused)
    with pytest.raises(GradjuryError, match="no process can be started: no more processes"):
        worker.Worker(Task(1, 0, "numpy", grammar=GRAMMAR))
    assert notes.file.closed


def test_an_engine_that_cannot_be_sent_is_named() -> None:
    class Local(NumpyEngine):
        pass

    with pytest.raises(
        GradjuryError, match=r"the engine cannot be sent to a process: .*Local.*; expected jobs=1 for it"
    ):
        campaign.run(2, 1, engine=Local(), grammar=GRAMMAR, jobs=2)


def test_an_engine_that_the_process_does_not_know_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "unknown_there.py").write_text(
        "from gradjury.verifier.engine import NumpyEngine\nclass Mine(NumpyEngine):\n    pass\n"
    )
    with monkeypatch.context() as context:
        context.syspath_prepend(tmp_path)
        from unknown_there import Mine  # type: ignore[import-not-found]

        engine = Mine()
    with pytest.raises(GradjuryError, match=r"a process cannot be made ready to judge: ModuleNotFoundError.*unknown"):
        campaign.run(2, 1, engine=engine, grammar=GRAMMAR, jobs=2)


def test_a_process_leaves_ctrl_c_to_its_parent_while_it_imports(tmp_path: Path) -> None:
    package = tmp_path / "gradjury" / "properties"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    said = "import signal\nprint(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)\n"
    (package / "worker.py").write_text(said + "def serve(*descriptors):\n    pass\n")
    paths = json.dumps([str(tmp_path), *sys.path])
    started = subprocess.run([sys.executable, "-c", worker._START, "0 1", paths], capture_output=True, text=True)
    assert started.stdout == "True\n"


def test_processes_that_end_at_once_end_the_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_START", "raise SystemExit(3)")
    with pytest.raises(GradjuryError, match=r"end before they are ready \(exit status 3\)"):
        campaign.run(2, 1, grammar=GRAMMAR, jobs=2)


SCRIPT = """
import gradjury as gj
from gradjury.verifier.engine import NumpyEngine

class Mine(NumpyEngine):
    name = "mine"

def work():
    found = gj.run(40, 1, engine=Mine(), jobs=2, grammar={"nodes": (3, 8)})
    print(found.functions.total(), found.settings["engine"], found.crashed)

"""


@pytest.mark.parametrize("guard", [True, False])
def test_an_engine_of_a_script(tmp_path: Path, guard: bool) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT + ("if __name__ == '__main__':\n    work()\n" if guard else "work()\n"))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False, env=environment)
    if guard:
        assert done.stderr == ""
        assert done.stdout == "40 mine 0\n"
    else:
        assert done.returncode == 1
        assert 'if __name__ == "__main__":' in textwrap.dedent(done.stderr).replace("'", '"')


def test_no_process_is_started_that_has_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    class Counted(scheduler.Worker):
        def __init__(self, task: Task) -> None:
            started.append(1)
            super().__init__(task)

    monkeypatch.setattr(scheduler, "Worker", Counted)
    found = campaign.run(2, 1, grammar=GRAMMAR, jobs=100_000)
    assert found.functions.total() == 2
    assert len(started) == 1


STUCK = """
from itertools import repeat
from gradjury.verifier.engine import NumpyEngine
class Stuck(NumpyEngine):
    def gradient(self, tape, point, dtype):
        if len(tape) == SIZE:
            sum(repeat(1))  # in C code, where no signal is looked at
        return super().gradient(tape, point, dtype)
"""


def test_an_engine_that_stands_still_in_c_code_costs_one_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = [len(generate(index, 5, **GRAMMAR).tape) for index in range(3)]
    assert sizes.count(sizes[1]) == 1
    (tmp_path / "stuck_engine.py").write_text(STUCK.replace("SIZE", str(sizes[1])))
    monkeypatch.syspath_prepend(str(tmp_path))
    task = Task(2, 5, "stuck_engine:Stuck", timeout=0.25, grammar=GRAMMAR)
    settings = {"timeout": 0.25, "grammar": GRAMMAR}
    ended = campaign.run(3, 2, 5, "stuck_engine:Stuck", tmp_path / "a.db", **settings)
    assert ended.functions == {"agree": 2, "undecided": 1}  # also where nobody asked for processes
    found = list(scheduler.in_processes(task, 0, 3, 1))
    assert [verdict for shard in found for verdict in shard.verdicts][::2] == ["agree", "agree"]
    ((case,),) = [shard.cases for shard in found if shard.cases]
    assert (case.index, case.record["verdict"]) == (1, "undecided")
    assert case.record["expression"] == write(generate(1, 5, **GRAMMAR).tape)
    assert case.record["error"] == ("the time of 0.25 s was over, and C code that ran then could not be stopped")


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="this system has no masks of signals")
def test_a_process_that_is_started_unheard_is_deaf_from_its_first_instruction() -> None:
    with worker.unheard():
        ask = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
        assert subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True).stdout == "True\n"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
