"""Certified verification against the gradient checkers of torch, autograd and jax, on the same functions in one run.

    python benchmarks/gradcheck.py [--functions 60] [--seed 0] [--rounds 8] [--interleaved] [--json FILE]

Random functions of 5, 10, 20 and 40 nodes (inputs and constants are nodes too) whose operations all peers have. Ours is
``verify`` from a text that it has not seen before: reading, SymPy's rules, balls, verdict; ``tape`` from a tape that it
has not seen before, which is to ours what the peers get, a function that is built already; ``again`` from a text that
it has seen, as in a test that verifies one function at point after point. The peers have their defaults:
``torch.autograd.gradcheck``, autograd's ``check_grads`` (reverse, first order), jax's likewise with its
primitives warm. CPU time, one thread; the fastest of some rounds counts, for each checker alike; medians over the
functions. By default each checker runs over all functions in a loop of its own, all rounds in a row, so that it finds
its own caches warm; ``--interleaved`` lets them take turns function by function.

At 64 points torch and autograd are called 64 times: one call of gradcheck on 64 points would check a 64 × 64 Jacobian,
one call of check_grads only a random projection. ``chain`` adds the SymPy products that people read. ``screened``
decides in balls only what one sweep of all points in longdouble leaves open, and one point of each function.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import Any, NamedTuple

import autograd.numpy as anp
import jax
import numpy as np
import torch
from autograd.scipy import special as aspecial
from autograd.test_util import check_grads as autograd_check
from jax import numpy as jnp
from jax.test_util import check_grads as jax_check

from gradjury.engine import Tape
from gradjury.engine.tape import Constant, constant_as_float
from gradjury.properties.choices import seeded
from gradjury.properties.grammar import composite
from gradjury.properties.points import points
from gradjury.verifier import read, verify, write
from gradjury.verifier.reading.reader import forget

SIZES = (5, 10, 20, 40)

#: One function in so many is checked by the peers that need seconds for it.
SLOW = {"torch x64": 4, "autograd x64": 4, "jax": 5}

#: Ours on a text that was verified just before.
AGAIN = "ours, again"

#: Ours on a function that is built, and of which nothing is known yet.
TAPE = "ours, tape"

#: Elementwise functions that all peers call alike (torch as in NumPy's newest names).
_COMMON = ("sqrt", "square", "reciprocal", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")
_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
}


def library(module: Any, prefix: str, **others: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """A library's functions by the names of the operations, where its inverse functions begin with a prefix."""
    inverses = {f"a{name}": getattr(module, prefix + name) for name in ("sin", "tan", "sinh")}
    return {**_ARITHMETIC, **{name: getattr(module, name) for name in _COMMON}, **inverses, **others}


TORCH = library(torch, "a", erf=torch.erf, sigmoid=torch.sigmoid)
AUTOGRAD = library(anp, "arc", erf=aspecial.erf, sigmoid=aspecial.expit)
JAX = library(jnp, "arc", erf=jax.scipy.special.erf, sigmoid=jax.nn.sigmoid)


class Case(NamedTuple):
    """One function: its text, 64 points, the first of them, and the same function for each peer."""

    text: str
    tape: Tape
    at: dict[str, Any]
    one: dict[str, float]
    columns: list[tuple[float, ...]]
    peers: dict[str, Callable[..., Any]]


def translated(tape: Tape, table: dict[str, Callable[..., Any]], number: Callable[[float], Any]) -> Callable[..., Any]:
    """A tape as a function of a library's arrays."""
    steps: list[tuple[Callable[..., Any] | None, tuple[int, ...], Any]] = []
    for node in tape.nodes[len(tape.inputs) :]:
        value = constant_as_float(node.consts[0]) if node.consts else 0.0
        if node.primitive is Constant:
            steps.append((None, (), number(value)))
        elif node.primitive.name == "powc":
            steps.append((lambda x, c=value: x**c, node.args, None))
        else:
            steps.append((table[node.primitive.name], node.args, None))

    def function(*inputs: Any) -> Any:
        values = list(inputs)
        for operation, args, constant in steps:
            values.append(constant if operation is None else operation(*[values[a] for a in args]))
        return values[tape.output]

    return function


def case(nodes: int, index: int, seed: int) -> Case:
    found = composite(seeded(seed, nodes, index), nodes=(nodes, nodes), primitives=(*TORCH, "powc"))
    text, at = write(found.tape), points(found, 64, seed=seed, index=index)
    tape = read(text, variables=list(at))
    peers = {
        "torch": translated(tape, TORCH, lambda c: torch.tensor(c, dtype=torch.float64)),
        "autograd": translated(tape, AUTOGRAD, float),
        "jax": translated(tape, JAX, float),
    }
    columns = list(zip(*(values.tolist() for values in at.values()), strict=True))
    return Case(text, tape, at, {name: float(values[0]) for name, values in at.items()}, columns, peers)


def _torch(case: Case, count: int, fast: bool = False) -> None:
    for point in case.columns[:count]:
        inputs = tuple(torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in point)
        torch.autograd.gradcheck(case.peers["torch"], inputs, raise_exception=False, fast_mode=fast)


def _autograd(case: Case, count: int) -> None:
    check = autograd_check(case.peers["autograd"], modes=["rev"], order=1)
    for point in case.columns[:count]:
        with suppress(AssertionError):  # its tolerance is not what is measured
            check(*point)


def _jax(case: Case) -> None:
    with suppress(AssertionError):
        jax_check(case.peers["jax"], case.columns[0], order=1, modes=["rev"])


def _ours(case: Case, at: dict[str, Any], certify: str = "all") -> str:
    forget()
    return verify(case.text, at=at, certify=certify).verdict


def _from_tape(case: Case, at: dict[str, Any], certify: str = "all") -> str:
    return verify(Tape(case.tape.nodes, case.tape.inputs, case.tape.output), at=at, certify=certify).verdict


def _chain(case: Case) -> None:
    forget()
    verify(case.text, at=case.one).chain()


Checker = Callable[[Case], Any]

CHECKERS: dict[str, Checker] = {
    "ours": lambda c: _ours(c, c.one),
    AGAIN: lambda c: verify(c.text, at=c.one).verdict,
    TAPE: lambda c: _from_tape(c, c.one),
    "ours, chain": _chain,
    "torch": lambda c: _torch(c, 1),
    "torch fast": lambda c: _torch(c, 1, fast=True),
    "autograd": lambda c: _autograd(c, 1),
    "jax": _jax,
    "ours x64": lambda c: _ours(c, c.at),
    "ours x64, tape": lambda c: _from_tape(c, c.at),
    "screened x64": lambda c: _ours(c, c.at, "suspicious"),
    "screened x64, tape": lambda c: _from_tape(c, c.at, "suspicious"),
    "torch x64": lambda c: _torch(c, 64),
    "autograd x64": lambda c: _autograd(c, 64),
}

#: What is divided by what.
RATIOS = (
    ("torch", "ours"),
    ("torch", TAPE),
    ("torch", AGAIN),
    ("torch", "ours, chain"),
    ("torch fast", "ours"),
    ("autograd", "ours"),
    ("jax", "ours"),
    ("jax", TAPE),
    ("torch x64", "ours x64"),
    ("torch x64", "ours x64, tape"),
    ("torch x64", "screened x64"),
    ("torch x64", "screened x64, tape"),
    ("autograd x64", "screened x64"),
    ("autograd x64", "screened x64, tape"),
)


def measure(
    cases: list[Case], interleaved: bool, rounds: int, checkers: Mapping[str, Checker] = CHECKERS
) -> dict[str, dict[int, float]]:
    """CPU seconds of each checker on each function: the least of some rounds, of which the first finds all cold."""
    spent: dict[str, dict[int, float]] = {name: {} for name in checkers}
    chosen = {name: range(0, len(cases), SLOW.get(name, 1)) for name in checkers}
    if interleaved:
        turns = [(name, i) for i in range(len(cases)) for name in checkers if i in chosen[name]] * rounds
    else:  # all rounds of one checker in a row: another's code would drive its own out of the processor's caches
        turns = [(name, i) for name in checkers for i in [*chosen[name]] * rounds]
    for name, i in turns:
        if name == AGAIN:
            checkers[name](cases[i])  # the others have made it forget the text
        start = time.process_time()
        checkers[name](cases[i])
        seconds = time.process_time() - start
        spent[name][i] = min(seconds, spent[name].get(i, seconds))
    return spent


def summary(spent: dict[str, dict[int, float]], ratios: Sequence[tuple[str, str]] = RATIOS) -> dict[str, float]:
    """Medians over the functions in microseconds, and medians of the ratios function by function.

    Args:
        spent: CPU seconds, as :func:`measure` returns them.
        ratios: what is divided by what, where both were measured.
    """
    row = {name: 1e6 * statistics.median(times.values()) for name, times in spent.items()}
    for peer, ours in ratios:
        if not {peer, ours} <= spent.keys():
            continue
        both = spent[peer].keys() & spent[ours].keys()
        row[f"{peer} / {ours}"] = statistics.median(spent[peer][i] / spent[ours][i] for i in both)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", type=int, default=60, help="functions of each size")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of nodes")
    parser.add_argument("--interleaved", action="store_true", help="let the checkers take turns on each function")
    parser.add_argument("--rounds", type=int, default=8, help="of which the fastest counts, for each checker")
    parser.add_argument("--only", nargs="+", choices=CHECKERS, help="measure these checkers alone")
    parser.add_argument("--json", help="also write the figures, with the machine's description, to this file")
    options = parser.parse_args()
    torch.set_num_threads(1)
    jax.config.update("jax_enable_x64", True)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    checkers = {name: checker for name, checker in CHECKERS.items() if name in (options.only or CHECKERS)}
    table = {}
    for nodes in options.sizes:
        cases = [case(nodes, index, options.seed) for index in range(options.functions)]
        table[nodes] = summary(measure(cases, options.interleaved, options.rounds, checkers))
    print(f"{'nodes':<28}" + "".join(f"{n:>11}" for n in table))
    for key in next(iter(table.values())):
        unit = "" if "/" in key else " µs"
        print(f"{key + unit:<28}" + "".join(f"{row[key]:>11.1f}" for row in table.values()))
    if options.json:
        libraries = {name: version(name) for name in ("torch", "autograd", "jax", "numpy", "sympy", "python-flint")}
        machine = {"python": platform.python_version(), "machine": platform.machine(), **libraries}
        settings = {
            "seed": options.seed,
            "functions": options.functions,
            "rounds": options.rounds,
            "interleaved": options.interleaved,
        }
        with open(options.json, "w") as file:
            json.dump({"machine": machine, **settings, "table": table}, file, indent=1)


if __name__ == "__main__":
    main()
