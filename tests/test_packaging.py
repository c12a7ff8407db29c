"""The package as it is installed: its list of parts, its links, and who imports whom."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("engine", "verifier", "properties", "reports")
LAYERS = (*PARTS, "gradjury")
THIRD_PARTY = {
    "engine": {"numpy", "scipy", "mpmath"},
    "verifier": {"numpy", "scipy", "sympy", "flint", "mpmath"},
    "properties": {"numpy", "scipy", "sympy", "flint", "hypothesis", "pytest"},
    "reports": {"numpy", "scipy", "sympy", "flint", "hypothesis", "pytest", "jinja2", "markupsafe", "rich"},
    "gradjury": {"numpy", "scipy", "sympy", "flint", "hypothesis", "pytest", "jinja2", "markupsafe", "rich", "click"},
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def modules(layer: str) -> Iterator[Path]:
    """The Python files of a folder, the face's links not followed."""
    folder = ROOT / layer
    yield from (p for p in sorted(folder.rglob("*.py")) if not any(q.is_symlink() for q in p.parents))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything a module imports; relative names as if under ``gradjury``."""
    inside = path.relative_to(ROOT).with_suffix("").parts
    package = ("gradjury", *(inside[1:-1] if inside[0] == "gradjury" else inside[:-1]))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"gradjury.{alias.name}" for alias in node.names] if name == "gradjury" else [name]
            yield from ((node.lineno, name) for name in names)


def layer_of(name: str) -> str:
    part = name.split(".")[1] if "." in name else ""
    return part if part in PARTS else "gradjury"


def violations(layer: str, path: Path) -> Iterator[str]:
    for line, name in imports(path):
        first = name.split(".")[0]
        place = f"{path.relative_to(ROOT)}:{line} imports {name}"
        if first == "gradjury":
            if LAYERS.index(layer_of(name)) > LAYERS.index(layer):
                yield f"{place}, which stands above {layer}"
        elif first in PARTS:
            yield f"{place}: a second identity of gradjury.{name}"
        elif first == path.stem.removeprefix("from_").removesuffix("_watch"):
            continue  # an adapter, and what watches an engine's operations, import the extra they are named for
        elif path.parent.name == "serve" and first in ("starlette", "uvicorn"):
            continue  # the live pages are an extra
        elif first not in sys.stdlib_module_names and first not in THIRD_PARTY[layer]:
            yield f"{place}, which {layer} does without"


@pytest.mark.parametrize("layer", LAYERS)
def test_each_folder_imports_only_what_stands_below_it(layer: str) -> None:
    paths = list(modules(layer))
    assert paths, f"{layer} holds no modules"
    assert [v for path in paths for v in violations(layer, path)] == []


def test_the_table_of_the_rooms_says_what_each_may_import() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| `([a-z]+)/` \| `gradjury.*\| ([^|]+) \|$", text, re.MULTILINE)
    assert tuple(layer for layer, _ in rows) == LAYERS
    below: set[str] = set()
    for layer, may in rows:
        rooms, _, own = may.rpartition("; ")
        assert rooms == ("all above" if below else "")
        assert {name.strip().removeprefix("python-") for name in own.split(",")} == THIRD_PARTY[layer] - below
        below |= THIRD_PARTY[layer]


def test_the_check_of_imports_sees_a_violation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    bad = tmp_path / "engine" / "primitives" / "bad.py"
    bad.parent.mkdir(parents=True)
    lines = (
        "import sympy, math",
        "from ...verifier.errors import Unsupported",
        "from .. import tape",
        "import engine.tape",
    )
    bad.write_text("\n".join([*lines, "import gradjury as gj", "from gradjury import engine, verify"]))
    found = list(violations("engine", bad))
    assert [f.split(" imports ")[1].split(",")[0].split(":")[0] for f in found] == [
        "sympy",
        "gradjury.verifier.errors",
        "engine.tape",
        "gradjury",
        "gradjury.verify",
    ]


def test_each_engine_under_test_is_imported_by_its_adapter_alone() -> None:
    from gradjury.verifier.engines import ADAPTERS

    adapters = {p.stem for p in (ROOT / "verifier/engines").glob("*.py")} - {"__init__", "common"}
    assert adapters == set(ADAPTERS)


def test_tests_and_benchmarks_import_the_package_by_its_name() -> None:
    for folder in ("tests", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            for line, name in imports(path):
                assert name.split(".")[0] not in PARTS, f"{path.relative_to(ROOT)}:{line} imports {name}"


def test_the_list_of_packages_is_the_tree() -> None:
    found = {"gradjury"}
    for init in (path for layer in LAYERS for path in modules(layer) if path.name == "__init__.py"):
        parts = init.parent.relative_to(ROOT).parts
        found.add(".".join(parts if parts[0] == "gradjury" else ("gradjury", *parts)))
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == sorted(found)


def test_every_folder_of_modules_is_a_package() -> None:
    for part in PARTS:
        for path in modules(part):
            assert (path.parent / "__init__.py").exists(), f"{path.parent.relative_to(ROOT)} lacks __init__.py"


@pytest.mark.skipif((ROOT / "PKG-INFO").exists(), reason="a source distribution holds no links")
@pytest.mark.parametrize("part", PARTS)
def test_the_face_links_to_each_folder(part: str) -> None:
    link = ROOT / "gradjury" / part
    assert link.is_symlink()
    assert str(link.readlink()) == f"../{part}"
    assert PROJECT["tool"]["setuptools"]["package-dir"][f"gradjury.{part}"] == part


def test_a_source_distribution_holds_what_its_tests_read() -> None:
    manifest = [line.split() for line in (ROOT / "MANIFEST.in").read_text().splitlines() if line and line[0] != "#"]
    named = {word for command, *words in manifest if command in ("graft", "include") for word in words}
    assert all((ROOT / name).exists() for name in named)
    code = "".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    read = set(re.findall(r'\b(?:ROOT|root) / "([^"/]+)', code)) - {*LAYERS, "LICENSE", "README.md", "pyproject.toml"}
    assert {name for name in read if (ROOT / name).exists()} - {"PKG-INFO"} <= named


def test_templates_are_installed() -> None:
    import gradjury.reports

    folder = Path(gradjury.reports.__file__).parent / "templates"
    assert {p.name for p in folder.iterdir()} == {p.name for p in (ROOT / "reports" / "templates").iterdir()}


def test_every_licence_of_what_is_installed_is_stated() -> None:
    texts = {path.relative_to(ROOT).as_posix() for path in (ROOT / "reports" / "templates").glob("*.OFL.txt")}
    assert texts
    assert {"LICENSE", *texts} == set(PROJECT["project"]["license-files"])
    assert PROJECT["project"]["license"] == "MIT AND OFL-1.1"


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, gradjury; print(sorted({'numpy', 'scipy', 'sympy', 'flint', 'rich'} & set(sys.modules)))"
    import gradjury

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(gradjury.__file__).parents[1],
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "light"),
    [
        ("--help", {"numpy", "scipy", "sympy", "flint", "rich", "hypothesis", "pytest", "jinja2"}),
        ("explain wrong", {"numpy", "scipy", "sympy", "flint", "rich", "hypothesis", "pytest", "jinja2"}),
        ("verify x**2 --at x=1", {"hypothesis", "pytest", "jinja2", "starlette"}),
    ],
)
def test_a_command_waits_for_nothing_that_it_does_not_need(words: str, light: set[str]) -> None:
    code = (
        "import sys; from gradjury.cli import main; import contextlib, io\n"
        f"with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): main({words.split()!r})\n"
        f"print(sorted({light!r} & set(sys.modules)))"
    )
    import gradjury

    folder = Path(gradjury.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=folder)
    assert done.stdout.strip() == "[]"


def test_every_command_is_a_module_with_a_command_of_its_name() -> None:
    from gradjury.cli import COMMANDS, main

    folder = Path(main.get_command.__globals__["__file__"]).parent / "commands"
    assert set(COMMANDS) == {path.stem for path in folder.glob("*.py")} - {"__init__"}
    with main.make_context("gradjury", ["explain", "wrong"]) as ctx:
        for name in COMMANDS:
            found = main.get_command(ctx, name)
            assert found is not None
            assert found.name == name


def test_public_names_exist_and_strangers_do_not() -> None:
    import gradjury

    for name in gradjury.__all__:
        assert getattr(gradjury, name) is not None
        assert name in dir(gradjury)
    with pytest.raises(AttributeError, match="no attribute 'verfy'"):
        gradjury.verfy  # noqa: B018


def test_every_engine_is_an_extra_that_any_pip_finds() -> None:
    from gradjury.verifier.engine_names import install_hint, known

    declared = PROJECT["project"]["optional-dependencies"]
    assert all(extra == extra.lower().replace("_", "-").replace(".", "-") for extra in declared)
    hints = {install_hint(name) for name in known() if name != "numpy"}
    assert hints <= {f"pip install 'gradjury[{extra}]'" for extra in declared}
    asked = re.search(r'-e "\.\[(.*)\]"', (ROOT / ".ci" / "run").read_text())
    assert asked is not None
    assert set(asked[1].split(",")) <= set(declared)


def test_the_oldest_releases_that_are_tested_are_those_that_are_allowed() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    pinned = tox["testenv:lowest"]["deps"].split()
    assert [pin.replace("==", ">=").removesuffix(".0") for pin in pinned] == PROJECT["project"]["dependencies"]
