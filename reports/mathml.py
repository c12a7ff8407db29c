"""Writing formula trees: as MathML for the page, as runs of text for the labels of a drawing."""

from __future__ import annotations

from typing import NamedTuple

from markupsafe import Markup

from .digits import scientific
from .trees import Tree, columns, indexed

#: Words between formulas, one element a language; the page shows the one that is read.
OTHERWISE = Markup('<mtext lang="en">otherwise</mtext><mtext lang="ko">그 밖에는</mtext>')


def math(*trees: Tree, block: bool = False) -> Markup:
    """A formula as one ``math`` element.

    Args:
        trees: formulas, written beside each other.
        block: in display style, in a line of its own.
    """
    display = Markup(' display="block"') if block else Markup("")
    return Markup("<math{}>{}</math>").format(display, Markup("").join(map(write, trees)))


def write(tree: Tree) -> Markup:
    """The MathML of a tree, without the ``math`` element around it.

    Raises:
        ValueError: the tree has a part of an unknown kind.
    """
    inner = [write(part) for part in tree.parts]
    match tree.kind:
        case "name":
            # MathML sets a single letter in italics and a longer name upright, as textbooks do
            letter, index = indexed(tree.text)
            if index:
                return Markup("<msub><mi>{}</mi><mn>{}</mn></msub>").format(letter, index)
            return Markup("<mi>{}</mi>").format(letter)
        case "number":
            return _number(tree.text)
        case "sign":
            return _sign(tree.text)
        case "row":
            return Markup("<mrow>{}</mrow>").format(Markup("").join(inner))
        case "power":
            if tree.parts[0].kind == "number" and scientific(tree.parts[0].text):
                inner[0] = Markup('<mrow><mo form="prefix">(</mo>{}<mo form="postfix">)</mo></mrow>').format(inner[0])
            return Markup("<msup>{}{}</msup>").format(*inner)
        case "quotient":
            return Markup("<mfrac>{}{}</mfrac>").format(*inner)
        case "root":
            if len(inner) > 1:
                return Markup("<mroot>{}{}</mroot>").format(*inner)
            low = Markup(' class="low"' if _is_low(tree.parts[0]) else "")
            return Markup("<msqrt{}>{}</msqrt>").format(low, *inner)
        case "fenced":
            # a bracket that may grow is set with room to grow; around x it need not
            stretchy = "true" if _is_tall(tree.parts[0]) else "false"
            left, right = (
                Markup('<mo form="{}" fence="true" stretchy="{}">{}</mo>').format(form, stretchy, bracket)
                for form, bracket in zip(("prefix", "postfix"), tree.text, strict=True)
            )
            return Markup("<mrow>{}{}{}</mrow>").format(left, inner[0], right)
        case "cases":
            rows = Markup("").join(
                Markup("<mtr><mtd>{}</mtd><mtd>{}</mtd></mtr>").format(value, condition)
                for value, condition in zip(inner[::2], inner[1::2], strict=True)
            )
            brace = Markup('<mo form="prefix" fence="true" stretchy="true">{</mo>')
            return Markup("<mrow>") + brace + Markup('<mtable columnalign="left">{}</mtable></mrow>').format(rows)
        case "otherwise":
            return OTHERWISE
    raise ValueError(f"a formula has no part of the kind {tree.kind!r}")


def _is_tall(tree: Tree) -> bool:
    return tree.kind in ("power", "quotient", "root", "cases") or any(map(_is_tall, tree.parts))


def _is_low(tree: Tree) -> bool:
    """Whether the smallest sign of a root covers a formula: x, 1 + x, x²."""
    if tree.kind == "power":
        return _is_low(tree.parts[0]) and not tree.parts[1].parts
    return tree.kind not in ("quotient", "root", "cases") and all(map(_is_low, tree.parts))


def _number(text: str) -> Markup:
    """A number, one with a power of ten as textbooks write it."""
    parts = scientific(text)
    if parts is None:
        return Markup("<mn>{}</mn>").format(text)
    factor, power = parts
    ten = Markup("<msup><mn>10</mn><mn>{}</mn></msup>").format(power)
    if factor == "1":
        return ten
    return Markup("<mrow><mn>{}</mn><mo>·</mo>{}</mrow>").format(factor, ten)


def _sign(text: str) -> Markup:
    if text == "′":
        return Markup('<mo lspace="0" rspace="0">′</mo>')
    return Markup("<mo>{}</mo>").format(text)


#: An exponent or an index to the letter it belongs to.
_SMALLER = 0.74


class Run(NamedTuple):
    """Some letters of a label: what they are, whether in italics, how many levels up, whether an index below."""

    text: str
    italic: bool
    level: int
    is_index: bool = False


def runs(tree: Tree, level: int = 0) -> list[Run]:
    """A tree as one line of text; fractions get a slash, and brackets with it where the bar was one."""
    inner = [runs(part, level + (tree.kind == "power" and place > 0)) for place, part in enumerate(tree.parts)]
    match tree.kind:
        case "name":
            letter, index = indexed(tree.text)
            return [Run(letter, len(letter) == 1, level), *([Run(index, False, level, True)] if index else [])]
        case "number" if (parts := scientific(tree.text)) is not None:
            factor, power = parts
            ten = [Run("10", False, level), Run(power, False, level + 1)]
            return ten if factor == "1" else [Run(f"{factor}·", False, level), *ten]
        case "number" | "sign":
            spaced = tree.text in "+−=<>≤≥≠" and tree.kind == "sign" and level == 0
            return [Run(f"\u2009{tree.text}\u2009" if spaced else tree.text.replace("\u2062", ""), False, level)]
        case "row" | "power":
            return [run for part in inner for run in part]
        case "quotient":
            top, bottom = (
                part if whole.kind in ("name", "number") else _bracketed(part, "()", level)
                for part, whole in zip(inner, tree.parts, strict=True)
            )
            return [*top, Run("/", False, level), *bottom]
        case "root":
            head = Run("√" if len(inner) == 1 else {"3": "∛", "4": "∜"}.get(tree.parts[1].text, "√"), False, level)
            single = tree.parts[0].kind in ("name", "number")
            return [head, *(inner[0] if single else _bracketed(inner[0], "()", level))]
        case "fenced":
            return _bracketed(inner[0], tree.text, level)
        case "cases":
            return [*inner[0], Run(" | ", False, level), *inner[2]]
    return []


def _bracketed(inside: list[Run], brackets: str, level: int) -> list[Run]:
    return [Run(brackets[0], False, level), *inside, Run(brackets[1], False, level)]


def plain(tree: Tree) -> str:
    """A tree as plain text, for labels that are read aloud."""
    text = ""
    for run in runs(tree):
        text += ("^" if run.level and not run.is_index and not text.endswith("^") else "") + run.text
    return text


def svg_text(tree: Tree, size: float) -> Markup:
    """A tree as the ``tspan`` elements of an SVG text of the given font size in pixels."""
    pieces, raised = [], 0.0
    for run in runs(tree):
        height = size * (0.38 * min(run.level, 2) - 0.16 * run.is_index)
        shift = raised - height
        raised = height
        pieces.append(
            Markup('<tspan font-size="{:.4g}"{}{}>{}</tspan>').format(
                size * _SMALLER ** min(run.level + run.is_index, 2),
                Markup(' dy="{:.3g}"').format(shift) if shift else "",
                Markup(' font-style="italic"') if run.italic else "",
                run.text,
            )
        )
    return Markup("").join(pieces)


def width(tree: Tree, size: float) -> float:
    """About how wide a label is, in pixels."""
    return sum(columns(run.text) * size * 0.52 * _SMALLER ** (run.level + run.is_index) for run in runs(tree))
