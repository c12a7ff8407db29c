"""From text to a Python syntax tree: sizes are checked first, places are kept, nothing is evaluated."""

from __future__ import annotations

import ast
import keyword
import re
import sys
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import NoReturn

from ..errors import InvalidInput, LimitExceeded
from ..limits import Limits
from .vocabulary import lookup

#: A number run together with a keyword (``1if``): an error to come, for which Python would print a warning.
_RUN_TOGETHER = re.compile(r"\b\d\w*(?:and|else|for|if|in|is|or|not)\b")
#: A name that is neither run together with a number nor behind a dot; and the keywords that an expression may hold.
_WORD = re.compile(r"(?<![\w.])[^\W\d]\w*")
_USABLE = ("and", "or", "not", "if", "else", "True", "False", "None")
_EXAMPLE = "x**2 + sin(y)"
#: What is written on paper where an expression has other characters.
_WRITTEN = {"²": "**2", "³": "**3", "·": "*", "×": "*", "÷": "/", "−": "-", "–": "-", "√": "sqrt(…)"}
_OPENING, _CLOSING = "([{", ")]}"
#: What Python's own limit on recursion must allow for a chain of `Limits.chain` operations on Python 3.11.
_RECURSION = 3_000


class Source:
    """A text that was parsed, able to say where in it a node of its tree stands."""

    __slots__ = ("_plain", "_shifts", "text")

    def __init__(self, text: str, shifts: list[int]) -> None:
        self.text, self._shifts = text, shifts
        self._plain = text.isascii() and len(shifts) == 1

    def _line(self, number: int) -> str:
        return self.text.split("\n")[number - 1]

    def place(self, node: ast.expr | ast.stmt, after: bool = False) -> tuple[int, int | None]:
        """Column of a node (or of what follows it) from 1, and its line if the text has several."""
        line, column = node.lineno, node.col_offset
        if after and node.end_lineno is not None and node.end_col_offset is not None:
            line, column = node.end_lineno, node.end_col_offset
            rest = self._line(line).encode()[column:]
            column += len(rest) - len(rest.lstrip(b" \t)"))
        if not self._plain:
            column = len(self._line(line).encode()[:column].decode(errors="ignore"))
        return column + 1 + self._shifts[line - 1], line if len(self._shifts) > 1 else None

    def fail(self, node: ast.expr | ast.stmt, message: str, *, after: bool = False) -> NoReturn:
        """Raise InvalidInput that names the place of a node, or of what follows it.

        Raises:
            InvalidInput: always.
        """
        raise InvalidInput(message, *self.place(node, after))

    def literal(self, node: ast.expr) -> str:
        """The characters of a literal, which stands within one line."""
        if self._plain:
            return self.text[node.col_offset : node.end_col_offset]
        return self._line(node.lineno).encode()[node.col_offset : node.end_col_offset].decode()


def parse(text: str, limits: Limits) -> tuple[ast.Module, Source]:
    """The syntax tree of a text within the limits.

    Raises:
        InvalidInput: it is empty or is no Python syntax.
        LimitExceeded: it is too long, nests too deep, or a number in it has too many digits.
    """
    if not isinstance(text, str):
        raise InvalidInput(f"an expression is text; given {type(text).__name__}")
    if len(text) > limits.length:
        raise LimitExceeded(f"the expression has {len(text):,} characters; expected at most {limits.length:,}")
    if not text or text.isspace():
        raise InvalidInput(f"the expression is empty; expected something like {_EXAMPLE!r}")
    shifts = [0]
    if "\n" in text or "\r" in text or text[0].isspace():
        text, shifts = _unindented(text)
    _check(text, limits)
    try:
        tree = _tree(text)
    except SyntaxError as error:
        _refuse_keyword(text, shifts)
        number = error.lineno or 1
        shift = shifts[min(number, len(shifts)) - 1]
        line, message, column = text.split("\n")[number - 1], error.msg, max(error.offset or 1, 1)
        if message == "invalid decimal literal" and not line[column : column + 1].isascii():
            message, column = "invalid syntax", column + 1  # of 2π: so say later Pythons
        raise InvalidInput(
            _plainly(message, line, column), column + shift, number if len(shifts) > 1 else None
        ) from None
    except (MemoryError, RecursionError):
        raise LimitExceeded(
            f"the expression nests too deep; expected at most {limits.depth} brackets inside one another and "
            f"{limits.chain:,} operations in a row (half as many of **, which nest)"
        ) from None
    except ValueError as error:  # lone surrogates
        raise InvalidInput(f"the expression is no valid text: {error}") from None
    return tree, Source(text, shifts)


def _plainly(message: str, line: str, column: int) -> str:
    """What Python says of a line that is none of its own, said of what was written on paper: 2x, x², sin x, |x|."""
    at = column - 1
    one, other = re.search(r"(\w+)\s*$", line[:at]), re.match(r"\w+", line[at:])
    character = re.match(r"invalid character '(.)'", message)
    if character:
        instead = f"; write {_WRITTEN[character[1]]}" if character[1] in _WRITTEN else ""
        if instead.startswith("; write **") and one and lookup(one[1]):  # sin²(x)
            instead = f"; write {one[1]}(…){_WRITTEN[character[1]]}"
        return f"the character {character[1]!r} has no place in an expression{instead}"
    here = next((word[0] for word in re.finditer(r"\w+", line) if word.start() <= at <= word.end()), "")
    if message == "invalid decimal literal" and re.search(r"\d[^\W\d_]", here):
        return "a number and a name stand together; a product is written with *, as in 2*x"
    if message.startswith("cannot assign to"):
        return "only a name may stand before '='; expected an expression or 'name = expression'"
    if line[at : at + 1] == "|":
        return "'|' is no absolute value here; write Abs(x)"
    if message == "invalid syntax" and one and other and not {one[1], other[0]} & {*keyword.kwlist}:
        second = f"{other[0]}(…)" if lookup(other[0]) else other[0]
        expected = f"{one[1]}({second})" if lookup(one[1]) else f"{one[1]}*{second}"
        return f"nothing joins {one[1]!r} and {other[0]!r}; expected {expected}"
    return f"this is not an expression: {message}; expected something like {_EXAMPLE!r}"


def _refuse_keyword(text: str, shifts: list[int]) -> None:
    """Say of a text that is no Python syntax that it uses one of Python's own words as a name."""
    for found in _WORD.finditer(text):
        if keyword.iskeyword(word := found.group()) and word not in _USABLE:
            before = text.rfind("\n", 0, found.start())
            if "#" in text[before + 1 : found.start()]:
                continue
            line, column = text.count("\n", 0, found.start()) + 1, found.start() - before
            raise InvalidInput(
                f"{word!r} is a keyword of Python, not a name; expected another name, such as '{word}_'",
                column + shifts[line - 1],
                line if len(shifts) > 1 else None,
            )


def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except RecursionError:
        # Python 3.11 counts every operation of `a + b + c + …` as one level and stops at three times its own
        # recursion limit. A level costs its C stack about 100 bytes, so some thousand are harmless.
        limit = sys.getrecursionlimit()
        if limit >= _RECURSION:
            raise
        sys.setrecursionlimit(_RECURSION)
        try:
            return ast.parse(text)
        finally:
            sys.setrecursionlimit(limit)


def _unindented(text: str) -> tuple[str, list[int]]:
    """The text without the white space that begins its statements, and how much was taken from each line."""
    lines, shifts, depth = [], [], 0
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        kept = line if depth > 0 else line.lstrip()
        lines.append(kept)
        shifts.append(len(line) - len(kept))
        code = kept.partition("#")[0]
        depth += sum(map(code.count, _OPENING)) - sum(map(code.count, _CLOSING))
    return "\n".join(lines), shifts


def _check(text: str, limits: Limits) -> None:
    """Reject what would make Python's parser crash, warn or take long."""
    if sum(map(text.count, _OPENING)) > limits.depth:
        depth = 0
        for column, character in enumerate(text, 1):
            if character in _OPENING:
                depth += 1
                if depth > limits.depth:
                    raise LimitExceeded(
                        f"brackets nest too deep; expected at most {limits.depth} inside one another", column
                    )
            elif character in _CLOSING:
                depth -= 1
    if len(text) > limits.digits and (run := re.search(rf"[0-9_]{{{limits.digits + 1}}}", text)):
        raise LimitExceeded(
            f"a number has more than {limits.digits:,} digits; expected at most that many", run.start() + 1
        )
    for dot in "·\u0387":  # which Python takes for a part of a name
        if dot in text:
            raise InvalidInput("'·' has no place in an expression; write *", text.index(dot) + 1)
    for unwanted in "\\", "\0":
        if unwanted in text:
            raise InvalidInput(f"the character {unwanted!r} has no place in an expression", text.index(unwanted) + 1)
    if together := _RUN_TOGETHER.search(text):
        raise InvalidInput(
            f"{together.group()!r} is neither a number nor a name; expected an operator between the two",
            together.start() + 1,
        )


def decimal(text: str, limits: Limits) -> Fraction:
    """The exact value of a decimal such as ``0.1``, ``1e-3`` or ``1_000``.

    Raises:
        InvalidInput: the text is no finite decimal.
        LimitExceeded: written out it has too many digits.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is no decimal number") from None
    if not number.is_finite():
        raise InvalidInput(f"{text!r} is no finite decimal number")
    exponent = number.as_tuple().exponent
    if abs(number.adjusted()) > limits.digits or abs(int(exponent)) > limits.digits:
        raise LimitExceeded(
            f"the number {text[:40]} written out has too many digits; expected at most {limits.digits:,}"
        )
    return Fraction(*number.as_integer_ratio())


def fits(value: Fraction, limits: Limits) -> bool:
    """Whether an exact number is within the limit on digits."""
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    return bits * 0.30103 <= limits.digits + 1
