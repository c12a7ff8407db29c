"""Functions that are made of primitives: traced, they have the values of NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.engine import NotTraceable, gradient, trace
from gradjury.engine.compound import COMPOUND, clip


def _value(function, *point):
    tape = trace(function, tuple(f"x{i}" for i in range(len(point))))
    return gradient(tape, {f"x{i}": x for i, x in enumerate(point)})[0]


@pytest.mark.parametrize("function", COMPOUND, ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [0.1, 0.75])
def test_compound_functions_have_their_values(function, x):
    point = [x, 0.5][: function.nin]
    np.testing.assert_allclose(_value(function, *point), function(*point), rtol=1e-13)


@pytest.mark.parametrize("x", [-2.0, -0.25, 0.5, 3.0])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.select([x < -1, x < 0], [x * 2, x * 3], x * 5),
        lambda x: np.select([x < -1], [x * 2]),
        lambda x: np.clip(x, a_min=0, a_max=None),
        lambda x: np.clip(x, a_min=None, a_max=1),
        lambda x: np.clip(x, None, 1.0),
        lambda x: np.clip(x, a_min=-1, a_max=1),
        lambda x: np.clip(x, min=-1, max=1),
        lambda x: np.i0(x),
        lambda x: np.sinc(x),
    ],
)
def test_functions_of_arrays_have_their_values(function, x):
    np.testing.assert_allclose(_value(function, x), function(x), rtol=1e-14, atol=1e-16)


def test_what_there_is_not_is_named_by_its_library():
    from scipy import special

    with pytest.raises(NotTraceable, match=r"scipy\.special's ndtr has no primitive"):
        trace(lambda x: special.ndtr(x))
    with pytest.raises(NotTraceable, match="numpy's spacing has no primitive"):
        trace(lambda x: np.spacing(x))
    with pytest.raises(NotTraceable, match="cannot be traced with out; expected the bounds alone"):
        clip(1.0, 0.0, 2.0, out=None)
