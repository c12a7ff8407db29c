"""Parts of a tape: the function of a node, with other nodes cut off and made inputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any

from ...engine.primitive import REGISTRY
from ...engine.tape import Constant, Input, Recorder, Tape


def needed(tape: Tape, output: int, cuts: Collection[int] = (), instead: Mapping[int, int] | None = None) -> list[int]:
    """Indices, in order, of the nodes from which ``output`` is computed, cut nodes included but not their own past.

    Args:
        instead: nodes, each with an earlier one that is taken in its place.
    """
    wanted, instead = {output}, instead or {}
    for i in range(output, -1, -1):
        if i in wanted and (i not in cuts or i == output):
            wanted.update(instead.get(a, a) for a in tape.nodes[i].args)
    return sorted(wanted)


def subtape(
    tape: Tape,
    output: int,
    cuts: Sequence[int] = (),
    besides: Collection[int] = (),
    instead: Mapping[int, int] | None = None,
) -> tuple[Tape, tuple[int, ...]]:
    """The function computed by node ``output`` when the nodes ``cuts`` are free variables.

    Args:
        besides: inputs that it keeps though it may not depend on them.
        instead: nodes, each with an earlier one that is taken in its place wherever it is an argument.

    Returns:
        the tape, and for each of its inputs the index of the node it stands for in the given tape.
    """
    instead = instead or {}
    kept = sorted({*needed(tape, output, cuts, instead), *besides})
    sources = [i for i in kept if i < len(tape.inputs) or (i in cuts and i != output)]
    names = _names(tape, sources)
    recorder = Recorder(names)
    index = {source: new for new, source in enumerate(sources)}
    for i in kept:
        if i in index:
            continue
        node = tape.nodes[i]
        if node.primitive is Constant:
            index[i] = recorder.constant(node.consts[0])
        else:
            args = tuple(index[instead.get(a, a)] for a in node.args)
            index[i] = recorder.add(node.primitive, args, node.consts)
    return recorder.tape(index[output]), tuple(sources)


def single(tape: Tape, i: int, scaled: bool = False) -> tuple[Tape, tuple[int | None, ...]]:
    """One operation alone: each of its arguments that moves is a variable of its own, even where two are one node.

    Args:
        scaled: whether one more variable is a factor behind it.

    Returns:
        the tape, and for each argument the index of its input, None where it is a constant.
    """
    node = tape.nodes[i]
    moves = [tape.nodes[a].primitive is not Constant for a in node.args]
    numbers = count()
    inputs = tuple(next(numbers) if moving else None for moving in moves)
    recorder = Recorder(_letters(sum(moves) + scaled))
    args = tuple(
        recorder.constant(tape.nodes[a].consts[0]) if new is None else new
        for a, new in zip(node.args, inputs, strict=True)
    )
    output = recorder.add(node.primitive, args, node.consts)
    if scaled:
        output = recorder.add(REGISTRY["mul"], (output, sum(moves)))
    return recorder.tape(output), inputs


def _letters(amount: int) -> list[str]:
    return list("xyzw")[:amount] if amount <= 4 else [f"x{i + 1}" for i in range(amount)]


def _names(tape: Tape, sources: Sequence[int]) -> list[str]:
    """Inputs keep their names; a cut node gets the author's name for it, or ``v`` and its number."""
    given = dict(tape.names)
    taken = set(tape.inputs)
    names = []
    for i in sources:
        node = tape.nodes[i]
        name = node.consts[0] if node.primitive is Input else given.get(i, f"v{i}")
        while node.primitive is not Input and name in taken:
            name += "_"
        taken.add(name)
        names.append(name)
    return names


def counterpart(tape: Tape, node: int, other: Tape) -> int | None:
    """Index on another tape of the node that computes the same from the same, None if it has none.

    Of several, each is the counterpart of the one in the same place among its like.
    """
    known: dict[Any, int] = {}
    ours, theirs = (_structure(t, known) for t in (tape, other))
    like = [i for i, number in enumerate(theirs) if number == ours[node]]
    return like[min(ours[:node].count(ours[node]), len(like) - 1)] if like else None


def _structure(tape: Tape, known: dict[Any, int]) -> list[int]:
    """A number for each node, equal for nodes that are the same operation on the same values."""
    numbers: list[int] = []
    for i, (primitive, args, consts, _) in enumerate(tape.nodes):
        key = tape.inputs[i] if primitive is Input else (primitive, tuple(numbers[a] for a in args), consts)
        numbers.append(known.setdefault(key, len(known)))
    return numbers
