"""The pytest plugin: the fixture ``verify_gradient``, its options, and the Hypothesis profile ``gradjury``.

pytest finds it by its entry point. Nothing but pytest is imported until a test asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from .assertion import Gradient


class VerifyGradient(Protocol):
    """What the fixture ``verify_gradient`` is: :func:`gradjury.assert_gradient` with the options of the run."""

    def __call__(
        self,
        function: Any,
        gradient: Gradient | None = None,
        at: Any = None,
        *,
        engine: str | None = None,
        fail_on: str | Collection[str] | None = None,
        **settings: Any,
    ) -> None:
        """Fail the test unless the gradient gets a verdict that is good enough."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--gradjury-engine`` and ``--gradjury-fail-on``."""
    group = parser.getgroup("gradjury", "verdicts on derivatives")
    group.addoption(
        "--gradjury-engine",
        default="numpy",
        metavar="NAME",
        help="engine that verify_gradient judges where a test names none and claims no gradient (default: numpy)",
    )
    group.addoption(
        "--gradjury-fail-on",
        default=None,
        metavar="VERDICTS",
        help="verdicts that fail a test, separated by commas (default: wrong,nonfinite,inaccurate)",
    )


@pytest.hookimpl(tryfirst=True)  # before Hypothesis loads the profile that was asked for
def pytest_configure(config: pytest.Config) -> None:
    """Make the profile known where it is asked for on the command line, and refuse options that no test could use.

    Raises:
        pytest.UsageError: no engine of that name is installed, or a verdict is none.
    """
    if config.getoption("--hypothesis-profile", default=None) == "gradjury":
        register_profile()
    engine, failing = config.getoption("--gradjury-engine"), config.getoption("--gradjury-fail-on")
    if engine == "numpy" and failing is None:
        return
    from .reports.verdicts import verdicts_in
    from .verifier import InvalidInput
    from .verifier.engine_names import engine_named

    try:
        if ":" not in engine:  # a class of the user's own may need what conftest.py does
            engine_named(engine)
    except InvalidInput as error:
        raise pytest.UsageError(f"--gradjury-engine: {str(error).removeprefix('engine: ')}") from None
    try:
        verdicts_in("" if failing is None else failing)
    except InvalidInput as error:
        raise pytest.UsageError(f"--gradjury-fail-on: {error}") from None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Which engine is judged, where it is not the usual one."""
    engine = config.getoption("--gradjury-engine")
    return None if engine == "numpy" else f"gradjury: engine {engine}"


def register_profile() -> None:
    """Register the Hypothesis profile ``gradjury``: no deadline, for a verdict takes its time, and failures to replay.

    Hypothesis calls this by its entry point when it is imported.
    """
    from hypothesis import settings

    settings.register_profile("gradjury", deadline=None, print_blob=True)


@pytest.fixture(scope="session")
def verify_gradient(request: pytest.FixtureRequest) -> VerifyGradient:
    """Judge a gradient: ``verify_gradient(f, gradient, at={"x": 0.5})``, or an engine's with ``engine="jax"``."""
    chosen = str(request.config.getoption("--gradjury-engine"))
    failing = request.config.getoption("--gradjury-fail-on")

    def judge(
        function: Any,
        gradient: Gradient | None = None,
        at: Any = None,
        *,
        engine: str | None = None,
        fail_on: str | Collection[str] | None = None,
        **settings: Any,
    ) -> None:
        __tracebackhide__ = True  # the caller's line is what failed
        from .assertion import assert_gradient

        if fail_on is None and failing is not None:
            fail_on = str(failing)
        if fail_on is not None:
            settings["fail_on"] = fail_on
        assert_gradient(function, gradient, at, engine=engine or chosen, **settings)

    return judge
