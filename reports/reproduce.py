"""The command that judges a record once more, ready to be pasted into a shell."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any


def command(record: Mapping[str, Any], point: Mapping[str, Any] | None = None) -> str:
    """A shell command that reproduces one point of a result record.

    Args:
        record: a result record of ``verify``.
        point: one entry of its ``points``; the first unless given.

    Returns:
        ``gradjury verify EXPRESSION --at …``; for claimed numbers, which only a record can carry, an input
        record piped into ``gradjury verify --input -``.
    """
    if point is None:
        points = record.get("points") or [{}]
        point = points[0]
    at = point.get("at", {})
    expression = str(record.get("expression", ""))
    engine = str(record.get("engine") or "numpy").partition(" ")[0]
    if engine == "claim":
        gradient = {name: partial.get("engine") for name, partial in point.get("partials", {}).items()}
        claim = {"expression": expression, "at": at, "gradient": gradient, **_settings(record)}
        return f"echo {shlex.quote(json.dumps(claim, ensure_ascii=False))} | gradjury verify --input -"
    words = ["gradjury", "verify", shlex.quote(expression)]
    for name, value in at.items():
        words += ["--at", shlex.quote(f"{name}={value!r}" if isinstance(value, float) else f"{name}={value}")]
    if engine != "numpy":
        words += ["--engine", shlex.quote(engine)]
    for name, value in _settings(record).items():
        if name in ("order", "dtype"):
            words += [f"--{name}", shlex.quote(str(value))]
    return " ".join(words)


def _settings(record: Mapping[str, Any]) -> dict[str, Any]:
    """What deviates from the defaults and changes the verdict."""
    usual = {"order": 1, "dtype": "float64", "standard": None, "wrt": None}
    return {name: record[name] for name, default in usual.items() if record.get(name, default) != default}
