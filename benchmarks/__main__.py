"""Every benchmark in one run, and the pages of the documentation that show them.

    python -m benchmarks                        # all; some tens of minutes on a quiet machine
    python -m benchmarks checkers cost          # these parts
    python -m benchmarks --pages                # only write the pages again, from the results that were kept

Results are kept as JSON in ``benchmarks/results`` with the machine's description; ``docs/benchmarks.md``,
``docs/power.md``, ``docs/proofs.md`` and their pictures are written from them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import pages

PAGE = """# Benchmarks

What verification costs beside other gradient checkers, and what the engine costs beside other engines. Each section
was measured in one run on the same functions; ratios travel better between machines than times do. `python -m
benchmarks` repeats all of it and writes this page; the numbers are in `benchmarks/results`. What the verifier finds
is measured in [power](power.md), the rules are proved in [proofs](proofs.md).

"""

CHECKERS = """## Checkers

Random functions of 5 to 40 nodes whose operations all have; {functions} of each size, seed {seed}. `ours` is a
certified verdict from a text that it has not seen: reading, SymPy's rules, balls. The others get a function that is
built already; so has `ours` in rows with `tape`, a tape that it has not seen. `ours, again` is from a text that was
verified just before. CPU time, one thread, medians over the functions; each checker runs in a loop of its own, all
rounds in a row, so that all find their caches warm.

- `ours x64`: 64 points, all certified. `screened x64`: 64 points, screened in one sweep; balls decide what that
  leaves open, and one point at least. `torch x64`: `gradcheck` at the 64 points one by one, since one call on all of
  them would check a 64 × 64 Jacobian. `autograd x64` likewise.
- `chain` adds the SymPy products that people read.
- `scipy.differentiate.jacobian` and `numdifftools.Gradient` compute a derivative numerically and compare it with
  nothing.

{table}
{described}
"""

ENGINES = """## Engines

`primal` is the function in plain NumPy on whole arrays, against which gradient / primal is meant; `primal, blocks` the
same in blocks that stay in the cache, as `ours` works, so that the ratio to it has no gain by the blocks in it. Every
engine computes value and gradient, torch eagerly, jax and casadi compiled. Extra memory: what the process grows beyond
inputs and results. What a gradient costs beside the function is bounded from below by what NumPy computes: here the
sine alone, which NumPy computes number by number, is a third of the time of `ours`. Its derivative is the stored sine
over the tangent, which NumPy computes in vectors; by the cosine a gradient took 1.8 times the function.

Chains: CPU time; `numpy` is ours, recorded node by node as the verifier does, `numpy, traced` ours when the Python code
is traced that the other engines run.

{table}
![Time of the gradient of a chain against its length](images/chains.svg)

{described}
"""

COST = """## Cost of a verification

From the tape to the certified verdict; the least CPU time of some rounds, in a process of its own. In one that has
verified some hundred functions before, whose free memory lies in pieces, 10,000 nodes take 1.5 times as long (and 1,000
nodes as long as here): the numbers of one sweep are no longer beside each other in the processor's cache.

{table}
![Time of a verification against nodes and variables](images/cost.svg)
![Time a point against the number of points](images/points.svg)

{described}
"""


LIMITS = """## Where the time goes

- *One point.* Half of a first verdict is spread over some hundred short calls, none of them a tenth of it:
  arguments, the tape, the engine's two sweeps of single numbers, the sweep in balls. At 40 nodes a quarter is
  reading the text. In a loop over many functions everything takes longer than alone, since the code of all
  operations does not fit into the processor's first cache. CPython's build matters little: it speeds up the peers
  as well.
- *64 points.* Arb's arithmetic is two thirds of certified points, and the platform's longdouble functions with the
  bounds beside them of screened ones. Balls of 64 bits in place of 128 gained 8 %, C-level maps for products
  nothing. Where a number is not the float nearest to the exact one, the local derivatives that the engine's sweep has
  stored are compared one by one, at one point: a fiftieth of the time. (Asked for anew, as other engines are, they took
  a fifth of it at 40 nodes.) At 40 nodes the engine's sweep, reading, one point in balls and the longdouble functions
  without any bound take 84, 46, 90 and 99 µs, and torch's 64 calls some 190 times their sum: more than that would take
  compiled code for all four.
- *Chains.* Recording a node, its forward and its reverse step take 0.4, 0.2 and 0.3 µs, of which NumPy's arithmetic on
  single numbers is a third. Twenty times torch's speed would leave 0.36 µs for all three.
- *Campaigns.* Four tenths are Arb's special functions, Bessel's above all.
"""


def _checkers(options: argparse.Namespace) -> None:
    from benchmarks import peers, tables

    found = peers.measure(options.functions, options.seed)
    print(tables.of_checkers(found))
    pages.keep(
        "checkers", found, f"python -m benchmarks checkers --functions {options.functions} --seed {options.seed}"
    )


def _engines(options: argparse.Namespace) -> None:
    from benchmarks import engines

    found = engines.measure(options.points, 7, [1_000, 10_000, 100_000, 1_000_000])
    print(engines.page(found))
    pages.keep("engines", found, f"python -m benchmarks engines --points {options.points}")


def _cost(options: argparse.Namespace) -> None:
    # in a process of its own: the heap that other benchmarks leave behind is in pieces
    subprocess.run([sys.executable, "-m", "benchmarks.cost"], check=True)


def _power(options: argparse.Namespace) -> None:
    from benchmarks import power

    power.run(options.faulty, options.seed, None, True)


def _proofs(options: argparse.Namespace) -> None:
    from benchmarks import proofs

    proofs.run()


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "checkers": _checkers,
    "engines": _engines,
    "cost": _cost,
    "power": _power,
    "proofs": _proofs,
}


def page() -> tuple[str, dict[str, str]]:
    """``docs/benchmarks.md`` and its pictures, from the results that were kept."""
    from benchmarks import cost, engines, tables

    text, pictures = PAGE, {}
    sections: tuple[tuple[str, str, Callable[[dict[str, Any]], str]], ...] = (
        ("checkers", CHECKERS, tables.of_checkers),
        ("engines", ENGINES, engines.page),
        ("cost", COST, cost.page),
    )
    for name, section, render in sections:
        found = pages.kept(name)
        if found is not None:
            words = {key: found.get(key) for key in ("functions", "seed")}
            text += section.format(table=render(found), described=pages.described(found), **words) + "\n"
            pictures |= {"engines": engines.plots, "cost": cost.plots}.get(name, lambda _: {})(found)
    return text + LIMITS, pictures


def write() -> None:
    """All pages and pictures."""
    from benchmarks import power, proofs

    text, pictures = page()
    (pages.DOCS / "benchmarks.md").write_text(text, encoding="utf-8")
    (pages.DOCS / "images").mkdir(exist_ok=True)
    for name, picture in pictures.items():
        (pages.DOCS / "images" / name).write_text(picture, encoding="utf-8")
    power.write()
    proofs.write()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--functions", type=int, default=60, help="of each size, for the checkers")
    parser.add_argument("--points", type=int, default=1_000_000, help="of wide arrays, for the engines")
    parser.add_argument("--faulty", type=int, default=4, help="functions a primitive, class of fault and argument")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pages", action="store_true", help="measure nothing")
    options = parser.parse_args()
    if strangers := [part for part in options.parts if part not in PARTS]:
        parser.error(f"{strangers[0]!r} is no part; expected some of {', '.join(PARTS)}")
    if not options.pages:
        for part in options.parts or PARTS:
            started = time.perf_counter()
            PARTS[part](options)
            print(f"{part}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    write()


if __name__ == "__main__":
    main()
