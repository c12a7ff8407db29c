"""The slopes on the two sides of a kink, of which a record keeps only the permitted numbers: a hair beyond them."""

from __future__ import annotations

import numpy as np

from ..engine.tape import Tape
from ..verifier.errors import GradjuryError
from ..verifier.oracle.balls import as_text
from ..verifier.oracle.sweeps import plan_of, precision_of
from ..verifier.oracle.truth import PointTruth, Truth
from .evidence import Record, floats, is_at_kink, tape_of

Slopes = tuple[str, str]


def slopes(truth: Truth) -> Slopes | None:
    """The slopes to the left and to the right at a kink as texts; None elsewhere."""
    sides = truth.sides
    if truth.kind != "kink" or sides is None or sides.left is None or sides.right is None:
        return None
    return as_text(sides.left), as_text(sides.right)


def slopes_of(record: Record, point: Record, tape: Tape | None = None) -> dict[str, Slopes]:
    """The slopes by each variable by which a point of a record is at a kink, found again from its function.

    Args:
        record: as ``verify`` writes it, or anybody else: nothing in it is trusted.
        point: of the record.
        tape: the function, where it is at hand; else the record's expression is read.
    """
    names = [name for name, partial in point["partials"].items() if is_at_kink(partial)]
    if not names or record.get("order", 1) != 1:
        return {}
    tape, at = tape or tape_of(record), floats(point["at"])
    if tape is None or not {*tape.inputs} <= at.keys():
        return {}
    dtype = np.dtype("float32" if record.get("dtype") == "float32" else "float64")
    try:
        truth = PointTruth(plan_of(tape), [at[name] for name in tape.inputs], precision_of(dtype))
        found = {name: slopes(truth.truth(tape.inputs.index(name))) for name in names if name in tape.inputs}
    except GradjuryError:
        return {}
    return {name: sides for name, sides in found.items() if sides is not None}
