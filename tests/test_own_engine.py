"""Engines of the reader's own: those of the documentation, run, with their slips and without."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gradjury as gj
from gradjury.engine import REGISTRY
from gradjury.properties.faults import faulty_engine

ROOT = Path(__file__).resolve().parent.parent


def names_after(page: str, *replacements: tuple[str, str], start: str = "") -> dict[str, Any]:
    """What the Python of a page defines, from a heading on, after some replacements in it."""
    text = (ROOT / page).read_text().partition(start)[2] if start else (ROOT / page).read_text()
    code = "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    for old, new in replacements:
        assert old in code
        code = code.replace(old, new)
    code = re.sub(r"^found\.verdict, .*$", "", code, flags=re.MULTILINE)  # it shows the blame, which there may not be
    names: dict[str, Any] = {"np": np, "gj": gj}
    exec(compile(code, page, "exec"), names)  # the documentation's own code
    return names


SLIP = "return self.input.data * gy    # a slip: exp is its own derivative"


def test_the_wrong_backward_of_the_readme_is_named() -> None:
    found = names_after("README.md", start="## Your own engine")["found"]
    assert (found.verdict, found.blame.kind, found.blame.primitive) == ("wrong", "rule", "exp")
    assert "blame      the derivative rule of exp" in repr(found)


def test_without_its_slip_the_engine_of_the_readme_agrees() -> None:
    right = names_after("README.md", (SLIP, "return np.exp(self.input.data) * gy"), start="## Your own engine")
    assert right["found"].verdict == "agree"


def test_another_wrong_backward_is_named() -> None:
    names = names_after(
        "README.md",
        (SLIP, "return np.exp(self.input.data) * gy"),
        ("return 2 * self", "return self"),
        start="## Your own engine",
    )
    assert (names["found"].verdict, names["found"].blame.primitive) == ("wrong", "square")


def test_the_adapter_has_less_than_15_lines() -> None:
    code = (ROOT / "README.md").read_text().partition("class Mine(gj.TapeRunner)")[2].partition("\n\nfound =")[0]
    assert len([line for line in code.splitlines() if line.strip()]) < 15


def test_an_engine_of_single_numbers_is_judged_point_by_point() -> None:
    names = names_after("docs/own-engine.md")
    found = names["found"]
    assert (found.verdict, found.blame.kind, found.blame.minimal) == ("wrong", "accumulation", "x*x")
    assert len(found.points) == 2
    agreeing = gj.verify("tanh(x)*y", at={"x": [0.5, 1.0], "y": 2.0}, engine=names["Micro"]())
    assert agreeing.verdict == "agree"
    assert agreeing.points[0].partials["x"].difference_error < 1e-9


def test_without_its_slip_the_engine_of_single_numbers_agrees() -> None:
    right = names_after("docs/own-engine.md", ("other.grad = self.data", "other.grad += self.data"))
    assert right["found"].verdict == "agree"


def test_what_the_engine_lacks_is_undecided() -> None:
    engine = names_after("docs/own-engine.md")["Micro"]()
    found = gj.verify("sin(x)", at={"x": [0.5, 1.0]}, engine=engine)
    assert (found.verdict, found.points[0].partials["x"].reason) == ("undecided", "micro has no sin")


def test_faults_are_planted_in_an_engine_of_single_numbers() -> None:
    right = names_after("docs/own-engine.md", ("other.grad = self.data", "other.grad += self.data"))
    value, micro = right["Value"], right["Micro"]

    def add(x: Any, y: Any) -> Any:
        def push() -> None:
            x.grad, y.grad = x.grad + out.grad, y.grad + out.grad

        out = value(x.data + y.data, (x, y), push)
        return out

    def sub(x: Any, y: Any) -> Any:
        return add(x, value(-1.0) * y)

    table = {**micro.table, "add": add, "sub": sub}
    value.__add__, value.__sub__ = add, sub
    holding = type("Holding", (micro,), {"table": table, "held": lambda self, x: value(x.data)})
    engine = faulty_engine(REGISTRY["tanh"], "sign", 0, holding())
    found = gj.verify("tanh(x)*y", at={"x": [0.5, 1.0], "y": 2.0}, engine=engine)
    assert (found.verdict, found.blame.kind, found.blame.primitive) == ("wrong", "rule", "tanh")
    assert gj.verify("tanh(x)*y", at={"x": [0.5, 1.0], "y": 2.0}, engine=holding()).verdict == "agree"


def test_a_black_box_that_takes_text_is_judged_and_blamed() -> None:
    names = names_after("docs/own-engine.md")
    assert names["boxed"].verdict == "agree"
    lacking = gj.verify("tan(x)", at={"x": 0.5}, engine=names["Box"]())
    assert lacking.points[0].partials["x"].reason == "box: name 'tan' is not defined"
    assert lacking.failure is None
    wrong = names_after("docs/own-engine.md", ('"exp": cmath.exp', '"exp": lambda z: cmath.exp(z.real + 2j * z.imag)'))
    found = gj.verify("a = exp(x*y); a*a + x", at={"x": 0.5, "y": [1.0, 2.0]}, engine=wrong["Box"]())
    assert (found.verdict, found.blame.kind, found.blame.primitive) == ("wrong", "rule", "exp")


def test_random_functions_of_a_black_box() -> None:
    done = gj.run(functions=12, points=2, engine=names_after("docs/own-engine.md")["Box"](), jobs=1)
    assert set(done.functions) == {"agree"}


@pytest.mark.parametrize(("page", "package"), [("docs/own-language.md", "jax"), ("docs/drop-ins.md", "torch")])
def test_the_python_of_the_pages_runs(page: str, package: str) -> None:
    pytest.importorskip(package)
    names = names_after(page)
    if "found" in names:
        assert (names["found"].verdict, names["found"].blame.primitive) == ("wrong", "my_exp")
    else:
        x, f = names["x"], names["Exp"].apply
        assert names["torch"].autograd.gradcheck(f, x)
        assert not gj.gradcheck(f, x, raise_exception=False)
