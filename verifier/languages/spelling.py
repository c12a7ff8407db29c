"""How an adapter's table is written: each function of an engine as its users would call it.

A function object does not know under which name its users find it (``torch.nn.functional.softplus`` calls itself
``torch._C._nn.softplus``), and a lambda knows no name at all; the source of the table does. It is read, never run.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ...engine.primitive import REGISTRY
from ..engines.common import OPERATORS, Script, TapeRunner

#: Operators as they are written, with the places of their arguments.
_OPERATORS = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "neg": "-{0}",
    "pow": "{0} ** {1}",
    "powc": "{0} ** {1}",
}


def written(engine: type[TapeRunner], primitive: str, index: int, arguments: Sequence[str]) -> str:
    """The call of one spelling, such as ``torch.nn.functional.softplus(x)``.

    Args:
        engine: the class of the adapter.
        primitive: name of the operation, or of the meaning of a function that is none.
        index: of the spelling in :meth:`~gradjury.verifier.engines.common.TapeRunner.spellings`.
        arguments: texts of the arguments and then of the constants; a relation without quotes.
    """
    function = engine.spellings(primitive)[index]
    if function is OPERATORS.get(primitive):
        return _OPERATORS[primitive].format(*arguments)
    sources = _sources(engine).get(primitive)  # type: ignore[arg-type]  # a class is hashable
    if sources is None or index >= len(sources):
        return f"{getattr(function, '__qualname__', primitive)}({', '.join(arguments)})"
    source = sources[index]
    if not isinstance(source, ast.Lambda):
        return f"{ast.unparse(source)}({', '.join(arguments)})"
    names = [a.arg for a in source.args.args]
    inlined = _Inline(dict(zip(names, arguments, strict=True)), engine.script).visit(
        ast.parse(ast.unparse(source.body)).body[0]
    )
    return ast.unparse(inlined)


@cache
def _sources(engine: type[TapeRunner]) -> Mapping[str, list[ast.expr]]:
    """The expressions in the tables of an adapter, by primitive or meaning; none where its source cannot be read."""
    try:
        text = textwrap.dedent(inspect.getsource(engine))
    except (OSError, TypeError):  # a class from an interactive session
        return {}
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Dict):
            continue
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if isinstance(target, ast.Name) and target.id in ("table", "further"):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if isinstance(key, ast.Constant):
                    found[str(key.value)] = value.elts if isinstance(value, ast.Tuple) else [value]
    return found


class _Inline(ast.NodeTransformer):
    """A lambda's body with the arguments in their places, and this project's own helpers as what they do."""

    def __init__(self, arguments: Mapping[str, str], script: Script | None) -> None:
        self.arguments = arguments
        self.comparisons = {} if script is None else {"==": script.equal, "!=": script.unequal}

    def visit_Name(self, node: ast.Name) -> Any:
        text = self.arguments.get(node.id)
        return node if text is None else ast.parse(text, mode="eval").body

    def visit_Call(self, node: ast.Call) -> Any:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name in ("whole_order", "order_above_1"):  # the order, checked to be one that the function takes
            order = ast.parse(self.arguments[ast.unparse(node.args[0])], mode="eval").body
            return ast.Constant(int(order.value)) if isinstance(order, ast.Constant) else order  # type: ignore[arg-type]
        if name == "compare":
            left, right = (ast.unparse(self.visit(a)) for a in node.args[:2])
            relation = self.arguments[ast.unparse(node.args[2])]
            text = self.comparisons.get(relation, f"{{0}} {relation} {{1}}").format(left, right)
            return ast.parse(text, mode="eval").body
        return self.generic_visit(node)


def names_of(primitive: str) -> tuple[str, ...]:
    """The arguments and constants of a primitive, in the order in which a spelling takes them."""
    found = REGISTRY[primitive]
    return (*found.arguments, *found.constants)
