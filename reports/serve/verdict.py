"""A verdict as the page shows it: three numbers, the certified truth, whom to blame, the chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine import REGISTRY
from ...engine.tape import Tape
from ...verifier import verify
from ...verifier.errors import GradjuryError
from ...verifier.result_record import why_not
from ...verifier.results import Verification
from ..chain import outside
from ..evidence import (
    LOST,
    Record,
    kind_of_blame,
    outside_key,
    partials_by_severity,
    standing,
    value_reason,
    where,
    worst_point,
)
from ..lesson.content import MOST_OPERATIONS, Lesson
from ..lesson.drawing import draw
from ..lesson.equations import Equations
from ..report.points import points as every_point
from ..reproduce import command
from ..rows import Row, rows_of
from ..slopes import slopes
from ..trees import subscripted
from .asked import Refused, about, engine, field, points
from .pages import answer_page


def judged(job: Mapping[str, Any], tape: Tape, formula: str) -> str:
    """The page of one judged function.

    Raises:
        Refused: the point or the engine cannot be used.
    """
    at, under_test = points(tape, job["at"]), engine(job["engine"])
    try:
        single = {name: row[0] if len(row) == 1 else row for name, row in at.items()}
        result = verify(tape, single, engine=under_test, timeout=job["seconds"])
    except GradjuryError as error:
        raise Refused(about(error), error) from None
    fields = {name: ", ".join(map(field, row)) for name, row in at.items()}
    record = {**result.to_record(), "expression": job["f"]}
    return answer_page({**job, "at": fields}, {}, formula, shown(result, record))


def shown(result: Verification, record: Record) -> dict[str, Any]:
    """What the template shows of a result."""
    point = worst_point(record)
    assert point is not None
    judged_point = result.points[record["points"].index(point)]
    blame = record["blame"]
    here = {name: float(x) for name, x in point["at"].items()}
    return {
        "verdict": record["verdict"],
        "engine": record["engine"],
        "is_other": not record["engine"].startswith("numpy "),
        "reason": why_not(record),
        "count": len(record["points"]),
        "where": where(point["at"]),
        "value": point["value"],
        "outside": outside(result.tape, here, record.get("dtype", "float64")) if outside_key(point) else None,
        "outside_key": outside_key(point),
        "value_verdict": point["value_verdict"],
        "value_reason": value_reason(point),
        "partials": [
            {
                "name": subscripted(name),
                "verdict": p["verdict"],
                "reason": p["reason"],
                "rows": [*map(_row, rows_of(record, p, slopes(judged_point.partials[name].truth)))],
            }
            for name, p in partials_by_severity(point)
        ],
        "every": every_point(record),
        "blame": blame,
        "no_blame": record.get("no_blame"),
        "operation": _operation(blame) if blame and blame["primitive"] else None,
        "blames": blame and f"blame_{kind_of_blame(blame)}",
        "stands": standing(record) if blame and blame["kind"] in LOST else "",
        "minimal": blame and blame["minimal"] and {"text": blame["minimal"], "where": where(blame["at"] or {})},
        "chain": _chain(result.tape, here, blame),
        "most_operations": MOST_OPERATIONS,
        "at": {name: field(x) for name, x in here.items()},
        "command": command(record, point),
    }


def _row(row: Row) -> dict[str, Any]:
    """One of the numbers under each other, with the key of its label and of its remark."""
    return {
        "label": "row_" + row.label.replace(" ", "_"),
        "shown": row.shown,
        "note": row.remark and f"note_{row.remark}",
        "values": row.typeset,
    }


def _operation(blame: Record) -> str:
    """The blamed operation, and by which of its arguments it is at fault where it has several."""
    primitive = REGISTRY.get(blame["primitive"])
    names = primitive.arguments if primitive else ()
    argument = blame["argument"]
    if argument is None or len(names) < 2:
        return str(blame["primitive"])
    return f"{blame['primitive']}({', '.join(f'[{n}]' if k == argument else n for k, n in enumerate(names))})"


def _chain(tape: Tape, here: Mapping[str, float], blame: Record | None) -> dict[str, Any] | None:
    """The picture, the products and the operations; None where there is nothing that can be drawn."""
    try:
        lesson = Lesson(tape, here)
    except GradjuryError:
        return None
    equations = Equations(lesson)
    faulty = blame["node"] if blame and lesson.tape.nodes == tape.nodes else None
    picture = draw(lesson)
    return {
        "picture": picture.svg,
        "width": picture.width,
        "steps": lesson.steps,
        "product": equations.product(),
        "own": equations.own(),
        "apart": lesson.apart,
        "paths": [equations.paths(index) for index in lesson.inputs],
        "operations": [
            {
                "definition": equations.definition(operation),
                "value": equations.value(operation.index),
                "locals": [equations.local(operation, edge) for edge in operation.edges],
                "is_tied": operation.is_tied,
                "is_faulty": operation.index == faulty,
            }
            for operation in lesson.operations
        ],
    }
