"""The chain of a function on the terminal: its steps beside or below each other, and its products."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..engine.tape import Tape
from .chain import Local, Step, is_line, node_names, product, steps
from .console import LEAST
from .digits import short

#: Longer tapes are not drawn: nobody reads them, and the JSON record has everything.
MAX_STEPS = 40

#: Longer chain-rule products are told by their length.
MAX_PRODUCT = 2000

#: What the engine returns that the chain does not show.
_MEET = (
    "several corners meet here, and the project's own engine treats them for each variable by itself; "
    "what it returns is not what the chain shows:"
)
#: What stands below a chain where another engine is judged.
_WHOSE = "the chain is computed by the project's own engine; what the engine under test returned stands below"


def chain(tape: Tape, at: Mapping[str, float], dtype: str, width: int, *, is_own: bool) -> RenderableType:
    """The chain of a function at a point, forward above and backward below where it is a line that fits.

    Args:
        tape: the function.
        at: the point.
        dtype: in which it is computed.
        width: of the terminal.
        is_own: whether the engine under test is the one that computes the chain.
    """
    count = len(tape.operations)
    if not tape.inputs and not count:
        return Text("\na number: there is nothing to differentiate", "dim")
    if count > MAX_STEPS:
        return Text(f"\nthe chain has {count} operations; at most {MAX_STEPS} are drawn", "dim")
    every = steps(tape, at, dtype)
    output = node_names(tape)[tape.output]
    notes = [_corner(step) for step in every if step.is_corner]
    if returned := [f"d{output}/d{s.name} = {short(s.returned)}" for s in every if s.returned is not None]:
        notes.append(f"{_MEET} {', '.join(returned)}")
    notes += [] if is_own else [_WHOSE]
    drawn = [Text(f"\n{note}", "dim") for note in notes]
    if is_line(tape):
        columns = _columns(every, output)
        if 10 + sum(max(map(len, column)) + 2 for column in columns) <= width:
            return Group(_row(columns), *drawn)
    return Group(_stack(every, output, width), *drawn)


def _corner(step: Step) -> str:
    takes = "chooses between them" if len(step.locals) > 1 else f"takes {short(step.locals[0].value)}"
    return (
        f"{step.name} = {step.operation} has a corner here: the slopes on its two sides differ, "
        f"and the project's own engine {takes}"
    )


def _columns(chain: list[Step], output: str) -> list[tuple[str, str, str, str]]:
    """Four texts a column: forward above, backward below; variables and functions take turns."""
    columns: list[tuple[str, str, str, str]] = []
    for step in chain:
        if step.operation:
            (local,) = step.locals
            columns.append((f"─ {step.operation} →", "", f"← {local.expression} ─", f"  {short(local.value)}"))
        columns.append((step.name, short(step.value), f"d{output}/d{step.name}", short(step.adjoint)))
    return columns


def _row(columns: list[tuple[str, str, str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(len(columns) + 1):
        grid.add_column(no_wrap=True)
    for label, line in (("forward", 0), ("", 1), ("backward", 2), ("", 3)):
        emphasis = "bold" if line in (0, 2) else ""
        grid.add_row(Text(label, "dim"), *(Text(column[line], emphasis) for column in columns))
    return Padding(grid, (1, 0, 0, 0))


def _stack(chain: list[Step], output: str, width: int) -> RenderableType:
    numbers = [(short(step.value), f"d{output}/d{step.name} = {short(step.adjoint)}") for step in chain]
    needed = sum(max(map(len, column)) + 2 for column in zip(*numbers, strict=True))
    is_wide = needed + 2 * (LEAST + 2) <= width
    return Group(_table_of(chain, output) if is_wide else _list_of(chain, output), *_letters(chain))


def _list_of(chain: list[Step], output: str) -> RenderableType:
    """The steps below each other, for terminals that are too narrow for a table: its columns would lose digits."""
    lines = [Text()]
    for step in chain:
        computed = f" = {step.operation}" if step.operation else ""
        lines.append(Text(f"{step.name}{computed} = {short(step.value)}", "bold"))
        lines += [Text(f"  d{p.of}/d{p.by} = {_local(p)}") for p in step.locals]
        lines.append(Text(f"  backward d{output}/d{step.name} = {short(step.adjoint)}", "bold"))
    return Group(*lines)


def _table_of(chain: list[Step], output: str) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("forward", overflow="fold")
    table.add_column("value", no_wrap=True)
    table.add_column("local derivatives", overflow="fold")
    table.add_column("backward", no_wrap=True)
    for step in chain:
        forward = f"{step.name} = {step.operation}" if step.operation else step.name
        local = "\n".join(f"d{p.of}/d{p.by} = {_local(p)}" for p in step.locals)
        backward = f"d{output}/d{step.name} = {short(step.adjoint)}"
        table.add_row(Text(forward, "bold"), short(step.value), Text(local), Text(backward, "bold"))
    return Padding(table, (1, 0, 0, 0))


def _letters(chain: list[Step]) -> Iterable[Text]:
    """What the letters mean by which local derivatives are told from those over all paths."""
    for step in chain:
        if letters := [p.of for p in step.locals if p.of != step.name]:
            kind = f"{' and '.join(letters)}: {step.name} = {step.operation} by itself"
            yield Text(f"\n{kind}; the derivatives of {step.name} add all paths", "dim")


def _local(partial: Local) -> str:
    value = short(partial.value)
    return value if partial.expression == value else f"{partial.expression} = {value}"


def written(products: Mapping[str, Any], output: str) -> Iterable[RenderableType]:
    """The chain-rule product of each variable, SymPy expressions; None: no closed form."""
    if products:
        several = any(getattr(found, "is_Add", False) for found in products.values())
        words = "products, summed over paths" if several else "products" if len(products) > 1 else "product"
        yield Text(f"\nthe chain rule's {words}", "dim")
    for name, found in products.items():
        text = "no closed form" if found is None else product(found)
        if len(text) > MAX_PRODUCT:
            text = f"a product of {len(text):,} characters, not shown"
        yield Text(f"d{output}/d{name} = {text}")
    yield Text("")
