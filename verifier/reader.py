"""Reading an expression from text: Python's syntax with SymPy's names, walked, never evaluated.

The tree stays as it was written: nothing is simplified, nothing written twice is merged. Only exponents and
the arguments of ``Rational`` are computed, exactly. The walk is a loop over a stack of its own, so that no
text is too deep for it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NoReturn

from ..engine.primitive import REGISTRY
from ..engine.tape import Tape
from . import vocabulary
from .builder import Builder, canonical
from .conditions import Condition, Junction, Relation, Truth, junction, negation, piecewise, select
from .errors import InvalidInput, LimitExceeded, Unsupported
from .limits import DEFAULT, Limits
from .syntax import Source, decimal, fits, parse

OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Mod: "mod",
}
RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
NUMBERS = ("Rational", "Integer", "Float")
#: What a text may hold by Python's grammar and yet not here, in plain words.
REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "access to an attribute (a dot after a name) has no place in an expression",
    ast.Subscript: "an index in square brackets has no place in an expression",
    ast.Lambda: "lambda has no place in an expression",
    ast.IfExp: "'if … else' has no place in an expression; expected Piecewise((value, condition), …)",
    ast.NamedExpr: "':=' has no place in an expression; expected a statement 'name = expression'",
    ast.Starred: "'*' before an argument has no place in an expression",
    ast.JoinedStr: "a text has no place in an expression",
    ast.Compare: "a comparison is no number; expected one only inside Piecewise or where",
    ast.BoolOp: "'and' and 'or' give no number; expected them only between conditions",
    ast.Tuple: "a comma outside a function's brackets has no meaning here; expected one function",
    ast.List: "a list is no number",
    ast.Dict: "a dictionary is no number",
    ast.Set: "a set is no number",
    ast.Await: "await has no place in an expression",
    ast.Yield: "yield has no place in an expression",
    ast.YieldFrom: "yield has no place in an expression",
    ast.ListComp: "a comprehension has no place in an expression",
    ast.SetComp: "a comprehension has no place in an expression",
    ast.DictComp: "a comprehension has no place in an expression",
    ast.GeneratorExp: "a comprehension has no place in an expression",
}
REFUSED_OPERATORS: dict[type[ast.AST], str] = {
    ast.BitXor: "'^' is no power here; write **",
    ast.FloorDiv: "'//' has no place in an expression; write floor(a/b)",
    ast.MatMult: "'@' has no place in an expression",
    ast.BitAnd: "'&' joins conditions, not numbers",
    ast.BitOr: "'|' joins conditions, not numbers",
    ast.LShift: "'<<' has no place in an expression",
    ast.RShift: "'>>' has no place in an expression",
    ast.Invert: "'~' negates a condition, not a number",
    ast.Not: "'not' negates a condition, not a number",
}


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
    tree, source = parse(text, limits)
    return _Reader(source, limits, variables).read(tree)


class _Condition:
    """On the stack of the walk: a tree that is to be read as a condition."""

    __slots__ = ("tree",)

    def __init__(self, tree: ast.expr) -> None:
        self.tree = tree


class _Reader:
    """One walk over one syntax tree."""

    def __init__(self, source: Source, limits: Limits, variables: Sequence[str] | None) -> None:
        self.source, self.limits = source, limits
        self.builder = Builder(variables, limits)
        #: What every name met so far stands for.
        self.names: dict[str, int] = dict(self.builder.variables)

    def read(self, tree: ast.Module) -> Tape:
        body = tree.body
        if len(body) == 1 and type(body[0]) is ast.Expr:
            output = self.value(body[0].value)
        else:
            output = self._statements(body)
        builder = self.builder
        if output + 1 == len(builder.nodes) and len(body) == 1 and not builder.branched:
            return builder.tape(output)
        return canonical(builder.tape(output))

    def _statements(self, body: list[ast.stmt]) -> int:
        if not body:
            raise InvalidInput("the expression is empty; expected something like 'x**2 + sin(y)'")
        named: set[int] = set()
        output = 0
        for statement in body:
            if isinstance(statement, ast.Expr):
                output = self.value(statement.value)
                if statement is not body[-1]:
                    self._fail(
                        statement,
                        "the value of this statement is not used; expected 'name = …' before the last one",
                    )
                continue
            if not isinstance(statement, ast.Assign):
                self._fail(
                    statement,
                    f"a statement of this kind ({type(statement).__name__}) has no place here; "
                    "expected an expression or 'name = expression'",
                )
            if len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
                self._fail(statement, "expected one plain name before '='")
            name = statement.targets[0].id
            output = self.value(statement.value)
            if name in self.names:
                self._fail(statement, f"{name!r} has a meaning already; expected a new name before '='")
            if name in ("pi", "E"):
                self._fail(statement, f"{name!r} is a constant; expected another name before '='")
            self._refuse_name(name, statement)
            self.names[name] = output
            if output >= 0 and self.builder.value(output) is None and output not in named:
                named.add(output)
                self.builder.names.append((output, name))
        return output

    def _fail(self, node: ast.expr | ast.stmt, message: str, *, after: bool = False) -> NoReturn:
        raise InvalidInput(message, *self.source.place(node, after))

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
                    else builder.constant(self._number(node))
                )
            elif kind is ast.BinOp:
                if len(stack) > reach:
                    raise LimitExceeded(
                        f"too many operations in a row; expected at most {self.limits.chain:,}"
                    )
                operator = type(node.op)
                if operator is ast.Pow:
                    self._power(node, node.left, node.right, stack)
                    continue
                name = OPERATORS.get(operator)
                if name is None:
                    self._fail(node.left, REFUSED_OPERATORS[operator], after=True)
                stack += ((REGISTRY[name], 2, ()), node.right, node.left)
            elif kind is ast.Call:
                self._call(node, stack)
            elif kind is ast.UnaryOp:
                self._unary(node, stack, values)
            elif kind is _Condition:
                self._condition(node.tree, stack)
            elif kind is _Action:
                args = values[len(values) - node.count :]
                del values[len(values) - node.count :]
                values.append(node.act(args))
            else:
                self._fail(node, REFUSED.get(kind, f"{kind.__name__} has no place in an expression"))
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
                self._fail(node, f"{name!r} is none of the variables; expected {known}")
        self.names[name] = index
        return index

    def _refuse_name(self, name: str, node: ast.expr | ast.stmt) -> None:
        """Names that can be neither a variable nor an intermediate value."""
        if name.startswith("__"):
            self._fail(node, f"the name {name!r} is not allowed; expected one that does not begin with __")
        if name == "I":
            raise Unsupported("the imaginary unit I: complex numbers are not available here")
        if name in ("oo", "zoo", "inf", "nan"):
            self._fail(node, f"{name!r} is no finite number; expected a number or a variable's name")
        if name in vocabulary.RESERVED or vocabulary.lookup(name) is not None:
            self._fail(node, f"{name!r} is a function; expected {name}(…), or a name such as {name}_")

    def _unary(self, node: ast.UnaryOp, stack: list[Any], values: list[Any]) -> None:
        operator, operand = type(node.op), node.operand
        if operator is ast.USub:
            if type(operand) is ast.Constant:
                values.append(self.builder.constant(-self._number(operand)))
                return
            stack.append((REGISTRY["neg"], 1, ()))
        elif operator is not ast.UAdd:
            self._fail(node, REFUSED_OPERATORS[operator])
        stack.append(operand)

    def _power(self, node: ast.expr, base: ast.expr, exponent: ast.expr, stack: list[Any]) -> None:
        exact = self.exact(exponent)
        if exact is None:
            stack += ((REGISTRY["pow"], 2, ()), exponent, base)
            return
        if exact.numerator.bit_length() > 6 and (known := self.exact(base)) is not None:
            self._check_power(known, exact, node)
        stack += ((REGISTRY["powc"], 1, (exact,)), base)

    def _check_power(self, base: Fraction, exponent: Fraction, node: ast.expr) -> None:
        """Refuse the power of two exact numbers whose value nobody could write down."""
        bits = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
        if bits and abs(exponent) * bits > self.limits.digits * 3.33:
            column, line = self.source.place(node)
            raise LimitExceeded(
                f"the exact value of this power has more than {self.limits.digits:,} digits; expected fewer",
                column,
                line,
            )

    def _call(self, node: ast.Call, stack: list[Any]) -> None:
        function, args = node.func, node.args
        if type(function) is not ast.Name:
            kind = type(function)
            reason = "only a function's name can be called; a product is written with *"
            self._fail(function, REFUSED.get(kind, reason))
        name = function.id
        entry = vocabulary.lookup(name)
        if entry is None or node.keywords or name in self.names:
            self._refuse_call(node, name, entry)
        count = len(args)
        if type(entry) is vocabulary.Word:
            if count == entry.arity and not entry.constants:
                stack.append((entry.primitive, count, ()))
                stack += args[::-1]
                return
            self._check_count(node, entry)
            consts = [
                self._constant(entry, args[i]) if i < count else default
                for i, default in enumerate(entry.constants, entry.arity)
            ]
            if entry.fixed is not None and count == entry.most:
                vocabulary.check_fixed(entry, self.exact(args[-1]))
            stack.append((entry.primitive, entry.arity, tuple(consts)))
            stack += args[: entry.arity][::-1]
            return
        assert entry is not None  # _refuse_call has raised
        self._check_count(node, entry)
        if isinstance(entry, vocabulary.Form):
            build, builder = entry.build, self.builder
            stack.append(_Action(lambda values: build(builder, values), count))
            stack += args[::-1]
        elif name in NUMBERS:
            stack.append(_Action(lambda values: self._exact_call(node), 0))
        elif name in ("Pow", "power"):
            self._power(node, args[0], args[1], stack)
        elif name == "root":
            self._root(args[0], args[1], stack)
        elif name == "where":
            self.builder.branched = True
            stack.append(_Action(lambda v: select(self.builder, v[0], v[1], v[2]), 3))
            stack += (args[2], args[1], _Condition(args[0]))
        else:
            self._piecewise(node, stack)

    def _check_count(self, node: ast.Call, entry: vocabulary.Entry) -> None:
        message = vocabulary.wrong_count(entry, len(node.args))
        if message is not None:
            self._fail(node, message)

    def _refuse_call(self, node: ast.Call, name: str, entry: vocabulary.Entry | None) -> NoReturn:
        if name in self.names:
            self._fail(node, f"{name!r} is a value, not a function; a product is written with *")
        if entry is not None:
            keyword = node.keywords[0].arg
            self._fail(node, f"{name} takes its arguments by position; given {keyword or '**'}=…")
        if name in vocabulary.RELATIONS or name in vocabulary.JUNCTIONS or name in vocabulary.NEGATIONS:
            self._fail(
                node, f"{name} is a condition, not a number; expected one only inside Piecewise or where"
            )
        if name.startswith("__"):
            self._fail(node, f"the name {name!r} is not allowed; expected a function's name")
        raise vocabulary.unknown(name, *self.source.place(node))

    def _constant(self, word: vocabulary.Word, node: ast.expr) -> Fraction:
        value = self.exact(node)
        if value is None:
            constant = word.primitive.constants[0]
            self._fail(node, f"the {constant} of {word.name} must be a number; expected one such as 2 or 1/2")
        return value

    def _root(self, radicand: ast.expr, degree: ast.expr, stack: list[Any]) -> None:
        exact = self.exact(degree)
        if exact is not None:
            if exact == 0:
                self._fail(degree, "the degree of a root must not be 0")
            stack += ((REGISTRY["powc"], 1, (1 / exact,)), radicand)
            return
        pow_, div, builder = REGISTRY["pow"], REGISTRY["div"], self.builder

        def build(values: list[int]) -> int:
            return builder.add(pow_, (values[0], builder.add(div, (builder.integer(1), values[1]))))

        stack += (_Action(build, 2), degree, radicand)

    def _piecewise(self, node: ast.Call, stack: list[Any]) -> None:
        self.builder.branched = True
        parts: list[Any] = []
        for pair in node.args:
            if not isinstance(pair, ast.Tuple) or len(pair.elts) != 2:
                self._fail(pair, "Piecewise takes pairs; expected (value, condition)")
            parts += (pair.elts[0], _Condition(pair.elts[1]))

        def build(values: list[Any]) -> int:
            return piecewise(self.builder, list(zip(values[::2], values[1::2], strict=True)))

        stack.append(_Action(build, len(parts)))
        stack += parts[::-1]

    def _condition(self, tree: ast.expr, stack: list[Any]) -> None:
        """Put on the stack what makes one condition of the values and conditions in it."""
        if isinstance(tree, ast.Compare):
            relations = []
            for operator in tree.ops:
                if type(operator) not in RELATIONS:
                    self._fail(tree, "expected one of < <= > >= == != between two numbers")
                relations.append(RELATIONS[type(operator)])
            stack.append(_Action(lambda values: _comparison(relations, values), len(relations) + 1))
            stack += (*tree.comparators[::-1], tree.left)
            return
        parts: list[ast.expr] = []
        every: bool | None = None
        if isinstance(tree, ast.BoolOp):
            parts, every = tree.values, isinstance(tree.op, ast.And)
        elif isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.BitAnd, ast.BitOr)):
            parts, every = [tree.left, tree.right], isinstance(tree.op, ast.BitAnd)
        elif isinstance(tree, ast.UnaryOp) and isinstance(tree.op, (ast.Not, ast.Invert)):
            parts = [tree.operand]
        elif isinstance(tree, ast.Constant) and isinstance(tree.value, bool):
            truth = Truth(tree.value)
            stack.append(_Action(lambda values: truth, 0))
            return
        elif isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
            name, parts = tree.func.id, tree.args
            relation = vocabulary.RELATIONS.get(name)
            if relation is not None and len(parts) == 2:
                stack.append(_Action(lambda values: Relation(relation, values[0], values[1]), 2))
                stack += parts[::-1]
                return
            every = vocabulary.JUNCTIONS.get(name)
            if (
                relation is not None
                or tree.keywords
                or not parts
                or (every is None and name not in vocabulary.NEGATIONS)
            ):
                parts = []
            elif every is None and len(parts) != 1:
                self._fail(tree, f"{name} takes 1 condition; {len(parts)} given")
        if not parts:
            self._fail(tree, "expected a condition: a comparison, And(…), Or(…), Not(…) or True")
        if every is None:
            stack.append(_Action(lambda values: negation(values[0]), 1))
        else:
            joined = every
            stack.append(_Action(lambda values: junction(joined, values), len(parts)))
        stack += [_Condition(part) for part in reversed(parts)]

    # Exact constants: exponents, Rational, orders and slopes.

    def _number(self, node: ast.Constant) -> Fraction:
        value = node.value
        kind = type(value)
        if isinstance(value, int) and not isinstance(value, bool):
            number = Fraction(value)
            if fits(number, self.limits):
                return number
            raise LimitExceeded(
                f"a number has too many digits; expected at most {self.limits.digits:,}",
                *self.source.place(node),
            )
        if kind is float:
            try:
                return decimal(self.source.literal(node), self.limits)
            except LimitExceeded as error:
                raise LimitExceeded(str(error), *self.source.place(node)) from None
        if kind is complex:
            self._fail(node, "an imaginary number is not available here; expected a real one")
        if kind is bool:
            self._fail(
                node, f"{value} is a condition, not a number; expected it only inside Piecewise or where"
            )
        what = "a text" if isinstance(value, (str, bytes)) else "None" if value is None else "..."
        self._fail(node, f"{what} is no number; expected a number, a name or an operation")

    def exact(self, root: ast.expr) -> Fraction | None:
        """The exact rational value of a tree of constants; None if it holds a variable or an irrational."""
        if type(root) is ast.Constant:
            return self._number(root)
        stack: list[Any] = [root]
        values: list[Fraction] = []
        while stack:
            node = stack.pop()
            value: Fraction | None = None
            if type(node) is tuple:
                tree, count = node
                if count == 1:
                    values[-1] = -values[-1]
                    continue
                right = values.pop()
                value = self._operate(tree, values.pop(), right)
            elif isinstance(node, ast.Constant):
                value = self._number(node)
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
                stack += ((node, 1), node.operand) if isinstance(node.op, ast.USub) else (node.operand,)
                continue
            elif isinstance(node, ast.BinOp):
                stack += ((node, 2), node.right, node.left)
                continue
            elif isinstance(node, ast.Name):
                value = self.builder.value(self.names.get(node.id, -1))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NUMBERS:
                value = self._exact_number(node)
            if value is None:
                return None
            values.append(value)
        return values[0]

    def _operate(self, node: ast.BinOp, left: Fraction, right: Fraction) -> Fraction | None:
        operator = type(node.op)
        result: Fraction
        if operator is ast.Add:
            result = left + right
        elif operator is ast.Sub:
            result = left - right
        elif operator is ast.Mult:
            result = left * right
        elif operator is ast.Div:
            if right == 0:
                self._fail(node, "an exact constant is divided by 0")
            result = left / right
        elif operator is ast.Pow and right.denominator == 1 and (left or right >= 0):
            self._check_power(left, right, node)
            result = left ** int(right)
        else:
            return None
        if not fits(result, self.limits):
            raise LimitExceeded(
                f"an exact constant has too many digits; expected at most {self.limits.digits:,}",
                *self.source.place(node),
            )
        return result

    def _exact_call(self, node: ast.Call) -> int:
        """The node of Rational(p, q), Integer(n) or Float("…")."""
        argument = node.args[0]
        if (
            isinstance(node.func, ast.Name)
            and node.func.id == "Float"
            and isinstance(argument, ast.Constant)
            and argument.value in ("nan", "inf", "-inf")
        ):
            return self.builder.constant(str(argument.value))
        value = self._exact_number(node)
        if value is None:
            self._fail(node, "expected numbers inside the brackets")
        return self.builder.constant(value)

    def _exact_number(self, node: ast.Call) -> Fraction | None:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        entry = vocabulary.lookup(name)
        assert entry is not None
        self._check_count(node, entry)
        parts: list[Fraction] = []
        for argument in node.args[: 1 if name == "Float" else 2]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                try:
                    parts += [decimal(part.strip(), self.limits) for part in argument.value.split("/", 1)]
                except InvalidInput as error:
                    self._fail(argument, str(error))
                continue
            value = self.exact(argument)
            if value is None:
                return None
            parts.append(value)
        result = parts[0]
        for divisor in parts[1:]:
            if divisor == 0:
                self._fail(node, f"{name} has the denominator 0; expected another")
            result /= divisor
        if name == "Integer" and result.denominator != 1:
            self._fail(node, f"Integer takes a whole number; given {result}")
        return result


class _Action:
    """On the stack of the walk: what to do with the last ``count`` values."""

    __slots__ = ("act", "count")

    def __init__(self, act: Callable[[list[Any]], Any], count: int) -> None:
        self.act, self.count = act, count


def _comparison(relations: list[str], values: list[int]) -> Condition:
    parts: list[Condition] = [
        Relation(relation, left, right)
        for relation, left, right in zip(relations, values, values[1:], strict=False)
    ]
    return parts[0] if len(parts) == 1 else Junction(True, parts)
