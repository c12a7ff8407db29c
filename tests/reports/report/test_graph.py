"""The drawing: well formed, in columns, legible, with what is blamed outlined."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from gradjury.reports.report.graph import HALF_H, HALF_W, MOST_OPERATIONS, draw
from gradjury.reports.report.trace import Suspect, Trace
from gradjury.verifier import read

from ..lesson.lessons import FUNCTIONS, Markup

CHAIN = "; ".join(f"a{k} = sin({'x' if k == 0 else f'a{k - 1}'} + {k})" for k in range(30)) + "; a29*a3 + a14"
NOBODY = Suspect(None, None, None)


def picture(text: str, point: dict[str, float], suspect: Suspect = NOBODY) -> str:
    return picture_of(Trace(read(text), point), suspect)


def picture_of(trace: Trace, suspect: Suspect) -> str:
    found = draw(trace, suspect, {})
    assert found is not None
    return str(found.svg)


def places(svg: str, row: str) -> list[tuple[float, float]]:
    found = re.findall(rf'<g class="node {row}[^"]*" transform="translate\(([\d.]+) ([\d.]+)\)">', svg)
    return [(float(x), float(y)) for x, y in found]


@pytest.mark.parametrize(("text", "point"), [*FUNCTIONS.values(), (CHAIN, {"x": 0.5})])
def test_every_node_is_inside_and_none_covers_another(text: str, point: dict[str, float]) -> None:
    svg = picture(text, point)
    Markup(svg)
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert size
    every = [*places(svg, "forward"), *places(svg, "backward")]
    for k, (x, y) in enumerate(every):
        assert HALF_W <= x <= int(size[1]) - HALF_W
        assert HALF_H <= y <= int(size[2]) - HALF_H
        for a, b in every[:k]:
            assert abs(x - a) >= 2 * HALF_W or abs(y - b) >= 2 * HALF_H


@pytest.mark.parametrize(("text", "point"), [*FUNCTIONS.values(), (CHAIN, {"x": 0.5})])
def test_a_derivative_stands_under_its_variable(text: str, point: dict[str, float]) -> None:
    svg = picture(text, point)
    above, below = places(svg, "forward"), places(svg, "backward")
    assert [x for x, _ in above] == [x for x, _ in below]
    down = below[0][1] - above[0][1]
    assert [b - a for (_, a), (_, b) in zip(above, below, strict=True)] == pytest.approx([down] * len(above), abs=0.11)


def test_no_label_is_smaller_than_can_be_read() -> None:
    svg = picture(CHAIN, {"x": 0.5})
    assert len(places(svg, "forward")) > 60
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)) >= 9


def test_what_is_blamed_is_outlined_in_both_halves() -> None:
    trace = Trace(read("exp(tanh(x)*y)"), {"x": 0.5, "y": 2.0})
    found = draw(trace, Suspect("rule", 2, 0), {"x": "-4.75"})
    assert found is not None
    assert found.svg.count('class="node forward bad"') == 1
    assert found.svg.count('class="edge bad"') == 1
    assert ">✗ -4.75<" in found.svg
    found = draw(trace, Suspect("accumulation", 0, None), {})
    assert found is not None
    assert found.svg.count('class="node backward bad"') == 1


def test_a_function_with_too_many_operations_has_no_picture() -> None:
    text = "+".join(f"sin(x + {k})" for k in range(MOST_OPERATIONS))
    assert draw(Trace(read(text), {"x": 1.0}), NOBODY, {}) is None


CROWDED = "a = cosh(x); b = sin(y); b*b*(a*b) - exp(a)*b"


def test_labels_of_edges_do_not_cover_each_other_and_the_one_to_blame_stays() -> None:
    trace = Trace(read(CROWDED), {"x": 0.98, "y": 0.75})
    exponential = next(i for i in trace.operations if trace.tape.nodes[i].primitive.name == "exp")
    found = draw(trace, Suspect("rule", exponential, 0), {})
    assert found is not None
    plates = re.findall(r'<rect class="plate" x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)"', found.svg)
    assert len(plates) > 5
    boxes = [tuple(map(float, plate)) for plate in plates]
    for k, (x, y, width) in enumerate(boxes):
        for a, b, other in boxes[:k]:
            assert x >= a + other or a >= x + width or abs(y - b) >= 16
    assert found.svg.count('class="local bad"') == 1


def test_a_number_stays_in_its_node() -> None:
    found = draw(Trace(read("x*y"), {"x": 1.24624e160, "y": -1.24624e140}), NOBODY, {})
    assert found is not None
    assert ">z = −1.553·10³⁰⁰<" in found.svg
    for size, text in re.findall(r'<text class="number" y="15" font-size="([\d.]+)">([^<]*)</text>', found.svg):
        assert float(size) * (0.64 * len(text) - 0.32 * text.count(" ")) <= 2 * HALF_W  # as in DejaVu Sans, a wide one
    assert ">z = 0.0410009<" in picture("x*y", {"x": 0.0410009, "y": 1.0})  # six digits, where there is no exponent


@pytest.mark.parametrize("factor", ["0.3", "-0.000123456", "1234567.8", "-1.23456e-123"])
def test_the_number_to_blame_stays_between_its_nodes_in_a_wide_graph(factor: str) -> None:
    tape = read(f"a = tanh(x)*({factor}); " + "; ".join(f"{b} = sin({a}) + x" for a, b in pairwise("abcdfghk")) + "; k")
    trace = Trace(tape, {"x": 0.5})
    (scaled,) = (i for i in trace.operations if trace.names[i] == "a")
    svg = picture_of(trace, Suspect("rule", scaled, 0))
    found = re.search(r'class="plate" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    assert found
    left, right = float(found[1]), float(found[1]) + float(found[2])
    assert all(x + HALF_W <= left + 0.1 or right - 0.1 <= x - HALF_W for x, _ in places(svg, "backward"))
    sizes = re.findall(r'class="local bad"(?: style="font-size: ([\d.]+)px")? x=', svg)
    assert len(sizes) == 1
    assert float(sizes[0] or 12) >= 8


@pytest.mark.parametrize(("text", "point"), [("sin(x)*1e-7", {"x": 2.5}), (CHAIN, {"x": 0.5})])
@pytest.mark.parametrize("returned", ["7", "−8.0114361554693371·10⁻³⁰⁸"])
def test_a_number_that_was_returned_is_inside_the_picture_and_off_the_next_node(
    text: str, point: dict[str, float], returned: str
) -> None:
    found = draw(Trace(read(text), point), NOBODY, {"x": returned})
    assert found is not None
    judged = re.search(
        r'<text class="judged"(?: style="font-size: ([\d.]+)px")? x="([\d.]+)"[^>]*>(.*?)</text>', found.svg
    )
    assert judged
    size, middle, letters = float(judged[1] or 13), float(judged[2]), judged[3]
    assert letters == f"✗ {returned}"
    assert size >= 8  # legible
    half = len(letters) * size * 0.66 / 2
    columns = sorted({x for x, _ in places(str(found.svg), "backward")})
    assert middle - half >= 0
    assert middle + half <= columns[1] - HALF_W
