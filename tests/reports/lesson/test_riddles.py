"""Planted faults: fair, and what they say they are."""

from __future__ import annotations

import pytest

from gradjury.engine.sweep import gradient
from gradjury.reports.lesson.content import Lesson
from gradjury.reports.lesson.page import one_posed, posed
from gradjury.reports.lesson.riddles import LEVELS, ORDINARY, SHARP, WITNESSES, Desk, Riddle
from gradjury.verifier import InvalidInput, read

from .lessons import FUNCTIONS, lesson

SEEDS = range(1, 9)


def riddles(name: str, level: str) -> list[Riddle]:
    desk = Desk(lesson(name))
    return [found for seed in SEEDS if (found := desk.riddle(level, seed)) is not None]


def of(name: str, fault: str) -> Riddle:
    """A riddle with this fault."""
    level = next(level for level, faults in LEVELS.items() if fault in faults)
    desk = Desk(lesson(name))
    return next(r for seed in range(200) if (r := desk.riddle(level, seed)) is not None and r.fault == fault)


def right_locals(name: str, point: dict[str, float]) -> list[tuple[float, ...]]:
    text, _ = FUNCTIONS[name]
    return [tuple(edge.value for edge in o.edges) for o in Lesson(read(text), point).operations]


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("level", LEVELS)
def test_the_liar_stands_alone(name: str, level: str) -> None:
    digits = SHARP if level == "millionth" else ORDINARY
    tape = read(FUNCTIONS[name][0])
    for riddle in riddles(name, level):
        _, truth = gradient(tape, riddle.point)
        alone = 1 if riddle.liar == "two" else WITNESSES.index(riddle.liar)
        gaps = []
        for row, exact in zip(riddle.numbers, truth.values(), strict=True):
            together = [n for k, n in enumerate(row) if k != alone]
            honest = [row[1]] if riddle.liar == "two" else together
            assert honest == pytest.approx([exact] * len(honest), rel=3 * digits.together, abs=digits.together)
            assert together[0] == pytest.approx(together[1], rel=3 * digits.together, abs=digits.together)
            gaps.append(abs(row[alone] - together[0]) / max(abs(together[0]), abs(together[1]), 1e-2))
        assert max(gaps) > digits.apart


@pytest.mark.parametrize("fault", [fault for faults in LEVELS.values() for fault in faults])
def test_every_fault_is_planted(fault: str) -> None:
    found = of("loss", fault)
    assert found.liar in WITNESSES
    right = right_locals("loss", found.point)
    wrong = [k for k, (has, should) in enumerate(zip(found.locals, right, strict=True)) if has != pytest.approx(should)]
    operations = lesson("loss").operations
    if fault in ("sign", "stale", "swapped"):
        assert [operations[k].index for k in wrong] == [found.part]
    elif fault == "together":
        values = Lesson(read(FUNCTIONS["loss"][0]), found.point)
        off = [k for k, o in enumerate(operations) if found.values[k] != pytest.approx(values.values[o.index])]
        assert operations[off[0]].index == found.part
    elif fault != "small":
        assert wrong == []


def test_a_wrong_sign_turns_one_local_derivative() -> None:
    found = of("chain", "sign")
    for operation, has, right in zip(
        lesson("chain").operations, found.locals, right_locals("chain", found.point), strict=True
    ):
        assert has == ((-right[0],) if operation.index == found.part else right)


def test_a_forgotten_factor_is_the_ratio() -> None:
    found = of("chain", "forgotten")
    ((right, wrong, _),) = found.numbers
    factor = next(
        has[0] for o, has in zip(lesson("chain").operations, found.locals, strict=True) if o.index == found.part
    )
    assert right / wrong == pytest.approx(factor)


@pytest.mark.parametrize(("text", "twice"), [("a = 2*x; b = sin(a); 2*b", 2.0), ("-sin(-x)", -1.0)])
def test_a_forgotten_factor_that_is_there_twice_is_not_asked_for(text: str, twice: float) -> None:
    """Whichever of the two was forgotten, the numbers are the same, and pointing at the other would be called wrong."""
    found = Lesson(read(text), {"x": 0.5})
    desk = Desk(found)
    riddles = [r for seed in range(30) if (r := desk.riddle("plain", seed)) is not None and r.fault == "forgotten"]
    assert riddles
    for riddle in riddles:
        asked = next(has for o, has in zip(found.operations, riddle.locals, strict=True) if o.index == riddle.part)
        assert asked != (twice,)


def test_the_same_seed_gives_the_same_riddle() -> None:
    assert Desk(lesson("loss")).riddle("hidden", 17) == Desk(lesson("loss")).riddle("hidden", 17)
    assert one_posed(lesson("loss"), "hidden", 3) == posed(lesson("loss"), 3)["hidden"][2]


def test_seeds_give_different_riddles() -> None:
    assert len({riddle.point["w"] for riddle in riddles("loss", "plain")}) > 4


def test_nothing_is_asked_where_nothing_would_show() -> None:
    found = posed(Lesson(read("floor(floor(x))"), {"x": 0.5}), 2)
    assert found["hidden"] == found["suspects"] == [None, None]


def test_a_level_that_there_is_not_is_said_so() -> None:
    with pytest.raises(InvalidInput, match=r"level: 'easy' is none; expected one of plain, hidden"):
        one_posed(lesson("chain"), "easy", 1)


def test_numbers_of_the_sharp_level_are_shown_with_their_digits() -> None:
    found = one_posed(lesson("chain"), "millionth", 1)
    assert found is not None
    assert min(len(n) for row in found["rows"] for n in row) > 8


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("level", LEVELS)
def test_where_no_step_moves_a_variable_or_a_fault_leaves_the_domain_nothing_is_raised(level: str) -> None:
    for text, point in (("x + 1e-300*y", {"x": 0.5, "y": 1e300}), ("x**y", {"x": 1e-300, "y": 709.0})):
        desk = Desk(Lesson(read(text), point))
        for seed in range(1, 7):
            desk.riddle(level, seed)
