"""Where a jump tells −0 from 0, as IEEE 754 lets it: what correct floats return there.

atan2(−0, −1) is −π, 1/√−0 is −∞, and ceil(−0.6) is −0. Such a number is the limit from below 0, which is no derivative
or value at 0; nor is it an engine's fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from flint import arb

from ...engine.sweep import Execution
from . import balls
from .balls import Ball
from .rules import rule_of
from .sweeps import E_UNLIMITED, Plan, Precision

#: By less than this a continuous function changes between 0 and the next float, even where its slope is steep.
NO_JUMP = 2.0**-100

#: How much nearer to 0 a −0 is than the smallest float, and than another −0 where they tell a direction.
NEARER = 2.0**-200


class MinusZero:
    """The −0 that floats meet on the way through one tape at one point.

    Args:
        plan: the tape, made ready.
        point: one float for each input.
        precision: the floating type in which an engine computed.
    """

    def __init__(self, plan: Plan, point: Sequence[float], precision: Precision) -> None:
        self.plan, self.point, self.precision = plan, point, precision
        self.inputs = [arb(x) for x in point]

    @cached_property
    def nodes(self) -> list[int]:
        """The nodes whose exact value is 0 and which IEEE 754 makes −0."""
        tape = self.plan.tape
        run = Execution(tape, self.precision.dtype)
        run.forward(dict(zip(tape.inputs, self.point, strict=True)))
        assert run.values is not None
        minus = [i for i, x in enumerate(run.values) if x == 0 and np.signbit(x)]
        if not minus:
            return []
        values = self.plan.values(self.inputs, 128)
        return [i for i in minus if values[i].is_zero()]

    def gives(self, g: float, j: int | None, here: Ball) -> bool:
        """Whether g, the value or the partial by input j, is what correct floats give at the number below −0.

        Args:
            here: an enclosure of the value at 0. At a mere tie, as in relu(x) − relu(−x), where the function does not
                jump, the sign of a zero excuses nothing.
        """
        output, here = self.plan.tape.output, here + arb(0, NO_JUMP)
        for values, partials in self._below:
            found = values[output] if j is None else partials[j]
            if not values[output].overlaps(here) and found.is_finite() and found.contains(arb(g)):
                return True
        return False

    def gives_infinity(self, is_positive: bool, j: int) -> bool:
        """Whether an infinite derivative by input j may have this sign because a −0 that depends on the input has one.

        It must reach an operation that is singular: in −√x at 0 the −0 is behind the root. Where the function is real
        below −0, the sign is that of its slope there.
        """
        zeros = self._depend_on(j) & set(self.nodes)
        if not self._reach_a_singular_operation(zeros):
            return False
        slopes = [partials[j] for _, partials in self._below]
        return any(not (slope < 0 if is_positive else slope > 0) for slope in slopes)

    def _reach_a_singular_operation(self, nodes: set[int]) -> bool:
        """Whether an operation without a finite derivative by some argument gets that from one of these nodes."""
        reached = set().union(*map(self._depend_on, nodes))
        values = self.plan.values(self.inputs, 256)
        with balls.precision(256):
            return any(
                argument in reached and callable(partial) and not partial(*[values[a] for a in node.args]).is_finite()
                for node in self.plan.tape.nodes
                if not reached.isdisjoint(node.args)
                for argument, partial in zip(node.args, rule_of(node.primitive, node.consts).partials, strict=True)
            )

    def _depend_on(self, j: int) -> set[int]:
        """The nodes that depend on a node, with itself."""
        found = {j}
        for i, node in enumerate(self.plan.tape.nodes):
            if not found.isdisjoint(node.args):
                found.add(i)
        return found

    @cached_property
    def _below(self) -> list[tuple[list[Ball], list[Ball]]]:
        """Enclosures of all values and of the gradient with numbers below 0 in place of each −0.

        All −0 alike; and where there are several, one of them much nearer to 0 than the others: atan2(−0, −0) is −π, as
        if the first were the nearer.
        """
        zeros, tiny = self.nodes, -self.precision.smallest * NEARER  # beside every other number, too
        below: dict[int, Ball] = dict.fromkeys(zeros, tiny)
        ways = [below]
        if len(zeros) > 1:
            ways += [{**below, nearer: tiny * NEARER} for nearer in zeros]
        ways += [{**below, **values} for values in self._of_two_zeros(tiny)]
        return [
            self.plan.wide(
                [way.get(i, x) for i, x in enumerate(self.inputs)],
                self.precision,
                E_UNLIMITED,
                bits=256,
                replaced=way,
            )
            for way in ways
        ]

    def _of_two_zeros(self, tiny: Ball) -> Iterator[dict[int, Ball]]:
        """The values of operations that meet several −0, where the first of these is the nearest to 0, the second, ….

        An operation sees numbers, not where they come from: of atan2(x, x) at −0 it makes what it makes of any two.
        """
        zeros, unit, tape = set(self.nodes), self.precision.unit, self.plan.tape
        nodes = [(i, tape.nodes[i]) for i in tape.operations]
        at_zero = [(i, node, [k for k, a in enumerate(node.args) if a in zeros]) for i, node in nodes]
        met = [(i, node, places) for i, node, places in at_zero if len(places) > 1]
        values = self.plan.values(self.inputs, 256) if met else []
        for rank in range(max((len(places) for _, _, places in met), default=0)):
            found = {}
            with balls.precision(256):
                for i, node, places in met:
                    x = [tiny if a in zeros else values[a] for a in node.args]
                    x[places[min(rank, len(places) - 1)]] = tiny * NEARER
                    found[i] = rule_of(node.primitive, node.consts).wide("hull", unit).value(*x)
            yield found
