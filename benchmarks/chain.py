"""The gradient of a chain of operations: time and memory against torch's, on the same chain, and how both grow.

    python -m benchmarks.chain [--nodes 1000 10000 100000 1000000]

The chain is x ← sin(x), x ← x·x₀, x ← x + x₀, over and over. Each measurement runs in a process of its own: CPU time
of recording, forward and reverse sweep together, and what memory they take beyond the libraries. Ours is recorded node
by node as the verifier does; ``/ traced`` is torch's time over ours when the Python code is traced that torch runs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import peak


def ours(nodes: int, traced: bool = False, lap: Callable[[str], None] = lambda _: None) -> float:
    """The derivative; ``lap`` is told when each of the three parts begins."""
    from gradjury.engine import REGISTRY, Execution, Recorder, compose, trace

    def build(recorder: Recorder) -> int:
        sin, mul, add = REGISTRY["sin"], REGISTRY["mul"], REGISTRY["add"]
        i = 0
        for k in range(nodes):
            i = recorder.add(sin, (i,)) if k % 3 == 0 else recorder.add(mul if k % 3 == 1 else add, (i, 0))
        return i

    def function(x: Any) -> Any:
        start = x
        for k in range(nodes):
            x = np.sin(x) if k % 3 == 0 else x * start if k % 3 == 1 else x + start
        return x

    lap("recording")
    execution = Execution(trace(function) if traced else compose(["x"], build))
    lap("forward")
    execution.forward({"x": 0.7})
    lap("reverse")
    derivative = execution.reverse(keep=False)["x"]
    lap("end")
    return float(derivative)


def traced(nodes: int) -> float:
    """Ours, recorded from Python code as torch's is."""
    return ours(nodes, traced=True)


def torchs(nodes: int) -> float:
    import torch

    torch.set_num_threads(1)
    start = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    x = start
    for k in range(nodes):
        x = torch.sin(x) if k % 3 == 0 else x * start if k % 3 == 1 else x + start
    x.backward()
    assert start.grad is not None
    return float(start.grad)


ENGINES: dict[str, Callable[[int], float]] = {"ours": ours, "traced": traced, "torch": torchs}


def parts(nodes: int) -> dict[str, float]:
    """Microseconds of CPU time a node of recording, forward and reverse sweep of ours."""
    laps: list[tuple[str, float]] = []
    ours(nodes, lap=lambda name: laps.append((name, time.process_time())))
    return {name: 1e6 * (end - start) / nodes for (name, start), (_, end) in pairwise(laps)}


def measure(engine: str, nodes: int) -> dict[str, Any]:
    """What :func:`measured` says and, of ours, the parts of the time; from a process that does nothing else."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.chain", "--one", engine, "--nodes", str(nodes)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[1],  # where -m finds the benchmarks
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def measured(work: Callable[[int], float], nodes: int) -> dict[str, float]:
    """CPU seconds, what memory it took beyond the libraries, and the derivative."""
    work(3)  # imports and first calls are not the chain's
    before = peak()
    start = time.process_time()
    derivative = work(nodes)
    return {"seconds": time.process_time() - start, "extra MB": peak() - before, "derivative": derivative}


def one(engine: str, nodes: int) -> None:
    """Say what this process has measured."""
    found = measured(ENGINES[engine], nodes)
    print(json.dumps({**found, "parts": parts(nodes) if engine == "ours" else {}}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--one", choices=ENGINES, help="measure one engine in this process and print JSON")
    options = parser.parse_args()
    if options.one:
        one(options.one, options.nodes[0])
        return
    print(
        f"{'nodes':>9}{'ours s':>9}{'µs/node':>9}{'MB':>7}{'torch s':>9}{'MB':>7}{'torch / ours':>14}{'/ traced':>10}"
    )
    for nodes in options.nodes:
        mine, slower, peers = (measure(engine, nodes) for engine in ("ours", "traced", "torch"))
        ratios = [peers["seconds"] / found["seconds"] for found in (mine, slower)]
        print(
            f"{nodes:>9}{mine['seconds']:>9.3f}{1e6 * mine['seconds'] / nodes:>9.2f}{mine['extra MB']:>7.0f}"
            f"{peers['seconds']:>9.3f}{peers['extra MB']:>7.0f}{ratios[0]:>14.2f}{ratios[1]:>10.2f}"
        )
        split = ", ".join(f"{name} {microseconds:.2f}" for name, microseconds in mine["parts"].items())
        print(f"          ours, µs a node: {split}")
        if abs(mine["derivative"] - peers["derivative"]) > 1e-9 * abs(mine["derivative"]):
            print(f"          the two derivatives differ: {mine['derivative']!r} and {peers['derivative']!r}")


if __name__ == "__main__":
    main()
