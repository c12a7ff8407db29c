"""What operations on arrays of cells mean that several libraries have.

A *rule* takes the sheet and the operation's arguments, and returns cells; what else a library says of an operation,
such as how it is computed, is passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import Unsupported
from .cells import Cells, Sheet, each, symbolic

Rule = Callable[..., Any]


def mapped(primitive: str) -> Rule:
    """A primitive, entry by entry."""
    return lambda sheet, *cells, **_: sheet.map(primitive, *cells)


def compared(relation: str) -> Rule:
    """A comparison, entry by entry."""
    return lambda sheet, a, b, **_: each(lambda x, y: sheet.compare(relation, x, y), a, b)


def entrywise(function: Callable[..., Any]) -> Rule:
    """A function of cells that records nothing by itself, entry by entry."""
    return lambda sheet, *arrays, **_: each(function, *arrays)


def rsqrt(sheet: Sheet, x: Cells, **_: Any) -> Cells:
    """1/√x."""
    return sheet.map("powc", x, consts=(Fraction(-1, 2),))


def decayed(name: str) -> Rule:
    """A Bessel function times exp(−|x|)."""

    def rule(sheet: Sheet, x: Cells, **_: Any) -> Cells:
        decay = sheet.map("exp", sheet.map("neg", sheet.map("abs", x)))
        return sheet.map("mul", decay, sheet.map(name, x))

    return rule


def regularized(name: str) -> Rule:
    """An incomplete gamma function divided by the complete one."""

    def rule(sheet: Sheet, shape: Cells, x: Cells, **_: Any) -> Cells:
        if any(map(symbolic, np.asarray(shape, object).flat)):  # by that there is no derivative in closed form
            raise Unsupported("an incomplete gamma function whose shape is a variable")
        return sheet.map("div", sheet.map(name, shape, x), sheet.map("gamma", shape))

    return rule


def fmod(sheet: Sheet, a: Cells, b: Cells, **_: Any) -> Cells:
    """The remainder with the sign of a."""

    def entry(x: Any, y: Any) -> Any:
        size = sheet.apply("abs", y) if symbolic(y) else abs(y)
        up, down = sheet.apply("mod", x, size), sheet.apply("neg", sheet.apply("mod", sheet.apply("neg", x), size))
        return sheet.choose(sheet.compare(">=", x, 0.0), up, down)

    return each(entry, a, b)


#: Operations that are primitives of the same name.
_ALIKE = (
    "mul",
    "neg",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "sqrt",
    "square",
    "abs",
    "sign",
    "floor",
    "ceil",
    "erf",
    "erfc",
    "digamma",
    "polygamma",
)

#: Operations that JAX and ATen call by one name.
COMMON: dict[str, Rule] = {
    **{name: mapped(name) for name in _ALIKE},
    "lgamma": mapped("loggamma"),
    "eq": compared("=="),
    "ne": compared("!="),
    "lt": compared("<"),
    "le": compared("<="),
    "gt": compared(">"),
    "ge": compared(">="),
    "rsqrt": rsqrt,
    "igamma": regularized("lowergamma"),
    "igammac": regularized("uppergamma"),
}
