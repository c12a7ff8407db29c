"""Claimed formulas: judged in balls at the points, proved where SymPy can."""

from __future__ import annotations

import pytest
import sympy as sp

from gradjury.verifier.oracle.sweeps import Plan
from gradjury.verifier.reading.reader import read
from gradjury.verifier.verdicts import formula
from gradjury.verifier.verdicts.formula import as_sympy, judge_formula, proved
from gradjury.verifier.verdicts.judge import PointJudge
from gradjury.verifier.verify import verify

from ..oracle.test_sweeps import DOUBLE


def judged(function, claim, x):
    truth = PointJudge(Plan(read(function)), [x], DOUBLE, "program").truth(0)
    return judge_formula(Plan(read(claim)), [x], truth)


@pytest.mark.parametrize(
    ("function", "claim", "x", "expected"),
    [
        ("sin(x)**2", "2*sin(x)*cos(x)", 0.7, "agree"),
        ("sin(x)**2", "sin(2*x)", 0.7, "agree"),
        ("sin(x)**2", "sin(2*x) + 1e-30", 0.7, "wrong"),
        ("log(1 + exp(x))", "exp(x)/(1 + exp(x))", 50.0, "agree"),
        ("log(1 + exp(x))", "1", 50.0, "wrong"),
        # 128 bits leave the claim 41 of them, in which its error cannot be seen
        ("cosh(x)", "sinh(x)*(cosh(x)**2 - sinh(x)**2)*(1 + 1e-13)", 29.5, "wrong"),
        ("cosh(x)", "sinh(x)*(cosh(x)**2 - sinh(x)**2)", 29.5, "agree"),
        ("x**2", "2*x", 0.0, "agree"),
        ("x**3", "x*(x - x)", 0.0, "agree"),
        ("exp(x)", "exp(x) + sqrt(x - 1) - sqrt(x - 1)", 0.5, "undecided"),
        ("exp(x)", "1/(x - x)", 0.5, "undecided"),
        ("cos(x)", "-sin(x) + 0*(sin(x)**2 + cos(x)**2 - 1)", 0.5, "agree"),
        ("Abs(x)", "sign(x)", 0.0, None),  # no derivative, nothing to compare with
        ("sqrt(x)", "1/(2*sqrt(x))", 0.0, None),
    ],
)
def test_a_claim_meets_the_truth_or_does_not(function, claim, x, expected):
    assert judged(function, claim, x) == expected


@pytest.mark.parametrize(
    ("function", "claim", "expected"),
    [
        ("x**2*exp(x)", "exp(x)*(x**2 + 2*x)", True),
        ("log(x)", "1/x", True),
        ("atan(x)", "1/(1 + x**2)", True),
        ("Abs(x)", "1", False),  # true for positive x alone, as are the next four
        ("x*sqrt(x**2)", "2*x", False),
        ("x**3", "3*x*Abs(x)", False),
        ("Max(x, 0)", "1", False),
        ("(x**2)**1.5", "3*x**2", False),
        ("x**y", "y*x**(y - 1)", True),
        ("x/(1 + x)", "1/(1 + x)**2", True),
        ("x**2", "2*x + 1", False),
        ("sin(x)**2", "sin(2*x)", False),  # true, and beyond a short proof
    ],
)
def test_proofs(function, claim, expected):
    assert proved(read(function), "x", read(claim)) is expected


def test_what_holds_on_a_part_of_the_line_is_no_proof():
    found = verify("x*Abs(x)", at={"x": 2.0}, derivative={"x": "2*x"})
    assert found.points[0].partials["x"].formula_verdict == "agree"
    found = verify("x*Abs(x)", at={"x": -2.0}, derivative={"x": "2*x"})
    assert found.points[0].partials["x"].formula_verdict == "wrong"


def test_a_formula_without_a_value_says_so():
    partial = verify("exp(x)", at={"x": 0.5}, derivative={"x": "exp(x) + sqrt(x - 1)"}).points[0].partials["x"]
    assert (partial.verdict, partial.formula_verdict) == ("agree", "undecided")
    assert partial.reason is not None
    assert "formula" in partial.reason
    partial = verify("exp(x)", at={"x": 0.5}, derivative={"x": "dirichlet_eta(x)"}).points[0].partials["x"]
    assert partial.formula_verdict == "undecided"
    assert partial.reason == "the claimed formula: dirichlet_eta is known to SymPy but has no primitive here"


def test_long_or_slow_proofs_are_given_up(monkeypatch):
    long = " + ".join(f"sin({n}*x)" for n in range(1, 20))
    assert not proved(read(long), "x", read("cos(x)"))
    chain, slope = "+".join(["x"] * 12), "12"
    assert proved(read(chain), "x", read(slope))
    assert not proved(read(chain), "x", read("+".join([slope[:1]] * 12 + ["0"] * 20)))
    monkeypatch.setattr(formula, "PROOF_SECONDS", 1e-6)
    assert not proved(read("x**2*exp(x)"), "x", read("exp(x)*(x**2 + 2*x)"))


def test_a_failing_proof_is_no_proof(monkeypatch):
    def fail(tape):
        raise NotImplementedError

    monkeypatch.setattr(formula, "as_sympy", fail)
    assert not proved(read("x"), "x", read("1"))


def test_a_tape_as_one_expression():
    x, y = sp.symbols("x y", real=True)
    assert as_sympy(read("a = x**2; exp(a)*y + 1/3")) == y * sp.exp(x**2) + sp.Rational(1, 3)


@pytest.mark.parametrize(
    ("claim", "formula_verdict", "verdict"),
    [
        ("exp(x)*y", "proved", "agree"),
        ("exp(x)*y + (sin(x)**2 + cos(x)**2 - 1)", "agree", "agree"),
        ("exp(x)*y*(1 + 1e-12)", "wrong", "wrong"),
        ("exp(x)*y + 1/(x - x)", "undecided", "undecided"),
        ("dirichlet_eta(x)", "undecided", "undecided"),
    ],
)
def test_the_records_verdict_is_the_worst_of_all(claim, formula_verdict, verdict):
    result = verify("exp(x)*y", {"x": [0.5, 1.0], "y": 2.0}, derivative={"x": claim})
    assert [p.partials["x"].formula_verdict for p in result.points] == [formula_verdict] * 2
    assert [p.partials["y"].formula_verdict for p in result.points] == [None] * 2
    assert result.verdict == verdict
    assert result.points[0].to_record()["partials"]["x"]["formula_verdict"] == formula_verdict
