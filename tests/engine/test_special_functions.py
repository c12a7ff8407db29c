"""The documented k of every special function is the declared one, and no special function lacks its measurement."""

from __future__ import annotations

import re
from pathlib import Path

from gradjury.engine import REGISTRY

from .special_truth import RANGES

PAGE = Path(__file__).parents[2] / "docs" / "special-functions.md"
SPECIAL = {name: primitive.ulps for name, primitive in REGISTRY.items() if primitive.special}


def test_every_special_function_is_measured():
    assert set(RANGES) == set(SPECIAL), "RANGES and TRUTH of tests/engine/special_truth.py say how each is measured"


def test_the_page_states_the_declared_k_and_errors_below_it():
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", PAGE.read_text("utf-8"), re.M)
    assert {name: float(k) for name, k, *_ in rows} == SPECIAL
    for name, k, value, derivative in rows:
        assert max(float(value), float(derivative)) <= float(k), name
