"""The adapter of mlx: its table against mpmath; its functions of float64 have the digits of float32."""

from __future__ import annotations

import pytest

from .engines import check_higher, check_spellings

pytest.importorskip("mlx", reason="mlx is not installed")

from gradjury.verifier.engines.mlx import Mlx  # needs mlx


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-5), ("float32", 1e-4)])
@pytest.mark.parametrize("name", Mlx.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Mlx, name, dtype, tolerance)


def test_derivatives_of_higher_order() -> None:
    check_higher("mlx", "float32")
