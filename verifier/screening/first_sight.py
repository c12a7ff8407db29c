"""What agrees at once: points that screening passes or the quick sweep certifies, told in full only to who asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from flint import arb

from ...engine.tape import Tape
from ..blaming.unmask import far_off_inside, is_suspect, shown_at, usual_ulps
from ..engine import Engine, Shown, shows_inside
from ..oracle.balls import Ball
from ..oracle.settled import settled
from ..oracle.sweeps import Precision, plan_of
from ..oracle.truth import IMPRECISE_ULPS
from ..point_result import Agreed
from .quick import BLOCK, Enclosed, Quick, Swept
from .screening import Screening, screen

#: Fewer points are certified in less time than a sweep in longdouble needs to start.
FEWEST_TO_SCREEN = 32


class FirstSight:
    """An engine's numbers at K points, and at which of them all agree at first sight.

    A result keeps it to be told of its points, so it knows no result: what refers to each other is freed by the
    cyclic collector alone, and a loop over many functions would fill the processor's caches with what is long done.

    Args:
        quick: the function's sweep in balls.
        tape: the function.
        engine: that returned them.
        precision: of its floating type.
        columns: K doubles for each input, a list of one or an array of more; likewise all that follow.
        value: the K values that the engine returned.
        gradient: its K numbers for each partial.
        shown: what else the engine shows of these points.
        others: variables that the function does not name, with their K numbers.
    """

    def __init__(
        self,
        quick: Quick,
        tape: Tape,
        engine: Engine | None,
        precision: Precision,
        columns: Sequence[Any],
        value: Any,
        gradient: Sequence[Any],
        shown: Shown | None,
        others: Sequence[tuple[str, np.ndarray]],
    ) -> None:
        self.quick, self.tape, self.engine, self.precision = quick, tape, engine, precision
        self.columns, self.value, self.gradient, self.shown, self.others = columns, value, gradient, shown, others
        self._usual = usual_ulps(engine) * precision.unit
        self._screening: Screening | None = None
        self._screened: list[bool] = []
        self._enclosed: Enclosed | None = None
        #: The points that balls have enclosed, in their order.
        self._left: list[int] | range = range(len(value))
        #: The enclosures at points that agree once settled choices are made, and the sweeps of what these leave.
        self._settled: dict[int, list[Ball]] = {}
        self._without_choices: dict[Tape, Quick] = {}

    def agree(self, may_screen: bool) -> Iterator[list[bool]]:
        """For one block of points after another, at which all numbers agree.

        Args:
            may_screen: screen the points first if they are many, and leave to balls what that does not pass, and one
                point at least.
        """
        start = 0
        for block in self._agree(may_screen):
            yield [agrees or self._agrees_settled(k) for k, agrees in enumerate(block, start)]
            start += len(block)
        self.shown = None  # a result keeps what is told of its points, and not what is inside of them

    def _agree(self, may_screen: bool) -> Iterable[list[bool]]:
        count = len(self.value)
        if may_screen and count >= FEWEST_TO_SCREEN:
            self._screening = screen(plan_of(self.tape), self.columns, self.value, self.gradient, self.precision.unit)
            if self._screening is not None:
                return self._screened_first(self._screening.agreed.tolist())
        enclosed = self._enclosed = Enclosed(self.quick, self.columns, self.value, self.gradient, self._usual)
        is_suspect = partial(self._is_suspect, self.quick)
        if count == 1:
            return ([enclosed.is_certified_alone(is_suspect)],)
        return enclosed.certified(is_suspect)

    def _screened_first(self, screened: list[bool]) -> Iterator[list[bool]]:
        self._screened, count = screened, len(screened)
        self._left = left = [k for k in range(count) if not screened[k]]
        columns, gradient = ([column[left] for column in both] for both in (self.columns, self.gradient))
        enclosed = self._enclosed = Enclosed(self.quick, columns, self.value[left], gradient, self._usual)

        def is_suspect(place: int, swept: Swept, column: int) -> bool:
            return self._is_suspect(self.quick, left[place], swept, column)

        if len(left) == 1:
            certified = iter([enclosed.is_certified_alone(is_suspect)])
        else:
            certified = chain.from_iterable(enclosed.certified(is_suspect))
        for start in range(0, count, BLOCK):
            yield [passed or next(certified) for passed in screened[start : start + BLOCK]]

    def _agrees_settled(self, k: int) -> bool:
        """Whether all agree at a point where balls cannot tell a slope, once its settled choices are made."""
        assert self._enclosed is not None
        if all(ball.is_finite() for ball in self._enclosed.balls(bisect_left(self._left, k))):
            return False
        here, numbers = ([[float(column[k])] for column in both] for both in (self.columns, self.gradient))
        rest = settled(self.tape, [arb(x) for (x,) in here])
        if rest is None:
            return False
        quick = self._without_choices.get(rest)
        if quick is None:
            quick = self._without_choices[rest] = Quick(rest, self.precision)

        def is_suspect(_: int, swept: Swept, column: int) -> bool:
            return self._is_suspect(quick, k, swept, column)

        enclosed = Enclosed(quick, here, [float(self.value[k])], numbers, self._usual)
        if not enclosed.is_certified_alone(is_suspect):
            return False
        self._settled[k] = enclosed.balls(0)
        return True

    def _is_suspect(self, quick: Quick, k: int, swept: Swept, column: int) -> bool:
        """Whether operations of the engine call for a closer look at a point, which a sweep has met at some place."""
        engine, tape, precision = self.engine, self.tape, self.precision
        here = [float(numbers[k]) for numbers in self.columns]
        if not shows_inside(engine):
            return is_suspect(tape, engine, precision, here)
        shown = self.shown
        if shown is None:  # of very many points nothing is kept
            shown = shown_at(engine, tape, here, precision)
        elif len(self.value) > 1:
            shown = shown.at(k)
        far = quick.far_off(swept, column, shown, IMPRECISE_ULPS * precision.unit)
        return bool(far) and bool(far_off_inside(tape, far, shown, precision))

    def point(self, k: int) -> Agreed:
        """One that agreed, with all that is known of it."""
        here, numbers = ([float(column[k]) for column in both] for both in (self.columns, self.gradient))
        besides = {name: float(values[k]) for name, values in self.others}
        if self._screening is not None and self._screened[k]:
            return Agreed(here, float(self.value[k]), numbers, None, besides, self._screening.ulps(k))
        assert self._enclosed is not None
        enclosures = self._settled.get(k) or self._enclosed.balls(bisect_left(self._left, k))
        return Agreed(here, float(self.value[k]), numbers, enclosures, besides)
