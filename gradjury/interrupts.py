"""Ctrl-C, wherever it comes: seen in what others made of it, and raised again where Python swallows it."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

#: The exit status.
INTERRUPTED = 130

#: Seconds after which an interrupt that was swallowed is tried again.
AGAIN = 0.02


class Interrupted(Exception):
    """Ctrl-C came; ``judged`` says what was finished before it."""

    def __init__(self, judged: str = "") -> None:
        super().__init__(f"interrupted: {judged}" if judged else "interrupted")


def came_of_it(error: BaseException) -> bool:
    """Whether an error is Ctrl-C, or was raised because of it, as libraries do that were left in the middle."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, KeyboardInterrupt):
            return True
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            waiting += [one.__cause__, one.__context__]
    return False


@contextmanager
def heard() -> Iterator[None]:
    """In this context no Ctrl-C is lost: in finalisers and callbacks of weak references Python raises nothing.

    It tells ``sys.unraisablehook`` instead, from where the interrupt is sent once more, a moment later.
    """
    before = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            before(unraisable)
            return
        _thread.start_new_thread(_again, ())  # here and now it would be swallowed again

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


def _again() -> None:
    time.sleep(AGAIN)
    _thread.interrupt_main()


class Note:
    """Whether Ctrl-C came; see :func:`noted`."""

    came = False


@contextmanager
def noted() -> Iterator[Note]:
    """In this context Ctrl-C leaves word, for code whose errors others take: pytest goes on with the next test."""
    note, before = Note(), signal.getsignal(signal.SIGINT)

    def handle(number: int, frame: object) -> None:
        note.came = True
        raise KeyboardInterrupt

    usable = before is signal.default_int_handler and threading.current_thread() is threading.main_thread()
    if usable:
        signal.signal(signal.SIGINT, handle)
    try:
        yield note
    finally:
        if usable:
            signal.signal(signal.SIGINT, before)


class Interrupts:
    """Within this context Ctrl-C can be held back for a moment: what is begun is finished, then it comes.

    This is a handler of our own rather than the system's mask of signals: masked in one thread, the signal
    would be given to another, and Python would act on it all the same.
    """

    def __init__(self) -> None:
        self._holding = self._came = False

    def __enter__(self) -> Interrupts:
        self._usable = threading.current_thread() is threading.main_thread()
        if self._usable:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *error: object) -> None:
        if self._usable:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, number: int, frame: object) -> None:
        if not self._holding:
            raise KeyboardInterrupt
        self._came = True

    @contextmanager
    def held(self) -> Iterator[None]:
        """Ctrl-C waits until the end of this context."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
            if self._came:
                raise KeyboardInterrupt


def done(status: int) -> None:
    """From here on Ctrl-C ends this process at once, with the exit status of the work that it has done.

    Where Ctrl-C was ignored, or has a handler of somebody else's, it is left alone.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return

    signal.signal(signal.SIGINT, lambda number, frame: leave(status))


def leave(status: int) -> NoReturn:
    """End this process at once, whatever its threads do; what was written is not lost."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os._exit(status)


def deaf() -> None:
    """The interpreter is being taken apart, and takes Python's handlers first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
