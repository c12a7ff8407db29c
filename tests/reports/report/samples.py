"""Reports that several tests look at: one function that agrees, one with a planted fault, several of many kinds."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from gradjury.engine import REGISTRY
from gradjury.properties.faults import faulty_engine
from gradjury.reports.collection import Collection, gather
from gradjury.reports.html import Report, build
from gradjury.reports.report.blocks import unpack
from gradjury.verifier import Record, judge_record, verify

SETTINGS = {"command": "gradjury verify --input claims.jsonl", "seed": 0, "engine": "numpy", "versions": {"numpy": "2"}}


def judged(expression: str, at: dict[str, Any], **claims: Any) -> dict[str, Any]:
    """The result record of one expression."""
    at = {name: x if isinstance(x, list) else [x] for name, x in at.items()}
    gradient = {name: [x] for name, x in claims.pop("gradient", {}).items()} or None
    return judge_record(Record(claims.pop("id", "s"), expression, at, gradient=gradient, **claims))


def planted(expression: str = "exp(tanh(x)*y) + tanh(x)", **at: float) -> dict[str, Any]:
    """A record in which the derivative rule of tanh has the wrong sign."""
    engine = faulty_engine(REGISTRY["tanh"], "sign")
    found = verify(expression, at=at or {"x": 0.5, "y": 2.0}, engine=engine)
    return {"id": "planted", **found.to_record(), "expression": expression}


@cache
def records() -> tuple[dict[str, Any], ...]:
    """One record of many kinds each."""
    return (
        judged("exp(sin(x)*y)", {"x": 0.5, "y": 2.0}, id="fine"),
        planted(),
        judged("tanh(x)", {"x": 20.0}, gradient={"x": 0.0}, id="lost"),
        judged("x**3*y", {"x": 0.1, "y": 2.0}, gradient={"x": float("nan"), "y": 0.001}, id="nan"),
        judged("abs(x)*y", {"x": [0.0], "y": [1.0]}, id="kink"),
        judged("floor(x)*y", {"x": 2.0, "y": 1.5}, id="jump"),
        judged("tahn(x)", {"x": 1.0}, id="unread"),
        judged("x**2", {"x": [1.0, 2.0, 3.0]}, id="points"),
        judged("besselj(x, y)", {"x": 1.0, "y": 2.0}, id="order"),
    )


def sample(name: str) -> Collection:
    """A collection by name: ``agreeing``, ``planted``, ``several``."""
    chosen = {"agreeing": records()[:1], "planted": records()[1:2], "several": records()}[name]
    return gather(chosen, SETTINGS)


SAMPLES = ("agreeing", "planted", "several")


def report(name: str, **options: Any) -> Report:
    """The report of a sample."""
    return build(sample(name), version="1.2.3", **options)


def cases_of(html: str) -> list[dict[str, Any]]:
    """The packed cases of a page: record and HTML of each."""
    blocks = re.findall(r'<script type="text/plain" data-block="\d+">(.*?)</script>', html, re.DOTALL)
    return [case for block in blocks for case in unpack(block)]


def rows_of(html: str) -> dict[str, list[Any]]:
    """The packed columns of the table."""
    found = re.search(r'<script type="text/plain" id="rows-block">(.*?)</script>', html, re.DOTALL)
    assert found
    columns: dict[str, list[Any]] = unpack(found[1])
    return columns
