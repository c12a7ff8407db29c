"""The one link from results to their display: the verifier itself knows nothing of reports."""

from __future__ import annotations

from .reports.failure import evidence, failure_text
from .verifier import Verification, verify

__all__ = ["Verification", "verify"]


def _text(self: Verification) -> str:
    return failure_text(evidence(self))


def _html(self: Verification) -> str:
    from .reports.html import render_function

    return render_function(self.to_record(), self.tape)


# setattr, because a class that is not ours to edit is given its display here, once
setattr(Verification, "__repr__", _text)  # noqa: B010
setattr(Verification, "_repr_html_", _html)  # noqa: B010
