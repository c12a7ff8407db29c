"""What is counted about judged functions: sums that can be added up in any order and any grouping.

A tally of one function, of one shard and of a whole campaign are the same thing, so that a campaign of any size is
summed where it is judged and stored in a few thousand rows.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from ..engine import Execution, Tape
from ..verifier.point_result import Agreed, Partial, PointResult
from ..verifier.result_record import numbers
from ..verifier.results import Verification
from ..verifier.verdicts.judgement import worst

#: Sizes of an operation's largest argument, and where each class but the first and the last begins.
RANGES = (
    *("0", "< 1e-100", "1e-100 … 1e-8", "1e-8 … 0.01", "0.01 … 1", "1 … 100", "100 … 1e8", "1e8 … 1e100", "≥ 1e100"),
    "nan, inf",
)
_EDGES = np.array([5e-324, 1e-100, 1e-8, 0.01, 1.0, 100.0, 1e8, 1e100, math.inf])

DEEPEST = 32  # depths from here on are counted as one

#: Distances in ulps are counted by their binary exponent, between these; and apart: none at all, and no distance.
EXACT, LOWEST, HIGHEST, UNMEASURED = -11, -10, 65, 66

# A number that a reason states differs from function to function, and would make as many causes of one.
_NUMBER = re.compile(r"0x[0-9a-f.]+(p[+-]?\d+)?|\d+(\.\d+)?e[+-]?\d+|\d+\.\d+|\d{4,}")
# Of a verdict by differences all numbers do, behind why the function was not read.
_BY_DIFFERENCES = re.compile(r"(judged by differences alone, .*?\): )(.*)")
_ANY_NUMBER = re.compile(r"-?\b\d[\d.]*(e[+-]?\d+)?")


class CauseKey(NamedTuple):
    """What functions share that fail alike.

    Attributes:
        verdict: of the function.
        kind, primitive, argument: of the blame, for the kind its ``how`` where it has one; None where nobody is blamed.
        reason: why, where nobody is blamed; numbers in it are left out.
    """

    verdict: str
    kind: str | None = None
    primitive: str | None = None
    argument: int | None = None
    reason: str | None = None


@dataclass
class Found:
    """The functions of one cause: how many, the lowest index, and the smallest of them.

    ``example`` holds ``index``, ``expression`` and ``at`` (the point, None where there is none).
    """

    functions: int
    first: int
    example: dict[str, Any]

    def __iadd__(self, other: Found) -> Found:
        self.functions += other.functions
        self.first = min(self.first, other.first)
        self.example = min(self.example, other.example, key=_size)
        return self


def _size(example: Mapping[str, Any]) -> tuple[int, str, int]:
    return len(example["expression"]), example["expression"], example["index"]


@dataclass
class Tally:
    """Sums over functions.

    Attributes:
        counts: by a name and what is counted: ``("function", verdict)``, ``("pair", verdict)``,
            ``("cell", primitive, depth, range, verdict)``, ``("error", verdict, bin)``, ``("input", sign, decade)``,
            ``("screened", verdict)``: the pairs that were screened and not certified.
        causes: the functions that are not ``agree``, by what they share.
    """

    counts: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    causes: dict[CauseKey, Found] = field(default_factory=dict)

    def __iadd__(self, other: Tally) -> Tally:
        self.counts.update(other.counts)
        for key, found in other.causes.items():
            if key in self.causes:
                self.causes[key] += found
            else:
                self.causes[key] = Found(found.functions, found.first, found.example)
        return self

    def named(self, name: str) -> Counter[str]:
        """One of the sums that have nothing but a verdict: ``function`` or ``pair``."""
        return Counter({key[1]: n for key, n in self.counts.items() if key[0] == name})


def tally(result: Verification, index: int) -> tuple[Tally, CauseKey | None]:
    """What is counted about one judged function, and its cause unless it is ``agree``.

    Args:
        result: of a verification.
        index: of the function in its campaign.
    """
    verdict = result.verdict
    verdicts = [_verdict_of(point) for point in result.judged]
    counts: Counter[tuple[Any, ...]] = Counter({("function", verdict): 1})
    counts.update({("pair", v): count for v, count in Counter(verdicts).items()})
    if screened := sum(isinstance(point, Agreed) and point.balls is None for point in result.judged):
        counts["screened", "agree"] = screened
    columns = np.array([_coordinates(result, point) for point in result.judged])
    if columns.size:
        counts.update({("input", *bin_): count for bin_, count in Counter(_decades(columns)).items()})
        counts.update(cells(result.tape, columns, verdicts, result.dtype))
    for point in result.judged:
        counts.update(_errors(result, point))
    if verdict == "agree":
        return Tally(counts), None
    cause = cause_of(result)
    return Tally(counts, {cause: Found(1, index, _example(result, index))}), cause


def _verdict_of(point: PointResult | Agreed) -> str:
    return "agree" if isinstance(point, Agreed) else worst(point.verdicts)


def _coordinates(result: Verification, point: PointResult | Agreed) -> list[float]:
    return point.inputs if isinstance(point, Agreed) else [point.at[name] for name in result.tape.inputs]


def _decades(columns: np.ndarray[Any, np.dtype[np.float64]]) -> Iterator[tuple[int, int | None]]:
    """Sign and decimal exponent of each coordinate; (0, None) for zeros."""
    flat = columns[np.isfinite(columns)]
    zeros = flat == 0
    yield from repeat((0, None), int(zeros.sum()))
    flat = flat[~zeros]
    exponents = np.floor(np.log10(np.abs(flat))).astype(int)
    yield from zip(np.sign(flat).astype(int).tolist(), exponents.tolist(), strict=True)


def operations(tape: Tape) -> list[tuple[str, int]]:
    """Name and depth of each operation: how many operations the longest path from an input to it has, itself included.

    Depths from ``DEEPEST`` on are given as ``DEEPEST``.
    """
    depths = _depths(tape)
    return [(tape.nodes[i].primitive.name, min(depths[i], DEEPEST)) for i in tape.operations]


def _depths(tape: Tape) -> list[int]:
    depths = [0] * len(tape)
    for i in tape.operations:
        depths[i] = 1 + max((depths[a] for a in tape.nodes[i].args), default=0)
    return depths


def cells(
    tape: Tape, columns: np.ndarray[Any, np.dtype[np.float64]], verdicts: Sequence[str], dtype: DTypeLike = np.float64
) -> Counter[tuple[Any, ...]]:
    """How often an operation stood at a depth, with a size of its largest argument, at a point with a verdict.

    Args:
        tape: the function.
        columns: the points, of shape (points, inputs).
        verdicts: of the function at each point.
        dtype: floating type in which the sizes are computed.
    """
    run = Execution(tape, dtype)  # our own values: every engine's are near enough to tell the size
    run.forward(dict(zip(tape.inputs, columns.T, strict=True)))
    assert run.values is not None
    with np.errstate(all="ignore"):
        sizes = [np.abs(np.asarray(value, dtype=float)) for value in run.values]
    indices = tape.operations
    largest = np.zeros((len(indices), len(verdicts)))
    for row, i in enumerate(indices):
        for a in tape.nodes[i].args:
            np.maximum(largest[row], sizes[a], out=largest[row])  # a nan stays one
    # nan is sorted behind infinity, into the last class
    classes = np.searchsorted(_EDGES, largest, side="right").tolist()
    found: Counter[tuple[Any, ...]] = Counter()
    for (primitive, depth), row_of_classes in zip(operations(tape), classes, strict=True):
        for (size, verdict), count in Counter(zip(row_of_classes, verdicts, strict=True)).items():
            found["cell", primitive, depth, size, verdict] += count
    return found


def _errors(result: Verification, point: PointResult | Agreed) -> Iterator[tuple[str, str, int]]:
    """Verdict and bin of the distance for each partial at a point."""
    if isinstance(point, PointResult):
        for partial in point.partials.values():
            yield "error", partial.verdict, bin_of(_ulps(partial))
        return
    if point.balls is None:
        yield from (("error", "agree", bin_of(ulps)) for ulps in point.ulps or ())
        return
    for g, ball in zip(point.gradient, point.balls, strict=True):
        # The enclosure's middle is the exact derivative but for the square of its radius.
        middle = ball.mid()
        distance = abs(middle - g) / result.precision.ulp(middle)
        yield "error", "agree", bin_of(float(distance.mid()))


def _ulps(partial: Partial) -> float | None:
    return None if partial.judgement.truth.kind == "unknown" else partial.ulps


def bin_of(ulps: float | None) -> int:
    """The bin that counts a distance: e for 2**(e - 1) <= ulps < 2**e, between ``LOWEST`` and ``HIGHEST``."""
    if ulps is None or math.isnan(ulps):
        return UNMEASURED
    if ulps == 0:
        return EXACT
    return HIGHEST if math.isinf(ulps) else min(max(math.frexp(ulps)[1], LOWEST), HIGHEST)


def cause_of(result: Verification) -> CauseKey:
    """What a function that is not ``agree`` has in common with others that fail alike."""
    blame = result.blame
    if blame is not None:
        return CauseKey(result.verdict, blame.how or blame.kind, blame.primitive, blame.argument)
    reason = _reason(result) or result.no_blame
    return CauseKey(result.verdict, reason=general(reason) if reason else None)


def _reason(result: Verification) -> str | None:
    """Why a function has its verdict: the words of the first partial that has it, or value, that has some."""
    for point in result.judged:
        if isinstance(point, PointResult):
            for partial in point.partials.values():
                if partial.verdict == result.verdict and partial.reason:
                    return partial.reason
            if point.value_verdict == result.verdict and point.value_reason:
                return point.value_reason
    return None


def general(reason: str) -> str:
    """A reason without the numbers that are of one function alone."""
    said = " ".join(reason.split())
    if found := _BY_DIFFERENCES.fullmatch(said):
        return _NUMBER.sub("…", found[1]) + _ANY_NUMBER.sub("…", found[2])
    return _NUMBER.sub("…", said)


def _example(result: Verification, index: int) -> dict[str, Any]:
    """The smallest function known to fail like this one, with its point."""
    if result.blame is not None and result.blame.minimal is not None:
        expression, at = result.blame.minimal, result.blame.at
    else:
        points = [p for p in result.judged if isinstance(p, PointResult) and _verdict_of(p) == result.verdict]
        expression, at = result.expression, points[0].at if points else None
    return {
        "index": index,
        "expression": expression,
        "at": None if at is None else numbers(at),
    }
