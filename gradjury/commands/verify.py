"""``gradjury verify``: judge one function, or a file of records."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..options import Whole, common, read_point, reject_strangers
from ..outputs import claim, keep_apart, print_lines, write_report
from ..shell import BAD_INPUT, EXIT_STATUS, ExpressionCommand, command_line, exit_status
from ..verifier.limits import DEFAULT, HIGHEST

if TYPE_CHECKING:
    from ..reports.collection import Collection
    from ..verifier.records import Record

#: Operations up to which the chain rule's products are shown: beyond, nobody reads them and SymPy writes for minutes.
MOST_WRITTEN = 200

_LIMITS = "Limits: " + DEFAULT.describe() + "; --timeout bounds the seconds a function."


@click.command(
    cls=ExpressionCommand,
    context_settings={"ignore_unknown_options": True},
    epilog=f"{_LIMITS}\n\n{EXIT_STATUS}",
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
@click.option("--order", type=Whole(1, HIGHEST), default=1, show_default=True, help="The order of the derivative.")
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
    keep_apart({"--output": output, "--report": report}, {"--input": input_})
    if report:
        claim(report, "the report")
    from ..reports.collection import Collection

    results = Collection({"command": command_line(), "engine": settings["engine"], "seed": settings["seed"]})

    def end(lost: int) -> int:
        return write_report(report, results) or exit_status(results.functions, fail_on) or lost

    if expression is not None:
        if output is not None:
            raise click.UsageError("--output belongs to --input; one function is shown, or with --json printed")
        return _verify_one(expression, at, results, as_json, settings, end)
    assert input_ is not None
    if at:
        raise click.UsageError("--at belongs to an EXPRESSION; the records of --input carry their own points")
    from ..batch import judge_file

    return end(judge_file(input_, output or "-", results, settings, end))


def _verify_one(
    expression: str,
    at: dict[str, Any],
    results: Collection,
    as_json: bool,
    settings: dict[str, Any],
    end: Callable[[int], int],
) -> int:
    """Report one function and show it; the exit status.

    Args:
        end: writes the report; given a status, it returns that of the command.
    """
    from ..batch import has_crashed
    from ..standstill import Watch
    from ..verifier import Unsupported, Verification, from_object, judge_record, verify
    from ..verifier.judge_records import undecided_record
    from ..verifier.timelimit import could_not_be_stopped

    def shown(record: dict[str, Any], found: Verification | None = None, lost: int = 0) -> int:
        record |= {name: settings[name] for name in ("order", "dtype") if settings[name] not in (1, "float64")}
        results.add(record)
        # before anything is printed: whoever reads that may go away
        status = end(BAD_INPUT if has_crashed(record) else lost)
        if as_json:
            printed = print_lines([record])
            return status or printed
        from ..reports.console import console
        from ..reports.terminal import show

        tape, products = (found.tape if found else None), {}
        if found and len(found.tape.operations) <= MOST_WRITTEN:
            products = found.chain()
        show(record, tape, products, console())
        return status

    def given() -> Record:
        return from_object({"expression": expression, "at": at}, 1)

    def give_up() -> int:
        record = undecided_record(given(), could_not_be_stopped(settings["timeout"]), settings["engine"])
        return shown(record, lost=BAD_INPUT)

    found: Verification | None = None
    with Watch(settings["timeout"], give_up) as watch, watch.one():
        try:
            reject_strangers(expression, at)
            found = verify(expression, at=at or None, **settings)
            record = {"id": 1, **found.to_record(), "expression": expression}
        except Unsupported:
            others = {name: value for name, value in settings.items() if name not in ("order", "dtype")}
            record = judge_record(given(), **others)
    return shown(record, found)
