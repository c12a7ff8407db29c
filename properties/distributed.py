"""Campaigns on a cluster: the shards go to the workers of a Dask scheduler.

Each thread of a Dask worker asks a process of its own, see :mod:`.worker`: judging needs a main thread, for its time
limits, and an interpreter to itself, for the precision of its balls. A function that no process survives takes that
process with it, and not the Dask worker.
"""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager, suppress
from typing import Any

from distributed import Client, Future, KilledWorker, get_worker
from distributed.comm import resolve_address
from distributed.comm.core import CommClosedError

from ..verifier.engine_names import engine_named
from ..verifier.errors import GradjuryError
from .scheduler import ATTEMPTS, given_up, lost_often
from .settings import versions
from .shards import Shard, Task, ranges
from .worker import Lost, Worker

SHARD, LARGEST = 64, 1024  # functions in one task of the cluster: fewest, and most in a large campaign
TASKS = 1000  # into which a campaign is cut, if that makes no shard too small or too large
WINDOW = 4096  # tasks that the scheduler is given ahead of the one whose result comes next
ANSWER = 30  # seconds within which a scheduler must answer and have a worker, at the start and later
LOOK = 5  # seconds between two looks at whether the cluster still has workers, while a result is waited for

_mine = threading.local()


def on_cluster(task: Task, start: int, stop: int, address: str) -> Generator[Shard, None, None]:
    """Shards judged by the workers of a cluster, in the order of their index.

    Dask gives the work of a worker that is lost to another.

    Args:
        task: what is judged; an Engine object in it must be of a class that the workers can import.
        start, stop: the functions.
        address: of the scheduler, ``tcp://host:8786``.

    Raises:
        GradjuryError: no scheduler answers there, it has no workers, loses all of them, or goes away; or a worker has
            other versions of the libraries, and might give other records.
    """
    # A task costs the scheduler some 2 ms, and a function takes some 6: large campaigns are cut into large shards.
    spans = ranges(start, stop, min(LARGEST, max(SHARD, stop // TASKS)))
    with _quiet(), closing(_Cluster(task, address)) as cluster:
        try:
            while start < stop:
                cluster.submit(spans)
                for shard in cluster.next():
                    yield shard
                    start = shard.stop
        except (CancelledError, CommClosedError, OSError) as error:
            raise GradjuryError(f"the Dask scheduler at {address!r} has gone: {error}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """In this context Dask's client prints no tracebacks: that its scheduler has gone, our own error says in a line."""
    log = logging.getLogger("distributed.client")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


class _Cluster:
    def __init__(self, task: Task, address: str) -> None:
        engine = engine_named(task.engine)
        self._task, self._pickled, self._address = task, pickle.dumps(task), address
        self._versions = {**versions(), engine.name: engine.version}
        self._waiting: deque[tuple[int, int, Future[Shard]]] = deque()
        try:
            resolve_address(address)  # a Client of an address that it cannot read would keep us waiting at its end
            self._client = Client(address, timeout=ANSWER, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise GradjuryError(f"no Dask scheduler answers at {address!r}: {error}") from error
        try:
            self._client.wait_for_workers(1, timeout=ANSWER)
        except TimeoutError:
            self._client.close()
            raise GradjuryError(f"the Dask scheduler at {address!r} has no workers") from None

    def submit(self, spans: Iterator[tuple[int, int]]) -> None:
        while len(self._waiting) < WINDOW and (span := next(spans, None)) is not None:
            self._waiting.append((*span, self._submitted(*span)))

    def _submitted(self, start: int, stop: int) -> Future[Shard]:
        # the lowest index first: its result is the one that is waited for
        arguments = (self._pickled, start, stop, self._versions)
        return self._client.submit(judge, *arguments, pure=False, priority=-start)

    def next(self) -> Iterator[Shard]:
        """The result that comes next; one for each function where Dask has given up on a shard."""
        start, stop, future = self._waiting.popleft()
        try:
            yield self._result(future)
        except KilledWorker:
            for index in range(start, stop):
                yield self._alone(index)

    def _alone(self, index: int) -> Shard:
        try:
            return self._result(self._submitted(index, index + 1))
        except KilledWorker:
            return lost_often(self._task, index, ATTEMPTS, "with its Dask worker")

    def _result(self, future: Future[Shard]) -> Shard:
        """What a worker answers; a scheduler whose workers have all ended would keep us waiting without a word."""
        alone_since: float | None = None
        while not _is_done(future):
            if self._client.nthreads():
                alone_since = None
            elif alone_since is None:
                alone_since = time.monotonic()
            elif (alone := time.monotonic() - alone_since) >= ANSWER:
                raise GradjuryError(f"the Dask scheduler at {self._address!r} has had no workers for {alone:.0f} s")
        answer: Shard = future.result()
        return answer

    def close(self) -> None:
        """Leave the cluster, and tell it to forget what was not yielded."""
        self._client.cancel([future for *_, future in self._waiting], force=True)
        self._client.close()


def _is_done(future: Future[Shard]) -> bool:
    """Whether there is an answer, for which it waits until the next look."""
    with suppress(TimeoutError):  # that of the wait: the worker's own is raised by the result that is asked for then
        future.result(timeout=LOOK)
    return bool(future.done())


def judge(pickled: bytes, start: int, stop: int, expected: Mapping[str, str]) -> Shard:
    """What a thread of a Dask worker does.

    Args:
        pickled: the task.
        start, stop: the functions.
        expected: the versions that the campaign was begun with, the engine's among them.

    Raises:
        GradjuryError: this worker has others.
    """
    task: Task = pickle.loads(pickled)
    engine = engine_named(task.engine)
    here = {**versions(), engine.name: engine.version}
    if here != expected:
        raise GradjuryError(f"Dask worker {get_worker().address} has {_differences(here, expected)}")
    first: Lost
    try:
        return _process(task, pickled).judge(start, stop)
    except Lost as loss:
        _drop()
        first = loss
    whole, suspect = Shard(start), start if stop - start == 1 else first.at
    for index in range(start, stop):
        whole.extend(_again(task, pickled, index, first if index == suspect else None))
    return whole


def _again(task: Task, pickled: bytes, index: int, loss: Lost | None) -> Shard:
    """One function by itself, after the loss that it has caused; None for none."""
    losses = 0 if loss is None else 1
    while True:
        if loss is not None and (lost := given_up(task, index, losses, loss)) is not None:
            return lost
        try:
            return _process(task, pickled).judge(index, index + 1)
        except Lost as another:
            _drop()
            losses, loss = losses + 1, another


def _process(task: Task, pickled: bytes) -> Worker:
    """This thread's process, which is kept from one shard of a campaign to the next."""
    if getattr(_mine, "pickled", None) != pickled:
        _drop()
        _mine.worker, _mine.pickled = Worker(task), pickled
    worker: Worker = _mine.worker
    return worker


def _drop() -> None:
    if getattr(_mine, "pickled", None) is not None:
        _mine.worker.stop()
        _mine.pickled = None


def _differences(here: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    named = [f"{name} {here.get(name)} where {expected[name]}" for name in expected if here.get(name) != expected[name]]
    return f"{', '.join(named)} is expected: other versions may give other records"
