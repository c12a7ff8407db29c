"""Derivatives of higher order: the derivative of a function as a tape of its own.

A derivative of order n by one input is the first derivative of the one of order n − 1, and everything that judges first
derivatives judges it: exact sweeps and germs for the truth, enclosures for what rounding may do. So the tape of a
derivative is all that is needed. It is forward mode written down (Griewank and Walther, *Evaluating Derivatives*,
section 3.1): each node is followed by its tangent, the sum over its arguments of SymPy's local derivative times the
argument's tangent. Hand-written derivatives have no part in it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from ...engine.conditions import CHOICES
from ...engine.primitive import REGISTRY, Primitive
from ...engine.tape import Constant, Node, Recorder, Tape
from ..errors import Unsupported
from ..oracle.rules import LOCAL_UNITS, rule_of
from ..oracle.sweeps import Plan, Precision, plan_of
from ..oracle.truth import PointTruth, Truth
from .judge import PointJudge
from .judgement import Judgement, unknown

#: The tangent of the input itself, which is no node: nothing is multiplied by it.
_ONE = -1


class HigherOrder:
    """Judges the derivatives of one order of a tape, each by one of its inputs alone.

    Args:
        tape: the function.
        order: from 2 to ``limits.HIGHEST``.
    """

    def __init__(self, tape: Tape, order: int) -> None:
        self.tape, self.order = tape, order
        self._plans: dict[int, list[Plan]] = {}

    def __reduce__(self) -> tuple[Any, ...]:  # the plans are of operations that only this process knows
        return HigherOrder, (self.tape, self.order)

    def judge(self, point: list[float], j: int, g: float, precision: Precision, standard: str) -> Judgement:
        """The verdict on g as the derivative by input j, which is none where one of a lower order is none.

        Args:
            point: one float for each input.
            j: the input.
            g: the number that was returned.
            precision: the floating type in which the engine computed.
            standard: ``program`` or ``function``.
        """
        try:
            *lower, plan = self._plans_by(j)
        except Unsupported as error:
            return unknown(str(error))
        jumps = False
        known: Any = None  # the derivative of the order below, which is the value of what is differentiated next
        for order, below in enumerate(lower, 1):
            at = PointTruth(below, point, precision)
            at.known_value = known
            at.origin = (self.tape, order)
            truth = at.truth(j)
            jumps = jumps or (order == 1 and truth.sides is not None and truth.sides.jumps)
            if truth.kind == "unknown":
                return Judgement("undecided", truth, None, None, truth.reason)
            match truth.kind:
                case "kink":
                    reason = f"the derivative of order {order} is two-valued here"
                case "infinite":
                    reason = f"the derivative of order {order} is infinite here"
                case "undefined":
                    reason = f"the derivative of order {order} is undefined here"
                case _:
                    known = truth.ball
                    continue
            return Judgement("undefined", Truth("undefined", None, truth.bits, None, reason), None, None, reason)
        judge = PointJudge(plan, point, precision, standard)
        judge.known_value = known
        judge.origin = (self.tape, self.order)
        judge.excuses_jumps = jumps
        return judge.judge_or_excuse(j, g)

    def _plans_by(self, j: int) -> list[Plan]:
        """The function and its derivatives by input j below the order that is judged.

        Raises:
            Unsupported: SymPy knows a local derivative on the way in no closed form.
        """
        plans = self._plans.get(j)
        if plans is None:
            plans = [plan_of(self.tape)]
            while len(plans) < self.order:
                plans.append(plan_of(derivative_tape(plans[-1].tape, j)))
            self._plans[j] = plans
        return plans


def derivative_tape(tape: Tape, j: int) -> Tape:
    """The tape of a function's derivative by input ``j``, on the same inputs.

    Raises:
        Unsupported: SymPy knows a local derivative on the way in no closed form.
    """
    recorder = Recorder(tape.inputs)
    tangents: dict[int, int] = {j: _ONE}
    index = list(range(len(tape.inputs)))
    for i, node in enumerate(tape.nodes[len(index) : tape.output + 1], len(index)):
        if node.primitive is Constant:
            index.append(recorder.constant(node.consts[0]))
            continue
        args = tuple([index[a] for a in node.args])
        index.append(recorder.add(node.primitive, args, node.consts))
        if node.primitive in CHOICES.values():
            chosen = _choice(recorder, node, args, [tangents.get(a) for a in node.args[2:]])
            if chosen is not None:
                tangents[i] = chosen
            continue
        terms = [_product(recorder, node, args, k, tangents[a]) for k, a in enumerate(node.args) if a in tangents]
        total: int | None = None
        for term in terms:
            if term is not None:
                total = term if total is None else recorder.add(REGISTRY["add"], (total, term))
        if total is not None:
            tangents[i] = total
    found = tangents.get(tape.output)
    if found is None or found == _ONE:
        found = recorder.constant(Fraction(0 if found is None else 1))
    return recorder.tape(found)


def _choice(recorder: Recorder, node: Node, args: tuple[int, ...], branches: list[int | None]) -> int | None:
    """Record the tangent of the branch that is taken and return its index; None where no branch moves.

    As a sum of products with 1 and 0 it would have no value where a branch that is not taken has none.
    """
    if branches == [None, None]:
        return None
    ends = [recorder.constant(Fraction(t == _ONE)) if t is None or t == _ONE else t for t in branches]
    return recorder.add(node.primitive, (*args[:2], *ends), node.consts)


def _product(recorder: Recorder, node: Node, args: tuple[int, ...], k: int, tangent: int) -> int | None:
    """Record local derivative times tangent and return its index; None where the local derivative is 0 everywhere."""
    rule = rule_of(node.primitive, node.consts)
    local = rule.derivatives[k]
    if local is None:
        name = node.primitive.arguments[k]
        raise Unsupported(f"SymPy knows no derivative of {node.primitive.name} by its argument {name!r}")
    if local == 0:
        return None
    if local in (1, -1) and tangent != _ONE:
        return tangent if local == 1 else recorder.add(REGISTRY["neg"], (tangent,))
    factor: int
    if local.is_Rational:
        factor = recorder.constant(Fraction(int(local.p), int(local.q)))
    elif local in rule.symbols:
        factor = args[rule.symbols.index(local)]
    else:
        base: Any = node.primitive
        factor = recorder.add(_local_derivative(base, base.meaning, k), args, node.consts)
    return factor if tangent == _ONE else recorder.add(REGISTRY["mul"], (factor, tangent))


@lru_cache(maxsize=1024)
def _local_derivative(base: Any, meaning: str, position: int) -> type[Primitive]:
    """A local derivative as an operation, whose meaning is SymPy's derivative of what ``base`` means.

    Args:
        base: the operation.
        meaning: its own: with another one, which tests plant, it has another derivative.
        position: of the argument.
    """

    class LocalDerivative(Primitive, register=False):
        name = f"the derivative of {base.name} by {base.arguments[position]}"
        derived_from = (base, position)
        domain, kinks, opaque = base.domain, base.kinks, base.opaque
        disputed, undocumented = base.disputed, base.undocumented
        tied, chooses = base.tied, base.chooses
        # a formula of a second derivative may cancel where its parts do not: 2·φ(x) − x²·φ(x) of gelu at x = √2
        special = base.ulps > 0
        ulps = max(base.ulps, LOCAL_UNITS) if special else 0

        def forward(*_: Any, **__: Any) -> Any:  # made static by Primitive
            """It has a meaning and no program: what runs a tape to see signs of zeros sees none here."""
            return np.float64(np.nan)

    LocalDerivative.meaning = f"d({meaning})/d{base.arguments[position]}"
    LocalDerivative.arguments, LocalDerivative.constants = base.arguments, base.constants
    return LocalDerivative
