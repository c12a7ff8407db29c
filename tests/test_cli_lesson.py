"""The command that writes lessons."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gradjury.cli import main


def call(*args: str) -> Result:
    return CliRunner().invoke(main, ["lesson", *args], prog_name="gradjury")


def test_a_lesson_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    target = tmp_path / "chain.html"
    result = call("a = x**2; b = exp(a); b**2", "--at", "x=0.5", "-o", str(target))
    assert (result.exit_code, result.stdout) == (0, f"{target}\n")
    assert '<html lang="en">' in target.read_text(encoding="utf-8")
    assert "2.56805" in target.read_text(encoding="utf-8")


def test_the_language_and_a_leading_minus(tmp_path: Path) -> None:
    target = tmp_path / "minus.html"
    assert call("-x**2", "--at", "x=-3", "--language", "ko", "-o", str(target)).exit_code == 0
    assert '<html lang="ko">' in target.read_text(encoding="utf-8")


def test_without_a_point_one_is_sampled_by_the_seed(tmp_path: Path) -> None:
    pages = []
    for seed in ("1", "1", "2"):
        assert call("log(x)*y", "--seed", seed, "-o", str(tmp_path / "l.html")).exit_code == 0
        pages.append((tmp_path / "l.html").read_text(encoding="utf-8"))
    assert pages[0] == pages[1] != pages[2]


def test_a_number_that_is_read_as_a_variable_is_said_to_be_one(tmp_path: Path) -> None:
    target = str(tmp_path / "l.html")
    said = "gradjury: warning: the number π is written pi; here it is a variable with a sampled value\n"
    assert call("π*r**2", "-o", target).stderr == said
    assert call("π*r**2", "--at", "r=1", "--at", "π=3", "-o", target).stderr == ""
    assert call("pi*r**2", "-o", target).stderr == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("x*y", "--at", "x=1"), "--at gives no value for y"),
        (("e**x", "--at", "x=1"), "for e; expected one for each variable; the number e is written E"),
        (("x", "--at", "q=1"), "--at gives a value for q"),
        (("x**2", "--at", "x=1,2"), "a lesson has one point"),
        (("2 + 3",), "at least one variable and one operation"),
        (("log(x)", "--at", "x=-1"), "expected finite values"),
        (("tahn(x)",), "tahn"),
        (("x**2", "--language", "xx"), "'xx' is not one of"),
        (("x**2", "-o", "/nowhere/at/all.html"), "cannot write the lesson"),
        (("x" + "+x" * 50, "--at", "x=1"), "at most 40 operations"),
    ],
)
def test_bad_input_is_one_line(args: tuple[str, ...], message: str, tmp_path: Path) -> None:
    result = call(*args, *(() if "-o" in args else ("-o", str(tmp_path / "l.html"))))
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "l.html").exists()
