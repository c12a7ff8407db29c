"""The options that commands share, and how their values are read."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import click

from .reports.verdicts import FAILING, verdicts_in
from .verifier import InvalidInput
from .verifier.given import DEFAULT_POINTS
from .verifier.limits import DEFAULT
from .verifier.records import DTYPES, parse_number


class Whole(click.IntRange):
    """A whole number within a range."""

    name = "whole number"


class Real(click.FloatRange):
    """A number within a range, neither nan nor infinite."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return float(number)


def read_verdicts(ctx: click.Context, parameter: click.Parameter, text: str) -> frozenset[str]:
    """Verdicts separated by commas."""
    try:
        return verdicts_in(text)
    except InvalidInput as error:
        raise click.BadParameter(str(error)) from None


def read_point(ctx: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, Any]:
    """A number, or a list of K numbers, for each ``NAME=NUMBERS``."""
    point: dict[str, Any] = {}
    for text in texts:
        name, equals, numbers = text.partition("=")
        name = unicodedata.normalize("NFKC", name.strip())  # as Python reads names in an expression
        if not equals or not name.isidentifier():
            raise click.BadParameter(f"{text!r} names no value; expected NAME=NUMBER or NAME=NUMBER,NUMBER,…")
        if name in point:
            raise click.BadParameter(f"{name} is given twice; expected one --at for each variable")
        try:
            row = [parse_number(number) for number in numbers.split(",")]
        except InvalidInput as error:
            raise click.BadParameter(f"{text}: {error}") from None
        point[name] = row[0] if len(row) == 1 else row
    return point


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that ``verify`` and ``run`` share."""
    options = [
        click.option("--engine", metavar="NAME", default="numpy", show_default=True, help="The engine to judge."),
        click.option(
            "--dtype",
            type=click.Choice(DTYPES),
            default=DTYPES[0],
            show_default=True,
            help="The floating type that the engine computes in.",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything drawn at random."),
        click.option(
            "--points",
            type=Whole(1, DEFAULT.points),
            help=f"How many points to sample where none are given.  [default: {DEFAULT_POINTS}]",
        ),
        click.option(
            "--timeout",
            type=Real(min=0, min_open=True),
            default=60.0,
            show_default=True,
            help="Time limit in seconds for each function; what is not judged by then is undecided.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Records on standard output, one a line."),
        click.option("--report", metavar="FILE.html", type=click.Path(dir_okay=False), help="Write an HTML report."),
        click.option(
            "--fail-on",
            metavar="VERDICTS",
            default=",".join(FAILING),
            show_default=True,
            callback=read_verdicts,
            help="Verdicts that make the exit status 1, separated by commas.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def reject_strangers(expression: str, at: Mapping[str, Any]) -> None:
    """A value for a variable that the expression does not name is a slip of the keyboard.

    Raises:
        InvalidInput: there is one.
    """
    from .verifier import read

    inputs = read(expression).inputs
    if strangers := [name for name in at if name not in inputs]:
        if not inputs:
            raise InvalidInput(f"--at gives a value for {', '.join(strangers)}, but the expression has no variables")
        raise InvalidInput(
            f"--at gives a value for {', '.join(strangers)}, but the expression's variables are {', '.join(inputs)}"
        )
