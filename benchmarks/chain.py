"""The gradient of a chain of operations: time and memory against torch's, on the same chain, and how both grow.

    python benchmarks/chain.py [--nodes 1000 10000 100000 1000000]

The chain is x ← sin(x), x ← x·x₀, x ← x + x₀, over and over. Each measurement runs in a process of its own: CPU time
of recording, forward and reverse sweep together, and the peak of the process's memory.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time


def ours(nodes: int) -> float:
    from gradjury.engine import REGISTRY, Execution, Recorder, compose

    def build(recorder: Recorder) -> int:
        sin, mul, add = REGISTRY["sin"], REGISTRY["mul"], REGISTRY["add"]
        i = 0
        for k in range(nodes):
            i = recorder.add(sin, (i,)) if k % 3 == 0 else recorder.add(mul if k % 3 == 1 else add, (i, 0))
        return i

    execution = Execution(compose(["x"], build))
    execution.forward({"x": 0.7})
    return float(execution.reverse()["x"])


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


ENGINES = {"ours": ours, "torch": torchs}


def measure(engine: str, nodes: int) -> dict[str, float]:
    """Seconds, megabytes and the derivative, from a process that does nothing else."""
    run = subprocess.run(
        [sys.executable, __file__, "--one", engine, "--nodes", str(nodes)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(run.stdout)
    return found


def one(engine: str, nodes: int) -> None:
    ENGINES[engine](3)  # imports and first calls are not the chain's
    start = time.process_time()
    derivative = ENGINES[engine](nodes)
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": memory, "derivative": derivative}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--one", choices=ENGINES, help="measure one engine in this process and print JSON")
    options = parser.parse_args()
    if options.one:
        one(options.one, options.nodes[0])
        return
    print(f"{'nodes':>9}{'ours s':>9}{'µs/node':>9}{'MB':>7}{'torch s':>9}{'MB':>7}{'torch / ours':>14}")
    for nodes in options.nodes:
        mine, peers = measure("ours", nodes), measure("torch", nodes)
        ratio = peers["seconds"] / mine["seconds"]
        print(
            f"{nodes:>9}{mine['seconds']:>9.3f}{1e6 * mine['seconds'] / nodes:>9.2f}{mine['megabytes']:>7.0f}"
            f"{peers['seconds']:>9.3f}{peers['megabytes']:>7.0f}{ratio:>14.2f}"
        )
        if abs(mine["derivative"] - peers["derivative"]) > 1e-9 * abs(mine["derivative"]):
            print(f"          the two derivatives differ: {mine['derivative']!r} and {peers['derivative']!r}")


if __name__ == "__main__":
    main()
