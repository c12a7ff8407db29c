"""The chain rule written out: each adjoint as SymPy's product of local derivatives, summed over paths."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, count
from typing import Any

import sympy as sp

from ..engine.tape import Constant, Tape
from .oracle.meanings import exact_rational, readable
from .oracle.rules import rule_of

#: Paths from the output to a node that are written out; more would be read by nobody.
MOST_PATHS = 64


def node_symbols(tape: Tape) -> list[Any]:
    """A symbol for every node: inputs and named nodes by their names, others a, b, c … or v12; constants themselves."""
    names = dict(tape.names)
    taken = set(tape.inputs) | set(names.values()) | {"y"}
    letters = (c for c in "abcdefghijklmnopqrstuvw" if c not in taken)
    short = len(tape.operations) <= 20
    result: list[Any] = []
    for i, node in enumerate(tape.nodes):
        if node.primitive is Constant:
            result.append(exact_rational(node.consts[0]))
        elif i < len(tape.inputs):
            result.append(sp.Symbol(tape.inputs[i], real=True))
        elif i in names:
            result.append(sp.Symbol(names[i], real=True))
        else:
            result.append(sp.Symbol((next(letters, "") if short else "") or f"v{i}", real=True))
    return result


def output_name(tape: Tape, names: Iterable[Any]) -> str:
    """What the function's value is called: the author's name for it, an input's if it is one, else y (or z …).

    Args:
        names: of all nodes, of which the new name must be none.
    """
    taken = [str(name) for name in names]
    if tape.output < len(tape.inputs) or tape.output in dict(tape.names):
        return taken[tape.output]
    return next(name for name in chain(("y", "z"), map("y{}".format, count())) if name not in taken)


def local_derivatives(tape: Tape, i: int, symbols: list[Any]) -> list[Any]:
    """SymPy's derivatives of node i by its arguments, in the symbols of the nodes.

    None where none is known, and by arguments that depend on no input: of polygamma(1, 1e308) SymPy would evaluate it,
    as a sum of as many terms.
    """
    node = tape.nodes[i]
    rule = rule_of(node.primitive, node.consts)
    at = dict(zip(rule.symbols, (symbols[a] for a in node.args), strict=True))
    return [
        d.xreplace(at) if d is not None and tape.active[a] else None
        for a, d in zip(node.args, rule.derivatives, strict=True)
    ]


def chain_products(tape: Tape) -> dict[str, Any]:
    """dy/d(input) for each input: products of local derivatives from the output side, one a path, summed.

    Every factor is in the symbols of :func:`node_symbols`; nothing is multiplied out or evaluated, so
    ``exp(sin(x)*y)`` gives ``dy/dx = exp(b)·y·cos(x)``. Adjoints of nodes that are used more than once are
    written out at each use; one to which more than ``MOST_PATHS`` paths lead is left as its symbol ``dy/da``.
    """
    symbols = node_symbols(tape)
    output = output_name(tape, symbols)
    adjoints: dict[int, list[Any]] = {tape.output: [()]}
    for i in range(tape.output, len(tape.inputs) - 1, -1):
        paths = adjoints.pop(i, None)  # which go on to the arguments: in a long chain each is as long as it
        if paths is None or tape.nodes[i].primitive is Constant:
            continue
        if len(paths) > MOST_PATHS:
            paths = [(sp.Symbol(f"d{output}/d{symbols[i]}", real=True),)]
        for a, d in zip(tape.nodes[i].args, local_derivatives(tape, i, symbols), strict=True):
            if tape.active[a] and d != 0:
                adjoints.setdefault(a, []).extend((*path, d) for path in paths)
    return {name: _sum(adjoints.get(i, [])) for i, name in enumerate(tape.inputs)}


def _sum(paths: list[tuple[Any, ...]]) -> Any:
    if any(d is None for path in paths for d in path):
        return None
    terms = [sp.Mul(*(readable(d) for d in path), evaluate=False) if path else sp.S.One for path in paths]
    if not terms:
        return sp.S.Zero
    return terms[0] if len(terms) == 1 else sp.Add(*terms, evaluate=False)
