"""The page of one function: everything that a result record says, and what can be computed again from it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from ...engine.tape import Tape
from ...verifier.errors import GradjuryError
from ...verifier.result_record import why_not
from .. import curve as curves
from ..chain import outside
from ..digits import DIGITS, SINGLE, short, to_decimal, typeset
from ..evidence import (
    Record,
    all_deviate,
    claimed_formula,
    derivative_by,
    floats,
    outside_key,
    partials_by_severity,
    rank_of_partial,
    tape_of,
    value_reason,
    where,
    worst_point,
)
from ..lesson.content import MOST_OPERATIONS as MOST_IN_LESSON
from ..mathml import math as mathml
from ..notation import apart_in_words
from ..pages import environment
from ..phrases import because, called, how_many
from ..reproduce import command, is_claim, is_for_shell, is_unread, lesson, live_lesson, read_from, snippet
from ..rows import Row, rows_of
from ..slopes import Slopes, slopes_of
from ..trees import name, sign, subscripted
from ..verdicts import FAILING
from .blame import meaning, said, says_of, words
from .chains import Product, own, products, table
from .charts import mark
from .graph import MOST_OPERATIONS as MOST_IN_PICTURE
from .graph import draw
from .points import points
from .trace import Suspect, Trace, formula

#: Partial derivatives of one point that are shown with all numbers, and operations whose chain is shown.
MOST_PARTIALS, MOST_ROWS = 24, 120
#: Names in a sentence.
MOST_NAMES = 8
#: Operations of a function of which anything is computed again.
MOST_DRAWN = 10 * MOST_ROWS


@dataclass
class Case:
    """One function as the page shows it.

    Attributes:
        html: its page.
        curve: relative errors of the central difference over the steps, where they were computed.
    """

    html: Markup
    curve: list[float] | None = None


def case(record: Record, number: int, *, tape: Tape | None = None, draws: bool = True) -> Case:
    """The page of one result record.

    Args:
        record: as ``verify`` writes it, or anybody else: nothing in it is trusted.
        number: its place in the report, for a record without an id.
        tape: the function, where it is at hand; else the expression is read.
        draws: whether graph, chain and V-curve are computed; the page says so where they are not.
    """
    point, says = worst_point(record), says_of(record)
    shown: dict[str, Any] = {
        "id": record.get("id", number),
        "verdict": record["verdict"],
        "expression": str(record.get("expression") or ""),
        "engine": record.get("engine"),
        "order": record.get("order", 1),
        "dtype": record.get("dtype", "float64"),
        "error": why_not(record),
        "at": where(point["at"]) if point else None,
        "points": len(record.get("points") or ()),
        "among": "one_of" if record["verdict"] == "agree" else "worst_of_bad" if all_deviate(record) else "worst_of",
        "value": _value(point.get("value"), record) if point else None,
        "value_verdict": point.get("value_verdict") if point else None,
        "value_reason": value_reason(point) if point else None,
        "partials": [],
        "flagged": 0,
        "more_partials": 0,
        "every": points(record) if draws else None,
        "unread": is_unread(record),
        "read_from": read_from(record),
        "means": meaning(record["verdict"], says, is_unread(record)),
        "blame": says,
        "no_blame": None if says else record.get("no_blame"),
        "minimal": _minimal(record.get("blame") or {}),
        "command": command(record, point) if point else None,
        "snippet": snippet(record, point) if point else None,
        "in_shell": point is not None and is_for_shell(command(record, point)),
        "as_claim": _as_claim(record, point) if point else None,
        "lesson": None,
        "drawn": None,
        "draws": draws,
        "undrawn": None,
    }
    if point is None:
        return Case(_html(shown))
    partials = list(partials_by_severity(point))
    sides = slopes_of(record, point, tape) if draws else {}
    d = "∂" if len(partials) > 1 else "d"
    shown["partials"] = [
        {"by": derivative_by(subscripted(n), record, d), **_partial(record, n, p, sides.get(n))}
        for n, p in partials[:MOST_PARTIALS]
    ]
    shown["flagged"] = sum(p["flagged"] for p in shown["partials"]) or 1
    shown["more_partials"] = max(len(partials) - MOST_PARTIALS, 0)
    drawn = _drawn(record, point, tape) if draws else None
    if drawn is None and draws:
        known = tape or tape_of(record)
        shown["undrawn"] = known and _undrawn(len(known.operations))
    if drawn is not None:
        shown["drawn"] = drawn
        if drawn["teaches"]:
            shown |= {"lesson": lesson(record, point), "live": live_lesson(record, point)}
    return Case(_html(shown), drawn["errors"] if drawn else None)


def _as_claim(record: Record, point: Record) -> str | None:
    """The key of why numbers are judged as a claim that an engine returned; None where they are not, or were one."""
    if record.get("engine") == "claim" or is_unread(record) or not is_claim(record, point):
        return None
    return "as_claim_function" if record.get("function") else "as_claim"


def _value(value: Any, record: Record) -> Any:
    """The function's value as the page shows it: that of a single float in the digits that name one."""
    return short(value, SINGLE) if isinstance(value, float) and record.get("dtype") == "float32" else value


def _html(shown: Mapping[str, Any]) -> Markup:
    return Markup(
        environment()
        .get_template("function.html.j2")
        .render(f=shown, words=words, called=called, how_many=how_many, because=because, said=said, mark=mark)
    )


def _minimal(blame: Record) -> dict[str, Any] | None:
    if not blame.get("minimal"):
        return None
    text = str(blame["minimal"])
    return {"text": text, "formula": formula_of(text), "at": where(blame.get("at") or {})}


@lru_cache(maxsize=1000)
def formula_of(text: str) -> Markup | None:
    """An expression as a formula, as it was written; None where it cannot be read or would be too long."""
    tape = tape_of({"expression": text})
    tree = None if tape is None else formula(tape)
    return None if tree is None else mathml(tree)


def _partial(record: Record, variable: str, partial: Record, at_kink: Slopes | None) -> dict[str, Any]:
    claimed = claimed_formula(record, variable)
    return {
        "verdict": partial["verdict"],
        "flagged": rank_of_partial(partial) > 0,
        "rows": [*map(_row, rows_of(record, partial, at_kink))],
        "formula": partial.get("formula_verdict"),
        "claimed": claimed and {"text": claimed, "formula": formula_of(claimed)},
        "reason": partial.get("reason"),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "label": f"number_{row.label.replace(' ', '_')}",
        "same": row.shown.text[: row.shown.same],
        "differs": row.shown.text[row.shown.same :],
        "note": row.remark and f"note_{row.remark}",
        "values": row.typeset,
    }


_NO_CURVE: dict[str, Any] = {"curve": None, "errors": None}


def _drawn(record: Record, point: Record, tape: Tape | None) -> dict[str, Any] | None:
    """What is computed again from the expression: formula, graph, chain, V-curve; None where it cannot be."""
    tape = tape or tape_of(record)
    at = floats(point["at"])
    if tape is None or not set(tape.inputs) <= set(at) or len(tape.operations) > MOST_DRAWN:
        return None
    dtype, is_first = record.get("dtype", "float64"), record.get("order", 1) == 1
    try:
        trace = Trace(tape, at, dtype if dtype in ("float32", "float64") else "float64")
        suspect = Suspect.of(record.get("blame"), trace)
        tree = formula(tape)
        output = trace.names.get(tape.output, "y")
        judged = _judged(point) if is_first else {}
        picture = draw(trace, suspect, judged) if trace.operations else None
        short_enough = len(trace.operations) <= MOST_ROWS
        found = products(trace, suspect) if trace.operations and short_enough else []
        written = _worst_first([product for product in found if product.lines], point)
        cornered = {trace.names[i] for i in trace.corners}
        corners = [(n, t) for n, t in trace.definitions if n in cornered]
        finite = all(math.isfinite(x[i]) for x in (trace.values, trace.adjoints) for i in trace.names)
        return {
            "formula": None if tree is None else mathml(name(output), sign("="), tree, block=True),
            "definitions": [mathml(name(n), sign("="), t) for n, t in trace.definitions[:MOST_ROWS]]
            if tree is None
            else [],
            "all_definitions": len(trace.definitions) if tree is None else 0,
            "picture": picture,
            "outlines": suspect.node is not None,
            "marks": bool(judged),
            "undrawn": _undrawn(len(trace.operations)),
            "products": written,
            "unwritten": _listed([product.name for product in found if not product.lines]),
            "own": own(trace) if short_enough else [],
            "corners": [mathml(name(n), sign("="), t) for n, t in corners] if short_enough else [],
            "apart": apart_in_words(trace.apart, tape),
            "outside": outside(tape, at, trace.dtype) if outside_key(point) else None,
            "outside_key": outside_key(point),
            "steps": table(trace, suspect) if short_enough else [],
            "teaches": finite and 0 < len(trace.operations) <= MOST_IN_LESSON and tape.output in trace.edges,
            **(_curve(trace, point) if is_first else _NO_CURVE),
        }
    except GradjuryError:
        return None


def _listed(names: list[str]) -> str:
    """Names in a sentence, the first of many."""
    return ", ".join(map(subscripted, names[:MOST_NAMES])) + (" …" if len(names) > MOST_NAMES else "")


def _undrawn(operations: int) -> dict[str, Any] | None:
    """What is not drawn of a long function, as a message and what stands in it; None where everything is."""
    if operations <= MOST_IN_PICTURE:
        return None
    key = "no_graph" if operations <= MOST_ROWS else "no_graph_no_chain" if operations <= MOST_DRAWN else "too_long"
    return {"key": key, "values": {"count": f"{operations:,}", "graph": MOST_IN_PICTURE, "chain": MOST_ROWS}}


def _worst_first(found: list[Product], point: Record) -> list[Product]:
    """Chain products, those of the worst partials first."""
    ranks = {name: k for k, (name, _) in enumerate(partials_by_severity(point))}
    return sorted(found, key=lambda product: ranks.get(product.name, len(ranks)))


def _judged(point: Record) -> dict[str, str]:
    """Numbers that were returned and do not agree, by input."""
    return {n: _apart(p) for n, p in point["partials"].items() if p["verdict"] in ("imprecise", *FAILING)}


def _apart(partial: Record) -> str:
    """The number that was returned, in as many digits as tell it from the right one beside it."""
    returned, right = (
        partial.get(key) if (number := to_decimal(partial.get(key))) is None else float(number)
        for key in ("engine", "symbolic")
    )
    digits = next((d for d in range(6, DIGITS) if short(returned, d) != short(right, d)), DIGITS)
    return typeset(short(returned, digits))


def _curve(trace: Trace, point: Record) -> dict[str, Any]:
    """The V-curve of the worst partial that has a certified value, of those with a difference at some step."""
    shown = _NO_CURVE
    candidates: Iterable[tuple[str, Record]] = partials_by_severity(point)
    for variable, partial in candidates:
        truth = partial.get("symbolic")
        if variable in trace.point and to_decimal(truth) is not None and math.isfinite(trace.point[variable]):
            found = curves.curve(trace.tape, trace.point, variable, truth, trace.dtype)
            if found.shape != "nowhere":
                return {"curve": _curve_shown(variable, found), "errors": found.errors if found.is_relative else None}
            if shown is _NO_CURVE:
                shown = {"curve": _curve_shown(variable, found), "errors": None}
    return shown


def _curve_shown(variable: str, found: curves.Curve) -> dict[str, Any]:
    errors, best, shape = found.errors or [], found.best, found.shape
    said = "relative" if found.is_relative else "absolute"
    return {
        "name": subscripted(variable),
        "chart": curves.chart(found, movable=False) if shape not in ("exact", "nowhere") else "",
        "best": f"curve_{said}" if shape in ("v", "no_truncation", "no_rounding") else None,
        "key": f"curve_{shape}",
        "h": "" if best is None else typeset(f"{found.steps[best]:.0e}"),
        "error": "" if best is None else typeset(f"{errors[best]:.2g}"),
        "rows": [
            (typeset(f"{h:.2g}"), typeset(repr(v)), "—" if math.isnan(e) else typeset(f"{e:.2g}"))
            for h, v, e in zip(found.steps, found.values, errors, strict=True)
        ][::4],
    }
