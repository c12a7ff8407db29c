"""ATen's operations on arrays of cells: which primitive each one is, and what its parameters mean."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from ...engine.variable import exact
from ..errors import Unsupported
from .cells import Cells, Sheet, both, boxed, differ, each, either, opposite, symbolic
from .operations import COMMON, Rule, decayed, entrywise, fmod, mapped
from .torch_reductions import REDUCTIONS, times

#: Operations that move entries, fill in zeros, and compute nothing: applied to the entries' numbers, counted from 1,
#: they say where each entry goes.
MOVES = frozenset(
    (
        *(
            "cat",
            "clone",
            "stack",
            "index",
            "gather",
            "index_select",
            "masked_select",
            "take",
            "repeat",
            "flip",
            "roll",
        ),
        *("tril", "triu", "constant_pad_nd", "reflection_pad1d", "reflection_pad2d", "replication_pad1d"),
        *("replication_pad2d", "slice_scatter", "select_scatter", "scatter", "index_put", "diag_embed", "_unsafe_view"),
        *("_to_copy", "lift_fresh_copy", "block_diag", "im2col"),
    )
)


def fills_in(name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    """Whether an operation of MOVES, called so, does more than move entries and fill in zeros."""
    values = [a for a in (*args[2:], *kwargs.values()) if isinstance(a, (int, float)) and a]
    return (name in ("constant_pad_nd", "index_put") and bool(values)) or (name == "scatter" and len(args) < 4)


def _add(sheet: Sheet, a: Cells, b: Cells, alpha: Any = 1) -> Cells:
    return sheet.map("add", a, times(sheet, alpha, b))


def _sub(sheet: Sheet, a: Cells, b: Cells, alpha: Any = 1) -> Cells:
    return sheet.map("sub", a, times(sheet, alpha, b))


def _rsub(sheet: Sheet, a: Cells, b: Cells, alpha: Any = 1) -> Cells:
    return sheet.map("sub", b, times(sheet, alpha, a))


def _div(sheet: Sheet, a: Cells, b: Cells, rounding_mode: str | None = None) -> Cells:
    quotient = sheet.map("div", a, b)
    if rounding_mode == "floor":
        return sheet.map("floor", quotient)
    if rounding_mode is not None:
        raise Unsupported(f"division rounded by {rounding_mode!r}")
    return quotient


def _pow(sheet: Sheet, a: Cells, b: Cells) -> Cells:
    def power(x: Any, y: Any) -> Any:
        return sheet.apply("pow", x, y) if symbolic(y) else sheet.apply("powc", x, consts=(exact(y),))

    return each(power, a, b)


def _clamp(sheet: Sheet, x: Cells, low: Any = None, high: Any = None) -> Cells:
    if low is None:
        return sheet.map("minimum", x, high)
    return sheet.map("maximum", x, low) if high is None else sheet.map("clip", x, low, high)


def _where(sheet: Sheet, which: Cells, a: Cells, b: Cells) -> Cells:
    return each(sheet.choose, which, a, b)


def _masked_fill(sheet: Sheet, x: Cells, mask: Cells, value: Any) -> Cells:
    return each(lambda c, m, v: sheet.choose(m, v, c), x, mask, value)


def _threshold(sheet: Sheet, x: Cells, threshold: float, value: float) -> Cells:
    return each(lambda c: sheet.choose(sheet.compare(">", c, threshold), c, value), x)


def _softplus(sheet: Sheet, x: Cells, beta: float = 1, threshold: float = 20) -> Cells:
    """log(1 + exp(βx))/β, and x itself where βx exceeds the threshold, as its documentation says."""

    def entry(c: Any) -> Any:
        scaled = c if beta == 1 else sheet.apply("mul", c, beta)
        smooth = sheet.apply("softplus", scaled)
        return sheet.choose(
            sheet.compare(">", scaled, threshold), c, smooth if beta == 1 else sheet.apply("div", smooth, beta)
        )

    return each(entry, x)


def _leaky_relu(sheet: Sheet, x: Cells, slope: float = 0.01) -> Cells:
    return sheet.map("leaky_relu", x, consts=(exact(slope),))


def _elu(sheet: Sheet, x: Cells, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Cells:
    if input_scale == 1:
        return times(sheet, scale, sheet.map("elu", x, consts=(exact(alpha),)))

    def entry(c: Any) -> Any:
        below = sheet.apply("mul", sheet.apply("expm1", sheet.apply("mul", c, input_scale)), alpha * scale)
        above = c if scale == 1 else sheet.apply("mul", c, scale)
        return sheet.choose(sheet.compare(">", c, 0.0), above, below)

    return each(entry, x)


def _gelu(sheet: Sheet, x: Cells, approximate: str = "none") -> Cells:
    if approximate == "none":
        return sheet.map("gelu", x)
    inner = sheet.map("add", x, sheet.map("mul", sheet.map("powc", x, consts=(Fraction(3),)), 0.044715))
    waved = sheet.map("tanh", sheet.map("mul", inner, float(np.sqrt(2 / np.pi))))
    return sheet.map("mul", sheet.map("mul", x, 0.5), sheet.map("add", waved, 1.0))


def _log_sigmoid(sheet: Sheet, x: Cells) -> tuple[Cells, None]:
    return sheet.map("logsigmoid", x), None


def _frac(sheet: Sheet, x: Cells) -> Cells:
    return sheet.map("sub", x, _trunc(sheet, x))


def _trunc(sheet: Sheet, x: Cells) -> Cells:
    def entry(c: Any) -> Any:
        return sheet.choose(sheet.compare("<", c, 0.0), sheet.apply("ceil", c), sheet.apply("floor", c))

    return each(entry, x)


def _filled(value: float) -> Rule:
    return lambda sheet, x, *_, **__: np.full(boxed(x).shape, value)


RULES: dict[str, Rule] = {
    **COMMON,
    "special_expm1": mapped("expm1"),
    "log2": mapped("log2"),
    "log10": mapped("log10"),
    "logaddexp": mapped("logaddexp"),
    "xlogy": mapped("xlogy"),
    "sinc": mapped("normalized_sinc"),
    "sigmoid": mapped("sigmoid"),
    "reciprocal": mapped("reciprocal"),
    "hypot": mapped("hypot"),
    "maximum": mapped("maximum"),
    "minimum": mapped("minimum"),
    "fmax": mapped("maximum"),
    "fmin": mapped("minimum"),
    "sgn": mapped("sign"),
    "remainder": mapped("mod"),
    "erfinv": mapped("erfinv"),
    "i0": mapped("i0"),
    "special_i0": mapped("i0"),
    "special_i1": mapped("i1"),
    "relu": mapped("relu"),
    "silu": mapped("silu"),
    "mish": mapped("mish"),
    "add": _add,
    "sub": _sub,
    "rsub": _rsub,
    "div": _div,
    "true_divide": _div,
    "pow": _pow,
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": lambda sheet, x, high: _clamp(sheet, x, None, high),
    "hardtanh": lambda sheet, x, low=-1.0, high=1.0: _clamp(sheet, x, low, high),
    "where": _where,
    "masked_fill": _masked_fill,
    "threshold": _threshold,
    "softplus": _softplus,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "gelu": _gelu,
    "log_sigmoid_forward": _log_sigmoid,
    "special_i0e": decayed("i0"),
    "special_i1e": decayed("i1"),
    **REDUCTIONS,
    "frac": _frac,
    "trunc": _trunc,
    "fmod": fmod,
    "logical_and": entrywise(both),
    "logical_or": entrywise(either),
    "logical_xor": entrywise(differ),
    "logical_not": entrywise(opposite),
    "bitwise_and": entrywise(both),
    "bitwise_or": entrywise(either),
    "bitwise_not": entrywise(opposite),
    "isnan": _filled(False),  # a real number is none
    "isinf": _filled(False),
    "isfinite": _filled(True),
    "zeros_like": _filled(0.0),
    "ones_like": _filled(1.0),
    "new_zeros": lambda sheet, x, size, **_: np.zeros(size),
    "new_ones": lambda sheet, x, size, **_: np.ones(size),
    "full_like": lambda sheet, x, value, **_: np.full(boxed(x).shape, value),
}
