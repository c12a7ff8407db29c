"""The page of findings: every distinct defect of the engines, each confirmed by lines in the engine's own language."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..properties.conformance.survey import Finding
from ..verifier.blaming.blame import OF_NO_OPERATION
from ..verifier.engines.common import TapeRunner
from ..verifier.errors import Unsupported
from ..verifier.languages.snippet import snippet
from ..verifier.oracle.balls import as_text
from .digits import magnitude, short
from .evidence import where

#: Where the public already knows a defect: engine, operation, argument ("" for the value, None for any).
KNOWN: Mapping[tuple[str, str | None, str | None], str] = {
    ("torch", "tanh", "x"): "https://github.com/pytorch/pytorch/issues/195527",
    ("torch", "sigmoid", "x"): "https://github.com/pytorch/pytorch/issues/195527",
    ("torch", "ldexp", "x"): "https://github.com/pytorch/pytorch/issues/187460",
    ("torch", "where", None): "https://github.com/pytorch/pytorch/issues/68425",
    ("jax", "normalized_sinc", "x"): "https://github.com/jax-ml/jax/issues/40629",
    ("jax", "i0", "x"): "https://github.com/jax-ml/jax/issues/40628",
    ("jax", "digamma", "x"): "https://github.com/jax-ml/jax/issues/37635",
    ("jax", "where", None): "https://github.com/jax-ml/jax/issues/347",
    ("tinygrad", None, None): "https://github.com/tinygrad/tinygrad/issues/9597",
    ("tinygrad", "where", None): "https://github.com/tinygrad/tinygrad/issues/12409",
}

INTRODUCTION = """# Findings

Made by `{command}` with gradjury {version}: do not edit. Each engine was asked for every operation that it has,
in every spelling, at the points of the [conformance suite](conformance.md) in double precision. A defect is a cause:
an operation, one of its arguments or its value, and the kind of the fault. Shown is the simplest of the worst points.
The truth is certified: it lies within the last digit that is printed. Every snippet was run in a process without this
project and printed the number that is shown; what it did not confirm is not listed.

| engine | version | defects | of them known to the public | not confirmed, not listed |
|---|---|---:|---:|---:|"""

EXPLANATION = """`wrong`: no correct evaluation returns this number; `nonfinite`: nan or an infinity where the
derivative is finite, or a finite number where it is infinite; `inaccurate`: a small result was lost, 0 in place of
1.7·10⁻¹⁷. The [verdicts](verdicts.md) are defined in full elsewhere."""

#: Seconds for all snippets of an engine together.
PATIENCE = 600

#: Runs snippets one by one in a process in which nothing of this project is imported, and prints what each printed.
_RUNNER = """
import contextlib, io, json, sys
for code in json.load(sys.stdin):
    text = io.StringIO()
    try:
        with contextlib.redirect_stdout(text):
            exec(compile(code, "snippet", "exec"), {"__name__": "snippet"})
        said = text.getvalue().strip()
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    print(json.dumps(said), flush=True)
"""


@dataclass(frozen=True)
class Confirmed:
    """A finding with the lines that show it, and what they printed when they were run.

    Attributes:
        finding: the defect.
        code: the lines; None if the engine has no language of its own.
        printed: what they printed.
    """

    finding: Finding
    code: str | None
    printed: str | None

    @property
    def judged(self) -> float:
        """The number that was judged."""
        point, quantity = self.finding.result.points[0], self.finding.quantity
        return point.value if quantity is None else point.partials[quantity].engine

    @property
    def holds(self) -> bool:
        """Whether the printed number is the judged one, bit for bit; any nan is nan."""
        try:
            number = float(self.printed or "")
        except ValueError:
            return False
        return number == self.judged or (math.isnan(number) and math.isnan(self.judged))


def confirm(engine: TapeRunner, findings: Sequence[Finding]) -> list[Confirmed]:
    """Write the snippet of each finding, and run all of them in one process of their own."""
    codes: list[str | None] = []
    for finding in findings:
        spellings = {finding.primitive: finding.index} if finding.primitive else {}
        try:
            asked = finding.engine if isinstance(finding.engine, TapeRunner) else engine
            codes.append(snippet(asked, finding.tape, finding.at, finding.quantity, spellings=spellings))
        except Unsupported:
            codes.append(None)
    printed = iter(run([code for code in codes if code is not None]))
    return [
        Confirmed(f, code, None if code is None else next(printed, None))
        for f, code in zip(findings, codes, strict=True)
    ]


def run(codes: Sequence[str]) -> list[str]:
    """What each of several snippets prints, or the error that ends it; fewer if the process dies."""
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", _RUNNER],
            input=json.dumps(list(codes)),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        lines = done.stdout
    except subprocess.TimeoutExpired as error:
        lines = (error.stdout or b"").decode() if isinstance(error.stdout, bytes) else error.stdout or ""
    return [json.loads(line) for line in lines.splitlines() if line.startswith('"')]


def known(engine: str, finding: Finding) -> str | None:
    """The public report of a finding, None where none is known."""
    primitive = finding.primitive
    if primitive is None and finding.kind in OF_NO_OPERATION:
        return KNOWN.get((engine, None, None))
    if finding.argument is None and finding.quantity is not None:  # of a function of several operations
        return KNOWN.get((engine, "where", None)) if primitive == "where" else None
    return KNOWN.get((engine, primitive, finding.argument or ""))


def page(
    engines: Iterable[tuple[TapeRunner, Sequence[Confirmed]]], command: str, version: str, earlier: str = ""
) -> str:
    """The findings as Markdown.

    Args:
        engines: each engine with its findings.
        command: by which the page was made.
        version: of this project.
        earlier: a page, whose findings of other engines stay as they are.
    """
    parts = _parts(earlier)
    for engine, found in engines:
        held = [c for c in found if c.holds]
        public = sum(known(engine.name, c.finding) is not None for c in held)
        counts = f"{len(held)} | {public} | {len(found) - len(held)}"
        lines = ["", "No defect was found."] if not held else []
        for number, confirmed in enumerate(held, 1):
            lines += _section(engine, number, confirmed)
        row = f"| [{engine.name}](#{engine.name}) | {engine.version} | {counts} |"
        parts[engine.name] = row, "\n".join(["", f"## {engine.name}", *lines])
    rows, sections = [row for row, _ in parts.values()], [section for _, section in parts.values()]
    head = [INTRODUCTION.format(command=command, version=version), *rows, "", EXPLANATION]
    return "\n".join([*head, *sections]) + "\n"


def _parts(page: str) -> dict[str, tuple[str, str]]:
    """The row and the section of each engine on a page of findings."""
    rows = {match[1]: match[0] for match in re.finditer(r"^\| \[(\w+)\]\(#\1\) \|.*$", page, re.MULTILINE)}
    pieces = re.split(r"^## (\w+)$", page, flags=re.MULTILINE)[1:]
    sections = dict(zip(pieces[::2], pieces[1::2], strict=True))
    return {
        name: (rows[name], "\n".join(["", f"## {name}", "", text.strip("\n")]))
        for name, text in sections.items()
        if name in rows
    }


def _section(engine: TapeRunner, number: int, confirmed: Confirmed) -> list[str]:
    finding = confirmed.finding
    point = finding.result.points[0]
    if finding.quantity is None:
        what, truth, difference = "value", _digits(point.judge.value_truth.ball), None
        ulps = point.judge.judge_value(point.value).ulps
    else:
        partial = point.partials[finding.quantity]
        what, truth, ulps = f"d/d{finding.quantity}", partial.symbolic or _between(partial.enclosure), partial.ulps
        difference = f"{short(partial.difference, 17)} ± {short(partial.difference_error, 2)}"
    title = f"### {number}. {finding.primitive or 'several operations'}"
    by = f", by {finding.argument}" if finding.argument and finding.argument != "x" else ""
    rows = [
        ("function", f"`{finding.result.expression}` at {where(finding.at)}"),
        (f"{what} returned", f"`{confirmed.printed}`"),
        ("certified truth", f"`{magnitude(truth) or truth}`" + (f", {short(ulps, 3)} ulp away" if ulps else "")),
        ("by differences", difference and f"`{difference}`"),
        ("points at which it shows", f"{finding.count}"),
        ("spellings", ", ".join(f"`{call}`" for call in finding.spellings)),
        ("known", (url := known(engine.name, finding)) and f"<{url}>"),
    ]
    lines = ["", f"{title}{by}: {finding.verdict}, {finding.kind}", "", "| | |", "|---|---|"]
    lines += [f"| {label} | {text} |" for label, text in rows if text]
    return [*lines, "", "```python", (confirmed.code or "").rstrip(), "```"]


def _digits(ball: Any) -> str:
    return as_text(ball, 25)


def _between(enclosure: Sequence[str] | None) -> str:
    return "no single value" if enclosure is None else f"between {enclosure[0]} and {enclosure[1]}"
