"""The course: every lesson runs, shows what it says, makes its page, and is the notebook beside it."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(path for path in (ROOT / "lessons").glob("*.py") if path.name[0].isdigit())
#: What the text of a lesson says, in the numbers that it prints.
SHOWN = {
    "01_function": ["y = A(x) = 0.25"],
    "02_composition": ["a = 0.25   b = 1.28403   y = 1.64872"],
    "03_chain_rule": ["A'(x) = 1.0   B'(a) = 1.28403   C'(b) = 2.56805", "dy/dx = 3.29744"],
    "04_multiply_from_the_output": [
        "dy/dy = 1.0",
        "① dy/db = dy/dy · C'(b) = 2.56805",
        "② dy/da = dy/db · B'(a) = 3.29744",
        "③ dy/dx = dy/da · A'(x) = 3.29744",
    ],
    "05_graph": ["2.56805 × 1.28403 = 3.29744", "dy/dx = 3.29744"],
    "06_stored_inputs": [
        "① fails",
        "gradjury's engine: the reverse sweep needs the value of every node, but they were dropped",
    ],
    "07_many_inputs": ["dloss/dw = -3.0", "dloss/dx = -0.5", "dloss/dt = 1.0"],
    "08_fan_out": [
        "overwritten: dy/dx = 2.25, dy/dw = 13.5",
        "added: dy/dx = 3.375, dy/dw = 20.25",
        "gradjury: dy/dx = 3.375, dy/dw = 20.25",
    ],
    "09_differences": ["h = 1e-01   error = 2.7e-02", "h = 1e-03   error = 2.7e-06", "h = 1e-14   error ="],
    "10_symbolic_against_numeric": [
        "a difference: 0.0",
        "symbolic:     1.6993417021166355",
        "verdict:      agree",
        "the verdict on 0: inaccurate",
    ],
    "11_wrong_derivative_found": ["wrong because of the rule of exp", "the smallest function that still fails: exp(x)"],
}
#: The idea that a lesson adds, as the title of its part of the page; a page shows those of the lessons before it too.
PARTS = {
    "03_chain_rule": "product",
    "04_multiply_from_the_output": "cost",
    "06_stored_inputs": "stored",
    "08_fan_out": "paths",
    "09_differences": "ways",
    "11_wrong_derivative_found": "riddle",
}


def test_the_lessons_are_complete_and_in_order() -> None:
    assert [path.stem for path in LESSONS] == list(SHOWN)
    for number, path in enumerate(LESSONS, 1):
        first = path.read_text(encoding="utf-8").splitlines()
        assert first[0] == "# %% [markdown]"
        assert first[1].startswith(f"# # {number}. ")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_shows_what_it_says_and_makes_its_page(path: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, str(path)],
        cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.stderr == ""
    for line in SHOWN[path.stem]:
        assert line in done.stdout
    page = (tmp_path / f"{path.stem}.html").read_text(encoding="utf-8")
    assert "역전파" in page
    assert [p.name for p in tmp_path.iterdir()] == [f"{path.stem}.html"]
    if path.stem in PARTS:
        assert f'id="{PARTS[path.stem]}-title' in page


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_speaks_both_languages(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prose = "".join(line for line in text.splitlines() if line.startswith("#"))
    assert re.search("[가-힣]{2}", prose)
    assert re.search("New|Something", prose)
    assert ast.parse(text).body


# ---- notebooks ---------------------------------------------------------------------------------------------


def maker() -> Any:
    pytest.importorskip("jupytext", reason="jupytext is not installed")
    spec = importlib.util.spec_from_file_location("make_notebooks", ROOT / "lessons" / "make_notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_notebooks_without_their_extra_are_one_line() -> None:
    script = "import runpy, sys; sys.modules['jupytext'] = None; runpy.run_path(sys.argv[1], run_name='__main__')"
    made = ROOT / "lessons" / "make_notebooks.py"
    done = subprocess.run([sys.executable, "-c", script, str(made)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr == "make_notebooks.py needs jupytext: pip install 'gradjury[notebooks]'\n"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of jupytext's own imports
def test_the_notebooks_are_those_of_the_files() -> None:
    make = maker()
    there = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "lessons/notebooks").glob("*.ipynb")}
    made = {path.stem: make.notebook(path) for path in make.lessons()}
    assert made == there, "run python lessons/make_notebooks.py"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_shows_its_page(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("nbclient", reason="nbclient is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    script = (
        "import sys, nbformat, nbclient\n"
        "book = nbformat.read(sys.argv[1], 4)\n"
        "nbclient.NotebookClient(book, timeout=120, resources={'metadata': {'path': sys.argv[2]}}).execute()\n"
        "nbformat.write(book, sys.argv[3])\n"
    )
    source, result = ROOT / "lessons/notebooks" / f"{path.stem}.ipynb", tmp_path / "run.ipynb"
    done = subprocess.run(
        [sys.executable, "-c", script, str(source), str(tmp_path), str(result)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    cells = [cell for cell in json.loads(result.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    printed = "".join(
        "".join(output["text"]) for cell in cells for output in cell["outputs"] if output["output_type"] == "stream"
    )
    for line in SHOWN[path.stem]:
        assert line in printed
    shown = "".join(cells[-1]["outputs"][-1]["data"]["text/html"])
    assert shown.startswith("<iframe srcdoc=")
    assert "Chain rule lesson" in shown
