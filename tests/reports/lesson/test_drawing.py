"""The picture: dy/da stands straight under a, the derivative of an operation under the operation."""

from __future__ import annotations

import re

import pytest

from gradjury.reports.lesson.drawing import draw

from .lessons import FUNCTIONS, Markup, lesson

PLACE = re.compile(r"translate\((\S+) (\S+)\)")


def places(svg: str, kind: str) -> list[tuple[float, float]]:
    found = []
    for tag, attributes in Markup(svg).elements:
        if tag == "g" and (attributes.get("class") or "").startswith(f"node {kind}"):
            match = PLACE.fullmatch(attributes["transform"] or "")
            assert match
            found.append((float(match[1]), float(match[2])))
    return found


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_backward_graph_is_the_forward_graph_moved_down(name: str) -> None:
    svg = str(draw(lesson(name)).svg)
    values, derivatives = places(svg, "value"), places(svg, "derivative")
    assert len(values) == len(derivatives) > 1
    moved = {(round(x - a, 1), round(y - b, 1)) for (a, b), (x, y) in zip(values, derivatives, strict=True)}
    assert {x for x, _ in moved} == {0.0}
    heights = {y for _, y in moved}
    assert max(heights) - min(heights) <= 0.21  # places are rounded to a tenth
    operations = {x for x, _ in places(svg, "operation")}
    assert {x for x, _ in places(svg, "rule")} == operations
    assert {x for x, _ in places(svg, "times")} == operations


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_is_drawn_outside(name: str) -> None:
    picture = draw(lesson(name))
    box = Markup(str(picture.svg)).elements[0][1]["viewbox"]
    assert box
    width, height = map(float, box.split()[2:])
    for kind in ("value", "operation", "derivative", "rule", "times"):
        for x, y in places(str(picture.svg), kind):
            assert 30 <= x <= width - 30
            assert 25 <= y <= height - 25


def test_a_multiply_node_for_every_local_derivative() -> None:
    found = lesson("loss")
    assert len(places(str(draw(found).svg), "times")) == len(found.contributions)


def test_chains_have_letters_and_other_functions_their_own_names() -> None:
    assert ">A<" in draw(lesson("chain")).svg
    assert "A′(x)" in draw(lesson("chain")).svg
    assert ">tanh<" in draw(lesson("loss")).svg
    assert "∂y/∂" in draw(lesson("loss")).svg


def test_long_names_are_cut_and_what_is_left_fits() -> None:
    from gradjury.reports.lesson.content import Lesson
    from gradjury.verifier import read

    svg = str(draw(Lesson(read("temperature_of_water**2"), {"temperature_of_water": 2.0})).svg)
    size = re.search(r'font-size="([\d.]+)">temp…ter</text>.*?<title>temperature_of_water</title>', svg)
    assert size
    assert 8 < float(size[1]) < 12
