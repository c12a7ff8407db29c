"""Two runs beside each other: what fails now and did not, what was fixed, what stayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ...properties.comparison import KINDS, compare, differences, kind_of
from ...properties.store import Store
from ...verifier.errors import GradjuryError
from ...verifier.reading.printer import write
from ..collection import is_store, read_results
from ..evidence import Record
from ..survey import writable

if TYPE_CHECKING:
    from ...properties.shards import Task


#: Functions of each kind that are listed.
MOST_LISTED = 200


class Change(NamedTuple):
    """One function in two runs: its id, its expression (empty where it is not known), its verdicts then and now."""

    id: str
    text: str
    old: str
    new: str


@dataclass
class Changes:
    """What changed since an older run.

    Attributes:
        older: name of the older run.
        common: functions judged in both; only_new, only_old: in one.
        counts: how many are ``new``, ``fixed``, ``unchanged``, ``shifted``.
        listed: the first of each kind.
        differences: what else is not as it was, of two campaigns: its name, what it was, what it is.
    """

    older: str
    common: int = 0
    only_new: int = 0
    only_old: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    listed: dict[str, list[Change]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    differences: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, change: Change) -> None:
        """Count a function that was judged in both runs."""
        self.common += 1
        kind = kind_of(change.old, change.new)
        if kind is None:
            return
        self.counts[kind] += 1
        if len(self.listed[kind]) < MOST_LISTED:
            self.listed[kind].append(change)


def changes(new: str, old: str) -> Changes:
    """What changed between the files of two runs: stores of campaigns, or results of ``verify``.

    Raises:
        GradjuryError: a file cannot be read, or two campaigns are not about the same functions.
    """
    if is_store(new) and is_store(old):
        return _of_stores(new, old)
    return of_records(_records(new), _records(old), old)


def _records(path: str) -> Iterable[Record]:
    if not is_store(path):
        return list(read_results(path))
    with Store.open(path) as store:
        return [{"verdict": row.verdict, **row.record} for row in store.rows(kept=True) if row.record is not None]


def of_records(new: Iterable[Record], old: Iterable[Record], older: str) -> Changes:
    """What changed between two lists of result records, matched by id and expression.

    Of several that have these in common, such as those of several engines, the first is matched with the first, the
    second with the second.
    """
    before = dict(_by_key(old))
    found = Changes(older)
    for key, record in _by_key(new):
        past = before.pop(key, None)
        if past is None:
            found.only_new += 1
            continue
        text = str(record.get("expression") or "")
        found.add(Change(writable(record.get("id", "")), text, past["verdict"], record["verdict"]))
    found.only_old = len(before)
    return found


def _by_key(records: Iterable[Record]) -> Iterator[tuple[tuple[str, str, int], Record]]:
    """Each record behind its id, its expression, and how many before it had the same ones."""
    known: Counter[tuple[str, str]] = Counter()
    for record in records:
        key = str(record.get("id", "")), str(record.get("expression") or "")
        yield (*key, known[key]), record
        known[key] += 1


def _of_stores(new: str, old: str) -> Changes:
    counted = compare(new, old)
    found = Changes(old, counted.common, counted.only_new, counted.only_old, dict(counted.counts))
    found.differences = differences(counted.new_settings, counted.old_settings)
    with Store.open(new) as now, Store.open(old) as before:
        drawn = _drawn_again(now.settings())
        for kind in KINDS:
            for change in getattr(counted, kind)[:MOST_LISTED]:
                kept = now.record(change.index) or before.record(change.index) or {}
                text = str(kept.get("expression") or drawn(change.index))
                found.listed[kind].append(Change(str(change.index), text, change.old, change.new))
    return found


def _drawn_again(settings: Mapping[str, Any]) -> Callable[[int], str]:
    """The functions of a campaign by their index, drawn once more: of those that agree no record is kept.

    They are empty where this program draws others than the one that judged them.
    """
    from ...properties.settings import task_of
    from ...properties.shards import generate

    @cache
    def task() -> Task | None:
        try:
            found = task_of(settings)
            return found if found.sample() == settings["sample"] else None
        except (GradjuryError, KeyError, TypeError, ValueError):  # settings of another release
            return None

    def text(index: int) -> str:
        known = task()
        return "" if known is None else write(generate(index, known.seed, **known.grammar).tape)

    return text
