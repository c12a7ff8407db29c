"""What :func:`~gradjury.verifier.verify` returns: all points of a function, who is to blame, and their record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..engine.tape import Constant, Node, Tape
from . import pickling  # noqa: F401  # results can be copied and pickled
from .blaming.blame import Blame
from .derivation import chain_products
from .engine import Engine, NumpyEngine, class_of, function_of, one_call
from .errors import Unsupported
from .oracle.exactness import is_constant_exact
from .oracle.sweeps import Plan, plan_of, precision_of
from .point_result import Agreed, PointResult
from .reading.plain import is_plain_name
from .reading.printer import write
from .reading.reader import read
from .reading.subtape import counterpart
from .timelimit import Clock
from .verdicts.differences import Difference, of_engine, of_gradient
from .verdicts.higher import HigherOrder
from .verdicts.judgement import BLAMED, worst


class Verification:
    """The result of :func:`verify`.

    Attributes:
        verdict: the worst verdict in it.
        points: one :class:`PointResult` a point.
        blame: what is to blame, or None where nothing is.
        no_blame: why there is no blame though a number calls for one: the time was over.
        order: of the derivatives that were judged.
        wrt: the one variable whose partial was asked for, if one was.
        formulas: the claimed formulas that were judged as well, by variable.
        tape: the function as it was read.
        failure: the exception of an engine that raised one, with its traceback; the verdict is ``undecided``.
    """

    def __init__(
        self, tape: Tape, engine: Engine | None, standard: str | None, dtype: DTypeLike, order: int = 1
    ) -> None:
        self.tape, self.under_test = tape, engine
        self.dtype, self.order = np.dtype(dtype), order
        self.wrt: str | None = None
        self.formulas: Mapping[str, str] = {}
        self.precision = precision_of(self.dtype, bool(engine and engine.flushes_subnormals))
        if whole := one_call(engine, tape):
            self._usual_standard: str = whole.standard
        else:
            self._usual_standard = "function" if _is_one_operation(tape, self.precision.unit) else "program"
        self.standard = standard or self._usual_standard
        self._judged: list[PointResult | Agreed | None] = []
        #: The points that did not agree at once, or were made since, each with its place among all.
        self.decided_at: list[tuple[int, PointResult]] = []
        self.higher = HigherOrder(tape, order) if order > 1 else None
        self.agreed: Callable[[int], Agreed] | None = None
        self.error: str | None = None
        self.failure: BaseException | None = None
        self.blame: Blame | None = None
        self.no_blame: str | None = None
        #: Seconds that an engine has for the values of a difference, which readers ask for after all is judged.
        self.timeout: float | None = None
        #: Whether the engine answers in time: one that did not is asked for nothing more.
        self.answers = True

    @cached_property
    def plan(self) -> Plan:
        """The tape, made ready for balls; only when it is needed, as where points agree at once it is not."""
        return plan_of(self.tape)

    @property
    def engine(self) -> str:
        """Name and version of what was judged; ``claim`` for numbers from outside."""
        return "claim" if self.under_test is None else f"{self.under_test.name} {self.under_test.version}"

    @cached_property
    def expression(self) -> str:
        """The function as text that reads back into the same tape."""
        return write(self.tape)

    def add(self, point: PointResult) -> None:
        """The next point, which did not agree at once."""
        self._judged.append(point)  # first: an interrupt between the two must not let the point be added again
        self.decided_at.append((len(self._judged) - 1, point))

    def add_agreed(self, count: int) -> None:
        """So many next points, which agreed at once; ``agreed`` tells their numbers when they are asked for."""
        self._judged += [None] * count

    @property
    def count(self) -> int:
        """How many points there are so far."""
        return len(self._judged)

    @property
    def judged(self) -> list[PointResult | Agreed]:
        """The points in their order, those that agreed at once as they are."""
        if self.agreed is not None:
            for k, point in enumerate(self._judged):
                if point is None:
                    self._judged[k] = self.agreed(k)
            self.agreed = None
        return self._judged  # type: ignore[return-value]  # none is None any more

    @property
    def points(self) -> list[PointResult]:
        """The points in their order."""
        if len(self.decided_at) < len(self._judged):
            every = [p.materialise(self) if isinstance(p, Agreed) else p for p in self.judged]
            self._judged, self.decided_at = [*every], [*enumerate(every)]
        return [point for _, point in self.decided_at]

    def point(self, k: int) -> PointResult:
        """Point number k, from 0; made alone where it agreed at once: to make a million of them takes half a minute."""
        found = self._judged[k]
        if found is None:
            assert self.agreed is not None  # which tells of the points that agreed at once
            found = self.agreed(k)
        return found.materialise(self) if isinstance(found, Agreed) else found

    @property
    def decided(self) -> list[PointResult]:
        """The points that did not agree at once."""
        return [point for _, point in self.decided_at]

    @property
    def verdict(self) -> str:
        """The worst verdict of all points; ``agree`` where nothing was judged."""
        return worst(v for _, point in self.decided_at for v in point.verdicts)

    @property
    def by_verdict(self) -> dict[str, list[PointResult | None]]:
        """The points by the worst verdict of each; None stands for a point that agreed at once."""
        found: dict[str, list[PointResult | None]] = {}
        for point in self._judged:
            known = point if isinstance(point, PointResult) else None
            verdict = "agree" if known is None else worst(known.verdicts)
            found.setdefault(verdict, []).append(known)
        return found

    @property
    def calls_for_blame(self) -> bool:
        """Whether a value or a partial derivative is as bad as to blame somebody for it, and nobody is blamed yet."""
        return self.blame is None and any(
            point.value_verdict in BLAMED or any(p.verdict in BLAMED and p.input >= 0 for p in point.partials.values())
            for point in self.decided
        )

    def difference(self, point: list[float], j: int) -> Difference:
        """Differences of the engine's own values; of ours for a claim, and where it lacks an operation or stands still.

        Of first derivatives for one of order 2; beyond that nothing is left of them.
        """
        if self.order > 2:
            return Difference(float("nan"), float("nan"))
        witness = of_engine if self.order == 1 else of_gradient
        if self.under_test is not None and self.answers:
            clock = Clock(self.timeout)
            try:
                with suppress(Unsupported), clock.limit():
                    return witness(self.under_test, self.tape, point, j, self.precision)
            except clock.time_is_up:
                self.answers = False
        return witness(NumpyEngine(), self.tape, point, j, self.precision)

    def chain(self) -> dict[str, Any]:
        """For each input, dy/d(input) as SymPy's chain-rule product, summed over paths."""
        return chain_products(self.tape)

    def to_record(self, points: Sequence[PointResult] | None = None) -> dict[str, Any]:
        """The result record of ``docs/records.md``, without an id; of these points only, if given."""
        settings: dict[str, Any] = {"dtype": str(self.dtype)} if self.dtype != np.float64 else {}
        if self.order > 1:
            settings["order"] = self.order
        if self.wrt is not None:
            settings["wrt"] = self.wrt
        if self.standard != self._usual_standard:
            settings["standard"] = self.standard
        if self.formulas:
            settings["derivative"] = dict(self.formulas)
        return {
            "expression": self.expression,
            **settings,
            **({"function": name} if (name := function_of(self.under_test)) else {}),
            "engine": self.engine,
            **({"engine_class": own} if (own := class_of(self.under_test)) else {}),
            "verdict": self.verdict,
            "points": [p.to_record() for p in (self.points if points is None else points)],
            "blame": None if self.blame is None else self._located(self.blame).to_record(),
            "error": self.error,
            **({} if self.no_blame is None else {"no_blame": self.no_blame}),
        }

    def _located(self, blame: Blame) -> Blame:
        """The blame with the index that the node has on the tape into which the record's text reads back."""
        if blame.node is None or not all(is_plain_name(name) for name in self.tape.inputs):
            return blame  # entries of arrays, such as w[0], and SymPy's symbol lambda are written but not read
        node = counterpart(self.tape, blame.node, read(self.expression))
        return blame if node is None else replace(blame, node=node)

    def __getstate__(self) -> dict[str, Any]:
        """With all points made: what makes them stays in this process."""
        return {**vars(self), "_judged": list(self.points), "agreed": None}

    def __repr__(self) -> str:
        return f"<Verification: {self.verdict}, {self.expression}, {self.count} points>"


def _is_one_operation(tape: Tape, unit: float) -> bool:
    """Whether nothing but the only operation is rounded.

    That of ``max(x, 0.1)`` has what floats make of 0.1, and the partials of ``x**x`` by its two arguments are added up.
    """
    only: Node | None = None
    for node in tape.nodes[len(tape.inputs) :]:
        if node[0] is not Constant:
            if only is not None:  # as nearly always, and before anything takes time
                return False
            only = node
    if only is None or len(set(only.args)) < len(only.args):
        return False
    return all(n.primitive is not Constant or is_constant_exact(n.consts[0], unit) for n in tape.nodes)
