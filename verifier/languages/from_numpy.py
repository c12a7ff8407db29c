"""Functions of arrays written with NumPy: read by calling them once on arrays of cells.

NumPy hands its functions of an array to the array's own class, which applies them entry by entry, reduces by a fold,
and leaves all that only moves entries to NumPy itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.conditions import Condition
from ...engine.variable import Variable
from ..arguments import without_imaginary
from ..errors import InvalidInput, Unsupported
from .cells import Cells, Sheet, boxed, each, symbolic
from .language import Array, Arrays, Function, Language, Reading


class NumpyLanguage(Language):
    """NumPy, which has values but no derivatives."""

    name = "numpy"

    def read(self, function: Function, arrays: Arrays, names: Sequence[str]) -> Reading:
        return read_numpy(function, arrays, names)

    def value(self, function: Function, arrays: Arrays) -> list[Array]:
        return [returned(y, np.result_type(*arrays)) for y in flat_outputs(function(*plain(arrays)))]


def read_numpy(function: Function, arrays: Arrays, names: Sequence[str]) -> Reading:
    """The operations of a function of arrays; one of no dimensions is a number."""
    sheet = Sheet(names)
    inputs = [_wrapped(cells) for cells in sheet.inputs([a.shape for a in arrays])]
    outputs = [each(sheet.lift, np.asarray(boxed(y), object)) for y in flat_outputs(function(*inputs))]
    return Reading(sheet.recorder, outputs, [])


def flat_outputs(outputs: Any) -> list[Any]:
    """What a function returned as a list of arrays."""
    return list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]


def returned(output: Any, dtype: np.dtype[Any]) -> Array:
    """What a function returned as an array of floats.

    Raises:
        InvalidInput: it is complex, or a condition.
    """
    found = without_imaginary("function: it returns", np.asarray(output))
    if found.dtype == bool:
        raise InvalidInput("function: it returns a condition; expected numbers")
    return np.asarray(found, dtype)


def plain(arrays: Arrays) -> list[Any]:
    """Arrays as users write them: one of no dimensions is a number, NumPy's, which overflows without an exception."""
    return [a if a.ndim else a[()] for a in arrays]


class CellArray(np.ndarray[Any, Any]):
    """An array of cells that answers NumPy's functions entry by entry."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        plain = [x.view(np.ndarray) if isinstance(x, CellArray) else x for x in inputs]
        if ufunc is np.matmul and method == "__call__":
            return _wrapped(_recording(plain).matmul(*plain))
        if method == "__call__" and set(keywords) <= {"out", "casting", "subok"}:
            found = each(ufunc, *plain)
            for target in keywords.get("out", ()):
                target.view(np.ndarray)[...] = found
                return target
            return _wrapped(found)
        if method == "reduce":
            return _wrapped(_reduced(ufunc, plain[0], **keywords))
        raise Unsupported(f"numpy.{ufunc.__name__}.{method} of an array of variables")

    def __getitem__(self, key: Any) -> Any:
        """An entry too is an array, of no dimensions: it meets other arrays in operations.

        Raises:
            Unsupported: which entries are meant depends on a variable.
        """
        for part in key if isinstance(key, tuple) else (key,):
            if isinstance(part, np.ndarray) and part.dtype == object and any(map(symbolic, part.flat)):
                raise Unsupported("a place that depends on a variable")
        return _entry(super().__getitem__(key))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func is np.where and len(args) == 3:
            return _wrapped(each(_chosen, *args))
        return _entry(super().__array_function__(func, types, args, kwargs))

    def dot(self, other: Any, out: Any = None) -> Any:
        """The product, whose one number is an array of no dimensions too."""
        return _entry(super().dot(other))


def _entry(found: Any) -> Any:
    return _wrapped(boxed(found)) if symbolic(found) else found


def _recording(arrays: Sequence[Any]) -> Sheet:
    """A sheet on the recorder of the Variables in some arrays."""
    sheet = Sheet(())
    sheet.recorder = next(c.recorder for a in arrays for c in boxed(a).flat if isinstance(c, Variable))
    return sheet


def _wrapped(cells: Cells) -> Any:
    return np.asarray(cells, object).view(CellArray)


def _chosen(condition: Any, a: Any, b: Any) -> Any:
    if isinstance(condition, Condition):
        return condition.choose(a, b)
    return a if condition else b


def _reduced(ufunc: Any, cells: Cells, axis: Any = 0, keepdims: bool = False, **_: Any) -> Cells:
    axes = range(cells.ndim) if axis is None else [a % cells.ndim for a in np.atleast_1d(axis)]
    result = Sheet(()).fold(ufunc, cells, tuple(axes))
    return np.expand_dims(result, tuple(axes)) if keepdims else result
