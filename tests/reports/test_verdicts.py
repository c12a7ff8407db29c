"""Verdicts in words."""

from __future__ import annotations

import pytest

from gradjury.reports.verdicts import BY_DIFFERENCES, EXPLANATIONS, FAILING, ORDER, explain, meaning_of, verdicts_in
from gradjury.verifier.errors import InvalidInput
from gradjury.verifier.verdicts.judgement import FLAGGED, VERDICTS


def test_every_verdict_is_explained_in_its_order() -> None:
    assert tuple(EXPLANATIONS) == VERDICTS
    assert (*ORDER, "invalid") == VERDICTS
    assert set(FAILING) == set(FLAGGED)


@pytest.mark.parametrize("verdict", EXPLANATIONS)
def test_a_meaning_is_one_line_and_an_explanation_says_what_to_do(verdict: str) -> None:
    meaning = EXPLANATIONS[verdict].meaning
    assert "\n" not in meaning
    assert len(meaning) <= 100
    text = explain(verdict)
    assert text.startswith(f"{verdict}: {meaning}\n")
    assert "What to do: " in text


@pytest.mark.parametrize("verdict", EXPLANATIONS)
def test_by_differences_no_certificate_is_spoken_of(verdict: str) -> None:
    known = EXPLANATIONS[verdict].meaning
    assert meaning_of(verdict) == known
    alone = meaning_of(verdict, by_differences=True)
    assert alone.endswith("; nothing is certified") == (verdict in BY_DIFFERENCES)
    assert len(alone) <= 100


def test_an_unknown_verdict_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        explain("fine")


def test_verdicts_by_their_names() -> None:
    assert verdicts_in("wrong, kink,") == verdicts_in(["kink", "wrong"]) == {"wrong", "kink"}
    for given in ("wrong,fine", ["fine"], 3):
        with pytest.raises(InvalidInput, match="expected"):
            verdicts_in(given)  # type: ignore[arg-type]  # which a type checker refuses, too
