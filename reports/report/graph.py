"""The computational graph of one function at one point: forward above, backward below in the same columns.

A variable and the derivative by it stand in one column, at the same height of their halves. What the record blames is
outlined in both: the operation above, the product it spoils below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup

from ..digits import typeset
from ..layout import layered
from ..strokes import abbreviated, curve, fitting, lettered, symbol
from ..trees import columns, subscripted
from .chains import number_text
from .trace import Edge, Suspect, Trace

#: Half width and height of a node, pixels between columns of a narrow and of a wide graph, columns of a narrow one.
HALF_W, HALF_H, NARROW, WIDE, FEW = 54.0, 23.0, 208.0, 152.0, 7
#: Characters of a name of which more would make what stands in a node too small to be read.
MOST_OF_NAME = 10
#: Room above and below a node, between the halves, around the picture, above it; between the ends of edges.
ROOM, BETWEEN, BORDER, ABOVE, PORT = 34.0, 30.0, 26.0, 4.0, 20.0
#: Characters of a number in a node, beyond which it is written in fewer digits.
MOST_CHARACTERS = 14
#: Size of a number beside an edge, and of one that was returned, in pixels.
LABEL, JUDGED = 12.0, 13.0
#: Where on its edge a label may stand, the best place first.
_PLACES = (0.5, 0.64, 0.36, 0.74, 0.26)
#: Operations up to which a graph is drawn.
MOST_OPERATIONS = 80

_TIPS = Markup("").join(
    Markup(
        '<marker id="tip-{}" class="tip {}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="{}" markerHeight="{}" '
        'orient="auto-start-reverse"><path d="M0 .8L9 5L0 9.2z"/></marker>'
    ).format(kind, kind, size, size)
    for kind, size in (("forward", 7), ("backward", 7), ("bad", 4))  # of the width of its line, twice that of others
)


class Picture(NamedTuple):
    """The drawn graph: SVG, and its natural width in pixels."""

    svg: Markup
    width: int


def draw(trace: Trace, suspect: Suspect, judged: Mapping[str, str]) -> Picture | None:
    """Draw a function at a point; None where it has too many operations for a picture.

    Args:
        trace: the function.
        suspect: what is outlined.
        judged: numbers that were returned for the derivatives by some inputs and do not agree, by name.
    """
    if len(trace.operations) > MOST_OPERATIONS:
        return None
    return _Drawing(trace, suspect, judged).picture()


class _Box(NamedTuple):
    """Where a label stands."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        """Whether two labels would cover each other."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def _narrow(value: float, before: str = "") -> str:
    """A number for a node, in fewer digits where six and an exponent would be too small to be read."""
    text = before + number_text(value)
    digits = 4 if "e" in text[len(before) :] and len(text) > MOST_CHARACTERS else 6
    return before + typeset(number_text(value, digits))


def _brief(value: float) -> str:
    """A number beside an edge of a wide graph: three digits, or one where they are long; the chain below has six."""
    text = number_text(value, 3)
    return text if len(text) <= MOST_CHARACTERS // 2 else number_text(value, 1)


def _on_curve(part: float) -> tuple[float, float]:
    """How far across and along the piece of :func:`~gradjury.reports.strokes.curve` is after a part of it, 0 to 1."""
    rest = 1 - part
    return 1.5 * part * rest + part**3, part**2 * (3 - 2 * part)


class _Drawing:
    def __init__(self, trace: Trace, suspect: Suspect, judged: Mapping[str, str]) -> None:
        self.trace, self.suspect, self.judged = trace, suspect, judged
        self.short = abbreviated(dict.fromkeys(trace.names.values()), MOST_OF_NAME)
        sources: dict[int, Sequence[int]] = {i: () for i in trace.names if i not in trace.edges}
        sources |= {i: [edge.source for edge in edges] for i, edges in trace.edges.items()}
        self.layout = layered(sources, dict.fromkeys(sources, (ROOM, ROOM)))
        columns = max(self.layout.column.values()) + 1
        self.is_narrow = columns <= FEW
        self.pitch = NARROW if self.is_narrow else WIDE
        self.down = self.layout.bottom - self.layout.top + BETWEEN
        self.width = 2 * BORDER + 2 * HALF_W + (columns - 1) * self.pitch
        self.height = 2 * (self.layout.bottom - self.layout.top) + BETWEEN + ABOVE + BORDER

    def x(self, index: int) -> float:
        return BORDER + HALF_W + self.layout.column[index] * self.pitch

    def y(self, index: int) -> float:
        return self.layout.height[index] - self.layout.top + ABOVE

    def picture(self) -> Picture:
        parts: list[Markup] = []
        # edges lie under nodes, their labels over both
        labelled: list[tuple[int, Edge, float]] = []
        for operation, edges in self.trace.edges.items():
            for port, edge in self._ports(operation, edges):
                parts += self._edges(operation, edge, port)
                labelled.append((operation, edge, port))
        for index in self.trace.names:
            parts += [self._forward(index), self._backward(index)]
        labels: list[Markup] = []
        taken: list[_Box] = []
        for each in sorted(labelled, key=lambda one: not self.suspect.is_edge(one[0], one[1])):
            labels += self._label(*each, taken)
        svg = Markup('<svg class="graph" viewBox="0 0 {:.0f} {:.0f}" role="img" data-label="graph_words">{}{}</svg>')
        drawn = Markup("").join([*parts, *labels])
        return Picture(
            svg.format(self.width, self.height, Markup("<defs>{}</defs>").format(_TIPS), drawn), round(self.width)
        )

    def _ports(self, operation: int, edges: list[Edge]) -> list[tuple[float, Edge]]:
        """Heights at which the edges of an operation end, in the order in which they come."""

        def comes_from(edge: Edge) -> float:
            bends = self.layout.bends[edge.source, operation]
            return bends[-1] if bends else self.layout.height[edge.source]

        middle = (len(edges) - 1) / 2
        apart = PORT if len(edges) < 4 else 2 * HALF_H / len(edges)
        return [((rank - middle) * apart, edge) for rank, edge in enumerate(sorted(edges, key=comes_from))]

    def _edges(self, operation: int, edge: Edge, port: float) -> list[Markup]:
        bad = self.suspect.is_edge(operation, edge)
        drawn = []
        for row, down, where in (("forward", 0.0, "end"), ("backward", self.down, "start")):
            kind = "bad" if bad and row == "backward" else row
            tip = Markup('marker-{}="url(#tip-{})"').format(where, kind)
            path = self._line(edge.source, operation, port, down, gap_at_start=row == "backward")
            drawn.append(Markup('<path class="edge {}" d="{}" {}/>').format(kind, path, tip))
        return drawn

    def _line(self, source: int, operation: int, port: float, down: float, gap_at_start: bool) -> str:
        """From a value to its operation, through the columns between them."""
        start, end = (4.0, 0.0) if gap_at_start else (0.0, 4.0)
        here = (self.x(source) + HALF_W + start, self.y(source) + down)
        path = f"M{here[0]:.1f} {here[1]:.1f}"
        for passed, bend in enumerate(self.layout.bends[source, operation], self.layout.column[source] + 1):
            height = bend - self.layout.top + ABOVE + down
            middle = BORDER + HALF_W + passed * self.pitch
            path += curve(here, (middle - HALF_W, height)) + f"H{middle + HALF_W:.1f}"
            here = (middle + HALF_W, height)
        return path + curve(here, (self.x(operation) - HALF_W - end, self.y(operation) + port + down))

    def _label(self, operation: int, edge: Edge, port: float, taken: list[_Box]) -> list[Markup]:
        """The value of the local derivative, where there is room for it: the table below has all of them."""
        bad = self.suspect.is_edge(operation, edge)
        if not self.is_narrow and not bad:
            return []
        bends = self.layout.bends[edge.source, operation]
        start = bends[-1] - self.layout.top + ABOVE if bends else self.y(edge.source)
        end = self.y(operation) + port
        text = typeset(number_text(edge.value) if self.is_narrow else _brief(edge.value))
        gap = self.pitch - 2 * HALF_W
        size = min(LABEL, fitting(text, LABEL, gap - 6))
        room = min(0.567 * size * len(text) + 6, gap)
        left, right = self.x(operation) - self.pitch + HALF_W, self.x(operation) - HALF_W
        for part in _PLACES:
            # on the line where it turns, which a plate interrupts; above it where it is straight
            across, along = _on_curve(part)
            x = left + across * (right - left)
            y = (start + along * (end - start) + 4 if abs(start - end) > 8 else min(start, end) - 7) + self.down
            box = _Box(x - room / 2, y - 12, x + room / 2, y + 4)
            if not any(map(box.meets, taken)):
                break
        else:
            return []
        taken.append(box)
        return [
            Markup('<rect class="plate" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="16"/>').format(
                box.left, box.top, room
            ),
            Markup('<text class="local{}"{} x="{:.1f}" y="{:.1f}">{}</text>').format(
                " bad" if bad else "",
                "" if size == LABEL else Markup(' style="font-size: {:.1f}px"').format(size),
                x,
                y,
                text,
            ),
        ]

    def _forward(self, index: int) -> Markup:
        trace, name = self.trace, self.short[self.trace.names[index]]
        value = typeset(number_text(trace.values[index]))
        bad = index == self.suspect.node
        if index not in trace.edges:
            label = Markup('<tspan font-style="italic">{}</tspan>').format(lettered(name))
            return self._node("forward", index, 0.0, HALF_H, name, label, value, bad)
        sign = symbol(trace.tape, index)
        value = _narrow(trace.values[index], f"{subscripted(name)} = ")
        return self._node("forward", index, 0.0, 13, sign, Markup("{}").format(sign), value, bad)

    def _backward(self, index: int) -> Markup:
        trace, suspect = self.trace, self.suspect
        d = "∂" if trace.is_multivariate else "d"
        text = (d, self.short[trace.names[trace.tape.output]], f"/{d}", self.short[trace.names[index]])
        label = Markup('<tspan font-style="italic">{}</tspan>').format(lettered(*text))
        meets = suspect.kind == "accumulation" and index == suspect.node
        node = self._node(
            "backward", index, self.down, HALF_H, "".join(text), label, _narrow(trace.adjoints[index]), meets
        )
        name = trace.names[index]
        if index < len(trace.tape.inputs) and name in self.judged:
            node += self._judged(index, f"✗ {self.judged[name]}")
        return node

    def _judged(self, index: int, text: str) -> Markup:
        """What was returned, below an input: where all digits are needed it is wider than the node and its border."""
        # half bold, a digit is two thirds as wide as it is high
        size = fitting(text, JUDGED, self.pitch, 0.67)
        half = columns(text) * 0.67 * size / 2
        return Markup('<text class="judged"{} x="{:.1f}" y="{:.1f}">{}</text>').format(
            "" if size == JUDGED else Markup(' style="font-size: {:.1f}px"').format(size),
            max(self.x(index), half + 2),
            self.y(index) + self.down + HALF_H + 15,
            text,
        )

    def _node(
        self, row: str, index: int, down: float, radius: float, text: str, label: Markup, value: str, bad: bool
    ) -> Markup:
        return Markup(
            '<g class="node {}{}" transform="translate({:.1f} {:.1f})">'
            '<rect x="-{}" y="-{}" width="{}" height="{}" rx="{}"/>'
            '<text class="math" y="-3" font-size="{:.1f}">{}</text>'
            '<text class="number" y="15" font-size="{:.1f}">{}</text></g>'
        ).format(
            row, " bad" if bad else "", self.x(index), self.y(index) + down, HALF_W, HALF_H, 2 * HALF_W, 2 * HALF_H,
            radius, fitting(text, 17, 98), label, fitting(value, 13, 100, 0.58 if " " in value else 0.64), value,
        )  # fmt: skip
