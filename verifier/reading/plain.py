"""Plain expressions, read in one pass over their tokens: most of what is verified in bulk.

The full reader walks Python's syntax tree, which takes longer than anything else that a verification does with a
small function. Here operators are reduced by precedence as their tokens come, into the very nodes that the full
reader records. A named statement is read where its name is first met, so that all nodes are in canonical order at
once. Whatever is not plain (conditions, powers of anything but a small constant, names with a meaning, each mistake)
is none of this module's business: it says so by None, and the full reader reads the text from its beginning.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ...engine.primitive import REGISTRY, Primitive
from ...engine.tape import Constant, Recorder, Tape, node
from . import vocabulary
from .builder import canonical

#: Longer texts are left to the full reader, with its limits, and are not kept.
LONGEST = 1500
DEEPEST = 100

#: A name, with the bracket that follows it; a number; a power with its constant exponent; or one other sign.
_TOKEN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\(?|[0-9]+(?:\.[0-9]+)?|\*\* *(?:-?[0-9]+|\(-?[0-9]+(?: */ *[0-9]+)?\))|\S")
_END = "\n"  # which no token is
_PRODUCTS = {"*": REGISTRY["mul"], "/": REGISTRY["div"]}
_SUMS = {"+": REGISTRY["add"], "-": REGISTRY["sub"]}
_NEG, _POWC = REGISTRY["neg"], REGISTRY["powc"]


def read_plain(text: str, variables: Sequence[str] | None = None) -> Tape | None:
    """The tape of a plain text; None if the full reader is needed.

    Args:
        text: an expression or statements, as :func:`.reader.read` takes them.
        variables: the inputs in their order; by default all free names in the order of their first appearance.
    """
    if text.count("(") > DEEPEST or text[:1] == " ":
        return None
    if not (text.isascii() and text.isprintable()):  # one line without tabs
        return None
    tokens = _TOKEN.findall(text)
    tokens += (_END, _END)
    statements: dict[str, int] = {}
    start = 0
    while tokens[start + 1] == "=":
        name = tokens[start]
        if tokens.index(name) != start or len(statements) == DEEPEST or not is_plain_name(name):
            return None  # the first: it occurs before it is given its meaning
        statements[name] = start + 2
        try:
            start = tokens.index(";", start) + 1
        except ValueError:
            return None
    if variables is None:
        variables = [token for token in dict.fromkeys(tokens) if is_plain_name(token) and token not in statements]
    elif not statements.keys().isdisjoint(variables):
        return None
    reading = _Pass(tokens, variables, statements)
    output = reading.value(start)
    if output is None or tokens[reading.end] != _END or reading.unread:
        return None
    reading.recorder.names = sorted(reading.given.items())
    tape = reading.recorder.tape(output)
    return canonical(tape) if reading.is_mixed else tape


class _Pass:
    """One pass over the tokens, from the last statement into those that it names.

    Args:
        tokens: of the text.
        variables: the inputs in their order.
        statements: the place of the first token of each named expression.
    """

    def __init__(self, tokens: list[str], variables: Sequence[str], statements: dict[str, int]) -> None:
        self.tokens, self.statements, self.unread = tokens, statements, set(statements)
        self.recorder = Recorder(dict.fromkeys(variables))
        #: The index of every name and constant met so far.
        self.names = {name: i for i, name in enumerate(self.recorder.inputs)}
        #: The names of statements by the nodes that they were given to.
        self.given: dict[int, str] = {}
        #: The place of the token behind the expression that was read last.
        self.end = 0
        #: Whether a function recorded several nodes, in an order of its own.
        self.is_mixed = False

    def value(self, start: int) -> int | None:
        """Record the expression that begins at a token and return its index; None where it is not plain."""
        tokens, names, nodes, i = self.tokens, self.names, self.recorder.nodes, start
        append = nodes.append
        # What waits for its right side: the operator of a sum and one of a product, each with its left side, and signs;
        # then the function between whose brackets this is, with its arguments so far.
        plus: type[Primitive] | None = None
        times: type[Primitive] | None = None
        left = factor = signs = 0
        function: Any = None
        args: list[int] = []
        outside: list[tuple[Any, ...]] = []
        while True:
            token = tokens[i]
            i += 1
            value = names.get(token)
            if value is None:
                if token[-1] == "(":
                    entry = None
                    if token != "(":
                        entry = _function(token)
                        if entry is None:
                            return None
                    outside.append((plus, left, times, factor, signs, function, args))
                    plus = times = None
                    signs, function, args = 0, entry, []
                    continue
                if token == "-":
                    if not tokens[i][0].isdigit() or tokens[i + 1][:2] == "**":
                        signs += 1
                        continue
                    token += tokens[i]
                    i += 1
                    value = names.get(token)
                if value is None:
                    value = self._leaf(token)
                    if value is None:
                        return None
            # a value has ended: what follows is an operator, a comma, a closing bracket or the end
            while True:
                token = tokens[i]
                i += 1
                if len(token) > 2:
                    consts = _exponent(token)
                    if consts is None or tokens[i][:2] == "**":
                        return None
                    append(node((_POWC, (value,), consts, ())))
                    value = len(nodes) - 1
                    token = tokens[i]
                    i += 1
                while signs:
                    append(node((_NEG, (value,), (), ())))
                    value = len(nodes) - 1
                    signs -= 1
                if times is not None:
                    append(node((times, (factor, value), (), ())))
                    value = len(nodes) - 1
                times = _PRODUCTS.get(token)
                if times is not None:
                    factor = value
                    break
                if plus is not None:
                    append(node((plus, (left, value), (), ())))
                    value = len(nodes) - 1
                plus = _SUMS.get(token)
                if plus is not None:
                    left = value
                    break
                if token == ")" and outside:
                    if isinstance(function, type):
                        if args:
                            return None
                        append(node((function, (value,), (), ())))
                        value = len(nodes) - 1
                    elif function is not None:
                        value = self._call(function, [*args, value])
                        if value is None:
                            return None
                    plus, left, times, factor, signs, function, args = outside.pop()
                elif token == "," and function is not None:
                    args.append(value)
                    break
                else:
                    self.end = i - 1
                    return None if outside or (token != ";" and token != _END) else value

    def _leaf(self, token: str) -> int | None:
        """The index of a constant or of a statement's value, met for the first time."""
        if token in self.unread:
            self.unread.remove(token)
            index = self.value(self.statements[token])
            if index is not None:
                self._give_name(index, token)
        else:
            number = token if token == "pi" or token == "E" else _number(token)
            index = None if number is None else self.recorder.constant(number)
        if index is not None:
            self.names[token] = index
        return index

    def _give_name(self, index: int, name: str) -> None:
        """Name a node after its statement, if it has no name yet and is neither a variable nor a number."""
        if index >= len(self.recorder.inputs) and index not in self.given:
            primitive, _, consts, _ = self.recorder.nodes[index]
            if not (primitive is Constant and isinstance(consts[0], Fraction)):
                self.given[index] = name

    def _call(self, entry: vocabulary.Word | vocabulary.Form, args: list[int]) -> int | None:
        """Record a function of several arguments, or one that may record several nodes."""
        if isinstance(entry, vocabulary.Word):
            return self.recorder.add(entry.primitive, tuple(args)) if len(args) == entry.arity else None
        if vocabulary.wrong_count(entry, len(args)) is not None:
            return None
        before = len(self.recorder.nodes)
        index = entry.build(self.recorder, args)
        self.is_mixed = self.is_mixed or len(self.recorder.nodes) > before + 1
        return index


@lru_cache(maxsize=4096)
def _number(text: str) -> Fraction | None:
    """The exact value of a number as it is written; None if that is not how Python writes it."""
    digits = text.removeprefix("-")
    if not digits[0].isdigit() or len(text) > 25 or (digits[0] == "0" and digits.isdigit() and digits != "0"):
        return None
    return Fraction(text)


@lru_cache(maxsize=4096)
def _exponent(token: str) -> tuple[Fraction] | None:
    """The constant of a power ``**2``, ``**-2``, ``**(1/2)`` or ``**(-1/2)``; None for any other token."""
    if token[:2] != "**":
        return None
    numerator, _, denominator = token[2:].replace(" ", "").strip("()").partition("/")
    p, q = _number(numerator), _number(denominator or "1")
    return None if p is None or not q or abs(p) > 60 else (p / q,)


@lru_cache(maxsize=4096)
def _function(token: str) -> type[Primitive] | vocabulary.Word | vocabulary.Form | None:
    """What a name with its bracket records, if it takes nothing but numbers that may vary."""
    entry = vocabulary.lookup(token[:-1])
    if isinstance(entry, vocabulary.Word):
        if entry.constants:
            return None
        return entry.primitive if entry.arity == 1 else entry
    return entry if isinstance(entry, vocabulary.Form) else None


@lru_cache(maxsize=4096)
def is_plain_name(name: str) -> bool:
    """Whether a name is free to be given to a variable or to an intermediate value."""
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
        return False
    return name not in vocabulary.RESERVED
