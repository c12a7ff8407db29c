"""The adapter of torch: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

import gradjury as gj
from gradjury.cli import main

from .engines import check_higher, check_spellings, exact, found, mp, truth

pytest.importorskip("torch", reason="torch is not installed")

from gradjury.verifier.engines.torch import Torch  # needs torch

#: Functions that are less accurate than the others at ordinary points: defects too, but not of the table.
LOOSE = {"digamma": 1e-9, "polygamma": 1e-9}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-5)])
@pytest.mark.parametrize("name", Torch.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Torch, name, dtype, max(tolerance, LOOSE.get(name, 0)))


def test_known_defects_show() -> None:
    assert found("torch", "tanh(x)", x=20.0) == ("inaccurate", {"x": 0.0}, "tanh")
    assert exact(mp.tanh, 20.0) == pytest.approx(1.6993417021166356e-17, rel=1e-15)
    assert found("torch", "sigmoid(x)", x=40.0) == ("inaccurate", {"x": 0.0}, "sigmoid")
    assert exact(truth("sigmoid"), 40.0) == pytest.approx(4.248354255291589e-18, rel=1e-15)
    assert found("torch", "expm1(x)", x=-40.0) == ("inaccurate", {"x": 0.0}, "expm1")
    assert exact(mp.expm1, -40.0) == pytest.approx(4.248354255291589e-18, rel=1e-15)
    assert found("torch", "ldexp(x, -2)", x=1.0) == ("wrong", {"x": 0.0}, "ldexp")
    assert found("torch", "ldexp(x, 200)", x=0.5) == ("wrong", {"x": 0.0}, "ldexp")
    assert found("torch", "ldexp(x, 2)", x=0.5)[0] == "agree"
    assert found("torch", "digamma(x)", x=-0.5)[::2] == ("wrong", "digamma")
    assert found("torch", "zeta(2, a)", a=1e120) == ("inaccurate", {"a": 0.0}, "zeta")
    assert found("torch", "zeta(2.5, a)", a=0.3)[0] == "agree"


def test_the_threshold_of_softplus_is_a_wrong_value_and_not_the_oracles_fault() -> None:
    result = gj.verify("y*softplus(x)", at={"x": 20.5, "y": 2.0}, engine="torch")
    assert result.verdict == "wrong"
    assert result.blame is not None
    assert (result.blame.kind, result.blame.primitive) == ("forward", "softplus")
    slope = exact(truth("softplus"), 20.5)
    assert result.points[0].partials["x"].engine == 2.0 != pytest.approx(2 * slope, rel=1e-10)


def test_the_installed_torch_is_the_one_that_is_declared() -> None:
    assert Torch().version.startswith("2.13.0")


def test_minus_zero_may_stand_on_the_other_side_of_a_jump() -> None:
    assert found("torch", "y*atan2(x, -z)", x=-0.0, y=2.0, z=10.0)[0] == "undefined"
    assert found("torch", "y*atan2(x, -z)", x=0.0, y=2.0, z=10.0)[0] == "undefined"
    result = gj.verify("y*atan2(x, -z)", at={"x": -0.0, "y": 2.0, "z": 10.0}, gradient={"y": 4.0})
    assert result.verdict == "wrong"  # on neither side, nor between them


def test_the_command_line_says_something_true_and_surprising() -> None:
    done = CliRunner().invoke(main, ["verify", "tanh(x)", "--at", "x=20", "--engine", "torch"])
    assert done.exit_code == 1
    assert "inaccurate" in done.stdout
    assert "1.699341702116635" in done.stdout
    assert "the derivative rule of tanh" in done.stdout


def test_derivatives_of_higher_order() -> None:
    check_higher("torch")
