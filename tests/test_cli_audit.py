"""``gradjury audit`` as a command."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gradjury.cli import main
from gradjury.properties.audit import CLASSES


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["audit", *arguments])
    return done.exit_code, done.output


def test_the_matrix_on_a_terminal_of_80_columns() -> None:
    status, text = run("--primitive", "sin", "--primitive", "mul", "--no-peers")
    assert status == 0
    assert all(len(line) <= 80 for line in text.splitlines())
    rows = {line[:18].strip(): line[18:].split() for line in text.splitlines() if line[:18].strip() in CLASSES.values()}
    assert {"wrong sign", "× (1 + 1e-12)", "value + 1e-3"} <= set(rows)
    for affected, certified, screened, blamed in rows.values():
        assert int(affected) > 0
        assert certified == screened == blamed == "100.0%"
    assert "no fault: alarms" in text
    assert any(line.split()[:3] == ["mul", "2/2", "2/2"] for line in text.splitlines())


def test_the_matrix_on_a_narrow_terminal_is_lines_of_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "32")
    status, text = run("--primitive", "sin", "--no-peers")
    assert status == 0
    assert "…" not in text
    assert all(len(line) <= 32 for line in text.splitlines())
    squeezed = " ".join(text.split())
    assert "wrong sign: of 1, certified 100.0%, screened 100.0%, blamed 100.0%" in squeezed
    assert "sin: sign 1/1, dropped factor 1/1, 1e-3 1/1" in squeezed


def test_json_is_one_object() -> None:
    status, text = run("--primitive", "exp", "--no-peers", "--json", "--functions", "2", "--seed", "3")
    assert status == 0
    found = json.loads(text)
    assert (found["functions"], found["seed"], found["interrupted"]) == (2, 3, False)
    assert found["checkers"] == ["gradjury certified", "gradjury screened"]
    assert {fault["primitive"] for fault in found["faults"]} == {"exp"}
    assert found["sound"] == {"affected": 2, "due": 0, "found": {"gradjury screened": 0}, "blamed": 0}


def test_proofs() -> None:
    status, text = run("--prove", "--primitive", "sqrt", "--primitive", "erf")
    assert status == 0
    first, *rest = text.splitlines()
    assert first.startswith("1 of 2 rules proved in every branch; 6 branches: 4 proved, 2 checked")
    assert all(line.startswith("checked: derf/dx where ") for line in rest if not line.startswith(" "))
    status, text = run("--prove", "--primitive", "sqrt", "--json")
    assert json.loads(text)["branches"][0]["status"] == "proved"


def test_a_refuted_rule_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradjury.engine import REGISTRY

    monkeypatch.setattr(REGISTRY["sqrt"], "derivative", staticmethod(lambda x, y: 1.0 / y))
    status, text = run("--prove", "--primitive", "sqrt")
    assert status == 1
    assert "refuted: dsqrt/dx where x > 0: the two differ, off by 1.0e+00" in text


def test_an_interruption_prints_what_was_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradjury.properties import audit

    right, calls = audit.verify, []

    def interrupted(*arguments: object, **keywords: object) -> object:
        calls.append(1)
        if len(calls) > 12:
            raise KeyboardInterrupt
        return right(*arguments, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(audit, "verify", interrupted)
    status, text = run("--primitive", "sin", "--no-peers")
    assert status == 130
    assert "wrong sign" in text
    assert "gradjury: interrupted: " in text
    assert "functions with a fault were checked" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--primitive", "sine"], "--primitive 'sine' is not known; did you mean sin"),
        (["--primitive", "π"], "--primitive 'π' is not known; expected some of Chi, "),
        (["--engine", "nothing"], "engine: 'nothing' is not known; known: numpy"),
        (["--engine", "torch", "--prove"], "--prove is about the project's own rules, not those of torch"),
        (["--functions", "0"], "0 is not in the range x>=1"),
        (["--prove", "--functions", "1"], "--prove plants no faults; expected it without --functions"),
        (["--prove", "--seed", "3"], "--prove plants no faults; expected it without --seed"),
        (["--prove", "--no-peers"], "--prove plants no faults; expected it without --peers or --no-peers"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], words: str) -> None:
    status, text = run(*arguments)
    assert status == 2
    assert words in text
    assert text.count("\n") == 1
