"""Formulas as trees that say what is drawn, not what it is worth: brackets are put in when a tree is built.

A tape is drawn as its author wrote it. SymPy's printers rewrite (``exp(x**2)**2`` becomes ``exp(2*x**2)``, or loses
its brackets), so formulas of tapes never pass through SymPy; its local derivatives are drawn by :func:`of_sympy`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple
from unicodedata import east_asian_width

import sympy as sp

from ..engine.tape import Constant, Node, Tape
from ..verifier.oracle.meanings import readable
from .chain import number_text

# How tightly a formula binds; one that binds less than its place asks for is put in brackets.
SUM, SIGNED, PRODUCT, POWER, ATOM = range(5)


_BELOW = {ord(str(digit)): chr(0x2080 + digit) for digit in range(10)}


class Tree(NamedTuple):
    """A formula.

    Attributes:
        kind: ``name number sign row power quotient root fenced cases otherwise``; a writer knows no others.
        binding: how tightly it holds together, from ``SUM`` to ``ATOM``.
        text: of a name, a number or a sign; the two brackets of ``fenced``.
        parts: the formulas it is made of.
    """

    kind: str
    binding: int = ATOM
    text: str = ""
    parts: tuple[Tree, ...] = ()


def name(text: str) -> Tree:
    """A variable or a function."""
    return Tree("name", ATOM, text)


def indexed(text: str) -> tuple[str, str]:
    """A name as its letter and the number below it: ``w1`` and ``w_1`` are w with the index 1; else the index is empty.

    Longer names stay as they are: the number of ``atan2`` is no index.
    """
    found = re.fullmatch(r"([^\W\d_])_?(\d+)", text)
    return (found[1], found[2]) if found else (text, "")


def columns(text: str) -> int:
    """How wide a text is, in letters of Latin: those of Korean, Chinese and Japanese are as wide as two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def subscripted(text: str) -> str:
    """A name in plain text: ``w1`` is w₁."""
    letter, index = indexed(text)
    return letter + index.translate(_BELOW)


def number(text: str) -> Tree:
    """A number; a negative one binds like a sign."""
    text = text.replace("-", "−")
    return Tree("number", SIGNED if text.startswith("−") else ATOM, text)


def sign(text: str) -> Tree:
    """An operator."""
    return Tree("sign", ATOM, text)


def row(*parts: Tree, binding: int = SUM) -> Tree:
    """Parts beside each other."""
    return Tree("row", binding, "", parts)


def fenced(body: Tree, brackets: str = "()") -> Tree:
    """A formula in brackets that grow with it."""
    return Tree("fenced", ATOM, brackets, (body,))


def within(tree: Tree, least: int) -> Tree:
    """The formula as an operand that must bind at least so tightly."""
    return tree if tree.binding >= least else fenced(tree)


def plus(first: Tree, *rest: Tree) -> Tree:
    """A sum; a later term that begins with a minus stands in brackets."""
    parts = [first]
    for term in rest:
        parts += [sign("+"), within(term, PRODUCT)]
    return row(*parts)


def minus(left: Tree, right: Tree) -> Tree:
    """A difference."""
    return row(left, sign("−"), within(right, PRODUCT))


def negative(body: Tree) -> Tree:
    """The opposite number."""
    return row(sign("−"), within(body, PRODUCT), binding=SIGNED)


def times(*factors: Tree) -> Tree:
    """A product: 2x without a dot, a·b with one; −2x binds like the minus that it begins with."""
    leads = factors[0].kind == "number"
    parts = [factors[0] if leads else within(factors[0], PRODUCT)]
    for factor in factors[1:]:
        operand = within(factor, POWER)
        close = len(parts) == 1 and leads and not _begins_with_digit(operand)
        parts += [sign("\u2062" if close else "·"), operand]
    return row(*parts, binding=min(PRODUCT, factors[0].binding) if leads else PRODUCT)


def _begins_with_digit(tree: Tree) -> bool:
    if tree.kind in ("row", "power"):
        return _begins_with_digit(tree.parts[0])
    return tree.kind in ("number", "quotient")


def quotient(top: Tree, bottom: Tree) -> Tree:
    """A fraction: its bar is bracket enough inside a sum or a product, not under an exponent."""
    return Tree("quotient", POWER, "", (top, bottom))


def power(base: Tree, exponent: Tree) -> Tree:
    """A power; a function's value is bracketed: (sin(x))² is not sin(x²)."""
    simple = base.binding == ATOM and base.kind != "row"
    return Tree("power", POWER, "", (base if simple else fenced(base), exponent))


def root(body: Tree, index: Tree | None = None) -> Tree:
    """A square root, or one of another index."""
    return Tree("root", ATOM, "", (body,) if index is None else (body, index))


def applied(function: str | Tree, *arguments: Tree) -> Tree:
    """A function's value: f(a, b)."""
    inside: list[Tree] = []
    for argument in arguments:
        inside += [sign(","), argument] if inside else [argument]
    head = name(function) if isinstance(function, str) else function
    return row(head, fenced(row(*inside) if len(inside) > 1 else inside[0]), binding=ATOM)


def cases(branches: Sequence[tuple[Tree, Tree | None]]) -> Tree:
    """Values by condition; None stands for all other cases."""
    parts: list[Tree] = []
    for value, condition in branches:
        parts += [value, Tree("otherwise") if condition is None else condition]
    return Tree("cases", ATOM, "", tuple(parts))


_E = name("e")
_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "==": "=", "<": "<", ">": ">"}
#: Names of textbooks where they are not the primitive's.
_TEXTBOOK = {f"a{f}": f"arc{f}" for f in ("sin", "cos", "tan", "cot", "sec", "csc")} | {
    "sigmoid": "σ",
    "maximum": "max",
    "minimum": "min",
    "gamma": "Γ",
    "i0": "I0",
    "i1": "I1",
    "digamma": "ψ",
    "Max": "max",
    "Min": "min",
    "heaviside": "H",
    "Heaviside": "H",
}
_WRITERS: dict[str, Callable[..., Tree]] = {
    "add": plus,
    "sub": minus,
    "mul": times,
    "div": quotient,
    "neg": negative,
    "pow": power,
    "powc": power,
    "sqrt": root,
    "cbrt": lambda x: root(x, number("3")),
    "square": lambda x: power(x, number("2")),
    "reciprocal": lambda x: quotient(number("1"), x),
    "exp": lambda x: power(_E, x),
    "expm1": lambda x: minus(power(_E, x), number("1")),
    "exp2": lambda x: power(number("2"), x),
    "log1p": lambda x: applied("log", plus(number("1"), x)),
    "abs": lambda x: fenced(x, "||"),
    "floor": lambda x: fenced(x, "⌊⌋"),
    "ceil": lambda x: fenced(x, "⌈⌉"),
}


def constant(value: Fraction | str) -> Tree:
    """A constant of a tape."""
    if value == "pi":
        return name("π")
    if value == "E":
        return _E
    text = number_text(value)
    top, slash, bottom = text.partition("/")
    if not slash:
        return number(text)
    fraction = quotient(number(top.removeprefix("-")), number(bottom))
    return negative(fraction) if top.startswith("-") else fraction


def operation(node: Node, arguments: Sequence[Tree]) -> Tree:
    """What one operation computes, of the formulas of its arguments."""
    kind = node.primitive.name
    if kind == "where":
        left, right, chosen, otherwise = arguments
        return cases([(chosen, row(left, sign(_SIGNS[node.consts[0]]), right)), (otherwise, None)])
    constants = [constant(value) for value in node.consts]
    writer = _WRITERS.get(kind)
    if writer is not None:
        return writer(*arguments, *constants)
    return applied(_TEXTBOOK.get(kind, kind), *arguments, *constants)


def formulas(tape: Tape, names: Mapping[int, str]) -> list[Tree]:
    """A formula for every node, of the nodes that bear a name; that of a named node is its own definition.

    Args:
        tape: the function.
        names: what stands in later formulas for a node; nodes without one are written out where they are used.
    """
    written: list[Tree] = []
    standing: list[Tree] = []
    for index, node in enumerate(tape.nodes):
        if index < len(tape.inputs):
            tree = name(tape.inputs[index])
        elif node.primitive is Constant:
            tree = constant(node.consts[0])
        else:
            tree = operation(node, [standing[a] for a in node.args])
        written.append(tree)
        standing.append(name(names[index]) if index in names else tree)
    return written


def is_larger(tree: Tree, most: int) -> bool:
    """Whether a formula, written out, has more than so many parts; parts that are shared count each time."""
    stack, count = [tree], 0
    while stack:
        count += 1
        if count > most:
            return True
        stack.extend(stack.pop().parts)
    return False


def of_sympy(expression: Any, names: Mapping[str, Tree] | None = None) -> Tree:
    """A SymPy expression in a textbook's notation.

    Args:
        expression: an expression, our own Choose and Floor included.
        names: formulas that stand for symbols; a symbol without one is written by its name.
    """
    return _sympy(readable(expression), names or {})


def _sympy(e: Any, names: Mapping[str, Tree]) -> Tree:
    def inner(part: Any) -> Tree:
        return _sympy(part, names)

    if e.is_Symbol:
        return names.get(e.name) or name(e.name)
    if e.is_Rational:
        return constant(Fraction(int(e.p), int(e.q)))
    if e is sp.pi or e is sp.E:
        return name("π") if e is sp.pi else _E
    if e.is_Add:
        return _sum(e, inner)
    if e.is_Mul:
        return _product(e, inner)
    if isinstance(e, sp.exp):
        return power(_E, inner(e.args[0])) if not _falls(e) else quotient(number("1"), inner(1 / e))
    if e.is_Pow:
        base, exponent = e.args
        if _falls(e):
            return quotient(number("1"), inner(1 / e))
        if exponent == sp.S.Half:
            return root(inner(base))
        return power(inner(base), inner(exponent))
    if isinstance(e, sp.Piecewise):
        return cases([(inner(value), None if condition == True else inner(condition)) for value, condition in e.args])  # noqa: E712
    if isinstance(e, sp.core.relational.Relational):
        return row(inner(e.lhs), sign(_SIGNS[e.rel_op]), inner(e.rhs))
    brackets = {sp.Abs: "||", sp.floor: "⌊⌋", sp.ceiling: "⌈⌉"}.get(e.func)
    if brackets:
        return fenced(inner(e.args[0]), brackets)
    if not e.args:
        return name(str(e))
    return applied(_TEXTBOOK.get(e.func.__name__, e.func.__name__), *map(inner, e.args))


def _falls(e: Any) -> bool:
    """Whether a power is written below a bar: its exponent is a negative number, or minus something."""
    exponent = e.args[0] if isinstance(e, sp.exp) else e.args[1] if e.is_Pow else None
    return exponent is not None and bool(exponent.could_extract_minus_sign()) and not exponent.is_Add


def _sum(e: Any, inner: Callable[[Any], Tree]) -> Tree:
    terms = sorted(e.as_ordered_terms(), key=lambda term: bool(term.could_extract_minus_sign()))
    parts = [inner(terms[0])]
    for term in terms[1:]:
        falls = term.could_extract_minus_sign()
        parts += [sign("−" if falls else "+"), within(inner(-term if falls else term), PRODUCT)]
    return row(*parts)


def _product(e: Any, inner: Callable[[Any], Tree]) -> Tree:
    coefficient, rest = e.as_coeff_Mul()
    if coefficient.is_negative:
        return negative(inner(-coefficient * rest))
    above, below = [], []
    for factor in rest.as_ordered_factors():
        if _falls(factor):
            below.append(1 / factor)
        else:
            above.append(factor)
    if coefficient.is_Rational:
        above = [sp.Integer(coefficient.p), *above] if coefficient.p != 1 else above
        below = [sp.Integer(coefficient.q), *below] if coefficient.q != 1 else below
    else:
        above = [coefficient, *above] if coefficient != 1 else above
    top = times(*map(inner, above)) if len(above) > 1 else inner(above[0]) if above else number("1")
    if not below:
        return top
    return quotient(top, times(*map(inner, below)) if len(below) > 1 else inner(below[0]))
