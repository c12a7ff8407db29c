"""The HTML of results: the report as files, and one function for a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from ..engine.tape import Tape
from .pages import asset, environment
from .report.blame import CATALOGUE
from .report.case import case
from .report.page import Report, build


def render_function(record: Mapping[str, Any], tape: Tape | None = None) -> str:
    """One result record as a piece of HTML, for a notebook: graph, chain and numbers, in English.

    Args:
        record: as ``Verification.to_record()`` gives it.
        tape: the function; read from the record's expression unless given.
    """
    style = (asset("theme.css") + asset("report.css")).decode().replace(":root", "&")
    html = Markup(CATALOGUE.speak(case(record, 1, tape=tape).html, "en"))
    return environment().get_template("notebook.html.j2").render(style=Markup(style), case=html)


__all__ = ["Report", "build", "render_function"]
