"""``assert_gradient``: a verdict as an assertion, for test suites."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from .reports.failure import evidence, failure_text
from .reports.verdicts import FAILING, verdicts_in
from .verifier import InvalidInput, as_tape, verify
from .verifier.arguments import by_variable, shown
from .verifier.given import array_of, loses
from .verifier.languages.language import LANGUAGES
from .verifier.records import named
from .verifier.signatures import with_given

Gradient = Callable[..., Any] | Mapping[str, Any]


def assert_gradient(
    function: Any,
    gradient: Gradient | None = None,
    at: Mapping[str, Any] | None = None,
    *,
    fail_on: str | Collection[str] = FAILING,
    **settings: Any,
) -> None:
    """Fail unless a gradient gets a verdict that is good enough.

    Args:
        function: text, a SymPy expression, or a Python function written with NumPy; with ``engine="jax"``, ``"torch"``
            or ``"autograd"`` also one written with that library.
        gradient: claimed numbers by variable, or a function of the same arguments, called once a point, that
            returns one number for one argument, else a sequence in the order of the arguments or a mapping. If not
            given, the engine computes it and is judged.
        at: a number or K numbers for each variable; sampled if not given.
        fail_on: verdicts that fail; a text holds them separated by commas.
        settings: further arguments of :func:`verify`, such as ``engine="jax"`` or ``standard="function"``.

    Raises:
        AssertionError: the verdict is one of ``fail_on``, or the engine raised an error; the text holds the function,
            the point, all numbers, the operation to blame and the command that reproduces it.
        InvalidInput: the function, the point or the gradient cannot be read.
    """
    __tracebackhide__ = True  # pytest shows the caller's line, not this one
    failing = failing_verdicts(fail_on)
    if callable(gradient):
        if at is None:
            raise InvalidInput("at: no points, at which the gradient could be called")
        by_variable("at", at, "numbers")
        own = callable(function) and settings.get("engine") in LANGUAGES
        names = with_given(function, at)[0] if own else as_tape(function, at).inputs
        gradient = _evaluate(gradient, names, at)
    result = verify(function, at=at, gradient=gradient, **settings)
    if result.verdict in failing or result.error is not None:
        raise AssertionError(failure_text(evidence(result))) from result.failure


def failing_verdicts(fail_on: str | Collection[str]) -> frozenset[str]:
    """The argument ``fail_on``, checked.

    Raises:
        InvalidInput: one of them is no verdict.
    """
    try:
        return verdicts_in(fail_on)
    except InvalidInput as error:
        raise InvalidInput(f"fail_on: {error}") from None


def _evaluate(gradient: Callable[..., Any], inputs: Sequence[str], at: Mapping[str, Any]) -> dict[str, list[float]]:
    """Call the gradient at each point and sort its results by variable."""
    __tracebackhide__ = True  # of its errors, too
    at = named(at, inputs)
    missing = [name for name in inputs if name not in at]
    if missing:
        raise InvalidInput(f"at: no value for {', '.join(missing)}")
    rows = [np.atleast_1d(array_of("at", name, at[name], np.float64)) for name in inputs]
    try:
        columns = np.broadcast_arrays(*rows)
    except ValueError:
        raise InvalidInput(f"at: given {shown(dict(at))}; expected a number, or K numbers, for each variable") from None
    claimed: dict[str, list[float]] = {name: [] for name in inputs}
    for point in zip(*columns, strict=True):
        for name, number in _by_name(gradient(*map(float, point)), inputs).items():
            claimed[name].append(_number(name, number))
    return claimed


def _number(name: str, value: Any) -> float:
    __tracebackhide__ = True
    try:
        if not loses(value):
            return float(np.asarray(value).item())
    except Exception:  # an array of a library's own may raise anything where NumPy asks for its numbers
        pass
    raise InvalidInput(f"the gradient returned {shown(value)} for {name}; expected a number")


def _by_name(result: Any, inputs: Sequence[str]) -> dict[str, Any]:
    __tracebackhide__ = True
    if isinstance(result, Mapping):
        found = dict(named(result, inputs))
    else:
        try:
            numbers = np.atleast_1d(np.asarray(result))
        except Exception:  # as in _number
            numbers = np.zeros(0)
        found = dict(zip(inputs, numbers, strict=False)) if numbers.shape == (len(inputs),) else {}
    if set(found) != set(inputs):
        raise InvalidInput(
            f"the gradient returned {shown(result)}; expected {len(inputs)} numbers, "
            f"one for each of {', '.join(inputs)}"
        )
    return found
