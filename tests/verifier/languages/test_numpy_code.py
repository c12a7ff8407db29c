"""Only what is written with NumPy alone is traced in place of an engine's own run."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
import scipy.special

from gradjury.verifier import write
from gradjury.verifier.languages.numpy_code import numpy_code


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: np.sin(x) + 1, "sin(x) + 1"),
        (lambda x: np.where(x > 0, x, 2 * x), "Piecewise((x, x > 0), (2*x, True))"),
        (lambda x: scipy.special.expit(x), "sigmoid(x)"),
        (lambda x: x * 2, None),  # every engine has its own operators
        (lambda x: 3.0, None),
        (lambda x: np.sin(float(x)), None),
        (lambda x: np.sin(x) + x.nonsense, None),
    ],
)
def test_what_is_traced(function: Callable, expected: str | None) -> None:
    tape = numpy_code(function, ["x"], "json")
    assert (None if tape is None else write(tape)) == expected


def test_what_happens_inside_the_library_is_not_traced() -> None:
    def through(x):
        found = []
        json.JSONEncoder(default=lambda _: found.append(np.sin(x)) or 0).encode(object())
        return found[0]

    assert numpy_code(through, ["x"], "json") is None
    assert numpy_code(through, ["x"], "jax") is not None
