"""Where every primitive is compared with the truth: one grid a primitive, shared by the tests of its family.

A grid is a pair of the tuples of arguments and the tuples of constants to try with each. Points are spread
over all scales that the domain has, and crowd around its edges, around zeros and where formulas change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import numpy as np

from .special_truth import RANGES, cases, several

Points = list[tuple[float, ...]]

RANDOM = np.random.default_rng(20240607)
LARGEST, SMALLEST, TINY = 1.7976931348623157e308, 5e-324, 2.2250738585072014e-308


def scales(low: int, high: int, step: int = 12) -> list[float]:
    """Positive numbers of many digits from 10**low to 10**high, one or two every ``step`` decades."""
    exponents = np.arange(low, high + 1, step / 2)
    return [float(10.0**e * m) for e, m in zip(exponents, RANDOM.uniform(0.5, 1.5, len(exponents)), strict=True)]


def spread(low: float, high: float, count: int = 60) -> list[float]:
    """Random numbers of an interval."""
    return [float(x) for x in RANDOM.uniform(low, high, count)]


def around(*centres: float) -> list[float]:
    """The centre, its neighbours among the floats, and numbers ever farther from it, on both sides."""
    near = []
    for c in centres:
        near += [c, float(np.nextafter(c, np.inf)), float(np.nextafter(c, -np.inf))]
        near += [c + s * 10.0**-e for e in range(1, 16) for s in (1, -1)]
    return near


def signed(values: Iterable[float]) -> list[float]:
    """Each value and its negative."""
    return [s * v for v in values for s in (1.0, -1.0)]


def one(values: Iterable[float]) -> Points:
    """A grid of one argument."""
    return [(v,) for v in values]


def pairs(first: Iterable[float], second: Iterable[float]) -> Points:
    """All pairs."""
    second = list(second)
    return [(a, b) for a in first for b in second]


ALL = signed([*scales(-320, 308), SMALLEST, TINY, LARGEST, 0.5, 1.0, 2.0, 3.0, *spread(0, 40), *around(1.0)])
MODEST = signed([*scales(-320, 2), SMALLEST, TINY, 0.5, 1.0, 2.0, *spread(0, 3), *spread(3, 40), *spread(40, 760, 40)])
UNIT = [x for x in signed([*scales(-320, -1), *around(1.0), *spread(0, 1)]) if abs(x) <= 1]
ABOVE_ONE = [x for x in [*scales(0, 308), LARGEST, 1.5, 2.0, *around(1.0), *spread(1, 4)] if x >= 1]
POSITIVE = [x for x in ALL if x > 0]
ANGLES = signed([*scales(-320, 22, 6), SMALLEST, 1e300, *spread(0, 10), *spread(10, 1e4), *around(np.pi / 2, np.pi)])
SIDES = signed([5e-324, 1e-310, 3e-170, 1e-160, 0.3, 1.0, 7.1, 2e8, 1e160, 1.1e160, 1.3e308])


class Grids(dict[str, tuple[Points, list[tuple[float, ...]]]]):
    """Points and constants of each primitive, by its name."""

    def __missing__(self, name: str) -> NoReturn:
        raise KeyError(f"{name} has no grid; tests/engine/grids.py lacks grid({name!r}, …)")


GRIDS = Grids()


def grid(name: str, points: Points, consts: Iterable[tuple[float, ...]] = ((),)) -> None:
    """Enter a primitive's grid; each is entered once."""
    assert name not in GRIDS, name
    GRIDS[name] = points, list(consts)


OPERANDS = signed([1e-310, 3e-170, 0.3, 1.0, 7.1, 2e8, 1.1e160])
for _name in ("add", "sub", "mul", "div"):
    grid(_name, pairs(OPERANDS, OPERANDS))
grid("neg", one(ALL))

EXPONENTS = [
    0.0,
    1.0,
    2.0,
    3.0,
    -1.0,
    -2.0,
    0.5,
    1.5,
    -0.5,
    -0.3,
    0.1,
    1 / 3,
    2.1,
    7.0,
    -3.1,
    20.5,
    100.0,
    1e-10,
    1e17,
    -1e17,
]
grid("powc", one(POSITIVE) + one(around(-1.0, -2.0)), [(c,) for c in EXPONENTS])
grid("pow", pairs(POSITIVE[::5] + around(1.0)[:9], [*EXPONENTS, 1e-300, 0.3, 33.3, -700.1]))
grid("sqrt", one(POSITIVE))
grid("cbrt", one(ALL))
grid("square", one(ALL))
grid("reciprocal", one(ALL))
grid("hypot", pairs(SIDES, SIDES) + pairs(spread(-5, 5, 8), spread(-5, 5, 8)))

grid("exp", one(MODEST))
grid("expm1", one(MODEST))
grid("exp2", one(MODEST) + one(spread(1020, 1024.5, 10)) + one(spread(-1070, -1000, 10)))
for _name in ("log", "log2", "log10"):
    grid(_name, one(POSITIVE))
grid("log1p", one(x for x in [*POSITIVE, *UNIT] if x > -1))
_far = [-746.3, -700.1, -37.5, -0.3, 0.0, 1e-20, 0.7, 36.9, 700.2, 1e17]
grid(
    "logaddexp",
    pairs(_far, _far) + pairs(spread(0, 5, 9), spread(0, 5, 9)) + pairs(spread(-50, -2, 6), spread(-50, -2, 6)),
)
grid("xlogy", pairs([0.0, *SIDES[::3]], [*POSITIVE[::4], *around(1.0)[:9]]))
grid("ldexp", one(ALL), [(n,) for n in (0.0, 1.0, -3.0, 40.0, -40.0, 2000.0, -2000.0)])

for _name in ("sin", "cos", "tan", "sec", "csc", "cot"):
    grid(_name, one(ANGLES))
for _name in ("asin", "acos"):
    grid(_name, one(UNIT))
for _name in ("atan", "acot"):
    grid(_name, one(ALL))
for _name in ("asec", "acsc"):
    grid(_name, one(signed(ABOVE_ONE)))
grid(
    "atan2",
    pairs(SIDES, SIDES) + pairs(spread(-5, 5, 8), spread(-5, 5, 8)) + pairs([1e-300, 5e-324], [1e-3, 0.3]),
)
# beside the zeros of their slopes, the first and others of tan z = z and those over π
grid("sinc", one(ANGLES) + one(signed(around(1.4, 4.493409457909064, 7.725251836937707, 98.95006282433188))))
_ROOTS = (1.4302966531242027, 2.459024032956761, 31.496783235492018)
grid("normalized_sinc", one(ANGLES) + one(signed([*around(0.25, 0.5, 1.0, 2.0, *_ROOTS), *spread(0, 3)])))

for _name in ("sinh", "cosh", "tanh", "sech", "csch", "coth"):
    grid(_name, one(MODEST))
grid("asinh", one(ALL))
grid("acosh", one(ABOVE_ONE))
grid("atanh", one(x for x in UNIT if abs(x) < 1))
grid("acoth", one(x for x in signed(ABOVE_ONE) if abs(x) > 1))
grid("asech", one(x for x in UNIT if x > 0))
grid("acsch", one(ALL))

for _name in ("abs", "sign", "floor", "ceil"):
    grid(_name, one(ALL))
for _name in ("maximum", "minimum"):
    grid(_name, pairs(SIDES, SIDES))
grid("mod", pairs(signed([3e-170, 0.3, 1.0, 7.1, 2e8, 1e17]), signed([1e-3, 0.1, 0.3, 1.0, 2.5, 1e9])))
grid(
    "clip",
    [(x, low, high) for x in (-3.0, -1.0, 0.0, 0.5, 2.0) for low in (-2.0, 0.2, 2.5) for high in (-1.5, 0.3, 2.2)],
)
grid("heaviside", one(ALL), [(0.5,), (0.0,), (1.0,)])
grid("where", [(a, b, 2.0, -3.5) for a in SIDES[::3] for b in SIDES[::2]], [("<",)])

TAILS = signed(
    [
        *scales(-320, 0),
        SMALLEST,
        *spread(0, 3),
        *spread(3, 40),
        *spread(40, 745, 30),
        800.0,
        1e160,
        1e300,
        LARGEST,
    ]
)
for _name in ("sigmoid", "logsigmoid", "softplus", "relu", "selu", "silu", "mish", "softsign"):
    grid(_name, one(TAILS))
grid("leaky_relu", one(TAILS), [(0.01,), (0.3,), (0.0,)])
grid("elu", one(TAILS), [(1.0,), (0.3,), (2.5,)])
grid("gelu", one(TAILS) + one(spread(-38.5, -5, 40)))

for _name in RANGES:
    grid(_name, [(x,) if order is None else (*several(order), x) for order, x in cases(_name, 60, 1)])
