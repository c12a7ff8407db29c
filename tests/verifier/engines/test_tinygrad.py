"""The adapter of tinygrad: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from .engines import check_higher, check_spellings, found

if find_spec("tinygrad") is None:  # not imported here: the adapter first chooses its device
    pytest.skip("tinygrad is not installed", allow_module_level=True)

from gradjury.verifier.engines.tinygrad import Tinygrad  # needs tinygrad

#: Functions that are less accurate than the others at ordinary points: defects too, but not of the table.
LOOSE = {"asin": 1e-6, "acos": 1e-6, "atan": 1e-6, "erf": 1e-5, "selu": 1e-5}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-4)])
@pytest.mark.parametrize("name", Tinygrad.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Tinygrad, name, dtype, max(tolerance, LOOSE.get(name, 0)))


def test_known_defects_show() -> None:
    assert found("tinygrad", "x*y", x=3.0, y=3.0)[:2] == ("wrong", {"x": 6.0, "y": 6.0})
    assert found("tinygrad", "x*y", x=3.0, y=4.0)[0] == "agree"


def test_derivatives_of_higher_order() -> None:
    check_higher("tinygrad")
