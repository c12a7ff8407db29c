"""A limit on the time that one function may take."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class TimeIsUp(Exception):
    """The time for this function is over."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise :class:`TimeIsUp` in this context after ``seconds``.

    Interrupts between Python instructions, through the process's interval timer; outside the main thread, where
    signals cannot be had, and where the system has no such timer, there is no limit. Limits nest: an inner one
    does not outlive an outer one.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds is None or not usable:
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise TimeIsUp

    outer_left = signal.getitimer(signal.ITIMER_REAL)[0]
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, min(seconds, outer_left) if outer_left else seconds)
    try:
        yield
    finally:
        unused = signal.setitimer(signal.ITIMER_REAL, 0)[0]
        signal.signal(signal.SIGALRM, before)
        if outer_left:
            spent = min(seconds, outer_left) - unused
            signal.setitimer(signal.ITIMER_REAL, max(outer_left - spent, 1e-6))
