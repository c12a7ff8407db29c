"""``gradjury verify``: judge one function, or a file of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..options import common, read_point, reject_strangers
from ..outputs import claim, keep_apart, print_lines, write_report
from ..shell import BAD_INPUT, EXIT_STATUS, ExpressionCommand, command_line, exit_status
from ..verifier.limits import DEFAULT

if TYPE_CHECKING:
    from ..reports.collection import Collection

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
    if expression is not None:
        if output is not None:
            raise click.UsageError("--output belongs to --input; one function is shown, or with --json printed")
        failed, lost = _verify_one(expression, at, results, report, as_json, settings)
    else:
        assert input_ is not None
        if at:
            raise click.UsageError("--at belongs to an EXPRESSION; the records of --input carry their own points")
        from ..batch import judge_file

        lost = judge_file(input_, output or "-", results, settings)
        failed = write_report(report, results)
    return failed or exit_status(results.functions, fail_on) or lost


def _verify_one(
    expression: str,
    at: dict[str, Any],
    results: Collection,
    report: str | None,
    as_json: bool,
    settings: dict[str, Any],
) -> tuple[int, int]:
    """Report one function and show it; the exit statuses that the report and a crash of its engine deserve."""
    from ..batch import has_crashed
    from ..verifier import Unsupported, Verification, from_object, judge_record, verify

    found: Verification | None = None
    try:
        reject_strangers(expression, at)
        found = verify(expression, at=at or None, **settings)
        record = {"id": 1, **found.to_record(), "expression": expression}
    except Unsupported:
        others = {name: value for name, value in settings.items() if name not in ("order", "dtype")}
        record = judge_record(from_object({"expression": expression, "at": at}, 1), **others)
    record |= {name: settings[name] for name in ("order", "dtype") if settings[name] not in (1, "float64")}
    results.add(record)
    # before anything is printed: whoever reads that may go away
    failed, lost = write_report(report, results), BAD_INPUT if has_crashed(record) else 0
    if as_json:
        return failed, print_lines([record]) or lost
    from ..reports.terminal import console, show

    tape, products = (found.tape if found else None), {}
    if found and len(found.tape.operations) <= MOST_WRITTEN:
        products = found.chain()
    show(record, tape, products, console())
    return failed, lost
