"""The store of a campaign: an SQLite file with its settings, a row a function, sums over everything, some records.

A store holds the functions 0 … n − 1 of its campaign for some n, their sums and records, and nothing else: every
transaction appends what comes next together with what it adds to the sums. So wherever a campaign is cut off, by
Ctrl-C, ``kill -9``, a full disk, it can go on at function n, and ends with the store that it would have had without.

Schema (version 2; SQLite's own header says that a file is such a store, ``application_id``, and of which version,
``user_version``):

- ``settings`` (key, value as JSON): seed, engine, versions, command and the like;
- ``state``: ``done``, which is n; ``writer``, a random word of the process that writes; seconds of work;
- ``verdicts`` (id, name) and ``functions`` (index, verdict id);
- ``sums`` (key as JSON, n), see :class:`~gradjury.properties.tally.Tally`;
- ``causes`` (key as JSON, functions, kept, first, example as JSON) and ``records`` (index, cause, record as JSON): of
  each cause the records of the first functions are kept, as many as the setting ``keep`` says;
- ``timeline`` (done, seconds).
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join
from typing import Any

from ..verifier.errors import GradjuryError
from ..verifier.verdicts.judgement import RANK, VERDICTS
from .shards import Shard
from .stored import APPLICATION_ID, SCHEMA, Reader, Row, closed_on_error
from .tally import CauseKey, Found, Tally

__all__ = ["KEEP", "Row", "Store"]

KEEP = 100  # records of each cause, unless the settings say otherwise
BATCH_ROWS = 2000  # functions or
BATCH_SECONDS = 1.0  # seconds after which what was judged is committed
TIMELINE = 0.01  # an entry of the timeline whenever so much more of the time has gone by

_CREATE = f"""
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA};
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE state (done INTEGER NOT NULL, writer TEXT NOT NULL, seconds REAL NOT NULL, processor REAL NOT NULL);
CREATE TABLE verdicts (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE functions ("index" INTEGER PRIMARY KEY, verdict INTEGER NOT NULL);
CREATE TABLE sums (key TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE causes (
    id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, functions INTEGER NOT NULL, kept INTEGER NOT NULL,
    first INTEGER NOT NULL, example TEXT NOT NULL
);
CREATE TABLE records ("index" INTEGER PRIMARY KEY, cause INTEGER NOT NULL, record TEXT NOT NULL);
CREATE INDEX records_by_cause ON records (cause);
CREATE TABLE timeline (done INTEGER PRIMARY KEY, seconds REAL NOT NULL);
"""


#: Endings of the files that SQLite keeps beside a store while it is open.
_BESIDE = ("-wal", "-shm")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """In this context no other process gives a store its name in a folder, where the system has locks of folders."""
    try:
        import fcntl
    except ImportError:  # Windows, where os.rename never takes a file's place
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@dataclass
class _Position:
    """How far the file has come, and what waits to be appended. Replaced in one step, which no interrupt can halve."""

    done: int
    processor: float
    kept: Counter[CauseKey]
    waiting: list[Shard] = field(default_factory=list)


class Store(Reader):
    """A campaign's results on disk, or in memory; see :meth:`create`, :meth:`resume` and :meth:`open`."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        super().__init__(connection, path)
        self._writer = ""  # stays empty in one that is read
        self._position = _Position(0, 0.0, Counter())
        self._broken = False

    @classmethod
    def create(cls, path: str | Path | None, settings: Mapping[str, Any]) -> Store:
        """A new store; in memory if there is no path. On disk it appears at once and whole.

        Raises:
            GradjuryError: something is at that path already, or it cannot be written.
        """
        if path is None:
            connection = _connected(":memory:")
            with closed_on_error(connection):
                _fill(connection, settings)
            return cls(connection, ":memory:")._writing()
        name, unfinished = str(path), f"{path}.{secrets.token_hex(8)}.new"
        exists = GradjuryError(f"store {name!r} exists already; expected the name of a new file")
        if os.path.lexists(path):
            raise exists
        try:
            try:
                connection = _connected(unfinished)
                try:
                    _fill(connection, settings)
                finally:
                    connection.close()
                with _alone_in(Path(path).parent):
                    if os.path.lexists(path):
                        raise FileExistsError
                    # what a store of this name left that was killed and deleted, SQLite would read into this one;
                    # from the moment on that it has its name, these files are its own
                    for ending in _BESIDE:
                        Path(name + ending).unlink(missing_ok=True)
                    os.rename(unfinished, path)
            finally:
                for ending in ("", *_BESIDE):
                    Path(unfinished + ending).unlink(missing_ok=True)
            return cls(_connected(name), name)._writing()
        except FileExistsError:  # another process was quicker
            raise exists from None
        except (sqlite3.Error, OSError) as error:  # of a system's error without the name of the unfinished file
            why = error.strerror if isinstance(error, OSError) else error
            raise GradjuryError(f"store {name!r} cannot be written: {why}") from error

    @classmethod
    def resume(cls, path: str | Path) -> Store:
        """An existing store, to go on where its campaign was interrupted.

        If another process is still writing to it, that one stops with an error at its next commit.

        Raises:
            GradjuryError: as :meth:`open`, or it cannot be written.
        """
        with cls.open(path) as found:
            found.aggregates()  # what is damaged is said before it is written to
        try:
            return cls(_connected(str(path)), str(path))._writing()
        except sqlite3.Error as error:
            raise GradjuryError(f"store {str(path)!r} cannot be written: {error}") from error

    def _writing(self) -> Store:
        """Take the store over from whoever wrote to it before, and read where it stands."""
        execute = self._connection.execute
        self._writer = secrets.token_hex(8)
        with closed_on_error(self._connection):
            execute("UPDATE state SET writer = ?", (self._writer,))
            done, self._seconds, processor = execute("SELECT done, seconds, processor FROM state").fetchone()
            self._position = _Position(done, processor, self._read_kept())
            self._keep = self.settings().get("keep", KEEP)
            self._noted = execute("SELECT max(seconds) FROM timeline").fetchone()[0] or 0.0
        self._started = self._committed = time.monotonic()
        return self

    def _read_kept(self) -> Counter[CauseKey]:
        found = self._connection.execute("SELECT key, kept FROM causes")
        return Counter({CauseKey(*json.loads(key)): kept for key, kept in found})

    # ---- writing -----------------------------------------------------------------------------------------

    def add(self, shard: Shard) -> None:
        """Append the next functions; they are committed in batches.

        Raises:
            ValueError: it is not these that come next, or the store was opened to be read.
            GradjuryError: the file cannot be written any more (a full disk), or another process has taken over;
                what was committed stays.
        """
        if not self._writer:
            raise ValueError(f"store {self.path!r} was opened to be read; expected one of create or resume")
        position = self._position
        expected = position.waiting[-1].stop if position.waiting else position.done
        if shard.start != expected:
            raise ValueError(f"got the functions from {shard.start} on; expected those from {expected} on")
        position.waiting.append(shard)
        waited = time.monotonic() - self._committed
        if shard.stop - position.done >= BATCH_ROWS or waited >= BATCH_SECONDS:
            self.commit()

    def commit(self) -> None:
        """Make everything that was added durable, in one transaction.

        Raises:
            GradjuryError: as :meth:`add`.
        """
        position = self._position
        if self._broken or not position.waiting:
            return
        connection, done = self._connection, position.waiting[-1].stop
        seconds = self._seconds + time.monotonic() - self._started
        processor = position.processor + sum(shard.seconds for shard in position.waiting)
        try:
            try:
                connection.execute("BEGIN IMMEDIATE")
                moved = connection.execute(
                    "UPDATE state SET done = ?, seconds = ?, processor = ? WHERE done = ? AND writer = ?",
                    (done, seconds, processor, position.done, self._writer),
                )
                if moved.rowcount:
                    kept = position.kept + self._append(position, seconds)
                elif connection.execute("SELECT done, writer FROM state").fetchone() == (done, self._writer):
                    kept = self._read_kept()  # an interrupt came between this transaction's end and here: it is in
                else:
                    raise GradjuryError(f"store {self.path!r}: another process has gone on with this campaign")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            self._broken = True
            raise GradjuryError(
                f"store {self.path!r} cannot be written: {error}; it holds the first {position.done:,} functions, "
                f"and {join(['gradjury', 'run', '--resume', self.path])} goes on from there"
            ) from error
        except GradjuryError:
            self._broken = True
            raise
        self._position = _Position(done, processor, kept)
        self._committed = time.monotonic()

    def _append(self, position: _Position, seconds: float) -> Counter[CauseKey]:
        """The statements that add what waits; how many records of each cause were kept."""
        many = self._connection.executemany
        rows = [(s.start + k, RANK[verdict]) for s in position.waiting for k, verdict in enumerate(s.verdicts)]
        many("INSERT INTO functions VALUES (?, ?)", rows)
        total = Tally()
        for shard in position.waiting:
            total += shard.tally
        many(
            "INSERT INTO sums VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            [(json.dumps(key), n) for key, n in total.counts.items()],
        )
        kept, records = self._chosen(position)
        for key, found in total.causes.items():
            self._count_cause(json.dumps(key), found, kept[key])
        many(
            'INSERT INTO records ("index", cause, record) SELECT ?, id, ? FROM causes WHERE key = ?',
            records,
        )
        if seconds - self._noted >= seconds * TIMELINE:
            many("INSERT OR REPLACE INTO timeline VALUES (?, ?)", [(position.waiting[-1].stop, seconds)])
            self._noted = seconds
        return kept

    def _chosen(self, position: _Position) -> tuple[Counter[CauseKey], list[tuple[int, str, str]]]:
        """Of the cases that wait the first of each cause, while there is room."""
        kept: Counter[CauseKey] = Counter()
        records = []
        for case in (case for shard in position.waiting for case in shard.cases):
            if position.kept[case.cause] + kept[case.cause] < self._keep:
                kept[case.cause] += 1
                records.append((case.index, json.dumps(case.record), json.dumps(case.cause)))
        return kept, records

    def _count_cause(self, key: str, found: Found, kept: int) -> None:
        execute = self._connection.execute
        known = execute("SELECT functions, first, example FROM causes WHERE key = ?", (key,)).fetchone()
        if known is not None:
            found += Found(known[0], known[1], json.loads(known[2]))
        execute(
            "INSERT INTO causes (key, functions, kept, first, example) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET functions = excluded.functions, kept = kept + excluded.kept, first = excluded.first, "
            "example = excluded.example",
            (key, found.functions, kept, found.first, json.dumps(found.example)),
        )

    def note(self, **settings: Any) -> None:
        """Add or replace settings, such as the seconds that the campaign took.

        Raises:
            GradjuryError: the file cannot be written.
        """
        rows = [(key, json.dumps(value)) for key, value in settings.items()]
        try:
            self._connection.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise GradjuryError(f"store {self.path!r} cannot be written: {error}") from error

    def close(self) -> None:
        """Commit what waits and close.

        Raises:
            GradjuryError: as :meth:`add`; closed it is all the same.
        """
        try:
            self.commit()
            if self._writer:
                self._gather()
        finally:
            self._connection.close()

    def _gather(self) -> None:
        """Leave one file, which can be copied, and read where nothing can be written; the log serves readers meanwhile.

        Where somebody reads just now, the log stays beside the file, and nothing is lost.
        """
        with suppress(sqlite3.DatabaseError):
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA journal_mode = DELETE")


def _connected(name: str) -> sqlite3.Connection:
    """A connection that commits only where it is told to."""
    connection = sqlite3.connect(name, isolation_level=None)
    with closed_on_error(connection):
        connection.execute("PRAGMA journal_mode = WAL")
        # In this mode a loss of power may take the last transactions, whole: then there is more to resume.
        connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _fill(connection: sqlite3.Connection, settings: Mapping[str, Any]) -> None:
    connection.executescript(f"BEGIN; {_CREATE} COMMIT;")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO state VALUES (0, '', 0, 0)")
    connection.executemany("INSERT INTO verdicts VALUES (?, ?)", list(enumerate(VERDICTS)))
    rows = [(key, json.dumps(value)) for key, value in settings.items()]
    connection.executemany("INSERT INTO settings VALUES (?, ?)", rows)
    connection.execute("COMMIT")
