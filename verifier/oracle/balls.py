"""Ball arithmetic: the functions of SymPy as functions of Arb balls (python-flint).

A ball is a midpoint and a radius; the result of every function here encloses the exact result for every real
number in its arguments (Johansson 2017, *Arb: efficient arbitrary-precision midpoint-radius interval
arithmetic*). ``nan`` means that nothing is known: outside a domain, at a pole, at a tie. Results that are
complex count as outside the domain.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpq, fmpz, fmpz_poly

from .elliptic_balls import elliptic_d, elliptic_e, elliptic_g, elliptic_pi, legendre, real
from .frugal import LARGE_ORDER, frugal, of_orders
from .frugal import NAN as NAN
from .frugal import precision as precision
from .hypergeometric_balls import HYPERGEOMETRIC
from .meanings import EllipticD, EllipticG, PolylogQuotient, SinhQuotient, ZetaSlope

#: What every function here takes and gives.
Ball = arb

ZERO, ONE = arb(0), arb(1)
UNIT = arb(0, 1)

#: Beyond this many bits an exact power is no longer computed by repeated multiplication.
LARGEST_EXACT_EXPONENT = 1 << 16


@lru_cache(maxsize=4096)
def _rational(numerator: int, denominator: int, bits: int) -> arb:
    with precision(bits):  # which another thread may change as soon as it was read
        return arb(fmpq(numerator, denominator))


@lru_cache(maxsize=256)
def _named(name: str, bits: int) -> arb:
    with precision(bits):
        return {"pi": arb.pi(), "E": arb.const_e(), "inf": arb.pos_inf(), "-inf": arb.neg_inf()}.get(name, NAN)


def constant(value: Fraction | str) -> arb:
    """The ball of a tape's exact constant at the current precision."""
    if isinstance(value, str):
        return _named(value, ctx.prec)
    return _rational(value.numerator, value.denominator, ctx.prec)


def power(x: arb, n: int) -> arb:
    """x**n by multiplication: Arb's own power of a ball around 0 is nan."""
    if n < 0:
        return 1 / power(x, -n)
    if n > LARGEST_EXACT_EXPONENT:
        return x ** fmpz(n) if x.is_exact() else _wide_power(x, n)
    result, square, m = ONE, x, n
    while m:
        if m & 1:
            result = result * square
        m >>= 1
        if m:
            square = square * square
    return result.nonnegative_part() if n % 2 == 0 else result


def _wide_power(x: arb, n: int) -> arb:
    size = abs(x)
    result = (size.log() * n).exp()
    return result if n % 2 == 0 or x > 0 else -result if x < 0 else result.union(-result)


def rational_power(x: arb, p: int, q: int) -> arb:
    """The real x**(p/q) for x >= 0; nan where x may be negative."""
    if not (x.is_finite() or x.is_exact()):
        return NAN  # as in general_power
    if x.is_zero():
        return arb(0) if p > 0 else NAN  # not ZERO, which says that nothing near the point is anything else
    return x ** arb(fmpq(p, q))


def general_power(x: arb, y: arb) -> arb:
    """x**y with its exact cases: an integer y takes any x, 0**y is 0 for y > 0, x**0 is 1."""
    if y.is_exact() and y.is_finite() and int(y.man_exp()[1]) > 1024:
        x = abs(x)  # an even number of more bits than memory may have: it is never written out
    elif y.is_exact() and y.is_integer():
        n = int(y.unique_fmpz() or 0)
        if n == 0:
            return ONE
        if abs(n) <= LARGEST_EXACT_EXPONENT or x < 0:
            return power(x, n)
    if x.is_zero():
        return arb(0) if y > 0 else NAN  # not ZERO either
    if not all(ball.is_finite() or ball.is_exact() for ball in (x, y)):
        return NAN  # Arb's power of a ball with an infinite middle and radius ends the process
    return x**y


#: From here on some of Arb's functions take seconds for a ball, though not for its two ends.
FAR_OUT = 1e4


#: From here on to the left polygamma is reflected.
FAR_LEFT = 64


@of_orders
def _polygamma(n: arb, x: arb) -> arb:
    if n.is_zero():
        return x.digamma()
    if not (n.is_exact() and n.is_integer() and n > 0):
        return NAN  # Arb's function goes on beyond what is declared here, to n = −1 say
    if x < -FAR_LEFT and n < LARGE_ORDER:
        return _reflected_polygamma(int(n.unique_fmpz() or 0), x)
    return real(acb.polygamma(acb(x), acb(n)))


def _reflected_polygamma(n: int, x: arb) -> arb:
    """ψₙ(x) = (−1)ⁿ·ψₙ(1 − x) − π·dⁿ/dxⁿ cot(πx) (DLMF 5.15.6): far left of 0 Arb's own has no finite ball."""
    mirrored: arb = real(acb.polygamma(acb(1 - x), acb(n)))
    slope: arb = _cotangent(n)(x.cot_pi()) * power(arb.pi(), n + 1)
    return (-mirrored if n % 2 else mirrored) - slope


@lru_cache(maxsize=64)
def _cotangent(n: int) -> fmpz_poly:
    """The n-th derivative of cot as a polynomial of cot, whose own is −(1 + cot²)."""
    found = fmpz_poly([0, 1])
    for _ in range(n):
        found = found.derivative() * fmpz_poly([-1, 0, -1])
    return found


def _bessel(function: Callable[[Any, Any], Any]) -> Callable[[arb, arb], arb]:
    return of_orders(lambda n, x: real(function(acb(x), acb(n))))


def _of_positive(function: Callable[[arb, arb], arb]) -> Callable[[arb, arb], arb]:
    """A function that is complex for x < 0, by an imaginary part that may be too small for a ball to show."""
    return lambda n, x: NAN if x < 0 else function(n, x)


def _of_positive_or_whole(function: Callable[[arb, arb], arb]) -> Callable[[arb, arb], arb]:
    """As :func:`_of_positive`, but for whole orders, at which the function is real everywhere."""
    return lambda n, x: NAN if x < 0 and not _is_whole(n) else function(n, x)


def _by_ends(function: Callable[[arb, arb], arb]) -> Callable[[arb, arb], arb]:
    """A function that is monotone in its last argument where that is large, from the two ends of a ball there."""

    def evaluate(n: arb, x: arb) -> arb:
        if x.is_exact() or not abs(x) > FAR_OUT or not abs(n) < FAR_OUT / 10:
            return function(n, x)
        return function(n, x.lower()).union(function(n, x.upper()))

    return evaluate


def _bessel_k(n: arb, x: arb) -> arb:
    """K in at most 640 bits: between its series and its expansion at infinity Arb takes seconds for more."""
    with precision(min(ctx.prec, 640)):
        return _bessel(acb.bessel_k)(n, x)


def _erfinv(x: arb) -> arb:
    """Arb's inverse error function takes points only; on a ball it is monotone."""
    return x.erfinv() if x.is_exact() else _monotone(arb.erfinv, x)


def _erfc(x: arb) -> arb:
    """On a ball far out Arb loses all digits from x = 10⁶ on: there the ends of a falling function have them."""
    return _monotone(arb.erfc, x) if x > FAR_OUT and not x.is_exact() else x.erfc()


def _monotone(function: Callable[[arb], arb], x: arb) -> arb:
    return function(x.lower()).union(function(x.upper()))


def _tanh(x: arb) -> arb:
    """Arb does not clip the tanh of a wide ball to [-1, 1]."""
    return x.tanh() if x.is_exact() or x.rad() < 1e-3 else _monotone(arb.tanh, x)


def _is_whole(n: arb) -> bool:
    return bool(n.is_exact() and n.is_integer())


def _polylog(s: arb, z: arb) -> arb:
    if z > 1:  # complex, by an imaginary part that may be too small to show; of orders 0, −1, −2, … rational
        return real(acb(z).polylog(acb(s))) if _is_whole(s) and s <= 0 else NAN
    if s > 3:  # |Liₛ(z) − z| ≤ 2z²·2⁻ˢ, by the integral (DLMF 25.12.11): Arb takes seconds for large orders
        rest = abs(z) * arb(2) ** (1 - s)
        if rest < arb(2) ** -ctx.prec or (s > LARGE_ORDER and z <= 1):
            return z * (1 + UNIT * rest)
    return real(acb(z).polylog(acb(s)))


#: Below this Liₛ(z)/z is its power series.
SMALL_ARGUMENT = 0.125


def _polylog_quotient(s: arb, z: arb) -> arb:
    """Σ zᵏ⁻¹/kˢ near 0; of a term that is left out the ratio to the one before is at most |z|·(1 + 1/k)^|s|."""
    if not abs(z) < SMALL_ARGUMENT:
        return _polylog(s, z) / z
    total, power, k = ZERO, ONE, 1
    while True:
        term = power * arb(k) ** -s
        ratio = abs(z) * (ONE + ONE / k) ** abs(s)
        if ratio < 0.5 and (abs(term) < abs(total) * arb(2) ** -ctx.prec or k > 4 * ctx.prec):
            return total + UNIT * 2 * abs(term)
        if k > 4 * ctx.prec + 10_000:
            return NAN
        total, power, k = total + term, power * z, k + 1


def _zeta(s: arb, a: arb = ONE) -> arb:
    """ζ(s, a), complex left of 0 unless s is whole: a polynomial of s < 1; of s > 1 polygamma (DLMF 25.11.12)."""
    if a > 0 or (_is_whole(s) and s < 1):
        return real(acb(s).zeta(acb(a)))
    if not (_is_whole(s) and s > 1):
        return NAN
    derivative = _polygamma(s - 1, a) / s.gamma()
    return derivative if int(s.unique_fmpz() or 0) % 2 == 0 else -derivative


def _zeta_slope(s: arb, a: arb) -> arb:
    """s·ζ(s + 1, a), whose pole at s = 0 the factor cancels."""
    return ONE if s.is_zero() else s * _zeta(s + 1, a)


def _lower_gamma(s: arb, x: arb) -> arb:
    """γ(s, x), where s is large and x beside it without Arb's series, which takes seconds and loses its digits."""
    if x < 0 and not _is_whole(s):
        return NAN
    return s.gamma() - x.gamma_upper(s) if s > LARGE_ORDER and 2 * x > s else x.gamma_lower(s)


def _upper_gamma(s: arb, x: arb) -> arb:
    """Γ(s, x), real left of 0 for s = 1, 2, 3, …: (s − 1)!·exp(−x)·Σ xᵏ/k! for k < s (DLMF 8.4.8)."""
    return NAN if x < 0 and not (_is_whole(s) and s > 0) else x.gamma_upper(s)


def _expint(n: arb, x: arb) -> arb:
    """E of order n, Γ(1 − n, x)·xⁿ⁻¹."""
    return NAN if x < 0 and not (_is_whole(n) and n <= 0) else x.expint(n)


def acot(x: arb) -> arb:
    """atan(1/x), π/2 at 0 as SymPy has it; both sides of its jump where a ball holds 0 and more."""
    if x.is_zero():
        return arb.pi() / 2
    return UNIT * arb.pi() / 2 if x.contains(0) else (1 / x).atan()


def acot_off_zero(x: arb) -> arb:
    """acot with nothing known on its jump."""
    return NAN if x.contains(0) else (1 / x).atan()


def atan2_off_the_cut(y: arb, x: arb) -> arb:
    """atan2 with nothing known on its jump, the negative half axis, and at the origin."""
    return NAN if y.contains(0) and not x > 0 else arb.atan2(y, x)


#: SymPy's function class → the same function of balls.
FUNCTIONS: dict[Any, Callable[..., arb]] = {
    sp.exp: arb.exp,
    sp.log: arb.log,
    sp.sin: arb.sin,
    sp.cos: arb.cos,
    sp.tan: arb.tan,
    sp.sec: arb.sec,
    sp.csc: arb.csc,
    sp.cot: arb.cot,
    sp.asin: arb.asin,
    sp.acos: arb.acos,
    sp.atan: arb.atan,
    sp.acot: acot,
    sp.asec: lambda x: (1 / x).acos(),
    sp.acsc: lambda x: (1 / x).asin(),
    sp.atan2: arb.atan2,
    sp.sinh: arb.sinh,
    sp.cosh: arb.cosh,
    sp.tanh: _tanh,
    sp.sech: arb.sech,
    sp.csch: arb.csch,
    sp.coth: arb.coth,
    sp.asinh: arb.asinh,
    sp.acosh: arb.acosh,
    sp.atanh: arb.atanh,
    sp.asech: lambda x: (1 / x).acosh(),
    sp.acsch: lambda x: (1 / x).asinh(),
    sp.acoth: lambda x: (1 / x).atanh(),
    sp.erf: frugal(arb.erf),
    sp.erfc: frugal(_erfc),
    sp.erfi: frugal(arb.erfi),
    sp.erfinv: _erfinv,
    sp.gamma: frugal(arb.gamma),
    sp.loggamma: frugal(arb.lgamma),
    sp.polygamma: _polygamma,
    sp.besselj: _of_positive_or_whole(_bessel(acb.bessel_j)),
    sp.bessely: _of_positive(_bessel(acb.bessel_y)),
    sp.besseli: _by_ends(_of_positive_or_whole(_bessel(acb.bessel_i))),
    sp.besselk: _by_ends(_of_positive(_bessel_k)),
    sp.airyai: frugal(arb.airy_ai),
    sp.airybi: frugal(arb.airy_bi),
    sp.airyaiprime: frugal(lambda x: x.airy_ai(derivative=1)),
    sp.airybiprime: frugal(lambda x: x.airy_bi(derivative=1)),
    sp.Ei: frugal(arb.ei),
    sp.li: frugal(arb.li),
    sp.expint: _by_ends(of_orders(_expint)),
    sp.Si: frugal(arb.si),
    sp.Ci: frugal(arb.ci),
    sp.Shi: frugal(arb.shi),
    sp.Chi: frugal(arb.chi),
    sp.fresnels: frugal(arb.fresnel_s),
    sp.fresnelc: frugal(arb.fresnel_c),
    sp.LambertW: frugal(arb.lambertw),
    sp.elliptic_k: frugal(lambda m: real(acb(m).elliptic_k())),
    sp.elliptic_e: frugal(elliptic_e),
    sp.elliptic_f: frugal(legendre(acb.elliptic_f)),
    sp.elliptic_pi: frugal(elliptic_pi),
    EllipticD: frugal(elliptic_d),
    EllipticG: frugal(elliptic_g),
    sp.polylog: of_orders(_polylog),
    PolylogQuotient: of_orders(_polylog_quotient),
    sp.zeta: of_orders(_zeta),
    ZetaSlope: of_orders(_zeta_slope),
    sp.lowergamma: of_orders(_lower_gamma),
    sp.uppergamma: _by_ends(of_orders(_upper_gamma)),
    sp.sinc: arb.sinc,
    SinhQuotient: frugal(lambda x: x.sinh() / x if abs(x) > 1 else real(acb(0, x).sinc())),
}


def call(e: Any) -> tuple[Callable[..., arb] | None, tuple[Any, ...]]:
    """The function of balls that an expression calls, None where Arb has none, and its arguments one by one."""
    if e.func is not sp.hyper:
        return FUNCTIONS.get(e.func), e.args
    above, below, z = e.args
    return HYPERGEOMETRIC.get((len(above), len(below))), (*above, *below, z)


def holds(relation: str, left: arb, right: arb) -> bool | None:
    """Whether a comparison of two balls is true, None where that cannot be told: at a tie, or too wide."""
    if left > right:
        return relation in (">", ">=", "!=")
    if left < right:
        return relation in ("<", "<=", "!=")
    return None


def holds_exactly(relation: str, left: arb, right: arb) -> bool | None:
    """As :func:`holds`, and an exact tie is decided too, as a program decides it."""
    decided = holds(relation, left, right)
    if decided is None and (left - right).is_zero():
        return relation in ("<=", ">=", "==")
    return decided


def as_text(ball: arb, digits: int = 20) -> str:
    """The midpoint to at most ``digits`` digits, fewer where the ball holds fewer; nan and infinities as words."""
    if ball.is_nan():
        return "nan"
    if not ball.is_finite():
        return "inf" if ball > 0 else "-inf" if ball < 0 else "nan"
    bits = digits * 4 + 16
    with precision(max(ctx.prec, bits)):
        return str(ball.str(digits, radius=False, more=False))
