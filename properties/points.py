"""Points for random composite functions: ordinary ones, and a stated share of special ones.

Ordinary points are uniform in the box of the function. A special point carries special values in one variable
or more: zeros of both signs, ±1, ties (equal variables, and arguments put where a kink or the edge of a domain
is), tiny and huge numbers, the floats beside such places, integers and halves. Special points may leave the
box, and even the domain: that is what they are for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from ..engine import Constant, Tape
from .choices import Choices, seeded
from .grammar import Composite

_TINY = (1e-160, -1e-160, 1e-300, -1e-300, 5e-324, -5e-324, 2.2250738585072014e-308)
_HUGE = (1e160, -1e160, 1e300, -1e300, 1e17)
_NEAR_ZERO = (1e-8, -1e-8, 1e-3, -1e-3)

#: The kinds of special value, in the order of :func:`_special`.
KINDS = (
    *("zero", "one", "integer", "half", "minus zero", "minus one"),
    *("tie", "critical", "beside", "near 0", "tiny", "huge"),
)


def points(
    composite: Composite, count: int, *, seed: int, index: int = 0, special: float = 0.0
) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Points for one function, that depend on the seed and its index alone.

    Args:
        composite: the function and its box.
        count: K, how many points.
        seed, index: the campaign's seed and the index of the function in it.
        special: the share of special points, from 0 to 1; each point is special with this probability.

    Returns:
        For each variable an array of shape (K,).

    Raises:
        ValueError: ``special`` is no share, or ``count`` no positive number.
    """
    if not 0 <= special <= 1:
        raise ValueError(f"special={special!r}; expected a share from 0 to 1")
    if count < 1:
        raise ValueError(f"count={count!r}; expected at least one point")
    choices = seeded(seed, index, count, 1)  # another stream than the one that built the function
    rows = [point(choices, composite, choices.coin(special)) for _ in range(count)]
    return {name: np.array([row[name] for row in rows]) for name in composite.box}


def point(choices: Choices, composite: Composite, special: bool = False) -> dict[str, float]:
    """One point, ordinary or special, of any source of choices."""
    values = {name: choices.real(*interval) for name, interval in composite.box.items()}
    if special:
        names = list(values)
        first = choices.pick(names)
        for name in names:
            if name == first or choices.coin(0.3):
                values[name] = _special(choices, composite, name, values)
    return values


def _special(choices: Choices, composite: Composite, name: str, values: dict[str, float]) -> float:
    """A special value for one variable, given those of the others."""
    kind = choices.pick(KINDS)
    low, high = composite.box[name]
    if kind in ("critical", "beside"):
        places = critical(composite.tape).get(name) or (low, high)
        place = choices.pick(places)
        if kind == "critical":
            return place
        return math.nextafter(place, choices.pick((math.inf, -math.inf)))
    if kind == "tie":
        others = [value for other, value in values.items() if other != name]
        return choices.pick(others) * choices.pick((1.0, -1.0)) if others else choices.pick((low, high))
    if kind in ("integer", "half"):
        whole = choices.integer(math.floor(low) - 1, math.ceil(high) + 1)
        return float(whole) if kind == "integer" else whole + 0.5
    fixed: dict[str, Sequence[float]] = {
        "zero": (0.0,),
        "minus zero": (-0.0,),
        "one": (1.0,),
        "minus one": (-1.0,),
        "tiny": _TINY,
        "huge": _HUGE,
        "near 0": _NEAR_ZERO,
    }
    return choices.pick(fixed[kind])


@lru_cache(maxsize=8)
def critical(tape: Tape) -> dict[str, tuple[float, ...]]:
    """For each variable, the values that put an argument of some operation at a kink or the edge of a domain.

    Only arguments ``s*x + t`` of one variable are followed (in exact numbers). What matters to most
    operations is where such an argument is 0 or ±1; to ``max`` and its like, where it equals the other
    argument.
    """
    forms: list[dict[int, Fraction] | None] = []  # coefficients by input, of the constant under -1
    found: dict[int, dict[float, None]] = {i: {} for i in range(len(tape.inputs))}
    for index, node in enumerate(tape.nodes):
        if index < len(tape.inputs):
            forms.append({index: Fraction(1)})
            continue
        args = [forms[a] for a in node.args]
        form = _affine(node.primitive.name, node.consts, args)
        forms.append(form)
        if form is not None or node.primitive is Constant:
            continue
        known = [a for a in args if a is not None]
        targets: list[dict[int, Fraction]] = [{}, {-1: Fraction(1)}, {-1: Fraction(-1)}, *known]
        for argument in known:
            for target in targets:
                gap = _combine(argument, target, Fraction(-1))
                slope = [k for k, v in gap.items() if k >= 0 and v]
                if len(slope) == 1 and abs(root := -gap.get(-1, Fraction(0)) / gap[slope[0]]) < 10**6:
                    found[slope[0]][float(root)] = None
    return {tape.inputs[i]: tuple(roots) for i, roots in found.items()}


def _affine(name: str, consts: tuple[Any, ...], args: list[dict[int, Fraction] | None]) -> dict[int, Fraction] | None:
    """The coefficients of an operation on affine arguments, None where it is not affine."""
    if name == "constant":
        return {-1: consts[0]} if isinstance(consts[0], Fraction) else None
    known = [a for a in args if a is not None]
    if len(known) < len(args):
        return None
    if name in ("add", "sub"):
        return _combine(known[0], known[1], Fraction(1 if name == "add" else -1))
    if name == "neg":
        return _combine({}, known[0], Fraction(-1))
    if name == "mul":
        for factor, other in (known, known[::-1]):
            if set(factor) <= {-1}:
                return _combine({}, other, factor.get(-1, Fraction(0)))
    return None


def _combine(a: dict[int, Fraction], b: dict[int, Fraction], factor: Fraction) -> dict[int, Fraction]:
    """``a + factor*b``."""
    result = dict(a)
    for key, value in b.items():
        result[key] = result.get(key, Fraction(0)) + factor * value
    return result
