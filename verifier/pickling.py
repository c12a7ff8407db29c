"""Balls by their numbers, so that what holds them can be copied and sent to other processes."""

from __future__ import annotations

import copyreg
from typing import Any

from flint import arb, fmpz

from .oracle import balls


def _reduced(ball: arb) -> tuple[Any, tuple[Any, ...]]:
    if ball is balls.ZERO:  # this very object says that nothing near the point is anything else
        return _zero, ()
    if not ball.is_finite():  # nan, an infinity, or all numbers
        text = "inf" if ball > 0 else "-inf" if ball < 0 else "nan" if ball.is_nan() else "[+/- inf]"
        return arb, (text,)
    return _finite, tuple(int(number) for part in (ball.mid(), ball.rad()) for number in part.man_exp())


def _zero() -> arb:
    return balls.ZERO


def _finite(middle: int, exponent: int, radius: int, scale: int) -> arb:
    """A ball of whole numbers times powers of 2; its radius may grow in the ninth digit, as Arb rounds it upwards."""
    with balls.precision(max(64, middle.bit_length())):
        found = fmpz(middle) * arb(2) ** fmpz(exponent)
        return arb(found, fmpz(radius) * arb(2) ** fmpz(scale)) if radius else found


copyreg.pickle(arb, _reduced)
