"""The command ``gradjury``: its commands, each a module of :mod:`gradjury.commands`, imported when it is called."""

from __future__ import annotations

import click

from . import __version__
from .shell import Shell

#: What each command does, in a line.
COMMANDS = {
    "audit": "Plant faults and count what is found; prove the rules.",
    "conformance": "Run the conformance suite against an engine.",
    "engines": "List the engines that can be judged here.",
    "explain": "Say what a verdict means, and what to do about it.",
    "findings": "Find every distinct defect of the engines, as a page.",
    "lesson": "Write the chain rule of a function as a page to step through.",
    "report": "Write the HTML report of a store or a results file.",
    "run": "Judge random composite functions.",
    "serve": "Show the lesson and the verifier live in the browser.",
    "verify": "Judge one function, or a file of records.",
}


@click.group(
    cls=Shell,
    commands_package=f"{__package__}.commands",
    one_line=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="gradjury", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Certified verdicts on derivatives: an engine, SymPy's chain rule and differences before one jury."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
