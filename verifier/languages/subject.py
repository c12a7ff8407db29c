"""A function under test at a point: its values, its reading, and its Jacobian as the engine computes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..engine import NumpyEngine
from ..errors import OF_OTHERS, Rounds, Unsupported, first_line
from .language import Array, Arrays, Function, Language, Reading, entry_names


class Subject:
    """A function under test at a base point.

    Args:
        language: of the engine.
        function: takes one array for each argument.
        names: of the arguments.
        arrays: the base point.
        mode: ``reverse`` or ``forward``, how the engine is asked for derivatives.

    Attributes:
        unit: relative rounding of one value: of the widest type, or of one to which it rounds within.
        unattached: whether the engine knew of no output that depends on an argument when it was asked last; its
            derivatives are 0 then.
    """

    def __init__(
        self, language: Language, function: Function, names: Sequence[str], arrays: Arrays, mode: str = "reverse"
    ) -> None:
        self.language, self.function, self.mode = language, function, mode
        self.argument_names, self.arrays = tuple(names), [np.asarray(a) for a in arrays]
        self.names = entry_names(names, self.arrays)
        self.dtype = np.result_type(*(a.dtype for a in self.arrays))
        self.base, self.unattached = flat(self.arrays), False
        self.unit = float(np.finfo(self.dtype).eps) if self.dtype.kind == "f" else 0.0
        self._rows: dict[int, tuple[float, Array]] = {}

    @property
    def name(self) -> str:
        """What the function's author calls it."""
        return str(getattr(self.function, "__name__", type(self.function).__name__))

    @property
    def called(self) -> str:
        """The function's name and its arguments."""
        return f"{self.name}({', '.join(self.argument_names)})"

    def session(self) -> Any:
        """The library's state for this function's arrays."""
        return self.language.session(self.dtype)

    def read(self) -> Reading:
        """The function's operations.

        Raises:
            Unsupported: they have no meaning here, or what was read does not return the function's values.
        """
        try:
            with self.session():
                reading = self.language.read(self.function, self.arrays, self.names)
        except Unsupported as error:
            self.unit = max(self.unit, error.unit) if isinstance(error, Rounds) else self.unit
            raise
        except OF_OTHERS as error:
            raise Unsupported(first_line(error)) from error
        self._compare(reading)
        return reading

    def _compare(self, reading: Reading) -> None:
        """Compare values beside the base point, where a number read as a constant would show."""
        indices = [cell.index for cell in reading.cells]
        tape = reading.recorder.tape(max(indices, default=0))
        generator = np.random.default_rng(0)
        part = generator.uniform(-1, 1, self.base.shape) / 64
        for way in (1, -1):  # to both sides: max(x, 0) read as a constant is right to one
            moved = np.where(self.base == 0, way * part, self.base * (1 + way * part))
            moved = flat(self.shaped(moved))
            values = NumpyEngine().values(tape, dict(zip(self.names, moved, strict=True)), self.dtype)
            ours, theirs = np.array([float(values[i]) for i in indices]), flat(self.values(moved))
            if ours.shape != theirs.shape:
                raise Unsupported("it returns another number of values at another point")
            size = max([1.0, *(abs(v) for v in values if np.isfinite(v))])
            with np.errstate(invalid="ignore"):
                off = np.abs(ours - theirs) > 2.0**20 * np.finfo(self.dtype).eps * size
            if np.any(off & np.isfinite(ours) & np.isfinite(theirs)):
                raise Unsupported("its operations, as they were read, do not return its values at a point nearby")

    def values(self, point: Array | None = None) -> list[Array]:
        """The arrays that the function returns at a flat point."""
        with self.session():
            return self.language.value(self.function, self.shaped(self.base if point is None else point))

    @property
    def entries(self) -> int:
        """How many numbers the function returns."""
        return sum(values.size for values in self.values())

    def values_at(self, entry: int, points: Sequence[Array]) -> Array:
        """One entry of the output of a function that was read, at many flat points."""
        with self.session():
            run = self.language.repeated(self.function, self.arrays)
            return np.array([flat(run(self.shaped(point)))[entry] for point in points])

    def along(self, j: int, numbers: Array, point: Array) -> Array:
        """All entries of the output where entry j of a flat point takes each of M numbers; of shape (M, entries).

        They are nan where the function raises an error, as math.sqrt does beyond its domain, or returns other shapes.

        Raises:
            Exception: what the function raises, if it does so everywhere.
        """
        rows: list[Array | None] = []
        failure = None
        for x in numbers:
            at = point.copy()
            at[j] = x
            try:
                rows.append(flat(self._repeated(at)))
            except OF_OTHERS as error:
                rows.append(None)
                failure = failure or error
        size = next((len(row) for row in rows if row is not None), None)
        if size is None and failure is not None:
            raise failure
        return np.array([row if row is not None and len(row) == size else np.full(size or 0, np.nan) for row in rows])

    @cached_property
    def _repeated(self) -> Callable[[Array], list[Array]]:
        """As :meth:`values`, for many points: what takes time but once is done, if it changes nothing.

        A function that draws numbers of its own, or branches on those that it is given, is called anew each time.
        """
        try:
            with self.session():
                run = self.language.repeated(self.function, self.arrays)
                for factor in (1.0, 1.0 + 2.0**-7, 1.0 - 2.0**-9):
                    arrays = self.shaped(self.base * factor)
                    anew = self.language.value(self.function, arrays)
                    if not np.array_equal(flat(run(arrays)), flat(anew), equal_nan=True):
                        return self.values
        except OF_OTHERS:
            return self.values

        def repeated(point: Array) -> list[Array]:
            with self.session():
                return run(self.shaped(point))

        return repeated

    def row(self, entry: int, point: Array) -> tuple[float, Array]:
        """The value of one entry of the output, and its derivative by every entry of the input."""
        at_base = np.array_equal(point, self.base)
        if at_base and entry in self._rows:
            return self._rows[entry]
        with self.session():
            (found,) = self._rows_of([entry], point)
        if at_base:
            self._rows[entry] = found
        return found

    def higher(self, entry: int, point: Array, j: int, order: int) -> float:
        """The derivative of an order from 2 of one entry of the output, by entry j of a flat point alone."""
        arrays = self.shaped(point)
        starts = np.cumsum([0, *(a.size for a in arrays)])
        k = int(np.searchsorted(starts, j, "right")) - 1
        with self.session():
            function = self.function
            for step in range(order):
                function = self.language.sloped(function, 0 if step else entry, k, j - int(starts[k]))
            return float(flat(self.language.value(function, arrays))[0])

    def jacobian(self, entries: int) -> None:
        """Compute the rows of all entries at the base point at once."""
        with self.session():
            self._rows = dict(enumerate(self._rows_of(range(entries), self.base)))

    def _rows_of(self, entries: Sequence[int], point: Array) -> list[tuple[float, Array]]:
        return self._forward(entries, point) if self.mode == "forward" else self._reverse(entries, point)

    def _reverse(self, entries: Sequence[int], point: Array) -> list[tuple[float, Array]]:
        arrays = self.shaped(point)
        found = self._pulled(entries, arrays)
        units = np.concatenate([np.full(a.size, self._lost_unit(a.dtype)) for a in arrays])
        if not units.any():
            return found
        unattached = self.unattached
        try:
            wide = self._pulled(entries, [a.astype(self.dtype) for a in arrays])
        except OF_OTHERS:  # the function asks for the types that it was given
            return found
        finally:
            self.unattached = unattached
        return [(value, _unrounded(g, w, units)) for (value, g), (_, w) in zip(found, wide, strict=True)]

    def _lost_unit(self, dtype: np.dtype[Any]) -> float:
        """The unit of a type that is narrower than the widest of the arguments; 0 of that itself."""
        return float(np.finfo(dtype).eps) if dtype.kind == "f" and dtype != self.dtype else 0.0

    def _pulled(self, entries: Sequence[int], arrays: Arrays) -> list[tuple[float, Array]]:
        values, pull = self.language.vjp(self.function, arrays)
        value, found = flat(values), []
        for entry in entries:
            cotangent = np.zeros_like(value)
            cotangent[entry] = 1
            pulled = pull(split(cotangent, [v.shape for v in values]))
            self.unattached = pulled is None
            gradient = np.zeros_like(flat(arrays)) if pulled is None else _real(flat(pulled))
            found.append((float(value[entry]), gradient))
        return found

    def _forward(self, entries: Sequence[int], point: Array) -> list[tuple[float, Array]]:
        value = flat(self.language.value(self.function, self.shaped(point)))
        columns = [flat(self._tangent(j, point)) for j in range(len(point))]
        return [(float(value[i]), np.array([c[i] for c in columns])) for i in entries]

    def _tangent(self, j: int, point: Array) -> list[Array]:
        direction = np.zeros_like(point)
        direction[j] = 1
        return [_real(t) for t in self.language.jvp(self.function, self.shaped(point), self.shaped(direction))]

    def there(self, point: Array, function: Function | None = None) -> Subject:
        """The function, or another one of its arguments, with a flat point in place of the arrays that were given."""
        return Subject(self.language, function or self.function, self.argument_names, self.shaped(point), self.mode)

    def shaped(self, point: Array) -> list[Array]:
        """A flat point as arrays of the arguments' shapes and types."""
        pieces = split(np.asarray(point), [a.shape for a in self.arrays])
        return [p.astype(a.dtype) for p, a in zip(pieces, self.arrays, strict=True)]


def flat(arrays: Arrays) -> Array:
    """All entries of all arrays in one row."""
    return np.concatenate([np.asarray(a).reshape(-1) for a in arrays]) if arrays else np.zeros(0)


def _real(derivative: Array) -> Array:
    if np.iscomplexobj(derivative):
        raise TypeError("the engine returned complex numbers for the derivative of a real function")
    return derivative


def _unrounded(gradient: Array, wide: Array, units: Array) -> Array:
    """A gradient as it was before its entries were rounded to the types of narrower inputs.

    Args:
        wide: the same where all inputs are of the widest type.
        units: of each entry's type; 0 of the widest.
    """
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(gradient - wide) <= units * np.abs(wide), wide, gradient)


def split(row: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """A row as arrays of these shapes."""
    found, first = [], 0
    for shape in shapes:
        size = int(np.prod(shape))
        found.append(row[first : first + size].reshape(shape))
        first += size
    return found
