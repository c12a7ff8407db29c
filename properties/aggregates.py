"""What a campaign's store has counted, as objects: read in milliseconds, whatever the number of functions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..verifier.verdicts.judgement import RANK
from .tally import EXACT, HIGHEST, LOWEST, UNMEASURED


class Cell(NamedTuple):
    """An operation at one depth, with arguments of one size.

    Attributes:
        primitive: its name.
        depth: operations on the longest path from an input to it, itself included; 1 at least.
        range: the size of its largest argument, an index into :data:`~gradjury.properties.tally.RANGES`.
        pairs: how often it was executed at one point, by the verdict of the whole function there.
    """

    primitive: str
    depth: int
    range: int
    pairs: dict[str, int]


class ErrorBin(NamedTuple):
    """Partial derivatives of one verdict whose distance from the truth is ``low <= ulps < high``.

    ``low == high == 0`` counts those that are exactly equal; both None those that have no distance: at a kink, where
    there is no derivative, nan.
    """

    verdict: str
    low: float | None
    high: float | None
    count: int  # type: ignore[assignment]  # tuple.count is not missed


class InputBin(NamedTuple):
    """Coordinates of points with ``10**decade <= |x| < 10**(decade + 1)``; decade None and sign 0 for zeros."""

    sign: int
    decade: int | None
    count: int  # type: ignore[assignment]


@dataclass(frozen=True)
class Cause:
    """Functions that fail alike.

    Attributes:
        verdict: theirs.
        kind, primitive, argument: of the blame; None where nobody is blamed.
        reason: why, where nobody is blamed; without the numbers of one function.
        functions: how many.
        kept: of how many the record was kept: those with the lowest indices.
        first: the lowest index.
        example: the smallest function: ``index``, ``expression`` and ``at``, its point or None.
    """

    verdict: str
    kind: str | None
    primitive: str | None
    argument: int | None
    reason: str | None
    functions: int
    kept: int
    first: int
    example: dict[str, Any]

    @classmethod
    def stored(cls, key: Sequence[Any], functions: int, kept: int, first: int, example: dict[str, Any]) -> Cause:
        """A cause from its :class:`~gradjury.properties.tally.CauseKey` and what was found of it."""
        verdict, kind, primitive, argument, reason = key
        return cls(verdict, kind, primitive, argument, reason, functions, kept, first, example)

    @property
    def key(self) -> tuple[str, str | None, str | None, int | None, str | None]:
        """What tells it from other causes."""
        return self.verdict, self.kind, self.primitive, self.argument, self.reason


@dataclass(frozen=True)
class Aggregates:
    """Sums over a campaign.

    Attributes:
        functions: how many ended with which verdict, mildest first; verdicts that do not occur are left out.
        pairs: how many (function, point) pairs did.
        screened: how many of the pairs were screened, and not certified in balls.
        cells: operations by depth and size of their arguments, sorted.
        errors: distances from the truth in ulps, sorted.
        inputs: sizes of the points' coordinates, sorted.
        causes: worst verdict first, then the most functions, then the lowest index.
        timeline: functions judged and seconds of work until then, increasing; up to some thousand entries.
        seconds: of work, in all runs together; pauses between an interruption and its resumption are left out.
        processor_seconds: of all processes together.
    """

    functions: dict[str, int]
    pairs: dict[str, int]
    screened: int
    cells: list[Cell]
    errors: list[ErrorBin]
    inputs: list[InputBin]
    causes: list[Cause]
    timeline: list[tuple[int, float]]
    seconds: float
    processor_seconds: float

    @property
    def done(self) -> int:
        """How many functions were judged."""
        return sum(self.functions.values())


def in_order(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts from ``agree`` to ``wrong``."""
    return {verdict: counts[verdict] for verdict in sorted(counts, key=RANK.__getitem__)}


def aggregates(
    sums: Iterable[tuple[list[Any], int]],
    causes: Iterable[Cause],
    timeline: Iterable[tuple[int, float]],
    seconds: float,
    processor_seconds: float,
) -> Aggregates:
    """The objects for the sums of a :class:`~gradjury.properties.tally.Tally`, given as (key, count)."""
    verdicts: dict[str, Counter[str]] = {"function": Counter(), "pair": Counter(), "screened": Counter()}
    cells: dict[tuple[str, int, int], Counter[str]] = {}
    errors, inputs = [], []
    for (name, *key), count in sums:
        if name in verdicts:
            verdicts[name][key[0]] = count
        elif name == "cell":
            cells.setdefault((key[0], key[1], key[2]), Counter())[key[3]] = count
        elif name == "error":
            errors.append((RANK[key[0]], key[1], ErrorBin(key[0], *_bounds(key[1]), count)))
        elif name == "input":
            inputs.append(InputBin(key[0], key[1], count))
    return Aggregates(
        functions=in_order(verdicts["function"]),
        pairs=in_order(verdicts["pair"]),
        screened=verdicts["screened"].total(),
        cells=[Cell(*where, in_order(counts)) for where, counts in sorted(cells.items())],
        errors=[found for *_, found in sorted(errors, key=lambda e: e[:2])],
        inputs=sorted(inputs, key=lambda i: (i.sign, -math.inf if i.decade is None else i.decade)),
        causes=sorted(causes, key=lambda c: (-RANK[c.verdict], -c.functions, c.first, str(c.key))),
        timeline=list(timeline),
        seconds=seconds,
        processor_seconds=processor_seconds,
    )


def _bounds(exponent: int) -> tuple[float | None, float | None]:
    """The ends of a bin of :func:`~gradjury.properties.tally.bin_of`."""
    if exponent == UNMEASURED:
        return None, None
    if exponent == EXACT:
        return 0.0, 0.0
    low = 0.0 if exponent == LOWEST else 2.0 ** (exponent - 1)
    return low, math.inf if exponent == HIGHEST else 2.0**exponent
