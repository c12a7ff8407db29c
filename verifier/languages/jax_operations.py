"""JAX's operations on arrays of cells: which primitive each one is, and what its parameters mean."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from ..errors import Unsupported
from .cells import Cells, Sheet, both, boxed, differ, each, either, opposite, symbolic
from .operations import COMMON, Rule, compared, decayed, entrywise, fmod, mapped

#: Operations that move entries and compute nothing: applied to the numbers of the entries, they say where each goes.
MOVES = (
    "broadcast_in_dim",
    "concatenate",
    "copy",
    "copy_p",
    "dynamic_slice",
    "dynamic_update_slice",
    "expand_dims",
    "gather",
    "optimization_barrier",
    "pad",
    "reshape",
    "rev",
    "scatter",
    "slice",
    "split",
    "stack",
    "squeeze",
    "stop_gradient",
    "tile",
    "transpose",
)


def _integer_pow(sheet: Sheet, x: Cells, *, y: int, **_: Any) -> Cells:
    return sheet.map("powc", x, consts=(Fraction(y),))


def _clamp(sheet: Sheet, low: Cells, x: Cells, high: Cells, **_: Any) -> Cells:
    return sheet.map("clip", x, low, high)


def _select_n(sheet: Sheet, which: Cells, *cases: Cells, **_: Any) -> Cells:
    def pick(index: Any, *values: Any) -> Any:
        if symbolic(index):
            if len(values) != 2:
                raise Unsupported("it branches on a value")
            return sheet.choose(index, values[1], values[0])
        return values[int(index)]

    return each(pick, which, *cases)


def _is_finite(sheet: Sheet, x: Cells, **_: Any) -> Cells:
    return np.full(boxed(x).shape, True)  # every real number is


def _sum(sheet: Sheet, x: Cells, *, axes: Any, **_: Any) -> Cells:
    return sheet.sum(x, axes)


def _folded(name: str) -> Rule:
    return lambda sheet, x, *, axes, **_: sheet.fold(partial(sheet.apply, name), x, axes)


def _joined(function: Any) -> Rule:
    return lambda sheet, x, *, axes, **_: sheet.fold(function, x, axes)


def _running(name: str) -> Rule:
    return lambda sheet, x, *, axis, reverse, **_: sheet.scan(partial(sheet.apply, name), x, axis, reverse)


def _dot_general(sheet: Sheet, a: Cells, b: Cells, *, dimension_numbers: Any, **_: Any) -> Cells:
    (sum_a, sum_b), (stack_a, stack_b) = dimension_numbers
    left, right = _stacked(boxed(a), sum_a, stack_a), _stacked(boxed(b), sum_b, stack_b)
    shape = (*left[1], *left[2], *right[2])
    return sheet.matmul(left[0], np.swapaxes(right[0], -1, -2)).reshape(shape)


def _stacked(cells: Cells, summed: Sequence[int], stack: Sequence[int]) -> tuple[Cells, Any, Any]:
    """An operand as a stack of matrices whose columns are summed, with the shapes of its stack and its rows."""
    rows = [a for a in range(cells.ndim) if a not in (*summed, *stack)]
    shape = [tuple(cells.shape[a] for a in group) for group in (stack, rows, summed)]
    flat = cells.transpose([*stack, *rows, *summed]).reshape(*shape[0], int(np.prod(shape[1])), int(np.prod(shape[2])))
    return flat, shape[0], shape[1]


#: The meaning of every operation but those of :data:`MOVES`: a rule takes the operation's parameters by their names.
RULES: dict[str, Rule] = {
    **COMMON,
    "add": mapped("add"),
    "sub": mapped("sub"),
    "div": mapped("div"),
    "add_any": mapped("add"),
    "logistic": mapped("sigmoid"),
    "cbrt": mapped("cbrt"),
    "pow": mapped("pow"),
    "max": mapped("maximum"),
    "min": mapped("minimum"),
    "erf_inv": mapped("erfinv"),
    "bessel_i0": mapped("i0"),
    "bessel_i1": mapped("i1"),
    "lt_to": compared("<"),
    "le_to": compared("<="),
    "integer_pow": _integer_pow,
    "bessel_i0e": decayed("i0"),
    "bessel_i1e": decayed("i1"),
    "clamp": _clamp,
    "rem": fmod,
    "select_n": _select_n,
    "and": entrywise(both),
    "or": entrywise(either),
    "xor": entrywise(differ),
    "not": entrywise(opposite),
    "is_finite": _is_finite,
    "reduce_sum": _sum,
    "reduce_prod": _folded("mul"),
    "reduce_max": _folded("maximum"),
    "reduce_min": _folded("minimum"),
    "reduce_and": _joined(both),
    "reduce_or": _joined(either),
    "cumsum": _running("add"),
    "cumprod": _running("mul"),
    "cummax": _running("maximum"),
    "cummin": _running("minimum"),
    "cumlogsumexp": _running("logaddexp"),
    "dot_general": _dot_general,
}
