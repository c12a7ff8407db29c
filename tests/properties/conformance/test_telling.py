"""The grids of telling points: in the domain, with both zeros, with ties."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from gradjury.engine import REGISTRY
from gradjury.properties.conformance.subjects import uses
from gradjury.properties.conformance.telling import (
    EVERYDAY,
    EXTREME,
    SPECIAL,
    both_signs,
    constants_of,
    telling,
    ties,
)


def test_points_lie_in_the_domain() -> None:
    (use,) = uses(REGISTRY["log"])
    at = telling(use, REGISTRY["log"], both_signs(SPECIAL), (), "float64")
    assert list(at) == ["x"]
    assert (at["x"] > 0).all()
    assert {1.0, 2.5, math.nextafter(1, 2)} <= set(at["x"].tolist())


def test_what_an_engine_flushes_out_of_the_domain_is_left_out() -> None:
    (use,) = uses(REGISTRY["div"])
    for flushes, least in ((False, 5e-324), (True, 1.0)):
        at = telling(use, REGISTRY["div"], (), (0.0, 5e-324, 1.0), "float64", flushes)
        assert np.abs(at["b"]).min() == least
        assert 5e-324 in at["a"]  # its domain is all numbers


def test_both_zeros_are_points() -> None:
    (use,) = uses(REGISTRY["sin"])
    x = telling(use, REGISTRY["sin"], both_signs((0.0, 1.0)), (), "float64")["x"]
    assert sorted(math.copysign(1, v) for v in x if v == 0) == [-1.0, 1.0]


def test_functions_of_two_arguments_get_pairs_and_ties() -> None:
    (use,) = uses(REGISTRY["logaddexp"])
    at = telling(use, REGISTRY["logaddexp"], (1e17,), (800.0, 0.0), "float64")
    pairs = set(zip(*(column.tolist() for column in at.values()), strict=True))
    assert {(800.0, 0.0), (0.0, 800.0), (1e17, 1e17), (1e17, -1e17)} <= pairs
    assert (1e17, math.nextafter(1e17, math.inf)) in ties((1e17,))


def test_points_are_floats_of_the_type_and_finite() -> None:
    (use,) = uses(REGISTRY["exp"])
    x = telling(use, REGISTRY["exp"], both_signs(EXTREME), (), "float32")["x"]
    assert x.dtype == np.float32
    assert np.isfinite(x).all()
    assert len(set(x.tolist())) >= len(x) - 1  # 0 and −0


def test_a_domain_may_depend_on_a_constant() -> None:
    at = {
        use.consts: telling(use, REGISTRY["powc"], both_signs(EVERYDAY), (), "float64")
        for use in uses(REGISTRY["powc"])
    }
    assert (at[(Fraction(2),)]["x"] < 0).any()
    assert not (at[(Fraction(1, 2),)]["x"] < 0).any()


@pytest.mark.parametrize("name", REGISTRY)
def test_every_operation_has_points(name: str) -> None:
    primitive = REGISTRY[name]
    sizes = [
        len(column)
        for use in uses(primitive)
        for column in telling(use, primitive, SPECIAL, (0.5, 2.0), "float64").values()
    ]
    assert max(sizes) >= 5


def test_constants_are_points_too() -> None:
    assert constants_of(uses(REGISTRY["powc"])[1]) == (Fraction(3),)
    assert constants_of(uses(REGISTRY["where"])[0]) == ()
