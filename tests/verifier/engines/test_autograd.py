"""The adapter of autograd: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

import pytest

import gradjury as gj

from .engines import check_higher, check_spellings, exact, found, mp

pytest.importorskip("autograd", reason="autograd is not installed")

from gradjury.verifier.engines.autograd import Autograd  # needs autograd


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-5)])
@pytest.mark.parametrize("name", Autograd.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Autograd, name, dtype, tolerance)


def test_known_defects_show() -> None:
    assert found("autograd", "logaddexp(x, y)", x=1e17, y=1e17) == ("wrong", {"x": 1.0, "y": 1.0}, "logaddexp")
    verdict, partials, primitive = found("autograd", "x/y", x=5e16, y=-1e160)
    assert (verdict, primitive) == ("inaccurate", "div")
    assert partials["y"] == 0.0 != exact(lambda y: mp.mpf(5e16) / y, -1e160)
    assert found("autograd", "normalized_sinc(x)", x=0.0)[0] == "nonfinite"


def test_bounds_of_clip_have_no_derivative() -> None:
    result = gj.verify("clip(x, y, 2)", at={"x": 0.5, "y": 0.0}, engine="autograd")
    assert result.verdict == "undecided"
    assert result.points[0].partials["x"].reason == "autograd: clip has no derivative by its bounds"
    assert found("autograd", "clip(x, 0, 2)", x=0.5) == ("agree", {"x": 1.0}, None)


def test_a_function_without_slope_is_no_warning() -> None:
    assert found("autograd", "floor(x)", x=0.5) == ("agree", {"x": 0.0}, None)


def test_derivatives_of_higher_order() -> None:
    check_higher("autograd")
