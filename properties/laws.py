"""Laws that every gradient obeys: what can be asked of an engine without knowing the truth.

Each law compares two gradients that are sums over the same paths of products of the same local derivatives,
only composed in another order. In floats they differ by rounding alone: each product of at most n factors and
each sum of at most n terms rounds n times (Higham, *Accuracy and Stability*, section 3.1), so both lie within
``2·n·u`` of the exact sum, relative to the **sum of the absolute values** of the paths, which
:class:`PathSums` computes by one more sweep. The bound needs the engine to execute operations one by one; it
holds however ill-conditioned the function is, since an error of a forward value or of a local derivative is
the same on both sides. Where several ties meet (:mod:`gradjury.engine.ties`) only reverse = tangent holds: a part
alone may take another side than the whole does.

An engine that raises an error, or returns no gradient, keeps no law and breaks none: each law then raises
:class:`~gradjury.verifier.engine.EngineFailed`, whose text names the engine and its error, and
:class:`~gradjury.verifier.errors.Unsupported` for what the engine lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..engine import REGISTRY, Execution, Recorder, Tape
from ..verifier.asking import ask
from ..verifier.engine import Engine, NumpyEngine
from ..verifier.reading.builder import graft

Point = Mapping[str, Any]


class LawBroken(AssertionError):
    """Two gradients that must be equal up to rounding are not."""


class PathSums(Execution):
    """A reverse sweep with absolute values: the sum over all paths of the absolute products.

    Args:
        tape: the function.
        least: what each factor counts at the least.
    """

    def __init__(self, tape: Tape, least: float = 0.0) -> None:
        super().__init__(tape)
        self._least = least

    def local(self, index: int) -> tuple[Any, ...]:
        return tuple(np.maximum(np.abs(partial), self._least) for partial in super().local(index))


def path_sums(tape: Tape, point: Point, least: float = 0.0) -> dict[str, Any]:
    """For each input the sum over paths of the absolute products of local derivatives, each at least ``least``."""
    execution = PathSums(tape, least)
    execution.forward(point)
    return execution.reverse()


def reverse_is_tangent(tape: Tape, point: Point, *, execution: Callable[[Tape], Execution] = Execution) -> None:
    """Both sweeps give the same derivative by each input.

    Raises:
        LawBroken: they differ by more than rounding.
    """
    run = execution(tape)
    run.forward(point)
    reverse = run.reverse()
    tangent = {name: run.tangent({name: 1.0}) for name in tape.inputs}
    _compare("reverse = tangent", tape, point, reverse, tangent)


@np.errstate(all="ignore")
def linearity(f: Tape, g: Tape, alpha: Fraction, beta: Fraction, point: Point, *, engine: Engine | None = None) -> None:
    """The gradient of ``alpha*f + beta*g`` is ``alpha*∇f + beta*∇g``.

    Args:
        f, g: functions; inputs of the same name are the same variable.
        alpha, beta: exact numbers that are floats.
        point: a number for each input of either.
        engine: the engine that is asked; the project's own if not given.

    Raises:
        LawBroken: they differ by more than rounding.
    """

    def combine(recorder: Recorder, a: int, b: int) -> int:
        first = recorder.add(REGISTRY["mul"], (recorder.constant(alpha), a))
        second = recorder.add(REGISTRY["mul"], (recorder.constant(beta), b))
        return recorder.add(REGISTRY["add"], (first, second))

    whole = _joined(f, g, combine)
    (_, df), (_, dg) = (_gradient(engine, t, point) for t in (f, g))
    by_parts = {name: float(alpha) * df.get(name, 0.0) + float(beta) * dg.get(name, 0.0) for name in whole.inputs}
    _compare("linearity", whole, point, _gradient(engine, whole, point)[1], by_parts)


@np.errstate(all="ignore")
def product_rule(f: Tape, g: Tape, point: Point, *, engine: Engine | None = None) -> None:
    """The gradient of ``f*g`` is ``g*∇f + f*∇g``; arguments as for :func:`linearity`.

    Raises:
        LawBroken: they differ by more than rounding.
    """
    whole = _joined(f, g, lambda recorder, a, b: recorder.add(REGISTRY["mul"], (a, b)))
    (vf, df), (vg, dg) = (_gradient(engine, t, point) for t in (f, g))
    by_parts = {name: vg * df.get(name, 0.0) + vf * dg.get(name, 0.0) for name in whole.inputs}
    _compare("product rule", whole, point, _gradient(engine, whole, point)[1], by_parts)


def permutation(tape: Tape, order: Sequence[int], point: Point, *, engine: Engine | None = None) -> None:
    """Listing the inputs in another order changes nothing, not even a bit.

    Raises:
        LawBroken: a partial derivative or the value differs.
    """
    names = [tape.inputs[i] for i in order]
    recorder = Recorder(names)
    permuted = recorder.tape(graft(recorder, tape, [names.index(name) for name in tape.inputs]))
    value, gradient = _gradient(engine, tape, point)
    other_value, other = _gradient(engine, permuted, point)
    pairs = {"the value": (value, other_value), **{name: (gradient[name], other[name]) for name in tape.inputs}}
    for name, (one, two) in pairs.items():
        if not np.array_equal(one, two, equal_nan=True):
            raise LawBroken(_text("permutation of inputs", tape, point, name, one, two, 0.0))


@np.errstate(all="ignore")
def chain_rule(outer: Tape, inner: Tape, point: Point, *, engine: Engine | None = None) -> None:
    """With the output of ``inner`` in place of the first input of ``outer``, gradients multiply.

    Args:
        outer: the function C(b, …); its other inputs, where they share a name with ``inner``'s, are the same.
        inner: the function b = B(…).
        point: a number for each input of the composition.

    Raises:
        LawBroken: the gradient of the composition is not that product (plus what reaches C directly).
    """
    others = [name for name in outer.inputs[1:] if name not in inner.inputs]
    recorder = Recorder([*inner.inputs, *others])
    middle = graft(recorder, inner, range(len(inner.inputs)))
    direct = [recorder.inputs.index(name) for name in outer.inputs[1:]]
    whole = recorder.tape(graft(recorder, outer, [middle, *direct]))
    b, db = _gradient(engine, inner, point)
    at_b = {name: point[name] for name in outer.inputs[1:]} | {outer.inputs[0]: b}
    _, dc = _gradient(engine, outer, at_b)
    by_chain = {
        name: dc[outer.inputs[0]] * db.get(name, 0.0) + (dc[name] if name in outer.inputs[1:] else 0.0)
        for name in whole.inputs
    }
    _compare("chain rule", whole, point, _gradient(engine, whole, point)[1], by_chain)


def _joined(f: Tape, g: Tape, combine: Callable[[Recorder, int, int], int]) -> Tape:
    names = [*f.inputs, *(name for name in g.inputs if name not in f.inputs)]
    recorder = Recorder(names)
    a, b = (graft(recorder, t, [names.index(name) for name in t.inputs]) for t in (f, g))
    return recorder.tape(combine(recorder, a, b))


def _gradient(engine: Engine | None, tape: Tape, point: Point) -> tuple[Any, Mapping[str, Any]]:
    at = {name: point[name] for name in tape.inputs}
    return ask(engine or NumpyEngine(), tape, at, "float64")


def ties_meet(tape: Tape, point: Point) -> Any:
    """Where several operations tie: there the slopes that are chosen depend on what else is in the function."""
    execution = Execution(tape)
    execution.forward(point)
    return sum(execution.ties().values()) > 1


def _compare(law: str, tape: Tape, point: Point, one: Mapping[str, Any], two: Mapping[str, Any]) -> None:
    """Compare two gradients of one tape within the rounding of its path sums."""
    sums, grown = path_sums(tape, point), path_sums(tape, point, least=1.0)
    steps = len(tape)
    silent = False if law == "reverse = tangent" else ties_meet(tape, point)
    unit, smallest = 2.0**-53, 5e-324
    for name in tape.inputs:
        a, b = np.asarray(one[name]), np.asarray(two[name])
        # Each side is off by n roundings of the products and n of the sums, each half a unit in the last
        # place or, below the normal numbers, half of the smallest one, multiplied up by what still follows: in
        # whatever order a path is multiplied, that is no more than all its factors above 1 together.
        bound = 4 * steps * (unit * sums[name] + smallest * grown[name])
        with np.errstate(all="ignore"):
            broken = np.abs(a - b) > bound  # where a sum or a side is not finite the law says nothing
        if np.any(broken & ~np.asarray(silent) & np.isfinite(sums[name]) & (np.isfinite(a) | np.isfinite(b))):
            raise LawBroken(_text(law, tape, point, f"d/d{name}", a, b, bound))


def _text(law: str, tape: Tape, point: Point, name: str, one: Any, two: Any, bound: Any) -> str:
    at = ", ".join(f"{key}={value}" for key, value in point.items())
    return f"{law} is broken in {name} of {tape!r} at {at}:\n  {one}\n  {two}\nallowed difference: {bound}"
