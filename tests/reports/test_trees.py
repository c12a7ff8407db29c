"""Formula trees: brackets stand where the tape's own tree needs them."""

from __future__ import annotations

import re

import pytest
import sympy as sp

from gradjury.reports.mathml import Run, plain, runs, write
from gradjury.reports.trees import fenced, formulas, indexed, name, number, of_sympy, power, subscripted
from gradjury.verifier import read


def drawn(text: str) -> str:
    """The MathML of a function as letters: brackets of mfrac as {top/bottom}, exponents as ^{…}."""
    tape = read(text)
    return letters(str(write(formulas(tape, {})[tape.output])))


def letters(mathml: str) -> str:
    mathml = re.sub(r"<mtext.*?</mtext>", "", mathml)
    previous = ""
    while previous != mathml:
        previous = mathml
        inner = r"((?:(?!<m(?:sup|frac|sqrt|root)\b).)*?)"
        mathml = re.sub(rf"<mfrac>{inner}</mfrac>", lambda m: "<x>{" + _halves(m[1]) + "}</x>", mathml)
        mathml = re.sub(rf"<msup>{inner}</msup>", lambda m: "<x>" + _halves(m[1], "^{") + "}</x>", mathml)
        mathml = re.sub(rf"<msqrt[^>]*>{inner}</msqrt>", r"<x>√{\1}</x>", mathml)
    return re.sub(r"<[^>]*>", "", mathml).replace("\u2062", "")


def _halves(inner: str, between: str = "/") -> str:
    """The two children of an element with something between them."""
    depth = 0
    for match in re.finditer(r"<(/?)[a-z]+[^>]*>", inner):
        depth += -1 if match[1] else 1
        if depth == 0:
            return inner[: match.end()] + between + inner[match.end() :]
    raise AssertionError(inner)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exp(x**2)**2", "(e^{x^{2}})^{2}"),
        ("i0(x)*i1(x)", "I0(x)·I1(x)"),
        ("exp(2*x**2)", "e^{2x^{2}}"),
        ("(-x)**2", "(−x)^{2}"),
        ("-x**2", "−x^{2}"),
        ("(x + y)*z", "(x+y)·z"),
        ("x + y*z", "x+y·z"),
        ("x - (y - z)", "x−(y−z)"),
        ("x - y - z", "x−y−z"),
        ("x*(y*z)", "x·(y·z)"),
        ("x*y*z", "x·y·z"),
        ("x/(y/z)", "{x/{y/z}}"),
        ("(x/y)**2", "({x/y})^{2}"),
        ("sin(x)**2", "(sin(x))^{2}"),
        ("sin(x**2)", "sin(x^{2})"),
        ("x*(-2)", "x·(−2)"),
        ("-2*x", "−2x"),
        ("y + (-2)*x", "y+(−2x)"),
        ("x**Rational(-1, 3)", "x^{−{1/3}}"),
        ("2*3**x", "2·3^{x}"),
        ("-(-x)", "−(−x)"),
        ("-(x + y)", "−(x+y)"),
        ("sqrt(x + 1)", "√{x+1}"),
        ("x**(-1/2)", "x^{−0.5}"),
        ("(x**y)**z", "(x^{y})^{z}"),
        ("x**y**z", "x^{y^{z}}"),
        ("Abs(x)*floor(y)", "|x|·⌊y⌋"),
        ("Max(x, y)", "max(x,y)"),
        ("asin(x)", "arcsin(x)"),
        ("pi*x + E", "π·x+e"),
        ("x/3", "{x/3}"),
        ("besselj(2, x)", "besselj(2,x)"),
        ("Piecewise((x, x < 1), (y, True))", "{xx&lt;1y"),
    ],
)
def test_the_tree_is_drawn_as_it_was_written(text: str, expected: str) -> None:
    assert drawn(text) == expected


a, x = sp.symbols("a x", real=True)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (2 * x, "2x"),
        (sp.cos(a), "cos(a)"),
        (-sp.sin(a), "−sin(a)"),
        (1 / x, "{1/x}"),
        (1 / (2 * sp.sqrt(x)), "{1/2√{x}}"),
        (-1 / x**2, "−{1/x^{2}}"),
        (sp.exp(a) / 2, "{e^{a}/2}"),
        (sp.exp(-a), "{1/e^{a}}"),
        (sp.exp(-a) * x, "{x/e^{a}}"),
        (1 - x, "1−x"),
        (x * (1 + a), "x·(a+1)"),
        (sp.Rational(-1, 3) * x, "−{x/3}"),
        (sp.tanh(a) ** 2, "(tanh(a))^{2}"),
        (sp.Abs(x), "|x|"),
    ],
)
def test_derivatives_of_sympy_are_drawn_as_in_a_textbook(expression: sp.Expr, expected: str) -> None:
    assert letters(str(write(of_sympy(expression)))) == expected


def test_a_symbol_is_replaced_by_the_formula_that_stands_for_it() -> None:
    assert plain(of_sympy(sp.cos(a), {"a": power(name("u"), name("n"))})) == "cos(u^n)"


def test_names_are_escaped() -> None:
    assert str(write(name("<b>"))) == "<mi>&lt;b&gt;</mi>"


def test_labels_are_one_line_with_raised_exponents() -> None:
    assert runs(power(name("e"), name("a"))) == [Run("e", True, 0), Run("a", True, 1)]
    assert plain(fenced(name("x"), "⌊⌋")) == "⌊x⌋"
    tape = read("(x + 1)/(2*y)")
    assert plain(formulas(tape, {})[tape.output]).replace("\u2009", "") == "(x+1)/(2y)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w1", ("w", "1")),
        ("w_12", ("w", "12")),
        ("β2", ("β", "2")),
        ("x", ("x", "")),
        ("atan2", ("atan2", "")),
        ("w_0_1", ("w_0_1", "")),
        ("2", ("2", "")),
    ],
)
def test_the_number_of_a_single_letter_is_its_index(text: str, expected: tuple[str, str]) -> None:
    assert indexed(text) == expected


def test_an_index_stands_below_in_every_kind_of_text() -> None:
    assert write(name("w1")) == "<msub><mi>w</mi><mn>1</mn></msub>"
    assert write(name("log10")) == "<mi>log10</mi>"
    assert runs(name("w1")) == [Run("w", True, 0), Run("1", False, 0, True)]
    assert plain(power(name("x"), name("w1"))) == "x^w1"
    assert [subscripted(text) for text in ("w10", "x", "atan2")] == ["w₁₀", "x", "atan2"]


def test_a_power_of_ten_is_set_as_one_and_bracketed_as_a_base() -> None:
    ten = "<msup><mn>10</mn><mn>−17</mn></msup>"
    assert write(number("1.7e-17")) == f"<mrow><mn>1.7</mn><mo>·</mo>{ten}</mrow>"
    assert write(number("1e-17")) == ten
    assert write(number("12.5")) == "<mn>12.5</mn>"
    squared = write(power(number("1e-17"), number("2")))
    assert squared == f'<msup><mrow><mo form="prefix">(</mo>{ten}<mo form="postfix">)</mo></mrow><mn>2</mn></msup>'


def test_a_power_of_ten_in_a_label_is_raised() -> None:
    assert [(run.text, run.level) for run in runs(number("1.5e-07"))] == [("1.5·", 0), ("10", 0), ("−7", 1)]
    assert [run.text for run in runs(number("1e20"))] == ["10", "20"]
