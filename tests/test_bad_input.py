"""Bad input on the command line and in Python: one line, status 2, no traceback."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import gradjury as gj
from gradjury.cli import main
from gradjury.properties import campaign

from .reports.records import agreeing


def call(*words: Any, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin, prog_name="gradjury")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("verify", "x", "--timeout", "nan"), "'nan' is not a finite number."),
        (("verify", "x", "--timeout", "inf"), "'inf' is not a finite number."),
        (("run", "--seed", "1", "--report"), "requires an argument. (see gradjury run --help)"),
        (("lesson", "log(x - 2)", "--at", "x=1"), "y = nan, since log(a) is real where a > 0; here a = -1: expected"),
        (("run", "--timeout", "nan", "--jobs", "2"), "'nan' is not a finite number."),
        (("run", "--special", "nan"), "'nan' is not a finite number."),
        (("serve", "--timeout", "nan"), "'nan' is not a finite number."),
        (("run", "--functions", "abc"), "'abc' is not a valid whole number."),
        (("run", "--special", "abc"), "'abc' is not a valid number."),
        (("run", "--functions", "0"), "0 is not in the range x>=1."),
        (("verify", "x = 3", "--at", "x=1"), "--at gives a value for x, but the expression has no variables"),
        (("verify", "x*y", "--at", "x=1,2", "--at", "y=1,2,3"), "at: 2 numbers for 'x', 3 numbers for 'y'; expected"),
        (("verify", "x", "--fail-on", "bad"), "'bad' is no verdict; expected some of agree, "),
        (("verify", "x", "--fail-on", ","), "',' names no verdict; expected some of agree, "),
        (("verify", "x", "--fail-on", " "), "' ' names no verdict; expected some of agree, "),
        (("verify", "x", "--fail-on", "invalid"), "'invalid' fails anyway; expected some of agree, "),
        (("audit", "--primitive", "tahn"), "did you mean tan"),
        (("verify", "x", "--engine", "numpy", "--engine", "torch"), "--engine is given twice; expected it once"),
        (("verify", "--input", "a", "--input", "b"), "--input is given twice; expected it once"),
        (("report", "a.db", "-o", "b", "-o", "c"), "-o is given twice; expected it once"),
        (("lesson", "x", "--seed", "1", "--seed", "2"), "--seed is given twice; expected it once"),
        (("verify", "x", "--report", ""), "'--report': it is empty; expected FILE.html"),
        (("verify", "--input", ""), "'--input': it is empty; expected FILE.jsonl"),
        (("run", "--store", ""), "'--store': it is empty; expected FILE"),
        (("run", "--resume", ""), "'--resume': it is empty; expected FILE"),
        (("conformance", "--engine", "numpy", "--summary", ""), "'--summary': it is empty; expected FILE.json"),
        (("audit", "--primitive", "qqqq"), "in all, each in docs/expressions.md)"),
    ],
)
def test_one_line_and_status_2(words: tuple[str, ...], message: str) -> None:
    result = call(*words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 300


def test_a_function_of_thousands_of_operations_is_shown_without_their_products() -> None:
    shown = call("verify", "x" + "+x" * 3000, "--at", "x=1", "--timeout", "20")
    assert shown.exit_code == 0
    assert "the chain rule's products" not in shown.stdout
    assert "the chain rule's products" in call("verify", "x" + "+x" * 30, "--at", "x=1").stdout


@pytest.mark.parametrize("words", [("verify", "x**2", "--timeout", "1e300"), ("verify", "x**2", "--seed", "-1")])
def test_what_is_far_out_but_clear_is_taken(words: tuple[str, ...]) -> None:
    assert call(*words).exit_code == 0


def test_a_negative_seed_of_a_lesson(tmp_path: Path) -> None:
    assert call("lesson", "x**2", "--seed", "-1", "-o", tmp_path / "lesson.html").exit_code == 0


def test_an_engine_that_raises_is_undecided_with_status_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "explosive.py").write_text(
        "import gradjury as gj\n"
        "class Bad(gj.TapeRunner):\n"
        "    name, version = 'explosive', '1'\n"
        "    def differentiate(self, function, inputs):\n"
        "        raise RuntimeError('boom')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    one = call("verify", "x*2", "--at", "x=1", "--engine", "explosive:Bad", "--json")
    assert one.exit_code == 2
    assert json.loads(one.stdout)["verdict"] == "undecided"
    assert json.loads(one.stdout)["error"] == "crashed: explosive: RuntimeError: boom (explosive.py, line 5)"
    shown = call("verify", "x*2", "--at", "x=1", "--engine", "explosive:Bad")
    assert (shown.exit_code, "explosive: RuntimeError: boom" in shown.stdout) == (2, True)
    line = json.dumps({"expression": "x*2", "at": {"x": 1}})
    many = call("verify", "--input", "-", "--engine", "explosive:Bad", stdin=line)
    assert many.exit_code == 2
    assert many.stderr == "gradjury: 1 of the records crashed, and are undecided for that reason; they say how\n"


def test_an_audit_of_an_engine_that_raises_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "raising.py").write_text(
        "import gradjury as gj\n"
        "class Bad(gj.TapeRunner):\n"
        "    name, version = 'raising', '1'\n"
        "    def held(self, array):\n"
        "        return array\n"
        "    def differentiate(self, function, inputs):\n"
        "        raise RuntimeError('[boom]')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    words = ("audit", "--engine", "raising:Bad", "--primitive", "mul", "--functions", "20", "--no-peers")
    shown = call(*words)
    assert shown.exit_code == 2
    assert "crashed: raising: RuntimeError: [boom] (raising.py, line 7)" in " ".join(shown.stdout.split())
    assert shown.stderr.startswith("gradjury: the engine failed over ")
    assert shown.stderr.count("\n") == 1
    counted = json.loads(call(*words, "--json").stdout)
    assert counted["failed"][0]["why"] == "crashed: raising: RuntimeError: [boom] (raising.py, line 7)"


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_report_of_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "empty.jsonl").write_text(content)
    result = call("report", tmp_path / "empty.jsonl")
    assert result.exit_code == 2
    assert "empty.jsonl' holds no results; expected a store, or results of gradjury verify" in result.stderr
    assert not list(tmp_path.glob("*.html"))


def test_a_store_is_not_compared_with_results(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(json.dumps(agreeing()) + "\n")
    campaign.run(1, 1, store=tmp_path / "s.db")
    result = call("report", tmp_path / "s.db", "--compare", tmp_path / "r.jsonl")
    assert result.exit_code == 2
    assert "s.db is a store of a campaign, " in result.stderr
    assert "r.jsonl is a results file of verify; expected two of one kind" in result.stderr


def test_a_record_whose_gradient_is_empty_is_invalid() -> None:
    line = json.dumps({"expression": "x", "at": {"x": 1}, "gradient": {}})
    result = call("verify", "--input", "-", stdin=line)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["verdict"] == "invalid"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"at": "x=1"}, "at: got 'x=1'; expected a mapping from variables to a number"),
        ({"at": {"x": [1.0, 2.0]}}, r"at: x: got \[1\.0, 2\.0\]; expected a finite number"),
        ({"at": {"x": 1.0}, "language": "fr"}, "language: got 'fr'; expected en or ko"),
    ],
)
def test_arguments_of_a_lesson(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(gj.InvalidInput, match=message):
        gj.lesson("x**2", **arguments)


def test_verdicts_as_one_text() -> None:
    wrong = {"x": 3.0}
    gj.assert_gradient("x**2", wrong, {"x": 1.0}, fail_on="nonfinite, undecided")
    with pytest.raises(AssertionError):
        gj.assert_gradient("x**2", wrong, {"x": 1.0}, fail_on="nonfinite,wrong")
    for bad, message in (
        ("rwong", "fail_on: 'rwong' is no verdict"),
        (3, "fail_on: got 3; expected names"),
    ):
        with pytest.raises(gj.InvalidInput, match=message):
            gj.assert_gradient("x**2", wrong, {"x": 1.0}, fail_on=bad)  # type: ignore[arg-type]
    with pytest.raises(gj.InvalidInput, match="at: x: given 'a'; expected a number"):
        gj.assert_gradient("x**2", lambda x: 2 * x, {"x": "a"})
    with pytest.raises(gj.InvalidInput, match=r"the gradient returned .*'a'.* for x; expected a number"):
        gj.assert_gradient("x**2", lambda x: "a", {"x": 1.0})
    with pytest.raises(gj.InvalidInput, match="at: got 3; expected a mapping"):
        gj.assert_gradient("x**2", lambda x: 2 * x, 3)  # type: ignore[arg-type]


def test_arguments_of_the_drop_ins() -> None:
    with pytest.raises(gj.InvalidInput, match=r"grad: it returns an array of shape \(3,\); expected 2 numbers"):
        gj.check_grad(lambda x: np.sum(x**2), lambda x: np.ones(3), [1.0, 2.0])
    with pytest.raises(gj.InvalidInput, match="order: got 0; expected a whole number from 1"):
        gj.check_grads(np.sin, (1.0,), 0)
    with pytest.raises(gj.InvalidInput, match="fail_on: 'rwong' is no verdict"):
        gj.check_grads(np.sin, (1.0,), 1, fail_on="rwong")


@pytest.mark.parametrize("function", [lambda x: 1.0 if x > 0 else x, lambda x: None])
def test_errors_of_the_engine_have_the_one_base(function: Any) -> None:
    with pytest.raises(gj.GradjuryError) as caught:
        gj.verify(function, at={"x": 1.0})
    assert isinstance(caught.value, gj.EngineError)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["test_knks.py"], "'test_knks.py' is no chapter of the suite; did you mean test_kinks.py"),
        (["test_kinks"], "'test_kinks' is no chapter of the suite; did you mean test_kinks.py"),
        (["-q", "-x", "test_pows.py"], "'test_pows.py' is no chapter of the suite; did you mean test_powers.py"),
        (["tanh"], "'tanh' is no chapter of the suite; expected one of test_activations.py, "),
        (["test_kinks.py::test_tie"], "'test_tie' is no test of test_kinks.py; expected one of test_ties, "),
        (["--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["-q", "-k", "("], "Wrong expression passed to '-k'"),
    ],
)
def test_what_the_suite_cannot_choose_is_one_line(arguments: list[str], words: str) -> None:
    result = call("conformance", "--engine", "numpy", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("gradjury: ")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["findings", "conformance"])
def test_a_page_that_cannot_be_read_is_said_before_the_work_and_stays(tmp_path: Path, command: str) -> None:
    page = tmp_path / "page.md"
    page.write_bytes(b"\xff\xfe")
    option = "-o" if command == "findings" else "--table"
    result = call(command, "--engine", "torch", option, page)
    assert result.exit_code == 2
    assert result.stderr.endswith("page.md' is no UTF-8 (byte 1); expected a page\n")
    assert page.read_bytes() == b"\xff\xfe"


def test_a_table_without_an_end_takes_nothing_from_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- the table begins -->\nafter\n")
    result = call("conformance", "--engine", "numpy", "--table", page)
    assert result.exit_code == 2
    assert "without '<!-- the table ends -->' behind it; expected both or none" in result.stderr
    assert page.read_text().endswith("after\n")


@pytest.mark.parametrize("seconds", ["nan", "-3", "0", "abc"])
def test_the_time_limit_of_the_suite(seconds: str, capfd: pytest.CaptureFixture[str]) -> None:
    result = call("conformance", "--engine", "numpy", "test_hyperbolic.py", "--time-limit", seconds)
    assert result.exit_code == 2
    assert f"'{seconds}' is no finite number above 0" in capfd.readouterr().err + result.stderr


@pytest.mark.parametrize(
    "value",
    [[1.0, None], np.array([1, None], object), b"1", np.datetime64("2020"), [1j, 2], np.ma.masked_array([1.0], [True])],
)
def test_what_numpy_would_make_floats_of_is_refused(value: Any) -> None:
    with pytest.raises(gj.InvalidInput, match=r"at: x: given .*; expected a number, or K numbers"):
        gj.verify("x*2", at={"x": value})
    with pytest.raises(gj.InvalidInput, match=r"gradient: x: given .*; expected a number, or K numbers"):
        gj.verify("x*2", at={"x": 1.0}, gradient={"x": value})


@pytest.mark.parametrize("value", [None, "a", 1j, [1.0, None], b"1", 10**400])
def test_arguments_of_a_gradient(value: Any) -> None:
    with pytest.raises(gj.GradjuryError, match=r"grad: argument 1: got .*; expected a number, or an array of them"):
        gj.grad(lambda x: x * x)(value)


def test_gradients_are_traced_and_differentiated_as_before() -> None:
    assert gj.grad(gj.grad(lambda x: x**3))(2.0) == pytest.approx(12.0)
    assert gj.grad(lambda x: x * x)([1.0, 2]).tolist() == [2.0, 4.0]
    with pytest.raises(gj.GradjuryError, match="grad: got 'x'; expected a Python function"):
        gj.grad("x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: {"a": x}, "function: it returns a dict; expected one number"),
        (lambda x: x * 1j, "an operation on a Variable takes numbers, not complex 1j"),
        (lambda x: x * np.datetime64("2020"), "an operation on a Variable takes numbers, not datetime64"),
        (lambda x: x * 10**5000, "an operation on a Variable takes numbers of at most 13,288 bits"),
        (lambda *, k: k, "at: no value for variable 'k'; given: x"),
    ],
)
def test_functions_that_hold_no_numbers(function: Any, message: str) -> None:
    with pytest.raises(gj.GradjuryError, match=message) as caught:
        gj.verify(function, at={"x": 1.0})
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_an_engine_that_is_a_text(tmp_path: Path) -> None:
    with pytest.raises(gj.InvalidInput, match="engine: 'os:getcwd' makes a text; expected MODULE:CLASS of an engine"):
        gj.verify("x", at={"x": 1.0}, engine="os:getcwd")


def test_more_arguments_of_the_drop_ins_and_of_campaigns() -> None:
    for call_it, message in (
        (lambda: gj.check_grad(None, None, [1.0]), "func: got None; expected a function"),
        (lambda: gj.check_grad(np.sum, 3, [1.0]), "grad: got 3; expected a function"),
        (lambda: gj.check_grad(np.sum, np.ones_like, "a"), "x0: got 'a'; expected an array of numbers"),
        (lambda: gj.check_grad(np.sum, np.ones_like, []), r"x0: got \[\]; expected one number at least"),
        (lambda: gj.check_grads(None, (1.0,), 1), "f: got None; expected a function"),
        (lambda: gj.check_grads(np.sin, 1.0, 1), r"args: got 1\.0; expected a tuple of the function's arguments"),
        (lambda: gj.check_grads(np.sin, (), 1), r"args: got \(\); expected a tuple"),
        (lambda: gj.resume(None), "store: got None; expected the path of a file"),
        (
            lambda: gj.run(1, 1, grammar={"primitives": ["tahn"]}),
            "primitives: 'tahn' is no operation; did you mean tan",
        ),
    ):
        with pytest.raises(gj.InvalidInput, match=message):
            call_it()


def test_a_point_that_is_nan_has_no_distance() -> None:
    assert np.isnan(gj.check_grad(lambda x: x[0] * 2, lambda x: [2.0], [float("nan")]))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x // 2, "TypeError: unsupported operand type"),
        (
            lambda x: np.round(x),
            "numpy.round cannot be traced; expected operators, functions of numbers such as numpy.exp",
        ),
        (lambda x: np.fft.fft(x), "numpy.fft.fft cannot be traced; expected operators"),
        (lambda x: np.sinc(x=x), "numpy.sinc cannot be traced in this form; expected numpy.sinc(x)"),
        (lambda x: round(x), "TypeError: type Variable doesn't define __round__"),
        (lambda x: divmod(x, 2)[0], "TypeError: unsupported operand type"),
        (lambda x: x @ x, "TypeError: unsupported operand type"),
        (lambda x: len(x), "TypeError: object of type 'Variable' has no len"),
        (lambda x: np.exp(np.array([x, x])), "function: it returns an array of shape (2,); expected one number"),
        (lambda x: np.exp(np.array([x, 1.0])), "TypeError: loop of ufunc"),
        (lambda x: np.logaddexp(np.array([x, x]), 1), "TypeError: ufunc 'logaddexp' not supported"),
        (lambda x: np.float64(x), "the float (math.* and arrays of floats ask for it) of a Variable was asked for"),
        (lambda x: np.sin(np.asarray(x, float)), "arrays of floats ask for it"),
        (lambda x: np.sum(np.maximum(np.array([x, 1 - x]), 0)), "use numpy.where"),
        (lambda x: (x > 0) * x, "a comparison of Variables is no number; use numpy.where(condition, 1, 0)"),
        (lambda x: x.sum(), "AttributeError: 'Variable' object has no attribute 'sum'"),
        (lambda x: 1 / 0 * x, "ZeroDivisionError: division by zero"),
        (lambda x: [x], "function: it returns a list; expected one number"),
        (lambda x: (x, x), "function: it returns a tuple; expected one number"),
        (lambda x: None, "function: it returns None; expected one number"),
        (lambda x: x > 0, "function: it returns a condition; expected one number"),
        (lambda x: np.array([x, x]), "function: it returns an array of shape (2,); expected one number"),
    ],
)
def test_what_cannot_be_traced_is_said_in_one_line(function: Any, message: str) -> None:
    with pytest.raises(gj.GradjuryError) as caught:
        gj.verify(function, at={"x": 1.5})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_function_of_another_library_is_told_of_its_engine() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(gj.GradjuryError, match=r"; a function written with torch is judged with engine='torch'$"):
        gj.verify(lambda x: torch.sin(x), at={"x": 1.0})


def test_a_function_of_numpy_is_told_of_no_engine() -> None:
    with pytest.raises(gj.GradjuryError, match=r"has no attribute 'sum'$"):
        gj.verify(lambda x: x.sum(), at={"x": 1.0})


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--functions", "2", "--report"),
        ("verify", "x**2", "--at", "x=1", "--report"),
        ("verify", "--input", "-", "--output"),
        ("lesson", "x**2", "--at", "x=1", "-o"),
        ("findings", "-o"),
        ("conformance", "--engine", "numpy", "--summary"),
    ],
)
def test_a_store_is_not_written_over(tmp_path: Path, words: tuple[str, ...]) -> None:
    store = tmp_path / "campaign.db"
    gj.run(functions=2, store=str(store))
    before = store.read_bytes()
    result = call(*words, store, stdin='{"expression": "x", "at": {"x": 1}}')
    assert result.exit_code == 2
    assert result.stderr.endswith("campaign.db': it is the store of a campaign\n")
    assert store.read_bytes() == before


@pytest.mark.parametrize(("expression", "verdict"), [("2", "agree"), ("1/0", "undefined"), ("log(-1)", "undefined")])
def test_a_number_needs_no_points(expression: str, verdict: str) -> None:
    found = gj.verify(expression)
    assert (found.verdict, len(found.points)) == (verdict, 1)
    assert call("verify", expression).stdout.startswith(f"{verdict}: ")


@pytest.mark.parametrize(
    ("at", "numbers", "message"),
    [
        (1.0, [1.0, 2.0], "gradient: 2 numbers for 'x' at 1 point; expected 1"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], "gradient: 2 numbers for 'x' at 3 points; expected 1 or 3"),
    ],
)
def test_numbers_that_are_not_as_many_as_the_points(at: Any, numbers: Any, message: str) -> None:
    with pytest.raises(gj.InvalidInput) as caught:
        gj.verify("x**2", at={"x": at}, gradient={"x": numbers})
    assert str(caught.value) == message
