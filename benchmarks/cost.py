"""What a verification costs: CPU time against the number of nodes, of points and of variables.

    python -m benchmarks.cost

Nodes: v ← sin(v + x)·y, over and over, at one point. Points: one random function of 20 nodes at more and more points,
all certified, and screened. Variables: the sum of sin(xᵢ)·xᵢ₊₁ over more and more of them, at one point. Each figure
is the least CPU time of some rounds, from the tape to the verdict, after one round that makes the rules.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from typing import Any

from benchmarks import pages
from gradjury.engine import REGISTRY, Recorder, Tape
from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.properties.points import points
from gradjury.verifier import verify

NODES = (10, 30, 100, 300, 1_000, 3_000, 10_000)
POINTS = (1, 4, 16, 64, 256, 1_024, 4_096)
VARIABLES = (1, 3, 10, 30, 100, 300, 1_000)
COMMON = ("add", "sub", "mul", "div", "sin", "cos", "exp", "atan", "sqrt", "tanh")


def of_nodes(count: int) -> Tape:
    """A chain of so many nodes on two inputs."""
    recorder = Recorder(["x", "y"])
    add, sin, mul = (REGISTRY[name] for name in ("add", "sin", "mul"))
    v = 0
    for k in range(count - 2):
        v = recorder.add(add, (v, 0)) if k % 3 == 0 else recorder.add(*((sin, (v,)) if k % 3 == 1 else (mul, (v, 1))))
    return recorder.tape(v)


def of_variables(count: int) -> Tape:
    """A sum of products on so many inputs."""
    recorder = Recorder([f"x{i}" for i in range(count)])
    add, sin, mul = (REGISTRY[name] for name in ("add", "sin", "mul"))
    total: int | None = None
    for i in range(count):
        term = recorder.add(mul, (recorder.add(sin, (i,)), (i + 1) % count))
        total = term if total is None else recorder.add(add, (total, term))
    assert total is not None
    return recorder.tape(total)


def seconds(work: Callable[[], Any]) -> float:
    """The least CPU time of some rounds, one of which comes first and does not count."""
    work()
    gc.collect()
    found: list[float] = []
    while len(found) < 3 or (sum(found) < 0.2 and len(found) < 200):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def measure() -> dict[str, Any]:
    """Microseconds of CPU time for each count."""
    nodes = {}
    for count in NODES:
        tape = of_nodes(count)
        assert verify(tape, {"x": 0.6, "y": 0.8}).verdict == "agree"
        nodes[str(count)] = 1e6 * seconds(lambda tape=tape: verify(tape, {"x": 0.6, "y": 0.8}).verdict)
    found = composite(seeded(0, 20), nodes=(20, 20), primitives=COMMON)
    by_points: dict[str, dict[str, float]] = {"certified": {}, "screened": {}}
    for count in POINTS:
        at = points(found, count, seed=0)
        for name, certify in (("certified", "all"), ("screened", "suspicious")):
            by_points[name][str(count)] = 1e6 * seconds(
                lambda at=at, certify=certify: verify(found.tape, at, certify=certify).verdict
            )
    variables = {}
    for count in VARIABLES:
        tape, at = of_variables(count), {f"x{i}": 0.3 + 0.4 * i / count for i in range(count)}
        assert verify(tape, at).verdict == "agree"
        variables[str(count)] = 1e6 * seconds(lambda tape=tape, at=at: verify(tape, at).verdict)
    return {"nodes": nodes, "points": by_points, "variables": variables}


def page(found: dict[str, Any]) -> str:
    """Three tables in Markdown."""
    rows = [[f"{int(n):,}", pages.figure(us), pages.figure(us / int(n))] for n, us in found["nodes"].items()]
    text = pages.table(["nodes", "µs", "µs a node"], rows) + "\n"
    rows = [
        [f"{int(n):,}", *(pages.figure(found["points"][kind][n] / int(n)) for kind in ("certified", "screened"))]
        for n in found["points"]["certified"]
    ]
    text += pages.table(["points", "certified, µs a point", "screened, µs a point"], rows) + "\n"
    rows = [[f"{int(n):,}", pages.figure(us), pages.figure(us / int(n))] for n, us in found["variables"].items()]
    return text + pages.table(["variables", "µs", "µs a variable"], rows)


def plots(found: dict[str, Any]) -> dict[str, str]:
    """Pictures by the names of their files."""

    def line(row: dict[str, float]) -> list[tuple[float, float]]:
        return [(float(n), us) for n, us in row.items()]

    per_point = {name: [(float(n), us / int(n)) for n, us in row.items()] for name, row in found["points"].items()}
    both = {"nodes": line(found["nodes"]), "variables": line(found["variables"])}
    return {
        "cost.svg": pages.plot("A verification at one point", "nodes, or variables", "µs", both),
        "points.svg": pages.plot("A verification of 20 nodes", "points", "µs a point", per_point),
    }


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    found = measure()
    print(page(found))
    pages.keep("cost", found, "python -m benchmarks.cost")


if __name__ == "__main__":
    main()
