"""JAX's operations on arrays of cells: which primitive each one is, and what its parameters mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ..errors import Rounds, Unsupported
from .cells import Cells, Sheet, both, boxed, differ, each, either, is_truth, opposite, regularized, symbolic

#: JAX's operations of one meaning with a primitive, entry by entry.
SAME = {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "div": "div",
    "neg": "neg",
    "add_any": "add",
    "exp": "exp",
    "exp2": "exp2",
    "expm1": "expm1",
    "log": "log",
    "log1p": "log1p",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
    "asin": "asin",
    "acos": "acos",
    "atan": "atan",
    "atan2": "atan2",
    "sinh": "sinh",
    "cosh": "cosh",
    "tanh": "tanh",
    "asinh": "asinh",
    "acosh": "acosh",
    "atanh": "atanh",
    "logistic": "sigmoid",
    "sqrt": "sqrt",
    "cbrt": "cbrt",
    "pow": "pow",
    "square": "square",
    "max": "maximum",
    "min": "minimum",
    "abs": "abs",
    "sign": "sign",
    "floor": "floor",
    "ceil": "ceil",
    "erf": "erf",
    "erfc": "erfc",
    "erf_inv": "erfinv",
    "lgamma": "loggamma",
    "digamma": "digamma",
    "bessel_i0": "i0",
    "bessel_i1": "i1",
}

RELATIONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "lt_to": "<", "le_to": "<="}

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


class JaxOperations:
    """A rule for each operation that has parameters, named as it is after an underscore.

    Args:
        dtype: of the inputs: what is rounded to fewer bits has no meaning here.
        unit_of: the relative rounding of a floating type that is none of NumPy's, such as bfloat16; None of others.
    """

    def __init__(self, sheet: Sheet, dtype: np.dtype[Any], unit_of: Callable[[Any], float | None]) -> None:
        self.sheet, self.dtype, self.unit_of = sheet, dtype, unit_of

    def _rsqrt(self, x: Cells, **_: Any) -> Cells:
        return self.sheet.map("powc", x, consts=(Fraction(-1, 2),))

    def _integer_pow(self, x: Cells, *, y: int, **_: Any) -> Cells:
        return self.sheet.map("powc", x, consts=(Fraction(y),))

    def _bessel_i0e(self, x: Cells, **_: Any) -> Cells:
        return self._scaled("i0", x)

    def _bessel_i1e(self, x: Cells, **_: Any) -> Cells:
        return self._scaled("i1", x)

    def _scaled(self, name: str, x: Cells) -> Cells:
        decay = self.sheet.map("exp", self.sheet.map("neg", self.sheet.map("abs", x)))
        return self.sheet.map("mul", decay, self.sheet.map(name, x))

    def _igamma(self, a: Cells, x: Cells, **_: Any) -> Cells:
        return regularized(self.sheet, "lowergamma", a, x)

    def _igammac(self, a: Cells, x: Cells, **_: Any) -> Cells:
        return regularized(self.sheet, "uppergamma", a, x)

    def _polygamma(self, n: Cells, x: Cells, **_: Any) -> Cells:
        return self.sheet.map("polygamma", n, x)

    def _clamp(self, low: Cells, x: Cells, high: Cells, **_: Any) -> Cells:
        return self.sheet.map("clip", x, low, high)

    def _rem(self, a: Cells, b: Cells, **_: Any) -> Cells:
        """The remainder with the sign of a: that of ``fmod``."""
        sheet = self.sheet

        def entry(x: Any, y: Any) -> Any:
            size = sheet.apply("abs", y) if symbolic(y) else abs(y)
            up, down = sheet.apply("mod", x, size), sheet.apply("neg", sheet.apply("mod", sheet.apply("neg", x), size))
            return sheet.choose(sheet.compare(">=", x, 0.0), up, down)

        return each(entry, a, b)

    def _select_n(self, which: Cells, *cases: Cells, **_: Any) -> Cells:
        def pick(index: Any, *values: Any) -> Any:
            if symbolic(index):
                if len(values) != 2:
                    raise Unsupported("it branches on a value")
                return self.sheet.choose(index, values[1], values[0])
            return values[int(index)]

        return each(pick, which, *cases)

    def _and(self, a: Cells, b: Cells, **_: Any) -> Cells:
        return each(both, a, b)

    def _or(self, a: Cells, b: Cells, **_: Any) -> Cells:
        return each(either, a, b)

    def _xor(self, a: Cells, b: Cells, **_: Any) -> Cells:
        return each(differ, a, b)

    def _not(self, a: Cells, **_: Any) -> Cells:
        return each(opposite, a)

    def _is_finite(self, x: Cells, **_: Any) -> Cells:
        return np.full(boxed(x).shape, True)  # every real number is

    def _convert_element_type(self, x: Cells, *, new_dtype: Any, **_: Any) -> Cells:
        return self._converted(x, np.dtype(new_dtype))

    def _reduce_precision(self, x: Cells, *, mantissa_bits: int, **_: Any) -> Cells:
        raise Rounds("it rounds to fewer bits within", 2.0**-mantissa_bits)

    def _converted(self, x: Cells, dtype: np.dtype[Any]) -> Cells:
        if np.issubdtype(dtype, np.bool_):
            return each(lambda c: c if is_truth(c) else self.sheet.compare("!=", c, 0.0), x)
        if not np.issubdtype(dtype, np.floating):
            if all(is_truth(c) or not symbolic(c) for c in boxed(x).flat):  # 0 or 1
                return x
            if (unit := self.unit_of(dtype)) is not None:
                raise Rounds(f"it rounds to {dtype} within", unit)
            raise Unsupported(f"it turns a variable into {dtype}")
        if dtype.itemsize < self.dtype.itemsize:
            raise Rounds(f"it rounds to {dtype} within", float(np.finfo(dtype).eps))
        return each(lambda c: self.sheet.lift(c) if is_truth(c) else c, x)

    def _reduce_sum(self, x: Cells, *, axes: Any, **_: Any) -> Cells:
        return self.sheet.sum(x, axes)

    def _reduce_prod(self, x: Cells, *, axes: Any, **_: Any) -> Cells:
        return self._folded("mul", x, axes)

    def _reduce_max(self, x: Cells, *, axes: Any, **_: Any) -> Cells:
        return self._folded("maximum", x, axes)

    def _reduce_min(self, x: Cells, *, axes: Any, **_: Any) -> Cells:
        return self._folded("minimum", x, axes)

    def _folded(self, name: str, x: Cells, axes: Any) -> Cells:
        return self.sheet.fold(lambda a, b: self.sheet.apply(name, a, b), x, axes)

    def _reduce_and(self, x: Cells, *, axes: Any, **_: Any) -> Cells:
        return self.sheet.fold(both, x, axes)

    def _reduce_or(self, x: Cells, *, axes: Any, **_: Any) -> Cells:
        return self.sheet.fold(either, x, axes)

    def _cumsum(self, x: Cells, *, axis: int, reverse: bool, **_: Any) -> Cells:
        return self._running("add", x, axis, reverse)

    def _cumprod(self, x: Cells, *, axis: int, reverse: bool, **_: Any) -> Cells:
        return self._running("mul", x, axis, reverse)

    def _cummax(self, x: Cells, *, axis: int, reverse: bool, **_: Any) -> Cells:
        return self._running("maximum", x, axis, reverse)

    def _cummin(self, x: Cells, *, axis: int, reverse: bool, **_: Any) -> Cells:
        return self._running("minimum", x, axis, reverse)

    def _cumlogsumexp(self, x: Cells, *, axis: int, reverse: bool, **_: Any) -> Cells:
        return self._running("logaddexp", x, axis, reverse)

    def _running(self, name: str, x: Cells, axis: int, reverse: bool) -> Cells:
        return self.sheet.scan(lambda a, b: self.sheet.apply(name, a, b), x, axis, reverse)

    def _dot_general(self, a: Cells, b: Cells, *, dimension_numbers: Any, **_: Any) -> Cells:
        (sum_a, sum_b), (stack_a, stack_b) = dimension_numbers
        left, right = _stacked(boxed(a), sum_a, stack_a), _stacked(boxed(b), sum_b, stack_b)
        shape = (*left[1], *left[2], *right[2])
        return self.sheet.matmul(left[0], np.swapaxes(right[0], -1, -2)).reshape(shape)


def _stacked(cells: Cells, summed: Sequence[int], stack: Sequence[int]) -> tuple[Cells, Any, Any]:
    """An operand as a stack of matrices whose columns are summed, with the shapes of its stack and its rows."""
    rows = [a for a in range(cells.ndim) if a not in (*summed, *stack)]
    shape = [tuple(cells.shape[a] for a in group) for group in (stack, rows, summed)]
    flat = cells.transpose([*stack, *rows, *summed]).reshape(*shape[0], int(np.prod(shape[1])), int(np.prod(shape[2])))
    return flat, shape[0], shape[1]
