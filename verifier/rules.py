"""The symbolic oracle's rules: each meaning and its SymPy derivatives, compiled to functions of balls.

A rule belongs to a primitive with its constants. Compiling once and calling often is what makes a certified
verdict cheap: SymPy differentiates a meaning once, and a sweep over a tape is one call a node. The compiled
source is generated from SymPy expressions of primitives' own meanings; no user text ever reaches it.

Three modes differ only where a ball straddles a tie or a jump:

- ``strict``: nothing is known (nan): the exact derivative is asked for, and a tie needs germs.
- ``hull``: the union of both sides: what a correct engine may return after rounding.
- ``directed``: at a tie of exact balls the side that a germ has decided (see :mod:`.germs`), else the hull: where
  values were rounded, a correct engine may fall on either side.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, fmpq

from ..engine.primitive import Primitive
from . import balls
from .meanings import Choose, Floor, meaning, partial, symbols

#: 2**-52 and 2**-23: one unit in the last place of a number in [1, 2).
ROUNDING = {np.dtype(np.float64): 2.0**-52, np.dtype(np.float32): 2.0**-23}

#: Rules kept at once; campaigns with random constants would otherwise grow without bound.
MOST_RULES = 20_000

Ball = Any
BallFunction = Callable[..., Ball]

#: What germs decided for the node being evaluated in directed mode: condition → its truth.
decisions: dict[Any, bool] = {}


class _Source:
    """Python source for one SymPy expression as straight-line calls, subexpressions shared."""

    def __init__(self, parameters: dict[Any, str], namespace: dict[str, Any]) -> None:
        self.lines: list[str] = []
        self.namespace = namespace
        self.memo: dict[Any, str] = dict(parameters)

    def bind(self, prefix: str, value: Any) -> str:
        name = f"{prefix}{len(self.namespace)}"
        self.namespace[name] = value
        return name

    def let(self, code: str) -> str:
        name = f"t{len(self.lines)}"
        self.lines.append(f"    {name} = {code}")
        return name

    def write(self, e: Any) -> str:
        known = self.memo.get(e)
        if known is None:
            known = self.memo[e] = self._write(e)
        return known

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
            return self.let(f"constant({self.bind('q', str(e) if e is sp.pi else 'E')})")
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
        function = balls.FUNCTIONS.get(e.func)
        if function is None:
            return "NAN"  # nan, zoo, oo and functions that Arb does not have: nothing is known
        if e.func is sp.atan2:
            return self.let(f"atan2({', '.join(self.write(a) for a in e.args)})")
        return self.let(f"{self.bind('f', function)}({', '.join(self.write(a) for a in e.args)})")

    def _product(self, e: Any) -> str:
        below = [a for a in e.args if a.is_Pow and a.exp.is_Rational and a.exp < 0]
        above = [a for a in e.args if a not in below and a is not sp.S.NegativeOne]
        code = "*".join(self.write(a) for a in above) or "ONE"
        if below:
            code += "/" + "/".join(self.write(a.base**-a.exp) for a in below)
        return self.let(("-" if sp.S.NegativeOne in e.args else "") + code)

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


def _choose_strict(condition: Any, left: Ball, right: Ball, a: Ball, b: Ball) -> Ball:
    decided = balls.holds(condition[0], left, right)
    return balls.NAN if decided is None else a if decided else b


def _choose_value(condition: Any, left: Ball, right: Ball, a: Ball, b: Ball) -> Ball:
    decided = balls.holds_exactly(condition[0], left, right)
    if decided is not None:
        return a if decided else b
    return a.union(b)


def _choose_hull(condition: Any, left: Ball, right: Ball, a: Ball, b: Ball) -> Ball:
    decided = balls.holds(condition[0], left, right)
    return a.union(b) if decided is None else a if decided else b


def _choose_directed(condition: Any, left: Ball, right: Ball, a: Ball, b: Ball) -> Ball:
    decided = balls.holds(condition[0], left, right)
    if decided is None and left.is_exact() and right.is_exact():
        decided = decisions.get(condition)
    return a.union(b) if decided is None else a if decided else b


def _floor_strict(condition: Any, x: Ball) -> Ball:
    return balls.NAN if x.contains_integer() else x.floor()


def _floor_hull(condition: Any, x: Ball) -> Ball:
    return x.floor()


def _floor_directed(condition: Any, x: Ball) -> Ball:
    at = decisions.get(condition) if x.is_exact() else None
    return x.floor() if at is None else arb(int(at))


_MODES: dict[str, dict[str, Any]] = {
    "strict": {"choose": _choose_strict, "floor": _floor_strict, "atan2": balls.atan2_off_the_cut},
    "value": {"choose": _choose_value, "floor": _floor_hull, "atan2": arb.atan2},
    "hull": {"choose": _choose_hull, "floor": _floor_hull, "atan2": arb.atan2},
    "directed": {"choose": _choose_directed, "floor": _floor_directed, "atan2": arb.atan2},
}
_COMMON = {
    "constant": balls.constant,
    "power": balls.power,
    "rational_power": balls.rational_power,
    "general_power": balls.general_power,
    "euler": arb.const_euler,
    "NAN": balls.NAN,
    "ONE": balls.ONE,
    "ZERO": balls.ZERO,
    "UNIT": balls.UNIT,
}


def compile_ball(expression: Any, parameters: tuple[Any, ...], mode: str = "strict") -> BallFunction:
    """A Python function of balls for a SymPy expression in the given symbols."""
    namespace = {**_COMMON, **_MODES[mode]}
    names = {symbol: f"x{i}" for i, symbol in enumerate(parameters)}
    source = _Source(names, namespace)
    result = source.write(expression)
    text = f"def rule({', '.join(names.values())}):\n" + "\n".join([*source.lines, f"    return {result}"])
    exec(text, namespace)  # generated above from a primitive's meaning; holds names and operators only
    function: BallFunction = namespace["rule"]
    return function


def _occurrences(expression: Any, symbol: Any) -> int:
    return sum(1 for e in sp.preorder_traversal(expression) if e == symbol)


class Rule:
    """A primitive with its constants: value and local derivatives as functions of balls.

    ``value`` and ``partials`` are exact (strict mode); :meth:`wide` gives what floating-point arithmetic may
    return for them. A partial is None where SymPy has no closed form, and the int 1 or -1 where it is constant.
    """

    def __init__(self, primitive: type[Primitive], consts: tuple[Any, ...]) -> None:
        self.primitive, self.consts = primitive, consts
        self.symbols = symbols(primitive)
        self.expression = meaning(primitive, consts)
        self.derivatives = tuple(partial(self.expression, s) for s in self.symbols)
        self._wide: dict[tuple[str, float, bool], Wide] = {}

    @cached_property
    def value(self) -> BallFunction:
        return compile_ball(self.expression, self.symbols)

    @cached_property
    def directed(self) -> tuple[BallFunction, tuple[BallFunction | int | None, ...]]:
        """Value and partials on the side that germs have decided."""
        return compile_ball(self.expression, self.symbols, "directed"), tuple(
            _partial_function(d, self.symbols, "directed") for d in self.derivatives
        )

    @cached_property
    def value_at_ties(self) -> BallFunction:
        """The value where exact ties are decided as a program decides them."""
        return compile_ball(self.expression, self.symbols, "value")

    @cached_property
    def partials(self) -> tuple[BallFunction | int | None, ...]:
        return tuple(_partial_function(d, self.symbols, "strict") for d in self.derivatives)

    def wide(self, mode: str, unit: float, weak: bool = False) -> Wide:
        key = (mode, unit, weak)
        known = self._wide.get(key)
        if known is None:
            known = self._wide[key] = Wide(self, mode, unit, weak)
        return known


def _partial_function(derivative: Any, parameters: tuple[Any, ...], mode: str) -> BallFunction | int | None:
    if derivative is None:
        return None
    if derivative in (1, -1):
        return int(derivative)
    return compile_ball(derivative, parameters, mode)


class Wide:
    """A rule in floating point of the given unit roundoff: every result is widened by what rounding may do.

    A constant that is no float of this type stays a symbol and is passed as a ball of one unit: an engine has
    only its nearest float. ``weak`` allows local derivatives an absolute error of k·u·max(1, |D|) (E_weak).
    """

    def __init__(self, rule: Rule, mode: str, unit: float, weak: bool) -> None:
        primitive = rule.primitive
        self.unit, self.weak = unit, weak
        self.exact = primitive.ulps == 0
        consts, self._extra, extra_symbols = [], [], []
        for name, value in zip(primitive.constants, rule.consts, strict=True):
            if isinstance(value, Fraction) and not _is_float(value, unit):
                extra_symbols.append(sp.Symbol(f"{name}_constant", real=True))
                consts.append(extra_symbols[-1])
                self._extra.append(value)
            else:
                consts.append(value)
        parameters = rule.symbols + tuple(extra_symbols)
        expression = meaning(primitive, tuple(consts)) if extra_symbols else rule.expression
        derivatives = (
            tuple(partial(expression, s) for s in rule.symbols) if extra_symbols else rule.derivatives
        )
        self._value_widening = arb(1, primitive.ulps * unit)
        self._allowance = arb(0, primitive.ulps * unit) if primitive.special else None
        self._slopes = self._slope_functions(expression, rule.symbols, parameters, mode)
        plain = compile_ball(expression, parameters, mode)
        self.value = self._widened_value(plain)
        self.partials = tuple(
            self._widened_partial(d, rule.symbols, parameters, mode) for d in derivatives
        )

    def _slope_functions(self, e: Any, arguments: Any, parameters: Any, mode: str) -> list[tuple[int, BallFunction]]:
        """For a special function: the derivatives that scale its allowance k·u·|x f'|."""
        if self._allowance is None:
            return []
        slopes = [(i, partial(e, s)) for i, s in enumerate(arguments)]
        return [(i, compile_ball(d, parameters, mode)) for i, d in slopes if d is not None and d != 0]

    def _constants(self) -> list[Ball]:
        return [balls.constant(c) * arb(1, self.unit) for c in self._extra]

    def _widened_value(self, plain: BallFunction) -> BallFunction:
        widening, allowance, slopes = self._value_widening, self._allowance, self._slopes
        extra = self._constants if self._extra else None
        if extra is None and allowance is None:
            if self.exact:
                return plain
            return lambda *x: plain(*x) * widening

        def value(*x: Ball) -> Ball:
            every = (*x, *extra()) if extra else x
            result = plain(*every)
            if allowance is None:
                return result * widening
            size = abs(result)
            for i, slope in slopes:
                size = size + abs(x[i] * slope(*every))
            return result + allowance * size

        return value

    def _widened_partial(self, d: Any, arguments: Any, parameters: Any, mode: str) -> BallFunction | int | None:
        if d is None or d in (1, -1):
            return None if d is None else int(d)
        plain = compile_ball(d, parameters, mode)
        # a ball enters one occurrence without loss; several lose their correlation: take the mean-value form
        moving = [(i, s) for i, s in enumerate(parameters) if d.has(s)]
        correlated = any(_occurrences(d, s) > 1 for _, s in moving)
        second = [(i, partial(d, s)) for i, s in moving] if correlated or self._allowance is not None else []
        if any(e is None for _, e in second):
            second = []
        slopes = [(i, compile_ball(e, parameters, mode)) for i, e in second if e != 0]
        return self._assemble(plain, slopes, bool(second) and correlated)

    def _assemble(self, plain: BallFunction, slopes: list[tuple[int, BallFunction]], mean_value: bool) -> BallFunction:
        extra = self._constants if self._extra else None
        widening = arb(1) if self.exact else arb(1, 6 * self.unit)
        allowance, exact = self._allowance, self.exact
        weak = arb(0, 4 * self.unit) if self.weak and not exact else None

        def enclosure(x: tuple[Ball, ...]) -> Ball:
            if not mean_value or all(b.is_exact() for b in x):
                return plain(*x)
            result = plain(*[b.mid() for b in x])
            for i, slope in slopes:
                if not x[i].is_exact():
                    result = result + slope(*x) * (x[i] - x[i].mid())
            return result if result.is_finite() else plain(*x)

        if extra is None and allowance is None and weak is None:
            if not mean_value:
                if exact:
                    return plain
                return lambda *x: plain(*x) * widening
            return lambda *x: enclosure(x) * widening

        def widened(*x: Ball) -> Ball:
            every = (*x, *extra()) if extra else x
            result = enclosure(every)
            if allowance is not None:
                size = abs(result)
                for i, slope in slopes:
                    size = size + abs(every[i] * slope(*every))
                if size.is_finite():
                    result = result + allowance * size
            result = result * widening
            return result if weak is None else result + weak * abs(result).max(balls.ONE)

        return widened


def _is_float(value: Fraction, unit: float) -> bool:
    try:
        as_float = np.float32(float(value)) if unit > 2.0**-30 else float(value)
    except OverflowError:
        return False
    return bool(np.isfinite(as_float)) and Fraction(float(as_float)) == value


_rules: dict[Any, Rule] = {}


def rule_of(primitive: type[Primitive], consts: tuple[Any, ...] = ()) -> Rule:
    """The rule of a primitive with its constants, made once for each meaning."""
    key = (primitive, consts, primitive.meaning)
    rule = _rules.get(key)
    if rule is None:
        if len(_rules) >= MOST_RULES:
            _rules.clear()
        rule = _rules[key] = Rule(primitive, consts)
    return rule
