"""Incomplete elliptic integrals of Legendre's forms, by Carlson's symmetric ones.

F(φ, m), E(φ, m) and Π(n, φ, m), as SymPy orders their arguments.

SciPy's end at m = 1; Carlson's (SciPy has those too) go on to m·sin²φ = 1. Of the formulas for E the one whose terms
have one sign (DLMF 19.25.9–11). Derivatives by m are integrals of the same kind, without the 0/0 of DLMF 19.4 at m = 0
and 1. Beyond a quarter turn the complete integrals are added, two for each half turn (DLMF 19.2.10). The derivatives
of the third kind by n and m are integrals by Gauss's quadrature.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.special as sc

from ..primitive import Primitive
from .accurate import evaluate

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
    sine, cosine = np.sin(phi), np.cos(phi)  # whose square may be subnormal, beside a huge m
    return np.where(m > 0.5, cosine * cosine + (1.0 - m) * sine * sine, 1.0 - m * sine * sine)[()]


def _by_halves(x: Array, z: Array) -> tuple[Array, Array]:
    """Two numbers whose product is RD(x, 1, z)/3: of a huge z it may be no float, and many times it be one."""
    by = np.clip(z, 1.0, 1e300)  # RD(x, 1, z) = RD(x/by, 1/by, z/by)/by^(3/2)
    root = by**-0.75
    return root * sc.elliprd(x / by, 1.0 / by, z / by) / 3.0, root


class _D(Primitive, register=False):
    """∫ sin²/√(1 − m·sin²), which is −2 ∂E/∂m."""

    name = "elliptic_d"
    meaning = "(elliptic_f(phi, m) - elliptic_e(phi, m))/m"
    special = True

    def forward(phi: Array, m: Array) -> Array:
        t = _turned(phi, m)
        value = t.sine**3 / 3.0 * sc.elliprd(t.cosine2, t.rest, 1.0)
        return _whole(t, value, lambda m: sc.elliprd(0.0, 1.0 - m, 1.0) / 3.0, m)

    def derivative(phi: Array, m: Array, y: Array) -> tuple[Array, Array]:
        sine = np.sin(phi)
        far, apart = _far(m)
        by_m = 0.5 * (evaluate(_G, phi, apart) - evaluate(_D, phi, apart)) / apart
        by_m = np.where(far, by_m, 0.5 * _sines(0.0, phi, m, 2.0, 0.0, 1.5))
        return sine * sine / np.sqrt(_rest(phi, m)), by_m


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
        of_first, first = _by_halves(t.cosine2, t.rest)
        of_complete, complete = _by_halves(0.0, 1.0 - m)
        turned = t._replace(turns=t.turns * complete)
        return _whole(turned, t.sine**3 * first * of_first, lambda m: of_complete, m)

    def derivative(phi: Array, m: Array, y: Array) -> tuple[Array, Array]:
        sine, rest = np.sin(phi), _rest(phi, m)
        cube = rest * np.sqrt(rest)
        far, apart = _far(m)
        by_m = 1.5 * y - 0.5 * (y - evaluate(_D, phi, m)) / apart - 0.5 * sine * sine * sine * np.cos(phi) / cube
        return sine * sine / cube, np.where(far, by_m / (1.0 - apart), 1.5 * _sines(0.0, phi, m, 2.0, 0.0, 2.5))


class _Sines(Primitive, register=False):
    """∫ (sin²)^square/((1 − n·sin²)^pole·(1 − m·sin²)^root), by quadrature.

    The slopes of D, G and the slopes of Π: quotients of differences otherwise.
    """

    name = "integral_of_sines"
    meaning = "Integral(sin(t)**(2*square)/((1 - n*sin(t)**2)**pole*(1 - m*sin(t)**2)**root), (t, 0, phi))"
    special = True

    def forward(n: Array, phi: Array, m: Array, *, square: Any, pole: Any, root: Any) -> Array:
        return _integral((float(square), float(pole), float(root)), n, phi, m)

    def derivative(
        n: Array, phi: Array, m: Array, y: Array, *, square: Any, pole: Any, root: Any
    ) -> tuple[Array, Array, Array]:
        return _slopes_of_sines(n, phi, m, float(square), float(pole), float(root))


def _sines(n: Array, phi: Array, m: Array, square: float, pole: float, root: float) -> Array:
    return evaluate(_Sines, n, phi, m, square=square, pole=pole, root=root)


def _slopes_of_sines(
    n: Array, phi: Array, m: Array, square: float, pole: float, root: float
) -> tuple[Array, Array, Array]:
    sine = np.sin(phi)
    by_n = pole * _sines(n, phi, m, square + 1.0, pole + 1.0, root) if pole else 0.0
    by_phi = (sine * sine) ** square / (_rest(phi, n) ** pole * _rest(phi, m) ** root)
    return by_n, by_phi, root * _sines(n, phi, m, square + 1.0, pole, root + 1.0)


#: Left of this m integrals have a peak that is narrower than what the quadrature sees, and no quotient cancels.
PEAK = -1e9


def _far(m: Array) -> tuple[Array, Array]:
    """Whether m is left of ``PEAK``; and m where it is, else ``PEAK``."""
    far = m < PEAK
    return far, np.where(far, m, PEAK)


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
        f, root = sine * sc.elliprf(t.cosine2, t.rest, 1.0), np.sqrt(t.rest)
        third = m * sine * sine * sine / 3.0  # from the left: m is huge where the cube would be 0
        below_0 = f - third * sc.elliprd(t.cosine2, t.rest, 1.0)
        to_1 = (1.0 - m) * (f + third * sc.elliprd(t.cosine2, 1.0, t.rest)) + m * sine * cosine / root
        beyond = (1.0 - 1.0 / m) * third * sc.elliprd(t.rest, 1.0, t.cosine2) + sine * root / cosine
        value = np.where(m <= 0.0, below_0, np.where(m <= 1.0, to_1, beyond))
        return _whole(t, value, sc.ellipe, m)

    def derivative(phi: Array, m: Array, y: Array) -> tuple[Array, Array]:
        return np.sqrt(_rest(phi, m)), -0.5 * evaluate(_D, phi, m)


#: Below this n the two terms of Carlson's formula for Π cancel.
CANCELS = -0.5

#: Gauss's quadrature from 0 to 1 in panels that halve towards both ends: towards 0, where large −n and −m have their
#: peak, and towards the amplitude, beyond which a pole may be near. The narrowest is 2**-LEVELS of the whole.
LEVELS, GAUSS, ROWS = 24, 14, 2048


def _panels() -> tuple[Array, Array]:
    halves = [0.0, *(2.0**-k for k in range(LEVELS, 0, -1))]
    ends = [*halves, *(1.0 - end for end in halves[-2::-1])]
    nodes, weights = np.polynomial.legendre.leggauss(GAUSS)
    starts, widths = np.array(ends[:-1])[:, None], np.diff(ends)[:, None]
    return (starts + 0.5 * widths * (1.0 + nodes)).ravel(), (0.5 * widths * weights).ravel()


NODES, WEIGHTS = _panels()


def _quadrature(n: Array, phi: Array, m: Array, square: float, pole: float, root: float) -> Array:
    """∫ (sin²)^square/((1 − n·sin²)^pole·(1 − m·sin²)^root) from 0 to φ, within a quarter turn."""
    found = np.empty(phi.shape)
    for start in range(0, len(phi), ROWS):
        rows = slice(start, start + ROWS)
        theta = phi[rows, None] * NODES
        of_n, of_m = _rest(theta, n[rows, None]), _rest(theta, m[rows, None])
        found[rows] = phi[rows] * np.sum(WEIGHTS * np.sin(theta) ** (2.0 * square) / (of_n**pole * of_m**root), axis=-1)
    return found


def _integral(powers: tuple[float, float, float], *at: Array) -> Array:
    """As :func:`_quadrature` at any amplitude; nan past a zero of 1 − n·sin² or 1 − m·sin²."""
    dtype = np.result_type(*at)
    shape = np.broadcast_shapes(*(np.shape(x) for x in at))
    n, phi, m = (np.broadcast_to(np.asarray(x, np.float64), shape).ravel() for x in at)
    turns = np.floor(phi / np.pi + 0.5)
    largest = np.maximum(n, m)
    real = (largest < 1.0) | ((turns == 0.0) & (_rest(phi, largest) > 0.0))
    n, phi, m, turns = (np.where(real, x, 0.0) for x in (n, phi, m, turns))
    within = np.arctan2(np.sin(phi), np.cos(phi))  # the same but for whole turns, which are even
    within = np.where(np.mod(turns, 2.0) == 1.0, within - np.copysign(np.pi, within), within)
    value = _quadrature(n, within, m, *powers)
    if np.any(turns):
        value = value + 2.0 * turns * _quadrature(n, np.full_like(phi, 0.5 * np.pi), m, *powers)
    return np.where(real, value, np.nan).reshape(shape).astype(dtype)[()]


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
            return np.where(n < CANCELS, _integral((0.0, 1.0, 0.5), n, phi, m), carlson)
        return carlson

    def derivative(n: Array, phi: Array, m: Array, y: Array) -> tuple[Array, Array, Array]:
        by_phi = 1.0 / (np.sqrt(_rest(phi, m)) * _rest(phi, n))
        return evaluate(_PiByN, n, phi, m), by_phi, evaluate(_PiByM, n, phi, m)


class _PiByN(Primitive, register=False):
    """∂Π/∂n: DLMF 19.2.7 differentiated under the integral; the meaning is SymPy's derivative."""

    name = "elliptic_pi_by_n"
    meaning = (
        "(elliptic_e(phi, m) + (m - n)*elliptic_f(phi, m)/n + (n**2 - m)*elliptic_pi(n, phi, m)/n"
        " - n*sqrt(1 - m*sin(phi)**2)*sin(2*phi)/(2*(1 - n*sin(phi)**2)))/(2*(m - n)*(n - 1))"
    )
    special = True

    def forward(n: Array, phi: Array, m: Array) -> Array:
        return _integral((1.0, 2.0, 0.5), n, phi, m)

    def derivative(n: Array, phi: Array, m: Array, y: Array) -> tuple[Array, Array, Array]:
        return _slopes_of_sines(n, phi, m, 1.0, 2.0, 0.5)


class _PiByM(Primitive, register=False):
    """∂Π/∂m: as ∂Π/∂n."""

    name = "elliptic_pi_by_m"
    meaning = (
        "(elliptic_e(phi, m)/(m - 1) + elliptic_pi(n, phi, m)"
        " - m*sin(2*phi)/(2*(m - 1)*sqrt(1 - m*sin(phi)**2)))/(2*(n - m))"
    )
    special = True

    def forward(n: Array, phi: Array, m: Array) -> Array:
        return 0.5 * _integral((1.0, 1.0, 1.5), n, phi, m)

    def derivative(n: Array, phi: Array, m: Array, y: Array) -> tuple[Array, Array, Array]:
        by_n, by_phi, by_m = _slopes_of_sines(n, phi, m, 1.0, 1.0, 1.5)
        return 0.5 * by_n, 0.5 * by_phi, 0.5 * by_m


def _pole(n: Array, t: _Turned) -> Array:
    """1 − n·sin², nan from its zero on."""
    square = t.sine * t.sine
    pole = np.where(n > 0.5, t.cosine2 + (1.0 - n) * square, 1.0 - n * square)
    return np.where((pole > 0.0) & ((n < 1.0) | (t.turns == 0.0)), pole, np.nan)


def _complete_third(n: Array, m: Array) -> Array:
    return sc.ellipk(m) + n / 3.0 * sc.elliprj(0.0, 1.0 - m, 1.0, np.where(n < 1.0, 1.0 - n, np.nan))
