"""The gradient over wide arrays: time against the function's own and against torch's and jax's, and extra memory.

    python -m benchmarks.wide [--points 1000000] [--rounds 7] [--json FILE]

One function of 2 variables and 12 operations at 10⁶ points, one thread, CPU time. Each engine runs in a process of its
own; rounds of all of them alternate, and the median of the rounds' ratios is printed. ``primal`` is the function in
NumPy on whole arrays, ``primal, blocks`` the same in blocks that stay in the cache; ``ours`` is value and gradient;
torch's is eager, forward and backward; jax's a compiled ``value_and_grad``. Memory is what the process grows beyond its
inputs and results.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import peak

ENGINES = ("primal", "primal, blocks", "ours", "torch", "jax")
BLOCK = 16384
#: For the processes that measure.
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def function(m: Any, x: Any, y: Any) -> Any:
    """12 operations of module ``m``."""
    a = m.sin(x) * y
    b = m.exp(a) + x
    c = m.sqrt(b * b + y)
    return m.tanh(c - a) / c + x * y


def inputs(points: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.uniform(0.5, 2.0, points), rng.uniform(0.5, 2.0, points)


def worker(engine: str, points: int) -> Callable[[], Any]:
    """What one round of an engine does; it returns value and gradient, or the value alone."""
    x, y = inputs(points)
    if engine == "primal":
        return lambda: function(np, x, y)
    if engine == "primal, blocks":

        def blocks() -> Any:
            result = np.empty(points)
            for start in range(0, points, BLOCK):
                block = slice(start, start + BLOCK)
                result[block] = function(np, x[block], y[block])
            return result

        return blocks
    if engine == "ours":
        from gradjury.engine import gradient, trace

        tape = trace(lambda x, y: function(np, x, y))
        assert len(tape.operations) == 12

        def ours() -> Any:
            value, partials = gradient(tape, {"x": x, "y": y})
            return value, partials["x"], partials["y"]

        return ours
    if engine == "torch":
        import torch

        torch.set_num_threads(1)

        def torchs() -> Any:
            u, v = (torch.from_numpy(a).requires_grad_() for a in (x, y))
            value = function(torch, u, v)
            value.sum().backward()
            return value.detach(), u.grad, v.grad

        return torchs
    import jax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    compiled = jax.jit(jax.vmap(jax.value_and_grad(lambda x, y: function(jnp, x, y), argnums=(0, 1))))
    u, v = jnp.asarray(x), jnp.asarray(y)

    def jaxs() -> Any:
        value, (gx, gy) = jax.block_until_ready(compiled(u, v))
        return value, gx, gy

    return jaxs


def serve(worker: Callable[[str, int], Callable[[], Any]], engine: str, points: int) -> None:
    """Run a round for each line of input; say its CPU seconds, what memory it took beyond its result, and its sums.

    Args:
        worker: what makes the work of an engine, as :func:`worker` does.
    """
    work = worker(engine, points)
    worker(engine, 1000)()  # libraries load what they need
    before = peak()
    kept = [work()]
    sums = [float(np.asarray(a).sum()) for a in (kept[0] if isinstance(kept[0], tuple) else kept)]
    extra = max(peak() - before - 8 * points * len(sums) / 2**20, 0.0)
    for _ in sys.stdin:
        kept.clear()
        start = time.process_time()
        kept.append(work())  # it is let go when the clock has stopped
        seconds = time.process_time() - start
        print(json.dumps({"seconds": seconds, "extra MB": extra, "sums": sums}), flush=True)


def alternating(commands: Mapping[str, Sequence[str]], count: int) -> Iterator[dict[str, dict[str, Any]]]:
    """What a process of each engine says, in rounds of all of them.

    Args:
        commands: of Python, by engine; each process serves a round for each line of input, and has one thread.
        count: of rounds.
    """
    processes = {
        engine: subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[1],  # where -m finds the benchmarks
            env={**os.environ, **ONE_THREAD},
        )
        for engine, command in commands.items()
    }
    try:
        for _ in range(count):
            found = {}
            for engine, process in processes.items():
                assert process.stdin is not None
                assert process.stdout is not None
                print("go", file=process.stdin, flush=True)
                found[engine] = json.loads(process.stdout.readline())
            yield found
    finally:
        for process in processes.values():  # also where one of them has failed
            with suppress(BrokenPipeError):
                process.communicate()


def medians(rounds: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, float]]:
    """For each engine its milliseconds, the ratios to both primals and to ours round by round, and its memory.

    Raises:
        AssertionError: an engine has computed something else than ours.
    """
    table = {}
    for engine, first in rounds[0].items():
        for mine, theirs in zip(rounds[0]["ours"]["sums"], first["sums"], strict=False):
            assert abs(mine - theirs) <= 1e-9 * abs(mine), f"{engine} differs: {theirs!r} and {mine!r}"
        row = {"ms": 1e3 * statistics.median(r[engine]["seconds"] for r in rounds), "extra MB": first["extra MB"]}
        for other in ("primal", "primal, blocks", "ours"):
            row[f"/ {other}"] = statistics.median(r[engine]["seconds"] / r[other]["seconds"] for r in rounds)
        table[engine] = row
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", help="also write the figures, with the machine's description, to this file")
    parser.add_argument("--serve", choices=ENGINES, help="be the process of one engine")
    options = parser.parse_args()
    if options.serve:
        serve(worker, options.serve, options.points)
        return
    commands = {e: ["-m", "benchmarks.wide", "--serve", e, "--points", str(options.points)] for e in ENGINES}
    table = medians(list(alternating(commands, options.rounds)))
    print(f"{'':<16}{'ms':>8}{'/ primal':>10}{'/ blocks':>10}{'/ ours':>8}{'extra MB':>10}")
    for engine, row in table.items():
        print(
            f"{engine:<16}{row['ms']:>8.1f}{row['/ primal']:>10.2f}{row['/ primal, blocks']:>10.2f}"
            f"{row['/ ours']:>8.2f}{row['extra MB']:>10.1f}"
        )
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "numpy": np.__version__}
        with open(options.json, "w") as file:
            json.dump({"machine": machine, "points": options.points, "table": table}, file, indent=1)


if __name__ == "__main__":
    main()
