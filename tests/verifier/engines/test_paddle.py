"""The adapter of paddle: its table against mpmath."""

from __future__ import annotations

import pytest

from .engines import check_higher, check_spellings

pytest.importorskip("paddle", reason="paddle is not installed")

from gradjury.verifier.engines.paddle import Paddle  # needs paddle

#: Functions that are less accurate than the others at ordinary points: defects too, but not of the table.
LOOSE = {"selu": 1e-6}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-4)])
@pytest.mark.parametrize("name", Paddle.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Paddle, name, dtype, max(tolerance, LOOSE.get(name, 0)))


def test_derivatives_of_higher_order() -> None:
    check_higher("paddle")
