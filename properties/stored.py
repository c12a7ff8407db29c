"""Reading the store of a campaign, whether it is finished, interrupted or being written to; see :mod:`.store`."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import index
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from ..engine.errors import shortened
from ..verifier.errors import GradjuryError, InvalidInput
from ..verifier.verdicts.judgement import VERDICTS
from .aggregates import Aggregates, Cause, aggregates
from .tally import Tally
from .written import check_written

APPLICATION_ID = 0x67724A79  # "grJy"
SCHEMA = 2

_ROWS = """
SELECT functions."index", verdicts.name, records.record FROM functions
JOIN verdicts ON verdicts.id = functions.verdict {join} JOIN records ON records."index" = functions."index"
"""


@contextmanager
def closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """A connection that turns out to be of no use leaves no file open, however long the error is held."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


class Row(NamedTuple):
    """One judged function.

    Attributes:
        index: its number in the campaign.
        verdict: the worst of its verdicts.
        record: the result record, where it was kept.
    """

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    verdict: str
    record: dict[str, Any] | None


class Reader:
    """A store that is read; see :meth:`open`."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """An existing store, for reading.

        Raises:
            GradjuryError: there is no file, it is no store, or of another version.
        """
        name = str(path)
        if not Path(path).is_file():
            raise GradjuryError(f"store {name!r} does not exist")
        if not Path(path).stat().st_size:  # SQLite takes it for a database without tables
            raise GradjuryError(f"{name!r} is empty; expected the store of a campaign")
        try:
            # Read-only: opening must not turn a wrong file into a database, nor a report change a store.
            connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
            with closed_on_error(connection):
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

    @contextmanager
    def _intact(self) -> Iterator[None]:
        """Reading what only a damaged file does not hold is an error that names the file.

        Raises:
            InvalidInput: it is damaged.
        """
        try:
            yield
        except (sqlite3.Error, ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
            raise InvalidInput(f"store {self.path!r} is damaged: {error}") from error

    def _all(self, query: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """What a query finds."""
        with self._intact():
            # of a map, since of the cursor itself "yield from" would close it, which may be after the file
            yield from map(tuple, self._connection.execute(query, values))

    def _state(self) -> tuple[int, float, float]:
        """How many functions there are, the seconds, and the seconds of processors."""
        with self._intact():
            for done, seconds, processor in self._all("SELECT done, seconds, processor FROM state"):
                return index(done), float(seconds), float(processor)
        raise InvalidInput(f"store {self.path!r} is damaged: it does not say how many functions it holds")

    @property
    def done(self) -> int:
        """How many functions are in the store: those with the indices 0 … done − 1."""
        return self._state()[0]

    def settings(self) -> dict[str, Any]:
        """Seed, engine, versions, command and whatever else the campaign wrote down.

        Raises:
            InvalidInput: the file is damaged, or one of them is not what a campaign writes.
        """
        with self._intact():
            found = {k: json.loads(v) for k, v in self._all("SELECT key, value FROM settings")}
        check_written(found, self.path)
        return found

    def rows(self, *, kept: bool = False) -> Iterator[Row]:
        """All functions in the order of their index; only those whose record was kept if ``kept``."""
        query = _ROWS.format(join="" if kept else "LEFT") + 'ORDER BY functions."index"'
        with self._intact():
            yield from map(_row, self._all(query))

    def verdicts(self, stop: int | None = None) -> Iterator[str]:
        """The verdicts alone, in the order of the index; of the functions before ``stop``.

        Raises:
            InvalidInput: the file is damaged.
        """
        query = 'SELECT verdict FROM functions WHERE "index" < ? ORDER BY "index"'
        count, found = self.done if stop is None else stop, 0
        with self._intact():
            names = dict(self._all("SELECT id, name FROM verdicts"))
            if strangers := [name for name in names.values() if name not in VERDICTS]:
                raise LookupError(f"{shortened(str(strangers[0]))} is no verdict")
            for (verdict,) in self._all(query, (count,)):
                found += 1
                yield names[verdict]
            if found < count:
                raise LookupError(f"it lacks {count - found} of its functions")

    def cases(self, cause: Cause | None = None, limit: int | None = None) -> Iterator[Row]:
        """Functions whose record was kept, worst verdict first, then in the order of their index.

        Args:
            cause: only those of this cause.
            limit: only so many.
        """
        where, values = "", []
        if cause is not None:
            where, values = "WHERE records.cause = (SELECT id FROM causes WHERE key = ?)", [json.dumps(cause.key)]
        order = 'ORDER BY functions.verdict DESC, functions."index" LIMIT ?'
        query = f"{_ROWS.format(join='')} {where} {order}"
        with self._intact():
            yield from map(_row, self._all(query, [*values, -1 if limit is None else limit]))

    def record(self, index: int) -> dict[str, Any] | None:
        """The record of one function; None where it was not kept."""
        with self._intact():
            found = next(self._all('SELECT record FROM records WHERE "index" = ?', (index,)), None)
            return None if found is None else dict(json.loads(found[0]))

    def counts(self) -> tuple[Counter[str], Counter[str]]:
        """How many functions, and how many (function, point) pairs, ended with which verdict."""
        with self._intact():
            sums = Tally(Counter({tuple(key): n for key, n in self._sums("function", "pair")}))
            return sums.named("function"), sums.named("pair")

    def aggregates(self) -> Aggregates:
        """All sums. Nothing is scanned that grows with the number of functions."""
        query = "SELECT key, functions, kept, first, example FROM causes"
        with self._intact():
            causes = [
                Cause.stored(json.loads(key), functions, kept, first, json.loads(example))
                for key, functions, kept, first, example in self._all(query)
            ]
            done, seconds, processor = self._state()
            timeline = list(self._all("SELECT done, seconds FROM timeline WHERE done < ?", (done,)))
            end = [(done, seconds)] if done else []
            return aggregates(self._sums(), causes, [*timeline, *end], seconds, processor)

    def _sums(self, *names: str) -> Iterator[tuple[list[Any], int]]:
        for key, n in self._all("SELECT key, n FROM sums"):
            parts = json.loads(key)
            if not names or parts[0] in names:
                yield parts, index(n)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _row(found: tuple[int, str, str | None]) -> Row:
    index, verdict, record = found
    return Row(index, verdict, None if record is None else json.loads(record))
