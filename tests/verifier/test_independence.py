"""The oracle shares nothing with the rules it judges: read off the syntax trees of its modules."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import gradjury.verifier
from gradjury.verifier.engine import NumpyEngine
from gradjury.verifier.oracle.sweeps import Plan, precision_of
from gradjury.verifier.reading.reader import read
from gradjury.verifier.verdicts.judge import PointJudge

FOLDER = Path(gradjury.verifier.__file__).resolve().parent
MODULES = sorted(FOLDER.rglob("*.py"))
#: Sets hand-written derivatives beside meanings, to prove them: no oracle, and no part of one.
PROVES = "proofs.py"
#: Names of what computes derivatives by hand-written rules: the engine's sweeps and rules.
HAND_WRITTEN = {"derivative", "local", "reverse", "tangent"}


def named(path: Path) -> str:
    """What a test is called by: ``oracle/balls.py``."""
    return str(path.relative_to(FOLDER))


def uses(path: Path) -> list[str]:
    """Where a module reads a hand-written derivative from a primitive or an execution."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and node.attr in HAND_WRITTEN:
            found.append(f"{path.name}:{node.lineno} {ast.unparse(node)}")
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "attrgetter"):
            names = [a.value for a in node.args if isinstance(a, ast.Constant)]
            found += [f"{path.name}:{node.lineno} {name}" for name in names if name in HAND_WRITTEN]
    return found


#: Other things of that name, none of which is a primitive's: the claimed formulas of a record, one-sided truths.
ALLOWED = {
    "balls.py": {"found.derivative"},  # of a polynomial with whole coefficients
    "codegen.py": {"threading.local"},
    "series.py": {"threading.local"},
    "engine.py": {"run.reverse"},  # of the project's own engine, which is judged: its derivatives are swept again
    "sampling.py": {"execution.reverse"},  # where the gradient is finite decides which points are drawn
    "truth.py": {"sides.derivative"},
    "judge_records.py": {"record.derivative"},
}


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name != "engines"], ids=named)
def test_no_module_reads_a_hand_written_derivative(path):
    if path.name == PROVES:
        assert uses(path)  # and the check sees it
        return
    allowed = ALLOWED.get(path.name, set())
    assert [use for use in uses(path) if use.split(" ")[1] not in allowed] == []


def imported(path: Path) -> set[str]:
    """Last parts of the names of all modules that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").rpartition(".")[2], *(alias.name for alias in node.names)}
        if isinstance(node, ast.Import):
            found |= {alias.name.rpartition(".")[2] for alias in node.names}
    return found


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name != "proving"], ids=named)
def test_nothing_that_judges_imports_the_proofs(path):
    """What reads rules and meanings side by side stays outside the oracle."""
    assert not {"proofs", "proving"} & imported(path)


@pytest.mark.parametrize("path", [p for p in MODULES if p.parent.name == "oracle"], ids=named)
def test_the_oracle_knows_no_engine_under_test_and_no_verdict(path):
    """Of the verifier it imports itself alone: nothing that it is put beside can move it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level != 2, ast.unparse(node)
            assert node.level != 3 or (node.module or "").startswith("engine."), ast.unparse(node)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            assert "gradjury" not in ast.unparse(node), ast.unparse(node)


def test_the_check_of_imports_sees_a_violation(tmp_path):
    for text in ("from .proofs import prove", "from . import proofs", "import gradjury.verifier.proving.proofs"):
        path = tmp_path / "bad.py"
        path.write_text(f"def f():\n    {text}\n")
        assert "proofs" in imported(path)


@pytest.mark.parametrize("text", ["rule.derivative(x)", "getattr(primitive, 'derivative')", "execution.local(3)"])
def test_the_check_sees_a_violation(tmp_path, text):
    path = tmp_path / "bad.py"
    path.write_text(f"y = {text}\n")
    assert uses(path)


def test_a_wrong_derivative_does_not_move_the_oracle(monkeypatch):
    """The same by deed: with every hand-written derivative broken the truth is still the truth."""

    def broken(*arguments, **constants):
        raise AssertionError("a hand-written derivative was read")

    tape = read("Max(exp(x)*sin(x), x)*besselj(2, x) + Abs(sinh(x))")

    def found():
        for x in (0.5, 0.0):
            judge = PointJudge(Plan(tape), [x], precision_of(np.dtype("float64")), "program")
            sides = judge.truth(0).sides
            slopes = (None, None) if sides is None else (str(sides.left), str(sides.right))
            yield judge.truth(0).kind, slopes, str(judge.truth(0).ball), str(judge.enclosure(0))

    before = list(found())
    assert [kind for kind, *_ in before] == ["smooth", "kink"]
    for i in tape.operations:
        monkeypatch.setattr(tape.nodes[i].primitive, "derivative", staticmethod(broken))
    with pytest.raises(AssertionError, match="was read"):
        NumpyEngine().gradient(tape, {"x": 0.5}, "float64")
    assert list(found()) == before
