"""Functions written in an engine's own language: what is asked of the engine beside its arrays.

A language reads a function into nodes of a tape, entry by entry, and runs the function itself: its values, and
products of its Jacobian with vectors by the engine's own reverse and forward mode.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from traceback import walk_tb
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from ...engine.tape import Recorder
from ..arguments import without_imaginary
from ..engine import Engine
from ..engine_names import engine_named
from ..signatures import leading_names
from .cells import Cell, Cells

Array = np.ndarray[Any, Any]
Arrays = Sequence[Array]
Function = Callable[..., Any]
Pullback = Callable[[Arrays], list[Array] | None]

#: Engine → module and class of its language.
LANGUAGES = {
    "jax": ("from_jax", "JaxLanguage"),
    "torch": ("from_torch", "TorchLanguage"),
    "autograd": ("from_autograd", "AutogradLanguage"),
}


class Call(NamedTuple):
    """A function with a derivative rule of its own, as it was called within another.

    Attributes:
        name: what its author calls it.
        function: it alone, as a function of its arrays.
        arguments: cells of the arrays that it was called with.
        stops: whether it only stops the gradient, as ``stop_gradient`` and ``detach`` do.
    """

    name: str
    function: Function
    arguments: list[Cells]
    stops: bool = False


class Reading(NamedTuple):
    """What a function does: its operations, the cells of each array that it returns, the rules of its own."""

    recorder: Recorder
    outputs: list[Cells]
    calls: list[Call]

    @property
    def cells(self) -> list[Cell]:
        """The entries of all arrays that it returns."""
        return [cell for output in self.outputs for cell in output.flat]


class Language:
    """One engine's language; arrays go in and come out as NumPy's, one for each argument and each output.

    Attributes:
        name: the engine's name.
        shows_numbers: whether a function may look at the numbers of the point at which it is read, and go another way.
    """

    name: str
    shows_numbers = False

    def adapter(self) -> Engine:
        """The engine by its table of functions, for single operations."""
        return engine_named(self.name)

    def session(self, dtype: np.dtype[Any]) -> AbstractContextManager[Any]:
        """The state of the library in which arrays of this type are computed."""
        return np.errstate(all="ignore")

    def is_array(self, value: Any) -> bool:
        """Whether a value is an array of the engine's own type."""
        return False

    def array(self, numbers: Array) -> Any:
        """The engine's array of these numbers."""
        return numbers

    def numbers(self, array: Any) -> Array:
        """The numbers in an array of the engine's."""
        return np.asarray(array)

    def read(self, function: Function, arrays: Arrays, names: Sequence[str]) -> Reading:
        """The operations of a function on arguments of these shapes.

        Args:
            names: of the scalar inputs, the entries of all arrays in their order.

        Raises:
            Unsupported: an operation has no meaning here, or the function branches on a value.
            Exception: the function's own errors.
        """
        raise NotImplementedError

    def value(self, function: Function, arrays: Arrays) -> list[Array]:
        """The arrays that the function returns."""
        raise NotImplementedError

    def repeated(self, function: Function, arrays: Arrays) -> Callable[[Arrays], list[Array]]:
        """:meth:`value` of a function that was read, for many points: what takes time but once is done here."""
        return lambda arrays: self.value(function, arrays)

    def vjp(self, function: Function, arrays: Arrays) -> tuple[list[Array], Pullback]:
        """The values, and the pullback: from a cotangent for each output to a gradient for each argument.

        The pullback returns None where the engine knows of no output that depends on an argument.
        """
        raise NotImplementedError

    def jvp(self, function: Function, arrays: Arrays, tangents: Arrays) -> list[Array]:
        """The tangent of each output for a tangent of each argument."""
        raise NotImplementedError

    def freed(self, function: Function) -> Iterator[tuple[str, Function]]:
        """Names of what may change a gradient on its way, each with the function as it is without that."""
        return iter(())

    def sloped(self, function: Function, entry: int, k: int, place: int) -> Function:
        """The derivative of an entry of a function's output by an entry of its input, as a function of the same arrays.

        Args:
            entry: of the flat output.
            k: number of the argument.
            place: of the entry in the flat argument.
        """
        raise NotImplementedError

    # ---- for checks of more than one order -----------------------------------------------------------------

    def flattened(self, function: Function, args: tuple[Any, ...]) -> tuple[Function, list[Array], list[str]]:
        """A function of arrays alone, with the arrays and names for them."""
        names = leading_names(function, len(args)) or [f"x{k}" for k in range(len(args))]
        arrays = [without_imaginary("args: given", self.numbers(a)) for a in args]
        return function, [np.asarray(a, np.float64) for a in arrays], names

    def derived(self, function: Function, arrays: Arrays, mode: str) -> tuple[Function, list[Any]]:
        """The function's derivative as a function in the same language, and the point for it.

        In reverse mode that is the pullback, in forward mode the tangent: functions of the arguments and of a cotangent
        for each output, or of a tangent for each argument.
        """
        raise NotImplementedError


def language_named(name: str) -> Language:
    """The language of an engine.

    Raises:
        InvalidInput: the engine is not installed.
    """
    engine_named(name)  # says how it is installed
    module, kind = LANGUAGES[name]
    found: Language = getattr(import_module(f"{__package__}.{module}"), kind)()
    return found


def library_of(error: BaseException) -> str | None:
    """The engine whose library a function uses that raised an error, by what its frames name; None without one."""
    for frame, _ in walk_tb(error.__traceback__):
        known = {**frame.f_globals, **frame.f_locals}
        used = [known.get(name) for name in (*frame.f_code.co_names, *frame.f_code.co_freevars)]
        homes = [
            known.get("__name__"),
            *(getattr(v, "__name__" if isinstance(v, ModuleType) else "__module__", "") for v in used),
        ]
        for home in homes:
            if (library := str(home).partition(".")[0]) in LANGUAGES:
                return library
    return None


def entry_names(names: Sequence[str], arrays: Arrays) -> list[str]:
    """A name for each entry of each array: ``x`` for a number, ``w[0]`` or ``w[0, 1]`` for an entry."""
    found: list[str] = []
    for name, array in zip(names, arrays, strict=True):
        if array.ndim == 0:
            found.append(name)
        else:
            found += [f"{name}[{', '.join(map(str, index))}]" for index in np.ndindex(array.shape)]
    return found
