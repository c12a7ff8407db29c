"""A function of the user's own as the engine under test: what judges its tape asks this, which runs it as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ...engine.tape import Tape
from ..arguments import floating
from ..asking import ask_derivative, no_gradient
from ..engine import NumpyEngine, Point, is_white, shape_of
from ..errors import Unsupported
from ..judge_tape import verify_tape
from ..question import Question
from ..reading.subtape import subtape
from ..results import Verification
from ..timelimit import Clock
from .language import Array, Reading
from .subject import Subject
from .unread import Unread


class Original:
    """The engine under test for one entry of the output: the user's own function, and the engine's table beside it.

    Args:
        entry: of the flat output.
        tape: what the function means; parts of it are run by the table.
        attached: whether its gradient must depend on the inputs by what was read of it.
    """

    def __init__(self, subject: Subject, tape: Tape, entry: int = 0, attached: bool = False) -> None:
        self.subject, self.tape, self.entry, self.attached = subject, tape, entry, attached
        self.adapter = subject.language.adapter()
        self.name, self.version = self.adapter.name, self.adapter.version
        self.flushes_subnormals = self.adapter.flushes_subnormals
        self.function = subject.name

    def gradient(self, tape: Tape, point: Point, dtype: DTypeLike) -> tuple[Any, dict[str, Any]]:
        """Value and gradient at K points, by the user's function where the tape is its own.

        Raises:
            Exception: whatever the function or the engine raises.
        """
        if tape is not self.tape:
            return self.adapter.gradient(tape, point, dtype)
        subject, (points, shape) = self.subject, self._points(tape, point)
        values, gradients = [], []
        for at in points:
            value, gradient = subject.row(self.entry, at)
            if subject.unattached and self.attached:
                raise no_gradient(self.name)
            values.append(value)
            gradients.append(gradient)
        if not shape:
            return values[0], dict(zip(subject.names, gradients[0].tolist(), strict=True))
        table = np.array(gradients).reshape(len(values), -1)
        return np.array(values), {name: table[:, j] for j, name in enumerate(subject.names)}

    def value_alone(self, tape: Tape, point: Point, dtype: DTypeLike) -> Any:
        """The value alone, as :meth:`gradient` returns it; of the user's function without its derivatives."""
        if tape is not self.tape:
            return self.adapter.gradient(tape, point, dtype)[0]
        points, shape = self._points(tape, point)
        return self.subject.values_at(self.entry, points).reshape(shape)

    def _points(self, tape: Tape, point: Point) -> tuple[list[Array], tuple[int, ...]]:
        """Flat points of the user's function, and their shape."""
        subject = self.subject
        shape = shape_of(tape, point)
        flat_points = np.tile(subject.base, (int(np.prod(shape)), 1))
        for name in tape.inputs:
            flat_points[:, subject.names.index(name)] = np.broadcast_to(point[name], shape).reshape(-1)
        return list(flat_points), shape

    def higher_derivative(self, tape: Tape, point: Point, dtype: DTypeLike, name: str, order: int) -> Any:
        """The derivative of an order by one input, by the user's function where the tape is its own.

        Raises:
            Exception: whatever the function or the engine raises.
        """
        if tape is not self.tape:
            return ask_derivative(self.adapter, tape, point, dtype, name, order)
        subject, (points, shape) = self.subject, self._points(tape, point)
        if self.attached and points:
            subject.row(self.entry, points[0])
            if subject.unattached:
                raise no_gradient(self.name)
        found = [subject.higher(self.entry, at, subject.names.index(name), order) for at in points]
        return np.array(found).reshape(shape)[()]

    def values(self, tape: Tape, point: Point, dtype: DTypeLike) -> list[Any]:
        """The value of every node, by the engine's table; by our own where that lacks an operation that was read."""
        if is_white(self.adapter):
            with suppress(Unsupported):
                return self.adapter.values(tape, point, dtype)
        return NumpyEngine().values(tape, point, dtype)


def entries(subject: Subject, order: int = 1) -> Iterator[tuple[Verification, Reading | None]]:
    """A verification for each entry of the output, each by all entries of the input, and what was read of the function.

    Args:
        order: of the derivatives.
    """
    try:
        reading = subject.read()
    except Unsupported as error:
        for unread in Unread.entries(subject, str(error)):
            yield unread, None
        return
    subject.jacobian(len(reading.cells))
    for entry, cell in enumerate(reading.cells):
        index = cell.index if hasattr(cell, "index") else reading.recorder.constant("nan")
        # by what the entry does not depend on its derivative is 0, and a rule may give another number
        moving = np.flatnonzero(subject.row(entry, subject.base)[1]).tolist()
        tape, sources = subtape(reading.recorder.tape(index), index, besides=moving)
        at = {subject.names[j]: subject.base[j] for j in sources}
        question = Question(at=at, order=order, dtype=floating(subject.dtype))
        yield verify_tape(tape, Original(subject, tape, entry), question, Clock(None)), reading
