"""The strokes of the drawing: numbers, labels that fit, fractions, curves with tips."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from ..engine.tape import Constant, Tape
from .digits import short, typeset
from .trees import Tree, columns, constant, indexed

#: Letters that are half as wide again as others: ``gamma`` is as wide as a name of six.
_BROAD = "mMW"
_INFIX = {"add": "+", "sub": "−", "mul": "×", "div": "÷"}
_SYMBOLS = {
    "neg": "−",
    "sqrt": "√",
    "cbrt": "∛",
    "abs": "| |",
    "floor": "⌊ ⌋",
    "ceil": "⌈ ⌉",
    "pow": "^",
    "where": "if",
}
_SYMBOLS |= {"maximum": "max", "minimum": "min", "reciprocal": "1 ÷", "sigmoid": "σ", "square": "( )²", "mod": "mod"}


def circled(number: int) -> str:
    """①, ② … ㊿; beyond them (51)."""
    for first, last, start in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if first <= number <= last:
            return chr(start + number - first)
    return f"({number})"


def shown(value: float, digits: int = 6) -> str:
    """A number in so many digits, with a minus that is one; a dash where there is none."""
    if math.isnan(value):
        return "—"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return short(value, digits).replace("-", "−") if value else "0"


def curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    """The piece of a path that leaves and arrives level."""
    turn = (start[0] + end[0]) / 2
    return f"C{turn:.1f} {start[1]:.1f} {turn:.1f} {end[1]:.1f} {end[0]:.1f} {end[1]:.1f}"


def arrow(path: str, row: str, step: int, at_start: bool = False) -> Markup:
    """An edge of the forward or the backward row, with its tip at the end of the path or at its start."""
    marker = Markup('marker-{}="url(#tip-{})"').format("start" if at_start else "end", row)
    return Markup('<path class="edge {}" data-from="{}" data-now="{}" d="{}" {}/>').format(
        row, step, step, path, marker
    )


def depth(part: object) -> int:
    """Bands lie under edges, edges under nodes."""
    text = str(part)
    return 0 if 'class="band"' in text[:30] else 1 if text.startswith("<path") else 2


def fitting(text: str, size: float, room: float, each: float = 0.55) -> float:
    """A font size at which a text fits into so many pixels; ``each`` is the width of a letter of Latin in it."""
    broad = sum(text.count(letter) for letter in _BROAD) / 2
    return min(size, room / (each * max(columns(text) + broad, 1)))


def abbreviated(names: Iterable[str], most: int) -> dict[str, str]:
    """Names of so many columns at most, each for its own: what is longer loses its middle, never its difference."""
    found = {name: name for name in names if columns(name) <= most}
    for name in names:
        if name not in found:
            taken = set(found.values())
            found[name] = next((short for short in _shortened(name, most) if short not in taken), name)
    return found


def _shortened(name: str, most: int) -> Iterator[str]:
    """A name without its middle, of what may be kept as much as there is room for: first as much in front as behind.

    Of an entry of an array, before that, its whole index: ``wei…[0, 0]``.
    """
    index = name[name.find("[") :] if name.endswith("]") else ""
    if index and (front := _cut(name, most - 1 - columns(index))):
        yield f"{front}…{index}"
    for head in sorted(range(most), key=lambda head: (abs(2 * head - most), head)):
        front = _cut(name, head)
        yield f"{front}…{_cut(name[::-1], most - 1 - columns(front))[::-1]}"


def _cut(text: str, most: int) -> str:
    """As many letters of a text as so many columns hold."""
    return next((text[:end] for end in range(len(text), 0, -1) if columns(text[:end]) <= most), "")


def lettered(*parts: str) -> Markup:
    """A label of several parts, in which the number of a name stands below its letter: ∂y/∂w₁."""
    pieces = []
    for part in parts:
        letter, index = indexed(part)
        below = Markup('<tspan dy=".22em" font-size="72%">{}</tspan><tspan dy="-.16em">&#8203;</tspan>')
        pieces += [escape(letter), below.format(index) if index else ""]
    return Markup("").join(pieces)


def fraction(above: str, top: str, below: str, bottom: str) -> Markup:
    """A derivative as a fraction of two differentials, around the origin."""
    size = min(fitting(above + top, 20, 46), fitting(below + bottom, 20, 46))
    half = max(13.0, min(24.0, 0.3 * size * max(columns(above + top), columns(below + bottom))))
    return Markup(
        '<text class="math" y="-5" font-size="{:.1f}" font-style="italic">{}{}</text>'
        '<path class="bar" d="M-{:.1f} 0h{:.1f}"/>'
        '<text class="math" y="{:.1f}" font-size="{:.1f}" font-style="italic">{}{}</text>'
    ).format(size, above, lettered(top), half, 2 * half, 3 + 0.75 * size, size, below, lettered(bottom))


def symbol(tape: Tape, index: int) -> str:
    """What stands in the box of an operation: ``sin``, ``×``, ``2 ×``, ``( )³``; constants stand beside their sign."""
    node = tape.nodes[index]
    kind = node.primitive.name
    if kind == "powc":
        return f"( )^{flat(constant(node.consts[0]))}".replace("^2", "²").replace("^3", "³")
    if kind in _INFIX:
        operands = [tape.nodes[a] for a in node.args]
        sides = [flat(constant(o.consts[0])) if o.primitive is Constant else "" for o in operands]
        text = f"{sides[0]} {_INFIX[kind]} {sides[1]}".strip()
        return text if len(text) <= 7 else _INFIX[kind]
    return _SYMBOLS.get(kind, kind)


def flat(tree: Tree) -> str:
    """A constant as plain text."""
    if tree.kind in ("name", "number", "sign"):
        return typeset(tree.text) if tree.kind == "number" else tree.text
    return ("/" if tree.kind == "quotient" else "").join(map(flat, tree.parts))
