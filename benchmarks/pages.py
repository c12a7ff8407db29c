"""What the benchmarks share: the machine's description, results kept as JSON, tables and plots of the documentation."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
DOCS = ROOT / "docs"

LIBRARIES = (
    *("numpy", "scipy", "sympy", "python-flint", "torch", "jax", "autograd", "casadi", "mygrad"),
    *("numdifftools", "mpmath"),
)


def machine() -> dict[str, Any]:
    """Processor, cores, memory, system and versions: what a figure means nothing without."""
    versions = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            continue
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "load": [round(x, 2) for x in os.getloadavg()],
        "versions": versions,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def keep(name: str, results: Mapping[str, Any], command: str) -> None:
    """Write ``results/NAME.json``, with the machine and the command that measured them."""
    RESULTS.mkdir(exist_ok=True)
    document = {"command": command, "machine": machine(), **results}
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def kept(name: str) -> dict[str, Any] | None:
    """Results as they were kept, None where there are none."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table in Markdown, its first column to the left and the others to the right."""
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def described(document: Mapping[str, Any]) -> str:
    """One sentence on where and how results were measured."""
    m = document["machine"]
    versions = ", ".join(f"{name} {v}" for name, v in m["versions"].items())
    return (
        f"Measured by `{document['command']}` on {m['processor']} ({m['cores']} cores, {m['memory_gb']:g} GB, "
        f"{m['system']}, load {m['load'][0]:g} at the end) with {versions}.\n"
    )


def figure(number: float) -> str:
    """A number with three digits that count."""
    if not math.isfinite(number):
        return "–"
    if number == 0 or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.{max(0, 2 - math.floor(math.log10(abs(number))))}f}"


WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 70, 150, 36, 48
COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f", "#7e22ce", "#b91c1c", "#57534e", "#0f766e", "#a16207")


def plot(title: str, across: str, upwards: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Lines on two logarithmic axes as an SVG picture.

    Args:
        title, across, upwards: words for the picture and its axes.
        series: for each line its points, all positive.
    """
    points = [p for line in series.values() for p in line]
    spans = [_decades([p[axis] for p in points]) for axis in (0, 1)]

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = ((math.log10(v) - low) / (high - low) for v, (low, high) in zip((x, y), spans, strict=True))
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-size="12" '
        f'font-family="system-ui, sans-serif"><title>{title}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="600">{title}</text>',
    ]
    (x0, y0), (x1, y1) = (
        place(10.0 ** spans[0][0], 10.0 ** spans[1][0]),
        place(10.0 ** spans[0][1], 10.0 ** spans[1][1]),
    )
    for axis, (low, high) in enumerate(spans):
        for decade in range(low, high + 1):
            x, y = place(10.0**decade, 10.0 ** spans[1][0]) if axis == 0 else place(10.0 ** spans[0][0], 10.0**decade)
            ends = f'x1="{x:.1f}" y1="{y0:.1f}" x2="{x:.1f}" y2="{y1:.1f}"'
            if axis:
                ends = f'x1="{x0:.1f}" y1="{y:.1f}" x2="{x1:.1f}" y2="{y:.1f}"'
            parts.append(f'<line {ends} stroke="#ddd"/>')
            anchor = f'x="{x:.1f}" y="{y0 + 18:.1f}" text-anchor="middle"'
            if axis:
                anchor = f'x="{x0 - 8:.1f}" y="{y + 4:.1f}" text-anchor="end"'
            parts.append(f"<text {anchor}>10<tspan dy='-5' font-size='9'>{decade}</tspan></text>")
    parts.append(f'<text x="{(x0 + x1) / 2:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{across}</text>')
    middle = (y0 + y1) / 2
    turned = f'transform="rotate(-90 16 {middle:.1f})"'
    parts.append(f'<text x="16" y="{middle:.1f}" {turned} text-anchor="middle">{upwards}</text>')
    for k, (name, line) in enumerate(series.items()):
        colour = COLOURS[k % len(COLOURS)]
        places = [place(*p) for p in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        at = TOP + 14 + 18 * k
        parts.append(f'<text x="{WIDTH - RIGHT + 14}" y="{at}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)
