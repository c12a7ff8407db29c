"""Engines with one fault, for the tests of blame: wrong rules, wrong values, and engines that show nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradjury.engine.primitive import REGISTRY, Primitive
from gradjury.verifier.engine import NumpyEngine


def rule(name: str, change: Callable[..., Any]) -> NumpyEngine:
    """The project's engine with another derivative of one primitive: ``change(right, *arguments)``."""
    right = REGISTRY[name]

    def derivative(*arguments: Any, **constants: Any) -> Any:
        return change(right.derivative(*arguments, **constants), *arguments)

    return NumpyEngine(rules={right: _variant(right, derivative=derivative)})


def value(name: str, change: Callable[..., Any]) -> NumpyEngine:
    """The project's engine with another forward value of one primitive."""
    right = REGISTRY[name]

    def forward(*arguments: Any, **constants: Any) -> Any:
        return change(right.forward(*arguments, **constants))

    return NumpyEngine(rules={right: _variant(right, forward=forward)})


def _variant(right: type[Primitive], **members: Callable[..., Any]) -> type[Primitive]:
    variant = type(f"Faulty{right.__name__}", (right,), {}, register=False)
    for name, function in members.items():
        setattr(variant, name, staticmethod(function))
    return variant


class BlackBox:
    """An engine that shows the value and the gradient of whole functions and nothing else."""

    name, version, flushes_subnormals = "box", "1", False

    def __init__(self, inside: NumpyEngine) -> None:
        self.inside = inside

    def gradient(self, tape: Any, point: Any, dtype: Any) -> Any:
        return self.inside.gradient(tape, point, dtype)
