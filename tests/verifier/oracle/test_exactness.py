"""Arithmetic that rounds nothing: what floats give there is the exact number, and no other."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradjury.engine import REGISTRY
from gradjury.engine.tape import Recorder
from gradjury.verifier import verify
from gradjury.verifier.oracle.exactness import exact_at
from gradjury.verifier.reading.reader import read

OPERATIONS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}
UNIT, SMALLEST = {np.float64: 2.0**-52, np.float32: 2.0**-23}, {np.float64: 5e-324, np.float32: 1e-45}


@given(
    st.sampled_from([np.float64, np.float32]),
    st.sampled_from([*OPERATIONS]),
    st.one_of(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(-64, 64).map(lambda n: n / 8)),
    st.one_of(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(-64, 64).map(lambda n: n / 8)),
)
def test_what_rounds_nothing_is_what_floats_give(dtype, name: str, a: float, b: float) -> None:
    recorder = Recorder(("a", "b"))
    tape = recorder.tape(recorder.add(REGISTRY[name], (0, 1)))
    found = exact_at(tape, [a, b], UNIT[dtype], SMALLEST[dtype])
    with np.errstate(all="ignore"):
        value = OPERATIONS[name](dtype(a), dtype(b))
    if found:
        assert found == {2: Fraction(float(value))}
    elif name != "div" and np.isfinite(value):
        exact = {"add": Fraction(a) + Fraction(b), "sub": Fraction(a) - Fraction(b), "mul": Fraction(a) * Fraction(b)}
        assert exact[name] != Fraction(float(value))


def test_division_counts_by_powers_of_two_alone_and_what_is_flushed_does_not() -> None:
    """Some engines multiply by a reciprocal: 6/3 is 2 in floats, and 6·(1/3) need not be."""
    assert exact_at(read("x/y"), [6.0, 3.0], 2.0**-52, 5e-324) == {}
    assert exact_at(read("x/y"), [6.0, 4.0], 2.0**-52, 5e-324) == {2: Fraction(3, 2)}
    assert exact_at(read("x*y"), [1e-160, 2.0**-500], 2.0**-52, 5e-324) == {}
    assert exact_at(read("x*y"), [2.0**-600, 2.0**-450], 2.0**-52, 5e-324) != {}
    assert exact_at(read("x*y"), [2.0**-600, 2.0**-450], 2.0**-52, 2.0**-1022) == {}
    assert exact_at(read("exp(x) - 1"), [0.0], 2.0**-52, 5e-324) == {}  # of library functions nothing is known


@pytest.mark.parametrize(
    ("text", "point", "right", "wrong"),
    [
        ("exp(abs(2*t - 1))*(i0(2*t - 1)*exp(-abs(2*t - 1)))", 0.5, 0.0, (2.0, -1.0)),  # jax-ml/jax 40628
        ("relu(3*t - 1.5) - relu(1.5 - 3*t)", 0.5, 3.0, (0.0, 1.5, 6.0)),
        ("log1p(exp(-abs(t/4 - 2))) + max(t/4 - 2, 0)", 8.0, 0.125, (0.0, 0.25)),
        ("sqrt((2*t - 1)**2)**2", 0.5, 0.0, (1.0,)),
    ],
)
def test_a_tie_of_such_numbers_is_exact(text: str, point: float, right: float, wrong: tuple[float, ...]) -> None:
    claims = [right, *wrong]
    found = verify(text, at={"t": [point] * len(claims)}, gradient={"t": claims})
    assert [p.partials["t"].verdict for p in found.points] == ["agree"] + ["wrong"] * len(wrong)


def test_numbers_that_were_rounded_tie_on_either_side() -> None:
    """0.1·3 is not 0.3 in floats: an engine may have any side of it, and the mean."""
    found = verify("relu(0.1*t - 0.3) - relu(0.3 - 0.1*t)", at={"t": [3.0] * 2}, gradient={"t": [0.1, 0.0]})
    assert [p.partials["t"].verdict for p in found.points] == ["agree", "undecided"]


def test_the_slope_beside_a_removable_singularity_is_told() -> None:
    """jax-ml/jax 40629: 2·t − 1 is −2⁻⁵³ to the last bit there."""
    t = 0.49999999999999994
    with mpmath.workdps(50):
        x = 2 * mpmath.mpf(t) - 1
        right = float(2 * mpmath.diff(lambda s: mpmath.sin(mpmath.pi * s) / (mpmath.pi * s), x, h=abs(x) / 10**8))
    found = verify("normalized_sinc(2*t - 1)", at={"t": [t] * 3}, gradient={"t": [right, 0.0, -0.4383804531446742]})
    assert [p.partials["t"].verdict for p in found.points] == ["agree", "inaccurate", "wrong"]


def test_sums_of_more_terms_are_excused_in_any_order() -> None:
    """((2⁵⁴ − 2⁵⁴) + 1) + 1 rounds nothing as it is written; added up in another order both ones are lost."""
    at = {"a": [2.0**54] * 3, "b": -(2.0**54), "c": 1.0, "d": 1.0}
    found = verify("exp(2*(((a + b) + c) + d))", at=at, gradient={"a": [2 * np.exp(4.0), 2.0, 2e30]}, wrt="a")
    assert [p.partials["a"].verdict for p in found.points] == ["agree", "undecided", "wrong"]
