"""Two stores side by side: what is new, fixed, unchanged; and when they cannot be compared."""

from __future__ import annotations

from collections import Counter

import pytest

from gradjury.engine import REGISTRY
from gradjury.properties import campaign
from gradjury.properties.comparison import KINDS, LISTED, Change, compare, in_words, kind_of
from gradjury.properties.faults import faulty_engine
from gradjury.properties.shards import Shard
from gradjury.properties.store import Store
from gradjury.properties.tally import CauseKey, Found, Tally
from gradjury.verifier.errors import GradjuryError

SETTINGS = {
    "seed": 1,
    "points": 8,
    "special": 0.0,
    "grammar": {},
    "sample": "ab",
    "engine": "torch",
    "engine_version": "2",
    "versions": {"gradjury": "1"},
}


def stored(path, verdicts, causes=(), **changed):
    with Store.create(path, {**SETTINGS, **changed}) as store:
        counts = Counter({("function", verdict): n for verdict, n in Counter(verdicts).items()})
        found = {
            key: Found(n, first, {"index": first, "expression": f"{key.primitive}(x)", "at": None})
            for key, n, first in ((*cause, 0)[:3] for cause in causes)
        }
        store.add(Shard(0, list(verdicts), [], Tally(counts, found)))
    return path


def test_each_kind_of_change_is_counted_and_named(tmp_path):
    old = stored(tmp_path / "old.db", ["agree", "wrong", "wrong", "wrong", "agree", "agree", "kink"])
    new = stored(tmp_path / "new.db", ["agree", "agree", "wrong", "nonfinite", "inaccurate", "kink"])
    found = compare(new, old)
    assert (found.common, found.only_new, found.only_old) == (6, 0, 1)
    assert found.new == [Change(4, "agree", "inaccurate")]
    assert found.fixed == [Change(1, "wrong", "agree")]
    assert found.unchanged == [Change(2, "wrong", "wrong")]
    assert found.shifted == [Change(3, "wrong", "nonfinite"), Change(5, "agree", "kink")]
    assert found.counts == {"new": 1, "fixed": 1, "unchanged": 1, "shifted": 2}
    assert found.changes == {
        ("agree", "agree"): 1,
        ("agree", "kink"): 1,
        ("agree", "inaccurate"): 1,
        ("wrong", "agree"): 1,
        ("wrong", "nonfinite"): 1,
        ("wrong", "wrong"): 1,
    }
    back = compare(old, new)
    assert back.new == [Change(1, "agree", "wrong")]
    assert (back.only_new, back.only_old) == (1, 0)
    lenient = compare(new, old, failing=["nonfinite"])
    assert lenient.counts == {"new": 1, "fixed": 0, "unchanged": 0, "shifted": 3}


def test_causes_come_and_go(tmp_path):
    tanh, exp, abs_ = CauseKey("wrong", "rule", "tanh", 0), CauseKey("wrong", "rule", "exp", 0), CauseKey("kink")
    old = stored(tmp_path / "old.db", ["wrong"] * 3, [(tanh, 2), (exp, 1)])
    new = stored(
        tmp_path / "new.db", ["wrong"] * 3, [(exp, 3), (CauseKey("inaccurate", "rule", "tanh", 0), 1), (abs_, 1)]
    )
    found = compare(new, old)
    assert [c.key for c in found.causes_fixed] == [tanh]
    assert [(c.verdict, c.primitive) for c in found.causes_new] == [("inaccurate", "tanh")]
    assert [(c.primitive, c.functions) for c in found.causes_unchanged] == [("exp", 3)]
    lines = in_words(found)
    assert "new cause: inaccurate, rule of tanh, argument 0: 1 function, such as tanh(x)" in lines
    assert "unchanged cause: wrong, rule of exp, argument 0: 3 functions, such as exp(x)" in lines


def test_a_cause_that_only_one_campaign_came_to_is_neither_new_nor_fixed(tmp_path):
    tanh, exp = CauseKey("wrong", "rule", "tanh", 0), CauseKey("wrong", "rule", "exp", 0)
    whole = stored(tmp_path / "whole.db", ["wrong"] * 5, [(tanh, 4, 0), (exp, 1, 4)])
    short = stored(tmp_path / "short.db", ["wrong"] * 3, [(tanh, 3, 0)])
    for new, old in ((short, whole), (whole, short)):
        found = compare(new, old)
        assert not found.causes_fixed
        assert not found.causes_new
        assert [c.primitive for c in found.causes_unchanged] == ["tanh"]


def test_whatever_else_may_have_changed_a_verdict_is_said(tmp_path):
    new = stored(tmp_path / "new.db", ["wrong"], dtype="float32", versions={"gradjury": "1", "sympy": "2"})
    old = stored(tmp_path / "old.db", ["agree"], dtype="float64", versions={"gradjury": "1", "sympy": "1"})
    expected = "they differ besides in dtype float64 → float32, sympy 1 → 2"
    assert expected in in_words(compare(new, old))
    assert not [line for line in in_words(compare(new, new)) if "besides" in line]


def test_a_cause_without_an_operation_names_none(tmp_path):
    new = stored(tmp_path / "new.db", ["wrong"], [(CauseKey("wrong", "accumulation"), 1)])
    assert any(
        "new cause: wrong, accumulation: 1 function" in x
        for x in in_words(compare(new, stored(tmp_path / "old.db", ["agree"])))
    )


def test_many_changes_are_counted_and_the_first_listed(tmp_path):
    count = LISTED + 10
    old, new = stored(tmp_path / "old.db", ["agree"] * count), stored(tmp_path / "new.db", ["wrong"] * count)
    found = compare(new, old)
    assert found.counts["new"] == count
    assert len(found.new) == LISTED
    (line,) = (line for line in in_words(found) if line.startswith("new  "))
    assert "0 (agree → wrong), 1 (agree → wrong)" in line
    assert line.endswith(f"and {count - 20:,} more")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"seed": 2}, "seed = 1 and 2"),
        ({"special": 0.5}, "special = 0.0 and 0.5"),
        ({"grammar": {"primitives": ["sin"]}}, "the engines have different operations"),
        ({"sample": "cd", "versions": {"gradjury": "2"}}, "gradjury 1 and 2 draw different ones"),
    ],
)
def test_other_functions_are_not_compared(tmp_path, changed, words):
    new = stored(tmp_path / "new.db", ["agree"])
    old = stored(tmp_path / "old.db", ["agree"], **changed)
    with pytest.raises(GradjuryError, match=f"different functions or points, .*{words}; expected") as error:
        compare(new, old)
    assert "\n" not in str(error.value)


def test_a_repaired_rule_is_seen_in_two_campaigns(tmp_path):
    grammar = {"nodes": (3, 12), "primitives": ["sin", "add", "mul"]}
    engine = faulty_engine(REGISTRY["sin"], "sign")
    before = campaign.run(12, 2, 2, engine=engine, store=tmp_path / "old.db", grammar=grammar)
    campaign.run(12, 2, 2, store=tmp_path / "new.db", grammar=grammar)
    found = compare(tmp_path / "new.db", tmp_path / "old.db")
    assert found.counts["fixed"] == before.functions["wrong"] > 0
    assert found.counts["new"] == found.counts["unchanged"] == 0
    assert [cause.primitive for cause in found.causes_fixed] == ["sin"]


def test_every_pair_of_verdicts_has_one_kind():
    assert kind_of("agree", "agree") is None
    assert {kind_of(old, new) for old in ("agree", "wrong") for new in ("agree", "kink", "wrong", "nonfinite")} == {
        None,
        *KINDS,
    }
