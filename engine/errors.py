"""Every error that the engine raises on purpose, each with its one sentence, and the base of the whole project's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

LONGEST = 60  # characters of a value in a message


def shortened(text: str) -> str:
    """A text as a message of one line may hold it: its beginning, if it is long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "…"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question that names what is spelt like an unknown name; empty where nothing is."""
    from difflib import get_close_matches  # of use in errors only

    near = get_close_matches(name, known, 3)
    return f"did you mean {' or '.join(near)}?" if near else ""


class GradjuryError(Exception):
    """Base of the errors that a user's input can cause; its text is always one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))

    def __reduce__(self) -> tuple[Any, ...]:
        # pickled as it is: made of its text anew, as other exceptions are, it would be a text around that text
        return _as_it_was, (type(self), *self.args), self.__dict__


def _as_it_was(kind: type[GradjuryError], *args: object) -> GradjuryError:
    return kind.__new__(kind, *args)


class EngineError(GradjuryError):
    """Base of the engine's errors."""


class NoForwardPass(EngineError):
    """A sweep needs the values that a forward pass stores."""

    def __init__(self, sweep: str, dropped: bool) -> None:
        why = "they were dropped" if dropped else "no forward pass has stored them"
        super().__init__(f"the {sweep} sweep needs the value of every node, but {why}: call forward(point) first")


class MissingValue(EngineError, KeyError):
    """The point names no value for an input."""

    def __init__(self, name: str, given: list[str]) -> None:
        super().__init__(f"no value for variable {name!r}: the point names {', '.join(given) or 'nothing'}")

    __str__ = Exception.__str__


class BranchOnValue(EngineError, TypeError):
    """A traced function asked for the truth or the float of a Variable."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} of a Variable was asked for while the function was being traced: one branch would be "
            "recorded and the others lost without a word; use numpy.where(condition, a, b) and "
            "numpy's functions"
        )


class NotTraceable(EngineError, TypeError):
    """A function was called on a Variable that no primitive stands for."""
