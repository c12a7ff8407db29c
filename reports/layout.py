"""Where the nodes of a graph stand: columns by depth, lanes by the barycentre of their neighbours.

Layered drawing in the manner of Sugiyama, Tagawa and Toda (1981): a value stands one column right of the last value
it is computed from; an edge that passes columns gets a place of its own in each of them; within a column the order
follows the mean of the neighbours, and heights are the nearest to it that leave room (isotonic regression).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

#: Sweeps in which the order of the columns settles.
SWEEPS = 8
#: Room above and below an edge that passes a column, and between neighbours, in pixels.
PASSAGE, GAP = 13.0, 12.0


class Layout(NamedTuple):
    """Places of nodes.

    Attributes:
        column: of each node, 0 for inputs.
        height: of each node, in pixels, from 0 downwards.
        bends: heights at which the edge from a node to another passes the columns between them.
        top: smallest height that anything takes, its room included.
        bottom: largest such height.
    """

    column: dict[int, int]
    height: dict[int, float]
    bends: dict[tuple[int, int], list[float]]
    top: float
    bottom: float


class _Place:
    """A node, or the passage of an edge's bundle through a column."""

    __slots__ = ("above", "below", "left", "right", "y")

    def __init__(self, above: float, below: float) -> None:
        self.above, self.below, self.y = above, below, 0.0
        self.left: list[_Place] = []
        self.right: list[_Place] = []


def layered(sources: Mapping[int, Sequence[int]], room: Mapping[int, tuple[float, float]]) -> Layout:
    """Lay out a graph.

    Args:
        sources: the nodes that each node is computed from, in an order in which sources come first; empty for inputs.
        room: pixels that each node takes above and below its height.
    """
    column: dict[int, int] = {}
    for node, before in sources.items():
        column[node] = max((column[a] for a in before), default=-1) + 1
    places = {node: _Place(*room[node]) for node in sources}
    columns: list[list[_Place]] = [[] for _ in range(max(column.values()) + 1)]
    passages: dict[tuple[int, int], _Place] = {}
    for node, before in sources.items():
        columns[column[node]].append(places[node])
        for source in dict.fromkeys(before):
            previous = places[source]
            for passed in range(column[source] + 1, column[node]):
                place = passages.get((source, passed))
                if place is None:
                    place = passages[source, passed] = _Place(PASSAGE, PASSAGE)
                    columns[passed].append(place)
                    _join(previous, place)
                previous = place
            _join(previous, places[node])
    _settle(columns)
    bends = {
        (source, node): [passages[source, passed].y for passed in range(column[source] + 1, column[node])]
        for node, before in sources.items()
        for source in before
    }
    every = [place for places_of in columns for place in places_of]
    return Layout(
        column,
        {node: place.y for node, place in places.items()},
        bends,
        min(p.y - p.above for p in every),
        max(p.y + p.below for p in every),
    )


def _join(left: _Place, right: _Place) -> None:
    left.right.append(right)
    right.left.append(left)


def _settle(columns: list[list[_Place]]) -> None:
    for places in columns:
        _spread(places, [float(i) for i in range(len(places))])
    for sweep in range(SWEEPS):
        rightwards = sweep % 2 == 0
        for places in columns if rightwards else columns[::-1]:
            wanted = [_mean(p.left if rightwards else p.right, p.y) for p in places]
            order = sorted(range(len(places)), key=lambda i: wanted[i])
            places[:] = [places[i] for i in order]
            _spread(places, [wanted[i] for i in order])
    # the last word on heights, in the order that was found: between both neighbours
    for _ in range(2):
        for places in (*columns[::-1], *columns):
            _spread(places, [_mean(p.left + p.right, p.y) for p in places])


def _mean(neighbours: list[_Place], otherwise: float) -> float:
    return sum(n.y for n in neighbours) / len(neighbours) if neighbours else otherwise


def _spread(places: list[_Place], wanted: list[float]) -> None:
    """Heights nearest to the wanted ones, in their order, with room for everybody (pool adjacent violators)."""
    offsets, offset = [], 0.0
    for before, place in zip([None, *places], places, strict=False):
        if before is not None:
            offset += before.below + place.above + GAP
        offsets.append(offset)
    blocks: list[tuple[float, int]] = []
    for want, shift in zip(wanted, offsets, strict=True):
        blocks.append((want - shift, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (b, m), (a, n) = blocks.pop(), blocks.pop()
            blocks.append(((a * n + b * m) / (n + m), n + m))
    means = [mean for mean, count in blocks for _ in range(count)]
    for place, mean, shift in zip(places, means, offsets, strict=True):
        place.y = mean + shift
