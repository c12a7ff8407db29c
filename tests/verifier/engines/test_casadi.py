"""The adapter of casadi: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

import numpy as np
import pytest

import gradjury as gj

from .engines import check_higher, check_spellings, found, mp

pytest.importorskip("casadi", reason="casadi is not installed")

from gradjury.verifier.engines.casadi import Casadi  # needs casadi

#: Functions that are less accurate than the others at ordinary points: defects too, but not of the table.
LOOSE = {"erfinv": 1e-6}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11)])
@pytest.mark.parametrize("name", Casadi.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Casadi, name, dtype, max(tolerance, LOOSE.get(name, 0)))


def test_known_defects_show() -> None:
    verdict, partials, primitive = found("casadi", "0**y", y=2.0)
    assert (verdict, primitive) == ("nonfinite", "pow")
    assert np.isnan(partials["y"])
    result = gj.verify("erfinv(x)", at={"x": 0.5}, engine="casadi")
    assert (result.verdict, result.points[0].value_verdict) == ("wrong", "wrong")
    assert result.blame is not None
    assert (result.blame.kind, result.blame.primitive) == ("forward", "erfinv")
    assert abs(result.points[0].value - float(mp.erfinv(0.5))) > 1e-12


def test_float32_is_undecided_with_the_reason() -> None:
    result = gj.verify("sin(x)*x", at={"x": 0.5}, engine="casadi", dtype="float32")
    assert result.verdict == "undecided"
    assert result.points[0].partials["x"].reason == "casadi computes in float64 only, not in float32"


def test_derivatives_of_higher_order() -> None:
    check_higher("casadi")
