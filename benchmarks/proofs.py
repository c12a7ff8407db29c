"""Proofs of the hand-written derivatives: what ``gradjury audit --prove`` says, as a page of the documentation.

    python -m benchmarks.proofs

Keeps the branches in ``benchmarks/results/proofs.json`` and writes ``docs/proofs.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import Any

from benchmarks import pages
from gradjury.verifier.proving.proofs import EXPLANATIONS, prove_all, summary

PAGE = """# The hand-written derivatives, proved

A derivative that a person wrote down is the one thing in this engine that can be mistaken, so each is proved. The
code of the rule is run, as it stands, on objects that carry a float and a SymPy expression side by side. The float
decides each comparison, `where`, `minimum` and so on, as it would in the engine; the expression says what the code
computes in real numbers. At a grid of points, from 10⁻⁴⁰ to 10⁴⁰ with both signs, zero, whole and broken constants,
this leads to every branch that a point of it reaches. In each branch the expression is shown equal to SymPy's
derivative of the operation's meaning: their difference is turned into 0 by identities alone. Left out are points at
which SymPy's formulas of incomplete elliptic integrals are 0/0 and it finds no limit (m = 0, m = 1, n = 0, n = 1,
n = m): there tests compare the rules with mpmath.

A float in the code that is the double nearest to a constant of mathematics, such as 1.1283791670955126 for 2/√π,
stands for that constant.

A rule that is itself differentiated records some of its parts whole, with rules of their own
(`engine/primitives/derived.py`, and integrals in `legendre.py`): tests prove five of these likewise, and compare the
others with mpmath.

**{summary}.**

A branch that is not proved is named below with its reason, and at up to 12 points of the grid its expression is
compared with mpmath's numerical derivative of the meaning:

- `checked`: they agree to 30 digits, or lie both beyond the range of floats.
- `approximate`: they differ by less than doubles resolve.

{unproved}
## Rule by rule

{rules}
Repeat with `gradjury audit --prove`, for one rule with `gradjury audit --prove --primitive tanh`.

{described}"""


def page(found: dict[str, Any]) -> str:
    """``docs/proofs.md``."""
    unproved, rules = [], []
    for proof in found["proofs"]:
        branches = proof["branches"]
        counts = Counter(branch["status"] for branch in branches)
        ways = Counter(branch["how"] for branch in branches if branch["status"] == "proved")
        told = ", ".join(f"{way} {count}" for way, count in ways.most_common())
        rules.append([f"`{proof['primitive']}`", told, len(branches), counts["proved"]])
        rest = [branch for branch in branches if branch["status"] != "proved"]
        if rest:
            statuses = ", ".join(f"{n} {status}" for status, n in Counter(b["status"] for b in rest).items())
            error = max(b["error"] for b in rest)
            why = EXPLANATIONS.get(proof["primitive"], "")
            unproved.append([f"`{proof['primitive']}`: {why}", statuses, f"{error:.0e}" if error else "0"])
    return PAGE.format(
        summary=found["summary"],
        unproved=pages.table(["rule, and what it does there", "branches", "largest relative difference"], unproved),
        rules=pages.table(["rule", "ways that led to 0, with the number of branches", "branches", "proved"], rules),
        described=pages.described(found),
    )


def run() -> None:
    """Prove all rules, keep the branches and write the page."""
    proofs = []
    for proof in prove_all():
        proofs.append(proof)
        print(f"  {summary([proof])}: {proof.primitive}", file=sys.stderr, flush=True)
    found = {"summary": summary(proofs), "proofs": [proof.to_record() for proof in proofs]}
    print(found["summary"])
    pages.keep("proofs", found, "python -m benchmarks.proofs")
    write()


def write() -> None:
    """The page from the results that were kept."""
    found = pages.kept("proofs")
    if found is not None:
        (pages.DOCS / "proofs.md").write_text(page(found), encoding="utf-8")


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    run()


if __name__ == "__main__":
    main()
