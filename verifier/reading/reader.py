"""Reading an expression from text: Python's syntax with SymPy's names, walked, never evaluated.

The tree stays as it was written: nothing is simplified, nothing written twice is merged. Only exponents and
the arguments of ``Rational`` are computed, exactly. The walk is a loop over a stack of its own, so that no
text is too deep for it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, NoReturn

from ...engine.primitive import REGISTRY
from ...engine.tape import Tape
from ..errors import InvalidInput, LimitExceeded, Unsupported
from ..limits import DEFAULT, Limits
from . import vocabulary
from .builder import Action, Builder
from .condition_trees import opened
from .conditions import piecewise, select
from .exact import NUMBERS, Constants
from .grammar import OPERATORS, REFUSED, REFUSED_OPERATORS
from .plain import LONGEST, is_plain_name, read_plain
from .syntax import Source, parse

#: Texts whose tapes are kept.
MOST_KNOWN = 512


def read(text: str, limits: Limits = DEFAULT, variables: Sequence[str] | None = None) -> Tape:
    """The composite function that a text describes.

    Args:
        text: an expression, or statements ``name = expression`` separated by ``;`` or new lines whose last
            one is the function. Number literals are exact decimals.
        limits: sizes that it must not exceed.
        variables: the inputs in their order, whatever else their names mean; by default all free names in the
            order of their first appearance.

    Raises:
        InvalidInput: the text is no such expression; the error says where.
        LimitExceeded: it is larger than the limits.
        Unsupported: it is known mathematics that cannot be differentiated here.
    """
    if limits is DEFAULT and isinstance(text, str) and len(text) <= LONGEST:
        return _known(text, None if variables is None else tuple(variables))
    tree, source = parse(text, limits)
    return _Reader(source, limits, variables).read(tree)


@lru_cache(maxsize=MOST_KNOWN)
def _known(text: str, variables: tuple[str, ...] | None) -> Tape:
    """A short text's tape, kept: a function is often verified again, at other points or with another engine."""
    plain = read_plain(text, variables)
    if plain is not None:
        return plain
    tree, source = parse(text, DEFAULT)
    return _Reader(source, DEFAULT, variables).read(tree)


def forget() -> None:
    """Forget the texts that were read: the next verification of each starts from nothing, as benchmarks want it."""
    _known.cache_clear()


class _Condition:
    """On the stack of the walk: a tree that is to be read as a condition."""

    __slots__ = ("tree",)

    def __init__(self, tree: ast.expr) -> None:
        self.tree = tree


#: What the walk does with the two values of an operator.
_BINARY = {operator: (REGISTRY[name], 2, ()) for operator, name in OPERATORS.items()}


class _Reader:
    """One walk over one syntax tree."""

    def __init__(self, source: Source, limits: Limits, variables: Sequence[str] | None) -> None:
        self.source, self.limits = source, limits
        self.builder = Builder(variables, limits)
        #: What every name met so far stands for.
        self.names: dict[str, int] = dict(self.builder.variables)
        self.constants = Constants(source, limits, lambda name: self.builder.value(self.names.get(name, -1)))

    def read(self, tree: ast.Module) -> Tape:
        body = tree.body
        only = body[0] if len(body) == 1 else None
        output = self.value(only.value) if isinstance(only, ast.Expr) else self._statements(body)
        builder = self.builder
        if output + 1 == len(builder.nodes) and len(body) == 1 and not builder.branched:
            return builder.tape(output)
        return builder.canonical_tape(output)

    def _statements(self, body: list[ast.stmt]) -> int:
        if not body:
            raise InvalidInput("the expression is empty; expected something like 'x**2 + sin(y)'")
        named: set[int] = set()
        output = 0
        for statement in body:
            if isinstance(statement, ast.Expr):
                output = self.value(statement.value)
                if statement is not body[-1]:
                    self.source.fail(
                        statement,
                        "the value of this statement is not used; expected 'name = …' before the last one",
                    )
                continue
            if not isinstance(statement, ast.Assign):
                self.source.fail(
                    statement,
                    f"a statement of this kind ({type(statement).__name__}) has no place here; "
                    "expected an expression or 'name = expression'",
                )
            if len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
                self.source.fail(statement, "expected one plain name before '='")
            name = statement.targets[0].id
            output = self.value(statement.value)
            if name in self.names:
                self.source.fail(statement, f"{name!r} has a meaning already; expected a new name before '='")
            if name in ("pi", "E"):
                self.source.fail(statement, f"{name!r} is a constant; expected another name before '='")
            self._refuse_name(name, statement)
            self.names[name] = output
            if output >= 0 and self.builder.value(output) is None and output not in named:
                named.add(output)
                self.builder.names.append((output, name))
        return output

    def value(self, root: ast.expr) -> int:
        """Record an expression and return the index of its value."""
        builder, names = self.builder, self.names
        add, integer = builder.add, builder.integer
        reach = 2 * self.limits.chain
        stack: list[Any] = [root]
        values: list[Any] = []
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is tuple:
                primitive, count, consts = node
                if count == 2:
                    right = values.pop()
                    values[-1] = add(primitive, (values[-1], right), consts)
                elif count == 1:
                    values[-1] = add(primitive, (values[-1],), consts)
                else:
                    args = values[-count:]
                    del values[-count:]
                    values.append(add(primitive, tuple(args), consts))
            elif kind is ast.Name:
                index = names.get(node.id)
                values.append(self._name(node) if index is None else index)
            elif kind is ast.Constant:
                number = node.value
                values.append(
                    integer(number)
                    if type(number) is int and -1 < number < 1000
                    else builder.constant(self.constants.number(node))
                )
            elif kind is ast.BinOp:
                if len(stack) > reach:
                    raise LimitExceeded(f"too many operations in a row; expected at most {self.limits.chain:,}")
                operator = type(node.op)
                if operator is ast.Pow:
                    self._power(node, node.left, node.right, stack)
                    continue
                operation = _BINARY.get(operator)
                if operation is None:
                    self.source.fail(node.left, REFUSED_OPERATORS[operator], after=True)
                stack += (operation, node.right, node.left)
            elif kind is ast.Call:
                self._call(node, stack)
            elif kind is ast.UnaryOp:
                self._unary(node, stack, values)
            elif kind is _Condition:
                self._condition(node.tree, stack)
            elif kind is Action:
                args = values[len(values) - node.count :]
                del values[len(values) - node.count :]
                values.append(node.act(args))
            else:
                self.source.fail(node, REFUSED.get(kind, f"{kind.__name__} has no place in an expression"))
        result: int = values[0]
        return result

    def _name(self, node: ast.Name) -> int:
        name = node.id
        if name in ("pi", "E"):
            index = self.builder.constant(name)
        else:
            self._refuse_name(name, node)
            try:
                index = self.builder.variable(name)
            except KeyError:
                known = ", ".join(self.builder.variables) or "none"
                self.source.fail(node, f"{name!r} is none of the variables; expected {known}")
        self.names[name] = index
        return index

    def _refuse_name(self, name: str, node: ast.expr | ast.stmt) -> None:
        """Names that can be neither a variable nor an intermediate value."""
        if is_plain_name(name):
            return
        if name.startswith("__"):
            self.source.fail(node, f"the name {name!r} is not allowed; expected one without a leading __")
        if name == "I":
            raise Unsupported("the imaginary unit I: complex numbers are not available here")
        if name in ("oo", "zoo", "inf", "nan"):
            self.source.fail(node, f"{name!r} is no finite number; expected a number or a variable's name")
        if name in vocabulary.RESERVED:
            self.source.fail(node, f"{name!r} is a function; expected {name}(…), or a name such as {name}_")

    def _unary(self, node: ast.UnaryOp, stack: list[Any], values: list[Any]) -> None:
        operator, operand = type(node.op), node.operand
        if operator is ast.USub:
            if type(operand) is ast.Constant:
                values.append(self.builder.constant(-self.constants.number(operand)))
                return
            stack.append((REGISTRY["neg"], 1, ()))
        elif operator is not ast.UAdd:
            self.source.fail(node, REFUSED_OPERATORS[operator])
        stack.append(operand)

    def _power(self, node: ast.expr, base: ast.expr, exponent: ast.expr, stack: list[Any]) -> None:
        exact = self.constants.exact(exponent)
        if exact is None:
            stack += ((REGISTRY["pow"], 2, ()), exponent, base)
            return
        if exact.numerator.bit_length() > 6 and (known := self.constants.exact(base)) is not None:
            self.constants.check_power(known, exact, node)
        stack += ((REGISTRY["powc"], 1, (exact,)), base)

    def _call(self, node: ast.Call, stack: list[Any]) -> None:
        function, args = node.func, node.args
        if type(function) is not ast.Name:
            kind = type(function)
            reason = "only a function's name can be called; a product is written with *"
            reason = REFUSED.get(kind, reason)
            if isinstance(function, ast.Attribute) and vocabulary.lookup(function.attr):  # np.sin(x), x.exp()
                reason += f"; write {function.attr}(…)"
            self.source.fail(function, reason)
        name = function.id
        entry = vocabulary.lookup(name)
        if entry is None or node.keywords:
            self._refuse_call(node, name, entry)
        count = len(args)
        if type(entry) is vocabulary.Word:
            if count == entry.arity and not entry.constants:
                stack.append((entry.primitive, count, ()))
                stack += args[::-1]
                return
            self.constants.check_count(node, entry)
            consts = [
                self._constant(entry, args[i]) if i < count else default
                for i, default in enumerate(entry.constants, entry.arity)
            ]
            if entry.fixed is not None and count == entry.most:
                vocabulary.check_fixed(entry, self.constants.exact(args[-1]))
            stack.append((entry.primitive, entry.arity, tuple(consts)))
            stack += args[: entry.arity][::-1]
            return
        assert entry is not None  # _refuse_call has raised
        self.constants.check_count(node, entry)
        if isinstance(entry, vocabulary.Form):
            build, builder = entry.build, self.builder
            builder.branched = True  # arguments come before all of its operations: no walk from the output
            stack.append(Action(lambda values: build(builder, values), count))
            stack += args[::-1]
        elif name in NUMBERS:
            stack.append(Action(lambda values: self.builder.constant(self.constants.literal(node)), 0))
        elif name in ("Pow", "power"):
            self._power(node, args[0], args[1], stack)
        elif name == "root":
            self._root(args[0], args[1], stack)
        elif name == "real_root":
            self._real_root(args[0], args[1], stack)
        elif name == "hyper":
            self._hyper(args, stack)
        elif name == "where":
            self.builder.branched = True
            stack.append(Action(lambda v: select(self.builder, v[0], v[1], v[2]), 3))
            stack += (args[2], args[1], _Condition(args[0]))
        else:
            self._piecewise(node, stack)

    def _refuse_call(self, node: ast.Call, name: str, entry: vocabulary.Entry | None) -> NoReturn:
        if entry is None and name in self.names:
            self.source.fail(node, f"{name!r} is a value, not a function; a product is written with *")
        if entry is not None:
            keyword = node.keywords[0].arg
            self.source.fail(node, f"{name} takes its arguments by position; given {keyword or '**'}=…")
        if name in vocabulary.RELATIONS or name in vocabulary.JUNCTIONS or name in vocabulary.NEGATIONS:
            self.source.fail(node, f"{name} is a condition, not a number; expected one only inside Piecewise or where")
        if name.startswith("__"):
            self.source.fail(node, f"the name {name!r} is not allowed; expected a function's name")
        raise vocabulary.unknown(name, *self.source.place(node))

    def _constant(self, word: vocabulary.Word, node: ast.expr) -> Fraction:
        value = self.constants.exact(node)
        if value is None:
            constant = word.primitive.constants[0]
            self.source.fail(node, f"the {constant} of {word.name} must be a number such as 2 or 1/2")
        return value

    def _root(self, radicand: ast.expr, degree: ast.expr, stack: list[Any]) -> None:
        exact = self.constants.exact(degree)
        if exact is not None:
            if exact == 0:
                self.source.fail(degree, "the degree of a root must not be 0")
            stack += ((REGISTRY["powc"], 1, (1 / exact,)), radicand)
            return
        pow_, div, builder = REGISTRY["pow"], REGISTRY["div"], self.builder

        def build(values: list[int]) -> int:
            return builder.add(pow_, (values[0], builder.add(div, (builder.integer(1), values[1]))))

        stack += (Action(build, 2), degree, radicand)

    def _real_root(self, radicand: ast.expr, degree: ast.expr, stack: list[Any]) -> None:
        """The root that is real for negative numbers too where the degree is odd; else as :meth:`_root`."""
        exact = self.constants.exact(degree)
        if exact is None:
            self.source.fail(degree, "the degree of real_root must be a number such as 2 or 1/2")
        if exact.denominator != 1 or exact % 2 == 0:
            self._root(radicand, degree, stack)
            return
        builder, root = self.builder, abs(exact)

        def build(values: list[int]) -> int:
            (x,) = values
            if root == 3:
                x = builder.add(REGISTRY["cbrt"], (x,))
            elif root != 1:
                size = builder.add(REGISTRY["powc"], (builder.add(REGISTRY["abs"], (x,)),), (1 / root,))
                x = builder.add(REGISTRY["mul"], (builder.add(REGISTRY["sign"], (x,)), size))
            return x if exact > 0 else builder.add(REGISTRY["div"], (builder.integer(1), x))

        self.builder.branched = True
        stack += (Action(build, 1), radicand)

    def _hyper(self, args: list[ast.expr], stack: list[Any]) -> None:
        """SymPy's name of all hypergeometric functions: parameters above, parameters below, the argument."""
        above, below = (self._parameters(part) for part in args[:2])
        stack.append((vocabulary.hypergeometric(len(above), len(below)), len(above) + len(below) + 1, ()))
        stack += [*above, *below, args[2]][::-1]

    def _parameters(self, part: ast.expr) -> list[ast.expr]:
        if not isinstance(part, (ast.List, ast.Tuple)):
            self.source.fail(part, "the parameters of hyper stand in square brackets; expected hyper([a, b], [c], z)")
        return part.elts

    def _piecewise(self, node: ast.Call, stack: list[Any]) -> None:
        self.builder.branched = True
        parts: list[Any] = []
        for pair in node.args:
            if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
                self.source.fail(pair, "Piecewise takes pairs; expected (value, condition)")
            parts += (pair.elts[0], _Condition(pair.elts[1]))

        def build(values: list[Any]) -> int:
            return piecewise(self.builder, list(zip(values[::2], values[1::2], strict=True)))

        stack.append(Action(build, len(parts)))
        stack += parts[::-1]

    def _condition(self, tree: ast.expr, stack: list[Any]) -> None:
        """Put on the stack what makes one condition of the values and conditions in it."""
        act, parts, are_conditions = opened(tree, self.source)
        stack.append(Action(act, len(parts)))
        stack += [_Condition(part) for part in reversed(parts)] if are_conditions else parts[::-1]
