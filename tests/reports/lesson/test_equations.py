"""The equations of a lesson: every symbol in them stands for one value."""

from __future__ import annotations

import re

from gradjury.reports.lesson.content import Lesson
from gradjury.reports.lesson.drawing import draw
from gradjury.reports.lesson.equations import Equations
from gradjury.verifier import read

from ..test_trees import letters


def test_the_last_operations_local_derivative_is_not_the_derivative_over_all_paths() -> None:
    lesson = Lesson(read("exp(sin(x)*y) + x"), {"x": 0.5, "y": 2.0})
    equations = Equations(lesson)
    by_x = equations.paths(0)
    assert "{∂D/∂x}=1" in map(letters, by_x.paths)
    assert letters(by_x.total).startswith("{∂z/∂x}=")
    assert not any("{∂z/∂x}" in letters(path) for path in by_x.paths)
    assert [letters(each["call"]) for each in equations.own()] in (["z=D(c,x)"], ["z=D(x,c)"])
    assert "∂D/∂x" in re.sub(r"<[^>]*>", "", draw(lesson).svg)


def test_the_first_chapter_keeps_its_notation() -> None:
    equations = Equations(Lesson(read("a = x**2; b = exp(a); b**2"), {"x": 0.5}))
    assert next(letters(path) for path in equations.paths(0).paths).startswith("{dy/db}·{db/da}·{da/dx}=")
    assert equations.own() == []


def test_the_function_may_break_in_front_of_its_formula_and_of_its_value() -> None:
    def lines(text: str, x: float) -> list[str]:
        return [letters(line) for line in Equations(Lesson(read(text), {"x": x})).header().split("<wbr>")]

    assert lines("exp(-x**2)", 26.0) == ["y=C(B(A(x)))", "=e^{−x^{2}}", "=2.61174·10^{−294}"]
    assert lines("x*sin(x)", 0.0) == ["y=x·sin(x)", "=0"]


def test_a_button_of_the_notebook_is_read_aloud_with_its_formulas() -> None:
    chain = Lesson(read("a = x**2; b = exp(a); b**2"), {"x": 0.5})
    spoken = [Equations(chain).in_words(operation) for operation in chain.operations]
    assert [[text.replace("\u2009", "") for text in texts] for texts in spoken] == [
        ["A(x)=x^2", "A′(x)=2x"],
        ["B(a)=e^a", "B′(a)=e^a"],
        ["C(b)=b^2", "C′(b)=2b"],
    ]


def test_a_negative_number_behind_a_plus_stands_in_brackets() -> None:
    lesson = Lesson(read("a = sin(x); -a*cos(x)"), {"x": 1.0})
    steps = [letters(line) for step in range(lesson.steps) for line in Equations(lesson).step(step)]
    assert any("+(−" in line for line in steps)
    assert not any("+−" in line for line in steps)


def test_at_a_corner_no_formula_is_given_a_value_that_it_has_not() -> None:
    def first_local(x: float) -> str:
        lesson = Lesson(read("Abs(x) + x**2"), {"x": x})
        operation = next(o for o in lesson.operations if len(o.edges) == 1 and o.formula.kind != "power")
        return letters(Equations(lesson).local(operation, operation.edges[0]))

    assert first_local(0.0) == "{da/dx}=0"
    assert first_local(2.0).endswith("=1")
    assert len(first_local(2.0)) > len("{da/dx}=1")  # with the formula between
