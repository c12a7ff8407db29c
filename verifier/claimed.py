"""Claimed formulas for derivatives: read, and judged at every point of a verification."""

from __future__ import annotations

from collections.abc import Mapping

from ..engine.tape import Tape
from .errors import InvalidInput, Unsupported
from .formula import judge_formula, proved
from .reader import read
from .results import Partial, Verification
from .sweeps import Plan


def judge_formulas(result: Verification, derivative: Mapping[str, str]) -> None:
    """Give the partials of a result the verdicts of claimed formulas.

    Args:
        result: with all its points.
        derivative: formulas by variable.

    Raises:
        InvalidInput: a formula cannot be read, or names a variable that has no value.
    """
    for name, text in derivative.items():
        try:
            claim = _read_formula(name, text)
        except Unsupported as error:
            for point in result.points:
                if name in point.partials:
                    _undecide_formula(point.partials[name], str(error))
            continue
        missing = [v for v in claim.inputs if any(v not in p.at for p in result.points)]
        if missing:
            raise InvalidInput(f"derivative: no value for variable {missing[0]!r} of the formula for {name!r}")
        if any(name not in point.at for point in result.points):
            raise InvalidInput(f"derivative: {name!r} is no variable of the function, and has no value in at")
        plan = Plan(claim)
        verdicts = []
        for point in result.points:
            partial = point.partials.get(name)
            if partial is None:
                continue
            if name in result.plan.opaque:
                _undecide_formula(partial, "there is no exact derivative to compare it with")
                continue
            partial.formula_verdict = judge_formula(plan, [point.at[v] for v in claim.inputs], partial.truth)
            verdicts.append(partial.formula_verdict)
            if partial.formula_verdict == "undecided":
                _undecide_formula(partial, "it has no finite value here that 2,048 bits could tell")
        if set(verdicts) == {"agree"} and name in result.tape.inputs and proved(result.tape, name, claim):
            for point in result.points:
                if name in point.partials:
                    point.partials[name].formula_verdict = "proved"


def _read_formula(name: str, text: str) -> Tape:
    try:
        return read(text)
    except InvalidInput as error:
        error.args = (f"derivative: {name}: {error}",)
        raise


def _undecide_formula(partial: Partial, reason: str) -> None:
    partial.formula_verdict = "undecided"
    partial.reason = partial.reason or f"the claimed formula: {reason}"
