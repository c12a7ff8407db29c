"""The lesson as a Python object: made of any function, written to a file, shown in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from html import escape
from pathlib import Path
from typing import Any

import sympy as sp

from .engine.tape import Tape
from .reports.lesson import PARTS, render
from .reports.pages import LANGUAGES
from .verifier.arguments import by_variable, one_of, real
from .verifier.errors import InvalidInput
from .verifier.records import named
from .verifier.verify import as_tape

#: Pixels of the frame in which a notebook shows the page.
HEIGHT = 900


class Page:
    """A self-contained HTML page.

    Attributes:
        html: its text.
    """

    def __init__(self, html: str) -> None:
        self.html = html

    def write(self, path: str | Path) -> Page:
        """Write it to a file; returns the page itself, which a notebook then shows.

        Raises:
            OSError: the file cannot be written.
        """
        Path(path).write_text(self.html, encoding="utf-8")
        return self

    def __repr__(self) -> str:
        return f"<Page of {len(self.html):,} characters>"

    def _repr_html_(self) -> str:
        return f'<iframe srcdoc="{escape(self.html)}" width="100%" height="{HEIGHT}" style="border:0"></iframe>'


def lesson(
    function: str | sp.Expr | Callable[..., Any] | Tape,
    at: Mapping[str, float],
    *,
    language: str = "en",
    parts: Collection[str] = PARTS,
) -> Page:
    """The chain rule of a function at a point, as a page to step through.

    Args:
        function: whatever :func:`gradjury.verify` takes for the engine ``numpy``.
        at: one number for each variable; of a Python function's arguments those with a default are variables if they
            are named here.
        language: in which the page opens, ``en`` or ``ko``; both are in it.
        parts: what it shows below the forward graph: some of ``backward product stored paths cost ways riddles``.

    Raises:
        InvalidInput: the function or the point cannot be used, or the derivative is not finite there.
        LimitExceeded: the function has too many operations to be drawn.
    """
    from . import __version__

    one_of("language", language, LANGUAGES)
    by_variable("at", at, "a number")
    tape = as_tape(function, at)
    point = {name: real(f"at: {name}", x) for name, x in named(at, tape.inputs).items()}
    if missing := [name for name in tape.inputs if name not in point]:
        raise InvalidInput(f"at: no value for {', '.join(missing)}; expected one for each variable")
    if tape.inputs and (strangers := [name for name in point if name not in tape.inputs]):
        raise InvalidInput(f"at: {strangers[0]!r} is no variable here; expected {', '.join(tape.inputs)}")
    return Page(render(tape, point, language=language, version=__version__, parts=parts))
