"""`verify`: whatever is a function, read and judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import DTypeLike

from ..engine.errors import NotTraceable
from ..engine.tape import Tape
from ..engine.tracing import trace
from .arguments import floating
from .engine import Engine
from .engine_names import engine_named
from .errors import OF_OTHERS, GradjuryError, InvalidInput, first_line
from .given import Numbers
from .judge_tape import verify_tape
from .languages.foreign import verify_in_language
from .languages.language import LANGUAGES, library_of
from .languages.unread import Unjudged
from .question import Question
from .reading.from_sympy import read_sympy
from .reading.reader import read
from .results import Verification
from .signatures import with_variables
from .timelimit import Clock


def verify(
    function: str | sp.Expr | Callable[..., Any] | Tape,
    at: Mapping[str, Numbers] | None = None,
    *,
    engine: str | Engine = "numpy",
    gradient: Mapping[str, Numbers] | None = None,
    derivative: Mapping[str, str] | None = None,
    domain: Mapping[str, Sequence[float]] | None = None,
    points: int | None = None,
    seed: int = 0,
    order: int = 1,
    dtype: DTypeLike = "float64",
    standard: str | None = None,
    wrt: str | None = None,
    timeout: float | None = None,
    certify: str = "all",
) -> Verification:
    """Judge the gradient of a function at one or more points.

    Args:
        function: text (read by a whitelist, never evaluated as Python), a SymPy expression, a Python function
            written with NumPy, or a tape. With ``engine`` jax, torch or autograd also a function written with that
            library, which is run as it stands (see ``docs/own-language.md``).
        at: a number, or K numbers, for each variable; K points. Names that the function does not have get the
            partial 0. Sampled by ``seed`` from ``domain`` if not given; without a domain, where the function is real.
        engine: name of the engine under test, or an object with the Engine protocol.
        gradient: claimed numbers, judged in place of an engine's.
        derivative: claimed formulas by variable, judged as well.
        points: how many points to sample where none are given.
        order: of the derivatives, each by one variable alone, up to 5. Of an engine those are judged that it has
            (see ``docs/engines.md``).
        dtype: ``float64`` or ``float32``; points are rounded to it first.
        standard: ``program`` (each operation may round) or ``function`` (nothing but the last digits is excused; the
            default for a single operation).
        wrt: judge the partial by this variable alone.
        timeout: seconds; what is not judged by then is ``undecided``. Outside the main thread, and where the system has
            no interval timer (Windows), there is no limit.
        certify: ``all`` decides every point in balls; ``suspicious`` screens many points first, thousands in one sweep
            (see :mod:`.screening`), and decides in balls what that leaves open, and at least one point; fewer than 32
            points are decided in balls in less time.

    Raises:
        InvalidInput: something in the arguments cannot be read.
        Unsupported: the function is known mathematics that has no derivative here.
    """
    question = Question(
        at, gradient, derivative, domain, points, seed, order, floating(dtype), standard, wrt, timeout, certify
    )
    question.check()
    if isinstance(engine, str) and engine in LANGUAGES and callable(function) and not isinstance(function, sp.Basic):
        return verify_in_language(function, engine, question)
    clock = Clock(timeout)
    if timeout is None and isinstance(function, (str, Tape)):
        return verify_tape(as_tape(function), engine, question, clock)
    try:
        with clock.limit():  # the function of a user's own may take its time
            tape = as_tape(function, {**(domain or {}), **(at or {})})
    except clock.time_is_up:
        return _unread(function, engine, question, clock.over)
    return verify_tape(tape, engine, question, clock)


def _unread(function: Any, engine: str | Engine, question: Question, why: str) -> Verification:
    """The verification of a function whose time was over before it was read."""
    at, dtype = question.at or {}, question.dtype
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(numbers, dtype)) for numbers in at.values()))
    name = getattr(function, "__name__", type(function).__name__)
    under_test = engine_named(engine) if question.gradient is None else None
    return Unjudged(f"{name}({', '.join(at)})", [*at], list(zip(*columns, strict=True)), under_test, dtype, why)


def as_tape(function: Any, given: Collection[str] = ()) -> Tape:
    """A tape from whatever :func:`verify` accepts.

    Args:
        given: names that points have; of a Python function's arguments with a default only these are variables.

    Raises:
        InvalidInput: it cannot be read.
        NotTraceable: a Python function does what a variable cannot record.
    """
    if isinstance(function, str):
        return read(function)
    if isinstance(function, Tape):
        return function
    if isinstance(function, sp.Basic):
        return read_sympy(function)
    if callable(function):
        return _traced(function, given)
    raise InvalidInput(
        f"function: got {type(function).__name__}, expected text, a SymPy expression, a Python function or a Tape"
    )


def _traced(function: Callable[..., Any], given: Collection[str]) -> Tape:
    names, by_position = with_variables(function, given)
    try:
        return trace(by_position, names)
    except GradjuryError:
        raise
    except OF_OTHERS as error:  # what others' code says to a Variable
        if isinstance(error.__cause__, GradjuryError):  # NumPy's own words hide what the Variable said
            raise error.__cause__ from None
        library = library_of(error)
        hint = f"; a function written with {library} is judged with engine={library!r}" if library else ""
        raise NotTraceable(
            f"function: it was called with Variables, each of which is one number, and raised {first_line(error)}{hint}"
        ) from error
