"""Campaigns on a real Dask scheduler with two worker processes, on loopback."""

from __future__ import annotations

import logging.handlers
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip("distributed", reason="the extra dask is not installed")

from gradjury.properties import campaign, distributed, settings
from gradjury.properties.store import Store
from gradjury.verifier.errors import GradjuryError

GRAMMAR = {"nodes": (3, 12)}
TABLES = ("functions", "records", "causes", "sums")


def contents(path):
    connection = sqlite3.connect(path)
    found = {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES}
    connection.close()
    return found


def dask(*arguments: str) -> subprocess.Popen[str]:
    """A part of the cluster, as ``dask scheduler`` and ``dask worker`` start it."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "DASK_DISTRIBUTED__DASHBOARD__LINK": ""}
    command = [sys.executable, "-m", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True)


def until(process: subprocess.Popen[str], pattern: str) -> str:
    """Read what it says until it says this."""
    assert process.stderr
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found[found.lastindex or 0]
    raise AssertionError(f"ended without {pattern}")


def end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr:
        process.stderr.close()


@contextmanager
def scheduler() -> Iterator[str]:
    process = dask("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    try:
        yield until(process, r"Scheduler at:\s+(tcp://\S+)")
    finally:
        end(process)


@contextmanager
def cluster(workers: int = 2) -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """Address of a scheduler, and its workers, each with one thread and no nanny that would start it anew."""
    with scheduler() as address:
        crew = [
            dask("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
            for _ in range(workers)
        ]
        try:
            for worker in crew:
                until(worker, "Registered to")
            yield address, crew
        finally:
            for worker in crew:
                end(worker)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "whole.db"
    campaign.run(400, 2, 5, store=path, special=0.3, grammar=GRAMMAR)
    return path


def test_a_cluster_gives_the_records_of_one_process_and_a_lost_worker_changes_nothing(tmp_path, whole):
    with cluster() as (address, crew):
        path, interrupted = tmp_path / "a.db", tmp_path / "b.db"
        heard = []

        def kill(done, counts):
            heard.append(done)
            if len(heard) == 2:
                os.killpg(crew[0].pid, signal.SIGKILL)

        campaign.run(400, 2, 5, store=path, special=0.3, grammar=GRAMMAR, scheduler=address, progress=kill)
        assert heard[:2] == [distributed.SHARD, 2 * distributed.SHARD]
        assert crew[0].wait() == -signal.SIGKILL
        assert contents(path) == contents(whole)

        def stop(done, counts):
            raise KeyboardInterrupt

        # the worker that is left takes part in another campaign, which goes on here when it is interrupted
        options = {"special": 0.3, "grammar": GRAMMAR, "scheduler": address}
        found = campaign.run(400, 2, 5, store=interrupted, progress=stop, **options)
        assert found.interrupted
        assert found.functions.total() == distributed.SHARD
        campaign.resume(interrupted)
        assert contents(interrupted) == contents(whole)


def test_other_versions_on_a_worker_are_refused(tmp_path, monkeypatch):
    with cluster(1) as (address, _):
        here = {**settings.versions(), "scipy": "0.1"}
        monkeypatch.setattr(distributed, "versions", lambda: here)
        with pytest.raises(GradjuryError, match=r"Dask worker tcp://\S+ has scipy \S+ where 0\.1 is expected"):
            campaign.run(5, 1, 0, grammar=GRAMMAR, scheduler=address)


def test_a_scheduler_that_goes_leaves_what_was_judged_and_no_traceback(tmp_path, monkeypatch):
    said = logging.handlers.BufferingHandler(1000)
    monkeypatch.setattr(logging.getLogger("distributed.client"), "handlers", [said])
    path = tmp_path / "a.db"
    monkeypatch.setattr(distributed, "SHARD", 4)
    process = dask("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    worker = None
    try:
        address = until(process, r"Scheduler at:\s+(tcp://\S+)")
        worker = dask("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")

        def cut(done, counts):
            end(process)

        with pytest.raises(GradjuryError, match=r"the Dask scheduler at 'tcp://.*' has gone"):
            campaign.run(4000, 1, 5, store=path, grammar=GRAMMAR, scheduler=address, progress=cut)
    finally:
        end(process)
        if worker:
            end(worker)
    with Store.open(path) as store:
        assert 4 <= store.done < 4000
    assert not [record for record in said.buffer if record.levelno >= logging.WARNING]


def test_a_cluster_whose_workers_have_all_ended_is_not_waited_for_in_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(distributed, "SHARD", 4)
    monkeypatch.setattr(distributed, "LOOK", 0.2)
    path = tmp_path / "a.db"
    with cluster(1) as (address, crew):

        def kill(done, counts):
            monkeypatch.setattr(distributed, "ANSWER", 1)
            end(crew[0])

        with pytest.raises(GradjuryError, match=rf"the Dask scheduler at '{address}' has had no workers for \d+ s"):
            campaign.run(400, 2, 5, store=path, special=0.3, grammar=GRAMMAR, scheduler=address, progress=kill)
    with Store.open(path) as store:
        assert 4 <= store.done < 400


def test_a_cluster_that_gets_a_worker_again_goes_on(tmp_path, whole, monkeypatch):
    monkeypatch.setattr(distributed, "LOOK", 0.2)
    path = tmp_path / "a.db"
    with cluster(1) as (address, crew):

        def replace(done, counts):
            if len(crew) == 1:
                end(crew[0])
                crew.append(
                    dask("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
                )

        campaign.run(400, 2, 5, store=path, special=0.3, grammar=GRAMMAR, scheduler=address, progress=replace)
    assert contents(path) == contents(whole)


def test_no_scheduler_and_no_worker_are_named(monkeypatch):
    monkeypatch.setattr(distributed, "ANSWER", 1)
    with pytest.raises(GradjuryError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:1'"):
        campaign.run(1, scheduler="tcp://127.0.0.1:1")
    with scheduler() as address, pytest.raises(GradjuryError, match="has no workers"):
        campaign.run(1, scheduler=address)


def test_a_function_that_no_process_survives_is_given_up(tmp_path, monkeypatch):
    """The answer that a Dask worker's thread gives, with its process of its own."""
    import pickle

    from gradjury.properties.shards import Task

    class Mortal:
        def __init__(self, task):
            self.task = task

        def judge(self, start, stop):
            if start <= 2 < stop:
                raise distributed.Lost("SIGKILL")
            return self.task.shard(start, stop)

        def stop(self):
            pass

    monkeypatch.setattr(distributed, "Worker", Mortal)
    monkeypatch.setattr(distributed, "_mine", type("", (), {})())
    task = Task(1, 0, "numpy", grammar=GRAMMAR)
    versions = {**settings.versions(), "numpy": np.__version__}
    began = time.monotonic()
    shard = distributed.judge(pickle.dumps(task), 0, 4, versions)
    assert time.monotonic() - began < 30
    assert shard.verdicts == ["agree", "agree", "undecided", "agree"]
    assert shard.cases[0].record["error"] == "the process that judged it was lost 2 times (SIGKILL)"
    assert distributed.judge(pickle.dumps(task), 2, 3, versions).verdicts == ["undecided"]


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "nonsense:port"])
def test_an_address_that_cannot_be_read_is_refused_at_once(address):
    began = time.monotonic()
    with pytest.raises(GradjuryError, match=f"no Dask scheduler answers at '{address}'"):
        campaign.run(3, 1, scheduler=address)
    assert time.monotonic() - began < 20
