"""Numbers under each other: one scale, decimal point under decimal point, and the digits that differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation, localcontext
from typing import NamedTuple

#: Significant digits that name every double, or every single; beyond them a difference is not the float's.
DIGITS, SINGLE = 17, 9

#: Room for the exponents of balls, which neither overflow nor underflow.
WIDE = Context(prec=4 * DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN)

#: Powers of ten that are written without an exponent.
_POSITIONAL = range(-4, 16)

#: Digits as they stand in exponents of plain text.
RAISED = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Shown(NamedTuple):
    """A number as text; ``text[same:]`` differs from the reference."""

    text: str
    same: int


#: Exponents that no Decimal has, and what stands for them: beyond every float, with room for products.
_EXTREME = re.compile(r"([-+]?)(\d[\d.]*)[eE]([-+]?)0*(\d{19,})")
_FAR = 10**17


def to_decimal(number: object) -> Decimal | None:
    """The exact value of a float or of a record's decimal text; None for nan, infinities and the rest.

    An exponent of 19 digits or more is replaced by one that is as far beyond all floats.
    """
    try:
        if isinstance(number, str) and (found := _EXTREME.fullmatch(number)):
            number = f"{found[1]}{found[2]}e{found[3]}{_FAR}" if Decimal(found[2]) else 0
        value = Decimal(number) if isinstance(number, (float, int, str)) else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None


def magnitude(number: object) -> str | None:
    """A number whose exponent has 19 digits or more, by the size of that exponent: ≈ 10^(−3.4·10⁷⁶); None of others."""
    found = _EXTREME.fullmatch(number) if isinstance(number, str) else None
    if found is None or not to_decimal(number):
        return None
    sign, below = found[1].replace("+", ""), "−" if found[3] == "-" else ""
    power = str(len(found[4]) - 1).translate(RAISED)
    return f"≈ {sign}10^({below}{found[4][0]}.{found[4][1]}·10{power})"


def align(numbers: Sequence[object], reference: object, digits: Sequence[int] = ()) -> list[Shown]:
    """Write numbers to the scale of a reference and mark where they part from it.

    Args:
        numbers: floats or decimal texts; ``"nan"``, ``"inf"`` and None are shown as they are.
        reference: what they are compared with, usually the symbolic derivative, which also sets the scale.
            Without a finite one nothing is marked, and the largest number sets the scale.
        digits: significant ones of the first numbers, where that is not what a double has.

    Returns:
        One Shown a number, padded on the left so that decimal points stand under each other.
    """
    target = to_decimal(reference)
    known = [d for n in numbers if (d := to_decimal(n))]
    leading = target or max(known, key=Decimal.adjusted, default=Decimal(0))
    named = [*digits, *[DIGITS] * (len(numbers) + 1 - len(digits))]
    texts = [_write(n, leading.adjusted(), d) for n, d in zip((*numbers, reference), named, strict=True)]
    spare = min((_spare_zeros(t) for t in texts if _has_point(t)), default=0)
    texts = [t[: len(t) - spare] if _has_point(t) else t for t in texts]
    column = max(_point(t) for t in texts)
    padded = [" " * (column - _point(t)) + t for t in texts]
    if target is None:
        return [Shown(t, len(t)) for t in padded[:-1]]
    return [
        Shown(t, max(_common(t, padded[-1]), _carried(t, padded[-1], to_decimal(n), target)))
        for t, n in zip(padded[:-1], numbers, strict=True)
    ]


def _write(number: object, scale: int, digits: int) -> str:
    value = to_decimal(number)
    if value is None:
        return "—" if number in (None, "") else str(number)
    if (size := magnitude(number)) is not None:
        return size
    if not value:
        return "0"
    with localcontext(WIDE):
        if abs(value.adjusted() - scale) > (6 if scale in _POSITIONAL else 2):  # 14813.2e-327 is hard to read
            return f"{value:.{digits - 1}e}"
        last = Decimal(1).scaleb(1 - digits)
        if scale in _POSITIONAL:
            return f"{value.quantize(last.scaleb(min(scale, digits - 1))):f}"
        return f"{value.scaleb(-scale).quantize(last):f}e{scale:+d}"


def _has_point(text: str) -> bool:
    """Whether a text is that of a number with a decimal point."""
    return "." in text and "^" not in text


def _spare_zeros(text: str) -> int:
    """How many zeros could be cut from the end and leave a decimal: none where an exponent follows."""
    if "e" in text:
        return 0
    return min(len(text) - len(text.rstrip("0")), len(text) - _point(text) - 2)


def _point(text: str) -> int:
    """Where the decimal point stands, or would stand; ``-inf`` and the like begin where a number of one digit does."""
    if not text[-1].isdigit():
        return 2 if text.startswith("-") else 1
    head = text.partition("e")[0]
    return head.index(".") if "." in head else len(head)


def _common(text: str, reference: str) -> int:
    if text == reference:
        return len(text)
    if "^" in text or "^" in reference:
        return len(text) - len(text.lstrip())
    if text.partition("e")[2] != reference.partition("e")[2] or text.strip() == "0":
        return len(text) - len(text.lstrip())  # other powers of ten: every digit differs
    same = 0
    while same < min(len(text), len(reference)) and text[same] == reference[same]:
        same += 1
    return same


def _carried(text: str, reference: str, number: Decimal | None, target: Decimal) -> int:
    """How far a number is the same as a reference whose digits differ only because one carries: 1.000 and 0.999.

    0 where that is not so, and where it would gain a single digit.
    """
    mantissa, _, exponent = text.partition("e")
    if number is None or "^" in text + reference or exponent != reference.partition("e")[2]:
        return 0
    same = len(mantissa) - len(mantissa.lstrip(" -"))
    with localcontext(WIDE):
        distance = abs(number - target)
        if 2 * distance > abs(target):
            return 0
        place = Decimal(1).scaleb(int(exponent or 0) + _point(text) - same - 1)
        while same < len(mantissa) and (mantissa[same] == "." or place > distance):
            place = place if mantissa[same] == "." else place.scaleb(-1)
            same += 1
    same = len(text) if same == len(mantissa) else same
    return same if same > _common(text, reference) + 1 else 0


def within(number: object, reference: object, error: object) -> bool:
    """Whether a number is no further from a reference than its own error; False if one of them is not finite."""
    a, b, e = to_decimal(number), to_decimal(reference), to_decimal(error)
    if a is None or b is None or e is None:
        return False
    with localcontext(WIDE):
        return abs(a - b) <= e


def short(number: object, digits: int = 6) -> str:
    """A number in few characters, for places where its size matters and its digits do not."""
    if isinstance(number, (str, int)) and (value := to_decimal(number)) is not None:
        if (size := magnitude(number)) is not None:
            return size
        if not value:  # a Decimal keeps the exponent of a zero, and would write 0e-348
            return "-0" if value.is_signed() else "0"
        with localcontext(WIDE):
            return f"{value:.{digits}g}"
    if not isinstance(number, float):
        return str(number)
    return min(f"{number:.{digits}g}", float.__repr__(number), key=len)  # the least float is 5e-324 everywhere


def scientific(text: str) -> tuple[str, str] | None:
    """The factor and the power of ten of a number as Python writes it: 1.5e-07 is 1.5 and −7; None without a power."""
    found = re.fullmatch(r"([-−]?\d+(?:\.\d+)?)e([-−+]?)0*(\d+)", text)
    if found is None:
        return None
    return found[1].replace("-", "−"), found[2].replace("-", "−").replace("+", "") + found[3]


def typeset(text: str) -> str:
    """A number as prose writes it: 1.5e-07 is 1.5·10⁻⁷, 1e-05 is 10⁻⁵, and a minus is one; what is none stays."""
    if not re.fullmatch(r"[-−]?\d[\d.]*(e[-−+]?\d+)?", text):
        return text
    parts = scientific(text)
    if parts is None:
        return text.replace("-", "−")
    factor, power = parts
    raised = "10" + power.translate(RAISED)
    return raised if factor == "1" else f"−{raised}" if factor == "−1" else f"{factor}·{raised}"
