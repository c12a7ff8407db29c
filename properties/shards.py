"""Judging a campaign's functions, one or a run of them; what a process is asked for and what it answers.

Function number i and its points are drawn from the seed and i alone. So a shard, the functions from one index to
another, gives the same answer in any process, and the campaign the same records however it is cut.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..verifier.engine import Engine
from ..verifier.engine_names import engine_named
from ..verifier.errors import Unsupported, crashed, raised
from ..verifier.point_result import PointResult
from ..verifier.reading.printer import write
from ..verifier.result_record import without_points
from ..verifier.results import Verification
from ..verifier.verdicts.judgement import RANK
from ..verifier.verify import verify
from .choices import seeded
from .grammar import Composite, composite
from .points import points as draw_points
from .tally import CauseKey, Found, Tally, general, tally

SAMPLE = 4  # functions that stand for all, when it is asked whether two programs draw the same


class Case(NamedTuple):
    """A function that is not ``agree``.

    Attributes:
        index: its number in the campaign.
        cause: what it shares with others that fail alike.
        record: its result record; ``id`` is its index.
    """

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    cause: CauseKey
    record: dict[str, Any]


@dataclass
class Shard:
    """The functions ``start`` … ``stop - 1``, judged.

    Attributes:
        verdicts: one a function, in order.
        cases: those that are not ``agree``, in order.
        tally: sums over all of them.
        seconds: of processor time; no part of any report that is to be reproducible.
    """

    start: int
    verdicts: list[str] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0

    @property
    def stop(self) -> int:
        """One more than the last index."""
        return self.start + len(self.verdicts)

    def add(self, verdict: str, counted: Tally, cause: CauseKey | None, record: dict[str, Any] | None) -> None:
        """Append the next function."""
        if cause is not None and record is not None:
            self.cases.append(Case(self.stop, cause, {"id": self.stop, **record}))
        self.verdicts.append(verdict)
        self.tally += counted

    def extend(self, other: Shard) -> None:
        """Append the functions of the next shard."""
        self.verdicts += other.verdicts
        self.cases += other.cases
        self.tally += other.tally
        self.seconds += other.seconds


@dataclass(frozen=True)
class Task:
    """Judging a function: everything but its index. Picklable, if the engine is.

    Attributes:
        points: how many points a function.
        seed: all functions and points follow from it.
        engine: its name, or an Engine object.
        special: share of special points.
        dtype, timeout, certify: as :func:`~gradjury.verifier.verify` takes them.
        grammar: options of :func:`~gradjury.properties.grammar.composite`.
    """

    points: int
    seed: int
    engine: str | Engine
    special: float = 0.0
    dtype: str = "float64"
    timeout: float | None = None
    certify: str = "all"
    grammar: Mapping[str, Any] = field(default_factory=dict)

    def shard(self, start: int, stop: int) -> Shard:
        """Judge the functions ``start`` … ``stop - 1``."""
        shard = Shard(start)
        began = time.process_time()
        for index in range(start, stop):
            shard.add(*self._judged(index))
        shard.seconds = time.process_time() - began
        return shard

    def _judged(self, index: int) -> tuple[str, Tally, CauseKey | None, dict[str, Any] | None]:
        """Verdict, tally, cause and record of one function. What is no interruption ends it alone, not the campaign."""
        expression = ""
        try:
            function = generate(index, self.seed, **self.grammar)
            expression = write(function.tape)
            at = draw_points(function, self.points, seed=self.seed, index=index, special=self.special)
            result = verify(
                function.tape,
                at,
                engine=self.engine,
                dtype=self.dtype,
                timeout=self.timeout,
                certify=self.certify,
            )
            counted, cause = tally(result, index)
            return result.verdict, counted, cause, None if cause is None else record_of(result)
        except Unsupported as error:
            return self.undecided(index, error.reason, expression)
        except Exception as error:
            return self.undecided(index, crashed(raised(error)), expression)

    def lost(self, index: int, reason: str) -> Shard:
        """The shard of one function that no process survives."""
        shard = Shard(index)
        expression = write(generate(index, self.seed, **self.grammar).tape)
        shard.add(*self.undecided(index, reason, expression))
        return shard

    def undecided(self, index: int, reason: str, expression: str = "") -> tuple[str, Tally, CauseKey, dict[str, Any]]:
        """Verdict, tally, cause and record of a function that could not be judged."""
        engine = engine_named(self.engine)
        cause = CauseKey("undecided", reason=general(reason))
        counts: Counter[tuple[Any, ...]] = Counter({("function", "undecided"): 1, ("pair", "undecided"): self.points})
        example = {"index": index, "expression": expression, "at": None}
        known = {"expression": expression, "engine": f"{engine.name} {engine.version}"}
        record = {**known, **without_points("undecided", reason)}
        return "undecided", Tally(counts, {cause: Found(1, index, example)}), cause, record

    def sample(self) -> str:
        """A digest of the first functions and their points: equal where two programs draw the same."""
        digest = hashlib.sha256()
        for index in range(SAMPLE):
            function = generate(index, self.seed, **self.grammar)
            at = draw_points(function, self.points, seed=self.seed, index=index, special=self.special)
            digest.update(write(function.tape).encode())
            for name in sorted(at):
                digest.update(name.encode() + at[name].tobytes())
        return digest.hexdigest()[:16]


def generate(index: int, seed: int = 0, **grammar: Any) -> Composite:
    """Function number ``index`` of the campaign with this seed."""
    return composite(seeded(seed, index), **grammar)


def record_of(result: Verification) -> dict[str, Any]:
    """The record with the first point of each verdict but ``agree``, worst first: the others say the same.

    Where an engine fails only at all points at once, they are all in it.
    """
    if result.blame is not None and result.blame.how == "together":
        return result.to_record()
    by_verdict = result.by_verdict
    worst_first = sorted((v for v in by_verdict if v != "agree"), key=RANK.__getitem__, reverse=True)
    firsts = [by_verdict[verdict][0] for verdict in worst_first]
    return result.to_record([point for point in firsts if isinstance(point, PointResult)])


def ranges(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    """[start, stop) cut at the multiples of ``size``, so that cuts do not depend on where one begins."""
    while start < stop:
        end = min(stop, (start // size + 1) * size)
        yield start, end
        start = end
