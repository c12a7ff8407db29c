"""The places of nodes: columns by depth, nothing on top of anything."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gradjury.reports.layout import GAP, PASSAGE, layered


def test_a_chain_is_a_straight_line() -> None:
    found = layered({0: [], 1: [0], 2: [1], 3: [2]}, dict.fromkeys(range(4), (20.0, 10.0)))
    assert found.column == {0: 0, 1: 1, 2: 2, 3: 3}
    assert len(set(found.height.values())) == 1
    assert found.bottom - found.top == 30


def test_an_edge_that_passes_a_column_gets_a_place_in_it() -> None:
    found = layered({0: [], 1: [0], 2: [1], 3: [0, 2]}, dict.fromkeys(range(4), (20.0, 20.0)))
    assert len(found.bends[0, 3]) == 2
    assert found.bends[2, 3] == []
    for passed, node in zip(found.bends[0, 3], (1, 2), strict=True):
        assert abs(passed - found.height[node]) >= 20 + PASSAGE + GAP - 1e-9


@st.composite
def graphs(draw: st.DrawFn) -> dict[int, list[int]]:
    inputs = draw(st.integers(1, 4))
    graph: dict[int, list[int]] = {i: [] for i in range(inputs)}
    for node in range(inputs, inputs + draw(st.integers(1, 25))):
        graph[node] = draw(st.lists(st.integers(0, node - 1), min_size=1, max_size=3))
    return graph


@given(graphs())
def test_neighbours_in_a_column_never_overlap(graph: dict[int, list[int]]) -> None:
    room = {node: (30.0 + node % 3 * 20, 25.0) for node in graph}
    found = layered(graph, room)
    for node, sources in graph.items():
        assert all(found.column[node] > found.column[source] for source in sources)
    columns: dict[int, list[tuple[float, float]]] = {}
    for node in graph:
        span = (found.height[node] - room[node][0], found.height[node] + room[node][1])
        columns.setdefault(found.column[node], []).append(span)
    passages = {(source, k): y for (source, _), bends in found.bends.items() for k, y in enumerate(bends)}
    for (source, k), y in passages.items():
        columns[found.column[source] + 1 + k].append((y - PASSAGE, y + PASSAGE))
    for spans in columns.values():
        spans.sort()
        assert all(b[0] - a[1] >= GAP - 1e-6 for a, b in pairwise(spans))
        assert min(s[0] for s in spans) >= found.top - 1e-6
        assert max(s[1] for s in spans) <= found.bottom + 1e-6
