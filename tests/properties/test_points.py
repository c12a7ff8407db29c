"""Points: deterministic, ordinary ones in the box, special ones in their stated share."""

import math

import numpy as np
import pytest

from gradjury.engine import REGISTRY, compose
from gradjury.properties import Composite, composite, points, seeded
from gradjury.properties.points import KINDS, critical


def add(r, name, *args):
    return r.add(REGISTRY[name], args)


def shifted(name):
    """name(x/2 - 3/4)"""
    from fractions import Fraction

    def build(r):
        half = add(r, "mul", r.constant(Fraction(1, 2)), 0)
        return add(r, name, add(r, "sub", half, r.constant(Fraction(3, 4))))

    return compose(["x"], build)


def test_shape_and_repetition():
    function = composite(seeded(0, 5))
    one, two = (points(function, 64, seed=1, index=5, special=0.5) for _ in range(2))
    assert list(one) == list(function.tape.inputs)
    for name in one:
        assert one[name].shape == (64,)
        assert one[name].dtype == np.float64
        np.testing.assert_array_equal(one[name], two[name])
    other = points(function, 64, seed=1, index=6, special=0.5)
    assert any(not np.array_equal(one[name], other[name]) for name in one)


def test_ordinary_points_lie_in_the_box():
    for index in range(50):
        function = composite(seeded(2, index))
        for name, values in points(function, 32, seed=2, index=index).items():
            low, high = function.box[name]
            assert np.all((values >= low) & (values <= high))


def test_the_share_of_special_points_is_the_stated_one():
    tape = compose(["x"], lambda r: add(r, "exp", 0))
    function = Composite(tape, {"x": (0.5, 0.75)}, ())
    drawn = points(function, 4000, seed=0, special=0.25)["x"]
    inside = np.mean((drawn > 0.5) & (drawn < 0.75))
    assert 0.7 < inside < 0.8
    assert np.mean(points(function, 1000, seed=0, special=1.0)["x"] % 0.25 == 0) > 0.3


def test_special_values_of_every_kind_appear():
    tape = compose(["x", "y"], lambda r: add(r, "maximum", 0, 1))
    function = Composite(tape, {"x": (-2.0, 2.0), "y": (-2.0, 2.0)}, ())
    drawn = points(function, 3000, seed=3, special=1.0)
    x, y = drawn["x"], drawn["y"]
    assert np.any((x == 0) & np.signbit(x))
    assert np.any((x == 0) & ~np.signbit(x))
    for value in (1.0, -1.0, 5e-324, 1e-300, 1e160, 1e300, 0.5, -1.5, math.nextafter(1, 2), math.nextafter(-1, 0)):
        assert np.any(x == value), value
    assert np.mean(x == y) > 0.02
    assert len(KINDS) == len(set(KINDS))


@pytest.mark.parametrize("name", ["relu", "asin", "sqrt", "acosh"])
def test_critical_places_of_an_affine_argument(name):
    # x/2 - 3/4 is 0, 1 and -1 at these x: the kink of relu, the edges of asin, sqrt and acosh.
    assert set(critical(shifted(name))["x"]) == {1.5, 3.5, -0.5}


def test_critical_places_of_two_arguments():
    from fractions import Fraction

    tape = compose(["x"], lambda r: add(r, "maximum", add(r, "neg", 0), r.constant(Fraction(1, 4))))
    assert -0.25 in critical(tape)["x"]


@pytest.mark.parametrize("special", [-0.1, 1.1, math.nan])
def test_a_share_is_a_share(special):
    with pytest.raises(ValueError, match="expected a share from 0 to 1"):
        points(composite(seeded(0, 0)), 3, seed=0, special=special)


def test_no_points_is_an_error():
    with pytest.raises(ValueError, match="count=0"):
        points(composite(seeded(0, 0)), 0, seed=0)
