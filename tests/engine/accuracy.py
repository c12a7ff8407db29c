"""Comparison of a primitive with an independent truth in 60 digits, point by point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
import numpy as np

from gradjury.engine import REGISTRY

from .grids import GRIDS

#: Units in the last place that a value and a derivative may be off.
VALUE, DERIVATIVE = 4, 6

DIGITS = 60

#: Value and partial derivatives in mpmath; a partial is None where there is no truth to compare with.
Formula = Callable[..., Any]


def arrays(name: str, dtype: Any = np.float64) -> list[Any]:
    """The arguments of a primitive's grid as arrays of one shape, as far as the type has such numbers."""
    exact = np.array(GRIDS[name][0], dtype=np.float64)
    with np.errstate(all="ignore"):
        points = exact.astype(dtype)
    points = points[np.all(np.isfinite(points) & ((points == 0) == (exact == 0)), axis=1)]
    return [points[:, i] for i in range(points.shape[1])]


def excess(found: float, truth: Any, ulps: float, slack: Any, dtype: Any) -> float:
    """How many times the permitted error a number is off: at most 1 is right.

    Args:
        found: the computed number.
        truth: the exact one.
        ulps: permitted error in units of 2**-52 (2**-23 for float32) relative to truth and slack.
        slack: what besides the truth the units are taken of (the conditioning of the argument).
        dtype: the floating type.
    """
    info = np.finfo(dtype)
    largest, unit = mp.mpf(float(info.max)), ulps * float(info.eps)
    same_side = np.isinf(found) and (found > 0) == (truth > 0)
    if abs(truth) > largest * (1 + unit):
        return 0.0 if same_side else np.inf
    if not np.isfinite(found):
        return 0.0 if same_side and abs(truth) >= largest * (1 - unit) else np.inf
    allowed = unit * (abs(truth) + abs(slack)) + 2 * mp.mpf(float(info.smallest_subnormal))
    return float(abs(mp.mpf(float(found)) - truth) / allowed)


def _at(formula: Formula, point: list[Any], consts: list[Any]) -> Any:
    try:
        return formula(*point, *consts)
    except ZeroDivisionError:
        return None


def check(
    name: str,
    value: Formula,
    partials: Sequence[Formula | None],
    *,
    dtype: Any = np.float64,
    conditioning: Formula | None = None,
    value_ulps: float = VALUE,
    derivative_ulps: float = DERIVATIVE,
) -> None:
    """Assert that forward and derivative of a primitive keep their digits over its grid.

    Args:
        name: the primitive.
        value: exact value from exact arguments and constants.
        partials: exact partial derivatives, in the order of the arguments.
        dtype: floating type of the arguments.
        conditioning: |x f''|, allowed beside |f'| where f' has zeros that the rounding of x alone displaces.
        value_ulps, derivative_ulps: permitted errors.
    """
    primitive = REGISTRY[name]
    arguments = arrays(name, dtype)
    worst: list[tuple[float, str]] = []
    for consts in GRIDS[name][1]:
        rounded = [c if isinstance(c, str) else np.dtype(dtype).type(c) for c in consts]
        named = dict(zip(primitive.constants, rounded, strict=True))
        with np.errstate(all="ignore"):
            y = primitive.forward(*arguments, **named)
            derivative = primitive.derivative(*arguments, y, **named)
        assert y.dtype == dtype, f"{name} of {np.dtype(dtype)} is {y.dtype}"
        derivatives = derivative if isinstance(derivative, tuple) else (derivative,)
        assert len(derivatives) == len(partials) == len(arguments)
        columns = [np.broadcast_to(np.asarray(d), y.shape) for d in derivatives]
        for d in derivatives:
            assert isinstance(d, float) or np.asarray(d).dtype == dtype, (
                f"a derivative of {name} is {np.asarray(d).dtype}"
            )
        with mp.workdps(DIGITS):
            exact_consts = [mp.mpf(float(c)) for c in rounded if not isinstance(c, str)]
            for k in range(len(y)):  # a formula raises ZeroDivisionError or gives None where there is no truth
                point = [mp.mpf(float(a[k])) for a in arguments]
                where = f"{name}({', '.join(repr(float(a[k])) for a in arguments)}; {consts})"
                truth = _at(value, point, exact_consts)
                if truth is None:
                    continue
                worst.append(
                    (
                        excess(y[k], truth, value_ulps, 0, dtype),
                        f"{where} = {y[k]!r}, not {mp.nstr(truth, 20)}",
                    )
                )
                for i, partial in enumerate(partials):
                    slope = None if partial is None else _at(partial, point, exact_consts)
                    if slope is None:
                        continue
                    slack = 0 if conditioning is None else conditioning(*point, *exact_consts)
                    off = excess(columns[i][k], slope, derivative_ulps, slack, dtype)
                    worst.append((off, f"partial {i} of {where} = {columns[i][k]!r}, not {mp.nstr(slope, 20)}"))
    failures = sorted((w for w in worst if not w[0] <= 1), reverse=True)
    assert not failures, f"{len(failures)} of {len(worst)} off; worst, in permitted errors:\n" + "\n".join(
        f"{off:.3g}: {text}" for off, text in failures[:6]
    )
