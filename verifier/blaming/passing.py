"""Whether a rule passes on the derivative that arrives at it.

Where an operation stands alone a 1 arrives: a rule that forgets to multiply by it, or clips it, is right there. So a
factor is put behind the operation. An engine that errs wherever one operation follows another is no rule's fault: it
shows in a sum and a product of whole numbers, whose derivatives are whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ...engine.primitive import REGISTRY
from ...engine.tape import compose
from ..asking import ask_at
from ..engine import Engine
from ..errors import Unsupported
from ..oracle.sweeps import Plan, Precision
from ..reading.subtape import single
from ..verdicts.judge import PointJudge
from ..verdicts.judgement import BLAMED, RANK

if TYPE_CHECKING:
    from .blame import Operation

#: What stands behind an operation: beyond what is clipped, and negative.
FACTOR = -1000.0

#: Two whole numbers, and the partials of their sum, difference and product times the factor.
_WITNESS = (3.0, 5.0)
_PARTIALS = {"add": [FACTOR, FACTOR, 8.0], "sub": [FACTOR, -FACTOR, -2.0], "mul": [5 * FACTOR, 3 * FACTOR, 15.0]}


class Loss(NamedTuple):
    """An operation whose rule loses what arrives at it, and the input whose derivative shows it."""

    operation: Operation
    input: int


def find_loss(operations: Iterable[Operation], rank: int) -> Loss | None:
    """The first operation whose derivative is wrong only with a factor behind it.

    Args:
        operations: each of which is right by itself.
        rank: of the verdict that is to be explained; what is milder does not explain it.
    """
    for operation in operations:
        try:
            found = _worst(operation)
            if found[0] >= max(rank, 1) and _multiplies(operation):
                return Loss(operation, found[1])
        except Unsupported:  # the engine has no product
            continue
    return None


def _worst(operation: Operation) -> tuple[int, int]:
    """The rank of the worst partial of an operation with the factor behind it, 0 if all are right, and its input."""
    tape, _ = single(operation.of, operation.i, scaled=True)
    precision, inputs = operation.precision, [*operation.point, FACTOR]
    _, (*gradient, _) = ask_at(operation.engine, tape, inputs, precision.dtype)
    judge = PointJudge(Plan(tape), inputs, precision, "program")
    ranks = [(0, 0)]
    for j, g in enumerate(gradient):
        verdict = judge.judge(j, g).verdict
        if verdict in BLAMED and not judge.excuse(g, j):
            ranks.append((RANK[verdict], j))
    return max(ranks, key=lambda found: found[0])


def _multiplies(operation: Operation) -> bool:
    """Whether the engine's derivatives of some other operation are right with the factor behind it."""
    names = [name for name in _PARTIALS if name != operation.primitive.name]
    return any(_is_right(operation.engine, name, operation.precision) for name in names)


def _is_right(engine: Engine, name: str, precision: Precision) -> bool:
    tape = compose(["x", "y", "z"], lambda r: r.add(REGISTRY["mul"], (r.add(REGISTRY[name], (0, 1)), 2)))
    try:
        return ask_at(engine, tape, (*_WITNESS, FACTOR), precision.dtype)[1] == _PARTIALS[name]
    except Unsupported:
        return False
