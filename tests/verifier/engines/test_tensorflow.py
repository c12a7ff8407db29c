"""The adapter of tensorflow: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

import pytest

from .engines import check_higher, check_spellings, found

pytest.importorskip("tensorflow", reason="tensorflow is not installed")

from gradjury.verifier.engines.tensorflow import Tensorflow  # needs tensorflow

#: Functions that are less accurate than the others at ordinary points: defects too, but not of the table.
LOOSE = {"gelu": 1e-6}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-4)])
@pytest.mark.parametrize("name", Tensorflow.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Tensorflow, name, dtype, max(tolerance, LOOSE.get(name, 0)))


def test_known_defects_show() -> None:
    assert found("tensorflow", "tanh(x)", x=20.0) == ("inaccurate", {"x": 0.0}, "tanh")
    assert found("tensorflow", "gelu(x)", x=0.375)[2] == "gelu"


def test_derivatives_of_higher_order() -> None:
    check_higher("tensorflow")
