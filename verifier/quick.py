"""The quick sweep: the enclosure E at one point after another, as a flat list of steps made once a tape.

It is the strict sweep of :meth:`.sweeps.Plan.wide` without its exceptions: no germs, no underflow, no overflow. What it
finds inside a narrow ball is certified; everything else goes the long way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import arb

from . import balls
from .judge import FEWEST_BITS
from .rules import FACTOR, LOCAL, PLUS
from .sweeps import Plan, Precision

Ball = Any

#: Bits of the sweep: twice a double's, so that its own rounding is nothing beside the engine's.
BITS = 128


class Quick:
    """A tape's enclosure as two lists of steps, one forward, one in reverse."""

    def __init__(self, plan: Plan, precision: Precision) -> None:
        tape = plan.tape
        self.inputs, self.output = len(tape.inputs), tape.output
        self.one_rounding = precision.one_rounding
        self.factor_rounding = arb(1, 7.001 * precision.unit)
        self.forward: list[tuple[Any, tuple[int, ...]]] = []
        self.edges: list[tuple[int, int, bool, int, Any, tuple[int, ...]]] = []
        forms: list[Any] = []
        for _, rule, args, value in plan.steps:
            if rule is None:
                forms.append(None)
                self.forward.append((plan.rounded_constant(value, precision), ()))
            else:
                form = rule.wide("strict", precision.unit)
                forms.append(form)
                self.forward.append((form.value, args))
        active, steps, first_step = tape.active, plan.steps, self.inputs
        touched = [False] * len(tape)
        touched[tape.output] = True
        for i in range(tape.output, first_step - 1, -1):
            if not (touched[i] and active[i]):
                continue
            form, args = forms[i - first_step], steps[i - first_step][2]
            products = form.at_output if i == tape.output else form.products
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
        for function, args in self.forward:
            if len(args) == 1:
                v.append(function(v[args[0]]))
            elif len(args) == 2:
                v.append(function(v[args[0]], v[args[1]]))
            elif args:
                v.append(function(*[v[a] for a in args]))
            else:
                v.append(function)
        one, rounding, by_factor = balls.ONE, self.one_rounding, self.factor_rounding
        adjoints: list[Any] = [balls.ZERO] * len(v)
        adjoints[self.output] = one
        for i, target, first, how, partial, args in self.edges:
            adjoint = adjoints[i]
            if how == LOCAL:
                if len(args) == 1:
                    product = partial(v[args[0]])
                elif len(args) == 2:
                    product = partial(v[args[0]], v[args[1]])
                else:
                    product = partial(*[v[a] for a in args])
                if adjoint is not one:
                    product = adjoint * product
            elif how == FACTOR:
                product = adjoint * v[partial] * by_factor
            elif how == PLUS:
                product = adjoint
            else:
                product = -adjoint
            adjoints[target] = product if first else (adjoints[target] + product) * rounding
        return v[self.output], adjoints[: self.inputs]


def certified(quick: Quick, point: list[float], value: float, gradient: list[float]) -> list[Ball] | None:
    """The enclosures of the partials if all numbers lie in narrow ones, else None."""
    with balls.precision(BITS):
        ball, partials = quick.run([arb(x) for x in point])
    if not (ball.is_finite() and ball.contains(value)):  # a ball that is nan contains everything
        return None
    for ball, g in zip(partials, gradient, strict=True):
        if not (ball.is_finite() and ball.contains(g)):
            return None
        if ball.rel_accuracy_bits() < FEWEST_BITS and not ball.is_exact():
            return None
    return partials
