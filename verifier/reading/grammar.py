"""The part of Python's grammar that an expression may use, and plain words for what it may not."""

from __future__ import annotations

import ast

#: Operators that stand for a primitive; ``**`` is apart, for its exponent may be an exact constant.
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Mod: "mod",
}
#: Comparisons that a condition may hold.
RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
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
#: The same for operators.
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
