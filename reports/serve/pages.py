"""The pages around what was computed: the form, its errors, examples.

They need no verifier: the server itself fills them when a worker had to be stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from ..pages import LANGUAGES, Catalogue, asset, environment, furniture, json_for_script
from ..phrases import because, called, how_many
from ..report.charts import mark

CATALOGUE = Catalogue("serve", "verdicts")

Errors = Mapping[str, Mapping[str, str]]

_EXAMPLES = (
    ("a = x**2; b = exp(a); b**2", {"x": "0.5"}),
    ("exp(sin(x)*y)", {"x": "0.5", "y": "2"}),
    ("a = sin(x); x*a + exp(a)", {"x": "0.8"}),
    ("(sigmoid(w*x + b) - t)**2", {"w": "0.5", "x": "1.5", "b": "-0.2", "t": "1"}),
    ("tanh(x)", {"x": "20"}),
    ("relu(x) - relu(-x)", {"x": "0"}),
)
#: Words that the script puts where no markup can: labels, and captions of the picture.
_LABELS = (
    "nav",
    "language",
    "theme",
    "examples",
    "formula",
    "numbers",
    "chain",
    "point",
    "any",
    "working",
    "lost_server",
)
#: Words in pictures: of the lesson's graph, and of the report's chart.
_CAPTIONS = {"lesson": ("row_forward", "row_backward"), "report": ("point", "ulps_away")}


def examples() -> list[dict[str, Any]]:
    """Functions to begin with, each with a point."""
    return [{"f": text, "at": dict(at)} for text, at in _EXAMPLES]


def form(asked: Mapping[str, Any], errors: Errors, formula: str = "") -> Markup:
    """The form that asks for a function and a point.

    Args:
        asked: ``page`` (``lesson`` or ``verify``), ``f``, ``at`` by variable, ``engine`` and ``engines``.
        errors: what is wrong with a field, in every language.
        formula: the MathML of the function as it was read.
    """
    template = environment().get_template("serve.form.html.j2")
    page = template.render(
        asked=asked,
        errors=errors,
        formula=Markup(formula),
        examples=examples(),
        words=CATALOGUE.words,
        data=json_for_script({code: {key: CATALOGUE.messages(code)[key] for key in _LABELS} for code in LANGUAGES}),
    )
    return Markup(page)


def answer_page(asked: Mapping[str, Any], errors: Errors, formula: str = "", found: Any = None) -> str:
    """A page with the form, and below it a verdict or nothing.

    Args:
        asked: as in :func:`form`; ``language``, ``nonce`` and ``version`` besides.
        errors: what is wrong.
        formula: the function as it was read.
        found: what the template shows of a verdict.
    """
    titles = {code: CATALOGUE.messages(code)[f"title_{asked['page']}"] for code in LANGUAGES}
    captions = {
        code: {"title": titles[code]}
        | {key: Catalogue(kind).messages(code)[key] for kind, keys in _CAPTIONS.items() for key in keys}
        for code in LANGUAGES
    }
    template = environment().get_template("serve.html.j2")
    return template.render(
        **{**furniture("serve"), "style": Markup(asset("theme.css").decode() + asset("lesson.css").decode()) + style()},
        asked=asked,
        form=form(asked, errors, formula),
        navigation=navigation(asked["page"]),
        found=found,
        title=titles[asked["language"]],
        language=asked["language"],
        captions=json_for_script(captions),
        words=CATALOGUE.words,
        report_words=Catalogue("report", "verdicts").words,
        mark=mark,
        called=called,
        how_many=how_many,
        because=because,
    )


def navigation(page: str) -> Markup:
    """Links to the live pages."""
    return Markup(environment().get_template("serve.nav.html.j2").render(page=page, words=CATALOGUE.words))


def style() -> Markup:
    """The style of the form, for a page that has its own."""
    return Markup(asset("serve.css").decode())


def script() -> Markup:
    """The script of the form, for a page that has its own."""
    return Markup(asset("serve.js").decode())
