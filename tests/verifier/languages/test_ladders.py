"""Ladders of steps, and the limits of quotients that no shorter step refutes."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.verifier.languages.ladders import NOTHING, ladders, limit


@pytest.mark.parametrize(("x", "count"), [(16.0, 2), (1.0, 1), (0.3, 1), (0.0, 1), (-1e-9, 2), (1e-320, 2)])
def test_each_family_has_a_ladder_for_each_scale(x: float, count: int) -> None:
    families = ladders(x)
    assert [len(family) for family in families] == [count, count]
    for ladder in (ladder for family in families for ladder in family):
        assert (np.diff(ladder.h) <= 0).all()  # subnormal ones may be the same
        assert (ladder.halved, ladder.h[0]) == (14, 2.0**13 * ladder.h[13]) or abs(x) < 1e-300


@pytest.mark.parametrize("x", [0.3, 1.0, 1e5, 1e-5])
def test_the_shortest_steps_are_a_few_units_in_the_last_place(x: float) -> None:
    shortest = min(ladder.h.min() for family in ladders(x) for ladder in family)
    unit = max(float(np.spacing(x)), 2.0**-52 * (x if x < 0.25 else 1.0))
    assert 8 * unit < shortest or x == 1e5
    assert shortest < 64 * unit


def test_longer_ladders_end_where_shorter_ones_begin() -> None:
    for family in ladders(1e-6):
        shorter, longer = family
        assert shorter.h[0] < longer.h[-1] < 8 * shorter.h[0]


H = 0.125 * 2.0 ** -np.arange(14)
ROUNDING = 1e-15 / H


def test_the_limit_of_quotients_of_a_smooth_function() -> None:
    found = limit(np.sinh(H) / H, ROUNDING, H, 2)
    assert found is not None
    assert abs(found.value - 1) <= found.error < 1e-12


@pytest.mark.parametrize("structure", [1e-3, 1e-2, 1.0])
def test_a_limit_that_shorter_steps_refute_is_none(structure: float) -> None:
    """From afar the slope is 1 to the last digit; the shorter half of the steps sees another."""
    below = np.where(H[7] > H, structure, 0.0)
    found = limit(1 + below, ROUNDING, H, 2)
    assert found is None or found is NOTHING or abs(found.value - 1 - structure) <= found.error


def test_steps_beyond_the_domain_are_left_out_and_steps_within_are_not() -> None:
    quotients = np.sinh(H) / H
    beyond = np.where(H[4] < H, np.nan, quotients)
    found = limit(beyond, ROUNDING, H, 2)
    assert found is not None
    assert abs(found.value - 1) <= found.error < 1e-10
    assert limit(np.where(H[10] > H, np.nan, quotients), ROUNDING, H, 2) is NOTHING
    assert limit(quotients, np.full_like(H, np.inf), H, 2) is None
