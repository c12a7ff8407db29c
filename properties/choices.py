"""Where the grammar's decisions come from: a seeded generator for bulk, Hypothesis for shrinking.

The grammar asks four questions and nothing else. Whoever answers orders the answers so that the first, the
smallest, the ``False`` one is the simplest: a shrinker that moves towards them moves towards simple
functions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


class Choices(Protocol):
    """The four questions of the grammar."""

    def integer(self, low: int, high: int) -> int:
        """An integer of [low, high]; ``low`` is the simplest."""

    def real(self, low: float, high: float) -> float:
        """A float of [low, high]."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; the first is the simplest."""

    def coin(self, probability: float) -> bool:
        """True with about this probability; False is the simpler answer."""


class Seeded:
    """Choices of a pseudo-random generator.

    Args:
        generator: ``random.Random``; see :func:`seeded` for one that depends on a seed and an index alone.
    """

    def __init__(self, generator: random.Random) -> None:
        self._uniform = generator.random

    def integer(self, low: int, high: int) -> int:
        return low + int(self._uniform() * (high - low + 1))

    def real(self, low: float, high: float) -> float:
        return low + (high - low) * self._uniform()

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._uniform() * len(options))]

    def coin(self, probability: float) -> bool:
        return self._uniform() < probability


def seeded(seed: int, *path: int) -> Seeded:
    """Choices that depend on the seed and the path (index of the function, …) alone.

    The text is hashed (SHA-512, by ``random.Random``), so neighbouring indices share nothing and function
    number i is the same whether it is generated first, last or in another process.
    """
    return Seeded(random.Random("/".join(map(str, (seed, *path)))))


class Drawn:
    """Choices of Hypothesis: every decision is drawn, so that a failure shrinks.

    Args:
        draw: the ``draw`` of a composite strategy, or the bound method ``data.draw``.
    """

    def __init__(self, draw: Callable[[SearchStrategy[Any]], Any]) -> None:
        from hypothesis import strategies  # takes a while to import, and campaigns and reports never ask

        self._draw, self._strategies = draw, strategies

    def integer(self, low: int, high: int) -> int:
        return int(self._draw(self._strategies.integers(low, high)))

    def real(self, low: float, high: float) -> float:
        return float(self._draw(self._strategies.floats(low, high, allow_nan=False, allow_infinity=False)))

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._draw(self._strategies.integers(0, len(options) - 1)))]

    def coin(self, probability: float) -> bool:
        # Thousandths from above: 0 would be True under "<", and a shrinker drives towards 0.
        return bool(self._draw(self._strategies.integers(0, 999)) >= 1000 * (1 - probability))
