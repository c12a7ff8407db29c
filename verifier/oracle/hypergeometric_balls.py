"""Hypergeometric functions as functions of balls: Arb's, and Gauss's series where those are of no use."""

from __future__ import annotations

import math
from collections.abc import Callable

from flint import arb, ctx

from .frugal import NAN, of_orders

#: What is real, as nan is not, and of which nothing else is known.
UNKNOWN = arb(0, math.inf)

#: So many terms of Gauss's series, which take 0.14 s: enough for 128 bits at z = 0.999.
MOST_TERMS = 100_000


def _gauss(z: arb, a: arb, b: arb, c: arb) -> arb:
    """Gauss's function, by its series where Arb's are of no use: beside z = 1 and far left of 0 it takes those in 1 − z
    and 1/z, whose coefficients have poles where c − a − b or a − b is whole. Where a ball only may be whole, as that of
    7/3 − 4/3, Arb divides by zero, or takes seconds for 20 digits and does so at every precision."""
    if abs(z) > 0.5 and z < 1 and _may_be_whole(c - a - b if z > 0 else a - b):
        return _by_series(z, a, b, c)
    known = arb.hypgeom_2f1(z, a, b, c)
    if known.is_finite() or not z < 1 or all(ball.is_exact() for ball in (a, b, c)):
        return known
    return _by_series(z, a, b, c)


def _may_be_whole(x: arb) -> bool:
    return x.contains_integer() and not x.is_exact()


def _by_series(z: arb, a: arb, b: arb, c: arb) -> arb:
    """2F1 for z < 1."""
    if z < 0:  # Pfaff's transformation (DLMF 15.8.1)
        return (1 - z) ** -a * _series(z / (z - 1), a, c - b, c)
    return _series(z, a, b, c)


def _series(z: arb, a: arb, b: arb, c: arb) -> arb:
    """Σ (a)ₖ·(b)ₖ/(c)ₖ·zᵏ/k! for |z| < 1; from c + k > 0 on, a term is to the one before at most as
    |z|·(1 + |a − c|/(c + k))·(1 + |b − 1|/(k + 1)), which falls with k."""
    bits = min(ctx.prec, *(ball.rel_accuracy_bits() for ball in (z, a, b, c)))
    if not abs(z) ** MOST_TERMS < arb(2) ** -max(bits, 1):
        return UNKNOWN
    total, term, k = arb(0), arb(1), 0
    while k < MOST_TERMS and term.is_finite():
        if k % 16 == 0 and c + k > 0:
            ratio = abs(z) * (1 + abs(a - c) / (c + k)) * (1 + abs(b - 1) / (k + 1))
            if ratio < 1:
                rest = abs(term) / (1 - ratio)
                if rest < abs(total) * arb(2) ** -ctx.prec or rest < total.rad() / 1024:
                    return total + arb(0, 1) * rest
        total += term
        term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        k += 1
    return UNKNOWN


def _hypergeometric(of_points: Callable[..., arb]) -> Callable[..., arb]:
    """A hypergeometric function of parameters and, last, the argument; nan where Arb does not get there."""

    def evaluate(*arguments: arb) -> arb:
        *parameters, z = arguments
        try:
            return of_points(z, *parameters)
        except ValueError:  # no convergence
            return NAN

    return of_orders(evaluate)


#: By how many parameters stand above and below: functions of these and, last, the argument.
HYPERGEOMETRIC: dict[tuple[int, int], Callable[..., arb]] = {
    (2, 1): _hypergeometric(_gauss),
    (1, 1): _hypergeometric(arb.hypgeom_1f1),
    (0, 1): _hypergeometric(arb.hypgeom_0f1),
}
