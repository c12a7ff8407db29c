"""ATen's reductions, norms and products of matrices on arrays of cells."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from ...engine.variable import exact
from .cells import Cells, Sheet, boxed
from .operations import Rule


def times(sheet: Sheet, factor: Any, cells: Cells) -> Cells:
    """The cells times a factor; as they are where it is 1."""
    return cells if isinstance(factor, (int, float)) and factor == 1 else sheet.map("mul", cells, factor)


def _softmax(sheet: Sheet, x: Cells, axis: int, _half: bool = False) -> Cells:
    """exp(x − log Σ exp(x)): the largest entry, which cancels, is left away."""
    return sheet.map("exp", _log_softmax(sheet, x, axis))


def _log_softmax(sheet: Sheet, x: Cells, axis: int, _half: bool = False) -> Cells:
    return sheet.map("sub", x, _logsumexp(sheet, x, [axis], True))


def _logsumexp(sheet: Sheet, x: Cells, axes: Sequence[int], keepdim: bool = False) -> Cells:
    return _folded("logaddexp")(sheet, x, axes, keepdim)


def _axes(axes: Any) -> Any:
    return None if axes is None or (not isinstance(axes, int) and not list(axes)) else np.atleast_1d(axes).tolist()


def _kept(result: Cells, x: Cells, axes: Any, keepdim: bool) -> Cells:
    if not keepdim:
        return result
    reduced = range(x.ndim) if axes is None else [a % x.ndim for a in axes]
    return result.reshape([1 if a in reduced else n for a, n in enumerate(x.shape)])


def _sum(sheet: Sheet, x: Cells, axes: Any = None, keepdim: bool = False, dtype: Any = None) -> Cells:
    x, axes = boxed(x), _axes(axes)
    return _kept(sheet.sum(x, axes), x, axes, keepdim)


def _mean(sheet: Sheet, x: Cells, axes: Any = None, keepdim: bool = False, dtype: Any = None) -> Cells:
    total = _sum(sheet, x, axes, keepdim)
    return sheet.map("div", total, float(boxed(x).size / max(boxed(total).size, 1)))


def _folded(name: str) -> Rule:
    def rule(sheet: Sheet, x: Cells, axes: Any = None, keepdim: bool = False, **_: Any) -> Cells:
        x, axes = boxed(x), _axes(axes)
        return _kept(sheet.fold(partial(sheet.apply, name), x, axes), x, axes, keepdim)

    return rule


def _with_places(name: str) -> Rule:
    """A maximum over all, or one along an axis with its places, which nobody may read."""

    def rule(sheet: Sheet, x: Cells, axis: Any = None, keepdim: bool = False) -> Any:
        found = _folded(name)(sheet, x, axis, keepdim)
        return found if axis is None else (found, None)

    return rule


def _var(sheet: Sheet, x: Cells, axes: Any = None, correction: Any = 1, keepdim: bool = False) -> Cells:
    x, axes = boxed(x), _axes(axes)
    if isinstance(correction, bool):
        correction = int(correction)
    mean = _mean(sheet, x, axes, True) if x.ndim else x
    squares = sheet.map("square", sheet.map("sub", x, mean))
    total = _sum(sheet, squares, axes, keepdim)
    count = x.size / max(boxed(total).size, 1)
    return sheet.map("div", total, float(count - (1 if correction is None else correction)))


def _std(sheet: Sheet, x: Cells, axes: Any = None, correction: Any = 1, keepdim: bool = False) -> Cells:
    return sheet.map("sqrt", _var(sheet, x, axes, correction, keepdim))


def _norm(sheet: Sheet, x: Cells, order: Any = 2, axes: Any = None, keepdim: bool = False, dtype: Any = None) -> Cells:
    if order == 2:
        return sheet.map("sqrt", _sum(sheet, sheet.map("square", x), axes, keepdim))
    sizes = sheet.map("abs", x)
    if order == 1:
        return _sum(sheet, sizes, axes, keepdim)
    if order in (float("inf"), float("-inf")):
        return _folded("maximum" if order > 0 else "minimum")(sheet, sizes, axes, keepdim)
    powers = sheet.map("powc", sizes, consts=(exact(order),))
    return sheet.map("powc", _sum(sheet, powers, axes, keepdim), consts=(1 / Fraction(order),))


def _matmul(sheet: Sheet, a: Cells, b: Cells) -> Cells:
    return sheet.matmul(a, b)


def _addmm(sheet: Sheet, bias: Cells, a: Cells, b: Cells, beta: Any = 1, alpha: Any = 1) -> Cells:
    product = times(sheet, alpha, sheet.matmul(a, b))
    return product if beta == 0 else sheet.map("add", product, times(sheet, beta, bias))


def _running(name: str) -> Rule:
    def rule(sheet: Sheet, x: Cells, axis: int, **_: Any) -> Cells:
        return sheet.scan(partial(sheet.apply, name), x, axis) if boxed(x).ndim else x

    return rule


REDUCTIONS: dict[str, Rule] = {
    "_softmax": _softmax,
    "_log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "sum": _sum,
    "mean": _mean,
    "prod": _folded("mul"),
    "amax": _folded("maximum"),
    "amin": _folded("minimum"),
    "max": _with_places("maximum"),
    "min": _with_places("minimum"),
    "var": _var,
    "std": _std,
    "linalg_vector_norm": _norm,
    "mm": _matmul,
    "bmm": _matmul,
    "mv": _matmul,
    "dot": _matmul,
    "addmm": _addmm,
    "addmv": _addmm,
    "baddbmm": _addmm,
    "cumsum": _running("add"),
    "cumprod": _running("mul"),
    "logcumsumexp": _running("logaddexp"),
}
