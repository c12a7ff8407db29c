"""Small charts as SVG that take their colours from the page: bars in groups, lines over two axes.

Every chart comes with its numbers as a table; the page writes a line of summary beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

#: Size of a chart, and its borders on the left, right, top and bottom, in pixels.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480.0, 230.0, 64.0, 20.0, 12.0, 44.0
_DOWN, _ACROSS = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT


class Bar(NamedTuple):
    """A group of bars: what stands below it, and its bars from left to right as (class, count)."""

    label: str
    parts: tuple[tuple[str, int], ...]


class Axis(NamedTuple):
    """An axis: its ends, its ticks as (value, label), whether it is logarithmic."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where a value stands, from 0 at the low end to 1."""
        low, high, here = (
            math.log10(v) if self.logarithmic else v for v in (self.low, self.high, max(value, self.low))
        )
        return min((here - low) / ((high - low) or 1), 1.0)


class Line(NamedTuple):
    """A line through points; ``steps`` draws it as stairs, ``area`` is filled between this line and another."""

    kind: str
    points: Sequence[tuple[float, float]]
    steps: bool = False
    area: Sequence[tuple[float, float]] = ()


def bars(groups: Sequence[Bar], *, across: str, up: str) -> Markup:
    """Bars in groups; the height of a bar grows with the logarithm of its count, so that one stays visible.

    The bars of a group stand beside each other: heights of logarithms must not be added by stacking them.

    Args:
        groups: from left to right.
        across, up: keys of the words on the axes.
    """
    most = max((n for bar in groups for _, n in bar.parts), default=0)
    top = 10 ** math.ceil(math.log10(most + 1)) if most else 10

    def height(count: float) -> float:
        return math.log10(count + 1) / math.log10(top + 1) * _DOWN

    ticks = [(10**k, brief(10**k)) for k in range(math.ceil(math.log10(top)) + 1)]
    parts = [_rule(HEIGHT - BOTTOM - height(n), label) for n, label in ticks[:: max(1, len(ticks) // 5)]]
    pitch = _ACROSS / max(len(groups), 1)
    for place, bar in enumerate(groups):
        x, present = LEFT + place * pitch + pitch * 0.1, [part for part in bar.parts if part[1]]
        for k, (kind, count) in enumerate(present):
            width = pitch * 0.8 / len(present)
            parts.append(
                Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    kind, x + k * width, HEIGHT - BOTTOM - height(count), width, height(count)
                )
            )
        parts.append(_tick(x + pitch * 0.4, bar.label))
    return _svg(parts, across, up)


def lines(drawn: Sequence[Line], *, across: Axis, along: str, up: Axis, upwards: str) -> Markup:
    """Lines over two axes.

    Args:
        drawn: later ones over earlier ones.
        across, up: the axes.
        along, upwards: keys of the words on them.
    """

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return LEFT + across.place(point[0]) * _ACROSS, HEIGHT - BOTTOM - up.place(point[1]) * _DOWN

    parts = [_rule(at((across.low, v))[1], label) for v, label in up.ticks]
    parts += [_tick(at((v, up.low))[0], label) for v, label in across.ticks]
    for line in drawn:
        if not line.points:
            continue
        path = _path([at(p) for p in line.points], line.steps)
        if line.area:
            path += "L" + _path([at(p) for p in reversed(line.area)], line.steps)[1:] + "Z"
        parts.append(Markup('<path class="{}" d="{}"/>').format(line.kind, path))
    return _svg(parts, along, upwards)


def _path(points: Sequence[tuple[float, float]], steps: bool) -> str:
    first, *rest = points
    text = f"M{first[0]:.1f} {first[1]:.1f}"
    for x, y in rest:
        text += f"H{x:.1f}V{y:.1f}" if steps else f"L{x:.1f} {y:.1f}"
    return text


def linear(high: float) -> Axis:
    """An axis from 0 with three or four round ticks."""
    high = high or 1.0
    step = 10 ** math.floor(math.log10(high))
    step = next(s for s in (step / 5, step / 2, step, 2 * step, 5 * step) if high / s <= 5)
    return Axis(0.0, high, tuple((k * step, brief(k * step)) for k in range(int(high / step) + 1)))


def brief(count: float) -> str:
    """A count in few characters: 950, 1.5k, 12k, 3.5M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:g}{letter}"
    return f"{count:g}"


def logarithmic(low: int, high: int, every: int) -> Axis:
    """An axis over powers of ten."""
    ticks = tuple((10.0**k, f"10^{k}") for k in range(low, high + 1, every))
    return Axis(10.0**low, 10.0**high, ticks, logarithmic=True)


def _rule(y: float, label: str) -> Markup:
    return Markup(
        '<path class="grid" d="M{:.0f} {:.1f}H{:.0f}"/><text x="{:.0f}" y="{:.1f}" text-anchor="end">{}</text>'
    ).format(LEFT, y, WIDTH - RIGHT, LEFT - 7, y + 4, _raised(label))


def _tick(x: float, label: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.0f}" text-anchor="middle">{}</text>').format(
        x, HEIGHT - BOTTOM + 16, _raised(label)
    )


def _raised(label: str) -> Markup:
    base, _, exponent = label.partition("^")
    if not exponent:
        return Markup("{}").format(base)
    return Markup('{}<tspan dy="-5" font-size="9.5">{}</tspan>').format(base, exponent.replace("-", "−"))


def _svg(parts: Sequence[Markup], across: str, up: str) -> Markup:
    """The chart without a name: a figure around it has the words, its table the numbers."""
    words = Markup('<text data-word="{}" x="{:.0f}" y="{:.0f}" text-anchor="middle"></text>').format(
        across, LEFT + _ACROSS / 2, HEIGHT - 6
    )
    side = Markup(
        '<text data-word="{}" transform="translate(11 {:.0f}) rotate(-90)" text-anchor="middle"></text>'
    ).format(up, TOP + _DOWN / 2)
    return Markup(
        '<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" aria-hidden="true" focusable="false">{}</svg>'
    ).format(WIDTH, HEIGHT, Markup("").join([*parts, words, side]))
