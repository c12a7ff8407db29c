"""What a lesson computes, against the engine and against mpmath."""

from __future__ import annotations

import math

import mpmath as mp
import pytest

from gradjury.engine.sweep import gradient
from gradjury.reports.lesson.content import MOST_OPERATIONS, Lesson
from gradjury.reports.mathml import plain
from gradjury.reports.strokes import circled, shown
from gradjury.verifier import InvalidInput, LimitExceeded, read

from .lessons import FUNCTIONS, lesson


def test_the_first_chapter() -> None:
    found = lesson("chain")
    assert found.is_chain
    assert [o.letter for o in found.operations] == ["A", "B", "C"]
    assert [found.names[o.index] for o in found.operations] == ["a", "b", "y"]
    assert [shown(c.total) for c in found.contributions] == ["2.56805", "3.29744", "3.29744"]
    assert [circled(c.step - found.seed_step) for c in found.contributions] == ["①", "②", "③"]
    with mp.workdps(40):
        truth = mp.diff(lambda t: mp.exp(t**2) ** 2, mp.mpf("0.5"))
        assert found.gradient["x"] == pytest.approx(float(truth), rel=1e-15)
    assert [plain(o.edges[0].derivative) for o in found.operations if o.edges[0].derivative] == ["2x", "e^a", "2b"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_number_is_the_engines(name: str) -> None:
    text, point = FUNCTIONS[name]
    found = lesson(name)
    value, partials = gradient(read(text), point)
    assert found.values[found.tape.output] == value
    assert found.gradient == partials
    for contribution in found.contributions:
        if contribution.is_last:
            assert contribution.total == found.adjoints[contribution.target]
    assert found.tangents == pytest.approx(partials)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_paths_sum_up_to_the_derivative(name: str) -> None:
    found = lesson(name)
    for index, partial in enumerate(found.gradient.values()):
        paths, count = found.paths(index)
        assert len(paths) == count
        assert math.fsum(path.product for path in paths) == pytest.approx(partial, abs=1e-12)


def test_a_value_that_is_used_twice_has_two_paths_and_a_running_sum() -> None:
    found = lesson("same twice")
    paths, count = found.paths(0)
    assert count == 2
    assert [p.product for p in paths] == pytest.approx([math.sin(1) * math.cos(1)] * 2)
    first, second, last = found.contributions
    assert (first.known, first.is_last) == (None, False)
    assert (second.known, second.is_last) == (first.product, True)
    assert second.total == first.product + second.product
    assert last.target == 0


def test_very_many_paths_are_counted_and_not_walked() -> None:
    text = "; ".join(["a0 = sin(x)", *(f"a{k} = a{k - 1}*a{k - 1}" for k in range(1, 31)), "a30 + 1"])
    found = Lesson(read(text), {"x": 0.5})
    paths, count = found.paths(0)
    assert count == 2**30
    assert len(paths) == 8


def test_one_backward_pass_and_one_forward_pass_an_input() -> None:
    found = lesson("two variables")  # sin, ·, exp: 1 + 2 + 1 local derivatives; forward 3 by x, 2 by y
    assert found.backward_cost == (1, 4)
    assert found.forward_cost == (2, 5)


def test_the_forgotten_inputs_fail_in_the_engines_own_words() -> None:
    assert "they were dropped" in lesson("chain").forgotten


def test_local_derivatives_know_the_values_that_they_need() -> None:
    found = lesson("two variables")
    product = found.operations[1]
    assert [found.names[i] for edge in product.edges for i in edge.needs] == ["y", "a"]
    assert lesson("one operation").operations[0].edges[0].needs == ()


def test_names_are_no_differentials_and_no_eulers_number() -> None:
    text = "x"
    for _ in range(25):
        text = f"sin({text})"
    names = list(Lesson(read(text), {"x": 0.5}).names.values())
    assert not {"d", "e"} & set(names)
    assert len(set(names)) == len(names) == 26


def test_corners_are_told() -> None:
    assert [o.is_tied for o in lesson("corner").operations] == [True, False, True, False]


@pytest.mark.parametrize(
    ("text", "point", "message"),
    [
        ("x", {"x": 1.0}, "at least one variable and one operation"),
        ("2*pi", {}, "at least one variable and one operation"),
        ("log(x)", {"x": 0.0}, "y = -inf, since log.x. is real where x > 0; here x = 0: expected finite values"),
        ("sqrt(x)", {"x": 0.0}, "derivative by x is inf"),
    ],
)
def test_what_cannot_be_taught_is_refused(text: str, point: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Lesson(read(text), point)


def test_a_function_too_large_to_be_drawn_is_refused() -> None:
    text = "x" + " + x" * (MOST_OPERATIONS + 1)
    with pytest.raises(LimitExceeded, match=f"at most {MOST_OPERATIONS} operations; this has {MOST_OPERATIONS + 1}"):
        Lesson(read(text), {"x": 1.0})
