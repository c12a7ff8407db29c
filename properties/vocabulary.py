"""What the grammar may say: every primitive, with the constants and orders it is used with."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from ..engine import REGISTRY, Primitive
from ..engine.primitive import hint
from .region import Box, windows

_RATIONALS = tuple(Fraction(n, d) for n, d in [(1, 2), (1, 1), (2, 1), (1, 10), (1, 3)])

#: Candidates for a keyword constant by its name, simplest first; those without a window are dropped.
CONSTANTS: dict[str, tuple[Any, ...]] = {
    "c": (
        *(Fraction(n) for n in (2, 3, -1, 4, -2)),
        *(Fraction(n, d) for n, d in [(1, 2), (3, 2), (-1, 2), (1, 3), (5, 3), (1, 10), (-7, 10), (5, 2)]),
    ),
    "n": tuple(Fraction(n) for n in (1, -1, 2, -2, 3)),
    "h": (Fraction(1, 2), Fraction(0), Fraction(1)),
    "slope": (Fraction(1, 100), Fraction(1, 10), Fraction(1, 4)),
    "alpha": (Fraction(1), Fraction(1, 2), Fraction(3, 2)),
    "relation": ("<", "<=", ">", ">=", "==", "!="),
}

#: Candidates for an opaque argument (an order), simplest first: integers, halves, and no dyadic number.
ORDERS = tuple(Fraction(n, d) for n, d in [(1, 1), (0, 1), (2, 1), (3, 1), (1, 2), (5, 2), (1, 3), (17, 10)])

#: Functions of which fractional orders take a hundred times as long.
WHOLE = ("polylog",)

#: Families in the order in which a learner meets them; others follow.
_FAMILIES = ("arithmetic", "powers", "exponential", "trigonometric", "hyperbolic", "piecewise", "activations")

#: Families that are drawn only where they are named: number by number or nearly so, they would be most of a campaign's
#: time, and no engine but ours has most of them.
BY_NAME = ("hypergeometric", "legendre", "polylogarithms")


class Use(NamedTuple):
    """A primitive with constants and orders, and the boxes of its remaining arguments."""

    consts: tuple[Any, ...]
    orders: tuple[Fraction, ...]
    boxes: tuple[Box, ...]


class Word(NamedTuple):
    """A primitive and the ways in which it is used."""

    primitive: type[Primitive]
    uses: tuple[Use, ...]
    arity: int  # arguments that are not orders


@cache
def word(primitive: type[Primitive], kinks: bool) -> Word | None:
    """The uses of a primitive; None if it has no window (for instance only kinks, and none are wanted)."""
    arity = len(primitive.arguments) - len(primitive.opaque)
    constants = itertools.product(*(CONSTANTS.get(name, _RATIONALS) for name in primitive.constants))
    uses = []
    for consts, orders in itertools.product(constants, orders_of(primitive)):
        boxes = windows(primitive, consts, orders, kinks)  # type: ignore[arg-type]  # a class is hashable
        if boxes:
            uses.append(Use(consts, orders, boxes))
    return Word(primitive, tuple(uses), arity) if uses else None


def orders_of(primitive: type[Primitive]) -> list[tuple[Fraction, ...]]:
    """Candidates for the opaque arguments together: of several, three of the first with the others shifted."""
    orders = [n for n in ORDERS if n.denominator == 1 or primitive.name not in WHOLE]
    orders = orders if len(primitive.opaque) < 2 else orders[::3]
    return list(zip(*(orders[k:] + orders[:k] for k in range(len(primitive.opaque))), strict=True)) or [()]


def _simplicity(primitive: type[Primitive]) -> tuple[int, int]:
    family = primitive.__module__.rpartition(".")[2]
    rank = _FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES)
    return rank, list(REGISTRY.values()).index(primitive)


def chosen(primitives: Iterable[str | type[Primitive]] | None, specials: bool) -> tuple[type[Primitive], ...]:
    """The primitives that were asked for, simplest first.

    Args:
        primitives: names or classes; every primitive of the registry if None, but for those of ``BY_NAME``.
        specials: whether special functions are among them, unless they are named.

    Raises:
        ValueError: a name that no primitive has, or none at all.
    """
    if primitives is None:
        return _everything(specials, len(REGISTRY))
    classes = []
    for primitive in primitives:
        name = primitive if isinstance(primitive, str) else primitive.name
        if name not in REGISTRY:
            raise ValueError(f"primitives: {name!r} is no operation; {hint(name)}")
        classes.append(REGISTRY[name])
    if not classes:
        raise ValueError("primitives is empty; give at least one name, or None for all")
    return tuple(sorted(classes, key=_simplicity))


@cache
def _everything(specials: bool, count: int) -> tuple[type[Primitive], ...]:
    """All primitives, ordered once; ``count`` renews the answer when the registry has grown."""
    families = {p: p.__module__.rpartition(".")[2] for p in REGISTRY.values()}
    wanted = [p for p in REGISTRY.values() if families[p] in _FAMILIES or (specials and families[p] not in BY_NAME)]
    return tuple(sorted(wanted, key=_simplicity))


def usual(primitives: Iterable[str]) -> tuple[str, ...]:
    """Of these names those that are drawn where nobody named them; all of them, if there is none."""
    names = tuple(primitives)
    found = (n for n in names if n not in REGISTRY or REGISTRY[n].__module__.rpartition(".")[2] not in BY_NAME)
    return tuple(found) or names


@cache
def words(primitives: tuple[type[Primitive], ...], kinks: bool) -> tuple[Word, ...]:
    """The words of the primitives that have a window."""
    found = (word(primitive, kinks) for primitive in primitives)  # type: ignore[arg-type]  # as above
    return tuple(w for w in found if w is not None)
