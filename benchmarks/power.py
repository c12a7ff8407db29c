"""Power: planted faults found by the verifier and by other checkers, and wrong meanings found in the oracle.

    python -m benchmarks.power [--functions 4] [--seed 0] [--primitives NAME …] [--no-peers]

Prints the table; of all primitives beside all peers it is kept in ``benchmarks/results/power.json``, and
``docs/power.md`` is written.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import pages
from gradjury.engine import REGISTRY
from gradjury.properties.audit import CLASSES, audit
from gradjury.properties.peers import installed
from gradjury.properties.power import Outcome, of_meaning, wrong_meanings

PAGE = """# Power: what the verifier finds

A verifier that never complains is worth nothing. `gradjury audit` plants faults in the derivatives of an engine, one
at a time, and counts who finds them: gradjury with every point certified in balls, gradjury with points screened
first, and the gradient checkers of torch, jax and autograd, asked about the same faulty function at the same points.

- A *function* is random, of 5 to 20 nodes, and holds the operation in which the fault is planted; {functions} for
  each primitive, class of fault and argument, seed {seed}.
- A function is *affected* if its value or a partial changes by one bit at least, at one of {points} points. Of
  those, the faults *beyond rounding* move it further than rounding may: they were found, or move a result by more
  than four radii of what a correct program may return. Where they do not, nobody could tell the fault from rounding,
  and no verdict is due.
- *Found* means a verdict `imprecise`, `inaccurate`, `nonfinite` or `wrong` at one of the {points} points; for a peer
  that it raises, or returns False. *Blamed* is the share, of what is beyond rounding, that is also blamed on the
  right operation and argument.

{table}
The peers compare with finite differences under a tolerance: torch 1e-3 relative and 1e-5 absolute, jax 1e-5,
autograd 1e-6. Whatever is smaller than that is beyond them by construction, and what is added to a value does not
change its derivative. Each peer is its own function, called on the engine's numbers: `torch.autograd.gradcheck`
(also in its fast mode), `jax.test_util.check_vjp`, which is all that `check_grads(f, args, 1, ["rev"])` calls, and
`autograd.test_util.check_grads(f, modes=["rev"], order=1)`.

## Wrong meanings

The oracle may be wrong as well. Wrong meanings (changed sign, a factor of 1.001, an added term) were put in the
place of each operation's meaning in {meant} functions in which differences can see it: {undecided} of the verdicts
are `undecided` with blame `oracle`, and {accused} accuse the engine's rule.

## Primitive by primitive

Found by certified verdicts, of the functions affected. An empty cell: the fault changes nothing, as a dropped factor
does where the derivative is 1, or the one function that was drawn does not show it, as where tanh saturates.

{primitives}
{described}"""


def matrix(found: dict[str, Any]) -> str:
    """Class of fault × checker."""
    checkers = found["checkers"]
    rows = []
    for kind in CLASSES:
        total = _sum(row for row in found["faults"] if row["class"] == kind)
        if not total["affected"]:
            continue
        shares = [_share(total["found"].get(name, 0), total["affected"]) for name in checkers]
        due = _share(total["found"].get(checkers[0], 0), total["due"])
        rows.append([CLASSES[kind], total["affected"], *shares, due, _share(total["blamed"], total["due"])])
    sound = found["sound"]
    alarms = [sound["found"].get(name, 0) for name in checkers]
    rows.append(["no fault: false alarms", sound["affected"], *alarms, "", ""])
    return pages.table(["fault", "functions", *checkers, "of those beyond rounding", "rightly blamed"], rows)


def by_primitive(found: dict[str, Any]) -> str:
    """Primitive × class of fault."""
    certified = found["checkers"][0]
    cells = {(row["primitive"], row["class"]): row for row in found["faults"] if row["primitive"]}
    kinds = [kind for kind in CLASSES if any(key[1] == kind for key in cells)]
    rows = []
    for name in dict.fromkeys(key[0] for key in cells):
        here = [cells.get((name, kind)) for kind in kinds]
        rows.append([f"`{name}`", *(f"{c['found'].get(certified, 0)}/{c['affected']}" if c else "" for c in here)])
    return pages.table(["primitive", *(CLASSES[kind] for kind in kinds)], rows)


def _sum(rows: Any) -> dict[str, Any]:
    total: dict[str, Any] = {"affected": 0, "due": 0, "blamed": 0, "found": {}}
    for row in rows:
        for key in ("affected", "due", "blamed"):
            total[key] += row[key]
        for name, count in row["found"].items():
            total["found"][name] = total["found"].get(name, 0) + count
    return total


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def meanings(functions: int, seed: int, names: Sequence[str]) -> dict[str, Any]:
    """What became of wrong meanings in the oracle."""
    total, accused = Outcome(), 0
    for name in names:
        for text, argument in wrong_meanings(REGISTRY[name]):
            tally = of_meaning(REGISTRY[name], text, argument, functions=functions, seed=seed)
            accused += sum(what.endswith("rule") for _, what in tally.missed)
            total += tally
    return {"affected": total.affected, "blamed": total.blamed, "accused": accused}


def page(found: dict[str, Any]) -> str:
    """``docs/power.md``."""
    meant = found["meanings"]
    return PAGE.format(
        functions=found["functions"],
        seed=found["seed"],
        points=found["points"],
        table=matrix(found),
        meant=meant["affected"],
        undecided=_share(meant["blamed"], meant["affected"]),
        accused=meant["accused"],
        primitives=by_primitive(found),
        described=pages.described(found),
    )


def run(functions: int, seed: int, names: Sequence[str] | None, peers: bool) -> None:
    """Measure and print; keep it and write the page, unless primitives or peers are missing that the page speaks of."""
    started = time.perf_counter()
    count = 0

    def tick(advance: int) -> None:
        nonlocal count
        count += advance
        if count % 200 == 0:
            print(f"  {count} functions, {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)

    found = audit(functions=functions, seed=seed, primitives=names, peers=installed() if peers else None, progress=tick)
    wrong = meanings(max(1, functions // 2), seed, names or list(REGISTRY))
    result = {**found.to_record(), "meanings": wrong}
    print(matrix(result))
    if names is None and peers:
        pages.keep("power", result, f"python -m benchmarks.power --functions {functions} --seed {seed}")
        write()


def write() -> None:
    """The page from the results that were kept."""
    found = pages.kept("power")
    if found is not None:
        (pages.DOCS / "power.md").write_text(page(found), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", type=int, default=4, help="functions a primitive, class of fault and argument")
    parser.add_argument("--primitives", nargs="*", metavar="NAME", help="only these; nothing is kept then")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-peers", action="store_true", help="ask no other checkers; nothing is kept then")
    options = parser.parse_args()
    run(options.functions, options.seed, options.primitives, not options.no_peers)


if __name__ == "__main__":
    main()
