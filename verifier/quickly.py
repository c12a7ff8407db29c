"""What agrees at once: points that screening passes or the quick sweep certifies, told in full only to who asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from .quick import BLOCK, Enclosed, quick_of
from .results import Agreed, Verification
from .screening import Screening, screen
from .unmask import is_suspect

#: Fewer points are certified in less time than a sweep in longdouble needs to start.
FEWEST_TO_SCREEN = 32


class Quickly:
    """An engine's numbers at K points, and at which of them all agree at first sight.

    Args:
        result: of which the points are.
        columns: K numbers for each input.
        value: the K values that the engine returned.
        gradient: its K numbers for each partial.
        others: variables that the function does not name, with their K numbers.
    """

    def __init__(
        self,
        result: Verification,
        columns: list[list[float]],
        value: list[float],
        gradient: list[list[float]],
        others: Sequence[tuple[str, np.ndarray]],
    ) -> None:
        self.result, self.columns, self.value, self.gradient, self.others = result, columns, value, gradient, others
        self._screening: Screening | None = None
        self._screened: list[bool] = []
        self._enclosed: Enclosed | None = None
        #: The points that balls have enclosed, in their order.
        self._left: list[int] | range = range(len(value))

    def agree(self, may_screen: bool) -> Iterator[list[bool]]:
        """For one block of points after another, at which all numbers agree.

        Args:
            may_screen: screen the points first if they are many, and leave to balls what that does not pass, and one
                point at least.
        """
        result, count = self.result, len(self.value)
        if may_screen and count >= FEWEST_TO_SCREEN:
            precision = result.precision
            self._screening = screen(result.plan, self.columns, self.value, self.gradient, precision.unit)
        quick = quick_of(result.plan, result.precision)
        if self._screening is None:
            self._enclosed = Enclosed(quick, self.columns, self.value, self.gradient, self._is_suspect)
            yield from self._enclosed.certified()
            return
        self._screened = self._screening.agreed.tolist()
        if all(self._screened):
            self._screened[0] = False
        self._left = left = [k for k in range(count) if not self._screened[k]]
        columns, gradient = ([[column[k] for k in left] for column in both] for both in (self.columns, self.gradient))
        values = [self.value[k] for k in left]
        self._enclosed = Enclosed(quick, columns, values, gradient, lambda place: self._is_suspect(left[place]))
        certified = chain.from_iterable(self._enclosed.certified())
        for start in range(0, count, BLOCK):
            yield [passed or next(certified) for passed in self._screened[start : start + BLOCK]]

    def _is_suspect(self, k: int) -> bool:
        return is_suspect(self.result, [column[k] for column in self.columns])

    def point(self, k: int) -> Agreed:
        """One that agreed, with all that is known of it."""
        here, numbers = [column[k] for column in self.columns], [column[k] for column in self.gradient]
        besides = {name: float(values[k]) for name, values in self.others}
        if self._screening is not None and self._screened[k]:
            return Agreed(here, self.value[k], numbers, None, besides, self._screening.ulps(k))
        assert self._enclosed is not None
        return Agreed(here, self.value[k], numbers, self._enclosed.balls(bisect_left(self._left, k)), besides)
