"""Non-finite traps: a branch that is not taken, a factor 0, an operation that overflows on the way to a finite result.

The derivative of ``where(x > 0, log(x), 0)`` at −1 is 0: the logarithm is not taken. An engine that multiplies the
infinite or undefined derivative of the other branch by 0 returns nan.
"""

from __future__ import annotations

import pytest

from gradjury.properties.conformance.defects import check, columns, defects_of_operations, report
from gradjury.properties.conformance.functions import ON_THE_WAY, UNCHOSEN, UNTAKEN
from gradjury.verifier import Engine, read


@pytest.mark.parametrize("function", UNTAKEN)
def test_branches_that_are_not_taken(engine: Engine, function: str) -> None:
    """``where(x > 0, function, constant)`` where x is not above 0."""
    tape = read(f"where(x > 0, {function}, 3)")
    points = UNTAKEN[function]
    check(engine, tape, {name: points if name == "x" else [2.0] * len(points) for name in tape.inputs})


@pytest.mark.parametrize("function", UNTAKEN)
def test_branches_beside_a_taken_one(engine: Engine, function: str) -> None:
    """The same, where the branch that is taken depends on x as well."""
    tape = read(f"where(x > 0, {function}, 2*x + 1)")
    points = [x for x in UNTAKEN[function] if x != 0]
    if not points:
        pytest.skip("trapped at 0 alone, where the branches do not meet")
    check(engine, tape, {name: points if name == "x" else [2.0] * len(points) for name in tape.inputs})


@pytest.mark.parametrize("function", UNCHOSEN)
def test_numbers_that_are_not_chosen(engine: Engine, function: str) -> None:
    """Maxima, minima and flat pieces, where what is not chosen is infinitely steep."""
    check(engine, read(function), UNCHOSEN[function])


@pytest.mark.parametrize("function", ON_THE_WAY)
def test_finite_results_by_way_of_others(engine: Engine, function: str) -> None:
    """Operations that meet 0, ∞, 0/0 or ∞·0: each is right by itself, whatever comes of their combination."""
    report(defects_of_operations(engine, read(function), columns(ON_THE_WAY[function])))
