"""The adapter of uncertainties: its table against mpmath."""

from __future__ import annotations

import pytest

from .engines import check_first_only, check_spellings

pytest.importorskip("uncertainties", reason="uncertainties is not installed")

from gradjury.verifier.engines.uncertainties import Uncertainties  # needs uncertainties

#: Functions whose derivatives it takes by differences: defects too, but not of the table.
LOOSE = {"gamma": 1e-6, "loggamma": 1e-6}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11)])
@pytest.mark.parametrize("name", Uncertainties.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Uncertainties, name, dtype, max(tolerance, LOOSE.get(name, 0)))


def test_derivatives_of_higher_order() -> None:
    check_first_only("uncertainties")
