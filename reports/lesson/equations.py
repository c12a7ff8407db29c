"""The equations of a lesson: the chain rule in symbols and in numbers, each part with the step that lights it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..mathml import math, plain, write
from ..notation import letters, ratio
from ..strokes import circled, shown
from ..trees import (
    PRODUCT,
    Tree,
    applied,
    fenced,
    formulas,
    is_larger,
    name,
    number,
    row,
    sign,
    subscripted,
    within,
)
from .content import Contribution, Edge, Lesson, Operation, Path

#: Factors up to which the product is written with a brace for every multiplication.
MOST_BRACES = 8
#: Parts up to which the function is written in one piece.
MOST_PIECES = 300
_EQUALS = sign("=")


@dataclass(frozen=True)
class Sum:
    """The derivative by one input as a sum over paths: their equations, the total, and how many there are."""

    name: str
    paths: list[Markup]
    total: Markup
    count: int


class Equations:
    """Writes the equations of one lesson."""

    def __init__(self, lesson: Lesson) -> None:
        self.lesson = lesson
        self._output = lesson.names[lesson.tape.output]
        self._d = "∂" if lesson.is_multivariate else "d"

    # ---- pieces ----------------------------------------------------------------------------------------

    def gradient(self, index: int) -> Tree:
        """dy/da, or ∂y/∂a."""
        return ratio(self._d, self._output, self.lesson.names[index])

    def gradient_name(self, index: int) -> str:
        """dy/da in one line of text, for the head of a row."""
        return f"{self._d}{subscripted(self._output)}/{self._d}{subscripted(self.lesson.names[index])}"

    def symbol(self, operation: Operation, edge: Edge) -> Tree:
        """The local derivative's symbol: db/da, or ∂b/∂a where the operation has more arguments."""
        d = "∂" if len(operation.edges) > 1 else "d"
        return ratio(d, edge.own or self.lesson.names[operation.index], self.lesson.names[edge.source])

    def own(self) -> list[dict[str, Any]]:
        """The operations whose letters stand in their local derivatives: z = D(c, x)."""
        names = self.lesson.names
        return letters(
            (o.letter, names[o.index], [(names[edge.source], edge.own) for edge in o.edges])
            for o in self.lesson.operations
        )

    def rule(self, operation: Operation, edge: Edge) -> Tree:
        """The local derivative as a function's: B′(a) in a chain, the symbol elsewhere."""
        if not self.lesson.is_chain:
            return self.symbol(operation, edge)
        head = row(name(operation.letter), sign("′"))
        return applied(head, name(self.lesson.names[edge.source]))

    def value(self, index: int) -> Markup:
        """a = 0.25"""
        return math(name(self.lesson.names[index]), _EQUALS, _number(self.lesson.values[index]))

    def definition(self, operation: Operation) -> Markup:
        """B(a) = eᵃ in a chain, b = eᵃ elsewhere."""
        return math(*self._definition(operation))

    def _definition(self, operation: Operation) -> list[Tree]:
        return [self._defined(operation), _EQUALS, operation.formula]

    def in_words(self, operation: Operation) -> list[str]:
        """Its definition and its local derivatives, without their numbers, as text that is read aloud."""
        locals_ = (self._local(operation, edge, numeric=False) for edge in operation.edges)
        return [plain(row(*parts)) for parts in (self._definition(operation), *locals_)]

    def _defined(self, operation: Operation) -> Tree:
        if not self.lesson.is_chain:
            return name(self.lesson.names[operation.index])
        return applied(operation.letter, name(self.lesson.names[operation.edges[0].source]))

    def local(self, operation: Operation, edge: Edge, numeric: bool = True, linked: bool = False) -> Markup:
        """B′(a) = eᵃ = 1.28403; at a corner the number alone, which the formula of one of its sides need not be.

        Args:
            operation: B.
            edge: from a.
            numeric: with the number.
            linked: with db/da in front, as the whole product calls it.
        """
        ahead = [self.symbol(operation, edge), _EQUALS] if linked else []
        return math(*ahead, *self._local(operation, edge, numeric))

    def _local(self, operation: Operation, edge: Edge, numeric: bool) -> list[Tree]:
        parts = [self.rule(operation, edge)]
        formula = None if numeric and operation.is_tied else edge.derivative
        if formula is not None:
            parts += [_EQUALS, formula]
        if numeric and (formula is None or formula.kind != "number"):
            parts += [_EQUALS, _number(edge.value)]
        return parts

    # ---- the function ----------------------------------------------------------------------------------

    def header(self) -> Markup:
        """y = C(B(A(x))) = the formula as it was written = its value."""
        lesson = self.lesson
        sides = [name(self._output)]
        if lesson.is_chain and len(lesson.operations) <= MOST_BRACES:
            composed = name(lesson.tape.inputs[0])
            for operation in lesson.operations:
                composed = applied(operation.letter, composed)
            sides.append(composed)
        whole = formulas(lesson.tape, {})[lesson.tape.output]
        if is_larger(whole, MOST_PIECES):  # values that are used again and again would be written out each time
            whole = formulas(lesson.tape, lesson.names)[lesson.tape.output]
        sides += [whole, _number(lesson.values[lesson.tape.output])]
        # y = C(B(A(x))) is short: the first break is behind it
        return _in_lines((sides[0], _EQUALS, sides[1]), *((_EQUALS, side) for side in sides[2:]))

    # ---- one step --------------------------------------------------------------------------------------

    def step(self, step: int) -> list[Markup]:
        """What is computed at one step, in symbols and in numbers."""
        lesson = self.lesson
        if step == 0:
            return [self.value(i) for i in lesson.inputs]
        if step < lesson.seed_step:
            operation = lesson.operations[step - 1]
            head = [name(lesson.names[operation.index]), _EQUALS]
            if lesson.is_chain:
                head += [self._defined(operation), _EQUALS]
            return [math(*head, operation.formula, _EQUALS, _number(lesson.values[operation.index]))]
        if step == lesson.seed_step:
            return [math(self.gradient(lesson.tape.output), _EQUALS, number("1"))]
        found = [c for c in lesson.contributions if c.step == step]
        operations = [lesson.by_index[c.operation] for c in found] if lesson.is_chain else []
        factors = [self.local(operation, operation.edges[0], linked=True) for operation in operations]
        return [*factors, *map(self._multiplied, found)]

    def _multiplied(self, c: Contribution) -> Markup:
        operation = self.lesson.by_index[c.operation]
        edge = operation.edges[c.edge]
        adjoint = self.lesson.adjoints[c.operation]
        symbols = _times(self.gradient(c.operation), self.rule(operation, edge))
        numbers = _multiply(_number(adjoint), _number(edge.value))
        if self.lesson.uses[c.target] == 1:
            head = (self.gradient(c.target), _EQUALS, symbols)
            return _in_lines(head, (_EQUALS, numbers), (_EQUALS, _number(c.total)))
        if c.known is None:  # the first of several paths: a product, not yet the derivative
            return _in_lines((symbols,), (_EQUALS, numbers), (_EQUALS, _number(c.product)))
        ahead = (self.gradient(c.target), _EQUALS) if c.is_last else ()
        more = row(_number(c.known), sign("+"), symbols)
        added = row(_number(c.known), sign("+"), _multiply(_number(adjoint), _number(edge.value), behind=True))
        return _in_lines((*ahead, more), (_EQUALS, added), (_EQUALS, _number(c.total)))

    # ---- the whole product -----------------------------------------------------------------------------

    def product(self) -> list[Markup]:
        """The chain rule from the output side, every factor with the step that it belongs to."""
        return [self._braced()] if self.lesson.is_chain else self._sums()

    def _braced(self) -> Markup:
        """((dy/dy · dy/db) · db/da) · da/dx, with ①②③ under the braces."""
        lesson = self.lesson
        written = _lit(write(self.gradient(lesson.tape.output)), lesson.seed_step)
        for place, operation in enumerate(reversed(lesson.operations), 1):
            factor = _lit(write(self.symbol(operation, operation.edges[0])), operation.backward_step)
            dot = _lit(Markup('<mo form="infix">·</mo>'), operation.backward_step)
            written = Markup("<mrow>{}{}{}</mrow>").format(written, dot, factor)
            if len(lesson.operations) <= MOST_BRACES:
                written = Markup(
                    '<munder class="brace" data-from="{}" data-now="{}"><mrow class="braced">{}</mrow>'
                    "<mtext>{}</mtext></munder>"
                ).format(operation.backward_step, operation.backward_step, written, circled(place))
        head = Markup("{}<mo>=</mo>").format(write(self.gradient(0)))
        return Markup('<math display="block"><mrow>{}{}</mrow></math>').format(head, written)

    def _sums(self) -> list[Markup]:
        """One equation for every derivative, in the order in which they are finished."""
        lesson = self.lesson
        order = [c.target for c in lesson.contributions if c.is_last]
        output = lesson.tape.output
        first = Markup("{}<mo>=</mo>{}").format(
            write(self.gradient(output)), _lit(Markup("<mn>1</mn>"), lesson.seed_step)
        )
        equations = [Markup('<math display="block"><mrow>{}</mrow></math>').format(first)]
        for target in order:
            terms = [c for c in lesson.contributions if c.target == target]
            pieces = []
            for place, c in enumerate(terms):
                operation = lesson.by_index[c.operation]
                term = write(_times(self.gradient(c.operation), self.symbol(operation, operation.edges[c.edge])))
                plus = Markup('<mo form="infix">+</mo>') if place else Markup("")
                badge = Markup("<mtext>{}</mtext>").format(circled(c.step - lesson.seed_step))
                under = Markup('<munder><mrow class="braced">{}</mrow>{}</munder>').format(term, badge)
                pieces.append(_lit(plus + under, c.step))
            equations.append(
                Markup('<math display="block"><mrow>{}<mo>=</mo>{}</mrow></math>').format(
                    write(self.gradient(target)), Markup("").join(pieces)
                )
            )
        return equations

    # ---- paths -----------------------------------------------------------------------------------------

    def paths(self, index: int) -> Sum:
        """The derivative by one input as a sum over the ways back to it."""
        found, count = self.lesson.paths(index)
        sums = [(_EQUALS, *added)] if (added := self._added(found, count)) else []
        total = _in_lines((self.gradient(index),), *sums, (_EQUALS, _number(self.lesson.adjoints[index])))
        return Sum(subscripted(self.lesson.names[index]), [self._path(path) for path in found], total, count)

    def _added(self, found: Sequence[Path], count: int) -> list[Tree]:
        if len(found) < 2:
            return []
        parts: list[Tree] = []
        for path in found:
            term = _number(path.product)
            parts += [sign("+"), within(term, PRODUCT)] if parts else [term]
        if count > len(found):
            parts += [sign("+"), sign("…")]
        return parts

    def _path(self, path: Path) -> Markup:
        steps = [(self.lesson.by_index[user], self.lesson.by_index[user].edges[place]) for user, place in path.edges]
        symbols = _times(*(self.symbol(operation, edge) for operation, edge in steps))
        numbers: Any = _multiply(*(_number(edge.value) for _, edge in steps))
        tail = [(_EQUALS, _number(path.product))] if len(steps) > 1 else []
        return _in_lines((symbols,), (_EQUALS, numbers), *tail)


def _in_lines(*sides: Sequence[Tree]) -> Markup:
    """An equation that a narrow page may break in front of its signs of equality: MathML itself breaks no lines."""
    return Markup("<wbr>").join(math(*side) for side in sides)


def _number(value: float) -> Tree:
    return number(shown(value))


def _times(*factors: Tree) -> Tree:
    """Symbols with dots between them."""
    parts: list[Tree] = []
    for factor in factors:
        parts += [sign("·"), factor] if parts else [factor]
    return row(*parts, binding=PRODUCT)


def _multiply(*factors: Tree, behind: bool = False) -> Tree:
    """Numbers with crosses between them; a negative one behind a cross, or another sign, stands in brackets."""
    parts: list[Tree] = []
    for factor in factors:
        standing = fenced(factor) if (parts or behind) and factor.text.startswith("−") else factor
        parts += [sign("×"), standing] if parts else [standing]
    return row(*parts, binding=PRODUCT)


def _lit(inner: Markup, step: int) -> Markup:
    return Markup('<mrow class="term" data-from="{}" data-now="{}">{}</mrow>').format(step, step, inner)
