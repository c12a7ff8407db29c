"""Elliptic integrals as functions of balls, where they are real.

Legendre's forms are Arb's; those without 0/0 that stand in their derivatives are Carlson's R_D (DLMF 19.25).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import acb, arb

from .frugal import NAN


def real(z: Any) -> arb:
    """The real part of a complex ball that may be real, else nan."""
    return z.real if z.imag.contains(0) else NAN


def _carlson_d(x: Any, y: Any, z: Any) -> arb:
    return real(acb.elliptic_rd(acb(x), acb(y), acb(z))) / 3


def legendre(function: Callable[[acb, acb], acb]) -> Callable[[arb, arb], arb]:
    """An incomplete elliptic integral where it is real: on no path past a zero of 1 − m·sin²."""
    return lambda phi, m: real(function(acb(phi), acb(m))) if _is_real_up_to(phi, m) else NAN


def elliptic_pi(n: arb, phi: arb, m: arb) -> arb:
    """Π where it is real, on no path past a pole of its own either."""
    if not (_is_real_up_to(phi, m) and _is_real_up_to(phi, n)):
        return NAN
    return real(acb.elliptic_pi_inc(acb(n), acb(phi), acb(m)))


def _is_real_up_to(phi: arb, m: arb) -> bool:
    sine = phi.sin()
    return bool(m < 1 or (abs(phi) < arb.pi() / 2 and m * (sine * sine) < 1))


def _growing(part: Callable[[arb, arb, arb], arb], complete: Callable[[arb], arb]) -> Callable[[arb, arb], arb]:
    """The integral of something positive from 0 to φ: of a ball that reaches past a quarter turn by its two ends.

    Args:
        part: of sin φ, cos²φ and 1 − m·sin²φ, up to a quarter turn.
        complete: up to that, of m.
    """

    def evaluate(phi: arb, m: arb, turns: Any) -> arb:
        sine = phi.sin() * (-1) ** (int(turns) % 2)
        value = part(sine, 1 - sine * sine, 1 - m * (sine * sine))
        return value + 2 * turns * complete(m) if turns else value

    def integral(phi: arb, m: arb) -> arb:
        if not _is_real_up_to(phi, m):
            return NAN
        halves = phi / arb.pi() + arb(0.5)
        first, last = (end.floor().unique_fmpz() for end in (halves.lower(), halves.upper()))
        if first is None or last is None:
            return NAN
        if first == last:
            return evaluate(phi, m, first)
        # an end within its rounding of a quarter turn is mirrored there, downward the lower one, upward the upper one
        return evaluate(phi.lower(), m, first).union(evaluate(phi.upper(), m, last))

    return integral


_incomplete_d = _growing(
    lambda s, cosine2, rest: s * s * s * _carlson_d(cosine2, rest, 1), lambda m: _carlson_d(0, 1 - m, 1)
)
#: G of φ and m (:class:`.meanings.EllipticG`).
elliptic_g = _growing(
    lambda s, cosine2, rest: s * s * s * _carlson_d(cosine2, 1, rest), lambda m: _carlson_d(0, 1, 1 - m)
)


def elliptic_e(*arguments: arb) -> arb:
    """E of m, or of φ and m."""
    if len(arguments) == 1:
        return real(acb(arguments[0]).elliptic_e())
    phi, m = arguments
    if m <= 1:  # at 1 the integral of |cos|, past its zeros too
        return real(acb.elliptic_e_inc(acb(phi), acb(m)))
    return legendre(acb.elliptic_e_inc)(phi, m)


def elliptic_d(*arguments: arb) -> arb:
    """D of m, or of φ and m (:class:`.meanings.EllipticD`)."""
    return _carlson_d(0, 1 - arguments[0], 1) if len(arguments) == 1 else _incomplete_d(*arguments)
