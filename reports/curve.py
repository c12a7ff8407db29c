"""The central difference at one point over its step: rounding on one side, truncation on the other, a V between."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import localcontext
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import DTypeLike

from ..engine import Execution
from ..engine.tape import Tape
from .digits import WIDE, to_decimal

#: Exponents of the steps: 10**-14 to 10**-1 in quarters of a power of ten; where the slider stands at first.
EXPONENTS = np.arange(-14, -0.99, 0.25)
START = -5.25
#: Size of the chart, and its borders on the left, right, top and bottom, in pixels.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480.0, 220.0, 54.0, 12.0, 10.0, 40.0
#: Errors are drawn between these powers of ten.
LEAST, MOST = -16.0, 2.0


#: Relative error from which on a difference says nothing of the derivative.
BLIND = 0.5
#: What the errors over the step may show, and of which of the words in the chart that is true.
SHAPES = {
    "v": ("rounding", "truncation"),
    "no_truncation": ("rounding",),
    "no_rounding": ("truncation",),
    "exact": (),
    "blind": (),
    "nowhere": (),
}


class Curve(NamedTuple):
    """Differences over the step.

    Attributes:
        steps: h.
        values: (f(x + h) − f(x − h)) / 2h, from the engine's forward values.
        errors: distance from the true derivative, relative unless that is 0; None where it is not known.
        is_relative: what the errors are.
    """

    steps: list[float]
    values: list[float]
    errors: list[float] | None
    is_relative: bool

    @property
    def best(self) -> int | None:
        """Index of the step with the least error, of several the largest step; None where no error is known."""
        known = [i for i, e in enumerate(self.errors or ()) if not math.isnan(e)]
        return min(known, key=lambda i: ((self.errors or [])[i], -i), default=None)

    @property
    def shape(self) -> str:
        """What the errors show, a key of :data:`SHAPES`."""
        errors, best = self.errors or [], self.best
        if best is None:
            return "nowhere"
        if not any(e for e in errors if not math.isnan(e)):
            return "exact"
        if self.is_relative and errors[best] >= BLIND:
            return "blind"
        last = max(i for i, e in enumerate(errors) if not math.isnan(e))
        # rounding falls as 1/h: whatever is far above what it was, brought to the last step, is truncation
        rounding = max((e * h for e, h in zip(errors[: best + 1], self.steps, strict=False) if e <= 1), default=0.0)
        if best == last or errors[last] * self.steps[last] <= 10 * rounding:
            return "no_truncation"
        # a step that x does not feel gives nan, by rounding as well
        return "no_rounding" if all(e <= errors[best] for e in errors[:best]) else "v"


def curve(tape: Tape, point: Mapping[str, float], variable: str, truth: Any, dtype: DTypeLike = np.float64) -> Curve:
    """The curve of one partial derivative.

    Args:
        tape: the function.
        point: one number for each input.
        variable: by which input.
        truth: the certified derivative as decimal text, or None.
        dtype: floating type of the engine's values: with fewer digits, rounding begins at larger steps.
    """
    kind = np.dtype(dtype)
    h = (10.0**EXPONENTS).astype(kind)
    x = np.array(point[variable], kind)
    execution = Execution(tape, kind)
    with np.errstate(all="ignore"):
        above, below = (
            np.broadcast_to(execution.forward({**point, variable: moved}), h.shape) for moved in (x + h, x - h)
        )
        values = (above - below) / ((x + h) - (x - h))
    errors = None
    if to_decimal(truth) is not None:
        errors = [math.nan if (found := error(v, truth)) is None else found for v in values.tolist()]
    return Curve(steps(), values.tolist(), errors, bool(to_decimal(truth)))


def error(number: Any, truth: Any) -> float | None:
    """How far a number is from the truth: relative to it, unless it is 0; None if either is not finite."""
    found, exact = to_decimal(number), to_decimal(truth)
    if found is None or exact is None:
        return None
    with localcontext(WIDE):
        return float(abs(found - exact) / (abs(exact) or 1))


def steps() -> list[float]:
    """The steps h of every curve."""
    found: list[float] = (10.0**EXPONENTS).tolist()
    return found


def start() -> int:
    """Index of the step at which the slider stands at first."""
    return int(np.argmin(np.abs(EXPONENTS - START)))


def place(position: int, error: float) -> tuple[float, float]:
    """Where a step and its error stand in the chart; at no height where the error is nan."""
    across = LEFT + position / (len(EXPONENTS) - 1) * (WIDTH - LEFT - RIGHT)
    if math.isnan(error):
        return across, error
    power = MOST if math.isinf(error) else math.log10(error) if error > 0 else LEAST
    return across, TOP + (MOST - min(max(power, LEAST), MOST)) / (MOST - LEAST) * (HEIGHT - TOP - BOTTOM)


def chart(found: Curve, *, movable: bool = True) -> Markup:
    """The error over the step as SVG, both logarithmic; empty where there is no truth to measure against.

    Args:
        found: the curve.
        movable: whether a dot marks one step, for a slider to move.
    """
    if found.errors is None:
        return Markup("")
    parts = []
    for power in range(int(LEAST), int(MOST) + 1, 4):
        y = place(0, 10.0**power)[1]
        parts.append(
            Markup(
                '<path class="grid" d="M{:.0f} {:.1f}H{:.0f}"/><text x="{:.0f}" y="{:.1f}" text-anchor="end">{}</text>'
            ).format(LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 4, _power(power))
        )
    for position in range(0, len(EXPONENTS), 16):
        x = place(position, 1.0)[0]
        parts.append(
            Markup('<text x="{:.0f}" y="{:.0f}" text-anchor="middle">{}</text>').format(
                x, HEIGHT - BOTTOM + 18, _power(int(EXPONENTS[position]))
            )
        )
    points = [place(i, e) for i, e in enumerate(found.errors) if not math.isnan(e)]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    if line:
        parts.append(Markup('<path class="line" d="M{}"/>').format(line))
    words = Markup('<text class="word" data-word="{}" x="{:.0f}" y="{:.0f}" text-anchor="{}"></text>')
    ends = {"rounding": (LEFT + 6, "start"), "truncation": (WIDTH - RIGHT - 4, "end")}
    parts += [words.format(word, ends[word][0], HEIGHT - BOTTOM - 6, ends[word][1]) for word in SHAPES[found.shape]]
    parts.append(words.format("step_h", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, "middle"))
    if movable:
        x, y = place(start(), found.errors[start()])
        where = Markup("hidden") if math.isnan(y) else Markup('cx="{:.1f}" cy="{:.1f}"').format(x, y)
        parts.append(Markup('<circle class="here" r="6" {}/>').format(where))
    return Markup('<svg class="chart" viewBox="0 0 {:.0f} {:.0f}" role="img" data-label="chart_words">{}</svg>').format(
        WIDTH, HEIGHT, Markup("").join(parts)
    )


def _power(power: int) -> Markup:
    return Markup('10<tspan dy="-5" font-size="9.5">{}</tspan>').format(str(power).replace("-", "−"))
