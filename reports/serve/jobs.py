"""What a worker does: a request in, an answer out. Everything that computes runs here, never in the server itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ...engine.tape import Tape
from ...verifier.errors import GradjuryError
from ..chain import node_names
from ..lesson.content import Lesson
from ..lesson.equations import MOST_PIECES
from ..lesson.page import Host, one_posed, render
from ..mathml import math
from ..pages import LANGUAGES
from ..phrases import in_words
from ..trees import Tree, formulas, is_larger, name, sign
from .asked import Refused, about, field, function, point, points
from .pages import CATALOGUE, answer_page, examples, form, navigation, script, style
from .verdict import judged

#: Named values that are written, the last ones.
MOST_LINES = 60

Job = dict[str, Any]
Answer = dict[str, Any]


def do(job: Job) -> Answer:
    """The answer to one job: ``status``, ``type`` and ``body``."""
    try:
        return _JOBS[job["do"]](job)
    except (GradjuryError, Refused) as error:
        return _failed(job, error)
    except MemoryError:
        raise  # the process ends, and another takes its place
    except Exception as error:  # a slip of ours must not take the process with it
        return _failed(job, error, 500)


def warm_up() -> None:
    """Do a small job of every kind, so that the first visitor does not wait for imports.

    Raises:
        RuntimeError: one of them failed.
    """
    dress: dict[str, Any] = {
        "language": "en",
        "nonce": "",
        "version": "",
        "engine": "numpy",
        "engines": [],
        "seconds": None,
    }
    for kind, page in (("read", "verify"), ("lesson", "lesson"), ("verify", "verify")):
        answer = do({**examples()[0], **dress, "do": kind, "page": page})
        if answer["status"] != 200:
            raise RuntimeError(f"the small job {kind!r} failed")


def _failed(job: Job, error: Exception, status: int = 422) -> Answer:
    errors = _errors(error)
    if status == 500:
        text = f"{type(error).__name__}: {error}"
        errors = {"": {code: CATALOGUE.messages(code)["fail_broken"].format(text=text) for code in LANGUAGES}}
    if job["do"] in ("lesson", "verify"):
        return _html(answer_page(job, errors), status)
    return _json({"errors": errors}, 200 if job["do"] == "read" else status)


def _errors(error: Exception) -> dict[str, dict[str, str]]:
    """What is wrong, under the field that it is about."""
    if isinstance(error, Refused):
        return {error.field: in_words(error.error)}
    return {about(error): in_words(error)}


def _html(body: str, status: int = 200) -> Answer:
    return {"status": status, "type": "text/html; charset=utf-8", "body": body}


def _json(data: Any, status: int = 200) -> Answer:
    body = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return {"status": status, "type": "application/json; charset=utf-8", "body": body}


def _read(job: Job) -> Answer:
    """The formula of what is being typed, its variables, and what is wrong with it or with the point."""
    tape = function(job["f"])
    found: dict[str, Any] = {"formula": formula(tape), "variables": list(tape.inputs), "errors": {}}
    try:
        if job["page"] == "lesson":
            Lesson(tape, point(tape, job["at"]))
        else:
            points(tape, job["at"])
    except (GradjuryError, Refused) as error:
        found["errors"] = _errors(error)
    return _json(found)


def formula(tape: Tape) -> str:
    """y = … as MathML; values that the author named are defined before it, all values if it would be too long."""
    every = node_names(tape)
    own = {index: label for index, label in tape.names if index != tape.output}
    whole = formulas(tape, {})[tape.output]
    is_long = is_larger(whole, MOST_PIECES)
    if is_long and not own:
        own = {index: every[index] for index in tape.operations if index != tape.output}
    parts: list[list[Tree]] = []
    if own:
        written = formulas(tape, own)
        shown = [index for index in sorted({*own, tape.output}) if not is_larger(written[index], MOST_PIECES)]
        parts = [[name(every[index]), sign("="), written[index]] for index in shown[-MOST_LINES:]]
    if not is_long:
        parts.append([name(every[tape.output]), sign("="), whole])
    return "".join(f"<span>{math(*part)}</span>" for part in parts)


def _lesson(job: Job) -> Answer:
    tape = function(job["f"])
    here = point(tape, job["at"])
    asked = {**job, "at": {label: field(x) for label, x in here.items()}}
    host = Host(job["nonce"], form(asked, {}, formula(tape)), style(), script(), navigation("lesson"))
    return _html(render(tape, here, language=job["language"], version=job["version"], host=host))


def _riddle(job: Job) -> Answer:
    tape = function(job["f"])
    lesson = Lesson(tape, point(tape, job["at"]))
    return _json({"riddle": one_posed(lesson, job["level"], job["seed"])})


def _verify(job: Job) -> Answer:
    tape = function(job["f"])
    return _html(judged(job, tape, formula(tape)))


_JOBS: dict[str, Callable[[Job], Answer]] = {"read": _read, "lesson": _lesson, "riddle": _riddle, "verify": _verify}
