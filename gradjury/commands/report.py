"""``gradjury report``: what a store or a results file holds, as a page or as lines."""

from __future__ import annotations

import click

from ..outputs import claim, keep_apart, print_lines, write_report
from ..shell import Command
from ..verifier import InvalidInput

#: What a file is, by whether it is a store.
_KIND = {True: "store of a campaign", False: "results file of verify"}


@click.command(cls=Command)
@click.argument("store")
@click.option("-o", "output", metavar="FILE.html", type=click.Path(dir_okay=False), help="[default: STORE.html]")
@click.option(
    "--json", "as_json", is_flag=True, help="Instead of the page, print one line for each function, by its index."
)
@click.option("--compare", metavar="OLD", help="Compare it with this older one; two stores without -o: as text.")
@click.option("--audit", metavar="FILE.json", help="Show what gradjury audit --json found as the power of the method.")
def report(store: str, output: str | None, as_json: bool, compare: str | None, audit: str | None) -> int:
    """Write the HTML report of a campaign's STORE, or of a results file of verify."""
    from ..properties.store import Store
    from ..reports import collection
    from ..reports.report.changes import changes
    from ..reports.report.power import read_power

    if as_json and output:
        raise click.UsageError("-o names a page, --json prints lines; expected one of them")
    if compare and as_json:
        raise click.UsageError("--compare sets two stores beside each other, --json prints one; expected one of them")
    if compare and collection.is_store(store) != collection.is_store(compare):
        kinds = [f"{path} is a {_KIND[collection.is_store(path)]}" for path in (store, compare)]
        raise click.UsageError(f"--compare: {', '.join(kinds)}; expected two of one kind")
    if compare and not output and collection.is_store(store):
        if audit:
            raise click.UsageError(
                "--audit is for a page, --compare of two stores is text; expected -o, which names a page"
            )
        from ..properties import comparison

        click.echo("\n".join(comparison.in_words(comparison.compare(store, compare))))
        return 0
    if as_json:
        if collection.is_store(store):
            with Store.open(store) as judged:
                return print_lines(collection.rows_as_json(judged))
        return print_lines(collection.read_results(store))
    output = output or f"{store}.html"
    keep_apart({"-o": output}, {"the results": store, "--compare": compare, "--audit": audit})
    if collection.is_store(store):
        with Store.open(store) as judged:
            results = collection.from_store(judged)
    else:
        results = collection.gather(collection.read_results(store), {"results": store})
        if not results.functions.total():
            raise InvalidInput(f"{store!r} holds no results; expected a store, or results of gradjury verify")
    since, power = changes(store, compare) if compare else None, read_power(audit) if audit else None
    claim(output, "the report")
    failed = write_report(output, results, since, power)
    if not failed:
        click.echo(f"{output}: {results.summary()}")
    return failed
