"""One grammar of random composite functions, whose decisions come from a seed or from Hypothesis.

A function grows from its variables: again and again a primitive is chosen and given arguments among the nodes
that exist, those without a use first. Every node carries an interval that holds its values over the box of
the variables; a primitive is applied only where the intervals of its arguments lie inside one of its windows
(see :mod:`~gradjury.properties.region`), if need be after a scaling and a shift by simple constants, which is
how narrow domains such as those of ``acosh`` or ``erfinv`` are reached from anywhere. At last the nodes
without a use are joined, so that everything that was computed matters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ..engine import REGISTRY, Primitive, Recorder, Tape
from ..engine.tape import constant_as_float
from ..verifier import write
from .choices import Choices
from .fitting import LARGEST, Affine, fit, range_of, simple
from .region import Box, Interval
from .vocabulary import Use, Word, chosen, words

#: Boxes of the variables, simplest first.
BOXES: tuple[Interval, ...] = (
    (-2.0, 2.0),
    (-1.0, 1.0),
    (0.5, 2.0),
    (1.0, 4.0),
    (0.25, 1.5),
    (-3.0, -0.5),
    (0.0, 1.0),
)
STEEPEST = 1e4  # and a slope that would leave fewer than 12 digits after rounding of the arguments
ATTEMPTS = 6  # at a step, before it is made simple

# Nearly always the common words of mathematics, or else sums and products would drown in special functions.
COMMON = ("add", "mul", "sub", "div", "powc")
COMMON_SHARE = 0.3
FRESH_SHARE = 0.35  # of arguments that are taken from nodes without a use,
SHARING = 0.9  # and of the others those from operations with one use: about a quarter end up shared
CONSTANT_SHARE = 0.12  # of arguments of operations with several, that are constants


class Number(NamedTuple):
    """A number as an argument (and not the index of a node)."""

    value: Fraction | str


class Composite(NamedTuple):
    """A random composite function and where it may be evaluated.

    Attributes:
        tape: the function.
        box: for each variable the interval from which ordinary points are drawn.
        ranges: for each node of the tape an interval that holds its values over the box (by sampling and a
            margin, so it is a guide and not a proof).
    """

    tape: Tape
    box: dict[str, Interval]
    ranges: tuple[Interval, ...]

    def __repr__(self) -> str:  # what Hypothesis shows where a test fails
        box = ", ".join(f"{name} in [{low}, {high}]" for name, (low, high) in self.box.items())
        return f"<Composite: {write(self.tape)} for {box}>"


def composite(
    choices: Choices,
    *,
    variables: tuple[int, int] = (1, 6),
    nodes: tuple[int, int] = (3, 60),
    primitives: Iterable[str | type[Primitive]] | None = None,
    kinks: bool = True,
    specials: bool = True,
) -> Composite:
    """A random composite function.

    Args:
        choices: who decides.
        variables: fewest and most inputs, between 1 and 24.
        nodes: fewest and most nodes of the tape: inputs, constants and operations together.
        primitives: names or classes to choose from, all if None. ``add``, ``mul`` and ``neg`` may occur
            beside them: arguments are scaled and shifted into domains, and loose ends are joined.
        kinks: whether ``abs``, ``maximum``, ``floor`` and their like may be used where they have kinks.
        specials: whether special functions may be used when ``primitives`` does not name them.

    Raises:
        ValueError: bounds that no function meets, or unknown primitives.
    """
    check_bounds(variables, nodes)
    vocabulary = words(chosen(tuple(primitives) if primitives is not None else None, specials), kinks)
    most = min(variables[1], (nodes[1] + 1) // 2)
    count = choices.integer(variables[0], most)
    names = ("x", "y", "z", "u", "v", "w")[:count] if count <= 6 else tuple("abcdfghjklmnopqrstuvwxyz")[:count]
    growth = _Growth(choices, names, vocabulary)
    with np.errstate(all="ignore"):
        # Before each step a coin, whose odds make all sizes about equally likely, and not a size drawn at the
        # start: a shrinker can then take a step out of the middle.
        last, size = nodes[0] - 1, growth.size()
        while size < nodes[1] and (size < nodes[0] or choices.coin((nodes[1] - size) / (nodes[1] - last))):
            growth.step(nodes[1] - size)
            last, size = max(size, last), growth.size()
        output = growth.join()
    tape = growth.recorder.tape(output)
    box = dict(zip(names, growth.ranges, strict=False))
    return Composite(tape, box, tuple(growth.ranges))


def check_bounds(variables: tuple[int, int], nodes: tuple[int, int]) -> None:
    """Refuse bounds that no function meets, in words that say which are legal.

    Raises:
        ValueError: they are such bounds.
    """
    for name, bounds in (("variables", variables), ("nodes", nodes)):
        pair = isinstance(bounds, (tuple, list)) and len(bounds) == 2
        if not pair or not all(isinstance(n, (int, np.integer)) for n in bounds):
            raise ValueError(f"{name}={bounds!r}; expected two whole numbers, (fewest, most)")
    if not 1 <= variables[0] <= variables[1] <= 24:
        raise ValueError(f"variables={variables!r}; expected (fewest, most) with 1 <= fewest <= most <= 24")
    if not 2 <= nodes[0] <= nodes[1]:
        raise ValueError(f"nodes={nodes!r}; expected (fewest, most) with 2 <= fewest <= most")
    if 2 * variables[0] - 1 > nodes[0]:
        raise ValueError(
            f"variables={variables!r} and nodes={nodes!r}: joining {variables[0]} variables takes "
            f"{2 * variables[0] - 1} nodes at least"
        )


class _Growth:
    """A function while it grows: its recorder, and for each node its range, steepness and whether it is used."""

    def __init__(self, choices: Choices, names: tuple[str, ...], vocabulary: tuple[Word, ...]) -> None:
        self.choices = choices
        self.vocabulary = vocabulary
        self.common = tuple(w for w in vocabulary if w.primitive.name in COMMON)
        self.recorder = Recorder(names)
        self.ranges: list[Interval] = [choices.pick(BOXES) for _ in names]
        self.steepness = [1.0] * len(names)
        self.pool = list(range(len(names)))  # nodes that may be arguments: no constants
        self.fresh = list(range(len(names)))  # those of them that nothing uses yet
        self.single: list[int] = []  # operations that are used once

    def size(self) -> int:
        """Nodes of the tape if it were finished now."""
        return len(self.recorder.nodes) + len(self.fresh) - 1

    def step(self, room: int) -> None:
        """Apply one more primitive, adding at most ``room`` to the size and never nothing for ever."""
        for _ in range(ATTEMPTS):
            if self._try(room):
                return
        self._record(REGISTRY["neg"], (self.choices.pick(self.fresh),))

    def _try(self, room: int) -> bool:
        choices = self.choices
        pool = self.common if self.common and choices.coin(COMMON_SHARE) else self.vocabulary
        if not pool:
            return False
        word = choices.pick(pool)
        use = choices.pick(word.uses)
        box = choices.pick(use.boxes)
        if word.arity == 1:
            box = self._sharpened(box)
        nodes = self._arguments(word, box)
        if nodes is None:
            return False
        maps = [
            None if isinstance(node, Number) else fit(self.ranges[node], window, choices)
            for node, window in zip(nodes, box, strict=True)
        ]
        taken = {node for node in nodes if not isinstance(node, Number) and node in self.fresh}
        glue = sum(0 if m is None else m.cost for m in maps)
        cost = 1 + len(use.orders) + maps.count(None) + glue + 1 - len(taken)
        if cost > room or (glue > 2 and choices.coin(0.6)):
            return False  # too large, or mostly scaling and shifting
        images: list[Interval] = []
        steepness = []
        for node, affine in zip(nodes, maps, strict=True):
            if isinstance(node, Number) or affine is None:
                assert isinstance(node, Number)
                value = constant_as_float(node.value)
                images.append((value, value))
                steepness.append(0.0)
            else:
                images.append(affine.image)
                steepness.append(self.steepness[node] * abs(float(affine.scale)))
        found = range_of(word, use, images)
        if found is None:
            return False
        interval, slopes = found
        steep = sum(s * t for s, t in zip(slopes, steepness, strict=True))
        if steep > STEEPEST:
            return False
        arguments = tuple(self._adapt(n, m) for n, m in zip(nodes, maps, strict=True))
        orders = tuple(self._constant(order) for order in use.orders)
        self._add(word.primitive, use, orders, arguments, interval, steep)
        return True

    def _sharpened(self, box: Box) -> Box:
        """A narrower part of a wide window now and then: the same function at another scale."""
        (low, high) = box[0]
        if high - low > 2 and self.choices.coin(0.3):
            low = float(self.choices.integer(math.ceil(low), math.floor(high) - 1))
            return ((low, low + 1),)
        return box

    def _arguments(self, word: Word, box: Box) -> list[int | Number] | None:
        """A node for each argument, or a number for one; None where there are too few nodes."""
        choices = self.choices
        arguments: list[int | Number] = []
        constant = word.arity > 1 and choices.coin(CONSTANT_SHARE * word.arity)
        where = choices.integer(0, word.arity - 1) if constant else -1
        for position, window in enumerate(box):
            node = self._node(window)
            if position == where:
                arguments.append(Number(simple(*window, choices, named=True)))
            elif node in arguments and word.primitive.name != "mul":
                # f(x, x) is flat or worse for most f (x - x, x/x): any other node will do.
                others = [n for n in self.pool if n not in arguments]
                if others:
                    arguments.append(choices.pick(others))
                elif where < 0:
                    arguments.append(Number(simple(*window, choices, named=True)))
                    where = position
                else:
                    return None
            else:
                arguments.append(node)
        return arguments

    def _node(self, window: Interval) -> int:
        """A node for an argument; of two, rather the one that fits its window as it is."""
        choices = self.choices
        for _ in range(2):
            if choices.coin(FRESH_SHARE):
                node = choices.pick(self.fresh)
            elif self.single and choices.coin(SHARING):
                node = choices.pick(self.single)
            else:
                node = choices.pick(self.pool)
            low, high = self.ranges[node]
            if window[0] <= low and high <= window[1]:
                break
        return node

    def _constant(self, value: Fraction | str) -> int:
        index = self.recorder.constant(value)
        if index == len(self.ranges):
            as_float = constant_as_float(value)
            self.ranges.append((as_float, as_float))
            self.steepness.append(0.0)
        return index

    def _adapt(self, node: int | Number, affine: Affine | None) -> int:
        """The node scaled and shifted, or the constant, recorded."""
        if isinstance(node, Number) or affine is None:
            assert isinstance(node, Number)
            return self._constant(node.value)
        index = node
        self._used(index)
        low, high = self.ranges[index]
        if affine.scale == -1:
            index = self._append(REGISTRY["neg"], (index,), (), (-high, -low), self.steepness[index])
        elif affine.scale != 1:
            scale = float(affine.scale)
            interval = (low * scale, high * scale) if scale > 0 else (high * scale, low * scale)
            args = (self._constant(affine.scale), index)
            index = self._append(REGISTRY["mul"], args, (), interval, self.steepness[index] * abs(scale))
        if affine.shift:
            args = (index, self._constant(affine.shift))
            index = self._append(REGISTRY["add"], args, (), affine.image, self.steepness[index])
        if index != node:
            self.pool.append(index)
            self.single.append(index)
        return index

    def _used(self, index: int) -> None:
        if index in self.fresh:
            self.fresh.remove(index)
            if index >= len(self.recorder.inputs):
                self.single.append(index)
        elif index in self.single:
            self.single.remove(index)

    def _append(
        self,
        primitive: type[Primitive],
        args: tuple[int, ...],
        consts: tuple[Any, ...],
        interval: Interval,
        steep: float,
    ) -> int:
        index = self.recorder.add(primitive, args, consts)
        self.ranges.append(interval)
        self.steepness.append(steep)
        return index

    def _add(
        self,
        primitive: type[Primitive],
        use: Use,
        orders: tuple[int, ...],
        arguments: tuple[int, ...],
        interval: Interval,
        steep: float,
    ) -> None:
        """Record the operation itself; its result is fresh."""
        given, fixed = iter(arguments), iter(orders)
        args = tuple(next(fixed) if name in primitive.opaque else next(given) for name in primitive.arguments)
        index = self._append(primitive, args, use.consts, interval, steep)
        self.pool.append(index)
        self.fresh.append(index)

    def _record(self, primitive: type[Primitive], args: tuple[int, ...]) -> None:
        """Record an arithmetic operation whatever the size of its result."""
        use = Use((), (), ())
        found = range_of(Word(primitive, (use,), len(args)), use, [self.ranges[a] for a in args], LARGEST**4, 0.0)
        interval = found[0] if found else (-LARGEST, LARGEST)
        for argument in args:
            self._used(argument)
        self._add(primitive, use, (), args, interval, sum(self.steepness[a] for a in args))

    def join(self) -> int:
        """Join the nodes without a use, two by two, and return the output."""
        names = {w.primitive.name for w in self.vocabulary}
        joints = [REGISTRY[n] for n in ("add", "mul", "sub") if n in names] or [REGISTRY["add"]]
        while len(self.fresh) > 1:
            joint = self.choices.pick(joints)
            pair = tuple(self.fresh[:2])
            if joint.name == "mul" and math.prod(max(map(abs, self.ranges[p])) for p in pair) > LARGEST:
                joint = REGISTRY["add"]
            self._record(joint, pair)
        return self.fresh[0]
