"""A server of its own process, as ``gradjury serve`` starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: So slow that no limit of these tests is long enough for it.
ENDLESS = "besselj(0, " * 40 + "x" + ")" * 40


class Live:
    """``gradjury serve`` on a free port.

    Args:
        options: of the command, besides the port.
    """

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gradjury", "serve", "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[0].rstrip("/")
        self.port = int(self.url.rpartition(":")[2])

    def workers(self) -> list[int]:
        """The processes that it started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def end(self) -> tuple[int, str]:
        """Press Ctrl-C; the exit status, and what it said on standard error."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
