"""The adapter of pytensor: its table against mpmath, and what it is known to get wrong."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.verifier import read
from gradjury.verifier.languages.snippet import snippet

from .engines import check_higher, check_spellings, found

pytensor = pytest.importorskip("pytensor", reason="pytensor is not installed")

from gradjury.verifier.engines.pytensor import _COMPILED, Pytensor  # noqa: E402  # needs pytensor


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-11), ("float32", 1e-4)])
@pytest.mark.parametrize("name", Pytensor.table)
def test_the_table_means_what_it_says(name: str, dtype: str, tolerance: float) -> None:
    check_spellings(Pytensor, name, dtype, tolerance)


def test_known_defects_show() -> None:
    verdict, _, primitive = found("pytensor", "logaddexp(x, y)", x=800.0, y=0.0)
    assert (verdict, primitive) == ("nonfinite", "logaddexp")


def test_a_rewrite_that_loses_the_negative_side() -> None:
    """maximum(|x|, 0) is |x|; PyTensor returns 0 for x < 0."""
    verdict, partials, _ = found("pytensor", "maximum(abs(x), 0)", x=-3.0)
    assert (verdict, partials["x"]) == ("wrong", 0.0)


def test_numbers_are_compared_not_variables() -> None:
    tape = read("where(x == y, x*y, 2*x + y)")
    at = {"x": np.array([1.0, 2.0]), "y": np.array([1.0, 3.0])}
    value, gradient = Pytensor().gradient(tape, at, "float64")
    assert value.tolist() == [1.0, 7.0]
    assert gradient["x"].tolist() == [1.0, 2.0]
    assert "pt.where(pt.eq(x, y), " in snippet(Pytensor(), tape, {"x": 1.0, "y": 1.0}, "x")


def test_a_function_is_compiled_once_for_each_spelling() -> None:
    tape = read("log1p(exp(x))")
    first = Pytensor()
    first.gradient(tape, {"x": np.array([0.5])}, "float64")
    compiled = len(_COMPILED)
    Pytensor().gradient(tape, {"x": np.array([0.5, 2.5])}, "float64")
    assert len(_COMPILED) == compiled
    other = first.with_spelling("exp", lambda x: pytensor.tensor.exp(x) + 0 * x)
    other.gradient(tape, {"x": np.array([0.5])}, "float64")
    assert len(_COMPILED) == compiled + 1


def test_derivatives_of_higher_order() -> None:
    check_higher("pytensor")
