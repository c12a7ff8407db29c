"""Telling points: where the derivatives of elementary and special functions are known to go wrong.

Derivatives lose their digits where two terms cancel (1 − tanh², v·(1 − v), log(1 + x) near 0), overflow in the middle
of a formula whose result is ordinary (a² + b², exp(x)/(1 + exp(x))), hit 0/0 at removable singularities (sin(x)/x),
switch between a series and an asymptotic formula, or reflect at negative arguments. All that happens at few places, the
same for most functions: near 0 and ±1, at some tens, where exp leaves the floats, and from 1/√u on, where x + 1 is x.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ...engine import Primitive
from ...engine.domains import holds
from ...engine.tape import constant_as_float
from ...verifier.engine import flushed
from ...verifier.languages.library import MEANINGS, Called
from .subjects import Use

Column = np.ndarray[Any, Any]
Points = dict[str, Column]

#: Ordinary sizes: from a thousandth to a hundred, where saturating functions come to their ends.
EVERYDAY = (
    *(
        0.001,
        0.003,
        0.007,
        0.01,
        0.03,
        0.07,
        0.1,
        0.2,
        0.25,
        0.3,
        0.4,
        0.45,
        0.6,
        0.7,
        0.75,
        0.8,
        0.9,
        0.95,
        0.99,
        0.999,
    ),
    *(
        1.001,
        1.01,
        1.1,
        1.25,
        1.3,
        1.4,
        1.46,
        1.6,
        1.7,
        1.75,
        1.8,
        1.9,
        2.2,
        2.7,
        3.3,
        3.7,
        4.4,
        4.6,
        5.3,
        5.9,
        6.6,
        7.2,
    ),
    *(
        7.7,
        8.1,
        8.8,
        9.3,
        9.9,
        10.7,
        11.3,
        12.6,
        13.4,
        14.7,
        15.2,
        16.9,
        17.3,
        18.2,
        18.8,
        19.3,
        20.0,
        20.4,
        21.3,
        22.7,
    ),
    *(
        24.6,
        25.3,
        27.7,
        29.4,
        31.4,
        33.3,
        36.04,
        36.8,
        37.4,
        38.6,
        40.0,
        44.4,
        47.1,
        52.4,
        57.7,
        63.3,
        70.1,
        79.3,
        88.9,
    ),
    *(99.9, 103.98),
)

#: Places that stand in formulas: whole numbers and halves, multiples of π/4, where series and reflections change hands.
SPECIAL = (
    *(
        0.0,
        0.5,
        1.0,
        1.5,
        2.0,
        2.5,
        3.0,
        3.5,
        4.0,
        4.5,
        5.0,
        5.5,
        6.0,
        6.5,
        7.0,
        7.5,
        8.0,
        8.5,
        9.0,
        9.5,
        10.0,
        10.5,
        12.0,
    ),
    *(12.5, 13.5, 15.0, 16.0, 20.5, 21.0, 25.0, 30.0, 30.5, 32.0, 50.5, 64.0, 100.0, 100.5, 127.0, 128.0, 170.5),
    *(math.pi / 4, math.pi / 2, 3 * math.pi / 4, math.pi, 3 * math.pi / 2, 2 * math.pi, 10 * math.pi, 11 * math.pi / 2),
    *(math.e, 1 / math.e, math.log(2), math.sqrt(2), math.sqrt(0.5), 1 / math.pi, 1.4616321449683623),
    *(math.nextafter(1, 2), math.nextafter(1, 0), math.nextafter(0.5, 1), math.nextafter(2, 3), math.nextafter(3, 2)),
    *(1 - 1e-12, 1 + 1e-12, 1 - 1e-8, 1 + 1e-8, 1 - 1e-5, 1 + 1e-5, 2 - 1e-8, 2 + 1e-8, 3 + 1e-8),
)

#: The ends of the floats, the neighbourhood of 0, and where squares, exponentials and x + 1 leave them.
EXTREME = (
    *(5e-324, 1e-320, 2.2250738585072014e-308, 1e-300, 1e-250, 1e-200, 1e-170, 1e-162, 1e-160, 1e-155, 1e-154, 1e-120),
    *(
        1e-100,
        1e-80,
        1e-50,
        1e-40,
        1e-38,
        1e-30,
        1e-25,
        1e-20,
        1e-17,
        1e-16,
        2.2e-16,
        1e-15,
        1e-13,
        1e-12,
        1e-11,
        1e-10,
    ),
    *(1e-9, 3e-9, 1e-8, 1.5e-8, 3e-8, 1e-7, 3e-7, 1e-6, 3e-6, 1e-5, 3e-5, 1e-4, 3e-4),
    *(
        150.0,
        171.5,
        200.0,
        256.0,
        300.5,
        354.9,
        356.0,
        500.0,
        700.0,
        708.3,
        709.7,
        709.79,
        710.4,
        740.0,
        745.1,
        746.0,
        800.0,
    ),
    *(
        1000.0,
        1023.5,
        1024.5,
        1074.5,
        1e4,
        1e4 + 0.5,
        1e5,
        1e5 + 0.5,
        1e6,
        1e7,
        9.4e7,
        1e8,
        6.7e7,
        1e9,
        1e10,
        1e12,
        1e15,
    ),
    *(4503599627370497.5, 9007199254740993.0, 1e16, 1e17, 1e18, 1e20, 1e22, 1e25, 1e30, 1e38, 1e40, 1e50, 1e77, 1e80),
    *(1e100, 1e102, 1e103, 1e120, 1e150, 1.3e154, 1.4e154, 1e155, 1e160, 1e170, 1e200, 1e250, 1e300, 4e307, 1.7e308),
)

#: For functions of several arguments: few of each kind, because all pairs are tried.
FEW = (0.0, 1.0, 0.5, 2.0, 3.0, 2.5, 0.3, 7.7, 20.0, 40.0, 1e-8, 1e3)
FEW_EXTREME = (1e-320, 1e-300, 1e-160, 1e-17, 1e-8, 1.0, 2.5, 40.0, 800.0, 1e8, 1e17, 1e155, 1e160, 1e300, 1.7e308)
FEWEST = (0.0, 1e-160, 1.0, -1.0, 2.5, 1e17)


def both_signs(values: Iterable[float]) -> tuple[float, ...]:
    """Each value and its opposite; 0 and −0."""
    return tuple(signed for value in values for signed in (value, -value))


def telling(
    use: Use,
    primitive: type[Primitive],
    values: Sequence[float],
    few: Sequence[float],
    dtype: str,
    flushes_subnormals: bool = False,
) -> Points:
    """All points of a grid that are in the domain of an operation.

    Args:
        use: the operation with its constants and orders.
        primitive: the operation.
        values: for the argument of a function of one.
        few: for each argument of a function of several: all pairs, and equal, opposite and neighbouring ones of
            ``values``.
        dtype: to which the points are rounded.
        flushes_subnormals: whether subnormal numbers are 0 to the engine: what is in the domain must be so as 0 too.

    Returns:
        An array of shape (K,) for each input of the use; K may be 0.
    """
    columns = grid(use.tape.inputs, values, few, dtype)
    inside = _in_domain(use, primitive, columns)
    if flushes_subnormals:
        inside = inside & _in_domain(use, primitive, {name: flushed(x, dtype) for name, x in columns.items()})
    return {name: column[inside] for name, column in columns.items()}


def of_a_call(call: Called, values: Sequence[float], few: Sequence[float], dtype: str) -> Points:
    """The same for a function that is no primitive, in the domain of what it means."""
    columns = grid(call.tape.inputs, values, few, dtype)
    inside = _means_something(call, columns)
    if call.engine.flushes_subnormals:
        inside = inside & _means_something(call, {name: flushed(x, dtype) for name, x in columns.items()})
    return {name: column[inside] for name, column in columns.items()}


def grid(free: Sequence[str], values: Sequence[float], few: Sequence[float], dtype: str) -> Points:
    """All finite points for these variables, whatever is done with them; see :func:`telling`."""
    rows: list[tuple[float, ...]]
    if len(free) == 1:
        rows = [(x,) for x in values]
    elif len(free) == 2:
        rows = [*itertools.product(few, repeat=2), *ties(values)]
    else:
        rows = list(itertools.product(FEWEST if len(free) == 3 else FEWEST[::2], repeat=len(free)))
    with np.errstate(over="ignore", under="ignore"):
        table = np.unique(np.array(rows).astype(dtype), axis=0) if rows else np.zeros((0, len(free)), dtype)
    table = _with_minus_zero(table, rows, dtype)
    table = table[np.isfinite(table).all(axis=1)]
    return {name: table[:, j] for j, name in enumerate(free)}


def _with_minus_zero(table: Column, rows: Sequence[Sequence[float]], dtype: str) -> Column:
    """The rows that hold −0, which to ``np.unique`` is 0, once more."""
    minus = {tuple(row): None for row in rows if any(x == 0 and math.copysign(1, x) < 0 for x in row)}
    return np.concatenate([table, np.array(list(minus), dtype)]) if minus else table


def ties(values: Iterable[float]) -> list[tuple[float, float]]:
    """Equal, opposite and neighbouring pairs."""
    rows = []
    for x in values:
        rows += [(x, x), (x, -x), (x, math.nextafter(x, math.inf)), (math.nextafter(x, math.inf), x)]
    return rows


def _in_domain(use: Use, primitive: type[Primitive], columns: Points) -> Column:
    orders = iter(use.orders)
    named = {
        name: constant_as_float(next(orders)) if name in primitive.opaque else columns[name].astype(float)
        for name in primitive.arguments
    }
    with np.errstate(all="ignore"):
        inside = holds(primitive.domain, {**named, **primitive.keywords(use.consts, constant_as_float)})
    return np.broadcast_to(inside, len(next(iter(columns.values()))))


def _means_something(call: Called, columns: Points) -> Column:
    with np.errstate(all="ignore"):
        inside = holds(MEANINGS[call.name].domain, {name: x.astype(float) for name, x in columns.items()})
    return np.broadcast_to(inside, len(next(iter(columns.values()))))


def constants_of(use: Use) -> tuple[Fraction, ...]:
    """The numbers among the constants of a use: points at which an argument equals one of them are telling."""
    return tuple(c for c in use.consts if isinstance(c, Fraction))
