"""Incomplete elliptic integrals of Legendre's forms, by Carlson's symmetric ones.

F(φ, m), E(φ, m) and Π(n, φ, m), as SymPy orders their arguments.

SciPy's end at m = 1; Carlson's (SciPy has those too) go on to m·sin²φ = 1. Of the formulas for E the one whose terms
have one sign (DLMF 19.25.9–11). Derivatives by m are integrals of the same kind, without the 0/0 of DLMF 19.4 at m = 0
and 1. Beyond a quarter turn the complete integrals are added, two for each half turn (DLMF 19.2.10). The derivatives
of the third kind by n and m, of which nothing so simple is known, are mpmath's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from .accurate import evaluate
from .exactly import CONTEXT, number_by_number

Array = Any


class _Turned(NamedTuple):
    """An amplitude within a quarter turn: its sine and squared cosine, 1 − m·sin², and the half turns taken off."""

    sine: Array
    cosine2: Array
    rest: Array
    turns: Array


def _turned(phi: Array, m: Array) -> _Turned:
    sine, cosine = np.sin(phi), np.cos(phi)
    turns = np.floor(phi / np.pi + 0.5)
    sine = np.where(np.mod(turns, 2.0) == 1.0, -sine, sine)
    return _Turned(sine, cosine * cosine, _rest(phi, m), turns)


def _whole(turned: _Turned, value: Array, complete: Callable[[Array], Array], m: Array) -> Array:
    """Of the first quarter turn the value, and the complete integrals of all half turns."""
    extra = np.where(turned.turns == 0.0, 0.0, 2.0 * turned.turns * complete(np.where(turned.turns == 0.0, 0.0, m)))
    return (value + extra)[()]


def _rest(phi: Array, m: Array) -> Array:
    """1 − m·sin²φ, where m is near 1 as a sum of terms of one sign."""
    square = np.sin(phi) * np.sin(phi)
    return np.where(m > 0.5, np.cos(phi) * np.cos(phi) + (1.0 - m) * square, 1.0 - m * square)[()]


class _D(Primitive, register=False):
    """∫ sin²/√(1 − m·sin²), which is −2 ∂E/∂m."""

    name = "elliptic_d"
    meaning = "(elliptic_f(phi, m) - elliptic_e(phi, m))/m"
    special = True

    def forward(phi: Array, m: Array) -> Array:
        t = _turned(phi, m)
        value = t.sine**3 * sc.elliprd(t.cosine2, t.rest, 1.0)
        return _whole(t, value, lambda m: sc.elliprd(0.0, 1.0 - m, 1.0), m) / 3.0

    def derivative(phi: Array, m: Array, y: Array) -> tuple[Array, Array]:
        sine = np.sin(phi)
        return sine * sine / np.sqrt(_rest(phi, m)), 0.5 * (evaluate(_G, phi, m) - y) / m


class _G(Primitive, register=False):
    """∫ sin²/(1 − m·sin²)^(3/2), which is 2 ∂F/∂m."""

    name = "elliptic_g"
    meaning = (
        "(elliptic_f(phi, m) - (elliptic_f(phi, m) - elliptic_e(phi, m))/m"
        " - sin(2*phi)/(2*sqrt(1 - m*sin(phi)**2)))/(1 - m)"
    )
    special = True

    def forward(phi: Array, m: Array) -> Array:
        t = _turned(phi, m)
        value = t.sine**3 * sc.elliprd(t.cosine2, 1.0, t.rest)
        return _whole(t, value, lambda m: sc.elliprd(0.0, 1.0, 1.0 - m), m) / 3.0

    def derivative(phi: Array, m: Array, y: Array) -> tuple[Array, Array]:
        sine, rest = np.sin(phi), _rest(phi, m)
        cube = rest * np.sqrt(rest)
        by_m = 1.5 * y - 0.5 * (y - evaluate(_D, phi, m)) / m - 0.5 * sine * sine * sine * np.cos(phi) / cube
        return sine * sine / cube, by_m / (1.0 - m)


class EllipticF(Primitive):
    """Incomplete elliptic integral of the first kind, of amplitude φ and parameter m."""

    name = "elliptic_f"
    meaning = "elliptic_f(phi, m)"
    domain = "m*sin(phi)**2 < 1"
    special = True
    ufuncs = (sc.ellipkinc,)
    aliases = ("ellipkinc", "ellipf")

    def forward(phi: Array, m: Array) -> Array:
        t = _turned(phi, m)
        return _whole(t, t.sine * sc.elliprf(t.cosine2, t.rest, 1.0), sc.ellipk, m)

    def derivative(phi: Array, m: Array, y: Array) -> tuple[Array, Array]:
        return 1.0 / np.sqrt(_rest(phi, m)), 0.5 * evaluate(_G, phi, m)


class EllipticEIncomplete(Primitive):
    """Incomplete elliptic integral of the second kind, of amplitude φ and parameter m."""

    name = "elliptic_e_incomplete"
    meaning = "elliptic_e(phi, m)"
    domain = "m*sin(phi)**2 <= 1"
    kinks = "m*sin(phi)**2 == 1"
    special = True
    ufuncs = (sc.ellipeinc,)
    aliases = ("ellipeinc",)

    def forward(phi: Array, m: Array) -> Array:
        t = _turned(phi, m)
        sine, cosine = t.sine, np.sqrt(t.cosine2)
        f, cube, root = sine * sc.elliprf(t.cosine2, t.rest, 1.0), sine**3 / 3.0, np.sqrt(t.rest)
        below_0 = f - m * cube * sc.elliprd(t.cosine2, t.rest, 1.0)
        to_1 = (1.0 - m) * (f + m * cube * sc.elliprd(t.cosine2, 1.0, t.rest)) + m * sine * cosine / root
        beyond = (m - 1.0) * cube * sc.elliprd(t.rest, 1.0, t.cosine2) + sine * root / cosine
        value = np.where(m <= 0.0, below_0, np.where(m <= 1.0, to_1, beyond))
        return _whole(t, value, sc.ellipe, m)

    def derivative(phi: Array, m: Array, y: Array) -> tuple[Array, Array]:
        return np.sqrt(_rest(phi, m)), -0.5 * evaluate(_D, phi, m)


#: Below this n the two terms of Carlson's formula cancel.
CANCELS = -0.5

#: The share by which n is moved off 0, 1 and m, where the formulas of its derivatives are 0/0, and the bits for that.
NUDGE, BITS = 2.0**-100, 420


def _is_real(n: Any, phi: Any, m: Any) -> bool:
    """Whether no path from 0 to φ passes a zero of 1 − m·sin² or 1 − n·sin²."""
    largest = max(m, n)
    return bool(largest < 1 or (abs(phi) < CONTEXT.pi / 2 and largest * CONTEXT.sin(phi) ** 2 < 1))


def _third(n: Any, phi: Any, m: Any) -> tuple[Any, Any, Any, Any, Any, Any, Any]:
    """n and m off the singular values of what follows, E, F, Π, √(1 − m·sin²φ) and 1 − n·sin²φ."""
    if not _is_real(n, phi, m):
        raise ValueError
    if n in (0, 1, m):
        n = n * (1 + CONTEXT.mpf(NUDGE)) + (CONTEXT.mpf(NUDGE) if n == 0 else 0)
    if m == 1:
        m = m - CONTEXT.mpf(NUDGE)
    square = CONTEXT.sin(phi) ** 2
    e, f, pi = CONTEXT.ellipe(phi, m), CONTEXT.ellipf(phi, m), CONTEXT.ellippi(n, phi, m)
    return n, m, CONTEXT.re(e), CONTEXT.re(f), CONTEXT.re(pi), CONTEXT.sqrt(1 - m * square), 1 - n * square


def _third_kind(n: Any, phi: Any, m: Any) -> Any:
    return CONTEXT.re(CONTEXT.ellippi(n, phi, m)) if _is_real(n, phi, m) else CONTEXT.nan


def _by_n(n: Any, phi: Any, m: Any) -> Any:
    with CONTEXT.workprec(BITS):
        n, m, e, f, pi, delta, rest = _third(n, phi, m)
        last = n * delta * CONTEXT.sin(2 * phi) / (2 * rest)
        return (e + (m - n) * f / n + (n * n - m) * pi / n - last) / (2 * (m - n) * (n - 1))


def _by_m(n: Any, phi: Any, m: Any) -> Any:
    with CONTEXT.workprec(BITS):
        n, m, e, _, pi, delta, _ = _third(n, phi, m)
        return (e / (m - 1) + pi - m * CONTEXT.sin(2 * phi) / (2 * (m - 1) * delta)) / (2 * (n - m))


class EllipticPi(Primitive):
    """Incomplete elliptic integral of the third kind, of characteristic n, amplitude φ and parameter m."""

    name = "elliptic_pi"
    meaning = "elliptic_pi(n, phi, m)"
    domain = "m*sin(phi)**2 < 1 and n*sin(phi)**2 < 1"
    special = True

    def forward(n: Array, phi: Array, m: Array) -> Array:
        t = _turned(phi, m)
        value = t.sine * sc.elliprf(t.cosine2, t.rest, 1.0)
        value = value + n / 3.0 * t.sine**3 * sc.elliprj(t.cosine2, t.rest, 1.0, _pole(n, t))
        carlson = _whole(t, value, lambda m: _complete_third(n, m), m)
        if np.any(n < CANCELS):
            return np.where(n < CANCELS, number_by_number(_third_kind, n, phi, m), carlson)
        return carlson

    def derivative(n: Array, phi: Array, m: Array, y: Array) -> tuple[Array, Array, Array]:
        by_phi = 1.0 / (np.sqrt(_rest(phi, m)) * _rest(phi, n))
        return evaluate(_PiByN, n, phi, m), by_phi, evaluate(_PiByM, n, phi, m)


class _PiByN(Primitive, register=False):
    """∂Π/∂n (DLMF 19.4.7 in SymPy's arguments)."""

    name = "elliptic_pi_by_n"
    meaning = (
        "(elliptic_e(phi, m) + (m - n)*elliptic_f(phi, m)/n + (n**2 - m)*elliptic_pi(n, phi, m)/n"
        " - n*sqrt(1 - m*sin(phi)**2)*sin(2*phi)/(2*(1 - n*sin(phi)**2)))/(2*(m - n)*(n - 1))"
    )
    special = True

    def forward(n: Array, phi: Array, m: Array) -> Array:
        return number_by_number(_by_n, n, phi, m)

    def derivative(n: Array, phi: Array, m: Array, y: Array) -> tuple[Array, Array, Array]:
        return np.nan, np.nan, np.nan


class _PiByM(Primitive, register=False):
    """∂Π/∂m (DLMF 19.4.6 in SymPy's arguments)."""

    name = "elliptic_pi_by_m"
    meaning = (
        "(elliptic_e(phi, m)/(m - 1) + elliptic_pi(n, phi, m)"
        " - m*sin(2*phi)/(2*(m - 1)*sqrt(1 - m*sin(phi)**2)))/(2*(n - m))"
    )
    special = True

    def forward(n: Array, phi: Array, m: Array) -> Array:
        return number_by_number(_by_m, n, phi, m)

    def derivative(n: Array, phi: Array, m: Array, y: Array) -> tuple[Array, Array, Array]:
        return np.nan, np.nan, np.nan


def _pole(n: Array, t: _Turned) -> Array:
    """1 − n·sin², nan from its zero on."""
    square = t.sine * t.sine
    pole = np.where(n > 0.5, t.cosine2 + (1.0 - n) * square, 1.0 - n * square)
    return np.where((pole > 0.0) & ((n < 1.0) | (t.turns == 0.0)), pole, np.nan)


def _complete_third(n: Array, m: Array) -> Array:
    return sc.ellipk(m) + n / 3.0 * sc.elliprj(0.0, 1.0 - m, 1.0, np.where(n < 1.0, 1.0 - n, np.nan))
