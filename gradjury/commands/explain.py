"""``gradjury explain``: what a verdict means."""

from __future__ import annotations

import click

from ..reports.verdicts import EXPLANATIONS
from ..shell import Command


@click.command(cls=Command)
@click.argument("verdict")
def explain(verdict: str) -> None:
    """What VERDICT means, and what to do about it."""
    from ..reports.verdicts import explain as text

    if verdict not in EXPLANATIONS:
        raise click.UsageError(f"{verdict!r} is no verdict; expected one of {', '.join(EXPLANATIONS)}")
    click.echo(text(verdict))
