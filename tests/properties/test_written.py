"""Settings of a store that somebody else wrote."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gradjury.cli import main
from gradjury.properties import campaign
from gradjury.properties.written import check_written
from gradjury.verifier import InvalidInput

#: What JSON can hold, by what it is.
KINDS: dict[str, Any] = {"list": [1], "null": None, "text": "x", "object": {"a": [1]}, "truth": True, "number": -1.5}

#: Of which kind a setting may be.
TAKEN = {
    **{name: set() for name in ("functions", "points", "seed", "keep", "special", "dtype", "certify")},
    **{name: {"text"} for name in ("engine", "sample", "command")},
    "timeout": {"null"},
    "engine_version": {"null", "text", "number", "truth"},
    "grammar": {"object"},
    "versions": set(),
    "seconds": {"number"},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "a.db"
    campaign.run(2, 1, store=path)
    return path


def edited(store: Path, folder: Path, name: str, value: Any) -> Path:
    path = folder / "edited.db"
    path.write_bytes(store.read_bytes())
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE settings SET value = ? WHERE key = ?", (json.dumps(value), name))
    return path


@pytest.mark.parametrize(("name", "taken"), TAKEN.items(), ids=list(TAKEN))
def test_a_setting_of_another_kind_is_named_with_what_is_expected(name: str, taken: set[str]) -> None:
    for kind, value in KINDS.items():
        if kind in taken:
            check_written({name: value}, "a.db")
            continue
        with pytest.raises(InvalidInput, match=rf"^store 'a\.db' is damaged: setting {name}.*: got .*; expected "):
            check_written({name: value}, "a.db")


@pytest.mark.parametrize("name", ["functions", "seed", "keep", "engine", "versions", "timeout"])
@pytest.mark.parametrize("words", [["report"], ["run", "--resume"]], ids=" ".join)
def test_every_command_says_it_in_one_line(store: Path, tmp_path: Path, name: str, words: list[str]) -> None:
    path = edited(store, tmp_path, name, [1])
    done = CliRunner().invoke(main, [*words, str(path)], prog_name="gradjury")
    assert done.exit_code == 2
    assert done.stderr.startswith(f"gradjury: store '{path}' is damaged: setting {name}: got [1]; expected ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "grammar", [{"primitives": [1]}, {"primitives": 5}, {"primitives": ["nope"]}, {"nope": 1}, {"seed": 1}], ids=str
)
def test_a_grammar_of_other_options_does_not_go_on(store: Path, tmp_path: Path, grammar: dict[str, Any]) -> None:
    path = edited(store, tmp_path, "grammar", grammar)
    with pytest.raises(InvalidInput, match="is damaged: setting grammar: "):
        campaign.resume(path)
