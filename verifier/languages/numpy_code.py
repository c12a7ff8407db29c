"""Whether a function that an engine cannot run is written with NumPy: then it is traced, and run by the engine's table.

The tape of any other function would say nothing of the engine: tracing passes by the rules of the user's own, and by
what the engine refuses.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ...engine.primitive import Primitive
from ...engine.tape import Recorder, Tape
from ...engine.tracing import trace
from ..errors import OF_OTHERS

#: Where a Variable answers NumPy's functions.
_PROTOCOLS = ("__array_ufunc__", "__array_function__")


class _Onlooker(Recorder):
    """Writes down operations, and whose functions called for them.

    Args:
        library: the package of the engine.

    Attributes:
        by_numpy: whether a function of NumPy's was applied.
        by_library: whether an operation happened inside the engine's library, as inside a rule of the user's own.
    """

    def __init__(self, inputs: Iterable[str], library: str) -> None:
        super().__init__(inputs)
        self.library, self.by_numpy, self.by_library = library, False, False

    def add(self, primitive: type[Primitive], args: tuple[int, ...], consts: tuple[Any, ...] = ()) -> int:
        frame: Any = sys._getframe(1)
        while frame is not None and frame.f_code is not trace.__code__:
            self.by_numpy |= frame.f_code.co_name in _PROTOCOLS
            self.by_library |= str(frame.f_globals.get("__name__")).partition(".")[0] == self.library
            frame = frame.f_back
        return super().add(primitive, args, consts)


def numpy_code(function: Callable[..., Any], names: Sequence[str], library: str) -> Tape | None:
    """The tape of a function that is written with NumPy alone; None of any other.

    Args:
        names: of its arguments.
        library: the package that must have no part in it.
    """
    onlooker = _Onlooker(names, library)
    try:
        tape = trace(function, tuple(names), lambda _: onlooker)
    except OF_OTHERS:  # whatever it is, it cannot be traced
        return None
    return tape if onlooker.by_numpy and not onlooker.by_library else None
