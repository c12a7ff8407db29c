"""Meanings as functions of NumPy arrays in longdouble, with a proof that they lose next to nothing.

A kernel computes an operation's value and all its local derivatives at K points at once, from SymPy's expressions
alone. Each expression is written only if its own rounding can be bounded beforehand, relative to its result, by
:data:`MOST_UNITS` units of 2⁻⁶⁴: products, quotients, powers and functions of what is exact, sums of one sign or of
two exact numbers (Higham 2002, *Accuracy and Stability of Numerical Algorithms*, section 3). What cancels, and what
NumPy does not have in longdouble, has no kernel.

The functions of the platform's longdouble library are trusted to :data:`LIBRARY_UNITS` (glibc states at most 4 units
in the last place, 8 of ours; a test holds them against Arb).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any

import numpy as np
import sympy as sp

from ..oracle import balls
from ..oracle.codegen import Lines, as_quotient, compile_ball
from ..oracle.meanings import Choose
from ..oracle.rules import FACTOR, LOCAL, MINUS, MOST_RULES, PLUS, Rule
from .longlibrary import FUNCTIONS, as_longdouble

Array = Any

#: Units of 2**-64 by which a library function may be off, and a kernel's value or derivative as a whole.
LIBRARY_UNITS, MOST_UNITS = 32.0, 250.0


class NoKernel(Exception):
    """An expression that cannot be evaluated, or not without losing too much."""


#: What NumPy's functions are called in kernels.
_COMMON = {"where": np.where, "sqrt": np.sqrt, "absolute": np.abs, "full_like": np.full_like}


class _Writer(Lines):
    """Straight-line source of an expression in longdouble, with the units that each line may be off."""

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        super().__init__(len(arguments), {**_COMMON})
        #: Expression → its name and its relative error in units; 0 is exact.
        self.memo: dict[Any, tuple[str, float]] = {s: (f"x{i}", 0.0) for i, s in enumerate(arguments)}
        #: For each comparison: the name of left − right, and the arguments that occur in it.
        self.ties: list[tuple[str, tuple[int, ...]]] = []
        self.arguments = arguments

    def write(self, e: Any) -> tuple[str, float]:
        known = self.memo.get(e)
        if known is None:
            known = self.memo[e] = self._write(e)
        return known

    def _write(self, e: Any) -> tuple[str, float]:
        if not e.free_symbols:
            return self._number(e)
        if e.is_Mul:
            return self._product(e)
        if e.is_Add:
            return self._sum(e)
        if e.is_Pow:
            return self._power(e.base, e.exp)
        if isinstance(e, Choose):
            return self._choice(e)
        if e.func is sp.log and (beyond_one := _beyond_one(e.args[0])) is not None:
            name, units = self.write(beyond_one)  # log1p's condition number is at most 1 for a positive argument
            if units == 0 or _is_nonnegative(beyond_one):
                return self.let(f"{self.bind('c', np.log1p)}({name})"), units + LIBRARY_UNITS
        function = FUNCTIONS.get(e.func)
        if function is None:
            raise NoKernel(e.func)
        name, units = self.write(e.args[0])
        result = self.let(f"{self.bind('c', function)}({name})")
        if units == 0:
            return result, LIBRARY_UNITS + 1
        if e.func is sp.exp:
            return result, self._of_exponent(name, units)
        raise NoKernel(e)

    def _of_exponent(self, name: str, units: float) -> float:
        """exp magnifies its argument's relative error by |argument|: where that is more than 100/units, no kernel."""
        allowance = 100.0
        self.ties.append((self.let(f"{allowance / units} - absolute({name})"), ()))
        return allowance + LIBRARY_UNITS

    def _number(self, e: Any) -> tuple[str, float]:
        if e.is_Integer and abs(e.p) < 1 << 53:
            return self.bind("c", float(e.p)), 0.0
        with balls.precision(160):
            ball = compile_ball(e, ())()
            if not ball.is_finite():
                raise NoKernel(e)
            value = as_longdouble(ball)
            return self.bind("c", value), 0.0 if (ball - float(value)).is_zero() else 1.0

    def _product(self, e: Any) -> tuple[str, float]:
        sign, above, below = as_quotient(e)
        written, divisors = ([*map(self.write, parts)] for parts in (above, below))
        code = "*".join(name for name, _ in written) or "1.0"
        code += "".join("/" + name for name, _ in divisors)
        units = sum(u for _, u in written + divisors)
        return self.let(sign + code), units + len(written) + len(divisors) - bool(written)

    def _sum(self, e: Any) -> tuple[str, float]:
        written = [self.write(a) for a in e.args]
        units = [u for _, u in written]
        if len(written) == 2 and not any(units):
            return self.let(" + ".join(name for name, _ in written)), 1.0
        if all(map(_is_nonnegative, e.args)):
            return self.let(" + ".join(name for name, _ in written)), max(units) + len(units) - 1
        if e.func(*e.args).has(sp.exp) and _less_one(e) is not None:
            return self.let(f"{self.bind('c', np.expm1)}({self.write(_less_one(e))[0]})"), LIBRARY_UNITS
        factored = sp.factor(e)
        if factored.is_Mul:
            return self.write(factored)
        raise NoKernel(e)

    def _power(self, base: Any, exponent: Any) -> tuple[str, float]:
        if base is sp.E:
            return self.write(sp.exp(exponent, evaluate=False))
        name, units = self.write(base)
        if not exponent.is_Rational:
            power, wrong = self.write(exponent)
            if units or wrong:
                raise NoKernel(base, exponent)
            return self.let(f"{self.bind('c', np.power)}({name}, {power})"), LIBRARY_UNITS
        p, q = int(exponent.p), int(exponent.q)
        if q == 2 and abs(p) <= 5:
            name, units, q = self.let(f"sqrt({name})"), units / 2 + 1, 1
        if q != 1 or abs(p) > 5:
            if abs(p) > 60:
                raise NoKernel(base, exponent)
            if (above := self.memo.get(base ** (exponent + 1))) is not None and units == 0:
                return self.let(f"{above[0]}/{name}"), above[1] + 1  # the derivative of a power whose value is known
            power, _ = self._number(exponent)  # where it is no float, the enclosure allows for it as well
            return self.let(f"{self.bind('c', np.power)}({name}, {power})"), abs(p / q) * units + LIBRARY_UNITS
        result = name if abs(p) == 1 else self.let("*".join([name] * abs(p)))
        units = abs(p) * units + abs(p) - 1
        return (result, units) if p > 0 else (self.let(f"1.0/{result}"), units + 1)

    def _choice(self, e: Any) -> tuple[str, float]:
        relation, left, right, a, b = e.args
        sides = [self.write(left), self.write(right)]
        if any(u for _, u in sides) or not all(s.is_Rational or s in self.arguments for s in (left, right)):
            raise NoKernel(e)
        names = [name for name, _ in sides]
        moving = tuple(i for i, s in enumerate(self.arguments) if s in (left, right))
        self.ties.append((self.let(f"absolute({names[0]} - {names[1]})"), moving))
        condition = f"{names[0]} {relation.name} {names[1]}"
        (yes, u), (no, v) = self.write(a), self.write(b)
        return self.let(f"where({condition}, {yes}, {no})"), max(u, v)


def _listed(names: list[str]) -> str:
    return f"[{', '.join(names)}]"


def _is_nonnegative(e: Any) -> bool:
    """Whether an expression is never below 0 where it is real."""
    return bool(e.is_nonnegative or (e.is_Pow and e.exp.is_Integer and e.exp % 2 == 0))


def _beyond_one(e: Any) -> Any:
    """z where an expression is 1 + z, else None."""
    return e.args[1] if e.is_Add and len(e.args) == 2 and e.args[0] is sp.S.One else None


def _less_one(e: Any) -> Any:
    """z where an expression is exp(z) − 1 with a plain symbol z, else None."""
    if len(e.args) == 2 and e.args[0] is sp.S.NegativeOne and e.args[1].func is sp.exp and e.args[1].args[0].is_Symbol:
        return e.args[1].args[0]
    return None


class Kernel:
    """An operation at K points: value, local derivatives, and how far the derivatives bend.

    Attributes:
        plain: a ufunc that is the whole value (sum, difference, product, quotient), else None.
        function: ``function(*x)`` gives the value, the derivatives of ``locals`` and the distances to ``ties``, all
            longdouble.
        ways: for each argument how its product is formed (see :mod:`.rules`) and, if LOCAL, the place of its
            derivative.
        bends: ``bends(*x, value, *derivatives)``, what ``function`` gave in double, gives ±∂Dₖ/∂xₗ in double for each
            pair (k, l) in ``pairs``.
        multiplies: whether a product of the adjoint is formed at all.
        ties: for each comparison the arguments in it.
        units: k of the value's rounding; 0 is exact.
    """

    def __init__(self, rule: Rule) -> None:
        self.units = float(rule.primitive.ulps)
        expression, arguments = rule.expression, rule.symbols
        writer = _Writer(arguments)
        results = [self._bounded(writer, expression, 0.0 if self.units == 0 else MOST_UNITS / 4 * self.units)]
        ways: list[tuple[int, int]] = []
        moving: list[tuple[int, Any]] = []
        is_product = len(arguments) == 2 and rule.derivatives == arguments[::-1]
        for k, d in enumerate(rule.derivatives):
            if d in (1, -1):
                ways.append((PLUS if d == 1 else MINUS, -1))
            elif is_product:
                ways.append((FACTOR, -1))
            else:
                ways.append((LOCAL, len(results) - 1))
                result = self._bounded(writer, d, 0.0 if self.units == 0 else MOST_UNITS)
                results.append(result if d.free_symbols else writer.let(f"full_like(x0, {result})"))
                moving.append((k, d))
        self.ways, self.locals = ways, len(moving)
        self.multiplies = any(how in (LOCAL, FACTOR) for how, _ in ways)
        self.ties = [where for _, where in writer.ties]
        self.function = writer.compile(_listed([*results, *(name for name, _ in writer.ties)]))
        self.pairs: list[tuple[int, int]] = []
        self.bends = self._bends(expression, moving, arguments)
        self.plain = _PLAIN.get(rule.primitive.name) if not self.locals and not self.ties else None

    @staticmethod
    def _bounded(writer: _Writer, expression: Any, most: float) -> str:
        name, units = writer.write(expression)
        if units > most:
            raise NoKernel(expression)
        return name

    def _bends(self, expression: Any, moving: list[tuple[int, Any]], arguments: tuple[Any, ...]) -> Callable[..., Any]:
        given = [expression, *(d for _, d in moving)]
        writer = _Rough(arguments, given)
        names = []
        for k, d in moving:
            for position, symbol in enumerate(arguments):
                bend = sp.diff(d, symbol)
                if bend != 0:
                    self.pairs.append((k, position))
                    names.append(writer.write_shortest(bend, d))
        return writer.compile(_listed(names))


_PLAIN = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "neg": np.negative}


class _Rough(_Writer):
    """As :class:`_Writer` for a factor of a bound in double, whose own last digits do not matter, nor its sign.

    Args:
        arguments: of the operation.
        given: its value and local derivatives, which are known where bends are asked for.
    """

    def __init__(self, arguments: tuple[Any, ...], given: list[Any]) -> None:
        super().__init__((*arguments, *(sp.Dummy() for _ in given)))
        for place, e in enumerate(given, len(arguments)):
            self.memo.setdefault(e, (f"x{place}", 0.0))

    def write_shortest(self, bend: Any, derivative: Any) -> str:
        """The bend of a derivative as it stands or as a multiple of the derivative, whichever takes fewer lines."""
        if not bend.free_symbols:
            return self.let(f"full_like(x0, {self.bind('c', float(bend))})")
        start, memo = len(self.lines), dict(self.memo)
        ways = []
        for factor, rest in ((sp.S.One, bend), (derivative, bend / derivative)):
            self.lines, self.memo = self.lines[:start], dict(memo)
            name = self._times([factor, abs(rest.as_coeff_Mul()[0]), rest.as_coeff_Mul()[1]])
            ways.append((len(self.lines), self.lines, self.memo, name))
        _, self.lines, self.memo, name = min(ways, key=itemgetter(0))
        return name

    def _times(self, factors: list[Any]) -> str:
        names = [self.write(f)[0] for f in factors if f is not sp.S.One]
        return names[0] if len(names) == 1 else self.let("*".join(names) or "1.0")

    def _write(self, e: Any) -> tuple[str, float]:
        if e.is_number:
            return self.bind("c", float(e)), 0.0
        if e.is_Add:
            return self.let(" + ".join(self.write(a)[0] for a in e.args)), 0.0
        if e.is_Mul:
            coefficient, rest = e.as_coeff_Mul()
            return self._times([coefficient, rest] if rest in self.memo else [*e.args]), 0.0
        if e.is_Pow and e.base is not sp.E:
            return self._rough_power(e.base, e.exp), 0.0
        if isinstance(e, Choose):
            relation, *rest = e.args
            left, right, a, b = (self.write(x)[0] for x in rest)
            return self.let(f"where({left} {relation.name} {right}, {a}, {b})"), 0.0
        if e.func in FUNCTIONS:
            return self.let(f"{self.bind('c', FUNCTIONS[e.func])}({self.write(e.args[0])[0]})"), 0.0
        raise NoKernel(e)

    def _rough_power(self, base: Any, exponent: Any) -> str:
        """A power, of a known one of the same base if it is a small power of that."""
        for q in (sp.S.NegativeOne, -sp.S.Half, sp.S.Half, sp.S.One):
            times = exponent / q
            if times in (2, 3, 4, 5) and (q == 1 or base**q in self.memo):
                return self.let("*".join([self.write(base**q)[0]] * int(times)))
        if exponent == -1:
            return self.let(f"1.0/{self.write(base)[0]}")
        return self.let(f"{self.bind('c', np.power)}({self.write(base)[0]}, {self.write(exponent)[0]})")


@lru_cache(maxsize=MOST_RULES)
def kernel_of(rule: Rule) -> Kernel | None:
    """The kernel of a rule, made once; None where it has none."""
    if not rule.is_differentiable:
        return None
    try:
        return Kernel(rule)
    except NoKernel:
        return None
