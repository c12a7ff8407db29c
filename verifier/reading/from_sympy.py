"""Reading a SymPy expression: its tree is walked as it stands, nothing is evaluated or simplified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from ...engine.primitive import REGISTRY
from ...engine.tape import Tape
from ..errors import InvalidInput, LimitExceeded, Unsupported
from ..limits import DEFAULT, Limits
from . import vocabulary
from .builder import Action, Builder, canonical
from .conditions import Relation, Truth, junction, negation, piecewise
from .syntax import fits

_HALF = sp.Rational(1, 2)

#: Atoms that are constants of the tape.
CONSTANTS: dict[Any, str] = {
    sp.pi: "pi",
    sp.E: "E",
    sp.nan: "nan",
    sp.oo: "inf",
    -sp.oo: "-inf",
}


def read_sympy(expression: Any, limits: Limits = DEFAULT, variables: Sequence[str] | None = None) -> Tape:
    """The composite function that a SymPy expression stands for.

    SymPy has put the arguments of sums and products in an order of its own; they are recorded from left to
    right in that order, negative terms as differences and negative powers as quotients. A Float is exactly
    its value.

    Args:
        expression: a real expression of SymPy.
        limits: sizes that it must not exceed.
        variables: names of the inputs in their order; by default all symbols sorted by name.

    Raises:
        InvalidInput: it is no real expression, or holds an unknown function.
        LimitExceeded: it is larger than the limits.
        Unsupported: it is known mathematics that cannot be differentiated here.
    """
    if not isinstance(expression, sp.Expr):
        raise InvalidInput(f"expected a SymPy expression of numbers; given {type(expression).__name__}")
    return _Walk(expression, limits, variables).tape


class _Walk:
    def __init__(self, expression: sp.Expr, limits: Limits, variables: Sequence[str] | None) -> None:
        self.limits = limits
        self.builder = Builder(_symbols(expression) if variables is None else variables, limits)
        self.tape = canonical(self.builder.tape(self._walk(expression)))

    def _walk(self, root: sp.Expr) -> int:
        stack: list[Any] = [root]
        values: list[Any] = []
        while stack:
            item = stack.pop()
            if isinstance(item, Action):
                args = values[len(values) - item.count :]
                del values[len(values) - item.count :]
                values.append(item.act(args))
                if len(self.builder.nodes) > self.limits.nodes:
                    raise LimitExceeded(
                        f"written out it has more than {self.limits.nodes:,} operations; expected fewer"
                    )
            else:
                self._open(item, stack)
        result: int = values[0]
        return result

    def _push(self, stack: list[Any], act: Callable[[list[Any]], Any], args: Sequence[Any]) -> None:
        stack.append(Action(act, len(args)))
        stack += args[::-1]

    def _primitive(self, name: str, consts: tuple[Any, ...] = ()) -> Callable[[list[int]], int]:
        primitive = REGISTRY[name]
        return lambda values: self.builder.add(primitive, tuple(values), consts)

    def _number(self, e: Any) -> Fraction | None:
        """:func:`exact`, within the limits."""
        # a power of 2 that nobody could write down is not worked out
        is_far = isinstance(e, sp.Float) and abs(e._mpf_[2]) > 4 * self.limits.digits
        value = None if is_far else exact(e)
        if is_far or (value is not None and not fits(value, self.limits)):
            most = f"{self.limits.digits:,}"
            raise LimitExceeded(f"an exact constant has too many digits; expected at most {most}")
        return value

    def _leaf(self, stack: list[Any], index: int) -> None:
        stack.append(Action(lambda values: index, 0))

    def _open(self, e: Any, stack: list[Any]) -> None:
        """Put on the stack what makes one value of an expression, or one condition."""
        if isinstance(e, sp.Symbol):
            try:
                self._leaf(stack, self.builder.variable(e.name))
            except KeyError:
                known = ", ".join(self.builder.variables) or "none"
                raise InvalidInput(f"{e.name!r} is none of the variables; expected {known}") from None
        elif e in CONSTANTS:
            self._leaf(stack, self.builder.constant(CONSTANTS[e]))
        elif (number := self._number(e)) is not None:
            self._leaf(stack, self.builder.constant(number))
        elif isinstance(e, sp.Add):
            self._sum(e, stack)
        elif isinstance(e, sp.Mul):
            self._product(e, stack, signed=True)
        elif isinstance(e, sp.Pow):
            self._power(e.base, e.exp, stack)
        elif isinstance(e, sp.Piecewise):
            self._push(stack, self._piecewise, [part for pair in e.args for part in pair.args])
        elif isinstance(e, sp.logic.boolalg.Boolean):
            self._condition(e, stack)
        elif isinstance(e, sp.UnevaluatedExpr) or (isinstance(e, (sp.re, sp.conjugate)) and is_real(e.args[0])):
            stack.append(e.args[0])
        elif isinstance(e, sp.im) and is_real(e.args[0]):
            stack.append(sp.Integer(0))
        else:
            self._call(e, stack)

    def _sum(self, e: sp.Add, stack: list[Any]) -> None:
        # the first term keeps its sign, the others become differences
        negative = [i > 0 and _is_negative(term) for i, term in enumerate(e.args)]

        def build(values: list[int]) -> int:
            result = values[0]
            for value, minus in zip(values[1:], negative[1:], strict=True):
                result = self.builder.add(REGISTRY["sub" if minus else "add"], (result, value))
            return result

        stack.append(Action(build, len(e.args)))
        for term, minus in zip(e.args[::-1], negative[::-1], strict=True):
            if not minus:
                stack.append(term)
            elif isinstance(term, sp.Mul):
                self._product(term, stack, signed=False)
            else:
                stack.append(-term)  # a negative number

    def _product(self, e: sp.Mul, stack: list[Any], *, signed: bool) -> None:
        """A quotient of two chains of factors; not ``signed``: of the absolute value of the first number."""
        above: list[Any] = []
        below: list[tuple[Any, Any]] = []
        minus = False
        for i, factor in enumerate(e.args):
            if i == 0 and isinstance(factor, sp.Rational):
                minus = signed and factor < 0
                if minus and factor.p != -1:
                    minus = False
                    above += [sp.Integer(factor.p)]
                elif abs(factor.p) != 1:
                    above += [sp.Integer(abs(factor.p))]
                if factor.q != 1:
                    below += [(sp.Integer(factor.q), sp.Integer(1))]
            elif i == 0 and isinstance(factor, sp.Float) and not signed:
                above += [abs(factor)]
            elif isinstance(factor, sp.Pow) and isinstance(factor.exp, sp.Rational) and factor.exp < 0:
                below += [(factor.base, -factor.exp)]
            else:
                above += [factor]
        if minus:
            stack.append(Action(self._primitive("neg"), 1))
        if below:
            stack.append(Action(self._primitive("div"), 2))
            self._factors(below, stack)
        self._factors([(factor, sp.Integer(1)) for factor in above or [sp.Integer(1)]], stack)

    def _factors(self, powers: list[tuple[Any, Any]], stack: list[Any]) -> None:
        """A product of powers, each a base and an exponent."""
        if len(powers) > 1:
            form = vocabulary.FORMS["Mul"]
            stack.append(Action(lambda values: form.build(self.builder, values), len(powers)))
        for base, exponent in reversed(powers):
            self._power(base, exponent, stack)

    def _power(self, base: Any, exponent: Any, stack: list[Any]) -> None:
        value = self._number(exponent)
        if base == sp.E and exponent != 1:
            self._push(stack, self._primitive("exp"), [exponent])
        elif exponent == 1:
            stack.append(base)
        elif exponent == _HALF:
            self._push(stack, self._primitive("sqrt"), [base])
        elif exponent in (-1, -_HALF):
            stack.append(Action(self._primitive("div"), 2))
            self._power(base, -exponent, stack)
            stack.append(sp.Integer(1))
        elif value is not None:
            self._push(stack, self._primitive("powc", (value,)), [base])
        else:
            self._push(stack, self._primitive("pow"), [base, exponent])

    def _piecewise(self, values: list[Any]) -> int:
        return piecewise(self.builder, list(zip(values[::2], values[1::2], strict=True)))

    def _condition(self, e: Any, stack: list[Any]) -> None:
        name = type(e).__name__
        if isinstance(e, sp.Eq) and e.has(sp.im) and isinstance(told := of_reals(e), (BooleanTrue, BooleanFalse)):
            e = told
        if isinstance(e, (BooleanTrue, BooleanFalse)):
            truth = Truth(bool(e))
            stack.append(Action(lambda values: truth, 0))
        elif isinstance(e, sp.core.relational.Relational):
            relation = e.rel_op
            self._push(stack, lambda values: Relation(relation, values[0], values[1]), list(e.args))
        elif name in ("And", "Or"):
            self._push(stack, lambda values: junction(name == "And", values), list(e.args))
        elif name == "Not":
            self._push(stack, lambda values: negation(values[0]), list(e.args))
        elif isinstance(e, sp.Contains) and isinstance(e.args[1], (sp.Interval, sp.FiniteSet, sp.Union)):
            stack.append(e.args[1].as_relational(e.args[0]))
        elif name in ("Xor", "ITE", "Implies", "Equivalent"):
            stack.append(e.to_nnf())
        else:
            raise Unsupported(f"conditions of the kind {name} are not available here")

    def _call(self, e: Any, stack: list[Any]) -> None:
        name = type(e).__name__
        if isinstance(e, AppliedUndef):
            raise InvalidInput(f"the function {name!r} is undefined; expected one that gradjury knows")
        if isinstance(e, sp.NumberSymbol):
            raise Unsupported(f"the constant {name} is not available here; pi and E are")
        if e in (sp.I, sp.zoo):
            raise Unsupported(f"{e}: complex numbers are not available here")
        if isinstance(e, sp.hyper):
            above, below, z = e.args
            primitive = vocabulary.hypergeometric(len(above), len(below))
            self._push(stack, self._primitive(primitive.name), [*above, *below, z])
            return
        entry = vocabulary.lookup(name)
        if entry is None or isinstance(entry, vocabulary.Syntax):
            error = vocabulary.unknown(name)
            if isinstance(error, InvalidInput) and type(e).__module__.startswith("sympy."):
                raise Unsupported(f"{name} is known to SymPy but has no primitive here")
            raise error
        args = list(e.args)
        message = vocabulary.wrong_count(entry, len(args))
        if message is not None:
            raise InvalidInput(message)
        if isinstance(entry, vocabulary.Form):
            build = entry.build
            self._push(stack, lambda values: build(self.builder, values), args)
            return
        given = [self._number(argument) for argument in args[entry.arity :]]
        if entry.fixed is not None and given:
            vocabulary.check_fixed(entry, given.pop())
        consts = (*given, *entry.constants[len(given) :])
        if None in consts:
            raise InvalidInput(f"the {entry.primitive.constants[0]} of {name} must be a number")
        self._push(stack, self._primitive(entry.primitive.name, consts), args[: entry.arity])


def exact(e: Any) -> Fraction | None:
    """The exact value of a finite SymPy number; None for anything else."""
    if isinstance(e, sp.Rational) and e.is_finite:
        return Fraction(int(e.p), int(e.q))
    if isinstance(e, sp.Float):
        sign, mantissa, exponent, _ = e._mpf_
        value = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
        return -value if sign else value
    return None


def of_reals(e: Any) -> Any:
    """What SymPy makes of an expression or a condition if all its symbols are real: here they are, declared or not."""
    return e.xreplace({symbol: sp.Dummy(real=True) for symbol in e.free_symbols})


def is_real(e: Any) -> bool:
    """Whether an expression of real symbols is real itself."""
    return bool(of_reals(e).is_extended_real)


def _is_negative(term: Any) -> bool:
    number = term.args[0] if isinstance(term, sp.Mul) else term
    return bool(isinstance(number, (sp.Rational, sp.Float)) and number < 0)


def _symbols(expression: sp.Expr) -> list[str]:
    """Names of all symbols, sorted."""
    found: dict[str, sp.Symbol] = {}
    seen: set[Any] = set()
    stack: list[Any] = [expression]
    while stack:
        e = stack.pop()
        if isinstance(e, sp.Symbol):
            if found.setdefault(e.name, e) != e:
                raise InvalidInput(f"two different symbols are called {e.name!r}; expected one")
        elif e not in seen:
            seen.add(e)
            stack += e.args
    return sorted(found)
