"""The command that reproduces a record."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sympy
from click.testing import CliRunner

import gradjury as gj
from gradjury.cli import main
from gradjury.reports.reproduce import command, is_claim, is_for_shell, lesson, live_lesson, snippet

from .records import partial, record


def test_what_deviates_from_the_defaults_is_said() -> None:
    words = command(record(engine="torch 2.13.0", dtype="float32", order=2))
    assert words == "gradjury verify 'tanh(x)' --at x=20.0 --engine torch --order 2 --dtype float32"
    assert command(record(engine="numpy 2.4.6", dtype="float64", order=1)) == "gradjury verify 'tanh(x)' --at x=20.0"


def test_a_record_without_points_is_the_expression_alone() -> None:
    assert command({"expression": "x"}) == "gradjury verify x"


@pytest.mark.parametrize("text", ["$(touch x)", "a'b", "x; rm -rf /", "`x`", "-x"])
def test_a_shell_reads_the_expression_as_it_stands(text: str) -> None:
    words = shlex.split(command({"expression": text, "engine": "claim", "points": []}))
    assert json.loads(words[1])["expression"] == text
    assert shlex.split(command({"expression": text}))[2] == text


def test_a_claim_comes_back_as_the_same_verdict() -> None:
    given = {
        "expression": "x**3*y",
        "at": {"x": 0.1, "y": "inf"},
        "gradient": {"x": "nan"},
        "dtype": "float32",
    }
    first = CliRunner().invoke(main, ["verify", "--input", "-"], input=json.dumps(given), prog_name="gradjury")
    (result,) = map(json.loads, first.stdout.splitlines())
    words = shlex.split(command(result))
    assert words[0] == "echo"
    assert words[2:] == ["|", "gradjury", "verify", "--input", "-"]
    again = CliRunner().invoke(main, words[4:], input=words[1], prog_name="gradjury")
    assert json.loads(again.stdout)["points"] == result["points"]


def test_the_live_lesson_is_asked_for_the_same_function_and_point() -> None:
    text = 'a = x**2; exp(a)*y & "<'
    point = {"at": {"x": 0.1, "y": "inf"}}
    parts = urlsplit(live_lesson({"expression": text}, point))
    assert parts.netloc == "127.0.0.1:8000"
    assert parse_qs(parts.query) == {"f": [text], "at.x": ["0.1"], "at.y": ["inf"]}
    assert not set('<" ') & set(live_lesson({"expression": text}, point))


CRASHED = partial(verdict="undecided", engine="nan", symbolic=None, reason="crashed: mine: RuntimeError: boom")


def crashed(**changes: Any) -> dict[str, Any]:
    point = {"at": {"x": 20.0}, "value": "nan", "value_verdict": None, "partials": {"x": CRASHED}}
    return record(verdict="undecided", points=[point], blame=None, error=CRASHED["reason"], **changes)


def test_an_engine_that_raised_is_asked_again_and_no_nan_is_claimed() -> None:
    assert command(crashed()) == "gradjury verify 'tanh(x)' --at x=20.0 --engine torch"
    own = crashed(engine="mine 1", engine_class="own:Mine")
    assert command(own) == "gradjury verify 'tanh(x)' --at x=20.0 --engine own:Mine"
    assert "engine='own:Mine'" in snippet(own)


def test_an_engine_without_a_name_that_raised_is_known_to_python_alone() -> None:
    text = command(crashed(engine="mine 1"))
    assert (
        text
        == "gradjury.verify('tanh(x)', at={'x': 20.0}, engine=…)   # in Python, by mine 1 itself: it has no number here"
    )
    code = snippet(crashed(engine="mine 1"))
    assert "engine = ...  # mine 1 itself: it has no number here" in code
    assert "nan" not in text + code
    compile(code, "snippet", "exec")
    assert not is_claim(crashed(engine="mine 1"))
    assert is_claim(record(engine="mine 1"))  # numbers that were judged may be claimed


def test_a_class_of_ones_own_is_asked_again_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "again.py").write_text(
        "import gradjury as gj\n"
        "class Bad(gj.TapeRunner):\n"
        "    name, version = 'again', '1'\n"
        "    def differentiate(self, function, inputs):\n"
        "        return inputs[0], [1 / 0]\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    words = ["verify", "x*2", "--at", "x=1", "--engine", "again:Bad"]
    done = CliRunner().invoke(main, words, prog_name="gradjury")
    (line,) = [line for line in done.stdout.splitlines() if "reproduce" in line]
    again = shlex.split(line.partition("reproduce")[2])
    assert again == ["gradjury", "verify", "x*2", "--at", "x=1.0", "--engine", "again:Bad"]


@pytest.mark.parametrize("name", ["lambda", "gamma", "x y", "pi", "__x", "x\ny"])
def test_a_variable_that_no_text_can_name(name: str) -> None:
    symbol = sympy.Symbol(name)
    found = gj.verify(sympy.tanh(symbol) * symbol, at={name: 20.0}, gradient={name: 0.0})
    result = found.to_record()
    assert found.verdict == "wrong"
    assert "in Python: no text can name the variable" in command(result)
    assert "\n" not in command(result)
    assert repr(found)


def test_values_of_variables_that_the_function_does_not_name() -> None:
    given = json.dumps({"expression": "tanh(x)", "at": {"x": 0.5, "q": 2.0}})
    first = CliRunner().invoke(main, ["verify", "--input", "-"], input=given, prog_name="gradjury")
    result = json.loads(first.stdout)
    words = shlex.split(command(result))
    assert words[2:] == ["|", "gradjury", "verify", "--input", "-"]
    again = CliRunner().invoke(main, words[4:], input=words[1], prog_name="gradjury")
    assert json.loads(again.stdout)["points"] == result["points"]


@pytest.mark.parametrize(
    "given",
    [
        {"expression": "x*y", "at": {"x": 0.5, "y": 3}, "derivative": {"x": "y", "y": "x + y"}},
        {
            "expression": "x*y",
            "at": {"x": 0.5, "y": 3},
            "gradient": {"x": 3, "y": 0.5},
            "derivative": {"x": "y", "y": "x + y"},
        },
        {"expression": "x*y", "at": {"x": 0.5, "y": 3}, "wrt": "y"},
    ],
)
def test_claimed_formulas_and_a_single_variable_are_judged_again(given: dict[str, Any]) -> None:
    first = CliRunner().invoke(main, ["verify", "--input", "-"], input=json.dumps(given), prog_name="gradjury")
    result = json.loads(first.stdout)
    words = shlex.split(command(result))
    again = CliRunner().invoke(main, words[4:], input=words[1], prog_name="gradjury")
    assert json.loads(again.stdout)["points"] == result["points"]
    (call,) = [line for line in snippet(result).splitlines() if line.startswith(("    derivative=", "    wrt="))]
    assert call.strip() in ("derivative={'x': 'y', 'y': 'x + y'},", "wrt='y',")


ARRAYS = {"at": {"w[0]": 0.5, "w[1]": 1.0}, "partials": {"w[0]": {"engine": 1.0}, "w[1]": {"engine": 5.0}}}


@pytest.mark.parametrize(
    ("engine", "call", "lines"),
    [
        ("jax 0.10.2", "at=…, engine='jax')", ["    at=at,", "    engine='jax',"]),
        (
            "claim",
            "at=…, gradient=…, engine=…)",
            ["    at=at,", "    gradient={'w[0]': 1.0, 'w[1]': 5.0},", "    engine=engine,"],
        ),
    ],
)
def test_what_could_not_be_read_is_called_by_its_name(engine: str, call: str, lines: list[str]) -> None:
    unread = {"expression": "f(w)", "function": "f(w)", "engine": engine, "points": [ARRAYS]}
    assert command(unread) == f"gradjury.verify(f, {call}   # in Python"
    assert not is_for_shell(command(unread))
    written = snippet(unread)
    assert "function = ...  # f itself" in written
    assert "# the arrays in which w[0] = 0.5, w[1] = 1.0" in written
    assert written.splitlines()[-len(lines) - 1 :] == [*lines, "))"]


def test_points_that_fail_only_together_are_asked_together() -> None:
    points = [{"at": {"x": x, "y": "inf"}, "partials": {"x": partial()}} for x in (1.5, 2.5)]
    blame = {
        "kind": "accumulation",
        "how": "together",
        "primitive": None,
        "node": None,
        "argument": None,
        "minimal": None,
        "at": None,
    }
    result = record(expression="tanh(x)*y", engine="torch 2.13.0", points=points, blame=blame)
    words = "gradjury verify 'tanh(x)*y' --at x=1.5,2.5 --at y=inf,inf --engine torch"
    assert command(result, points[1]) == words
    assert "at={'x': [1.5, 2.5], 'y': [float('inf'), float('inf')]}" in snippet(result)
    assert lesson(result, points[0]) == "gradjury lesson 'tanh(x)*y' --at x=1.5 --at y=inf"
    nameless = command({**result, "engine": "mine 1"}, points[0])
    assert json.loads(shlex.split(nameless)[1])["at"] == {"x": 1.5, "y": "inf"}
