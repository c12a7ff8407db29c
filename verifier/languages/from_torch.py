"""Functions written with PyTorch: read by watching them (:mod:`.torch_watch`), run by ``torch.autograd``."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.autograd import forward_ad
from torch.autograd.gradcheck import GradcheckError
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves
from torch.utils.hooks import RemovableHandle

from ..errors import InvalidInput, Rounds
from .cells import Sheet
from .language import Array, Arrays, Function, Language, Pullback, Reading
from .torch_watch import Units, Watch, own_call


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
        watch = Watch(sheet, np.result_type(*arrays))
        for tensor, cells in zip(inputs, sheet.inputs([a.shape for a in arrays]), strict=True):
            watch.write(tensor, cells)
        try:
            with watch:
                outputs = _differentiable(function(*inputs))
        except Rounds as error:  # to float32 at first, and to fewer bits later on
            with Units() as units:
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
        with torch.set_grad_enabled(torch.is_grad_enabled() or own_call() is None):
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
