"""The adapter of pytensor: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

import pytest

from .engines import check_spellings, found

pytest.importorskip("pytensor", reason="pytensor is not installed")

from gradjury.verifier.engines.pytensor import Pytensor  # needs pytensor


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-4)])
@pytest.mark.parametrize("name", Pytensor.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Pytensor, name, dtype, tolerance)


def test_known_defects_show() -> None:
    verdict, _, primitive = found("pytensor", "logaddexp(x, y)", x=800.0, y=0.0)
    assert (verdict, primitive) == ("nonfinite", "logaddexp")
