"""Special functions in Arb balls, and the points at which the engine's are held against them.

Arb (Johansson 2017) shares no code with SciPy. First and second derivatives are central differences of balls
at a step of 2**-300 in a thousand bits and more, so that no derivative formula is trusted either.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from gradjury.engine import REGISTRY

Function = Callable[[arb], arb]

ORDERS = (0.0, 1.0, 2.0, 2.5, 1 / 3, 7.0, 20.5, 0.1, 0.75, 5.3)
STEP_BITS = 300


def _airy(index: int) -> Function:
    return lambda x: x.airy()[index]


def _order(name: str) -> Callable[[float], Function]:
    return lambda n: lambda x: getattr(x, name)(arb(n))


def _complex(name: str) -> Function:
    return lambda x: getattr(acb(x), name)().real


#: Functions of one argument.
TRUTH: dict[str, Function] = {
    "erf": arb.erf,
    "erfc": arb.erfc,
    "erfi": arb.erfi,
    "erfinv": arb.erfinv,
    "gamma": arb.gamma,
    "loggamma": arb.lgamma,
    "digamma": arb.digamma,
    "i0": lambda x: x.bessel_i(arb(0)),
    "i1": lambda x: x.bessel_i(arb(1)),
    "airyai": _airy(0),
    "airyaiprime": _airy(1),
    "airybi": _airy(2),
    "airybiprime": _airy(3),
    "Ei": arb.ei,
    "li": arb.li,
    "Si": arb.si,
    "Ci": arb.ci,
    "Shi": arb.shi,
    "Chi": arb.chi,
    "fresnels": arb.fresnel_s,
    "fresnelc": arb.fresnel_c,
    "LambertW": arb.lambertw,
    "elliptic_k": _complex("elliptic_k"),
    "elliptic_e": _complex("elliptic_e"),
}

#: Functions of an order, or of several parameters, and an argument: parameters -> function of the argument.
TRUTH_OF_ORDER: dict[str, Callable[..., Function]] = {
    "polygamma": lambda n: lambda x: acb(x).polygamma(arb(n)).real,
    "lowergamma": _order("gamma_lower"),
    "uppergamma": _order("gamma_upper"),
    "besselj": _order("bessel_j"),
    "bessely": _order("bessel_y"),
    "besseli": _order("bessel_i"),
    "besselk": _order("bessel_k"),
    "expint": _order("expint"),
    "polylog": lambda s: lambda z: acb(z).polylog(acb(s)).real,
    "zeta": lambda s: lambda a: acb(s).zeta(acb(a)).real,
    "hyp2f1": lambda a, b, c: lambda z: z.hypgeom_2f1(a, b, c),
    "hyp1f1": lambda a, b: lambda z: z.hypgeom_1f1(a, b),
    "hyp0f1": lambda b: lambda z: z.hypgeom_0f1(b),
    "elliptic_f": lambda phi: lambda m: acb.elliptic_f(acb(phi), acb(m)).real,
    "elliptic_e_incomplete": lambda phi: lambda m: acb.elliptic_e_inc(acb(phi), acb(m)).real,
    "elliptic_pi": lambda n, phi: lambda m: acb.elliptic_pi_inc(acb(n), acb(phi), acb(m)).real,
}


@dataclass(frozen=True)
class Range:
    """Where a primitive is measured: from ``least`` to ``most`` in size, on either side as stated."""

    least: float
    most: float
    negative: float = 0.0  # largest size on the negative side, 0 for none
    orders: tuple[Any, ...] = ()  # numbers, or tuples of several
    near: tuple[float, ...] = ()  # poles, zeros and edges that points crowd around

    def holds(self, x: float) -> bool:
        """Whether x is measured."""
        return -self.negative <= x <= self.most and abs(x) >= self.least

    def __str__(self) -> str:
        left = f"−{self.negative:g} … −{self.least:g}, " if self.negative else ""
        return f"{left}{self.least:g} … {self.most:g}"


POLES = tuple(-float(i) for i in range(12))
CHARACTERISTICS = ((0.3, 0.5), (-2.0, 1.2), (0.9, 1.5), (0.0, 0.7), (-40.0, -1.1), (0.5, 4.0))
SEAMS = (1.0, -1.0, -4.0, 0.5, -0.5)
AMPLITUDES = (0.3, 1.2, 1.57, -0.7, 2.5, -6.0)
PARAMETERS = ((1.0, 0.5, 1.5), (1.0, 1.0, 2.0), (0.3, 0.7, 2.2), (1.2, 2.3, 3.1), (-0.4, 0.6, 0.9), (2.5, -1.5, 0.7))
GAMMA_ORDERS = (0.5, 1.0, 2.0, 2.5, 1 / 3, 7.0, 20.5, 1e-9, -0.5, -1 / 3, -2.5, -7.25)

RANGES: dict[str, Range] = {
    "erf": Range(1e-300, 30, 30),
    "erfc": Range(1e-300, 27, 30),
    "erfi": Range(1e-300, 26.6, 26.6),
    "erfinv": Range(1e-300, 1 - 2.0**-53, 1 - 2.0**-53, near=(1.0, -1.0)),
    "gamma": Range(1e-300, 171.6, 184, near=(*POLES, -100.0, 1.4616321449683623)),
    "loggamma": Range(1e-300, 1e300, near=(1.0, 2.0)),
    "digamma": Range(1e-150, 1e300, 1e4, near=(*POLES, 1.4616321449683623, -0.5040830082644554)),
    "polygamma": Range(1e-10, 1e10, 1e4, orders=(0.0, 1.0, 2.0, 3.0, 7.0, 20.0), near=POLES),
    "lowergamma": Range(1e-300, 700, orders=GAMMA_ORDERS),
    "uppergamma": Range(1e-300, 700, orders=(*GAMMA_ORDERS, 0.0, -1.0, -3.0)),
    "besselj": Range(1e-300, 1e8, 1e8, orders=(*ORDERS, -1.0, -2.5, -1 / 3), near=(2.404825557695773,)),
    "bessely": Range(1e-300, 1e8, orders=(*ORDERS, -1.0, -2.5, -1 / 3), near=(0.8935769662791675,)),
    "besseli": Range(1e-300, 713, 713, orders=(*ORDERS, -1.0, -2.5, -1 / 3)),
    "besselk": Range(1e-300, 740, orders=(*ORDERS, -1.0, -2.5, -1 / 3)),
    "i0": Range(1e-300, 713, 713),
    "i1": Range(1e-300, 713, 713),
    "airyai": Range(1e-300, 103, 1e7, near=(-2.338107410459767,)),
    "airyaiprime": Range(1e-300, 103, 1e7, near=(-1.018792971647471,)),
    "airybi": Range(1e-300, 104, 1e7, near=(-1.1737132227091279,)),
    "airybiprime": Range(1e-300, 104, 1e7, near=(-2.294439682614123,)),
    "Ei": Range(1e-300, 716, 738, near=(0.37250741078136663,)),
    "li": Range(1e-300, 1e300, near=(1.0, 1.4513692348833811)),
    "expint": Range(1e-300, 700, orders=(*ORDERS, 3.0, 50.0, 1.25, 5.75, -1.0, -3.0, -2.5, -1 / 3, 1 + 1e-9)),
    "Si": Range(1e-300, 1e15, 1e15),
    "Ci": Range(1e-300, 1e15, near=(0.6165054856207162,)),
    "Shi": Range(1e-300, 716, 716),
    "Chi": Range(1e-300, 716, near=(0.5238225713898644,)),
    "fresnels": Range(1e-100, 1e15, 1e15, near=(10.0, 99999999.0, 2e6, 3**0.5)),
    "fresnelc": Range(1e-300, 1e15, 1e15, near=(10.0, 99999999.0, 2e6, 1.0)),
    "LambertW": Range(1e-300, 1e300, 0.3678794411714423, near=(-0.3678794411714423,)),
    "elliptic_k": Range(1e-300, 1 - 2.0**-53, 1e300, near=(1.0,)),
    "elliptic_e": Range(1e-300, 1 - 2.0**-53, 1e300, near=(1.0,)),
    "elliptic_f": Range(1e-300, 1 - 2.0**-53, 1e8, AMPLITUDES, near=(1.0,)),
    "elliptic_e_incomplete": Range(1e-300, 1 - 2.0**-53, 1e8, AMPLITUDES, near=(1.0,)),
    "elliptic_pi": Range(1e-100, 0.9999, 1e5, CHARACTERISTICS),
    "polylog": Range(1e-300, 1 - 2.0**-53, 1e300, (2.0, 3.0, 4.0, 1.0, 7.0, 0.0, -1.0, 2.5), SEAMS),
    "zeta": Range(1e-100, 1e10, orders=(2.0, 3.0, 1.5, 7.0, 0.5, -1.5)),
    "hyp2f1": Range(1e-300, 1 - 2.0**-40, 1e5, PARAMETERS, near=(1.0,)),
    "hyp1f1": Range(1e-300, 600, 1e4, ((1.0, 1.5), (0.5, 2.0), (-0.3, 0.7), (2.5, 1.2), (-3.0, 2.2), (7.0, 0.4))),
    "hyp0f1": Range(1e-300, 1e4, 1e6, (1.0, 0.5, 1.5, 3.3, -0.7)),
}


def truth(name: str, order: Any = None) -> Function:
    """The function of that name, at that order or those parameters, on balls."""
    return TRUTH[name] if order is None else TRUTH_OF_ORDER[name](*several(order))


def several(order: Any) -> tuple[float, ...]:
    """An order, or parameters, as a tuple."""
    return order if isinstance(order, tuple) else (order,)


def points(name: str, count: int, seed: int) -> list[float]:
    """Floats in the range of a primitive: spread in size, spread evenly, whole and half numbers, crowds."""
    span, draw = RANGES[name], random.Random(f"{name} {seed}")
    found: list[float] = []
    for sign, most in ((1.0, span.most), (-1.0, span.negative)):
        if not most:
            continue
        low, high = math.log(span.least), math.log(most)
        moderate = min(most, 50.0)
        found += [sign * math.exp(draw.uniform(low, high)) for _ in range(count // 4)]
        found += [sign * math.exp(draw.uniform(max(low, -12.0), high)) for _ in range(count // 2)]
        found += [sign * draw.uniform(span.least, moderate) for _ in range(count)]
        found += [sign * v for v in (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 10.0, 20.5) if v <= most]
        found += [sign * most, sign * span.least]
    for centre in span.near:
        distances = [math.exp(draw.uniform(-34, -3)) for _ in range(count // 8 + 2)]
        found += [centre + draw.choice((-1, 1)) * distance for distance in distances]
    return [x for x in found if span.holds(x)]


def derivatives(function: Function, x: float) -> tuple[arb, arb, arb] | None:
    """Value, first and second derivative as balls of at least 80 bits; None where Arb does not get there."""
    precision = 1000
    before = ctx.prec
    try:
        while precision <= 16000:
            ctx.prec = precision
            at = arb(x)
            step = arb(2.0 ** math.frexp(x)[1]) * arb(2) ** -STEP_BITS
            below, here, above = function(at - step), function(at), function(at + step)
            first, second = (above - below) / (2 * step), ((above - here) - (here - below)) / (step * step)
            if min(here.rel_accuracy_bits(), first.rel_accuracy_bits()) >= 80 and second.is_finite():
                return here, first, second
            precision *= 2
        return None
    finally:
        ctx.prec = before


def _excess(given: float, true: arb, size: arb, info: Any) -> float:
    """|given − true| / (eps·size), the smallest subnormals excused; 0 where the truth is out of range."""
    eps, largest, smallest = float(info.eps), float(info.max), float(info.smallest_subnormal)
    if not math.isfinite(given):
        return 0.0 if abs(true) > arb(largest) * (1 - 64 * eps) else math.inf
    error = abs(arb(given) - true) - 2 * arb(smallest)
    return max(0.0, float((error / (arb(eps) * size)).mid()))


def excess(
    primitive: Any, name: str, x: float, order: Any = None, dtype: Any = np.float64
) -> tuple[float, float] | None:
    """Errors at one point: value in units of 2**-52·(|f| + |x f′|), derivative of 2**-52·(|f′| + |x f″|).

    The unit is 2**-23 for float32. None where Arb gives no truth: a pole, or a value that vanishes.
    """
    at = dtype(x)
    x, arguments = float(at), (at,)
    if order is not None:
        given = tuple(map(dtype, several(order)))
        order, arguments = tuple(map(float, given)), (*given, at)
    known = derivatives(truth(name, order), x)
    if known is None:
        return None
    here, first, second = known
    with np.errstate(all="ignore"):
        value = primitive.forward(*arguments)
        slope = primitive.derivative(*arguments, value)
    slope = slope[-1] if isinstance(slope, tuple) else slope
    kept = value.dtype == slope.dtype == dtype
    assert kept, f"{name} turns {np.dtype(dtype)} into {value.dtype} and {slope.dtype}"
    info = np.finfo(dtype)
    return (
        _excess(float(value), here, abs(here) + abs(arb(x) * first), info),
        _excess(float(slope), first, abs(first) + abs(arb(x) * second), info),
    )


def cases(name: str, count: int, seed: int, dtype: Any = np.float64) -> Iterable[tuple[Any, float]]:
    """(order, x) for a primitive, x a float of the type, about ``count`` a sign in all.

    Fractional orders keep to x > 0, where J and I are real.
    """
    orders: tuple[Any, ...] = RANGES[name].orders or (None,)
    for order in orders:
        for given in points(name, max(8, count // len(orders)), seed):
            with np.errstate(all="ignore"):
                x = float(dtype(given))
            if not RANGES[name].holds(x):
                continue
            if x < 0 and name.startswith("bessel") and order != int(order):
                continue
            if x <= 0 and POLES[0] in RANGES[name].near and x == int(x):
                continue
            yield order, x


def assert_within(name: str, dtype: Any = np.float64, count: int = 60, seed: int = 11) -> None:
    """Assert that value and derivative keep to the primitive's declared k over its range."""
    primitive, failures, compared = REGISTRY[name], [], 0
    for order, x in cases(name, count, seed, dtype):
        errors = excess(primitive, name, x, order, dtype)
        if errors is None:
            continue
        compared += 1
        if not max(errors) <= primitive.ulps:
            failures.append((max(errors), f"{name} of order {order!r} at {x!r}: {errors}"))
    worst = "\n".join(text for _, text in sorted(failures, reverse=True)[:6])
    assert not failures, f"{len(failures)} of {compared} off by more than {primitive.ulps}, seed {seed}:\n{worst}"
    assert compared >= 30, f"only {compared} points have a truth"


def evaluate(name: str, *arguments: float) -> tuple[float, float]:
    """Value and derivative by the last argument of a primitive at one point, in doubles."""
    primitive, at = REGISTRY[name], tuple(map(np.float64, arguments))
    with np.errstate(all="ignore"):
        value = primitive.forward(*at)
        slope = primitive.derivative(*at, value)
    return float(value), float(slope[-1] if isinstance(slope, tuple) else slope)
