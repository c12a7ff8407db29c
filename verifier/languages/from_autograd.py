"""Functions written with autograd: read by calling them on cells, run by ``autograd.make_vjp``.

``autograd.numpy`` hands what it cannot differentiate to NumPy, so a call on Variables is traced as any NumPy function
is. A user's own ``primitive`` is read through its plain body; the engine under test uses its ``defvjp``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import make_jvp, make_vjp
from autograd.core import VJPNode
from autograd.tracer import Node, isbox, notrace_primitives, trace

from .from_numpy import NumpyLanguage, flat_outputs, plain, read_numpy
from .language import Array, Arrays, Call, Function, Reading


class AutogradLanguage(NumpyLanguage):
    """``autograd.make_vjp`` and ``autograd.make_jvp`` of functions of arrays."""

    name = "autograd"

    def read(self, function: Function, arrays: Arrays, names: Sequence[str]) -> Reading:
        return read_numpy(function, arrays, names)._replace(calls=_own_rules(function, arrays))

    def vjp(self, function: Function, arrays: Arrays) -> tuple[list[Array], Callable[[Arrays], list[Array]]]:
        values, shapes = self.value(function, arrays), [a.shape for a in arrays]
        pullbacks = [_pullback(function, arrays, k) for k in range(len(values))]

        def pull(cotangents: Arrays) -> list[Array]:
            total = [np.zeros(shape) for shape in shapes]
            for back, cotangent in zip(pullbacks, cotangents, strict=True):
                if np.any(cotangent):
                    total = [t + np.asarray(g) for t, g in zip(total, back(plain([cotangent])[0]), strict=True)]
            return total

        return values, pull

    def jvp(self, function: Function, arrays: Arrays, tangents: Arrays) -> list[Array]:
        found = []
        for k in range(len(self.value(function, arrays))):
            push = make_jvp(lambda inputs, k=k: flat_outputs(function(*inputs))[k])(plain(arrays))
            found.append(np.asarray(push(plain(tangents))[1]))
        return found

    def sloped(self, function: Function, entry: int, k: int, place: int) -> Function:
        def value(*inputs: Any) -> Any:
            return anp.concatenate([anp.ravel(y) for y in flat_outputs(function(*inputs))])[entry]

        def slope(*inputs: Any) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # it may depend on the input no more: its derivative is 0
                back = make_vjp(lambda x: value(*inputs[:k], x, *inputs[k + 1 :]))(inputs[k])[0]
            return anp.ravel(back(1.0))[place]

        return slope

    def flattened(self, function: Function, args: tuple[Any, ...]) -> tuple[Function, list[Array], list[str]]:
        if not any(map(_is_tree, args)):
            return super().flattened(function, args)
        leaves = [leaf for tree in args for leaf in _leaves(tree)]

        def flat(*inputs: Any) -> Any:
            arrays = iter(inputs)
            return function(*(_grown(tree, arrays) for tree in args))

        flat.__name__ = getattr(function, "__name__", type(function).__name__)
        return super().flattened(flat, tuple(leaves))

    def derived(self, function: Function, arrays: Arrays, mode: str) -> tuple[Function, list[Any]]:
        count, values = len(arrays), self.value(function, arrays)

        def first(inputs: Any) -> Any:
            return flat_outputs(function(*inputs))[0]

        def pushed(*a: Any) -> Any:
            return make_jvp(first)(tuple(a[:count]))(tuple(a[count:]))[1]

        def pulled(*a: Any) -> list[Any]:
            found = make_vjp(first)(tuple(a[:count]))[0](a[count])
            return [found[k] for k in range(count)]  # a box of a tuple is none

        return (pushed, [*arrays, *arrays]) if mode == "forward" else (pulled, [*arrays, values[0]])


def _is_tree(argument: Any) -> bool:
    """Whether an argument holds arrays, as autograd's users write parameters: in dicts, or of different shapes."""
    if isinstance(argument, dict):
        return True
    try:
        return isinstance(argument, (tuple, list)) and np.asarray(argument).dtype.hasobject
    except ValueError:  # of different shapes
        return True


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, (dict, tuple, list)):
        for branch in tree.values() if isinstance(tree, dict) else tree:
            yield from _leaves(branch)
    else:
        yield tree


def _grown(tree: Any, arrays: Iterator[Any]) -> Any:
    """A tree with these arrays in place of its leaves."""
    if isinstance(tree, dict):
        return {key: _grown(branch, arrays) for key, branch in tree.items()}
    if isinstance(tree, (tuple, list)):
        branches = [_grown(branch, arrays) for branch in tree]
        return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
    return next(arrays)


def _pullback(function: Function, arrays: Arrays, k: int) -> Callable[[Any], Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # an output may be independent of the input: its derivative is 0
        back: Callable[[Any], Any] = make_vjp(lambda inputs: flat_outputs(function(*inputs))[k])(plain(arrays))[0]
    return back


class _Recorder(Node):  # type: ignore[misc]  # autograd is an extra: its classes are Any here
    """A node that remembers which primitive of the user's own made it."""

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        self.calls = parents[0].calls
        home = getattr(getattr(fun, "fun", fun), "__module__", None) or "numpy"  # where a primitive's body is from
        if home.split(".")[0] not in ("numpy", "scipy", "autograd", "builtins"):
            self.calls.append(_call(fun, args, kwargs))

    def initialize_root(self, calls: list[Call]) -> None:
        self.calls = calls


# what has no gradient is not boxed: autograd has no box for the one truth of x > 0
notrace_primitives[_Recorder] = notrace_primitives[VJPNode]


def _own_rules(function: Function, arrays: Arrays) -> list[Call]:
    """The user's own primitives that the function calls, with the values at which it does."""
    calls: list[Call] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in range(len(arrays)):
            given = plain(arrays)
            trace(_Recorder.new_root(calls), lambda x, k=k, g=given: function(*g[:k], x, *g[k + 1 :]), given[k])
    return calls


def _call(fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
    values = [a._value if isbox(a) else a for a in args]
    return Call(fun.__name__, lambda *given: fun(*given, **kwargs), [np.asarray(a) for a in values])
