"""Sweeps in balls: the exact value and gradient of a tape, and everything that rounding may make of them.

The chain rule is executed on the symbolic oracle's rules: each node's value from its meaning, each adjoint as the
sum over paths of products of SymPy's local derivatives, multiplied from the output side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from ...engine.tape import Constant, Tape
from . import balls, codegen
from .balls import Ball
from .codegen import BallFunction
from .exactness import ROUNDING, exact_nodes, is_constant_exact
from .reordering import Paths, Sums
from .rules import Rule, rule_of

#: Rounded ties whose sides are gone through one by one: 2 to their number is how many sweeps that takes.
MOST_TIES = 5

#: What germs decided: node → condition → its truth.
Decided = Mapping[int, Mapping[Any, Any]]


class Precision:
    """What a floating type can hold, as balls: u, the smallest subnormal η, the largest number."""

    def __init__(self, dtype: np.dtype[Any], flushes_subnormals: bool = False) -> None:
        info = np.finfo(dtype)
        self.dtype = dtype
        self.unit = ROUNDING[dtype]
        self.smallest = arb(float(info.tiny if flushes_subnormals else info.smallest_subnormal))
        self.largest = arb(float(info.max))
        self.eta = self.smallest * balls.UNIT
        self.one_rounding = arb(1, self.unit)

    def ulp(self, exact: Ball) -> Ball:
        """ulp(T) = u·|T| + η."""
        return abs(exact) * self.unit + self.smallest


@lru_cache(maxsize=8)
def precision_of(dtype: np.dtype[Any], flushes_subnormals: bool = False) -> Precision:
    """The floating type in which an engine computes; made once."""
    return Precision(dtype, flushes_subnormals)


class Rounding(NamedTuple):
    """What rounding may do on the way of a sweep.

    Attributes:
        mode: how ties are decided, as :meth:`.rules.Rule.wide` takes it.
        weak: local derivatives may be off by as much as E_weak allows.
        limits: values may underflow (by η a node), and nothing is known beyond the largest float.
        reordered: sums of values, and sums over paths, may be added up in whatever order.
    """

    mode: str = "strict"
    weak: bool = False
    limits: bool = False
    reordered: bool = False


#: Of operations one by one, in the order of the tape, at no tie.
STRICT = Rounding()

#: Of the enclosures of ``docs/verdicts.md``: E, E_weak, E of floats without limits, E of sums in whatever order.
E = Rounding("hull", limits=True)
E_WEAK, E_UNLIMITED, E_REORDERED = E._replace(weak=True), E._replace(limits=False), E._replace(reordered=True)


class Plan:
    """A tape made ready for balls: each operation's rule, which inputs no closed form reaches.

    Attributes:
        tape: the function.
        steps: for each node after the inputs (index, rule or None, arguments, constant).
        exact_nodes: as of :func:`.exactness.exact_nodes`.
        opaque: input names → the reason why no derivative by them is known.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.exact_nodes = exact_nodes(tape)
        first = len(tape.inputs)
        self.steps: list[tuple[int, Rule | None, tuple[int, ...], Any]] = []
        append, whole = self.steps.append, True
        for i, (primitive, args, consts, _) in enumerate(tape.nodes[first:], first):
            if primitive is Constant:
                append((i, None, (), consts[0]))
            else:
                rule = rule_of(primitive, consts)
                whole = whole and rule.is_differentiable
                append((i, rule, args, None))
        self.opaque = {} if whole else self._opaque_inputs()

    def __reduce__(self) -> tuple[Any, ...]:  # compiled functions cannot be pickled
        return plan_of, (self.tape,)

    @property
    def is_current(self) -> bool:
        """Whether every primitive still means what it meant: tests plant wrong meanings."""
        return all(rule is None or rule.text is rule.primitive.meaning for _, rule, _, _ in self.steps)

    def _opaque_inputs(self) -> dict[str, str]:
        reasons: dict[int, str] = {}
        active = self.tape.active
        needed = {self.tape.output}
        for i, rule, args, _ in reversed(self.steps):
            if rule is None or i not in needed:
                continue
            needed.update(args)
            for k, a in enumerate(args):
                if active[a] and i in reasons:
                    reasons.setdefault(a, reasons[i])
                elif active[a] and rule.derivatives[k] is None:
                    name = rule.primitive.arguments[k]
                    reasons.setdefault(
                        a,
                        f"SymPy knows no derivative of {rule.primitive.name} by its argument {name!r}",
                    )
        return {name: reasons[i] for i, name in enumerate(self.tape.inputs) if i in reasons}

    def exact(self, inputs: Sequence[Ball], bits: int) -> tuple[list[Ball], list[Ball]]:
        """Values of all nodes and the gradient at exact inputs, in ``bits`` bits; nan at ties and singularities."""
        with balls.precision(bits):
            values = self._forward(inputs, lambda _, rule: rule.value)
            partials = [None if step[1] is None else step[1].partials for step in self.steps]
            return values, self._reverse(values, partials)[: len(inputs)]

    def directed(self, inputs: Sequence[Ball], decided: Decided, bits: int) -> tuple[list[Ball], list[Ball]]:
        """As :meth:`exact`, on the side of the point's ties that germs have decided."""

        def on_its_side(i: int, rule: Rule) -> BallFunction:
            _decide(decided.get(i))
            return rule.directed[0]

        with balls.precision(bits):
            values = self._forward(inputs, on_its_side)
            partials = [None if step[1] is None else step[1].directed[1] for step in self.steps]
            return values, self._reverse(values, partials, decided=decided)[: len(inputs)]

    def values(self, inputs: Sequence[Ball], bits: int) -> list[Ball]:
        """Values alone, where an exact tie is decided as a program decides it."""
        with balls.precision(bits):
            return self._forward(inputs, lambda _, rule: rule.value_at_ties)

    def _forward(self, inputs: Sequence[Ball], function: Callable[[int, Rule], BallFunction]) -> list[Ball]:
        """The values of all nodes, each operation's by the function that stands for it."""
        values = list(inputs)
        for i, rule, args, value in self.steps:
            known = balls.constant(value) if rule is None else function(i, rule)(*[values[a] for a in args])
            values.append(known)
        return values

    def wide(
        self,
        inputs: Sequence[Ball],
        precision: Precision,
        rounding: Rounding = STRICT,
        *,
        decided: Decided | None = None,
        bits: int = 128,
        every: bool = False,
        replaced: Mapping[int, Ball] | None = None,
        exact: Mapping[int, Fraction] | None = None,
    ) -> tuple[list[Ball], list[Ball]]:
        """The enclosure of all values and of the gradient: what correct floats may return.

        Args:
            decided: what germs decided at each node, for the mode ``directed``.
            every: the adjoints of all nodes, the inputs first, in place of the gradient.
            replaced: balls of operations in place of those that the sweep finds.
            exact: operations that round nothing here, as :func:`.exactness.exact_at` finds them.
        """
        with balls.precision(bits):
            values, forms = self._widened(inputs, precision, rounding, bits, decided, replaced, exact)

            def reverse() -> list[Ball]:
                return self._reverse(values, forms, precision, rounding, decided)

            return values, reverse() if every else self._by_sides(reverse)

    def _widened(
        self,
        inputs: Sequence[Ball],
        precision: Precision,
        rounding: Rounding,
        bits: int,
        decided: Decided | None = None,
        replaced: Mapping[int, Ball] | None = None,
        exact: Mapping[int, Fraction] | None = None,
    ) -> tuple[list[Ball], list[Any]]:
        """The enclosures of all values, and for each step its rule in floating point; arguments as of :meth:`wide`."""
        unit = precision.unit
        eta, largest = precision.eta if rounding.limits else None, precision.largest
        values = list(inputs)
        forms: list[Any] = []
        sums = Sums(unit, len(self.steps)) if rounding.reordered else None
        for i, rule, args, value in self.steps:
            if rule is None:
                ball, is_exact = self.rounded_constant(value, precision, bits), is_constant_exact(value, unit)
                values.append(ball if eta is None else _limited(ball, is_exact, eta, largest))
                forms.append(None)
                continue
            form = rule.wide(rounding.mode, unit, rounding.weak)
            if decided is not None:
                _decide(decided.get(i))
            known = self.exact_nodes.get(i)
            if known is not None:
                ball = balls.constant(known)
            elif sums is not None:
                ball = sums.value(i, rule, form, args, values)
            else:
                ball = form.value(*[values[a] for a in args])
            if eta is not None and known is None:
                ball = _limited(ball, form.exact, eta, largest)
            if exact is not None and i in exact and (sums is None or sums.is_settled(i)):
                point = balls.constant(exact[i])
                ball = point if ball.contains(point) else ball  # else the meaning is at fault: it shall show
            values.append(ball if replaced is None else replaced.get(i, ball))
            forms.append(form)
        return values, forms

    def carried_forward(
        self,
        inputs: Sequence[Ball],
        precision: Precision,
        j: int,
        bits: int,
        exact: Mapping[int, Fraction] | None = None,
    ) -> Ball:
        """What floats may make of the partial by input j that is carried forward, beside the values.

        Where tangents on the way are large and take each other away, it is wider than what a reverse sweep may give,
        in which the adjoint of what they belong to is 0.

        Args:
            exact: as :meth:`wide` takes it.
        """
        one_rounding, active = precision.one_rounding, self.tape.active
        with balls.precision(bits):
            values, forms = self._widened(inputs, precision, Rounding(limits=True), bits, exact=exact)
            tangents: list[Any] = [None] * len(inputs)
            tangents[j] = balls.ONE
            for (_, _, args, _), form in zip(self.steps, forms, strict=True):
                total: Any = None
                for a, partial in zip(args, form.partials if form else (), strict=True):
                    if not active[a] or tangents[a] is None or partial is None:
                        continue
                    if partial.__class__ is int:
                        product = tangents[a] if partial == 1 else -tangents[a]
                    else:
                        local = partial(*[values[b] for b in args])
                        product = _product(tangents[a], local, None if form.exact else one_rounding, precision.eta)
                    total = product if total is None else (total + product) * one_rounding
                tangents.append(total)
            found = tangents[self.tape.output]
            return balls.ZERO if found is None else found

    def _by_sides(self, reverse: Callable[[], list[Ball]]) -> list[Ball]:
        """The gradient where rounding lets numbers fall on either side of ties: the union over the sides of each.

        A tie has one side for all partials by its arguments: an engine that takes a of max(a, b) does not take b, and
        one that takes the mean is between the two. The hull of every partial by itself would also hold a + b.
        Where two ties meet in one operation, as where clip(x, low, high) has three equal arguments, its partials by
        independent arguments add up to less than 1, and the hull of each is taken.
        """
        first = len(self.tape.inputs)
        falls = codegen.decisions.falls = {}
        try:
            gradient = reverse()[:first]
            of_node = Counter(node for node, _ in falls)
            lone = [tie for tie in falls if of_node[tie[0]] == 1]
            ties = lone[:MOST_TIES]  # the nearest to the output; at others both sides are taken together
            swept = []
            for sides in product((False, True), repeat=len(ties)) if ties else ():
                codegen.decisions.falls = dict(zip(ties, sides, strict=True))
                swept.append(reverse()[:first])
        finally:
            codegen.decisions.falls = None
        return [reduce(arb.union, balls_of_input) for balls_of_input in zip(*swept, strict=True)] or gradient

    @staticmethod
    def rounded_constant(value: Any, precision: Precision, bits: int = 128) -> Ball:
        """A constant as an engine has it: exact if it is a float, else within one unit."""
        with balls.precision(bits):  # by itself: pi in the precision around may be twice as wide as the unit
            ball = balls.constant(value)
            return ball if is_constant_exact(value, precision.unit) else ball * precision.one_rounding

    def _reverse(
        self,
        values: list[Ball],
        rules_of_steps: list[Any],
        precision: Precision | None = None,
        rounding: Rounding = STRICT,
        decided: Decided | None = None,
    ) -> list[Ball]:
        """The adjoints of all nodes.

        Args:
            rules_of_steps: for each step its rule in floating point; its partials alone where nothing is rounded.
            precision: None where nothing is rounded.
        """
        tape, active, zero = self.tape, self.tape.active, balls.ZERO
        first = len(tape.inputs)
        widening = None if precision is None else precision.one_rounding
        eta, largest = (precision.eta, precision.largest) if precision and rounding.limits else (None, None)
        adjoints: list[Any] = [None] * len(values)
        adjoints[tape.output] = balls.ONE
        paths = Paths(tape.output) if rounding.reordered else None
        for i in range(tape.output, first - 1, -1):
            adjoint = adjoints[i]
            if adjoint is None or not active[i]:
                continue
            codegen.decisions.node = i
            step, form = self.steps[i - first], rules_of_steps[i - first]
            args = step[2]
            partials, factor = (form, None) if widening is None else (form.partials, None if form.exact else widening)
            if decided is not None:
                _decide(decided.get(i))
            x = [values[a] for a in args]
            for argument, partial in zip(args, partials, strict=True):
                if not active[argument] or partial is None:
                    continue
                if partial.__class__ is int:
                    product, local = adjoint if partial == 1 else -adjoint, balls.ONE
                else:
                    local = partial(*x)
                    if local is zero:
                        continue  # this branch is not taken: the path ends
                    if eta is not None:
                        local = local + eta
                    product = local if adjoint is balls.ONE else _product(adjoint, local, factor, eta)
                if largest is not None and not abs(product) < largest:
                    product = balls.NAN
                if paths is not None:
                    paths.extend(i, argument, local)
                known = adjoints[argument]
                if known is None:
                    adjoints[argument] = product
                else:
                    total = known + product
                    adjoints[argument] = total if widening is None else total * widening
        if paths is not None and precision is not None:
            for i, spread in paths.spreads(precision.unit):
                adjoints[i] = adjoints[i] + spread
        return [zero if adjoint is None else adjoint for adjoint in adjoints]


def plan_of(tape: Tape) -> Plan:
    """The plan of a tape, kept with it."""
    plan: Plan | None = tape.derived.get("plan")
    if plan is None or not plan.is_current:
        plan = tape.derived["plan"] = Plan(tape.twin())
    return plan


def _limited(ball: Ball, is_exact: bool, eta: Ball, largest: Ball) -> Ball:
    """The ball of a value, or of a constant, that may underflow by η; nan beyond the largest float."""
    if not is_exact and not ball.is_zero():
        ball = ball + eta
    return ball if abs(ball) < largest else balls.NAN


def _product(a: Ball, b: Ball, rounding: Ball | None, eta: Ball | None) -> Ball:
    """a·b, times what rounding may do to it if anything, and with an underflow if one is allowed for."""
    product = a * b
    if rounding is not None:
        product = product * rounding
    return product if eta is None else product + eta


def _decide(decided: Mapping[Any, Any] | None) -> None:
    codegen.decisions.known = decided or {}
