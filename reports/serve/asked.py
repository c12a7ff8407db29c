"""What a visitor asks for: a function, a point, an engine, read from the fields of a form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...engine.tape import Tape
from ...verifier import read
from ...verifier.engine_names import known
from ...verifier.errors import GradjuryError, InvalidInput, LimitExceeded
from ...verifier.limits import Limits
from ...verifier.records import parse_number
from ...verifier.sampling import sample

#: What a request may hold: a page that is read by people needs no more.
LIMITS = Limits(length=4000, depth=60, chain=500, nodes=1000, digits=400, points=100)


class Refused(Exception):
    """A field holds what cannot be used.

    Attributes:
        field: its name: ``f``, ``at.x``, ``engine``, or empty for the request as a whole.
        error: what is wrong.
    """

    def __init__(self, field: str, error: Exception) -> None:
        super().__init__(str(error))
        self.field, self.error = field, error


def about(error: Exception) -> str:
    """The field that an error is about: the function's, unless it names another."""
    return (error.field if isinstance(error, InvalidInput) else None) or "f"


def function(text: str) -> Tape:
    """The function that a field holds.

    Raises:
        Refused: it holds none.
    """
    try:
        return read(text, LIMITS)
    except GradjuryError as error:
        raise Refused("f", error) from None


def engine(name: str) -> str:
    """The name of an engine. None of a class: a link on anybody's page could have its module imported here.

    Raises:
        Refused: no engine has this name.
    """
    if name not in known():
        words = f"engine: {name!r} is not known; known: {', '.join(known())}"
        raise Refused("engine", InvalidInput(words, field="engine"))
    return name


def numbers(tape: Tape, fields: Mapping[str, str]) -> dict[str, list[float]]:
    """The numbers of every variable whose field is not empty; fields of other variables are left over from before.

    Raises:
        Refused: a field holds something else.
    """
    found: dict[str, list[float]] = {}
    for name in tape.inputs:
        text = fields.get(name, "").strip()
        if text:
            try:
                found[name] = [parse_number(part.strip().replace("−", "-")) for part in text.split(",")]
            except InvalidInput as error:
                raise Refused(f"at.{name}", error) from None
            if len(found[name]) > LIMITS.points:
                many = LimitExceeded(f"{len(found[name]):,} points; expected at most {LIMITS.points:,}")
                raise Refused(f"at.{name}", many)
    return found


def point(tape: Tape, fields: Mapping[str, str]) -> dict[str, float]:
    """One number for every variable; where a field is empty, one at which the function is real.

    Raises:
        Refused: a field holds no finite number, or several; or none could be found.
    """
    given: dict[str, float] = {}
    for name, row in numbers(tape, fields).items():
        if len(row) > 1:
            raise Refused(f"at.{name}", InvalidInput("several values; a lesson has one point"))
        if not math.isfinite(row[0]):
            raise Refused(f"at.{name}", InvalidInput(f"{row[0]} is no finite number; expected one such as 0.5"))
        given[name] = row[0]
    if len(given) == len(tape.inputs):
        return given
    return {name: given.get(name, drawn[0]) for name, drawn in _drawn(tape, 1).items()}


def points(tape: Tape, fields: Mapping[str, str]) -> dict[str, list[float]]:
    """Numbers for every variable, for the verifier.

    Raises:
        Refused: a field holds something else, or none could be found.
    """
    given = numbers(tape, fields)
    if len({len(row) for row in given.values()} - {1}) > 1:
        counts = ", ".join(f"{name}: {len(row)}" for name, row in given.items())
        words = f"{counts} values; expected one, or the same number of them, for each variable"
        raise Refused("at", InvalidInput(words))
    if len(given) == len(tape.inputs):
        return given
    return {
        name: given.get(name, drawn) for name, drawn in _drawn(tape, max(map(len, given.values()), default=1)).items()
    }


def field(x: float) -> str:
    """A number as it stands in a field: what names it exactly, 2 for 2.0."""
    return repr(x).removesuffix(".0")


def _drawn(tape: Tape, count: int) -> dict[str, list[float]]:
    try:
        drawn: Mapping[str, Any] = sample(tape, None, count, 0)
    except GradjuryError as error:
        raise Refused("f", error) from None
    return {name: [float(f"{x:.3g}") for x in row] for name, row in drawn.items()}
