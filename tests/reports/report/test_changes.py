"""Two runs beside each other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradjury.engine import REGISTRY
from gradjury.properties import campaign
from gradjury.properties.faults import faulty_engine
from gradjury.properties.shards import Task, generate
from gradjury.properties.store import Store
from gradjury.reports.collection import from_store
from gradjury.reports.html import build
from gradjury.reports.report.changes import MOST_LISTED, changes, of_records
from gradjury.verifier.errors import GradjuryError
from gradjury.verifier.reading.printer import write

from ..records import agreeing, record


def test_what_fails_now_or_before_or_both() -> None:
    old = [record(id=1), record(id=2), agreeing(id=3), agreeing(id=4), record(id=5), record(id=7)]
    new = [record(id=1), agreeing(id=2), record(id=3), agreeing(id=4), record(id=5, verdict="wrong"), record(id=6)]
    found = of_records(new, old, "old.jsonl")
    assert found.counts == {"new": 1, "fixed": 1, "unchanged": 1, "shifted": 1}
    assert (found.common, found.only_new, found.only_old) == (5, 1, 1)
    assert [(c.id, c.old, c.new) for kind in found.listed.values() for c in kind] == [
        ("3", "agree", "inaccurate"), ("2", "inaccurate", "agree"), ("1", "inaccurate", "inaccurate"),
        ("5", "inaccurate", "wrong"),
    ]  # fmt: skip


def test_the_same_id_of_another_function_is_another_function() -> None:
    found = of_records([record(id=1, expression="sin(x)")], [record(id=1)], "old")
    assert (found.common, found.only_new, found.only_old) == (0, 1, 1)


def test_of_records_that_share_id_and_expression_each_has_its_own() -> None:
    engines = [record(id=1, engine="torch"), agreeing(id=1, expression=record()["expression"], engine="jax")]
    found = of_records(engines, engines, "old")
    assert (found.common, found.only_new, found.only_old) == (2, 0, 0)
    assert found.counts == {"new": 0, "fixed": 0, "unchanged": 1, "shifted": 0}


def test_what_else_differs_between_two_campaigns_is_on_the_page(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    campaign.run(3, 1, store=old)
    campaign.run(3, 1, store=new, dtype="float32")
    found = changes(str(new), str(old))
    assert found.differences == [("dtype", "float64", "float32")]
    with Store.open(new) as store:
        page = build(from_store(store), version="1", changes=found).page
    assert "float64 → float32" in page


def test_long_lists_are_cut_and_counts_are_not() -> None:
    many = [record(id=k) for k in range(MOST_LISTED + 5)]
    found = of_records(many, many, "old")
    assert found.counts["unchanged"] == MOST_LISTED + 5
    assert len(found.listed["unchanged"]) == MOST_LISTED


def test_files_of_results(tmp_path: Path) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text(json.dumps(agreeing(id=1)) + "\n")
    new.write_text(json.dumps(record(id=1)) + "\n")
    assert changes(str(new), str(old)).counts["new"] == 1


def test_stores_of_campaigns(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    for path in (old, new):
        campaign.run(5, 2, store=path)
    found = changes(str(new), str(old))
    assert found.common == 5
    assert found.counts["new"] == found.counts["fixed"] == 0
    other = tmp_path / "other.db"
    campaign.run(5, 2, seed=1, store=other)
    with pytest.raises(GradjuryError, match="seed"):
        changes(str(new), str(other))


def test_functions_whose_record_was_not_kept_are_drawn_again(tmp_path: Path) -> None:
    """What agrees now has no record in the new store, what agreed before none in the old one."""
    right, faulty = tmp_path / "right.db", tmp_path / "faulty.db"
    campaign.run(30, 2, store=right)
    campaign.run(30, 2, store=faulty, engine=faulty_engine(REGISTRY["mul"], "sign"), keep=1)
    for new, old, kind in ((right, faulty, "fixed"), (faulty, right, "new")):
        listed = changes(str(new), str(old)).listed[kind]
        assert len(listed) > 2
        for change in listed:
            assert change.text == write(generate(int(change.id)).tape)


def test_functions_that_this_program_draws_otherwise_are_not_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, faulty = tmp_path / "right.db", tmp_path / "faulty.db"
    campaign.run(30, 2, store=right)
    campaign.run(30, 2, store=faulty, engine=faulty_engine(REGISTRY["mul"], "sign"), keep=1)
    monkeypatch.setattr(Task, "sample", lambda task: "another")
    texts = [change.text for change in changes(str(right), str(faulty)).listed["fixed"]]
    assert "" in texts
    assert any(texts)  # the older store kept one
