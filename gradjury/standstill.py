"""The last resort of a command whose function does not come to its end: C code is out of reach of a time limit."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .shell import BAD_INPUT
from .verifier.timelimit import standstill

#: Seconds between two looks. Looks are counted, not the clock: one that was paused (Ctrl-Z) has its time all the same.
TICK = 0.25

#: Looks in a row at which a thread must be found at the same instruction to be taken for one that stands still.
LOOKS = 8


class Watch:
    """Ends this process where one function takes longer than its time limit, and what comes after that, allow.

    A thread looks whether the one that entered the context has gone on since it looked last: where that stands still
    at one instruction of Python, C code runs. It gets its turn while C code has let go of Python's lock, as that of
    most engines does.

    Args:
        timeout: seconds a function.
        give_up: says what is lost, and returns the exit status.
    """

    def __init__(self, timeout: float, give_up: Callable[[], int]) -> None:
        self._left = self._limit = standstill(timeout)
        self._give_up = give_up
        self._busy, self._ended = threading.Lock(), threading.Event()
        self._begun = False

    def __enter__(self) -> Watch:
        threading.Thread(target=self._look, args=[threading.get_ident()], daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """One function is judged in this context."""
        self._left, self._begun = self._limit, True
        try:
            yield
        finally:
            with self._busy:  # what is given up just now is not also finished
                self._begun = False

    def _look(self, watched: int) -> None:
        before, still = None, 0
        while not self._ended.wait(TICK):
            self._left -= TICK
            here = _place(watched)
            before, still = here, still + 1 if here == before else 0
            with self._busy:
                if self._begun and self._left < 0 and still >= LOOKS:
                    self._end()

    def _end(self) -> None:
        status = BAD_INPUT
        with suppress(BaseException):
            status = self._give_up()
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        os._exit(status)  # nothing gentler ends a thread of C


def _place(thread: int) -> tuple[int, int] | None:
    """The instruction of Python at which a thread is."""
    frame = sys._current_frames().get(thread)
    return None if frame is None else (id(frame), frame.f_lasti)
