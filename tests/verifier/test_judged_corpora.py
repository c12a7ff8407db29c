"""All claims and functions of the large collections, where these stand beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from .test_judge_records import FLAGGED, check_claim, check_function, is_beyond_us, judged, lines

CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
#: The share of a collection that is judged here; of the longest one every tenth function.
STEPS = {"fpbench": 1, "ml": 1, "opt": 1, "rules": 1, "sr": 1, "sympytests": 1, "rubi_elementary": 10}

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora are not beside the checkout")


def test_every_claim_is_seen_through():
    rows = lines(CORPORA / "claims.jsonl")
    assert len(rows) > 300
    for line in rows:
        check_claim(line)


@pytest.mark.parametrize("name", STEPS)
def test_functions(name):
    rows = lines(CORPORA / f"{name}.jsonl")[:: STEPS[name]]
    points = [point for line in rows for point in check_function(line)["points"]]
    partials = [p for point in points for p in point["partials"].values() if not is_beyond_us(p)]
    undecided = [p["reason"] for p in partials if p["verdict"] == "undecided"]
    assert len(partials) >= len(rows) * 0.9
    assert len(undecided) <= 0.01 * len(partials), undecided


def test_special_functions_are_never_called_wrong():
    for line in lines(CORPORA / "rubi_special.jsonl")[::10]:
        _, result = judged(line)
        assert result["verdict"] not in FLAGGED, result
