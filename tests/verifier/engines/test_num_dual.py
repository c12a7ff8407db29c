"""The adapter of num_dual: its table against mpmath."""

from __future__ import annotations

import pytest

from .engines import check_first_only, check_spellings

pytest.importorskip("num_dual", reason="num_dual is not installed")

from gradjury.verifier.engines.num_dual import NumDual  # needs num_dual


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11)])
@pytest.mark.parametrize("name", NumDual.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(NumDual, name, dtype, tolerance)


def test_derivatives_of_higher_order() -> None:
    check_first_only("num_dual")
