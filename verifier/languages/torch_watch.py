"""PyTorch's operations below autograd, watched and written down as scalar nodes.

The function is called once under a dispatch mode that sees every operation of ATen with its tensors. Cells are kept by
storage, so views and writes into views need no rules of their own. An operation inside a user's
``torch.autograd.Function.forward`` is read like any other, so that the oracle differentiates what was computed, and the
engine under test uses the user's ``backward``. ``detach`` is read as the identity that it is: a gradient that was
stopped on the way is not the derivative.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch._decomp import decomposition_table
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten

from ..errors import Rounds, Unsupported
from .cells import Cells, Sheet, any_symbolic, boxed, each, is_truth
from .language import Array, Call, Function
from .torch_operations import MOVES, RULES, fills_in

#: Operations whose further arguments say which entries are taken.
_BY_MASK = ("index", "masked_select")

#: Where the forward of a user's own function is called: its frame holds the class and the arguments.
_APPLY = torch.autograd.Function.apply.__func__.__code__


def own_call() -> Any:
    """The frame of the outermost call of a user's own function within which we are; None outside of any."""
    frame, found = sys._getframe(1), None
    while frame is not None:
        found = frame if frame.f_code is _APPLY else found
        frame = frame.f_back  # type: ignore[assignment]
    return found


class Units(TorchDispatchMode):  # type: ignore[misc]  # torch is an extra: its classes are Any here
    """Remembers the largest relative rounding of all results."""

    largest = 0.0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
                self.largest = max(self.largest, torch.finfo(tensor.dtype).eps)
        return result


class Watch(TorchDispatchMode):  # type: ignore[misc]
    """Writes down every operation on a tensor that depends on the inputs."""

    def __init__(self, sheet: Sheet, dtype: np.dtype[Any]) -> None:
        super().__init__()
        self.sheet, self.dtype = sheet, dtype
        self.calls: list[Call] = []
        self._depth = 0
        self._frames: list[Any] = []
        self._stops: list[tuple[Any, Call]] = []
        self._storages: dict[int, tuple[Any, Cells]] = {}  # the storage is kept, so that its address stays its own

    # ---- cells of tensors ----------------------------------------------------------------------------------

    def known(self, tensor: Any) -> bool:
        """Whether the tensor's storage holds cells."""
        return tensor.layout == torch.strided and tensor.untyped_storage().data_ptr() in self._storages

    def cells(self, tensor: Any) -> Cells:
        """The cells of a tensor; its numbers where they depend on nothing."""
        if not self.known(tensor):
            return np.asarray(tensor.detach())
        row = self._storages[tensor.untyped_storage().data_ptr()][1]
        return row[_places(tensor).reshape(-1)].reshape(tuple(tensor.shape))

    def lifted(self, tensor: Any) -> Cells:
        """The cells of a tensor as Variables."""
        return each(self.sheet.lift, self.cells(tensor))

    def write(self, tensor: Any, cells: Cells) -> None:
        """Put cells into a tensor's storage, at its places.

        Raises:
            Unsupported: its entries have no places of their own, as those of a sparse one.
        """
        if tensor.layout != torch.strided:
            raise Unsupported(f"a tensor of layout {tensor.layout}")
        storage = tensor.untyped_storage()
        address = storage.data_ptr()
        if address not in self._storages:
            row = np.empty(storage.nbytes() // tensor.element_size(), object)
            with torch._C._DisableTorchDispatch():
                whole = tensor.detach().as_strided((len(row),), (1,), 0)
                row[:] = np.asarray(whole)
            self._storages[address] = storage, row
        self._storages[address][1][_places(tensor).reshape(-1)] = cells.reshape(-1)

    # ---- operations ----------------------------------------------------------------------------------------

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        tensors = [a for a in tree_leaves((args, kwargs)) if isinstance(a, torch.Tensor)]
        if not any(self.known(t) for t in tensors):
            return func(*args, **kwargs)
        self._note_call()
        self.note_stops(tensors)
        return self._step(func, args, kwargs, tensors)

    def _step(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], tensors: list[Any]) -> Any:
        name, schema = func.overloadpacket.__name__, func._schema
        if not any(any_symbolic(self.cells(t)) for t in tensors) and not schema.is_mutable:
            return func(*args, **kwargs)
        if func.is_view or name == "detach":  # one storage, one set of cells
            result = func(*args, **kwargs)
            if name == "detach" and not own_call():
                self._stops.append((result, self._alone("detach", func, args, kwargs, True)))
            return result
        if name in MOVES:
            return self._moved(func, args, kwargs)
        if schema.is_mutable and name.endswith("_"):
            return self._in_place(func, args, kwargs)
        rule = RULES.get(name)
        if rule is None or schema.is_mutable:
            return self._decomposed(func, args, kwargs)
        result = func(*args, **kwargs)
        cells = rule(self.sheet, *self._operands(args), **self._operands(kwargs))
        self._keep(result, cells, whole=name == "where" and _holds(result, args[1:]))
        return result

    def _operands(self, arguments: Any) -> Any:
        leaves, form = tree_flatten(arguments)
        found = [self._floating(leaf) if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
        return tree_unflatten(found, form)

    def _floating(self, tensor: Any) -> Cells:
        if tensor.is_complex():
            raise Unsupported("complex numbers within")
        return self.cells(tensor)

    def _keep(self, result: Any, cells: Any, whole: bool = False) -> None:
        """Give the results of an operation their cells; None for one that nobody may read.

        Args:
            whole: whether nothing is rounded, be the result of a narrow type.
        """
        several = isinstance(result, (tuple, list))
        for tensor, entries in zip(result if several else [result], cells if several else [cells], strict=False):
            if not isinstance(tensor, torch.Tensor):
                continue
            if entries is None:
                entries = np.full(tuple(tensor.shape), _Unreadable(), object)
            elif tensor.is_floating_point() and tensor.element_size() < self.dtype.itemsize and not whole:
                raise Rounds(f"it rounds to {tensor.dtype} within", torch.finfo(tensor.dtype).eps)
            elif not tensor.is_floating_point() and not all(map(is_truth, boxed(entries).flat)):
                raise Unsupported(f"it turns a variable into {tensor.dtype}")
            self.write(tensor, np.broadcast_to(boxed(entries), tuple(tensor.shape)))

    def _moved(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Entries at their new places: the operation itself is applied to the entries' numbers, counted from 1."""
        if fills_in(func.overloadpacket.__name__, args, kwargs):
            raise Unsupported(f"torch's {func} fills in numbers here")
        pool: list[Any] = [0.0]
        leaves, form = tree_flatten((args, kwargs))
        numbered = []
        for leaf in leaves:
            if not isinstance(leaf, torch.Tensor):
                numbered.append(leaf)
                continue
            cells = boxed(self.cells(leaf))
            is_place = len(numbered) > 0 and func.overloadpacket.__name__ in _BY_MASK
            if not leaf.is_floating_point() and (is_place or not all(map(is_truth, cells.flat))):
                if any_symbolic(cells):
                    raise Unsupported("a place that depends on a variable")
                numbered.append(leaf)
                continue
            numbered.append(torch.arange(len(pool), len(pool) + cells.size).reshape(tuple(leaf.shape)))
            pool.extend(cells.flat)
        result = func(*args, **kwargs)
        places_args, places_kwargs = tree_unflatten(numbered, form)
        places_kwargs.pop("dtype", None)
        with torch._C._DisableTorchDispatch():
            places = func(*places_args, **places_kwargs)
        row = np.empty(len(pool), object)
        row[:] = pool
        several = isinstance(result, (tuple, list))
        self._keep(result, [row[np.asarray(place)] for place in places] if several else row[np.asarray(places)])
        return result

    def _in_place(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """An operation that writes into its first argument: what it would have returned is written there."""
        name = func.overloadpacket.__name__[:-1]
        if name == "copy":
            cells = np.broadcast_to(self._operands(args)[1], tuple(args[0].shape))
        elif name in ("zero", "fill"):
            value = 0.0 if name == "zero" else self._operands(args)[1]
            cells = np.full(tuple(args[0].shape), boxed(value).item(), object)
        else:
            plain = getattr(getattr(torch.ops.aten, name, None), func._overloadname, None)
            if plain is None:
                raise Unsupported(f"torch's {name}_ has no meaning here")
            cells = self.cells(self._step(plain, args, kwargs, [a for a in args if isinstance(a, torch.Tensor)]))
        result = func(*args, **kwargs)
        self.write(args[0], cells)
        return result

    def _decomposed(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The operation in terms of others, as PyTorch itself writes it."""
        if func._overloadname == "out" or func.overloadpacket.__name__ in ("_local_scalar_dense", "item"):
            raise Unsupported("it branches on a value, or takes one out of its tensor")
        if self._depth == 0 and own_call() is None:
            self.calls.append(self._alone(func.overloadpacket.__name__, func, args, kwargs))
        decomposition = decomposition_table.get(func)
        self._depth += 1
        try:
            return self._in_parts(func, decomposition, args, kwargs)
        finally:
            self._depth -= 1

    def _in_parts(self, func: Any, decomposition: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with self:
            if decomposition is not None:
                return decomposition(*args, **kwargs)
            found = func.decompose(*args, **kwargs)
        if found is NotImplemented:
            raise Unsupported(f"torch's {func} has no meaning here")
        return found

    # ---- functions with a rule of their own ----------------------------------------------------------------

    def note_stops(self, tensors: Sequence[Any]) -> None:
        """Remember the places that stopped the gradient of tensors which are used, or returned."""
        for tensor in tensors:
            self.calls += [stop for result, stop in self._stops if result is tensor and stop not in self.calls]

    def _note_call(self) -> None:
        """Remember the user's own function within whose forward an operation happens."""
        frame = own_call()
        if frame is not None and frame not in self._frames:
            self._frames.append(frame)
            kind = frame.f_locals["cls"]
            self.calls.append(self._alone(kind.__name__, kind.apply, frame.f_locals["args"], {}))

    def _alone(
        self, name: str, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], stops: bool = False
    ) -> Call:
        """A function of its tensors of floating type alone; everything else stays as it was."""
        places = [k for k, a in enumerate(args) if isinstance(a, torch.Tensor) and a.is_floating_point()]

        def alone(*given: Any) -> Any:
            full = list(args)
            for k, tensor in zip(places, given, strict=True):
                full[k] = tensor
            return function(*full, **kwargs)

        return Call(name, alone, [boxed(self.cells(args[k])) for k in places], stops)


def _holds(tensor: Any, operands: Sequence[Any]) -> bool:
    """Whether a tensor's type holds what is chosen from exactly: tensors of that type, and numbers that it has."""
    return all(
        x.dtype == tensor.dtype if isinstance(x, torch.Tensor) else float(torch.tensor(x, dtype=tensor.dtype)) == x
        for x in operands
    )


class _Unreadable:
    """A cell that has no meaning as a number, such as the place of a maximum."""


def _places(tensor: Any) -> Array:
    """Where a tensor's entries stand in its storage."""
    places = np.full(tuple(tensor.shape), tensor.storage_offset(), np.int64)
    indices: tuple[Array, ...] = np.indices(places.shape, sparse=True)
    for stride, index in zip(tensor.stride(), indices, strict=True):
        places += stride * index
    return places
