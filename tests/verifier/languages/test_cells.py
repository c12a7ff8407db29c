"""Arrays of cells against NumPy on numbers."""

from __future__ import annotations

import numpy as np
import pytest

from gradjury.engine.sweep import Execution
from gradjury.verifier.errors import Unsupported
from gradjury.verifier.languages.cells import Sheet, both, boxed, differ, each, either, opposite, truth

NAMES = [f"x{k}" for k in range(12)]
POINT = {name: 0.5 + k for k, name in enumerate(NAMES)}
NUMBERS = np.array([POINT[name] for name in NAMES])


def values(sheet: Sheet, cells) -> np.ndarray:
    """What the cells are at POINT."""
    cells = each(sheet.lift, boxed(cells))
    run = Execution(sheet.recorder.tape(0))
    run.forward(POINT)
    return np.array([run.values[c.index] for c in cells.flat], float).reshape(cells.shape)


def add(sheet: Sheet):
    return lambda a, b: sheet.apply("add", a, b)


@pytest.mark.parametrize("axes", [None, (0,), (1,), (-1,), (0, 2), (0, 1, 2)])
def test_a_sum_over_axes_is_numpys(axes: tuple[int, ...] | None) -> None:
    sheet = Sheet(NAMES)
    (cells,) = sheet.inputs([(2, 2, 3)])
    assert np.array_equal(values(sheet, sheet.sum(cells, axes)), NUMBERS.reshape(2, 2, 3).sum(axes))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("shape", "axis"), [((12,), 0), ((3, 4), 0), ((3, 4), 1)])
def test_a_running_sum_is_numpys(shape: tuple[int, ...], axis: int, reverse: bool) -> None:
    sheet = Sheet(NAMES)
    (cells,) = sheet.inputs([shape])
    numbers = NUMBERS.reshape(shape)
    expected = np.flip(np.cumsum(np.flip(numbers, axis), axis), axis) if reverse else np.cumsum(numbers, axis)
    assert np.array_equal(values(sheet, sheet.scan(add(sheet), cells, axis, reverse)), expected)


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (3, 2)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (3,)), ((1, 2, 2), (1, 2, 3))]
)
def test_a_product_of_matrices_is_numpys(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    sheet = Sheet(NAMES)
    a, b = sheet.inputs([left, right])
    split = int(np.prod(left))
    numbers = NUMBERS[:split].reshape(left), NUMBERS[split : split + int(np.prod(right))].reshape(right)
    assert np.allclose(values(sheet, sheet.matmul(a, b)), np.matmul(*numbers), rtol=1e-15, atol=0)


def test_operations_broadcast() -> None:
    sheet = Sheet(NAMES)
    a, b = sheet.inputs([(3, 1), (4,)])
    expected = NUMBERS[:3].reshape(3, 1) * NUMBERS[3:7]
    assert np.array_equal(values(sheet, sheet.map("mul", a, b)), expected)


def test_a_cell_and_itself_are_compared_at_once() -> None:
    sheet = Sheet(["x", "y"])
    x, y = sheet.inputs([(2,)])[0]
    assert sheet.compare("<=", x, x) is True
    assert sheet.compare("!=", x, x) is False
    assert sheet.compare("<", 1.0, 2.0) is True
    with pytest.raises(Unsupported, match="branches on a value"):
        truth(sheet.compare("<", x, y))


@pytest.mark.parametrize("p", [False, True])
@pytest.mark.parametrize("q", [False, True])
def test_conditions_join_decided_or_not(p: bool, q: bool) -> None:
    sheet = Sheet(NAMES)
    x, y = sheet.inputs([(2,)])[0]
    less = sheet.compare("<" if p else ">", x, y)  # x0 < x1 at POINT
    for joined, expected in (
        (both(less, q), p and q),
        (both(q, less), p and q),
        (either(less, q), p or q),
        (differ(less, q), p != q),
        (opposite(less), not p),
        (both(less, less), p),
    ):
        assert values(sheet, sheet.lift(joined)) == expected


def test_a_reduction_of_nothing_is_refused() -> None:
    sheet = Sheet([])
    assert sheet.sum(np.empty(0, object)).item() == 0
    with pytest.raises(Unsupported, match="no numbers"):
        sheet.fold(add(sheet), np.empty(0, object))


def test_maximum_with_minus_infinity_is_no_operation() -> None:
    sheet = Sheet(["x"])
    x = sheet.inputs([()])[0].item()
    assert sheet.apply("maximum", float("-inf"), x).index == x.index
    assert sheet.apply("maximum", float("inf"), x).index != x.index


def test_the_limit_of_operations_holds() -> None:
    sheet = Sheet(["x"])
    x = sheet.inputs([()])[0].item()
    for _ in range(20_000):
        x = sheet.apply("sin", x)
    with pytest.raises(Unsupported, match="more than 20,000 operations"):
        sheet.apply("sin", x)
