"""Who judges which shard where: in this process, or in several, of which any may be lost.

All sources give the shards in the order of their index, so that a store is at every moment a campaign's beginning.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait

from ..verifier.errors import GradjuryError
from ..verifier.timelimit import could_not_be_stopped
from .shards import Shard, Task, ranges
from .worker import Lost, Worker

SHARD = 16  # functions that a process is asked for at a time
AHEAD = 2  # shards that a process is asked for at once, so that it never waits for the next one
WINDOW = 64  # shards for each process that may be judged ahead of the one that comes next
ATTEMPTS = 2  # processes that a function may take with it until it is given up
FUNCTIONS_A_PROCESS = 500  # below that a process costs more to start than it saves

Span = tuple[int, int]


def processes_for(functions: int) -> int:
    """How many processes a campaign is given where none are asked for: the processors that we may use, at most."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, functions // FUNCTIONS_A_PROCESS))


def here(task: Task, start: int, stop: int) -> Generator[Shard, None, None]:
    """Shards of one function each, judged in this process."""
    for index in range(start, stop):
        yield task.shard(index, index + 1)


def given_up(task: Task, index: int, losses: int, loss: Lost) -> Shard | None:
    """The shard of a function that takes every process with it; None for one that is worth another process.

    Args:
        index: of the function.
        losses: how many processes it has taken with it.
        loss: the last of them.
    """
    if losses < ATTEMPTS:  # the second time it was neither the machine's fault nor a pause of the whole process
        return None
    if not loss.still or task.timeout is None:
        return lost_often(task, index, losses, str(loss))
    return task.lost(index, could_not_be_stopped(task.timeout))


def lost_often(task: Task, index: int, losses: int, how: str) -> Shard:
    """The shard of a function with which processes end."""
    return task.lost(index, f"the process that judged it was lost {losses} times ({how})")


def in_processes(task: Task, start: int, stop: int, jobs: int) -> Generator[Shard, None, None]:
    """Shards judged by several processes.

    A process may be lost (killed, out of memory): another takes its place. The function that it was judging is then
    tried by itself, and one that takes a second process with it is ``undecided`` for that reason.

    Args:
        task: what is judged.
        start, stop: the functions.
        jobs: how many processes.

    Raises:
        GradjuryError: the processes end before they are ready to judge.
    """
    pool = _Pool(task, ranges(start, stop, SHARD), min(jobs, -(-(stop - start) // SHARD)))  # no idle process is started
    try:
        while start < stop:
            shard = pool.next(start)
            yield shard
            start = shard.stop
    finally:
        pool.close()


@dataclass
class _Busy:
    """A worker and the spans that it was asked for and has not answered."""

    worker: Worker
    spans: deque[Span] = field(default_factory=deque)


class _Pool:
    def __init__(self, task: Task, spans: Iterator[Span], jobs: int) -> None:
        self._task, self._spans, self._jobs = task, spans, jobs
        self._again: deque[Span] = deque()  # what a lost worker left behind
        self._losses: dict[int, int] = {}  # by the index of a function that was tried alone
        self._found: dict[int, Shard] = {}
        self._crew: list[_Busy] = []
        self._unready = 0

    def next(self, start: int) -> Shard:
        """The shard that begins at this function."""
        while start not in self._found:
            while len(self._crew) < self._jobs:
                self._crew.append(_Busy(Worker(self._task)))
            self._hand_out()
            busy = {member.worker.connection: member for member in self._crew}
            for connection in wait(list(busy)):
                self._hear(busy[connection])  # type: ignore[index]
        return self._found.pop(start)

    def _hand_out(self) -> None:
        # the one with the least to do first, so that no one is given two spans while another has none
        for member in sorted(self._crew, key=lambda m: len(m.spans)):
            while len(member.spans) < AHEAD and (span := self._span()) is not None:
                member.spans.append(span)
                member.worker.submit(*span)

    def _span(self) -> Span | None:
        if self._again:
            return self._again.popleft()
        if len(self._found) >= WINDOW * self._jobs:
            return None
        return next(self._spans, None)

    def _hear(self, member: _Busy) -> None:
        try:
            shard = member.worker.receive()
        except Lost as loss:
            self._replace(member, loss)
            return
        self._unready = 0
        if shard is not None:
            member.spans.popleft()
            self._found[shard.start] = shard

    def _replace(self, member: _Busy, loss: Lost) -> None:
        """Take a lost worker off the crew; what it was judging is suspected, what waited behind that is not."""
        member.worker.stop()
        self._crew.remove(member)
        if not member.worker.is_ready:
            self._unready += 1
            if self._unready > 2 * self._jobs:
                raise GradjuryError(f"the processes that are to judge end before they are ready ({loss})")
        again = member.spans
        if member.worker.is_ready and again:
            start, stop = again.popleft()
            at = loss.at if loss.at is not None and start <= loss.at < stop else start
            again.extendleft(span for span in ((at + 1, stop), (start, at)) if span[0] < span[1])
            self._losses[at] = self._losses.get(at, 0) + 1
            lost = given_up(self._task, at, self._losses[at], loss)
            if lost is None:
                again.appendleft((at, at + 1))  # to the fresh process, before others wear that out
            else:
                self._found[at] = lost
        self._again.extendleft(reversed(again))

    def close(self) -> None:
        """End all processes at once; shards that were not yielded are lost."""
        for member in self._crew:
            member.worker.stop()
