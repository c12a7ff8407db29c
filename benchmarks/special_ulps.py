"""Measure the error of every special function against Arb, and print the table of docs/special-functions.md.

    python benchmarks/special_ulps.py                     # all, a few minutes
    python benchmarks/special_ulps.py erfc besselj        # these
    python benchmarks/special_ulps.py --worst 5 besselj   # and where they are worst

The unit is 2**-52·(|f| + |x f′|) for the value and 2**-52·(|f′| + |x f″|) for the derivative.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests" / "engine")]

import special_truth

from gradjury.engine import primitives  # noqa: F401  # fills the registry
from gradjury.engine.primitive import REGISTRY


def measure(name: str, count: int, seed: int) -> list[tuple[float, float, float, float | None]]:
    """(larger error, error of value, x, order) at each point of a primitive, worst first."""
    rows = []
    for order, x in special_truth.cases(name, count, seed):
        errors = special_truth.excess(REGISTRY[name], name, x, order)
        if errors is None:
            print(f"no truth: {name} {order} {x!r}", file=sys.stderr)
            continue
        rows.append((max(errors), errors[0], errors[1], x, order))
    return sorted(rows, key=lambda row: -row[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="primitives; all special ones if none is given")
    parser.add_argument("--count", type=int, default=400, help="points (400) for each sign")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--worst", type=int, default=0, help="show so many of the worst points")
    options = parser.parse_args()
    print("| primitive | k | value | derivative | x | orders |")
    print("|---|---:|---:|---:|---|---|")
    for name in options.names or special_truth.RANGES:
        rows = measure(name, options.count, options.seed)
        value, slope = max(row[1] for row in rows), max(row[2] for row in rows)
        span = special_truth.RANGES[name]
        orders = ", ".join(f"{n:.4g}" for n in span.orders)
        print(
            f"| `{name}` | {REGISTRY[name].ulps:g} | {value:.2f} | {slope:.2f} | {span} | {orders} |",
            flush=True,
        )
        for _, of_value, of_slope, x, order in rows[: options.worst]:
            print(f"    {of_value:.3g} {of_slope:.3g} at {x!r} order {order}")


if __name__ == "__main__":
    main()
