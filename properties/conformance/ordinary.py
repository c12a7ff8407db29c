"""Ordinary points of an operation, drawn by Hypothesis from the windows in which it is well behaved."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from ..region import Box, windows
from .defects import check
from .subjects import Subject, Use


def drawn_use(subject: Subject, data: Any) -> tuple[Use, Box]:
    """Draw constants of an operation and a box in which it is well behaved; without one there is nothing to test."""
    boxed = [
        (use, box)
        for use in subject.uses()
        for box in windows(subject.primitive, use.consts, use.orders)  # type: ignore[arg-type]  # a class is hashable
    ]
    assume(boxed)
    chosen: tuple[Use, Box] = data.draw(st.sampled_from(boxed), label="constants and box")
    return chosen


def check_drawn(subject: Subject, data: Any, dtype: str = "float64") -> None:
    """Draw constants and a point, and fail if the engine's numbers there do.

    Args:
        subject: the operation.
        data: what ``hypothesis.strategies.data()`` draws.
        dtype: in which the engine computes.
    """
    __tracebackhide__ = True
    use, box = drawn_use(subject, data)
    at = {
        name: data.draw(st.floats(*interval, width=32 if dtype == "float32" else 64, allow_subnormal=False), label=name)
        for name, interval in zip(use.tape.inputs, box, strict=True)
    }
    check(subject.engine, use.tape, at, dtype)
