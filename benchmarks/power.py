"""Power of the verifier: planted faults found and rightly blamed, a line a kind of fault.

Run ``python benchmarks/power.py`` (some minutes for every primitive, fault and argument); ``--functions``
sets how many functions are tried for each of them, ``--primitives`` restricts them, ``--seed`` sets all of
them.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict

from gradjury.engine import REGISTRY
from gradjury.properties.faults import RULES, VALUES, arguments
from gradjury.properties.power import Tally, of_fault, of_meaning, wrong_meanings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=12, help="functions a primitive, fault and argument")
    parser.add_argument("--primitives", nargs="*", default=list(REGISTRY), metavar="NAME")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    started = time.perf_counter()
    rules: dict[str, Tally] = defaultdict(Tally)
    oracle = Tally()
    rule_blamed = 0
    for name in options.primitives:
        primitive = REGISTRY[name]
        settings = {"functions": options.functions, "seed": options.seed}
        for kind in (*RULES, *VALUES):
            for argument in arguments(primitive) if kind in RULES else (0,):
                tally = of_fault(primitive, kind, argument, **settings)
                rules[kind] += tally
                for number, what in tally.missed:
                    print(f"  {name}[{argument}] {kind}, function {number}: {what}", flush=True)
        for text, argument in wrong_meanings(primitive):
            tally = of_meaning(primitive, text, argument, **settings)
            oracle += tally
            for number, what in tally.missed:
                rule_blamed += what.endswith("rule")
                print(f"  meaning of {name} {text!r}, function {number}: {what}", flush=True)
    rules["fan-out"] = of_fault(None, "fan-out", 0, functions=20 * options.functions, seed=options.seed)

    print(f"\nseed {options.seed}, {options.functions} functions each, {time.perf_counter() - started:.0f} s")
    print(f"{'fault':<16}{'affected':>10}{'found':>10}{'blamed':>10}")
    total = Tally()
    for kind, tally in rules.items():
        total += tally
        print(line(kind, tally))
    print(line("all", total))
    print(f"\nwrong meanings: {oracle.affected} affected, {oracle.blamed / max(oracle.affected, 1):.2%} undecided with")
    print(f"blame oracle, {rule_blamed} blamed on the engine's rule")


def line(kind: str, tally: Tally) -> str:
    found = tally.found / tally.affected if tally.affected else float("nan")
    blamed = tally.blamed / tally.found if tally.found else float("nan")
    return f"{kind:<16}{tally.affected:>10}{found:>10.2%}{blamed:>10.2%}"


if __name__ == "__main__":
    main()
