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
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from mmap import PAGESIZE, mmap
from multiprocessing import Pipe, current_process, spawn
from multiprocessing.connection import Connection
from typing import IO, Any

from ..verifier.errors import GradjuryError
from ..verifier.timelimit import standstill
from .shards import Shard, Task

# The paths of this interpreter, so that the other finds the same modules, whatever started this one.
# Ctrl-C on a terminal goes to all processes: the workers leave it to the one that started them, while they import too.
_START = """
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
import json, sys
sys.path[:] = json.loads(sys.argv[2])
from gradjury.properties.worker import serve
serve(*map(int, sys.argv[1].split()))
"""

READY = "ready"


@contextmanager
def unheard() -> Iterator[None]:
    """What is started in this context is deaf to Ctrl-C from its first instruction on; its parent hears a moment later.

    A process inherits the mask of the thread that starts it. An interpreter that does not know yet that it is to ignore
    Ctrl-C would end with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Lost(Exception):
    """The process ended before it answered; the text says how.

    Attributes:
        at: the function that it judged last, if it came so far.
        still: whether it was ended since that function did not come to its end, out of reach of its time limit.
    """

    def __init__(self, how: str, at: int | None = None, still: bool = False) -> None:
        super().__init__(how)
        self.at, self.still = at, still


class Notes:
    """A file without a name in which a process leaves word of where it is, for the one that started it.

    One page holds the index of the function that is judged, and costs no call of the system to write. What stands
    behind that page is Python's word that the function did not come to its end.

    Args:
        file: open to be read and written; a page long at least.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._page = mmap(file.fileno(), PAGESIZE)
        file.seek(0, os.SEEK_END)

    @classmethod
    def fresh(cls) -> Notes:
        """An empty one.

        Raises:
            OSError: the disk for temporary files is full.
        """
        file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # closed by close()
        file.write(bytes(PAGESIZE))  # a hole in a file is a disk that may turn out to be full
        return cls(file)

    @property
    def at(self) -> int | None:
        """The index that was noted last; None for none."""
        return int.from_bytes(self._page[:8], "little") - 1 if any(self._page[:8]) else None

    @at.setter
    def at(self, index: int) -> None:
        self._page[:8] = (index + 1).to_bytes(8, "little")

    @property
    def still(self) -> bool:
        """Whether the function there did not come to its end."""
        return os.fstat(self.file.fileno()).st_size > PAGESIZE

    def close(self) -> None:
        """Forget it."""
        self._page.close()
        self.file.close()


class Worker:
    """One process that judges shards of one campaign, one after the other.

    Args:
        task: what it judges.

    Raises:
        GradjuryError: the system lets no process be started.
    """

    def __init__(self, task: Task) -> None:
        # Judging is one thread's work: engines that would use all cores for it hinder the other processes.
        environment = {"OMP_NUM_THREADS": "1", **os.environ}
        self.connection, theirs = Pipe()
        notes: Notes | None = None
        try:
            notes = self._notes = Notes.fresh()
            shared = [theirs.fileno(), self._notes.file.fileno()]
            command = [sys.executable, "-c", _START, " ".join(map(str, shared)), json.dumps(sys.path)]
            with unheard():
                self._process = subprocess.Popen(command, pass_fds=shared, env=environment, stdin=subprocess.DEVNULL)
        except OSError as error:
            self.connection.close()
            if notes is not None:
                notes.close()
            raise GradjuryError(f"no process can be started: {error}") from error
        finally:
            theirs.close()
        self.is_ready = False
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
            raise Lost(_ending(status), self._notes.at, self._notes.still) from error
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
        self._notes.close()


def _ending(status: int) -> str:
    """How a process came to its end, by what the system says of it."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:  # one of the real-time signals, most of which have no name
        return f"signal {-status}"


def _main_module(task: Task) -> Mapping[str, Any]:
    """What the main module is, where the engine may be defined in it: a script, and no module that can be imported."""
    if isinstance(task.engine, str):
        return {}
    known = spawn.get_preparation_data("judge")
    return {name: known[name] for name in ("init_main_from_name", "init_main_from_path") if name in known}


def serve(descriptor: int, notes: int) -> None:
    """What the process does: judge what it is asked for until nobody is there.

    Args:
        descriptor: of the pipe to the one that asks.
        notes: of the file of :class:`Notes`.
    """
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
        known = Notes(os.fdopen(notes, "r+b", buffering=0))
        while True:
            start, stop = connection.recv()
            connection.send(_shard(task, start, stop, known))


def _shard(task: Task, start: int, stop: int, notes: Notes) -> Shard:
    """A shard; an engine that stands still where no signal reaches it, in C code, takes this process with it."""
    whole = Shard(start)
    for index in range(start, stop):
        notes.at = index
        if task.timeout is not None:  # a thread of C, which needs no turn from Python's lock
            faulthandler.dump_traceback_later(standstill(task.timeout), exit=True, file=notes.file)
        whole.extend(task.shard(index, index + 1))
        faulthandler.cancel_dump_traceback_later()
    return whole
