"""Which functions to try, and what must hold: random composite functions, strategies, laws, campaigns, faults."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .choices import Choices, Drawn, Seeded, seeded
from .grammar import Composite, composite
from .points import points

if TYPE_CHECKING:
    from . import strategies

__all__ = ["Choices", "Composite", "Drawn", "Seeded", "composite", "points", "seeded", "strategies"]


def __getattr__(name: str) -> Any:
    if name == "strategies":  # needs Hypothesis, which takes a while to import and which few ask for
        return import_module(f"{__name__}.strategies")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
