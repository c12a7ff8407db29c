"""The errors that an input can cause: one line that says what arrived, what is expected, and where."""

from __future__ import annotations

import json
import os
import traceback

from ..engine.errors import GradjuryError

__all__ = ["GradjuryError", "InvalidInput", "LimitExceeded", "Unsupported"]


class InvalidInput(GradjuryError):
    """The input is not what it should be; the record that holds it is ``invalid``.

    Args:
        message: what arrived and what is expected.
        column: where in the expression, counted in characters from 1.
        line: the line of an expression of several lines, from 1.
        field: which part of a question it is about, ``at`` or ``engine``, where it is not the function.

    Attributes:
        column, line: as given, None where the whole input is meant.
        field: as given.
    """

    def __init__(
        self, message: str, column: int | None = None, line: int | None = None, *, field: str | None = None
    ) -> None:
        self.column, self.line, self.field = column, line, field
        place = [f"line {line}"] if line is not None else []
        if column is not None:
            place.append(f"column {column}")
        super().__init__(f"{message} ({', '.join(place)})" if place else message)


class LimitExceeded(InvalidInput):
    """The input is larger than the stated limits allow."""


class Unsupported(GradjuryError):
    """Known mathematics that cannot be differentiated here; the record that holds it is ``undecided``.

    Args:
        reason: why, in the words that the result record shows.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = str(self)


class Rounds(Unsupported):
    """A function rounds to fewer bits on the way than it is given: its values are stairs.

    Args:
        unit: relative rounding of the type to which it rounds.
    """

    def __init__(self, reason: str, unit: float) -> None:
        super().__init__(reason)
        self.unit = unit


def why_no_json(error: ValueError) -> str:
    """What is wrong with a text that was to be JSON, without what Python's decoders say for themselves."""
    if isinstance(error, UnicodeDecodeError):
        return f"this is no UTF-8 (byte {error.start + 1})"
    if isinstance(error, json.JSONDecodeError):
        return f"this is no JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    return "this holds a number of too many digits"


#: What others' code, a user's function or an engine, may raise without ending what judges it.
OF_OTHERS = (Exception, SystemExit)


def first_line(error: BaseException) -> str:
    """An exception in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def raised(error: BaseException) -> str:
    """An exception in one line, with the file and the line in which it was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{first_line(error)} ({os.path.basename(place.filename)}, line {place.lineno})"


_CRASHED = "crashed: "


def crashed(how: str) -> str:
    """Why nothing could be judged where an engine, or this program, did what it should not; in one line."""
    return _CRASHED + how


def is_crash(reason: str | None) -> bool:
    """Whether a reason is one of :func:`crashed`."""
    return reason is not None and reason.startswith(_CRASHED)
