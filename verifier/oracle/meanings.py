"""What each operation means, as SymPy sees it, and the derivative that SymPy finds.

Only a primitive's ``meaning`` is read here, never its ``derivative``: an oracle that shared the rule would share
its error. SymPy's own Abs, Max, Piecewise, floor and Mod differentiate into DiracDelta, Heaviside or an
unevaluated Derivative, and SymPy rewrites them freely, so meanings are built from two functions of our own
instead: :class:`Choose` (one of two values by a comparison) and :class:`Floor` (derivative 0 between its jumps).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from ...engine.primitive import REGISTRY, Primitive


class Choose(sp.Function):  # type: ignore[misc]  # SymPy ships no types
    """``Choose(relation, left, right, a, b)``: a where ``left relation right`` holds, else b."""

    @classmethod
    def eval(cls, *args: Any) -> Any:
        if len(args) == 5 and args[3] == args[4]:
            return args[3]
        return None

    def _eval_derivative(self, symbol: Any) -> Any:
        relation, left, right, a, b = self.args
        return Choose(relation, left, right, a.diff(symbol), b.diff(symbol))

    def _eval_is_extended_real(self) -> bool:
        return True


class Floor(sp.Function):  # type: ignore[misc]
    """The largest integer that is not above its argument; its derivative is 0 wherever it has one."""

    def _eval_derivative(self, symbol: Any) -> Any:
        return sp.S.Zero

    def _eval_is_extended_real(self) -> bool:
        return True


RELATIONS = {"<": sp.Symbol("<"), "<=": sp.Symbol("<="), ">": sp.Symbol(">"), ">=": sp.Symbol(">=")}
RELATIONS |= {"==": sp.Symbol("=="), "!=": sp.Symbol("!=")}
_COMPARE = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}


def _choose(relation: str, left: Any, right: Any, a: Any, b: Any) -> Any:
    return Choose(RELATIONS[relation], left, right, a, b)


def _maximum(a: Any, *rest: Any) -> Any:
    for b in rest:
        a = _choose(">=", a, b, a, b)
    return a


def _minimum(a: Any, *rest: Any) -> Any:
    for b in rest:
        a = _choose("<=", a, b, a, b)
    return a


def _absolute(x: Any) -> Any:
    return _choose(">=", x, sp.S.Zero, x, -x)


def _sign(x: Any) -> Any:
    return _choose(">", x, sp.S.Zero, sp.S.One, _choose("<", x, sp.S.Zero, sp.S.NegativeOne, sp.S.Zero))


def _heaviside(x: Any, at_zero: Any) -> Any:
    return _choose(">", x, sp.S.Zero, sp.S.One, _choose("<", x, sp.S.Zero, sp.S.Zero, at_zero))


def _cbrt(x: Any) -> Any:
    root = sp.Rational(1, 3)
    return _choose(">=", x, sp.S.Zero, x**root, -((-x) ** root))


_KINKED: dict[str, Callable[..., Any]] = {
    "Max": _maximum,
    "Min": _minimum,
    "Abs": _absolute,
    "sign": _sign,
    "Heaviside": _heaviside,
    "floor": Floor,
    "ceiling": lambda x: -Floor(-x),
    "Mod": lambda a, b: a - b * Floor(a / b),
    "cbrt": _cbrt,
}
_NUMBERS = {"pi": sp.pi, "E": sp.E, "nan": sp.nan}


class _Builder(ast.NodeVisitor):
    """Builds the SymPy expression of a meaning; the text is a primitive's own, never a user's."""

    def __init__(self, names: dict[str, Any], text: str) -> None:
        self.names, self.text = names, text

    def generic_visit(self, node: ast.AST) -> Any:
        raise ValueError(f"the meaning {self.text!r} uses {type(node).__name__}, which meanings do not have")

    def visit_Constant(self, node: ast.Constant) -> Any:
        return sp.true if node.value is True else sp.Rational(str(node.value))

    def visit_Name(self, node: ast.Name) -> Any:
        return self.names[node.id] if node.id in self.names else _NUMBERS[node.id]

    def visit_List(self, node: ast.List) -> Any:
        return [self.visit(item) for item in node.elts]

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        return -self.visit(node.operand)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        a, b = self.visit(node.left), self.visit(node.right)
        match node.op:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return a * b
            case ast.Div():
                return a / b
            case ast.Pow():
                return a**b
        raise ValueError(f"the meaning {self.text!r} uses {type(node.op).__name__}")

    def condition(self, node: ast.AST) -> tuple[str, Any, Any]:
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return _COMPARE[type(node.ops[0])], self.visit(node.left), self.visit(node.comparators[0])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Ne", "Eq"):
            a, b = (self.visit(a) for a in node.args)
            return ("!=" if node.func.id == "Ne" else "=="), a, b
        raise ValueError(f"the meaning {self.text!r} has a condition that is no single comparison")

    def visit_Call(self, node: ast.Call) -> Any:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "Piecewise":
            branches = [b.elts for b in node.args if isinstance(b, ast.Tuple)]
            result = self.visit(branches[-1][0])
            for value, condition in reversed(branches[:-1]):
                relation, left, right = self.condition(condition)
                result = _choose(relation, left, right, self.visit(value), result)
            return result
        args = [self.visit(a) for a in node.args]
        if name == "where":
            left, right, a, b, relation = args
            return Choose(relation, left, right, a, b)
        if name == "Rational":
            return sp.Rational(*args)
        if name in _KINKED:
            return _KINKED[name](*args)
        return getattr(sp, name)(*args)


def symbols(primitive: type[Primitive]) -> tuple[Any, ...]:
    """The placeholders of a primitive's arguments in its meaning."""
    return tuple(sp.Symbol(name, real=True) for name in primitive.arguments)


def exact_rational(value: Fraction | str) -> Any:
    """A tape's constant as SymPy's exact number."""
    if isinstance(value, str):
        return RELATIONS[value] if value in RELATIONS else _NUMBERS.get(value, sp.nan)
    value = Fraction(value)
    return sp.Rational(value.numerator, value.denominator)


def meaning(primitive: type[Primitive], consts: tuple[Any, ...] = ()) -> Any:
    """The SymPy expression of a primitive with its constants put in, in the placeholders of its arguments.

    A constant may be an exact Fraction, a relation's text, or a SymPy symbol that stands for it.
    """
    derived = getattr(primitive, "derived_from", None)
    if derived is not None:  # a local derivative as an operation, see :mod:`.higher`
        base, position = derived
        return partial(meaning(base, consts), symbols(base)[position])
    names: dict[str, Any] = dict(zip(primitive.arguments, symbols(primitive), strict=True))
    for name, value in zip(primitive.constants, consts, strict=True):
        names[name] = value if isinstance(value, sp.Basic) else exact_rational(value)
    return _Builder(names, primitive.meaning).visit(ast.parse(primitive.meaning, mode="eval").body)


@contextmanager
def planted(name: str, text: str) -> Iterator[None]:
    """Within this context primitive ``name`` has the wrong meaning ``text``: how the oracle itself is tested."""
    primitive = REGISTRY[name]
    right = primitive.meaning
    primitive.meaning = text
    try:
        yield
    finally:
        primitive.meaning = right


class _Defined(sp.Function):  # type: ignore[misc]
    """A function that stands for an expression of SymPy's own, which is 0/0 somewhere; its derivative is SymPy's."""

    def definition(self) -> Any:
        raise NotImplementedError

    def fdiff(self, argindex: int = 1) -> Any:
        symbols, derivative = _slope_of_defined(self.func, len(self.args), argindex)
        if derivative.has(sp.Derivative):
            raise sp.core.function.ArgumentIndexError(self, argindex)
        return derivative.xreplace(dict(zip(symbols, self.args, strict=True)))


@lru_cache(maxsize=16)
def _slope_of_defined(function: type[_Defined], arguments: int, index: int) -> tuple[tuple[Any, ...], Any]:
    symbols = tuple(sp.Dummy(real=True) for _ in range(arguments))
    return symbols, stable(sp.diff(function(*symbols).definition(), symbols[index - 1]))


class EllipticD(_Defined):
    """D(m) = (K(m) − E(m))/m, or D(φ, m) = (F(φ, m) − E(φ, m))/m, the integral of sin²/√(1 − m·sin²): without 0/0 at
    m = 0 (DLMF 19.2.6; Carlson's R_D, 19.25.13)."""

    def definition(self) -> Any:
        *phi, m = self.args
        return ((sp.elliptic_f(*phi, m) if phi else sp.elliptic_k(m)) - sp.elliptic_e(*phi, m)) / m


class EllipticG(_Defined):
    """G(φ, m) = (F(φ, m) − D(φ, m) − sin(2φ)/(2√(1 − m·sin²φ)))/(1 − m), the integral of sin²/(1 − m·sin²)^(3/2):
    without 0/0 at m = 1 (R_D of Carlson 1995, *Numerical computation of real or complex elliptic integrals*)."""

    def definition(self) -> Any:
        phi, m = self.args
        root = sp.sqrt(1 - m * sp.sin(phi) ** 2)
        return (sp.elliptic_f(phi, m) - EllipticD(phi, m).definition() - sp.sin(2 * phi) / (2 * root)) / (1 - m)


class PolylogQuotient(_Defined):
    """Liₛ(z)/z, which has no 0/0 at z = 0."""

    def definition(self) -> Any:
        return sp.polylog(*self.args) / self.args[1]


class ZetaSlope(_Defined):
    """s·ζ(s + 1, a), which has no 0·∞ at s = 0."""

    def definition(self) -> Any:
        s, a = self.args
        return s * sp.zeta(s + 1, a)


class SinhQuotient(_Defined):
    """sinh(x)/x, which has no 0/0 at 0, as SymPy's sinc has none."""

    def definition(self) -> Any:
        (x,) = self.args
        return sp.sinh(x) / x


def _exponential(e: Any) -> Any:
    """Of a product with the factors eᵘ and 1/(1 + eᵘ) the exponential, else None."""
    for factor in e.args if e.is_Mul else ():
        power = factor.base - 1 if factor.is_Pow and factor.exp == -1 else None
        if isinstance(power, sp.exp) and power in e.args:
            return power
    return None


def _as_logistic(e: Any) -> Any:
    """eᵘ/(1 + eᵘ) as 1/(1 + e⁻ᵘ), whose derivatives are products: those of the quotient are differences."""
    power = _exponential(e)
    return e * (1 + power) / power / (1 + 1 / power)


def stable(expression: Any) -> Any:
    """Identities that keep balls narrow: 1 − tanh² is sech²; W/x is exp(−W); E is K − m·D, which cancels SymPy's 1/m,
    and likewise of the other functions above; sinh(x)/x and s·ζ(s + 1, a) have functions of their own; eᵘ/(1 + eᵘ) is
    1/(1 + e⁻ᵘ)."""
    if expression.has(sp.exp):
        expression = expression.replace(lambda e: _exponential(e) is not None, _as_logistic)
    for lambert in expression.atoms(sp.LambertW):
        x = lambert.args[0]
        expression = expression.xreplace({lambert / (x * (lambert + 1)): 1 / (x + sp.exp(lambert))})
    for elliptic in expression.atoms(sp.elliptic_e) if not expression.has(sp.elliptic_pi) else ():
        *phi, m = elliptic.args
        whole = sp.elliptic_f(*phi, m) if phi else sp.elliptic_k(m)
        expression = sp.cancel(expression.xreplace({elliptic: whole - m * EllipticD(*elliptic.args)}))
        if phi:
            known = EllipticD(*phi, m) + sp.sin(2 * phi[0]) / (2 * sp.sqrt(1 - m * sp.sin(phi[0]) ** 2))
            expression = sp.cancel(expression.xreplace({whole: known + (1 - m) * EllipticG(*phi, m)}))
    for polylog in expression.atoms(sp.polylog):
        s, z = polylog.args
        expression = sp.cancel(expression.xreplace({polylog: z * PolylogQuotient(s, z)}))

    for zeta in expression.atoms(sp.zeta):
        s, *rest = zeta.args
        if rest:
            expression = sp.cancel(expression.xreplace({zeta: ZetaSlope(s - 1, *rest) / (s - 1)}))
    for sine in expression.atoms(sp.sinh):
        expression = expression.xreplace({sine / sine.args[0]: SinhQuotient(*sine.args)})

    def is_complement(e: Any) -> bool:
        return bool(e.is_Add and len(e.args) == 2 and sp.S.One in e.args and _tanh_argument(e) is not None)

    if not expression.has(sp.tanh):
        return expression
    return expression.replace(is_complement, lambda e: sp.sech(_tanh_argument(e)) ** 2)


def _tanh_argument(e: Any) -> Any:
    for term in e.args:
        power = -term
        if power.is_Pow and power.exp == 2 and isinstance(power.base, sp.tanh):
            return power.base.args[0]
    return None


@lru_cache(maxsize=4096)  # a rule asks several times, and SymPy keeps no derivatives
def partial(expression: Any, symbol: Any) -> Any:
    """SymPy's derivative of a meaning, None where it has no closed form (the order of a Bessel function)."""
    derivative = sp.diff(expression, symbol)
    if derivative.has(sp.Derivative, sp.Subs, sp.Integral, sp.meijerg):
        return None
    return stable(derivative)


def readable(expression: Any) -> Any:
    """An expression with SymPy's own Piecewise, floor and friends in place of ours, for people to read."""
    x = sp.Wild("x")
    ours = expression.atoms(EllipticD, EllipticG, PolylogQuotient, SinhQuotient, ZetaSlope)
    if ours:
        expression = expression.xreplace({e: e.definition() for e in ours})

    def unchoose(relation: Any, left: Any, right: Any, a: Any, b: Any) -> Any:
        relations = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}
        if relation.name == ">=" and right == 0 and a == left and b == -left:
            return sp.Abs(left)
        if a == left and b == right and relation.name in (">=", "<="):
            return (sp.Max if relation.name == ">=" else sp.Min)(a, b)
        return sp.Piecewise((a, relations[relation.name](left, right)), (b, True), evaluate=False)

    return expression.replace(Floor(x), sp.floor(x)).replace(Choose, unchoose)
