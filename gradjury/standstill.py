"""The last resort of a command whose function does not come to its end: C code is out of reach of a time limit."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .interrupts import leave
from .shell import BAD_INPUT
from .verifier.timelimit import standstill

#: Seconds between two looks. Looks are counted, not the clock: one that was paused (Ctrl-Z) has its time all the same.
TICK = 0.25

#: Looks in a row at which a thread must not have answered to be taken for one that stands still.
LOOKS = 8


class Watch:
    """Ends this process where one function takes longer than its time limit, and what comes after that, allow.

    From then on a thread asks the main thread, by a signal, whether it goes on: Python answers between two of its
    instructions, and where no answer comes, C code runs. The thread gets its turn while C code has let go of Python's
    lock, as that of most engines does. Outside the main thread, and where the system has no such signals, nobody looks.

    Args:
        timeout: seconds a function.
        give_up: says what is lost, and returns the exit status.
    """

    def __init__(self, timeout: float, give_up: Callable[[], int]) -> None:
        self._left = self._limit = standstill(timeout)
        self._give_up = give_up
        self._busy, self._ended = threading.Lock(), threading.Event()
        self._begun, self._unanswered = False, 0

    def __enter__(self) -> Watch:
        self._looks = hasattr(signal, "SIGURG") and threading.current_thread() is threading.main_thread()
        if self._looks:
            self._before = signal.signal(signal.SIGURG, self._answer)
            signal.siginterrupt(signal.SIGURG, False)  # what C code waits for goes on being waited for
            threading.Thread(target=self._look, args=[threading.get_ident()], daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        if self._looks:
            signal.signal(signal.SIGURG, self._before)  # by default it is ignored, should one more come

    @contextmanager
    def one(self) -> Iterator[None]:
        """One function is judged in this context."""
        self._left, self._begun, self._unanswered = self._limit, True, 0
        try:
            yield
        finally:
            with self._busy:  # what is given up just now is not also finished
                self._begun = False

    def _answer(self, number: int, frame: object) -> None:
        self._unanswered = 0

    def _look(self, watched: int) -> None:
        while not self._ended.wait(TICK):
            self._left -= TICK
            with self._busy:
                if self._begun and self._left < 0:
                    if self._unanswered >= LOOKS:
                        self._end()
                    self._unanswered += 1
                    signal.pthread_kill(watched, signal.SIGURG)

    def _end(self) -> None:
        status = BAD_INPUT
        with suppress(BaseException):
            status = self._give_up()
        leave(status)  # nothing gentler ends a thread of C
