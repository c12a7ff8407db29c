"""A limit on the time that one function may take."""

from __future__ import annotations

import _weakrefset
import gc
import signal
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType

#: Seconds after which an interrupt that was lost or had to wait is tried again.
AGAIN = 0.02

#: The most seconds that the timer of every system takes.
LONGEST = 1e8

#: Seconds by which an interrupt is late where the whole process was paused (Ctrl-Z), if it did nothing in that time.
LATE = 0.5

#: Where the callbacks of weak dictionaries and sets, ``remove`` and ``_remove``, stand.
_WEAK = (weakref.__file__, _weakrefset.__file__)


class TimeIsUp(BaseException):
    """The time for this function is over.

    No ``Exception``, so that only those take it who wait for it, as with ``KeyboardInterrupt``: functions of users and
    engines may catch every error that they know nothing of.
    """


class _Active:
    """A clock that leaves out the pauses of the process, once they are known."""

    paused = 0.0

    @classmethod
    def now(cls) -> float:
        """Seconds."""
        return time.monotonic() - cls.paused


def standstill(timeout: float) -> float:
    """Seconds after which a function that has a time limit is no longer waited for: what runs is out of its reach."""
    return 1.25 * timeout + 5


def could_not_be_stopped(timeout: float) -> str:
    """Why a function is ``undecided`` that was no longer waited for."""
    reason = f"the time of {timeout:g} s was over, and C code that ran then could not be stopped"
    return reason


def _would_be_lost(frame: FrameType | None) -> bool:
    """Whether an exception raised here is swallowed: in a finaliser, in a callback of the collector or of a weakref."""
    callbacks = {getattr(callback, "__code__", None) for callback in gc.callbacks}
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or code in callbacks:
            return True
        if code.co_name in ("remove", "_remove") and code.co_filename in _WEAK:
            return True
        frame = frame.f_back
    return False


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise :class:`TimeIsUp` in this context after ``seconds``.

    Interrupts between Python instructions, through the process's interval timer; outside the main thread, where
    signals cannot be had, and where the system has no such timer, there is no limit. Limits nest: an inner one
    does not outlive an outer one. A pause of the whole process that outlasts the limit is left out.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if seconds is None or not usable:
        yield
        return
    over = False
    outer_left, outer_again = signal.getitimer(signal.ITIMER_REAL)
    limit = min(seconds, outer_left or seconds, LONGEST)
    start, worked = _Active.now(), time.process_time()

    def stop(number: int, frame: FrameType | None) -> None:
        if over or _would_be_lost(frame):
            return
        paused, now = _Active.paused, _Active.now()
        late, idle = now - start - limit, now - start - (time.process_time() - worked)
        if late < 0:  # an alarm that was on its way when the last one found a pause
            return
        if late < LATE or idle < late:
            raise TimeIsUp
        _Active.paused = paused + idle  # not +=: an alarm that comes in between finds the same pause
        signal.setitimer(signal.ITIMER_REAL, max(limit - (_Active.now() - start), AGAIN), AGAIN)

    before = signal.signal(signal.SIGALRM, stop)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, limit, AGAIN)
            yield
        finally:
            over = True  # an interrupt from here on is too late, and must not keep the timer from being restored
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer_left:
            spent = _Active.now() - start
            signal.setitimer(signal.ITIMER_REAL, max(outer_left - spent, 1e-6), outer_again)


class Clock:
    """The time of one function, shared by all that is done for it one after the other.

    Args:
        seconds: None for no limit.
    """

    def __init__(self, seconds: float | None) -> None:
        self.seconds, self._start = seconds, _Active.now()

    def limit(self) -> AbstractContextManager[None]:
        """A limit on what happens in this context: the time that is left."""
        if self.seconds is None:
            return _NO_LIMIT
        return time_limit(max(self.seconds - (_Active.now() - self._start), 1e-6))

    @property
    def time_is_up(self) -> tuple[type[TimeIsUp], ...]:
        """What to catch around :meth:`limit`: nothing where there is none, since somebody else's limit was met then."""
        return () if self.seconds is None else (TimeIsUp,)

    @property
    def over(self) -> str:
        """Why nothing was judged any more."""
        reason = f"the time of {self.seconds or 0:g} s was over"
        return reason

    @property
    def over_before_blame(self) -> str:
        """Why nobody is blamed for a number that was judged in time."""
        reason = f"the time of {self.seconds or 0:g} s was over before the fault was located"
        return reason


_NO_LIMIT = nullcontext()
