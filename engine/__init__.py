"""Automatic differentiation on NumPy arrays: the tape, its primitives, and the sweeps over it."""

from . import primitives
from .errors import BranchOnValue, EngineError, MissingValue, NoForwardPass, NotTraceable
from .primitive import BY_FUNCTION, REGISTRY, Primitive
from .sweep import Execution, gradient
from .tape import Constant, Input, Node, Recorder, Tape, compose
from .tracing import grad, trace
from .variable import Variable

__all__ = [
    "BY_FUNCTION",
    "REGISTRY",
    "BranchOnValue",
    "Constant",
    "EngineError",
    "Execution",
    "Input",
    "MissingValue",
    "NoForwardPass",
    "Node",
    "NotTraceable",
    "Primitive",
    "Recorder",
    "Tape",
    "Variable",
    "compose",
    "grad",
    "gradient",
    "primitives",
    "trace",
]
