"""Rules are NumPy code that Variables record, so a derivative differentiates again: against mpmath."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp
import pytest

from gradjury.engine import REGISTRY, Execution, Recorder, gradient, trace

from ..grids import GRIDS
from . import (
    test_activations,
    test_exponential,
    test_hyperbolic,
    test_piecewise,
    test_powers,
    test_trigonometric,
)

FAMILIES = (
    test_powers,
    test_exponential,
    test_trigonometric,
    test_hyperbolic,
    test_piecewise,
    test_activations,
)
FORMULAS = {name: formulas for family in FAMILIES for name, formulas in family.FORMULAS.items()}

#: Functions that are smooth at 0 though their rules choose a formula by the sign or the size of x.
SMOOTH_AT_0 = {"sech", "sinc", "normalized_sinc", "sigmoid", "logsigmoid", "softplus", "silu", "mish", "gelu"}


def _points(name):
    """Some points of a grid where second differences are tame, and 0 where the function is smooth there."""
    points, _ = GRIDS[name]
    tame = [p for p in points if all(1e-2 < abs(x) < 5 and abs(abs(x) - 1) > 1e-3 for x in p)]
    tame = tame[:: max(1, len(tame) // 8)]
    return [*tame, (0.0,)] if name in SMOOTH_AT_0 else tame


@pytest.mark.parametrize("name", FORMULAS)
def test_second_derivatives_by_tracing_the_gradient(name):
    primitive = REGISTRY[name]
    arity = len(primitive.arguments)
    points = _points(name)
    assert points
    consts = GRIDS[name][1][0]
    recorder = Recorder([f"x{i}" for i in range(arity)])
    exact = tuple(c if isinstance(c, str) else Fraction(c) for c in consts)
    tape = recorder.tape(recorder.add(primitive, tuple(range(arity)), exact))
    numbers = [c for c in consts if not isinstance(c, str)]

    def partial(i):
        def along(*xs):
            execution = Execution(tape)
            execution.forward(dict(zip(tape.inputs, xs, strict=True)))
            return execution.reverse()[f"x{i}"]

        return trace(along, tape.inputs)

    for i, formula in enumerate(FORMULAS[name][1]):
        second = partial(i)
        for point in points:
            with mp.workdps(60):
                exactly = [mp.mpf(x) for x in point]
                if formula(*exactly, *map(mp.mpf, numbers)) is None:
                    continue
                truths = [
                    mp.diff(
                        lambda *xs, f=formula: f(*xs, *map(mp.mpf, numbers)),
                        exactly,
                        tuple(int(k == j) for k in range(arity)),
                    )
                    for j in range(arity)
                ]
            found = gradient(second, dict(zip(tape.inputs, point, strict=True)))[1]
            for j, truth in enumerate(truths):
                assert found[f"x{j}"] == pytest.approx(float(truth), rel=1e-9, abs=1e-9), (name, point, i, j)
