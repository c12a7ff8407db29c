"""Many points in blocks: how large a block is, what shape the points have, and the memory that blocks share."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from .errors import EngineError

#: Points that a sweep takes at a time: the values and adjoints of so many stay in the processor's cache.
BLOCK = 16384
#: Numbers in the array by which :func:`keep_what_is_freed` works: 16 MB.
SPARE = 2**21


@cache
def keep_what_is_freed() -> None:
    """Have glibc's malloc keep the memory of a block for the next one.

    It gives arrays of a block's size back to the system as they are freed, and gets them again page by page, until it
    has seen a larger one freed; then it keeps up to twice the size of that. The array is not touched, so it takes no
    memory itself, and once is enough for a process. Without it a gradient over 10⁶ points (``benchmarks.wide``)
    takes a sixth longer.
    """
    if sys.platform == "linux":
        np.empty(SPARE)


def block_size(count: int) -> int:
    """A block's size for so many points: all blocks much alike, as rules may compute a few numbers in another way."""
    blocks = -(-count // BLOCK)
    return -(-count // (8 * blocks)) * 8  # whole lines of the cache


def common_shape(arrays: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of the points, of which each input has an array or a number.

    Raises:
        EngineError: the arrays are of different sizes.
    """
    shapes: set[tuple[int, ...]] = {a.shape for a in arrays.values()}
    if len(shapes) == 1:
        return shapes.pop()
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        told = ", ".join(f"{name} {a.shape}" for name, a in arrays.items() if a.shape)
        raise EngineError(f"the point has arrays of different shapes: {told}; expected K numbers for each") from None
