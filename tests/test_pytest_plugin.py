"""The pytest plugin, in pytest runs of its own."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import gradjury.assertion  # noqa: F401  # NumPy and torch must not be imported first in a pytest within: it forgets them

with suppress(ImportError):
    import torch  # noqa: F401

pytest_plugins = ["pytester"]

#: pytest finds the plugin of an installed package by itself, and takes none twice.
INSTALLED = any(e.value == "gradjury.pytest_plugin" for e in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "gradjury.pytest_plugin")

SUITE = """
    def loss(x, y):
        return x**2 * y

    def right(x, y):
        return 2 * x * y, x**2

    def bent(x, y):
        return x * y, x**2

    def test_right(verify_gradient):
        verify_gradient(loss, right, at={"x": [0.5, 1.0], "y": 2.0})

    def test_bent(verify_gradient):
        verify_gradient(loss, bent, at={"x": [0.5, 1.0], "y": 2.0})

    def test_engine(verify_gradient):
        verify_gradient("tanh(x)", at={"x": 20.0})
"""


@pytest.fixture
def run(pytester: pytest.Pytester):
    pytester.makepyfile(SUITE)
    return lambda *options: pytester.runpytest(*PLUGIN, "-p", "no:cacheprovider", *options)


def test_the_fixture_fails_with_the_evidence_and_without_noise(run) -> None:
    result = run("-k", "test_right or test_bent")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*verify_gradient(loss, bent, at=*",
            "E*AssertionError: wrong: no correct evaluation returns this number",
            "E*function*x***2*y",
            "E*d/dx: wrong",
            "E*reproduce*gradjury verify --input -",
            "*test_the_fixture*.py:14: AssertionError",
        ]
    )
    shown = result.stdout.str()
    assert "pytest_plugin.py" not in shown.partition("short test summary")[0].partition("FAILURES")[2]
    assert "assertion.py" not in shown


def test_the_engine_and_the_failing_verdicts_are_options(run) -> None:
    pytest.importorskip("torch")
    run("-k", "test_engine").assert_outcomes(passed=1)
    result = run("-k", "test_engine", "--gradjury-engine", "torch")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["gradjury: engine torch", "E*inaccurate*", "E*the derivative rule of tanh*"])
    run("-k", "test_engine", "--gradjury-engine=torch", "--gradjury-fail-on=wrong,nonfinite").assert_outcomes(passed=1)


def test_the_hypothesis_profile(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parent.parent))  # where it is not installed
    pytester.makepyfile(
        """
        from hypothesis import given, settings, strategies as st

        def test_profile():
            assert settings.default.deadline is None
            assert settings.default.print_blob

        @given(st.floats(-3, 3))
        def test_everywhere(verify_gradient, x):
            verify_gradient("x**2", lambda x: 2 * x, at={"x": x})
        """
    )
    result = pytester.runpytest_subprocess(*PLUGIN, "--hypothesis-profile", "gradjury")
    result.assert_outcomes(passed=2)


def test_the_help_names_the_options(pytester: pytest.Pytester) -> None:
    shown = pytester.runpytest(*PLUGIN, "--help").stdout.str()
    assert "--gradjury-engine=NAME" in shown
    assert "--gradjury-fail-on=VERDICTS" in shown


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--gradjury-engine=foo", "--gradjury-engine: 'foo' is not known; known: numpy,"),
        ("--gradjury-fail-on=foo", "--gradjury-fail-on: 'foo' is no verdict; expected some of"),
    ],
)
def test_options_that_no_test_could_use_are_refused_at_once(run, option: str, message: str) -> None:
    refused = run(option)
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert message in refused.stderr.str()
    assert "Traceback" not in refused.stderr.str()


def test_a_gradient_that_returns_something_else_fails_at_the_line_of_the_call(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_short(verify_gradient):
            verify_gradient("x**2 * y", lambda x, y: 2 * x * y, at={"x": 1.0, "y": 2.0})
        """
    )
    result = pytester.runpytest(*PLUGIN, "-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*the gradient returned 4.0; expected 2 numbers, one for each of x, y"])
    assert "assertion.py" not in result.stdout.str()
