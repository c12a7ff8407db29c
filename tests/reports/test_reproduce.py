"""The command that reproduces a record."""

from __future__ import annotations

import json
import shlex
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from gradjury.cli import main
from gradjury.reports.reproduce import command, live_lesson

from .records import record


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
