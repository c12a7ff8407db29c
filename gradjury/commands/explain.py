"""``gradjury explain``: what a verdict means."""

from __future__ import annotations

import shutil

import click

from ..reports.verdicts import EXPLANATIONS
from ..shell import Command

#: Columns of a line at most: longer ones are hard to read.
_WIDEST = 100


@click.command(cls=Command)
@click.argument("verdict", required=False)
def explain(verdict: str | None) -> None:
    """What VERDICT means, and what to do about it; without one, what each means in a line."""
    from ..reports.verdicts import explain as text

    width = min(shutil.get_terminal_size().columns, _WIDEST)
    if verdict is None:
        longest = 2 + max(map(len, EXPLANATIONS))
        for name, (meaning, *_) in EXPLANATIONS.items():
            click.echo(click.wrap_text(meaning, width, f"{name:<{longest}}", " " * longest))
        return
    if verdict not in EXPLANATIONS:
        raise click.UsageError(f"{verdict!r} is no verdict; expected one of {', '.join(EXPLANATIONS)}")
    click.echo(click.wrap_text(text(verdict), width, preserve_paragraphs=True))
