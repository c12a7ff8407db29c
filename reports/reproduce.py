"""What judges a record once more: a command for a shell, a few lines of Python; its lesson, as a command and live."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from ..verifier.engine_names import known
from ..verifier.errors import GradjuryError
from ..verifier.reading.plain import is_plain_name
from ..verifier.reading.reader import read
from .evidence import Record, plain_names

#: What only an input record can ask for.
_IN_RECORDS = {"standard", "wrt", "derivative"}
#: Where the live pages are unless another port is asked for.
PORT = 8000
#: How a call begins that stands for a command where there is none.
IN_PYTHON = "gradjury.verify("


def command(record: Record, point: Record | None = None) -> str:
    """A shell command that reproduces one point of a result record.

    Args:
        record: a result record of ``verify``.
        point: one entry of its ``points``; the first unless given.

    Returns:
        ``gradjury verify EXPRESSION --at …``; for what only a record can carry (claimed numbers and formulas, another
        standard, one variable alone, values of variables that the function does not name),
        an input record piped into ``gradjury verify --input -``. The numbers of an engine that has no name on the
        command line, such as one with a planted fault or one that runs a function of the user's own, are judged as a
        claim; where it gave none, because it raised an error or lacks something, Python alone can ask it again. A
        function that could not be read is known to Python alone.
    """
    expression, at, settings = _asked(record, point)
    engine = engine_name(record)
    if is_unread(record):
        called, name = _itself(record)
        how = "gradient=…, engine=…" if name == "claim" else f"engine={name!r}"
        return f"{IN_PYTHON}{called}, at=…, {how})   # in Python"
    if engine is None and not is_claim(record, point):
        call = f"{IN_PYTHON}{expression!r}, at={_literal(at)}, engine=…)"
        return f"{call}   # in Python, by {record.get('engine')} itself: it has no number here"
    if strange := [name for name in at if not is_plain_name(name)]:
        call = f"{IN_PYTHON}…, at={_literal(at)})"
        return f"{call}   # in Python: no text can name the variable {' '.join(strange[0].split())!r}"
    chosen = [] if engine in (None, "numpy") else ["--engine", shlex.quote(str(engine))]
    if engine is None or _IN_RECORDS & settings.keys() or _names_more(expression, at):
        claim = {"expression": expression, "at": at, **settings}
        if engine is None:
            claim["gradient"] = _judged(record, point)
        text = shlex.quote(json.dumps(claim, ensure_ascii=False))
        return " ".join([f"echo {text} | gradjury verify --input -", *chosen])
    words = ["gradjury", "verify", shlex.quote(expression), *_at(at), *chosen]
    for name, value in settings.items():
        words += [f"--{name}", shlex.quote(str(value))]
    return " ".join(words)


def snippet(record: Record, point: Record | None = None) -> str:
    """The same in Python, complete: importing, judging, showing; but for what Python alone knows, which is named."""
    expression, at, settings = _asked(record, point)
    engine = engine_name(record)
    words = [repr(expression), f"at={_literal(at)}"]
    head = "import gradjury as gj\n\n"
    if is_unread(record):
        called, name = _itself(record)
        head += f"function = ...  # {called} itself: what it computes could not be read\n"
        words = ["function", f"at={_literal(at)}", f"engine={name!r}"]
        here = _point(record, point)
        if at.keys() != (entries := here.get("at", {})).keys():
            head += f"at = ...  # the arrays in which {', '.join(f'{n} = {_text(x)}' for n, x in entries.items())}\n"
            words[1] = "at=at"
        if name == "claim":
            head += "engine = ...  # the one in whose language it is written\n"
            claimed = {n: p.get("engine") for n, p in here.get("partials", {}).items()}
            words[2:] = [f"gradient={_literal(claimed)}", "engine=engine"]
        head += "\n"
    elif engine is None and not is_claim(record, point):
        head += f"engine = ...  # {record.get('engine')} itself: it has no number here\n\n"
        words.append("engine=engine")
    elif engine is None:
        words.append(f"gradient={_literal(_judged(record, point))}")
    elif engine != "numpy":
        words.append(f"engine={engine!r}")
    words += [f"{name}={value!r}" for name, value in settings.items()]
    return head + "print(gj.verify(\n    {},\n))".format(",\n    ".join(words))


def lesson(record: Record, point: Record | None = None) -> str:
    """The command that makes the chain rule of this function at this point a page to step through."""
    expression, at = _drawn(record, point)
    return " ".join(["gradjury", "lesson", shlex.quote(expression), *_at(at)])


def live_lesson(record: Record, point: Record | None = None) -> str:
    """Where ``gradjury serve`` shows that lesson, at its usual port."""
    expression, at = _drawn(record, point)
    query = [("f", expression), *((f"at.{name}", _text(value)) for name, value in at.items())]
    return f"http://127.0.0.1:{PORT}/?{urlencode(query, quote_via=quote)}"


def _drawn(record: Record, point: Record | None) -> tuple[str, Mapping[str, Any]]:
    """Expression and values of the variables at one point, as a lesson takes them."""
    return _asked(record, point)[0], _named(_point(record, point).get("at", {}))


def is_unread(record: Record) -> bool:
    """Whether a record is of a function in an engine's own language that no expression says."""
    return record.get("function") == record.get("expression") is not None


def read_from(record: Record) -> str | None:
    """The name of the function in an engine's own language that a record's expression was read of, if it has one."""
    named = record.get("function")
    return None if not named or named == "<lambda>" or is_unread(record) else str(named)


def is_for_shell(command: str) -> bool:
    """Whether what :func:`command` returns runs in a shell, and is no call that Python alone can make."""
    return not command.startswith(IN_PYTHON)


def _itself(record: Record) -> tuple[str, str]:
    """The name of a function that was judged as it stands, and its engine's."""
    return str(record["function"]).partition("(")[0], str(record.get("engine")).partition(" ")[0]


def engine_name(record: Record) -> str | None:
    """The engine of a record as ``--engine`` takes it; None for a claim and for an engine that has no name there."""
    if record.get("function"):
        return None
    if own := record.get("engine_class"):
        return str(own)
    match = re.fullmatch(r"(\w+)( \S+)?", str(record.get("engine") or "numpy"))
    return match[1] if match and match[1] in known() else None


def is_claim(record: Record, point: Record | None = None) -> bool:
    """Whether what reproduces a record are its numbers, judged as a claim, and not an engine that is asked again."""
    if record.get("engine") == "claim":
        return True
    partials = _point(record, point).get("partials", {}).values()
    numbers = [p for p in partials if p.get("verdict") != "undecided" or p.get("engine") not in (None, "nan")]
    return engine_name(record) is None and bool(numbers)


def _names_more(expression: str, at: Mapping[str, Any]) -> bool:
    """Whether a point has values for variables that a function does not name, as only a record may."""
    try:
        return not set(at) <= set(read(expression).inputs)
    except GradjuryError:
        return False


def _asked(record: Record, point: Record | None) -> tuple[str, Mapping[str, Any], dict[str, Any]]:
    """Expression, values of the variables, and what deviates from the defaults and changes the verdict.

    A value of each variable; a list of them where the engine fails only if it is asked for several points at once.
    """
    usual = {"order": 1, "dtype": "float64", "standard": None, "wrt": None, "derivative": {}}
    settings = {
        name: record[name] for name, default in usual.items() if record.get(name, default) not in (default, None)
    }
    if isinstance(claimed := settings.get("derivative"), Mapping):
        settings["derivative"] = {plain_names(name): plain_names(str(text)) for name, text in claimed.items()}
    at = _together(record) or _point(record, point).get("at", {})
    return plain_names(str(record.get("expression", ""))), _named(at), settings


def _together(record: Record) -> dict[str, list[Any]]:
    """All points of a record by variable, where an engine that has a name fails only at all of them; else empty."""
    points = [point.get("at") or {} for point in record.get("points") or ()]
    if (record.get("blame") or {}).get("how") != "together" or engine_name(record) is None or not all(points):
        return {}
    return {name: [at[name] for at in points] for name in points[0]}


def _point(record: Record, point: Record | None) -> Record:
    if point is not None:
        return point
    found: Record = (record.get("points") or [{}])[0]
    return found


def _judged(record: Record, point: Record | None) -> dict[str, Any]:
    """The numbers that were judged, by variable."""
    return {plain_names(name): p.get("engine") for name, p in _point(record, point).get("partials", {}).items()}


def _named(at: Mapping[str, Any]) -> dict[str, Any]:
    return {plain_names(name): value for name, value in at.items()}


def _at(at: Mapping[str, Any]) -> list[str]:
    return [word for name, value in at.items() for word in ("--at", shlex.quote(f"{name}={_text(value)}"))]


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return repr(value) if isinstance(value, float) else str(value)


def _literal(numbers: Mapping[str, Any]) -> str:
    """Numbers by name as Python writes them; nan and infinities, which a record holds as texts, are floats again."""
    return "{" + ", ".join(f"{name!r}: {_written(value)}" for name, value in numbers.items()) + "}"


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return f"float({value!r})" if isinstance(value, str) else repr(value)
