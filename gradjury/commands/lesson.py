"""``gradjury lesson``: the chain rule of a function as a page to step through."""

from __future__ import annotations

from typing import Any

import click

from .. import __version__
from ..options import read_point, reject_strangers
from ..outputs import claim, write_page
from ..shell import ExpressionCommand, complain


@click.command(cls=ExpressionCommand, context_settings={"ignore_unknown_options": True})
@click.argument("expression")
@click.option("--at", multiple=True, metavar="NAME=NUMBER", callback=read_point, help="Value of a variable.")
@click.option(
    "--language",
    type=click.Choice(["en", "ko"]),
    default="en",
    show_default=True,
    help="The language that the page opens in.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the point, where none is given.")
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
    from ..reports.lesson import render
    from ..verifier import InvalidInput, read
    from ..verifier.given import NUMBERS_BY_HAND
    from ..verifier.sampling import sample

    tape = read(expression)
    reject_strangers(expression, at)
    missing = [name for name in tape.inputs if name not in at]
    by_hand = [f"the number {n} is written {NUMBERS_BY_HAND[n]}" for n in missing if n in NUMBERS_BY_HAND]
    if at and missing:
        words = "; ".join(["expected one for each variable", *by_hand])
        raise InvalidInput(f"--at gives no value for {', '.join(missing)}; {words}")
    if rows := [name for name, numbers in at.items() if isinstance(numbers, list)]:
        raise InvalidInput(f"--at gives several values for {', '.join(rows)}; a lesson has one point")
    point = at or {name: float(f"{numbers[0]:.3g}") for name, numbers in sample(tape, None, 1, seed).items()}
    for hint in by_hand:
        complain(f"warning: {hint}; here it is a variable with a sampled value")
    claim(output, "the lesson")
    page = render(tape, point, language=language, version=__version__)
    failed = write_page(output, page, "the lesson")
    if not failed:
        click.echo(output)
    return failed
