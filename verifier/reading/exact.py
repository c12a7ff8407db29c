"""Exact constants in a syntax tree: exponents, orders, slopes, and what ``Rational`` and ``Float`` hold."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..errors import InvalidInput, LimitExceeded
from ..limits import Limits
from . import vocabulary
from .syntax import Source, decimal, fits

#: Names whose brackets hold an exact number.
NUMBERS = ("Rational", "Integer", "Float")


class Constants:
    """Computes trees of constants without rounding, within the limits.

    Args:
        source: where the trees come from, for messages.
        limits: how many digits a number may have.
        named: the exact value that a name stands for, or None.
    """

    def __init__(self, source: Source, limits: Limits, named: Callable[[str], Fraction | None]) -> None:
        self.source, self.limits, self.named = source, limits, named

    def number(self, node: ast.Constant) -> Fraction:
        """The exact value of a number as it is written.

        Raises:
            LimitExceeded: it has more digits than the limits allow.
            InvalidInput: it is no real number.
        """
        value = node.value
        if isinstance(value, int) and not isinstance(value, bool):
            number = Fraction(value)
            if fits(number, self.limits):
                return number
            raise LimitExceeded(
                f"a number has too many digits; expected at most {self.limits.digits:,}",
                *self.source.place(node),
            )
        if isinstance(value, float):
            try:
                return decimal(self.source.literal(node), self.limits)
            except LimitExceeded as error:
                raise LimitExceeded(str(error), *self.source.place(node)) from None
        if isinstance(value, complex):
            self.source.fail(node, "an imaginary number is not available here; expected a real one")
        if isinstance(value, bool):
            self.source.fail(node, f"{value} is a condition, not a number; expected it only inside Piecewise or where")
        what = "a text" if isinstance(value, (str, bytes)) else "None" if value is None else "..."
        self.source.fail(node, f"{what} is no number; expected a number, a name or an operation")

    def exact(self, root: ast.expr) -> Fraction | None:
        """The exact rational value of a tree of constants; None if it holds a variable or an irrational."""
        if type(root) is ast.Constant:
            return self.number(root)
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
                value = self.number(node)
            elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
                stack += ((node, 1), node.operand) if isinstance(node.op, ast.USub) else (node.operand,)
                continue
            elif isinstance(node, ast.BinOp):
                stack += ((node, 2), node.right, node.left)
                continue
            elif isinstance(node, ast.Name):
                value = self.named(node.id)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NUMBERS:
                value = self.called(node)
            if value is None:
                return None
            values.append(value)
        return values[0]

    def _operate(self, node: ast.BinOp, left: Fraction, right: Fraction) -> Fraction | None:
        """One operation of two exact numbers; None where its value is no rational number."""
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
                self.source.fail(node, "an exact constant is divided by 0")
            result = left / right
        elif operator is ast.Pow and right.denominator == 1 and (left or right >= 0):
            self.check_power(left, right, node)
            result = left ** int(right)
        else:
            return None
        if not fits(result, self.limits):
            raise LimitExceeded(
                f"an exact constant has too many digits; expected at most {self.limits.digits:,}",
                *self.source.place(node),
            )
        return result

    def literal(self, node: ast.Call) -> Fraction | str:
        """The constant that Rational(p, q), Integer(n) or Float("…") stands for."""
        if (not_finite := _not_finite(node)) is not None:
            return not_finite
        value = self.called(node)
        if value is None:
            self.source.fail(node, "expected numbers inside the brackets")
        return value

    def called(self, node: ast.Call) -> Fraction | None:
        """The value of Rational(p, q), Integer(n) or Float("…"); None if it holds a variable."""
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        entry = vocabulary.lookup(name)
        assert entry is not None
        self.check_count(node, entry)
        if _not_finite(node) is not None:
            return None
        parts: list[Fraction] = []
        for argument in node.args[: 1 if name == "Float" else 2]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                try:
                    parts += [decimal(part.strip(), self.limits) for part in argument.value.split("/", 1)]
                except InvalidInput as error:
                    self.source.fail(argument, str(error))
                continue
            value = self.exact(argument)
            if value is None:
                return None
            parts.append(value)
        result = parts[0]
        for divisor in parts[1:]:
            if divisor == 0:
                self.source.fail(node, f"{name} has the denominator 0; expected another")
            result /= divisor
        if name == "Integer" and result.denominator != 1:
            self.source.fail(node, f"Integer takes a whole number; given {result}")
        return result

    def check_count(self, node: ast.Call, entry: vocabulary.Entry) -> None:
        """Refuse a call with a wrong number of arguments.

        Raises:
            InvalidInput: it has one.
        """
        if (message := vocabulary.wrong_count(entry, len(node.args))) is not None:
            self.source.fail(node, message)

    def check_power(self, base: Fraction, exponent: Fraction, node: ast.expr) -> None:
        """Refuse the power of two exact numbers whose value nobody could write down.

        Raises:
            LimitExceeded: its value has more digits than the limits allow.
        """
        bits = max(base.numerator.bit_length(), base.denominator.bit_length()) - 1
        if bits and abs(exponent) * bits > self.limits.digits * 3.33:
            column, line = self.source.place(node)
            raise LimitExceeded(
                f"the exact value of this power has more than {self.limits.digits:,} digits; expected fewer",
                column,
                line,
            )


def _not_finite(node: ast.Call) -> str | None:
    """The constant in Float("nan"), Float("inf") or Float("-inf"); None for anything else."""
    argument = node.args[0] if node.args else None
    if not isinstance(node.func, ast.Name) or node.func.id != "Float" or not isinstance(argument, ast.Constant):
        return None
    return str(argument.value) if argument.value in ("nan", "inf", "-inf") else None
