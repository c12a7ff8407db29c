"""Functions of arrays written with NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.engine.sweep import Execution
from gradjury.verifier.errors import Unsupported
from gradjury.verifier.languages.from_numpy import read_numpy

X = np.array([0.5, 1.25, 2.0])
NAMES = ["x[0]", "x[1]", "x[2]"]


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.sum(np.exp(x) * x) + np.prod(x) - x.mean(),
        lambda x: np.max(x) * x.min() + np.linalg.norm(x),
        lambda x: np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0),
        lambda x: np.outer(x, x) @ x,
        lambda x: np.where(x > 1, np.sqrt(x), x),
        lambda x: np.sum(np.stack([x, 2 * x]), axis=1, keepdims=True),
        lambda x: [x[0], np.maximum(x, 1.0)],
    ],
)
def test_what_is_read_has_the_functions_values(function) -> None:
    reading = read_numpy(function, [X], NAMES)
    run = Execution(reading.recorder.tape(0))
    run.forward(dict(zip(NAMES, X, strict=True)))
    expected = function(X) if isinstance(function(X), list) else [function(X)]
    for output, numbers in zip(reading.outputs, expected, strict=True):
        assert output.shape == np.shape(numbers)
        ours = np.array([run.values[c.index] for c in output.flat]).reshape(output.shape)
        assert np.allclose(ours, numbers, rtol=1e-14, atol=0)


@pytest.mark.parametrize("function", [np.cumsum, np.sort, lambda x: np.add.reduceat(x, [0, 1])])
def test_what_numpy_does_otherwise_is_refused(function) -> None:
    with pytest.raises((Unsupported, TypeError)):
        read_numpy(function, [X], NAMES)
