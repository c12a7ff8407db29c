"""How much faster two processes judge a campaign than one: functions a second, and what each process costs.

    python benchmarks/throughput.py --functions 16000 --rounds 2

A process needs a second or two of processor time for imports and SymPy's rules: of a campaign
of 2,000 functions two processes make 1.5 times as many a second, of one of 16,000 nearly twice as many.

The rounds alternate, so that a machine that is busy with other work disturbs both alike. On such a machine the clock
says little; the processor time says what the clock would say if each process had a processor of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time

from gradjury.properties import campaign


def measured(functions: int, points: int, seed: int, jobs: int) -> dict[str, float]:
    """Seconds by the clock and of all processors, for one campaign."""
    before = _processor()
    began = time.monotonic()
    found = campaign.run(functions, points, seed, jobs=jobs)
    seconds = time.monotonic() - began
    assert found.functions.total() == functions
    return {"clock": seconds, "processor": _processor() - before}


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", type=int, default=16_000)
    parser.add_argument("--points", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    measured(50, options.points, options.seed, 1)  # caches are warm in this process before it counts
    rounds = []
    for _ in range(options.rounds):
        one, several = (measured(options.functions, options.points, options.seed, jobs) for jobs in (1, options.jobs))
        rounds.append({"1": one, str(options.jobs): several})
        print(json.dumps(rounds[-1]), flush=True)
    clock = statistics.median(r["1"]["clock"] / r[str(options.jobs)]["clock"] for r in rounds)
    processor = statistics.median(
        r["1"]["processor"] / (r[str(options.jobs)]["processor"] / options.jobs) for r in rounds
    )
    print(f"throughput, {options.jobs} processes / 1: {clock:.2f} by the clock; {processor:.2f} by processor time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
