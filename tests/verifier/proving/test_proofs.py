"""The hand-written derivatives: proved, all but a short list that is explained; wrong ones are refuted."""

import numpy as np
import pytest

from gradjury.engine import REGISTRY
from gradjury.engine.primitives.derived import CosineOfSquare, ExpMinusSquare, ExpSquare, OneOverLog, SineOfSquare
from gradjury.verifier.oracle.meanings import planted
from gradjury.verifier.proving.proofs import EXPLANATIONS, RESOLVED, prove, prove_all, summary


@pytest.mark.parametrize("name", REGISTRY)
def test_every_rule_is_proved_or_explained(name):
    proof = prove(REGISTRY[name], seconds=20.0)
    assert proof.branches
    unproved = [branch for branch in proof.branches if branch.status != "proved"]
    assert not [branch for branch in unproved if branch.status == "refuted"], unproved
    assert bool(unproved) == (name in EXPLANATIONS), f"EXPLANATIONS of verifier/proving/proofs.py: {unproved}"
    assert all(branch.error < RESOLVED for branch in unproved)


@pytest.mark.parametrize(
    "primitive", [ExpSquare, ExpMinusSquare, SineOfSquare, CosineOfSquare, OneOverLog], ids=lambda p: p.__name__
)
def test_rules_that_serve_derivatives_of_derivatives_are_proved(primitive):
    """Of the two others, Integrand and Power, exponents stand in code where no symbol can: mpmath tests those."""
    proof = prove(primitive, seconds=20.0)
    assert {branch.argument for branch in proof.branches} == set(primitive.arguments)
    assert all(branch.status == "proved" or branch.where == "x = 0" for branch in proof.branches)
    assert "refuted" not in {branch.status for branch in proof.branches}


def test_the_list_of_the_unproved_is_short_and_explained():
    assert len(EXPLANATIONS) <= 18  # of 110
    assert set(EXPLANATIONS) <= set(REGISTRY)
    assert all(len(text) > 30 for text in EXPLANATIONS.values())


def faulty(name, derivative):
    right = REGISTRY[name]
    return type("Faulty", (right,), {"derivative": derivative}, register=False)


@pytest.mark.parametrize(
    ("name", "derivative"),
    [
        ("sin", lambda x, y: -np.cos(x)),
        ("exp", lambda x, y: y * (1 + 1e-12)),
        ("tanh", lambda x, y: np.where(np.abs(x) < 0.2, 1.0, 1.0 - y * y)[()]),  # 1 − x² near 0
        ("sqrt", lambda x, y: 0.5 / x),
        ("mul", lambda a, b, y: (b, a + 1e-9)),
        ("besselj", lambda n, x, y: (np.nan, y)),
        ("powc", lambda x, y, *, c: np.where(x < 0.0, 1.0, c) * x ** (c - 1.0)),
    ],
)
def test_a_wrong_rule_is_refuted(name, derivative):
    proof = prove(faulty(name, derivative), seconds=2.0)
    assert "refuted" in {branch.status for branch in proof.branches}
    assert not proof.proved


def test_only_the_wrong_branch_is_refuted():
    proof = prove(faulty("sin", lambda x, y: np.where(x < -1.0, -np.cos(x), np.cos(x))[()]), seconds=2.0)
    assert {b.where: b.status for b in proof.branches} == {
        "x = 0": "proved",
        "x > 0": "proved",
        "x < 0, -x >= -1": "proved",
        "x < 0, -x < -1": "refuted",
    }


def test_a_wrong_meaning_refutes_the_rule():
    with planted("sin", "sin(x) + x/1000"):
        assert {b.status for b in prove(REGISTRY["sin"], seconds=2.0).branches} == {"refuted"}


def test_another_form_of_the_rule_is_proved_too():
    assert prove(faulty("tanh", lambda x, y: 1.0 - y * y), seconds=20.0).proved
    assert prove(faulty("atan", lambda x, y: 1.0 / (1.0 + x * x)), seconds=20.0).proved


def test_words_and_records():
    (proof,) = prove_all(["sqrt"])
    assert summary([proof]) == "1 of 1 rules proved in every branch; 1 branches: 1 proved"
    assert proof.to_record() == {
        "primitive": "sqrt",
        "branches": [{"argument": "x", "where": "x > 0", "status": "proved", "how": "the same", "error": 0.0}],
    }
