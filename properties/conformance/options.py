"""The options of the conformance suite, as pytest takes them."""

from __future__ import annotations

import argparse
import math

import pytest

from . import EXAMPLES


def _whole(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no finite number above 0")
    return number


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--engine`` and its companions."""
    group = parser.getgroup("gradjury conformance")
    group.addoption("--engine", metavar="NAME", help="engine to be judged: a name, or MODULE:CLASS for one of your own")
    group.addoption(
        "--max-examples",
        metavar="N",
        type=_whole,
        default=EXAMPLES,
        help=f"of each randomised test (default: {EXAMPLES})",
    )
    group.addoption(
        "--time-limit", metavar="SECONDS", type=_seconds, default=120.0, help="of a test; it fails then (default: 120)"
    )
    group.addoption("--skips", metavar="FILE", help="tests to leave out, one a line with the reason: ID  # REASON")
    group.addoption("--xfails", metavar="FILE", help="tests that are known to fail, one a line with the reason")
    group.addoption("--summary", metavar="FILE.json", help="write the counts of each chapter, with versions")
