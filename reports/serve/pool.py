"""Worker processes and their limits: who waits, who is stopped, who takes the place of the stopped one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from typing import Any

from .frames import HEAD, pack

#: Jobs that may wait for a worker; later ones are told to come again.
MOST_WAITING = 256
#: Seconds that a worker may take to get ready, and after which another is tried where one could not be started.
START, AGAIN = 60.0, 1.0
#: How often that is tried.
MOST_STARTS = 3


class TooLong(Exception):
    """The job was stopped: its time is over."""


class Lost(Exception):
    """The worker died over the job: it needed too much memory, or broke the interpreter."""


class Full(Exception):
    """Too many jobs are waiting."""


class Gone(Exception):
    """Whoever asked is not there any more."""


class Pool:
    """Some processes of one kind.

    Args:
        size: how many.
        seconds: that one job may take.
    """

    def __init__(self, size: int, seconds: float) -> None:
        self.size, self.seconds = size, seconds
        self._idle: asyncio.Queue[Process | None] = asyncio.Queue()
        self._waiting = 0
        self._is_open = True
        self._all: set[Process] = set()
        self._starting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start all processes; they get ready while the first jobs wait."""
        for _ in range(self.size):
            self._replace()

    async def close(self) -> None:
        """End all processes, whatever they are doing; jobs that wait or run are given up."""
        self._is_open = False
        for _ in range(self._waiting):
            self._idle.put_nowait(None)
        starting = self._starting - {asyncio.current_task()}  # the last that could not start a process closes the pool
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        for process in list(self._all):
            await self._end(process)

    async def ask(self, job: dict[str, Any], gone: Callable[[], Awaitable[bool]] | None = None) -> dict[str, Any]:
        """Have a job done.

        Args:
            job: what :func:`.jobs.do` takes.
            gone: whether whoever asked has left while the job waited for its turn.

        Raises:
            TooLong, Lost, Full, Gone: it was not done.
        """
        if self._waiting >= MOST_WAITING or not self._is_open:
            raise Full
        self._waiting += 1
        try:
            process = await self._idle.get()
        finally:
            self._waiting -= 1
        if process is None or not self._is_open:
            raise Full
        try:
            if gone is not None and await gone():
                raise Gone
        except BaseException:  # the process was asked nothing yet: it takes the next job
            self._idle.put_nowait(process)
            raise
        try:
            answer: dict[str, Any] = await asyncio.wait_for(self._done(process, job), self.seconds)
        except BaseException as error:  # also a cancelled request: the answer to its job must not reach the next one
            self._replace(process)
            if isinstance(error, TimeoutError):
                raise TooLong from None
            if isinstance(error, (asyncio.IncompleteReadError, OSError)):
                raise Lost from None
            raise
        self._idle.put_nowait(process)
        return answer

    async def _done(self, process: Process, job: dict[str, Any]) -> Any:
        assert process.stdin is not None
        process.stdin.write(pack(job))
        await process.stdin.drain()
        return await self._take(process)

    @staticmethod
    async def _take(process: Process) -> Any:
        assert process.stdout is not None
        (length,) = HEAD.unpack(await process.stdout.readexactly(HEAD.size))
        return json.loads(await process.stdout.readexactly(length))

    def _replace(self, process: Process | None = None) -> None:
        if not self._is_open:
            return
        task = asyncio.create_task(self._started_instead_of(process))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _started_instead_of(self, old: Process | None) -> None:
        if old is not None:
            await self._end(old)
        for _ in range(MOST_STARTS):
            process = None
            try:
                # a session of its own: Ctrl-C is for the server, which ends its workers itself
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "gradjury.reports.serve.worker",
                    stdin=PIPE, stdout=PIPE, start_new_session=True,
                )  # fmt: skip
                self._all.add(process)
                await asyncio.wait_for(self._take(process), START)
            except (TimeoutError, asyncio.IncompleteReadError, OSError):
                if process is not None:
                    await self._end(process)
                await asyncio.sleep(AGAIN)
            else:
                self._idle.put_nowait(process)
                return
        self.size -= 1
        if not self.size:  # whoever waits would wait for ever
            await self.close()

    async def _end(self, process: Process) -> None:
        self._all.discard(process)
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()
