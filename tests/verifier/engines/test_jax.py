"""The adapter of jax: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

import numpy as np
import pytest

import gradjury as gj
from gradjury.verifier import read

from .engines import alone, check_higher, check_spellings, exact, found, mp, truth

jax = pytest.importorskip("jax", reason="jax is not installed")

from gradjury.verifier.engines.jax import Jax  # noqa: E402  # needs jax

#: Functions that are less accurate than the others at ordinary points: defects too, but not of the table.
LOOSE = {"besselj": 1e-9}


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-4)])
@pytest.mark.parametrize("name", Jax.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    if name == "besselj" and dtype == "float32":
        assert np.isnan(Jax().gradient(alone(name), {"x": 0.375}, dtype)[0])  # its recurrence overflows
        return
    check_spellings(Jax, name, dtype, max(tolerance, LOOSE.get(name, 0)))


def test_known_defects_show() -> None:
    verdict, partials, primitive = found("jax", "normalized_sinc(x)", x=1e-8)
    assert (verdict, primitive) == ("wrong", "normalized_sinc")
    slope = float(-(mp.pi**2) * mp.mpf(1e-8) / 3)  # the next term is 1e-16 of it
    assert abs(partials["x"] - slope) > 0.3 * abs(slope)
    assert found("jax", "i0(x)", x=0.0) == ("wrong", {"x": 1.0}, "i0")
    assert exact(truth("i0"), 0.0) == 0.0
    verdict, partials, primitive = found("jax", "digamma(x)", x=-10.5)
    assert (verdict, primitive) == ("wrong", "digamma")
    assert exact(truth("digamma"), -10.5) == pytest.approx(9.778757739814812, rel=1e-14)
    assert partials["x"] > 1e12
    verdict, partials, primitive = found("jax", "hypot(x, y)", x=1e160, y=1e160)
    assert (verdict, primitive) == ("wrong", "hypot")
    assert abs(partials["x"] - float(1 / mp.sqrt(2))) > 0.3


def test_hypergeometric_functions_of_negative_arguments_are_wrong() -> None:
    """JAX documents that it takes positive ones only, and returns others without an error."""
    assert found("jax", "hyp2f1(1, 3, 0.5, z)", z=-10.0)[::2] == ("wrong", "hyp2f1")
    assert found("jax", "hyp1f1(3, 0.5, z)", z=-30.0)[::2] == ("wrong", "hyp1f1")
    assert found("jax", "zeta(2, a)", a=0.3)[0] == "agree"


def test_a_zeta_function_takes_orders_above_1() -> None:
    result = gj.verify("zeta(0.5, a)", {"a": 2.0}, engine="jax")
    assert result.points[0].partials["a"].reason == "jax.scipy.special.zeta takes orders above 1 only, got 0.5"


def test_float64_is_enabled_for_the_adapter_alone() -> None:
    before = jax.config.jax_enable_x64
    assert Jax().gradient(alone("sin"), {"x": 0.5}, "float64")[0] == pytest.approx(float(mp.sin(0.5)), rel=1e-15)
    assert jax.config.jax_enable_x64 == before
    single = float(Jax().gradient(alone("sin"), {"x": 0.5}, "float32")[0])
    assert np.float32(single) == np.float32(mp.sin(0.5))
    assert single != float(mp.sin(0.5))


def test_many_points_are_asked_in_blocks_of_few_sizes() -> None:
    tape = read("sin(x)*y + where(x < y, x, 2)")
    asked: set[int] = set()

    class Watched(Jax):
        def differentiate(self, function, inputs):
            asked.add(inputs[0].size)
            return super().differentiate(function, inputs)

    for count in (1, 3, 17, 18, 65, 512, 700):
        at = {"x": np.linspace(0.1, 3.0, count), "y": np.linspace(1.0, 2.0, count)}
        value, gradient = Watched().gradient(tape, at, "float64")
        single = [Jax().gradient(tape, {name: x[k] for name, x in at.items()}, "float64") for k in (0, count - 1)]
        assert value.shape == gradient["x"].shape == (count,)
        assert [value[0], value[-1]] == [float(v) for v, _ in single]
        assert [gradient["y"][0], gradient["y"][-1]] == [float(g["y"]) for _, g in single]
    assert asked == {1, 3, 17, 64, 512}


def test_points_are_rounded_to_what_the_engine_can_hold() -> None:
    assert Jax.flushes_subnormals
    result = gj.verify("xlogy(2, x)", at={"x": 5e-324}, engine="jax")  # XLA takes it as 0
    assert result.points[0].at == {"x": 0.0}
    assert result.verdict not in ("wrong", "nonfinite")
    assert gj.verify("xlogy(2, x)", at={"x": 5e-324}).points[0].at == {"x": 5e-324}


def test_derivatives_of_higher_order() -> None:
    check_higher("jax")
