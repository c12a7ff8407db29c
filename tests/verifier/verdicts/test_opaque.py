"""Derivatives without a closed form: differences in many bits against mpmath's derivatives."""

from __future__ import annotations

import mpmath
import pytest

from gradjury.verifier import verify

FUNCTIONS = {
    "besselj(n, x)": (mpmath.besselj, {"n": 1.5, "x": 2.0}),
    "besselk(n, x)": (mpmath.besselk, {"n": 2.0, "x": 0.7}),
    "lowergamma(a, x)": (lambda a, x: mpmath.gammainc(a, 0, x), {"a": 50.0, "x": 60.0}),
    "uppergamma(a, x)": (mpmath.gammainc, {"a": 2.5, "x": 1.7}),
    "zeta(s, a)": (mpmath.zeta, {"s": 3.5, "a": 2.0}),
    "polylog(s, x)": (mpmath.polylog, {"s": -1.0, "x": 0.4}),
    "hyp1f1(a, 1.3, x)": (lambda a, x: mpmath.hyp1f1(a, mpmath.mpf("1.3"), x), {"a": -0.4, "x": 2.0}),
    "log(uppergamma(a, x)/gamma(a))": (
        lambda a, x: mpmath.log(mpmath.gammainc(a, x, regularized=True)),
        {"a": 3.0, "x": 36.0},
    ),
}


@pytest.mark.parametrize("text", FUNCTIONS)
def test_right_and_wrong_numbers(text: str) -> None:
    """The last is gamma_q of stan-dev/math 2006."""
    function, at = FUNCTIONS[text]
    name = next(iter(at))
    with mpmath.workdps(50):
        right = float(mpmath.diff(lambda t: function(t, at["x" if "x" in at else "a"]), mpmath.mpf(at[name])))
    claims = [right, 0.0, -right, right * 1.01, right * (1 + 1e-9), float("nan")]
    points = {key: [x] * len(claims) for key, x in at.items()}
    found = verify(text, at=points, gradient={name: claims}, wrt=name)
    partials = [point.partials[name] for point in found.points]
    assert [p.verdict for p in partials] == ["agree", "wrong", "wrong", "wrong", "undecided", "undecided"]
    assert [p.certified for p in partials] == [False] * 4 + [True] * 2
    assert all("SymPy knows no derivative" in p.reason for p in partials)
    assert "in 512 bits, not certified" in partials[0].reason


def test_where_differences_do_not_tell_nothing_is_said() -> None:
    """K is even in its order: there the derivative is 0, which no difference tells from a number near it."""
    found = verify("besselk(n, x)", at={"n": 0.0, "x": 1.0}, gradient={"n": 0.5}, wrt="n")
    assert found.verdict == "undecided"
    at_a_tie = verify("besselj(abs(n) + 1, x)", at={"n": 0.0, "x": 1.0}, gradient={"n": 5.0}, wrt="n")
    assert at_a_tie.verdict == "undecided"


def test_rounding_that_nobody_bounds_accuses_no_program() -> None:
    """The digits of 1 − P(a, x) are lost in floats."""
    found = verify("log(1 - lowergamma(a, x)/gamma(a))", at={"a": 3.0, "x": 60.0}, gradient={"a": 1.0}, wrt="a")
    assert found.verdict == "undecided"


def test_an_engine_that_knows_no_derivative_is_not_accused() -> None:
    assert verify("besselj(n, x)", at={"n": 2.0, "x": 1.0}, wrt="n").verdict == "undecided"
