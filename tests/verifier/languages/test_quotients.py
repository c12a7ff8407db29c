"""Functions with structure below long steps, with roughness, with neighbours that have no value: who is accused."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradjury.verifier.languages.numeric import Finding, Witness

Function = Callable[[float], float]


def found(function: Function, x: float, g: float) -> Finding:
    def values(moved: np.ndarray) -> np.ndarray:
        return np.array([[function(float(t))] for t in moved])

    return Witness(values, x, 2.0**-52).judge(0, g)


def bump(t: float) -> float:
    return math.exp(-min(t * t, 700.0))


#: Functions with what is near the point and below long steps, the point, and the slope there by theory.
STRUCTURES: dict[str, tuple[Function, float, float]] = {
    "stairs of 1e-9": (lambda x: x + 1e-9 * round(x * 1e6), 0.3000123, 1.0),
    "stairs of 1e-12": (lambda x: x + 1e-12 * round(x * 1e10), 0.3000123, 1.0),
    "stairs of 1e-13": (lambda x: x + 1e-13 * round(x * 1e11), 0.3000123, 1.0),
    "a grid of 1e-6": (lambda x: round(math.sin(x) * 1e6) / 1e6, 0.31415926, 0.0),
    "a grid of 1e-9": (lambda x: round(math.sin(x) * 1e9) / 1e9, 0.31415926, 0.0),
    "a grid of the input": (lambda x: math.sin(round(x, 8)), 0.314159261, 0.0),
    "a wave": (lambda x: x + 1e-9 * math.sin(1e9 * x), 0.3, 1 + math.cos(1e9 * 0.3)),
    "a steep wave": (
        lambda x: x + 1e-9 * math.sin(1e11 * x),
        0.3,
        float(1 + 100 * mpmath.cos(mpmath.mpf(10) ** 11 * mpmath.mpf(0.3))),
    ),
    "a low wave": (lambda x: x + 1e-12 * math.sin(1e11 * x), 0.3, float(1 + mpmath.cos(mpmath.mpf(0.3) * 10**11) / 10)),
    "a bump of 1e-5": (lambda x: x + 1e-6 * bump((x - 0.5) * 1e5), 0.5 + 5e-6, 1 - 0.1 * math.exp(-0.25)),
    "a bump of 1e-9": (lambda x: x + 1e-9 * bump((x - 0.5) * 1e9), 0.5 + 5e-10, 1 - math.exp(-0.25)),
    "a low bump of 1e-3": (lambda x: x + 1e-6 * bump((x - 0.5) * 1e3), 0.5005, 1 - 1e-3 * math.exp(-0.25)),
    "flat within 1e-8": (lambda x: math.copysign(max(abs(x - 0.5) - 1e-8, 0.0), x - 0.5), 0.5, 0.0),
    "flat within 1e-11": (lambda x: math.copysign(max(abs(x - 0.5) - 1e-11, 0.0), x - 0.5), 0.5, 0.0),
    "steep within 1e-8": (lambda x: x + math.tanh(1e8 * (x - 0.5)) * 1e-8, 0.5, 2.0),
    "steep within 1e-12": (lambda x: x + math.tanh(1e12 * (x - 0.5)) * 1e-12, 0.5, 2.0),
    "a table of 1e6": (lambda x: math.floor(x * 1e6) * 1e-6, 0.31415926, 0.0),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_what_is_below_long_steps_is_not_accused(name: str) -> None:
    function, x, slope = STRUCTURES[name]
    assert found(function, x, slope).verdict in ("agree", "undecided")


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("factor", [-1.0, 0.0, 2.0])
def test_and_no_other_number_agrees(name: str, factor: float) -> None:
    function, x, slope = STRUCTURES[name]
    for g in (factor * slope, 1.0, 0.9510565):
        if abs(g - slope) > 0.4 * max(abs(g), abs(slope)):
            assert found(function, x, g).verdict != "agree", g


def test_two_slopes_are_told_and_neither_is_accused() -> None:
    function, x, _ = STRUCTURES["stairs of 1e-9"]
    near = found(function, x, 1.0)
    assert (near.verdict, near.reason) == ("undecided", "short steps tell of the slope 1, long ones of 1.001")
    far = found(function, x, 1.001)
    assert far.verdict == "undecided"
    assert far.reason.endswith("but steps of another length may tell of this number")
    for g in (2.0, 0.0, -1.0, math.nan):
        assert found(function, x, g).verdict in ("wrong", "nonfinite")


@pytest.mark.parametrize("distance", [1e-2, 1e-4, 1e-6, 1e-7])
@pytest.mark.parametrize("side", [-1, 1])
def test_beside_a_kink_or_a_jump_short_steps_decide(distance: float, side: int) -> None:
    for beyond in (lambda t: 2 * t, lambda t: 1.0):

        def function(x: float, beyond: Function = beyond) -> float:
            past = side * (x - 0.5) - distance
            return 3 * x + (beyond(past) if past > 0 else 0.0)

        assert found(function, 0.5, 3.0).verdict == "agree"
        for g in (6.0, -3.0, 0.0):
            assert found(function, 0.5, g).verdict == "wrong"


@pytest.mark.parametrize("g", [-1.0, 0.0, 0.3, 2.0])
def test_at_a_kink_every_number_between_the_slopes_is_within_the_error(g: float) -> None:
    verdict, difference, reason = found(lambda x: 2 * x if x > 0.5 else 1.5 - x, 0.5, g)
    assert (verdict, "from the left and 2 from the right" in reason) == ("kink", True)
    assert abs(g - difference.value) <= difference.error < 1.6


@pytest.mark.parametrize("distance", [1e-2, 1e-4, 1e-6, 1e-8])
def test_near_the_end_of_a_domain_short_steps_decide(distance: float) -> None:
    def root(x: float) -> float:
        return math.sqrt(x) if x >= 0 else math.nan

    slope = 0.5 / math.sqrt(distance)
    assert found(root, distance, slope).verdict == "agree"
    assert found(root, distance, 2 * slope).verdict == "wrong"


def noise(x: float, seed: int) -> float:
    """A number of [−1, 1) that the bits of another one decide."""
    digest = hashlib.blake2b(struct.pack("<dq", x, seed), digest_size=8).digest()
    return int.from_bytes(digest, "little") / 2.0**63 - 1


@pytest.mark.parametrize("offset", [1e4, 1e6, 1e8, 1e12])
def test_stairs_that_a_large_number_leaves_have_two_slopes(offset: float) -> None:
    """The sum is rounded to a grid: 0 and the slope of the line are both none that values could refuse."""

    def function(x: float) -> float:
        return (math.sin(x) + offset) - offset

    slope = math.cos(0.7)
    assert found(function, 0.7, slope).verdict in ("agree", "undecided")
    assert found(function, 0.7, 0.0).verdict != "agree"
    assert found(function, 0.7, -slope).verdict in ("wrong", "undecided")


@pytest.mark.parametrize("offset", [1e8, 1e12, 1e16])
def test_a_slope_that_the_value_swallows_agrees_with_nothing(offset: float) -> None:
    assert found(lambda x: math.sin(x) + offset, 0.7, math.cos(0.7)).verdict == "undecided"
    assert found(lambda x: math.sin(x) + offset, 0.7, 0.0).verdict in ("wrong", "undecided")


@pytest.mark.parametrize("x", [1e30, 1e150, 1e308, -1.7976931348623157e308])
def test_at_huge_points_no_step_resolves_a_wave(x: float) -> None:
    with mpmath.workdps(400):
        slope = float(-mpmath.sin(mpmath.mpf(x)))
    assert found(math.cos, x, slope).verdict == "undecided"
    assert found(lambda t: 1e-300 * math.cos(t), x, 1e-300 * slope).verdict == "undecided"


@pytest.mark.parametrize("x", [5e-324, 3e-323, 1e-308, 1e-200, 1e-17])
def test_at_tiny_points(x: float) -> None:
    def root(t: float) -> float:
        return math.copysign(abs(t) ** (1 / 3), t)

    with mpmath.workdps(60):
        slope = float(mpmath.cbrt(mpmath.mpf(x)) / (3 * mpmath.mpf(x)))
    assert found(root, x, slope).verdict in ("agree", "undecided")
    assert found(lambda t: 3 * t, x, 3.0).verdict in ("agree", "undecided")
    assert found(lambda t: 3 * t, x, 6.0).verdict in ("wrong", "undecided")


@given(st.floats(-2, 2), st.floats(-13, -5), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_noise_accuses_nobody(x: float, power: float, seed: int) -> None:
    def function(t: float) -> float:
        return math.exp(t) + 10.0**power * noise(t, seed)

    assert found(function, x, math.exp(x)).verdict in ("agree", "undecided")
    for g in (2 * math.exp(x), 0.0, -math.exp(x)):
        assert found(function, x, g).verdict in ("wrong", "undecided")


def test_through_noise_a_gross_fault_is_seen() -> None:
    verdicts = []
    for seed in range(20):
        verdicts += [found(lambda t: math.exp(t) + 1e-9 * noise(t, seed), 0.3, g).verdict for g in (0.0, 3.0)]  # noqa: B023
    assert set(verdicts) <= {"wrong", "undecided"}
    assert verdicts.count("wrong") > len(verdicts) / 2


@pytest.mark.parametrize("tolerance", [1e-8, 1e-10, 1e-12])
def test_a_loop_until_convergence(tolerance: float) -> None:
    def root(x: float) -> float:
        y, z = 0.0, 1.0
        while abs(y - z) > tolerance:
            y, z = z, 0.5 * math.cos(z) + 0.1 * x
        return z

    x = 0.9
    y = mpmath.findroot(lambda y: mpmath.cos(y) / 2 + mpmath.mpf(x) / 10 - y, 0.4)
    slope = float(mpmath.mpf("0.1") / (1 + mpmath.sin(y) / 2))
    assert found(root, x, slope).verdict in ("agree", "undecided")
    for g in (2 * slope, -slope, 0.0):
        assert found(root, x, g).verdict == "wrong"


@given(
    st.floats(-3, 3),
    st.floats(-11, -2),
    st.floats(-2, 2),
    st.floats(-3, 3),
    st.sampled_from(["wave", "bump", "step", "kink"]),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_near_the_point_the_slope_there_is_not_accused(
    x: float, power: float, steep: float, off: float, kind: str
) -> None:
    """Structure of any width and height, centred anywhere within three widths, if its effect is no rounding."""
    width, here = 10.0**power, mpmath.mpf(x)
    height, centre = width * 10.0**steep, x + width * off
    t, ratio = (here - mpmath.mpf(centre)) / mpmath.mpf(width), mpmath.mpf(height) / mpmath.mpf(width)
    if kind in ("step", "kink") and abs(t) < 0.05:
        return
    shape, slope = {
        "wave": (math.sin, mpmath.cos(t)),
        "bump": (bump, -2 * t * mpmath.exp(-t * t)),
        "step": (lambda s: float(s > 0), 0),
        "kink": (abs, mpmath.sign(t)),
    }[kind]
    if 0 < abs(ratio * slope) * width < 2.0**-44:
        return
    total = float(mpmath.cos(here) + ratio * slope)
    assert found(lambda v: math.sin(v) + height * shape((v - centre) / width), x, total).verdict in (
        "agree",
        "undecided",
    )
