"""What callers may pass: one line that names the argument, what came and what is expected."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sympy as sp

from gradjury.verifier.arguments import real, shown, whole
from gradjury.verifier.engines.common import TapeRunner
from gradjury.verifier.errors import InvalidInput, LimitExceeded
from gradjury.verifier.verify import verify

X = {"x": 1.0}


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"at": "x=1"}, "at: got 'x=1'; expected a mapping from variables to numbers"),
        ({"at": [1]}, r"at: got \[1\]; expected a mapping"),
        ({"at": {1: 1}}, "at: the variable: got 1; expected its name as text"),
        ({"at": {"x": 10**400}}, "at: x: given 1000.*…; expected a number"),
        ({"at": {"x": 1j}}, "at: x: given 1j; expected a number"),
        ({"at": X, "derivative": "1"}, "derivative: got '1'; expected a mapping from variables to formulas"),
        ({"at": X, "derivative": {"x": 2}}, "derivative: x: got 2; expected a formula as text"),
        ({"at": X, "derivative": {"x": "tahn(x)"}}, r"derivative: x: unknown function 'tahn'.*\(column 1\)"),
        (
            {"at": X, "gradient": math.cos},
            "gradient: got .*; expected numbers by variable; assert_gradient",
        ),
        ({"at": X, "gradient": {}}, "gradient: it holds no number to judge; expected one for x"),
        ({"at": {"x": 1.0, "y": 1.0}, "gradient": {"y": 0.0}, "wrt": "x"}, "gradient: it holds no number to judge"),
        ({"at": X, "gradient": {"x": "one"}}, "gradient: x: given 'one'; expected a number"),
        (
            {"at": {"x": [1, 2]}, "gradient": {"x": [[1, 2], [3, 4]]}},
            r"gradient: an array of shape \(2, 2\) for 'x' at 2 points; expected 1 or 2",
        ),
        ({"domain": [0, 1]}, r"domain: got \[0, 1\]; expected a mapping"),
        ({"domain": {"x": 1}}, "domain: x: given 1; expected two finite numbers"),
        ({"points": 0}, "points: got 0; expected a whole number from 1"),
        ({"points": 1.5}, "points: got 1.5; expected a whole number from 1"),
        ({"seed": "a"}, "seed: got 'a'; expected a whole number"),
        ({"order": 0}, "order: got 0; expected a whole number from 1"),
        ({"order": "1"}, "order: got '1'; expected a whole number from 1"),
        ({"standard": "strict"}, "standard: got 'strict'; expected program or function"),
        ({"certify": "some"}, "certify: got 'some'; expected all or suspicious"),
        ({"wrt": 3}, "wrt: got 3; expected the name of a variable"),
        ({"dtype": "int"}, "dtype: got 'int'; expected float64 or float32"),
        ({"dtype": "nosuch"}, "dtype: got 'nosuch'; expected float64 or float32"),
        ({"timeout": 0}, "timeout: got 0; expected a finite number of seconds above 0, or None"),
        ({"timeout": "a"}, "timeout: got 'a'; expected a finite number of seconds"),
        ({"timeout": math.nan}, "timeout: got nan; expected a finite number of seconds"),
        ({"timeout": math.inf}, "timeout: got inf; expected a finite number of seconds"),
        ({"engine": TapeRunner}, "engine: got the class TapeRunner, expected a name or an object"),
        (
            {"engine": TapeRunner()},
            "engine: got TapeRunner, expected a name or an object .*; it has no name and no version$",
        ),
        ({"engine": 3}, "engine: got int, expected a name or an object with .*dtype\\)$"),
    ],
)
def test_each_argument_is_checked(keywords, message):
    with pytest.raises(InvalidInput, match=f"^{message}") as caught:
        verify("x**2", **keywords)
    assert "\n" not in str(caught.value)


def test_the_limit_of_points():
    with pytest.raises(LimitExceeded, match="points: got 1,000,000,000; expected at most 1,000,000"):
        verify("x", points=10**9)


def test_the_place_in_a_claimed_formula_is_kept():
    with pytest.raises(InvalidInput) as caught:
        verify("x**2", X, derivative={"x": "2*tahn(x)"})
    assert caught.value.column == 3


@pytest.mark.parametrize("function", [np.sin, np.maximum])
def test_a_function_whose_arguments_have_no_names(function):
    with pytest.raises(InvalidInput, match="names no arguments; expected a Python function"):
        verify(function, X)


def test_what_is_taken():
    assert verify("x**2", X, timeout=1e300, seed=np.int64(-3), dtype=np.float32).verdict == "agree"
    assert verify("2", {}, gradient={}).verdict == "agree"
    assert whole("n", np.int32(3), 1) == 3
    assert real("n", np.float32(0.5)) == 0.5
    for wrong in (True, "1", None, 1.0):
        with pytest.raises(InvalidInput, match="n: got"):
            whole("n", wrong)


def test_a_long_value_is_shown_in_part():
    assert shown("a" * 100) == "'" + "a" * 56 + "…"


def test_names_are_read_as_python_reads_them() -> None:
    micro, mu = "\u00b5", "\u03bc"
    found = verify(f"{micro}**2", at={micro: 2.0}, gradient={micro: 4.0}, derivative={micro: f"2*{micro}"}, wrt=micro)
    assert found.verdict == "agree"
    assert found.points[0].at == {mu: 2.0}
    assert verify(f"{micro}**2", domain={micro: [1.0, 2.0]}, points=1).verdict == "agree"
    symbol = sp.Symbol(micro)  # whose name stays as it is
    assert verify(symbol**2, at={micro: 2.0}).points[0].at == {micro: 2.0}
    with pytest.raises(InvalidInput, match="is given twice: Python reads it as"):
        verify("x", at={micro: 2.0, mu: 1.0, "x": 1.0})
