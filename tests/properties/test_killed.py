"""A campaign that is killed with ``kill -9`` at random moments, and resumed, ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "killed.py"


def test_ten_campaigns_are_killed_and_end_with_the_same_records() -> None:
    """The script, which runs a hundred, of moments that differ each time, if it is left to itself."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(SCRIPT), "--runs", "10", "--functions", "80", "--kills", "1", "--seed", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["identical"] == result["runs"] == 10
    assert result["with a part judged"] > 0
