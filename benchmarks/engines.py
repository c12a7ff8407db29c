"""The engine beside others: value and gradient over wide arrays, and the gradient of long chains; time and memory.

    python -m benchmarks.engines [--points 1000000] [--rounds 7] [--nodes 1000 10000 100000 1000000]

Wide: the function, arrays and clocks of :mod:`benchmarks.wide`, to whose engines autograd, casadi and mygrad are added;
each in a process of its own with one thread, rounds of all of them alternate. Chains: those of :mod:`benchmarks.chain`,
in the other engines too: recording, forward and reverse sweep; CPU time and memory of a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

from benchmarks import chain, pages, wide

WIDE = (*wide.ENGINES, "autograd", "casadi", "mygrad")
#: Beyond these numbers of nodes an engine takes minutes.
LONGEST = {"jax": 1_000, "mygrad": 30_000}


def worker(engine: str, points: int) -> Callable[[], Any]:
    """What one round of an engine does: it returns value and gradient of the wide function."""
    if engine in wide.ENGINES:
        return wide.worker(engine, points)
    x, y = wide.inputs(points)
    if engine == "autograd":
        import autograd.numpy as anp
        from autograd import make_vjp

        def autograds() -> Any:
            pullback, value = make_vjp(lambda both: wide.function(anp, *both))((x, y))
            return value, *pullback(anp.ones(points))

        return autograds
    if engine == "mygrad":
        import mygrad

        def mygrads() -> Any:
            u, v = mygrad.tensor(x), mygrad.tensor(y)
            value = wide.function(mygrad, u, v)
            value.backward()
            return value.data, u.grad, v.grad

        return mygrads
    import casadi

    symbols = casadi.SX.sym("x"), casadi.SX.sym("y")
    value = wide.function(casadi, *symbols)
    one = casadi.Function("f", symbols, [value, *(casadi.gradient(value, s) for s in symbols)])
    many, columns = one.map(points), [casadi.DM(a).T for a in (x, y)]
    return lambda: tuple(many.call(columns))


def rounds(points: int, count: int) -> list[dict[str, dict[str, Any]]]:
    """What the engines said in each of the alternating rounds."""
    commands = {engine: ["-m", "benchmarks.engines", "--one", "wide", engine, str(points)] for engine in WIDE}
    return list(wide.alternating(commands, count))


def _chain(step: Callable[[Any], Any], start: Any, nodes: int) -> Any:
    x = start
    for k in range(nodes):
        x = step(x) if k % 3 == 0 else x * start if k % 3 == 1 else x + start
    return x


def _autograd(nodes: int) -> float:
    import autograd
    import autograd.numpy as anp

    return float(autograd.grad(lambda x: _chain(anp.sin, x, nodes))(0.7))


def _jax(nodes: int) -> float:
    import jax

    with jax.enable_x64(True):
        return float(jax.jit(jax.grad(lambda x: _chain(jax.numpy.sin, x, nodes)))(0.7))


def _casadi(nodes: int) -> float:
    import casadi

    x = casadi.SX.sym("x")
    derivative = casadi.Function("d", [x], [casadi.gradient(_chain(casadi.sin, x, nodes), x)])
    return float(derivative(0.7))


def _mygrad(nodes: int) -> float:
    import mygrad

    x = mygrad.tensor(0.7)
    _chain(mygrad.sin, x, nodes).backward()
    return float(x.grad)


CHAINS: dict[str, Callable[[int], float]] = {
    "numpy": chain.ours,
    "numpy, traced": chain.traced,
    "torch": chain.torchs,
    "autograd": _autograd,
    "casadi": _casadi,
    "mygrad": _mygrad,
    "jax": _jax,
}


def apart(engine: str, nodes: int) -> dict[str, float] | None:
    """A chain in a process of its own; None where the engine fails."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engines", "--one", "chain", engine, str(nodes)],
        capture_output=True,
        text=True,
        cwd=pages.ROOT,
        env={**os.environ, **wide.ONE_THREAD},
    )
    if done.returncode:
        print(f"{engine}, chain of {nodes}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(points: int, count: int, nodes: list[int]) -> dict[str, Any]:
    """Both tables."""
    chains = {engine: {str(n): apart(engine, n) for n in nodes if n <= LONGEST.get(engine, n)} for engine in CHAINS}
    return {"points": points, "wide": wide.medians(rounds(points, count)), "chains": chains}


def page(found: dict[str, Any]) -> str:
    """Both tables in Markdown."""
    keys = ("ms", "/ primal", "/ primal, blocks", "/ ours", "extra MB")
    rows = [[engine, *(pages.figure(row[key]) for key in keys)] for engine, row in found["wide"].items()]
    heads = ("", "ms", "/ primal", "/ primal in blocks", "/ ours", "extra memory, MB")
    text = f"Value and gradient, 12 operations, {found['points']:,} points:\n\n" + pages.table(heads, rows)
    nodes = list(found["chains"]["numpy"])
    rows = []
    for engine, lengths in found["chains"].items():
        cells = [lengths.get(n) for n in nodes]
        told = ["–" if c is None else f"{pages.figure(c['seconds'])} s, {c['extra MB']:,.0f} MB" for c in cells]
        rows.append([engine, *told])
    return text + "\nGradient of a chain:\n\n" + pages.table(["engine", *(f"{int(n):,} nodes" for n in nodes)], rows)


def plots(found: dict[str, Any]) -> dict[str, str]:
    """Pictures by the names of their files."""
    series = {
        engine: [(float(n), row["seconds"]) for n, row in lengths.items() if row is not None]
        for engine, lengths in found["chains"].items()
    }
    series = {engine: line for engine, line in series.items() if line}
    return {"chains.svg": pages.plot("Gradient of a chain", "nodes", "seconds", series)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--one", nargs=3, metavar=("WHAT", "ENGINE", "COUNT"), help="be the process of one engine")
    options = parser.parse_args()
    if options.one:
        what, engine, count = options.one
        warnings.simplefilter("ignore")
        if what == "wide":
            wide.serve(worker, engine, int(count))
        else:
            print(json.dumps(chain.measured(CHAINS[engine], int(count))))
        return
    found = measure(options.points, options.rounds, options.nodes)
    print(page(found))
    pages.keep("engines", found, f"python -m benchmarks.engines --points {options.points} --rounds {options.rounds}")


if __name__ == "__main__":
    main()
