"""Showing that an expression is zero: cheap ways first, then simplification, then identities SymPy does not use.

An identity that is applied here is stated with its source. Nothing is concluded from numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from ..timelimit import TimeIsUp, time_limit


def vanishing(expression: Any, seconds: float) -> tuple[str | None, bool]:
    """The name of the first way that turns an expression into 0, or None; and whether all ways came to their end.

    Args:
        expression: in real symbols.
        seconds: for each way.
    """
    ended = True
    for name, way in WAYS.items():
        try:
            with time_limit(seconds):
                if any(form == 0 for form in way(expression)):
                    return name, True
        except TimeIsUp:
            ended = False
    return None, ended


def _expanded(e: Any) -> Iterator[Any]:
    yield e
    yield sp.expand(e)
    yield sp.numer(sp.together(e)).expand()


def _as_exponentials(e: Any) -> Iterator[Any]:
    if e.has(sp.sin, sp.cos, sp.tan):  # whose exponentials are complex
        return
    rewritten = sp.powsimp(e.rewrite(sp.exp))
    yield sp.numer(sp.together(rewritten)).expand().powsimp()
    yield sp.simplify(rewritten)


def _powers(e: Any) -> Iterator[Any]:
    yield sp.powsimp(sp.expand(sp.powdenest(sp.expand_power_base(e), force=False)))
    yield sp.numer(sp.together(sp.powsimp(e))).expand().powsimp()
    yield sp.radsimp(sp.simplify(e))


def _expanded_functions(e: Any) -> Iterator[Any]:
    yield sp.simplify(sp.expand_func(e))
    yield sp.gammasimp(e)


def _neighbouring_orders(e: Any) -> Iterator[Any]:
    """Cylinder functions and exponential integrals by the recurrence in their order (DLMF 10.6.1, 10.29.1, 8.19.12)."""
    for head, step in _RECURRENCES.items():
        for function in sorted(e.atoms(head), key=str):
            n, x = function.args
            if any(sp.expand(g.args[0] - n) == 1 for g in e.atoms(head)):
                e = e.xreplace({function: step(n, x)})
                yield sp.simplify(sp.expand(e))
    yield sp.simplify(sp.expand(e.xreplace({f: _positive_order(f) for f in e.atoms(sp.besselk)})))


_RECURRENCES: dict[Any, Callable[[Any, Any], Any]] = {
    sp.besselj: lambda n, x: 2 * (n + 1) / x * sp.besselj(n + 1, x) - sp.besselj(n + 2, x),
    sp.bessely: lambda n, x: 2 * (n + 1) / x * sp.bessely(n + 1, x) - sp.bessely(n + 2, x),
    sp.besseli: lambda n, x: 2 * (n + 1) / x * sp.besseli(n + 1, x) + sp.besseli(n + 2, x),
    sp.besselk: lambda n, x: sp.besselk(n + 2, x) - 2 * (n + 1) / x * sp.besselk(n + 1, x),
    sp.expint: lambda n, x: (sp.exp(-x) - n * sp.expint(n + 1, x)) / x,
}


def _positive_order(function: Any) -> Any:
    """K of order −n is K of order n (DLMF 10.27.3)."""
    n, x = function.args
    return sp.besselk(-n, x) if n.could_extract_minus_sign() else function


def _inverse_functions(e: Any) -> Iterator[Any]:
    """x as w·exp(w) where w is LambertW(x), as erf(w) where w is erfinv(x)."""
    for head, inverse in ((sp.LambertW, lambda w: w * sp.exp(w)), (sp.erfinv, sp.erf)):
        for function in e.atoms(head):
            w = sp.Dummy("w", real=True)
            moved = e.xreplace({function: w})
            if isinstance(function.args[0], sp.Symbol):
                yield sp.simplify(moved.xreplace({function.args[0]: inverse(w)}))
            elif isinstance(-function.args[0], sp.Symbol):
                yield sp.simplify(moved.xreplace({-function.args[0]: -inverse(w)}))


def _parity(e: Any) -> Iterator[Any]:
    """The integer floor(z) as 2m and as 2m + 1: both must vanish, so their squares are summed."""
    floors = sorted((f for f in e.atoms(sp.floor) if not f.args[0].has(sp.floor)), key=str)
    if not floors:
        return
    total = sp.S.Zero
    for odd in (0, 1):
        m = sp.Dummy("m", integer=True)
        form = e.xreplace({floors[0]: 2 * m + odd}).replace(sp.floor, lambda a: sp.floor(sp.expand(a)))
        form = form.replace(sp.sin, lambda a: sp.sin(sp.expand(a))).replace(sp.cos, lambda a: sp.cos(sp.expand(a)))
        total += sp.simplify(sp.expand_trig(sp.expand(form))) ** 2
    yield total


#: Ways by their names, cheap ones first.
WAYS: dict[str, Callable[[Any], Iterator[Any]]] = {
    "expand": _expanded,
    "exponentials": _as_exponentials,
    "simplify": lambda e: iter((sp.simplify(e),)),
    "powers": _powers,
    "expand_func": _expanded_functions,
    "recurrence in the order": _neighbouring_orders,
    "inverse function": _inverse_functions,
    "parity": _parity,
}
