"""Arrays whose entries are scalar nodes of a tape: how functions of arrays are read into one.

A *cell* is a Variable, an undecided Condition, or a plain number; an array of cells is a NumPy array of objects, so
that NumPy moves, broadcasts and reduces it while every entry records its own scalar operations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...engine.conditions import Both, Comparison, Condition
from ...engine.primitive import REGISTRY
from ...engine.primitives.piecewise import RELATIONS
from ...engine.tape import Recorder
from ...engine.variable import Variable, lift
from ..errors import Unsupported
from ..limits import DEFAULT

Cell = Any
Cells = Any

#: Where the maximum or minimum with a constant is no operation: how libraries start a reduction.
_UNBOUNDED = {"maximum": float("-inf"), "minimum": float("inf")}


class Sheet:
    """Records the operations of arrays of cells, entry by entry.

    Args:
        names: the scalar inputs.

    Attributes:
        recorder: the tape under construction.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.recorder = Recorder(names)

    def inputs(self, shapes: Sequence[tuple[int, ...]]) -> list[Cells]:
        """One array of cells for each argument, its entries the inputs in their order."""
        arrays, first = [], 0
        for shape in shapes:
            cells = np.empty(shape, object)
            for k in range(cells.size):
                cells.flat[k] = Variable(self.recorder, first + k)
            first += cells.size
            arrays.append(cells)
        return arrays

    # ---- one entry -----------------------------------------------------------------------------------------

    def lift(self, cell: Cell) -> Variable:
        """A cell as a node: a number as a constant, a condition as 1 where it holds and 0 elsewhere."""
        if isinstance(cell, Condition):
            return cell.choose(self.lift(1), self.lift(0))
        if is_truth(cell):
            cell = int(cell)
        return lift(self.recorder, cell.item() if isinstance(cell, np.generic) else cell)

    def apply(self, name: str, *cells: Cell, consts: tuple[Any, ...] = ()) -> Variable:
        """Record one operation.

        Raises:
            Unsupported: the function is larger than the limits allow.
        """
        if len(self.recorder.nodes) > DEFAULT.nodes:
            raise Unsupported(f"written out entry by entry it has more than {DEFAULT.nodes:,} operations")
        for bound, other in (cells, cells[::-1]) if name in _UNBOUNDED else ():
            if not symbolic(bound) and bound == _UNBOUNDED[name]:
                return self.lift(other)
        indices = tuple(self.lift(cell).index for cell in cells)
        return Variable(self.recorder, self.recorder.add(REGISTRY[name], indices, consts))

    def compare(self, relation: str, left: Cell, right: Cell) -> bool | Condition:
        """A comparison; decided where no Variable is in it, and for a Variable and itself."""
        if not (symbolic(left) or symbolic(right)):
            return bool(RELATIONS[relation](left, right))
        if is_truth(left) and is_truth(right) and relation in ("==", "!="):
            joined: bool | Condition = differ(left, right)
            return joined if relation == "!=" else opposite(joined)
        if isinstance(left, Variable) and isinstance(right, Variable) and left.index == right.index:
            return bool(RELATIONS[relation](0, 0))  # as for any number: NaN is no real one
        return Comparison(relation, self.lift(left), self.lift(right))

    def choose(self, condition: Cell, a: Cell, b: Cell) -> Cell:
        """a where the condition holds, b elsewhere."""
        if not isinstance(condition, Condition):
            return a if truth(condition) else b
        if a is b:
            return a
        if is_truth(a) and is_truth(b):
            return either(both(condition, a), both(opposite(condition), b))
        return condition.choose(self.lift(a), self.lift(b))

    # ---- arrays --------------------------------------------------------------------------------------------

    def map(self, name: str, *arrays: Cells, consts: tuple[Any, ...] = ()) -> Cells:
        """One primitive, entry by entry, with NumPy's broadcasting."""
        return each(lambda *cells: self.apply(name, *cells, consts=consts), *arrays)

    def sum(self, cells: Cells, axes: Any = None) -> Cells:
        """The sum over axes, or over all; 0 of none."""
        return self.fold(partial(self.apply, "add"), cells, axes, 0.0)

    def fold(self, step: Callable[[Cell, Cell], Cell], cells: Cells, axes: Any = None, empty: Any = None) -> Cells:
        """A reduction over axes by an operation of two cells.

        Raises:
            Unsupported: there is nothing to reduce, and no value stands for that.
        """
        cells = np.asarray(cells, object)
        axes = tuple(range(cells.ndim)) if axes is None else tuple(a % max(cells.ndim, 1) for a in axes)
        kept = [a for a in range(cells.ndim) if a not in axes]
        flat = cells.transpose([*kept, *axes]).reshape(*(cells.shape[a] for a in kept), -1)
        if not flat.shape[-1] and empty is None:
            raise Unsupported("a reduction of no numbers")
        result = np.empty(flat.shape[:-1], object)
        for index in np.ndindex(result.shape):
            row = list(flat[index])
            total = row[0] if row else empty
            for cell in row[1:]:
                total = step(total, cell)
            result[index] = total
        return result

    def scan(self, step: Callable[[Cell, Cell], Cell], cells: Cells, axis: int, reverse: bool = False) -> Cells:
        """The running results of a reduction along an axis."""
        moved = np.moveaxis(np.asarray(cells, object), axis, 0)
        moved = moved[::-1] if reverse else moved
        result = np.empty(moved.shape, object)
        for k in range(len(moved)):
            result[k, ...] = moved[k] if k == 0 else each(step, result[k - 1], moved[k])
        return np.moveaxis(result[::-1] if reverse else result, 0, axis)

    def matmul(self, a: Cells, b: Cells) -> Cells:
        """The product of matrices or vectors, or of stacks of matrices, as ``numpy.matmul``."""
        a, b = np.asarray(a, object), np.asarray(b, object)
        left = a[None, :] if a.ndim == 1 else a
        right = b[:, None] if b.ndim == 1 else b
        products = self.map("mul", left[..., :, :, None], right[..., None, :, :])
        result = self.sum(products, (-2,))
        result = result[..., 0, :] if a.ndim == 1 else result
        return result[..., 0] if b.ndim == 1 else result


def is_truth(cell: Cell) -> bool:
    """Whether a cell is a truth, decided or not, and no number."""
    return isinstance(cell, (bool, np.bool_, Condition))


def symbolic(cell: Cell) -> bool:
    """Whether a cell is no plain number."""
    return isinstance(cell, (Variable, Condition))


def each(function: Callable[..., Cell], *arrays: Cells) -> Cells:
    """A function of cells, entry by entry, with NumPy's broadcasting."""
    wide = np.broadcast_arrays(*(boxed(a) for a in arrays))
    result = np.empty(wide[0].shape, object)
    for k, cells in enumerate(zip(*(a.flat for a in wide), strict=True)):
        result.flat[k] = function(*cells)
    return result


def boxed(array: Any) -> Cells:
    """Anything as an array of cells: a lone cell as an array of no dimensions."""
    if isinstance(array, np.ndarray):
        return array
    if symbolic(array):
        box = np.empty((), object)
        box[()] = array
        return box
    return np.asarray(array)


def any_symbolic(array: Any) -> bool:
    """Whether an entry of an array is no plain number."""
    return isinstance(array, np.ndarray) and array.dtype == object and any(symbolic(c) for c in array.flat)


def truth(cell: Cell) -> bool:
    """The truth of a decided condition.

    Raises:
        Unsupported: it depends on a variable.
    """
    if symbolic(cell):
        raise Unsupported("it branches on a value")
    return bool(cell)


def both(a: Cell, b: Cell) -> Cell:
    """Conjunction of conditions, decided or not."""
    if not isinstance(a, Condition):
        return b if truth(a) else False
    if not isinstance(b, Condition):
        return a if truth(b) else False
    return Both(a, b)


def opposite(a: Cell) -> Cell:
    """Negation of a condition, decided or not."""
    return ~a if isinstance(a, Condition) else not truth(a)


def either(a: Cell, b: Cell) -> Cell:
    """Disjunction of conditions, decided or not."""
    return opposite(both(opposite(a), opposite(b)))


def differ(a: Cell, b: Cell) -> Cell:
    """Whether exactly one of two conditions holds."""
    return both(either(a, b), opposite(both(a, b)))
