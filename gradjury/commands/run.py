"""``gradjury run``: a campaign on random composite functions."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..interrupts import Interrupted
from ..options import Real, Whole, common
from ..outputs import claim, keep_apart, print_lines, write_report
from ..progress import progress
from ..properties.store import KEEP
from ..shell import BAD_INPUT, EXIT_STATUS, Command, command_line, complain, exit_status
from ..verifier.given import DEFAULT_POINTS

if TYPE_CHECKING:
    from ..properties.campaign import Campaign

#: Options that say how a campaign is worked on and shown; the others say what it is.
_ABOUT_THE_WORK = ("resume", "store", "jobs", "scheduler", "report", "fail_on", "as_json", "order")


@click.command(cls=Command, epilog=EXIT_STATUS)
@click.option("--functions", type=Whole(min=1), default=200, show_default=True, help="How many functions to draw.")
@click.option("--special", type=Real(0, 1), default=0.0, show_default=True, help="The share of special points.")
@click.option(
    "--jobs",
    type=Whole(min=1),
    help="Processes to work in.  [default: the processors, but one for each 500 functions at most]",
)
@click.option("--scheduler", metavar="ADDRESS", help="Let the workers of this Dask scheduler judge: tcp://host:8786.")
@click.option("--store", metavar="FILE", type=click.Path(dir_okay=False), help="Keep the campaign (SQLite).")
@click.option(
    "--keep",
    type=Whole(min=0),
    default=KEEP,
    show_default=True,
    help="How many functions of each cause, the first ones, to keep with their whole record.",
)
@click.option(
    "--certify-all",
    "certify",
    flag_value="all",
    default="suspicious",
    help="Decide every point in balls; otherwise what a sweep in longdouble finds in order is screened, not certified.",
)
@click.option(
    "--resume",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Go on with the interrupted campaign in this store, with its settings.",
)
@click.option("--order", type=Whole(min=1), default=1, hidden=True)  # as of verify: another than 1 is told why not
@common
def run(
    functions: int,
    store: str | None,
    resume: str | None,
    jobs: int | None,
    scheduler: str | None,
    report: str | None,
    fail_on: frozenset[str],
    as_json: bool,
    points: int | None,
    order: int,
    **settings: Any,
) -> int:
    """Judge random composite functions of all primitives: a campaign, reproducible by its seed.

    A share of --special points lies at ties, zeros, ±1, domain edges, and at tiny and huge values.
    """
    from ..properties import campaign
    from ..properties.scheduler import processes_for
    from ..properties.store import Store
    from ..reports.collection import from_store, rows_as_json

    if order != 1:
        raise click.UsageError(f"--order {order}: campaigns judge first derivatives; gradjury verify has --order")
    if store and resume:
        raise click.UsageError("--store begins a campaign, --resume goes on with one; expected one of them")
    if jobs and scheduler:
        raise click.UsageError("--jobs are processes here, --scheduler has its own; expected one of them")
    keep_apart({"--report": report}, {"--store": store, "--resume": resume})
    if report:
        claim(report, "the report")
    with _path(resume or store) as path:
        if resume:
            found = _resumed(resume, jobs, scheduler)
        else:
            with _progress(functions, 0) as tell:
                found = campaign.run(
                    functions,
                    points or DEFAULT_POINTS,
                    store=path,
                    progress=tell,
                    jobs=jobs or processes_for(functions),
                    scheduler=scheduler,
                    command=command_line(),
                    **settings,
                )
        found.store = resume or store
        with Store.open(path) as judged:
            results = from_store(judged)
            # before anything is printed: whoever reads that may go away
            failed = write_report(report, results)
            if as_json:
                failed = print_lines(rows_as_json(judged)) or failed
            else:
                from ..reports.console import console
                from ..reports.terminal import show_campaign

                show_campaign(found, console(), None if failed else report)
    if found.interrupted:
        raise Interrupted(_how_far(found))
    if found.crashed:
        who = "1 function crashed, and is" if found.crashed == 1 else f"{found.crashed:,} functions crashed, and are"
        complain(f"{who} undecided for that reason; the records say how")
        failed = BAD_INPUT
    return exit_status(results.functions, fail_on) or failed


@contextmanager
def _path(given: str | None) -> Iterator[str]:
    """Where the campaign is kept: for the time being, if nobody wants to keep it."""
    if given:
        yield given
        return
    with TemporaryDirectory() as folder:
        yield f"{folder}/campaign.db"


@contextmanager
def _progress(functions: int, done: int) -> Iterator[Callable[[int, Mapping[str, int]], None]]:
    """What a campaign tells its progress to.

    Args:
        functions: how many there are.
        done: how many of them had been judged before.
    """
    with progress("judging", functions) as tick:
        tick(done)

        def tell(now: int, counts: Mapping[str, int]) -> None:
            nonlocal done
            tick(now - done)
            done = now

        yield tell


def _resumed(path: str, jobs: int | None, scheduler: str | None) -> Campaign:
    """The campaign of a store, gone on with; options that were typed must be those that it was begun with."""
    from ..properties.campaign import resume
    from ..properties.scheduler import processes_for
    from ..properties.settings import complete
    from ..properties.store import Store

    ctx = click.get_current_context()
    given = {
        name: value
        for name, value in ctx.params.items()
        if name not in _ABOUT_THE_WORK and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    with Store.open(path) as begun:
        functions, done = complete(begun.settings(), path)["functions"], begun.done
    with _progress(functions, done) as tell:
        found = resume(path, progress=tell, jobs=jobs or processes_for(functions - done), scheduler=scheduler, **given)
    if found.changed:
        complain(f"warning: other versions than the campaign was begun with: {', '.join(found.changed)}")
    return found


def _how_far(found: Campaign) -> str:
    judged = f"{found.functions.total():,} of {found.settings['functions']:,} functions were judged"
    if found.store is None:
        return judged
    return f"{judged} and kept in {found.store}; {shlex.join(['gradjury', 'run', '--resume', found.store])} goes on"
