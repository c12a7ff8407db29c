"""Plain expressions, read in one pass over their tokens: most of what is verified in bulk.

The full reader walks Python's syntax tree, which takes longer than anything else that a verification does with a
small function. Here operators are reduced by precedence as their tokens come, into the very nodes that the full
reader records. Whatever is not plain (conditions, powers of anything but a small constant, names with a meaning, each
mistake) is none of this module's business: it says so by None, and the full reader reads the text from its beginning.
"""

from __future__ import annotations

import keyword
import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ..engine.primitive import REGISTRY
from ..engine.tape import Tape
from . import vocabulary
from .builder import Builder

#: Longer texts are left to the full reader, with its limits, and are not kept.
LONGEST = 1500
DEEPEST = 100

_TOKEN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|[0-9]+(?:\.[0-9]+)?|\*\*|\S")
_END = "\n"  # which no token is
_BRACKET, _MINUS = 0, 3
#: Precedence and primitive of each operator; a bracket reduces nothing.
_OPERATORS = {
    "+": (1, REGISTRY["add"]),
    "-": (1, REGISTRY["sub"]),
    "*": (2, REGISTRY["mul"]),
    "/": (2, REGISTRY["div"]),
}
_NEG, _POWC = REGISTRY["neg"], REGISTRY["powc"]


@lru_cache(maxsize=4096)
def _number(text: str) -> Fraction | None:
    """The exact value of a number as it is written; None if that is not how Python writes it."""
    if len(text) > 25 or (text[0] == "0" and text.isdigit() and text != "0"):
        return None
    return Fraction(text)


@lru_cache(maxsize=4096)
def _exponent(sign: str, numerator: str, denominator: str) -> Fraction | None:
    p, q = _number(numerator), _number(denominator)
    if p is None or q is None or not q or abs(p) > 60 or p.denominator != 1 or q.denominator != 1:
        return None
    return -p / q if sign else p / q


def read_plain(text: str, builder: Builder) -> Tape | None:
    """The tape of a plain text, recorded on a fresh builder; None if the full reader is needed."""
    if text.count("(") > DEEPEST or text[:1] == " ":
        return None
    if not (text.isascii() and text.isprintable()):  # one line without tabs
        return None
    tokens = _TOKEN.findall(text)
    tokens += (_END, _END, _END, _END, _END, _END)
    return _Pass(tokens, builder).read()


class _Pass:
    """One pass over the tokens, statement by statement."""

    def __init__(self, tokens: list[str], builder: Builder) -> None:
        self.tokens, self.builder = tokens, builder
        self.names: dict[str, int] = dict(builder.variables)
        self.at = 0

    def read(self) -> Tape | None:
        tokens, builder = self.tokens, self.builder
        named: set[int] = set()
        single = True
        while tokens[self.at + 1] == "=":
            name = tokens[self.at]
            self.at += 2
            output = self.value()
            if output is None or tokens[self.at] != ";" or name in self.names or not is_plain_name(name):
                return None
            self.at += 1
            single = False
            self.names[name] = output
            if output >= 0 and builder.value(output) is None and output not in named:
                named.add(output)
                builder.names.append((output, name))
        output = self.value()
        if output is None or tokens[self.at] != _END:
            return None
        if single and output + 1 == len(builder.nodes):
            return builder.tape(output)
        return builder.canonical_tape(output)

    def value(self) -> int | None:
        """Record one expression; None where it is not plain. Ends at the token behind it."""
        tokens, names, builder, i = self.tokens, self.names, self.builder, self.at
        add = builder.add
        operators: list[Any] = []
        values: list[int] = []
        while True:
            token = tokens[i]
            index = names.get(token)
            if index is not None and tokens[i + 1] != "(":
                values.append(index)
                i += 1
            elif token[0].isdigit():
                number = _number(token)
                if number is None:
                    return None
                index = names[token] = builder.constant(number)
                values.append(index)
                i += 1
            elif token == "(":
                operators.append((_BRACKET, None, 0))
                i += 1
                continue
            elif token == "-":
                if tokens[i + 1][0].isdigit() and tokens[i + 2] != "**":
                    number = _number(tokens[i + 1])
                    if number is None:
                        return None
                    values.append(builder.constant(-number))
                    i += 2
                else:
                    operators.append((_MINUS, _NEG, 0))
                    i += 1
                    continue
            elif tokens[i + 1] == "(":
                entry = _function(token)
                if entry is None:
                    return None
                operators.append((_BRACKET, entry, len(values)))
                i += 2
                continue
            elif token == "pi" or token == "E":
                index = names[token] = builder.constant(token)
                values.append(index)
                i += 1
            else:
                if not is_plain_name(token):
                    return None
                try:
                    index = names[token] = builder.variable(token)
                except KeyError:
                    return None
                values.append(index)
                i += 1
            # a value has ended: what follows is an operator, a comma, a closing bracket or the end
            while True:
                token = tokens[i]
                if token == "**":
                    found = _power(tokens, i + 1)
                    if found is None:
                        return None
                    exponent, i = found
                    values[-1] = add(_POWC, (values[-1],), (exponent,))
                    continue
                operator = _OPERATORS.get(token)
                precedence = operator[0] if operator else 1
                while operators and operators[-1][0] >= precedence:
                    kind, primitive, _ = operators.pop()
                    if kind == _MINUS:
                        values[-1] = add(primitive, (values[-1],))
                    else:
                        right = values.pop()
                        values[-1] = add(primitive, (values[-1], right))
                if operator:
                    operators.append((*operator, 0))
                    i += 1
                    break
                if not operators:
                    self.at = i
                    return values[0] if token == ";" or token == _END else None
                _, entry, before = operators[-1]
                if token == "," and entry is not None:
                    i += 1
                    break
                if token != ")":
                    return None
                operators.pop()
                i += 1
                if entry is not None:
                    args = values[before:]
                    del values[before:]
                    if isinstance(entry, vocabulary.Form):
                        if vocabulary.wrong_count(entry, len(args)) is not None:
                            return None
                        values.append(entry.build(builder, args))
                    elif len(args) != entry.arity:
                        return None
                    else:
                        values.append(add(entry.primitive, tuple(args)))


@lru_cache(maxsize=4096)
def _function(name: str) -> vocabulary.Word | vocabulary.Form | None:
    """What a name in front of a bracket records, if it takes nothing but numbers that may vary."""
    entry = vocabulary.lookup(name)
    if isinstance(entry, vocabulary.Word):
        return None if entry.constants else entry
    return entry if isinstance(entry, vocabulary.Form) else None


def _power(tokens: list[str], i: int) -> tuple[Fraction, int] | None:
    """A constant exponent ``2``, ``-2``, ``(1/2)`` or ``(-1/2)`` and the place behind it; None for any other."""
    bracket = tokens[i] == "("
    i += bracket
    sign = "-" if tokens[i] == "-" else ""
    i += bool(sign)
    numerator, denominator = tokens[i], "1"
    i += 1
    if bracket:
        if tokens[i] == "/":
            denominator = tokens[i + 1]
            i += 2
        if tokens[i] != ")":
            return None
        i += 1
    if tokens[i] == "**" or not (numerator[0].isdigit() and denominator[0].isdigit()):
        return None
    exponent = _exponent(sign, numerator, denominator)
    return None if exponent is None else (exponent, i)


@lru_cache(maxsize=4096)
def is_plain_name(name: str) -> bool:
    """Whether a name is free to be given to a variable or to an intermediate value."""
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
        return False
    return name not in vocabulary.RESERVED
