"""The symbolic oracle's rules: each meaning and SymPy's derivatives of it, as functions of balls.

SymPy differentiates a meaning once; a sweep over a tape is then one call a node. That, and the time it saves, is
what makes a certified verdict cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import sympy as sp
from flint import arb

from ...engine.primitive import Primitive
from ...engine.tape import constant_key
from .codegen import BallFunction, Source, compile_ball
from .exactness import is_float
from .meanings import Choose, Floor, meaning, partial, symbols

#: Rules kept at once; campaigns with random constants would otherwise grow without bound.
MOST_RULES = 20_000

#: How an adjoint's product is formed: the adjoint itself, its negative, times a value, times a local derivative.
PLUS, MINUS, FACTOR, LOCAL = range(4)


#: u by which a local derivative may be off, and one with the product in which it stands.
LOCAL_UNITS, PRODUCT_UNITS = 6, 7.001


class Together(NamedTuple):
    """A value with local derivatives, as one function of balls and as one of columns of K balls.

    Attributes:
        products: for each wanted argument its place, how its product is formed, and where its local derivative stands
            behind the value if the way is LOCAL.
        is_tuple: whether both functions return more than the value.
    """

    products: tuple[tuple[int, int, int], ...]
    is_tuple: bool
    of_balls: Callable[..., Any]
    of_columns: Callable[..., Any]


class Rule:
    """A primitive with its constants: value and local derivatives as functions of balls.

    ``value`` and ``partials`` are exact (strict mode); :meth:`wide` gives what floating-point arithmetic may
    return for them. A partial is None where SymPy has no closed form, and the int 1 or -1 where it is constant.
    """

    def __init__(self, primitive: type[Primitive], consts: tuple[Any, ...]) -> None:
        self.primitive, self.consts = primitive, consts
        self.symbols = symbols(primitive)
        self.text = primitive.meaning
        self.expression = meaning(primitive, consts)
        self.derivatives = tuple(partial(self.expression, s) for s in self.symbols)
        self.is_differentiable = None not in self.derivatives
        self._wide: dict[tuple[str, float, bool], Wide] = {}
        self._together: dict[float, Together] = {}

    @cached_property
    def value(self) -> BallFunction:
        return compile_ball(self.expression, self.symbols)

    @cached_property
    def value_at_ties(self) -> BallFunction:
        """The value where exact ties are decided as a program decides them."""
        return compile_ball(self.expression, self.symbols, "value")

    @cached_property
    def partials(self) -> tuple[BallFunction | int | None, ...]:
        return tuple(_partial_function(d, self.symbols, "strict") for d in self.derivatives)

    @cached_property
    def directed(self) -> tuple[BallFunction, tuple[BallFunction | int | None, ...]]:
        """Value and partials on the side that germs have decided."""
        return compile_ball(self.expression, self.symbols, "directed"), tuple(
            _partial_function(d, self.symbols, "directed") for d in self.derivatives
        )

    def together(self, unit: float) -> Together:
        """The strict value with the local derivatives by all arguments, of a node that is not the output."""
        known = self._together.get(unit)
        if known is None:
            wanted = tuple(range(len(self.symbols)))
            known = self._together[unit] = self.wide("strict", unit).together(wanted, False)
        return known

    def wide(self, mode: str, unit: float, weak: bool = False) -> Wide:
        """The rule in floating point: as :class:`Wide`, made once."""
        key = (mode, unit, weak)
        known = self._wide.get(key)
        if known is None:
            known = self._wide[key] = Wide(self, mode, unit, weak)
        return known


def _partial_function(derivative: Any, arguments: tuple[Any, ...], mode: str) -> BallFunction | int | None:
    if derivative is None:
        return None
    if derivative in (1, -1):
        return int(derivative)
    return compile_ball(derivative, arguments, mode)


class Wide:
    """A rule in floating point of the given unit roundoff: every result is widened by what rounding may do.

    Values by k·u, local derivatives by 6u; a special function by k·u·(|f| + |x f′|), its derivative likewise.
    A constant that is no float of this type becomes a ball of one unit: an engine has only its nearest float. ``weak``
    allows local derivatives an absolute error of k·u·max(1, |D|) (E_weak).

    Attributes:
        exact: the primitive does not round.
        value: the widened value.
        partials: the widened local derivatives, as in :class:`Rule`.
    """

    def __init__(self, rule: Rule, mode: str, unit: float, weak: bool) -> None:
        self._arguments, self._mode, self._unit = rule.symbols, mode, unit
        primitive = rule.primitive
        self.exact = primitive.ulps == 0
        self._ulps, self._special, self._weak = primitive.ulps, primitive.special, weak and not self.exact
        self._has_kinks = primitive.kinks != "False"
        self._expression, self._derivatives, self._rounded = with_rounded_constants(rule, unit)
        self._is_product = len(rule.symbols) == 2 and rule.derivatives == rule.symbols[::-1]
        self._together: dict[tuple[int, ...], Together] = {}
        self._together_at_output: dict[tuple[int, ...], Together] = {}

    @cached_property
    def value(self) -> BallFunction:
        source = self._source()
        return source.compile(self._write_value(source))

    @cached_property
    def partials(self) -> tuple[BallFunction | int | None, ...]:
        return tuple(self._partial(d, LOCAL_UNITS) for d in self._derivatives)

    def together(self, wanted: tuple[int, ...], at_output: bool) -> Together:
        """The value with what the products of the ``wanted`` arguments need, what they share computed once.

        Where the adjoint is 1 (``at_output``) nothing is multiplied; elsewhere local derivatives are widened by the
        product's own u too.
        """
        made = self._together_at_output if at_output else self._together
        known = made.get(wanted)
        if known is None:
            known = made[wanted] = self._made_together(wanted, at_output)
        return known

    def _made_together(self, wanted: tuple[int, ...], at_output: bool) -> Together:
        units = LOCAL_UNITS if at_output else PRODUCT_UNITS
        source = self._source()
        local = [self._derivatives[k] for k in wanted]
        is_factor = self._is_product and not at_output
        ways = [FACTOR if is_factor else PLUS if d in (1, None) else MINUS if d == -1 else LOCAL for d in local]
        to_write = [d for d, how in zip(local, ways, strict=True) if how == LOCAL]
        source.foresee([self._expression, *(d for d in to_write if not self._is_correlated(d))])
        results = [self._write_value(source)]
        for d in to_write:
            if self._is_correlated(d):  # its own way for numbers that are exact leaves the function early
                whole = source.bind("f", self._partial(d, units))
                results.append(f"{whole}({', '.join(source.parameters)})")
            else:
                results.append(self._write_partial(source, d, units))
        places = accumulate((how == LOCAL for how in ways), initial=1)
        products = tuple(zip(wanted, ways, places, strict=False))
        of_columns = source.compile_columns(results)
        return Together(products, len(results) > 1, source.compile(", ".join(results)), of_columns)

    def _source(self) -> Source:
        source = Source(self._arguments, self._mode)
        for symbol, value in self._rounded.items():
            near = source.bind("w", arb(1, self._unit))
            source.memo[symbol] = source.let(f"constant({source.bind('q', value)})*{near}")
        return source

    def _write_value(self, source: Source) -> str:
        result = source.write(self._expression)
        if self._special:
            slopes = [(s, partial(self._expression, s)) for s in self._arguments]
            return self._allow(source, result, slopes)
        if self.exact:
            return result
        return f"{result}*{source.bind('w', arb(1, self._ulps * self._unit))}"

    def _allow(self, source: Source, result: str, slopes: list[tuple[Any, Any]]) -> str:
        """±k·u·(|f| + Σ|x f′|) around a special function's result."""
        terms = [f"abs({result})"]
        for symbol, slope in slopes:
            if slope is not None and slope != 0:
                terms.append(f"abs({source.memo[symbol]}*{source.write(slope)})")
        allowance = source.bind("w", arb(0, self._ulps * self._unit))
        return source.let(f"{result} + {allowance}*({' + '.join(terms)})")

    def _partial(self, d: Any, units: float) -> BallFunction | int | None:
        if d is None or d in (1, -1):
            return None if d is None else int(d)
        source = self._source()
        return source.compile(self._write_partial(source, d, units))

    def _write_partial(self, source: Source, d: Any, units: float) -> str:
        slopes = [(s, partial(d, s)) for s in self._moving(d)]
        result = self._mean_value(source, d, slopes) if self._is_correlated(d) else source.write(d)
        if self._special:
            result = self._allow_if_finite(source, result, slopes)
        if self.exact:
            return result
        result = source.let(f"{result}*{source.bind('w', arb(1, units * self._unit))}")
        if self._weak:
            result = f"{result} + {source.bind('w', arb(0, 4 * self._unit))}*abs({result}).max(ONE)"
        return result

    def _moving(self, d: Any) -> list[Any]:
        """The arguments and the constants that are no floats, as far as they occur in a derivative."""
        return [s for s in (*self._arguments, *self._rounded) if d.has(s)]

    def _is_correlated(self, d: Any) -> bool:
        """Whether a ball enters in several places, which lose their correlation: d is taken in mean-value form."""
        moving = self._moving(d)
        return any(_occurrences(d, s) > 1 for s in moving) and any(partial(d, s) is not None for s in moving)

    def _mean_value(self, source: Source, d: Any, slopes: list[tuple[Any, Any]]) -> str:
        """D(m) + Σ D′(x)·(x − m); the plain D(x) where x is exact, or where that is not finite.

        By an order no slope is known: it must stand still, as orders do that are numbers of the function's text.
        """
        names = {s: source.memo[s] for s, _ in slopes}
        rounded = [symbol for symbol in self._rounded if symbol in names]
        plain = source.bind("f", compile_ball(d, tuple(names), self._mode))
        call = f"{plain}({', '.join(names.values())})"
        at_middle = {s: source.let(f"{name}.mid()") for s, name in names.items()}
        if not rounded:
            exact = " and ".join(f"{name}.is_exact()" for name in names.values())
            whole = source.bind("w", arb(1, PRODUCT_UNITS * self._unit))
            if not self._special and not self._weak:
                source.lines.append(f"    if {exact}: return {call}" + ("" if self.exact else f"*{whole}"))
        middle = source.elsewhere(dict(at_middle))
        result = middle.write(d)
        for symbol, slope in slopes:
            if slope is not None and slope != 0:
                spread = f"({names[symbol]} - {at_middle[symbol]})"
                result = source.let(f"{result} + {source.write(slope)}*{spread}")
        still = "".join(f"{names[symbol]}.is_exact() and " for symbol, slope in slopes if slope is None)
        return source.let(f"{result} if {still}{self._is_smooth(source, d)}{result}.is_finite() else {call}")

    def _is_smooth(self, source: Source, d: Any) -> str:
        """Code that is true where no tie lies in the balls: across one, the slope at the middle tells nothing."""
        if not self._has_kinks:
            return ""
        tests = [choice.args[:3] for choice in sorted(d.atoms(Choose), key=str)]
        tests += [("floor", f.args[0], None) for f in sorted(d.atoms(Floor), key=str)]
        code = ""
        for relation, left, right in tests:
            if right is None:
                code += f"not {source.write(left)}.contains_integer() and "
            else:
                code += f"holds({relation.name!r}, {source.write(left)}, {source.write(right)}) is not None and "
        return code

    def _allow_if_finite(self, source: Source, result: str, slopes: list[tuple[Any, Any]]) -> str:
        allowed = self._allow(source, result, slopes)
        return source.let(f"{allowed} if {allowed}.is_finite() else {result}")


def with_rounded_constants(rule: Rule, unit: float) -> tuple[Any, tuple[Any, ...], dict[Any, Fraction]]:
    """A rule's expression and derivatives with a symbol for each constant that is no float, and their exact values."""
    primitive = rule.primitive
    rounded: dict[Any, Fraction] = {}
    consts = []
    for name, value in zip(primitive.constants, rule.consts, strict=True):
        if isinstance(value, Fraction) and not is_float(value, unit):
            symbol = sp.Symbol(f"{name}_constant", real=True)
            rounded[symbol] = value
            consts.append(symbol)
        else:
            consts.append(value)
    if not rounded:
        return rule.expression, rule.derivatives, rounded
    expression = meaning(primitive, tuple(consts))
    derivatives = (partial(expression, s) for s in rule.symbols)
    # SymPy has c·xᶜ/x, which is 0/0 at 0
    return expression, tuple(d if d is None else sp.powsimp(d) for d in derivatives), rounded


def _occurrences(expression: Any, symbol: Any) -> int:
    return sum(1 for e in sp.preorder_traversal(expression) if e == symbol)


_rules: dict[Any, Rule] = {}


def rule_of(primitive: type[Primitive], consts: tuple[Any, ...] = ()) -> Rule:
    """The rule of a primitive with its constants, made once for each meaning."""
    if not consts:
        rule = _rules.get(primitive)
        if rule is not None and rule.text is primitive.meaning:
            return rule
    key = (primitive, primitive.meaning, *map(constant_key, consts))
    rule = _rules.get(key)
    if rule is None:
        if len(_rules) >= MOST_RULES:
            _rules.clear()
        rule = _rules[key] = Rule(primitive, consts)
    if not consts:
        _rules[primitive] = rule  # found without making a key
    return rule
