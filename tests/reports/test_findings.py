"""The page of findings: what its snippets confirm, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

import gradjury as gj
from gradjury.properties.conformance.survey import Finding
from gradjury.reports.findings import Confirmed, confirm, known, page, run
from gradjury.verifier.engines.common import Script


class Saturating(gj.TapeRunner):
    """tanh with the usual rule."""

    name, version = "saturating", "1"
    table: ClassVar[Any] = {"tanh": np.tanh}
    script: ClassVar[Script | None] = Script(
        imports="import numpy as np",
        variable="np.array([{x}])",
        constant="{x}",
        value="print(f({args}).item())",
        partial="print(1 - f({args}).item() ** 2)",
    )

    def differentiate(self, function: Any, inputs: list[Any]) -> tuple[Any, Sequence[Any]]:
        value = function(*inputs)
        return value, [1 - value * value]


def finding(x: float = 20.0) -> Finding:
    result = gj.verify("tanh(x)", at={"x": x}, engine=Saturating())
    return Finding("tanh", "x", "rule", "x", result, 0, {"np.tanh(x)": None}, 3)


def test_a_snippet_that_prints_the_judged_number_confirms() -> None:
    (confirmed,) = confirm(Saturating(), [finding()])
    assert confirmed.printed == "0.0"
    assert confirmed.holds
    assert not replace(confirmed, printed="1e-17").holds
    assert not replace(confirmed, printed="NameError: x").holds
    assert not replace(confirmed, printed=None).holds


def test_findings_of_other_engines_stay() -> None:
    class Other(Saturating):
        name = "other"

    (held,) = confirm(Saturating(), [finding()])
    first = page([(Saturating(), [held])], "gradjury findings", "1")
    both = page([(Other(), [])], "gradjury findings", "1", first)
    assert both.startswith(first.partition("|---")[0])
    assert first.partition("## saturating")[2].strip() in both
    assert "## other\n\nNo defect was found." in both
    assert page([(Saturating(), [held])], "gradjury findings", "1", both).count("## saturating") == 1
    assert page([], "gradjury findings", "1", both) == both


def test_each_snippet_runs_by_itself() -> None:
    assert run(["print(1 + 1)", "x", "import sys; print('gradjury' in sys.modules)"]) == [
        "2",
        "NameError: name 'x' is not defined",
        "False",
    ]


def test_the_page_lists_what_is_confirmed() -> None:
    (held,) = confirm(Saturating(), [finding()])
    text = page([(Saturating(), [held, Confirmed(finding(25.0), "print(1)", "1")])], "gradjury findings", "1")
    assert "| [saturating](#saturating) | 1 | 1 | 0 | 1 |" in text
    assert "### 1. tanh: inaccurate, rule" in text
    assert "`1.6993417021166355" in text
    assert "return np.tanh(x)" in text
    assert "25.0" not in text


def test_a_truth_beyond_all_floats_is_told_by_its_size() -> None:
    result = gj.verify("exp(exp(x))", at={"x": 80.0}, gradient={"x": float("nan")})
    beyond = Finding("exp", "x", "overflow", "x", result, 0, {"np.exp(x)": None}, 1)
    text = page([(Saturating(), [Confirmed(beyond, "print('nan')", "nan")])], "gradjury findings", "1")
    assert "| certified truth | `≈ 10^(2.4·10³⁴)` |" in text  # and not in 35 digits of an exponent


def test_public_reports_are_known_by_engine_operation_and_argument() -> None:
    assert known("torch", finding()) is not None
    assert known("saturating", finding()) is None
    assert known("torch", replace(finding(), argument=None, quantity=None)) is None
