"""The quick sweep: the enclosure E at many points, as a flat list of steps made once a tape.

It is the strict sweep of :meth:`.sweeps.Plan.wide` without its exceptions: no germs, no underflow, no overflow. What it
finds inside a narrow ball is certified; everything else goes the long way. A single point runs through functions of
balls, many through functions of columns of balls, so that Python's own steps are paid once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from operator import and_
from typing import Any

from flint import arb, ctx

from . import balls
from .rules import FACTOR, LOCAL, PLUS, PRODUCT_UNITS
from .sweeps import Plan, Precision
from .truth import FEWEST_BITS, USUAL_ULPS

Ball = Any
Column = list[Ball]

#: Bits of the sweep: twice a double's, so that its own rounding is nothing beside the engine's.
BITS = 128

#: Points that a sweep of columns takes at a time.
BLOCK = 256


class Quick:
    """A tape's enclosure as two lists of steps, one forward, one in reverse."""

    def __init__(self, plan: Plan, precision: Precision) -> None:
        tape, unit = plan.tape, precision.unit
        self.inputs, self.output = len(tape.inputs), tape.output
        self.one_rounding = precision.one_rounding
        #: The share of itself by which a number may be off without being looked at the long way.
        self.usual = unit * USUAL_ULPS
        self.factor_rounding = arb(1, PRODUCT_UNITS * unit)
        active, output = tape.active, tape.output
        steps: list[tuple[int, Any, tuple[int, ...], bool]] = []
        edges: list[tuple[int, int, bool, int, int]] = []
        touched = [False] * len(tape)
        touched[output] = True
        for i, rule, args, value in reversed(plan.steps):
            if rule is None:
                steps.append((0, _constant(value, precision), (), False))
                continue
            if not (touched[i] and active[i]):
                form = rule.wide("strict", unit).together((), False)
            elif i == output or (len(args) > 1 and not all(map(active.__getitem__, args))):
                wanted = tuple([k for k, a in enumerate(args) if active[a]])
                form = rule.wide("strict", unit).together(wanted, i == output)
            else:
                form = rule.together(unit)
            products, is_tuple, _, _ = form
            steps.append((len(args), form, args, is_tuple))
            for k, how, place in products:
                target = args[k]
                edges.append((i, target, not touched[target], how, args[1 - k] if how == FACTOR else place))
                touched[target] = True
        #: How many arguments, then what computes the value (a ball where there are none), and which nodes they are;
        #: last whether it computes local derivatives too.
        self.steps = steps[::-1]
        #: Node, target, whether it is the target's first path, how the product is formed, and from which: the place of
        #: the local derivative behind the node's value, or the node that is the factor.
        self.edges = edges

    def run(self, inputs: Sequence[Ball]) -> tuple[Ball, list[Ball]]:
        """Enclosures of the value and of the gradient; nan where this sweep knows nothing."""
        v = list(inputs)
        append = v.append
        local: dict[int, Any] = {}
        for count, form, args, is_tuple in self.steps:
            if count == 2:
                a, b = args
                ball = form.of_balls(v[a], v[b])
            elif count == 1:
                ball = form.of_balls(v[args[0]])
            elif count == 0:
                ball = form
            else:
                ball = form.of_balls(*[v[a] for a in args])
            if is_tuple:
                local[len(v)] = ball
                ball = ball[0]
            append(ball)
        one, rounding, by_factor = balls.ONE, self.one_rounding, self.factor_rounding
        adjoints: list[Any] = [balls.ZERO] * len(v)
        adjoints[self.output] = one
        for i, target, first, how, place in self.edges:
            product = adjoints[i]
            if how == LOCAL:
                partial = local[i][place]
                product = partial if product is one else product * partial
            elif how == FACTOR:
                product = product * v[place] * by_factor
            elif how != PLUS:
                product = -product
            adjoints[target] = product if first else (adjoints[target] + product) * rounding
        return v[self.output], adjoints[: self.inputs]

    def run_columns(self, inputs: Sequence[Column], size: int) -> tuple[Column, list[Column]]:
        """As :meth:`run`, at ``size`` points: a column of so many balls for each input."""
        v = list(inputs)
        local: dict[int, Any] = {}
        for count, form, args, is_tuple in self.steps:
            column = form.of_columns(*[v[a] for a in args]) if count else [form] * size
            if is_tuple:
                local[len(v)] = column
                column = column[0]
            v.append(column)
        rounding, by_factor = self.one_rounding, self.factor_rounding
        ones = [balls.ONE] * size
        adjoints: list[Any] = [None] * len(v)
        adjoints[self.output] = ones
        for i, target, first, how, place in self.edges:
            products = adjoints[i]
            if how == LOCAL:
                partials = local[i][place]
                products = partials if products is ones else [p * d for p, d in zip(products, partials, strict=True)]
            elif how == FACTOR:
                products = [p * x * by_factor for p, x in zip(products, v[place], strict=True)]
            elif how != PLUS:
                products = [-p for p in products]
            if not first:
                products = [(p + q) * rounding for p, q in zip(adjoints[target], products, strict=True)]
            adjoints[target] = products
        zeros = [balls.ZERO] * size
        return v[self.output], [zeros if column is None else column for column in adjoints[: self.inputs]]


def quick_of(plan: Plan, precision: Precision) -> Quick:
    """The quick sweep of a plan, kept with it."""
    quick: Quick | None = plan.quick.get(precision.unit)
    if quick is None:
        quick = plan.quick[precision.unit] = Quick(plan, precision)
    return quick


def _constant(value: Any, precision: Precision) -> Ball:
    if isinstance(value, str):
        return Plan.rounded_constant(value, precision)
    return _rational(value.numerator, value.denominator, precision)


@lru_cache(maxsize=4096)
def _rational(numerator: int, denominator: int, precision: Precision) -> Ball:
    with balls.precision(BITS):
        return Plan.rounded_constant(Fraction(numerator, denominator), precision)


class Enclosed:
    """The enclosures of a gradient at K points, found block by block as they are asked for.

    Args:
        quick: the tape's sweep.
        columns: K numbers for each input.
        values: what an engine returned at the K points.
        gradients: likewise, K numbers for each partial.
        is_suspect: asked once at most, for the first point where a number is further off than rounding usually makes
            it: whether it needs the long way though its ball holds it (see :mod:`.unmask`).
    """

    def __init__(
        self,
        quick: Quick,
        columns: Sequence[list[float]],
        values: list[float],
        gradients: Sequence[list[float]],
        is_suspect: Callable[[int], bool],
    ) -> None:
        self.is_suspect = is_suspect
        self.quick, self.columns, self.values, self.gradients = quick, columns, values, gradients
        self._blocks: list[list[Column]] = []
        self._has_looked = False

    def certified(self) -> Iterator[list[bool]]:
        """For one block of points after another, at which all numbers lie in their enclosures, and these are narrow."""
        count = len(self.values)
        if count == 1:
            yield [self._certified_alone()]
            return
        for start in range(0, count, BLOCK):
            block = slice(start, start + BLOCK)
            columns = [list(map(arb, column[block])) for column in self.columns]
            with balls.precision(BITS):
                values, partials = self.quick.run_columns(columns, min(BLOCK, count - start))
            self._blocks.append(partials)
            numbers = [column[block] for column in (self.values, *self.gradients)]
            good = list(map(and_, map(arb.is_finite, values), map(arb.contains, values, numbers[0])))
            for column, found in zip(partials, numbers[1:], strict=True):
                narrow = map(FEWEST_BITS.__le__, map(arb.rel_accuracy_bits, column))
                good = list(map(and_, good, map(and_, narrow, map(arb.contains, column, found))))
            for column in numbers:
                if not all(map(isfinite, column)):  # an infinite ball contains infinity
                    good = list(map(and_, good, map(isfinite, column)))
            if not self._has_looked:
                self._look(good, partials, start)
            yield good

    def _look(self, good: list[bool], partials: list[Column], start: int) -> None:
        """The first point where a number is further off than rounding usually makes it, if it needs the long way."""
        usual = self.quick.usual
        for column, numbers in zip(partials, self.gradients, strict=True):
            for k, (middle, g) in enumerate(zip(map(float, column), numbers[start : start + BLOCK], strict=True)):
                if not abs(middle - g) <= usual * abs(g) and good[k]:
                    good[k], self._has_looked = not self.is_suspect(start + k), True
                    return

    def _certified_alone(self) -> bool:
        before, ctx.prec = ctx.prec, BITS
        try:
            value, partials = self.quick.run([arb(x) for (x,) in self.columns])
        finally:
            ctx.prec = before
        self._blocks.append([[ball] for ball in partials])
        if not _encloses(value, self.values[0]):
            return False
        usual, far = self.quick.usual, False
        for ball, (g,) in zip(partials, self.gradients, strict=True):
            if not _decides(ball, g):
                return False
            far = far or not abs(float(ball) - g) <= usual * abs(g)
        return not (far and self.is_suspect(0))

    def balls(self, k: int) -> list[Ball]:
        """The enclosures of the partials at a point that ``certified`` has passed."""
        return [column[k % BLOCK] for column in self._blocks[k // BLOCK]]


def _encloses(ball: Ball, number: float) -> bool:
    """Whether a number lies in a ball, of which nan contains everything and is none."""
    return bool(ball.is_finite() and ball.contains(number))


def _decides(ball: Ball, number: float) -> bool:
    """Whether a number lies in a narrow ball; an exact one has all bits there are."""
    return bool(ball.rel_accuracy_bits() >= FEWEST_BITS) and _encloses(ball, number)
