"""Composite functions in mpmath, which shares no code with SymPy's derivatives or with Arb.

Derivatives are difference quotients of values in very many digits, so that no derivative formula is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath as mp

from gradjury.engine.primitives.piecewise import RELATIONS
from gradjury.engine.tape import Constant, Tape

from ..engine.primitives import (
    test_activations,
    test_arithmetic,
    test_exponential,
    test_hyperbolic,
    test_piecewise,
    test_powers,
    test_trigonometric,
)

FAMILIES = (
    test_arithmetic,
    test_powers,
    test_exponential,
    test_trigonometric,
    test_hyperbolic,
    test_piecewise,
    test_activations,
)
#: Digits in which values are computed and the decimal exponent of a step, at ordinary points and at tiny or huge ones.
ORDINARY, EXTREME = (220, 60), (2200, 700)


class NotReal(Exception):
    """The function has no real value at this point."""


def _power(a: Any, b: Any) -> Any:
    if a == 0 and b <= 0:
        if b == 0:
            return mp.mpf(1)
        raise NotReal
    return mp.power(a, b)


def lower_gamma(s: Any, x: Any) -> Any:
    """γ(s, x) by Kummer's function (DLMF 8.5.1): mpmath's own recurses without end for x < 0."""
    return mp.power(x, s) / s * mp.hyp1f1(s, s + 1, -x)


def hurwitz_zeta(s: Any, a: Any) -> Any:
    """ζ(s, a) by recurrence from a > 0 (DLMF 25.11.3): in few digits mpmath's own is wrong at a = −70."""
    if a > 0:
        return mp.zeta(s, a)
    steps = int(mp.floor(-a)) + 1
    return mp.fsum(mp.power(a + k, -s) for k in range(steps)) + mp.zeta(s, a + steps)


def _gauss(a: Any, b: Any, c: Any, z: Any) -> Any:
    """2F1 without the imaginary part that rounding gives mpmath's where z > 1."""
    value = mp.hyp2f1(a, b, c, z)
    return mp.re(value) if abs(mp.im(value)) < mp.mpf(10) ** (10 - mp.mp.dps) * abs(value) else value


def _where(left: Any, right: Any, a: Any, b: Any, relation: str) -> Any:
    return a if RELATIONS[relation](left, right) else b


def _legendre(function: Callable[..., Any]) -> Callable[..., Any]:
    """An incomplete elliptic integral where it is real: on no path past a zero of 1 − m·sin²."""

    def of_reals(*arguments: Any) -> Any:
        phi, m = arguments[-2:]
        past = m * mp.sin(phi) ** 2 >= 1 or (m >= 1 and abs(phi) > mp.pi / 2)
        return mp.nan if past else mp.re(function(*arguments))

    return of_reals


#: Every primitive by its name, as a function of its arguments and constants.
FORMULAS: dict[str, Callable[..., Any]] = {
    **{name: formulas[0] for family in FAMILIES for name, formulas in family.FORMULAS.items()},
    "powc": _power,
    "pow": _power,
    "where": _where,
    # those of the families set a precision of their own, or are real where they should be
    "logaddexp": lambda a, b: mp.log(mp.exp(a) + mp.exp(b)),
    "mish": lambda x: x * mp.tanh(mp.log(1 + mp.exp(x))),
    "asec": mp.asec,
    "acsc": mp.acsc,
    "airyai": mp.airyai,
    "airyaiprime": lambda x: mp.airyai(x, derivative=1),
    "airybi": mp.airybi,
    "airybiprime": lambda x: mp.airybi(x, derivative=1),
    "besselj": mp.besselj,
    "bessely": mp.bessely,
    "besseli": mp.besseli,
    "besselk": mp.besselk,
    "i0": lambda x: mp.besseli(0, x),
    "i1": lambda x: mp.besseli(1, x),
    "elliptic_k": mp.ellipk,
    "elliptic_e": mp.ellipe,
    "elliptic_f": _legendre(mp.ellipf),
    "elliptic_e_incomplete": _legendre(mp.ellipe),
    "elliptic_pi": _legendre(mp.ellippi),
    "polylog": lambda s, z: mp.re(mp.polylog(s, z)) if z <= 1 or (s <= 0 and mp.isint(s)) else mp.nan,
    "zeta": lambda s, a: hurwitz_zeta(s, a) if a > 0 or mp.isint(s) else mp.nan,
    "hyp2f1": _gauss,
    "hyp1f1": mp.hyp1f1,
    "hyp0f1": mp.hyp0f1,
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfi": mp.erfi,
    "erfinv": mp.erfinv,
    "gamma": mp.gamma,
    "loggamma": mp.loggamma,
    "digamma": mp.digamma,
    "polygamma": mp.psi,
    "lowergamma": lower_gamma,
    "uppergamma": lambda s, x: mp.gammainc(s, x),
    "Ei": mp.ei,
    "li": mp.li,
    "expint": mp.expint,
    "Si": mp.si,
    "Ci": mp.ci,
    "Shi": mp.shi,
    "Chi": mp.chi,
    "fresnels": mp.fresnels,
    "fresnelc": mp.fresnelc,
    "LambertW": mp.lambertw,
}


def exact(value: Any) -> Any:
    """A constant of a tape, or a float, at the current precision; a relation as it is."""
    if isinstance(value, str):
        named = {"pi": mp.pi, "E": mp.e, "nan": mp.nan, "inf": mp.inf, "-inf": -mp.inf}
        return +named[value] if value in named else value
    value = Fraction(value)
    return mp.mpf(value.numerator) / value.denominator


def real(function: Callable[..., Any], *arguments: Any) -> Any:
    """The value of a function of mpmath.

    Raises:
        NotReal: it has no finite real value there.
    """
    try:
        result = function(*arguments)
    except (ZeroDivisionError, ValueError) as error:
        raise NotReal(str(error)) from None
    if result is None or isinstance(result, mp.mpc) or not mp.isfinite(result):
        raise NotReal(f"{function.__name__}{arguments} = {result}")
    return mp.mpf(result)


def call(name: str, *arguments: Any) -> Any:
    """One primitive on exact numbers and constants."""
    return real(FORMULAS[name], *arguments)


def values(tape: Tape, point: Sequence[Any]) -> list[Any]:
    """The value of every node at a point of mpmath numbers, at the current precision."""
    found = [mp.mpf(x) for x in point]
    for node in tape.nodes[len(found) :]:
        if node.primitive is Constant:
            found.append(exact(node.consts[0]))
        else:
            found.append(call(node.primitive.name, *(found[a] for a in node.args), *map(exact, node.consts)))
    return found


def _moved(tape: Tape, point: Sequence[Any], j: int, step: Any) -> Any:
    at = [mp.mpf(x) for x in point]
    at[j] += step
    return values(tape, at)[tape.output]


def _digits(point: Sequence[float]) -> tuple[int, int]:
    return ORDINARY if all(x == 0 or 1e-9 < abs(x) < 1e9 for x in point) else EXTREME


def slope(tape: Tape, point: Sequence[float], j: int, side: int) -> Any:
    """The derivative to one side (−1 or 1), from values beside the point alone: the point itself is not touched."""
    digits, step = _digits(point)
    with mp.workdps(digits):
        h = side * mp.mpf(10) ** -step
        near, far = (_moved(tape, point, j, s) for s in (h, 2 * h))
        return (far - near) / h


def derivative(tape: Tape, point: Sequence[float], j: int) -> Any:
    """The derivative from a central difference, right to some 50 digits and more where the function is smooth."""
    digits, step = _digits(point)
    with mp.workdps(digits):
        h = mp.mpf(10) ** -step
        return (_moved(tape, point, j, h) - _moved(tape, point, j, -h)) / (2 * h)


def contains(ball: Any, truth: Any) -> bool:
    """Whether an Arb ball holds a number of mpmath, to the digits that truths here have.

    Some 45, relative; and where a derivative may be 0, its difference is what the rounding of values divided by the
    step leaves, some 10^-160.
    """
    with mp.workdps(ORDINARY[0]):
        noise = mp.mpf(10) ** (ORDINARY[1] + 15 - ORDINARY[0]) if ball.contains(0) else 0
        return bool(abs(as_mpf(ball.mid()) - truth) <= as_mpf(ball.rad()) + abs(truth) * mp.mpf(10) ** -45 + noise)


def as_mpf(number: Any) -> Any:
    """An exact ball as a number of mpmath."""
    mantissa, exponent = number.man_exp()
    return mp.ldexp(mp.mpf(int(mantissa)), int(exponent))
