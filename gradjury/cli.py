"""The command ``gradjury``: verify, run, report, lesson, engines, explain."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from . import __version__
from .options import common, read_point
from .outputs import LineSink, claim, write_page
from .reports.verdicts import EXPLANATIONS
from .shell import BAD_INPUT, FLAGGED, ExpressionCommand, Interrupted, Shell
from .verifier.limits import DEFAULT
from .verifier.verify import DEFAULT_POINTS

if TYPE_CHECKING:
    from .reports.collection import Collection

_LIMITS = "Limits: " + DEFAULT.describe() + "; --timeout bounds the seconds a function."
_EXIT = (
    "Exit status: 1 if a verdict of --fail-on occurs, else 2 if usage is bad or a record is invalid, else 0; "
    "130 after Ctrl-C, 141 if the reader of the output has gone."
)


@click.group(cls=Shell, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradjury", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Certified verdicts on derivatives: an engine, SymPy's chain rule and differences before one jury."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@main.command(
    cls=ExpressionCommand,
    context_settings={"ignore_unknown_options": True},
    short_help="Judge one function, or a file of records.",
    epilog=f"{_LIMITS}\n\n{_EXIT}",
)
@click.argument("expression", required=False)
@click.option(
    "--at",
    multiple=True,
    metavar="NAME=NUMBERS",
    callback=read_point,
    help="Value of a variable; x=1,2,3 is three points.",
)
@click.option("--input", "input_", metavar="FILE.jsonl", help="Judge every record of a file; - is standard input.")
@click.option(
    "--output",
    metavar="FILE.jsonl",
    help="Where the results of --input go; - (the default) is standard output.",
)
@common
def verify(
    expression: str | None,
    at: dict[str, Any],
    input_: str | None,
    output: str | None,
    report: str | None,
    fail_on: frozenset[str],
    as_json: bool,
    **settings: Any,
) -> int:
    """Judge the gradient of EXPRESSION at one or more points, or of every record of a file.

    An expression is written as in Python: "exp(sin(x)) * y", or with named intermediate values:
    "a = x**2; b = exp(a); b**2". Without --at, points are sampled where the function is real.
    """
    if (expression is None) == (input_ is None):
        raise click.UsageError("expected either an EXPRESSION or --input FILE.jsonl" + (", not both" if input_ else ""))
    if report:
        claim(report, "the report")
    from .reports.collection import Collection

    results = Collection({"command": _command_line(), "engine": settings["engine"], "seed": settings["seed"]})
    lost = 0
    if expression is not None:
        if output is not None:
            raise click.UsageError("--output belongs to --input; one function is shown, or with --json printed")
        _verify_one(expression, at, results, as_json, settings)
    else:
        assert input_ is not None
        if at:
            raise click.UsageError("--at belongs to an EXPRESSION; the records of --input carry their own points")
        from .batch import judge_file

        lost = judge_file(input_, output or "-", results, settings)
    status = _status(results, fail_on) or lost
    return _write_report(report, results, f"gradjury verify: {results.summary()}") or status


def _verify_one(
    expression: str, at: dict[str, Any], results: Collection, as_json: bool, settings: dict[str, Any]
) -> None:
    from .verifier import Unsupported, Verification, from_object, judge_record, verify

    found: Verification | None = None
    try:
        _reject_strangers(expression, at)
        found = verify(expression, at=at or None, **settings)
        record = {"id": 1, **found.to_record(), "expression": expression}
    except Unsupported:
        others = {name: value for name, value in settings.items() if name not in ("order", "dtype")}
        record = judge_record(from_object({"expression": expression, "at": at}, 1), **others)
    record |= {name: settings[name] for name in ("order", "dtype") if settings[name] not in (1, "float64")}
    results.add(record)
    if as_json:
        _print_lines([record])
        return
    from .reports.terminal import console, show

    tape, products = (found.tape, found.chain()) if found else (None, {})
    show(record, tape, products, console())


def _reject_strangers(expression: str, at: dict[str, Any]) -> None:
    """A value for a variable that the expression does not name is a slip of the keyboard."""
    from .verifier import InvalidInput, read

    inputs = read(expression).inputs
    if strangers := [name for name in at if name not in inputs]:
        raise InvalidInput(
            f"--at gives a value for {', '.join(strangers)}, but the expression's variables are "
            f"{', '.join(inputs) or 'none'}"
        )


@main.command(short_help="Judge random composite functions.", epilog=_EXIT)
@click.option("--functions", type=click.IntRange(min=1), default=200, show_default=True, help="How many to draw.")
@click.option("--special", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Share of special points.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes to work in.")
@click.option("--store", metavar="FILE", type=click.Path(dir_okay=False), help="Keep the campaign (SQLite).")
@common
def run(
    functions: int,
    store: str | None,
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
    from tempfile import TemporaryDirectory

    from .batch import progress
    from .properties.campaign import run as campaign
    from .properties.store import Store
    from .reports.collection import from_store, rows_as_json

    if order != 1:
        raise click.UsageError(f"--order {order}: random functions are judged by their first derivatives")
    if report:
        claim(report, "the report")
    with TemporaryDirectory() as folder:
        path = store or f"{folder}/campaign.db"
        with progress("judging", functions) as tick:
            found = campaign(
                functions,
                points or DEFAULT_POINTS,
                store=path,
                progress=lambda done, counts: tick(1),
                command=_command_line(),
                **settings,
            )
        found.store = store
        with Store.open(path) as judged:
            results = from_store(judged)
            # before anything is printed: whoever reads that may go away
            failed = _write_report(report, results, f"gradjury run: {results.summary()}")
            if as_json:
                _print_lines(rows_as_json(judged))
            else:
                from .reports.terminal import console, show_campaign

                show_campaign(found, console())
    if found.interrupted:
        kept = f"{found.functions.total():,} of {functions:,} functions were judged"
        raise Interrupted(f"{kept} and kept in {store}" if store else kept)
    return failed or _status(results, fail_on)


@main.command(short_help="Write the HTML report of a store or a results file.")
@click.argument("store")
@click.option("-o", "output", metavar="FILE.html", type=click.Path(dir_okay=False), help="[default: STORE.html]")
@click.option("--json", "as_json", is_flag=True, help="One line a function instead, in the order of its index.")
def report(store: str, output: str | None, as_json: bool) -> int:
    """Write the HTML report of a campaign's STORE, or of a results file of verify."""
    from .properties.store import Store
    from .reports import collection

    if as_json and output:
        raise click.UsageError("-o names a page, --json prints lines; expected one of them")
    if as_json:
        if collection.is_store(store):
            with Store.open(store) as judged:
                _print_lines(collection.rows_as_json(judged))
        else:
            _print_lines(collection.read_results(store))
        return 0
    output = output or f"{store}.html"
    if collection.is_store(store):
        with Store.open(store) as judged:
            results = collection.from_store(judged)
    else:
        results = collection.gather(collection.read_results(store), {"results": store})
    claim(output, "the report")
    failed = _write_report(output, results, f"{os.path.basename(store)}: {results.summary()}")
    if not failed:
        click.echo(f"{output}: {results.summary()}")
    return failed


@main.command(short_help="List the engines that can be judged here.")
def engines() -> int:
    """The engines that can be judged here, with versions, and what the others need."""
    from .verifier.engine import available

    found = available()
    width = max(len(name) for name, _, _ in found)
    for name, version, missing in found:
        click.echo(f"{name:<{width}}  {version or f'not available: {missing}'}")
    return 0


@main.command(cls=ExpressionCommand, context_settings={"ignore_unknown_options": True})
@click.argument("expression")
@click.option("--at", multiple=True, metavar="NAME=NUMBER", callback=read_point, help="Value of a variable.")
@click.option(
    "--language", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="In which the page opens."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the point, where none is given.")
@click.option(
    "-o",
    "output",
    metavar="FILE.html",
    type=click.Path(dir_okay=False),
    default="lesson.html",
    show_default=True,
    help="Where the page goes.",
)
def lesson(expression: str, at: dict[str, Any], language: str, seed: int, output: str) -> int:
    """Write the chain rule of EXPRESSION as a page to step through, one multiplication at a time.

    Without --at, a point is sampled where the function is real.
    """
    from .reports.lesson import render
    from .verifier import InvalidInput, read
    from .verifier.sampling import sample

    tape = read(expression)
    _reject_strangers(expression, at)
    if missing := [name for name in tape.inputs if at and name not in at]:
        raise InvalidInput(f"--at gives no value for {', '.join(missing)}; expected one for each variable")
    if rows := [name for name, numbers in at.items() if isinstance(numbers, list)]:
        raise InvalidInput(f"--at gives several values for {', '.join(rows)}; a lesson has one point")
    point = at or {name: float(f"{numbers[0]:.3g}") for name, numbers in sample(tape, None, 1, seed).items()}
    claim(output, "the lesson")
    page = render(tape, point, language=language, version=__version__)
    failed = write_page(output, page)
    if not failed:
        click.echo(output)
    return failed


@main.command()
@click.argument("verdict")
def explain(verdict: str) -> None:
    """What VERDICT means, and what to do about it."""
    from .reports.verdicts import explain as text

    if verdict not in EXPLANATIONS:
        raise click.UsageError(f"{verdict!r} is no verdict; expected one of {', '.join(EXPLANATIONS)}")
    click.echo(text(verdict))


def _print_lines(records: Iterable[Mapping[str, Any]]) -> None:
    sink = LineSink("-")
    for record in records:
        sink.write(record)


def _command_line() -> str:
    return shlex.join(["gradjury", *sys.argv[1:]])


def _status(results: Collection, fail_on: frozenset[str]) -> int:
    if any(results.functions[verdict] for verdict in fail_on):
        return FLAGGED
    return BAD_INPUT if results.functions["invalid"] else 0


def _write_report(path: str | None, results: Collection, title: str) -> int:
    if not path:
        return 0
    from .reports.html import render

    return write_page(path, render(results, title=title, version=__version__))
