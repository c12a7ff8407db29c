"""Terms: numbers that carry the SymPy expression they stand for, with which a rule's own code is executed.

A :class:`Term` goes through a rule as a Variable does, by NumPy's protocols. Its float decides every comparison, as it
would in the engine, and the comparison is noted: so each run takes one branch of the rule, and its result is one
expression with the conditions under which the code returns it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from ...engine.primitive import BY_FUNCTION, REGISTRY, Primitive
from ...engine.primitives.piecewise import NEGATED, RELATIONS
from ...engine.variable import COMPARISONS, Variable
from ..oracle.meanings import Choose, Floor, meaning, symbols

#: Exact numbers for which rules write the nearest double.
_SCALE = sp.Rational(10507009873554804934193349852946, 10**31)
_NAMED = (
    *(sp.pi, sp.log(2), 1 / sp.log(2), 1 / sp.log(10), sp.sqrt(sp.Rational(1, 2)), 1 / sp.sqrt(2 * sp.pi)),
    *(2 / sp.sqrt(sp.pi), sp.sqrt(sp.pi) / 2, sp.sqrt(3)),
    *(_SCALE, _SCALE * sp.Rational(16732632423543772848170429916717, 10**31)),
)
#: Those numbers by the significand of the double nearest to each: a factor of 2 is no rounding.
NAMED = {math.frexp(float(number))[0]: number / sp.Integer(2) ** math.frexp(float(number))[1] for number in _NAMED}


class Decision(NamedTuple):
    """A comparison that a run met, and how it came out."""

    relation: str
    left: Any
    right: Any
    holds: bool

    def __str__(self) -> str:
        return f"{_short(self.left)} {self.relation if self.holds else NEGATED[self.relation]} {_short(self.right)}"


def _short(expression: Any) -> str:
    """An expression with decimal numbers."""
    numbers = {r: sp.Float(r, 6) for r in expression.atoms(sp.Rational) if not r.is_Integer and r.q > 9}
    return str(expression.xreplace(numbers))


class Path:
    """The decisions of one run of a rule, in their order."""

    def __init__(self) -> None:
        self.decisions: dict[Decision, None] = {}

    def note(self, relation: str, left: Any, right: Any, holds: bool) -> None:
        """Keep a decision, unless it follows from the signs of the symbols."""
        gap = left - right
        if gap.free_symbols and not (gap.is_positive or gap.is_negative):
            self.decisions[Decision(relation, left, right, holds)] = None

    @cached_property
    def equations(self) -> dict[Any, Any]:
        """What the equalities among the decisions put in place of symbols."""
        found: dict[Any, Any] = {}
        for relation, left, right, holds in self.decisions:
            gap = sp.expand((left - right).xreplace(found))
            if (relation, holds) in (("==", True), ("!=", False)) and gap.free_symbols:
                symbol = min(gap.free_symbols, key=str)
                solutions = _solutions(gap, symbol)
                if len(solutions) == 1:
                    found = {s: e.xreplace({symbol: solutions[0]}) for s, e in found.items()}
                    found[symbol] = solutions[0]
        return found


def _solutions(gap: Any, symbol: Any) -> list[Any]:
    try:
        return list(sp.solve(gap, symbol))
    except NotImplementedError:  # that n is its own floor, say, puts nothing in the place of n
        return []


class Term(Variable):
    """A float and the expression it stands for.

    Args:
        path: takes the decisions.
        value: the float that decides comparisons.
        expression: in SymPy's terms.
    """

    dtype = np.dtype(np.float64)
    __hash__ = object.__hash__

    def __init__(self, path: Path, value: Any, expression: Any) -> None:
        self.path, self.value, self.expression = path, np.float64(value), expression

    def _lifted(self, other: Any) -> Term:
        return other if isinstance(other, Term) else Term(self.path, other, exact(other))

    def _apply(self, primitive: type[Primitive], *args: Any, consts: tuple[Any, ...] = ()) -> Term:
        return apply(primitive, [self._lifted(a) for a in args], consts)

    def _with(self, name: str, other: Any) -> Term:
        return self._apply(REGISTRY[name], self, other)

    def _compare(self, relation: str, other: Any) -> Any:
        other = self._lifted(other)
        holds = bool(RELATIONS[relation](self.value, other.value))
        self.path.note(relation, self.expression, other.expression, holds)
        return np.bool_(holds)

    def __int__(self) -> Any:
        self.path.note("==", self.expression, sp.Integer(int(self.value)), True)
        return int(self.value)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        terms = [self._lifted(a) for a in inputs]
        if ufunc in COMPARISONS:
            return terms[0]._compare(COMPARISONS[ufunc], terms[1])
        primitive = BY_FUNCTION[ufunc]
        count = len(primitive.arguments)
        return apply(primitive, terms[:count], tuple(a.expression for a in terms[count:]))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is np.where:
            condition, chosen, otherwise = args
            return self._lifted(chosen if condition else otherwise)
        if func is np.clip:
            return np.minimum(np.maximum(args[0], args[1]), args[2])
        if func is np.sinc:
            return self._apply(BY_FUNCTION[np.sinc], args[0])
        if func is np.result_type:
            return self.dtype
        raise NotImplementedError(f"numpy.{func.__name__} of a term")


def exact(number: Any) -> Any:
    """The number that a float of the code stands for: a constant of mathematics if it is the double nearest to it."""
    if isinstance(number, sp.Basic):
        return number
    number = float(number)
    if not np.isfinite(number):
        return sp.nan if np.isnan(number) else sp.oo * int(np.sign(number))
    significand, exponent = math.frexp(abs(number))
    if significand in NAMED:
        return NAMED[significand] * sp.Integer(2) ** exponent * (-1 if number < 0 else 1)
    return sp.Rational(*number.as_integer_ratio())


def apply(primitive: type[Primitive], arguments: Sequence[Term], consts: tuple[Any, ...] = ()) -> Term:
    """A primitive's meaning on terms, its float by its own ``forward``."""
    path = arguments[0].path
    floats = primitive.keywords(consts, lambda c: np.float64(float(c)))
    with np.errstate(all="ignore"):
        value = primitive.forward(*(a.value for a in arguments), **floats)
    meant = generic(primitive, consts)  # type: ignore[arg-type]  # a class is hashable
    expression = resolved(meant, bound(primitive, arguments), path)
    return Term(path, value, expression)


def bound(primitive: type[Primitive], arguments: Sequence[Term]) -> dict[Any, Term]:
    """The placeholders of a primitive's meaning and the terms in their place."""
    return dict(zip(symbols(primitive), arguments, strict=True))


@cache
def generic(primitive: type[Primitive], consts: tuple[Any, ...]) -> Any:
    """A primitive's meaning in its placeholders; constants are exact numbers, symbols or a relation's text."""
    return meaning(primitive, tuple(c if isinstance(c, (str, sp.Basic)) else exact(c) for c in consts))


def resolved(expression: Any, names: dict[Any, Term], path: Path) -> Any:
    """An expression of placeholders with the terms put in; choices are decided by their floats, and noted."""
    while choices := [c for c in expression.atoms(Choose) if not any(a.has(Choose) for a in c.args[1:3])]:
        choice = min(choices, key=str)
        relation, left, right, a, b = choice.args
        floats = {symbol: exact(term.value) for symbol, term in names.items()}
        gap = sp.N((left - right).xreplace(floats), 30)
        holds = gap is not sp.nan and bool(RELATIONS[relation.name](gap, 0))
        exprs = {symbol: term.expression for symbol, term in names.items()}
        path.note(relation.name, left.xreplace(exprs), right.xreplace(exprs), holds)
        expression = expression.xreplace({choice: a if holds else b})
    plain = expression.replace(Floor, sp.floor)
    return plain.subs({symbol: term.expression for symbol, term in names.items()}, simultaneous=True)


def run(rule: Any, arguments: Sequence[Term], value: Term, consts: dict[str, Any]) -> tuple[Term, ...]:
    """A rule's code on terms: a tuple with one result an argument."""
    with np.errstate(all="ignore"):
        partials = rule(*arguments, value, **consts)
    partials = partials if isinstance(partials, tuple) else (partials,)
    return tuple(p if isinstance(p, Term) else Term(value.path, p, exact(p)) for p in partials)
