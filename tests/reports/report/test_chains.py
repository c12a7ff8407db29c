"""The chain rule as equations: in symbols, as formulas with the brackets they need, in numbers."""

from __future__ import annotations

import re

from gradjury.reports.report.chains import own, products, table
from gradjury.reports.report.trace import Suspect, Trace
from gradjury.verifier import read

from ..test_trees import letters

NOBODY = Suspect(None, None, None)


def lines(text: str, point: dict[str, float], suspect: Suspect = NOBODY) -> list[list[str]]:
    """The lines of each product, in letters."""
    found = products(Trace(read(text), point), suspect)
    cells = [re.findall(r"<mtd><mrow>(.*?)</mrow></mtd></mtr>", str(product.lines)) for product in found]
    return [[letters(cell) for cell in row] for row in cells]


def test_a_chain_in_symbols_formulas_and_numbers() -> None:
    assert lines("a = x**2; b = exp(a); b**2", {"x": 0.5}) == [
        ["{dy/db}·{db/da}·{da/dx}", "(2b)·e^{a}·(2x)", "2.56805×1.28403×1=3.29744"],
    ]


def test_paths_are_added() -> None:
    ((symbols, formulas, numbers),) = lines("a = sin(x); a*x", {"x": 0.8})
    assert symbols.count("+") == formulas.count("+") == numbers.count("+") == 1
    assert numbers.endswith("=1.27472")


def test_a_factor_that_is_a_sum_or_negative_stands_in_brackets() -> None:
    ((_, formulas, numbers),) = lines("exp(-(x**2 + x))", {"x": 1.0})
    assert "(−1)" in formulas
    assert "×(−1)×" in numbers
    ((_, formulas, _),) = lines("log(softplus(x))*3", {"x": 1.0})
    assert re.search(r"3·\{1/a\}", formulas)


def test_the_factor_to_blame_is_marked_in_every_line() -> None:
    trace = Trace(read("exp(tanh(x))"), {"x": 0.5})
    (product,) = products(trace, Suspect("rule", 1, 0))
    assert product.lines.count('<mrow class="bad">') == 3


def test_too_many_paths_are_not_written() -> None:
    text = "a = sin(x); b = a*a; c = b*b; c*c"
    (product,) = products(Trace(read(text), {"x": 1.0}), NOBODY)
    assert product.lines == ""


def test_the_table_has_every_operation_with_its_local_derivatives() -> None:
    steps = table(Trace(read("exp(sin(x)*y)"), {"x": 0.5, "y": 2.0}), Suspect("rule", 2, 0))
    assert [letters(str(step.formula)) for step in steps] == ["x", "y", "a=sin(x)", "b=a·y", "z=e^{b}"]
    assert [step.derivative for step in steps] == ["4.57869", "1.25068", "5.2174", "2.6087", "1"]
    assert [step.is_bad for step in steps] == [False, False, True, False, False]
    assert [letters(str(local)) for local in steps[3].locals] == ["{∂b/∂a}=y=2", "{∂b/∂y}=a=0.479426"]


def test_where_paths_end_in_the_last_operation_no_symbol_has_two_values() -> None:
    ((symbols, _, _),) = lines("exp(sin(x)) + x", {"x": 0.5})
    assert "{∂C/∂x}" in symbols
    assert "{∂y/∂x}" not in symbols
    (each,) = own(Trace(read("exp(sin(x)) + x"), {"x": 0.5}))
    assert letters(each["call"]) in ("y=C(b,x)", "y=C(x,b)")


def test_a_product_that_is_no_number_says_so() -> None:
    ((*_, numbers),) = lines("sqrt(x**2)**2", {"x": 0.0})
    assert numbers == "0×∞×0=nan"


def test_at_a_corner_no_formula_is_given_a_value_that_it_has_not() -> None:
    ((_, formulas, numbers),) = lines("Abs(x) + x**2", {"x": 0.0})
    assert "{" not in formulas
    assert formulas.startswith("1·0+")
    assert numbers == "1×0+1×0=0"
    ((_, formulas, _),) = lines("Abs(x) + x**2", {"x": 2.0})
    assert "{" in formulas
