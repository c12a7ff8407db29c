"""Elementary functions at their poles, branch points and the edges of their domains, by identities.

Each returns the germ there, and None where the function is analytic, so that its Taylor series serves.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, fmpq

from .analytic import SINGULAR, apply
from .meanings import SinhQuotient
from .series import (
    CONSTANT,
    INFINITE,
    ORDER,
    Coefficient,
    Germ,
    OutsideDomain,
    PrecisionLost,
    Singular,
    Undecided,
    as_ball,
    as_exponent,
    divide,
    growth,
)


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
    start = Germ({CONSTANT: as_ball(c).log(), (0, 1): fmpq(e.numerator, e.denominator)})
    return start + rest.compose_series([fmpq(0), *(fmpq((-1) ** (n + 1), n) for n in range(1, ORDER))])


def _exp(g: Germ) -> Germ | None:
    logs = {key: c for key, c in g.terms.items() if growth(key) < CONSTANT}
    if not logs:
        return None
    if set(logs) == {(0, 1)}:
        rate = logs[0, 1]
        rest = Germ({k: c for k, c in g.terms.items() if k != (0, 1)}, g.order)
        if isinstance(rate, fmpq):
            return Germ({(as_exponent(rate), 0): fmpq(1)}) * apply(sp.exp, [rest])
        if rate > 0:  # h to a power that no fraction names: below those below it
            return Germ({}, _fraction_below(rate)) * apply(sp.exp, [rest])
    if g.sign() < 0 and any(e < 0 for e, _ in logs):
        return Germ({}, 64)  # flat: smaller than every power of h
    raise Undecided("exp of a growing series")


def _fraction_below(rate: arb) -> Fraction:
    """A fraction of few digits, not above any number of a positive ball, which is cut off where it is large."""
    return Fraction(int((rate.min(arb(64)) * 2**16).floor().lower().unique_fmpz() or 0), 2**16)


def _asinh(g: Germ) -> Germ | None:
    """asinh of a growing series: ±log(|u| + √(u² + 1))."""
    if not g.grows():
        return None
    size = g.scaled(fmpq(g.sign()))
    root = (size * size + Germ.of(fmpq(1))).power(Fraction(1, 2))
    return apply(sp.log, [size + root]).scaled(fmpq(g.sign()))


def _tanh(g: Germ) -> Germ | None:
    """tanh of a growing series: ±(1 − e)/(1 + e) with e = exp(−2|u|)."""
    if not g.grows():
        return None
    one, decaying = Germ.of(fmpq(1)), apply(sp.exp, [g.scaled(fmpq(-2 * g.sign()))])
    return ((one - decaying) * (one + decaying).power(-1)).scaled(fmpq(g.sign()))


def branch_point(g: Germ, at: int) -> Germ | None:
    """1 − at·u as a germ, where u → ``at``; None elsewhere.

    Raises:
        OutsideDomain: u is beyond.
    """
    if g.grows():
        g.leading()  # a pole whose coefficient cannot be told from 0 may be none
        raise OutsideDomain
    c = g.limit()
    if (c - at if isinstance(c, fmpq) else as_ball(c) - at) != 0:
        return None
    gap = Germ.of(fmpq(1)) - g.scaled(fmpq(at))
    if gap.sign() < 0:
        raise OutsideDomain
    return gap


def _refuse_beyond_one(at: Coefficient) -> None:
    """OutsideDomain for numbers beyond ±1; an exact one may be nearer to the edge than a ball tells."""
    if abs(at) > 1:
        raise OutsideDomain
    if not isinstance(at, fmpq) and not abs(at) < 1:
        raise PrecisionLost("an argument that cannot be told from the edge of a domain")


def _acos(g: Germ) -> Germ | None:
    """acos(u) = 2·asin(√((1 − u)/2)) at 1; π minus that of −u at −1."""
    for at in (1, -1):
        gap = branch_point(g, at)
        if gap is not None:
            half = apply(sp.asin, [gap.scaled(fmpq(1, 2)).power(Fraction(1, 2))]).scaled(fmpq(2))
            return half if at == 1 else Germ.of(arb.pi()) - half
    _refuse_beyond_one(g.limit())
    return None


def _asin(g: Germ) -> Germ | None:
    other = _acos(g)
    return None if other is None else Germ.of(arb.pi() / 2) - other


def _acosh(g: Germ) -> Germ | None:
    """acosh(u) = 2·asinh(√((u − 1)/2)) at 1."""
    excess = g - Germ.of(fmpq(1))
    if excess.sign() < 0:
        raise OutsideDomain
    if excess.terms and growth(min(excess.terms, key=growth)) <= CONSTANT:
        return None
    return apply(sp.asinh, [excess.scaled(fmpq(1, 2)).power(Fraction(1, 2))]).scaled(fmpq(2))


def _atanh(g: Germ) -> Germ | None:
    one = Germ.of(fmpq(1))
    for at in (1, -1):
        if branch_point(g, at) is not None:
            ratio = (one + g) * (one - g).power(-1)
            return apply(sp.log, [ratio]).scaled(fmpq(1, 2))
    _refuse_beyond_one(g.limit())
    return None


def _atan(g: Germ) -> Germ | None:
    """atan of a growing series is ±π/2 − atan(1/u)."""
    if not g.grows():
        return None
    return Germ.of(arb.pi() / 2 * g.sign()) - apply(sp.atan, [g.power(-1)])


def _by_reciprocal(head: Any) -> Any:
    return lambda g: apply(head, [g.power(-1)])


SINGULAR.update(
    {
        sp.log: _log,
        sp.exp: _exp,
        sp.tanh: _tanh,
        sp.acos: _acos,
        sp.asin: _asin,
        sp.acosh: _acosh,
        sp.atanh: _atanh,
        sp.atan: _atan,
        sp.asinh: _asinh,
        sp.asec: _by_reciprocal(sp.acos),
        sp.acsc: _by_reciprocal(sp.asin),
        sp.asech: _by_reciprocal(sp.acosh),
        sp.acsch: _by_reciprocal(sp.asinh),
        sp.acoth: _by_reciprocal(sp.atanh),
        sp.acot: lambda g: Germ.of(arb.pi() / 2) if g.is_zero() else apply(sp.atan, [g.power(-1)]),
        sp.cot: lambda g: apply(sp.cos, [g]) * apply(sp.sin, [g]).power(-1),
        sp.csc: lambda g: apply(sp.sin, [g]).power(-1),
        sp.coth: lambda g: apply(sp.cosh, [g]) * apply(sp.sinh, [g]).power(-1),
        sp.csch: lambda g: apply(sp.sinh, [g]).power(-1),
        SinhQuotient: lambda g: Germ.of(1) if g.is_zero() else apply(sp.sinh, [g]) * g.power(-1),
    }
)


def sin_pi(g: Germ) -> Germ:
    """sin(π·u), exactly zero at the integers: sin(π(n + t)) = (−1)ⁿ sin(π·t)."""
    at = g.limit()
    n = int(at.p) if isinstance(at, fmpq) and at.q == 1 else 0
    return apply(sp.sin, [(g - Germ.of(fmpq(n))).scaled(arb.pi())]).scaled(fmpq((-1) ** (n % 2)))


def sine_over_pi(e: Any) -> Any:
    """The factor sin(π·u) of a product that has 1/π, too, as in sin(π·u)/(π·u) and its derivatives; else None."""
    sines = (a for a in e.args if a.func is sp.sin and sp.pi in a.args[0].args)
    return next(sines, None) if 1 / sp.pi in e.args else None


def normalized_sinc(u: Germ) -> Germ:
    """sin(π·u)/(π·u), exactly 1 at 0, where π/π in balls is not: Σ (−π²·u²)ᵏ/(2k + 1)!."""
    coefficients: list[Coefficient] = [fmpq(1)]
    for k in range(1, 4):
        coefficients.append(-as_ball(coefficients[-1]) * arb.pi() ** 2 / (2 * k * (2 * k + 1)))
    return (u * u).compose_series(coefficients)


def atan2(y: Germ, x: Germ) -> Germ:
    """The angle of the point (x, y), in (−π, π]; there is none at the origin.

    Raises:
        Singular: both are 0.
    """
    if y.is_zero() and x.is_zero():
        raise Singular("atan2(0, 0)")
    if x.is_zero() or (not y.is_zero() and _steeper(y, x)):
        turn = Germ({}) if x.is_zero() else apply(sp.atan, [x * y.power(-1)])
        return Germ.of(arb.pi() / 2 * y.sign()) - turn
    angle = apply(sp.atan, [y * x.power(-1)])
    if x.sign() > 0:
        return angle
    return angle + Germ.of(arb.pi() if y.sign() >= 0 else -arb.pi())


def _steeper(y: Germ, x: Germ) -> bool:
    """Whether y outgrows x as h → 0; neither is zero.

    Raises:
        Undecided: no term of one is known, and the other's are not larger than what was cut off.
    """
    if y.terms and x.terms:
        return growth(min(y.terms, key=growth)) < growth(min(x.terms, key=growth))
    if y.valuation() == x.valuation() or not (y.terms or x.terms):
        raise Undecided("no term of the series is left")
    return y.valuation() < x.valuation()
