"""The adapter of mygrad: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

import pytest

from .engines import check_first_only, check_spellings, exact, found, mp

pytest.importorskip("mygrad", reason="mygrad is not installed")

from gradjury.verifier.engines.mygrad import Mygrad  # needs mygrad


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-5)])
@pytest.mark.parametrize("name", Mygrad.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Mygrad, name, dtype, tolerance)


def test_known_defects_show() -> None:
    verdict, partials, primitive = found("mygrad", "cbrt(x)", x=1e-200)
    assert verdict in ("nonfinite", "wrong")
    assert primitive == "cbrt"
    assert partials["x"] != pytest.approx(exact(mp.cbrt, 1e-200), rel=1e-3)
    assert found("mygrad", "leaky_relu(x, 0.1)", x=0.0) == ("wrong", {"x": 0.0}, "leaky_relu")
    assert found("mygrad", "acos(x)", x=1.0) == ("nonfinite", {"x": 0.0}, "acos")
    assert found("mygrad", "Max(x, y) + Min(x, y)", x=1.0, y=1.0)[:2] == ("wrong", {"x": 0.0, "y": 0.0})


def test_derivatives_of_higher_order() -> None:
    check_first_only("mygrad")
