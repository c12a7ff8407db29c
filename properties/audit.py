"""The audit: each class of fault planted in each primitive of an engine, and which checkers find it.

A function counts as *affected* by a fault if its value or a partial changes by one bit at least, at one of
:data:`~gradjury.properties.power.POINTS` points. It is *found* if a checker finds fault with it at one of them. The
same functions without a fault give the false alarms. Where the engine raises an error, or returns no gradient, nothing
is affected, found or missed: the function counts as *failed*, and the others go on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ..engine import REGISTRY, Primitive, Tape
from ..engine.primitive import hint
from ..verifier.asking import EngineFailed, ask, ask_nodes
from ..verifier.engine import Engine, primitives_of
from ..verifier.engine_names import engine_named
from ..verifier.errors import InvalidInput, Unsupported
from ..verifier.results import Verification
from ..verifier.verdicts.judgement import BLAMED
from ..verifier.verify import verify
from .faults import RULES, VALUES, arguments, faulty_engine
from .peers import Checker
from .points import points
from .power import POINTS, functions_with, moved, rightly_blamed

CERTIFIED, SCREENED = "gradjury certified", "gradjury screened"
FAN_OUT = "fan-out"

#: What each class of fault is, in words, in the order of the matrix.
CLASSES = {
    "sign": "wrong sign",
    "dropped factor": "factor dropped",
    "1e-3": "× (1 + 1e-3)",
    "1e-6": "× (1 + 1e-6)",
    "1e-9": "× (1 + 1e-9)",
    "1e-12": "× (1 + 1e-12)",
    "x < 0": "sign for x < 0",
    "near 0": "1e-4 near 0",
    FAN_OUT: "fan-out path lost",
    "value scaled": "value × (1 + 1e-3)",
    "value shifted": "value + 1e-3",
}

#: Points in the chunks in which certified points are judged until one shows the fault.
CHUNKS = (1, 3, 12, 48)

#: What is told of a function that was missed, or over which the engine failed.
_LISTED = ("class", "primitive", "argument", "function", "why")

#: Functions a class and ``functions``, for the one fault that is of no primitive.
FAN_OUT_SHARE = 20


class Fault(NamedTuple):
    """One planted fault; no primitive for ``fan-out``, no kind where nothing is planted."""

    primitive: type[Primitive] | None
    kind: str | None
    argument: int = 0


@dataclass
class Count:
    """What became of the functions that a fault affects.

    Attributes:
        affected: how many there are.
        due: those of them that the fault moves beyond what rounding allows: found, or moved by more than
            :data:`~gradjury.properties.power.RADII` radii of the enclosure. On the others no verdict is due.
        found: how many each checker found.
        blamed: how many were blamed on the right operation and argument.
    """

    affected: int = 0
    due: int = 0
    found: Counter[str] = field(default_factory=Counter)
    blamed: int = 0

    def __iadd__(self, other: Count) -> Count:
        self.affected += other.affected
        self.due += other.due
        self.found += other.found
        self.blamed += other.blamed
        return self

    def to_record(self) -> dict[str, Any]:
        """The counts as they stand in the record of an audit."""
        return {"affected": self.affected, "due": self.due, "found": dict(self.found), "blamed": self.blamed}


@dataclass
class Audit:
    """What an audit has counted so far.

    Attributes:
        engine: name and version of the engine in which faults were planted.
        functions: tried for each primitive, class and argument; ``seed``: they follow from it.
        checkers: names of those that were asked.
        sound: the functions without a fault; ``found`` counts the false alarms.
        faults: by class and primitive (``""`` for the fan-out).
        missed: what gradjury certified overlooked: class, primitive, argument, number of the function, and whether a
            verdict was due.
        failed: where the engine raised an error or returned no gradient: class (None without a fault), primitive,
            argument, number of the function, and the reason. These are in no count.
        interrupted: whether Ctrl-C came before the end.
    """

    engine: str
    functions: int
    seed: int
    checkers: tuple[str, ...]
    sound: Count = field(default_factory=Count)
    faults: dict[tuple[str, str], Count] = field(default_factory=dict)
    missed: list[tuple[str, str, int, int, str]] = field(default_factory=list)
    failed: list[tuple[str | None, str, int, int, str]] = field(default_factory=list)
    interrupted: bool = False
    seconds: float = 0.0

    def of_class(self, kind: str) -> Count:
        """One class of fault over all primitives."""
        total = Count()
        for key, count in self.faults.items():
            if key[0] == kind:
                total += count
        return total

    @property
    def classes(self) -> list[str]:
        """The classes of fault that were planted, in the order of the matrix."""
        return [kind for kind in CLASSES if any(key[0] == kind for key in self.faults)]

    @property
    def primitives(self) -> list[str]:
        """The primitives in which something was planted, in the order of their declaration."""
        return [name for name in REGISTRY if any(key[1] == name for key in self.faults)]

    def to_record(self) -> dict[str, Any]:
        """Everything as one JSON object."""
        return {
            "engine": self.engine,
            "functions": self.functions,
            "points": POINTS,
            "seed": self.seed,
            "checkers": list(self.checkers),
            "interrupted": self.interrupted,
            "seconds": round(self.seconds, 1),
            "sound": self.sound.to_record(),
            "faults": [
                {"class": kind, "primitive": name or None, **count.to_record()}
                for (kind, name), count in self.faults.items()
            ],
            "missed": [dict(zip(_LISTED, m, strict=True)) for m in self.missed],
            "failed": [dict(zip(_LISTED, f, strict=True)) for f in self.failed],
        }


def audit(
    engine: str | Engine = "numpy",
    *,
    functions: int = 1,
    seed: int = 0,
    peers: Mapping[str, Checker] | None = None,
    primitives: Sequence[str] | None = None,
    progress: Callable[[int], None] = lambda advance: None,
) -> Audit:
    """Plant each class of fault in each primitive of an engine and count what the checkers find.

    Args:
        engine: the right engine; see :func:`~gradjury.properties.faults.faulty_engine` for those that take faults.
        functions: how many to try for each primitive, class and argument.
        seed: they follow from it.
        peers: other checkers to ask as well, by name, see :mod:`~gradjury.properties.peers`.
        primitives: names of those to plant faults in; all that the engine has if None.
        progress: called with 1 after each function; :func:`amount` says how many there are.

    Returns:
        The counts; after Ctrl-C those so far.

    Raises:
        InvalidInput: a primitive is not known, or not one that the engine has.
        Unsupported: no fault can be planted in that engine.
    """
    right = engine_named(engine)
    _check_primitives(right, primitives)
    peers = peers or {}
    found = Audit(f"{right.name} {right.version}", functions, seed, (CERTIFIED, SCREENED, *peers))
    first = next(_planned(right, primitives), Fault(None, None)).primitive
    faulty_engine(first or REGISTRY["add"], "value scaled", 0, right)  # refuses at once where none can be planted
    started = time.perf_counter()
    try:
        for fault in _planned(right, primitives):
            count = functions * (FAN_OUT_SHARE if fault.kind == FAN_OUT else 1)
            for number, function in functions_with(fault.primitive, seed, count):
                at = points(function, POINTS, seed=seed, index=number)
                try:
                    _try(found, right, fault, number, function.tape, at, peers)
                except EngineFailed as error:
                    name = fault.primitive.name if fault.primitive else ""
                    found.failed.append((fault.kind, name, fault.argument, number, str(error)))
                except Unsupported:  # an order, say, that this engine does not take
                    pass
                progress(1)
    except KeyboardInterrupt:
        found.interrupted = True
    found.seconds = time.perf_counter() - started
    return found


def amount(engine: str | Engine, functions: int, primitives: Sequence[str] | None = None) -> int:
    """How many functions an audit tries."""
    faults = list(_planned(engine_named(engine), primitives))
    return functions * (len(faults) + (FAN_OUT_SHARE - 1) * sum(f.kind == FAN_OUT for f in faults))


def _check_primitives(engine: Engine, primitives: Sequence[str] | None) -> None:
    """Refuse names in which nothing can be planted."""
    has = primitives_of(engine)
    for name in has if primitives is None else primitives:
        if name not in REGISTRY:
            raise InvalidInput(f"primitives: {name!r} is no operation; {hint(name)}")
        if name not in has:
            raise InvalidInput(f"primitives: {engine.name} has no {name}; it has {', '.join(has) or 'none at all'}")


def _planned(engine: Engine, primitives: Sequence[str] | None) -> Iterator[Fault]:
    """All faults, primitive by primitive, each led by the functions without a fault; the fan-out last."""
    names = primitives_of(engine) if primitives is None else tuple(dict.fromkeys(primitives))
    for name in names:
        primitive = REGISTRY[name]
        yield Fault(primitive, None)
        for kind in RULES:
            for argument in arguments(primitive):
                yield Fault(primitive, kind, argument)
        for kind in VALUES:
            yield Fault(primitive, kind)
    if primitives is None:
        yield Fault(None, FAN_OUT)


def _try(
    found: Audit,
    right: Engine,
    fault: Fault,
    number: int,
    tape: Tape,
    at: Mapping[str, Any],
    peers: Mapping[str, Checker],
) -> None:
    """One function with one fault, before all checkers; counted when all of them have answered.

    Raises:
        EngineFailed: the engine raised an error, or returned no gradient.
        Unsupported: it lacks something.
    """
    engine: Engine = right
    if fault.kind is not None:
        engine = faulty_engine(fault.primitive or REGISTRY["add"], fault.kind, fault.argument, right)
    answer = ask(engine, tape, at, "float64")
    if fault.kind is not None and not _differ(answer, ask(right, tape, at, "float64")):
        return
    result = certified(engine, tape, at)
    screened = verify(tape, at, engine=engine, standard="program", certify="suspicious")
    _answered(result, screened)
    columns = [np.broadcast_to(answer[1][n], (POINTS,)) for n in tape.inputs]
    others = [peer for peer, checker in peers.items() if _found_by(checker, engine, tape, at, columns)]
    missed = fault.kind is not None and result.verdict not in BLAMED
    due = False
    if missed:
        every = verify(tape, at, engine=engine, standard="program")
        _answered(every)
        due = any(moved(tape, point, right) for point in every.points)
    name = fault.primitive.name if fault.primitive else ""
    count = found.sound if fault.kind is None else found.faults.setdefault((fault.kind, name), Count())
    count.affected += 1
    if result.verdict in BLAMED:
        count.found[CERTIFIED] += 1
        count.due += 1
        if fault.kind is not None and rightly_blamed(result, fault.primitive, fault.kind, fault.argument):
            count.blamed += 1
    elif fault.kind is not None:
        count.due += due
        found.missed.append((fault.kind, name, fault.argument, number, "due" if due else "within rounding"))
    count.found[SCREENED] += screened.verdict in BLAMED
    count.found.update(others)


def _answered(*results: Verification) -> None:
    """Raise what an engine raised while it was judged, which a verification takes for undecided."""
    for result in results:
        if result.error is not None:
            raise EngineFailed(result.error) from result.failure


def certified(engine: Engine, tape: Tape, at: Mapping[str, Any]) -> Verification:
    """The verification that first shows a fault, of more and more of the points; the last if none does."""
    start = 0
    for size in CHUNKS:
        chunk = {name: values[start : start + size] for name, values in at.items()}
        result = verify(tape, chunk, engine=engine, standard="program")
        if result.verdict in BLAMED:
            break
        start += size
    return result


def _found_by(checker: Checker, engine: Any, tape: Tape, at: Mapping[str, Any], columns: Sequence[Any]) -> bool:
    """Whether another checker finds fault at one of the points."""

    def value(point: Sequence[float]) -> float:
        here = {name: np.float64(x) for name, x in zip(tape.inputs, point, strict=True)}
        nodes = ask_nodes(engine, tape, here, "float64")
        return float(ask(engine, tape, here, "float64")[0] if nodes is None else nodes[tape.output])

    for k in range(POINTS):
        here = [float(column[k]) for column in columns]
        if checker(value, _constant(here), [float(at[name][k]) for name in tape.inputs]):
            return True
    return False


def _constant(partials: list[float]) -> Callable[[Sequence[float]], list[float]]:
    return lambda point: partials


def _differ(one: tuple[Any, Mapping[str, Any]], other: tuple[Any, Mapping[str, Any]]) -> bool:
    """Whether a value or a partial differs by one bit at least, anywhere."""
    pairs = [(one[0], other[0]), *((one[1][name], other[1][name]) for name in one[1])]
    return not all(np.array_equal(a, b, equal_nan=True) for a, b in pairs)
