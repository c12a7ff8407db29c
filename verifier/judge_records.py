"""From an input record to its result record: what ``gradjury verify --input`` does with one line."""

from __future__ import annotations

from typing import Any

from .engine import Engine
from .engine_names import engine_named
from .errors import InvalidInput, Unsupported, crashed, raised
from .reading.reader import read
from .records import Record
from .result_record import PointRecord, number, undecided, without_points
from .verify import verify


def judge_record(
    record: Record,
    *,
    engine: str | Engine = "numpy",
    points: int | None = None,
    seed: int = 0,
    timeout: float | None = None,
) -> dict[str, Any]:
    """The result record of an input record; fields that this project does not know are carried through.

    A record whose contents cannot be read gets the verdict ``invalid``, one whose function has no derivative here
    the verdict ``undecided``, and so has one over which an engine, or this program, stumbles; none raises.

    Raises:
        InvalidInput: the engine is not known, which no record is to blame for.
    """
    engine = engine_named(engine)
    head = {**record.extra, "id": record.id, "expression": record.expression}
    try:
        tape = read(record.expression)
        result = verify(
            tape,
            record.at,
            engine=engine,
            gradient=record.gradient,
            derivative=record.derivative,
            domain=record.domain,
            points=points,
            seed=seed,
            order=record.order,
            dtype=record.dtype,
            standard=record.standard,
            wrt=record.wrt,
            timeout=timeout,
        )
        return {**head, **result.to_record(), "expression": record.expression}
    except Unsupported as error:
        return {**head, **_unsupported(record, engine, str(error))}
    except InvalidInput as error:
        return {**head, "engine": _name(record, engine), **without_points("invalid", str(error))}
    except Exception as error:  # a defect of an engine, or of ours, is no reason to lose other records
        return {**head, **_unsupported(record, engine, crashed(raised(error)))}


def undecided_record(record: Record, reason: str, engine: str | Engine = "numpy") -> dict[str, Any]:
    """The result record of an input record that could not be judged, for this reason."""
    head = {**record.extra, "id": record.id, "expression": record.expression}
    return {**head, **_unsupported(record, engine_named(engine), reason)}


def _name(record: Record, engine: Engine) -> str:
    return "claim" if record.gradient is not None else f"{engine.name} {engine.version}"


def _unsupported(record: Record, engine: Engine, reason: str) -> dict[str, Any]:
    """A record whose function cannot be judged: every partial is undecided, for this reason."""
    at = record.at or {}
    names = [record.wrt] if record.wrt else list(record.gradient or at)
    points: list[PointRecord] = []
    for k in range(record.count or 0):
        here = {name: number(values[k % len(values)]) for name, values in at.items()}
        partials = {name: undecided(reason) for name in names}
        points.append({"at": here, "value": None, "value_verdict": None, "partials": partials})
    return {
        "engine": _name(record, engine),
        "verdict": "undecided",
        "points": points,
        "blame": None,
        "error": None,
        "reason": reason,
    }
