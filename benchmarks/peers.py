"""Every gradient checker and every library of numerical derivatives on the same functions, in one run.

    python -m benchmarks.peers [--functions 60] [--seed 0]

The functions, points and clocks are those of :mod:`benchmarks.gradcheck`, in half as many rounds; to its checkers two
are added that have no criterion of their own: ``scipy.differentiate.jacobian`` and ``numdifftools.Gradient`` compute
the derivative at one point, and its comparison with an engine's is not counted.
"""

from __future__ import annotations

import argparse
import warnings
from typing import Any

import jax
import numdifftools
import numpy as np
import torch
from scipy import differentiate, special

from benchmarks import gradcheck, pages, tables
from gradjury.engine import Tape
from gradjury.verifier import read

NUMPY = gradcheck.library(np, "arc", erf=special.erf, sigmoid=special.expit)


ROUNDS = 4
#: What is divided by what.
RATIOS = (*gradcheck.RATIOS, ("scipy.differentiate", "ours"), ("numdifftools", "ours"))


def function_of(case: gradcheck.Case) -> Any:
    """A case as a function of one NumPy array, whose first axis holds the variables."""
    tape: Tape = read(case.text, variables=list(case.at))
    plain = gradcheck.translated(tape, NUMPY, float)
    return lambda x: plain(*x)


def numerical(cases: list[gradcheck.Case]) -> dict[str, gradcheck.Checker]:
    """What computes a derivative of these functions numerically; they are built before any clock runs."""
    built = {id(case): (function_of(case), np.array(case.columns[0])) for case in cases}

    def of_scipy(case: gradcheck.Case) -> Any:
        function, here = built[id(case)]
        return differentiate.jacobian(function, here)

    def of_numdifftools(case: gradcheck.Case) -> Any:
        function, here = built[id(case)]
        return numdifftools.Gradient(function)(here)

    return {"scipy.differentiate": of_scipy, "numdifftools": of_numdifftools}


def measure(functions: int, seed: int) -> dict[str, Any]:
    """Medians in microseconds of CPU time and ratios to ours, for each number of nodes."""
    torch.set_num_threads(1)
    jax.config.update("jax_enable_x64", True)
    found: dict[str, dict[str, float]] = {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for nodes in gradcheck.SIZES:
            cases = [gradcheck.case(nodes, index, seed) for index in range(functions)]
            checkers = {**gradcheck.CHECKERS, **numerical(cases)}
            found[str(nodes)] = gradcheck.summary(gradcheck.measure(cases, False, ROUNDS, checkers), RATIOS)
    return {"seed": seed, "functions": functions, "table": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", type=int, default=60, help="functions of each size")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    found = measure(options.functions, options.seed)
    print(tables.of_checkers(found))
    pages.keep("checkers", found, f"python -m benchmarks.peers --functions {options.functions} --seed {options.seed}")


if __name__ == "__main__":
    main()
