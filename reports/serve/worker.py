"""A process that does the jobs of the live pages one by one: what takes too long or too much is lost with it alone.

Run as ``python -m gradjury.reports.serve.worker``: jobs come on standard input, answers leave on standard output.
"""

from __future__ import annotations

import os
import sys
import threading
from queue import SimpleQueue
from typing import Any, BinaryIO

from .frames import pack, take

#: Bytes of memory that a job may take, beyond what is mapped from files.
MEMORY = 3 << 30


def _receive(source: BinaryIO, jobs: SimpleQueue[Any]) -> None:
    """Hand on every job; when the server has gone, so has the reason for this process, whatever it is doing."""
    while True:
        try:
            jobs.put(take(source))
        except (EOFError, OSError):
            os._exit(0)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # not everywhere; the limit of time is
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def main() -> None:
    """Do jobs until the server has gone."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # engines print what they like; the pipe is for answers alone
    jobs: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_receive, args=(sys.stdin.buffer, jobs), daemon=True).start()
    _limit_memory()
    from .jobs import do, warm_up

    warm_up()
    os.dup2(quiet, 2)
    _send(answers, {"ready": True})
    while True:
        _send(answers, do(jobs.get()))


def _send(answers: Any, message: Any) -> None:
    rest = memoryview(pack(message))
    try:
        while rest:
            rest = rest[answers.write(rest) :]
    except OSError:  # nobody reads any more
        os._exit(0)


if __name__ == "__main__":
    main()
