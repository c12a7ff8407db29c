"""What determines a campaign: written down in its store, and compared when it is resumed or set beside another."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..verifier.engine import Engine, is_limited
from ..verifier.engine_names import engine_named
from ..verifier.errors import GradjuryError, InvalidInput
from .shards import Task
from .store import KEEP
from .vocabulary import usual

LIBRARIES = ("gradjury", "numpy", "scipy", "sympy", "python-flint", "hypothesis")

#: The settings that decide which functions are drawn, and at which points they are judged.
DRAWN = ("seed", "points", "special", "grammar", "sample")


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of all libraries that have a part in a verdict."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:  # an uninstalled checkout
            found[library] = "uninstalled"
    return found


def settings_of(task: Task, functions: int, keep: int, command: str | None) -> dict[str, Any]:
    """What is written down about a campaign.

    Args:
        task: what is judged.
        functions: how many.
        keep: records that are kept of each cause.
        command: how it is repeated; a call in Python, made up from the settings, if None.
    """
    engine = engine_named(task.engine)
    options = {
        "functions": functions,
        "points": task.points,
        "seed": task.seed,
        "engine": task.engine if isinstance(task.engine, str) else engine.name,  # as it is asked for again
        "special": task.special,
        "dtype": task.dtype,
        "timeout": task.timeout,
    }
    return {
        **options,
        "certify": task.certify,
        "keep": keep,
        "engine_version": str(version) if isinstance(version := engine.version, tuple) else version,
        "grammar": {key: list(value) if isinstance(value, tuple) else value for key, value in task.grammar.items()},
        "versions": versions(),
        "sample": task.sample(),
        "command": command or _call(task, functions, keep, engine),
    }


def _call(task: Task, functions: int, keep: int, engine: Engine) -> str:
    """The call that repeats a campaign: no option of the command line gives a grammar, nor goes without a time limit.

    An Engine object stands in it as ``…``, since nothing written brings it back.
    """
    own = usual(engine.primitives) if is_limited(engine) else ()  # which the engine brings by itself
    grammar = {key: value for key, value in task.grammar.items() if (key, value) != ("primitives", own)}
    further = {
        "special": (task.special, 0.0),
        "dtype": (task.dtype, "float64"),
        "timeout": (task.timeout, None),
        "certify": (task.certify, "all"),
        "grammar": (grammar, {}),
        "keep": (keep, KEEP),
    }
    words = [
        f"functions={functions}",
        f"points={task.points}",
        f"seed={task.seed}",
        f"engine={task.engine!r}" if isinstance(task.engine, str) else "engine=…",
        *(f"{name}={value!r}" for name, (value, default) in further.items() if value != default),
    ]
    return f"gradjury.run({', '.join(words)})   # in Python"


#: What a store must say of a campaign that is to go on.
_NEEDED = (
    "functions",
    "points",
    "seed",
    "engine",
    "special",
    "dtype",
    "timeout",
    "certify",
    "engine_version",
    "grammar",
    "versions",
    "sample",
)


def complete(settings: dict[str, Any], path: str, needed: Sequence[str] = _NEEDED) -> dict[str, Any]:
    """The settings of a store, which hold what is needed; by default that for its campaign to go on.

    Raises:
        InvalidInput: some are missing.
    """
    if missing := [name for name in needed if name not in settings]:
        raise InvalidInput(f"store {path!r} is damaged: its settings lack {', '.join(missing)}")
    return settings


def task_of(settings: Mapping[str, Any], engine: str | Engine | None = None) -> Task:
    """The task that a store's settings describe.

    Args:
        settings: of a store.
        engine: the Engine object, where it is none that has a name.
    """
    return Task(
        points=settings["points"],
        seed=settings["seed"],
        engine=settings["engine"] if engine is None else engine,
        special=settings["special"],
        dtype=settings["dtype"],
        timeout=settings["timeout"],
        certify=settings["certify"],
        grammar={key: tuple(v) if isinstance(v, list) else v for key, v in settings["grammar"].items()},
    )


def changed_versions(settings: Mapping[str, Any], engine: Engine) -> list[str]:
    """Each library whose version is another than when the store was begun: ``numpy 2.1.0 → 2.2.0``."""
    before = {**settings["versions"], settings["engine"]: settings["engine_version"]}
    now = {**versions(), settings["engine"]: engine.version}
    return [f"{name} {before[name]} → {now.get(name, 'none')}" for name in before if before[name] != now.get(name)]


def check_same(settings: Mapping[str, Any], given: Mapping[str, Any], path: str) -> None:
    """Refuse to resume a campaign with other settings than its own.

    Raises:
        GradjuryError: one differs; it names the store, the setting and both values.
    """
    for name, value in given.items():
        if name not in settings:
            raise InvalidInput(f"{name!r} is no setting of a campaign; expected some of {', '.join(settings)}")
        if settings[name] != value:
            raise GradjuryError(
                f"store {path!r} holds a campaign with {name} = {settings[name]}; got {name} = {value}: "
                "expected the same, or nothing, since the store knows its settings"
            )
