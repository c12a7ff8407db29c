"""The documentation says what the code does."""

from __future__ import annotations

import ast
import html
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import gradjury
from gradjury.cli import COMMANDS, main
from gradjury.engine import REGISTRY
from gradjury.reports.verdicts import EXPLANATIONS, FAILING
from gradjury.verifier import judge_record, parse_line, read
from gradjury.verifier.limits import DEFAULT
from gradjury.verifier.reading.vocabulary import SYNTAX, lookup

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("engine", "verifier", "properties", "reports", "gradjury")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("*/*.md")])


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", prose):
        if "//" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_page_is_reached_from_the_index() -> None:
    linked = set(re.findall(r"\]\(([a-z-]+\.md)", (ROOT / "docs/index.md").read_text()))
    assert linked == {p.name for p in (ROOT / "docs").glob("*.md")} - {"index.md"}


def test_the_command_page_names_every_command_and_option() -> None:
    text = (ROOT / "docs/cli.md").read_text()
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        assert re.search(rf"^## .*\b{name}\b", text, re.MULTILINE), f"no section on {name}"
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert any(option in text for option in parameter.opts), f"{name}: {parameter.opts}"


def test_documented_commands_exist() -> None:
    for page in PAGES:
        code = re.findall(r"`([^`\n]+)`", page.read_text()) + blocks(page, "(?:sh|console|text)")
        for name in re.findall(r"\bgradjury ([a-z]+)\b", "\n".join(code)):
            assert name in COMMANDS, f"{page.name}: gradjury {name}"


def test_the_architecture_says_what_every_module_of_the_verifier_is_for() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    table = re.search(r"^\| package \| modules .*\n\|---.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None
    named, package = [], ""
    for row in table[1].splitlines():
        _, folder, modules, *_ = row.split("|")
        package = folder.strip(" `/").removeprefix("verifier") if folder.strip() else package
        named += [(package, name) for name in re.findall(r"`([a-z_0-9]+)`", modules)]
    found = [path.relative_to(ROOT / "verifier") for path in (ROOT / "verifier").rglob("*.py")]
    modules = {(path.parent.name, path.stem) for path in found if path.stem != "__init__"}
    adapters = {(folder, name) for folder, name in modules if folder == "engines" and name != "common"}
    assert sorted(named) == sorted(modules - adapters)


def test_the_map_of_the_tests_leads_from_every_module_to_a_test() -> None:
    text = (ROOT / "tests/README.md").read_text()
    rows = re.findall(r"^\| (`.*) \| (`.*) \|$", text[text.index("## Tested through others") :], re.MULTILINE)
    through = {path for modules, _ in rows for path in _named_in(modules)}
    for part in PARTS:
        for path in (p for p in (ROOT / part).rglob("*.py") if not any(q.is_symlink() for q in p.parents)):
            inside = path.relative_to(ROOT / part) if part == "gradjury" else path.relative_to(ROOT)
            mirror = ROOT / "tests" / inside.with_name(f"test_{path.name}")
            if not path.stem.startswith(("__", "test_")) and "conformance" not in inside.parts:
                assert mirror.exists() or {path, path.parent} & through, f"no test of {path.relative_to(ROOT)} is named"
    for path in through:
        assert path.exists(), f"there is no {path.relative_to(ROOT)}"
    for _, places in rows:
        for place in re.findall(r"`([^`]+)`", places):
            assert list((ROOT / "tests").glob(place)), place


def _named_in(modules: str) -> Iterator[Path]:
    """The modules, and the folders of modules, in a cell: in the folder of the first one."""
    names = re.findall(r"`([^`]+)`", modules.partition(" but ")[0])
    folder = ROOT / names[0].rpartition("/")[0]
    for name in names:
        path = ROOT / name if name.startswith(PARTS) and "/" in name else folder / name
        yield path if name.endswith("/") else path.with_name(f"{path.name}.py")


def test_the_documented_result_is_what_is_written() -> None:
    """Numbers are shown shortened, as far as their ``…`` or to two digits."""
    shown = next(json.loads(block) for block in blocks(ROOT / "docs/records.md", "json") if '"points"' in block)
    claim = {"expression": shown["expression"], "at": {"x": 20.0}, "gradient": {"x": 0.0}, "id": shown["id"]}
    assert _shortened(judge_record(parse_line(json.dumps(claim), 1)), shown) == shown


def _shortened(found: Any, shown: Any) -> Any:
    """A value to the digits to which another one shows it."""
    if isinstance(shown, dict):
        assert list(found) == list(shown)
        return {key: _shortened(found[key], shown[key]) for key in shown}
    if isinstance(shown, list):
        return [_shortened(*pair) for pair in zip(found, shown, strict=True)]
    if isinstance(shown, str) and "…" in shown:
        digits, exponent = shown.split("…")
        return shown if found.startswith(digits) and found.endswith(exponent) else found
    return float(f"{found:.1e}") if isinstance(shown, float) else found


def test_verdicts_are_defined() -> None:
    text = (ROOT / "docs/verdicts.md").read_text()
    table = re.findall(r"^\| `([a-z]+)` \|.*\| (no|yes)", text, re.MULTILINE)
    assert [name for name, _ in table] == [v for v in EXPLANATIONS if v != "invalid"]
    assert {name for name, fails in table if fails == "yes"} == set(FAILING)


def test_the_limits_are_those_of_the_code() -> None:
    text = (ROOT / "docs/expressions.md").read_text()
    rows = re.findall(r"^\| ([\d,]+) \| (.+) \|$", text, re.MULTILINE)
    assert "; ".join(f"at most {number} {words}" for number, words in rows) == DEFAULT.describe()


def test_documented_functions_can_be_read() -> None:
    text = (ROOT / "docs/expressions.md").read_text()
    table = text[text.index("| family |") : text.index("- `sinc`")]
    names = [n for group in re.findall(r"`([^`]+)`", table) if "(" not in group for n in group.split()]
    assert len(names) > 90
    assert [name for name in names if lookup(name) is None and name not in SYNTAX] == []


def test_every_operation_is_documented() -> None:
    text = (ROOT / "docs/expressions.md").read_text()
    documented = set(re.findall(r"\w+", text[text.index("| family |") : text.index("## Limits")]))
    operators = {"add", "sub", "mul", "div", "neg", "pow", "powc"}
    others = {"heaviside": "Heaviside", "elliptic_e_incomplete": "elliptic_e"}
    lacking = [name for name in REGISTRY if name not in operators and others.get(name, name) not in documented]
    assert not lacking, f"the table of functions in docs/expressions.md lacks {lacking}"


def test_documented_expressions_are_read() -> None:
    for line in blocks(ROOT / "docs/expressions.md", "text")[0].splitlines():
        assert read(line).operations


@pytest.mark.parametrize("page", ["docs/how-to-files.md", "docs/records.md"])
def test_documented_input_records_are_read(page: str) -> None:
    lines = [line for block in blocks(ROOT / page, "json") for line in block.splitlines() if '"at"' in line]
    records = [line for line in lines if "expression" in line and "points" not in line and line.endswith("}")]
    assert records
    for line in records:
        json.loads(line)
        assert parse_line(line, 1).expression


def _without_last_digits(line: str) -> str:
    """A line of output without what libraries and machines may change: versions, the last digits of floats, carets."""
    name = line.strip(" ^").partition(" ")[0]
    return name if name in ("engine", "difference", "") else line.rstrip()


def test_the_documented_filter_keeps_a_record_of_which_one_partial_agrees() -> None:
    [filtered] = re.findall(r"gradjury verify --input - \| (.*)", (ROOT / "docs/how-to-files.md").read_text())
    words = shlex.split(filtered)
    assert words == ["jq", "-c", 'select(.verdict != "agree")']  # of the record, whatever its partials are
    if not shutil.which("jq"):
        pytest.skip("jq is not installed")
    half = '{"expression": "x*y", "at": {"x": 1, "y": 2}, "gradient": {"x": 5, "y": 1}}\n'
    whole = '{"expression": "x*y", "at": {"x": 1, "y": 2}, "gradient": {"x": 2, "y": 1}}\n'
    judged = CliRunner().invoke(main, ["verify", "--input", "-"], input=half + whole).stdout
    kept = subprocess.run(words, input=judged, text=True, capture_output=True, check=True).stdout
    assert [json.loads(line)["verdict"] for line in kept.splitlines()] == ["wrong"]


def test_the_tutorial_shows_what_its_commands_print() -> None:
    shown = [block.splitlines() for block in blocks(ROOT / "docs/tutorial.md", "console")]
    shown = [lines for lines in shown if len(lines) > 1]
    assert len(shown) == 2
    for (command, *lines), whole in zip(shown, (True, False), strict=True):
        arguments = shlex.split(command.removeprefix("$ gradjury "))
        printed = CliRunner().invoke(main, arguments).stdout.splitlines()
        if not whole:
            assert lines.pop() == "…"
            printed = printed[: len(lines)]
        assert [_without_last_digits(line) for line in printed] == [_without_last_digits(line) for line in lines]


def test_the_python_of_the_readme_and_the_how_to_runs() -> None:
    code = "\n".join([*blocks(ROOT / "README.md", "python"), *blocks(ROOT / "docs/how-to-pytest.md", "python")])
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)  # the documentation's own code
    names["test_gradient"]()  # type: ignore[operator]


def test_the_python_page_runs_and_names_everything_public() -> None:
    page = ROOT / "docs/python.md"
    missing = [name for name in gradjury.__all__ if not name.startswith("_") and f"gj.{name}" not in page.read_text()]
    assert sorted(missing) == ["Verification"]  # what comes back
    names: dict[str, Any] = {}
    exec(compile("\n".join(blocks(page, "python")), page.name, "exec"), names)  # the documentation's own code
    assert names["found"].verdict == "wrong"
    assert names["found"].points[1].at == {"x": 5.0, "y": 2.0}
    assert names["found"].points[1].value == 2.0
    names["test_my_engine"]()


def test_public_functions_say_what_they_raise() -> None:
    """But for those that implement a method of another class, which says it, and have no text of their own."""
    no_news = {"NotImplementedError", "pytest.UsageError"}  # for who makes a subclass; how a hook ends pytest
    silent = []
    for part in ("engine", "verifier", "properties", "reports"):
        for path in sorted((ROOT / part).rglob("*.py")):
            for function in _public(ast.parse(path.read_text())):
                text = ast.get_docstring(function)
                if text is not None and "Raises:" not in text and _raised(function) - no_news:
                    silent.append(f"{path.relative_to(ROOT)}: {function.name}")
    assert silent == []


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions and methods that others may call."""
    for node in parent.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            yield node


def _raised(parent: ast.AST) -> set[str]:
    """The errors that a function makes itself, not in functions within it; a broken assertion is none."""
    found = set()
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.Raise) and node.exc is not None:
            found.add(ast.unparse(node.exc.func if isinstance(node.exc, ast.Call) else node.exc))
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            found |= _raised(node)
    return found - {"AssertionError"}


@pytest.mark.parametrize("page", [p for p in PAGES if p.parent.name == "changelog.d"], ids=lambda p: p.name)
def test_a_fragment_says_its_kind_and_begins_with_a_name(page: Path) -> None:
    if page.name != "README.md":
        assert re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md", page.name)
        assert page.read_text().startswith("`")


def test_the_picture_of_a_verdict_shows_what_the_command_prints() -> None:
    torch = pytest.importorskip("torch")
    picture = (ROOT / "docs/images/verify.svg").read_text(encoding="utf-8")
    title, *shown = html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", picture))).split()
    end = shown.index("torch") + 1
    assert (title, *shown[:2]) == ("gradjury", "$", "gradjury")
    printed = CliRunner().invoke(main, shlex.split(" ".join(shown[2:end]))).output.replace(torch.__version__, "")
    shown.pop(shown.index("engine") + 2)  # the version when the picture was made
    assert "".join(printed.split()) == "".join(shown[end:])


def test_the_readme_names_the_two_first_commands() -> None:
    install, tests = blocks(ROOT / "README.md", "sh")[:2]
    assert install.count("\n") == tests.count("\n") == 1
    assert ".venv/bin/gradjury run --report report.html" in install
    assert tests.strip() == ".venv/bin/pytest"
    assert '"$environment/bin/pytest"' in (ROOT / ".ci/run").read_text().splitlines()[-1]
