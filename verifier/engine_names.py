"""Engines by their names: which are known, which are installed, and how one is made."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, packages_distributions, version

from .engine import Engine, NumpyEngine
from .engines import ADAPTERS, DISTRIBUTIONS
from .errors import OF_OTHERS, InvalidInput


def known() -> tuple[str, ...]:
    """Names of all engines that can be judged where they are installed."""
    return ("numpy", *ADAPTERS)


_PARTS = ("name", "version", "flushes_subnormals", "gradient")


def engine_named(engine: str | Engine) -> Engine:
    """An engine by its name, or of a user's own class as ``MODULE:CLASS``; an Engine object is returned as it is.

    Raises:
        InvalidInput: no engine of that name is known, it is not installed, or there is no such class.
    """
    if not isinstance(engine, str):
        # by hasattr: isinstance of a Protocol sees no attribute that an object hands on from another one by __getattr__
        lacking = [name for name in _PARTS if not hasattr(engine, name)]
        if lacking or isinstance(engine, type):
            raise InvalidInput(
                f"engine: got {_described(engine)}, expected a name or an object with name, version, "
                "flushes_subnormals and gradient(tape, point, dtype)"
                + (f"; it has no {' and no '.join(lacking)}" if 0 < len(lacking) < len(_PARTS) else ""),
                field="engine",
            )
        return engine
    if engine == "numpy":
        return NumpyEngine()
    if ":" in engine:
        return _own(engine)
    if engine not in known():
        names = f"known: {', '.join(known())}, or MODULE:CLASS of your own"
        raise InvalidInput(f"engine: {engine!r} is not known; {names}", field="engine")
    try:
        module = import_module(f"{__package__}.engines.{engine}")
    except Exception as error:  # a library that lacks a part of its own raises OSError, and what not
        why = f"engine: {engine} cannot be imported ({error}); {install_hint(engine)}"
        raise InvalidInput(why, field="engine") from error
    found: Engine = getattr(module, ADAPTERS[engine])()
    return found


def _own(engine: str) -> Engine:
    """An object of a user's class, whose module may lie in the working directory."""
    module, _, name = engine.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        found = getattr(import_module(module), name)()
    except OF_OTHERS as error:
        told = str(error) or type(error).__name__
        why = f"engine: {engine!r} cannot be made ({told}); expected MODULE:CLASS"
        raise InvalidInput(why, field="engine") from error
    if isinstance(found, str):
        raise InvalidInput(f"engine: {engine!r} makes a text; expected MODULE:CLASS of an engine", field="engine")
    made = engine_named(found)
    with suppress(AttributeError):  # of a class with slots; then records do not say it
        made.engine_class = engine  # type: ignore[attr-defined]  # an attribute that engines need not have
    return made


def _described(engine: object) -> str:
    return f"the class {engine.__name__}" if isinstance(engine, type) else type(engine).__name__


def available() -> list[tuple[str, str | None, str | None]]:
    """Name, version, and what is missing, for every engine that can be tested; none of them is imported."""
    versions = {name: _installed(name) for name in known()}
    return [(name, found, None if found else install_hint(name)) for name, found in versions.items()]


def _installed(name: str) -> str | None:
    """The version of an engine, from whichever distribution it came; None where it is not installed."""
    usual = DISTRIBUTIONS.get(name, name)
    try:
        return version(usual)
    except PackageNotFoundError:
        if PathFinder.find_spec(name) is None:  # which is seen in no time; all distributions take half a second
            return None
    others = [distribution for distribution in _distributions().get(name, ()) if distribution != usual]
    return version(others[0]) if others else None


_distributions = cache(packages_distributions)


def install_hint(engine: str) -> str:
    """The command that installs an engine's extra."""
    extra = engine.replace("_", "-")  # pip before 23.3 finds no extra by a name with an underscore
    return f"pip install 'gradjury[{extra}]'"
