"""Germs: a function to one side of a point, as a truncated series in the distance h → 0+.

Where the plain sweep meets a kink, a pole, 0/0 or a branch point, the point is left along +e_j and −e_j. Each node
becomes Σ c·hᵉ·(log h)ᵏ with rational exponents e and coefficients that are exact rationals where possible, balls
otherwise. Comparisons follow the sign of the leading coefficient of the difference, so that a kink's side is
decided, not guessed; what cannot be decided raises :class:`Undecided`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, fmpq

from ..engine.tape import Constant, Tape
from . import balls
from .meanings import Choose, Floor, stable
from .codegen import compile_ball
from .rules import rule_of

Coefficient = Any  # fmpq (exact) or arb
Exponents = tuple[Fraction, int]

#: Relative order to which series are carried: enough for the first derivative after a division by h⁴.
ORDER = Fraction(6)
INFINITE = Fraction(10**9)
F0, F1 = Fraction(0), Fraction(1)
CONSTANT: Exponents = (F0, 0)


class Undecided(Exception):
    """A series lost what the decision needs."""


class PrecisionLost(Undecided):
    """A ball could not be told from 0: more bits may help."""


class Singular(Undecided):
    """A function has no finite value at an exactly known point, and no series for it stands here."""


class OutsideDomain(Exception):
    """To this side the function is not real."""


def _is_zero(c: Coefficient) -> bool:
    return bool(c.is_zero()) if isinstance(c, arb) else c == 0


def as_ball(c: Coefficient) -> arb:
    return c if isinstance(c, arb) else arb(c)


def _times(a: Coefficient, b: Coefficient) -> Coefficient:
    if _is_zero(a) or _is_zero(b):
        return fmpq(0)
    return a * b if type(a) is type(b) else as_ball(a) * as_ball(b)


def _plus(a: Coefficient, b: Coefficient) -> Coefficient:
    return a + b if type(a) is type(b) else as_ball(a) + as_ball(b)


def sign(c: Coefficient) -> int:
    """−1, 0 or 1; Undecided where a ball straddles 0."""
    if _is_zero(c):
        return 0
    if c > 0:
        return 1
    if c < 0:
        return -1
    raise PrecisionLost("the sign of a coefficient")


def _growth(key: Exponents) -> tuple[Fraction, int]:
    return key[0], -key[1]


class Germ:
    """Σ c·hᵉ·Lᵏ with L = log h, known up to terms of order h**order."""

    __slots__ = ("order", "terms")

    def __init__(self, terms: Mapping[Exponents, Coefficient], order: Fraction = INFINITE) -> None:
        self.terms = {k: c for k, c in terms.items() if k[0] < order and not _is_zero(c)}
        self.order = order

    @classmethod
    def of(cls, c: Coefficient) -> Germ:
        return cls({CONSTANT: c})

    def is_zero(self) -> bool:
        return not self.terms and self.order == INFINITE

    def valuation(self) -> Fraction:
        """The smallest exponent of h, or the order if no term is known."""
        return min(e for e, _ in self.terms) if self.terms else self.order

    def leading(self) -> tuple[Exponents, Coefficient] | None:
        if not self.terms:
            if self.order == INFINITE:
                return None
            raise Undecided("no term of the series is left")
        key = min(self.terms, key=_growth)
        c = self.terms[key]
        if isinstance(c, arb) and c.contains(0):
            raise PrecisionLost("the leading coefficient cannot be told from 0")
        return key, c

    def sign(self) -> int:
        """The sign for small h > 0."""
        lead = self.leading()
        if lead is None:
            return 0
        (_, k), c = lead
        return sign(c) * (-1) ** (k % 2)

    def limit(self) -> Coefficient:
        """The value at h → 0+; Undecided where it is infinite or unknown."""
        if self.terms and _growth(min(self.terms, key=_growth)) < (F0, 0):
            raise Undecided("the value is infinite")
        if self.order <= 0:
            raise Undecided("the value was lost")
        return self.terms.get(CONSTANT, fmpq(0))

    def __neg__(self) -> Germ:
        return Germ({k: -c for k, c in self.terms.items()}, self.order)

    def __add__(self, other: Germ) -> Germ:
        terms = dict(self.terms)
        for k, c in other.terms.items():
            terms[k] = _plus(terms[k], c) if k in terms else c
        return Germ(terms, min(self.order, other.order))

    def __sub__(self, other: Germ) -> Germ:
        return Germ({}) if self is other else self + -other

    def __mul__(self, other: Germ) -> Germ:
        if self.is_zero() or other.is_zero():
            return Germ({})
        order = min(self.valuation() + other.order, other.valuation() + self.order)
        if len(self.terms) * len(other.terms) > 1:
            order = min(order, self.valuation() + other.valuation() + ORDER)
        terms: dict[Exponents, Coefficient] = {}
        for (e, k), a in self.terms.items():
            for (f, m), b in other.terms.items():
                key = (e + f, k + m)
                if key[0] < order:
                    c = _times(a, b)
                    terms[key] = _plus(terms[key], c) if key in terms else c
        if order < INFINITE and not self._cuts(other, order):
            order = INFINITE
        return Germ(terms, order)

    def _cuts(self, other: Germ, order: Fraction) -> bool:
        if self.order < INFINITE or other.order < INFINITE:
            return True
        return max(e for e, _ in self.terms) + max(e for e, _ in other.terms) >= order

    def scaled(self, c: Coefficient) -> Germ:
        return Germ({k: _times(c, v) for k, v in self.terms.items()}, self.order)

    def power(self, p: Fraction) -> Germ:
        """The real p-th power, by the binomial series in the terms after the leading one."""
        if p == 0:
            return Germ.of(fmpq(1))
        lead = self.leading()
        if lead is None:
            if p > 0:
                return Germ({})
            raise OutsideDomain  # a quotient by zero, all along this side
        (e, k), c = lead
        if p.denominator != 1 and sign(c) * (-1) ** (k % 2) < 0:
            raise OutsideDomain
        if k and p.denominator != 1:
            raise Undecided("a fractional power of a logarithm")
        if p.denominator == 1 and 0 < p <= 16:
            result = self
            for _ in range(int(p) - 1):
                result = result * self
            return result
        rest = Germ(
            {(f - e, m - k): _divide(v, c) for (f, m), v in self.terms.items() if (f, m) != (e, k)},
            self.order - e if self.order < INFINITE else INFINITE,
        )
        if rest.terms and rest.valuation() <= 0:
            raise Undecided("a power of a sum of logarithms")
        factor = Germ({(e * p, int(k * p)): _coefficient_power(c, p)})
        return factor * _binomial(rest, p)

    def compose_series(self, coefficients: list[Coefficient]) -> Germ:
        """Σ aₙ·sⁿ for this germ s, whose limit is 0; the coefficients end the accuracy."""
        result, term = Germ({}), Germ.of(fmpq(1))
        for a in coefficients:
            result = result + term.scaled(a)
            if self.is_zero():
                return result
            term = term * self
        return Germ(result.terms, min(result.order, self.valuation() * len(coefficients)))


def _divide(a: Coefficient, b: Coefficient) -> Coefficient:
    return a / b if type(a) is type(b) else as_ball(a) / as_ball(b)


def _coefficient_power(c: Coefficient, p: Fraction) -> Coefficient:
    if isinstance(c, fmpq) and abs(p) <= 64 and max(int(c.p).bit_length(), int(c.q).bit_length()) < 2200:
        exact = sp.Rational(int(c.p), int(c.q)) ** sp.Rational(p.numerator, p.denominator)
        if exact.is_Rational:
            return fmpq(int(exact.p), int(exact.q))
    if p.denominator == 1:
        return balls.power(as_ball(c), int(p))
    return balls.rational_power(as_ball(c), p.numerator, p.denominator)


def _binomial(rest: Germ, p: Fraction) -> Germ:
    result, term, factor, n = Germ.of(fmpq(1)), Germ.of(fmpq(1)), Fraction(1), 0
    if rest.is_zero():
        return result
    while term.valuation() < ORDER and n < 40:
        n += 1
        factor = factor * (p - (n - 1)) / n
        term = term * rest
        result = result + term.scaled(fmpq(factor.numerator, factor.denominator))
    return Germ(result.terms, min(result.order, term.valuation(), ORDER))


TERMS = 6


@lru_cache(maxsize=2048)
def _taylor(function: Any, order: int) -> tuple[Any, tuple[Any, ...]]:
    """SymPy's derivative of a function of its last argument, compiled, with the arguments' symbols."""
    head, fixed = function
    symbols = tuple(sp.Symbol(f"a{i}", real=True) for i in range(fixed)) + (sp.Symbol("u", real=True),)
    expression = head(*symbols)
    derivative = expression
    for _ in range(order):
        derivative = stable(sp.diff(derivative, symbols[-1]))
    return compile_ball(derivative, symbols), (derivative, symbols)


@lru_cache(maxsize=4096)
def _exact_taylor(function: Any, order: int, at: tuple[int, int]) -> Coefficient | None:
    """The derivative at a simple rational point where SymPy finds it rational, else None."""
    _, (derivative, symbols) = _taylor(function, order)
    value = derivative.subs(symbols[-1], sp.Rational(*at))
    return fmpq(int(value.p), int(value.q)) if value.is_Rational else None


#: Finite everywhere: where Arb gives up on these, the value is only too large for it.
_ENTIRE = (sp.exp, sp.sinh, sp.cosh, sp.erfi, sp.besseli, sp.Shi, sp.airybi, sp.airybiprime)


def _coefficients(head: Any, fixed: tuple[arb, ...], at: Coefficient) -> list[Coefficient]:
    """Taylor coefficients of ``head(*fixed, u)`` at u = ``at``; Undecided where one is not finite."""
    result: list[Coefficient] = []
    factorial = 1
    simple = isinstance(at, fmpq) and not fixed and abs(at) <= 2 and at.q <= 2
    for n in range(TERMS):
        factorial *= max(n, 1)
        c = _exact_taylor((head, 0), n, (int(at.p), int(at.q))) if simple else None
        if c is None:
            c = _taylor((head, len(fixed)), n)[0](*fixed, as_ball(at))
            if not c.is_finite():
                if n == 0:
                    known = as_ball(at).is_exact() and head not in _ENTIRE
                    raise (Singular if known else Undecided)(f"{head.__name__} has no finite value")
                try:
                    return result + _singular_tail(head, fixed, at, n, factorial)
                except Undecided:
                    if n < 2:
                        raise
                    return result  # the first order is known, and that is what the slope needs
        result.append(c / factorial)
    return result


def _singular_tail(head: Any, fixed: tuple[arb, ...], at: Coefficient, n: int, factorial: int) -> list[Coefficient]:
    """Coefficients from n on where SymPy's formula is 0/0 at the point: the formula's own germ gives them."""
    derivative, symbols = _taylor((head, len(fixed)), n)[1]
    if derivative.has(head):
        raise Undecided(f"{head.__name__} is singular")
    env = dict(zip(symbols, [*(Germ.of(c) for c in fixed), Germ.of(at) + Germ({(F1, 0): fmpq(1)})], strict=True))
    germ = evaluate(derivative, env, {})
    if germ.valuation() < 0 or any(e.denominator != 1 or k for e, k in germ.terms):
        raise Undecided(f"{head.__name__} is singular")
    known = min(TERMS - n, int(germ.order) if germ.order < INFINITE else TERMS - n)
    result = []
    for m in range(known):
        c = germ.terms.get((Fraction(m), 0), fmpq(0))
        # the m-th term of f⁽ⁿ⁾ is the (n+m)-th of f: c·m!/(n+m)!
        scale = fmpq(1)
        for i in range(1, n + 1):
            scale = scale / (m + i)
        result.append(_times(c, scale))
    return result


def _apply(head: Any, args: list[Germ]) -> Germ:
    """An analytic function of germs; all arguments but the last are constant."""
    fixed = tuple(as_ball(g.limit()) for g in args[:-1])
    if any(set(g.terms) - {CONSTANT} for g in args[:-1]):
        raise Undecided(f"{head.__name__} by a varying order")
    g = args[-1]
    special = _SPECIAL.get(head)
    if special is not None:
        result = special(g)
        if result is not None:
            return result
    at = g.limit()
    small = Germ({k: c for k, c in g.terms.items() if k != CONSTANT}, g.order)
    try:
        return small.compose_series(_coefficients(head, fixed, at))
    except Undecided:
        if _is_complex_beside(head, fixed, at, small):
            raise OutsideDomain from None
        raise


def _is_complex_beside(head: Any, fixed: tuple[arb, ...], at: Coefficient, small: Germ) -> bool:
    """Whether a function has no real value a little to the side to which its argument leaves the point."""
    side = small.sign()
    for distance in (-20, -40):
        beside = as_ball(at) + side * arb(2) ** distance
        if not _taylor((head, len(fixed)), 0)[0](*fixed, beside).is_nan():
            return False
    return True


def _log(g: Germ) -> Germ | None:
    lead = g.leading()
    if lead is None or g.sign() < 0:
        raise OutsideDomain
    (e, k), c = lead
    if (e, k) == CONSTANT:
        return None
    if k:
        raise Undecided("the logarithm of a logarithm")
    rest = Germ(
        {(f - e, m): _divide(v, c) for (f, m), v in g.terms.items() if (f, m) != (e, 0)},
        g.order - e if g.order < INFINITE else INFINITE,
    )
    start = Germ({CONSTANT: as_ball(c).log(), (F0, 1): fmpq(e.numerator, e.denominator)})
    if isinstance(c, fmpq) and c == 1:
        start = Germ({(F0, 1): fmpq(e.numerator, e.denominator)})
    return start + rest.compose_series([fmpq(0), *(fmpq((-1) ** (n + 1), n) for n in range(1, TERMS))])


def _exp(g: Germ) -> Germ | None:
    logs = {key: c for key, c in g.terms.items() if _growth(key) < (F0, 0)}
    if not logs:
        return None
    if set(logs) == {(F0, 1)} and isinstance(logs[F0, 1], fmpq):
        rate = logs[F0, 1]
        rest = Germ({k: c for k, c in g.terms.items() if k != (F0, 1)}, g.order)
        return Germ({(Fraction(int(rate.p), int(rate.q)), 0): fmpq(1)}) * _apply(sp.exp, [rest])
    if g.sign() < 0 and any(e < 0 for e, _ in logs):
        return Germ({}, Fraction(64))  # flat: smaller than every power of h
    raise Undecided("exp of a growing series")


def _branch_point(g: Germ, at: int) -> Germ | None:
    """1 − at·u as a germ, where u → ``at``; None elsewhere. OutsideDomain beyond."""
    try:
        c = g.limit()
    except Undecided:
        raise OutsideDomain from None
    if (c - at if isinstance(c, fmpq) else as_ball(c) - at) != 0:
        return None
    gap = Germ.of(fmpq(1)) - g.scaled(fmpq(at))
    if gap.sign() < 0:
        raise OutsideDomain
    return gap


def _acos(g: Germ) -> Germ | None:
    """acos(u) = 2·asin(√((1 − u)/2)) at 1; π minus that of −u at −1."""
    for at in (1, -1):
        gap = _branch_point(g, at)
        if gap is not None:
            half = _apply(sp.asin, [gap.scaled(fmpq(1, 2)).power(Fraction(1, 2))]).scaled(fmpq(2))
            return half if at == 1 else Germ.of(arb.pi()) - half
    if not abs(as_ball(g.limit())) < 1:
        raise OutsideDomain
    return None


def _asin(g: Germ) -> Germ | None:
    other = _acos(g)
    return None if other is None else Germ.of(arb.pi() / 2) - other


def _acosh(g: Germ) -> Germ | None:
    """acosh(u) = 2·asinh(√((u − 1)/2)) at 1."""
    excess = g - Germ.of(fmpq(1))
    if excess.sign() < 0:
        raise OutsideDomain
    if _growth(min(excess.terms, key=_growth)) <= (F0, 0) if excess.terms else False:
        return None
    return _apply(sp.asinh, [excess.scaled(fmpq(1, 2)).power(Fraction(1, 2))]).scaled(fmpq(2))


def _atanh(g: Germ) -> Germ | None:
    one = Germ.of(fmpq(1))
    for at in (1, -1):
        if _branch_point(g, at) is not None:
            ratio = (one + g) * (one - g).power(Fraction(-1))
            return _apply(sp.log, [ratio]).scaled(fmpq(1, 2))
    if not abs(as_ball(g.limit())) < 1:
        raise OutsideDomain
    return None


def _gamma(g: Germ) -> Germ | None:
    """At a pole through the entire reciprocal gamma: 1/Γ(−n + t) = t·(t − 1)…(t − n)/Γ(1 + t)."""
    at = g.limit()
    if not (isinstance(at, fmpq) and at.q == 1 and at <= 0 and at > -200):
        return None
    t = g - Germ.of(at)
    product = t
    for m in range(1, int(-at) + 1):
        product = product * (t - Germ.of(fmpq(m)))
    shifted = _apply(sp.gamma, [Germ.of(fmpq(1)) + t])
    return shifted * product.power(Fraction(-1))


def _atan(g: Germ) -> Germ | None:
    """atan of a growing series is ±π/2 − atan(1/u)."""
    if not g.terms or _growth(min(g.terms, key=_growth)) >= (F0, 0):
        return None
    return Germ.of(arb.pi() / 2 * g.sign()) - _apply(sp.atan, [g.power(Fraction(-1))])


def _by_reciprocal(head: Any) -> Any:
    return lambda g: _apply(head, [g.power(Fraction(-1))])


_SPECIAL: dict[Any, Any] = {
    sp.log: _log,
    sp.exp: _exp,
    sp.acos: _acos,
    sp.asin: _asin,
    sp.acosh: _acosh,
    sp.atanh: _atanh,
    sp.gamma: _gamma,
    sp.atan: _atan,
    sp.asec: _by_reciprocal(sp.acos),
    sp.acsc: _by_reciprocal(sp.asin),
    sp.asech: _by_reciprocal(sp.acosh),
    sp.acsch: _by_reciprocal(sp.asinh),
    sp.acoth: _by_reciprocal(sp.atanh),
    sp.acot: _by_reciprocal(sp.atan),
    sp.cot: lambda g: _apply(sp.cos, [g]) * _apply(sp.sin, [g]).power(Fraction(-1)),
    sp.csc: lambda g: _apply(sp.sin, [g]).power(Fraction(-1)),
    sp.coth: lambda g: _apply(sp.cosh, [g]) * _apply(sp.sinh, [g]).power(Fraction(-1)),
    sp.csch: lambda g: _apply(sp.sinh, [g]).power(Fraction(-1)),
}


def _atan2(y: Germ, x: Germ) -> Germ:
    if y.is_zero() and x.is_zero():
        raise Undecided("atan2(0, 0)")
    if x.is_zero() or (not y.is_zero() and _steeper(y, x)):
        turn = Germ({}) if x.is_zero() else _apply(sp.atan, [x * y.power(Fraction(-1))])
        return Germ.of(arb.pi() / 2 * y.sign()) - turn
    angle = _apply(sp.atan, [y * x.power(Fraction(-1))])
    if x.sign() > 0:
        return angle
    return angle + Germ.of(arb.pi() if y.sign() >= 0 else -arb.pi())


def _steeper(y: Germ, x: Germ) -> bool:
    a, b = y.leading(), x.leading()
    assert a is not None and b is not None
    return _growth(a[0]) < _growth(b[0])


def _floor(condition: Any, g: Germ, decided: dict[Any, Any]) -> Germ:
    c = as_ball(g.limit()).floor()
    if not c.is_exact():
        raise PrecisionLost("the floor of a value that cannot be told from an integer")
    n = int(c.unique_fmpz())
    if (g - Germ.of(fmpq(n))).sign() < 0:
        n -= 1
    decided[condition] = n
    return Germ.of(fmpq(n))


def evaluate(e: Any, env: Mapping[Any, Any], decided: dict[Any, Any]) -> Germ:
    """The germ of a SymPy expression; ``env`` gives germs of symbols or the exception that one of them raised."""
    if e in env:
        germ = env[e]
        if isinstance(germ, Exception):
            raise germ
        return germ  # type: ignore[no-any-return]
    if e.is_Rational:
        return Germ.of(fmpq(int(e.p), int(e.q)))
    if e is sp.pi or e is sp.E or e is sp.S.EulerGamma:
        return Germ.of({sp.pi: arb.pi, sp.E: arb.const_e, sp.S.EulerGamma: arb.const_euler}[e]())
    if e.is_Add:
        total = Germ({})
        for a in e.args:
            total = total + evaluate(a, env, decided)
        return total
    if e.is_Mul:
        return _evaluate_product(e, env, decided)
    if e.is_Pow:
        return _evaluate_power(e, env, decided)
    if isinstance(e, Choose):
        relation, left, right, a, b = e.args
        side = (evaluate(left, env, decided) - evaluate(right, env, decided)).sign()
        truth = {"<": side < 0, "<=": side <= 0, ">": side > 0, ">=": side >= 0, "==": side == 0, "!=": side != 0}
        decided[relation.name, left, right] = truth[relation.name]
        return evaluate(a if truth[relation.name] else b, env, decided)
    if isinstance(e, Floor):
        return _floor(("floor", e.args[0]), evaluate(e.args[0], env, decided), decided)
    args = [evaluate(a, env, decided) for a in e.args]
    if e.func is sp.atan2:
        return _atan2(*args)
    if e.func not in balls.FUNCTIONS:
        raise Undecided(f"{e.func.__name__} has no series here")
    return _apply(e.func, args)


def _evaluate_product(e: Any, env: Mapping[Any, Any], decided: dict[Any, Any]) -> Germ:
    factors: list[Germ] = []
    failure: Exception | None = None
    for a in e.args:
        try:
            factors.append(evaluate(a, env, decided))
        except Undecided as error:
            failure = error
    if any(f.is_zero() for f in factors):
        return Germ({})  # exact zero times anything that is real is zero
    if failure is not None:
        raise failure
    if len(e.args) == 2 and e.args[1].is_Pow and e.args[1].exp == -1 and env.get(e.args[1].base) is env.get(e.args[0]):
        return Germ.of(fmpq(1))  # x/x of one and the same value
    product = factors[0]
    for f in factors[1:]:
        product = product * f
    return product


def _evaluate_power(e: Any, env: Mapping[Any, Any], decided: dict[Any, Any]) -> Germ:
    base, exponent = e.args
    if base is sp.E:
        return _apply(sp.exp, [evaluate(exponent, env, decided)])
    b = evaluate(base, env, decided)
    p = evaluate(exponent, env, decided)
    if set(p.terms) <= {CONSTANT} and p.order == INFINITE:
        c = p.limit()
        if isinstance(c, fmpq) and abs(c) <= 4096 and c.q <= 4096:
            return b.power(Fraction(int(c.p), int(c.q)))
    if b.is_zero():
        if p.sign() > 0:
            return Germ({})
        raise OutsideDomain
    return _apply(sp.exp, [p * _log_any(b)])


def _log_any(g: Germ) -> Germ:
    return _apply(sp.log, [g])


class Sides:
    """What germs found at a point along ±e_j.

    Attributes:
        kind: ``smooth``, ``boundary`` (one side is outside the domain), ``kink``, ``infinite``, ``undefined``.
        left, right: one-sided derivatives as balls (infinite ones as Arb's infinities), None where there is none.
        decided: for each side, what was decided at each node.
    """

    def __init__(self, kind: str, left: arb | None, right: arb | None, decided: list[dict[int, dict[Any, Any]]]) -> None:
        self.kind, self.left, self.right, self.decided = kind, left, right, decided

    @property
    def derivative(self) -> arb:
        """The one value that both sides, or the only side, give."""
        known = self.right if self.right is not None else self.left
        assert known is not None
        return known


def _run(tape: Tape, point: list[fmpq], moving: int, direction: int) -> tuple[Germ, dict[int, dict[Any, Any]]]:
    germs: list[Any] = []
    decided: dict[int, dict[Any, Any]] = {}
    for i in range(len(tape.inputs)):
        start = Germ.of(point[i])
        germs.append(start + Germ({(F1, 0): fmpq(direction)}) if i == moving and direction else start)
    same: dict[Any, Any] = {}
    for i, node in enumerate(tape.nodes[len(tape.inputs) :], len(tape.inputs)):
        if node.primitive is Constant:
            germs.append(_constant_germ(node.consts[0]))
            continue
        # equal operations on equal nodes are one value: their difference is exactly zero
        key = (node.primitive, node.args, node.consts)
        if key in same:
            germs.append(germs[same[key]])
            decided[i] = decided.get(same[key], {})
            continue
        same[key] = i
        rule = rule_of(node.primitive, node.consts)
        env = {s: germs[a] for s, a in zip(rule.symbols, node.args, strict=True)}
        choices: dict[Any, Any] = {}
        try:
            germs.append(evaluate(rule.expression, env, choices))
        except (Undecided, OutsideDomain) as error:
            germs.append(error)
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            germs.append(Undecided(str(error)))
        decided[i] = choices
    result = germs[tape.output]
    if isinstance(result, Exception):
        raise result
    return result, decided


def _constant_germ(value: Any) -> Any:
    if isinstance(value, Fraction):
        return Germ.of(fmpq(value.numerator, value.denominator))
    ball = balls.constant(value)
    return Germ.of(ball) if ball.is_finite() else OutsideDomain()


def sides(tape: Tape, point: list[Fraction], moving: int) -> Sides:
    """One-sided derivatives of a tape by its input ``moving`` at an exact point.

    Raises:
        Undecided: a series lost what the decision needs.
    """
    exact = [fmpq(x.numerator, x.denominator) for x in point]
    undefined = False
    value: Germ | None = None
    try:
        value = Germ.of(_run(tape, exact, -1, 0)[0].limit())
    except (Singular, OutsideDomain):
        undefined = True  # at the point itself; its sides may still agree on a limit
    except Undecided:
        pass
    slopes: list[Any] = []
    limits: list[Any] = []
    decided: list[dict[int, dict[Any, Any]]] = []
    for direction in (-1, 1):
        try:
            germ, choices = _run(tape, exact, moving, direction)
        except OutsideDomain:
            slopes.append(None)
            continue
        except PrecisionLost:
            raise
        except Undecided:
            if undefined:
                return Sides("undefined", None, None, [])
            raise
        decided.append(choices)
        slope, limit = _slope(germ, value, direction)
        slopes.append(slope)
        limits.append(limit)
    left, right = slopes
    if left is None and right is None:
        return Sides("undefined", None, None, decided)
    jump = left is _JUMP or right is _JUMP
    if value is None and len(limits) == 2 and None not in limits:
        jump = jump or not as_ball(limits[0]).overlaps(as_ball(limits[1]))
    if jump:
        finite = [s if isinstance(s, arb) else None for s in slopes]
        return Sides("undefined", finite[0], finite[1], decided)
    if left is None or right is None:
        only = right if left is None else left
        return Sides("boundary" if only.is_finite() else "infinite", left, right, decided)
    if left.is_finite() and right.is_finite():
        return Sides("smooth" if left.overlaps(right) else "kink", left, right, decided)
    same = not left.is_finite() and not right.is_finite() and (left > 0) == (right > 0)
    return Sides("infinite" if same else "kink", left, right, decided)


_JUMP = object()


def _slope(germ: Germ, value: Germ | None, direction: int) -> tuple[Any, Any]:
    """The one-sided derivative (a ball, an infinity, or _JUMP) and the one-sided limit."""
    if germ.terms and _growth(min(germ.terms, key=_growth)) < (F0, 0):
        return _JUMP, None
    limit = germ.limit()
    difference = germ - (Germ.of(limit) if value is None else value)
    start = difference.terms.get(CONSTANT)
    if start is not None:
        if not (isinstance(start, arb) and start.contains(0)):
            return _JUMP, limit
        difference = Germ({k: c for k, c in difference.terms.items() if k != CONSTANT}, difference.order)
    if difference.terms:
        key = min(difference.terms, key=_growth)
        if _growth(key) < (F1, 0):
            rising = difference.sign() * direction
            return (arb.pos_inf() if rising > 0 else arb.neg_inf()), limit
    if difference.order <= 1:
        raise Undecided("the first order was lost")
    return as_ball(difference.terms.get((F1, 0), fmpq(0))) * direction, limit
