"""Lists of tests that are left out or known to fail: a test a line, with the reason.

::

    # comments and blank lines are passed over
    test_hyperbolic.py::test_telling_points[tanh-torch.tanh(x)]  # saturates: 1 − tanh²
    test_float32.py::*  # float32 is not supported yet

``*`` stands for any text; everything else is meant as it stands.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple


class Expectation(NamedTuple):
    """One line of a list."""

    pattern: str
    reason: str

    @property
    def file(self) -> str:
        """The file of the tests that are meant, without its folders."""
        return self.pattern.partition("::")[0].rpartition("/")[2]

    def matches(self, test: str) -> bool:
        """Whether a test, ``FILE::NAME[PARAMETERS]`` or its whole id, is meant."""
        parts = map(re.escape, self.pattern.split("*"))
        return re.fullmatch(".*".join(parts), test, re.DOTALL) is not None


def read_list(path: str) -> list[Expectation]:
    """The lines of a list.

    Raises:
        ValueError: the file cannot be read, or a line has no reason; it names the file and the line.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ValueError(f"{path!r} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path!r} is no UTF-8 (byte {error.start + 1}); expected TEST  # REASON a line") from None
    found = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        pattern, _, reason = (part.strip() for part in text.partition("  #"))
        if not reason:
            raise ValueError(f"{path}, line {number}: got {text!r}; expected TEST  # REASON, two blanks before the #")
        found.append(Expectation(pattern, reason))
    return found
