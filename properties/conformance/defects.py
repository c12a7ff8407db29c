"""From numbers to defects: an engine's derivatives of one function at many points, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from ...engine.tape import Tape
from ...verifier import Engine, Unsupported, Verification, verify
from ...verifier.asking import ask
from ...verifier.languages.library import MEANINGS, Called
from ...verifier.verdicts.judgement import FLAGGED, RANK
from .subjects import Subject
from .telling import FEW, Points, both_signs, constants_of, telling

#: Kinds of blame that fall on no operation where a function has several.
NOBODYS = ("overflow", "singular")

#: So many points of one cause are named in a failure; the others are counted.
NAMED = 12

#: Beyond so many units in the last place a number shows the defect better than one near the threshold.
CLEAR = 2.0**20

#: So many defects of one test are written out.
SHOWN = 4

#: A function that is asked at single points only where it fails is asked at so many copies of a point as well.
COMPANY = 8


@dataclass(frozen=True)
class Defect:
    """One cause with all points at which it shows.

    Attributes:
        quantity: the input whose partial derivative fails, None where the value does.
        verdicts: the failing verdict at each point.
        points: the points, in the order in which they were judged.
        result: the judgement at the simplest of them, by itself.
        alone: whether it fails when it is asked alone; if not, it does among ``COMPANY`` copies of itself.
        failure: what the engine raised or returned where it gave no numbers at all; None for numbers that fail.
    """

    quantity: str | None
    verdicts: tuple[str, ...]
    points: tuple[dict[str, float], ...]
    result: Verification
    alone: bool = True
    failure: str | None = None

    @property
    def verdict(self) -> str:
        """The worst of its verdicts; ``no answer`` where the engine gave no numbers."""
        return max(self.verdicts, key=lambda verdict: RANK.get(verdict, len(RANK)))

    def __str__(self) -> str:
        what = "the value" if self.quantity is None else f"d/d{self.quantity}"
        what = what if self.failure is None else "the engine"
        cases = sorted(zip(self.points, self.verdicts, strict=True), key=lambda case: simplicity(case[0]))
        shown = [
            f"{', '.join(f'{name} = {x!r}' for name, x in at.items())} ({verdict})" for at, verdict in cases[:NAMED]
        ]
        more = f"; and {len(self.points) - NAMED} more" if len(self.points) > NAMED else ""
        company = (
            "" if self.alone else f"\nAsked at this point alone the engine is right; among {COMPANY} copies it is not."
        )
        told = f"{self.result!r}{company}" if self.failure is None else f"{self.failure}: {self.result.expression}"
        count = f"{len(self.points)} point{'s' if len(self.points) > 1 else ''}"
        return f"{what} fails at {count}: {'; '.join(shown)}{more}\n\n{told}"


def defects(engine: Engine, tape: Tape, at: Points, dtype: str = "float64") -> list[Defect]:
    """The defects of an engine in one function.

    Args:
        engine: the engine under test.
        tape: the function.
        at: an array of shape (K,) for each input; with K = 0 nothing is judged.
        dtype: in which the engine computes.

    Returns:
        One for each partial derivative that fails somewhere, and one for the value; one for the points at which the
        engine raises an error, or returns no gradient.

    Raises:
        Unsupported: the engine lacks an operation, or its derivative.
    """
    if not all(len(column) for column in at.values()):
        return []
    asking = Asking(engine)
    judged = verify(tape, at=at, engine=asking, dtype=dtype)
    if asking.lacking is not None:
        raise asking.lacking
    if judged.error is not None:
        return _unanswered(engine, tape, at, dtype, judged)
    found: dict[str | None, dict[tuple[str, ...], Case]] = {}
    for verdict, points in judged.by_verdict.items():
        for point in points if verdict in FLAGGED else ():
            assert point is not None  # only points that agree are left out
            numbers: dict[str | None, str | None] = {
                None: point.value_verdict,
                **{name: p.verdict for name, p in point.partials.items()},
            }
            for quantity, failed in numbers.items():
                if failed in FLAGGED:
                    ulps = point.partials[quantity].ulps if quantity else None
                    case = Case(str(failed), dict(point.at), ulps is None or ulps > CLEAR)
                    found.setdefault(quantity, {})[tuple(map(repr, point.at.values()))] = case  # −0 is no 0
    judged_again = (_defect(engine, tape, dtype, quantity, list(cases.values())) for quantity, cases in found.items())
    return [defect for defect in judged_again if defect is not None]


def _unanswered(engine: Engine, tape: Tape, at: Points, dtype: str, judged: Verification) -> list[Defect]:
    """The defects where the engine failed over the points together: those it has no answer to when they are asked one
    by one, told once, and what is wrong with its answers to the others.
    """
    rows = [dict(zip(at, row, strict=True)) for row in zip(*at.values(), strict=True)]
    failures: dict[int, str] = {}
    for k, row in enumerate(rows):
        try:
            ask(engine, tape, row, dtype)
        except Unsupported as error:
            failures[k] = str(error)
    answered = [k for k in range(len(rows)) if k not in failures]
    if not answered or not failures:  # all of them fail, or they do so only together
        points = tuple(dict(point.at) for point in judged.points)
        return [Defect(None, ("no answer",) * len(points), points, judged, failure=judged.error)]
    failed = tuple({name: float(x) for name, x in rows[k].items()} for k in failures)
    first = next(iter(failures.values()))
    one = Defect(None, ("no answer",) * len(failed), failed, judged, failure=first)
    return [one, *defects(engine, tape, {name: column[answered] for name, column in at.items()}, dtype)]


class Asking:
    """An engine under test that remembers what it lacked when it was asked for the first time.

    The judge takes what an engine lacks for a reason to leave a function undecided; the suite skips it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._asked = engine, False
        self.lacking: Unsupported | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def gradient(self, tape: Tape, point: Mapping[str, Any], dtype: DTypeLike) -> tuple[Any, dict[str, Any]]:
        """The engine's own answer."""
        first, self._asked = not self._asked, True
        try:
            return self._engine.gradient(tape, point, dtype)
        except Unsupported as error:
            if first:
                self.lacking = error
            raise


class Case(NamedTuple):
    """A point at which a number fails."""

    verdict: str
    at: dict[str, float]
    clear: bool


def defects_of_operations(engine: Engine, tape: Tape, at: Points) -> list[Defect]:
    """The defects of an engine in a function that are those of one operation.

    Operation by operation, log(exp(x)) at 800 and sqrt(x)**2 at 0 have no finite result: an infinity leaves one
    operation and meets a 0 or an infinity of another. That every correct engine answers so, the judge says by the blame
    ``overflow`` or ``singular``; such numbers are no defects here, unless the function is a single operation, such as
    0**y.

    Args:
        engine: the engine under test.
        tape: the function.
        at: an array of shape (K,) for each input, judged point by point.

    Raises:
        Unsupported: the engine lacks an operation, or its derivative.
    """
    count = len(next(iter(at.values())))
    found = [d for k in range(count) for d in defects(engine, tape, {name: x[k : k + 1] for name, x in at.items()})]
    if len(tape.operations) == 1:
        return found
    return [d for d in found if d.result.blame is None or d.result.blame.kind not in NOBODYS]


def defects_of_a_call(call: Called, at: Points, dtype: str = "float64") -> list[Defect]:
    """The defects of a function of a library, called as a whole.

    What is a sum or a product of several terms by its nature may overflow in one of them: nobody promised else.

    Args:
        call: the function.
        at: an array of shape (K,) for each of its arguments; with K = 0 nothing is judged.
        dtype: in which the engine computes.

    Raises:
        Unsupported: the engine cannot compute it.
    """
    found = defects(call.engine, call.tape, at, dtype)
    if MEANINGS[call.name].standard == "function":
        return found
    return [d for d in found if d.result.blame is None or d.result.blame.kind != "overflow"]


def _defect(engine: Engine, tape: Tape, dtype: str, quantity: str | None, cases: list[Case]) -> Defect | None:
    """All cases of one cause, with the simplest of the worst judged by itself; None if the oracle is in doubt."""
    worst = max(RANK[case.verdict] for case in cases)
    ranked = sorted(
        (not case.clear, simplicity(case.at), k) for k, case in enumerate(cases) if RANK[case.verdict] == worst
    )
    ordered = [cases[k].at for _, _, k in ranked]
    verdicts, points = tuple(case.verdict for case in cases), tuple(case.at for case in cases)
    for at in ordered[:4]:
        result = verify(tape, at=at, engine=engine, dtype=dtype)
        if fails(result, quantity):
            return Defect(quantity, verdicts, points, result)
    among = {name: [x] * COMPANY for name, x in ordered[0].items()}
    result = verify(tape, at=among, engine=engine, dtype=dtype)
    return Defect(quantity, verdicts, points, result, alone=False) if fails(result, quantity) else None


def fails(result: Verification, quantity: str | None) -> bool:
    """Whether a number of the first point fails: the partial derivative by an input, or for None the value."""
    point = result.points[0]
    return (point.value_verdict if quantity is None else point.partials[quantity].verdict) in FLAGGED


def simplicity(at: Mapping[str, float]) -> tuple[Any, ...]:
    """Points in the order in which they are easy to read: few digits, near 1, positive."""
    values = list(at.values())
    return (
        sum(len(repr(abs(x)).removesuffix(".0")) for x in values),
        sum(abs(np.log10(abs(x) or 1.0)) for x in values),
        [-x for x in values],
    )


def check(engine: Engine, tape: Tape, at: Mapping[str, Any], dtype: str = "float64") -> None:
    """Fail if the engine has a defect in this function at these points.

    Raises:
        AssertionError: it has; the text holds each, with the judgement at its simplest point.
        Unsupported: the engine lacks an operation, or its derivative.
    """
    __tracebackhide__ = True
    report(defects(engine, tape, columns(at, dtype), dtype))


def columns(at: Mapping[str, Any], dtype: str = "float64") -> Points:
    """Points as an array of shape (K,) for each input."""
    return {name: np.atleast_1d(np.asarray(x, dtype)) for name, x in at.items()}


def check_grid(
    subject: Subject, values: Sequence[float], few: Sequence[float] = both_signs(FEW), dtype: str = "float64"
) -> None:
    """Fail if an operation has a defect, with any of its constants, at any point of a grid that is in its domain.

    Args:
        subject: the operation.
        values, few: as :func:`~gradjury.properties.conformance.telling.telling` takes them.
        dtype: in which the engine computes.

    Raises:
        AssertionError: it has.
        Unsupported: the engine has the operation with none of the constants.
    """
    __tracebackhide__ = True
    report(grid_defects(subject, values, few, dtype))


def grid_defects(
    subject: Subject, values: Sequence[float], few: Sequence[float] = both_signs(FEW), dtype: str = "float64"
) -> list[Defect]:
    """The defects of an operation with each of its constants at the points of a grid.

    Raises:
        Unsupported: the engine has the operation with none of the constants.
    """
    found: list[Defect] = []
    lacking: list[Unsupported] = []
    uses = subject.uses()
    for use in uses:
        beside = (*values, *(float(c) for c in constants_of(use)))
        try:
            at = telling(use, subject.primitive, beside, few, dtype, subject.engine.flushes_subnormals)
            found += defects(subject.engine, use.tape, at, dtype)
        except Unsupported as error:
            lacking.append(error)
    if len(lacking) == len(uses):
        raise lacking[0]
    return found


def report(found: Sequence[Defect]) -> None:
    """Fail with the evidence if there is any defect.

    Raises:
        AssertionError: there is.
    """
    __tracebackhide__ = True
    if found:
        shown = list(worst_first(found))
        more = [f"{len(shown) - SHOWN} more defects are not shown."] if len(shown) > SHOWN else []
        raise AssertionError("\n\n".join(["", *map(str, shown[:SHOWN]), *more]))


def worst_first(found: Sequence[Defect]) -> Iterator[Defect]:
    """Defects by their verdicts, worst first; before all of them those without any number."""
    yield from sorted(found, key=lambda defect: -RANK.get(defect.verdict, len(RANK)))
