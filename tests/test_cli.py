"""The command line: what it prints where, its exit status, and how it ends when something is wrong."""

from __future__ import annotations

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
from gradjury.reports.verdicts import EXPLANATIONS

RIGHT = {"id": "right", "expression": "exp(x)", "at": {"x": 0}, "gradient": {"x": 1}}
WRONG = {"id": "wrong", "expression": "exp(x)", "at": {"x": 0}, "gradient": {"x": 2}}
UNREADABLE = {"id": "bad", "expression": "tahn(x)", "at": {"x": 0}}


def call(*args: str, stdin: bytes | str | None = None) -> Result:
    """The command in this process."""
    return CliRunner().invoke(main, args, input=stdin, prog_name="gradjury")


def process(*args: str, **options: Any) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(gradjury.__file__).parents[1]), "COLUMNS": "80"}
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(
        [sys.executable, "-m", "gradjury", *args], text=True, env=environment, **{**streams, **options}
    )


def lines(*records: dict[str, Any] | str) -> str:
    return "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records)


def results(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# ---- one function ------------------------------------------------------------------------------------------


def test_verify_shows_the_chain_the_product_and_the_three_numbers() -> None:
    result = call("verify", "a = x**2; b = exp(a); b**2", "--at", "x=0.5")
    assert result.exit_code == 0
    out = result.stdout
    assert out.startswith("agree: the number is what a correct evaluation returns\n")
    for words in (
        "x = 0.5",
        "x**2",
        "exp(a)",
        "dy/db",
        "2.56805",
        "dy/dx = ",
        "exp(a)",
        "symbolic",
        "difference",
    ):
        assert words in out
    assert "3.29744254140025629" in out or "3.2974425414002563" in out
    assert "gradjury verify 'a = x**2; b = exp(a); b**2' --at x=0.5" in out
    assert "\x1b[" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_list_is_several_points_and_they_are_listed() -> None:
    result = call("verify", "sin(x)*y", "--at", "x=1,2,3", "--at", "y=0x1.8p+0")
    assert result.exit_code == 0
    assert "the worst of 3 points" in result.stdout
    assert result.stdout.count("y = 1.5") >= 3


def test_json_is_one_record_on_one_line() -> None:
    result = call("verify", "tanh(x)", "--at", "x=20", "--json")
    (record,) = results(result.stdout)
    assert record["verdict"] == "agree"
    assert record["points"][0]["at"] == {"x": 20.0}
    assert record["points"][0]["partials"]["x"]["symbolic"].startswith("1.69934170211663")
    assert result.stderr == ""


def test_an_expression_may_begin_with_a_minus() -> None:
    assert call("verify", "-x**2", "--at", "x=3").exit_code == 0


def test_without_a_point_some_are_sampled_by_the_seed() -> None:
    first, again, other = (
        results(call("verify", "log(x)", "--json", "--points", "5", "--seed", seed).stdout)[0] for seed in "112"
    )
    assert len(first["points"]) == 5
    assert first == again
    assert first["points"] != other["points"]


def test_mathematics_without_a_derivative_here_is_undecided_with_the_reason() -> None:
    result = call("verify", "binomial(x, y)", "--at", "x=1", "--at", "y=2")
    assert result.exit_code == 0
    assert result.stdout.startswith("undecided")
    assert "binomial" in result.stdout
    assert call("verify", "binomial(x, y)", "--at", "x=1", "--at", "y=2", "--fail-on", "undecided").exit_code == 1


def test_a_function_that_takes_too_long_is_undecided() -> None:
    points = ",".join(map(str, range(15_000)))
    result = call("verify", "exp(sin(x))", "--at", f"x={points}", "--timeout", "0.01", "--json")
    (record,) = results(result.stdout)
    assert record["verdict"] == "undecided"
    assert len(record["points"]) == 15_000
    assert "the time of 0.01 s was over" in json.dumps(record)


def test_a_higher_order() -> None:
    result = call("verify", "x**2", "--at", "x=1", "--order", "2", "--json")
    (record,) = results(result.stdout)
    assert (record["verdict"], record["order"]) == ("agree", 2)
    assert record["points"][0]["partials"]["x"]["engine"] == 2.0
    assert "d²/dx²" in call("verify", "x**2", "--at", "x=1", "--order", "2").stdout


def test_an_order_that_nobody_judges_is_refused() -> None:
    result = call("verify", "x**2", "--at", "x=1", "--order", "6")
    assert result.exit_code == 2
    assert "1<=x<=5" in result.stderr
    assert "1<=x<=5" in call("verify", "--help").stdout
    assert "--order" not in call("run", "--help").stdout


def test_a_point_outside_the_domain_is_named() -> None:
    result = call("verify", "log(x)", "--at", "x=-1")
    assert "Traceback" not in result.output
    assert "undefined" in result.stdout or "domain" in result.stderr


DEEP = "(" * 10_000 + "x" + ")" * 10_000

BAD: dict[str, tuple[list[str], str]] = {
    "no expression": (["verify"], "expected either an EXPRESSION or --input"),
    "both": (["verify", "x", "--input", "f"], "not both"),
    "syntax": (["verify", "x**", "--at", "x=1"], "column"),
    "unbalanced": (["verify", "sin(x", "--at", "x=1"], "column"),
    "unknown function": (["verify", "tahn(x)", "--at", "x=1"], "unknown function 'tahn'; did you mean"),
    "unknown name of a product": (["verify", "qq(x)", "--at", "x=1"], "unknown function 'qq'"),
    "too many arguments": (
        ["verify", "sin(x, y)", "--at", "x=1", "--at", "y=1"],
        "sin takes 1 argument; 2 given",
    ),
    "too few arguments": (["verify", "atan2(x)", "--at", "x=1"], "atan2 takes 2 arguments; 1 given"),
    "missing variable": (["verify", "x*y", "--at", "x=1"], "no value for variable 'y'"),
    "extra variable": (
        ["verify", "x", "--at", "x=1", "--at", "z=1"],
        "z, but the expression's variables are x",
    ),
    "no number": (["verify", "x", "--at", "x=abc"], "'abc' is not a number; expected"),
    "no value": (["verify", "x", "--at", "x"], "expected NAME=NUMBER"),
    "empty value": (["verify", "x", "--at", "x="], "is not a number"),
    "no name": (["verify", "x", "--at", "=1"], "expected NAME=NUMBER"),
    "twice": (["verify", "x", "--at", "x=1", "--at", "x=2"], "x is given twice"),
    "lengths": (["verify", "x*y", "--at", "x=1,2,3", "--at", "y=1,2"], "expected"),
    "huge": (["verify", "x", "--at", "x=1e400"], "beyond the largest float"),
    "empty": (["verify", "", "--at", "x=1"], "empty"),
    "blank": (["verify", " \n ", "--at", "x=1"], "empty"),
    "a megabyte": (["verify", "x+" * 500_000 + "x", "--at", "x=1"], "characters; expected at most"),
    "deep": (["verify", DEEP, "--at", "x=1"], "brackets nest too deep"),
    "deep signs": (["verify", "-" * 20_000 + "x", "--at", "x=1"], "expected at most"),
    "attribute": (["verify", "x.real", "--at", "x=1"], "column 1"),
    "dunder": (["verify", "x.__class__", "--at", "x=1"], "column"),
    "dunder name": (["verify", "__import__", "--at", "x=1"], "column 1"),
    "import": (["verify", "__import__('os').system('true')", "--at", "x=1"], "column"),
    "lambda": (["verify", "(lambda: x)()", "--at", "x=1"], "column"),
    "caret": (["verify", "x^2", "--at", "x=1"], "**"),
    "keyword": (["verify", "sin(x=1)", "--at", "x=1"], "column"),
    "engine": (["verify", "x", "--at", "x=1", "--engine", "nmupy"], "'nmupy' is not known"),
    "engine of a file": (["verify", "--input", os.devnull, "--engine", "nmupy"], "'nmupy' is not known"),
    "engine of a campaign": (["run", "--engine", "nmupy"], "'nmupy' is not known"),
    "fail on": (
        ["verify", "x", "--at", "x=1", "--fail-on", "wrong,bad"],
        "'bad' is no verdict; expected some of",
    ),
    "dtype": (["verify", "x", "--at", "x=1", "--dtype", "float16"], "float16"),
    "points": (["verify", "x", "--points", "0"], "0 is not in the range"),
    "order": (["verify", "x", "--order", "0"], "0 is not in the range"),
    "timeout": (["verify", "x", "--timeout", "0"], "0"),
    "option": (["verify", "x", "--enginee", "numpy"], "No such option"),
    "command": (["verfy", "x"], "'verfy' is no command; expected one of audit"),
    "no file": (["verify", "--input", "/no/such/file"], "cannot read '/no/such/file': No such file"),
    "a folder": (["verify", "--input", "/"], "cannot read '/': Is a directory"),
    "no records": (["verify", "--input", os.devnull], "holds no records; expected one JSON object a line"),
    "no records at all": (["verify", "--input", "-"], "standard input holds no records"),
    "engine of the suite": (["conformance", "--engine", "nmupy"], "'nmupy' is not known"),
    "output": (["verify", "--input", os.devnull, "--output", "/no/such/f"], "cannot write '/no/such/f'"),
    "report": (
        ["verify", "x", "--at", "x=1", "--report", "/no/such/f"],
        "cannot write the report '/no/such/f'",
    ),
    "output of one": (["verify", "x", "--output", "f"], "--output belongs to --input"),
    "point of a file": (["verify", "--input", os.devnull, "--at", "x=1"], "--at belongs to an EXPRESSION"),
    "verdict": (["explain", "fine"], "'fine' is no verdict; expected one of agree, kink"),
    "store": (["report", "/no/such/store"], "cannot read '/no/such/store'"),
    "results": (["report", __file__], "line 1: expected a result record"),
    "functions": (["run", "--functions", "0"], "0 is not in the range"),
    "campaign of order 2": (["run", "--order", "2"], "--order 2: campaigns judge first derivatives"),
    "store in no folder": (["run", "--functions", "1", "--store", "/no/such/f.db"], "'/no/such/f.db'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_on_standard_error_and_status_2(name: str) -> None:
    args, words = BAD[name]
    result = call(*args)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.startswith("gradjury: ")
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 600
    assert words in result.stderr


def test_a_tower_of_powers_neither_hangs_nor_crashes() -> None:
    result = call("verify", "x + 9**9**9**9", "--at", "x=1", "--timeout", "20")
    assert result.exit_code in (0, 1, 2)
    assert "Traceback" not in result.output
    assert not isinstance(result.exception, Exception)


# ---- files -------------------------------------------------------------------------------------------------


def test_one_line_in_one_line_out_in_order_and_broken_ones_do_not_stop_the_others(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    broken = ['{"id": "cut", "expression": "x', "[1, 2]", "\xff\x00", json.dumps({"id": "none"})]
    text = lines({**RIGHT, "note": {"kept": [1]}}, *broken, "", UNREADABLE, WRONG)
    file.write_bytes(text.encode("latin-1"))
    result = call("verify", "--input", str(file))
    found = results(result.stdout)
    assert [r["verdict"] for r in found] == ["agree", *["invalid"] * 5, "wrong"]
    assert [r["id"] for r in found] == ["right", 2, 3, 4, "none", "bad", "wrong"]
    assert found[0]["note"] == {"kept": [1]}
    assert found[1]["error"].startswith("line 2: ")
    assert found[5]["error"].startswith("line 7: ")
    assert "did you mean" in found[5]["error"]
    assert result.exit_code == 1
    assert result.stderr == "7 records: 1 agree · 1 wrong · 5 invalid\n"


@pytest.mark.parametrize(
    ("records", "options", "status"),
    [
        ([RIGHT], [], 0),
        ([WRONG], [], 1),
        ([UNREADABLE], [], 2),
        ([RIGHT, UNREADABLE], [], 2),
        ([UNREADABLE, WRONG], [], 1),
        ([WRONG], ["--fail-on", "nonfinite"], 0),
        ([WRONG], ["--fail-on", ""], 0),
        ([RIGHT], ["--fail-on", "agree"], 1),
    ],
)
def test_exit_status(records: list[dict[str, Any]], options: list[str], status: int) -> None:
    assert call("verify", "--input", "-", *options, stdin=lines(*records)).exit_code == status


def test_options_are_defaults_that_a_record_overrides() -> None:
    third = {"expression": "x/3", "at": {"x": 1}}
    given = lines(third, {**third, "dtype": "float64"}, {**third, "order": 2})
    found = results(call("verify", "--input", "-", "--dtype", "float32", stdin=given).stdout)
    assert found[0]["points"][0]["partials"]["x"]["engine"] != found[1]["points"][0]["partials"]["x"]["engine"]
    assert (found[2]["verdict"], found[2]["order"]) == ("agree", 2)


def test_results_go_to_a_file_and_are_reported(tmp_path: Path) -> None:
    output, page, again = tmp_path / "out.jsonl", tmp_path / "out.html", tmp_path / "again.html"
    options = ["--output", str(output), "--report", str(page)]
    result = call("verify", "--input", "-", *options, stdin=lines(RIGHT, WRONG))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert [r["verdict"] for r in results(output.read_text())] == ["agree", "wrong"]
    assert "1\u00a0wrong" in page.read_text()
    assert call("report", str(output), "-o", str(again)).exit_code == 0
    assert "1\u00a0wrong" in again.read_text()
    assert results(call("report", str(output), "--json").stdout) == results(output.read_text())


def test_the_input_is_not_overwritten_by_the_output(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text(lines(RIGHT))
    result = call("verify", "--input", str(file), "--output", str(file))
    assert result.exit_code == 2
    assert "--output" in result.stderr
    assert "is the file of --input; expected another one" in result.stderr
    assert file.read_text() == lines(RIGHT)


@pytest.mark.parametrize("way", ["as it is", "relative", "link"])
def test_no_result_is_written_over_another_file_of_the_command(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, output = tmp_path / "records.jsonl", tmp_path / "out.jsonl"
    file.write_text(lines(RIGHT))
    (tmp_path / "link").symlink_to(file)
    same = {"as it is": str(file), "relative": "./records.jsonl", "link": "link"}[way]
    onto_input = call("verify", "--input", str(file), "--output", str(output), "--report", same)
    assert onto_input.exit_code == 2
    assert "--report" in onto_input.stderr
    assert "is the file of --input" in onto_input.stderr
    assert file.read_text() == lines(RIGHT)
    onto_output = call("verify", "--input", str(file), "--output", "new.jsonl", "--report", "./new.jsonl")
    assert onto_output.exit_code == 2
    assert "is the file of --output" in onto_output.stderr
    assert not (tmp_path / "new.jsonl").exists()


def test_a_page_is_not_written_to_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("verify", "x*2", "--at", "x=1", "--report", "-")
    assert result.exit_code == 2
    assert "expected a name such as FILE.html" in result.stderr
    assert not list(tmp_path.iterdir())


def test_an_unwritable_report_leaves_no_file_and_old_ones_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert call("verify", "tahn(x)", "--report", str(page)).exit_code == 2
    assert not page.exists()
    page.write_text("old")
    assert call("verify", "tahn(x)", "--report", str(page)).exit_code == 2
    assert page.read_text() == "old"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
@pytest.mark.parametrize("where", ["output", "stdout"])
def test_nothing_judged_is_lost_when_the_output_is_full(where: str) -> None:
    with open("/dev/full", "w") as full:
        options = ["--output", "/dev/full"] if where == "output" else []
        running = process("verify", "--input", "-", *options, stdout=full if where == "stdout" else subprocess.PIPE)
        _, err = running.communicate(lines(RIGHT, WRONG), timeout=60)
    first, *rest, last = err.splitlines()
    assert "No space left" in first
    assert [json.loads(line)["verdict"] for line in rest] == ["agree", "wrong"]
    assert last == "2 records: 1 agree · 1 wrong"
    assert running.returncode == 1  # 2 if nothing were wrong


def test_ctrl_c_keeps_what_was_judged_and_says_how_far_it_came() -> None:
    running = process("verify", "--input", "-")
    assert running.stdin
    assert running.stdout
    running.stdin.write(lines(RIGHT, WRONG))
    running.stdin.flush()
    judged = [json.loads(running.stdout.readline()) for _ in range(2)]
    running.send_signal(signal.SIGINT)
    # only then may its input end: a system that delivers both at once may show the end first
    assert running.wait(timeout=60) == 130
    out, err = running.communicate(timeout=60)
    assert [r["verdict"] for r in judged] == ["agree", "wrong"]
    assert out == ""
    counted = "2 records were judged and written (1 agree · 1 wrong); what follows was not"
    assert err == f"gradjury: interrupted: {counted}\n"


def test_a_reader_that_goes_away_ends_the_work_quietly() -> None:
    running = process("verify", "--input", "-")
    assert running.stdin
    assert running.stdout
    running.stdin.write(lines(RIGHT))
    running.stdin.flush()
    running.stdout.readline()
    running.stdout.close()
    running.stdin.write(lines(RIGHT, RIGHT))
    running.stdin.close()
    assert running.wait(timeout=60) == 141
    assert running.stderr
    with running.stderr as err:
        assert err.read() == ""


def test_output_that_cannot_show_a_character_does_not_crash() -> None:
    environment = {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(gradjury.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-m", "gradjury", "verify", "x**2*sin(x)", "--at", "x=1"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("agree")


# ---- campaigns ---------------------------------------------------------------------------------------------


def test_a_campaign_is_reproduced_by_its_seed_and_its_store_is_reported(tmp_path: Path) -> None:
    store, page = tmp_path / "c.db", tmp_path / "c.html"
    common = ["run", "--functions", "6", "--points", "2", "--seed", "3", "--json"]
    first = call(*common, "--store", str(store), "--report", str(page))
    again = call(*common)
    found = results(first.stdout)
    assert [r["index"] for r in found] == list(range(6))
    assert all(r["verdict"] in EXPLANATIONS for r in found)
    assert first.stdout == again.stdout
    assert call("report", str(store), "--json").stdout == first.stdout
    assert "6 functions were judged at 12 points" in page.read_text()
    assert call("report", str(store)).exit_code == 0
    assert (tmp_path / "c.db.html").exists()
    assert call(*common, "--store", str(store)).exit_code == 2


def test_ctrl_c_keeps_the_functions_of_a_campaign_that_were_judged(tmp_path: Path) -> None:
    store = tmp_path / "c.db"
    running = process("run", "--functions", "1000000", "--points", "1", "--store", str(store))
    deadline = time.monotonic() + 60
    while not store.exists() or not any(results(call("report", str(store), "--json").stdout)):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    kept = len(results(call("report", str(store), "--json").stdout))
    go_on = f"gradjury run --resume {store}"
    judged = f"{kept:,} of 1,000,000 functions were judged and kept in {store}"
    assert err == f"gradjury: interrupted: {judged}; {go_on} goes on\n"
    assert "agree" in out


def test_jobs_change_nothing_but_the_time() -> None:
    common = ["run", "--functions", "20", "--points", "2", "--json", "--special", "0.2"]
    assert call(*common).stdout == call(*common, "--jobs", "2").stdout


def test_the_report_is_written_although_the_reader_goes_away(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    running = process("run", "--functions", "2", "--json", "--report", str(page))
    assert running.stdout
    assert running.stdin
    assert running.stderr
    running.stdout.close()
    running.stdin.close()
    assert running.wait(timeout=60) == 141
    with running.stderr as err:
        assert err.read() == ""
    assert page.read_text().endswith("</html>\n")


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_follows_the_terminal(variables: dict[str, str], coloured: bool) -> None:
    pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(Path(gradjury.__file__).parents[1]), "TERM": "xterm", **variables}
    command = [sys.executable, "-m", "gradjury", "verify", "Abs(x)", "--at", "x=0"]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as running:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
        assert running.wait(timeout=60) == 0
    os.close(ours)
    assert b"kink" in shown
    assert (b"\x1b[1;33mkink" in shown) is coloured
    assert (b"33m" in shown) is coloured


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_a_campaign_in_words() -> None:
    result = call("run", "--functions", "4", "--points", "2", "--seed", "11")
    assert result.exit_code == 0
    for words in ("functions", "agree", "engine", "numpy", "seed", "11"):
        assert words in result.stdout


# ---- the rest ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", EXPLANATIONS)
def test_explain(verdict: str) -> None:
    result = call("explain", verdict)
    assert result.exit_code == 0
    assert " ".join(result.stdout.split()).startswith(f"{verdict}: {EXPLANATIONS[verdict].meaning}")
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_explain_without_a_verdict_names_all_with_their_meanings() -> None:
    result = call("explain")
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert all(f"{verdict} {explanation.meaning}" in said for verdict, explanation in EXPLANATIONS.items())


def test_engines() -> None:
    import numpy

    result = call("engines")
    assert result.exit_code == 0
    listed = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert listed.pop("numpy") == numpy.__version__
    for name, words in listed.items():  # the others are extras
        assert words == f"not available: pip install 'gradjury[{name.replace('_', '-')}]'" or words[0].isdigit()


def test_help_states_the_limits_and_the_exit_status() -> None:
    text = " ".join(call("verify", "--help").stdout.split())
    assert "at most 100,000 characters in an expression" in text
    assert "--timeout bounds the seconds a function" in text
    assert "Exit status: 1 if a verdict of --fail-on occurs" in text
    assert call().stdout == call("--help").stdout
    assert "verify" in call().stdout


def test_version() -> None:
    assert call("--version").stdout == f"gradjury {gradjury.__version__}\n"


def test_a_point_is_named_as_python_reads_the_expression() -> None:
    shown = CliRunner().invoke(main, ["verify", "\u00b5**2", "--at", "\u00b5=2"])
    assert shown.exit_code == 0, shown.output
