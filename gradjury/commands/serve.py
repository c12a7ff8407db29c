"""``gradjury serve``: the lesson and the verifier live in the browser, on this machine alone."""

from __future__ import annotations

import os

import click

from .. import __version__
from ..options import Real, Whole
from ..reports.reproduce import PORT
from ..shell import Command
from ..verifier import InvalidInput


@click.command(cls=Command)
@click.option(
    "--port", type=Whole(0, 65535), default=PORT, show_default=True, help="The port to listen on; 0 takes a free one."
)
@click.option("--jobs", type=Whole(min=1), help="Processes that judge.  [default: as many as there are cores]")
@click.option(
    "--timeout",
    type=Real(min=0, min_open=True),
    default=20.0,
    show_default=True,
    help="Time limit in seconds for each request; what takes longer is stopped.",
)
def serve(port: int, jobs: int | None, timeout: float) -> int:
    """Serve the lesson and the verifier to this machine's own browser until Ctrl-C.

    Type a function, see its formula, choose the point, step. Only 127.0.0.1 is listened on, and nothing is kept.
    """
    try:
        from ..reports.serve.server import ADDRESS, listen, run
    except ImportError as error:
        raise InvalidInput(f"the live pages need {error.name}: pip install 'gradjury[serve]'") from None

    listener = listen(port)
    click.echo(f"http://{ADDRESS}:{listener.getsockname()[1]}/  (Ctrl-C ends it)")
    run(listener, jobs=jobs or os.cpu_count() or 1, seconds=timeout, version=__version__)
    return 0
