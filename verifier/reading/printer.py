"""Writing a tape as text: what is written reads back as the same function, operation by operation.

An operation that is used more than once, or that its author named, becomes a statement of its own (``v4 =
…``), so the text is linear in the size of the tape. Brackets stand only where the tree needs them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ...engine.tape import Constant, Node, Tape
from . import vocabulary
from .builder import canonical
from .plain import is_plain_name

# How tightly a text binds; an operand that binds less than its place asks for is put in brackets.
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)

#: Primitives that are written with an operator: symbol, own binding, what the left and the right operand must
#: have.
INFIX = {
    "add": (" + ", SUM, SUM, PRODUCT),
    "sub": (" - ", SUM, SUM, PRODUCT),
    "mul": ("*", PRODUCT, PRODUCT, SIGN),
    "div": ("/", PRODUCT, PRODUCT, SIGN),
    "pow": ("**", POWER, ATOM, SIGN),
}
#: SymPy's spelling where it is not the primitive's own.
SPELLING = {
    "abs": "Abs",
    "maximum": "Max",
    "minimum": "Min",
    "mod": "Mod",
    "ceil": "ceiling",
    "heaviside": "Heaviside",
}
#: Where a text gets longer or nests deeper than this, it becomes a statement, so that it can be read back.
LONGEST, DEEPEST = 2_000, 60
#: With ``inline``, how long a text may be that is written out at each of its uses.
SHORT = 40
#: How the value of a Piecewise without a last branch is written elsewhere.
NAN = 'Float("nan")'
#: The longest decimal; a number with more digits is written as a quotient.
DIGITS = 17


class Text(NamedTuple):
    """What is written for a node: the text, how tightly it binds, how deep its brackets nest.

    ``branches`` keeps the text of a Piecewise open, so that one in its last branch is written into it.
    """

    text: str
    binding: int
    depth: int = 0
    branches: str = ""

    def within(self, least: int) -> str:
        """The text as an operand that must bind at least so tightly."""
        return self.text if self.binding >= least else f"({self.text})"


def write(tape: Tape, node: int | None = None, *, inline: bool = False) -> str:
    """The expression of a tape, or of one of its nodes.

    Args:
        tape: the function.
        node: index of the node whose value is meant; the tape's output by default.
        inline: write short operations out wherever they are used; only long shared ones keep a name.

    Returns:
        Statements joined by ``; ``, the last one being the function. Variables that bear a function's name
        read back if the reader is given the names of the variables.
    """
    if node is not None:
        tape = Tape(tape.nodes, tape.inputs, node, tape.names)
    tape = canonical(tape)
    first = len(tape.inputs)
    uses = [0] * len(tape)
    for operation in tape.nodes:
        for argument in operation.args:
            uses[argument] += 1
    names = _Names(tape)
    texts = [Text(name, ATOM) for name in tape.inputs]
    statements = []
    for index in range(first, len(tape)):
        operation = tape.nodes[index]
        if operation.primitive is Constant:
            texts.append(constant(operation.consts[0]))
            continue
        text = _operation(operation, [texts[a] for a in operation.args], tape)
        named = not inline and index in names.given
        if index != tape.output:
            several = uses[index] > 1 and not (inline and len(text.text) <= SHORT)
            if several or named or len(text.text) > LONGEST or text.depth > DEEPEST:
                name = names.of(index)
                statements.append(f"{name} = {text.text}")
                text = Text(name, ATOM)
        elif named:
            text = Text(f"{names.of(index)} = {text.text}", SUM)
        texts.append(text)
    return "; ".join([*statements, texts[tape.output].text])


class _Names:
    """Names for statements: the author's where they can be read back, else v and the node's number."""

    def __init__(self, tape: Tape) -> None:
        self._taken = set(tape.inputs)
        self.given: dict[int, str] = {}
        for index, name in tape.names:
            if index >= len(tape.inputs) and index not in self.given and self._free(name):
                self.given[index] = name
                self._taken.add(name)

    def _free(self, name: str) -> bool:
        return is_plain_name(name) and name not in self._taken

    def of(self, index: int) -> str:
        name = self.given.get(index)
        number = index
        while name is None:
            candidate = f"v{number}"
            if candidate not in self._taken:
                name = self.given[index] = candidate
                self._taken.add(candidate)
            number += 1
        return name


def _operation(node: Node, args: list[Text], tape: Tape) -> Text:
    name, depth = node.primitive.name, max((a.depth for a in args), default=0) + 1
    if name == "neg":
        # "-3" would read back as the constant -3
        if args[0].text[:1].isdigit() and args[0].binding == ATOM:
            return Text(f"neg({args[0].text})", ATOM, depth)
        return Text(f"-{args[0].within(SIGN)}", SIGN, depth)
    if name == "powc":
        return Text(f"{args[0].within(ATOM)}**{_exponent(node.consts[0])}", POWER, depth)
    # an exponent that is an exact constant would read back as one, not as an operation
    if name in INFIX and (name != "pow" or tape.active[node.args[1]] or args[1].text in ("pi", "E")):
        symbol, binding, *least = INFIX[name]
        return Text(args[0].within(least[0]) + symbol + args[1].within(least[1]), binding, depth)
    if name == "where":
        left, right, chosen, otherwise = args
        # what stands in the last place may be a Piecewise itself: its branches follow
        branches = f"({chosen.text}, {left.text} {node.consts[0]} {right.text})"
        if otherwise.branches:
            branches += f", {otherwise.branches}"
        elif otherwise.text != NAN:  # which is what a Piecewise has where no condition holds
            branches += f", ({otherwise.text}, True)"
        return Text(f"Piecewise({branches})", ATOM, depth + 2, branches)
    parts = [a.text for a in args]
    if node.consts != vocabulary.DEFAULTS.get(name):
        parts += [constant(value).text for value in node.consts]
    return Text(f"{SPELLING.get(name, name)}({', '.join(parts)})", ATOM, depth)


def _exponent(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    if value.denominator <= 1000:
        return f"({value})"
    text = constant(value)
    return text.within(SIGN)


def constant(value: Fraction | str) -> Text:
    """An exact number: a decimal where it is a short one, else a quotient."""
    if isinstance(value, str):
        return Text(value, ATOM) if value in ("pi", "E") else Text(f'Float("{value}")', ATOM, 1)
    shortest = _decimal(abs(value))
    if shortest is None:
        if value.denominator == 1:
            shortest = str(abs(value))
        else:
            return Text(f"Rational({value.numerator}, {value.denominator})", ATOM, 1)
    return Text(f"-{shortest}", SIGN) if value < 0 else Text(shortest, ATOM)


def _decimal(value: Fraction) -> str | None:
    """A number from 0 as a decimal of few digits, None if it is none."""
    rest, exponent = value.denominator, 0
    for prime in 2, 5:
        count = 0
        while rest % prime == 0:
            rest //= prime
            count += 1
        exponent = max(exponent, count)
    if rest != 1:
        return None
    digits = str(value.numerator * 10**exponent // value.denominator)
    stripped = digits.rstrip("0") or "0"
    if len(stripped) > DIGITS:
        return None
    exponent -= len(digits) - len(stripped)
    if stripped == "0":
        return "0"
    if -DIGITS < exponent <= 0:
        return stripped + "0" * -exponent
    if 0 < exponent <= DIGITS:
        padded = stripped.rjust(exponent + 1, "0")
        return f"{padded[:-exponent]}.{padded[-exponent:]}"
    return f"{stripped}e{-exponent}"
