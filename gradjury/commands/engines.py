"""``gradjury engines``: what can be judged here."""

from __future__ import annotations

import click

from ..shell import Command


@click.command(cls=Command)
def engines() -> int:
    """The engines that can be judged here, with versions, and what the others need."""
    from ..verifier.engine_names import available

    found = available()
    width = max(len(name) for name, _, _ in found)
    for name, version, missing in found:
        click.echo(f"{name:<{width}}  {version or f'not available: {missing}'}")
    return 0
