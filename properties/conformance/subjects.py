"""What is judged: each operation of an engine in each of its spellings, with each kind of constants."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...engine import REGISTRY, Primitive
from ...engine.tape import Recorder, Tape
from ...verifier import Engine
from ...verifier.engine import primitives_of
from ...verifier.engines.common import TapeRunner
from ...verifier.languages.spelling import names_of, written
from ..vocabulary import CONSTANTS, orders_of


@dataclass(frozen=True)
class Use:
    """A primitive with its constants and orders fixed.

    Attributes:
        consts: its keyword constants.
        orders: its opaque arguments, which are numbers here.
        tape: the operation alone; its inputs are the arguments that are left, under their own names.
    """

    consts: tuple[Any, ...]
    orders: tuple[Fraction, ...]
    tape: Tape


@dataclass(frozen=True)
class Subject:
    """One operation of an engine under one of its names.

    Attributes:
        engine: the engine, in whose table this spelling stands for the operation.
        primitive: the operation.
        spelling: the call as the engine's users write it, with the names of the arguments in place.
        index: of the spelling in the engine's table.
    """

    engine: Engine
    primitive: type[Primitive]
    spelling: str
    index: int = 0

    def __str__(self) -> str:
        return f"{self.primitive.name}-{self.spelling}"

    @property
    def family(self) -> str:
        """The module in which the primitive is declared."""
        return self.primitive.__module__.rpartition(".")[2]

    def uses(self) -> list[Use]:
        """The operation with each choice of its constants and orders."""
        return uses(self.primitive)


def uses(primitive: type[Primitive]) -> list[Use]:
    """A primitive with each choice of its constants and orders, simplest first."""
    consts = itertools.product(*(CONSTANTS[name] for name in primitive.constants))
    orders = orders_of(primitive)
    return [Use(c, o, alone(primitive, c, o)) for c, o in itertools.product(consts, orders)]


def alone(primitive: type[Primitive], consts: tuple[Any, ...] = (), orders: tuple[Fraction, ...] = ()) -> Tape:
    """The tape of one operation on variables that have the names of its arguments."""
    free = [name for name in primitive.arguments if name not in primitive.opaque]
    recorder = Recorder(free)
    fixed = iter(orders)
    args = tuple(
        recorder.constant(next(fixed)) if name in primitive.opaque else free.index(name) for name in primitive.arguments
    )
    return recorder.tape(recorder.add(primitive, args, consts))


def subjects(engine: Engine) -> list[Subject]:
    """Every operation of an engine in every spelling, in the order of the registry."""
    return [subject for name in REGISTRY if name in primitives_of(engine) for subject in _spelled(engine, name)]


def _spelled(engine: Engine, name: str) -> Iterator[Subject]:
    primitive = REGISTRY[name]
    shown = [_shown(n) for n in names_of(name)]
    if not isinstance(engine, TapeRunner):
        yield Subject(engine, primitive, f"{name}({', '.join(shown)})")
        return
    for index, function in enumerate(engine.spellings(name)):
        spelling = written(type(engine), name, index, shown)
        yield Subject(engine.with_spelling(name, function), primitive, spelling, index)


def _shown(name: str) -> str:
    """A name for the place of an argument or constant; a relation is shown as one of them."""
    return "<" if name == "relation" else name
