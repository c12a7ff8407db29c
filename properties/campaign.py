"""Campaigns: many random composite functions through one engine, judged one after the other.

Function number i and its points are generated from the seed and i alone, so that any of them can be judged
again without the others, and in any process, on any machine; and a campaign that was interrupted goes on where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from ..verifier.arguments import by_variable, floating, one_of, real, refuse, seconds, whole
from ..verifier.engine import Engine, NumpyEngine, is_limited, wears_out
from ..verifier.engine_names import engine_named
from ..verifier.engines.common import TapeRunner
from ..verifier.errors import GradjuryError, InvalidInput, Unsupported, is_crash
from ..verifier.given import DEFAULT_POINTS
from ..verifier.question import CERTIFY
from ..verifier.verdicts.judgement import worst
from .aggregates import in_order
from .scheduler import here, in_processes
from .settings import changed_versions, check_same, complete, settings_of, task_of
from .shards import Shard, Task, generate
from .store import KEEP, Row, Store
from .vocabulary import usual

MOST_CASES = 1000  # in memory; the store may keep more

__all__ = ["Campaign", "generate", "in_order", "resume", "run"]

Progress = Callable[[int, Counter[str]], None]


@dataclass
class Campaign:
    """What a campaign found.

    Attributes:
        settings: everything that determines the result, and the versions of all libraries.
        functions: how many functions ended with which verdict.
        pairs: how many (function, point) pairs did.
        seconds: how long it took; all runs of a campaign that was resumed.
        interrupted: whether it was stopped before the last function.
        cases: functions that are not ``agree``, with their record, worst first; ``MOST_CASES`` at most, and of each
            cause no more than the setting ``keep`` says.
        crashed: how many functions could not be judged because an engine, or this program, raised an exception.
        changed: libraries whose version is not the one that the campaign was begun with.
        store: path of the store, None if there is none.
    """

    settings: dict[str, Any]
    functions: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    interrupted: bool = False
    cases: list[Row] = field(default_factory=list)
    crashed: int = 0
    changed: list[str] = field(default_factory=list)
    store: str | None = None

    @property
    def verdict(self) -> str:
        """The worst verdict in it."""
        return worst(self.functions)

    def __repr__(self) -> str:
        counts = ", ".join(f"{n} {verdict}" for verdict, n in in_order(self.functions).items())
        stopped = ", interrupted" if self.interrupted else ""
        return f"<Campaign on {self.settings['engine']}: {counts or 'nothing judged'}{stopped}>"


def run(
    functions: int = 1000,
    points: int = DEFAULT_POINTS,
    seed: int = 0,
    engine: str | Engine = "numpy",
    store: str | Path | None = None,
    special: float = 0.0,
    *,
    dtype: str = "float64",
    timeout: float | None = None,
    certify: str = "all",
    progress: Progress | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    grammar: Mapping[str, Any] | None = None,
    keep: int = KEEP,
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
        timeout: seconds a function. C code of an engine that does not return even then ends its process, and only the
            function that it judged; of an Engine object with ``jobs`` of 2 or more.
        certify: ``all`` or ``suspicious``, as :func:`~gradjury.verifier.verify` takes it.
        progress: called whenever functions have been judged, with how many there are and their counts so far.
        jobs: processes; 1 judges in this one, or with ``timeout`` an engine that has a name in one of its own.
        scheduler: address of a Dask scheduler, whose workers judge instead.
        grammar: options of :func:`~gradjury.properties.grammar.composite`; the primitives are those of the engine,
            unless they are given.
        keep: of how many functions of each cause the record is kept, at most: of those with the lowest indices.
        command: how this campaign is repeated; written down in the store.

    Returns:
        The counts, and the record of functions that are not ``agree``. Ctrl-C ends the campaign early, and
        what was judged is kept.

    Raises:
        GradjuryError: an argument is not what it should be, the engine is unknown or the store cannot be written,
            before any work starts; or the disk is full, or the cluster is gone: what was judged is kept, and
            :func:`resume` goes on with it.
    """
    functions, points = whole("functions", functions, 1), whole("points", points, 1)
    jobs, keep, seed = whole("jobs", jobs, 1), whole("keep", keep, 0), whole("seed", seed)
    if not 0 <= (special := real("special", special)) <= 1:
        refuse("special", special, "a share from 0 to 1")
    dtype, timeout = floating(dtype).name, seconds("timeout", timeout)
    one_of("certify", certify, CERTIFY)
    _check_path(store)
    _check_scheduler(scheduler)
    if grammar is not None:
        by_variable("grammar", grammar, "options")
    tested = engine_named(engine)
    _check_computes(tested, dtype)
    options = dict(grammar or {})
    if is_limited(tested) and tested.primitives:
        options.setdefault("primitives", usual(tested.primitives))  # what an engine lacks cannot be judged
    try:
        if options.get("primitives") is not None:  # names, as they are written down
            options["primitives"] = tuple(str(getattr(p, "name", p)) for p in options["primitives"])
        task = Task(points, seed, engine, special, dtype, timeout, certify, options)
        settings = settings_of(task, functions, keep, command)
    except (TypeError, ValueError) as error:
        if not grammar:
            raise
        raise InvalidInput(f"grammar: {error}") from error
    found = Campaign(settings=settings, store=None if store is None else str(store))
    with Store.create(store, settings) as results:
        _work(found, results, task, progress, jobs, scheduler)
    return found


def _check_scheduler(scheduler: Any) -> None:
    """Before a store is made: what is wrong here would leave one without a function in it."""
    if scheduler is not None and not isinstance(scheduler, str):
        refuse("scheduler", scheduler, "an address as text, such as tcp://host:8786")
    if scheduler is not None and find_spec("distributed") is None:
        raise InvalidInput("scheduler: distributed is not installed; pip install 'gradjury[dask]'")


def _check_path(store: Any) -> None:
    if store is not None and not isinstance(store, (str, Path)):
        refuse("store", store, "the path of a file")


def _check_computes(engine: Engine, dtype: str) -> None:
    """Refuse a type in which the engine cannot compute at all."""
    if not isinstance(engine, TapeRunner):
        return
    try:
        with engine.session(np.dtype(dtype)):
            pass
    except Unsupported as error:
        raise InvalidInput(f"dtype: {error}") from None


def resume(
    store: str | Path,
    *,
    engine: str | Engine | None = None,
    progress: Progress | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
    **given: Any,
) -> Campaign:
    """Go on with a campaign that was interrupted, however that happened, to the records that it would have had without.

    Args:
        store: its file.
        engine: the Engine object, where it is none that has a name.
        progress, jobs, scheduler: as :func:`run` takes them; they need not be those of before.
        given: settings that the campaign is expected to have, such as ``seed``.

    Raises:
        GradjuryError: there is no such store, a setting is not the one given, this version draws other functions; or
            as :func:`run`.
    """
    jobs = whole("jobs", jobs, 1)
    if store is None:
        refuse("store", store, "the path of a file")
    _check_path(store)
    _check_scheduler(scheduler)
    with Store.open(store) as results:
        settings = complete(results.settings(), str(store))
    if engine is not None:
        given = {"engine": engine if isinstance(engine, str) else engine.name, **given}
    check_same(settings, given, str(store))
    tested = engine_named(settings["engine"] if engine is None else engine)
    task = task_of(settings, engine)
    try:
        sample = task.sample()
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidInput(f"store {str(store)!r} is damaged: setting grammar: {error}") from error
    if sample != settings["sample"]:
        raise GradjuryError(
            f"store {str(store)!r} was begun with gradjury {settings['versions']['gradjury']}, which draws other "
            "functions than this one; expected that version, or a new store"
        )
    found = Campaign(settings=settings, store=str(store), changed=changed_versions(settings, tested))
    with Store.resume(store) as results:
        _work(found, results, task, progress, jobs, scheduler)
    return found


def _work(
    found: Campaign, results: Store, task: Task, progress: Progress | None, jobs: int, scheduler: str | None
) -> None:
    """Judge what the store does not hold yet, and say in ``found`` what it holds then."""
    done, functions = results.done, found.settings["functions"]
    counts = results.counts()[0]
    try:
        with closing(_shards(task, done, functions, jobs, scheduler)) as shards:
            for shard in shards:
                results.add(shard)
                counts.update(shard.verdicts)
                if progress is not None:
                    progress(shard.stop, counts)
    except KeyboardInterrupt:
        found.interrupted = True
    results.commit()
    found.functions, found.pairs = results.counts()
    sums = results.aggregates()
    found.seconds = sums.seconds
    found.crashed = sum(cause.functions for cause in sums.causes if is_crash(cause.reason))
    found.cases = list(results.cases(limit=MOST_CASES))
    results.note(seconds=round(found.seconds, 3), interrupted=found.interrupted)


def _shards(task: Task, start: int, stop: int, jobs: int, scheduler: str | None) -> Generator[Shard, None, None]:
    if scheduler is not None:
        from .distributed import on_cluster

        return on_cluster(task, start, stop, scheduler)
    apart = jobs > 1 or _needs_a_process(task)
    return in_processes(task, start, stop, jobs) if apart else here(task, start, stop)


def _needs_a_process(task: Task) -> bool:
    """Whether one process is not enough: what a foreign engine does in C code, only the end of its process ends.

    An Engine object may be one that cannot be sent to another process, or belong to a script that would start once
    more there: only ``jobs`` asks for that.
    """
    engine = engine_named(task.engine)
    may_stand_still = task.timeout is not None and isinstance(task.engine, str) and type(engine) is not NumpyEngine
    return may_stand_still or wears_out(engine)
