"""``gradjury run --resume``, ``report --compare``: campaigns that are interrupted, gone on with, set side by side."""

from __future__ import annotations

import inspect
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import gradjury
from gradjury.cli import main
from gradjury.commands.conformance import conformance
from gradjury.commands.run import run
from gradjury.properties.conformance import EXAMPLES
from gradjury.verifier.given import DEFAULT_POINTS

CAMPAIGN = ("--functions", "60", "--points", "2", "--special", "0.3", "--fail-on", "")


def call(*args: str) -> Result:
    return CliRunner().invoke(main, args, prog_name="gradjury")


def report(store: Path) -> str:
    result = call("report", str(store), "--json")
    assert result.exit_code == 0
    return result.stdout


def begun(*args: str) -> subprocess.Popen[str]:
    """``gradjury run`` as a process group of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(gradjury.__file__).parents[1])}
    command = [sys.executable, "-m", "gradjury", "run", *args]
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(command, text=True, env=environment, start_new_session=True, **streams)  # type: ignore[call-overload,no-any-return]


def kept(store: Path) -> int:
    return len(report(store).splitlines()) if store.exists() else 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "whole.db"
    assert call("run", *CAMPAIGN, "--store", str(path)).exit_code == 0
    return path


@pytest.mark.parametrize(("how", "jobs"), [(signal.SIGINT, "1"), (signal.SIGINT, "2"), (signal.SIGKILL, "2")])
def test_what_was_interrupted_goes_on_to_the_same_lines(tmp_path: Path, how: signal.Signals, jobs: str) -> None:
    store = tmp_path / "c.db"
    many = ("--functions", "3000", *CAMPAIGN[2:])
    running = begun(*many, "--store", str(store), "--jobs", jobs)
    deadline = time.monotonic() + 60
    while not kept(store):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.1)
    os.killpg(running.pid, how)  # as the terminal and the kernel do: all processes at once
    out, err = running.communicate(timeout=60)
    before = report(store)
    judged = len(before.splitlines())
    if how == signal.SIGINT:
        assert running.returncode == 130
        assert err == (
            f"gradjury: interrupted: {judged:,} of 3,000 functions were judged and kept in {store}; "
            f"gradjury run --resume {store} goes on\n"
        )
        assert "agree" in out
    else:
        assert (out, err) == ("", "")
    # the rest is another test's: that the store takes up where it was is seen at a few more functions
    again = begun("--resume", str(store), "--jobs", "1")
    deadline = time.monotonic() + 60
    while kept(store) == judged:
        assert time.monotonic() < deadline
        assert again.poll() is None
        time.sleep(0.1)
    os.killpg(again.pid, signal.SIGKILL)
    again.communicate()
    after = report(store)
    assert after.startswith(before)
    assert len(after.splitlines()) > judged


def test_a_resumed_campaign_ends_as_if_it_had_not_been_interrupted(tmp_path: Path, whole: Path) -> None:
    from gradjury.properties import campaign
    from gradjury.properties.store import Store

    store = tmp_path / "c.db"

    def stop(done: int, counts: object) -> None:
        if done == 20:
            raise KeyboardInterrupt

    campaign.run(60, 2, 0, store=store, special=0.3, timeout=60.0, certify="suspicious", progress=stop)
    with Store.open(store) as begun_store:
        assert begun_store.done == 20
    result = call("run", "--resume", str(store), "--seed", "0", "--fail-on", "", "--json")
    assert result.exit_code == 0
    assert result.stdout == report(store) == report(whole)
    assert result.stderr == ""


def test_other_settings_are_refused_in_one_line(tmp_path: Path, whole: Path) -> None:
    for options, words in (
        (["--seed", "1"], "holds a campaign with seed = 0; got seed = 1"),
        (["--functions", "61"], "holds a campaign with functions = 60; got functions = 61"),
        (["--engine", "jax"], "holds a campaign with engine = numpy; got engine = jax"),
        (["--store", str(tmp_path / "b.db")], "--store begins a campaign, --resume goes on with one"),
    ):
        result = call("run", "--resume", str(whole), *options)
        assert result.exit_code == 2
        assert words in result.stderr
        assert result.stderr.count("\n") == 1
    assert "does not exist" in call("run", "--resume", str(tmp_path / "none.db")).stderr
    assert "expected one of them" in call("run", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1").stderr


def test_other_versions_are_a_warning(tmp_path: Path, whole: Path) -> None:
    from gradjury.properties.store import Store

    store = tmp_path / "c.db"
    store.write_bytes(whole.read_bytes())
    with Store.resume(store) as begun_store:
        versions = begun_store.settings()["versions"]
        begun_store.note(versions={**versions, "sympy": "0.7"})
    result = call("run", "--resume", str(store), "--fail-on", "")
    assert result.exit_code == 0
    assert result.stderr == (
        f"gradjury: warning: other versions than the campaign was begun with: sympy 0.7 → {versions['sympy']}\n"
    )


def test_lines_are_in_the_order_of_the_index_and_say_no_time(whole: Path) -> None:
    lines = [json.loads(line) for line in report(whole).splitlines()]
    assert [line["index"] for line in lines] == list(range(60))
    for line in lines:
        assert set(line) <= {"index", "verdict", "record"}
        assert ("record" in line) == (line["verdict"] != "agree")
        assert "seconds" not in json.dumps(line)
    assert any("record" in line for line in lines)


def test_two_stores_are_compared(tmp_path: Path, whole: Path) -> None:
    other = tmp_path / "other.db"
    assert call("run", *CAMPAIGN, "--seed", "1", "--store", str(other)).exit_code == 0
    result = call("report", str(whole), "--compare", str(whole))
    assert result.exit_code == 0
    assert "60 functions judged in both" in result.stdout
    counts = dict(line.split()[:2] for line in result.stdout.splitlines()[1:5])
    assert set(counts) == {"new", "fixed", "unchanged", "shifted"}
    assert counts["new"] == counts["fixed"] == counts["shifted"] == "0"
    result = call("report", str(whole), "--compare", str(whole), "--audit", "a.json")
    assert result.exit_code == 2
    assert "--audit is for a page" in result.stderr
    result = call("report", str(whole), "--compare", str(other))
    assert result.exit_code == 2
    assert "seed = 0 and 1; expected two campaigns of one seed" in result.stderr


def test_a_crash_is_said_and_makes_the_status_2(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradjury.verifier import engine

    def crash(*args: Any) -> Any:
        raise RuntimeError("boom")

    monkeypatch.setattr(engine.NumpyEngine, "gradient", crash)
    single = call("run", "--functions", "1", "--points", "1")
    assert single.stderr == "gradjury: 1 function crashed, and is undecided for that reason; the records say how\n"
    result = call("run", "--functions", "3", "--points", "1")
    assert result.exit_code == 2
    assert result.stderr == "gradjury: 3 functions crashed, and are undecided for that reason; the records say how\n"
    assert "crashed: RuntimeError: boom" in result.stdout


def test_a_report_is_not_written_over_its_store(tmp_path: Path) -> None:
    store = tmp_path / "c.db"
    refused = call("run", "--functions", "2", "--store", str(store), "--report", str(store))
    assert refused.exit_code == 2
    assert f"--report {store} is the file of --store; expected another one" in refused.stderr
    assert not store.exists()


def test_a_campaign_of_a_class_of_ones_own_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "campaigner.py").write_text(
        "import gradjury as gj\n"
        "class Own(gj.TapeRunner):\n"
        "    name, version = 'campaigner', '1'\n"
        "    def differentiate(self, function, inputs):\n"
        "        raise RuntimeError('boom')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    words = ["run", "--functions", "3", "--points", "2", "--engine", "campaigner:Own", "--store", "own.db"]
    begun = CliRunner().invoke(main, words, prog_name="gradjury")
    assert begun.exit_code == 2
    assert "--engine campaigner:Own" in begun.stdout  # it reproduces the crash
    for more in ([], ["--engine", "campaigner:Own"]):
        resumed = CliRunner().invoke(main, ["run", "--resume", "own.db", *more], prog_name="gradjury")
        assert resumed.exit_code == 2
        assert "crashed: campaigner: RuntimeError: boom" in resumed.stdout
        assert "is not known" not in resumed.stderr


def test_the_command_has_the_defaults_of_python_but_for_those_that_its_page_names() -> None:
    python = {name: p.default for name, p in inspect.signature(gradjury.run).parameters.items()}
    with run.make_context("run", []) as context:
        given = {**context.params, "points": context.params["points"] or DEFAULT_POINTS}
    differ = {name: (given[name], python[name]) for name in given.keys() & python if given[name] != python[name]}
    assert differ == {
        "functions": (200, 1000),
        "certify": ("suspicious", "all"),
        "jobs": (None, 1),
        "timeout": (60.0, None),
    }
    page = (Path(__file__).parents[1] / "docs" / "cli.md").read_text(encoding="utf-8")
    assert "1,000 functions, every point decided in balls, one process, no time limit" in page


def test_the_command_of_the_suite_has_the_defaults_of_pytest() -> None:
    with conformance.make_context("conformance", ["--engine", "numpy"]) as context:
        assert context.params["max_examples"] == EXAMPLES
