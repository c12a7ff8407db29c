"""How the chain rule is written, in the lesson and in the report: db/da, and what the letters in it stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..engine.tape import Tape
from .chain import node_names
from .digits import short, typeset
from .mathml import math
from .trees import PRODUCT, Tree, applied, name, quotient, row, sign, subscripted


def ratio(d: str, top: str, bottom: str) -> Tree:
    """db/da, or ∂b/∂a.

    Args:
        d: ``d`` or ``∂``.
        top, bottom: names of the variables.
    """
    above, below = (row(name(d), name(variable), binding=PRODUCT) for variable in (top, bottom))
    return quotient(above, below)


def letters(operations: Iterable[tuple[str, str, Sequence[tuple[str, str | None]]]]) -> list[dict[str, Any]]:
    """The operations whose letters stand in their local derivatives, as the page explains them: z = D(c, x).

    Args:
        operations: of each its letter, the name of its result, and of every argument its name and the letter with
            which the derivative by it is written, see :func:`~gradjury.reports.chain.own_letters`; None for none.
    """
    found = []
    for letter, result, arguments in operations:
        if any(own for _, own in arguments):
            call = applied(letter, *(name(argument) for argument, _ in arguments))
            found.append(
                {
                    "call": math(name(result), sign("="), call),
                    "letter": math(name(letter)),
                    "result": math(name(result)),
                    "is_counted": any(own not in (None, letter) for _, own in arguments),
                }
            )
    return found


def apart_in_words(found: Mapping[int, float], tape: Tape) -> str:
    """The numbers of :func:`~gradjury.reports.chain.apart`: ``∂z/∂y = 0.5``."""
    every = node_names(tape)
    output, d = every[tape.output], "∂" if len(tape.inputs) > 1 else "d"
    return ", ".join(f"{d}{output}/{d}{subscripted(every[i])} = {typeset(short(g))}" for i, g in found.items())
