"""False alarms: the project's own engine on random functions with all primitives, every flagged case shown.

Run ``python benchmarks/false_alarms.py`` for the full measurement: 200,000 (function, point) pairs at
ordinary points and 50,000 at special ones. ``--pairs`` and ``--special`` set both numbers, ``--jobs`` the
processes.
"""

from __future__ import annotations

import argparse
from collections import Counter

from gradjury.properties.campaign import MOST_CASES, Campaign, in_order, run

SHOWN = ("imprecise", "undecided", "inaccurate", "nonfinite", "wrong")
LEAST_NEWS = 500  # functions between two lines about progress


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200_000, help="at ordinary points")
    parser.add_argument("--special", type=int, default=50_000, help="pairs at special points")
    parser.add_argument("--points", type=int, default=8, help="points a function")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds a function")
    parser.add_argument("--show", type=int, default=40, help="cases printed of each campaign")
    options = parser.parse_args()
    for title, pairs, share in (("ordinary", options.pairs, 0.0), ("special", options.special, 1.0)):
        if pairs:
            found = run(
                -(-pairs // options.points),
                options.points,
                options.seed,
                special=share,
                jobs=options.jobs,
                timeout=options.timeout,
                keep=MOST_CASES,
                progress=lambda done, counts: (
                    print(f"  {done} functions: {in_order(counts)}", flush=True) if done % LEAST_NEWS == 0 else None
                ),
            )
            report(title, found, options.show)


def report(title: str, found: Campaign, show: int) -> None:
    total = sum(found.pairs.values())
    print(f"\n{title} points: {total} pairs, {sum(found.functions.values())} functions, {found.seconds:.0f} s")
    for verdict, count in in_order(found.pairs).items():
        print(f"  {verdict:<12}{count:>9}  {count / total:.4%}")
    if found.crashed:
        print(f"  {found.crashed} functions crashed, and count as undecided")
    cases = [row for row in found.cases if row.verdict in SHOWN and row.record]
    causes = Counter((row.verdict, (row.record.get("blame") or {}).get("kind")) for row in cases if row.record)
    for (verdict, kind), count in sorted(causes.items(), key=str):
        print(f"  functions {verdict} with blame {kind}: {count}")
    # The gravest first: what must not happen at all comes before what is counted.
    for row in sorted(cases, key=lambda row: -SHOWN.index(row.verdict))[:show]:
        assert row.record is not None
        print(f"  {row.index} {row.verdict} {row.record.get('blame')}")
        for point in row.record.get("points", [])[:1]:
            bad = {n: p for n, p in point["partials"].items() if p["verdict"] in SHOWN}
            for name, partial in bad.items():
                print(f"    d/d{name} {partial['verdict']}: engine {partial['engine']}, truth {partial['symbolic']}, "
                      f"{partial['reason'] or ''}")  # fmt: skip
            print(f"    at {point['at']}, value {point['value']} {point['value_verdict']}")
        print(f"    {row.record.get('expression') or row.record.get('error')}")


if __name__ == "__main__":
    main()
