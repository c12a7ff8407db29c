"""The germ of an expression: its parts' series put together, comparisons decided as they are beside the point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from flint import arb, fmpq

from . import balls, singular_special  # noqa: F401  # special functions add themselves to SINGULAR
from .analytic import HYPERGEOMETRIC, apply
from .meanings import Choose, Floor
from .series import (
    CONSTANT,
    Germ,
    OutsideDomain,
    PrecisionLost,
    Singular,
    Undecided,
    as_ball,
    as_exponent,
    proportion,
)
from .singular_elementary import atan2, normalized_sinc, sin_pi, sine_over_pi


def germ_of(e: Any, env: Mapping[Any, Any], decided: dict[Any, Any]) -> Germ:
    """The germ of a SymPy expression.

    Args:
        env: for each symbol its germ, or the exception that was raised in place of one.
        decided: takes what comparisons and floors were decided to be.

    Raises:
        Undecided: it has no series here, or too few terms or bits of one are known.
        OutsideDomain: it is not real to this side of the point.
    """
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
            total = total + germ_of(a, env, decided)
        return total
    if e.is_Mul:
        return _of_product(e, env, decided)
    if e.is_Pow:
        return _of_power(e, env, decided)
    if isinstance(e, Choose):
        relation, left, right, a, b = e.args
        first, second = (germ_of(side, env, decided) for side in (left, right))
        side = 0 if first is second else (first - second).sign()
        truth = balls.holds_exactly(relation.name, arb(side), balls.ZERO)
        decided[relation.name, left, right] = truth
        return germ_of(a if truth else b, env, decided)
    if isinstance(e, Floor):
        return _floor(("floor", e.args[0]), germ_of(e.args[0], env, decided), decided)
    if e.func is sp.sin and e.args[0].is_Mul and sp.pi in e.args[0].args:
        return sin_pi(germ_of(e.args[0] / sp.pi, env, decided))
    function, arguments = balls.call(e)
    if function is None:
        raise Undecided(f"{e.func.__name__} has no series here")
    args = [germ_of(a, env, decided) for a in arguments]
    if e.func is sp.atan2:
        return atan2(*args)
    return apply(HYPERGEOMETRIC[len(e.args[0])] if e.func is sp.hyper else e.func, args)


def _of_product(e: Any, env: Mapping[Any, Any], decided: dict[Any, Any]) -> Germ:
    """A product, whose factors may be undecided where another one is exactly 0."""
    sine = sine_over_pi(e)
    if sine is not None:
        u = germ_of(sine.args[0] / sp.pi, env, decided)
        turns = u.limit()
        if isinstance(turns, fmpq) and turns.q == 1:
            u = u - Germ.of(turns)
            series = (u * normalized_sinc(u)).scaled(fmpq((-1) ** int(turns.p % 2)))
            return germ_of(e * sp.pi / sine, env, decided) * series
    factors: list[Germ] = []
    failure: Exception | None = None
    for a in e.args:
        try:
            factors.append(germ_of(a, env, decided))
        except Singular:
            raise  # 0·∞ is no number
        except Undecided as error:
            failure = error
    if any(f.is_zero() for f in factors):
        return Germ({})  # exact zero times anything that is real is zero
    if failure is not None:
        raise failure
    if len(e.args) == 2 and e.args[1].is_Pow and e.args[1].exp == -1:
        value = env.get(e.args[0])
        if value is not None and value is env.get(e.args[1].base):
            return Germ.of(fmpq(1))  # x/x of one and the same value
        quotient = proportion(factors[0], germ_of(e.args[1].base, env, decided))
        if quotient is not None:
            return Germ.of(quotient)  # |x|/x, which a power series would know to some order only
    product = factors[0]
    for f in factors[1:]:
        product = product * f
    return product


def _of_power(e: Any, env: Mapping[Any, Any], decided: dict[Any, Any]) -> Germ:
    base, exponent = e.args
    if base is sp.E:
        return apply(sp.exp, [germ_of(exponent, env, decided)])
    b = germ_of(base, env, decided)
    p = germ_of(exponent, env, decided)
    if p.is_constant():
        c = p.limit()
        if isinstance(c, fmpq) and abs(c) <= 4096 and c.q <= 4096:
            return b.power(as_exponent(c))
    if b.is_zero():
        if p.sign() > 0:
            return Germ({})
        raise OutsideDomain
    at = p.limit() if p.valuation() >= 0 else None  # of a growing one the power may have a limit, as (1 + x)^(1/x)
    if isinstance(at, fmpq) and abs(at) <= 64 and at.q <= 64 and set(b.terms) == {CONSTANT}:
        # bᵖ = bᵃ·exp((p − a)·log b): the value at the point stays exact
        return b.power(as_exponent(at)) * apply(sp.exp, [(p - Germ.of(at)) * apply(sp.log, [b])])
    return apply(sp.exp, [p * apply(sp.log, [b])])


def _floor(condition: Any, g: Germ, decided: dict[Any, Any]) -> Germ:
    c = as_ball(g.limit()).floor()
    if not c.is_exact():
        raise PrecisionLost("the floor of a value that cannot be told from an integer")
    n = int(c.unique_fmpz() or 0)
    if (g - Germ.of(fmpq(n))).sign() < 0:
        n -= 1
    decided[condition] = n
    return Germ.of(fmpq(n))
