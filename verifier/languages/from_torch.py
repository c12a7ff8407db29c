"""Functions written with PyTorch: read by watching the operations below autograd, run by ``torch.autograd``.

The function is called once under a dispatch mode that sees every operation of ATen with its tensors. Cells are kept by
storage, so views and writes into views need no rules of their own. An operation inside a user's
``torch.autograd.Function.forward`` is read like any other, so that the oracle differentiates what was computed, and the
engine under test uses the user's ``backward``. ``detach`` is read as the identity that it is: a gradient that was
stopped on the way is not the derivative.
"""

from __future__ import annotations

import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch._decomp import decomposition_table
from torch.autograd import forward_ad
from torch.autograd.gradcheck import GradcheckError
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_leaves, tree_unflatten
from torch.utils.hooks import RemovableHandle

from ..errors import InvalidInput, Rounds, Unsupported
from .cells import Cells, Sheet, any_symbolic, boxed, is_truth
from .language import Array, Arrays, Call, Function, Language, Pullback, Reading
from .torch_operations import MOVES, RULES, fills_in

#: Operations whose further arguments say which entries are taken.
_BY_MASK = ("index", "masked_select")

#: Where the forward of a user's own function is called: its frame holds the class and the arguments.
_APPLY = torch.autograd.Function.apply.__func__.__code__


class TorchLanguage(Language):
    """``torch.autograd.grad`` and ``torch.autograd.forward_ad`` of functions of tensors.

    Attributes:
        failure: what ``torch.autograd.gradcheck`` raises.
    """

    name = "torch"
    shows_numbers = True  # x.detach().numpy(), x.tolist()
    failure = GradcheckError

    def strange(self, tensor: Any) -> str | None:
        """What kind of tensor it is, if it is no dense one of doubles or singles."""
        if tensor.layout != torch.strided:
            return str(tensor.layout)
        return None if tensor.dtype in (torch.float64, torch.float32) else str(tensor.dtype)

    def is_array(self, value: Any) -> bool:
        return isinstance(value, torch.Tensor)

    def array(self, numbers: Array) -> Any:
        return torch.from_numpy(np.array(numbers))

    def numbers(self, array: Any) -> Array:
        return array.numpy(force=True) if isinstance(array, torch.Tensor) else np.asarray(array)

    def read(self, function: Function, arrays: Arrays, names: Sequence[str]) -> Reading:
        sheet = Sheet(names)
        inputs = [self.array(a).requires_grad_() for a in arrays]
        watch = _Watch(sheet, np.result_type(*arrays))
        for tensor, cells in zip(inputs, sheet.inputs([a.shape for a in arrays]), strict=True):
            watch.write(tensor, cells)
        try:
            with watch:
                outputs = _differentiable(function(*inputs))
        except Rounds as error:  # to float32 at first, and to fewer bits later on
            with _Units() as units:
                function(*(self.array(a) for a in arrays))
            raise Rounds(error.reason, max(error.unit, units.largest)) from error
        watch.note_stops(outputs)
        return Reading(sheet.recorder, [watch.lifted(o) for o in outputs], watch.calls)

    def freed(self, function: Function) -> Iterator[tuple[str, Function]]:
        for name, mode in (("no_grad", _WithGradient), ("register_hook", _WithoutHooks)):
            yield name, _under(mode, function)

    def value(self, function: Function, arrays: Arrays) -> list[Array]:
        outputs = function(*(self.array(a).requires_grad_() for a in arrays))
        return [self.numbers(o) for o in _differentiable(outputs)]

    def vjp(self, function: Function, arrays: Arrays) -> tuple[list[Array], Pullback]:
        inputs = [self.array(a).requires_grad_() for a in arrays]
        outputs = _differentiable(function(*inputs))

        def pull(cotangents: Arrays) -> list[Array] | None:
            zeros = [np.zeros_like(a) for a in arrays]
            pairs = [
                (o, self.array(c).to(o.dtype)) for o, c in zip(outputs, cotangents, strict=True) if o.requires_grad
            ]
            if not pairs:
                return None
            chosen = [pair for pair in pairs if pair[1].count_nonzero()] or pairs[:1]
            found = torch.autograd.grad(
                [o for o, _ in chosen], inputs, [c for _, c in chosen], retain_graph=True, allow_unused=True
            )
            return [z if g is None else self.numbers(g) for g, z in zip(found, zeros, strict=True)]

        return [self.numbers(o) for o in outputs], pull

    def sloped(self, function: Function, entry: int, k: int, place: int) -> Function:
        def slope(*inputs: Any) -> Any:
            value = torch.cat([y.reshape(-1) for y in _differentiable(function(*inputs))])[entry]
            if not value.requires_grad:  # it depends on no input any more
                return torch.zeros_like(value)
            arriving = torch.ones_like(value, requires_grad=True)
            (found,) = torch.autograd.grad(value, inputs[k], arriving, create_graph=True, allow_unused=True)
            if found is None:
                value.backward(arriving, retain_graph=True)  # where what is @once_differentiable says so
            return torch.zeros_like(value) if found is None else found.reshape(-1)[place]

        return slope

    def cotangents(self, outputs: Any) -> list[Any]:
        """Random tensors that may arrive at what a function returned; they require a gradient."""
        generator = np.random.default_rng(0)
        return [self._cotangent(y, generator).requires_grad_() for y in _differentiable(outputs)]

    def _cotangent(self, output: Any, generator: np.random.Generator) -> Any:
        return self.array(generator.standard_normal(tuple(output.shape))).to(output.dtype)

    def gradient_of(self, function: Function, moving: Sequence[bool]) -> Function:
        """The gradient of a function by some of its arguments, as a function of all of them and of the cotangents.

        Args:
            moving: for each argument whether it is one of these.
        """
        count = len(moving)

        def gradient(*given: Any) -> tuple[Any, ...]:
            asked = [x for x, moves in zip(given, moving, strict=False) if moves]
            for x in asked:  # in forward mode they carry tangents, and need no gradient
                x.requires_grad_()
            outputs = _differentiable(function(*given[:count]))
            found = torch.autograd.grad(outputs, asked, given[count:], create_graph=True, allow_unused=True)
            return tuple(g for g in found if g is not None)

        gradient.__name__ = f"the gradient of {getattr(function, '__name__', type(function).__name__)}"
        return gradient

    def jvp(self, function: Function, arrays: Arrays, tangents: Arrays) -> list[Array]:
        with warnings.catch_warnings(), forward_ad.dual_level():
            warnings.simplefilter("ignore", DeprecationWarning)  # what PyTorch itself calls on the way
            duals = [forward_ad.make_dual(self.array(a), self.array(t)) for a, t in zip(arrays, tangents, strict=True)]
            pairs = [forward_ad.unpack_dual(y) for y in _tensors(function(*duals))]
            found = [np.zeros(tuple(y.shape)) if dy is None else self.numbers(dy) for y, dy in pairs]
        return found


def _tensors(outputs: Any) -> list[Any]:
    """The tensors of floating type in what a function returned.

    Raises:
        InvalidInput: one is complex.
    """
    found = [y for y in tree_leaves(outputs) if isinstance(y, torch.Tensor)]
    if any(y.is_complex() for y in found):
        raise InvalidInput("function: it returns complex numbers; expected real ones")
    return [y for y in found if y.is_floating_point()]


def _differentiable(outputs: Any) -> list[Any]:
    """The outputs that are judged: those with a gradient; all where none has one."""
    found = _tensors(outputs)
    return [y for y in found if y.requires_grad] or found


class _WithGradient(TorchFunctionMode):  # type: ignore[misc]  # torch is an extra: its classes are Any here
    """Every operation has its gradient, in a region of ``no_grad`` too; not within a rule of the user's own."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        with torch.set_grad_enabled(torch.is_grad_enabled() or _own_call() is None):
            return func(*args, **(kwargs or {}))


class _WithoutHooks(TorchFunctionMode):  # type: ignore[misc]
    """Hooks of tensors are not registered."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is torch.Tensor.register_hook:
            return RemovableHandle(OrderedDict())
        return func(*args, **(kwargs or {}))


def _under(mode: Callable[[], Any], function: Function) -> Function:
    """A function that runs under a mode of torch."""

    def run(*arrays: Any) -> Any:
        with mode():
            return function(*arrays)

    return run


def _own_call() -> Any:
    """The frame of the outermost call of a user's own function within which we are; None outside of any."""
    frame, found = sys._getframe(1), None
    while frame is not None:
        found = frame if frame.f_code is _APPLY else found
        frame = frame.f_back  # type: ignore[assignment]
    return found


class _Units(TorchDispatchMode):  # type: ignore[misc]  # torch is an extra: its classes are Any here
    """Remembers the largest relative rounding of all results."""

    largest = 0.0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, torch.Tensor) and tensor.is_floating_point():
                self.largest = max(self.largest, torch.finfo(tensor.dtype).eps)
        return result


class _Watch(TorchDispatchMode):  # type: ignore[misc]  # torch is an extra: its classes are Any here
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
        found = np.empty(tuple(tensor.shape), object)
        for k, cell in enumerate(boxed(self.cells(tensor)).flat):
            found.flat[k] = self.sheet.lift(cell)
        return found

    def write(self, tensor: Any, cells: Cells) -> None:
        """Put cells into a tensor's storage, at its places."""
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
            if name == "detach" and not _own_call():
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
        several = isinstance(result, (tuple, list))
        row = np.empty(len(pool), object)
        row[:] = pool
        placed = [row[np.asarray(place).reshape(-1)] for place in (places if several else [places])]
        self._keep(
            result,
            [p.reshape(tuple(r.shape)) for p, r in zip(placed, result, strict=True)]
            if several
            else placed[0].reshape(tuple(result.shape)),
        )
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
        if self._depth == 0 and _own_call() is None:
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
        frame = _own_call()
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
    for axis, stride in enumerate(tensor.stride()):
        steps = np.arange(tensor.shape[axis]) * stride
        places += steps.reshape([-1 if a == axis else 1 for a in range(tensor.dim())])
    return places
