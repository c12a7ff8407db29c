"""Rewriting: identities and detours that an engine may simplify before it computes, and must not change.

Engines that compile a graph replace ``log(1 + exp(x))`` by a stable function, ``max(|x|, 0)`` by ``|x|`` and
``(x*y)/y`` by ``x``; one wrong rule among hundreds gives a wrong value or derivative of an innocent function.
"""

from __future__ import annotations

import pytest

from gradjury.properties.conformance.defects import columns, defects, report
from gradjury.properties.conformance.rewritable import REWRITABLE
from gradjury.verifier import Engine, read


@pytest.mark.parametrize("function", REWRITABLE)
def test_what_may_be_rewritten(engine: Engine, function: str) -> None:
    """Value and derivatives at ordinary points of both signs."""
    report(defects(engine, read(function), columns(REWRITABLE[function])))
