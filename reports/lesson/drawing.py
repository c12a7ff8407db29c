"""The picture of a lesson: the forward graph, and below it the backward graph, moved straight down.

So dy/da stands under a, and the derivative of an operation under the operation. The backward graph is drawn twice,
with multiply nodes and without; the page shows one of them. Whatever lights up carries the step at which it does
(``data-from``, and ``data-to`` where something else takes its place), and the steps that are busy with it
(``data-now``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from ..digits import typeset
from ..layout import Layout, layered
from ..mathml import svg_text, width
from ..strokes import abbreviated, arrow, circled, curve, depth, fitting, fraction, lettered, shown, symbol
from ..trees import indexed
from .content import Lesson, Operation

#: Pixels: between neighbouring columns, radius of a value, half width and height of an operation.
PITCH, RADIUS, BOX_W, BOX_H = 124.0, 29.0, 38.0, 27.0
#: Half width and height of a derivative of an operation, radius of a multiply node, how far it stands below.
RULE_W, RULE_H, DOT, DROP = 45.0, 23.0, 15.0, 54.0
#: Characters of a number from which on it is set smaller, to stay in the box of a local derivative.
LONG = 10
#: Characters of a name of which more would be too small to read in a circle: their middle is left out.
MOST = 8
#: Heights between the parts of an operation of several arguments, with and without multiply nodes.
APART_MULTIPLY, APART_SIMPLE = 98.0, 60.0
#: Room of a value with its number, space between the graphs, border of the picture.
ROOM, BETWEEN, BORDER = 54.0, 34.0, 62.0


class Picture(NamedTuple):
    """The drawn graphs: SVG, and the size in pixels that is its natural one."""

    svg: Markup
    width: int
    height: int


def draw(lesson: Lesson, *, backward: bool = True) -> Picture:
    """Draw both graphs of a lesson, or the forward graph alone."""
    return _Drawing(lesson).picture(backward)


class _Unit(NamedTuple):
    """Where the part of a backward operation stands that serves one argument."""

    place: int
    source: int
    port: float
    multiply: float
    simple: float


class _Drawing:
    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self.layout = self._layout()
        self.down = self.layout.bottom - self.layout.top + BETWEEN
        self.units = {o.index: self._units(o) for o in lesson.operations}
        self.partial = "∂" if lesson.is_multivariate else "d"
        own = [edge.own for o in lesson.operations for edge in o.edges if edge.own]
        self.short = abbreviated(dict.fromkeys([*lesson.names.values(), *own]), MOST)

    def _layout(self) -> Layout:
        sources: dict[int, Sequence[int]] = dict.fromkeys(self.lesson.inputs, ())
        room = dict.fromkeys(self.lesson.inputs, (ROOM, ROOM))
        for operation in self.lesson.operations:
            sources[operation.index] = [edge.source for edge in operation.edges]
            apart = (len(operation.edges) - 1) / 2 * APART_MULTIPLY
            sunk = 16 if apart else 0
            above, below = apart - sunk + DROP + RULE_H + 3, apart + sunk + DOT + 30
            room[operation.index] = (max(ROOM, above), max(ROOM, below))
        return layered(sources, room)

    def _units(self, operation: Operation) -> list[_Unit]:
        order = sorted(range(len(operation.edges)), key=lambda k: self._comes_from(operation, k))
        middle = (len(order) - 1) / 2
        sunk = 16 if middle else 0
        return [
            _Unit(
                place,
                operation.edges[place].source,
                (rank - middle) * 22,
                (rank - middle) * APART_MULTIPLY + sunk,
                (rank - middle) * APART_SIMPLE,
            )
            for rank, place in enumerate(order)
        ]

    def _comes_from(self, operation: Operation, place: int) -> float:
        source = operation.edges[place].source
        bends = self.layout.bends[source, operation.index]
        return bends[-1] if bends else self.layout.height[source]

    # ---- places ----------------------------------------------------------------------------------------

    def x_value(self, index: int) -> float:
        return BORDER + 2 * PITCH * self.layout.column[index]

    def x_operation(self, index: int) -> float:
        return self.x_value(index) - PITCH

    def y(self, index: int) -> float:
        return self.layout.height[index] - self.layout.top + 30

    # ---- the picture -----------------------------------------------------------------------------------

    def picture(self, backward: bool) -> Picture:
        wide = BORDER * 2 + 2 * PITCH * max(self.layout.column.values())
        high = (2 if backward else 1) * (self.layout.bottom - self.layout.top) + (BETWEEN if backward else 0) + 60
        parts = [self._bands(high), *self._captions(high, backward)]
        for index in self.lesson.names:
            parts.append(self._value(index))
            if backward:
                parts.append(self._derivative(index))
        for operation in self.lesson.operations:
            parts += self._forward(operation)
            if backward:
                parts += self._backward(operation)
        svg = Markup('<svg class="graph" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="graph-words">{}</svg>')
        return Picture(svg.format(wide, high, Markup("").join(sorted(parts, key=depth))), round(wide), round(high))

    def _bands(self, high: float) -> Markup:
        columns = {self.x_value(i) for i in self.lesson.names}
        band = Markup('<rect class="band" x="{:.0f}" y="26" width="96" height="{:.0f}" rx="20"/>')
        return Markup("").join(band.format(x - 48, high - 52) for x in sorted(columns))

    def _captions(self, high: float, backward: bool) -> Iterable[Markup]:
        text = Markup('<text class="caption {}" x="14" y="{:.0f}">{}</text>')
        for row, y in (("forward", 17.0), ("backward", high - 7))[: 2 if backward else 1]:
            words = Markup('<tspan class="word" data-word="{}"></tspan>').format(f"row_{row}")
            yield text.format(row, y, words)

    def _value(self, index: int) -> Markup:
        operation = self.lesson.by_index.get(index)
        step = operation.forward_step if operation else 0
        name = self.lesson.names[index]
        label = self.short[name]
        return Markup(
            '<g class="node value" data-from="{}" data-now="{}" transform="translate({:.1f} {:.1f})">'
            '<circle r="{:.0f}"/><text class="math" y="{:.1f}" font-size="{:.1f}"{}>{}</text>'
            '<text class="number" y="-36">{}</text>{}</g>'
        ).format(
            step,
            step,
            self.x_value(index),
            self.y(index),
            RADIUS,
            fitting(label, 27, 50) * 0.3,
            fitting(label, 27, 50),
            Markup(' font-style="italic"') if len(indexed(label)[0]) == 1 else "",
            lettered(label),
            typeset(shown(self.lesson.values[index])),
            "" if label == name else Markup("<title>{}</title>").format(name),
        )

    def _derivative(self, index: int) -> Markup:
        """dy/da, under a, with its number: where paths meet, the sum so far."""
        lesson = self.lesson
        if index == lesson.tape.output:
            states = [(lesson.seed_step, "1", True)]
        else:
            states = [(c.step, typeset(shown(c.total)), c.is_last) for c in lesson.contributions if c.target == index]
        by_step = {step: (text, last) for step, text, last in states}
        first = min(by_step, default=lesson.steps - 1)
        order = sorted(by_step)
        numbers = Markup("").join(
            Markup('<text class="number" y="47" data-from="{}" data-to="{}">{}{}</text>').format(
                step, later, by_step[step][0], "" if by_step[step][1] else " +…"
            )
            for step, later in pairwise([*order, lesson.steps])
        ) or Markup('<text class="number" y="47">0</text>')
        output, label = self.short[lesson.names[lesson.tape.output]], self.short[lesson.names[index]]
        meets = Markup('<g class="meet"><circle r="9" cx="40"/><path d="M35 0h10M40 -5v10"/></g>')
        return Markup(
            '<g class="node derivative" data-from="{}" data-now="{}" transform="translate({:.1f} {:.1f})">'
            '<ellipse rx="33" ry="{:.0f}"/>{}{}{}</g>'
        ).format(
            first,
            " ".join(map(str, order)),
            self.x_value(index),
            self.y(index) + self.down,
            RADIUS,
            fraction(self.partial, output, self.partial, label),
            meets if lesson.uses[index] > 1 else "",
            numbers,
        )

    def _forward(self, operation: Operation) -> Iterable[Markup]:
        x, y, step = self.x_operation(operation.index), self.y(operation.index), operation.forward_step
        for unit in self.units[operation.index]:
            path = self._line(unit.source, operation.index, x - BOX_W - 4, y + unit.port)
            yield arrow(path, "forward", step)
        yield arrow(f"M{x + BOX_W:.1f} {y:.1f}H{x + PITCH - RADIUS - 4:.1f}", "forward", step)
        label, italic = self._symbol(operation)
        formula = Markup("")
        if width(operation.formula, 16) < 2 * (PITCH - RADIUS):
            # the halo is a text of its own: that of an exponent would cover the letter beside it
            text = Markup('<text class="formula{}" y="-37" font-size="16"{}>{}</text>')
            letters = svg_text(operation.formula, 16)
            formula = text.format(" halo", Markup(' aria-hidden="true"'), letters) + text.format("", "", letters)
        yield Markup(
            '<g class="node operation" data-from="{}" data-now="{}" transform="translate({:.1f} {:.1f})">'
            '<rect x="-{}" y="-{}" width="{}" height="{}" rx="12"/>'
            '<text class="math" y="{:.1f}" font-size="{:.1f}"{}>{}</text>{}</g>'
        ).format(
            step, step, x, y, BOX_W, BOX_H, 2 * BOX_W, 2 * BOX_H,
            fitting(label, 27, 66) * 0.31, fitting(label, 27, 66),
            Markup(' font-style="italic"') if italic else "", label, formula,
        )  # fmt: skip

    def _symbol(self, operation: Operation) -> tuple[str, bool]:
        """What stands in the box of an operation, and whether in italics."""
        if self.lesson.is_chain:
            return operation.letter, True
        return symbol(self.lesson.tape, operation.index), False

    def _backward(self, operation: Operation) -> Iterable[Markup]:
        x, y = self.x_operation(operation.index), self.y(operation.index) + self.down
        step = operation.backward_step
        badge = Markup('<text class="badge" data-from="{}" data-now="{}" x="{:.1f}" y="{:.1f}">{}</text>')
        number = circled(step - self.lesson.seed_step)
        for view, reach in (("multiply", DOT), ("simple", RULE_W)):
            parts: list[Markup] = []
            lowest = 0.0
            for unit in self.units[operation.index]:
                height = y + (unit.multiply if view == "multiply" else unit.simple)
                above = DROP if view == "multiply" else 0.0
                lowest = max(lowest, height + (DOT if view == "multiply" else RULE_H))
                start = f"M{x + PITCH - 37:.1f} {y:.1f}"
                turn = x + (PITCH - 37 + reach) / 2
                parts.append(
                    arrow(
                        f"{start}C{turn:.1f} {y:.1f} {turn:.1f} {height:.1f} {x + reach + 4:.1f} {height:.1f}",
                        "backward",
                        step,
                    )
                )
                meets = self.lesson.uses[unit.source] > 1
                path = self._line(unit.source, operation.index, x - reach, height, self.down, 53 if meets else 37)
                parts.append(arrow(path, "backward", step, at_start=True))
                if view == "multiply":
                    parts.append(
                        arrow(f"M{x:.1f} {height - DROP + RULE_H:.1f}V{height - DOT - 3:.1f}", "backward", step)
                    )
                    parts.append(
                        Markup(
                            '<g class="node times" data-from="{}" data-now="{}" transform="translate({:.1f} {:.1f})">'
                            '<circle r="{:.0f}"/><path d="M-5.5 -5.5L5.5 5.5M-5.5 5.5L5.5 -5.5"/></g>'
                        ).format(step, step, x, height, DOT)
                    )
                parts.append(self._rule(operation, unit, x, height - above))
                parts += self._stored(operation, unit, x, height - above)
            parts.append(badge.format(step, step, x, lowest + 20, number))
            yield Markup('<g class="{}">{}</g>').format(view, Markup("").join(sorted(parts, key=depth)))

    def _rule(self, operation: Operation, unit: _Unit, x: float, y: float) -> Markup:
        """The local derivative: A′(x) in a chain, ∂c/∂a elsewhere, and its number."""
        names, edge = self.lesson.names, operation.edges[unit.place]
        source = self.short[names[edge.source]]
        if self.lesson.is_chain:
            label: tuple[str, ...] = (f"{operation.letter}′(", source, ")")
        else:
            d = "∂" if len(operation.edges) > 1 else "d"
            label = (d, self.short[edge.own or names[operation.index]], f"/{d}", source)
        number = typeset(shown(edge.value))
        return Markup(
            '<g class="node rule" data-from="{}" data-now="{}" transform="translate({:.1f} {:.1f})">'
            '<rect x="-{}" y="-{}" width="{}" height="{}" rx="11"/>'
            '<text class="math" y="-1" font-size="{:.1f}" font-style="italic">{}</text>'
            '<text class="number{}" y="16">{}</text></g>'
        ).format(
            operation.backward_step, operation.backward_step, x, y, RULE_W, RULE_H, 2 * RULE_W, 2 * RULE_H,
            fitting("".join(label), 21, 84), lettered(*label), "" if len(number) < LONG else " long", number,
        )  # fmt: skip

    def _stored(self, operation: Operation, unit: _Unit, x: float, y: float) -> Iterable[Markup]:
        """From the values that the forward pass kept to the local derivative that needs them."""
        for source in operation.edges[unit.place].needs:
            x0, y0 = self.x_value(source) + 17, self.y(source) + 25
            x1, y1 = x - RULE_W + 12, y - RULE_H - 4
            path = f"M{x0:.1f} {y0:.1f}C{x0 + 30:.1f} {y0 + 50:.1f} {x1 - 26:.1f} {y1 - 50:.1f} {x1:.1f} {y1:.1f}"
            kind = "edge stored" if self.lesson.is_chain else "edge stored only-now"
            yield Markup('<path class="{}" data-from="{}" data-now="{}" d="{}" marker-end="url(#tip-stored)"/>').format(
                kind, operation.forward_step, operation.backward_step, path
            )

    def _line(self, source: int, target: int, x: float, y: float, down: float = 0.0, off: float = RADIUS) -> str:
        """The path of an edge from a value to its operation at (x, y), through the columns between them."""
        here = (self.x_value(source) + off, self.y(source) + down)
        path = f"M{here[0]:.1f} {here[1]:.1f}"
        for passed, bend in enumerate(self.layout.bends[source, target], self.layout.column[source] + 1):
            height = bend - self.layout.top + 30 + down
            middle = BORDER + 2 * PITCH * passed
            path += curve(here, (middle - PITCH - BOX_W, height))
            path += f"H{middle + RADIUS:.1f}"
            here = (middle + RADIUS, height)
        return path + curve(here, (x, y))
