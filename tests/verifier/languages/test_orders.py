"""Derivatives of higher order of functions in an engine's own language: the library's own, of its derivatives."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import gradjury as gj

LIBRARIES = {"torch": "torch", "jax": "jax.numpy", "autograd": "autograd.numpy"}


def library(engine: str) -> Any:
    return pytest.importorskip(LIBRARIES[engine])


@pytest.mark.parametrize("engine", LIBRARIES)
@pytest.mark.parametrize("order", [2, 3])
def test_right_derivatives_agree(engine: str, order: int) -> None:
    lib = library(engine)
    found = gj.verify(
        lambda x, y: lib.sin(x * y) * lib.exp(x), at={"x": [0.5, -1.25], "y": 2.0}, engine=engine, order=order
    )
    assert found.verdict == "agree"
    for point in found.points:
        x, y = (mpmath.mpf(point.at[name]) for name in "xy")
        with mpmath.workdps(40):
            right = mpmath.diff(lambda t, y=y: mpmath.sin(t * y) * mpmath.exp(t), x, order)
        assert abs(point.partials["x"].engine - right) <= 1e-12 * abs(right)
        assert point.partials["x"].certified


@pytest.mark.parametrize("engine", LIBRARIES)
def test_an_entry_of_an_array_is_differentiated_alone(engine: str) -> None:
    lib = library(engine)
    w = np.array([1.0, 2.0]) if engine == "autograd" else getattr(lib, "tensor", lib.asarray)([1.0, 2.0])
    points = [w] if engine == "autograd" else w
    found = gj.verify(lambda x, w: (lib.sin(x * w) * w**3).sum(), at={"x": 0.5, "w": points}, engine=engine, order=2)
    assert found.verdict == "agree"
    assert [*found.points[0].partials] == ["x", "w[0]", "w[1]"]


@pytest.mark.parametrize("engine", LIBRARIES)
def test_what_depends_on_no_input_any_more_has_the_derivative_0(engine: str) -> None:
    library(engine)
    found = gj.verify(lambda x: 3 * x, at={"x": 0.5}, engine=engine, order=2)
    assert (found.verdict, found.points[0].partials["x"].engine) == ("agree", 0.0)


def _torch_rules(torch: Any) -> dict[str, Any]:
    """Rules that are right once, and forget what they have kept on the way forward: pytorch/pytorch 58509, 99523."""

    class Kept(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.twice = x * 2
            return ctx.twice**2

        @staticmethod
        def backward(ctx, g):
            return 4 * ctx.twice * g

    class Inner(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.x = x.detach().requires_grad_()
            with torch.enable_grad():
                ctx.y = ctx.x**2
            return ctx.y.detach()

        @staticmethod
        def backward(ctx, g):
            return torch.autograd.grad(ctx.y, ctx.x, g, create_graph=True)[0]

    class Right(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            return 3 * ctx.saved_tensors[0] ** 2 * g

    return {"Kept": Kept, "Inner": Inner, "Right": Right}


@pytest.mark.parametrize("name", ["Kept", "Inner"])
def test_a_rule_of_torch_that_is_right_once_is_found_and_blamed(name: str) -> None:
    torch = library("torch")
    rule = _torch_rules(torch)[name].apply
    once, twice = (
        gj.verify(lambda x: rule(torch.sin(x)) * x, at={"x": [0.5, 1.5]}, engine="torch", order=n) for n in (1, 2)
    )
    assert once.verdict == "agree"
    assert (twice.verdict, twice.blame.kind, twice.blame.primitive) == ("wrong", "rule", name)
    x = torch.tensor([0.5, 1.5], dtype=torch.float64, requires_grad=True)
    assert gj.gradcheck(rule, x)
    assert not gj.gradgradcheck(rule, x, raise_exception=False)


def test_a_right_rule_of_torch_agrees() -> None:
    torch = library("torch")
    rule = _torch_rules(torch)["Right"].apply
    assert gj.verify(lambda x: rule(torch.sin(x)), at={"x": 0.5}, engine="torch", order=3).verdict == "agree"
    assert gj.gradgradcheck(rule, torch.tensor([0.5, 1.5], dtype=torch.float64, requires_grad=True))


def test_what_is_marked_once_differentiable_says_so() -> None:
    torch = library("torch")

    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, g):
            return 3 * ctx.saved_tensors[0] ** 2 * g

    found = gj.verify(lambda x: Once.apply(x), at={"x": 0.5}, engine="torch", order=2)
    assert found.verdict == "undecided"
    assert "once_differentiable" in found.points[0].partials["x"].reason


def test_a_rule_of_jax_that_stops_its_own_derivative_is_blamed() -> None:
    jnp = library("jax")
    jax = pytest.importorskip("jax")

    @jax.custom_jvp
    def flat(x):
        return jnp.sin(x)

    flat.defjvps(lambda t, y, x: t * jax.lax.stop_gradient(jnp.cos(x)))
    found = gj.verify(lambda x: flat(x) * x, at={"x": 0.5}, engine="jax", order=2)
    assert (found.verdict, found.blame.primitive) == ("wrong", "flat")
    assert gj.verify(lambda x: flat(x) * x, at={"x": 0.5}, engine="jax").verdict == "agree"


@pytest.mark.parametrize("engine", ["torch"])
def test_what_cannot_be_read_is_asked_for_first_derivatives_alone(engine: str) -> None:
    torch = library(engine)
    found = gj.verify(lambda x: torch.median(torch.stack((x, 2 * x, x * x))), at={"x": 0.5}, engine=engine, order=2)
    assert found.verdict == "undecided"
    assert (
        found.points[0].partials["x"].reason == "of a function that cannot be read first derivatives alone are judged"
    )


def test_the_curvature_of_torchs_cumprod_at_a_zero_factor() -> None:
    """pytorch/pytorch 196701: 68 came of nested forward mode, 144 is right."""
    torch = library("torch")

    def f(t):
        x = torch.stack((t, t + 1, 2 - t, t - 1, 2 * t + 1, t + 3)).reshape(2, 3)
        return (torch.cumprod(x, -1) * torch.arange(1, 7, dtype=t.dtype).reshape(2, 3)).sum()

    found = gj.verify(f, at={"t": 1.0}, engine="torch", order=2)
    assert found.verdict == "agree"
    assert float(found.points[0].partials["t"].symbolic) == 144.0
