"""Analytic functions of series: Taylor coefficients from SymPy's derivatives; poles and branch points by identities."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, fmpq

from .codegen import compile_ball
from .meanings import stable
from .series import (
    CONSTANT,
    F0,
    F1,
    INFINITE,
    Coefficient,
    Germ,
    OutsideDomain,
    PrecisionLost,
    Singular,
    Undecided,
    as_ball,
    divide,
    growth,
    times,
)

TERMS = 6


@lru_cache(maxsize=2048)
def _taylor(function: Any, order: int) -> tuple[Any, tuple[Any, ...]]:
    """SymPy's derivative of a function of its last argument, compiled, with the arguments' symbols."""
    head, fixed = function
    symbols = (*(sp.Symbol(f"a{i}", real=True) for i in range(fixed)), sp.Symbol("u", real=True))
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


#: Beyond this a function that Arb cannot evaluate is beyond every float.
FAR_OUT = 1e15

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
                    known = (as_ball(at).is_exact() and head not in _ENTIRE) or abs(as_ball(at)) > FAR_OUT
                    raise (Singular if known else PrecisionLost)(f"{head.__name__} has no finite value")
                try:
                    return result + _singular_tail(head, fixed, at, n, factorial)
                except (Undecided, OutsideDomain):
                    if n < 2:  # a pole or an edge of the derivative is none of the function
                        raise Undecided(f"{head.__name__} is singular") from None
                    return result  # the first order is known, and that is what the slope needs
        result.append(c / factorial)
    return result


def _singular_tail(head: Any, fixed: tuple[arb, ...], at: Coefficient, n: int, factorial: int) -> list[Coefficient]:
    """Coefficients from n on where SymPy's formula is 0/0 at the point: the formula's own germ gives them."""
    derivative, symbols = _taylor((head, len(fixed)), n)[1]
    if derivative.has(head):
        raise Undecided(f"{head.__name__} is singular")
    env = dict(zip(symbols, [*(Germ.of(c) for c in fixed), Germ.of(at) + Germ({(F1, 0): fmpq(1)})], strict=True))
    from .germs import evaluate  # a formula's germ needs functions; here a function's needs a formula

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
        result.append(times(c, scale))
    return result


def apply(head: Any, args: list[Germ]) -> Germ:
    """An analytic function of germs; all arguments but the last are constant."""
    fixed = tuple(as_ball(g.limit()) for g in args[:-1])
    if any(set(g.terms) - {CONSTANT} for g in args[:-1]):
        raise Undecided(f"{head.__name__} by a varying order")
    g = args[-1]
    if head in (sp.besselj, sp.besseli, sp.lowergamma) and g.valuation() > 0 and fixed[0] > 0:
        return _power_series(head, args[0].limit(), g)
    if head in _SPECIAL:
        result: Germ | None = _SPECIAL[head](g)
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


def _power_series(head: Any, order: Coefficient, g: Germ) -> Germ:
    """For u → 0: J and I are (u/2)ⁿ/Γ(n + 1)·(1 ∓ (u/2)²/(n + 1) + …), γ(s, u) is uˢ·(1/s − u/(s + 1) + …)."""
    if not isinstance(order, fmpq) or order.q > 4096:
        raise Undecided(f"{head.__name__} of this order at 0")
    exponent = Fraction(int(order.p), int(order.q))
    coefficients: list[Coefficient] = []
    c: Coefficient = fmpq(1)
    for k in range(TERMS):
        coefficients.append(c / (order + k) if head is sp.lowergamma else c)
        c = -c / (k + 1) if head is sp.lowergamma else (-c if head is sp.besselj else c) / ((k + 1) * (order + k + 1))
    if head is sp.lowergamma:
        return g.power(exponent) * g.compose_series(coefficients)
    half = g.scaled(fmpq(1, 2))
    series = half.power(exponent) * (half * half).compose_series(coefficients)
    return series.scaled(1 / arb(order + 1).gamma())


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
        {(f - e, m): divide(v, c) for (f, m), v in g.terms.items() if (f, m) != (e, 0)},
        g.order - e if g.order < INFINITE else INFINITE,
    )
    start = Germ({CONSTANT: as_ball(c).log(), (F0, 1): fmpq(e.numerator, e.denominator)})
    if isinstance(c, fmpq) and c == 1:
        start = Germ({(F0, 1): fmpq(e.numerator, e.denominator)})
    return start + rest.compose_series([fmpq(0), *(fmpq((-1) ** (n + 1), n) for n in range(1, TERMS))])


def _exp(g: Germ) -> Germ | None:
    logs = {key: c for key, c in g.terms.items() if growth(key) < (F0, 0)}
    if not logs:
        return None
    if set(logs) == {(F0, 1)} and isinstance(logs[F0, 1], fmpq):
        rate = logs[F0, 1]
        rest = Germ({k: c for k, c in g.terms.items() if k != (F0, 1)}, g.order)
        return Germ({(Fraction(int(rate.p), int(rate.q)), 0): fmpq(1)}) * apply(sp.exp, [rest])
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
            half = apply(sp.asin, [gap.scaled(fmpq(1, 2)).power(Fraction(1, 2))]).scaled(fmpq(2))
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
    if growth(min(excess.terms, key=growth)) <= (F0, 0) if excess.terms else False:
        return None
    return apply(sp.asinh, [excess.scaled(fmpq(1, 2)).power(Fraction(1, 2))]).scaled(fmpq(2))


def _atanh(g: Germ) -> Germ | None:
    one = Germ.of(fmpq(1))
    for at in (1, -1):
        if _branch_point(g, at) is not None:
            ratio = (one + g) * (one - g).power(Fraction(-1))
            return apply(sp.log, [ratio]).scaled(fmpq(1, 2))
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
    shifted = apply(sp.gamma, [Germ.of(fmpq(1)) + t])
    return shifted * product.power(Fraction(-1))


def _atan(g: Germ) -> Germ | None:
    """atan of a growing series is ±π/2 − atan(1/u)."""
    if not g.terms or growth(min(g.terms, key=growth)) >= (F0, 0):
        return None
    return Germ.of(arb.pi() / 2 * g.sign()) - apply(sp.atan, [g.power(Fraction(-1))])


def _by_reciprocal(head: Any) -> Any:
    return lambda g: apply(head, [g.power(Fraction(-1))])


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
    sp.acot: lambda g: Germ.of(arb.pi() / 2) if g.is_zero() else apply(sp.atan, [g.power(Fraction(-1))]),
    sp.cot: lambda g: apply(sp.cos, [g]) * apply(sp.sin, [g]).power(Fraction(-1)),
    sp.csc: lambda g: apply(sp.sin, [g]).power(Fraction(-1)),
    sp.coth: lambda g: apply(sp.cosh, [g]) * apply(sp.sinh, [g]).power(Fraction(-1)),
    sp.csch: lambda g: apply(sp.sinh, [g]).power(Fraction(-1)),
}


def atan2(y: Germ, x: Germ) -> Germ:
    """The angle of the point (x, y), in (−π, π]; Undecided at the origin."""
    if y.is_zero() and x.is_zero():
        raise Undecided("atan2(0, 0)")
    if x.is_zero() or (not y.is_zero() and _steeper(y, x)):
        turn = Germ({}) if x.is_zero() else apply(sp.atan, [x * y.power(Fraction(-1))])
        return Germ.of(arb.pi() / 2 * y.sign()) - turn
    angle = apply(sp.atan, [y * x.power(Fraction(-1))])
    if x.sign() > 0:
        return angle
    return angle + Germ.of(arb.pi() if y.sign() >= 0 else -arb.pi())


def _steeper(y: Germ, x: Germ) -> bool:
    """Whether y outgrows x as h → 0; neither is zero."""
    return growth(min(y.terms, key=growth)) < growth(min(x.terms, key=growth))
