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
def test_the_reason_says_what_differences_give(text: str) -> None:
    """The last is gamma_q of stan-dev/math 2006."""
    function, at = FUNCTIONS[text]
    name = next(iter(at))
    with mpmath.workdps(50):
        right = mpmath.diff(lambda t: function(t, at["x" if "x" in at else "a"]), mpmath.mpf(at[name]))
    for claim in (float(right), 0.0, float("nan")):
        found = verify(text, at=at, gradient={name: claim}, wrt=name)
        reason = found.points[0].partials[name].reason
        assert found.verdict == "undecided"
        assert reason.startswith("SymPy knows no derivative of ")
        given = mpmath.mpf(reason.partition("; differences in 512 bits give ")[2])
        assert abs(given - right) < abs(right) * mpmath.mpf(10) ** -11


@pytest.mark.parametrize("text", ["besselk(n, x)", "besselj(abs(n) + 1, x)"])
def test_where_differences_do_not_tell_nothing_is_said(text: str) -> None:
    """K is even in its order: there the derivative is 0, which no difference tells from a number near it; a tie."""
    found = verify(text, at={"n": 0.0, "x": 1.0}, gradient={"n": 0.5}, wrt="n")
    assert found.verdict == "undecided"
    assert "differences" not in found.points[0].partials["n"].reason
