"""The command that serves the live pages; the server itself is tested in ``tests/reports/serve``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from gradjury.cli import main

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--port", "70000"), "70000"),
        (("--port", "-1"), "-1"),
        (("--timeout", "0"), "0"),
        (("--jobs", "0"), "0"),
        (("extra",), "extra"),
    ],
)
def test_bad_usage_is_one_line(args: tuple[str, ...], message: str) -> None:
    result = CliRunner().invoke(main, ["serve", *args], prog_name="gradjury")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_the_extra_it_says_what_to_install() -> None:
    script = (
        "import sys\nsys.modules['uvicorn'] = None\nsys.argv = ['gradjury', 'serve']\n"
        "from gradjury.cli import main\nmain(prog_name='gradjury')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr == "gradjury: the live pages need uvicorn: pip install 'gradjury[serve]'\n"
