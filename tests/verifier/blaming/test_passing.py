"""Rules that are right by themselves and lose what arrives at them: a small reverse mode with such slips or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest

import gradjury as gj
from gradjury.verifier.engines.common import Table

Backward = Callable[..., tuple[Any, ...]]


class Box:
    """An array on a graph: the boxes that it came from, and its rule for what arrives."""

    def __init__(self, data: Any, parents: tuple[Box, ...] = (), backward: Any = None) -> None:
        self.data, self.parents, self.backward, self.grad = np.asarray(data), parents, backward, 0.0


def operation(forward: Callable[..., Any], backward: Backward) -> Callable[..., Box]:
    def call(*given: Any) -> Box:
        boxes = tuple(x if isinstance(x, Box) else Box(x) for x in given)
        data = [box.data for box in boxes]
        return Box(forward(*data), boxes, lambda gy: backward(gy, *data))

    return call


def swept(output: Box) -> None:
    order: list[Box] = []

    def visit(box: Box) -> None:
        if box not in order:
            for parent in box.parents:
                visit(parent)
            order.append(box)

    visit(output)
    output.grad = np.ones_like(output.data)
    for box in reversed(order):
        for parent, g in zip(box.parents, box.backward(box.grad) if box.parents else (), strict=False):
            parent.grad = parent.grad + g


RIGHT: dict[str, Callable[..., Box]] = {
    "add": operation(np.add, lambda gy, _x, _y: (gy, gy)),
    "sub": operation(np.subtract, lambda gy, _x, _y: (gy, -gy)),
    "mul": operation(np.multiply, lambda gy, x, y: (gy * y, gy * x)),
    "sin": operation(np.sin, lambda gy, x: (gy * np.cos(x),)),
    "square": operation(np.square, lambda gy, x: (gy * 2 * x,)),
}


def engine(sweep: Callable[[Box], None] = swept, **slips: Callable[..., Box]) -> gj.TapeRunner:
    class Boxes(gj.TapeRunner):
        name, version = "boxes", "1"
        table: ClassVar[Table] = {**RIGHT, **slips}

        def array(self, numbers: Any) -> Box:
            return Box(numbers)

        def numbers(self, array: Box) -> Any:
            return array.data

        def differentiate(self, function: Any, inputs: list[Box]) -> Any:
            output = function(*inputs)
            sweep(output)
            return output, [x.grad for x in inputs]

    return Boxes()


TEXT = "square(sin(x)*y + x)*(x - 5*y)"
AT = {"x": [0.7, 1.9], "y": 1.3}


def test_the_engine_without_a_slip_agrees() -> None:
    assert gj.verify(TEXT, at=AT, engine=engine()).verdict == "agree"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("name", "slip", "argument"),
    [
        ("square", operation(np.square, lambda _gy, x: (2 * x,)), 0),  # forgets what arrives
        ("square", operation(np.square, lambda gy, x: (np.clip(gy, -1, 1) * 2 * x,)), 0),
        ("sin", operation(np.sin, lambda gy, x: (np.sqrt(np.abs(gy)) * np.cos(x),)), 0),
        ("mul", operation(np.multiply, lambda gy, x, y: (gy * y, x)), 1),
        ("add", operation(np.add, lambda gy, _x, _y: (gy, np.ones_like(gy))), 1),
    ],
)
def test_a_rule_that_loses_what_arrives_is_to_blame(
    name: str, slip: Callable[..., Box], argument: int, dtype: str
) -> None:
    found = gj.verify(TEXT, at=AT, engine=engine(**{name: slip}), dtype=dtype)
    assert found.verdict == "wrong"
    assert found.blame is not None
    assert (found.blame.kind, found.blame.primitive, found.blame.argument) == ("rule", name, argument)
    smallest = gj.verify(found.blame.minimal, at=found.blame.at, engine=engine(**{name: slip}), dtype=dtype)
    assert smallest.verdict == "wrong"
    assert len(smallest.tape.operations) == 2
    assert gj.verify(found.blame.minimal, at=found.blame.at, engine=engine(), dtype=dtype).verdict == "agree"


def test_a_sweep_that_multiplies_nothing_is_no_rules_fault() -> None:
    def unchained(output: Box) -> None:
        def visit(box: Box) -> None:
            for parent, g in zip(box.parents, box.backward(1.0) if box.parents else (), strict=False):
                parent.grad = parent.grad + g
                visit(parent)

        visit(output)

    found = gj.verify("square(sin(x)*y)", at=AT, engine=engine(unchained))
    assert found.verdict == "wrong"
    assert found.blame is not None
    assert (found.blame.kind, found.blame.primitive) == ("accumulation", None)


def test_an_engine_without_a_product_has_no_factor() -> None:
    lossy = engine(square=operation(np.square, lambda _gy, x: (2 * x,)))
    lossy._functions.pop("mul")
    found = gj.verify("sin(square(x) + 1)", at={"x": 0.7}, engine=lossy)
    assert found.verdict == "wrong"
    assert found.blame is not None
    assert found.blame.kind == "accumulation"
