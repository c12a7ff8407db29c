"""Hypothesis strategies for composite functions, their points, primitives and expressions.

They draw from the same grammar as campaigns do, and shrink towards few nodes, few variables and the first
primitives of a textbook::

    @given(strategies.composites(nodes=(3, 20)).flatmap(strategies.with_points))
    def test_my_engine(case):
        function, point = case
        ...
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from ..engine import Primitive
from ..verifier.reading.printer import write
from .choices import Drawn
from .grammar import Composite, check_bounds, composite
from .points import point
from .vocabulary import chosen, words

__all__ = ["composites", "expressions", "points", "primitives", "with_points"]


def composites(
    *,
    variables: tuple[int, int] = (1, 6),
    nodes: tuple[int, int] = (3, 60),
    primitives: Iterable[str | type[Primitive]] | None = None,
    kinks: bool = True,
    specials: bool = True,
) -> st.SearchStrategy[Composite]:
    """Random composite functions, each with the box in which it is well behaved.

    Args:
        variables: fewest and most inputs.
        nodes: fewest and most nodes: inputs, constants and operations.
        primitives: names or classes to choose from, all if None; ``add``, ``mul`` and ``neg`` may join them.
        kinks: whether operations may be used where they have kinks.
        specials: whether special functions may be used when ``primitives`` does not name them.

    Raises:
        ValueError: bounds that no function meets, or a primitive that does not exist.
    """
    check_bounds(variables, nodes)
    names = None if primitives is None else _named(primitives, kinks)

    @st.composite
    def strategy(draw: st.DrawFn) -> Composite:
        return composite(
            Drawn(draw), variables=variables, nodes=nodes, primitives=names, kinks=kinks, specials=specials
        )

    return strategy()


def _named(primitives: Iterable[str | type[Primitive]], kinks: bool) -> tuple[type[Primitive], ...]:
    """The primitives asked for, all of which the grammar can use."""
    if isinstance(primitives, str):
        raise ValueError(f"primitives={primitives!r} is one text; expected several names, such as ({primitives!r},)")
    classes = chosen(primitives, True)
    usable = {word.primitive for word in words(classes, kinks)}
    if lost := [primitive.name for primitive in classes if primitive not in usable]:
        raise ValueError(f"primitives names {', '.join(lost)}, which cannot be used with kinks={kinks}")
    return classes


def points(composite: Composite, *, special: bool | None = None) -> st.SearchStrategy[dict[str, float]]:
    """Points of a composite function: a float for each variable.

    Args:
        composite: the function, as :func:`composites` draws it.
        special: only special points (zeros, ties, edges of domains, tiny and huge values) if True, only
            ordinary ones in its box if False, both if None.

    Raises:
        ValueError: it is no composite function.
    """
    if not isinstance(composite, Composite):
        raise ValueError(f"points() got {type(composite).__name__}; expected a Composite, as composites() draws it")

    @st.composite
    def strategy(draw: st.DrawFn) -> dict[str, float]:
        choices = Drawn(draw)
        return point(choices, composite, choices.coin(0.5) if special is None else special)

    return strategy()


def with_points(
    composite: Composite, *, special: bool | None = None
) -> st.SearchStrategy[tuple[Composite, dict[str, float]]]:
    """A composite function together with one of its points, for ``composites().flatmap(with_points)``."""
    return st.tuples(st.just(composite), points(composite, special=special))


def primitives(*, kinks: bool = True, specials: bool = True) -> st.SearchStrategy[type[Primitive]]:
    """Primitives of the registry, simplest first.

    Args:
        kinks: whether those that only have points with kinks are among them.
        specials: whether special functions are.
    """
    return st.sampled_from([word.primitive for word in words(chosen(None, specials), kinks)])


def expressions(**options: Any) -> st.SearchStrategy[str]:
    """Composite functions as text that the reader accepts; options as for :func:`composites`."""
    return composites(**options).map(lambda drawn: write(drawn.tape))
