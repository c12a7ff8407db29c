"""What the verifier says of an input or of a verdict, in the words of every language.

The verifier speaks English. The English messages of this catalogue are its own sentences with names for what varies: a
sentence is recognised by them, and said in another language by that language's message under the same key. Keys that
begin with ``error_`` are of inputs that cannot be read, those with ``reason_`` tell why a verdict is what it is.
"""

from __future__ import annotations

import re
from functools import cache

from markupsafe import Markup, escape

from .pages import LANGUAGES, Catalogue

CATALOGUE, VERDICTS = Catalogue("phrases"), Catalogue("verdicts")

#: The language that the verifier speaks.
_OWN = "en"

#: What stands for a sentence inside another one is said in the reader's language as well.
_INNER = "inner"


def in_words(said: object, otherwise: str = "error_other") -> dict[str, str]:
    """A sentence of the verifier in every language.

    Args:
        said: an error, or text of one line; its place in the input, if it ends with one, is said in the language too.
        otherwise: key of the message that shows a sentence nobody knows as it is.
    """
    return {code: _say(str(said), code, otherwise) for code in LANGUAGES}


def because(said: object) -> Markup | None:
    """A reason in every language, of which the page shows the one that is read; None for none."""
    if not said:
        return None
    spans = (Markup('<span lang="{}">{}</span>').format(*each) for each in in_words(said, "reason_other").items())
    return Markup("").join(spans)


def called(verdict: object) -> Markup:
    """The name of a verdict in every language; what is none is shown as it is."""
    key = f"is_{verdict}"
    return VERDICTS.words(key) if key in VERDICTS.messages("en") else escape(verdict)


def how_many(verdict: str, count: int) -> Markup:
    """How many there are of a verdict, in every language: 5 wrong."""
    spans = []
    for code in LANGUAGES:
        said = VERDICTS.messages(code)
        text = said["counted"].format(count=f"{count:,}", verdict=said[f"is_{verdict}"])
        spans.append(Markup('<span lang="{}">{}</span>').format(code, text))
    return Markup("").join(spans)


def recognised(text: str, otherwise: str = "error_other") -> tuple[str, dict[str, str]]:
    """The key of a message and what stands in it for its names; of several that fit, the most exact one."""
    for key, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return key, found.groupdict()
    return otherwise, {"text": text}


def _say(sentence: str, code: str, otherwise: str) -> str:
    if code == _OWN and otherwise == "reason_other":
        return sentence
    messages = CATALOGUE.messages(code)
    if record := re.fullmatch(r"line (\d+): (.*)", sentence, re.DOTALL):
        return messages["record_line"].format(line=record[1]) + _say(record[2], code, otherwise)
    text, place = parted(sentence)
    where = messages["place_line" if place.get("line") else "place"].format(**place) if place else ""
    key, values = recognised(text, otherwise)
    if key == "reason_other":
        return sentence
    for name, value in values.items():
        if name.startswith(_INNER):
            values[name] = _say(value, code, "reason_other")
        elif name == "others":
            values[name] = value.replace(" or ", messages["or"])
    return messages[key].format(**values) + where


def parted(sentence: str) -> tuple[str, dict[str, str]]:
    """A sentence without the place in its end, and ``column`` and ``line`` of that place."""
    found = re.fullmatch(r"(.*) \((?:line (?P<line>\d+), )?column (?P<column>\d+)\)", sentence, re.DOTALL)
    if found is None:
        return sentence, {}
    return found[1], {name: value for name, value in found.groupdict().items() if value is not None}


def _hole(name: str) -> str:
    """What may stand in a sentence for what varies: a name holds no colon, behind which other words begin."""
    return f"(?P<{name}>{'(?:(?!: ).)+' if name in ('engine', 'name') else '.+'})"


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for key, message in CATALOGUE.messages("en").items():
        if key.startswith(("error_", "reason_")) and not key.endswith("_other"):
            pieces = re.split(r"\{(\w+)\}", message)
            pattern = "".join(_hole(p) if i % 2 else re.escape(p) for i, p in enumerate(pieces))
            found.append((sum(map(len, pieces[::2])), key, re.compile(pattern, re.DOTALL)))
    return [(key, pattern) for _, key, pattern in sorted(found, key=lambda entry: -entry[0])]
