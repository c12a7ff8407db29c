"""The chain as data and on a terminal."""

from __future__ import annotations

import io
import math
import shlex
from fractions import Fraction

import pytest
import sympy as sp
from rich.console import Console

from gradjury.engine import Execution
from gradjury.engine.tracing import trace
from gradjury.reports.chain import (
    apart,
    is_line,
    node_names,
    number_text,
    operation,
    outside,
    own_letters,
    product,
    steps,
    written,
)
from gradjury.reports.notation import apart_in_words
from gradjury.reports.terminal import show
from gradjury.reports.terminal_chain import MAX_STEPS
from gradjury.verifier import read, verify


def test_the_steps_hold_forward_values_local_derivatives_and_adjoints() -> None:
    x, a, b, y = steps(read("a = x**2; b = exp(a); b**2"), {"x": 0.5})
    assert [s.name for s in (x, a, b, y)] == ["x", "a", "b", "y"]
    assert [s.operation for s in (x, a, b, y)] == ["", "x**2", "exp(a)", "b**2"]
    assert [s.value for s in (x, a, b, y)] == pytest.approx([0.5, 0.25, math.exp(0.25), math.exp(0.5)])
    assert [p.expression for s in (a, b, y) for p in s.locals] == ["2x", "exp(a)", "2b"]
    assert [p.value for s in (a, b, y) for p in s.locals] == pytest.approx([1, math.exp(0.25), 2 * math.exp(0.25)])
    assert [s.adjoint for s in (x, a, b, y)] == pytest.approx(
        [2 * math.exp(0.5), 2 * math.exp(0.5), 2 * math.exp(0.25), 1]
    )


def test_a_value_that_is_used_twice_sums_its_paths() -> None:
    x, a, y = steps(read("a = sin(x); a*a"), {"x": 1.0})
    assert [(p.by, p.expression) for p in y.locals] == [("a", "a"), ("a", "a")]
    assert a.adjoint == pytest.approx(2 * math.sin(1))
    assert x.adjoint == pytest.approx(2 * math.sin(1) * math.cos(1))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("exp(sin(x))", True),
        ("2*sin(x)", True),
        ("x", True),
        ("x*x", False),
        ("x*y", False),
        ("x + sin(x)", False),
    ],
)
def test_a_line_is_one_chain(text: str, line: bool) -> None:
    assert is_line(read(text)) is line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-x", "-x"),
        ("x - y", "x - y"),
        ("x/3", "x/3"),
        ("x*(-2)", "x*(-2)"),
        ("x**(1/3)", "x**(1/3)"),
        ("x**-0.5", "x**(-0.5)"),
        ("x**y", "x**y"),
        ("pi*x", "pi*x"),
        ("besselj(2, x)", "besselj(2, x)"),
        ("leaky_relu(x)", "leaky_relu(x, 0.01)"),
        ("Piecewise((x, x < 1), (2, True))", "x if x < 1 else 2"),
        ("x*1e300", "x*1e+300"),
        ("x*12345678901234567890123", "x*1.2345678901234568e+22"),
    ],
)
def test_operations_in_words(text: str, expected: str) -> None:
    tape = read(text)
    assert operation(tape.nodes[tape.output], node_names(tape)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = x**2; b = exp(a); b**2", {"x": "2b·exp(a)·2x"}),
        ("a = sin(x); exp(a)*y", {"x": "y·exp(b)·cos(x)"}),
        ("x*x", {"x": "x + x"}),
        ("x", {"x": "1"}),
        ("x*0 + y", {"y": "1"}),
    ],
)
def test_the_products_keep_the_order_of_the_chain(text: str, expected: dict[str, str]) -> None:
    found = {name: product(p) for name, p in verify(text, {"x": 1.0, "y": 2.0}).chain().items()}
    for name, words in expected.items():
        if "exp(b)" in words:  # the name of an unnamed value is not ours to choose
            assert found[name].startswith("y·exp(")
            assert found[name].endswith("·cos(x)")
        else:
            assert found[name] == words


def printed(text: str, width: int = 80, **at: float) -> str:
    found = verify(text, at)
    stream = io.StringIO()
    record = {"id": 1, **found.to_record()}
    show(record, found.tape, found.chain(), Console(file=stream, width=width, highlight=False, markup=False))
    return stream.getvalue()


def test_columns_stand_under_each_other() -> None:
    lines = printed("a = x**2; b = exp(a); b**2", x=0.5).splitlines()
    forward, values, backward, _ = lines[(start := next(i for i, t in enumerate(lines) if "forward" in t)) : start + 4]
    for variable, value, derivative in (("x ", "0.5", "dy/dx"), ("b ", "1.28403", "dy/db")):
        place = forward.index(variable)
        assert values[place:].startswith(value)
        assert backward[place:].startswith(derivative)
    assert backward.index("← exp(a)") == forward.index("─ exp(a)")


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("text", ["exp(sin(x)*cos(x))**2 + tanh(x)/3", "sin(sin(sin(sin(sin(sin(x))))))"])
def test_nothing_is_wider_than_the_terminal(text: str, width: int) -> None:
    out = printed(text, width, x=0.5)
    *lines, command = out.splitlines()
    assert max(map(len, lines)) <= width
    assert command == f"reproduce  gradjury verify {shlex.quote(text)} --at x=0.5"  # in one line, to be copied
    assert "dy/dx" in out.replace("\n", "")


def test_a_long_chain_is_not_drawn_but_judged() -> None:
    out = printed("+".join(["x"] * (MAX_STEPS + 2)), x=1.0)
    assert f"the chain has {MAX_STEPS + 1} operations; at most {MAX_STEPS} are drawn" in out
    assert "symbolic" in out


def test_singular_points_draw_without_a_warning() -> None:
    assert "nan" in printed("sqrt(x**2) + log(x)/x", x=0.0)


def test_constants_alone_are_a_chain_too() -> None:
    tape = trace(lambda x: x * 0 + 3.0)
    assert steps(tape, {"x": 1.0})[-1].value == 3.0


@pytest.mark.parametrize(
    ("text", "x", "words"),
    [
        ("log(x)", -1.0, "log(x) is real where x > 0; here x = -1"),
        ("exp(sqrt(x - 1))", 0.0, "sqrt(a) is real where a ≥ 0; here a = -1"),
        ("x**0.5", -2.0, "x**0.5 is real where (x > 0 or 0.5 = floor(0.5)) and (x ≠ 0 or 0.5 ≥ 0); here x = -2"),
        ("exp(sqrt(x - 1))", 2.0, None),
    ],
)
def test_the_operation_whose_domain_is_left(text: str, x: float, words: str | None) -> None:
    found = outside(read(text), {"x": x})
    assert (found and str(found)) == words
    out = printed(text, x=x)
    assert ("the function has no value here: " + (words or "")[:20] in out) is (words is not None)
    assert "value nan" not in out  # which would say it again, without the reason


@pytest.mark.parametrize(
    ("exponent", "words"),
    [
        (math.inf, "None"),
        (math.nan, "x**nan is real where (x > 0 or nan = floor(nan)) and (x ≠ 0 or nan ≥ 0); here x = -1"),
    ],
)
def test_the_domain_of_a_power_may_hang_on_an_exponent_that_is_no_number(exponent: float, words: str) -> None:
    assert str(outside(trace(lambda x: x**exponent), {"x": -1.0})) == words


def test_a_hole_that_the_function_fills_is_no_end_of_it() -> None:
    out = " ".join(printed("sin(x)/x", x=0.0).split())
    assert "x ≠ 0" in out
    assert "but the function continues smoothly" in out
    assert "the function has no value here" not in out
    assert "the function has no value here" in printed("log(x)/x", x=-1.0)


@pytest.mark.parametrize(
    ("text", "corner"),
    [
        ("Abs(x)", True),
        ("hypot(x, x)", True),
        ("leaky_relu(x, 0.5)", True),
        ("clip(x, 0, 1)", True),
        ("where(x > 0, x, 2*x)", True),
        ("elu(x, 1)", False),  # its two slopes meet
        ("where(x > 0, x, 2*x + 1)", False),  # a jump
        ("Abs(x + 1)", False),
        ("sin(x)", False),
    ],
)
def test_corners_are_told_from_ties_of_equal_slopes_and_from_jumps(text: str, corner: bool) -> None:
    assert steps(read(text), {"x": 0.0})[-1].is_corner is corner
    assert ("has a corner here" in printed(text, x=0.0)) is corner


def test_whose_numbers_a_chain_shows_is_said_where_another_engine_is_judged() -> None:
    found = verify("tanh(x)", {"x": 20.0})
    for engine, is_said in (("numpy 2.0", False), ("claim", False), ("torch 2.0", True)):
        stream = io.StringIO()
        record = {"id": 1, **found.to_record(), "engine": engine}
        show(record, found.tape, found.chain(), Console(file=stream, width=80, highlight=False, markup=False))
        assert ("computed by the project's own engine" in stream.getvalue()) is is_said


def test_a_chain_without_sums_is_one_product() -> None:
    assert "the chain rule's product\n" in printed("exp(sin(x))", x=1.0)
    assert "the chain rule's products\n" in printed("exp(x)*y", x=1.0, y=2.0)
    assert "the chain rule's products, summed over paths\n" in printed("exp(x)*x", x=1.0)


def test_a_local_derivative_that_would_look_like_the_whole_one_has_a_letter_of_its_own() -> None:
    tape = read("exp(sin(x)*y) + x")
    names = [n for i, n in enumerate(node_names(tape)) if tape.active[i]]
    assert own_letters(tape, names) == {(tape.output, [*tape.nodes[tape.output].args].index(0)): "D"}
    assert own_letters(read("exp(sin(x)*y)"), ["A", "x", "y"]) == {}
    twice = read("a = sin(x); a*a")
    assert own_letters(twice, []) == {(twice.output, 0): "B1", (twice.output, 1): "B2"}


def test_numbers_of_very_many_digits_are_written_as_decimals():
    x = sp.Symbol("x")
    assert written(sp.Rational(1, 10**300) * x) == "x/1e+300"
    assert written(-1 / sp.Integer(10) ** 25) == "-1e-25"
    assert written(sp.Rational(1, 3) * x) == "x/3"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(10**400), "1e+400"),
        (Fraction(-2, 3 * 10**400), "-6.6666666666666667e-401"),
        (Fraction(0), "0"),
        (Fraction(10**300), "1e+300"),
    ],
)
def test_a_constant_beyond_the_floats_is_itself(value: Fraction, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize("y", [0.0, 1.0])
def test_what_the_engine_returns_where_corners_meet_is_told_from_what_one_sweep_ends_with(y: float) -> None:
    """At the origin y moves one corner alone, and x two: of |x| + max(x, y) the engine returns 2 and the mean 1/2."""
    tape, at = read("Abs(x) + Max(x, y)"), {"x": 0.0, "y": y}
    execution = Execution(tape)
    execution.forward(at)
    gradient = execution.reverse()
    assert execution.adjoints is not None
    found = apart(gradient, execution.adjoints)
    by_name = {step.name: step for step in steps(tape, at)}
    if y:
        assert found == {}
        assert by_name["y"].returned is None
    else:
        assert found == {1: 0.5}
        assert apart_in_words(found, tape) == "∂z/∂y = 0.5"
        assert (by_name["y"].returned, by_name["y"].adjoint, by_name["x"].returned) == (0.5, 0.0, None)
