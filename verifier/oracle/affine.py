"""The enclosure once more, with roundings that are shared: affine forms in place of balls.

In a sweep of balls a value that two paths use errs in each by itself, so what cancels between the paths does not
cancel in their enclosure. In a plain sweep it is one number with one error. Here every rounding is a symbol ε of
[−1, 1], and every quantity an affine form c + Σ cₛ·εₛ ± r (de Figueiredo and Stolfi 2004, *Affine arithmetic: concepts
and applications*): to first order errors add as they really do, and r bounds all that is of higher order. Symbols stand
for the same roundings, of the same size, as the widenings of :mod:`.sweeps`.

An engine that computes a value twice, or fuses operations, need not share its roundings, so this narrower enclosure
never accuses anybody: it only acquits where the balls are too wide to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb

from ...engine.primitive import Primitive
from . import balls
from .balls import Ball
from .codegen import BallFunction, compile_ball
from .exactness import is_constant_exact
from .meanings import partial
from .rules import Rule, with_rounded_constants
from .sweeps import Plan, Precision

#: What one operation on coefficients, sums of some thousand doubles, may lose relative to the sum of their sizes.
LOST = 2.0**-40
#: Beyond the smallest doubles coefficients are lost altogether.
LEAST = 1e-300


class Unknown(Exception):
    """Something is not finite: no form holds it."""


class Form:
    """c + Σ cₛ·εₛ ± r.

    Attributes:
        centre: c, as a ball of the working precision.
        parts: cₛ as doubles, for every symbol up to the last that it may have: those that came later are 0.
        rest: r, which also bounds the rounding of the parts.
    """

    __slots__ = ("centre", "parts", "rest")

    def __init__(self, centre: Ball, parts: np.ndarray[Any, Any], rest: float) -> None:
        self.centre, self.parts, self.rest = centre, parts, rest

    @property
    def radius(self) -> float:
        """An upper bound of how far a value may be from the centre."""
        return (float(np.abs(self.parts).sum()) + self.rest) * (1 + LOST)

    @property
    def ball(self) -> Ball:
        """The ball of all its values."""
        return self.centre + arb(0, self.radius)

    def plus(self, other: Form) -> Form:
        """The sum; symbols that both have may cancel."""
        parts = _sum(self.parts, other.parts)
        lost = LOST * float(np.abs(parts).sum()) + LEAST
        return Form(self.centre + other.centre, parts, self.rest + other.rest + lost)

    def times(self, other: Form) -> Form:
        """The product; what is of second order in the symbols goes to the rest.

        Raises:
            Unknown: a centre is not finite.
        """
        a, b = size(self.centre), size(other.centre)
        parts = _sum(_number(self.centre) * other.parts, _number(other.centre) * self.parts)
        mine, others = self.radius, other.radius
        rest = a * other.rest + b * self.rest + mine * others + LOST * (a * others + b * mine) + LEAST
        return Form(self.centre * other.centre, parts, rest)

    def negated(self) -> Form:
        """The form of the opposite sign."""
        return Form(-self.centre, -self.parts, self.rest)


def size(ball: Ball) -> float:
    """An upper bound of a ball's absolute value, as a double.

    Raises:
        Unknown: it has none.
    """
    bound = float(abs(ball).upper()) if ball.is_finite() else np.inf
    if not np.isfinite(bound):
        raise Unknown
    return bound * (1 + LOST)


def _number(ball: Ball) -> float:
    return float(ball.mid())


#: The parts of a form without symbols.
_NONE = np.zeros(0)


def _sum(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The sum of two rows of parts, of which the shorter one ends in zeros that nobody wrote down."""
    if len(a) < len(b):
        a, b = b, a
    total = a.copy()
    total[: len(b)] += b
    return total


#: Local derivatives that no function computes; None where there is none in closed form.
_PLAIN = (None, 0, 1, -1)


class Expansion:
    """A primitive's value and local derivatives, each with its own derivatives, as functions of balls.

    Attributes:
        constants: those that are no floats, which are further arguments.
        value, slopes: the meaning and its derivative by each argument, None where that is 0.
        partials: the local derivatives, as in :class:`.rules.Rule`.
        seconds: their derivatives by each argument.
    """

    def __init__(self, rule: Rule, unit: float) -> None:
        expression, firsts, self.constants = with_rounded_constants(rule, unit)
        self.primitive: type[Primitive] = rule.primitive
        symbols = (*rule.symbols, *self.constants)
        self.value = compile_ball(expression, symbols)
        self.slopes = [_compiled(partial(expression, s), symbols) for s in symbols]
        self.partials = [d if d in _PLAIN else compile_ball(d, symbols) for d in firsts]
        self.seconds = [[] if d in _PLAIN else [_compiled(partial(d, s), symbols) for s in symbols] for d in firsts]


def _compiled(derivative: Any, symbols: Sequence[Any]) -> BallFunction | None:
    if derivative is None:
        return lambda *x: balls.NAN
    return None if derivative == 0 else compile_ball(derivative, tuple(symbols))


_expansion = lru_cache(maxsize=4096)(Expansion)


class _Sweep:
    """One forward and one reverse sweep in affine forms."""

    def __init__(self, plan: Plan, precision: Precision) -> None:
        self.plan, self.unit, self.eta = plan, precision.unit, float(precision.smallest)
        #: Symbols so far, one for each rounding.
        self.used = 0

    def exactly(self, ball: Ball) -> Form:
        return Form(ball, _NONE, 0.0)

    def rounded(self, form: Form, allowance: float) -> Form:
        """The form with one more rounding of this absolute size."""
        parts = np.zeros(self.used + 1)
        parts[: len(form.parts)] = form.parts
        parts[self.used] = allowance
        self.used += 1
        return Form(form.centre, parts, form.rest + self.eta)

    def relative(self, form: Form, units: float) -> Form:
        return self.rounded(form, units * self.unit * (size(form.centre) + form.radius))

    def expanded(self, function: BallFunction, slopes: list[BallFunction | None], x: list[Form]) -> Form:
        """f(c) + Σ f′(c)·(x − c), the rest by how far f′ strays from f′(c) over the balls."""
        centres, around = [form.centre for form in x], [form.ball for form in x]
        parts, rest = _NONE, LEAST
        for slope, form in zip(slopes, x, strict=True):
            radius = form.radius
            if slope is None or radius == 0:
                continue
            at = slope(*centres)
            parts = _sum(parts, _number(at) * form.parts)
            rest += size(at) * form.rest + (size(slope(*around) - at) + LOST * size(at)) * radius
        centre = function(*centres)
        if not centre.is_finite():
            raise Unknown
        return Form(centre, parts, rest)

    def values(self, inputs: Sequence[Ball]) -> list[Form]:
        """All nodes, from the inputs on."""
        forms = [self.exactly(x) for x in inputs]
        self.arguments: list[list[Form]] = []
        for i, rule, args, value in self.plan.steps:
            if rule is None or i in self.plan.exact_nodes:
                self.arguments.append([])
                forms.append(self.constant(self.plan.exact_nodes.get(i, value)))
                continue
            expansion = _expansion(rule, self.unit)
            x = [forms[a] for a in args] + [self.constant(c) for c in expansion.constants.values()]
            self.arguments.append(x)
            form = self.expanded(expansion.value, expansion.slopes, x)
            forms.append(self.operation(expansion, form, x, expansion.primitive.ulps, expansion.slopes))
        return forms

    def constant(self, value: Any) -> Form:
        exact = self.exactly(balls.constant(value))
        if is_constant_exact(value, self.unit):
            return exact
        return self.relative(exact, 1)

    def operation(
        self, expansion: Expansion, form: Form, x: list[Form], units: float, slopes: list[BallFunction | None]
    ) -> Form:
        """An operation's result, rounded: k·u·|f|, of special functions k·u·(|f| + Σ|x f′|)."""
        primitive = expansion.primitive
        if primitive.ulps == 0:
            return form
        allowance = units * self.unit * (size(form.centre) + form.radius)
        if primitive.special:
            around = [f.ball for f in x]
            moved = sum(size(f * slope(*around)) for f, slope in zip(around, slopes, strict=True) if slope is not None)
            allowance += primitive.ulps * self.unit * (size(form.ball) + moved)
        return self.rounded(form, allowance)

    def gradient(self, forms: list[Form]) -> list[Form]:
        """Adjoints of the inputs, from the output back."""
        tape, active, first = self.plan.tape, self.plan.tape.active, len(self.plan.tape.inputs)
        adjoints: list[Form | None] = [None] * len(forms)
        adjoints[tape.output] = one = self.exactly(balls.ONE)
        for i in range(tape.output, first - 1, -1):
            adjoint, (_, rule, args, _) = adjoints[i], self.plan.steps[i - first]
            adjoints[i] = None  # which holds a number for each rounding so far, and is of no use any more
            if adjoint is None or rule is None or not active[i]:
                continue
            expansion, x = _expansion(rule, self.unit), self.arguments[i - first]
            for k, argument in enumerate(args):
                d = expansion.partials[k]
                if not active[argument] or d is None or (not callable(d) and d == 0):
                    continue
                if callable(d):
                    local = self.expanded(d, expansion.seconds[k], x)
                    product = local = self.operation(expansion, local, x, 6, expansion.seconds[k])
                    if adjoint is not one:
                        product = adjoint.times(local)
                        product = product if expansion.primitive.ulps == 0 else self.relative(product, 1)
                else:
                    product = adjoint if d == 1 else adjoint.negated()
                known = adjoints[argument]
                adjoints[argument] = product if known is None else self.relative(known.plus(product), 1)
        return [self.exactly(balls.ZERO) if form is None else form for form in adjoints[:first]]


def gradient(plan: Plan, inputs: Sequence[Ball], precision: Precision, bits: int) -> list[Ball] | None:
    """Enclosures of the partials in a plain sweep of floats, its roundings shared; None where one is not finite."""
    with balls.precision(bits), np.errstate(all="ignore"):
        try:
            sweep = _Sweep(plan, precision)
            found = [form.ball for form in sweep.gradient(sweep.values(inputs))]
        except Unknown:
            return None
    return found if all(ball.is_finite() for ball in found) else None
