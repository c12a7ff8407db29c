"""The chain rule of one function at one point as equations: in symbols, as formulas, in numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from markupsafe import Markup

from ..digits import typeset
from ..mathml import math as mathml
from ..mathml import write
from ..notation import letters, ratio
from ..strokes import shown
from ..trees import POWER, Tree, fenced, name, number, sign, within
from .trace import Edge, Suspect, Trace

#: Paths and factors of a path up to which a product is written out.
MOST_PATHS, MOST_FACTORS = 4, 12


class Product(NamedTuple):
    """The derivative by one input.

    Attributes:
        name: of the input.
        lines: the sum over paths in symbols, as formulas and in numbers; empty where it is too long to be read.
    """

    name: str
    lines: Markup


def local_ratio(trace: Trace, operation: int, edge: Edge) -> Tree:
    """The symbol of a local derivative."""
    d = "∂" if len(trace.edges[operation]) > 1 else "d"
    return ratio(d, edge.own or trace.names[operation], trace.names[edge.source])


def own(trace: Trace) -> list[dict[str, Any]]:
    """The operations whose letters stand in their local derivatives: z = D(c, x)."""
    names = trace.names
    return letters(
        (trace.letters[i], names[i], [(names[edge.source], edge.own) for edge in edges])
        for i, edges in trace.edges.items()
    )


def products(trace: Trace, suspect: Suspect) -> list[Product]:
    """The chain rule by each input, with the factor to blame marked."""
    return [_product(trace, suspect, index) for index in range(len(trace.tape.inputs))]


def _product(trace: Trace, suspect: Suspect, index: int) -> Product:
    head = trace.names[index]
    paths = trace.paths(index, MOST_PATHS)
    if not paths or max(map(len, paths)) > MOST_FACTORS:
        return Product(head, Markup(""))

    def term(factor: Callable[[int, Edge], Tree], between: str) -> Markup:
        sums = []
        for path in paths:
            factors = [_marked(write(factor(o, e)), suspect.is_edge(o, e)) for o, e in path]
            sums.append(Markup("<mo>{}</mo>").format(between).join(factors) or Markup("<mn>1</mn>"))
        return Markup('<mo form="infix">+</mo>').join(sums)

    alone = len(paths) == 1 and len(paths[0]) == 1
    several = len(paths) > 1 or len(paths[0]) > 1
    symbols = term(lambda o, e: local_ratio(trace, o, e), "·")
    numbers = term(lambda o, e: _number(e.value, several), "×")
    # of a single operation dy/dx is all that there is to say in symbols, and it stands on the left already
    lines = [] if alone and paths[0][0][1].own is None else [symbols]
    if all(e.derivative is not None for path in paths for _, e in path):
        # at a corner stands the number: the formula of one of its sides need not have that value there
        lines.append(
            term(lambda o, e: _number(e.value, True) if o in trace.corners else _operand(e.derivative, alone), "·")
        )
    if not lines or lines[-1] != numbers:  # at a corner the formula is the number
        lines.append(numbers)
    total = Markup("<mo>=</mo>{}").format(write(number(number_text(trace.adjoints[index]))))
    if several:
        lines[-1] += total
    left = write(ratio("∂" if trace.is_multivariate else "d", trace.names[trace.tape.output], head))
    rows = [
        Markup("<mtr><mtd>{}</mtd><mtd><mo>=</mo></mtd><mtd><mrow>{}</mrow></mtd></mtr>").format(
            Markup("") if k else left, line
        )
        for k, line in enumerate(lines)
    ]
    table = Markup('<mtable class="aligned" displaystyle="true">{}</mtable>').format(Markup("").join(rows))
    return Product(head, Markup('<math display="block">{}</math>').format(table))


def _operand(tree: Tree | None, alone: bool) -> Tree:
    assert tree is not None
    return tree if alone else within(tree, POWER)


def _number(value: float, beside: bool) -> Tree:
    tree = number("nan" if math.isnan(value) else shown(value))
    return fenced(tree) if beside and tree.text.startswith("−") else tree


def _marked(inner: Markup, bad: bool) -> Markup:
    return Markup('<mrow class="bad">{}</mrow>').format(inner) if bad else inner


class Step(NamedTuple):
    """One row of the chain as a table: its formula, value, local derivatives, the derivative by it."""

    formula: Markup
    value: str
    locals: list[Markup]
    derivative: str
    is_bad: bool


def table(trace: Trace, suspect: Suspect) -> list[Step]:
    """Every variable and operation, in the order of the forward pass."""
    found = [
        Step(
            mathml(name(trace.names[i])),
            typeset(number_text(trace.values[i])),
            [],
            typeset(number_text(trace.adjoints[i])),
            False,
        )
        for i in range(len(trace.tape.inputs))
    ]
    for index, (head, formula) in zip(trace.operations, trace.definitions, strict=True):
        local = []
        for edge in trace.edges[index]:
            parts = [local_ratio(trace, index, edge), sign("=")]
            written = Markup("").join(map(write, parts))
            told = None if index in trace.corners else edge.derivative
            if told is not None:
                written += write(told)
            if told is None or told.kind != "number":
                written += (Markup("<mo>=</mo>") if told is not None else Markup("")) + write(
                    number(number_text(edge.value))
                )
            local.append(Markup("<math>{}</math>").format(_marked(written, suspect.is_edge(index, edge))))
        found.append(
            Step(
                mathml(name(head), sign("="), formula),
                typeset(number_text(trace.values[index])),
                local,
                typeset(number_text(trace.adjoints[index])),
                index == suspect.node,
            )
        )
    return found


def number_text(value: float, digits: int = 6) -> str:
    """A number in so many digits; nan says so."""
    return "nan" if math.isnan(value) else shown(value, digits)
