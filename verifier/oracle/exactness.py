"""Which numbers are floats: constants as they stand, and arithmetic on floats that rounds nothing.

IEEE 754 leaves no choice where the exact result is a float, whatever merges or reorders two terms. So nothing is
allowed for rounding there: 2·t − 1 at t = 1/2 is 0, and ties there as exactly as x does at 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from ...engine.primitive import REGISTRY
from ...engine.tape import Constant, Tape

#: 2**-52 and 2**-23: one unit in the last place of a number in [1, 2).
ROUNDING = {np.dtype(np.float64): 2.0**-52, np.dtype(np.float32): 2.0**-23}


def is_float(value: Fraction, unit: float) -> bool:
    """Whether a number is a float of the type with this unit."""
    return _is_float(value.numerator, value.denominator, unit)


@lru_cache(maxsize=4096)
def _is_float(numerator: int, denominator: int, unit: float) -> bool:
    try:
        nearest = numerator / denominator
    except OverflowError:
        return False
    if unit > 2.0**-30:
        with np.errstate(over="ignore"):  # beyond the largest float32 is no float32
            nearest = float(np.float32(nearest))
    return bool(np.isfinite(nearest)) and Fraction(nearest) == Fraction(numerator, denominator)


def is_constant_exact(value: Any, unit: float) -> bool:
    """Whether a tape's constant is a float of the type with this unit."""
    return not isinstance(value, str) and is_float(value, unit)


def has_rounded_constant(tape: Tape, unit: float) -> bool:
    """Whether an operation has a constant, as the exponent of ``x**(1/3)``, that is no float of the type."""
    operations = [tape.nodes[i] for i in tape.operations]
    named = [pair for node in operations for pair in zip(node.primitive.constants, node.consts, strict=True)]
    return any(name != "relation" and not is_constant_exact(constant, unit) for name, constant in named)


#: Arithmetic whose exact result, if it is a float, every engine has: division by powers of two alone, as some engines
#: multiply by a reciprocal.
_ARITHMETIC: dict[Any, Callable[..., Fraction | None]] = {
    REGISTRY["add"]: lambda a, b: a + b,
    REGISTRY["sub"]: lambda a, b: a - b,
    REGISTRY["mul"]: lambda a, b: a * b,
    REGISTRY["neg"]: lambda a: -a,
    REGISTRY["div"]: lambda a, b: a / b if _is_power_of_two(b) else None,
}

#: What chooses one of its arguments, or its negative, rounds nothing anyway, but passes on what is exact.
_PASSING: dict[Any, Callable[..., Fraction | None]] = {
    REGISTRY["abs"]: abs,
    REGISTRY["maximum"]: max,
    REGISTRY["minimum"]: min,
}


def _is_power_of_two(x: Fraction) -> bool:
    return x != 0 and all(n & (n - 1) == 0 for n in (abs(x.numerator), x.denominator))


def exact_nodes(tape: Tape) -> dict[int, Fraction]:
    """Operations on constants that round nothing, and their values: the 1/2 of ``besselj(1/2, x)``.

    What is a float in single precision is one in double, too.
    """
    if Constant not in tape.primitives:
        return {}
    still = [i for i, moves in enumerate(tape.active) if not moves]
    if all(tape.nodes[i][0] is Constant for i in still):
        return {}  # most functions have none, and shall not wait for it
    unit = ROUNDING[np.dtype(np.float32)]
    known: dict[int, Fraction] = {}
    operations: dict[int, Fraction] = {}
    for i in still:
        primitive, args, consts, _ = tape.nodes[i]
        if primitive is Constant:
            value = consts[0]
        elif args and args[0] in known and args[-1] in known and primitive in _ARITHMETIC:
            value = _ARITHMETIC[primitive](*[known[a] for a in args])
        else:
            continue
        if isinstance(value, Fraction) and is_float(value, unit):
            known[i] = value
            if args:
                operations[i] = value
    return operations


def exact_at(tape: Tape, point: Sequence[float], unit: float, smallest: Any) -> dict[int, Fraction]:
    """Operations of a tape that round nothing at a point, and their values there.

    Args:
        point: finite floats of the type, one for each input.
        unit: of the floating type.
        smallest: the smallest number that the engine has beside 0; an exact result below it may be flushed to 0.
    """
    known: dict[int, Fraction] = {i: Fraction(x) for i, x in enumerate(point)}
    operations: dict[int, Fraction] = {}
    for i, (primitive, args, consts, _) in enumerate(tape.nodes[len(point) : tape.output + 1], len(point)):
        value: Any = None
        if primitive is Constant:
            value = consts[0]
        elif (rule := _ARITHMETIC.get(primitive) or _PASSING.get(primitive)) and all(a in known for a in args):
            value = rule(*[known[a] for a in args])
        if not isinstance(value, Fraction) or not is_float(value, unit):
            continue
        if value == 0 or abs(value) >= smallest:
            known[i] = value
            if primitive in _ARITHMETIC:
                operations[i] = value
    return operations
