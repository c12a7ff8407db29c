"""Which functions to try, and what must hold: random composite functions, strategies, laws, campaigns, faults."""

from . import strategies
from .choices import Choices, Drawn, Seeded, seeded
from .grammar import Composite, composite
from .points import points

__all__ = ["Choices", "Composite", "Drawn", "Seeded", "composite", "points", "seeded", "strategies"]
