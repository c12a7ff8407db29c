"""The store: what was added is there, what is no store is refused with one line."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from contextlib import closing
from itertools import pairwise

import pytest

from gradjury.properties import store as module
from gradjury.properties.shards import Shard
from gradjury.properties.store import BATCH_ROWS, Store
from gradjury.properties.tally import CauseKey, Found, Tally
from gradjury.verifier.errors import GradjuryError, InvalidInput

SETTINGS = {"seed": 3, "engine": "numpy", "versions": {"numpy": "2"}, "timeout": None}
RULE = CauseKey("wrong", "rule", "tanh", 0)


def agreeing(start: int, count: int = 1) -> Shard:
    sums = Counter({("function", "agree"): count, ("pair", "agree"): 8 * count})
    return Shard(start, ["agree"] * count, [], Tally(sums))


def failing(index: int, cause: CauseKey = RULE, expression: str = "tanh(x)") -> Shard:
    shard = Shard(index)
    sums = Counter({("function", cause.verdict): 1, ("pair", cause.verdict): 2, ("pair", "agree"): 6})
    found = Found(1, index, {"index": index, "expression": expression, "at": {"x": "nan"}})
    shard.add(cause.verdict, Tally(sums, {cause: found}), cause, {"at": {"x": "nan"}})
    return shard


def test_everything_comes_back(tmp_path):
    path = tmp_path / "a.db"
    with Store.create(path, SETTINGS) as store:
        store.add(agreeing(0, 2))
        store.add(failing(2))
        store.note(seconds=1.25)
    with Store.open(path) as store:
        assert store.settings() == {**SETTINGS, "seconds": 1.25}
        assert store.done == 3
        assert list(store.rows()) == [
            (0, "agree", None),
            (1, "agree", None),
            (2, "wrong", {"id": 2, "at": {"x": "nan"}}),
        ]
        assert [row.index for row in store.rows(kept=True)] == [2]
        assert list(store.verdicts()) == ["agree", "agree", "wrong"]
        assert list(store.verdicts(1)) == ["agree"]
        assert store.record(2) == {"id": 2, "at": {"x": "nan"}}
        assert store.record(0) is None
        functions, pairs = store.counts()
        assert functions == {"agree": 2, "wrong": 1}
        assert pairs == {"agree": 22, "wrong": 2}


def test_a_store_in_memory():
    with Store.create(None, SETTINGS) as store:
        store.add(agreeing(0))
        store.commit()
        assert store.counts()[0] == {"agree": 1}


def test_sums_grow_with_every_transaction(tmp_path):
    with Store.create(tmp_path / "a.db", SETTINGS) as store:
        for index in range(4):
            store.add(failing(index, expression="tanh(x)" if index == 2 else "tanh(x + 1)"))
            store.commit()
        found = store.aggregates()
    assert found.functions == {"wrong": 4}
    assert found.done == 4
    (cause,) = found.causes
    assert (cause.verdict, cause.kind, cause.primitive, cause.argument, cause.reason) == cause.key == RULE
    assert (cause.functions, cause.kept, cause.first) == (4, 4, 0)
    assert cause.example["index"] == 2
    assert found.timeline[-1] == (4, found.seconds)
    assert [done for done, _ in found.timeline] == sorted({done for done, _ in found.timeline})


def test_of_each_cause_the_first_are_kept_across_transactions_and_resumptions(tmp_path):
    path = tmp_path / "a.db"
    other = CauseKey("undecided", reason="too wide")
    with Store.create(path, {**SETTINGS, "keep": 3}) as store:
        for index, cause in enumerate([RULE, other, RULE]):
            store.add(failing(index, cause))
    with Store.resume(path) as store:
        for index, cause in enumerate([RULE, RULE, other], 3):
            store.add(failing(index, cause))
            store.commit()
        assert [row.index for row in store.rows(kept=True)] == [0, 1, 2, 3, 5]
        assert [(c.verdict, c.functions, c.kept) for c in store.aggregates().causes] == [
            ("wrong", 4, 3),
            ("undecided", 2, 2),
        ]
        assert [row.index for row in store.cases()] == [0, 2, 3, 1, 5]
        assert [row.index for row in store.cases(limit=2)] == [0, 2]
        assert [row.index for row in store.cases(store.aggregates().causes[1])] == [1, 5]


def test_batches_are_durable_while_the_campaign_runs(tmp_path):
    path = tmp_path / "a.db"
    store = Store.create(path, SETTINGS)
    store.add(agreeing(0, BATCH_ROWS))
    store.add(agreeing(BATCH_ROWS))
    with Store.open(path) as reader:  # another connection, as after a crash
        assert reader.done == len(list(reader.rows())) == BATCH_ROWS
        assert reader.counts()[0] == {"agree": BATCH_ROWS}
    store.close()


def test_time_is_summed_over_transactions_and_resumptions(tmp_path, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    path = tmp_path / "a.db"

    def go_on(store: Store, start: int, stop: int) -> None:
        for index in range(start, stop):
            now[0] += 1.0
            shard = agreeing(index)
            shard.seconds = 2.5
            store.add(shard)
            assert store.done == index + 1  # after a second, whatever was added is durable

    with Store.create(path, SETTINGS) as store:
        go_on(store, 0, 300)
    now[0] += 5000.0  # nobody works on it
    with Store.resume(path) as store:
        go_on(store, 300, 400)
        found = store.aggregates()
    assert (found.seconds, found.processor_seconds) == (400.0, 1000.0)
    assert found.timeline[0] == (1, 1.0)
    assert all(done == seconds for done, seconds in found.timeline)  # one a second
    rises = [later - earlier for (_, earlier), (_, later) in pairwise(found.timeline)]
    assert all(rise == 1.0 for rise in rises[:99])
    assert max(rises) == 4.0  # an entry for each further hundredth


def test_only_what_comes_next_is_added(tmp_path):
    with Store.create(tmp_path / "a.db", SETTINGS) as store:
        store.add(agreeing(0, 4))
        for start in (0, 3, 5):
            with pytest.raises(ValueError, match=f"got the functions from {start} on; expected those from 4 on"):
                store.add(agreeing(start))
        store.commit()
        with pytest.raises(ValueError, match="expected those from 4 on"):
            store.add(agreeing(0))


def test_an_interrupt_after_the_commit_adds_nothing_twice(tmp_path, monkeypatch):
    path = tmp_path / "a.db"
    with Store.create(path, SETTINGS) as store:
        store.add(failing(0))
        real = time.monotonic
        calls = []

        def interrupted():
            calls.append(None)
            if len(calls) == 2:  # the clock is read for the last time when the transaction has ended
                raise KeyboardInterrupt
            return real()

        monkeypatch.setattr(time, "monotonic", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store.commit()
        monkeypatch.setattr(time, "monotonic", real)
        store.commit()
        store.add(failing(1))
    with Store.open(path) as store:
        assert store.done == 2
        assert store.counts()[0] == {"wrong": 2}
        assert store.aggregates().causes[0].kept == 2


class Failing:
    """A connection that fails, or is interrupted, at one statement of a transaction."""

    def __init__(self, connection, words, error):
        self._connection, self._words, self._error = connection, words, error

    def __getattr__(self, name):
        method = getattr(self._connection, name)
        if name not in ("execute", "executemany"):
            return method

        def call(statement, *values):
            if self._words in statement:
                raise self._error
            return method(statement, *values)

        return call


@pytest.mark.parametrize(
    "words", ["UPDATE state", "INTO functions", "INTO sums", "INTO causes", "INTO records", "COMMIT"]
)
def test_a_transaction_is_whole_or_not_at_all(tmp_path, words):
    path = tmp_path / "a.db"
    store = Store.create(path, SETTINGS)
    store.add(agreeing(0))
    store.commit()
    real = store._connection
    store.add(failing(1))
    store._connection = Failing(real, words, sqlite3.OperationalError("database or disk is full"))
    with pytest.raises(GradjuryError) as error:
        store.commit()
    assert str(error.value) == (
        f"store {str(path)!r} cannot be written: database or disk is full; it holds the first 1 functions, "
        f"and gradjury run --resume {path} goes on from there"
    )
    store.close()
    with Store.resume(path) as store:
        assert store.done == 1
        assert store.counts() == ({"agree": 1}, {"agree": 8})
        assert store.aggregates().causes == []
        store.add(failing(1))
    with Store.open(path) as store:
        assert store.counts()[0] == {"agree": 1, "wrong": 1}


def test_who_takes_a_store_over_keeps_it(tmp_path):
    path = tmp_path / "a.db"
    first = Store.create(path, SETTINGS)
    first.add(agreeing(0))
    first.commit()
    with Store.resume(path) as second:
        first.add(failing(1))
        with pytest.raises(GradjuryError, match="another process has gone on with this campaign"):
            first.commit()
        first.close()
        second.add(agreeing(1))
    with Store.open(path) as store:
        assert store.counts()[0] == {"agree": 2}


def test_an_existing_file_is_not_overwritten(tmp_path):
    path = tmp_path / "a.db"
    path.write_text("precious")
    with pytest.raises(GradjuryError, match=r"store '.*a\.db' exists already; expected the name of a new file"):
        Store.create(path, SETTINGS)
    assert path.read_text() == "precious"


def test_why_a_store_cannot_be_made_names_no_other_file(tmp_path, monkeypatch):
    def refused(source, target):
        raise OSError(30, "Read-only file system", source)

    monkeypatch.setattr(module.os, "rename", refused)
    with pytest.raises(GradjuryError, match=r"store '\S*a\.db' cannot be written: Read-only file system$"):
        Store.create(tmp_path / "a.db", {})


def test_a_store_that_another_process_makes_meanwhile_is_not_replaced(tmp_path, monkeypatch):
    path, first = tmp_path / "a.db", []
    fill = module._fill

    def late(connection, settings):
        monkeypatch.setattr(module, "_fill", fill)
        first.append(Store.create(path, SETTINGS))
        first[0].add(agreeing(0))
        first[0].commit()
        fill(connection, settings)

    monkeypatch.setattr(module, "_fill", late)
    with pytest.raises(GradjuryError, match="exists already"):
        Store.create(path, {**SETTINGS, "seed": 4})
    with first[0] as store:
        store.add(agreeing(1))
    with Store.open(path) as store:
        assert store.settings()["seed"] == 3
        assert store.done == 2
    assert [p.name for p in tmp_path.iterdir()] == ["a.db"]


def test_a_store_may_be_read_from_the_moment_on_that_it_has_its_name(tmp_path, monkeypatch):
    path, readers = tmp_path / "a.db", []
    rename = os.rename

    def renamed(source, target):
        rename(source, target)
        readers.append(Store.open(target))
        assert readers[0].done == 0

    monkeypatch.setattr("os.rename", renamed)
    with Store.create(path, SETTINGS) as store:
        store.add(agreeing(0))
        store.commit()
        with readers[0] as reader:
            assert reader.done == 1
    with Store.open(path) as store:
        assert store.done == 1


def test_what_a_deleted_store_left_beside_it_is_not_read_into_a_new_one(tmp_path):
    path, log = tmp_path / "a.db", tmp_path / "a.db-wal"
    killed = Store.create(path, {**SETTINGS, "seed": 1})
    left = log.read_bytes()
    assert left
    killed.close()
    path.unlink()
    log.write_bytes(left)  # as after kill -9
    with Store.create(path, {**SETTINGS, "seed": 2}) as store:
        assert not log.exists() or log.read_bytes() != left
        assert store.settings()["seed"] == 2
    with Store.open(path) as store:
        assert store.settings()["seed"] == 2


def test_a_store_appears_whole_and_alone(tmp_path, monkeypatch):
    path = tmp_path / "a.db"

    def cut(*paths):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr("os.rename", cut)
        with pytest.raises(GradjuryError, match=r"cannot be written: .*No space left on device"):
            Store.create(path, SETTINGS)
    assert list(tmp_path.iterdir()) == []
    Store.create(path, SETTINGS).close()
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_place_is_one_line(tmp_path):
    with pytest.raises(GradjuryError, match=r"store '.*' cannot be written: unable to open database file") as error:
        Store.create(tmp_path / "missing" / "a.db", SETTINGS)
    assert "\n" not in str(error.value)


def test_opening_what_is_no_store(tmp_path):
    with pytest.raises(GradjuryError, match="does not exist"):
        Store.open(tmp_path / "none.db")
    text = tmp_path / "text"
    text.write_text("no database, but long enough to be taken for one: " + "x" * 1000)
    with pytest.raises(GradjuryError, match="is no store of a campaign: file is not a database"):
        Store.open(text)
    (tmp_path / "empty.db").touch()
    with pytest.raises(GradjuryError, match=r"empty\.db' is empty; expected the store of a campaign"):
        Store.resume(tmp_path / "empty.db")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    for way in (Store.open, Store.resume):
        with pytest.raises(GradjuryError, match="is an SQLite file, but no store of a campaign"):
            way(other)


def test_what_is_refused_is_not_kept_open(tmp_path, monkeypatch):
    opened = []
    real = sqlite3.connect

    def connect(*arguments, **more):
        opened.append(real(*arguments, **more))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", connect)
    text, held = tmp_path / "text", tmp_path / "held.db"
    text.write_text("no database, but long enough to be taken for one: " + "x" * 1000)
    with pytest.raises(GradjuryError, match="is no store"):
        Store.open(text)
    with pytest.raises(TypeError):
        Store.create(None, {"engine": object()})
    with Store.create(held, SETTINGS) as writer:
        monkeypatch.setattr(sqlite3, "connect", lambda name, **more: connect(name, **{**more, "timeout": 0}))
        writer._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradjuryError, match="cannot be written: database is locked"):
            Store.resume(held)
        writer._connection.execute("ROLLBACK")
    assert len(opened) == 6
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


def test_another_version_is_named(tmp_path):
    path = tmp_path / "a.db"
    Store.create(path, SETTINGS).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(GradjuryError, match="is a store of version 7; this gradjury reads version 2"):
        Store.open(path)


def test_reading_does_not_write(tmp_path):
    path = tmp_path / "a.db"
    Store.create(path, SETTINGS).close()
    with Store.open(path) as store:
        with pytest.raises(ValueError, match="was opened to be read"):
            store.add(agreeing(0))
        with pytest.raises(GradjuryError, match="cannot be written: attempt to write a readonly database"):
            store.note(seconds=1)


def test_a_million_functions_are_summed_up_at_once(tmp_path):
    path = tmp_path / "a.db"
    with Store.create(path, SETTINGS) as store:
        for start in range(0, 1_000_000, 50_000):
            store.add(agreeing(start, 50_000))
    assert path.stat().st_size < 12 * 1_000_000  # bytes a function
    with Store.open(path) as store:
        looked_at = set()

        def allow(action, table, *_):
            if action == sqlite3.SQLITE_READ:
                looked_at.add(table)
            return sqlite3.SQLITE_OK

        store._connection.set_authorizer(allow)
        assert store.aggregates().done == store.done == 1_000_000
        assert looked_at == {"sums", "causes", "state", "timeline"}  # none has a row for each function


def opened(path, how):
    if how == "resume":
        return Store.resume(path).close()
    with Store.open(path) as reader:
        verdicts = list(reader.verdicts())
        return verdicts, reader.settings(), reader.counts(), reader.aggregates(), list(reader.rows())


@pytest.mark.parametrize("how", ["open", "resume"])
def test_a_damaged_store_is_one_line_that_names_it(tmp_path, how):
    path = tmp_path / "damaged.db"
    with Store.create(path, SETTINGS) as store:
        store.add(agreeing(0, 3000))
    content = bytearray(path.read_bytes())
    content[200:12_000] = b"\xa5" * 11_800
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"store '.*damaged\.db' is damaged: "):
        opened(path, how)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM state",
        "DELETE FROM verdicts",
        "UPDATE sums SET key = key || 'x'",
        "UPDATE causes SET key = '[]'",
        "UPDATE records SET record = '{'",
        "UPDATE settings SET value = '{'",
        "DROP TABLE timeline",
        f"UPDATE settings SET value = '{'[' * 100_000}'",
        "UPDATE sums SET n = 'many'",
        "UPDATE sums SET n = 9e999",
        "UPDATE state SET done = 9e999",
        "UPDATE state SET done = 0.5",
        "UPDATE verdicts SET name = 'fine'",
        "DELETE FROM functions",
    ],
    ids=lambda statement: statement[:40],
)
def test_a_store_whose_tables_were_changed_is_damaged(tmp_path, statement):
    path = tmp_path / "damaged.db"
    with Store.create(path, SETTINGS) as store:
        store.add(failing(0))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
    with pytest.raises(InvalidInput, match=r"store '.*damaged\.db' is damaged: "):
        opened(path, "open")


def test_a_closed_store_is_one_file_that_can_be_read_where_nothing_can_be_written(tmp_path):
    path = tmp_path / "a.db"
    with Store.create(path, SETTINGS) as store:
        store.add(agreeing(0))
    with Store.open(path) as store:
        assert store.done == 1
    assert [p.name for p in tmp_path.iterdir()] == ["a.db"]
    assert path.read_bytes()[18:20] == b"\x01\x01"  # SQLite's header: readers need no log beside the file
    store = Store.resume(path)
    store.add(agreeing(1))
    store.commit()
    with Store.open(path) as reader:  # the log stays as long as it is read
        assert reader.done == 2
        store.close()
        assert reader.done == 2
    with Store.open(path) as store:
        assert store.done == 2


@pytest.mark.parametrize("words", ["UPDATE state", "INTO functions", "INTO records", "COMMIT"])
def test_an_interrupt_within_a_transaction_lets_the_next_one_have_it_all(tmp_path, words):
    """As Ctrl-C does, after which a campaign commits once more what it has."""
    with Store.create(tmp_path / "a.db", SETTINGS) as store:
        real = store._connection
        store.add(failing(0))
        store._connection = Failing(real, words, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            store.commit()
        store._connection = real
        store.commit()
        assert (store.done, list(store.verdicts())) == (1, ["wrong"])
