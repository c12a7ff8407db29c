"""``gradjury findings``: every distinct defect of the engines that are installed, as a page."""

from __future__ import annotations

import click

from .. import __version__
from ..outputs import claim, read_page, write_page
from ..shell import BAD_INPUT, Command, complain


@click.command(cls=Command)
@click.option(
    "--engine",
    "engines",
    metavar="NAME",
    multiple=True,
    help="Judge this engine, and keep what the page says of others; may be repeated.  [default: all installed]",
)
@click.option(
    "-o",
    "output",
    metavar="FILE.md",
    type=click.Path(dir_okay=False),
    default="findings.md",
    show_default=True,
    help="Where the page goes.",
)
def findings(engines: tuple[str, ...], output: str) -> int:
    """Write every distinct defect of the installed engines as a page, with lines that show it in the engine's language.

    Each operation in each spelling is judged at the points of the conformance suite. The lines are run, and what
    they do not confirm is not listed.
    """
    from ..properties.conformance.survey import survey
    from ..reports.findings import Confirmed, confirm, page
    from ..verifier import InvalidInput, engine_named
    from ..verifier.engine_names import available
    from ..verifier.engines.common import TapeRunner

    claim(output, "the findings")
    earlier = read_page(output, "the findings") if engines else ""
    names = engines or tuple(name for name, version, _ in available() if version and name != "numpy")
    failed = False
    sections: list[tuple[TapeRunner, list[Confirmed]]] = []
    for name in names:
        engine = engine_named(name)
        if not isinstance(engine, TapeRunner):
            raise InvalidInput(f"--engine: {name} is no engine under test with a table of functions")
        failures: dict[str, str] = {}
        found = confirm(engine, survey(engine, failed=failures.setdefault))
        sections.append((engine, found))
        held = sum(confirmed.holds for confirmed in found)
        click.echo(f"{name}: {held} defects confirmed, {len(found) - held} not")
        if failures:
            failed = True
            function, reason = next(iter(failures.items()))
            complain(f"{name} has no answer to {len(failures)} functions; first: {function}: {reason}")
        if write_page(output, page(sections, "gradjury findings", __version__, earlier), "the findings"):
            return BAD_INPUT
    return BAD_INPUT if failed else 0
