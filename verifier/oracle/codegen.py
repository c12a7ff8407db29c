"""From SymPy expressions to Python functions of balls: straight-line source, compiled once and called often.

The source holds names and operators only. Three modes differ only where a ball straddles a tie or a jump:

- ``strict``: nothing is known (nan): the exact derivative is asked for, and a tie needs germs.
- ``hull``: the union of both sides: what a correct engine may return after rounding; while a sweep goes through the
  sides one by one, that side (see :meth:`.sweeps.Plan.wide`).
- ``directed``: at a tie of exact balls the side that a germ has decided (see :mod:`.germs`), else the hull: where
  values were rounded, a correct engine may fall on either side.

``value`` decides an exact tie as a program decides it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, fmpq

from . import balls
from .balls import Ball
from .meanings import Choose, Floor

BallFunction = Callable[..., Ball]

#: sin and cos of π times their argument.
_OF_TURNS = {sp.sin: arb.sin_pi, sp.cos: arb.cos_pi}


class _Decisions(threading.local):
    """What is decided for the node being evaluated; each thread's own.

    Attributes:
        known: by germs, in directed mode: condition → its truth.
        falls: where rounding lets numbers fall on either side of a tie: (node, condition) → its truth in this sweep,
            None where both sides are taken together. None if nobody asks.
        node: which one is being evaluated.
    """

    def __init__(self) -> None:
        self.known: Mapping[Any, Any] = {}
        self.falls: dict[tuple[int, Any], bool | None] | None = None
        self.node = 0

    def fall(self, condition: Any) -> bool | None:
        """The side that a rounded tie takes in this sweep; None for both."""
        return None if self.falls is None else self.falls.setdefault((self.node, condition), None)


decisions = _Decisions()


class Lines:
    """Straight-line Python source, generated from primitives' own meanings: no user's text ever reaches it.

    Args:
        count: of its parameters ``x0``, ``x1`` …
        namespace: what its lines may name.
    """

    def __init__(self, count: int, namespace: dict[str, Any]) -> None:
        self.lines: list[str] = []
        self.namespace = namespace
        self.parameters = [f"x{i}" for i in range(count)]

    def bind(self, prefix: str, value: Any) -> str:
        """A name in the function's namespace for a value that is known now."""
        name = f"{prefix}{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def let(self, code: str) -> str:
        """A line that computes ``code``, and the name of its result."""
        name = f"t{len(self.lines)}"
        self.lines.append(f"    {name} = {code}")
        return name

    def compile(self, result: str) -> Callable[..., Any]:
        """The function that returns ``result`` after all lines."""
        return self.made([*self.lines, f"    return {result}"], self.parameters)

    def made(self, lines: Sequence[str], parameters: Sequence[str]) -> Callable[..., Any]:
        """The function of these lines."""
        exec(f"def rule({', '.join(parameters)}):\n" + "\n".join(lines), self.namespace)
        function: Callable[..., Any] = self.namespace["rule"]
        return function


class Source(Lines):
    """Python source of a function of balls, written expression by expression, subexpressions shared.

    Args:
        arguments: the SymPy symbols of its parameters.
        mode: how ties are met.
    """

    def __init__(self, arguments: tuple[Any, ...], mode: str) -> None:
        super().__init__(len(arguments), {**_COMMON, **_MODES[mode]})
        self.memo: dict[Any, str] = dict(zip(arguments, self.parameters, strict=True))
        #: Expressions that Arb computes in pairs, each with both of its pair and the method that does.
        self.pairs: dict[Any, tuple[Any, Any, str]] = {}

    def elsewhere(self, places: dict[Any, str]) -> Source:
        """A view that writes into the same function, with other names for the symbols."""
        view = object.__new__(Source)
        view.lines, view.namespace, view.parameters = self.lines, self.namespace, self.parameters
        view.memo, view.pairs = places, {}
        return view

    def foresee(self, expressions: Iterable[Any]) -> None:
        """Expressions that will be written: a sine and a cosine of the same argument are then one call."""
        atoms = set().union(*(e.atoms(sp.Function) for e in expressions))
        for one, other, method in ((sp.sin, sp.cos, "sin_cos"), (sp.sinh, sp.cosh, "sinh_cosh")):
            for e in atoms:
                if e.func is one and other(*e.args) in atoms and not _is_of_turns(e):
                    both = (e, other(*e.args), method)
                    self.pairs[both[0]] = self.pairs[both[1]] = both

    def compile_columns(self, results: Sequence[str]) -> Callable[..., Any]:
        """The function of lists of K balls that returns a list of K balls for each of ``results``."""
        columns = [f"column{i}" for i in range(len(self.parameters))]
        found = [f"found{i}" for i in range(len(results))]
        over = f"zip({', '.join(columns)})" if len(columns) > 1 else columns[0]
        return self.made(
            [
                *(f"    {name} = []" for name in found),
                f"    for {', '.join(self.parameters)} in {over}:",
                *(f"    {line}" for line in self.lines),
                *(f"        {name}.append({code})" for name, code in zip(found, results, strict=True)),
                f"    return {', '.join(found)}",
            ],
            columns,
        )

    def write(self, e: Any) -> str:
        """Lines for an expression, and the name of its result; each subexpression is written once."""
        known = self.memo.get(e)
        if known is None:
            if e in self.pairs:
                self._write_pair(*self.pairs[e])
            else:
                self.memo[e] = self._write(e)
            known = self.memo[e]
        return known

    def _write_pair(self, one: Any, other: Any, method: str) -> None:
        both = self.let(f"{self.write(one.args[0])}.{method}()")
        self.memo[one], self.memo[other] = self.let(f"{both}[0]"), self.let(f"{both}[1]")

    def _write(self, e: Any) -> str:
        if e.is_Rational:
            if e is sp.S.Zero:
                return "ZERO"  # this very object: a branch that is literally 0 ends its paths
            if e.is_Integer and abs(e.p) < 1 << 31:
                return self.bind("k", arb(int(e.p)))
            value = Fraction(int(e.p), int(e.q))
            exact = arb(fmpq(value.numerator, value.denominator))
            return self.bind("k", exact) if exact.is_exact() else self.let(f"constant({self.bind('q', value)})")
        if e.is_Add:
            return self.let(" + ".join(self.write(a) for a in e.args))
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow:
            return self._power(*e.args)
        if e is sp.pi or e is sp.E:
            return self.let(f"constant({self.bind('q', str(e))})")
        if e is sp.S.EulerGamma:
            return self.let("euler()")
        if isinstance(e, Choose):
            relation, left, right, a, b = e.args
            condition = self.bind("c", (relation.name, left, right))
            sides = ", ".join(self.write(s) for s in (left, right, a, b))
            return self.let(f"choose({condition}, {sides})")
        if isinstance(e, Floor):
            condition = self.bind("c", ("floor", e.args[0]))
            return self.let(f"floor({condition}, {self.write(e.args[0])})")
        function, arguments = balls.call(e)
        if function is None:
            return "NAN"  # nan, zoo, oo and functions that Arb does not have: nothing is known
        if _is_of_turns(e):
            # exact at the integers, which a ball of π times one is not
            return self.let(f"{self.bind('f', _OF_TURNS[e.func])}({self.write(e.args[0] / sp.pi)})")
        if e.func in (sp.atan2, sp.acot):  # they jump, and so the mode matters
            return self.let(f"{e.func.__name__}({', '.join(self.write(a) for a in e.args)})")
        return self.let(f"{self.bind('f', function)}({', '.join(self.write(a) for a in arguments)})")

    def _product(self, e: Any) -> str:
        sign, above, below = as_quotient(e)
        code = "*".join(map(self.write, above)) or "ONE"
        return self.let(sign + code + "".join(f"/{self.write(divisor)}" for divisor in below))

    def _power(self, base: Any, exponent: Any) -> str:
        if base is sp.E:
            return self.let(f"{self.bind('f', arb.exp)}({self.write(exponent)})")
        x = self.write(base)
        if exponent.is_Rational:
            p, q = int(exponent.p), int(exponent.q)
            if (p, q) == (2, 1):
                return self.let(f"{x}*{x}")
            if (p, q) == (-1, 1):
                return self.let(f"1/{x}")
            if q == 1:
                return self.let(f"power({x}, {p})") if abs(p) < 1 << 40 else "NAN"
            if (p, q) in ((1, 2), (-1, 2)):
                return self.let(f"{x}.{'sqrt' if p > 0 else 'rsqrt'}()")
            if q == 2:
                return self.let(f"power({x}.sqrt(), {p})")
            return self.let(f"rational_power({x}, {self.bind('k', p)}, {self.bind('k', q)})")
        return self.let(f"general_power({x}, {self.write(exponent)})")


def as_quotient(product: Any) -> tuple[str, list[Any], list[Any]]:
    """A product's sign, as a minus or nothing, its factors, and the divisors that stand in it as negative powers."""
    below = [a for a in product.args if a.is_Pow and a.exp.is_Rational and a.exp < 0]
    above = [a for a in product.args if a not in below and a is not sp.S.NegativeOne]
    return "-" if sp.S.NegativeOne in product.args else "", above, [a.base**-a.exp for a in below]


def _is_of_turns(e: Any) -> bool:
    return e.func in _OF_TURNS and e.args[0].is_Mul and sp.pi in e.args[0].args


def _choose_strict(condition: Any, left: Ball, right: Ball, a: Ball, b: Ball) -> Ball:
    decided = balls.holds(condition[0], left, right)
    return balls.NAN if decided is None else a if decided else b


def _choose_value(condition: Any, left: Ball, right: Ball, a: Ball, b: Ball) -> Ball:
    decided = balls.holds_exactly(condition[0], left, right)
    if decided is not None:
        return a if decided else b
    return a.union(b)


def _choose_hull(condition: Any, left: Ball, right: Ball, a: Ball, b: Ball) -> Ball:
    return _chosen(condition, balls.holds(condition[0], left, right), a, b)


def _choose_directed(condition: Any, left: Ball, right: Ball, a: Ball, b: Ball) -> Ball:
    decided = balls.holds(condition[0], left, right)
    if decided is None and left.is_exact() and right.is_exact():
        decided = decisions.known.get(condition)
    return _chosen(condition, decided, a, b)


def _chosen(condition: Any, decided: bool | None, a: Ball, b: Ball) -> Ball:
    """The side that is decided, by where a rounded tie falls in this sweep if by nothing else; both if by nothing."""
    if decided is None:
        decided = decisions.fall(condition)
    return a.union(b) if decided is None else a if decided else b


def _floor_strict(condition: Any, x: Ball) -> Ball:
    return balls.NAN if x.contains_integer() else x.floor()


def _floor_hull(condition: Any, x: Ball) -> Ball:
    return x.floor()


def _floor_directed(condition: Any, x: Ball) -> Ball:
    at = decisions.known.get(condition) if x.is_exact() else None
    return x.floor() if at is None else arb(int(at))


_OFF_JUMPS = {"atan2": balls.atan2_off_the_cut, "acot": balls.acot_off_zero}
_ON_JUMPS = {"atan2": arb.atan2, "acot": balls.acot}
_MODES: dict[str, dict[str, Any]] = {
    "strict": {"choose": _choose_strict, "floor": _floor_strict, **_OFF_JUMPS},
    "value": {"choose": _choose_value, "floor": _floor_hull, **_ON_JUMPS},
    "hull": {"choose": _choose_hull, "floor": _floor_hull, **_ON_JUMPS},
    "directed": {"choose": _choose_directed, "floor": _floor_directed, **_ON_JUMPS},
}
_COMMON = {
    "constant": balls.constant,
    "power": balls.power,
    "rational_power": balls.rational_power,
    "general_power": balls.general_power,
    "euler": arb.const_euler,
    "NAN": balls.NAN,
    "holds": balls.holds,
    "ONE": balls.ONE,
    "ZERO": balls.ZERO,
    "UNIT": balls.UNIT,
}


def compile_ball(expression: Any, arguments: tuple[Any, ...], mode: str = "strict") -> BallFunction:
    """A function of balls for a SymPy expression in the given symbols."""
    source = Source(arguments, mode)
    return source.compile(source.write(expression))
