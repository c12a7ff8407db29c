"""Campaigns: many random composite functions through one engine, judged one after the other.

Function number i and its points are generated from the seed and i alone, so that any of them can be judged
again without the others, and in any process.
"""

from __future__ import annotations

import platform
import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ..verifier.engine import Engine, engine_named
from ..verifier.errors import Unsupported
from ..verifier.judge import RANK
from ..verifier.results import Verification
from ..verifier.verify import verify
from .choices import seeded
from .grammar import Composite, composite
from .points import points as draw_points
from .store import Row, Store

MOST_CASES = 1000  # kept in memory; the store keeps all
CHUNK = 8  # functions that a process judges at a time
LIBRARIES = ("gradjury", "numpy", "scipy", "sympy", "python-flint", "hypothesis")

Progress = Callable[[int, Counter[str]], None]


@dataclass
class Campaign:
    """What a campaign found.

    Attributes:
        settings: everything that determines the result, and the versions of all libraries.
        functions: how many functions ended with which verdict.
        pairs: how many (function, point) pairs did.
        seconds: how long it took.
        interrupted: whether it was stopped before the last function.
        cases: a row for each function that is not ``agree``, with its record; ``MOST_CASES`` at most.
        store: path of the store, None if there is none.
    """

    settings: dict[str, Any]
    functions: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    interrupted: bool = False
    cases: list[Row] = field(default_factory=list)
    store: str | None = None

    @property
    def verdict(self) -> str:
        """The worst verdict in it."""
        return max(self.functions, key=RANK.__getitem__, default="agree")

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {verdict}" for verdict, n in in_order(self.functions).items())
        stopped = ", interrupted" if self.interrupted else ""
        return f"<Campaign on {self.settings['engine']}: {counts or 'nothing judged'}{stopped}>"


def in_order(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts from ``agree`` to ``wrong``."""
    return {verdict: counts[verdict] for verdict in sorted(counts, key=RANK.__getitem__)}


def run(
    functions: int = 1000,
    points: int = 8,
    seed: int = 0,
    engine: str | Engine = "numpy",
    store: str | Path | None = None,
    special: float = 0.0,
    *,
    dtype: str = "float64",
    timeout: float | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    grammar: Mapping[str, Any] | None = None,
    command: str | None = None,
) -> Campaign:
    """Judge an engine on random composite functions.

    Args:
        functions: how many.
        points: how many points each.
        seed: all functions and points follow from it.
        engine: name of the engine, or an Engine object (which ``jobs`` must be able to send to processes).
        store: file to create for the results, as they come; none if not given.
        special: share of special points, from 0 to 1.
        dtype: floating type.
        timeout: seconds a function.
        progress: called after each function with how many are done and the counts of functions so far.
        jobs: processes.
        grammar: options of :func:`~gradjury.properties.grammar.composite`; the primitives are those of the engine,
            unless they are given.
        command: how this campaign is repeated; written down in the store.

    Returns:
        The counts, and the record of each function that is not ``agree``. Ctrl-C ends the campaign early, and
        what was judged is kept.

    Raises:
        GradjuryError: the engine is unknown or the store cannot be written, before any work starts.
        ValueError: a number is out of range.
    """
    for name, value, least in (("functions", functions, 0), ("points", points, 1), ("jobs", jobs, 1)):
        if value < least:
            raise ValueError(f"{name}={value!r}; expected at least {least}")
    if not 0 <= special <= 1:
        raise ValueError(f"special={special!r}; expected a share from 0 to 1")
    tested = engine_named(engine)
    options = dict(grammar or {})
    if primitives := getattr(tested, "primitives", None):
        options.setdefault("primitives", primitives)  # what an engine lacks cannot be judged
    settings = _settings(functions, points, seed, tested, special, dtype, timeout, options, command)
    task = _Task(points, seed, engine, special, dtype, timeout, options)
    found = Campaign(settings=settings, store=None if store is None else str(store))
    started = time.perf_counter()
    with Store.create(store, settings) as results:
        one_by_one = (task(index) for index in range(functions))
        rows: Generator[Row, None, None] = _in_processes(task, functions, jobs) if jobs > 1 else one_by_one
        try:
            with closing(rows):
                for row in rows:
                    results.add(row.index, row.verdict, row.pairs, row.record, row.seconds)
                    _count(found, row)
                    if progress is not None:
                        progress(sum(found.functions.values()), found.functions)
        except KeyboardInterrupt:
            found.interrupted = True
        finally:
            found.seconds = time.perf_counter() - started
            found.functions, found.pairs = results.counts()
            results.note(seconds=round(found.seconds, 3), interrupted=found.interrupted)
    return found


def _count(campaign: Campaign, row: Row) -> None:
    campaign.functions[row.verdict] += 1
    campaign.pairs.update(row.pairs)
    if row.record is not None and len(campaign.cases) < MOST_CASES:
        campaign.cases.append(row)


def generate(index: int, seed: int = 0, **grammar: Any) -> Composite:
    """Function number ``index`` of the campaign with this seed."""
    return composite(seeded(seed, index), **grammar)


@dataclass(frozen=True)
class _Task:
    """Judging one function: everything but its index."""

    points: int
    seed: int
    engine: str | Engine
    special: float
    dtype: str
    timeout: float | None
    grammar: dict[str, Any]

    def __call__(self, index: int) -> Row:
        started = time.perf_counter()
        try:
            function = generate(index, self.seed, **self.grammar)
            at = draw_points(function, self.points, seed=self.seed, index=index, special=self.special)
            result = verify(function.tape, at, engine=self.engine, dtype=self.dtype, timeout=self.timeout)
            verdict, pairs, record = summarise(result)
        except Unsupported as error:
            verdict, pairs, record = "undecided", {"undecided": self.points}, {"error": error.reason}
        except Exception as error:
            error.add_note(f"at function {index} of the campaign with seed {self.seed}")
            raise
        if record is not None:
            record = {"id": index, **record}
        return Row(index, verdict, pairs, time.perf_counter() - started, record)


def summarise(result: Verification) -> tuple[str, dict[str, int], dict[str, Any] | None]:
    """Verdict, counts of the points' verdicts, and the record unless all agree.

    The record keeps the first point of each verdict but ``agree``, worst first: the others say the same.
    """
    by_verdict = result.by_verdict
    pairs = in_order({verdict: len(found) for verdict, found in by_verdict.items()})
    if result.verdict == "agree":
        return "agree", pairs, None
    worst_first = reversed([verdict for verdict in pairs if verdict != "agree"])
    firsts = [by_verdict[verdict][0] for verdict in worst_first]
    return result.verdict, pairs, result.to_record([point for point in firsts if point is not None])


def _in_processes(task: _Task, functions: int, jobs: int) -> Generator[Row, None, None]:
    """Rows in the order of their index, judged by several processes.

    On Ctrl-C or when the caller stops, chunks that are not yet begun are dropped.
    """
    # Ctrl-C on a terminal goes to all processes: the workers leave it to this one, which stops them.
    with ProcessPoolExecutor(jobs, initializer=_ignore_interrupt) as pool:
        waiting: deque[Future[list[Row]]] = deque()
        starts = iter(range(0, functions, CHUNK))
        try:
            for start in starts:
                waiting.append(pool.submit(_chunk, task, start, min(start + CHUNK, functions)))
                if len(waiting) >= 4 * jobs:  # so that neither futures nor results pile up
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _ignore_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _chunk(task: _Task, start: int, stop: int) -> list[Row]:
    return [task(index) for index in range(start, stop)]


def _settings(
    functions: int,
    points: int,
    seed: int,
    engine: Engine,
    special: float,
    dtype: str,
    timeout: float | None,
    grammar: Mapping[str, Any] | None,
    command: str | None,
) -> dict[str, Any]:
    """What is written down about a campaign; versions of all libraries included."""
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:  # an uninstalled checkout
            versions[library] = "uninstalled"
    options = {
        "functions": functions,
        "points": points,
        "seed": seed,
        "engine": engine.name,
        "special": special,
        "dtype": dtype,
        "timeout": timeout,
    }
    words = [f"--{name} {value}" for name, value in options.items() if value not in (None, 0.0) or name == "seed"]
    return {
        **options,
        "engine_version": engine.version,
        "grammar": {key: list(value) if isinstance(value, tuple) else value for key, value in (grammar or {}).items()},
        "versions": versions,
        "command": command or " ".join(["gradjury run", *words]),
    }
