"""The store: what was added is there, what is no store is refused with one line."""

import sqlite3

import pytest

from gradjury.properties.store import BATCH_ROWS, Store
from gradjury.verifier.errors import GradjuryError

SETTINGS = {"seed": 3, "engine": "numpy", "versions": {"numpy": "2"}, "timeout": None}


def test_everything_comes_back(tmp_path):
    path = tmp_path / "a.db"
    with Store.create(path, SETTINGS) as store:
        store.add(1, "wrong", {"wrong": 2, "agree": 6}, {"id": 1, "at": {"x": "nan"}}, seconds=0.5)
        store.add(0, "agree", {"agree": 8})
        store.note(seconds=1.25)
    with Store.open(path) as store:
        assert store.settings() == {**SETTINGS, "seconds": 1.25}
        first, second = store.rows()
        assert first == (0, "agree", {"agree": 8}, 0.0, None)
        assert second == (1, "wrong", {"wrong": 2, "agree": 6}, 0.5, {"id": 1, "at": {"x": "nan"}})
        assert [row.index for row in store.rows(kept=True)] == [1]
        functions, pairs = store.counts()
        assert functions == {"agree": 1, "wrong": 1}
        assert pairs == {"agree": 14, "wrong": 2}


def test_a_store_in_memory():
    with Store.create(None, SETTINGS) as store:
        store.add(0, "agree", {"agree": 1})
        assert store.counts()[0] == {"agree": 1}


def test_batches_are_durable_while_the_campaign_runs(tmp_path):
    path = tmp_path / "a.db"
    store = Store.create(path, SETTINGS)
    for index in range(BATCH_ROWS):
        store.add(index, "agree", {"agree": 1})
    with Store.open(path) as reader:  # another connection, as after a crash
        assert len(list(reader.rows())) == BATCH_ROWS
    store.close()


def test_an_existing_file_is_not_overwritten(tmp_path):
    path = tmp_path / "a.db"
    path.write_text("precious")
    with pytest.raises(GradjuryError, match=r"store '.*a\.db' exists already; expected the name of a new file"):
        Store.create(path, SETTINGS)
    assert path.read_text() == "precious"


def test_an_unwritable_place_is_one_line(tmp_path):
    with pytest.raises(GradjuryError, match=r"store '.*' cannot be written: unable to open database file") as error:
        Store.create(tmp_path / "missing" / "a.db", SETTINGS)
    assert "\n" not in str(error.value)


def test_opening_what_is_no_store(tmp_path):
    with pytest.raises(GradjuryError, match="does not exist"):
        Store.open(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to be taken for one by its length" * 20)
    with pytest.raises(GradjuryError, match="is no store of a campaign: file is not a database"):
        Store.open(text)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(GradjuryError, match="is an SQLite file, but no store of a campaign"):
        Store.open(other)


def test_another_version_is_named(tmp_path):
    path = tmp_path / "a.db"
    Store.create(path, SETTINGS).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(GradjuryError, match="is a store of version 7; this gradjury reads version 1"):
        Store.open(path)


def test_reading_does_not_write(tmp_path):
    path = tmp_path / "a.db"
    Store.create(path, SETTINGS).close()
    with Store.open(path) as store, pytest.raises(GradjuryError, match="cannot be written at function 0"):
        store.add(0, "agree", {})


def test_one_row_a_function(tmp_path):
    with Store.create(None, SETTINGS) as store:
        store.add(0, "agree", {})
        with pytest.raises(GradjuryError, match="cannot be written at function 0: UNIQUE"):
            store.add(0, "agree", {})
