"""Blame: which operation made a number wrong, and whether it is the rule, the sum over paths, the value or the oracle.

The engine is asked for every node's value and for the derivative of every single operation at those values, so a
black box is blamed as precisely as our own engine. Each answer is judged by itself; an operation that the engine cannot
do alone (a bound of ``clip`` that is no variable there) is left out. The worst is to blame: a value outside is a faulty
*forward*; a local derivative outside, the first one from the output, is a faulty *rule*, and so is one that is outside
only with a factor behind its operation (:mod:`.passing`). If every single operation is right, or their answers put
together step by step are better than the engine's number, their combination is to blame: *accumulation* (fan-out
overwritten, aliasing, broadcasting, a rewriting that is no identity). An engine that takes two equal numbers for one
variable gets every operation on them wrong, ``x − y`` included: that is no operation's fault.
An *oracle* is blamed where the engine and its own differences agree on one operation and SymPy's meaning differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from flint import arb

from ...engine.primitive import REGISTRY
from ...engine.tape import Constant, Tape, compose, constant_as_float
from ..asking import ask_at
from ..engine import Engine, NumpyEngine
from ..errors import Unsupported
from ..oracle.sweeps import Plan, Precision
from ..reading.subtape import single
from ..result_record import numbers
from ..verdicts.differences import of_engine, of_meaning
from ..verdicts.judge import PointJudge
from ..verdicts.judgement import BLAMED, RANK, Judgement
from .passing import find_loss
from .steps import multiplied_back, node_values, rounded

#: Two steps, as powers of 2, relative, at which differences of a meaning are taken.
_FAR, _NEAR = -80, -120


@dataclass(frozen=True)
class Blame:
    """Who made the number wrong.

    Attributes:
        kind: ``rule``, ``accumulation``, ``forward``, ``oracle``, ``singular`` or ``overflow``.
        primitive: name of the operation, None where no single one is to blame.
        node: its index on the tape.
        argument: the position of the argument whose local derivative is wrong, None where none is.
        minimal: the smallest function found that still fails, as text; None if none was sought.
        at: the point at which it fails.
        how: more of some kinds. Of an accumulation: ``unsteady`` where the engine has another number when it is asked
            the same again, ``together`` where it fails at several points at once and is right at each alone. Of a rule:
            ``interference`` where something stops or changes the gradient on its way, by its author's wish.
    """

    kind: str
    primitive: str | None
    node: int | None
    argument: int | None
    minimal: str | None = None
    at: dict[str, float] | None = None
    how: str | None = None

    def to_record(self) -> dict[str, Any]:
        """The blame as it stands in a result record."""
        record = {**asdict(self), "at": None if self.at is None else numbers(self.at)}
        if self.how is None:
            del record["how"]
        return record


def _severity(judgement: Judgement) -> int:
    return RANK[judgement.verdict] if judgement.verdict in BLAMED else 0


class Operation:
    """One operation at the engine's values, judged by itself."""

    def __init__(
        self, engine: Engine, tape: Tape, i: int, values: list[float], precision: Precision, standard: str
    ) -> None:
        self.engine, self.of, self.i, self.precision = engine, tape, i, precision
        self.primitive = tape.nodes[i].primitive
        self.tape, self.inputs = single(tape, i)
        arguments = rounded([values[a] for a in tape.nodes[i].args], precision.dtype)
        self.point = [x for x, new in zip(arguments, self.inputs, strict=True) if new is not None]
        self.judge = PointJudge(Plan(self.tape), self.point, precision, standard)
        self.value, self.gradient = ask_at(engine, self.tape, self.point, precision.dtype)

    def value_severity(self) -> int:
        """The rank of the value's verdict, 0 where nobody is blamed for it."""
        return _severity(self.judge.judge_value(self.value))

    def severities(self) -> list[tuple[int, int]]:
        """Each input with the rank of its partial's verdict, 0 where nobody is blamed for it."""
        return [(j, _severity(self.judge.judge(j, g))) for j, g in enumerate(self.gradient)]

    def argument(self, j: int) -> int:
        """The position of an input among the arguments."""
        return self.inputs.index(j)

    def partials(self, args: Sequence[int]) -> Iterator[tuple[int, Any]]:
        """Each argument that is no constant, with the derivative by it in the engine's floats.

        Args:
            args: the nodes that are its arguments in the function that it is a part of.
        """
        cast = self.precision.dtype.type
        return ((a, cast(self.gradient[j])) for a, j in zip(args, self.inputs, strict=True) if j is not None)

    def is_aliased(self) -> bool:
        """Whether two of its arguments are equal and the engine takes them for one variable.

        The witnesses are the difference and the sum of two equal numbers, whose partials are 1 and ∓1 whatever the
        numbers are: that the rules of both are faulty is less likely.
        """
        numbers = [*self.point, *(constant_as_float(n.consts[0]) for n in self.tape.nodes if n.primitive is Constant)]
        number = next((x for k, x in enumerate(numbers) if x in numbers[:k]), None)
        if number is None:
            return False
        return self._takes_for_one("sub", number, [1.0, -1.0]) and self._takes_for_one("add", number, [1.0, 1.0])

    def _takes_for_one(self, primitive: str, number: float, right: list[float]) -> bool:
        """Whether the partials of a primitive at two equal numbers are others than the right ones."""
        witness = compose(["x", "y"], lambda recorder: recorder.add(REGISTRY[primitive], (0, 1)))
        try:
            return ask_at(self.engine, witness, [number, number], self.precision.dtype)[1] != right
        except Unsupported:
            return False

    def oracle_conflicts(self, j: int) -> bool:
        """Engine and differences agree on this operation, SymPy does not, beyond the difference's error.

        The differences of the engine's own values, and of the declared forward function: a library whose value and
        derivative belong together, but to another function, is no witness against the meaning. Nor is a difference
        where the meaning has the forward function's values all around: it is only a bad one, as beside a pole.
        """
        truth = self.judge.truth(j).ball
        if truth is None or not truth.is_finite():
            return False
        if self._sympy_errs(j, truth):
            return True
        if self.meaning_fits_own_forward() and self.meaning_fits_own_forward(j):
            return False
        g, exact = self.gradient[j], float(truth)
        for engine in (self.engine, NumpyEngine()):
            witness = of_engine(engine, self.tape, self.point, j, self.precision)
            if witness.value == witness.error == 0:  # values that underflow, or do not move, have nothing to say
                return False
            # the estimate is a witness's, not a bound: ask for a clear margin on both sides
            error = 8 * witness.error
            if not (abs(g - witness.value) <= error < abs(exact - witness.value) and abs(g - exact) > error):
                return False
        return True

    def _sympy_errs(self, j: int, truth: Any) -> bool:
        """Whether what SymPy found is not the slope of the meaning: differences of the meaning itself tell.

        They tell only if they have digits, and the same at two steps: where the function oscillates within a step, or
        its slope is 0, they have not. Nor do they across a kink or a pole.
        """
        x = self.judge.inputs[j]
        span = x + arb(0, 2.0**_FAR) * (abs(x) if self.point[j] else 1)
        around = [*self.judge.inputs[:j], span, *self.judge.inputs[j + 1 :]]
        if not self.judge.plan.exact(around, 512)[1][j].is_finite():
            return False
        (far, _), (near, _) = (of_meaning(self.judge.plan, self.judge.inputs, j, step) for step in (_FAR, _NEAR))
        if near.is_zero() or min(far.rel_accuracy_bits(), near.rel_accuracy_bits()) < 40:
            return False
        nearly = arb(1, 2.0**-40)
        return bool((far * nearly).overlaps(near * nearly)) and not (near * nearly).overlaps(truth * nearly)

    def meaning_fits_own_forward(self, beside: int | None = None) -> bool:
        """Whether the declared forward function, untouched by any planted rule, has the values of the meaning.

        At the point, or at points on both sides of it by one input.
        """
        points = [self.point]
        if beside is not None:
            x = self.point[beside]
            points = [[*self.point[:beside], x + step, *self.point[beside + 1 :]] for step in _steps_beside(x)]
        for exact in points:
            point = rounded(exact, self.precision.dtype)
            value, _ = ask_at(NumpyEngine(), self.tape, point, self.precision.dtype)
            judge = PointJudge(self.judge.plan, point, self.precision, self.judge.standard)
            if judge.judge_value(value).verdict in BLAMED:
                return False
        return True


def _steps_beside(x: float) -> list[float]:
    size = abs(x) or 1.0
    return [sign * size * 2.0**k for k in (-2, -6, -12) for sign in (1, -1)]


def _alone(
    engine: Engine, tape: Tape, inputs: list[float], precision: Precision, standard: str = "program"
) -> Iterator[Operation]:
    """Each operation by itself at the engine's values, from the output on, where these are finite."""
    values = rounded(node_values(engine, tape, inputs, precision.dtype), precision.dtype)
    for i in reversed(tape.operations):
        if tape.active[i] and i <= tape.output and np.isfinite([values[a] for a in tape.nodes[i].args]).all():
            # an operation that the engine does not offer by itself cannot be asked
            with suppress(Unsupported):
                yield Operation(engine, tape, i, values, precision, standard)


def find_blame(
    engine: Engine,
    plan: Plan,
    inputs: list[float],
    precision: Precision,
    standard: str = "program",
    rank: int = 0,
    of_value: bool = False,
) -> Blame:
    """Who is to blame for a wrong number at a point.

    Args:
        rank: of the number's verdict; operations that fail in a milder way must explain it.
        standard: by which the number was judged; an operation that is a part of the function is always excused the
            rounding of a program.
        of_value: whether the number is the function's value.
    """
    tape, of_whole = plan.tape, standard
    standard = standard if len(tape.operations) == 1 else "program"
    operations = list(_alone(engine, tape, inputs, precision, standard))
    # of two faults the worse one explains the number; of equal ones a value, because derivatives are taken at values
    values = [(o.value_severity(), o) for o in reversed(operations)]
    rules = [(severity, o, j) for o in operations for j, severity in o.severities() if severity and not o.is_aliased()]
    value = max(values, key=lambda found: found[0], default=None)
    rule = max(rules, key=lambda found: found[0], default=None)
    worst = max(value[0] if value else 0, rule[0] if rule else 0)
    if 0 < worst < rank and _severity_by_steps(engine, plan, inputs, precision) < rank:
        return Blame("accumulation", None, _first_shared(tape), None)
    if value is not None and value[0] and (rule is None or value[0] >= rule[0]):
        return _blame_forward(value[1])
    if rule is None or not rule[0]:
        # an infinite derivative may be right, and its product with 0 nan
        if singular := _singular(operations, "singular"):
            return singular
        # a value that is off with every operation right, and no better step by step, was not put together wrongly
        if of_value and rank and _severity_by_steps(engine, plan, inputs, precision, of_whole) >= rank:
            return Blame("forward", None, None, None)
        if not of_value and (loss := find_loss((o for o in operations if not o.is_aliased()), rank)):
            operation, j = loss
            return Blame("rule", operation.primitive.name, operation.i, operation.argument(j))
        return Blame("accumulation", None, _first_shared(tape), None)
    _, operation, j = rule
    kind = "oracle" if operation.oracle_conflicts(j) else "rule"
    return Blame(kind, operation.primitive.name, operation.i, operation.argument(j))


def _severity_by_steps(
    engine: Engine, plan: Plan, inputs: list[float], precision: Precision, standard: str = "program"
) -> int:
    """The worst rank of value and gradient as the engine's single operations give them, each at the last one's values.

    As bad as anything where an operation cannot be asked alone.
    """
    tape, cast = plan.tape, precision.dtype.type
    values = [float(cast(x)) for x in inputs] + [0.0] * (len(tape) - len(inputs))
    operations: dict[int, Operation] = {}
    try:
        for i in range(len(inputs), tape.output + 1):
            if tape.nodes[i].primitive is Constant:
                with np.errstate(over="ignore"):  # beyond the largest float32 is no float32
                    values[i] = float(cast(constant_as_float(tape.nodes[i].consts[0])))
            else:
                operations[i] = Operation(engine, tape, i, values, precision, "program")
                values[i] = operations[i].value
    except Unsupported:
        return max(RANK.values())
    gradient = multiplied_back(tape, lambda i: operations[i].partials(tape.nodes[i].args), cast(1))
    judge = PointJudge(plan, inputs, precision, standard)
    partials = [judge.judge(j, g) for j, g in enumerate(gradient)]
    return max(map(_severity, [judge.judge_value(values[tape.output]), *partials]))


def _blame_forward(operation: Operation) -> Blame:
    """A value off its meaning: the forward function's fault, unless the evidence is against the meaning."""
    kind, argument = "forward", None
    if not operation.meaning_fits_own_forward():
        conflicts = [j for j, severity in operation.severities() if severity and operation.oracle_conflicts(j)]
        if conflicts:
            kind, argument = "oracle", operation.argument(conflicts[0])
    return Blame(kind, operation.primitive.name, operation.i, argument)


def _first_shared(tape: Tape) -> int | None:
    """The first node, from the output, that is used more than once: where paths are summed."""
    uses = [0] * len(tape)
    for node in tape.nodes:
        for a in node.args:
            uses[a] += 1
    shared = [i for i in range(len(tape) - 1, -1, -1) if uses[i] > 1 and tape.active[i]]
    return shared[0] if shared else None


def find_singular(engine: Engine, tape: Tape, inputs: list[float], precision: Precision, kind: str) -> Blame:
    """The first operation from the output whose value or local derivative leaves the finite floats."""
    return _singular(_alone(engine, tape, inputs, precision), kind) or Blame(kind, None, None, None)


def _singular(operations: Iterable[Operation], kind: str) -> Blame | None:
    for operation in operations:
        if not np.isfinite([operation.value, *operation.gradient]).all():
            bad = [j for j, g in enumerate(operation.gradient) if not np.isfinite(g)]
            return Blame(kind, operation.primitive.name, operation.i, operation.argument(bad[0]) if bad else None)
    return None
