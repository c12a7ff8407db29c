"""Functions with kinks: values, slopes beside the kinks, and ties as declared."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from gradjury.engine import REGISTRY

from ..accuracy import check

TYPES = [np.float64, np.float32]


def _beside(x, slope):
    return None if x == 0 else slope


FORMULAS = {
    "abs": (abs, [lambda x: _beside(x, mp.sign(x))]),
    "sign": (mp.sign, [lambda x: mp.mpf(0)]),
    "floor": (mp.floor, [lambda x: mp.mpf(0)]),
    "ceil": (mp.ceil, [lambda x: mp.mpf(0)]),
    "maximum": (
        max,
        [lambda a, b: _beside(a - b, mp.mpf(a > b)), lambda a, b: _beside(a - b, mp.mpf(a < b))],
    ),
    "minimum": (
        min,
        [lambda a, b: _beside(a - b, mp.mpf(a < b)), lambda a, b: _beside(a - b, mp.mpf(a > b))],
    ),
    "mod": (
        lambda a, b: a - b * mp.floor(a / b),
        [lambda a, b: mp.mpf(1), lambda a, b: _beside(a - b * mp.floor(a / b), -mp.floor(a / b))],
    ),
    "clip": (
        lambda x, low, high: min(max(x, low), high),
        [
            lambda x, low, high: mp.mpf(low < x < high),
            lambda x, low, high: mp.mpf(x < low < high),
            lambda x, low, high: mp.mpf(max(x, low) > high),
        ],
    ),
    "where": (
        lambda left, right, a, b: a if left < right else b,
        [
            lambda left, right, a, b: mp.mpf(0),
            lambda left, right, a, b: mp.mpf(0),
            lambda left, right, a, b: mp.mpf(left < right),
            lambda left, right, a, b: mp.mpf(not left < right),
        ],
    ),
    "heaviside": (lambda x, h: h if x == 0 else mp.mpf(x > 0), [lambda x, h: mp.mpf(0)]),
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", FORMULAS)
def test_digits(name, dtype):
    value, partials = FORMULAS[name]
    check(name, value, partials, dtype=dtype)


def _partials(name, *arguments, **consts):
    arguments = [np.float64(a) for a in arguments]
    derivative = REGISTRY[name].derivative(*arguments, REGISTRY[name].forward(*arguments, **consts), **consts)
    return tuple(float(d) for d in derivative) if isinstance(derivative, tuple) else float(derivative)


@pytest.mark.parametrize("name", ["abs", "sign", "floor", "ceil"])
def test_slope_0_at_0(name):
    assert _partials(name, 0.0) == 0.0


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_a_tie_is_shared_by_halves(name):
    assert _partials(name, 1.25, 1.25) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("x", "low", "high"),
    [(x, low, high) for x in (-1.0, 0.0, 1.0) for low in (-1.0, 0.0, 1.0) for high in (-1.0, 0.0, 1.0)],
)
def test_clip_has_the_mean_of_the_one_sided_slopes(x, low, high):
    def slope(i, step):
        moved = [x, low, high]
        moved[i] += step
        clip = REGISTRY["clip"].forward
        return (clip(*moved) - clip(x, low, high)) / step

    means = tuple(float(slope(i, 0.25) + slope(i, -0.25)) / 2 for i in range(3))
    assert _partials("clip", x, low, high) == means


@pytest.mark.parametrize(("relation", "chosen"), [("<", 0), ("<=", 1), (">", 0), (">=", 1), ("==", 1), ("!=", 0)])
def test_where_takes_the_true_branch_at_the_boundary(relation, chosen):
    assert REGISTRY["where"].forward(1.0, 1.0, 5.0, 7.0, relation=relation) == (7.0, 5.0)[chosen]
    assert _partials("where", 1, 1, 5, 7, relation=relation) == (0.0, 0.0, float(chosen), 1.0 - chosen)


def test_heaviside_takes_the_given_value_at_0():
    assert REGISTRY["heaviside"].forward(np.float64(0), h=0.25) == 0.25
    assert _partials("heaviside", 0.0, h=0.25) == 0.0


def test_mod_beside_a_multiple_that_the_quotient_is_rounded_to():
    a, b = np.nextafter(3.0, 0.0) * 0.1, 0.1
    exact = mp.mpf(float(a)) / mp.mpf(b)
    assert _partials("mod", a, b) == (1.0, -float(mp.floor(exact)))
