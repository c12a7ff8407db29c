"""What pytest loads wherever this package is installed: the suite's options, where the suite is asked for.

A plugin that pytest finds by itself must not get in anybody's way: the options are added only if the command line names
the suite, so that no option of another test suite is in conflict with them. Nothing heavy is imported before that.
"""

from __future__ import annotations

from pathlib import Path

import pytest

#: The conformance suite as a package, and the module with its options.
SUITE = "gradjury.properties.conformance"
OPTIONS = f"{SUITE}.options"

#: Where its tests are, below the folder of the package itself: pytest names modules by the folders above them.
FOLDER = Path(__file__).parent / "properties" / "conformance"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    """Add the options of the suite if one of the arguments is the suite or a part of it.

    Its name is replaced by its path: that of the folder which pytest finds for the name has, in an editable
    installation, no ``gradjury`` above it, and pytest would import the tests as parts of a package ``properties``.
    """
    paths = {arg: path for arg in args if (path := _path(arg)) is not None}
    if not paths:
        return
    for words in (args, early_config.known_args_namespace.file_or_dir):
        words[:] = [paths.get(word, word) for word in words]
    from . import display  # noqa: F401  # the suite shows results, which have their words from here

    if not early_config.pluginmanager.has_plugin(OPTIONS):
        early_config.pluginmanager.import_plugin(OPTIONS)


def _path(argument: str) -> str | None:
    """The path of an argument that names the suite or a part of it, None for any other argument."""
    name, separator, rest = argument.partition("::")
    if name == SUITE:
        return f"{FOLDER}{separator}{rest}"
    if name.startswith(f"{SUITE}."):
        return f"{FOLDER / name.removeprefix(SUITE + '.').replace('.', '/')}.py{separator}{rest}"
    path = Path(name).absolute()
    return argument if name and path.is_relative_to(FOLDER) and path.exists() else None
