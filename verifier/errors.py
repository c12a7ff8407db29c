"""The errors that an input can cause: one line that says what arrived, what is expected, and where."""

from __future__ import annotations

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

    Attributes:
        column, line: as given, None where the whole input is meant.
    """

    def __init__(self, message: str, column: int | None = None, line: int | None = None) -> None:
        self.column, self.line = column, line
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


def first_line(error: BaseException) -> str:
    """An exception in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def raised_at(error: BaseException) -> str:
    """The file and the line in which an exception was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{os.path.basename(place.filename)}, line {place.lineno}"


def is_crash(reason: str | None) -> bool:
    """Whether this is why nothing could be judged: an engine, or this program, raised what it should not."""
    return reason is not None and reason.startswith("crashed:")
