"""What the settings of a store may be: a file is edited by hand, or written by another program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..verifier.arguments import one_of, real, refuse, seconds, whole
from ..verifier.errors import InvalidInput
from ..verifier.question import CERTIFY
from ..verifier.records import DTYPES

Check = Callable[[str, Any], object]


def _from(least: int) -> Check:
    return lambda name, value: whole(name, value, least)


def _among(values: tuple[str, ...]) -> Check:
    return lambda name, value: one_of(name, value, values)


def _share(name: str, value: Any) -> None:
    if not 0 <= real(name, value) <= 1:
        refuse(name, value, "a share from 0 to 1")


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str):
        refuse(name, value, "a text")


def _version(name: str, value: Any) -> None:
    if isinstance(value, list | dict):  # of an engine of somebody's own it may be a number, or missing
        refuse(name, value, "a version")


def _object(name: str, value: Any) -> None:
    if not isinstance(value, dict):
        refuse(name, value, "an object")


def _versions(name: str, value: Any) -> None:
    _object(name, value)
    for library, version in value.items():
        _version(f"{name}, {library}", version)


_CHECKS: dict[str, Check] = {
    "functions": _from(1),
    "points": _from(1),
    "seed": whole,
    "engine": _text,
    "special": _share,
    "dtype": _among(DTYPES),
    "timeout": seconds,
    "certify": _among(CERTIFY),
    "keep": _from(0),
    "engine_version": _version,
    "grammar": _object,
    "versions": _versions,
    "sample": _text,
    "command": _text,
    "seconds": real,
}


def check_written(settings: Mapping[str, Any], path: str) -> None:
    """Refuse settings of which one is not what a campaign writes down; those that are missing are another's to miss.

    Raises:
        InvalidInput: it names the store, the setting, what it is and what is expected.
    """
    for name, check in _CHECKS.items():
        if name in settings:
            try:
                check(f"setting {name}", settings[name])
            except InvalidInput as error:
                raise InvalidInput(f"store {path!r} is damaged: {error}") from None
