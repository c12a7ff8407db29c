"""The verification of a function that could not be read: values and the engine's numbers, judged by differences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.tape import Tape
from .blame import Blame
from .numeric import Finding, Witness
from .results import Partial, PointResult, Verification

if TYPE_CHECKING:
    from .subject import Subject

Array = np.ndarray[Any, Any]


class UnreadPartial(Partial):
    """A partial derivative of which nothing is known but values."""

    def __init__(self, j: int, g: float, finding: Finding, why: str) -> None:
        self.input, self.engine = j, g
        self.verdict, self.formula_verdict = finding.verdict, None
        self.reason = f"judged by differences alone, not certified ({why}): {finding.reason}"
        self.certified = False
        self._difference = finding.difference

    @property
    def symbolic(self) -> str | None:
        return None

    @property
    def enclosure(self) -> tuple[str, str] | None:
        return None

    @property
    def ulps(self) -> float | None:
        return None


class UnreadPoint(PointResult):
    """A point at which no oracle but the difference was asked; its value is not judged."""

    def __init__(self, at: dict[str, float], value: float, partials: dict[str, Partial]) -> None:
        self.at, self.value, self.value_verdict, self.partials = at, value, None, partials


class Unread(Verification):
    """A verification without a tape: verdicts by the rule of :mod:`.numeric`, ``certified`` false.

    Args:
        subject: the function.
        entry: of its flat output.
        points: flat points.
        why: it could not be read.
    """

    def __init__(self, subject: Subject, entry: int, points: Sequence[Array], why: str) -> None:
        self.subject, self.entry, self.why = subject, entry, why
        self.tape = Tape((), subject.names, 0)
        self.under_test = subject.language.adapter()
        self.dtype, self.order, self.error = subject.dtype, 1, None
        self.blame: Blame | None = None
        self.agreed = None
        self._judged, self.decided_at = [], []
        for point in points:
            self.add(self._point(point))

    @classmethod
    def entries(cls, subject: Subject, why: str) -> Iterator[Unread]:
        """One for each entry of the output at the base point; values along one input serve all entries."""
        count = sum(v.size for v in subject.values())
        subject.jacobian(count)
        witnesses = [_witness(subject, subject.base, j) for j in range(len(subject.base))]
        for entry in range(count):
            found = cls(subject, entry, (), why)
            found.add(found._point(subject.base, witnesses))
            yield found

    def _point(self, point: Array, witnesses: Sequence[Witness] | None = None) -> UnreadPoint:
        subject = self.subject
        value, gradient = subject.row(self.entry, point)
        partials: dict[str, Partial] = {}
        for j, name in enumerate(subject.names):
            witness = witnesses[j] if witnesses else _witness(subject, point, j)
            g = float(gradient[j])
            partials[name] = UnreadPartial(j, g, witness.judge(self.entry, g), self.why)
        return UnreadPoint(dict(zip(subject.names, point.tolist(), strict=True)), value, partials)

    @property
    def expression(self) -> str:
        """The function's name and arguments."""
        name = getattr(self.subject.function, "__name__", type(self.subject.function).__name__)
        return f"{name}({', '.join(self.subject.argument_names)})"

    def to_record(self, points: Sequence[PointResult] | None = None) -> dict[str, Any]:
        """The result record, without an id; its ``expression`` only names the function."""
        return {
            "expression": self.expression,
            **({"dtype": str(self.dtype)} if self.dtype != np.float64 else {}),
            "function": self.expression,
            "engine": self.engine,
            "verdict": self.verdict,
            "points": [p.to_record() for p in (self.points if points is None else points)],
            "blame": None,
            "error": None,
        }


def _witness(subject: Subject, point: Array, j: int) -> Witness:
    unit = float(np.finfo(subject.dtype).eps)
    return Witness(lambda moved: subject.along(j, moved, point), float(point[j]), unit)
