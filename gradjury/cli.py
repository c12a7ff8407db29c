"""The command ``gradjury``: its commands, each a module of :mod:`gradjury.commands`."""

from __future__ import annotations

import click

from . import __version__
from .commands.audit import audit
from .commands.conformance import conformance
from .commands.engines import engines
from .commands.explain import explain
from .commands.findings import findings
from .commands.lesson import lesson
from .commands.report import report
from .commands.run import run
from .commands.serve import serve
from .commands.verify import verify
from .shell import Shell


@click.group(cls=Shell, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gradjury", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Certified verdicts on derivatives: an engine, SymPy's chain rule and differences before one jury."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


main.add_command(verify)
main.add_command(run)
main.add_command(report)
main.add_command(lesson)
main.add_command(serve)
main.add_command(audit)
main.add_command(explain)
main.add_command(engines)
main.add_command(conformance)
main.add_command(findings)
