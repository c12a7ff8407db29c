"""What a primitive says it means is what it computes: SymPy evaluates meanings, NumPy forward values."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from gradjury.engine import REGISTRY

from ..grids import GRIDS

RELATIONS = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}
OURS = {
    "cbrt": lambda x: sp.real_root(x, 3),
    "where": lambda left, right, a, b, relation: sp.Piecewise((a, RELATIONS[relation.name](left, right)), (b, True)),
}

#: Points tried for a primitive; SymPy takes milliseconds for each.
SAMPLE = 12


def _exact(number):
    if isinstance(number, str):
        return sp.Symbol(number)
    # Not a Rational: SymPy would compute the power of a Rational exactly, without end at large exponents.
    return sp.Float(number, 50) if number != int(number) else sp.Integer(number)


def _ordinary(points):
    """Some of a grid's points, away from the tiny and the huge, where SymPy's evaluation takes long."""
    moderate = [p for p in points if all(x == 0 or 1e-3 < abs(x) < 30 for x in p)]
    return moderate[:: max(1, len(moderate) // SAMPLE)]


@pytest.mark.parametrize("name", REGISTRY)
def test_meaning_is_the_forward_value(name):
    primitive = REGISTRY[name]
    points, constants = GRIDS[name]
    compared = 0
    for consts in constants:
        if any(isinstance(c, float) and abs(c) > 1e3 for c in consts):
            continue
        for point in _ordinary(points):
            names = dict(zip(primitive.arguments + primitive.constants, map(_exact, point + consts), strict=True))
            with np.errstate(all="ignore"):
                value = primitive.forward(
                    *map(np.float64, point), **dict(zip(primitive.constants, consts, strict=True))
                )
            if not np.isfinite(value):
                continue
            meant = sp.sympify(primitive.meaning, locals=OURS | names).evalf(40)
            assert complex(meant) == pytest.approx(complex(value), rel=1e-9, abs=1e-12), (name, point, consts)
            compared += 1
    assert compared >= 5
