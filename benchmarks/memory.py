"""The memory of a process of its own."""

from __future__ import annotations

import re
import resource
from contextlib import suppress
from pathlib import Path


def peak() -> float:
    """Megabytes that this process has needed at most; Linux's getrusage counts in what its parent had before it."""
    with suppress(OSError):
        return float(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
