"""Certified verification against ``torch.autograd.gradcheck``, on the same functions in one run.

    python benchmarks/gradcheck.py [--functions 60] [--seed 0] [--json FILE]

Random functions of 5, 10, 20 and 40 nodes whose operations torch has. Each is verified from its text (reading,
SymPy's rules, balls, verdict) and checked by ``gradcheck`` with its defaults, turn by turn, so that both find the same
caches; CPU time, one thread, medians of ratios. At 64 points torch is called 64 times, since one call of gradcheck
on 64 points would check a 64 × 64 Jacobian instead. ``chain`` adds the SymPy products that people read.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch

from gradjury.engine import Tape
from gradjury.engine.tape import Constant, constant_as_float
from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.properties.points import points
from gradjury.verifier import read, verify, write

TORCH: dict[str, Callable[..., Any]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "neg": torch.neg,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "reciprocal": torch.reciprocal,
    "exp": torch.exp,
    "log": torch.log,
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "asin": torch.asin,
    "atan": torch.atan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "tanh": torch.tanh,
    "asinh": torch.asinh,
    "erf": torch.erf,
    "sigmoid": torch.sigmoid,
}


def as_torch(tape: Tape) -> Callable[..., Any]:
    """A tape as a function of torch tensors."""

    def function(*inputs: Any) -> Any:
        values = list(inputs)
        for node in tape.nodes[len(inputs) :]:
            if node.primitive is Constant:
                values.append(torch.tensor(constant_as_float(node.consts[0]), dtype=torch.float64))
            elif node.primitive.name == "powc":
                values.append(values[node.args[0]] ** constant_as_float(node.consts[0]))
            else:
                values.append(TORCH[node.primitive.name](*(values[a] for a in node.args)))
        return values[tape.output]

    return function


def seconds(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def gradchecks(function: Callable[..., Any], columns: list[list[float]]) -> None:
    for point in zip(*columns, strict=True):
        inputs = tuple(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point)
        torch.autograd.gradcheck(function, inputs, raise_exception=False)


def compare(text: str, at: dict[str, Any], peer: Callable[..., Any], many: bool) -> dict[str, float]:
    """CPU seconds of each checker on one function; 64 calls of torch only where ``many`` asks for them."""
    one = {name: float(values[0]) for name, values in at.items()}
    columns = [values.tolist() for values in at.values()]
    return {
        "ours": seconds(lambda: verify(text, at=one).verdict),
        "chain": seconds(lambda: verify(text, at=one).chain()),
        "torch": seconds(lambda: gradchecks(peer, [c[:1] for c in columns])),
        "ours 64": seconds(lambda: verify(text, at=at).verdict),
        "torch 64": seconds(lambda: gradchecks(peer, columns)) if many else float("nan"),
    }


def measure(nodes: int, count: int, seed: int) -> dict[str, float]:
    """Medians over random functions of one size, in microseconds of CPU time, and their ratios."""
    rows: list[dict[str, float]] = []
    for warm in (True, False):
        for index in range(count):
            found = composite(seeded(seed, nodes, index), nodes=(nodes, nodes), primitives=(*TORCH, "powc"))
            text, at = write(found.tape), points(found, 64, seed=seed, index=index)
            row = compare(text, at, as_torch(read(text, variables=list(at))), many=index < count // 4)
            if not warm:
                rows.append(row)
    with_64 = [r for r in rows if r["torch 64"] == r["torch 64"]]
    result = {key: 1e6 * statistics.median(r[key] for r in rows) for key in ("ours", "chain", "torch", "ours 64")}
    result["torch 64"] = 1e6 * statistics.median(r["torch 64"] for r in with_64)
    result["torch / ours"] = statistics.median(r["torch"] / r["ours"] for r in rows)
    result["torch / chain"] = statistics.median(r["torch"] / r["chain"] for r in rows)
    result["torch 64 / ours 64"] = statistics.median(r["torch 64"] / r["ours 64"] for r in with_64)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", type=int, default=60, help="functions of each size")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", help="also write the figures, with the machine's description, to this file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    table = {nodes: measure(nodes, options.functions, options.seed) for nodes in (5, 10, 20, 40)}
    print(f"{'nodes':<22}" + "".join(f"{n:>10}" for n in table))
    for key in next(iter(table.values())):
        unit = "" if "/" in key else " µs"
        print(f"{key + unit:<22}" + "".join(f"{row[key]:>10.1f}" for row in table.values()))
    if options.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "torch": torch.__version__}
        with open(options.json, "w") as file:
            json.dump({"machine": machine, "seed": options.seed, "table": table}, file, indent=1)


if __name__ == "__main__":
    main()
