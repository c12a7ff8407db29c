"""The evidence of a result record in words: which point is the worst, what is to blame, why nothing was decided.

Everything here reads the record of one function (``Verification.to_record()``, or a line of a results file),
so that the terminal, a failing test and the HTML report say the same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ..engine import REGISTRY
from ..engine.tape import Recorder, Tape
from ..verifier import read
from ..verifier.errors import GradjuryError
from ..verifier.records import parse_number
from ..verifier.result_record import why_not
from .digits import RAISED, to_decimal
from .verdicts import ORDER

Record = Mapping[str, Any]


def derivative_by(name: str, record: Record, d: str = "d") -> str:
    """What a record's numbers by a variable are: d/dx, of a higher order d²/dx²."""
    order = record.get("order", 1)
    power = "" if order == 1 else str(order).translate(RAISED)
    return f"{d}{power}/{d}{name}{power}"


def severity(verdict: str) -> int:
    """Rank of a verdict, 0 for ``agree``."""
    return ORDER.index(verdict) if verdict in ORDER else len(ORDER)


def formula_severity(partial: Record) -> int:
    """Rank of what was found of a claimed formula, 0 without one and where it agrees."""
    verdict = partial.get("formula_verdict")
    return severity(verdict) if verdict in ORDER else 0  # a proved one is in no order


def claimed_formula(record: Record, name: str) -> str | None:
    """The formula that was claimed for the derivative by a variable; None where none was, or nobody wrote it down."""
    claimed = record.get("derivative")
    text = claimed.get(name) if isinstance(claimed, Mapping) else None
    return text if isinstance(text, str) else None


def rank_of_partial(partial: Record) -> int:
    """Severity of a partial derivative: of its number or of the formula claimed for it, whichever is worse."""
    return max(severity(partial["verdict"]), formula_severity(partial))


def rank_of_point(point: Record) -> int:
    """Severity of the worst verdict in one point of a record."""
    ranks = [rank_of_partial(p) for p in point.get("partials", {}).values()]
    ranks += [severity(v) for v in (point.get("value_verdict"),) if v]
    return max(ranks, default=0)


def only_formulas_fail(record: Record) -> bool:
    """Whether a verdict is that of claimed formulas alone: no number has it."""
    rank, points = severity(record["verdict"]), record.get("points") or []
    partials = [p for point in points for p in point.get("partials", {}).values()]
    numbers = [severity(p["verdict"]) for p in partials]
    numbers += [severity(v) for point in points if (v := point.get("value_verdict"))]
    return 0 < rank <= max(map(formula_severity, partials), default=0) and max(numbers, default=0) < rank


def worst_point(record: Record) -> Record | None:
    """The point that decided the verdict, the first of them; None where no point was judged."""
    points = record.get("points") or []
    return max(points, key=rank_of_point, default=None)


def where(at: Mapping[str, Any]) -> str:
    """A point in a few words: ``x = 0.5, y = 2.0``."""
    return ", ".join(f"{name} = {value}" for name, value in at.items()) or "no variables"


def expression(record: Record, most: int = 600) -> str | None:
    """The function as text; the middle of a very long one is left away, and said to be."""
    text = record.get("expression")
    if text is None:
        return None
    text = str(text)
    if len(text) <= most:
        return text
    return f"{text[: most // 2]} … {text[-most // 2 :]}   ({len(text):,} characters)"


def among(record: Record) -> str:
    """What the point that is shown is among several, in brackets; empty for a single one."""
    count = len(record.get("points") or ())
    if count < 2:
        return ""
    if record["verdict"] == "agree":
        return f"   (the worst of {count} points, all of which agree)"
    if all_deviate(record):
        return f"   (the worst of {count} points that do not agree)"
    return f"   (the worst of {count} points)"


def all_deviate(record: Record) -> bool:
    """Whether no point in a record agrees: a campaign keeps only those, however many it judged."""
    return all(rank_of_point(point) for point in record.get("points") or ())


def is_removable(point: Record) -> bool:
    """Whether the derivative exists where the function could not be computed: sin(x)/x at 0 goes on as 1 does."""
    partials = point.get("partials", {}).values()
    return any(bool(p.get("certified")) and to_decimal(p.get("symbolic")) is not None for p in partials)


def outside_key(point: Record) -> str | None:
    """The message on an operation without a value at a point: the function has none, or continues; None if neither.

    Rounding takes arguments out of a domain as well: that the function has no value is for its verdict to say.
    """
    if point.get("value") != "nan":
        return None
    if is_removable(point):
        return "outside_removable"
    return "outside" if point.get("value_verdict") in (None, "undefined") else None


def is_at_kink(partial: Record) -> bool:
    """Whether a partial derivative has no single value, but an enclosure of several."""
    return partial.get("symbolic") is None and bool((partial.get("enclosure") or [None])[0])


def tape_of(record: Record) -> Tape | None:
    """The function of a record; None where its expression cannot be read.

    Entries of arrays, which only functions in an engine's own language have, keep their names: ``w[0, 1]``.
    """
    text = str(record.get("expression") or "")
    entries = {plain_names(entry): entry for entry in _ENTRY.findall(text)}
    if not entries.keys().isdisjoint(re.findall(r"\w+", text)):
        return None
    try:
        tape = read(plain_names(text))
    except GradjuryError:
        return None
    if entries.keys().isdisjoint(tape.inputs):
        return tape
    inputs = Recorder(entries.get(name, name) for name in tape.inputs)
    return Tape([*inputs.nodes, *tape.nodes[len(tape.inputs) :]], inputs.inputs, tape.output, tape.names)


#: An entry of an array, as what was read of a function names it.
_ENTRY = re.compile(r"[^\W\d]\w*\[\d+(?:, \d+)*\]")


def plain_names(text: str) -> str:
    """Names of an array's entries as expressions take them: ``w_0_1`` for ``w[0, 1]``."""
    return _ENTRY.sub(lambda found: found[0].replace("[", "_").replace(", ", "_").rstrip("]"), text)


def floats(at: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a point as floats; what is no number is left out."""
    found = {}
    for name, value in at.items():
        try:
            found[str(name)] = float(parse_number(value))
        except GradjuryError:
            continue
    return found


def partials_by_severity(point: Record) -> Iterator[tuple[str, Record]]:
    """The partial derivatives of a point, worst first, else in their own order."""
    partials = point.get("partials", {})
    yield from sorted(partials.items(), key=lambda item: -rank_of_partial(item[1]))


#: The largest float of each type.
LARGEST = {"float32": Decimal(2**128 - 2**104), "float64": Decimal(sys.float_info.max)}
#: Least float of each type that is more than 0.
LEAST = {"float32": Decimal(2.0**-149), "float64": Decimal(2.0**-1074)}

#: What may be said of a derivative that was lost on the way; a page has the same under ``stands_`` and the key.
STANDINGS = {
    "finite": ", although the derivative is finite",
    "beyond": ", and the derivative is beyond the largest float",
    "kink": ", although the slopes on the two sides are finite",
    "": "",
}
#: Kinds of blame with which the derivative itself has to do.
LOST = ("singular", "overflow")
_BLAME = {
    "rule": "the derivative rule of {operation}",
    "accumulation": "the sum over paths, or a rewriting of the whole: no single operation explains the number",
    "forward": "the forward value of {operation}",
    "oracle": "the oracles contradict each other at {operation}: its meaning or SymPy, not the engine",
    "interference": "{operation}, which stops or changes the gradient on its way",
    "singular": "{operation} meets 0/0, a pole or a branch point",
    "overflow": "{operation} overflows or underflows on the way",
    "unsteady": "the engine, which has another number when it is asked the same again",
    "together": "several points at once: asked for this one alone, the engine has the right number",
}


def standing(record: Record) -> str:
    """How the derivative stands that decided a verdict: a key of :data:`STANDINGS`, empty where nothing can be said."""
    partials = (worst_point(record) or {}).get("partials", {}).values()
    decided = [p for p in partials if p["verdict"] == record["verdict"]]
    exact = [p.get("symbolic") for p in decided]
    if any(is_beyond_floats(number, record.get("dtype")) for number in exact):
        return "beyond"
    if any(to_decimal(number) is not None for number in exact):
        return "finite"
    ends = [[*map(to_decimal, p["enclosure"])] for p in decided if is_at_kink(p)]
    return "kink" if ends and None not in ends[0] else ""


def is_beyond_floats(number: object, dtype: object) -> bool:
    """Whether a number is finite, yet larger than the largest float of a type, float64 unless it is known."""
    value = to_decimal(number)
    return value is not None and value.copy_abs() > LARGEST.get(str(dtype), LARGEST["float64"])


def is_below_floats(number: object, dtype: object) -> bool:
    """Whether a number is not 0, yet nearer to it than every float of a type, float64 unless it is known."""
    value = to_decimal(number)
    return value is not None and 0 < value.copy_abs() < LEAST.get(str(dtype), LEAST["float64"])


def kind_of_blame(blame: Record) -> str:
    """What is said of a blame: how it comes about where that is told, else its kind; empty where it tells neither."""
    return str(blame.get("how") or blame.get("kind") or "")


def blame_in_words(blame: Record, stands: str = "") -> str:
    """Which operation is at fault, and in what.

    Args:
        blame: of a record.
        stands: the derivative that was lost, see :func:`standing`.
    """
    name = blame.get("primitive")
    operation = str(name) if name else "the function as a whole"
    argument = blame.get("argument")
    primitive = REGISTRY.get(name) if isinstance(name, str) else None
    if primitive is not None and argument is not None and argument < len(primitive.arguments) > 1:
        operation += f" by its argument {primitive.arguments[argument]}"
    if name and blame.get("node") is not None:
        operation += f" (node {blame['node']})"
    kind = kind_of_blame(blame)
    return _BLAME.get(kind, "{operation}").format(operation=operation) + (STANDINGS[stands] if kind in LOST else "")


def blame_facts(record: Record) -> list[tuple[str, str | None]]:
    """What is to blame and the smallest function that still fails, or why there is no blame, each behind its label."""
    if blame := record.get("blame"):
        return [("blame", blame_in_words(blame, standing(record))), ("smallest", minimal_in_words(blame))]
    why = record.get("no_blame")
    return [("blame", f"none: {why}")] if why else []


def reason(record: Record) -> str | None:
    """Why a verdict is what it is: the record's own words, else those of a partial that decided it, or of a value."""
    if words := why_not(record):
        return words
    rank = severity(record["verdict"])
    for point in record.get("points") or ():
        for partial in point.get("partials", {}).values():
            if rank_of_partial(partial) == rank and partial.get("reason"):
                return str(partial["reason"])
        if why := value_reason(point, record["verdict"]):
            return why
    return None


def value_reason(point: Record, verdict: str | None = None) -> str | None:
    """Why the value at a point has its verdict, or this one; None where it has not, it agrees, or nothing is told.

    Args:
        verdict: which is asked for; any but ``agree`` unless given.
    """
    found = point.get("value_verdict")
    asked = found not in (None, "agree") if verdict is None else found == verdict
    return str(point["value_reason"]) if asked and point.get("value_reason") else None


def minimal_in_words(blame: Record) -> str | None:
    """The smallest function that still fails, and where; None if nothing smaller was sought."""
    if not blame.get("minimal"):
        return None
    return f"{blame['minimal']}  at  {where(blame.get('at') or {})}"
