"""What sums may be whose terms are added up in another order than the tape's: of values, and over paths."""

from __future__ import annotations

from collections.abc import Iterator

from flint import arb

from . import balls
from .balls import Ball
from .rules import PRODUCT_UNITS, Rule, Wide


class Sums:
    """Sums of values whose terms may be added up in any order: by lanes, in pairs, or merged by a compiler.

    Where terms take each other away at once, a sum is narrow in the order in which it is written. An engine that adds
    in another one may return anything within (n − 1)·u of the sum of their sizes.
    """

    def __init__(self, unit: float, most: int) -> None:
        self._unit, self._most = unit, most
        self._known: dict[int, tuple[Ball, Ball, int]] = {}  # node → as it is written; the sizes of its terms; how many
        self._open: set[int] = set()  # nodes that may hang on the order of more than two terms

    def value(self, i: int, rule: Rule, form: Wide, args: tuple[int, ...], values: list[Ball]) -> Ball:
        """The ball of a node's value: of a sum of more than two terms by these, of anything else by its arguments."""
        if not self._open.isdisjoint(args):
            self._open.add(i)
        if rule.primitive.name not in ("add", "sub", "neg"):
            return form.value(*[values[a] for a in args])
        terms = [self._known.get(a) or (values[a], abs(values[a]), 1) for a in args]
        ball = form.value(*[written for written, _, _ in terms])
        size, count = sum((s for _, s, _ in terms), balls.ZERO), sum(n for _, _, n in terms)
        self._known[i] = ball, size, count
        if count <= 2:
            return ball
        self._open.add(i)
        # of a value that is used twice the terms count twice, but no program adds more often than it has operations
        return ball + _around_0(size * (min(count - 1, self._most) * self._unit))

    def is_settled(self, i: int) -> bool:
        """Whether a node has one value whatever the order of its terms."""
        return i not in self._open


class Paths:
    """The sizes of all paths from the output, summed: what cancels between paths may be rounded before it does."""

    def __init__(self, output: int) -> None:
        self._known: dict[int, tuple[Ball, float]] = {output: (balls.ONE, 0.0)}  # and how many u they are off at most

    def extend(self, node: int, argument: int, local: Ball) -> None:
        """Lengthen the paths to a node by its local derivative by an argument."""
        size, units = self._known[node]
        if local is not balls.ONE:
            size, units = size * abs(local), units + PRODUCT_UNITS
        if argument in self._known:
            more, others = self._known[argument]
            size, units = more + size, max(units, others) + 1
        self._known[argument] = size, units

    def spreads(self, unit: float) -> Iterator[tuple[int, Ball]]:
        """Each node with what rounding may make of its adjoint, around 0."""
        for i, (size, units) in self._known.items():
            yield i, _around_0(size * (units * unit))


def _around_0(size: Ball) -> Ball:
    return arb(0, 1) * size.abs_upper()
