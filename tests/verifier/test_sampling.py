"""Sampled points: inside the domain, where the function is real, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.engine.sweep import Execution
from gradjury.verifier.errors import InvalidInput
from gradjury.verifier.oracle.sweeps import Plan
from gradjury.verifier.reading.reader import read
from gradjury.verifier.sampling import sample
from gradjury.verifier.verify import verify


def test_the_seed_decides():
    tape = read("x*y")
    first, again, other = (sample(tape, None, 50, seed) for seed in (1, 1, 2))
    assert list(first) == ["x", "y"]
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["x"], other["x"])


def test_points_lie_in_the_domain():
    points = sample(read("x + y"), {"x": [0.5, 2.0], "y": [3.0, 3.0], "w": [-1.0, 0.0]}, 500, 0)
    assert list(points) == ["x", "y", "w"]
    assert points["x"].min() >= 0.5
    assert points["x"].max() <= 2.0
    assert points["x"].std() > 0.3
    assert set(points["y"]) == {3.0}
    assert points["w"].max() <= 0.0


@pytest.mark.parametrize("sign", [1, -1])
def test_a_domain_over_decades_is_sampled_by_the_logarithm(sign):
    low, high = sorted((sign * 1e-6, sign * 1e6))
    drawn = np.abs(sample(read("x"), {"x": [low, high]}, 1000, 0)["x"])
    assert drawn.min() >= 1e-6
    assert drawn.max() <= 1e6
    assert 0.4 < np.mean(drawn < 1) < 0.6


def test_the_widest_domain_does_not_overflow():
    drawn = sample(read("x"), {"x": [-1.7e308, 1.7e308]}, 100, 0)["x"]
    assert np.isfinite(drawn).all()
    assert (np.abs(drawn) > 1e307).any()


@pytest.mark.parametrize(
    "text",
    [
        "log(x)*sqrt(y)*asin(z)",
        "acosh(a) + acosh(b) + acosh(c) + acosh(d)",
        "asin(a)*asin(b)*asin(c)*asin(d)*atanh(a*b)",
        "exp(exp(x))",
        "Piecewise((x, x > 30))",
        "3",
    ],
)
def test_value_and_gradient_are_finite(text):
    tape = read(text)
    points = sample(tape, None, 20, 0)
    assert all(len(values) == 20 for values in points.values())
    execution = Execution(tape)
    assert np.isfinite(execution.forward(points)).all()
    for partial in execution.reverse().values():
        assert np.isfinite(partial).all()


def test_partials_without_a_derivative_need_not_be_finite():
    """The derivative by a Bessel function's order is nan wherever it is taken; the others are not."""
    for text in ("besselj(n, x)*y", "polygamma(n, x)"):
        tape = read(text)
        with pytest.raises(InvalidInput, match="finite at 0"):
            sample(tape, None, 4, 0)
        points = sample(tape, None, 40, 0, opaque=Plan(tape).opaque)
        assert np.isfinite(Execution(tape).forward(points)).all()
    assert (points["n"] == np.floor(points["n"])).all()
    assert {p.partials["x"].verdict for p in verify("besselj(n, x)", points=4).points} == {"agree"}


def test_where_nothing_is_real_the_error_says_so():
    with pytest.raises(InvalidInput, match=r"finite at 0 of the points .* 3 needed; expected values or a domain"):
        sample(read("log(-exp(x))"), None, 3, 0)
    with pytest.raises(InvalidInput, match=r"finite at 0 of the points of its domain .*expected another domain"):
        sample(read("log(x)"), {"x": [-2.0, -1.0]}, 3, 0)


@pytest.mark.parametrize(
    ("domain", "message"),
    [
        ({"y": [0, 1]}, "domain: no entry for variable 'x'; given: y"),
        ({}, "domain: no entry for variable 'x'; given: none"),
        ({"x": [1, 0]}, r"domain: x: given \[1, 0\]; expected two finite numbers, the lower first"),
        ({"x": [0, np.inf]}, "expected two finite numbers"),
        ({"x": [0]}, "expected two finite numbers"),
    ],
)
def test_bad_domains(domain, message):
    with pytest.raises(InvalidInput, match=message):
        sample(read("x"), domain, 1, 0)


def test_a_negative_seed_is_one_of_its_own():
    points = [sample(read("x"), None, 4, seed)["x"].tolist() for seed in (-1, -1, -2, 1)]
    assert points[0] == points[1]
    assert points[0] not in points[2:]


@pytest.mark.parametrize("ends", [(1e-200, 1e200), (1e-300, 1e-170), (5e-324, 1e308)])
@pytest.mark.parametrize("sign", [1, -1])
def test_ends_whose_product_or_quotient_is_no_float(ends, sign):
    domain = {"x": sorted(sign * end for end in ends)}
    drawn = np.abs(sample(read("x"), domain, 1000, 0)["x"])
    decades = np.log10(drawn)
    low, high = np.log10(ends[0]), np.log10(ends[1])
    assert abs(decades.mean() - (low + high) / 2) < (high - low) / 20  # by the logarithm: half of them on either side
    assert len(set(drawn.tolist())) > 900
