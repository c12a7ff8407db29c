"""Gradient checkers of other libraries, asked about an engine under test on the same functions and points.

Each is the library's own function, called on the numbers of the engine under test: its values, and its partials as
the reverse rule. A library is imported when its checker is made and nowhere else.

- torch: ``torch.autograd.gradcheck(f, inputs)`` compares each partial (eps 1e-6, atol 1e-5, rtol 1e-3), in its fast
  mode one random projection.
- jax: ``jax.test_util.check_vjp``, all that ``check_grads(f, args, 1, ["rev"])`` calls, compares one random projection
  (eps 1e-4, tolerances 1e-5).
- autograd: ``autograd.test_util.check_grads(f, modes=["rev"], order=1)``, one random projection (eps 1e-6,
  tolerances 1e-6).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

Value = Callable[[Sequence[float]], float]
Gradient = Callable[[Sequence[float]], Sequence[float]]

#: A checker: whether it finds fault with a gradient at a point, given the function's value and gradient anywhere.
Checker = Callable[[Value, Gradient, Sequence[float]], bool]


def installed() -> dict[str, Checker]:
    """The checkers whose libraries are here, by name."""
    found: dict[str, Checker] = {}
    for library, checkers in CHECKERS.items():
        if find_spec(library) is not None:
            found |= {name: make() for name, make in checkers.items()}
    return found


def torch_gradcheck(fast: bool = False) -> Checker:
    """``torch.autograd.gradcheck`` with its defaults, or in its fast mode."""
    torch = import_module("torch")

    def forward(ctx: Any, value: Value, gradient: Gradient, *inputs: Any) -> Any:
        ctx.gradient, ctx.point = gradient, [float(x) for x in inputs]
        return torch.tensor(value(ctx.point), dtype=torch.float64)

    def backward(ctx: Any, seed: Any) -> Any:
        return None, None, *(seed * partial for partial in ctx.gradient(ctx.point))

    members = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    # By type(): the base is known only when torch is imported.
    numbers = type("Numbers", (torch.autograd.Function,), members)

    def flags(value: Value, gradient: Gradient, point: Sequence[float]) -> bool:
        inputs = tuple(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point)

        def function(*xs: Any) -> Any:
            return numbers.apply(value, gradient, *xs)  # type: ignore[attr-defined]  # torch's, which mypy does not see

        return not torch.autograd.gradcheck(function, inputs, fast_mode=fast, raise_exception=False)

    return flags


def jax_check_grads() -> Checker:
    """``jax.test_util.check_grads`` of order 1 in reverse mode, without its tracing: the numbers are given."""
    jax, check = import_module("jax"), import_module("jax.test_util").check_vjp

    def flags(value: Value, gradient: Gradient, point: Sequence[float]) -> bool:
        def function(*xs: Any) -> Any:
            return np.float64(value(xs))

        def vjp(*xs: Any) -> Any:
            partials = gradient(xs)
            return function(*xs), lambda seed: tuple(np.float64(seed * partial) for partial in partials)

        with jax.enable_x64(True):
            return _raises(lambda: check(function, vjp, tuple(np.float64(x) for x in point)))

    return flags


def autograd_check_grads() -> Checker:
    """``autograd.test_util.check_grads`` of order 1 in reverse mode; its random direction is the same each time."""
    extend, check_grads = import_module("autograd.extend"), import_module("autograd.test_util").check_grads

    def flags(value: Value, gradient: Gradient, point: Sequence[float]) -> bool:
        @extend.primitive  # type: ignore[untyped-decorator]  # autograd has no types
        def function(*xs: Any) -> Any:
            return value(xs)

        def rule(k: int) -> Any:
            return lambda answer, *xs: lambda seed: seed * gradient(xs)[k]

        extend.defvjp(function, *(rule(k) for k in range(len(point))))
        check = check_grads(function, tuple(range(len(point))), modes=["rev"], order=1)
        state = np.random.get_state()
        np.random.seed(0)
        try:
            return _raises(lambda: check(*point))
        finally:
            np.random.set_state(state)

    return flags


def _raises(check: Callable[[], Any]) -> bool:
    try:
        check()
    except AssertionError:
        return True
    return False


#: How each library's checkers are made.
CHECKERS: dict[str, dict[str, Callable[[], Checker]]] = {
    "torch": {"torch gradcheck": torch_gradcheck, "torch gradcheck fast": lambda: torch_gradcheck(fast=True)},
    "jax": {"jax check_grads": jax_check_grads},
    "autograd": {"autograd check_grads": autograd_check_grads},
}
