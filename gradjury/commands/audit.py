"""``gradjury audit``: has the verifier teeth, and are the hand-written rules right?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..interrupts import Interrupted
from ..options import Whole
from ..outputs import print_lines
from ..progress import progress
from ..shell import BAD_INPUT, FLAGGED, Command, complain

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rich.console import RenderableType

    from ..properties.audit import Audit, Count
    from ..verifier.proving.proofs import Proof


#: Options that say how faults are planted and looked for, by their parameters: proofs would pass them over.
_OF_PLANTING = {"functions": "--functions", "seed": "--seed", "peers": "--peers or --no-peers"}


@click.command(cls=Command)
@click.option("--engine", metavar="NAME", default="numpy", show_default=True, help="The engine to plant faults in.")
@click.option(
    "--functions",
    type=Whole(min=1),
    default=1,
    show_default=True,
    help="How many functions to try for each primitive, class of fault and argument.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the functions and points.")
@click.option("--primitive", "primitives", metavar="NAME", multiple=True, help="Only this primitive; may be repeated.")
@click.option(
    "--peers/--no-peers", default=True, help="Ask the checkers of torch, jax and autograd too, where installed."
)
@click.option("--prove", "proving", is_flag=True, help="Prove the derivatives of the project's own rules instead.")
@click.option("--json", "as_json", is_flag=True, help="JSON on standard output: the audit, or one proof a line.")
def audit(
    engine: str,
    functions: int,
    seed: int,
    primitives: tuple[str, ...],
    peers: bool,
    proving: bool,
    as_json: bool,
) -> int:
    """Plant each class of fault in each primitive of an engine, and count which checkers find it.

    With --prove, run the code of each hand-written derivative on SymPy symbols and show it equal to SymPy's derivative
    of the operation's meaning; the exit status is 1 if one is refuted.
    """
    from ..engine import REGISTRY
    from ..engine.errors import did_you_mean

    if strangers := [name for name in primitives if name not in REGISTRY]:
        others = did_you_mean(strangers[0], REGISTRY) or f"expected some of {_some(REGISTRY)}"
        raise click.UsageError(f"--primitive {strangers[0]!r} is not known; {others}")
    if proving:
        if engine != "numpy":
            raise click.UsageError(f"--prove is about the project's own rules, not those of {engine}")
        ctx = click.get_current_context()
        for name, option in _OF_PLANTING.items():
            if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
                raise click.UsageError(f"--prove plants no faults; expected it without {option}")
        return _prove(primitives, as_json)
    return _plant(engine, functions, seed, primitives, peers, as_json)


def _some(names: Collection[str]) -> str:
    """A few of many names, for a message of one line."""
    return f"{', '.join(sorted(names)[:: len(names) // 8])} … ({len(names)} in all, each in docs/expressions.md)"


def _plant(engine: str, functions: int, seed: int, primitives: Sequence[str], peers: bool, as_json: bool) -> int:
    from ..properties.audit import amount
    from ..properties.audit import audit as plant
    from ..properties.peers import installed
    from ..reports.console import console

    chosen = primitives or None
    with progress("planting faults", amount(engine, functions, chosen)) as tick:
        found = plant(
            engine,
            functions=functions,
            seed=seed,
            peers=installed() if peers else None,
            primitives=chosen,
            progress=tick,
        )
    failed = 0
    if as_json:
        failed = print_lines([found.to_record()])
    else:
        out = console()
        size = f"{functions} function{'s' if functions > 1 else ''}"
        out.print(f"{found.engine}: {size} for each primitive, class of fault and argument; seed {seed}")
        out.print(_matrix(found, out.width))
        out.print(_by_primitive(found, out.width))
        for kind, name, argument, number, why in found.missed:
            out.print(f"missed: {kind} in {name or 'the sweep'}, argument {argument}, function {number}: {why}")
        for reason, count in Counter(why for *_, why in found.failed).most_common():
            out.print(f"failed: {count} functions, which are in no count: {reason}", markup=False)
    if found.interrupted:
        raise Interrupted(f"{sum(c.affected for c in found.faults.values())} functions with a fault were checked")
    if found.failed:
        first = found.failed[0][-1]
        complain(f"the engine failed over {len(found.failed)} functions, which are in no count; first: {first}")
        return BAD_INPUT
    return failed


def _matrix(found: Audit, width: int) -> RenderableType:
    """Class of fault × checker."""
    from rich.console import Group
    from rich.text import Text

    from ..properties.audit import CLASSES
    from ..reports.console import table

    heads = [
        name.removeprefix("gradjury ").replace(" gradcheck", "").removesuffix(" check_grads") for name in found.checkers
    ]
    heads = [head.replace(" ", "\n") for head in heads]
    rows = []
    for kind in found.classes:
        count = found.of_class(kind)
        blamed = f"{count.blamed / count.due:.1%}" if count.due else "–"
        rows.append([CLASSES[kind], str(count.affected), *(share(count, name) for name in found.checkers), blamed])
    alarms = [str(found.sound.found[checker]) for checker in found.checkers]
    rows.append(["no fault: alarms", str(found.sound.affected), *alarms, ""])
    title = "\nfound, of the functions that a fault affects: gradjury's verdicts, then other checkers"
    cells = [[Text(cell) for cell in row] for row in rows]
    return Group(Text(title, "italic"), table(["fault", "of", *heads, "blamed"], cells, width, "right", gap=1))


def _by_primitive(found: Audit, width: int) -> RenderableType:
    """Primitive × class of fault, as found by gradjury."""
    from rich.console import Group
    from rich.text import Text

    from ..properties.audit import CERTIFIED, FAN_OUT
    from ..reports.console import table

    classes = [kind for kind in found.classes if kind != FAN_OUT]
    heads = [kind.replace(" ", "\n") if len(kind) > 7 else kind for kind in classes]
    rows = []
    for name in found.primitives:
        counts = [found.faults.get((kind, name)) for kind in classes]
        cells = (f"{c.found[CERTIFIED]}/{c.affected}" if c else "·" for c in counts)
        rows.append([Text(cell) for cell in (name, *cells)])
    title = Text("\nfound by certified verdicts / affected", "italic")
    return Group(title, table(["primitive", *heads], rows, width, "right", gap=1))


def share(count: Count, checker: str) -> str:
    """How much of what a fault affects a checker found, in words."""
    return f"{count.found[checker] / count.affected:.1%}" if count.affected else "–"


def _prove(primitives: Sequence[str], as_json: bool) -> int:
    from ..engine import REGISTRY
    from ..verifier.proving.proofs import prove_all

    proofs: list[Proof] = []
    interrupted = False
    names = primitives or tuple(REGISTRY)
    with progress("proving", len(names)) as tick:
        try:
            for proof in prove_all(names, progress=tick):
                proofs.append(proof)
        except KeyboardInterrupt:
            interrupted = True
    failed = 0
    if as_json:
        failed = print_lines(proof.to_record() for proof in proofs)
    else:
        _show(proofs)
    if interrupted:
        raise Interrupted(f"{len(proofs)} of {len(names)} rules were proved or checked")
    return FLAGGED if any(b.status == "refuted" for proof in proofs for b in proof.branches) else failed


def _show(proofs: Sequence[Proof]) -> None:
    from ..reports.console import console
    from ..verifier.proving.proofs import summary

    out = console()
    out.print(summary(proofs))
    for proof in proofs:
        for branch in proof.branches:
            if branch.status != "proved":
                error = f", off by {branch.error:.1e}" if branch.error else ""
                by = f"d{proof.primitive}/d{branch.argument}"
                out.print(f"{branch.status}: {by} where {branch.where}: {branch.how}{error}")
