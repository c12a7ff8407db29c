"""A process of its own that judges shards: started, asked, waited for, and seen to be lost.

It is a fresh interpreter and no fork: engines bring threads along, which a fork would cut off, and a Dask worker may
have no children by ``multiprocessing``. It runs shards in its main thread, where time limits work, and ends when
its pipe does, however its parent came to its end.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import Pipe, current_process, spawn
from multiprocessing.connection import Connection
from typing import Any, TextIO

from ..verifier.errors import GradjuryError
from .shards import Shard, Task

# The paths of this interpreter, so that the other finds the same modules, whatever started this one.
_START = """
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from gradjury.properties.worker import serve
serve(int(sys.argv[1]))
"""

READY = "ready"


class Lost(Exception):
    """The process ended before it answered; the text says how."""


class Worker:
    """One process that judges shards of one campaign, one after the other.

    Args:
        task: what it judges.

    Raises:
        GradjuryError: the system lets no process be started.
    """

    def __init__(self, task: Task) -> None:
        self.connection, theirs = Pipe()
        # Judging is one thread's work: engines that would use all cores for it hinder the other processes.
        environment = {"OMP_NUM_THREADS": "1", **os.environ}
        command = [sys.executable, "-c", _START, str(theirs.fileno()), json.dumps(sys.path)]
        try:
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL
            )
        except OSError as error:
            self.connection.close()
            raise GradjuryError(f"no process can be started: {error}") from error
        finally:
            theirs.close()
        self.is_ready = False
        limit = None if task.timeout is None else standstill(task.timeout)
        self._hint = "" if limit is None else f", as after {limit:g} s without an answer"
        try:
            self.connection.send(_main_module(task))
            self.connection.send(task)
        except OSError:
            pass  # it has ended already, which is noticed when it is asked for something
        except Exception as error:  # whatever a class does when it is pickled
            self.stop()
            raise GradjuryError(f"the engine cannot be sent to a process: {error}; expected jobs=1 for it") from error

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def submit(self, start: int, stop: int) -> None:
        """Ask for a shard; several may wait, they are answered in order."""
        with suppress(OSError):
            self.connection.send((start, stop))

    def receive(self) -> Shard | None:
        """The next shard; None for the word that the process is ready to judge.

        Raises:
            Lost: the process has ended.
            GradjuryError: it could not make itself ready.
        """
        try:
            answer = self.connection.recv()
        except (EOFError, OSError) as error:
            status = self._process.wait()
            hint = self._hint if status == 1 else ""
            raise Lost(signal.Signals(-status).name if status < 0 else f"exit status {status}{hint}") from error
        if answer == READY:
            self.is_ready = True
            return None
        if isinstance(answer, str):
            raise GradjuryError(f"a process cannot be made ready to judge: {answer}")
        assert isinstance(answer, Shard)
        return answer

    def judge(self, start: int, stop: int) -> Shard:
        """A shard, waited for.

        Raises:
            Lost: the process has ended.
        """
        self.submit(start, stop)
        while (shard := self.receive()) is None:
            pass
        return shard

    def stop(self) -> None:
        """End the process at once; nothing but an unfinished shard is lost."""
        self.connection.close()
        self._process.kill()
        self._process.wait()


def _main_module(task: Task) -> Mapping[str, Any]:
    """What the main module is, where the engine may be defined in it: a script, and no module that can be imported."""
    if isinstance(task.engine, str):
        return {}
    known = spawn.get_preparation_data("judge")
    return {name: known[name] for name in ("init_main_from_name", "init_main_from_path") if name in known}


def serve(descriptor: int) -> None:
    """What the process does: judge what it is asked for until nobody is there."""
    # Ctrl-C on a terminal goes to all processes: the workers leave it to the one that started them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = Connection(descriptor)
    with suppress(EOFError, ConnectionError):
        try:
            # As multiprocessing's own processes do: a script that starts a campaign whenever it is imported is told
            # what it lacks.
            current_process()._inheriting = True  # type: ignore[attr-defined]
            spawn.prepare(connection.recv())
            del current_process()._inheriting  # type: ignore[attr-defined]
            task: Task = connection.recv()
        except (EOFError, ConnectionError):
            raise
        except Exception as error:
            connection.send(f"{type(error).__name__}: {' '.join(str(error).split())}")
            return
        connection.send(READY)
        with open(os.devnull, "w") as nowhere:
            while True:
                start, stop = connection.recv()
                connection.send(_shard(task, start, stop, nowhere))


def _shard(task: Task, start: int, stop: int, nowhere: TextIO) -> Shard:
    """A shard; an engine that stands still where no signal reaches it, in C code, takes this process with it."""
    whole = Shard(start)
    for index in range(start, stop):
        if task.timeout is not None:  # a thread of C, which needs no turn from Python's lock
            faulthandler.dump_traceback_later(standstill(task.timeout), exit=True, file=nowhere)
        whole.extend(task.shard(index, index + 1))
        faulthandler.cancel_dump_traceback_later()
    return whole


def standstill(timeout: float) -> float:
    """Seconds after which a function that has a time limit is no longer waited for."""
    return 2 * timeout + 5
