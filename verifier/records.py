"""Input records: one JSON object a line, each number exactly the float that it names.

The form is that of ``docs/records.md``. A line that is no record is an error with the name of the field; the
lines after it are read all the same.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from ..engine.errors import shortened
from .errors import InvalidInput, LimitExceeded
from .limits import DEFAULT, HIGHEST, Limits

Entry = TypeVar("Entry")

DTYPES = ("float64", "float32")
STANDARDS = ("program", "function")

#: Fields of a result that say what was found: those of an input by these names are not carried through.
OF_RESULTS = ("engine", "engine_class", "function", "verdict", "points", "blame", "no_blame", "error", "reason")

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_HEXADECIMAL = re.compile(r"[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_EXPECTED = "expected a decimal, a hexadecimal float such as 0x1.8p+1, nan, inf or -inf"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of input, checked.

    Attributes:
        id: the record's own, or the number of its line.
        expression: the function as text; it is not read yet.
        at: K values for each variable; None where points are to be sampled.
        domain: lowest and highest value for each variable; None where none is given.
        derivative: claimed formulas by variable.
        gradient: K claimed numbers for each variable.
        order, wrt, dtype, standard: as ``verify`` takes them.
        extra: all other fields, as they came.
    """

    id: Any
    expression: str
    at: dict[str, list[float]] | None = None
    domain: dict[str, list[float]] | None = None
    derivative: dict[str, str] | None = None
    gradient: dict[str, list[float]] | None = None
    order: int = 1
    wrt: str | None = None
    dtype: str = "float64"
    standard: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def count(self) -> int | None:
        """K, the number of points; None where points are to be sampled."""
        if self.at is None:
            return None
        return max(map(len, self.at.values()), default=1)


def parse_number(value: Any) -> float:
    """The float that a JSON number or a text names.

    Raises:
        InvalidInput: it is no number, or a finite one beyond the largest float.
    """
    if isinstance(value, str):
        text = value.strip().replace("−", "-")  # the minus of pages, copied from one
        if _DECIMAL.fullmatch(text):
            number = float(text)
        elif _HEXADECIMAL.fullmatch(text):
            try:
                number = float.fromhex(text)
            except OverflowError:
                number = math.inf
        elif _NOT_FINITE.fullmatch(text):
            return float(text)
        else:
            raise InvalidInput(f"{_short(value)} is not a number; {_EXPECTED}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    else:
        raise InvalidInput(f"{_short(value)} is not a number; {_EXPECTED}")
    if math.isinf(number):
        raise InvalidInput(f"{_short(value)} is beyond the largest float; expected a smaller one, inf or -inf")
    return number


def _short(value: Any) -> str:
    """A value as a message may show it."""
    try:
        text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    except (TypeError, ValueError):
        text = type(value).__name__
    return shortened(text)


def parse_line(text: str | bytes, number: int, limits: Limits = DEFAULT) -> Record:
    """The record in one line.

    Args:
        text: the line; bytes are UTF-8.
        number: of the line, from 1: the id of a record that has none.
        limits: how many points it may hold.

    Raises:
        InvalidInput: it is no record; the message names the field.
    """
    data = load_object(text)
    return from_object(data, number, limits)


def load_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object in one line; NaN, Infinity and numbers beyond the floats are kept as texts.

    Raises:
        InvalidInput: it is no JSON object, or a name occurs twice in one object.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        # without the line's end, in which the JSON that breaks off would seem to break off in column 1
        data = json.loads(
            text.rstrip(),
            object_pairs_hook=_unique,
            parse_constant=_NON_FINITE.__getitem__,
            parse_float=_parse_float,
        )
    except UnicodeDecodeError as error:
        raise InvalidInput(f"the line is no UTF-8 (byte {error.start + 1}); expected a JSON object") from None
    except RecursionError:
        raise LimitExceeded("the JSON nests too deep; expected an object of few levels") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(f"the line is no JSON: {error.msg}; expected an object", error.colno) from None
    except ValueError:  # a whole number of thousands of digits
        raise InvalidInput("the line holds a number of too many digits; expected a JSON object") from None
    if not isinstance(data, dict):
        raise InvalidInput(f"the line holds {_short(data)}; expected a JSON object")
    return data


_NON_FINITE = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}


def _parse_float(text: str) -> float | str:
    number = float(text)
    return text if math.isinf(number) else number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise InvalidInput(f"{_short(twice)} occurs twice in one object; expected once")
    return data


def from_object(data: dict[str, Any], number: int, limits: Limits = DEFAULT) -> Record:
    """The record in a JSON object.

    Raises:
        InvalidInput: a field is missing, is not what it should be, or has a name that is nearly that of another one.
    """
    given = {name: data[name] for name in _READERS if data.get(name) is not None}
    if "expression" not in given:
        _fail("expression", data.get("expression"), "the function as text")
    values = {name: _READERS[name](name, value) for name, value in given.items()}
    _match_lengths(values, limits)
    extra = {name: value for name, value in carried(data).items() if name not in _READERS and name != "id"}
    if slips := [(name, meant) for name in extra if (meant := _meant(name))]:
        raise InvalidInput(f"{_short(slips[0][0])} is no field of a record; did you mean {slips[0][1]!r}?")
    identity = data.get("id")
    return Record(id=number if identity is None else identity, extra=extra, **values)


def carried(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an input that a result may hold as they came: all but those that only a result has a say in."""
    return {name: value for name, value in data.items() if name not in OF_RESULTS}


@lru_cache(maxsize=1024)  # a file's records have the same fields
def _meant(name: str) -> str | None:
    """The field of which another name is a slip, in its case, its last letters or a letter within.

    Such a field would be carried through, and the claim in it pass without a word.
    """
    plain = name.strip().casefold().replace("-", "").replace("_", "").replace(" ", "")
    if plain in _READERS:
        return plain
    begun = [known for known in _READERS if len(plain) >= 4 and known.startswith(plain)]
    near = get_close_matches(plain, [known for known in _READERS if len(known) > 3], 1, 0.8)
    return next(iter([*begun, *near]), None)


def _match_lengths(values: dict[str, Any], limits: Limits) -> None:
    """Let single numbers serve all K points; other lengths must be K."""
    at = values.get("at")
    if at is None and "gradient" in values:
        raise InvalidInput("gradient: the points of these numbers are missing; expected the field 'at'")
    if at is None:
        return
    count = max(map(len, at.values()), default=1)
    if count > limits.points:
        raise LimitExceeded(f"at: {count:,} points; expected at most {limits.points:,}")
    for name in "at", "gradient":
        numbers = values.get(name, {})
        for variable, row in numbers.items():
            if len(row) == 1:
                numbers[variable] = row * count
            elif len(row) != count:
                points, expected = ("1 point", "1") if count == 1 else (f"{count} points", f"1 or {count}")
                raise InvalidInput(f"{name}: {len(row)} numbers for {variable!r} at {points}; expected {expected}")


def _fail(name: str, value: Any, expected: str) -> NoReturn:
    given = "it is missing" if value is None else f"given {_short(value)}"
    raise InvalidInput(f"{name}: {given}; expected {expected}")


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        _fail(name, value, "a text that is not empty")
    return value


def _name(name: str, value: Any) -> str:
    return unicodedata.normalize("NFKC", _text(name, value))


def named(given: Mapping[str, Entry], known: Collection[str] = ()) -> Mapping[str, Entry]:
    """What is given by names, by the names that a function has: Python reads ``µ`` (U+00B5) as ``μ`` (U+03BC).

    Args:
        known: the function's names, which stay as they are.

    Raises:
        InvalidInput: two names are one.
    """
    if "".join(given).isascii():
        return given
    found: dict[str, Entry] = {}
    for name, entry in given.items():
        read = name if name in known else unicodedata.normalize("NFKC", name)
        if read in found:
            raise InvalidInput(f"{name!r} is given twice: Python reads it as {read!r}; expected it once")
        found[read] = entry
    return found


def _by_variable(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        _fail(name, value, 'an object with one entry for each variable, such as {"x": 0.5}')
    try:
        return {**named(value)}
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error}") from None


def _numbers(name: str, value: Any) -> dict[str, list[float]]:
    result = {}
    for variable, entry in _by_variable(name, value).items():
        row = entry if isinstance(entry, list) else [entry]
        if not row:
            raise InvalidInput(f"{name}: no number for {variable!r}; expected one, or a list of them")
        try:
            result[variable] = [parse_number(number) for number in row]
        except InvalidInput as error:
            raise InvalidInput(f"{name}: {variable}: {error}") from None
    return result


def _domain(name: str, value: Any) -> dict[str, list[float]]:
    result = _numbers(name, value)
    for variable, ends in result.items():
        if len(ends) != 2 or not (-math.inf < ends[0] <= ends[1] < math.inf):
            _fail(f"{name}: {variable}", value[variable], "two finite numbers, the lower one first")
    return result


def _formulas(name: str, value: Any) -> dict[str, str]:
    return {variable: _text(f"{name}: {variable}", entry) for variable, entry in _by_variable(name, value).items()}


def _order(name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= HIGHEST:
        _fail(name, value, f"a whole number from 1 to {HIGHEST}")
    return value


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def check(name: str, value: Any) -> str:
        if value not in choices:
            _fail(name, value, " or ".join(choices))
        return str(value)

    return check


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "expression": _text,
    "at": _numbers,
    "domain": _domain,
    "derivative": _formulas,
    "gradient": _numbers,
    "order": _order,
    "wrt": _name,
    "dtype": _one_of(*DTYPES),
    "standard": _one_of(*STANDARDS),
}
