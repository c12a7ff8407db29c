"""A whole Jacobian before the jury, entry by entry: what the drop-ins share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np

from .properties.points import critical
from .reports.failure import evidence, failure_text
from .verifier import Unsupported, Verification, verify
from .verifier.errors import OF_OTHERS
from .verifier.languages.from_numpy import NumpyLanguage
from .verifier.languages.language import Language
from .verifier.languages.original import Original
from .verifier.languages.own_rules import judge_entries
from .verifier.languages.subject import Subject, flat
from .verifier.languages.unread import Unread, UnreadPartial
from .verifier.verdicts.differences import central

#: Special values of one input that are tried at most, for each different function among the entries of the output.
MOST_SPECIAL = 8


class EntryFailed(Exception):
    """A derivative does not get a good verdict; the text is the evidence."""


def check_entries(
    subject: Subject, tolerances: tuple[float, float], fail_on: Collection[str], special_points: bool = False
) -> None:
    """Judge all entries.

    Args:
        tolerances: absolute and relative, for what differences alone leave undecided.
        fail_on: verdicts that fail.
        special_points: whether to ask for the derivative at special values of each input, too.

    Raises:
        EntryFailed: one of them fails.
    """
    seen: set[Any] = set()
    places = [(k, index) for k, y in enumerate(subject.values()) for index in np.ndindex(y.shape)]
    for place, result in zip(places, judge_entries(subject), strict=False):
        results = [result]
        if special_points and not isinstance(result, Unread):
            shape = tuple((n.primitive, n.args, n.consts if n.args else ()) for n in result.tape.nodes)
            results += [] if shape in seen else _at_special_points(result)
            seen.add(shape)
        for one in results:
            if _fails(one, tolerances, fail_on):
                raise EntryFailed(_evidence(one, place, places))


def check_finite(subject: Subject) -> None:
    """Refuse a point with nan or an infinity in it: nothing is known of a derivative there, so no number passes.

    Raises:
        EntryFailed: it holds one.
    """
    for name, x in zip(subject.names, subject.base.tolist(), strict=True):
        if not np.isfinite(x):
            raise EntryFailed(f"{name} is {x:g}: no derivative can be judged there; expected finite numbers")


def check_orders(
    language: Language,
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int,
    modes: Sequence[str],
    tolerances: tuple[float, float],
    fail_on: Collection[str],
    derived: bool = False,
) -> None:
    """Judge the derivatives up to an order, those of order n as the derivative of what computes order n − 1.

    Args:
        args: of the function; arrays, or trees of them.
        modes: ``fwd``, ``rev`` or both.
        tolerances, fail_on: as :func:`check_entries`.
        derived: whether the function is itself a derivative that was asked for here.

    Raises:
        AssertionError: one of them is wrong, or the point is not finite.
    """
    __tracebackhide__ = True
    function, leaves, names = language.flattened(f, args)
    for mode in modes:
        subject = Subject(language, function, names, leaves, "forward" if mode == "fwd" else "reverse")
        try:
            if not derived:  # whose point holds values of the function, which may be infinite
                check_finite(subject)
            check_entries(subject, tolerances, fail_on)
        except EntryFailed as failure:
            raise AssertionError(str(failure)) from None
        if order > 1:
            with subject.session():
                derivative, point = language.derived(function, leaves, subject.mode)
            check_orders(language, derivative, tuple(point), order - 1, modes, tolerances, fail_on, derived=True)


def check_repeats(subject: Subject, tolerance: float) -> None:
    """Compare two backward passes, which may differ by the tolerance in no entry.

    Raises:
        EntryFailed: they differ by more.
    """
    count = subject.entries
    with subject.session():
        _, first = subject.language.vjp(subject.function, subject.arrays)
        ones = [np.ones_like(v) for v in subject.language.value(subject.function, subject.arrays)]
        once, again = flat(first(ones) or []), flat(first(ones) or [])
    worst = float(np.max(np.abs(once - again), initial=0.0)) if count else 0.0
    if worst > tolerance:
        raise EntryFailed(
            f"not reproducible: two backward passes differ by {worst:.3g}, more than nondet_tol = {tolerance:g}"
        )


def derivatives(func: Callable[[Any], Any], x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The derivatives of a NumPy function by all entries of x, as an array of shape (m, n).

    They are exact to the last bit where the function can be read, else, and at kinks, differences.
    """
    subject = Subject(NumpyLanguage(), func, ["x"], [x])
    count = subject.entries
    try:
        reading = subject.read()
    except Unsupported:
        return np.array([[_difference(subject, i, j) for j in range(x.size)] for i in range(count)])
    rows = []
    for i, cell in enumerate(reading.cells):
        point = dict(zip(subject.names, subject.base, strict=True))
        found = verify(reading.recorder.tape(cell.index), point, gradient=dict.fromkeys(subject.names, 0.0))
        balls = [found.points[0].partials[name].truth.ball for name in subject.names]
        rows.append([_difference(subject, i, j) if b is None else float(b.mid()) for j, b in enumerate(balls)])
    return np.array(rows)


def _fails(result: Verification, tolerances: tuple[float, float], fail_on: Collection[str]) -> bool:
    """Whether a partial fails; where only a difference speaks and has no verdict, by the tolerances."""
    atol, rtol = tolerances
    for point in result.points:
        for partial in point.partials.values():
            if partial.verdict in fail_on:
                return True
            if isinstance(partial, UnreadPartial) and partial.verdict == "undecided":
                d, error = partial.alone
                if not abs(partial.engine - d) <= atol + rtol * abs(d) + error:
                    return True
    return False


def _at_special_points(result: Verification) -> Iterator[Verification]:
    """The function where one input has a special value: only what is not finite there although the derivative is."""
    original = result.under_test
    assert isinstance(original, Original)
    here = {name: original.subject.base[original.subject.names.index(name)] for name in result.tape.inputs}
    for name, values in critical(result.tape).items():
        for value in values[:MOST_SPECIAL]:
            if _finite(original, name, value):  # as nearly always: there is nothing to judge
                continue
            found = verify(result.tape, {**here, name: value}, engine=original, dtype=result.dtype)
            # a function without a value there, as x/y at 0, 0, has nothing that its derivative could be of
            partials = [p for point in found.points if np.isfinite(point.value) for p in point.partials.values()]
            if any(p.verdict == "nonfinite" and p.truth.kind == "smooth" for p in partials):
                yield found


def _finite(original: Original, name: str, value: float) -> bool:
    """Whether the engine's derivatives are finite where one input has another value; also where it raises an error."""
    subject = original.subject
    moved = subject.base.copy()
    moved[subject.names.index(name)] = value
    try:
        return bool(np.isfinite(subject.row(original.entry, moved)[1]).all())
    except OF_OTHERS:
        return True


def _evidence(result: Verification, place: tuple[int, tuple[int, ...]], places: Sequence[Any]) -> str:
    record = evidence(result)
    if len(places) > 1:
        record["output"] = f"number {place[0]}, entry {list(place[1])}"
    return failure_text(record)


def _difference(subject: Subject, i: int, j: int) -> float:
    return central(lambda moved: subject.along(j, moved, subject.base)[:, i], float(subject.base[j])).value
