"""The errors of the verifier in the words of every language.

The English messages of the catalogue are the verifier's own sentences with names for what varies. An error is
recognised by them, and said in another language by that language's message under the same key.
"""

from __future__ import annotations

import re
from functools import cache

from ..pages import LANGUAGES, Catalogue

CATALOGUE = Catalogue("serve")
_PREFIX = "error_"


def in_words(error: Exception) -> dict[str, str]:
    """What is wrong with an input, in every language.

    Args:
        error: one line; its place, where it has ``column`` and ``line``, is said in the language as well.
    """
    text, place = _parted(str(error))
    key, values = recognised(text)
    said = {}
    for code in LANGUAGES:
        messages = CATALOGUE.messages(code)
        where = messages["place_line" if place.get("line") else "place"].format(**place) if place else ""
        said[code] = messages[key].format(**values) + where
    return said


def recognised(text: str) -> tuple[str, dict[str, str]]:
    """The key of a message and what stands in it for its names; of several that fit, the most exact one."""
    for key, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return key, found.groupdict()
    return "error_other", {"text": text}


def _parted(text: str) -> tuple[str, dict[str, str]]:
    """A message and the place at its end."""
    found = re.fullmatch(r"(.*) \((?:line (?P<line>\d+), )?column (?P<column>\d+)\)", text)
    if found is None:
        return text, {}
    return found[1], {name: value for name, value in found.groupdict().items() if value is not None}


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for key, message in CATALOGUE.messages("en").items():
        if key.startswith(_PREFIX) and key != "error_other":
            pieces = re.split(r"\{(\w+)\}", message)
            pattern = "".join(f"(?P<{p}>.+)" if i % 2 else re.escape(p) for i, p in enumerate(pieces))
            found.append((sum(map(len, pieces[::2])), key, re.compile(pattern)))
    return [(key, pattern) for _, key, pattern in sorted(found, key=lambda entry: -entry[0])]
