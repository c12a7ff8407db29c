"""Special functions at their poles, branch points and the edges of their domains, by identities.

Each returns the germ there, and None where the function is analytic, so that its Taylor series serves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy as sp
from flint import arb, fmpq
from sympy.functions.combinatorial.numbers import stirling

from .analytic import HYPERGEOMETRIC, SINGULAR, apply
from .meanings import EllipticD, EllipticG, PolylogQuotient, ZetaSlope
from .series import (
    ORDER,
    Coefficient,
    Germ,
    OutsideDomain,
    Singular,
    Undecided,
    as_ball,
    as_exponent,
    carried,
)
from .singular_elementary import branch_point

#: Recurrences take no more steps; and of larger orders the factorials are not written out.
FAR_POLE, FAR_ORDER = 200, 5000


def _polygamma(order: Germ, g: Germ) -> Germ | None:
    """At a pole by recurrence: ψₘ(t − n) = ψₘ(t + 1) − (−1)ᵐ·m!·Σ (t − k)⁻ᵐ⁻¹ for k = 0 … n (DLMF 5.15.5)."""
    m = _whole(order)
    if m is None or not 0 <= m < FAR_ORDER:
        return None
    found = _sum_of_powers(sp.polygamma, order, g, m + 1)
    if found is None:
        return None
    beyond, poles = found
    return beyond + poles.scaled(fmpq((-1) ** (m + 1) * int(sp.factorial(m))))


def _sum_of_powers(head: Any, order: Germ, g: Germ, power: int) -> tuple[Germ, Germ] | None:
    """At a pole −n: the function at t + 1, and Σ (t − k)⁻ᵖ for k = 0 … n, which it has besides at t − n.

    Far out that is t⁻ᵖ with an unknown number.
    """
    at = g.limit()
    if not (isinstance(at, fmpq) and at.q == 1 and at <= 0):
        return None
    t = g - Germ.of(at)
    if at <= -FAR_POLE:
        return Germ({}, 0), t.power(-power)
    poles = Germ({})
    for k in range(1 - int(at)):
        poles = poles + (t - Germ.of(fmpq(k))).power(-power)
    return apply(head, [order, t + Germ.of(fmpq(1))]), poles


def _whole(order: Germ) -> int | None:
    """An order that is a whole number."""
    n = order.limit()
    return int(n) if isinstance(n, fmpq) and n.q == 1 else None


def _at_zero(function: Callable[[Coefficient, Germ], Germ | None]) -> Callable[[Germ, Germ], Germ | None]:
    """A function of a positive order where its argument is 0; such orders must be simple numbers."""

    def germ(order: Germ, g: Germ) -> Germ | None:
        n = order.limit()
        if not (g.valuation() > 0 and n > 0):
            return None
        if not isinstance(n, fmpq) or n.q > 4096:
            raise Undecided("a function of this order at 0")
        return function(n, g)

    return germ


def _power_series(head: Any, order: Coefficient, g: Germ) -> Germ:
    """For u → 0: J and I are (u/2)ⁿ/Γ(n + 1)·(1 ∓ (u/2)²/(n + 1) + …), γ(s, u) is uˢ·(1/s − u/(s + 1) + …)."""
    exponent = as_exponent(order)
    coefficients: list[Coefficient] = []
    c: Coefficient = fmpq(1)
    for k in range(ORDER):
        coefficients.append(c / (order + k) if head is sp.lowergamma else c)
        c = -c / (k + 1) if head is sp.lowergamma else (-c if head is sp.besselj else c) / ((k + 1) * (order + k + 1))
    if head is sp.lowergamma:
        return g.power(exponent) * g.compose_series(coefficients)
    half = g.scaled(fmpq(1, 2))
    series = half.power(exponent) * (half * half).compose_series(coefficients)
    return series.scaled(1 / arb(order + 1).gamma())


def _uppergamma(order: Coefficient, g: Germ) -> Germ:
    return Germ.of(arb(order).gamma()) - _power_series(sp.lowergamma, order, g)


def _expint(order: Coefficient, g: Germ) -> Germ | None:
    """E_s for u → 0 and s > 1: Γ(1 − s)·uˢ⁻¹ − Σ (−u)ᵏ/(k!·(1 − s + k)); of whole order the term without a quotient is
    (−u)ⁿ⁻¹/(n − 1)!·(ψ(n) − log u) (DLMF 8.19.8, 8.19.10)."""
    if order <= 1:
        return None
    if order > ORDER:
        raise Undecided("expint of this order at 0")
    if g.is_zero():
        return Germ.of(1 / (order - 1))
    if g.sign() < 0:
        raise OutsideDomain
    coefficients: list[Coefficient] = []
    sign = fmpq(1)
    for k in range(ORDER):
        coefficients.append(fmpq(0) if order == k + 1 else -sign / (1 - order + k))
        sign = -sign / (k + 1)
    regular = g.compose_series(coefficients)
    if order.q != 1:
        exponent = as_exponent(order) - 1
        return regular + g.power(exponent).scaled(arb(1 - order).gamma())
    n = int(order)
    scale = fmpq((-1) ** (n - 1), int(sp.factorial(n - 1)))
    return regular + (Germ.of(arb(n).digamma()) - apply(sp.log, [g])) * g.power(n - 1).scaled(scale)


def _expint_at_its_pole(order: Germ, g: Germ) -> Germ | None:
    """At 0, for whole n ≤ 0 and m = 1 − n: (m − 1)!·u⁻ᵐ − Σ (−u)ᵏ/(k!·(m + k)) (DLMF 8.19.1, 8.7.1)."""
    n = _whole(order)
    if n is None or not -FAR_ORDER < n <= 0 or not g.valuation() > 0:
        return None
    if g.is_zero():
        raise Singular("expint has no finite value")
    m = 1 - n
    coefficients = [fmpq((-1) ** (k + 1), int(sp.factorial(k)) * (m + k)) for k in range(ORDER)]
    return g.power(-m).scaled(fmpq(int(sp.factorial(m - 1)))) + g.compose_series(coefficients)


def _from_zero(coefficient: Callable[..., Coefficient]) -> Callable[..., Germ | None]:
    """A function of constants and, last, an argument, by its power series at 0: ``coefficient`` takes k and constants.

    For those of which SymPy's derivatives are 0/0 there.
    """

    def germ(*args: Germ) -> Germ | None:
        *fixed, g = args
        if not g.valuation() > 0:
            return None
        constants = [c.limit() for c in fixed]
        return g.compose_series(coefficient(k, *constants) for k in range(carried()))

    return germ


def _binomial_series(a: fmpq, k: int) -> fmpq:
    """The coefficient of mᵏ in (1 − m)⁻ᵃ: a·(a + 1)…(a + k − 1)/k!."""
    product = fmpq(1)
    for i in range(k):
        product = product * (a + i) / (i + 1)
    return product


def _elliptic(power: fmpq, sines: int) -> Callable[..., Germ | None]:
    """The integral of sinˢ(θ)·(1 − m·sin²θ)ᵖ over θ from 0 to φ, or to π/2, at m = 0: term by term."""
    return _from_zero(lambda k, *phi: _binomial_series(-power, k) * _integral_of_sines(sines + 2 * k, *phi))


def _integral_of_sines(n: int, phi: Coefficient | None = None) -> arb:
    """The integral of sinⁿ from 0 to φ, or to π/2, for an even n: n·Sₙ = (n − 1)·Sₙ₋₂ − cos φ·sinⁿ⁻¹φ."""
    total, sine, cosine = arb.pi() / 2, arb(1), arb(0)
    if phi is not None:
        total, sine, cosine = as_ball(phi), as_ball(phi).sin(), as_ball(phi).cos()
    for k in range(2, n + 1, 2):
        total = ((k - 1) * total - cosine * sine ** (k - 1)) / k
    return total


def _lambertw(k: int) -> fmpq:
    """Of W(u) = Σ (−k)ᵏ⁻¹/k!·uᵏ (DLMF 4.13.5)."""
    return fmpq((-k) ** (k - 1), int(sp.factorial(k))) if k else fmpq(0)


def _to_the_minus(k: int, s: Coefficient) -> Coefficient:
    """k⁻ˢ, of which Li_s(u) = Σ k⁻ˢ·uᵏ for k > 0."""
    return fmpq(k) ** -int(s) if isinstance(s, fmpq) and s.q == 1 and abs(s) <= 64 else arb(k) ** -as_ball(s)


def _or_else(*functions: Callable[..., Germ | None]) -> Callable[..., Germ | None]:
    """The first germ that one of them knows."""
    return lambda *args: next((germ for f in functions if (germ := f(*args)) is not None), None)


def _elliptic_e(*args: Germ) -> Germ | None:
    """The complete one at 1: E(1 − t) = 1 + t·(log 4 − 1/2 − log(t)/2)/2 + O(t²·log t) (DLMF 19.12.2)."""
    gap = branch_point(args[0], 1) if len(args) == 1 else None
    if gap is None:
        return None
    if gap.is_zero():
        return Germ.of(fmpq(1))
    slope = Germ.of(arb(4).log() - arb(0.5)) - apply(sp.log, [gap]).scaled(fmpq(1, 2))
    series = Germ.of(fmpq(1)) + (gap * slope).scaled(fmpq(1, 2))
    return Germ(series.terms, min(series.order, 2 * gap.valuation()))


def _rational_polylog(order: Germ, g: Germ) -> Germ | None:
    """At the pole 1 and at infinity, of order −n = 0, −1, −2, …: Σ k!·S(n + 1, k + 1)·(u/(1 − u))ᵏ⁺¹ for k = 0 … n,
    with Stirling's numbers of the second kind: (u·d/du)ⁿ of u/(1 − u)."""
    s = _whole(order)
    if s is None or not -FAR_POLE < s <= 0 or not (g.grows() or g.limit() == 1):
        return None
    gap = Germ.of(fmpq(1)) - g
    if gap.is_zero():
        raise Singular("polylog has no finite value")
    quotient, total = g * gap.power(-1), Germ({})
    for k in range(-s, -1, -1):
        total = (total + Germ.of(fmpq(int(sp.factorial(k) * stirling(1 - s, k + 1))))) * quotient
    return total


def _rational_polylog_quotient(order: Germ, g: Germ) -> Germ | None:
    """The same over u."""
    found = _rational_polylog(order, g)
    return None if found is None else found * g.power(-1)


def _gauss(*args: Germ) -> Germ | None:
    """₂F₁ at 1 where Euler's transformation (DLMF 15.8.1) makes it a power of 1 − u times a polynomial."""
    *parameters, g = args
    a, b, c = (p.limit() for p in parameters)
    if g.grows() or g.limit() != 1 or not all(isinstance(p, fmpq) and p.q <= 64 for p in (a, b, c)):
        return None
    lasts = [int(p - c) for p in (a, b) if (p - c).q == 1 and 0 <= p - c < FAR_POLE]
    if not lasts or (c.q == 1 and c <= 0) or any(p.q == 1 and p <= 0 for p in (a, b)):
        return None  # not of that form, or a polynomial, which is analytic
    gap, last, total = Germ.of(fmpq(1)) - g, min(lasts), Germ({})
    if gap.is_zero() and c < a + b:
        raise Singular("hyp2f1 has no finite value")
    for k in range(last, -1, -1):
        total = total * g.scaled((c - a + k) * (c - b + k) / ((c + k) * (k + 1))) + Germ.of(fmpq(1))
    return gap.power(as_exponent(c - a - b)) * total


def _polylog(order: Germ, g: Germ) -> Germ | None:
    """At 1, of whole order n > 0 with t = log z: Σ ζ(n − k)·tᵏ/k! for k ≠ n − 1, and for that k
    tᵏ/k!·(1 + 1/2 + … + 1/k − log(−t)) (DLMF 25.12.12 and its limit)."""
    gap = branch_point(g, 1)
    if gap is None:
        return None
    n = order.limit()
    if not isinstance(n, fmpq) or n.q != 1 or not 0 < n <= ORDER:
        raise Undecided("polylog of this order at its branch point")
    n = int(n)
    if gap.is_zero():
        if n == 1:
            raise Singular("polylog has no finite value")
        return Germ.of(arb(n).zeta())
    t = apply(sp.log, [g])
    coefficients: list[Coefficient] = []
    factorial = fmpq(1)
    for k in range(ORDER):
        factorial = factorial * max(k, 1)
        coefficients.append(fmpq(0) if k == n - 1 else arb(n - k).zeta() / factorial)
    scale = fmpq(1) / int(sp.factorial(n - 1))
    logarithm = Germ.of(sum((fmpq(1, k) for k in range(1, n)), fmpq(0))) - apply(sp.log, [t.scaled(fmpq(-1))])
    return t.compose_series(coefficients) + (t.power(n - 1) * logarithm).scaled(scale)


def _zeta(order: Germ, g: Germ) -> Germ | None:
    """At a pole by recurrence: ζ(s, a) = a⁻ˢ + ζ(s, a + 1) (DLMF 25.11.3)."""
    n = order.limit()
    if isinstance(n, fmpq) and n.q == 1:
        found = _sum_of_powers(sp.zeta, order, g, int(n)) if n > 0 else None
        return None if found is None else found[0] + found[1]
    if not (g.valuation() > 0 and isinstance(n, fmpq) and abs(n) <= 64 and n.q <= 64):
        return None
    if g.sign() < 0:
        raise OutsideDomain
    return g.power(-as_exponent(n)) + apply(sp.zeta, [order, g + Germ.of(fmpq(1))])


def _zeta_slope(order: Germ, g: Germ) -> Germ | None:
    """s·ζ(s + 1, a), which is 1 at s = 0."""
    if order.is_zero():
        return Germ.of(fmpq(1))
    found = _zeta(order + Germ.of(fmpq(1)), g)
    return None if found is None else order * found


def _gamma(g: Germ) -> Germ | None:
    """At a pole through the entire reciprocal gamma: 1/Γ(−n + t) = t·(t − 1)…(t − n)/Γ(1 + t); far out by its residue
    alone, (−1)ⁿ/n! (DLMF 5.2.1)."""
    at = g.limit()
    if not (isinstance(at, fmpq) and at.q == 1 and at <= 0):
        return None
    pole = int(at)
    t = g - Germ.of(at)
    if pole <= -FAR_POLE:
        residue = (-1) ** (pole % 2) / arb(1 - pole).gamma()
        return Germ({}, 0) + t.power(-1).scaled(residue)
    product = t
    for m in range(1, 1 - pole):
        product = product * (t - Germ.of(fmpq(m)))
    shifted = apply(sp.gamma, [Germ.of(fmpq(1)) + t])
    return shifted * product.power(-1)


def _ei(g: Germ) -> Germ | None:
    """At 0: γ + log|u| + Σ uᵏ/(k·k!) (DLMF 6.6.1, and 6.6.2 below 0)."""
    if g.is_zero():
        raise Singular("Ei has no finite value")
    if not g.valuation() > 0:
        return None
    coefficients = [fmpq(0), *(fmpq(1, k * int(sp.factorial(k))) for k in range(1, ORDER))]
    logarithm = apply(sp.log, [g.scaled(fmpq(g.sign()))])
    return Germ.of(arb.const_euler()) + logarithm + g.compose_series(coefficients)


def _li(g: Germ) -> Germ | None:
    """At its pole 1: li(u) = Ei(log u)."""
    return apply(sp.Ei, [apply(sp.log, [g])]) if g.limit() == 1 else None


SINGULAR.update(
    {
        sp.Ei: _ei,
        sp.li: _li,
        sp.gamma: _gamma,
        sp.LambertW: _from_zero(_lambertw),
        sp.elliptic_k: _elliptic(fmpq(-1, 2), 0),
        sp.elliptic_f: _elliptic(fmpq(-1, 2), 0),
        sp.elliptic_e: _or_else(_elliptic(fmpq(1, 2), 0), _elliptic_e),
        EllipticD: _elliptic(fmpq(-1, 2), 2),
        EllipticG: _elliptic(fmpq(-3, 2), 2),
        sp.polygamma: _polygamma,
        sp.polylog: _or_else(
            _from_zero(lambda k, s: _to_the_minus(k, s) if k else fmpq(0)), _rational_polylog, _polylog
        ),
        PolylogQuotient: _or_else(_from_zero(lambda k, s: _to_the_minus(k + 1, s)), _rational_polylog_quotient),
        sp.zeta: _zeta,
        ZetaSlope: _zeta_slope,
        HYPERGEOMETRIC[2]: _gauss,
        sp.expint: _or_else(_expint_at_its_pole, _at_zero(_expint)),
        sp.besselj: _at_zero(partial(_power_series, sp.besselj)),
        sp.besseli: _at_zero(partial(_power_series, sp.besseli)),
        sp.lowergamma: _at_zero(partial(_power_series, sp.lowergamma)),
        sp.uppergamma: _at_zero(_uppergamma),
    }
)
