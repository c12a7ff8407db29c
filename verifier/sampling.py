"""Points where a function can be judged: from a domain by a seed, or from wherever the function is real."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.sweep import Execution
from ..engine.tape import Tape
from .errors import InvalidInput

Floats = NDArray[np.float64]

#: Candidates that are tried at once for each point that is wanted, and how often.
CANDIDATES, ROUNDS = 64, 32
#: A domain whose ends lie this many powers of ten apart is sampled by the logarithm.
DECADES = 3.0


def sample(
    tape: Tape,
    domain: Mapping[str, Sequence[float]] | None,
    count: int,
    seed: int,
    opaque: Collection[str] = (),
) -> dict[str, Floats]:
    """Points at which the function and its gradient are finite.

    Args:
        tape: the function.
        domain: lowest and highest value of each variable. Uniform in between, or uniform in the logarithm
            where both are of one sign and three or more powers of ten apart. Without a domain: a mixture of
            scales, most between -3 and 3, some small, some up to 100, some simple numbers.
        count: K, how many points.
        seed: the same seed gives the same points.
        opaque: inputs by which no derivative is known, a Bessel function's order say: theirs need not be finite.

    Returns:
        K numbers for each input of the tape, in its order, and for every other variable of the domain.

    Raises:
        InvalidInput: the domain lacks a variable, or no point was found.
    """
    if not tape.inputs and not domain:
        return {}  # a number has one point, finite or not
    if domain is not None:
        for name in tape.inputs:
            if name not in domain:
                raise InvalidInput(f"domain: no entry for variable {name!r}; given: {', '.join(domain) or 'none'}")
        for name, ends in domain.items():
            if not _is_interval(ends):
                raise InvalidInput(f"domain: {name}: given {ends!r}; expected two finite numbers, the lower first")
    names = list(tape.inputs) + [name for name in domain or () if name not in tape.inputs]
    generator = np.random.default_rng(seed if seed >= 0 else [-seed, 1])  # NumPy takes no negative one
    found: dict[str, list[Floats]] = {name: [] for name in names}
    missing = count
    for attempt in range(ROUNDS):
        size = max(2 * missing, 16) if attempt == 0 else min(CANDIDATES * missing, 100_000)
        drawn = {
            name: _spread(generator, size, attempt) if domain is None else _within(generator, domain[name], size)
            for name in names
        }
        good = np.flatnonzero(_usable(tape, drawn, size, opaque))[:missing]
        for name in names:
            found[name].append(drawn[name][good])
        missing -= len(good)
        if not missing:
            return {name: np.concatenate(parts) for name, parts in found.items()}
    where = "of its domain " if domain is not None else ""
    raise InvalidInput(
        f"the function and its gradient were finite at {count - missing} of the points {where}that were "
        f"tried, {count} needed; expected {'values or a domain' if domain is None else 'another domain'} "
        "for its variables"
    )


def _is_interval(ends: Any) -> bool:
    try:
        low, high = (float(end) for end in ends)
    except (TypeError, ValueError, OverflowError):
        return False
    return -math.inf < low <= high < math.inf


def _usable(tape: Tape, drawn: Mapping[str, Floats], size: int, opaque: Collection[str]) -> NDArray[np.bool_]:
    execution = Execution(tape)
    good: NDArray[np.bool_] = np.isfinite(np.broadcast_to(execution.forward(drawn), size))
    for name, partial in execution.reverse().items():
        if name not in opaque:
            good = good & np.isfinite(np.broadcast_to(partial, size))
    return good


def _within(generator: np.random.Generator, ends: Sequence[float], size: int) -> Floats:
    low, high = ends
    if low > 0 or high < 0:
        first, last = math.log(abs(low)), math.log(abs(high))
        if abs(last - first) >= DECADES * math.log(10):
            logarithms = generator.uniform(0.0, 1.0, size) * (last - first) + first
            drawn: Floats = np.clip(math.copysign(1.0, low) * np.exp(logarithms), low, high)
            return drawn
    # not uniform(low, high): the difference of the ends may overflow
    share = generator.random(size)
    inside: Floats = np.clip(low * (1 - share) + high * share, low, high)
    return inside


def _spread(generator: np.random.Generator, size: int, attempt: int) -> Floats:
    """Values of several scales; from the second attempt on, mostly in a narrow interval somewhere.

    A function of many variables is often real only where all of them lie between 0 and 1, or all above 1.
    """
    if attempt % 4 == 1:
        return generator.uniform(0.0, 1.0, size)
    if attempt % 4 == 2:
        return generator.uniform(1.0, 4.0, size)
    kind = generator.integers(0, 10, size)
    magnitude = np.select(
        [kind < 6, kind < 8, kind < 9],
        [
            generator.uniform(0.0, 3.0, size),
            10 ** generator.uniform(-3, 0, size),
            10 ** generator.uniform(0, 2, size),
        ],
        generator.integers(0, 33, size) / 8,
    )
    return np.where(generator.random(size) < 0.35, -magnitude, magnitude)
