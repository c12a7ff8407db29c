"""What the terminal shows of records and campaigns that the command line's own tests do not reach."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp
from rich.console import Console
from rich.text import Text

from gradjury.properties.campaign import Campaign
from gradjury.properties.store import Row
from gradjury.reports.chain import product, steps, written
from gradjury.reports.console import table
from gradjury.reports.digits import short
from gradjury.reports.rows import rows
from gradjury.reports.terminal import MAX_CASES, MAX_POINTS, show, show_campaign
from gradjury.reports.terminal_chain import MAX_PRODUCT
from gradjury.verifier import read, verify

from .records import agreeing, partial, record

x, y = sp.symbols("x y")


def screen(draw: Any, *args: Any, width: int = 80) -> str:
    stream = io.StringIO()
    draw(*args, Console(file=stream, width=width, highlight=False, markup=False))
    return stream.getvalue()


def test_many_points_are_cut_and_the_cut_is_said() -> None:
    points = [agreeing()["points"][0] | {"at": {"x": float(i)}} for i in range(MAX_POINTS + 7)]
    out = screen(show, agreeing(points=points), None, {})
    assert "and 7 more; --json has all" in out
    assert f"x = {MAX_POINTS - 1}.0" in out
    assert f"x = {MAX_POINTS}.0" not in out


def test_points_of_many_variables_keep_their_place_and_their_worst_derivative() -> None:
    names = [f"x{k}" for k in range(1, 7)]
    right, wrong = partial(verdict="agree", engine=0.25), partial(verdict="wrong", engine=-12345.678)
    points = [
        {"at": {n: float(k) for n in names}, "value": 1.0, "partials": dict.fromkeys(names, right) | {"x5": last}}
        for k, last in enumerate((right, wrong))
    ]
    out = screen(show, record(verdict="wrong", points=points), None, {})
    table = out[out.index("\npoint") :].splitlines()[1:]
    assert table[0].split() == ["point", "worst", "derivative"]
    assert table[1].startswith("x1 = 1.0, x2 = 1.0, x3 = 1.0")
    assert table[1].split()[-3:] == ["d/dx5", "-12345.7", "wrong"]
    assert any(line.split()[-3:] == ["d/dx1", "0.25", "agree"] for line in table)
    assert "…" not in out[out.index("\npoint") :]


def test_reason_formula_and_a_wrong_value_are_shown() -> None:
    shown = partial(verdict="undecided", reason="too wide", formula_verdict="wrong")
    point = record()["points"][0] | {"partials": {"x": shown}, "value": 3.0, "value_verdict": "wrong"}
    out = screen(show, record(verdict="wrong", points=[point]), None, {})
    for words in ("too wide", "formula", "value 3.0: wrong", "the derivative rule of tanh"):
        assert words in out


def test_why_nobody_is_blamed_is_said() -> None:
    late = "the time of 60 s was over before the fault was located"
    assert f"blame      none: {late}" in screen(show, record(blame=None, no_blame=late), None, {})


def test_numbers_of_a_higher_order_are_said_to_be_so() -> None:
    second = screen(show, agreeing(order=2), None, {})
    assert "order     2   (the chain below is that of the first derivative)" in second
    assert "d²/dx²  agree" in second
    first = screen(show, agreeing(order=1), None, {})
    assert "order" not in first
    assert "d/dx  agree" in first


def test_a_product_that_nobody_would_read_is_told_by_its_length() -> None:
    long = sp.Add(*(sp.Symbol(f"a{i}") for i in range(600)))
    out = screen(show, agreeing(), read("tanh(x)"), {"x": long})
    assert "dy/dx = a product of" in out
    assert "dy/dx = no closed form" in screen(show, agreeing(), read("tanh(x)"), {"x": None})
    assert len(product(long)) > MAX_PRODUCT


def show_report(campaign: Campaign, console: Console) -> None:
    show_campaign(campaign, console, "c.html")


def test_a_campaign_lists_its_worst_cases_and_counts_the_others() -> None:
    verdicts = ["undecided"] * MAX_CASES + ["wrong", "imprecise"]
    undecided = record(points=[record()["points"][0] | {"partials": {"x": partial(reason="too wide")}}], blame=None)
    cases = [Row(i, v, record() if v == "wrong" else undecided) for i, v in enumerate(verdicts)]
    campaign = Campaign(
        settings={"engine": "numpy", "engine_version": "2", "seed": 5},
        functions=Counter(agree=1000, wrong=1, undecided=5, imprecise=1),
        cases=cases,
        store="c.db",
    )
    out = screen(show_campaign, campaign)
    assert "1,000 agree · 1 imprecise · 5 undecided · 1 wrong" in out
    assert "c.db" in out
    assert out.index(f"function {MAX_CASES}  wrong") < out.index("function 0  undecided")
    assert "reason" in out
    assert "and 2 more that do not agree; --report or --json shows them" in out
    assert "and 2 more that do not agree; the report shows them" in (told := screen(show_report, campaign))
    assert "report     c.html" in told
    assert "\n7 do not agree" in screen(show_campaign, replace(campaign, cases=[]))


def test_branches_read_as_in_python() -> None:
    assert written(sp.Piecewise((x, x < 1), (2 * x, True))) == "(x if x < 1 else 2x)"
    assert written(sp.Piecewise((x, x < 1), (y, x < 2))) == "(x if x < 1 else y if x < 2 else nan)"
    assert written(x**-2 + x ** sp.Rational(1, 2)) == "sqrt(x) + x^(-2)"


def test_factors_that_would_be_misread_stand_in_brackets() -> None:
    terms = sp.Mul(-y, x + 1, sp.exp(x), 1 / x, evaluate=False)
    assert product(terms) == "(-y)·(x + 1)·exp(x)·(1/x)"
    assert product(sp.Mul(sp.S.One, sp.S.One, evaluate=False)) == "1"


def test_the_last_operations_local_derivative_has_a_name_of_its_own() -> None:
    out = screen(show, agreeing(), read("tanh(x) + x"), {})
    assert "dB/dx = 1" in out
    assert "B: y = a + x by itself; the derivatives of y add all paths" in out
    assert out.count("dy/dx = ") == 1


@pytest.mark.parametrize("width", [20, 30, 34, 36, 40, 44, 48, 60])
def test_no_terminal_is_so_narrow_that_a_number_loses_digits(width: int) -> None:
    tape = read("tanh(x)*y")
    found = verify(tape, at={"x": [20.0, 0.1234567890123, 1e-300], "y": [3.123456789012345, 1.0, 2.0]})
    out = screen(show, found.to_record(), tape, found.chain(), width=width)
    assert "…" not in out
    assert max(len(line) for line in out.splitlines() if "reproduce" not in line) <= width
    assert all(len(line.split()) != 1 or len(line.strip()) > 1 for line in out.splitlines())  # no column of letters
    squeezed = "".join(out.split())
    for point in found.points:
        for name, value in point.at.items():
            assert f"{name}={value}" in squeezed
    for step in steps(tape, found.points[0].at):
        assert short(step.value) in squeezed
        assert f"dz/d{step.name}={short(step.adjoint)}" in squeezed
    partials = found.to_record()["points"][0]["partials"]
    for by in partials.values():
        for _, shown, note, *_ in rows(by, None, "float64", 1):
            assert shown.text.strip() in squeezed
            assert "".join(note.split()) in squeezed
    for point in found.points:
        assert short(point.partials["x"].engine) in squeezed


@pytest.mark.parametrize(("width", "is_table"), [(20, False), (28, False), (29, True), (80, True)])
def test_rows_that_do_not_fit_are_sentences(width: int, is_table: bool) -> None:
    lines = [[Text("a name of words"), Text("12345678"), Text("agree")]]
    out = screen(lambda console: console.print(table(["what", "how\nmuch", ""], lines, width)), width=width)
    squeezed = " ".join(out.split())
    assert "12345678 agree" in squeezed
    assert ("a name of words: how much 12345678 agree" in squeezed) is not is_table
