"""The quick sweep: the enclosure E at many points, as a flat list of steps made once a tape.

It is the strict sweep of :meth:`.sweeps.Plan.wide` without its exceptions: no germs, no underflow, no overflow. What it
finds inside a narrow ball is certified; everything else goes the long way. A single point runs through functions of
balls, many through functions of columns of balls, so that Python's own steps are paid once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from operator import and_
from typing import Any

import numpy as np
from flint import arb, ctx

from ...engine.tape import Constant, Tape
from ..engine import Shown, number_at
from ..oracle import balls
from ..oracle.balls import Ball
from ..oracle.exactness import exact_nodes
from ..oracle.frugal import LOCK
from ..oracle.rules import FACTOR, LOCAL, MINUS, PLUS, PRODUCT_UNITS, Rule, rule_of
from ..oracle.sweeps import Plan, Precision, plan_of
from ..oracle.truth import FEWEST_BITS

Column = list[Ball]

#: What a sweep found on its way: the values of all nodes, and by node the value with the local derivatives that it
#: needed. Balls, or columns of them.
Swept = tuple[list[Any], dict[int, Any]]

#: Nodes that have got the negative of another's adjoint: both.
Negated = dict[int, tuple[Any, Any]]

#: Whether the point of some place needs the long way, by the sweep that met it and its place in the columns of that.
IsSuspect = Callable[[int, Swept, int], bool]

#: Bits of the sweep: twice a double's, so that its own rounding is nothing beside the engine's.
BITS = 128

#: Points that a sweep of columns takes at a time.
BLOCK = 256


class Quick:
    """A tape's enclosure as a list of steps, run forward and then in reverse."""

    def __init__(self, tape: Tape, precision: Precision) -> None:
        unit, first = precision.unit, len(tape.inputs)
        self.inputs, self.output = first, tape.output
        self.one_rounding = precision.one_rounding
        self.factor_rounding = arb(1, PRODUCT_UNITS * unit)
        active, output = tape.active, tape.output
        #: Whether the output depends on an input at all.
        self.moves = active[output]
        #: How many arguments, then what computes the value and the local derivatives that are needed (a ball where
        #: there are no arguments), and which nodes they are; last whether it returns more than the value.
        self.steps: list[tuple[int, Any, tuple[int, ...], bool]] = []
        self.rules: list[Rule] = []
        append, keep, whole, exact = self.steps.append, self.rules.append, True, exact_nodes(tape)
        for i, (primitive, args, consts, _) in enumerate(tape.nodes[first:], first):
            if primitive is Constant or i in exact:
                append((0, _constant(exact[i] if i in exact else consts[0], precision), (), False))
                continue
            rule = rule_of(primitive, consts)
            keep(rule)
            whole = whole and rule.is_differentiable
            count = len(args)
            if count == 2:
                a, b = args
                moves = active[a] and active[b]
            else:
                moves = active[args[0]] if count == 1 else all(map(active.__getitem__, args))
            if i == output or not moves:
                wanted = tuple([k for k, a in enumerate(args) if active[a]])
                # a constant may lie on a tie without being one of the function
                form = rule.wide("strict" if wanted else "value", unit).together(wanted, i == output)
            else:
                form = rule.together(unit)
            append((count, form, args, form.is_tuple))
        #: As of a plan: the inputs by which no derivative is known.
        self.opaque = {} if whole else plan_of(tape).opaque

    @property
    def is_current(self) -> bool:
        """As of a plan: whether every primitive still means what it meant."""
        return False not in [rule.text is rule.primitive.meaning for rule in self.rules]

    def run(self, inputs: Sequence[Ball]) -> tuple[Ball, list[Ball], Swept]:
        """Enclosures of the value and of the gradient, nan where this sweep knows nothing; and what is inside."""
        v = list(inputs)
        append, steps, first = v.append, self.steps, self.inputs
        local: dict[int, Any] = {}
        for count, form, args, is_tuple in steps:
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
        adjoints: list[Any] = [None] * len(v)
        adjoints[self.output] = one if self.moves else None
        negated: Negated = {}
        for i in range(self.output, first - 1, -1):
            adjoint = adjoints[i]
            if adjoint is None:
                continue
            _, form, args, _ = steps[i - first]
            for k, how, place in form.products:
                if how == LOCAL:
                    partial = local[i][place]
                    product = partial if adjoint is one else adjoint * partial
                elif how == FACTOR:
                    product = adjoint * v[args[1 - k]] * by_factor
                elif how == PLUS:
                    product = adjoint
                else:
                    product = -adjoint
                target = args[k]
                known = adjoints[target]
                if known is None:
                    adjoints[target] = product
                    if how == MINUS:
                        negated[target] = product, adjoint
                elif how <= MINUS and cancel(how, adjoint, known, negated, i, target):
                    adjoints[target] = balls.ZERO
                else:
                    adjoints[target] = (known + product) * rounding
        return v[self.output], [balls.ZERO if a is None else a for a in adjoints[:first]], (v, local)

    def run_columns(self, inputs: Sequence[Column], size: int) -> tuple[Column, list[Column], Swept]:
        """As :meth:`run`, at ``size`` points: a column of so many balls for each input."""
        v = list(inputs)
        steps, first = self.steps, self.inputs
        local: dict[int, Any] = {}
        for count, form, args, is_tuple in steps:
            column = form.of_columns(*[v[a] for a in args]) if count else [form] * size
            if is_tuple:
                local[len(v)] = column
                column = column[0]
            v.append(column)
        rounding, by_factor = self.one_rounding, self.factor_rounding
        ones = [balls.ONE] * size
        adjoints: list[Any] = [None] * len(v)
        adjoints[self.output] = ones if self.moves else None
        negated: Negated = {}
        zeros = [balls.ZERO] * size
        for i in range(self.output, first - 1, -1):
            adjoint = adjoints[i]
            if adjoint is None:
                continue
            _, form, args, _ = steps[i - first]
            for k, how, place in form.products:
                if how == LOCAL:
                    partials = local[i][place]
                    products = partials if adjoint is ones else [p * d for p, d in zip(adjoint, partials, strict=True)]
                elif how == FACTOR:
                    products = [p * x * by_factor for p, x in zip(adjoint, v[args[1 - k]], strict=True)]
                elif how == PLUS:
                    products = adjoint
                else:
                    products = [-p for p in adjoint]
                target = args[k]
                known = adjoints[target]
                if known is None:
                    adjoints[target] = products
                    if how == MINUS:
                        negated[target] = products, adjoint
                elif how <= MINUS and cancel(how, adjoint, known, negated, i, target):
                    adjoints[target] = zeros
                else:
                    adjoints[target] = [(p + q) * rounding for p, q in zip(known, products, strict=True)]
        return v[self.output], [zeros if column is None else column for column in adjoints[:first]], (v, local)

    def far_off(self, swept: Swept, k: int, shown: Shown, near: float) -> list[int]:
        """The operations whose local derivatives, as an engine has them, may be off: by more than a share ``near``.

        The exact ones are the middles of a sweep's balls, which say little where rounding is magnified; and a factor
        of a product is right if it is the engine's own value of the other factor.

        Args:
            swept: of columns, or of balls at one point.
            k: the place of the point in the columns; of no meaning for balls.
            shown: what the engine stored at the point.
        """
        column, local = swept
        stored, own, found = shown.local_derivatives, shown.values, []
        is_column = isinstance(column[0], list)
        for i, (count, form, args, _) in enumerate(self.steps, self.inputs):
            numbers = stored[i]
            if numbers is None or count == 0:
                continue
            for position, how, place in form.products:
                g = numbers[position] if numbers.__class__ is tuple else numbers
                if how == LOCAL:
                    ball, g = local[i][place], number_at(g)
                    is_near = abs(g - float(ball[k] if is_column else ball)) <= near * abs(g)
                elif how == FACTOR:
                    other = own[args[1 - position]]
                    is_near = g is other or g == other
                else:
                    is_near = g == (1.0 if how == PLUS else -1.0)
                if not is_near:
                    found.append(i)
                    break
        return found


def cancel(how: int, adjoint: Any, known: Any, negated: Negated, i: int, target: int) -> bool:
    """Whether an adjoint on its way by PLUS or MINUS takes away exactly what another path has brought.

    So it is where z + (v − z) is differentiated by z. A reverse sweep in floats gives 0 there whatever the adjoint is,
    and balls, which do not know that the two are one number, would leave its radius. An engine that returns something
    else, as tangents may where more is added up on the way, goes the long way, whose E has that radius.

    Args:
        how: the way.
        adjoint: of the operation.
        known: what its argument has got by another path.
        negated: the nodes that have got a negative so far.
        i: the operation.
        target: its argument.
    """
    if how == MINUS:
        return known is adjoint
    return _are(negated.get(i), adjoint, known) or _are(negated.get(target), known, adjoint)


def _are(pair: tuple[Any, Any] | None, negative: Any, positive: Any) -> bool:
    return pair is not None and pair[0] is negative and pair[1] is positive


def quick_of(tape: Tape, precision: Precision) -> Quick:
    """The quick sweep of a tape, kept with it."""
    quick: Quick | None = tape.derived.get(precision)
    if quick is None or not quick.is_current:
        quick = tape.derived[precision] = Quick(tape, precision)
    return quick


def _constant(value: Fraction | str, precision: Precision) -> Ball:
    return _rounded_constant(value if isinstance(value, str) else value.as_integer_ratio(), precision)


@lru_cache(maxsize=4096)
def _rounded_constant(value: tuple[int, int] | str, precision: Precision) -> Ball:
    """A named constant, or the rational number of a numerator and a denominator: Fractions take long to be hashed."""
    return Plan.rounded_constant(value if isinstance(value, str) else Fraction(*value), precision, BITS)


class Enclosed:
    """The enclosures of a gradient at K points, found block by block as they are asked for.

    Args:
        quick: the tape's sweep.
        columns: K doubles for each input, a list of one or an array of more; likewise all that follow.
        values: what an engine returned at the K points.
        gradients: likewise, K numbers for each partial.
        usual: the share of itself by which a number may be off without a look at the operations on its way.
    """

    def __init__(
        self,
        quick: Quick,
        columns: Sequence[Any],
        values: Any,
        gradients: Sequence[Any],
        usual: float,
    ) -> None:
        self.quick, self.columns, self.values, self.gradients = quick, columns, values, gradients
        self._usual = usual
        self._blocks: list[list[Sequence[Ball]]] = []

    def certified(self, is_suspect: IsSuspect) -> Iterator[list[bool]]:
        """For one block of points after another, at which all numbers lie in their enclosures, and these are narrow.

        Args:
            is_suspect: asked for the point whose number is furthest off, if it is further than usual and than those
                of the blocks before: whether it needs the long way though its ball holds it (see :mod:`.unmask`).
        """
        count = len(self.values)
        for start in range(0, count, BLOCK):
            block = slice(start, start + BLOCK)
            columns = [list(map(arb, column[block].tolist())) for column in self.columns]
            with balls.precision(BITS):
                values, partials, swept = self.quick.run_columns(columns, min(BLOCK, count - start))
            self._blocks.append([*partials])
            numbers = [column[block] for column in (self.values, *self.gradients)]
            # an infinite ball contains infinity
            finite: list[bool] = np.logical_and.reduce(np.isfinite(numbers)).tolist()
            returned = numbers[1:]
            numbers = [column.tolist() for column in numbers]
            good = list(map(and_, finite, map(and_, map(arb.is_finite, values), map(arb.contains, values, numbers[0]))))
            for column, found in zip(partials, numbers[1:], strict=True):
                narrow = map(FEWEST_BITS.__le__, map(arb.rel_accuracy_bits, column))
                good = list(map(and_, good, map(and_, narrow, map(arb.contains, column, found))))
            if (furthest := self._furthest(good, partials, returned)) is not None:
                good[furthest] = not is_suspect(start + furthest, swept, furthest)
            yield good

    @np.errstate(all="ignore")
    def _furthest(self, good: list[bool], partials: list[Column], gradients: list[Any]) -> int | None:
        """Of good points that whose number is furthest off, if that is more than of any before, in shares of itself."""
        if not gradients:
            return None
        middles = [np.array([*map(float, column)]) for column in partials]
        shares = np.nan_to_num(np.abs(np.array(middles) - gradients) / np.abs(gradients), posinf=0.0).max(axis=0) * good
        furthest = int(shares.argmax())
        if not shares[furthest] > self._usual:
            return None
        self._usual = shares[furthest]
        return furthest

    def is_certified_alone(self, is_suspect: IsSuspect) -> bool:
        """As :meth:`certified`, of the only point."""
        with LOCK:  # as balls.precision, whose context manager takes longer than a small function
            before, ctx.prec = ctx.prec, BITS
            try:
                value, partials, swept = self.quick.run([*map(arb, chain.from_iterable(self.columns))])
            finally:
                ctx.prec = before
        self._blocks.append([*zip(partials, strict=True)])
        if not (value.is_finite() and value.contains(self.values[0])):  # nan and infinite balls contain everything
            return False
        usual, far = self._usual, False
        for ball, (g,) in zip(partials, self.gradients, strict=True):
            if not (ball.rel_accuracy_bits() >= FEWEST_BITS and ball.is_finite() and ball.contains(g)):
                return False
            far = far or not abs(float(ball) - g) <= usual * abs(g)
        return not (far and is_suspect(0, swept, 0))

    def balls(self, k: int) -> list[Ball]:
        """The enclosures of the partials at a point that ``certified`` has passed."""
        return [column[k % BLOCK] for column in self._blocks[k // BLOCK]]
