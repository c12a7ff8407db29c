"""The numbers of a partial derivative under each other: what each is, its digits, what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from .digits import SINGLE, Shown, align, short, to_decimal, typeset, within
from .evidence import Record, is_at_kink, is_below_floats, is_beyond_floats
from .reproduce import is_unread

#: Order up to which derivatives are compared with differences.
MOST_DIFFERENCED = 2
#: What may stand behind a number; a page has the same under ``note_`` and the key.
NOTES = {
    "ulps": "{ulps} ulp from the symbolic one",
    "kink": "no single value: a kink",
    "unread": "the function could not be read",
    "beyond": "beyond the largest {dtype}",
    "below": "nearer to 0 than the least {dtype}",
    "error": "± {error}",
    "no_limit": "± {error}: no limit at shorter steps",
    "order": "differences are taken up to order 2",
    "certified": "certified",
    "screened": "screened, not certified",
}

#: An error of a difference below that is rounding, where it is as large as the difference.
_ROUNDING = 1e-6


class Row(NamedTuple):
    """One of the numbers that are compared: what it is, its digits, what stands behind it.

    ``note`` is English; a page says the same by ``remark``, a key of its messages, and ``values``, what varies in them.
    """

    label: str
    shown: Shown
    note: str
    remark: str | None = None
    values: Mapping[str, str] = MappingProxyType({})

    @property
    def typeset(self) -> dict[str, str]:
        """What varies in its remark, as prose writes numbers."""
        return {key: typeset(value) for key, value in self.values.items()}


def rows(
    partial: Record,
    at_kink: Sequence[str] | None = None,
    dtype: object = None,
    order: object = 1,
    unread: bool = False,
) -> list[Row]:
    """The three numbers of a partial derivative, and its enclosure, on one scale.

    Args:
        partial: of a record, which holds of a kink the permitted numbers alone: a hair beyond the slopes.
        at_kink: the slopes at a kink to the left and to the right, shown instead where they are at hand.
        dtype: in which the engine computed, float64 unless given.
        order: of the derivative.
        unread: whether the function could not be read, so that the difference alone is there to compare with.
    """
    enclosure = partial.get("enclosure") or [None, None]
    named = {name: partial.get(name) for name in ("engine", "symbolic", "difference")}
    untaken = isinstance(order, int) and order > MOST_DIFFERENCED and to_decimal(named["difference"]) is None
    if untaken:
        named["difference"] = None
    kink = is_at_kink(partial)
    labels = ("left slope", "right slope") if kink and at_kink else ("at least", "at most")
    ends = at_kink if kink and at_kink else _ascending(enclosure) if kink else enclosure
    numbers = [*named.values(), *ends]
    reference = named["difference" if unread else "symbolic"]
    shown = align(numbers, reference, [SINGLE] if dtype == "float32" else ())
    error, ulps = partial.get("difference_error"), partial.get("ulps")
    beyond, below = is_beyond_floats(named["symbolic"], dtype), is_below_floats(named["symbolic"], dtype)
    # the digits of a difference beyond its own error were never claimed, and one that is nan has nothing to say
    unseen = to_decimal(named["difference"]) is None
    if unseen or within(named["difference"], named["symbolic"], error):
        shown[2] = _unmarked(shown[2])
    if unread:
        shown[1] = _unmarked(shown[1])
        if partial.get("verdict") == "agree" or within(named["engine"], reference, error):
            shown[0] = _unmarked(shown[0])
    nearest = "-inf" if str(named["symbolic"]).startswith("-") else "inf"
    if (beyond and named["engine"] == nearest) or (below and to_decimal(named["engine"]) == 0):
        shown[0] = _unmarked(shown[0])
    if below and to_decimal(named["difference"]) == 0:
        shown[2] = _unmarked(shown[2])
    on_exact = "unread" if unread else "kink" if kink else "beyond" if beyond else "below" if below else None
    on_difference = "order" if untaken else _remark_on_difference(partial)
    table = [
        _row("engine", shown[0], None if ulps is None else "ulps", ulps=short(ulps, 3)),
        _row("symbolic", shown[1], on_exact, dtype=str(dtype or "float64")),
        _row("difference", shown[2], on_difference, error=short(error, 2)),
    ]
    if enclosure[0] is not None:
        for label, one, remark in zip(labels, shown[3:], (_certified(partial), None), strict=True):
            table.append(_row(label, _unmarked(one), remark))
    return table


def rows_of(record: Record, partial: Record, at_kink: Sequence[str] | None = None) -> list[Row]:
    """The numbers of a partial derivative of a record, which says in what type and order; see :func:`rows`."""
    return rows(partial, at_kink, record.get("dtype"), record.get("order", 1), is_unread(record))


def _unmarked(shown: Shown) -> Shown:
    """A number none of whose digits is marked as another than the exact one's."""
    return Shown(shown.text, len(shown.text))


def _remark_on_difference(partial: Record) -> str | None:
    """What stands behind a difference that was taken: its error, or that it finds no limit; nothing behind nan."""
    if to_decimal(partial.get("difference")) is None or partial.get("difference_error") is None:
        return None
    return "no_limit" if _finds_no_limit(partial) else "error"


def _finds_no_limit(partial: Record) -> bool:
    """Whether differences grow at shorter steps, beside a jump or a pole: a number without a right digit.

    Their extrapolation takes the longest steps for the best, and its error for a share of the number.
    """
    value, error = (to_decimal(partial.get(name)) for name in ("difference", "difference_error"))
    if partial.get("verdict") != "undefined" or value is None or error is None:
        return False
    return bool(max(abs(value) / 10, Decimal(_ROUNDING)) < error < abs(value))


def _row(label: str, shown: Shown, remark: str | None, **values: str) -> Row:
    return Row(label, shown, NOTES[remark].format(**values) if remark else "", remark, values)


def _certified(partial: Record) -> str:
    return "certified" if partial.get("certified") else "screened"


def _ascending(ends: Sequence[Any]) -> Sequence[Any]:
    """The ends of an enclosure, which at a kink come in the order of its sides."""
    low, high = map(to_decimal, ends)
    return ends[::-1] if low is not None and high is not None and low > high else ends
