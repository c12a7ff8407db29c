"""The chain of a composite function as rows of data: forward values, local derivatives, backward derivatives.

A variable a and dy/da belong together, a function A and A'(x): whoever draws the chain (terminal, page) puts
them into the same column.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy.printing.str import StrPrinter

from ..engine.domains import holds
from ..engine.sweep import Execution
from ..engine.tape import Constant, Node, Tape, constant_as_float
from ..verifier.derivation import local_derivatives, node_symbols, output_name
from ..verifier.oracle.meanings import readable
from .digits import DIGITS, WIDE, short

_INFIX = {"add": "{} + {}", "sub": "{} - {}", "mul": "{}*{}", "div": "{}/{}", "pow": "{}**{}", "neg": "-{}"}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Local(NamedTuple):
    """A local derivative: by which argument, as an expression of the arguments, its value there, and of what.

    ``of`` is the name of the result, or the operation's letter where that would be the derivative over all paths.
    """

    by: str
    expression: str
    value: Any
    of: str


class Step(NamedTuple):
    """One node of the tape: a variable, what it is computed from, and what flows back to it.

    ``is_corner`` says that the slopes of the operation on its two sides differ here, see :meth:`.Execution.is_corner`.
    ``returned`` is what the engine returns by an input, where that is not ``adjoint``: see :func:`apart`.
    """

    name: str
    operation: str
    value: Any
    locals: tuple[Local, ...]
    adjoint: Any
    is_corner: bool = False
    returned: float | None = None


def apart(gradient: Mapping[str, Any], adjoints: Sequence[Any]) -> dict[int, float]:
    """What the engine returns by an input, where the sweep that is shown ends with another number.

    Where corners meet, the engine treats them for each variable by itself, and one sweep shows them in one way.

    Args:
        gradient: what :meth:`.Execution.reverse` returned, by input.
        adjoints: what it left, by node.
    """
    found = {}
    for index, partial in enumerate(gradient.values()):
        shown, returned = float(adjoints[index] or 0.0), float(partial)
        if not (math.isclose(shown, returned, rel_tol=1e-9) or math.isnan(shown) or math.isnan(returned)):
            found[index] = returned
    return found


def node_names(tape: Tape) -> list[str]:
    """A name for every node, as in the chain rule's products; constants are themselves, the output is y."""
    names = [str(symbol) for symbol in node_symbols(tape)]
    for index, node in enumerate(tape.nodes):
        if node.primitive is Constant:
            names[index] = number_text(node.consts[0])
    names[tape.output] = output_name(tape, names)
    return names


def function_letters(tape: Tape, taken: Collection[str]) -> dict[int, str]:
    """A capital letter for every operation that depends on an input, as a function of what it takes: A, B, C …"""
    letters = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in taken]
    active = [i for i in tape.operations if tape.active[i]]
    return {i: letters[place] if place < len(letters) else f"F{place + 1}" for place, i in enumerate(active)}


def own_letters(tape: Tape, taken: Collection[str]) -> dict[tuple[int, int], str]:
    """The letters that local derivatives are written with where the name of the result would have two meanings.

    For z = a + x the derivative of z by x is that over all paths, so the local one of the last operation is that of
    its letter: ∂D/∂x. In x*x both local derivatives are by x, so an index counts the arguments: ∂A₁/∂x and ∂A₂/∂x.

    Returns:
        Letters by operation and place among its arguments that depend on an input.
    """
    letters = function_letters(tape, taken)
    arguments = {i: [a for a in tape.nodes[i].args if tape.active[a]] for i in letters}
    uses = Counter(a for args in arguments.values() for a in args)
    found = {}
    for index, args in arguments.items():
        for place, argument in enumerate(args):
            if args.count(argument) > 1:
                found[index, place] = f"{letters[index]}{place + 1}"
            elif index == tape.output and uses[argument] > 1:
                found[index, place] = letters[index]
    return found


def number_text(value: Fraction | str | Any) -> str:
    """A constant of a tape as short text: 2, 1/3, 0.044715, pi."""
    if not isinstance(value, Fraction):
        return str(value)
    if value.denominator == 1 and abs(value.numerator) < 10**9:
        return str(value)
    if value.denominator < 1000 and abs(value.numerator) < 1000 and Fraction(repr(float(value))) != value:
        return str(value)  # 1/3, which no decimal is
    nearest = constant_as_float(value)
    if value and (math.isinf(nearest) or not nearest):  # a float names it no more
        with localcontext(WIDE) as context:
            context.prec = DIGITS
            return f"{(Decimal(value.numerator) / value.denominator).normalize():e}"
    return repr(nearest)


def _tight(text: str) -> str:
    """An operand, in brackets where an operator before or after it would bind otherwise."""
    return f"({text})" if text.startswith("-") or "/" in text else text


def operation(node: Node, names: list[str]) -> str:
    """What a node computes, in the names of its arguments: ``exp(a)``, ``x**2``, ``a + b``."""
    args = [names[a] for a in node.args]
    if node.primitive.name in _INFIX:
        return _INFIX[node.primitive.name].format(*map(_tight, args))
    consts = [number_text(c) for c in node.consts]
    if node.primitive.name == "powc":
        return f"{_tight(args[0])}**{_tight(consts[0])}"
    if node.primitive.name == "where":
        left, right, a, b = args
        return f"{a} if {left} {node.consts[0]} {right} else {b}"
    return f"{node.primitive.name}({', '.join([*args, *consts])})"


class _Textbook(StrPrinter):  # type: ignore[misc]  # SymPy ships no types
    """SymPy's text, but for branches, which read as in Python, and for numbers of very many digits."""

    def _print_Integer(self, expression: Any) -> str:
        return self._print_Rational(expression)

    def _print_Rational(self, expression: Any) -> str:
        if max(abs(expression.p), expression.q) < 10**16:
            return str(StrPrinter._print_Rational(self, expression))
        return number_text(Fraction(int(expression.p), int(expression.q)))

    def _print_Piecewise(self, expression: Any) -> str:
        *cases, last = expression.args
        branches = [f"{self._print(value)} if {self._print(condition)} else" for value, condition in cases]
        if last[1] != True:  # noqa: E712  # SymPy's own truth
            return f"({' '.join(branches)} {self._print(last[0])} if {self._print(last[1])} else nan)"
        return f"({' '.join([*branches, self._print(last[0])])})"


def written(expression: Any) -> str:
    """A SymPy expression in the notation of a textbook: ``exp(a)/2``, ``2x``, ``cos(a)²``."""
    text = _Textbook().doprint(expression)
    text = re.sub(r"\*\*(\d+)\b(?!\.)", lambda match: match[1].translate(_SUPERSCRIPTS), text)
    text = text.replace("**", "^").replace("*", "·")
    return re.sub(r"(?<![\w.·^])(\d+)·(?=[A-Za-z])", r"\1", text)


def product(expression: Any) -> str:
    """A sum of chain-rule products with its factors in their order: ``cos(a)·exp(b)·2x + b``."""
    paths = expression.args if isinstance(expression, sp.Add) and not _is_evaluated(expression) else [expression]
    return " + ".join(map(_path, paths))


def _is_evaluated(expression: Any) -> bool:
    """Whether SymPy itself would write the sum so: then it is one local derivative, not a sum over paths."""
    return bool(expression.func(*expression.args).args == expression.args)


def _path(term: Any) -> str:
    if not isinstance(term, sp.Mul) or _is_evaluated(term):
        return written(term)
    factors = [factor for factor in term.args if factor != 1]
    return "·".join(_factor(factor, len(factors)) for factor in factors) or "1"


def _factor(factor: Any, count: int) -> str:
    text = written(factor)
    unclear = factor.is_Add or text.startswith("-") or "/" in text
    return f"({text})" if unclear and count > 1 else text


def _words(derivative: Any) -> str:
    return "no closed form" if derivative is None else written(readable(derivative))


def steps(tape: Tape, point: Mapping[str, Any], dtype: Any = "float64") -> list[Step]:
    """Every variable and operation of a tape at one point, swept forward and backward by the own engine.

    Args:
        tape: the function.
        point: one number for each input.
        dtype: floating type of the sweep.
    """
    execution = Execution(tape, dtype)
    execution.forward({name: point[name] for name in tape.inputs})
    gradient = execution.reverse()
    assert execution.values is not None
    assert execution.adjoints is not None
    returned = apart(gradient, execution.adjoints)
    names, symbols = node_names(tape), node_symbols(tape)
    own, found = own_letters(tape, names), []
    for index, node in enumerate(tape.nodes):
        if node.primitive is Constant:
            continue
        is_input = index < len(tape.inputs)
        local: list[Local] = []
        if not is_input:
            with np.errstate(all="ignore"):
                values = execution.local(index)
            derivatives = local_derivatives(tape, index, symbols)
            active = [(k, a) for k, a in enumerate(node.args) if tape.active[a]]
            local = [
                Local(names[a], _words(derivatives[k]), values[k], own.get((index, place), names[index]))
                for place, (k, a) in enumerate(active)
            ]
        adjoint = execution.adjoints[index]
        text = "" if is_input else operation(node, names)
        value, corner = execution.values[index], execution.is_corner(index)
        flows = 0.0 if adjoint is None else adjoint
        found.append(Step(names[index], text, value, tuple(local), flows, corner, returned.get(index)))
    return found


class Outside(NamedTuple):
    """An operation, where it is real, and what its arguments are, as texts in the names of the function's values."""

    operation: str
    domain: str
    given: str

    def __str__(self) -> str:
        return f"{self.operation} is real where {self.domain}; here {self.given}"


def outside(tape: Tape, point: Mapping[str, Any], dtype: Any = "float64") -> Outside | None:
    """Which operation is the first that a point takes out of its domain; None if none is."""
    execution = Execution(tape, dtype)
    execution.forward({name: point[name] for name in tape.inputs})
    assert execution.values is not None
    every = node_names(tape)
    for index in tape.operations:
        node = tape.nodes[index]
        primitive = node.primitive
        arguments = {n: execution.values[a] for n, a in zip(primitive.arguments, node.args, strict=True)}
        if not holds(primitive.domain, {**arguments, **primitive.keywords(node.consts, constant_as_float)}):
            # an argument is called as in the function, where it has a name there, and not as in the operation
            names = dict(zip(primitive.arguments, (every[a] for a in node.args), strict=True))
            moving = [name for name, a in zip(primitive.arguments, node.args, strict=True) if tape.active[a]]
            given = ", ".join(f"{names[name]} = {short(arguments[name])}" for name in moving)
            return Outside(operation(node, every), _renamed(primitive, node, names), given)
    return None


#: Comparisons of a domain as mathematics writes them.
_RELATIONS = {"!=": "≠", "<=": "≤", ">=": "≥", "==": "="}


def _renamed(primitive: Any, node: Node, names: Mapping[str, str]) -> str:
    """The domain of an operation in the names of its arguments, its constants as numbers."""
    known = {**names, **dict(zip(primitive.constants, map(number_text, node.consts), strict=True))}
    domain = re.sub(r"\b[a-z_]\w*\b(?!\()", lambda found: known.get(found[0], found[0]), primitive.domain)
    return re.sub("[!<>=]=", lambda found: _RELATIONS[found[0]], domain)


def is_line(tape: Tape) -> bool:
    """Whether the function is one chain x → a → b → y: one input, each value used once, by the next."""
    operations = tape.operations
    previous = 0
    for index in operations:
        active = [a for a in tape.nodes[index].args if tape.active[a]]
        if active != [previous]:
            return False
        previous = index
    return len(tape.inputs) == 1 and previous == tape.output
