"""Many result records as one: counts of everything, and in full what deserves a look."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..properties.aggregates import Aggregates
from ..properties.tally import CauseKey
from ..verifier.errors import InvalidInput, why_no_json
from .evidence import rank_of_point, severity
from .reproduce import is_unread
from .survey import Survey, cause_of
from .verdicts import EXPLANATIONS, ORDER

if TYPE_CHECKING:
    from ..properties.store import Store

#: No dictionary: what stands in a file as a verdict may not be hashable.
KNOWN = tuple(EXPLANATIONS)
#: Records of one cause that a report of a store holds in full, should the store have more.
MOST_KEPT = 1_000


class Collection:
    """Results of ``verify`` or of a campaign, gathered for a report or a closing summary.

    Args:
        settings: what was run: command, seed, engine, versions … shown as given.
        keep: how many records are kept in full of each cause; ``omitted`` counts those beyond.

    Attributes:
        functions: records by verdict.
        pairs: (function, point) pairs by verdict.
        kept: what does not agree, worst first; everything, while there is little of it.
        unread: how many functions could not be read, and are judged by differences alone.
    """

    #: Up to so many functions a report shows those that agree as well.
    FEW = 20

    def __init__(self, settings: Mapping[str, Any] | None = None, keep: int = 1000) -> None:
        self.settings = dict(settings or {})
        self.keep = keep
        self.functions: Counter[str] = Counter()
        self.pairs: Counter[str] = Counter()
        self.counted: Aggregates | None = None
        self._survey = Survey()
        self.omitted = 0
        self.unread = 0
        self._room: Counter[CauseKey] = Counter()
        self._agreeing: list[Mapping[str, Any]] = []
        self._others: list[Mapping[str, Any]] = []

    def add(self, record: Mapping[str, Any]) -> None:
        """Count one result record, and keep it if it is worth a look."""
        self.functions[record["verdict"]] += 1
        self.unread += is_unread(record)
        for point in record.get("points") or ():
            self.pairs[ORDER[rank_of_point(point)]] += 1
        self._survey.add(record)
        self.keep_record(record)

    def keep_record(self, record: Mapping[str, Any]) -> None:
        """Keep a record that is counted already, while there is room for its cause."""
        cause = cause_of(record)
        if cause is None:
            if len(self._agreeing) < self.FEW:
                self._agreeing.append(record)
        elif self._room[cause] < self.keep:
            self._room[cause] += 1
            self._others.append(record)
        else:
            self.omitted += 1

    @property
    def aggregates(self) -> Aggregates:
        """What was tested, errors and causes over all functions: as the store counted them, or counted here."""
        return self.counted or self._survey.aggregates(self.functions, self.pairs)

    @property
    def kept(self) -> list[Mapping[str, Any]]:
        """The records that are shown in full, worst first; of a small collection all."""
        few = self.functions.total() <= self.FEW
        others = sorted(self._others, key=lambda record: -severity(record["verdict"]))
        return [*others, *self._agreeing] if few else others

    def summary(self) -> str:
        """Counts by verdict in one line: ``998 agree · 2 wrong``."""
        return counted(self.functions)


def counted(counts: Mapping[str, int]) -> str:
    """Counts by verdict in one line, mildest first; ``nothing judged`` if there are none."""
    return " · ".join(f"{counts[v]:,} {v}" for v in EXPLANATIONS if counts.get(v)) or "nothing judged"


def read_results(path: str) -> Iterator[dict[str, Any]]:
    """The records of a results file, one at a time.

    Raises:
        InvalidInput: a line is no result record; it names the file and the line.
    """
    with Path(path).open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _result(line, f"{path}, line {number}")


def _result(line: bytes, place: str) -> dict[str, Any]:
    expected = "expected a result record of gradjury verify, a JSON object with a known verdict"
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except ValueError as error:
        raise InvalidInput(f"{place}: {expected}; {why_no_json(error)}") from None
    except RecursionError:
        raise InvalidInput(f"{place}: {expected}; this nests too deep") from None
    if not isinstance(record, dict) or record.get("verdict") not in KNOWN:
        raise InvalidInput(f"{place}: {expected}")
    points = record.get("points", [])
    if not isinstance(points, list) or not all(map(_is_point, points)) or not _is_blame(record.get("blame")):
        raise InvalidInput(f"{place}: {expected}, points that hold at and partials, and a blame of a known kind")
    return record


def _is_point(point: object) -> bool:
    return (
        isinstance(point, dict)
        and isinstance(point.get("at"), dict)
        and isinstance(point.get("partials"), dict)
        and all(map(_is_partial, point["partials"].values()))
        and (point.get("value_verdict") is None or point["value_verdict"] in ORDER)
    )


def _is_partial(partial: object) -> bool:
    if not isinstance(partial, dict) or partial.get("verdict") not in ORDER:
        return False
    enclosure = partial.get("enclosure")
    return enclosure is None or (isinstance(enclosure, list) and len(enclosure) == 2)


def _is_blame(blame: object) -> bool:
    if not isinstance(blame, dict):
        return blame is None
    at, argument = blame.get("at"), blame.get("argument")
    return (
        isinstance(blame.get("kind"), str)
        and isinstance(at, dict | None)
        and (argument is None or (isinstance(argument, int) and argument >= 0))
    )


def is_store(path: str) -> bool:
    """Whether a file is an SQLite store of a campaign rather than a results file.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError as error:
        raise InvalidInput(f"cannot read {path!r}: {error.strerror}") from None


def rows_as_json(store: Store) -> Iterator[dict[str, Any]]:
    """A line for each function of a campaign, in order: index, verdict, and the record where it was kept."""
    for row in store.rows():
        yield {"index": row.index, "verdict": row.verdict, **({"record": row.record} if row.record else {})}


def from_store(store: Store) -> Collection:
    """A campaign: counts of everything, and the records that were kept."""
    settings = store.settings()
    collection = Collection(settings, keep=MOST_KEPT)
    collection.functions, collection.pairs = store.counts()
    collection.counted = counted = store.aggregates()
    for row in store.cases():
        assert row.record is not None
        collection.keep_record({"verdict": row.verdict, **row.record})
    collection.omitted += sum(cause.functions - cause.kept for cause in counted.causes)
    collection.keep = int(settings.get("keep", MOST_KEPT))
    return collection


def gather(records: Iterable[Mapping[str, Any]], settings: Mapping[str, Any] | None = None) -> Collection:
    """A collection of all records."""
    collection = Collection(settings)
    for record in records:
        collection.add(record)
    return collection
