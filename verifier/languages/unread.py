"""The verification of a function that could not be read: values and the engine's numbers, judged by differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...engine.tape import Tape
from ..asking import crash, no_gradient
from ..engine import Engine
from ..errors import OF_OTHERS, GradjuryError, Unsupported
from ..given import check_names, claimed
from ..oracle.truth import Truth
from ..point_result import Partial, PointResult
from ..question import Question
from ..results import Verification
from ..timelimit import Clock
from ..verdicts.differences import Difference
from ..verdicts.judgement import Judgement
from .ladders import NEAR
from .numeric import Finding, Witness

if TYPE_CHECKING:
    from .subject import Subject

Array = np.ndarray[Any, Any]

EVERYTHING = Question()


class UnreadPartial(Partial):
    """A partial derivative of which nothing is known but values.

    Attributes:
        alone: the difference by itself: the error of :attr:`difference` has room for what steps of another length tell.
    """

    def __init__(self, point: PointResult, j: int, g: float, finding: Finding, alone: Difference | None = None) -> None:
        truth = Truth("unknown", None, 0, None, finding.reason)
        super().__init__(point, j, g, Judgement(finding.verdict, truth, None, None, finding.reason))
        self.certified = False
        self._difference = finding.difference
        self.alone = alone or finding.difference


class UnreadPoint(PointResult):
    """A point at which no oracle but the difference was asked; its value is not judged."""

    def __init__(self, at: dict[str, float], value: float) -> None:
        self.at, self.value, self.value_verdict, self.value_reason, self.partials = at, value, None, None, {}


class Unjudged(Verification):
    """A verification without a tape of a function that could not even be read: everything is undecided.

    Args:
        called: the function's name and its arguments.
        names: of the variables.
        points: a number for each variable; where there is none, one point of nan is undecided.
        engine: under test, None for claimed numbers.
        why: nothing was judged.
    """

    def __init__(
        self,
        called: str,
        names: Sequence[str],
        points: Sequence[Sequence[float] | Array],
        engine: Engine | None,
        dtype: np.dtype[Any],
        why: str,
    ) -> None:
        super().__init__(Tape((), tuple(names), 0), engine, None, dtype)
        self.called, self.why = called, why
        for point in points if names else [()]:
            self.add(self._nothing(point, why))

    def _nothing(self, point: Sequence[float] | Array, why: str) -> UnreadPoint:
        """A point at which nothing is known."""
        at = dict(zip(self.tape.inputs, map(float, point), strict=True)) or {"x": float("nan")}
        nothing = Finding("undecided", Difference(float("nan"), float("nan")), why)
        found = UnreadPoint(at, float("nan"))
        found.partials = {name: UnreadPartial(found, j, float("nan"), nothing) for j, name in enumerate(at)}
        return found

    @property
    def expression(self) -> str:
        """The function's name and arguments."""
        return self.called

    def chain(self) -> dict[str, Any]:
        """Nothing: there is no operation to multiply derivatives of.

        Raises:
            Unsupported: always; it says why the function could not be read.
        """
        raise Unsupported(self.why)

    def to_record(self, points: Sequence[PointResult] | None = None) -> dict[str, Any]:
        """The result record, without an id; its ``expression`` only names the function."""
        return {**super().to_record(points), "function": self.expression}


class Unread(Unjudged):
    """A verification without a tape: verdicts by the rule of :mod:`.numeric`, ``certified`` false.

    Args:
        subject: the function.
        entry: of its flat output.
        points: flat points.
        why: it could not be read.
        clock: of the function; points that it has no time for are undecided.
        question: what is to be judged; points are given by ``points``.

    Raises:
        InvalidInput: what is asked for does not fit the function.
    """

    def __init__(
        self,
        subject: Subject,
        entry: int,
        points: Sequence[Array],
        why: str,
        clock: Clock | None = None,
        question: Question = EVERYTHING,
    ) -> None:
        adapter = subject.language.adapter()
        super().__init__(subject.called, subject.names, (), adapter, subject.dtype, why)
        self._judged, self.decided_at = [], []
        self.subject, self.entry, self._adapter = subject, entry, adapter
        self.order, self.wrt, self.formulas = question.order, question.wrt, question.formulas or {}
        check_names(question.gradient, question.wrt, subject.names)
        claims = None
        if question.gradient is not None:
            self.under_test = None
            claims = dict(zip(*claimed(question.gradient, len(points)), strict=True))
        for k, point in enumerate(points):
            claim = None if claims is None else {name: float(column[k]) for name, column in claims.items()}
            self.add(self._point(point, clock or Clock(None), claim))

    @classmethod
    def entries(cls, subject: Subject, why: str) -> Iterator[Unread]:
        """One for each entry of the output at the base point; values along one input serve all entries."""
        count = subject.entries
        subject.jacobian(count)
        witnesses = [_witness(subject, subject.base, j) for j in range(len(subject.base))]
        for entry in range(count):
            found = cls(subject, entry, (), why)
            found.add(found._judged_at(subject.base, witnesses))
            yield found

    def _point(self, point: Array, clock: Clock, claim: Mapping[str, float] | None) -> UnreadPoint:
        """A point, where the engine may fail and the time may end."""
        if self.order > 1:
            reason = "of a function that cannot be read first derivatives alone are judged"
            return self._nothing(point, reason)
        try:
            with clock.limit():
                return self._judged_at(point, claim=claim)
        except clock.time_is_up:
            return self._nothing(point, clock.over)
        except GradjuryError:
            raise
        except OF_OTHERS as error:
            self.error, self.failure = str(crash(self._adapter, error)), error
            return self._nothing(point, self.error)

    def _judged_at(
        self, point: Array, witnesses: Sequence[Witness] | None = None, claim: Mapping[str, float] | None = None
    ) -> UnreadPoint:
        subject = self.subject
        if claim is None:
            value, gradient = subject.row(self.entry, point)
            numbers: Mapping[str, float] = dict(zip(subject.names, map(float, gradient), strict=True))
        else:  # the engine has no part in it
            value, numbers = float(np.concatenate([v.reshape(-1) for v in subject.values(point)])[self.entry]), claim
        unattached = subject.unattached and claim is None
        judged = UnreadPoint(dict(zip(subject.names, point.tolist(), strict=True)), value)
        for j, name in enumerate(subject.names):
            if name not in numbers or self.wrt not in (None, name):
                continue
            witness = witnesses[j] if witnesses else _witness(subject, point, j)
            found = witness.judge(self.entry, g := numbers[name])
            if unattached and found.verdict not in ("agree", "undecided"):
                self.error = str(no_gradient(subject.language.name))
                found, g = found._replace(verdict="undecided", reason=self.error), float("nan")
            found = found._replace(reason=self._because(found.reason))
            judged.partials[name] = UnreadPartial(judged, j, g, found, witness.difference(self.entry))
            if name in self.formulas:
                judged.partials[name].formula_verdict = "undecided"  # there is nothing exact to compare it with
        self._excuse_symmetric(judged, point)
        return judged

    def _excuse_symmetric(self, judged: UnreadPoint, point: Array) -> None:
        """Leave numbers undecided that are a gradient among symmetric matrices.

        What factors a symmetric matrix reads one triangle of it, and gives two mirrored entries a share each of the
        slope along both: right for whoever moves both, and no partial derivative of what was computed.
        """
        reason = "values read one triangle of a symmetric matrix, and two mirrored entries share its slope"
        for names in self._mirrored(point):
            found = (judged.partials.get(name) for name in names)
            pair = [partial for partial in found if isinstance(partial, UnreadPartial)]
            if len(pair) == 2 and _share_a_slope(*pair):
                for partial in (p for p in pair if p.verdict == "wrong"):
                    partial.verdict, partial.reason = "undecided", self._because(reason)

    def _mirrored(self, point: Array) -> Iterator[tuple[str, str]]:
        """The names of every two mirrored entries of the matrices that are symmetric at a point."""
        names = iter(self.subject.names)
        for matrix in self.subject.shaped(point):
            of_entry = dict(zip(np.ndindex(matrix.shape), names, strict=False))
            if matrix.ndim < 2 or not np.array_equal(matrix, np.swapaxes(matrix, -1, -2)):
                continue
            for (*stack, row, column), name in of_entry.items():
                if row < column:
                    yield name, of_entry[(*stack, column, row)]

    def _because(self, found: str) -> str:
        return f"judged by differences alone, not certified ({self.why}): {found}"


def _share_a_slope(one: UnreadPartial, other: UnreadPartial) -> bool:
    """Whether values move with one of two entries alone, and the numbers, none of which is 0, add up to its slope."""
    differences = [p.alone.value for p in (one, other)]
    error = sum(p.alone.error for p in (one, other))
    if differences.count(0.0) != 1 or 0.0 in (one.engine, other.engine):
        return False
    return abs(one.engine + other.engine - sum(differences)) <= NEAR * error


def _witness(subject: Subject, point: Array, j: int) -> Witness:
    return Witness(lambda moved: subject.along(j, moved, point), float(point[j]), subject.unit)
