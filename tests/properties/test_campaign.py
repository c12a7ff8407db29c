"""Campaigns: repeatable, counted, stored as they go, stopped cleanly, resumed without a trace."""

from __future__ import annotations

import ast
import json
import math
import os
import re
import signal
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from gradjury.engine import REGISTRY
from gradjury.properties import campaign, settings, shards, worker
from gradjury.properties.faults import faulty_engine
from gradjury.properties.scheduler import SHARD
from gradjury.properties.store import Store
from gradjury.verifier.errors import GradjuryError, InvalidInput
from gradjury.verifier.verify import verify

SMALL = {"nodes": (3, 12)}
FAULTY = {"nodes": (3, 12), "primitives": ["sin", "add", "mul"]}

#: Everything in a store but its settings and its clocks.
TABLES = ("functions", "records", "causes", "sums")


def rows(path):
    with Store.open(path) as store:
        return list(store.rows())


def contents(path):
    with closing(sqlite3.connect(path)) as connection, connection:
        found = {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES}
    connection.close()
    return found


def stopping(at):
    def progress(done, counts):
        if done >= at:
            raise KeyboardInterrupt

    return progress


def never(done, counts):
    raise AssertionError("work was begun")


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
    assert found.crashed == 0


def test_settings_repeat_the_campaign(tmp_path):
    path = tmp_path / "a.db"
    campaign.run(2, 3, 1, store=path, special=0.25, timeout=5, grammar=SMALL)
    with Store.open(path) as store:
        found = store.settings()
    assert found["seed"] == 1
    assert found["engine"] == "numpy"
    assert found["grammar"] == {"nodes": [3, 12]}
    assert found["interrupted"] is False
    assert {"python", "numpy", "scipy", "sympy", "python-flint"} <= set(found["versions"])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"special": 0.25, "timeout": 5, "grammar": SMALL, "keep": 3, "dtype": "float32", "certify": "suspicious"},
        {"keep": 0, "grammar": {"primitives": ("sin", "exp"), "kinks": False}},
        {"grammar": {"primitives": [REGISTRY["sin"], "exp"]}},
        {"engine": "autograd"},
    ],
)
def test_the_command_of_a_campaign_from_python_repeats_it(tmp_path, options):
    pytest.importorskip(options.get("engine", "numpy"), reason="the extra of that engine is not installed")
    stores = [tmp_path / "a.db", tmp_path / "b.db"]
    campaign.run(4, 3, 1, store=stores[0], **options)
    with Store.open(stores[0]) as store:
        command = store.settings()["command"]
    assert command.startswith("gradjury.run(functions=4, points=3, seed=1, engine=")
    call = ast.parse(command, mode="eval").body
    assert isinstance(call, ast.Call)
    campaign.run(store=stores[1], **{word.arg: ast.literal_eval(word.value) for word in call.keywords})
    assert contents(stores[1]) == contents(stores[0])
    with Store.open(stores[1]) as store:
        assert store.settings()["command"] == command


def test_the_command_does_not_name_an_engine_that_has_no_name(tmp_path):
    path = tmp_path / "a.db"
    campaign.run(1, 1, engine=faulty_engine(REGISTRY["sin"], "sign"), store=path, grammar=FAULTY)
    with Store.open(path) as store:
        assert "engine=…, grammar={" in store.settings()["command"]


def test_a_function_does_not_depend_on_the_others():
    short = campaign.generate(4, 9, **SMALL)
    assert campaign.generate(4, 9, **SMALL) == short
    assert campaign.generate(5, 9, **SMALL) != short


def test_processes_change_nothing(tmp_path):
    options: dict[str, Any] = {"special": 0.5, "grammar": SMALL}
    campaign.run(3 * SHARD + 1, 2, 5, store=tmp_path / "1.db", **options)
    for jobs in (2, 8):
        path = tmp_path / f"{jobs}.db"
        campaign.run(3 * SHARD + 1, 2, 5, store=path, jobs=jobs, **options)
        assert contents(path) == contents(tmp_path / "1.db")
    assert contents(path)["records"]
    campaign.run(3 * SHARD + 1, 2, 6, store=tmp_path / "other.db", **options)
    assert contents(tmp_path / "other.db") != contents(path)


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
    with Store.open(path) as store:
        (cause,) = (c for c in store.aggregates().causes if c.verdict == "wrong")
    assert (cause.kind, cause.primitive, cause.argument) == ("rule", "sin", 0)
    assert cause.functions == found.functions["wrong"]
    assert cause.example["expression"] == "sin(x)"
    assert cause.first == case.index


def test_of_each_cause_the_first_records_are_kept(tmp_path):
    path = tmp_path / "a.db"
    engine = faulty_engine(REGISTRY["sin"], "sign")
    found = campaign.run(30, 4, 2, engine=engine, store=path, grammar=FAULTY, keep=3)
    wrong = [row for row in rows(path) if row.verdict == "wrong"]
    assert len(wrong) == found.functions["wrong"] > 3
    assert [row.record is not None for row in wrong] == [True] * 3 + [False] * (len(wrong) - 3)
    with Store.open(path) as store:
        (cause,) = (c for c in store.aggregates().causes if c.verdict == "wrong")
        assert [row.index for row in store.cases(cause)] == [row.index for row in wrong[:3]]
    assert (cause.functions, cause.kept) == (len(wrong), 3)


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


# ---- interrupted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_keeps_what_was_judged_and_the_rest_follows(tmp_path, jobs):
    whole, path = tmp_path / "whole.db", tmp_path / "a.db"
    campaign.run(50, 1, 0, store=whole, grammar=SMALL, special=0.5)
    found = campaign.run(50, 1, 0, store=path, progress=stopping(7), grammar=SMALL, special=0.5, jobs=jobs)
    assert found.interrupted
    kept = 7 if jobs == 1 else SHARD
    assert sum(found.functions.values()) == kept
    assert [row.index for row in rows(path)] == list(range(kept))
    with Store.open(path) as store:
        assert store.settings()["interrupted"] is True
    heard = []
    again = campaign.resume(path, jobs=3 - jobs, progress=lambda done, counts: heard.append(done))
    assert heard[0] > kept
    assert heard[-1] == sum(again.functions.values()) == 50
    assert not again.interrupted
    assert again.seconds > found.seconds
    assert contents(path) == contents(whole)
    assert rows(path) == rows(whole)
    with Store.open(path) as store:
        assert store.settings()["interrupted"] is False


def test_many_interruptions_leave_no_trace(tmp_path):
    whole, path = tmp_path / "whole.db", tmp_path / "a.db"
    options: dict[str, Any] = {"grammar": SMALL, "special": 0.5, "keep": 2}
    campaign.run(24, 2, 3, store=whole, **options)
    campaign.run(24, 2, 3, store=path, progress=stopping(1), **options)
    for done in range(2, 24, 5):
        campaign.resume(path, progress=stopping(done))
    assert campaign.resume(path).functions.total() == 24
    assert contents(path) == contents(whole)


def test_a_finished_campaign_has_nothing_left_to_do(tmp_path):
    path = tmp_path / "a.db"
    first = campaign.run(4, 1, 0, store=path, grammar=SMALL)
    again = campaign.resume(path, progress=never)
    assert again.functions == first.functions
    assert again.changed == []


def test_a_lost_process_changes_nothing(tmp_path, monkeypatch):
    whole, path = tmp_path / "whole.db", tmp_path / "a.db"
    functions = 12 * SHARD
    campaign.run(functions, 1, 4, store=whole, grammar=SMALL)
    pids = []

    class Seen(worker.Worker):
        def __init__(self, task):
            super().__init__(task)
            pids.append(self.pid)

    monkeypatch.setattr("gradjury.properties.scheduler.Worker", Seen)

    def kill(done, counts):
        if done in (2 * SHARD, 5 * SHARD):
            os.kill(pids[-1], signal.SIGKILL)

    campaign.run(functions, 1, 4, store=path, grammar=SMALL, jobs=2, progress=kill)
    assert len(pids) > 2  # one at least was lost with work left to do, and replaced
    assert contents(path) == contents(whole)


def test_a_function_that_no_process_survives_is_undecided(tmp_path, monkeypatch):
    """What dies with the process is an engine here; running out of memory looks the same."""
    (tmp_path / "deadly.py").write_text(
        "import os, signal\n"
        "from gradjury.verifier.engine import NumpyEngine\n"
        "class Deadly(NumpyEngine):\n"
        "    name = 'deadly'\n"
        "    def gradient(self, tape, point, dtype):\n"
        "        if any(node.primitive.name == 'sin' for node in tape.nodes):\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        return super().gradient(tape, point, dtype)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from deadly import Deadly  # type: ignore[import-not-found]

    grammar = {"nodes": (3, 8), "primitives": ["sin", "cos", "tanh", "exp", "add", "mul"]}
    path = tmp_path / "a.db"
    functions = 8
    monkeypatch.setattr("gradjury.properties.scheduler.SHARD", 4)
    found = campaign.run(functions, 1, 0, engine=Deadly(), store=path, grammar=grammar, jobs=2)
    deadly = [
        index
        for index in range(functions)
        if any(node.primitive.name == "sin" for node in campaign.generate(index, 0, **grammar).tape.nodes)
    ]
    assert 0 < len(deadly) < functions
    lost = [row for row in rows(path) if row.verdict == "undecided"]
    assert [row.index for row in lost] == deadly
    assert {row.record["error"] for row in lost} == {"the process that judged it was lost 2 times (SIGKILL)"}
    assert found.functions == {"agree": functions - len(deadly), "undecided": len(deadly)}


def test_an_engine_that_wears_out_processes_is_given_new_ones(tmp_path, monkeypatch):
    (tmp_path / "tiring.py").write_text(
        "import os\n"
        "from gradjury.verifier.engine import NumpyEngine\n"
        "class Tiring(NumpyEngine):\n"
        "    name, wears_out_processes, asked = 'tiring', True, 0\n"
        "    def gradient(self, tape, point, dtype):\n"
        "        Tiring.asked += 1\n"
        "        if Tiring.asked > 10:\n"
        "            os.abort()\n"
        "        return super().gradient(tape, point, dtype)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from tiring import Tiring  # type: ignore[import-not-found]

    found = campaign.run(3 * SHARD, 1, 4, engine=Tiring(), store=tmp_path / "a.db", grammar=SMALL, jobs=1)
    assert found.functions.total() == 3 * SHARD
    assert found.functions["undecided"] == 0
    assert Tiring.asked == 0  # in this process


# ---- refused -----------------------------------------------------------------------------------------------


def test_a_crash_is_undecided_and_the_others_go_on(tmp_path):
    class Crashing:
        name, version, flushes_subnormals = "crashing", "1", False

        def gradient(self, tape, point, dtype):
            raise RuntimeError("boom")

    path = tmp_path / "a.db"
    found = campaign.run(3, 2, 4, engine=Crashing(), store=path, grammar=SMALL)
    assert found.functions == {"undecided": 3}
    assert found.pairs == {"undecided": 6}
    assert found.crashed == 3
    record = rows(path)[1].record
    assert re.fullmatch(r"crashed: crashing: RuntimeError: boom \(test_campaign.py, line \d+\)", record["error"])
    assert record["engine"] == "crashing 1"
    assert verify(record["expression"], seed=1).verdict != "wrong"


def test_bad_settings_stop_before_any_work(tmp_path):
    with pytest.raises(InvalidInput, match="engine: 'nosuch' is not known"):
        campaign.run(3, engine="nosuch", progress=never)
    with pytest.raises(GradjuryError, match="cannot be written"):
        campaign.run(3, store=tmp_path / "missing" / "a.db", progress=never)


@pytest.mark.parametrize(
    "wrong",
    [
        {"functions": 0},
        {"functions": "10"},
        {"points": 0},
        {"points": 1.5},
        {"jobs": 0},
        {"seed": "a"},
        {"special": 2},
        {"special": math.nan},
        {"keep": -1},
        {"timeout": math.nan},
        {"timeout": 0},
        {"dtype": "int"},
        {"certify": "some"},
        {"store": 3},
        {"scheduler": 3},
        {"grammar": 3},
    ],
)
def test_an_argument_that_is_not_what_it_should_be_is_named(wrong):
    (name,) = wrong
    with pytest.raises(InvalidInput, match=f"^{name}: got .*; expected"):
        campaign.run(**{"functions": 3, "progress": never, **wrong})


@pytest.mark.parametrize("grammar", [{"nosuch": 3}, {"nodes": (5, 2)}, {"primitives": 3}, {"primitives": [3]}])
def test_a_grammar_that_makes_nothing_is_named(grammar):
    with pytest.raises(InvalidInput, match=r"^grammar: "):
        campaign.run(3, grammar=grammar, progress=never)


def test_a_slip_of_the_verifier_is_a_reason_of_one_line(monkeypatch):
    def slip(*arguments, **settings):
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr(shards, "verify", slip)
    found = campaign.run(2, 1, grammar=SMALL)
    assert found.crashed == 2
    for row in found.cases:
        assert re.fullmatch(r"crashed: RuntimeError: first \(test_campaign\.py, line \d+\)", row.record["error"])


def test_numbers_of_numpy_can_be_written_down(tmp_path):
    path = tmp_path / "a.db"
    campaign.run(np.int64(1), np.int32(1), np.int64(3), store=path, dtype=np.float32, special=np.float64(0.5))
    with Store.open(path) as store:
        assert (store.settings()["seed"], store.settings()["dtype"]) == (3, "float32")


def test_a_type_that_the_engine_lacks_is_refused_before_the_start():
    pytest.importorskip("casadi", reason="the extra casadi is not installed")
    with pytest.raises(InvalidInput, match="dtype: casadi computes in float64 only, not in float32"):
        campaign.run(3, engine="casadi", dtype="float32", progress=never)


def test_a_campaign_is_resumed_with_its_own_settings(tmp_path):
    path = tmp_path / "a.db"
    campaign.run(9, 2, 3, store=path, progress=stopping(4), grammar=SMALL)
    before = contents(path)
    words = r"holds a campaign with seed = 3; got seed = 4: expected the same, or nothing"
    with pytest.raises(GradjuryError, match=words):
        campaign.resume(path, seed=4, progress=never)
    with pytest.raises(GradjuryError, match="engine = numpy; got engine = torch"):
        campaign.resume(path, engine="torch", progress=never)
    with pytest.raises(GradjuryError, match="does not exist"):
        campaign.resume(tmp_path / "b.db")
    with pytest.raises(InvalidInput, match="store: got 3; expected the path of a file"):
        campaign.resume(3)
    with pytest.raises(InvalidInput, match="jobs: got 0"):
        campaign.resume(path, jobs=0)
    with pytest.raises(InvalidInput, match="'nosuch' is no setting of a campaign"):
        campaign.resume(path, nosuch=0)
    assert contents(path) == before
    assert campaign.resume(path, seed=3, points=2, engine="numpy").functions.total() == 9


def test_an_engine_without_a_name_is_given_again(tmp_path):
    path = tmp_path / "a.db"
    engine = faulty_engine(REGISTRY["sin"], "sign")
    campaign.run(9, 2, 3, engine=engine, store=path, progress=stopping(4), grammar=FAULTY)
    assert campaign.resume(path, engine=engine).functions["wrong"] > 0


def test_other_versions_are_named_and_other_functions_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.db"
    campaign.run(6, 1, 3, store=path, progress=stopping(2), grammar=SMALL)
    older = {**settings.versions(), "scipy": "0.1"}
    monkeypatch.setattr(settings, "versions", lambda: older)
    found = campaign.resume(path, progress=stopping(3))
    (changed,) = found.changed
    assert changed.startswith("scipy ")
    assert changed.endswith(" → 0.1")
    monkeypatch.setattr("gradjury.properties.shards.seeded", lambda *numbers: campaign_choices(99, *numbers))
    with pytest.raises(GradjuryError, match="draws other functions than this one; expected that version, or a new"):
        campaign.resume(path, progress=never)


def campaign_choices(*numbers):
    from gradjury.properties.choices import seeded

    return seeded(*numbers)


def test_a_campaign_of_nothing_has_a_repr():
    found = campaign.Campaign({"engine": "numpy"})
    assert found.verdict == "agree"
    assert "nothing judged" in repr(found)


def test_a_store_without_settings_is_refused(tmp_path):
    path = tmp_path / "a.db"
    campaign.run(1, 1, store=path, grammar=SMALL)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM settings")
    with pytest.raises(InvalidInput, match=r"a\.db' is damaged: its settings lack functions"):
        campaign.resume(path)


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs limits on the size of files")
def test_a_full_disk_keeps_what_was_judged_and_the_rest_follows(tmp_path):
    import subprocess

    whole, path = tmp_path / "whole.db", tmp_path / "a.db"
    options = "grammar={'nodes': (3, 12)}, special=0.9"
    # BATCH_SECONDS = 0: every function is a transaction, so that the limit is met in the middle
    code = (
        "import resource, sys\n"
        "from gradjury.properties import campaign, store\n"
        "from gradjury.verifier.errors import GradjuryError\n"
        "store.BATCH_SECONDS = 0\n"
        "def limit(done, counts):\n"
        "    if done == 5:\n"
        "        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "try:\n"
        f"    campaign.run(80, 2, 7, store=sys.argv[1], progress=limit, {options})\n"
        "except GradjuryError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, env=env()
    )
    assert done.stdout.count("\n") == 1
    assert "cannot be written: " in done.stdout
    assert f"gradjury run --resume {path} goes on from there" in done.stdout
    kept = len(rows(path))
    assert 5 <= kept < 80
    assert f"it holds the first {kept} functions" in done.stdout
    campaign.resume(path)
    campaign.run(80, 2, 7, store=whole, grammar=SMALL, special=0.9)
    assert contents(path) == contents(whole)


def env():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.mark.parametrize("scheduler", [3, "tcp://127.0.0.1:1"])
def test_a_scheduler_that_cannot_be_asked_leaves_no_store(tmp_path, monkeypatch, scheduler):
    monkeypatch.setattr("gradjury.properties.campaign.find_spec", lambda _: None)
    store = tmp_path / "a.db"
    expected = "an address as text" if scheduler == 3 else r"pip install 'gradjury\[dask\]'"
    with pytest.raises(InvalidInput, match=expected):
        campaign.run(2, 1, store=store, scheduler=scheduler)
    assert not store.exists()
    campaign.run(2, 1, store=store)
    with pytest.raises(InvalidInput, match=expected):
        campaign.resume(store, scheduler=scheduler)


def test_a_task_comes_back_from_its_settings_in_a_store():
    options = {"primitives": ("exp", "add"), "nodes": (3, 9), "kinks": False}
    task = shards.Task(3, 7, "numpy", 0.25, "float32", 2.5, "suspicious", options)
    kept = json.loads(json.dumps(settings.settings_of(task, 10, 5, None)))
    assert settings.task_of(kept) == task
