"""``python -m gradjury`` is the command ``gradjury``: a process that Ctrl-C may end at any moment, with one line."""

from __future__ import annotations

import atexit
import os
import sys
from typing import NoReturn

from .interrupts import INTERRUPTED, deaf, done, heard


def run() -> NoReturn:
    """The command: also while its modules are imported, and when its work is done, an interrupt is no traceback."""
    try:
        atexit.register(deaf)  # the first that is registered is the last that is called
        with heard():
            from .cli import main

            try:
                main(prog_name="gradjury")
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
        done(status)
    except KeyboardInterrupt:
        done(INTERRUPTED)
        print("gradjury: interrupted", file=sys.stderr, flush=True)
        os._exit(INTERRUPTED)  # Python itself ends ``-m`` by the signal where that came while a module was made
    sys.exit(status)


if __name__ == "__main__":
    run()
