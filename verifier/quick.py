"""The quick sweep: the enclosure E at one point after another, as a flat list of steps made once a tape.

It is the strict sweep of :meth:`.sweeps.Plan.wide` without its exceptions: no germs, no underflow, no overflow. What it
finds inside a narrow ball is certified; everything else goes the long way.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from flint import arb, ctx

from . import balls
from .rules import FACTOR, LOCAL, PLUS
from .sweeps import Plan, Precision
from .truth import FEWEST_BITS

Ball = Any

#: Bits of the sweep: twice a double's, so that its own rounding is nothing beside the engine's.
BITS = 128


class Quick:
    """A tape's enclosure as two lists of steps, one forward, one in reverse."""

    def __init__(self, plan: Plan, precision: Precision) -> None:
        tape, unit = plan.tape, precision.unit
        self.inputs, self.output = len(tape.inputs), tape.output
        self.one_rounding = precision.one_rounding
        self.factor_rounding = arb(1, 7.001 * unit)
        #: How many arguments, then a function of so many balls (a ball for none), then which nodes they are.
        self.forward: list[tuple[int, Any, tuple[int, ...]]] = []
        self.edges: list[tuple[int, int, bool, int, Any, tuple[int, ...]]] = []
        forms: list[Any] = []
        for _, rule, args, value in plan.steps:
            if rule is None:
                forms.append(None)
                self.forward.append((0, _constant(value, precision), ()))
            else:
                form = rule.wide("strict", unit)
                forms.append(form)
                self.forward.append((len(args), form.value, args))
        active, output, first_step = tape.active, tape.output, self.inputs
        touched = [False] * len(tape)
        touched[output] = True
        for i in range(output, first_step - 1, -1):
            if not (touched[i] and active[i]):
                continue
            form, args = forms[i - first_step], self.forward[i - first_step][2]
            products = form.at_output if i == output else form.products
            for k, target in enumerate(args):
                if active[target]:
                    how, partial = products[k]
                    if how == FACTOR:
                        partial = args[1 - k]
                    self.edges.append((i, target, not touched[target], how, partial, args))
                    touched[target] = True

    def run(self, inputs: Sequence[Ball]) -> tuple[Ball, list[Ball]]:
        """Enclosures of the value and of the gradient; nan where this sweep knows nothing."""
        v = list(inputs)
        append = v.append
        for count, function, args in self.forward:
            if count == 2:
                a, b = args
                append(function(v[a], v[b]))
            elif count == 1:
                append(function(v[args[0]]))
            elif count == 0:
                append(function)
            else:
                append(function(*[v[a] for a in args]))
        one, rounding, by_factor = balls.ONE, self.one_rounding, self.factor_rounding
        adjoints: list[Any] = [balls.ZERO] * len(v)
        adjoints[self.output] = one
        for i, target, first, how, partial, args in self.edges:
            product = adjoints[i]
            if how == LOCAL:
                local = partial(v[args[0]]) if len(args) == 1 else partial(*[v[a] for a in args])
                product = local if product is one else product * local
            elif how == FACTOR:
                product = product * v[partial] * by_factor
            elif how != PLUS:
                product = -product
            adjoints[target] = product if first else (adjoints[target] + product) * rounding
        return v[self.output], adjoints[: self.inputs]


def _constant(value: Any, precision: Precision) -> Ball:
    if isinstance(value, str):
        return Plan.rounded_constant(value, precision)
    return _rational(value.numerator, value.denominator, precision)


@lru_cache(maxsize=4096)
def _rational(numerator: int, denominator: int, precision: Precision) -> Ball:
    with balls.precision(BITS):
        return Plan.rounded_constant(Fraction(numerator, denominator), precision)


def certified(quick: Quick, point: list[float], value: float, gradient: list[float]) -> list[Ball] | None:
    """The enclosures of the partials if all numbers lie in narrow ones, else None."""
    before, ctx.prec = ctx.prec, BITS
    try:
        ball, partials = quick.run([arb(x) for x in point])
    finally:
        ctx.prec = before
    if not (ball.is_finite() and ball.contains(value)):  # a ball that is nan contains everything
        return None
    for ball, g in zip(partials, gradient, strict=True):
        if not (ball.is_finite() and ball.contains(g)):
            return None
        if ball.rel_accuracy_bits() < FEWEST_BITS and not ball.is_exact():
            return None
    return partials
