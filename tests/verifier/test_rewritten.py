"""Functions that are read as others: their values and derivatives beside mpmath's own, to 50 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import pytest
import sympy as sp

import gradjury as gj
from gradjury.engine import REGISTRY
from gradjury.verifier import LimitExceeded, read
from gradjury.verifier.reading.from_sympy import read_sympy
from gradjury.verifier.reading.printer import write
from gradjury.verifier.reading.vocabulary import REWRITTEN

DIGITS = 50


def root(degree: int) -> Callable[[Any], Any]:
    return lambda x: mpmath.sign(x) * mpmath.root(abs(x), degree)


#: Each function of x as text, mpmath's own of it, and points at which both are real.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], tuple[float, ...]]] = {
    "beta(x, 5/2)": (lambda x: mpmath.beta(x, 2.5), (-2.7, 0.4, 3.2)),
    "beta(0.75, x)": (lambda x: mpmath.beta(mpmath.mpf(3) / 4, x), (-0.3, 1.6)),
    "factorial(x)": (mpmath.factorial, (-2.7, 0.0, 3.2)),
    "frac(x)": (lambda x: x - mpmath.floor(x), (-2.7, 1.6)),
    "Li(x)": (lambda x: mpmath.li(x, offset=True), (0.4, 1.6, 20.0)),
    "erf2(x, 1.5)": (lambda x: mpmath.erf(1.5) - mpmath.erf(x), (-0.3, 3.2)),
    "erf2(1.5, x)": (lambda x: mpmath.erf(x) - mpmath.erf(1.5), (-0.3, 3.2)),
    "erfcinv(x)": (lambda x: mpmath.erfinv(1 - x), (0.4, 1.6)),
    "fmax(x, 0.3)": (lambda x: max(x, mpmath.mpf(3) / 10), (-0.3, 1.6)),
    "fmin(x, 0.3)": (lambda x: min(x, mpmath.mpf(3) / 10), (-0.3, 1.6)),
    "max(x, 0.25, x**2)": (lambda x: max(x, mpmath.mpf(1) / 4, x**2), (-2.7, 0.4, 1.6)),
    "min(x, 0.25, x**2)": (lambda x: min(x, mpmath.mpf(1) / 4, x**2), (-2.7, 0.4, 1.6)),
    "real_root(x, 3)": (root(3), (-2.7, 0.4)),
    "real_root(x, 5)": (root(5), (-2.7, 0.4)),
    "real_root(x, -7)": (lambda x: 1 / root(7)(x), (-2.7, 0.4)),
    "real_root(x, 1)": (lambda x: x, (-2.7, 0.4)),
    "real_root(x, 4)": (lambda x: mpmath.root(x, 4), (0.4, 3.2)),
    "real_root(x, 3/2)": (lambda x: x ** (mpmath.mpf(2) / 3), (0.4, 3.2)),
}


def test_all_of_them_are_asked() -> None:
    assert set(REWRITTEN) <= {text.partition("(")[0] for text in FUNCTIONS}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_values_and_derivatives_are_those_of_mpmath(text: str) -> None:
    function, at = FUNCTIONS[text]
    with mpmath.workdps(DIGITS):
        found = gj.verify(text, at={"x": list(at)})
        assert found.verdict == "agree"
        for x, point in zip(at, found.points, strict=True):
            right = mpmath.diff(function, mpmath.mpf(x), h=mpmath.mpf(10) ** -20)
            exact = mpmath.mpf(str(point.partials["x"].symbolic).split()[0].replace("…", ""))
            assert abs(exact - right) <= abs(right) * mpmath.mpf(10) ** -16
            assert abs(point.value - function(mpmath.mpf(x))) <= abs(function(mpmath.mpf(x))) * mpmath.mpf(10) ** -14
    assert read(write(read(text))) == read(text)


def test_their_names_are_variables_where_they_are_not_called() -> None:
    assert read("beta*factorial + max").inputs == ("beta", "factorial", "max")
    assert read("beta*beta(beta, 2)").inputs == ("beta",)


def test_functions_of_several_operations_are_read_in_the_order_of_their_text() -> None:
    for text in ("beta(2*x, y/3)", "log(2*x, 3*y)", "Max(2*x, y*x, 3*y)", "a = y*x; beta(a, a) + a"):
        tape = read(text)
        assert read(write(tape), variables=tape.inputs) == tape


@pytest.mark.parametrize("degree", ["n", "0", "x"])
def test_a_degree_that_is_no_number(degree: str) -> None:
    with pytest.raises(gj.InvalidInput, match="degree"):
        read(f"real_root(x, {degree})")


X, Y = sp.symbols("x y")


@pytest.mark.parametrize("degree", [3, 5, -3])
@pytest.mark.parametrize("inner", [X, X + Y, X * Y, sp.sin(X)])
def test_what_sympy_asks_of_the_complex_plane_is_known_of_real_variables(inner: sp.Expr, degree: int) -> None:
    tape = read_sympy(sp.real_root(inner, degree))
    assert REGISTRY["where"] not in {node.primitive for node in tape.nodes}
    at = {"x": -1.25, "y": 0.5}
    here = {name: at[name] for name in tape.inputs}
    assert gj.verify(tape, here).verdict == "agree"
    value = float(inner.subs(here))
    assert gj.verify(tape, here).points[0].value == pytest.approx(abs(value) ** (1 / degree) * (-1 if value < 0 else 1))


def test_real_parts_of_real_expressions() -> None:
    assert write(read_sympy(sp.re(X * Y))) == "x*y"
    assert write(read_sympy(2 * sp.im(X * Y))) == "2*0"
    assert write(read_sympy(sp.conjugate(sp.exp(X)))) == "exp(x)"
    with pytest.raises(gj.Unsupported, match="complex numbers are not available here"):
        read_sympy(sp.arg(X))


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (sp.Xor(X > 0, Y > 0), lambda x, y: (x > 0) != (y > 0)),
        (sp.ITE(X > 0, Y > 0, Y < -1), lambda x, y: y > 0 if x > 0 else y < -1),
        (sp.Implies(X > 0, Y > 0), lambda x, y: x <= 0 or y > 0),
        (sp.Equivalent(X > 0, Y > 0), lambda x, y: (x > 0) == (y > 0)),
        (sp.Contains(X, sp.Interval(0, 1)), lambda x, y: 0 <= x <= 1),
        (
            sp.Contains(X, sp.Union(sp.Interval(-2, -1), sp.Interval.open(0, 1))),
            lambda x, y: -2 <= x <= -1 or 0 < x < 1,
        ),
    ],
)
def test_conditions_in_sympys_other_words(condition: Any, holds: Callable[[float, float], bool]) -> None:
    tape = read_sympy(sp.Piecewise((X**2 + Y, condition), (3 * X + Y, True)))
    for x in (-1.5, -0.5, 0.5, 2.0):
        for y in (-2.0, -0.5, 0.5):
            value = gj.verify(tape, {"x": x, "y": y}).points[0].value
            assert value == (x**2 + y if holds(x, y) else 3 * x + y)


def test_sympys_own_functions_are_known_wherever_it_keeps_them() -> None:
    with pytest.raises(gj.Unsupported, match="MatrixElement is known to SymPy but has no primitive here"):
        read_sympy(sp.MatrixSymbol("A", 2, 2)[0, 0])


@pytest.mark.parametrize(
    "expression", [X * sp.Integer(10) ** 5000, X ** (sp.Integer(10) ** 5000), X + sp.Rational(1, 10**5000)]
)
def test_numbers_of_too_many_digits(expression: sp.Expr) -> None:
    with pytest.raises(LimitExceeded, match="an exact constant has too many digits; expected at most 4,000"):
        read_sympy(expression)
