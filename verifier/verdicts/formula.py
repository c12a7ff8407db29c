"""Claimed formulas for derivatives: read, judged in balls at every point, and by an attempt at a proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import arb

from ...engine.tape import Constant, Tape
from ..errors import InvalidInput, Unsupported
from ..oracle.meanings import exact_rational, readable
from ..oracle.rules import rule_of
from ..oracle.sweeps import Plan
from ..oracle.truth import Truth
from ..point_result import Partial
from ..reading.reader import read
from ..results import Verification
from ..timelimit import TimeIsUp, time_limit

#: Nodes, and operations of the difference, beyond which no proof is tried. They keep an attempt far below its seconds,
#: so that the outcome does not hang on how busy the machine is.
PROOF_NODES = 40
PROOF_OPERATIONS = 60
PROOF_SECONDS = 2.0


def judge_formulas(result: Verification, derivative: Mapping[str, str]) -> None:
    """Give the partials of a result the verdicts of claimed formulas.

    Args:
        result: with all its points.
        derivative: formulas by variable.

    Raises:
        InvalidInput: a formula cannot be read, or names a variable that has no value.
    """
    for name, text in derivative.items():
        _judge_claim(result, name, text)


def _judge_claim(result: Verification, name: str, text: str) -> None:
    judged = [(point, point.partials[name]) for point in result.points if name in point.partials]
    try:
        claim = _read_formula(name, text)
    except Unsupported as error:
        for _, partial in judged:
            _undecide_formula(partial, str(error))
        return
    missing = [v for v in claim.inputs if any(v not in p.at for p in result.points)]
    if missing:
        raise InvalidInput(f"derivative: no value for variable {missing[0]!r} of the formula for {name!r}")
    if any(name not in point.at for point in result.points):
        raise InvalidInput(f"derivative: {name!r} is no variable of the function, and has no value in at")
    if result.order == 1 and name in result.plan.opaque:
        for _, partial in judged:
            _undecide_formula(partial, "there is no exact derivative to compare it with")
        return
    plan = Plan(claim)
    for point, partial in judged:
        partial.formula_verdict = judge_formula(plan, [point.at[v] for v in claim.inputs], partial.truth)
        if partial.formula_verdict == "undecided":
            _undecide_formula(partial, "its value here could not be determined in 2,048 bits, or is not finite")
    verdicts = {partial.formula_verdict for _, partial in judged}
    if verdicts == {"agree"} and name in result.tape.inputs and proved(result.tape, name, claim, result.order):
        for _, partial in judged:
            partial.formula_verdict = "proved"


def _read_formula(name: str, text: str) -> Tape:
    try:
        return read(text)
    except InvalidInput as error:
        error.args = (f"derivative: {name}: {error}",)
        raise


def _undecide_formula(partial: Partial, reason: str) -> None:
    partial.formula_verdict = "undecided"
    partial.reason = partial.reason or f"the claimed formula: {reason}"


def judge_formula(claim: Plan, point: list[float], truth: Truth) -> str | None:
    """``agree`` if the claim's ball meets T, ``wrong`` if it is disjoint from it, ``undecided`` if neither can be told.

    Args:
        claim: the formula, made ready.
        point: one float for each of its inputs.

    Returns:
        None where there is no finite T to compare it with.
    """
    if truth.ball is None or not truth.ball.is_finite():
        return None
    for bits in (truth.swept_bits, 512, 2048):
        ball = claim.values([arb(x) for x in point], bits)[claim.tape.output]
        if not ball.is_finite():
            continue
        if not ball.overlaps(truth.ball):
            return "wrong"
        if ball.rel_accuracy_bits() >= 80 or ball.rad() < 2.0**-900:
            return "agree"
    return "undecided"


def as_sympy(tape: Tape) -> Any:
    """The whole function as one SymPy expression of real symbols, each operation's meaning put into the next."""
    values: list[Any] = []
    for i, node in enumerate(tape.nodes):
        if i < len(tape.inputs):
            values.append(sp.Symbol(tape.inputs[i], real=True))
        elif node.primitive is Constant:
            values.append(exact_rational(node.consts[0]))
        else:
            rule = rule_of(node.primitive, node.consts)
            at = dict(zip(rule.symbols, (values[a] for a in node.args), strict=True))
            values.append(rule.expression.xreplace(at))
    return values[tape.output]


def proved(tape: Tape, name: str, claim: Tape, order: int = 1) -> bool:
    """Whether SymPy shows, in a short time, that the claim is the derivative wherever both are real."""
    if len(tape) + len(claim) > PROOF_NODES or tape.nodes == ():
        return False
    try:
        with time_limit(PROOF_SECONDS):
            symbol = sp.Symbol(name, real=True)
            difference = readable(as_sympy(tape)).diff(symbol, order) - readable(as_sympy(claim))
            if difference == 0 or sp.expand(difference) == 0:
                return True
            if sp.count_ops(difference) > PROOF_OPERATIONS:
                return False
            return bool(sp.cancel(sp.together(sp.powsimp(difference))) == 0)
    except (TimeIsUp, sp.PolynomialError, NotImplementedError, RecursionError, TypeError, ValueError):
        return False  # no proof was found; the balls at the points have decided already
