"""Analytic functions of series: Taylor coefficients from SymPy's derivatives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, fmpq

from .codegen import compile_ball
from .frugal import HUGE, HUGE_ORDER, TINY
from .meanings import PolylogQuotient, ZetaSlope, stable
from .series import (
    CONSTANT,
    Coefficient,
    Germ,
    OutsideDomain,
    PrecisionLost,
    Singular,
    Undecided,
    as_ball,
    carried,
    times,
)

#: What a function does at its poles, branch points and edges: its germ there, None elsewhere. Filled by
#: :mod:`.singular_elementary` and :mod:`.singular_special`, which need the functions of germs that are defined here.
SINGULAR: dict[Any, Callable[..., Germ | None]] = {}


#: Hypergeometric functions of their parameters and, last, the argument; by the number of parameters above.
HYPERGEOMETRIC: tuple[Callable[..., Any], ...] = (
    lambda b, z: sp.hyper([], [b], z),
    lambda a, b, z: sp.hyper([a], [b], z),
    lambda a, b, c, z: sp.hyper([a, b], [c], z),
)


@lru_cache(maxsize=64)
def _of_first(head: Any) -> Callable[[Any, Any], Any]:
    """A function of two arguments as one of its first: an elliptic integral varies with its amplitude."""
    return lambda second, first: head(first, second)


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


#: Whose arguments before the last are orders or parameters, of which Arb is asked within limits.
_OF_ORDERS = (
    *(sp.polygamma, sp.besselj, sp.bessely, sp.besseli, sp.besselk, sp.expint, sp.lowergamma, sp.uppergamma),
    *(sp.polylog, PolylogQuotient, sp.zeta, ZetaSlope),
    *HYPERGEOMETRIC,
)


def _name(head: Any) -> str:
    return head.__name__ if isinstance(head, type) else "this function"


def _coefficients(head: Any, fixed: tuple[arb, ...], at: Coefficient) -> Iterator[Coefficient]:
    """Taylor coefficients of ``head(*fixed, u)`` at u = ``at``; Undecided where one is not finite.

    One after the other, since a constant needs one alone and SymPy takes long for the higher ones.
    """
    factorial = 1
    simple = isinstance(at, fmpq) and not fixed and abs(at) <= 2 and at.q <= 2
    for n in range(carried()):
        factorial *= max(n, 1)
        c = _exact_taylor((head, 0), n, (int(at.p), int(at.q))) if simple else None
        if c is None:
            c = _taylor((head, len(fixed)), n)[0](*fixed, as_ball(at))
            if not c.is_finite():
                if n == 0:
                    if abs(as_ball(at)) < TINY and as_ball(at) != 0:  # which balls do not tell from 0
                        raise Undecided(f"{_name(head)} of an argument below all floats")
                    if abs(as_ball(at)) > HUGE:
                        raise Undecided(f"{_name(head)} of an argument beyond all floats")
                    if _is_unasked(head, fixed, at):
                        raise Undecided(f"{_name(head)} of too large an order")
                    known = (as_ball(at).is_exact() and head not in _ENTIRE) or abs(as_ball(at)) > FAR_OUT
                    raise (Singular if known else PrecisionLost)(f"{_name(head)} has no finite value")
                try:
                    yield from _singular_tail(head, fixed, at, n)
                except (Undecided, OutsideDomain):
                    if n < 2:  # a pole or an edge of the derivative is none of the function
                        raise Undecided(f"{_name(head)} is singular") from None
                return  # the first order is known, and that is what the slope needs
        yield c / factorial


def _is_unasked(head: Any, fixed: tuple[arb, ...], at: Coefficient) -> bool:
    """Whether Arb was not asked for a function's value, which says nothing of where it is real (:mod:`.frugal`)."""
    largest = HUGE_ORDER if head in _OF_ORDERS else HUGE
    return bool(abs(as_ball(at)) > HUGE or any(abs(order) >= largest for order in fixed))


def _singular_tail(head: Any, fixed: tuple[arb, ...], at: Coefficient, n: int) -> list[Coefficient]:
    """Coefficients from n on where SymPy's formula is 0/0 at the point: the formula's own germ gives them."""
    derivative, symbols = _taylor((head, len(fixed)), n)[1]
    if derivative.has(_taylor((head, len(fixed)), 0)[1][0].func):
        raise Undecided(f"{_name(head)} is singular")
    env = dict(zip(symbols, [*(Germ.of(c) for c in fixed), Germ.of(at) + Germ({(1, 0): fmpq(1)})], strict=True))
    from .expansion import germ_of  # a formula's germ needs functions; here a function's needs a formula

    germ = germ_of(derivative, env, {})
    if germ.valuation() < 0 or any(e.denominator != 1 or k for e, k in germ.terms):
        raise Undecided(f"{_name(head)} is singular")
    known = int(min(carried() - n, germ.order))
    result = []
    for m in range(known):
        c = germ.terms.get((m, 0), fmpq(0))
        # the m-th term of f⁽ⁿ⁾ is the (n+m)-th of f: c·m!/(n+m)!
        scale = fmpq(1)
        for i in range(1, n + 1):
            scale = scale / (m + i)
        result.append(times(c, scale))
    return result


def apply(head: Any, args: list[Germ]) -> Germ:
    """An analytic function of germs; all arguments but the last, or of two the first, are constant.

    Raises:
        Undecided: another argument varies, or the series does not tell; PrecisionLost where more bits may.
        OutsideDomain: it is not real to this side.
    """
    if len(args) == 2 and args[1].is_constant() and not args[0].is_constant():
        head, args = _of_first(head), args[::-1]
    fixed = tuple(as_ball(g.limit()) for g in args[:-1])
    if not all(g.is_constant() for g in args[:-1]):
        raise Undecided(f"{_name(head)} by a varying order")
    g = args[-1]
    if head in SINGULAR:
        result = SINGULAR[head](*args)
        if result is not None:
            return result
    at = g.limit()
    small = Germ({k: c for k, c in g.terms.items() if k != CONSTANT}, g.order)
    try:
        return small.compose_series(_coefficients(head, fixed, at))
    except PrecisionLost:
        if not _is_unasked(head, fixed, at) and _is_complex_throughout(head, fixed, at):
            raise OutsideDomain from None
        raise  # more bits may show where the point lies
    except Undecided:
        if not _is_unasked(head, fixed, at) and _is_complex_beside(head, fixed, at, small):
            raise OutsideDomain from None
        raise


def _is_complex_throughout(head: Any, fixed: tuple[arb, ...], at: Coefficient) -> bool:
    """Whether a function has no real value at either end of what is known of its argument."""
    ball = as_ball(at)
    if abs(ball) < TINY and ball != 0:
        return False  # balls do not tell it from 0
    value = _taylor((head, len(fixed)), 0)[0]
    return ball.is_finite() and all(value(*fixed, end).is_nan() for end in (ball.lower(), ball.upper()))


def _is_complex_beside(head: Any, fixed: tuple[arb, ...], at: Coefficient, small: Germ) -> bool:
    """Whether a function has no real value a little to the side to which its argument leaves the point."""
    if not as_ball(at).rad() < 2.0**-60:  # nan says nothing where the argument is not known
        return False
    side = small.sign()
    if side == 0:
        return _is_complex_throughout(head, fixed, at)
    for distance in (-20, -40):
        beside = as_ball(at) + side * arb(2) ** distance
        if not _taylor((head, len(fixed)), 0)[0](*fixed, beside).is_nan():
            return False
    return True
