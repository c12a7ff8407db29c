"""Screening: all points of a function at once in longdouble, so that balls need only decide what is left open.

One vectorised sweep of SymPy's program of meanings gives the exact value and gradient to some 2⁻⁶⁰, and a
running-error sweep beside it (first order; Higham 2002, section 3.3) bounds from below what the enclosure E permits
a correct engine to return: every operation may be off by k units, every local derivative by 6, every sum of paths by 1.
The longdouble sweep obeys the same recurrences with errors 2⁻⁶ times as large at most (see :mod:`.longdouble`), so
a number within :data:`SHARE` of the bound lies inside E.

Nothing is accused here. A number outside, a bound that leaves fewer than 20 bits, a tie within the bound, a slope that
bends within it, anything that is not finite: all that is left to balls. What passes is *screened*, not certified:
first-order bounds are no theorem, and the platform's longdouble functions are taken at their word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ...engine.blocks import keep_what_is_freed
from ..oracle.exactness import is_constant_exact
from ..oracle.rules import FACTOR, LOCAL, MINUS, PLUS
from ..oracle.sweeps import Plan
from .longdouble import Kernel, kernel_of
from .longlibrary import IS_WIDER, NAMED
from .quick import Negated, cancel

Array = Any

#: The part of the bound that a number may use up; the rest is the longdouble sweep's and what first order leaves out.
SHARE = 0.9

#: A bound must leave this many bits of what it bounds, one more than certification asks for.
NARROW = 2.0**-21

#: The share of a local derivative by which its argument's error may change it: beyond that, first order tells nothing.
BEND = 2.0**-4

#: u by which a local derivative with its product may be off.
PRODUCT = 6

#: What a product does to an adjoint: it is the first one, or added to those of other paths, or takes them away exactly.
FIRST, ADDS, CANCELS = range(3)

#: Points that are swept at a time: their rows stay in the processor's cache, and their memory serves the next ones.
BLOCK = 4096


def screen(
    plan: Plan, columns: Sequence[Array], value: Array, partials: Sequence[Array], unit: float
) -> Screening | None:
    """Compare an engine's numbers at K points with what a correct engine may return.

    Args:
        plan: the tape, made ready; no opaque inputs.
        columns: K doubles for each input, as arrays.
        value: the K numbers of the engine.
        partials: K numbers for each input.
        unit: u of the floating type in which the engine computed.

    Returns:
        None where this platform or this function cannot be screened.
    """
    if not IS_WIDER or not columns:
        return None
    steps = [(i, None if rule is None else kernel_of(rule), args, constant) for i, rule, args, constant in plan.steps]
    if any(kernel is None and args for _, kernel, args, _ in steps):
        return None
    with np.errstate(all="ignore"):
        return Screening(plan, steps, columns, value, partials, unit)


#: A product of the reverse sweep: the operation, its kernel, the place of an argument, the argument, how the product is
#: formed and with which local derivative or node, and what it does to the argument's adjoint.
Edge = tuple[int, Kernel, int, int, int, int, int]

#: The steps of a plan with a kernel in place of each rule.
Steps = list[tuple[int, Kernel | None, tuple[int, ...], Any]]


class Screening:
    """What was screened of one tape at K points, swept in blocks; arguments as of :func:`screen`.

    Attributes:
        agreed: at which points the value and all partials are what a correct engine may return; False decides nothing.
            One point at least is left to balls.
        gradient: the exact partials, of shape (inputs, K) in longdouble.
    """

    def __init__(
        self,
        plan: Plan,
        steps: Steps,
        columns: Sequence[Array],
        value: Array,
        partials: Sequence[Array],
        unit: float,
    ) -> None:
        self.partials, self.unit = partials, unit
        self.agreed: Array = np.empty(len(value), bool)
        self.gradient: Array = np.empty((len(columns), len(value)), np.longdouble)
        far = np.empty(len(value))
        keep_what_is_freed()
        for start in range(0, len(value), BLOCK):
            block = np.s_[start : start + BLOCK]
            at, slopes = ([column[block] for column in both] for both in (columns, partials))
            sweep = _Sweep(plan, steps, at, value[block], slopes, unit)
            self.agreed[block], far[block], self.gradient[:, block] = sweep.agreed, sweep.far, sweep.gradient
        # balls look at the one that is furthest off: see unmask
        self.agreed[np.where(self.agreed, far, -1.0).argmax()] = False

    def ulps(self, k: int) -> list[float]:
        """The distances of the partials at one point from the exact ones, in units in the last place."""
        tiny = np.finfo(np.float64).smallest_subnormal
        return [
            float(abs(column[k] - t) / (abs(t) * self.unit + tiny))
            for column, t in zip(self.partials, self.gradient[:, k], strict=True)
        ]


class _Sweep:
    """Values, gradient and bounds of one tape at K points, arrays of shape (K,) a node.

    Attributes:
        agreed: as of :class:`Screening`.
        far: how far the partials are off, in shares of themselves.
        gradient: the exact partials, of shape (inputs, K).
    """

    def __init__(
        self,
        plan: Plan,
        steps: Steps,
        columns: Sequence[Array],
        value: Array,
        partials: Sequence[Array],
        unit: float,
    ) -> None:
        self.tape, self.steps, self.unit, self.exact_nodes = plan.tape, steps, unit, plan.exact_nodes
        self.first = len(columns)
        self.values: Array = np.empty((len(plan.tape), len(value)), dtype=np.longdouble)
        self.rows = list(self.values)
        for row, column in zip(self.rows, columns, strict=False):
            row[:] = column
        #: Local derivatives in the order of the steps, and for each step where its own begin; likewise its ties.
        self.locals: list[Array] = []
        self.places: list[int] = []
        self.ties: list[tuple[Array, tuple[int, ...]]] = []
        #: What each addition of a further path gave, in the order of the reverse sweep.
        self.sums: list[Array] = []
        #: The products in that order.
        self.edges: list[Edge] = []
        self._forward()
        self._bound_values()
        self._reverse()
        self._bend()
        self._bound_adjoints()
        self._compare(value, partials)

    def _forward(self) -> None:
        rows, places, local = self.rows, self.places, self.locals
        for i, kernel, args, constant in self.steps:
            places.append(len(local))
            if kernel is None:
                rows[i].fill(_constant(constant))
            elif kernel.plain is not None:
                kernel.plain(*[rows[a] for a in args], rows[i])
            else:
                rows[i][:], *others = kernel.function(*[rows[a] for a in args])
                local += others[: kernel.locals]
                if kernel.ties:
                    for distance, which in zip(others[kernel.locals :], kernel.ties, strict=True):
                        self.ties.append((distance, tuple(args[k] for k in which)))

    def _bound_values(self) -> None:
        """For each node how far a correct engine's value may be off; None where it is exact."""
        unit = self.unit
        doubles = self.values.astype(np.float64)
        sizes = np.abs(doubles)
        units, exact = [0.0] * self.first, self.exact_nodes
        for i, kernel, _, constant in self.steps:
            if kernel is None:
                units.append(0.0 if is_constant_exact(constant, unit) else 1.0)
            else:
                units.append(0.0 if i in exact else kernel.units)
        self.doubles, self.sizes = list(doubles), list(sizes)
        self.partials: list[Array] = []
        self.slopes: list[Array] = []
        if self.locals:
            partials = np.array(self.locals).astype(np.float64)
            self.partials, self.slopes = list(partials), list(np.abs(partials))
        own = list(sizes * (np.array(units) * unit)[:, None])
        bounds: list[Any] = [None] * self.first
        for (i, kernel, args, _), place in zip(self.steps, self.places, strict=True):
            bound = own[i] if units[i] else None
            if kernel is not None:
                for k, a in enumerate(args):
                    part = bounds[a]
                    if part is not None:
                        how, which = kernel.ways[k]
                        if how == LOCAL:
                            part = part * self.slopes[place + which]
                        elif how == FACTOR:
                            part = part * self.sizes[args[1 - k]]
                        bound = part if bound is None else bound + part
            bounds.append(bound)
        self.bounds = bounds

    def _reverse(self) -> None:
        """The adjoints of all nodes in longdouble, None off the paths from the inputs to the output."""
        active, rows, local, first = self.tape.active, self.rows, self.locals, self.first
        adjoints: list[Any] = [None] * len(rows)
        adjoints[self.tape.output] = np.ones_like(rows[0])
        negated: Negated = {}
        for i in range(self.tape.output, first - 1, -1):
            adjoint = adjoints[i]
            if adjoint is None or not active[i]:
                continue
            _, kernel, args, _ = self.steps[i - first]
            assert kernel is not None  # a constant is not active
            for k, a in enumerate(args):
                if active[a]:
                    how, which = kernel.ways[k]
                    if how == LOCAL:
                        which += self.places[i - first]
                        product = adjoint * local[which]
                    elif how == FACTOR:
                        which = args[1 - k]
                        product = adjoint * rows[which]
                    else:
                        product = adjoint if how == PLUS else -adjoint
                    known, joins = adjoints[a], FIRST
                    if known is None:
                        if how == MINUS:
                            negated[a] = product, adjoint
                    elif how <= MINUS and cancel(how, adjoint, known, negated, i, a):
                        product, joins = np.zeros_like(product), CANCELS
                    else:
                        product, joins = known + product, ADDS
                        self.sums.append(product)
                    adjoints[a] = product
                    self.edges.append((i, kernel, k, a, how, which, joins))
        self.adjoints = adjoints

    def _bend(self) -> None:
        """By operation and argument, how far local derivatives may change within their arguments' bounds.

        Several for an operation's derivative that depends on several of its arguments.
        """
        doubles, bounds, found = self.doubles, self.bounds, []
        known: dict[int, list[Array]] = {}
        for i, kernel, k, _, how, which, _ in self.edges:
            if how != LOCAL:
                continue
            args = self.steps[i - self.first][2]
            for place, (of, by) in enumerate(kernel.pairs):
                if of == k and bounds[args[by]] is not None:
                    bends = known.get(i)
                    if bends is None:
                        start = self.places[i - self.first]
                        derivatives = self.partials[start : start + kernel.locals]
                        bends = known[i] = kernel.bends(*[doubles[a] for a in args], doubles[i], *derivatives)
                    found.append((i, k, bends[place], bounds[args[by]], self.slopes[which]))
        #: Whether they all change so little that first order tells.
        self.is_straight: Any = True
        self.changes: dict[tuple[int, int], list[Array]] = {}
        if found:
            nodes, positions, all_bends, all_bounds, slopes = zip(*found, strict=True)
            changes = np.abs(np.array(all_bends)) * np.array(all_bounds)
            self.is_straight = np.logical_and.reduce(changes <= BEND * np.array(slopes))
            for edge, change in zip(zip(nodes, positions, strict=True), changes, strict=True):
                self.changes.setdefault(edge, []).append(change)

    def _bound_adjoints(self) -> None:
        """For each adjoint how far a correct engine's may be off; None where it is exact."""
        unit, bounds, changes = self.unit, self.bounds, self.changes
        reached = [i for i, adjoint in enumerate(self.adjoints) if adjoint is not None]
        sizes = np.abs(np.array([self.adjoints[i] for i in reached]).astype(np.float64))
        size_of = dict(zip(reached, sizes, strict=True))
        rounding_of = dict(zip(reached, sizes * (PRODUCT * unit), strict=True))
        roundings: Iterator[Any] = iter(np.abs(np.array(self.sums).astype(np.float64)) * unit if self.sums else ())
        errors: dict[int, Any] = {self.tape.output: None}
        operation = -1
        for i, kernel, k, a, how, which, joins in self.edges:
            if i != operation:
                operation, error = i, errors[i]
                rounded: Any = None  # what a factor multiplies: the adjoint's own error and the product's rounding
                if kernel.multiplies:
                    rounded = rounding_of[i] if kernel.units else None
                    if error is not None:
                        rounded = error if rounded is None else rounded + error
            part = error
            if how == LOCAL:
                part = None if rounded is None else rounded * self.slopes[which]
                for change in changes.get((i, k), ()):
                    change = size_of[i] * change
                    part = change if part is None else part + change
            elif how == FACTOR:
                part = rounded * self.sizes[which]
                if bounds[which] is not None:
                    part += size_of[i] * bounds[which]
            if joins == CANCELS:
                part = None
            elif joins == ADDS:  # the sum of paths is rounded at every further one
                rounding, known = next(roundings), errors[a]
                for error_of_path in (known, part):
                    if error_of_path is not None:
                        rounding = rounding + error_of_path
                part = rounding
            errors[a] = part
        self.errors = errors

    def _compare(self, value: Array, partials: Sequence[Array]) -> None:
        """What the engine returned with what is exact, within the bounds."""
        zero: Any = np.zeros(len(value))
        found = (self.rows[self.tape.output], *self.adjoints[: self.first])
        exact = np.array([zero if row is None else row for row in found], np.longdouble)
        known = (self.bounds[self.tape.output], *map(self.errors.get, range(self.first)))
        bound = np.array([zero if row is None else row for row in known])
        sizes, distances = np.abs(exact), np.abs(np.array((value, *partials)) - exact)  # doubles would underflow
        # an infinite one is as near to everything as its bound allows
        within = (distances <= SHARE * bound) & (bound <= NARROW * sizes) & np.isfinite(sizes)
        good: Array = np.logical_and.reduce(within) & self.is_straight
        # fmax passes over 0/0
        self.far = np.fmax.reduce(distances[1:] / sizes[1:], initial=0.0)
        for distance, nodes in self.ties:
            near: Any = 0.0
            for node in nodes:
                near = near + self.bounds[node] if self.bounds[node] is not None else near
            good &= distance > near
        self.agreed, self.gradient = good, exact[1:]


def _constant(value: Any) -> Any:
    """A tape's constant in longdouble."""
    if isinstance(value, str):
        return np.longdouble(NAMED.get(value, "nan"))
    return _rational(value.numerator, value.denominator)


@lru_cache(maxsize=4096)
def _rational(numerator: int, denominator: int) -> Any:
    """Within half a unit; nan, with which no number agrees, where a part has too many digits to be converted so."""
    if max(abs(numerator), denominator) >= 1 << 63:
        return np.longdouble("nan")
    return np.longdouble(numerator) / np.longdouble(denominator)
