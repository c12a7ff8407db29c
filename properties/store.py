"""The store of a campaign: an SQLite file with its settings and one row a function.

Schema (version 1): table ``settings`` (key, value as JSON) and table ``functions`` (index, verdict, counts of
the verdicts of its points as JSON, seconds, and the full record as JSON where it was kept). SQLite's own
header says that a file is such a store (``application_id``) and of which version (``user_version``).
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from ..verifier.errors import GradjuryError

APPLICATION_ID = 0x67724A79  # "grJy"
SCHEMA = 1
BATCH_ROWS = 200  # rows or
BATCH_SECONDS = 1.0  # seconds after which what was judged is committed

_CREATE = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA};
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE functions (
    "index" INTEGER PRIMARY KEY, verdict TEXT NOT NULL, pairs TEXT NOT NULL, seconds REAL NOT NULL, record TEXT
);
"""


class Row(NamedTuple):
    """One judged function.

    Attributes:
        index: its number in the campaign.
        verdict: the worst of its verdicts.
        pairs: how many of its points ended with which verdict.
        seconds: how long it took; no part of any report that is to be reproducible.
        record: the result record, where it was kept.
    """

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    verdict: str
    pairs: dict[str, int]
    seconds: float
    record: dict[str, Any] | None


class Store:
    """A campaign's results on disk, or in memory; see :meth:`create` and :meth:`open`."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self.path = path
        self._connection = connection
        self._waiting = 0
        self._committed = time.monotonic()

    @classmethod
    def create(cls, path: str | Path | None, settings: Mapping[str, Any]) -> Store:
        """A new store; in memory if there is no path.

        Raises:
            GradjuryError: something is at that path already, or it cannot be written.
        """
        name = ":memory:" if path is None else str(path)
        if path is not None and Path(path).exists():
            raise GradjuryError(f"store {name!r} exists already; expected the name of a new file")
        store = None
        try:
            store = cls(sqlite3.connect(name), name)
            store._connection.execute("PRAGMA journal_mode = WAL")
            store._connection.execute("PRAGMA synchronous = NORMAL")
            store._connection.executescript(_CREATE)
            rows = [(key, json.dumps(value)) for key, value in settings.items()]
            store._connection.executemany("INSERT INTO settings VALUES (?, ?)", rows)
            store._connection.commit()
        except (sqlite3.Error, OSError) as error:
            if store is not None:
                store._connection.close()
            raise GradjuryError(f"store {name!r} cannot be written: {error}") from error
        return store

    @classmethod
    def open(cls, path: str | Path) -> Store:
        """An existing store, for reading.

        Raises:
            GradjuryError: there is no file, it is no store, or of another version.
        """
        name = str(path)
        if not Path(path).is_file():
            raise GradjuryError(f"store {name!r} does not exist")
        try:
            # Read-only: opening must not turn a wrong file into a database, nor a report change a store.
            connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
            identity = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.Error as error:
            raise GradjuryError(f"{name!r} is no store of a campaign: {error}") from error
        if identity != APPLICATION_ID or version != SCHEMA:
            connection.close()
            what = (
                f"a store of version {version}; this gradjury reads version {SCHEMA}"
                if identity == APPLICATION_ID
                else "an SQLite file, but no store of a campaign"
            )
            raise GradjuryError(f"{name!r} is {what}")
        return cls(connection, name)

    def add(
        self,
        index: int,
        verdict: str,
        pairs: Mapping[str, int],
        record: Mapping[str, Any] | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Store one judged function; rows are committed in batches.

        Raises:
            GradjuryError: the file cannot be written any more (a full disk); what was committed stays.
        """
        text = None if record is None else json.dumps(record)
        try:
            self._connection.execute(
                "INSERT INTO functions VALUES (?, ?, ?, ?, ?)",
                (index, verdict, json.dumps(dict(pairs)), seconds, text),
            )
            self._waiting += 1
            if self._waiting >= BATCH_ROWS or time.monotonic() - self._committed >= BATCH_SECONDS:
                self.commit()
        except sqlite3.Error as error:
            raise GradjuryError(f"store {self.path!r} cannot be written at function {index}: {error}") from error

    def commit(self) -> None:
        """Make everything that was added durable."""
        self._connection.commit()
        self._waiting, self._committed = 0, time.monotonic()

    def rows(self, *, kept: bool = False) -> Iterator[Row]:
        """All functions in the order of their index; only those whose record was kept if ``kept``."""
        condition = " WHERE record IS NOT NULL" if kept else ""
        query = f'SELECT "index", verdict, pairs, seconds, record FROM functions{condition} ORDER BY "index"'
        for index, verdict, pairs, seconds, record in self._connection.execute(query):
            yield Row(index, verdict, json.loads(pairs), seconds, None if record is None else json.loads(record))

    def settings(self) -> dict[str, Any]:
        """Seed, engine, versions, command and whatever else the campaign wrote down."""
        return {k: json.loads(v) for k, v in self._connection.execute("SELECT key, value FROM settings")}

    def note(self, **settings: Any) -> None:
        """Add or replace settings, such as the seconds that the campaign took."""
        rows = [(key, json.dumps(value)) for key, value in settings.items()]
        self._connection.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", rows)
        self.commit()

    def counts(self) -> tuple[Counter[str], Counter[str]]:
        """How many functions, and how many (function, point) pairs, ended with which verdict."""
        functions: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for verdict, count in self._connection.execute("SELECT verdict, count(*) FROM functions GROUP BY verdict"):
            functions[verdict] = count
        for text, count in self._connection.execute("SELECT pairs, count(*) FROM functions GROUP BY pairs"):
            for verdict, number in json.loads(text).items():
                pairs[verdict] += number * count
        return functions, pairs

    def close(self) -> None:
        """Commit and close."""
        self.commit()
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
