"""Result records for the tests of the reports."""

from __future__ import annotations

from typing import Any


def partial(**changes: Any) -> dict[str, Any]:
    """A partial derivative of tanh at 20 that the engine lost."""
    return {
        "verdict": "inaccurate",
        "engine": 0.0,
        "symbolic": "1.6993417021166355e-17",
        "enclosure": ["1.6993417021166338e-17", "1.6993417021166368e-17"],
        "difference": 0.0,
        "difference_error": 1e-12,
        "ulps": 4.5e15,
        "certified": True,
        "formula_verdict": None,
        "reason": None,
        **changes,
    }


def record(**changes: Any) -> dict[str, Any]:
    """A record that fails, with blame."""
    return {
        "id": "c-18",
        "expression": "tanh(x)",
        "engine": "torch 2.13.0",
        "verdict": "inaccurate",
        "points": [
            {"at": {"x": 20.0}, "value": 1.0, "value_verdict": "agree", "partials": {"x": partial()}},
        ],
        "blame": {
            "kind": "rule",
            "primitive": "tanh",
            "node": 1,
            "argument": 0,
            "minimal": "tanh(x)",
            "at": {"x": 20.0},
        },
        "error": None,
        **changes,
    }


def agreeing(**changes: Any) -> dict[str, Any]:
    """A record of which every number is right."""
    right = partial(verdict="agree", engine=1.6993417021166355e-17, ulps=0.1)
    point = {"at": {"x": 20.0}, "value": 1.0, "value_verdict": "agree", "partials": {"x": right}}
    return record(**{"verdict": "agree", "points": [point], "blame": None, **changes})


def invalid(**changes: Any) -> dict[str, Any]:
    """A record that could not be read."""
    error = "unknown function 'tahn' (column 1)"
    return {"id": 3, "expression": "tahn(x)", "verdict": "invalid", "points": [], "error": error, **changes}
