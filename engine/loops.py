"""The two loops in which the sweeps spend their time: values forward, adjoints in reverse.

They are :mod:`.sweep` where nothing is traced, moved off a tie or overridden, and do what it does for one node, for all
of them. Operations with one or two arguments are written out, since a loop over so few costs more than the arithmetic
on a number does; primitives are looked up in a dictionary, since a class takes twice as long to find its functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from .primitive import Primitive
from .tape import Constant, Tape

Functions = Mapping[type[Primitive], Callable[..., Any]]
#: The constants of a node by name.
Constants = Callable[[int], Mapping[str, Any]]


def values_forward(tape: Tape, values: list[Any], forward: Functions, constants: Constants) -> None:
    """Append the value of every node to those of the inputs; ``forward`` of a Constant takes what its node holds."""
    append = values.append
    for primitive, args, consts, _ in islice(tape.nodes, len(values), None):
        if consts:
            if primitive is Constant:
                append(forward[primitive](consts[0]))
            else:
                append(forward[primitive](*[values[a] for a in args], **constants(len(values))))
        elif len(args) == 1:
            append(forward[primitive](values[args[0]]))
        elif len(args) == 2:
            a, b = args
            append(forward[primitive](values[a], values[b]))
        else:
            append(forward[primitive](*[values[a] for a in args]))


def adjoints_back(
    tape: Tape,
    values: list[Any],
    adjoints: list[Any],
    derivative: Functions,
    constants: Constants,
    accumulate: Callable[[Any, Any], Any],
    kept: list[Any] | None,
) -> None:
    """Fill in the adjoints of all nodes between the output, whose adjoint is known, and the inputs.

    A factor 1 of a sum or a difference is not multiplied with: the product would be a copy.

    Args:
        kept: where the local derivatives of every node are put, as its rule returns them. If None, neither these nor
            values and adjoints stay.
    """
    nodes, active = tape.nodes, tape.active
    if not active[tape.output]:
        return
    for i in range(tape.output, len(tape.inputs) - 1, -1):
        adjoint = adjoints[i]
        if adjoint is None:
            continue
        primitive, args, consts, _ = nodes[i]
        if len(args) == 2 and not consts:
            a, b = args
            by_a, by_b = derivative[primitive](values[a], values[b], values[i])
            if kept is not None:
                kept[i] = by_a, by_b
            if active[a]:
                product = adjoint if by_a.__class__ is float and by_a == 1.0 else adjoint * by_a
                known = adjoints[a]
                adjoints[a] = product if known is None else accumulate(known, product)
            if active[b]:
                product = adjoint if by_b.__class__ is float and by_b == 1.0 else adjoint * by_b
                known = adjoints[b]
                adjoints[b] = product if known is None else accumulate(known, product)
        elif len(args) == 1:
            (a,) = args
            if consts:
                partial = derivative[primitive](values[a], values[i], **constants(i))
            else:
                partial = derivative[primitive](values[a], values[i])
            if kept is not None:
                kept[i] = partial
            product = adjoint * partial
            known = adjoints[a]
            adjoints[a] = product if known is None else accumulate(known, product)
        else:
            named = constants(i) if consts else {}
            partials = tuple(derivative[primitive](*[values[a] for a in args], values[i], **named))
            if kept is not None:
                kept[i] = partials
            for a, partial in zip(args, partials, strict=True):
                if active[a]:
                    known, product = adjoints[a], adjoint * partial
                    adjoints[a] = product if known is None else accumulate(known, product)
        if kept is None:
            values[i] = adjoints[i] = None
