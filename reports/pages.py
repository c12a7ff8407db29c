"""What every page shares: languages, templates, style, font, and data that cannot end the element it stands in."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

#: Languages by their codes, as each calls itself.
LANGUAGES = {"en": "English", "ko": "한국어"}

#: A word of a command, quotation marks and all; an option with its value is one.
_WORD = re.compile(r"(--[\w-]+(?: (?!-\S)(?:'[^']*'|[^\s'])+)?|(?:'[^']*'|[^\s'])+)")


class Catalogue:
    """The words of one kind of page, from a few files a language.

    Args:
        kinds: of words: ``lesson`` reads ``lesson.en.json``.
    """

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self._messages: dict[str, dict[str, str]] = {}
        self._fixed: dict[str, Markup] = {}

    def messages(self, language: str) -> dict[str, str]:
        """All words of the page in one language."""
        if language not in self._messages:
            files = (json.loads(asset(f"{kind}.{language}.json").decode()) for kind in self.kinds)
            self._messages[language] = {key: text for file in files for key, text in file.items()}
        return self._messages[language]

    def words(self, key: str, **values: Any) -> Markup:
        """A message in every language, of which the page shows the one that is read."""
        if not values and key in self._fixed:
            return self._fixed[key]
        said = Markup("").join(
            Markup('<span lang="{}">{}</span>').format(code, escape(self.messages(code)[key]).format(**values))
            for code in LANGUAGES
        )
        if not values:
            self._fixed[key] = said  # a report of thousands says it thousands of times
        return said

    def speak(self, html: str, language: str) -> str:
        """A page with the words put in that a script would put in: texts of ``data-word``, labels of ``data-label``."""
        said = self.messages(language)
        html = re.sub(
            r'(<(\w+)[^<>]*\bdata-word="(\w+)"[^<>]*>)(</\2>)', lambda m: f"{m[1]}{escape(said[m[3]])}{m[4]}", html
        )
        return re.sub(r'(\bdata-label="(\w+)")', lambda m: f'{m[1]} aria-label="{escape(said[m[2]])}"', html)


def asset(file: str) -> bytes:
    """A file that stands beside the templates."""
    return files("gradjury.reports").joinpath("templates", file).read_bytes()


def shell(command: object) -> Markup:
    """A command whose lines end between its words: never inside ``--at``, nor between it and its value."""
    pieces = _WORD.split(str(command))
    word = Markup('<span class="word">{}</span>')
    return Markup("").join(word.format(piece) if k % 2 else piece for k, piece in enumerate(pieces))


def code(command: object) -> Markup:
    """A command in a sentence."""
    return Markup("<code>{}</code>").format(shell(command))


@cache
def environment() -> Environment:
    """How every page is filled: what a template shows is escaped, what it names must exist."""
    found = Environment(
        loader=PackageLoader("gradjury.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.globals |= {"shell": shell, "code": code}
    return found


def furniture(kind: str) -> dict[str, Any]:
    """What the template of a page needs before any content: its languages, style, script and font.

    Args:
        kind: of the page, whose ``.css`` and ``.js`` stand beside the templates.
    """
    return {
        "languages": LANGUAGES,
        "style": Markup(asset("theme.css").decode() + asset(f"{kind}.css").decode()),
        "script": Markup("".join(asset(f"{name}.js").decode() for name in ("paper", "scroll", kind))),
        "font": base64.b64encode(asset("stix-two-math.woff2")).decode(),
    }


def compact(data: Any) -> str:
    """Data as JSON without spaces; what JSON has no number for is an error."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def json_for_script(data: Any) -> Markup:
    """Data as JSON that cannot end the script element it stands in."""
    text = compact(data)
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)
