"""Truncated generalised power series in h → 0+: Σ c·hᵉ·(log h)ᵏ with rational exponents e.

Coefficients are exact rationals where possible, balls otherwise, so that the sign of a leading coefficient is
decided, not guessed; what cannot be decided raises :class:`Undecided`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from . import balls

Coefficient = Any  # fmpq (exact) or arb
#: Of h; an int wherever it is whole, as most are: adding and comparing exponents is most of the work.
Exponent = int | Fraction
Exponents = tuple[Exponent, int]

#: Relative order to which series are carried at most: enough for the first derivative after a division by h⁴.
ORDER = 6
#: What most points need: the first derivative after a division by h. Higher terms are most of a series' work.
FIRST_ORDER = 3
INFINITE = 10**9
CONSTANT: Exponents = (0, 0)


class _Carried(threading.local):
    """The relative order to which this thread's series are carried now."""

    order = ORDER


_carried = _Carried()


def carried() -> int:
    """The relative order to which series are carried now."""
    return _carried.order


@contextmanager
def carrying(order: int) -> Iterator[None]:
    """Within this context series are carried to a relative order: what that leaves open is Undecided."""
    before, _carried.order = _carried.order, order
    try:
        yield
    finally:
        _carried.order = before


class Undecided(Exception):
    """A series lost what the decision needs."""


class PrecisionLost(Undecided):
    """A ball could not be told from 0: more bits may help."""


class Singular(Undecided):
    """A function has no finite value at an exactly known point, and no series for it stands here."""


class OutsideDomain(Exception):
    """To this side the function is not real."""


def as_exponent(value: Any) -> Exponent:
    """A rational number (int, Fraction or fmpq) as an exponent."""
    if isinstance(value, int):
        return value
    rational = Fraction(int(value.numerator), int(value.denominator))
    return rational.numerator if rational.denominator == 1 else rational


def _is_zero(c: Coefficient) -> bool:
    return bool(c.is_zero()) if isinstance(c, arb) else c == 0


def as_ball(c: Coefficient) -> arb:
    """A coefficient as a ball, exact ones with radius 0 where the precision holds them."""
    return c if isinstance(c, arb) else arb(c)


def times(a: Coefficient, b: Coefficient) -> Coefficient:
    """a·b, exact where both are; exact zero times anything is zero."""
    if _is_zero(a) or _is_zero(b):
        return fmpq(0)
    return a * b if type(a) is type(b) else as_ball(a) * as_ball(b)


def plus(a: Coefficient, b: Coefficient) -> Coefficient:
    """a + b, exact where both are."""
    return a + b if type(a) is type(b) else as_ball(a) + as_ball(b)


def sign(c: Coefficient) -> int:
    """−1, 0 or 1.

    Raises:
        PrecisionLost: a ball straddles 0.
    """
    if _is_zero(c):
        return 0
    if c > 0:
        return 1
    if c < 0:
        return -1
    raise PrecisionLost("the sign of a coefficient")


def growth(key: Exponents) -> tuple[Exponent, int]:
    """The order of terms as h → 0+, larger terms first: by the power of h, then more logarithms first."""
    return key[0], -key[1]


class Germ:
    """Σ c·hᵉ·Lᵏ with L = log h, known up to terms of order h**order."""

    __slots__ = ("order", "terms")

    def __init__(self, terms: Mapping[Exponents, Coefficient], order: Exponent = INFINITE) -> None:
        self.terms = {k: c for k, c in terms.items() if k[0] < order and not _is_zero(c)}
        self.order = order

    @classmethod
    def of(cls, c: Coefficient) -> Germ:
        """The constant c."""
        return cls({CONSTANT: c})

    def is_zero(self) -> bool:
        """Whether this is exactly 0 near the point."""
        return not self.terms and self.order == INFINITE

    def is_constant(self) -> bool:
        """Whether this is one number near the point, of which nothing was cut off."""
        return self.order == INFINITE and self.terms.keys() <= {CONSTANT}

    def grows(self) -> bool:
        """Whether the largest known term has no finite limit."""
        return bool(self.terms) and growth(min(self.terms, key=growth)) < CONSTANT

    def valuation(self) -> Exponent:
        """The smallest exponent of h, or the order if no term is known."""
        return min(e for e, _ in self.terms) if self.terms else self.order

    def leading(self) -> tuple[Exponents, Coefficient] | None:
        """The largest term for small h, None for exact 0.

        Raises:
            Undecided: no term is known; PrecisionLost where its coefficient cannot be told from 0.
        """
        if not self.terms:
            if self.order == INFINITE:
                return None
            raise Undecided("no term of the series is left")
        key = min(self.terms, key=growth)
        c = self.terms[key]
        if isinstance(c, arb) and c.contains(0):
            raise PrecisionLost("the leading coefficient cannot be told from 0")
        return key, c

    def sign(self) -> int:
        """The sign for small h > 0."""
        lead = self.leading()
        if lead is None:
            return 0
        (_, k), c = lead
        return -sign(c) if k % 2 else sign(c)

    def limit(self) -> Coefficient:
        """The value at h → 0+.

        Raises:
            Undecided: it is infinite or unknown.
        """
        if self.grows():
            raise Undecided("the value is infinite")
        if self.order <= 0:
            raise Undecided("the value was lost")
        return self.terms.get(CONSTANT, fmpq(0))

    def __neg__(self) -> Germ:
        return Germ({k: -c for k, c in self.terms.items()}, self.order)

    def __add__(self, other: Germ) -> Germ:
        terms = dict(self.terms)
        for k, c in other.terms.items():
            terms[k] = plus(terms[k], c) if k in terms else c
        return Germ(terms, min(self.order, other.order))

    def __sub__(self, other: Germ) -> Germ:
        if self is other:
            return Germ({})
        terms = dict(self.terms)
        for k, c in other.terms.items():
            if terms.get(k) is c:  # one value, of which balls would leave their width
                del terms[k]
            else:
                terms[k] = plus(terms[k], -c) if k in terms else -c
        return Germ(terms, min(self.order, other.order))

    def __mul__(self, other: Germ) -> Germ:
        if self.is_zero() or other.is_zero():
            return Germ({})
        order = min(self.valuation() + other.order, other.valuation() + self.order, INFINITE)
        if len(self.terms) * len(other.terms) > 1:
            order = min(order, self.valuation() + other.valuation() + _carried.order)
        terms: dict[Exponents, Coefficient] = {}
        for (e, k), a in self.terms.items():
            for (f, m), b in other.terms.items():
                key = (e + f, k + m)
                if key[0] < order:
                    c = times(a, b)
                    terms[key] = plus(terms[key], c) if key in terms else c
        if order < INFINITE and not self._cuts(other, order):
            order = INFINITE
        return Germ(terms, order)

    def _cuts(self, other: Germ, order: Exponent) -> bool:
        if self.order < INFINITE or other.order < INFINITE:
            return True
        return self._last() + other._last() >= order

    def scaled(self, c: Coefficient) -> Germ:
        """c times this."""
        return Germ({k: times(c, v) for k, v in self.terms.items()}, self.order)

    def power(self, p: Exponent) -> Germ:
        """The real p-th power, by the binomial series in the terms after the leading one.

        Raises:
            OutsideDomain: it is not real to this side, or a quotient by zero.
            Undecided: the series does not tell.
        """
        p = as_exponent(p)
        if p == 0:
            return Germ.of(fmpq(1))
        lead = self.leading()
        if lead is None:
            if p > 0:
                return Germ({})
            raise OutsideDomain  # a quotient by zero, all along this side
        (e, k), c = lead
        if p.denominator != 1 and sign(c) * (-1) ** (k % 2) < 0:
            raise OutsideDomain
        if k and p.denominator != 1:
            raise Undecided("a fractional power of a logarithm")
        if p.denominator == 1 and 0 < p <= 16:
            result = self
            for _ in range(int(p) - 1):
                result = result * self
            return result
        rest = Germ(
            {(f - e, m - k): divide(v, c) for (f, m), v in self.terms.items() if (f, m) != (e, k)},
            self.order - e if self.order < INFINITE else INFINITE,
        )
        if rest.terms and rest.valuation() <= 0:
            raise Undecided("a power of a sum of logarithms")
        factor = Germ({(as_exponent(e * p), int(k * p)): _coefficient_power(c, p)})
        result = factor * _binomial(rest, p)
        if p.denominator > 1 and p > 0 and self.order == INFINITE and self._last() * p < result.order:
            exact = Germ(result.terms)  # the root of a square, √((x − y)²), may end
            if exact.power(p.denominator)._is(self.power(p.numerator)):
                return exact
        return result

    def _last(self) -> Exponent:
        """The largest exponent of h."""
        return max(e for e, _ in self.terms)

    def _is(self, other: Germ) -> bool:
        """Whether both are the same known number of exact terms, and nothing was cut off."""
        exact = all(isinstance(c, fmpq) for germ in (self, other) for c in germ.terms.values())
        return exact and self.order == other.order == INFINITE and self.terms == other.terms

    def compose_series(self, coefficients: Iterable[Coefficient]) -> Germ:
        """Σ aₙ·sⁿ for this germ s, whose limit is 0; the coefficients, of which no more are asked for than tell
        something, end the accuracy."""
        result, term = Germ({}), Germ.of(fmpq(1))
        for a in coefficients:
            result = result + term.scaled(a)
            if self.is_zero():
                return result
            term = term * self
            if term.valuation() >= result.order:
                return result  # which is known to no higher power of h
        return Germ(result.terms, min(result.order, term.valuation()))


def proportion(a: Germ, b: Germ) -> fmpq | None:
    """The exact number by which two series of several exact terms differ, None where there is none."""
    if not (a.order == b.order == INFINITE and a.terms.keys() == b.terms.keys() and len(a.terms) > 1):
        return None
    if not all(isinstance(c, fmpq) for c in (*a.terms.values(), *b.terms.values())):
        return None
    ratios = {a.terms[key] / b.terms[key] for key in a.terms}
    return ratios.pop() if len(ratios) == 1 else None


def divide(a: Coefficient, b: Coefficient) -> Coefficient:
    """a/b, exact where both are."""
    return a / b if type(a) is type(b) else as_ball(a) / as_ball(b)


def _coefficient_power(c: Coefficient, p: Exponent) -> Coefficient:
    if isinstance(c, fmpq) and -64 <= p <= 64 and max(int(c.p).bit_length(), int(c.q).bit_length()) < 2200:
        exact = c if p.denominator == 1 else _exact_root(c, p.denominator)
        if exact is not None and (exact != 0 or p > 0):
            return exact**p.numerator
    if p.denominator == 1:
        return balls.power(as_ball(c), int(p))
    return balls.rational_power(as_ball(c), p.numerator, p.denominator)


def _exact_root(c: fmpq, degree: int) -> fmpq | None:
    """The root of a rational number that is not negative, if it is rational itself."""
    if c < 0:
        return None
    numerator, denominator = c.p.root(degree), c.q.root(degree)
    return fmpq(numerator, denominator) if numerator**degree == c.p and denominator**degree == c.q else None


def _binomial(rest: Germ, p: Exponent) -> Germ:
    result, term, factor, n = Germ.of(fmpq(1)), Germ.of(fmpq(1)), Fraction(1), 0
    if rest.is_zero():
        return result
    order = _carried.order
    while term.valuation() < order and n < 40:
        n += 1
        factor = factor * (p - (n - 1)) / n
        term = term * rest
        result = result + term.scaled(fmpq(factor.numerator, factor.denominator))
    return Germ(result.terms, min(result.order, term.valuation(), order))
