"""Campaigns: repeatable, counted, stored as they go, stopped cleanly."""

from collections import Counter

import pytest

from gradjury.engine import REGISTRY
from gradjury.properties import campaign
from gradjury.properties.faults import faulty_engine
from gradjury.properties.store import Store
from gradjury.verifier.errors import GradjuryError, InvalidInput
from gradjury.verifier.verify import verify

SMALL = {"nodes": (3, 12)}
FAULTY = {"nodes": (3, 12), "primitives": ["sin", "add", "mul"]}


def rows(path):
    with Store.open(path) as store:
        return [row._replace(seconds=0.0) for row in store.rows()]


def test_counts_and_store_agree(tmp_path):
    path = tmp_path / "a.db"
    found = campaign.run(20, 3, 1, store=path, grammar=SMALL)
    assert sum(found.functions.values()) == 20
    assert sum(found.pairs.values()) == 60
    assert found.pairs["wrong"] == found.pairs["inaccurate"] == found.pairs["nonfinite"] == 0
    assert Counter(row.verdict for row in rows(path)) == found.functions
    assert [row.index for row in rows(path)] == list(range(20))
    assert not found.interrupted
    assert found.seconds > 0


def test_settings_repeat_the_campaign(tmp_path):
    path = tmp_path / "a.db"
    campaign.run(2, 3, 1, store=path, special=0.25, timeout=5, grammar=SMALL)
    with Store.open(path) as store:
        settings = store.settings()
    assert settings["seed"] == 1
    assert settings["engine"] == "numpy"
    assert settings["grammar"] == {"nodes": [3, 12]}
    assert settings["interrupted"] is False
    assert {"python", "numpy", "scipy", "sympy", "python-flint"} <= set(settings["versions"])
    assert settings["command"].startswith("gradjury run --functions 2 --points 3 --seed 1 --engine numpy")


def test_a_function_does_not_depend_on_the_others():
    short = campaign.generate(4, 9, **SMALL)
    assert campaign.generate(4, 9, **SMALL) == short
    assert campaign.generate(5, 9, **SMALL) != short


def test_processes_change_nothing(tmp_path):
    one, two = tmp_path / "1.db", tmp_path / "2.db"
    engine = faulty_engine(REGISTRY["sin"], "1e-6")
    campaign.run(20, 2, 5, store=one, engine=engine, grammar=FAULTY)
    # Faulty classes cannot be sent to processes; the project's engine by its name can.
    campaign.run(20, 2, 5, store=tmp_path / "3.db", grammar=FAULTY)
    campaign.run(20, 2, 5, store=two, grammar=FAULTY, jobs=2)
    assert rows(two) == rows(tmp_path / "3.db")
    assert rows(one) != rows(two)


def test_a_fault_is_found_and_its_record_kept(tmp_path):
    path = tmp_path / "a.db"
    found = campaign.run(30, 4, 2, engine=faulty_engine(REGISTRY["sin"], "sign"), store=path, grammar=FAULTY)
    assert found.functions["wrong"] >= 5
    assert found.verdict == "wrong"
    assert found.cases
    assert all(row.record is not None and row.verdict != "agree" for row in found.cases)
    case = next(row for row in found.cases if row.verdict == "wrong")
    assert case.record["id"] == case.index
    assert case.record["blame"]["primitive"] == "sin"
    assert case.record["points"][0]["partials"]
    # The record's expression and point reproduce it without the campaign.
    first = case.record["points"][0]["at"]
    again = verify(case.record["expression"], first, engine=faulty_engine(REGISTRY["sin"], "sign"))
    assert again.verdict == "wrong"


def test_the_record_shows_the_worst_point_first():
    found = campaign.run(60, 6, 3, special=0.7, timeout=10, grammar={"nodes": (5, 20)})
    several = [row.record for row in found.cases if len(row.record["points"]) > 1]
    assert several
    for record in several:
        worst = record["points"][0]
        verdicts = [worst["value_verdict"], *(partial["verdict"] for partial in worst["partials"].values())]
        assert record["verdict"] in verdicts


def test_progress_is_told():
    heard = []
    campaign.run(5, 1, 0, progress=lambda done, counts: heard.append((done, sum(counts.values()))), grammar=SMALL)
    assert heard == [(n, n) for n in range(1, 6)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_keeps_what_was_judged(tmp_path, jobs):
    path = tmp_path / "a.db"

    def stop(done, counts):
        if done == 7:
            raise KeyboardInterrupt

    found = campaign.run(200, 1, 0, store=path, progress=stop, grammar=SMALL, jobs=jobs)
    assert found.interrupted
    assert sum(found.functions.values()) == 7
    assert [row.index for row in rows(path)] == list(range(7))
    with Store.open(path) as store:
        assert store.settings()["interrupted"] is True


def test_a_crash_names_the_function_and_keeps_the_others(tmp_path):
    class Crashing:
        name, version, flushes_subnormals = "crashing", "1", False
        calls = 0

        def gradient(self, tape, point, dtype):
            raise RuntimeError("boom")

    path = tmp_path / "a.db"
    with pytest.raises(RuntimeError, match="boom") as error:
        campaign.run(3, 1, 4, engine=Crashing(), store=path, grammar=SMALL)
    assert "at function 0 of the campaign with seed 4" in error.value.__notes__
    assert rows(path) == []


def test_bad_settings_stop_before_any_work(tmp_path):
    def never(done, counts):
        raise AssertionError("work started")

    with pytest.raises(InvalidInput, match="engine: 'nosuch' is not known"):
        campaign.run(3, engine="nosuch", progress=never)
    with pytest.raises(GradjuryError, match="cannot be written"):
        campaign.run(3, store=tmp_path / "missing" / "a.db", progress=never)
    for wrong in ({"functions": -1}, {"points": 0}, {"jobs": 0}, {"special": 2.0}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}="):
            campaign.run(**{"functions": 3, "progress": never, **wrong})


def test_nothing_to_do_is_fine():
    found = campaign.run(0)
    assert found.verdict == "agree"
    assert "nothing judged" in repr(found)
