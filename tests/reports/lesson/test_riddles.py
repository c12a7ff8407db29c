"""Planted faults: fair, and what they say they are."""

from __future__ import annotations

import pytest

from gradjury.reports.lesson.content import Lesson
from gradjury.reports.lesson.riddles import APART, MOST, WITNESSES, riddles
from gradjury.verifier import read

from .lessons import FUNCTIONS, lesson


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_liar_stands_alone(name: str) -> None:
    found = lesson(name)
    for riddle in riddles(found):
        liar = WITNESSES.index(riddle.liar)
        gaps = []
        for row, truth in zip(riddle.numbers, found.gradient.values(), strict=True):
            honest = [n for k, n in enumerate(row) if k != liar]
            assert honest == pytest.approx([truth, truth], rel=1e-6, abs=1e-9)
            gaps.append(abs(row[liar] - truth) / max(abs(truth), 1e-3))
        assert max(gaps) > APART / 2


def test_faults_of_every_kind_are_asked_for() -> None:
    asked = riddles(lesson("fan-out"))
    assert len(asked) == MOST
    assert {r.fault for r in asked} == {"coarse_step", "lost_path", "inner_derivative", "sign"}


def test_a_wrong_sign_shows_in_the_local_derivative_of_its_operation_alone() -> None:
    found = lesson("chain")
    riddle = next(r for r in riddles(found) if r.fault == "sign")
    for operation, has in zip(found.operations, riddle.locals, strict=True):
        right = operation.edges[0].value
        assert has == ((-right,) if operation.index == riddle.operation else (right,))


def test_a_lost_path_leaves_all_local_derivatives_right() -> None:
    found = lesson("same twice")
    riddle = next(r for r in riddles(found) if r.fault == "lost_path")
    assert riddle.locals == tuple(tuple(e.value for e in o.edges) for o in found.operations)
    assert riddle.numbers[0][0] == pytest.approx(found.gradient["x"] / 2)


def test_the_same_seed_gives_the_same_riddles() -> None:
    assert riddles(lesson("loss"), seed=3) == riddles(lesson("loss"), seed=3)


def test_nothing_is_asked_where_nothing_would_show() -> None:
    assert riddles(Lesson(read("floor(floor(x))"), {"x": 0.5})) == []
