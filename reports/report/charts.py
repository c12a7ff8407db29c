"""Small charts as SVG that take their colours from the page: bars in groups, lines and dots over two axes.

Every chart comes with its numbers as a table; the page writes a line of summary beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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
    """An axis: its ends, its ticks as (value, label), and the function that is linear along it."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    scale: Callable[[float], float] = float

    def place(self, value: float) -> float:
        """Where a value stands, from 0 at the low end to 1."""
        low, high, here = map(self.scale, (self.low, self.high, max(value, self.low)))
        return min((here - low) / ((high - low) or 1), 1.0)


class Line(NamedTuple):
    """A line through points; ``steps`` draws it as stairs, ``area`` is filled between this line and another."""

    kind: str
    points: Sequence[tuple[float, float]]
    steps: bool = False
    area: Sequence[tuple[float, float]] = ()


class Dot(NamedTuple):
    """A mark at a point; its kind, one of the groups of verdicts, gives it colour and shape; it says what it is."""

    kind: str
    x: float
    y: float
    says: str


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

    parts = _axes(across, up)
    for line in drawn:
        if not line.points:
            continue
        path = _path([_at(across, up, p) for p in line.points], line.steps)
        if line.area:
            path += "L" + _path([_at(across, up, p) for p in reversed(line.area)], line.steps)[1:] + "Z"
        parts.append(Markup('<path class="{}" d="{}"/>').format(line.kind, path))
    return _svg(parts, along, upwards)


#: Marks around the origin, one a group of verdicts: told apart without colours too.
_MARKS = {
    "agree": "M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0z",
    "neither": "M0-5.2L5.2 0L0 5.2L-5.2 0z",
    "fails": "M-4.4-4.4L4.4 4.4M-4.4 4.4L4.4-4.4",
}


def dots(drawn: Sequence[Dot], *, across: Axis, along: str, up: Axis, upwards: str) -> Markup:
    """Marks over two axes.

    Args:
        drawn: later ones over earlier ones.
        across, up: the axes.
        along, upwards: keys of the words on them.
    """
    parts = _axes(across, up)
    for dot in drawn:
        place = _at(across, up, (dot.x, dot.y))
        parts.append(
            Markup('<path class="dot {}" transform="translate({:.1f} {:.1f})" d="{}"><title>{}</title></path>').format(
                dot.kind, *place, _MARKS[dot.kind], dot.says
            )
        )
    return _svg(parts, along, upwards)


def mark(kind: str) -> Markup:
    """A mark by itself, for a legend."""
    return Markup('<svg viewBox="-7 -7 14 14" width="14" height="14"><path class="dot {}" d="{}"/></svg>').format(
        kind, _MARKS[kind]
    )


def _at(across: Axis, up: Axis, point: tuple[float, float]) -> tuple[float, float]:
    return LEFT + across.place(point[0]) * _ACROSS, HEIGHT - BOTTOM - up.place(point[1]) * _DOWN


def _axes(across: Axis, up: Axis) -> list[Markup]:
    start = (across.low, up.low)
    parts = [_rule(_at(across, up, (start[0], v))[1], label) for v, label in up.ticks]
    return parts + [_tick(_at(across, up, (v, start[1]))[0], label) for v, label in across.ticks]


def _path(points: Sequence[tuple[float, float]], steps: bool) -> str:
    first, *rest = points
    text = f"M{first[0]:.1f} {first[1]:.1f}"
    for x, y in rest:
        text += f"H{x:.1f}V{y:.1f}" if steps else f"L{x:.1f} {y:.1f}"
    return text


def linear(high: float, low: float = 0.0, *, whole: bool = False) -> Axis:
    """An axis from 0, or another low end, with three or four round ticks; of what is counted, whole ones."""
    span = high - low or 1.0
    step = 10 ** math.floor(math.log10(span))
    step = next(s for s in (step / 5, step / 2, step, 2 * step, 5 * step) if span / s <= 5)
    step = max(step, 1) if whole else step
    counts = range(math.ceil(low / step), int((low + span) / step) + 1)
    return Axis(low, low + span, tuple((k * step, brief(k * step)) for k in counts))


#: Size up to which numbers of both signs stand on a linear axis.
_LINEAR = 30.0
#: Share of an axis that the label of a tick needs.
_APART = 0.07


def signed(low: float, high: float) -> Axis:
    """An axis over numbers of both signs: linear, or where some are large, logarithmic away from 0 on both sides."""
    most = max(abs(low), abs(high))
    if most <= _LINEAR and high - low > 1e-6 * most:
        return linear(high, low)
    axis = Axis(low, high, (), math.asinh)
    powers = range(math.ceil(math.log10(most)) + 1)
    ticks = [(0.0, "0")]
    for k in powers[:: max(1, math.ceil(len(powers) / (4 if low < 0 < high else 6)))]:
        label = f"10^{k}" if k > 2 else str(10**k)
        ticks += [(10.0**k, label), (-(10.0**k), f"−{label}")]
    kept: list[tuple[float, str]] = []
    for value, label in ticks:
        apart = all(abs(axis.place(value) - axis.place(other)) > _APART for other, _ in kept)
        if low <= value <= high and apart:
            kept.append((value, label))
    return axis._replace(ticks=tuple(sorted(kept)) if len(kept) > 1 else ((low, brief(low)), (high, brief(high))))


def brief(count: float) -> str:
    """A count in few characters: 950, 1.5k, 12k, 3.5M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:g}{letter}"
    return f"{count:g}".replace("-", "−")


def logarithmic(low: int, high: int, every: int) -> Axis:
    """An axis over powers of ten."""
    ticks = tuple((10.0**k, f"10^{k}") for k in range(low, high + 1, every))
    return Axis(10.0**low, 10.0**high, ticks, math.log10)


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
