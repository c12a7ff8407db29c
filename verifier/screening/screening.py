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

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ...engine.blocks import keep_what_is_freed
from ..oracle.rules import FACTOR, LOCAL, MINUS, PLUS
from ..oracle.sweeps import Plan, is_constant_exact
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
    steps = []
    for i, rule, args, constant in plan.steps:
        kernel = None if rule is None else kernel_of(rule)
        if kernel is None and rule is not None:
            return None
        steps.append((i, kernel, args, constant))
    with np.errstate(all="ignore"):
        return Screening(plan, steps, columns, value, partials, unit)


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
        #: Operations and their arguments by whose path an adjoint became exactly 0.
        self.cancelled: set[tuple[int, int]] = set()
        self._forward()
        self._bound_values()
        self._reverse()
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
        self.slopes = list(np.abs(np.array(self.locals)).astype(np.float64)) if self.locals else []
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
                        product = adjoint * local[self.places[i - first] + which]
                    elif how == FACTOR:
                        product = adjoint * rows[args[1 - k]]
                    else:
                        product = adjoint if how == PLUS else -adjoint
                    known = adjoints[a]
                    if known is None:
                        if how == MINUS:
                            negated[a] = product, adjoint
                    elif how <= MINUS and cancel(how, adjoint, known, negated, i, a):
                        product = np.zeros_like(product)
                        self.cancelled.add((i, k))
                    else:
                        product = known + product
                        self.sums.append(product)
                    adjoints[a] = product
        self.adjoints = adjoints

    def _bound_adjoints(self) -> None:
        """For each adjoint how far a correct engine's may be off; None where it is exact."""
        unit, active, first, bounds = self.unit, self.tape.active, self.first, self.bounds
        reached = [i for i, adjoint in enumerate(self.adjoints) if adjoint is not None]
        sizes = np.abs(np.array([self.adjoints[i] for i in reached])).astype(np.float64)
        size_of = dict(zip(reached, list(sizes), strict=True))
        rounding_of = dict(zip(reached, list(sizes * (PRODUCT * unit)), strict=True))
        roundings = iter(np.abs(np.array(self.sums)).astype(np.float64) * unit) if self.sums else iter(())
        errors: dict[int, Any] = {self.tape.output: None}
        #: How far a local derivative may change within its argument's bound, and its own size.
        self.changes: list[tuple[Array, Array]] = []
        for i in reversed(reached):
            if i < first or not active[i]:
                continue
            _, kernel, args, _ = self.steps[i - first]
            assert kernel is not None
            error, place = errors[i], self.places[i - first]
            rounded: Any = None  # what a factor multiplies: the adjoint's own error and the product's rounding
            bends: Any = None
            if kernel.multiplies:
                rounded = rounding_of[i] if kernel.units else None
                if error is not None:
                    rounded = error if rounded is None else rounded + error
                if kernel.pairs and any(bounds[args[position]] is not None for _, position in kernel.pairs):
                    bends = kernel.bends(*[self.doubles[a] for a in args])
            for k, a in enumerate(args):
                if not active[a]:
                    continue
                how, which = kernel.ways[k]
                part = error
                if how == LOCAL:
                    part = None if rounded is None else rounded * self.slopes[place + which]
                    if bends is not None:
                        for (of, position), bend in zip(kernel.pairs, bends, strict=True):
                            if of == k and bounds[args[position]] is not None:
                                change = bend * bounds[args[position]]
                                self.changes.append((change, self.slopes[place + which]))
                                part = _sum(part, size_of[i] * change)
                elif how == FACTOR:
                    part = rounded * self.sizes[args[1 - k]]
                    if bounds[args[1 - k]] is not None:
                        part += size_of[i] * bounds[args[1 - k]]
                if (i, k) in self.cancelled:
                    errors[a] = None
                elif a in errors:  # the sum of paths is rounded at every further one
                    errors[a] = _sum(_sum(errors[a], part), next(roundings))
                else:
                    errors[a] = part
        self.errors = errors

    def _compare(self, value: Array, partials: Sequence[Array]) -> None:
        """What the engine returned with what is exact, within the bounds."""
        exact, bound = np.zeros((self.first + 1, len(value)), np.longdouble), np.zeros((self.first + 1, len(value)))
        for row, found in enumerate((self.rows[self.tape.output], *self.adjoints[: self.first])):
            if found is not None:
                exact[row] = found
        for row, known in enumerate((self.bounds[self.tape.output], *map(self.errors.get, range(self.first)))):
            if known is not None:
                bound[row] = known
        sizes = np.abs(exact)
        distances = np.abs(np.array((value, *partials)) - exact)
        # an infinite one is as near to everything as its bound allows
        within = (distances <= SHARE * bound) & (bound <= NARROW * sizes) & np.isfinite(sizes)
        good: Array = within.all(axis=0)
        shares = distances[1:] / sizes[1:]
        self.far = np.where(sizes[1:] > 0.0, shares, 0.0).max(axis=0, initial=0.0)
        for distance, nodes in self.ties:
            near: Any = 0.0
            for node in nodes:
                near = near + self.bounds[node] if self.bounds[node] is not None else near
            good &= distance > near
        if self.changes:
            changes, slopes = np.array(self.changes).swapaxes(0, 1)
            good &= (changes <= BEND * slopes).all(axis=0)
        self.agreed, self.gradient = good, exact[1:]


def _sum(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


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
