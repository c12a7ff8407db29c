"""Sums, differences, products, quotients: correctly rounded, one unit in the last place at most."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..primitive import Primitive

Array = Any


class Add(Primitive):
    """Sum."""

    meaning = "a + b"
    ulps = 1
    ufuncs = (np.add,)

    def forward(a: Array, b: Array) -> Array:
        return a + b

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        return 1.0, 1.0


class Sub(Primitive):
    """Difference."""

    meaning = "a - b"
    ulps = 1
    ufuncs = (np.subtract,)

    def forward(a: Array, b: Array) -> Array:
        return a - b

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        return 1.0, -1.0


class Mul(Primitive):
    """Product."""

    meaning = "a*b"
    ulps = 1
    ufuncs = (np.multiply,)

    def forward(a: Array, b: Array) -> Array:
        return a * b

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        return b, a


class Div(Primitive):
    """Quotient."""

    meaning = "a/b"
    domain = "b != 0"
    ulps = 1
    ufuncs = (np.divide,)

    def forward(a: Array, b: Array) -> Array:
        return a / b

    def derivative(a: Array, b: Array, y: Array) -> tuple[Array, Array]:
        return 1.0 / b, -y / b  # not -a/b²: b² overflows long before the quotient does


class Neg(Primitive):
    """Change of sign, exact."""

    meaning = "-x"
    ulps = 0
    ufuncs = (np.negative,)

    def forward(x: Array) -> Array:
        return -x

    def derivative(x: Array, y: Array) -> Array:
        return -1.0
