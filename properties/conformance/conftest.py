"""The suite under pytest: the engine from the command line, a test for each operation in each of its spellings."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from gradjury.properties.conformance.expectations import Expectation, read_list
from gradjury.properties.conformance.subjects import subjects
from gradjury.properties.settings import versions
from gradjury.verifier import Engine, GradjuryError, Unsupported, engine_named
from gradjury.verifier.asking import EngineFailed
from gradjury.verifier.languages.library import called
from gradjury.verifier.timelimit import TimeIsUp, time_limit

HERE = Path(__file__).parent
ENGINE = pytest.StashKey[Engine]()
IDLE = pytest.StashKey[list[str]]()
COUNTS = pytest.StashKey[dict[str, Counter[str]]]()


def pytest_configure(config: pytest.Config) -> None:
    """The engine, and the profile of all randomised tests."""
    name = config.getoption("engine", None)
    if not name:
        raise pytest.UsageError("the conformance suite needs --engine NAME; `gradjury engines` lists the names")
    try:
        config.stash[ENGINE] = engine_named(name)
        for _ in called(config.stash[ENGINE]):  # a slip in its tables is said at once
            break
    except GradjuryError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[COUNTS] = {}
    hypothesis.settings.register_profile(
        "gradjury-conformance",
        max_examples=config.getoption("max_examples"),
        deadline=None,
        database=None,
        # without shrinking: a failure is reduced by the verifier, which needs fewer calls of a slow engine
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        report_multiple_bugs=False,  # one failing example fails the test; looking for more may take ten times as long
        print_blob=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("gradjury-conformance")


def pytest_report_header(config: pytest.Config) -> str:
    """The engine and its version."""
    engine = config.stash[ENGINE]
    return f"gradjury {versions()['gradjury']}, conformance of {engine.name} {engine.version}"


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config) -> Engine:
    """The engine under test, each operation in its first spelling."""
    return pytestconfig.stash[ENGINE]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each subject that the module selects: of its ``FAMILIES``, or by its ``SELECT``."""
    if "call" in metafunc.fixturenames:
        metafunc.parametrize("call", list(called(metafunc.config.stash[ENGINE])), ids=str)
    if "subject" not in metafunc.fixturenames:
        return
    families = getattr(metafunc.module, "FAMILIES", None)
    select = getattr(metafunc.module, "SELECT", lambda subject: True)
    chosen = [
        subject
        for subject in subjects(metafunc.config.stash[ENGINE])
        if (families is None or subject.family in families) and select(subject)
    ]
    metafunc.parametrize("subject", chosen, ids=str)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """What the engine lacks cannot be judged; an answer that does not come, or is an error, is a wrong one."""
    seconds = pyfuncitem.config.getoption("time_limit")
    try:
        with time_limit(seconds):
            return (yield)
    except EngineFailed as error:
        pytest.fail(str(error), pytrace=False)
    except Unsupported as error:
        pytest.skip(str(error))
    except TimeIsUp:
        pytest.fail(f"the engine has not answered within {seconds:g} s", pytrace=False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what the lists of expectations name."""
    config.stash[IDLE] = []
    for option in ("skips", "xfails"):
        try:
            expectations = read_list(config.getoption(option)) if config.getoption(option) else []
        except ValueError as error:
            raise pytest.UsageError(f"--{option}: {error}") from None
        used = set()
        for item in items:
            for expectation in expectations:
                if any(expectation.matches(name) for name in (short(item), item.nodeid)):
                    item.add_marker(_mark(option, expectation))
                    used.add(expectation)
        files = {item.path.name for item in items}
        idle = [e.pattern for e in expectations if e not in used and (e.file in files or not (HERE / e.file).exists())]
        config.stash[IDLE] += [f"--{option}: {pattern} names no test" for pattern in idle]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name the lines of the lists that are of no effect, as those with a slip in them."""
    for line in config.stash.get(IDLE, []):
        terminalreporter.write_line(line, yellow=True)


def _mark(option: str, expectation: Expectation) -> pytest.MarkDecorator:
    if option == "skips":
        return pytest.mark.skip(reason=expectation.reason)
    return pytest.mark.xfail(reason=expectation.reason, strict=True)  # what was mended is to be told


def short(item: pytest.Item) -> str:
    """``FILE::NAME[PARAMETERS]``."""
    return f"{item.path.name}::{item.name}"


# ---- counts by chapter, for the table in the documentation ------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Count the outcome under the test's chapter."""
    report = yield
    counts = item.config.stash[COUNTS].setdefault(item.path.stem.removeprefix("test_"), Counter())
    if report.when == "call" or (report.when == "setup" and not report.passed):
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        counts[outcome] += 1
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the summary, if it was asked for."""
    path = session.config.getoption("summary")
    if path:
        engine: Engine = session.config.stash[ENGINE]
        counts = {chapter: dict(found) for chapter, found in session.config.stash[COUNTS].items()}
        document = {
            "engine": engine.name,
            "version": engine.version,
            "gradjury": versions()["gradjury"],
            "max_examples": session.config.getoption("max_examples"),
            "chapters": counts,
        }
        try:
            Path(path).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            sys.stderr.write(f"gradjury: cannot write the summary {path!r}: {error.strerror}\n")
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
