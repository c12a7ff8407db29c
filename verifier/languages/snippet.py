"""A few lines in an engine's own language that show one number of it, without this project."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ...engine.tape import Constant, Tape, constant_as_float
from ..engines.common import TapeRunner, Whole, arrays_needed, as_written
from ..errors import Unsupported
from .spelling import written


def snippet(
    engine: TapeRunner,
    tape: Tape,
    at: Mapping[str, float],
    quantity: str | None,
    *,
    dtype: str = "float64",
    spellings: Mapping[str, int] | None = None,
) -> str:
    """Lines of Python that print the value of a function, or its derivative by one input, as the engine computes it.

    Args:
        engine: the adapter.
        tape: the function.
        at: the point, a number for each input.
        quantity: the input by which the derivative is taken; None for the value.
        dtype: in which the engine computes.
        spellings: which of the engine's functions stand for an operation, the first unless named here.

    Raises:
        Unsupported: the engine has no language of its own, or lacks an operation.
    """
    script = engine.script
    if script is None:
        raise Unsupported(f"{engine.name} has no snippets")
    body = _body(type(engine), tape, script.constant.replace("{dtype}", dtype), spellings or {}, engine.whole)
    names = list(tape.inputs)
    words = {
        "args": ", ".join(names),
        "dtype": dtype,
        "numbers": ", ".join(repr(float(at[name])) for name in names),
        "pairs": ", ".join(f"{name}: [{float(at[name])!r}]" for name in names),
        "wrt": quantity or "",
        "i": names.index(quantity) if quantity else 0,
    }
    inputs = []
    for name in names:
        seed = 1.0 if name == quantity else 0.0
        made = script.variable.format(x=repr(float(at[name])), name=name, dtype=dtype, seed=seed)
        inputs.append(f"{name} = {made}")
    ask = (script.value if quantity is None else script.partial).format(**words)
    function = [f"def f({words['args']}):", *(f"    {line}" for line in body)]
    lines = ["", "", *function, "", "", *inputs, ask]
    return "\n".join([*_needed(script.imports, "\n".join(lines)), *lines]) + "\n"


def _body(
    engine: type[TapeRunner], tape: Tape, constant: str, spellings: Mapping[str, int], whole: Whole | None
) -> list[str]:
    """A line for each operation, the last of which returns."""
    texts = list(tape.inputs)
    if whole is not None and tape == whole.tape:
        return [f"return {written(engine, whole.name, whole.spelling, texts)}"]
    lines: list[str] = []
    for i, node in enumerate(tape.nodes[len(texts) : tape.output + 1], len(texts)):
        if node.primitive is Constant:
            texts.append(repr(constant_as_float(node.consts[0])))
            continue
        name = node.primitive.name
        index = spellings.get(name, 0)
        found = engine.spellings(name)
        if not found:
            raise Unsupported(f"{engine.name} has no {name}")
        fixed = [tape.nodes[a].primitive is Constant for a in node.args]
        arguments = [texts[a] for a in node.args]
        for place in arrays_needed(found[index], node.primitive, fixed):
            arguments[place] = constant.replace("{x}", arguments[place])
        call = written(engine, name, index, [*arguments, *map(_constant, node.consts)])
        if i == tape.output:
            return [*lines, f"return {call}"]
        local = f"v{i}"
        while local in texts:  # an input may have that name
            local += "_"
        lines.append(f"{local} = {call}")
        texts.append(local)
    return [*lines, f"return {texts[tape.output]}"]


def _constant(constant: Fraction | str) -> str:
    """A constant of a primitive as a user would write it; a relation without quotes."""
    written = as_written(constant)
    return written if isinstance(written, str) else repr(written)


def _needed(imports: str, lines: str) -> list[str]:
    """The imports without those whose name does not occur in the lines that follow."""
    found = []
    for line in imports.splitlines():
        names: Any = re.match(r"(?:import|from) .*?(\w+)$", line)
        if names and "," not in line and not re.search(rf"\b{names[1]}\b", imports.replace(line, "") + lines):
            continue
        found.append(line)
    return found
