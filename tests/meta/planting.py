"""One fault, planted in functions that hold its primitive: how many of those that it affects are found and blamed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradjury.engine import REGISTRY, Primitive, Tape
from gradjury.properties.faults import faulty_engine
from gradjury.properties.points import points
from gradjury.properties.power import POINTS, Outcome, functions_with, moved, rightly_blamed
from gradjury.verifier.engine import Engine, NumpyEngine
from gradjury.verifier.verdicts.judgement import BLAMED
from gradjury.verifier.verify import verify

#: Of the points those are judged, this many, where a fault moves the result most.
JUDGED = 4


def of_fault(primitive: type[Primitive] | None, kind: str, argument: int, *, functions: int, seed: int) -> Outcome:
    """How many of some functions' faults are found.

    Args:
        primitive: where the fault is planted; None for ``"fan-out"``.
        kind: the fault, see :data:`~gradjury.properties.faults.KINDS`.
        argument: whose local derivative is wrong.
        functions: how many functions to try; those that the fault does not affect are not counted.
        seed: they follow from it.
    """
    outcome = Outcome()
    faulty = faulty_engine(primitive or REGISTRY["add"], kind, argument)
    for number, function in functions_with(primitive, seed, functions):
        at = points(function, POINTS, seed=seed, index=number)
        chosen = _most_changed(function.tape, at, faulty)
        if not chosen:
            continue
        worst = {name: values[chosen] for name, values in at.items()}
        result = verify(function.tape, worst, engine=faulty, standard="program")
        if not any(moved(function.tape, point) for point in result.points):
            continue
        outcome.affected += 1
        if result.verdict not in BLAMED:
            outcome.missed.append((number, result.verdict))
            continue
        outcome.found += 1
        if rightly_blamed(result, primitive, kind, argument):
            outcome.blamed += 1
        else:
            outcome.missed.append((number, f"{result.verdict}, blame {result.blame}"))
    return outcome


def _most_changed(tape: Tape, at: Mapping[str, Any], faulty: Engine) -> list[int]:
    """The points at which a fault moves the value or a partial most, relative to their size; none if nowhere."""
    (value, partials), (wrong_value, wrong) = (e.gradient(tape, at, "float64") for e in (NumpyEngine(), faulty))
    change = np.zeros(POINTS)
    pairs = [(value, wrong_value), *((partials[name], wrong[name]) for name in tape.inputs)]
    with np.errstate(all="ignore"):
        for right, other in pairs:
            moved = np.abs(other - right) / np.maximum(np.abs(right), 5e-324)
            change = np.fmax(change, np.broadcast_to(moved, POINTS))
    order = np.argsort(-change, kind="stable")[:JUDGED]
    return [int(k) for k in order if change[k] > 2.0**-52]
